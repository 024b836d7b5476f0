//! A request's header fields as they cross into JavaScript: one text, taken apart where a script looks at it.
//!
//! Made once, where the request comes in: what hyper read it into is free for the next one then, and no table of fields
//! goes from thread to thread.

use http::{HeaderMap, HeaderName, HeaderValue};
use memchr::memchr;

/// Names and values, each followed by a line feed; a name that comes several times has a value each.
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<u8>);

impl Fields {
    /// None yet, with room for so many bytes.
    #[must_use]
    pub fn with_room(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    /// Adds one. A value that would look like another field, which no header value is, is left out.
    pub fn push(&mut self, name: &HeaderName, value: &[u8]) {
        if memchr(b'\n', value).is_some() {
            return;
        }
        self.0.extend_from_slice(name.as_str().as_bytes());
        self.0.push(b'\n');
        self.0.extend_from_slice(value);
        self.0.push(b'\n');
    }

    /// Each with its name, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut lines = self.0.split(|byte| *byte == b'\n');
        std::iter::from_fn(move || Some((lines.next()?, lines.next()?)))
    }

    /// All of them as JavaScript reads them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same as a table.
    #[must_use]
    pub fn to_headers(&self) -> HeaderMap {
        let pair = |(name, value)| Some((HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?));
        let mut headers = HeaderMap::new();
        for (name, value) in self.iter().filter_map(pair) {
            headers.append(name, value);
        }
        headers
    }
}

impl From<&HeaderMap> for Fields {
    fn from(headers: &HeaderMap) -> Self {
        let mut fields = Self::with_room(headers.len() * FIELD_BYTES);
        for (name, value) in headers {
            fields.push(name, value.as_bytes());
        }
        fields
    }
}

/// What a field takes, more or less.
const FIELD_BYTES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    /// Fields there and back, with a name that comes twice, empty values and bytes that are no text.
    #[test]
    fn fields_are_what_they_were() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("a", &b"1"[..]), ("b", b""), ("a", b"2, 3"), ("c", b"\xff\xfe:x")] {
            headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value).expect("a value"));
        }
        let fields = Fields::from(&headers);
        assert_eq!(fields.as_bytes(), b"a\n1\na\n2, 3\nb\n\nc\n\xff\xfe:x\n");
        assert_eq!(fields.to_headers(), headers);
        assert_eq!(fields.iter().count(), 4);
        assert_eq!(Fields::default().iter().count(), 0);
    }

    /// A value with a line feed in it.
    #[test]
    fn no_value_makes_another_field() {
        let mut fields = Fields::default();
        fields.push(&HeaderName::from_static("a"), b"1\nevil\n2");
        fields.push(&HeaderName::from_static("b"), b"2");
        assert_eq!(fields.as_bytes(), b"b\n2\n");
    }
}
