//! What is wrong with a configuration, and where.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

/// Why there is no configuration. Prints as one line.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("read configuration {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not TOML, has an unknown key, or a value of another kind.
    #[error("read configuration {path}, line {line}: {message} in `{excerpt}`")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
        /// The line's text.
        excerpt: String,
    },
    /// A value means nothing, or nothing that could be.
    #[error("set {key} to {value} ({origin}): expected {expected}")]
    Value {
        /// Where the value comes from.
        origin: Origin,
        /// The key with its table.
        key: String,
        /// The value.
        value: String,
        /// What it could be.
        expected: String,
    },
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The file.
    File {
        /// Which.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable or a flag, by its name.
    Named(&'static str),
}

/// A value that means nothing, before it is known where it comes from.
#[derive(Debug)]
pub(super) struct Invalid {
    key: String,
    value: String,
    expected: String,
}

impl ConfigError {
    pub(super) fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> Self {
        let offset = error.span().map_or(0, |span| span.start);
        let line = line_of(text, offset);
        let excerpt = text.lines().nth(line - 1).unwrap_or_default().trim().chars().take(EXCERPT_CHARS_MAX).collect();
        Self::Syntax { path: path.to_owned(), line, message: error.message().replace('\n', ", "), excerpt }
    }
}

impl Invalid {
    pub(super) fn new(key: impl Into<String>, value: impl fmt::Display, expected: impl Into<String>) -> Self {
        Self { key: key.into(), value: value.to_string(), expected: expected.into() }
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn at(self, origin: Origin) -> ConfigError {
        let Self { key, value, expected } = self;
        ConfigError::Value { origin, key, value, expected }
    }
}

impl Origin {
    /// Where in a file a key is set; `[n]` after the key is an array's element and does not count.
    pub(super) fn in_file(key: &str, path: &Path, text: &str) -> Self {
        let (table, key) = key.split_once('.').unwrap_or(("", key));
        let key = key.split('[').next().unwrap_or(key);
        // The text was parsed before, so it parses.
        let Ok(whole) = DeTable::parse(text) else { return Self::Default };
        let whole = whole.into_inner();
        let table = match whole.get(table).map(|table| table.get_ref()) {
            Some(DeValue::Table(inner)) => inner,
            _ => &whole,
        };
        let Some((name, _)) = table.get_key_value(key) else { return Self::Default };
        Self::File { path: path.to_owned(), line: line_of(text, name.span().start) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the default"),
            Self::File { path, line } => write!(f, "{}, line {line}", path.display()),
            Self::Named(name) => f.write_str(name),
        }
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

const EXCERPT_CHARS_MAX: usize = 80;
