//! Patterns of paths: literals, `*` for anything, `:name` for anything up to the next slash.
//!
//! What `_redirects`, `_headers` and `run_worker_first` are written in. Matching takes a bounded number of steps whatever
//! the pattern: one that would take more does not match.

/// A parsed pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Token>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Literal(String),
    Name(String),
    Splat,
}

/// What the parts of a pattern matched, by name; `splat` for `*`.
pub(super) type Captures = Vec<(String, String)>;

impl Pattern {
    /// Parses; a `:` that no name follows stands for itself.
    pub(super) fn parse(text: &str) -> Self {
        let mut tokens = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(char) = rest.chars().next() {
            rest = &rest[char.len_utf8()..];
            let token = match char {
                '*' => Token::Splat,
                ':' => {
                    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                    let name = &rest[..end];
                    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
                        literal.push(':');
                        continue;
                    }
                    rest = &rest[end..];
                    Token::Name(name.to_owned())
                }
                char => {
                    literal.push(char);
                    continue;
                }
            };
            if !literal.is_empty() {
                tokens.push(Token::Literal(std::mem::take(&mut literal)));
            }
            tokens.push(token);
        }
        if !literal.is_empty() {
            tokens.push(Token::Literal(literal));
        }
        Self(tokens)
    }

    /// Whether it has no parts that vary.
    pub(super) fn is_literal(&self) -> bool {
        self.0.iter().all(|token| matches!(token, Token::Literal(_)))
    }

    /// Whether it has more than one `*`.
    pub(super) fn has_two_splats(&self) -> bool {
        self.0.iter().filter(|token| matches!(token, Token::Splat)).count() > 1
    }

    /// Matches all of `path`.
    pub(super) fn matches(&self, path: &str) -> Option<Captures> {
        let mut captures = Vec::new();
        let mut steps = STEPS_MAX;
        go(&self.0, path, &mut captures, &mut steps).then_some(captures)
    }
}

/// Puts what was captured into a target: `:splat`, `:name`.
pub(super) fn fill(template: &str, captures: &Captures) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(':') {
        filled.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        match captures.iter().find(|(name, _)| *name == rest[..end]) {
            Some((_, value)) => {
                filled.push_str(value);
                rest = &rest[end..];
            }
            None => filled.push(':'),
        }
    }
    filled.push_str(rest);
    filled
}

/// Greedy, the longest first; `steps` bounds all attempts together.
fn go(tokens: &[Token], path: &str, captures: &mut Captures, steps: &mut u32) -> bool {
    let Some(left) = steps.checked_sub(1) else { return false };
    *steps = left;
    let Some((token, rest)) = tokens.split_first() else { return path.is_empty() };
    let (name, longest) = match token {
        Token::Literal(text) => {
            return path.strip_prefix(text.as_str()).is_some_and(|path| go(rest, path, captures, steps));
        }
        Token::Splat => ("splat", path.len()),
        Token::Name(name) => (name.as_str(), path.find('/').unwrap_or(path.len())),
    };
    let shortest = usize::from(matches!(token, Token::Name(_)));
    for end in (shortest..=longest).rev().filter(|end| path.is_char_boundary(*end)) {
        captures.push((name.to_owned(), path[..end].to_owned()));
        if go(rest, &path[end..], captures, steps) {
            return true;
        }
        captures.pop();
        if *steps == 0 {
            return false;
        }
    }
    false
}

/// Attempts for one path: far more than any honest rule needs.
const STEPS_MAX: u32 = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(pattern: &str, path: &str, template: &str) -> Option<String> {
        Pattern::parse(pattern).matches(path).map(|captures| fill(template, &captures))
    }

    /// Literals, names, splats, and what they fill in.
    #[test]
    fn patterns_capture_what_they_say() {
        for (pattern, path, template, wanted) in [
            ("/a", "/a", "/b", Some("/b")),
            ("/a", "/a/", "/b", None),
            ("/blog/*", "/blog/2024/x", "/news/:splat", Some("/news/2024/x")),
            ("/blog/*", "/blog", "/news/:splat", None),
            ("/u/:id/p/:page", "/u/7/p/about", "/:page?u=:id", Some("/about?u=7")),
            ("/u/:id", "/u/", "/", None),
            ("/u/:id", "/u/a/b", "/", None),
            ("/:a-:b", "/x-y-z", "/:b/:a", Some("/z/x-y")),
            ("/a:b", "/a:b", "/:b", Some("/:b")),
            ("/a:1", "/a:1", "/:unknown", Some("/:unknown")),
            ("*/index.html", "/x/index.html", ":splat", Some("/x")),
            ("/\u{e9}/:n", "/\u{e9}/\u{e8}", ":n", Some("\u{e8}")),
        ] {
            assert_eq!(matched(pattern, path, template).as_deref(), wanted, "{pattern} on {path}");
        }
    }

    /// A pattern made to be tried in every way.
    #[test]
    fn a_hostile_pattern_ends() {
        let pattern = Pattern::parse(&"*:a".repeat(200));
        assert_eq!(pattern.matches(&"/a".repeat(500)).map(|_| ()), None);
        let pattern = Pattern::parse(&format!("{}x", "*".repeat(50)));
        assert_eq!(pattern.matches(&"a".repeat(2_000)).map(|_| ()), None);
    }
}
