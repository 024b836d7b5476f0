//! A request that asks to become a WebSocket: over HTTP/1.1 (RFC 6455, 4.2) or as a stream of HTTP/2 (RFC 8441).
//!
//! Decides whether the handshake holds, and gives whoever answers it the connection behind it. Knows nothing of frames.

use std::any::Any;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONNECTION, HeaderMap, HeaderName, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderValue, Method, Request, Version};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::ext::Protocol;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::head::Refusal;

/// The way to the connection of a request that asks to become a WebSocket. The request counts as running while this, or
/// the connection it gives, lives.
#[derive(Clone)]
pub struct Upgrade {
    on: OnUpgrade,
    accept: Option<HeaderValue>,
    running: Arc<dyn Any + Send + Sync>,
}

/// The connection, and what is to be held as long as it is open.
pub struct UpgradedIo<G> {
    io: TokioIo<Upgraded>,
    _held: (G, Arc<dyn Any + Send + Sync>),
}

impl Upgrade {
    /// The upgrade that a request with a good head asks for, if any.
    pub(super) fn take<R: Any + Send + Sync>(request: &mut Request<Incoming>, running: &Arc<R>) -> Option<Self> {
        if !asks_for_socket(request) || !request.body().is_end_stream() {
            return None;
        }
        let accept = match request.method() {
            &Method::CONNECT => None,
            _ => Some(accept_value(request.headers().get(SEC_WEBSOCKET_KEY)?)),
        };
        let running: Arc<dyn Any + Send + Sync> = Arc::<R>::clone(running);
        Some(Self { on: hyper::upgrade::on(request), accept, running })
    }

    /// The value of `Sec-WebSocket-Accept` with which HTTP/1.1 agrees; HTTP/2 has none.
    #[must_use]
    pub const fn accept(&self) -> Option<&HeaderValue> {
        self.accept.as_ref()
    }

    /// The connection, once the answer that agrees has been sent; it keeps `held` with it.
    ///
    /// # Errors
    /// When the client left, or the answer did not agree.
    pub async fn connection<G>(self, held: G) -> Result<UpgradedIo<G>, hyper::Error> {
        let upgraded = self.on.await?;
        Ok(UpgradedIo { io: TokioIo::new(upgraded), _held: (held, self.running) })
    }
}

/// Refuses a handshake that does not hold.
pub(super) fn check<B>(request: &Request<B>) -> Result<(), Refusal> {
    if !asks_for_socket(request) {
        return Ok(());
    }
    let headers = request.headers();
    if headers.get(SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err(Refusal::SocketVersion);
    }
    let key = headers.get(SEC_WEBSOCKET_KEY).and_then(|key| STANDARD.decode(key.as_bytes()).ok());
    if request.method() != Method::CONNECT && key.is_none_or(|key| key.len() != KEY_BYTES) {
        return Err(Refusal::Malformed("Sec-WebSocket-Key is not valid"));
    }
    Ok(())
}

/// Whether this is the CONNECT of a WebSocket over HTTP/2.
pub(super) fn is_extended<B>(request: &Request<B>) -> bool {
    request.version() == Version::HTTP_2
        && request.extensions().get::<Protocol>().is_some_and(|protocol| protocol.as_str() == "websocket")
}

fn asks_for_socket<B>(request: &Request<B>) -> bool {
    if request.method() == Method::CONNECT {
        return is_extended(request);
    }
    request.version() == Version::HTTP_11
        && request.method() == Method::GET
        && lists(request.headers(), &UPGRADE, "websocket")
        && lists(request.headers(), &CONNECTION, "upgrade")
}

fn lists(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(token))
}

/// What agrees to a handshake with this key: RFC 6455, 4.2.2.
pub fn accept_value(key: &HeaderValue) -> HeaderValue {
    let mut hash = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    hash.update(key.as_bytes());
    hash.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    HeaderValue::from_str(&STANDARD.encode(hash.finish())).expect("base64 is a header value")
}

impl<G: Unpin> AsyncRead for UpgradedIo<G> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<G: Unpin> AsyncWrite for UpgradedIo<G> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// RFC 6455, 4.1: a key is 16 bytes.
const KEY_BYTES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 6455, 1.3.
    #[test]
    fn a_key_is_accepted_as_the_specification_says() {
        let accept = accept_value(&HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ=="));
        assert_eq!(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    /// Handshakes with each part missing or wrong, and requests that ask for nothing.
    #[test]
    fn only_a_handshake_that_holds_is_handed_on() {
        let key = ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        let version = ("sec-websocket-version", "13");
        let upgrade = ("upgrade", "WebSocket");
        let connection = ("connection", "keep-alive, Upgrade");
        let check = |method: Method, headers: &[(&str, &str)]| {
            let mut request = Request::builder().method(method).uri("/").version(Version::HTTP_11);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let request = request.body(()).expect("a request");
            (asks_for_socket(&request), check(&request))
        };
        assert_eq!(check(Method::GET, &[upgrade, connection, key, version]), (true, Ok(())));
        let bad_key = Err(Refusal::Malformed("Sec-WebSocket-Key is not valid"));
        assert_eq!(check(Method::GET, &[upgrade, connection, version]), (true, bad_key));
        assert_eq!(check(Method::GET, &[upgrade, connection, ("sec-websocket-key", "AAAA"), version]), (true, bad_key));
        assert_eq!(check(Method::GET, &[upgrade, connection, key]), (true, Err(Refusal::SocketVersion)));
        let old = ("sec-websocket-version", "8");
        assert_eq!(check(Method::GET, &[upgrade, connection, key, old]), (true, Err(Refusal::SocketVersion)));
        assert_eq!(check(Method::POST, &[upgrade, connection, key, version]), (false, Ok(())));
        assert_eq!(check(Method::GET, &[upgrade, key, version]), (false, Ok(())));
        assert_eq!(check(Method::GET, &[("upgrade", "h2c"), connection]), (false, Ok(())));
    }
}
