//! Routing: which script a host name means.
//!
//! Pure: `{script}.{tenant}.{domain}` and nothing else yet. Holds no table; what serves is looked up by the caller.

use crate::ids::{ScriptName, TenantName};

/// The host of a request as it is compared: lower case, without port and without the root's dot.
///
/// None when it is not a host name or address at all.
#[must_use]
pub fn normal_host(authority: &str) -> Option<String> {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.[]:".contains(&byte);
    (!host.is_empty() && host.bytes().all(plain)).then(|| host.to_ascii_lowercase())
}

/// The script that a normal host means under this domain.
#[must_use]
pub fn script_of_host(host: &str, domain: &str) -> Option<(ScriptName, TenantName)> {
    let labels = host.strip_suffix(domain)?.strip_suffix('.')?;
    let (script, tenant) = labels.split_once('.')?;
    Some((script.parse().ok()?, tenant.parse().ok()?))
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
        for bad in ["", ".", ":80", "a b", "a/b", "ä.demo.localhost", "a\n"] {
            assert_eq!(normal_host(bad), None, "{bad:?}");
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
