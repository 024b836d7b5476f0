//! What fuzzing feeds to the parsers of KV.

use super::cursor;

/// Cursors of lists: what decodes names the same key again.
pub(crate) fn cursor(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(key) = cursor::decode(text) {
        let again = cursor::decode(&cursor::encode(&key)).expect("a cursor of ours");
        assert_eq!(again.as_str(), key.as_str());
    }
}
