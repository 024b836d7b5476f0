//! Entries, keys, writes and pages: the values that go in and out of KV.
//!
//! A [`Key`] and a [`ListRequest`] can only be made by passing the rules, so holding one is proof. Times are Unix
//! seconds. Stores nothing.

use std::fmt;

use bytes::Bytes;

use super::cursor;
use super::refusal::Refusal;
use super::rules;

/// A key of 1 to [`rules::KEY_BYTES_MAX`] bytes of UTF-8 that is neither `.` nor `..`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Box<str>);

/// What is stored under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The value.
    pub value: Bytes,
    /// The metadata as its JSON text.
    pub metadata: Option<String>,
    /// When it becomes invisible, in Unix seconds.
    pub expiration: Option<u64>,
}

/// One change of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Stores a value, replacing what was there with its metadata and expiration.
    Put {
        /// Where.
        key: Key,
        /// What, at most [`rules::VALUE_BYTES_MAX`].
        value: Bytes,
        /// JSON text of at most [`rules::METADATA_BYTES_MAX`] bytes.
        metadata: Option<String>,
        /// When it becomes invisible, in Unix seconds; made by [`rules::expiration`].
        expiration: Option<u64>,
    },
    /// Removes a key; one that is not there is removed already.
    Delete {
        /// Which.
        key: Key,
    },
}

/// What to list: a prefix, a page size and where the page before ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRequest {
    pub(super) prefix: Box<str>,
    pub(super) limit: usize,
    /// The key that the page before ended with.
    pub(super) after: Option<Key>,
}

/// A key in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedKey {
    /// The key.
    pub name: Key,
    /// When it becomes invisible, in Unix seconds.
    pub expiration: Option<u64>,
    /// The metadata as its JSON text.
    pub metadata: Option<String>,
}

/// One page of keys, sorted by their UTF-8 bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The keys; may be none although more pages follow.
    pub keys: Vec<ListedKey>,
    /// Where the next page starts; `None` when the list is complete.
    pub cursor: Option<String>,
}

impl Key {
    /// Takes a text as a key.
    ///
    /// # Errors
    /// The refusal to tell the caller, when the text is empty, `.`, `..` or too long.
    pub fn new(text: &str) -> Result<Self, Refusal> {
        rules::key_text(text)?;
        Ok(Self(text.into()))
    }

    /// The key's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &self.0)
    }
}

impl Write {
    /// The key it changes.
    #[must_use]
    pub fn key(&self) -> &Key {
        match self {
            Self::Put { key, .. } | Self::Delete { key } => key,
        }
    }

    /// What it adds to the stored bytes of a namespace: key, value and metadata.
    #[must_use]
    pub fn stored_bytes(&self) -> u64 {
        match self {
            Self::Put { key, value, metadata, .. } => {
                let metadata_bytes = metadata.as_ref().map_or(0, String::len);
                (key.as_str().len() + value.len() + metadata_bytes) as u64
            }
            Self::Delete { .. } => 0,
        }
    }
}

impl ListRequest {
    /// Checks what a caller asked to list; `limit` is [`rules::LIST_LIMIT_MAX`] when absent, an empty cursor is none.
    ///
    /// # Errors
    /// The refusal to tell the caller, when limit, prefix or cursor is out of range.
    pub fn new(prefix: Option<&str>, limit: Option<i64>, cursor: Option<&str>) -> Result<Self, Refusal> {
        let limit = rules::list_limit(limit)?;
        let prefix = prefix.unwrap_or_default();
        rules::key_length(prefix)?;
        let after = match cursor {
            None | Some("") => None,
            Some(text) => Some(cursor::decode(text)?),
        };
        Ok(Self { prefix: prefix.into(), limit, after })
    }
}
