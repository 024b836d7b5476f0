//! The front door of the data plane: accepts connections, ends TLS, speaks HTTP/1.1 and HTTP/2.
//!
//! Owns the socket, the certificates and every connection. Promises that each request it hands on is well formed, within
//! the URL and header limits and came over TLS; that bodies stream both ways with back-pressure; that a silent, slow or
//! hostile peer costs a bounded amount of memory for a bounded time; and that draining finishes what was begun. Answers by
//! itself only what HTTP asks of any server (400, 414, 431, 501). Refuses to know what a request is for: that is the
//! [`Handle`] it is given. Assumes nothing about which thread it runs on.
//!
//! | file | what it decides or does |
//! |---|---|
//! | `accept` | the accept loop and the drain |
//! | `caps`, `backoff`, `pulse`, `head` | the decisions: one more connection? when to accept again? silent too long? well formed? |
//! | `wire`, `frames` | and of the bytes themselves: read alike by everybody? work or a flood? |
//! | `handshake` | from a TCP connection to a TLS stream, by way of the server name |
//! | `serve` | HTTP on one TLS stream |
//! | `guarded_io` | what hyper reads from and writes to, watched |
//! | `upgrade` | a request that asks to become a WebSocket |
//! | `request_body`, `tracked_body` | the bodies, with what happens when one is given up |
//! | `certificates` | which certificate for which name: files, or the local authority |

mod accept;
mod backoff;
mod caps;
mod certificates;
mod config;
mod counters;
mod first_request;
mod frames;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod guarded_io;
mod handshake;
mod head;
mod home;
mod pulse;
mod request_body;
mod serve;
mod socket;
mod suites;
#[cfg(test)]
mod tests;
mod tracked_body;
mod upgrade;
mod wire;

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;

pub use accept::{Drained, Listener, ListenerError};
pub use certificates::{
    Authority, AuthorityError, CertificateError, CertificateFiles, CertificateSource, Certificates, HostKnown,
};
pub use config::ListenerConfig;
pub use counters::{Counters, CountersSnapshot};
pub use first_request::FirstRequest;
pub use handshake::tls_config;
pub use home::Home;
pub use request_body::{BodyError, RequestBody};
pub use upgrade::{Upgrade, accept_value};

/// What answers requests.
pub trait Handle: Send + Sync + 'static {
    /// What its responses carry; read only as fast as the client takes it.
    type Body: http_body::Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static;

    /// Where connections that ask for this name are best served; none: where they were accepted.
    fn home(&self, _server_name: &str) -> Option<Home> {
        None
    }

    /// Answers one request. The future, or after it the response's body, is dropped when the client goes away: that is how
    /// the handler learns of it. It may answer without having read the request's body.
    ///
    /// When the head's parts are dropped before this returns the connection reads on into the memory they lay in. In the
    /// future it is too late: hyper 1.12 looks whether the client has left before it polls that, and reserves 8 KiB to do so.
    fn handle(
        self: Arc<Self>,
        request: http::Request<RequestBody>,
        connection: Arc<Connection>,
    ) -> impl Future<Output = http::Response<Self::Body>> + Send + 'static;
}

/// What is known of the connection that a request came on.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The client's address.
    pub peer: SocketAddr,
    /// The same without the port, as headers have it.
    pub address: HeaderValue,
    /// Ours.
    pub local: SocketAddr,
    /// The name the client asked for in TLS, in lower case. A request's `Host` may be another one.
    pub server_name: Option<Arc<str>>,
    /// `TLSv1.2` or `TLSv1.3`.
    pub tls_version: &'static str,
    /// The cipher suite by its IANA name.
    pub tls_cipher: &'static str,
    /// What ALPN chose.
    pub protocol: Protocol,
}

/// The version of HTTP that a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1, or 1.0.
    Http1,
    /// HTTP/2.
    Http2,
}
