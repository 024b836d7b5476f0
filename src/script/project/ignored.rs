//! `.assetsignore`: which files of an assets folder are not published, by the rules of `.gitignore`.
//!
//! Pure: <https://git-scm.com/docs/gitignore#_pattern_format> over paths and texts. Paths are relative to the folder,
//! with `/` between their parts. What lies in an ignored folder is ignored, whatever later patterns say.

/// The patterns of a file, in its order.
#[derive(Debug, Default)]
pub(super) struct Ignored {
    patterns: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    /// Parts between slashes; `**` stands alone.
    parts: Vec<Vec<char>>,
    /// Begins with `!`: what it matches is published after all.
    is_exception: bool,
    /// Ends with a slash.
    is_for_folders: bool,
}

impl Ignored {
    /// Reads the file's text.
    pub(super) fn parse(text: &str) -> Self {
        Self { patterns: text.lines().filter_map(Pattern::parse).collect() }
    }

    /// Whether the file or folder at `path` stays unpublished; those above it do not.
    pub(super) fn matches(&self, path: &str, is_folder: bool) -> bool {
        let path: Vec<Vec<char>> = path.split('/').map(|part| part.chars().collect()).collect();
        let last = self
            .patterns
            .iter()
            .rev()
            .find(|pattern| (is_folder || !pattern.is_for_folders) && parts_match(&pattern.parts, &path));
        last.is_some_and(|pattern| !pattern.is_exception)
    }
}

impl Pattern {
    fn parse(line: &str) -> Option<Self> {
        let mut line = line.trim_end_matches('\r');
        // Spaces at the end do not count unless a backslash is before them.
        while let Some(shorter) = line.strip_suffix([' ', '\t']) {
            if shorter.ends_with('\\') {
                break;
            }
            line = shorter;
        }
        let (line, is_exception) = line.strip_prefix('!').map_or((line, false), |rest| (rest, true));
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let (line, is_for_folders) = line.strip_suffix('/').map_or((line, false), |rest| (rest, true));
        let is_anchored = line.contains('/');
        let mut parts: Vec<Vec<char>> = Vec::new();
        if !is_anchored {
            parts.push(vec!['*', '*']);
        }
        parts.extend(line.trim_start_matches('/').split('/').map(|part| part.chars().collect()));
        Some(Self { parts, is_exception, is_for_folders })
    }
}

fn parts_match(pattern: &[Vec<char>], path: &[Vec<char>]) -> bool {
    match pattern.split_first() {
        None => path.is_empty(),
        Some((first, [])) if **first == ['*', '*'] => !path.is_empty(),
        Some((first, rest)) if **first == ['*', '*'] => (0..=path.len()).any(|skip| parts_match(rest, &path[skip..])),
        Some((first, rest)) => {
            path.split_first().is_some_and(|(part, path)| part_matches(first, part) && parts_match(rest, path))
        }
    }
}

/// One part with `*`, `?`, `[a-z]` and `\`; remembers the last star alone, so that no pattern costs more than the product
/// of both lengths.
fn part_matches(pattern: &[char], text: &[char]) -> bool {
    let (mut at, mut in_text) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while in_text < text.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at, in_text));
            at += 1;
            continue;
        }
        if let Some(next) = one_matches(pattern, at, text[in_text]) {
            (at, in_text) = (next, in_text + 1);
            continue;
        }
        let Some((star_at, taken)) = star else { return false };
        star = Some((star_at, taken + 1));
        (at, in_text) = (star_at + 1, taken + 1);
    }
    pattern[at.min(pattern.len())..].iter().all(|rest| *rest == '*')
}

/// Where the pattern goes on after the element at `at`, if that matches `character`.
fn one_matches(pattern: &[char], at: usize, character: char) -> Option<usize> {
    match pattern.get(at)? {
        '?' => Some(at + 1),
        '\\' => (pattern.get(at + 1) == Some(&character)).then_some(at + 2),
        '[' => {
            let Some(length) = pattern.get(at + 2..).unwrap_or_default().iter().position(|end| *end == ']') else {
                return (character == '[').then_some(at + 1);
            };
            let inner = &pattern[at + 1..at + 2 + length];
            let (inner, wanted) = match inner.split_first() {
                Some(('!' | '^', rest)) => (rest, false),
                _ => (inner, true),
            };
            (class_has(inner, character) == wanted).then_some(at + 3 + length)
        }
        other => (*other == character).then_some(at + 1),
    }
}

fn class_has(class: &[char], character: char) -> bool {
    match class {
        [from, '-', to, rest @ ..] => (*from..=*to).contains(&character) || class_has(rest, character),
        [one, rest @ ..] => *one == character || class_has(rest, character),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each rule of the format, over files and folders.
    #[test]
    fn patterns_mean_what_git_says() {
        for (patterns, path, is_folder, expected) in [
            ("_worker.js", "_worker.js", false, true),
            ("_worker.js", "a/_worker.js", false, true),
            ("/_worker.js", "a/_worker.js", false, false),
            ("a/b.txt", "a/b.txt", false, true),
            ("a/b.txt", "c/a/b.txt", false, false),
            ("**/b.txt", "c/a/b.txt", false, true),
            ("a/**", "a/x/y", false, true),
            ("a/**", "a", true, false),
            ("a/**/z", "a/z", false, true),
            ("a/**/z", "a/b/c/z", false, true),
            ("*.map", "x/y.js.map", false, true),
            ("*.map", "map", false, false),
            ("a*c*e", "abcde", false, true),
            ("a*c*e", "abcd", false, false),
            ("?.js", "a.js", false, true),
            ("?.js", "ab.js", false, false),
            ("[a-c].js", "b.js", false, true),
            ("[!a-c].js", "b.js", false, false),
            ("[", "[", false, true),
            ("[]", "[]", false, true),
            ("logs/", "logs", true, true),
            ("logs/", "logs", false, false),
            ("*\n!keep.txt", "keep.txt", false, false),
            ("*\n!keep.txt", "other.txt", false, true),
            ("# no pattern\n\n", "# no pattern", false, false),
            ("\\#one", "#one", false, true),
            ("two  \r", "two", false, true),
            ("dots.*", "dots.", false, true),
        ] {
            assert_eq!(Ignored::parse(patterns).matches(path, is_folder), expected, "{patterns:?} {path:?}");
        }
    }
}
