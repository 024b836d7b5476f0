//! JSON with comments and trailing commas, as `wrangler.jsonc` is written.
//!
//! Comments and trailing commas are replaced by spaces of the same length, so that every position in an error of the
//! JSON parser is a position in the file.

/// The same text as plain JSON, with every other character where it was.
pub(super) fn to_json(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    let mut last_comma = None;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                last_comma = None;
                at = string_end(&bytes, at);
            }
            b'/' if matches!(bytes.get(at + 1), Some(b'/' | b'*')) => {
                let end = comment_end(&bytes, at);
                blank(&mut bytes[at..end]);
                at = end;
            }
            b',' => {
                last_comma = Some(at);
                at += 1;
            }
            b'}' | b']' => {
                if let Some(comma) = last_comma.take() {
                    bytes[comma] = b' ';
                }
                at += 1;
            }
            byte => {
                if !byte.is_ascii_whitespace() {
                    last_comma = None;
                }
                at += 1;
            }
        }
    }
    String::from_utf8(bytes).expect("only whole comments and ASCII commas were replaced, by ASCII")
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn comment_end(bytes: &[u8], start: usize) -> usize {
    let rest = &bytes[start..];
    let length = if rest[1] == b'/' {
        rest.iter().position(|byte| *byte == b'\n')
    } else {
        rest[2..].windows(2).position(|pair| pair == b"*/").map(|at| at + 4)
    };
    length.map_or(bytes.len(), |length| start + length)
}

fn blank(comment: &mut [u8]) {
    for byte in comment {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> serde_json::Value {
        serde_json::from_str(&to_json(text)).unwrap()
    }

    /// Comments and commas in every place, and the same signs inside strings.
    #[test]
    fn comments_and_trailing_commas_vanish() {
        let text = "// é\n{ /* a\n b */ \"a//\": \"x, /* no */ \\\" ,]\", // c\n \"b\": [1, 2, /* , */ ],\n}\n// end";
        assert_eq!(value(text), serde_json::json!({ "a//": "x, /* no */ \" ,]", "b": [1, 2] }));
        assert_eq!(to_json(text).len(), text.len());
        assert_eq!(to_json(text).lines().count(), text.lines().count());
    }

    /// Broken texts are handed on broken, never a panic.
    #[test]
    fn what_is_broken_stays_broken() {
        for text in ["\"abc", "\"a\\", "/* open", "/", "//", "[,]x", "{\"a\":1,,}", "/*/"] {
            assert!(serde_json::from_str::<serde_json::Value>(&to_json(text)).is_err(), "{text}");
        }
    }
}
