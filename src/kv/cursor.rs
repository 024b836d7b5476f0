//! Cursors: the opaque text that says where the next page of a list starts.
//!
//! It holds the last key that was looked at, so it stays right whatever is written or removed between two pages. Not
//! signed: a made-up cursor only starts the list elsewhere in the same namespace, which its caller may read anyway.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::entry::Key;
use super::refusal::Refusal;

/// The cursor of a list that goes on after this key.
pub(super) fn encode(last: &Key) -> String {
    let mut bytes = Vec::with_capacity(1 + last.as_str().len());
    bytes.push(VERSION);
    bytes.extend_from_slice(last.as_str().as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The key that the page before ended with.
pub(super) fn decode(text: &str) -> Result<Key, Refusal> {
    parse(text).ok_or_else(|| Refusal::failure(400, "Invalid cursor. Please use the cursor of the previous page."))
}

fn parse(text: &str) -> Option<Key> {
    if text.len() > CURSOR_CHARS_MAX {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (version, key) = bytes.split_first()?;
    if *version != VERSION {
        return None;
    }
    Key::new(std::str::from_utf8(key).ok()?).ok()
}

/// First byte of what a cursor encodes.
const VERSION: u8 = 1;

/// Longer than the cursor of the longest key.
const CURSOR_CHARS_MAX: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    /// Encodes the shortest, the longest and a non-ASCII key.
    #[test]
    fn a_cursor_gives_its_key_back() {
        for text in ["a", "ключ/🔑", "a\0b", &"x".repeat(512)] {
            let key = Key::new(text).expect("a key");
            assert_eq!(decode(&encode(&key)), Ok(key));
        }
    }

    /// Decodes texts that no page ever gave.
    #[test]
    fn a_made_up_cursor_is_refused() {
        let wrong_version = URL_SAFE_NO_PAD.encode(b"\x02a");
        let not_utf8 = URL_SAFE_NO_PAD.encode(b"\x01\xff");
        let no_key = URL_SAFE_NO_PAD.encode(b"\x01");
        let long = "A".repeat(1_025);
        for text in ["!", "a", "====", &wrong_version, &not_utf8, &no_key, &long] {
            assert_eq!(decode(text).map_err(|refusal| refusal.status), Err(400), "{text}");
        }
    }
}
