//! Routing: which script a host name means.
//!
//! Pure: `{script}.{tenant}.{domain}`, and patterns on hosts of a tenant's own, with the table that finds the most specific
//! one. What serves is looked up by the caller.

mod pattern;
mod table;

pub use pattern::{HostPattern, PathPattern, PatternError, Reach, RoutePattern};
pub use table::HostTable;

use std::borrow::Cow;

use crate::ids::{ScriptName, TenantName};

/// The host of a request as it is compared: lower case, without port and without the root's dot.
///
/// None when it is not a host name or address at all.
#[must_use]
pub fn normal_host(authority: &str) -> Option<Cow<'_, str>> {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_host = match address {
        Some(address) => address.bytes().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(&byte)),
        None => host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)),
    };
    if !is_host || host.is_empty() || host.ends_with('.') {
        return None;
    }
    let is_lower = !host.bytes().any(|byte| byte.is_ascii_uppercase());
    Some(if is_lower { Cow::Borrowed(host) } else { Cow::Owned(host.to_ascii_lowercase()) })
}

/// The script that a normal host means under this domain.
#[must_use]
pub fn script_of_host(host: &str, domain: &str) -> Option<(ScriptName, TenantName)> {
    let (script, tenant) = labels_of_host(host, domain)?;
    Some((script.parse().ok()?, tenant.parse().ok()?))
}

/// The same as it stands there: two texts that may be names.
#[must_use]
pub fn labels_of_host<'h>(host: &'h str, domain: &str) -> Option<(&'h str, &'h str)> {
    host.strip_suffix(domain)?.strip_suffix('.')?.split_once('.')
}

/// Under what a host's patterns are kept, the most specific first: the host itself, then what lies below each of its
/// parents, as `.parent`. None when it is longer than any host.
pub fn keys_of_host(host: &str) -> impl Iterator<Item = &str> {
    let host = if host.len() <= pattern::HOST_BYTES_MAX { host } else { "" };
    let below = host.char_indices().filter(|(_, char)| *char == '.').filter_map(|(at, _)| host.get(at..));
    std::iter::once(host).filter(|host| !host.is_empty()).chain(below)
}

/// Whether the node's own names are there: the domain itself, or anything below it.
#[must_use]
pub fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads authorities as clients write them.
    #[test]
    fn hosts_are_compared_without_port_case_or_final_dot() {
        assert_eq!(normal_host("Hello.Demo.localhost:8443").as_deref(), Some("hello.demo.localhost"));
        assert_eq!(normal_host("hello.demo.localhost.").as_deref(), Some("hello.demo.localhost"));
        assert_eq!(normal_host("[::1]:8443").as_deref(), Some("[::1]"));
        for bad in ["", ".", ":80", "a b", "a/b", "ä.demo.localhost", "a\n", "a:80:80", "a..", "[a", "a]", "[::1]x"] {
            assert_eq!(normal_host(bad), None, "{bad:?}");
        }
    }

    /// Looks for what a host of three labels is kept under.
    #[test]
    fn a_host_is_looked_for_nearest_first() {
        assert_eq!(keys_of_host("a.b.c").collect::<Vec<_>>(), ["a.b.c", ".b.c", ".c"]);
        assert_eq!(keys_of_host(&"a.".repeat(200)).count(), 0);
        for (host, within) in [("localhost", true), ("a.localhost", true), ("alocalhost", false), ("a.test", false)] {
            assert_eq!(is_within(host, "localhost"), within, "{host}");
        }
    }

    /// Finds script and tenant, and nothing in what only looks like a host of ours.
    #[test]
    fn only_two_labels_before_the_domain_are_a_script() {
        let found = script_of_host("hello.demo.localhost", "localhost").expect("is a script");
        assert_eq!((found.0.as_str(), found.1.as_str()), ("hello", "demo"));
        for other in [
            "localhost",
            "demo.localhost",
            "a.b.demo.localhost",
            "hello.demo.example.com",
            "hello.demolocalhost",
            ".demo.localhost",
            "hello..localhost",
        ] {
            assert_eq!(script_of_host(other, "localhost"), None, "{other}");
        }
        assert!(script_of_host("x.y.edge.example.com", "edge.example.com").is_some());
    }
}
