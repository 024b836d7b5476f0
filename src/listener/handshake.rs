//! From a TCP connection to a TLS stream, by way of the name the client asks for.
//!
//! In two steps, [`greet`] and [`Greeting::finish`], so that what serves a name can be chosen between them. A client that
//! cannot be served is told why in the language it speaks: plain HTTP, or a TLS alert. Every step is to be run under the
//! caller's deadline; dropping one drops the connection.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderValue;
use rustls::server::{Accepted, Acceptor};
use rustls::{ProtocolVersion, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{LazyConfigAcceptor, StartHandshake};

use super::socket::Socket;
use super::suites::{Suites, in_our_order};
use super::{Certificates, Connection, Protocol};

/// A client that has said whom it wants to speak to.
pub(super) struct Greeting {
    server_name: Option<Arc<str>>,
    start: StartHandshake<Socket>,
}

/// A greeting without its socket.
pub(super) struct Heard {
    server_name: Option<Arc<str>>,
    accepted: Accepted,
}

impl Heard {
    /// The greeting again.
    pub(super) fn on(self, socket: Socket) -> Greeting {
        Greeting { server_name: self.server_name, start: StartHandshake::from_parts(self.accepted, socket) }
    }
}

/// Why there is no TLS stream.
#[derive(Debug, thiserror::Error)]
pub(super) enum HandshakeError {
    #[error("speak TLS: the client speaks plain HTTP")]
    PlainHttp,
    #[error("choose a certificate for {0:?}: no host of that name is served")]
    UnknownName(String),
    #[error("shake hands")]
    Failed(#[from] io::Error),
}

/// How rustls answers with these certificates: TLS 1.2 and 1.3, sessions resumed by tickets, these protocols by ALPN.
///
/// # Errors
/// When the cryptographic library has no randomness or no cipher suite.
pub fn tls_config(certificates: Arc<Certificates>, alpn: &[Protocol]) -> Result<Arc<ServerConfig>, rustls::Error> {
    let provider = Arc::new(in_our_order(rustls::crypto::aws_lc_rs::default_provider()));
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.alpn().to_vec()).collect();
    config.ticketer = rustls::crypto::aws_lc_rs::Ticketer::new()?;
    Ok(Arc::new(config))
}

/// Reads the client's first message.
///
/// # Errors
/// [`HandshakeError`], after the client was told.
pub(super) async fn greet(mut tcp: TcpStream, certificates: &Certificates) -> Result<Greeting, HandshakeError> {
    let mut first = [0; 1];
    if tcp.peek(&mut first).await? == 0 {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    if first[0].is_ascii_uppercase() {
        tcp.write_all(PLAIN_HTTP_ANSWER).await?;
        close_read_out(tcp).await?;
        return Err(HandshakeError::PlainHttp);
    }
    let mut start = LazyConfigAcceptor::new(Acceptor::default(), Socket::from(tcp)).await?;
    let name = start.client_hello().server_name().map(str::to_ascii_lowercase);
    if certificates.choose(name.as_deref(), SystemTime::now()).is_none() {
        start.io.write_all(UNRECOGNIZED_NAME_ALERT).await?;
        close_read_out(start.io.into_tcp()).await?;
        return Err(HandshakeError::UnknownName(name.unwrap_or_default()));
    }
    Ok(Greeting { server_name: name.map(Arc::from), start })
}

impl Greeting {
    /// The name the client asks for.
    pub(super) fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// What has been read, and the socket, to be put together again on another executor.
    pub(super) fn apart(self) -> (Heard, Socket) {
        let StartHandshake { accepted, io, .. } = self.start;
        (Heard { server_name: self.server_name, accepted }, io)
    }

    /// Does the rest of the handshake.
    ///
    /// # Errors
    /// When the client and we have nothing in common, or it leaves.
    pub(super) async fn finish(
        self,
        suites: &Suites,
        peer: SocketAddr,
    ) -> Result<(TlsStream<Socket>, Connection), HandshakeError> {
        let local = self.start.io.tcp().local_addr()?;
        let config = suites.for_client(&self.start.client_hello());
        let stream = self.start.into_stream(config).await?;
        let session = stream.get_ref().1;
        let connection = Connection {
            peer,
            address: HeaderValue::from_str(&peer.ip().to_string()).expect("an address is visible ASCII"),
            local,
            server_name: self.server_name,
            tls_version: match session.protocol_version() {
                Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
                Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
                _ => "",
            },
            tls_cipher: session.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()).unwrap_or_default(),
            protocol: match session.alpn_protocol() {
                Some(name) if name == Protocol::Http2.alpn() => Protocol::Http2,
                _ => Protocol::Http1,
            },
        };
        Ok((stream, connection))
    }
}

impl Protocol {
    /// Its name in ALPN.
    fn alpn(self) -> &'static [u8] {
        match self {
            Self::Http1 => b"http/1.1",
            Self::Http2 => b"h2",
        }
    }
}

/// Closes our side, then reads until the client closes its own: closing with unread bytes would reset the connection, and
/// the client might never see what it was told. The caller's deadline bounds it.
async fn close_read_out(mut tcp: TcpStream) -> io::Result<()> {
    tcp.shutdown().await?;
    let mut scratch = [0; 4 << 10];
    while tcp.read(&mut scratch).await? > 0 {}
    Ok(())
}

const PLAIN_HTTP_ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
    content-type: text/plain; charset=utf-8\r\n\
    content-length: 47\r\n\
    connection: close\r\n\
    \r\n\
    this port speaks TLS: use https instead of http";

/// A TLS record: alert, version 3.3, two bytes: fatal, unrecognized_name (RFC 6066, 3). Written by hand because rustls'
/// own answer to a resolver without a certificate is access_denied, which tells the client nothing.
const UNRECOGNIZED_NAME_ALERT: &[u8] = &[21, 3, 3, 0, 2, 2, 112];
