//! URLs as scripts see them: <https://url.spec.whatwg.org/>, to the letter.
//!
//! The `url` crate, which clients and the host's own connections use, differs from the standard in what `file:` and
//! schemes of one's own may look like. Here a URL is taken apart, changed by part and put together again; resolving names
//! and connecting are none of its business.
//!
//! Every function is linear in its input; what is put together is ASCII, at most three times as long as what came in and
//! the base together.

mod change;
mod encode;
mod host;
mod parse;

pub use change::Part;

/// A URL record: <https://url.spec.whatwg.org/#concept-url>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebUrl {
    scheme: String,
    username: String,
    password: String,
    /// As it is written; empty is a host too, and not the same as none.
    host: Option<String>,
    port: Option<u16>,
    path: Path,
    query: Option<String>,
    fragment: Option<String>,
}

/// <https://url.spec.whatwg.org/#concept-url-path>
#[derive(Debug, Clone, PartialEq, Eq)]
enum Path {
    Opaque(String),
    /// Every segment after a slash: empty for no segments, "/" for one empty one.
    Segments(String),
}

/// Where the parts of a serialization begin, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Offsets {
    pub scheme_end: usize,
    pub username_end: usize,
    pub host_start: usize,
    pub host_end: usize,
    pub port: Option<u16>,
    pub path_start: usize,
    pub query_start: Option<usize>,
    pub fragment_start: Option<usize>,
}

impl WebUrl {
    /// The basic URL parser, with another URL to resolve against: <https://url.spec.whatwg.org/#concept-basic-url-parser>.
    #[must_use]
    pub fn parse(input: &str, base: Option<&Self>) -> Option<Self> {
        parse::parse(input, base)
    }

    /// The URL serializer: <https://url.spec.whatwg.org/#concept-url-serializer>.
    #[must_use]
    pub fn serialize(&self) -> (String, Offsets) {
        let mut text = String::with_capacity(self.scheme.len() + self.path.as_str().len() + 16);
        text.push_str(&self.scheme);
        let scheme_end = text.len();
        text.push(':');
        let (username_end, host_start, host_end) = self.serialize_authority(&mut text);
        let path_start = text.len();
        text.push_str(self.path.as_str());
        let part = |text: &mut String, mark: char, part: &Option<String>| {
            part.as_ref().map(|part| {
                let start = text.len();
                text.push(mark);
                text.push_str(part);
                start
            })
        };
        let query_start = part(&mut text, '?', &self.query);
        let fragment_start = part(&mut text, '#', &self.fragment);
        let (username_end, host_start, host_end) = match self.host {
            Some(_) => (username_end, host_start, host_end),
            // A host that is not there ends where the path begins, which "/." may precede.
            None => (path_start, path_start, path_start),
        };
        let port = self.port;
        let offsets =
            Offsets { scheme_end, username_end, host_start, host_end, port, path_start, query_start, fragment_start };
        (text, offsets)
    }

    /// Ends of the username, and start and end of the host.
    fn serialize_authority(&self, text: &mut String) -> (usize, usize, usize) {
        let Some(host) = &self.host else {
            // Else the path would be read as an authority.
            if matches!(&self.path, Path::Segments(path) if path.starts_with("//")) {
                text.push_str("/.");
            }
            return (text.len(), text.len(), text.len());
        };
        text.push_str("//");
        text.push_str(&self.username);
        let username_end = text.len();
        if !self.password.is_empty() {
            text.push(':');
            text.push_str(&self.password);
        }
        if self.has_credentials() {
            text.push('@');
        }
        let host_start = text.len();
        text.push_str(host);
        let host_end = text.len();
        if let Some(port) = self.port {
            text.push(':');
            text.push_str(&port.to_string());
        }
        (username_end, host_start, host_end)
    }

    fn is_special(&self) -> bool {
        is_special(&self.scheme)
    }

    fn has_credentials(&self) -> bool {
        !self.username.is_empty() || !self.password.is_empty()
    }

    /// <https://url.spec.whatwg.org/#shorten-a-urls-path>
    fn shorten_path(&mut self) {
        let is_file = self.scheme == "file";
        let Path::Segments(path) = &mut self.path else { return };
        if is_file && path.len() == 3 && is_normalized_drive(&path[1..]) {
            return;
        }
        path.truncate(path.rfind('/').unwrap_or(0));
    }

    fn push_segment(&mut self, segment: &str) {
        if let Path::Segments(path) = &mut self.path {
            path.push('/');
            path.push_str(segment);
        }
    }
}

impl Path {
    fn as_str(&self) -> &str {
        match self {
            Self::Opaque(path) | Self::Segments(path) => path,
        }
    }
}

/// <https://url.spec.whatwg.org/#special-scheme>
fn is_special(scheme: &str) -> bool {
    scheme == "file" || default_port(scheme).is_some()
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "ftp" => Some(21),
        _ => None,
    }
}

/// <https://url.spec.whatwg.org/#windows-drive-letter>
fn is_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':' | b'|'] if letter.is_ascii_alphabetic())
}

fn is_normalized_drive(text: &str) -> bool {
    is_drive(text) && text.ends_with(':')
}

#[cfg(test)]
mod tests {
    use super::{Part, WebUrl};

    fn parsed(input: &str, base: Option<&str>) -> Option<String> {
        let base = match base {
            Some(base) => Some(WebUrl::parse(base, None)?),
            None => None,
        };
        WebUrl::parse(input, base.as_ref()).map(|url| url.serialize().0)
    }

    #[test]
    fn urls_are_put_together_as_the_standard_says() {
        for (input, base, expected) in [
            ("HTTP://User:p%40@EXAMPLE.com:80/a/./b/../c?q#f", None, Some("http://User:p%40@example.com/a/c?q#f")),
            ("http:\\\\a\\b", None, Some("http://a/b")),
            ("//x/y", Some("https://a/b"), Some("https://x/y")),
            ("?q", Some("https://a/b?c#d"), Some("https://a/b?q")),
            ("#f", Some("mailto:x?y"), Some("mailto:x?y#f")),
            ("x", Some("mailto:x"), None),
            ("file:////a", None, Some("file:////a")),
            ("C|", Some("file://host/dir/file"), Some("file://host/C:")),
            ("/..//localhost//pig", Some("file://lion/"), Some("file://lion//localhost//pig")),
            ("file://localhost/C:/../..", None, Some("file:///C:/")),
            ("web+demo:/.//not-a-host/", None, Some("web+demo:/.//not-a-host/")),
            ("foo:a b ", None, Some("foo:a b")),
            ("http://0x7f.1/", None, Some("http://127.0.0.1/")),
            ("http://256.1/", None, None),
            ("http://1.2.3.4.5/", None, None),
            ("http://[::127.0.0.1]/", None, Some("http://[::7f00:1]/")),
            ("http://[1:0:0:2::3]/", None, Some("http://[1:0:0:2::3]/")),
            ("http://faß.ExAmPlE/", None, Some("http://xn--fa-hia.example/")),
            ("http://a b/", None, None),
            ("http://a:65536/", None, None),
            ("http://@/", None, None),
            ("sc://%/", None, Some("sc://%/")),
            ("sc://a b/", None, None),
            ("", None, None),
        ] {
            assert_eq!(parsed(input, base).as_deref(), expected, "{input:?} against {base:?}");
        }
    }

    #[test]
    fn parts_are_changed_as_the_standard_says() {
        for (href, part, value, expected) in [
            ("non-spec:/.//p", Part::Hostname, "h", "non-spec://h//p"),
            ("non-spec:/", Part::Pathname, "//p", "non-spec:/.//p"),
            ("foo:///some/path", Part::Pathname, "", "foo://"),
            ("file:///unicorn", Part::Pathname, "//monkey/..//", "file://///"),
            ("http://a:8/", Part::Host, "b:9x", "http://b:9/"),
            ("http://a:8/", Part::Hostname, "b:9", "http://a:8/"),
            ("http://a/", Part::Protocol, "https:foo", "https://a/"),
            ("http://a:443/", Part::Protocol, "https", "https://a/"),
            ("http://a/", Part::Protocol, "foo", "http://a/"),
            ("http://a/", Part::Port, "8080abc", "http://a:8080/"),
            ("http://a:1/", Part::Port, "99999", "http://a:1/"),
            ("mailto:x", Part::Username, "y", "mailto:x"),
            ("http://a/", Part::Username, "@\t", "http://%40%09@a/"),
            ("https://example.net#nav", Part::Pathname, "../home", "https://example.net/home#nav"),
            ("http://a/?x#y", Part::Search, "", "http://a/#y"),
            ("http://a/", Part::Hash, "#<", "http://a/#%3C"),
        ] {
            let mut url = WebUrl::parse(href, None).expect("a URL");
            url.set(part, value);
            assert_eq!(url.serialize().0, expected, "{part:?} of {href} to {value:?}");
        }
    }

    /// Whatever is put together is read back as the same.
    #[test]
    fn what_is_put_together_parses_to_itself() {
        let mut seed = 0x9e37_79b9_u64;
        let alphabet = [
            "a", "/", "\\", ":", "@", "?", "#", ".", "..", "%2e", "C|", "[", "]", "1", "é", " ", "http:", "file:", "x:",
        ];
        for _ in 0..20_000 {
            let mut input = String::new();
            for _ in 0..8 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                input.push_str(alphabet[usize::try_from(seed >> 33).expect("31 bits") % alphabet.len()]);
            }
            let Some(url) = WebUrl::parse(&input, None) else { continue };
            let (text, offsets) = url.serialize();
            assert!(text.is_ascii() && text.is_char_boundary(offsets.path_start), "{input:?}");
            assert_eq!(WebUrl::parse(&text, None).map(|again| again.serialize().0), Some(text), "{input:?}");
        }
    }
}
