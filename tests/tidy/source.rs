//! Sources as the rules see them: which files there are, and code apart from comments, strings and tests.
//!
//! A small lexer, not a parser: it blanks what is not code and leaves every line where it is. Knows no rule.

use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its text, and its text with comments, strings and characters blanked.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) code: String,
}

/// Which part of a file a rule is about.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// Everything.
    Whole,
    /// What is not a unit test.
    Shipped,
}

impl Source {
    fn read(path: PathBuf) -> Self {
        let text =
            fs::read_to_string(root().join(&path)).unwrap_or_else(|error| panic!("read {}: {error}", path.display()));
        let code = code_of(&text);
        Self { path: path.display().to_string(), text, code }
    }

    /// The top-level module it belongs to; none for the crate's own root files.
    pub(crate) fn module(&self) -> Option<String> {
        let inside = self.path.strip_prefix("src/")?;
        let first = inside.split('/').next()?.trim_end_matches(".rs");
        (first != "lib" && first != "main").then(|| first.to_owned())
    }

    /// The code without the unit tests at its end.
    pub(crate) fn shipped(&self) -> &str {
        if self.path.ends_with("/tests.rs") || self.path.contains("/tests/") {
            return "";
        }
        match self.code.find("\n#[cfg(test)]\nmod tests") {
            Some(end) => &self.code[..end],
            None => &self.code,
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("read {path}: {error}"))
}

pub(crate) fn rust_sources(folder: &str) -> impl Iterator<Item = Source> {
    files(folder, ".rs").into_iter().map(Source::read)
}

/// Rust and the JavaScript of the runtime itself; fixtures and examples are tenants' code.
pub(crate) fn all_sources() -> Vec<Source> {
    let rust = rust_sources("src").chain(rust_sources("tests")).chain(rust_sources("benches"));
    rust.chain(files("js", ".js").into_iter().map(Source::read)).collect()
}

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(root().join(folder)) else { return found };
    for entry in entries.map(|entry| entry.expect("a folder that opened can be listed")) {
        let path = Path::new(folder).join(entry.file_name());
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if !NOT_OURS.contains(&name.as_str()) {
                found.extend(files(&path.display().to_string(), ending));
            }
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The modules that a line of code names as `crate::x` or `crate::{x…`.
pub(crate) fn modules_named(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("crate::").filter_map(|(at, found)| {
        let whole_word = !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
        let rest = line[at + found.len()..].trim_start_matches('{').trim_start();
        let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
        (whole_word && end > 0).then_some(&rest[..end])
    })
}

pub(crate) fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(is_part) && !line[at + word.len()..].starts_with(is_part))
}

/// Whether a comment with the argument stands above the line, at most two lines of the same statement between.
pub(crate) fn is_argued(text: &[&str], at: usize) -> bool {
    let above = text[..at].iter().rev().map(|line| line.trim_start());
    let from_comment = above.clone().take(3).position(|line| line.starts_with("//"));
    let Some(skipped) = from_comment else { return false };
    above
        .skip(skipped)
        .take_while(|line| line.starts_with("//"))
        .any(|line| line.contains("SAFETY:") || line.contains("# Safety"))
}

/// First line, name and number of lines of every function with a body.
pub(crate) fn functions(code: &str) -> Vec<(usize, String, usize)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let starts_word = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let name: String = code[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if !starts_word || name.is_empty() {
            continue;
        }
        let (mut round, mut braces, mut end) = (0_i32, 0_i32, None);
        for (offset, c) in code[at..].char_indices() {
            match c {
                '(' | '[' => round += 1,
                ')' | ']' => round -= 1,
                ';' if round == 0 && braces == 0 => break,
                '{' => braces += 1,
                '}' if braces == 1 => {
                    end = Some(at + offset);
                    break;
                }
                '}' => braces -= 1,
                _ => {}
            }
        }
        if let Some(end) = end {
            let lines = code[at..end].matches('\n').count() + 1;
            found.push((code[..at].matches('\n').count() + 1, name, lines));
        }
    }
    found
}

/// The text with comments, strings and character literals replaced by spaces; lines stay where they are.
pub(crate) fn code_of(text: &str) -> String {
    let bytes: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let length = blank_length(&bytes, at);
        if length == 0 {
            code.push(bytes[at]);
            at += 1;
        } else {
            code.extend(bytes[at..at + length].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at += length;
        }
    }
    code
}

/// How many characters from here on are one comment, string or character literal; 0 when this is code.
fn blank_length(text: &[char], at: usize) -> usize {
    let rest = &text[at..];
    let after_word = at > 0 && (text[at - 1].is_alphanumeric() || text[at - 1] == '_');
    match rest {
        ['/', '/', ..] => rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
        ['/', '*', ..] => block_comment_length(rest),
        ['r', '#' | '"', ..] if !after_word => raw_string_length(rest),
        ['"', ..] => quoted_length(rest),
        ['\'', '\\', ..] => 2 + rest[2..].iter().skip(1).position(|c| *c == '\'').map_or(0, |end| end + 2),
        ['\'', _, '\'', ..] => 3,
        _ => 0,
    }
}

fn block_comment_length(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn raw_string_length(rest: &[char]) -> usize {
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    if rest.get(1 + hashes) != Some(&'"') {
        return 0;
    }
    let closing: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let body = 2 + hashes;
    rest[body..]
        .windows(closing.len())
        .position(|end| end == closing)
        .map_or(rest.len(), |end| body + end + closing.len())
}

fn quoted_length(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// Folders of other people's sources: what npm and cargo put there, and what `scripts/vendor-node.mjs` writes.
const NOT_OURS: [&str; 5] = ["node_modules", "target", "deno", "lib", "unenv"];
