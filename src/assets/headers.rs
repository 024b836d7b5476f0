//! `_headers`: rules that set or take away headers of assets, <https://developers.cloudflare.com/workers/static-assets/headers/>.
//!
//! A path that is a pattern, and below it, indented, `Name: value` or `! Name`. All rules that match apply, in order;
//! two values of one name are joined.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use super::pattern::{Pattern, fill};

/// One rule, as its version keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderRule {
    path: String,
    set: Vec<(String, String)>,
    unset: Vec<String>,
}

/// Reads the file; gives the rules and what was skipped.
pub(super) fn parse(text: &str) -> (Vec<HeaderRule>, Vec<String>) {
    let (mut rules, mut skipped) = (Vec::<HeaderRule>::new(), Vec::new());
    for (at, whole) in text.lines().enumerate() {
        let mut skip = |why: &str| skipped.push(format!("_headers line {}: {why}", at + 1));
        let line = whole.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.len() > LINE_BYTES_MAX {
            skip("too long");
            continue;
        }
        if line.starts_with('/') {
            match rules.len() {
                RULES_MAX.. => skip("too many rules"),
                _ if Pattern::parse(line).has_two_splats() => skip("more than one *"),
                _ => rules.push(HeaderRule { path: line.to_owned(), set: Vec::new(), unset: Vec::new() }),
            }
            continue;
        }
        let Some(rule) = rules.last_mut() else {
            skip("no path comes before it");
            continue;
        };
        if let Some(name) = line.strip_prefix('!') {
            rule.unset.push(name.trim().to_ascii_lowercase());
            continue;
        }
        match line.split_once(':') {
            Some((name, value)) if is_header(name.trim(), value.trim()) => {
                rule.set.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
            _ => skip("not a header"),
        }
    }
    skipped.truncate(REMARKS_MAX);
    (rules, skipped)
}

/// Changes the headers of the answer for `path`.
pub(super) fn apply(rules: &[HeaderRule], path: &str, headers: &mut HeaderMap) {
    let mut set_by_rules: Vec<HeaderName> = Vec::new();
    for rule in rules {
        let Some(captures) = Pattern::parse(&rule.path).matches(path) else { continue };
        for name in &rule.unset {
            headers.remove(name.as_str());
        }
        for (name, value) in &rule.set {
            let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name.as_str()), HeaderValue::try_from(fill(value, &captures)))
            else {
                continue;
            };
            if name == http::header::SET_COOKIE {
                headers.append(name, value);
            } else if set_by_rules.contains(&name) {
                let both = [headers.get(&name).map_or(&b""[..], HeaderValue::as_bytes), b", ", value.as_bytes()];
                if let Ok(both) = HeaderValue::from_bytes(&both.concat()) {
                    headers.insert(name, both);
                }
            } else {
                set_by_rules.push(name.clone());
                headers.insert(name, value);
            }
        }
    }
}

fn is_header(name: &str, value: &str) -> bool {
    // The connection's framing is not the script's to change.
    let framing = ["content-length", "transfer-encoding", "connection", "content-encoding", "upgrade"];
    HeaderName::try_from(name).is_ok_and(|name| !framing.contains(&name.as_str()))
        && HeaderValue::try_from(value).is_ok()
}

/// Rules; Cloudflare's limit.
const RULES_MAX: usize = 100;

/// Bytes of one line; Cloudflare's limit.
const LINE_BYTES_MAX: usize = 2_000;

/// Remarks on skipped lines.
const REMARKS_MAX: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    /// Sets, joins, unsets, fills in, and skips what is no header.
    #[test]
    fn headers_are_changed_by_every_rule_that_matches() {
        let (rules, skipped) = parse(
            "X-Early: x\n/*\n  X-All: 1\n  Cache-Control: public\n/secret/*\n  X-All: 2\n  ! Cache-Control\n  X-Was: :splat\n\
             # comment\n  Content-Length: 5\n  bad line\n/u/:id\n  X-User: :id\n",
        );
        assert_eq!(skipped.len(), 3, "{skipped:?}");
        let headers_of = |path: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("cache-control", HeaderValue::from_static("default"));
            apply(&rules, path, &mut headers);
            headers
        };
        let plain = headers_of("/a");
        assert!(plain["x-all"] == "1" && plain["cache-control"] == "public", "{plain:?}");
        let secret = headers_of("/secret/door");
        assert!(secret["x-all"] == "1, 2" && secret["x-was"] == "door", "{secret:?}");
        assert!(!secret.contains_key("cache-control") && !secret.contains_key("content-length"));
        assert_eq!(headers_of("/u/7")["x-user"], "7");
        assert!(!headers_of("/u/7/8").contains_key("x-user"));
    }
}
