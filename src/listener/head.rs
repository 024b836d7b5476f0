//! Is this request's head one that we hand on?
//!
//! Decides what hyper leaves open: our limits of URL and headers, on both versions of HTTP alike, and the rules on `Host`.
//! Shapes the answer to a head that is refused; nothing of a request that was handed on is answered here.

use std::fmt;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::uri::Authority;
use http::{Method, Request, Response, StatusCode, Version};
use http_body_util::Full;

use super::{ListenerConfig, upgrade};
use crate::ids::RayId;

/// Header fields a request may have over HTTP/2. Over HTTP/1 hyper takes a hundred.
pub(super) const HEADERS_MAX: usize = 256;

/// How long a head may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeadLimits {
    pub(super) url_bytes_max: usize,
    pub(super) headers_bytes_max: usize,
}

/// Why a head is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    UrlTooLong {
        limit_bytes: usize,
    },
    HeadersTooLarge {
        limit_bytes: usize,
    },
    TooManyHeaders,
    Malformed(&'static str),
    Tunnel,
    /// A WebSocket of a version that is not the one there is.
    SocketVersion,
}

impl HeadLimits {
    pub(super) fn of(config: &ListenerConfig) -> Self {
        Self { url_bytes_max: config.url_bytes_max, headers_bytes_max: config.headers_bytes_max }
    }

    /// Checks a head.
    pub(super) fn check<B>(&self, request: &Request<B>) -> Result<(), Refusal> {
        let url_bytes = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
        if url_bytes > self.url_bytes_max {
            return Err(Refusal::UrlTooLong { limit_bytes: self.url_bytes_max });
        }
        if request.headers().len() > HEADERS_MAX {
            return Err(Refusal::TooManyHeaders);
        }
        if headers_bytes(request.headers()) > self.headers_bytes_max {
            return Err(Refusal::HeadersTooLarge { limit_bytes: self.headers_bytes_max });
        }
        if request.method() == Method::CONNECT && !upgrade::is_extended(request) {
            return Err(Refusal::Tunnel);
        }
        check_target(request)?;
        check_host(request)?;
        upgrade::check(request)
    }
}

impl Refusal {
    /// The answer.
    pub(super) fn response(self, version: Version) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::from(format!("{self}\n")));
        *response.status_mut() = match self {
            Self::UrlTooLong { .. } => StatusCode::URI_TOO_LONG,
            Self::HeadersTooLarge { .. } | Self::TooManyHeaders => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Tunnel => StatusCode::NOT_IMPLEMENTED,
            Self::SocketVersion => StatusCode::UPGRADE_REQUIRED,
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        if let Ok(ray) = HeaderValue::from_str(RayId::generate().as_str()) {
            headers.insert("eyot-ray", ray);
        }
        if self == Self::SocketVersion {
            headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        }
        if version < Version::HTTP_2 {
            // What follows such a head on the connection may not mean what it says.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UrlTooLong { limit_bytes } => write!(f, "the URL is longer than {limit_bytes} bytes"),
            Self::HeadersTooLarge { limit_bytes } => write!(f, "the headers are larger than {limit_bytes} bytes"),
            Self::TooManyHeaders => write!(f, "there are more than {HEADERS_MAX} headers"),
            Self::Malformed(why) => f.write_str(why),
            Self::Tunnel => f.write_str("CONNECT is not supported"),
            Self::SocketVersion => f.write_str("Sec-WebSocket-Version is not 13"),
        }
    }
}

/// Names and values, each with the `: ` and the line end they have in HTTP/1.
fn headers_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

/// RFC 9112, 3.2: a path, an absolute URL of ours, or for OPTIONS `*`. A bare authority is for CONNECT alone.
fn check_target<B>(request: &Request<B>) -> Result<(), Refusal> {
    let uri = request.uri();
    let is_ours = match (uri.scheme_str(), uri.authority()) {
        (None, None) => uri.path().starts_with('/') || (uri.path() == "*" && request.method() == Method::OPTIONS),
        (Some("http" | "https"), Some(_)) => true,
        // HTTP/2 may leave the scheme out of what h2 gives us.
        (None, Some(_)) => request.version() == Version::HTTP_2,
        _ => false,
    };
    if is_ours { Ok(()) } else { Err(Refusal::Malformed("the target is not valid")) }
}

/// RFC 9112, 3.2: exactly one valid `Host` in HTTP/1.1. RFC 9113, 8.3.1: one that is no other than `:authority` in HTTP/2.
fn check_host<B>(request: &Request<B>) -> Result<(), Refusal> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return Err(Refusal::Malformed("there is more than one Host header"));
    }
    let target = request.uri().authority();
    if target.is_some_and(|target| !is_host(target)) {
        return Err(Refusal::Malformed("the host of the URL is not valid"));
    }
    let Some(host) = host else {
        return match (request.version(), target) {
            (Version::HTTP_11, _) => Err(Refusal::Malformed("there is no Host header")),
            (Version::HTTP_2, None) => Err(Refusal::Malformed("there is no :authority")),
            _ => Ok(()),
        };
    };
    if target.is_none() && is_plain_host(host.as_bytes()) {
        return Ok(());
    }
    let Some(host) = host.to_str().ok().and_then(|text| text.parse::<Authority>().ok()).filter(is_host) else {
        return Err(Refusal::Malformed("the Host header is not valid"));
    };
    let differs = target.is_some_and(|target| !target.as_str().eq_ignore_ascii_case(host.as_str()));
    if request.version() == Version::HTTP_2 && differs {
        return Err(Refusal::Malformed("the Host header is another than :authority"));
    }
    Ok(())
}

/// Whether a host is a name or an IPv4 address, with a port or without, as most are: it need not be parsed.
fn is_plain_host(host: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let (name, port) = match memchr::memrchr(b':', host) {
        Some(at) => (&host[..at], &host[at + 1..]),
        None => (host, b"443".as_slice()),
    };
    let is_port = (1..=5).contains(&port.len()) && port.iter().all(u8::is_ascii_digit);
    is_port && !name.is_empty() && host.len() <= HOST_BYTES_MAX && name.iter().all(is_plain)
}

fn is_host(authority: &Authority) -> bool {
    !authority.host().is_empty() && authority.as_str().len() <= HOST_BYTES_MAX && !authority.as_str().contains('@')
}

/// A DNS name of 253 bytes and a port.
const HOST_BYTES_MAX: usize = 253 + 6;

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: HeadLimits = HeadLimits { url_bytes_max: 64, headers_bytes_max: 128 };

    fn request(version: Version, uri: &str, headers: &[(&str, &str)]) -> Request<()> {
        let mut builder = Request::builder().version(version).uri(uri);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(()).expect("a request")
    }

    fn status(version: Version, uri: &str, headers: &[(&str, &str)]) -> Option<u16> {
        let refusal = LIMITS.check(&request(version, uri, headers)).err()?;
        Some(refusal.response(version).status().as_u16())
    }

    /// Both sides of each limit, on both versions.
    #[test]
    fn the_limits_are_exact_and_the_same_on_both_versions() {
        let longest = format!("/{}", "a".repeat(63));
        let too_long = format!("/{}", "a".repeat(64));
        assert_eq!(status(Version::HTTP_11, &longest, &[("host", "a.test")]), None);
        assert_eq!(status(Version::HTTP_11, &too_long, &[("host", "a.test")]), Some(414));
        assert_eq!(status(Version::HTTP_2, &format!("https://a.test{longest}"), &[]), None);
        assert_eq!(status(Version::HTTP_2, &format!("https://a.test{too_long}"), &[]), Some(414));
        let (largest, too_large) = ("v".repeat(128 - 5), "v".repeat(128 - 4));
        assert_eq!(status(Version::HTTP_2, "https://a.test/", &[("x", &largest)]), None);
        assert_eq!(status(Version::HTTP_2, "https://a.test/", &[("x", &too_large)]), Some(431));
        assert_eq!(status(Version::HTTP_11, "/", &[("host", "a.test"), ("x", &largest)]), Some(431));
    }

    /// Requests whose host could be read in two ways.
    #[test]
    fn a_request_has_exactly_one_host() {
        for (version, uri, headers) in [
            (Version::HTTP_11, "/", &[][..]),
            (Version::HTTP_11, "/", &[("host", "a.test"), ("host", "b.test")]),
            (Version::HTTP_11, "/", &[("host", "a b")]),
            (Version::HTTP_11, "/", &[("host", "")]),
            (Version::HTTP_11, "/", &[("host", "user@a.test")]),
            (Version::HTTP_11, "http://user@a.test/", &[("host", "a.test")]),
            (Version::HTTP_2, "https://a.test/", &[("host", "b.test")]),
            (Version::HTTP_2, "/", &[]),
        ] {
            assert_eq!(status(version, uri, headers), Some(400), "{version:?} {uri} {headers:?}");
        }
        assert_eq!(status(Version::HTTP_10, "/", &[]), None);
        assert_eq!(status(Version::HTTP_2, "https://A.test/", &[("host", "a.test")]), None);
        assert_eq!(status(Version::HTTP_11, "/", &[("host", "[::1]:8443")]), None);
    }

    /// CONNECT on HTTP/1.1.
    #[test]
    fn nobody_tunnels_through_us() {
        let mut request = request(Version::HTTP_11, "/", &[("host", "a.test")]);
        *request.method_mut() = Method::CONNECT;
        assert_eq!(LIMITS.check(&request), Err(Refusal::Tunnel));
    }
}
