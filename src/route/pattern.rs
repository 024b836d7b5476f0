//! Route patterns: `example.com/api/*`, as a tenant writes them.
//!
//! Pure. A star may begin the host (`*.example.com`: every host below it; `*example.com`: that host, too) and end the
//! path; nowhere else. What is compared with the path is path and query, so only a pattern with a star takes requests
//! that have a query: Cloudflare's rule.

use std::fmt;
use std::str::FromStr;

use super::normal_host;

/// A pattern: which hosts, and which of their paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutePattern {
    /// Which hosts.
    pub hosts: HostPattern,
    /// Which paths.
    pub path: PathPattern,
}

/// A host name of at least two labels, in lower case, and how far the pattern reaches from it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostPattern {
    /// The name, without a star.
    pub name: String,
    /// How far.
    pub reach: Reach,
}

/// How far a host pattern reaches; the nearest is the most specific.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// This host.
    Exact,
    /// Every host below it, at any depth.
    Below,
    /// Both.
    Both,
}

/// Which paths a pattern takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathPattern {
    /// This one, without a query.
    Exact(String),
    /// Those that begin so.
    Beginning(String),
}

/// Why a text is no route pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("use route pattern {pattern:?}: {reason}")]
pub struct PatternError {
    pattern: String,
    reason: &'static str,
}

impl Reach {
    /// As it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Below => "below",
            Self::Both => "both",
        }
    }

    /// From its stored form.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        [Self::Exact, Self::Below, Self::Both].into_iter().find(|reach| reach.as_str() == text)
    }
}

impl HostPattern {
    /// The labels from the last to the first, each with a dot: what lies below a host begins with what it has.
    #[must_use]
    pub fn reversed(&self) -> String {
        self.name.rsplit('.').flat_map(|label| [label, "."]).collect()
    }
}

impl PathPattern {
    /// From its written form.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text.strip_suffix('*') {
            Some(beginning) => Self::Beginning(beginning.to_owned()),
            None => Self::Exact(text.to_owned()),
        }
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(exact) => f.write_str(exact),
            Self::Beginning(beginning) => write!(f, "{beginning}*"),
        }
    }
}

impl FromStr for HostPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let (rest, reach) = match (text.strip_prefix("*."), text.strip_prefix('*')) {
            (Some(rest), _) => (rest, Reach::Below),
            (None, Some(rest)) => (rest, Reach::Both),
            (None, None) => (text, Reach::Exact),
        };
        if rest.contains('*') {
            return Err(wrong(text, "a star is allowed only at the beginning of the host and at the end of the path"));
        }
        let name = rest.to_ascii_lowercase();
        let is_label = |label: &str| {
            let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
            plain && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
        };
        let is_name = name.len() <= HOST_BYTES_MAX && name.contains('.') && name.split('.').all(is_label);
        let ends_in_digits = name.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
        if !is_name || ends_in_digits || normal_host(&name).as_deref() != Some(&name) {
            return Err(wrong(text, "it must begin with a host name of at least two labels, without a port"));
        }
        Ok(Self { name, reach })
    }
}

impl FromStr for RoutePattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        if text.starts_with("http://") {
            return Err(wrong(text, "scripts are served by https only"));
        }
        let rest = text.strip_prefix("https://").unwrap_or(text);
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let hosts = host.parse().map_err(|PatternError { reason, .. }| wrong(text, reason))?;
        let path = if path.is_empty() { "/" } else { path };
        if path.contains(['?', '#']) {
            return Err(wrong(text, "it may not contain a query"));
        }
        if path.strip_suffix('*').unwrap_or(path).contains('*') {
            return Err(wrong(text, "a star is allowed only at the beginning of the host and at the end of the path"));
        }
        if path.len() > PATH_BYTES_MAX || !path.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong(text, "its path must be at most 1,024 printable ASCII characters"));
        }
        Ok(Self { hosts, path: PathPattern::of(path) })
    }
}

fn wrong(pattern: &str, reason: &'static str) -> PatternError {
    PatternError { pattern: pattern.chars().take(100).collect(), reason }
}

/// RFC 1035: a name has at most 253 characters.
pub(super) const HOST_BYTES_MAX: usize = 253;

/// Bytes of a pattern's path.
const PATH_BYTES_MAX: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    /// Patterns of every kind.
    #[test]
    fn a_pattern_names_hosts_and_paths() {
        for (text, name, reach, path) in [
            ("example.com", "example.com", Reach::Exact, "/"),
            ("https://Shop.Example.com/A*", "shop.example.com", Reach::Exact, "/A*"),
            ("*.example.com/*", "example.com", Reach::Below, "/*"),
            ("*example.com/a/b", "example.com", Reach::Both, "/a/b"),
            ("xn--bcher-kva.example/%C3%A4", "xn--bcher-kva.example", Reach::Exact, "/%C3%A4"),
        ] {
            let pattern: RoutePattern = text.parse().expect("a pattern");
            assert_eq!(pattern.hosts, HostPattern { name: name.to_owned(), reach }, "{text}");
            assert_eq!(pattern.path.to_string(), path, "{text}");
        }
        let hosts: HostPattern = "a.b.example.com".parse().expect("a host");
        assert_eq!(hosts.reversed(), "com.example.b.a.");
    }

    /// Texts that are none, each refused with a reason.
    #[test]
    fn what_is_no_pattern_is_refused() {
        let long = format!("example.com/{}", "a".repeat(1_025));
        for text in [
            "",
            "*",
            "*/*",
            "/a",
            "example",
            "*.com/*",
            "*com/*",
            "exam*ple.com/",
            "**.example.com/",
            "example.com/*/a",
            "example.com/a**",
            "example.com/a?b",
            "example.com/#a",
            "127.0.0.1/*",
            "[::1]/*",
            "a..b/*",
            "-a.b/*",
            "a b.c/*",
            "example.com:8443/*",
            "user@example.com/",
            "example.com/\u{e4}",
            "example.com./",
            "http://example.com/",
            "ftp://example.com/",
            &long,
        ] {
            assert!(text.parse::<RoutePattern>().is_err(), "{text}");
        }
    }
}
