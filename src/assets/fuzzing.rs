//! What fuzzing feeds to the parsers of static assets.

use hyper::http::HeaderMap;

use super::manifest::AssetsConfig;
use super::{Manifest, SessionToken, headers, pattern, redirects};

/// `_headers`, applied to a path.
pub(crate) fn header_rules(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (rules, _) = headers::parse(text);
    for path in ["/", "/a/b.html", text.lines().next().unwrap_or_default()] {
        headers::apply(&rules, path, &mut HeaderMap::new());
    }
}

/// `_redirects`, followed from a path.
pub(crate) fn redirect_rules(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (rules, _) = redirects::parse(text);
    for path in ["/", "/a/b.html", text.split(' ').next().unwrap_or_default()] {
        let _ = redirects::led(&rules, path, Some("a=b"));
    }
}

/// Patterns of paths: the first line is one, the second a path, the third a template.
pub(crate) fn path_pattern(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.lines();
    let mut next = || lines.next().unwrap_or_default();
    let (written, path, template) = (next(), next(), next());
    let parsed = pattern::Pattern::parse(written);
    if let Some(captures) = parsed.matches(path) {
        let _ = pattern::fill(template, &captures);
    } else if parsed.is_literal() {
        assert_ne!(written, path, "a literal matches itself");
    }
}

/// Manifests, their settings, and the tokens of upload sessions.
pub(crate) fn manifest(data: &[u8]) {
    if let Ok(manifest) = Manifest::decode(data) {
        let again = Manifest::decode(&manifest.encode()).expect("a manifest of ours");
        assert_eq!(again.encode(), manifest.encode());
    }
    if let Ok(value) = serde_json::from_slice(data) {
        let _ = AssetsConfig::parse(&value);
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = SessionToken::parse(text);
    }
}

/// `Range` and `If-Range`, a line each, on files of several sizes: a part lies inside of the file.
pub(crate) fn range(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let mut headers = HeaderMap::new();
    for name in ["range", "if-range", "if-none-match", "accept-encoding"] {
        if let Some(Ok(value)) = lines.next().map(TryInto::try_into) {
            headers.insert(name, value);
        }
    }
    super::serve::check_headers(&headers);
}
