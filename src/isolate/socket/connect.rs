//! Connecting a WebSocket to a server: a name or address that the egress policy allows, TLS, and the opening handshake.
//!
//! Every address is checked after resolution and the very address that was checked is connected to. Redirects are not
//! followed: they are the script's answer to look at. What a server says instead of 101 is handed back, cut to a bound.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use deno_core::url::{Host, Url};
use deno_fetch::dns::Resolver;
use deno_permissions::PermissionsContainer;
use http::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, HOST, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tower::Service as _;

use super::SocketIo;

/// What connecting needs of the host; clones share it.
#[derive(Clone)]
pub struct Connector {
    permissions: PermissionsContainer,
    resolver: Resolver,
    /// For HTTP.
    tls: Arc<ClientConfig>,
    /// For whatever a script speaks on a connection of its own.
    bare_tls: Arc<ClientConfig>,
}

/// What the server answered.
pub(in crate::isolate) struct Connected {
    /// Its status; 101 when there is a connection.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// What it says instead of 101.
    pub body: Bytes,
    /// The connection.
    pub io: Option<Box<dyn SocketIo>>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(in crate::isolate) enum ConnectError {
    #[error("the URL names no host")]
    NoHost,
    #[error("this address is not allowed by the egress policy")]
    Refused,
    #[error("the server could not be reached: {0}")]
    Io(#[from] io::Error),
    #[error("the server could not be reached in time")]
    TimedOut,
    #[error("the server does not speak HTTP: {0}")]
    Http(#[from] hyper::Error),
    #[error("the server's handshake is wrong: {0}")]
    Handshake(&'static str),
}

impl Connector {
    /// A connector under this egress policy, trusting the public authorities.
    #[must_use]
    pub fn new(permissions: PermissionsContainer) -> Self {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider knows the default versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let bare_tls = Arc::new(tls.clone());
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self { permissions, resolver: Resolver::gai(), tls: Arc::new(tls), bare_tls }
    }

    /// The same, with names that are resolved otherwise.
    #[cfg(test)]
    pub(in crate::isolate) fn resolving(self, resolver: Resolver) -> Self {
        Self { resolver, ..self }
    }

    /// A connection to the first address of `host` that answers; all of them must be allowed.
    pub(in crate::isolate) async fn tcp(&self, host: &Host<String>, port: u16) -> Result<TcpStream, ConnectError> {
        let addresses: Vec<SocketAddr> = match host {
            Host::Ipv4(ip) => vec![(*ip, port).into()],
            Host::Ipv6(ip) => vec![(*ip, port).into()],
            Host::Domain(domain) => self.resolved(domain, port).await?,
        };
        for address in &addresses {
            let allowed = self.permissions.clone().check_net_resolved(&address.ip(), port, "fetch()");
            allowed.map_err(|_| ConnectError::Refused)?;
        }
        let tcp = TcpStream::connect(addresses.as_slice()).await?;
        tcp.set_nodelay(true)?;
        Ok(tcp)
    }

    /// The addresses of a name, asked for once.
    async fn resolved(&self, domain: &str, port: u16) -> Result<Vec<SocketAddr>, ConnectError> {
        let name = domain.parse::<Name>().map_err(|_| ConnectError::NoHost)?;
        let found = self.resolver.clone().call(name).await?;
        Ok(found.map(|address| (address.ip(), port).into()).collect())
    }

    /// TLS on a connection, with a server that proves to be `host`.
    pub(in crate::isolate) async fn secured(
        &self,
        io: Box<dyn SocketIo>,
        host: &Host<String>,
    ) -> Result<Box<dyn SocketIo>, ConnectError> {
        let tls = TlsConnector::from(Arc::clone(&self.bare_tls));
        Ok(Box::new(tls.connect(server_name(host)?, io).await?))
    }

    async fn stream(&self, url: &Url) -> Result<Box<dyn SocketIo>, ConnectError> {
        let port = url.port_or_known_default().ok_or(ConnectError::NoHost)?;
        let secure = matches!(url.scheme(), "https" | "wss");
        let host = url.host().ok_or(ConnectError::NoHost)?.to_owned();
        let tcp = self.tcp(&host, port).await?;
        if !secure {
            return Ok(Box::new(tcp));
        }
        Ok(Box::new(TlsConnector::from(Arc::clone(&self.tls)).connect(server_name(&host)?, tcp).await?))
    }
}

/// The name that a server's certificate must have.
fn server_name(host: &Host<String>) -> Result<ServerName<'static>, ConnectError> {
    Ok(match host {
        Host::Ipv4(ip) => ServerName::IpAddress(std::net::IpAddr::V4(*ip).into()),
        Host::Ipv6(ip) => ServerName::IpAddress(std::net::IpAddr::V6(*ip).into()),
        Host::Domain(domain) => ServerName::try_from(domain.clone()).map_err(|_| ConnectError::NoHost)?,
    })
}

/// Connects to `url` and asks for a WebSocket with these headers.
///
/// # Errors
/// [`ConnectError`] when there is no answer, or it is a handshake that does not hold.
pub(in crate::isolate) async fn connect(
    connector: Connector,
    url: Url,
    headers: HeaderMap,
) -> Result<Connected, ConnectError> {
    tokio::time::timeout(CONNECTED_WITHIN, handshake(&connector, &url, headers))
        .await
        .unwrap_or(Err(ConnectError::TimedOut))
}

async fn handshake(connector: &Connector, url: &Url, headers: HeaderMap) -> Result<Connected, ConnectError> {
    let stream = connector.stream(url).await?;
    let (mut sender, connection) =
        http1::Builder::new().max_buf_size(HEAD_BYTES_MAX).handshake::<_, Empty<Bytes>>(TokioIo::new(stream)).await?;
    // Ends with the connection: when this future is dropped, or when the socket is.
    drop(deno_core::unsync::spawn(connection.with_upgrades()));
    let mut key = [0; 16];
    aws_lc_rs::rand::fill(&mut key).map_err(|_| ConnectError::Handshake("no randomness"))?;
    let key = STANDARD.encode(key);
    let request = request(url, headers, &key)?;
    let asked: Vec<HeaderValue> = request.headers().get_all(SEC_WEBSOCKET_PROTOCOL).iter().cloned().collect();
    let mut response = sender.send_request(request).await?;
    let (status, headers) = (response.status(), response.headers().clone());
    if status != StatusCode::SWITCHING_PROTOCOLS {
        let body = Limited::new(response.into_body(), REFUSAL_BYTES_MAX).collect().await;
        let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        return Ok(Connected { status, headers, body, io: None });
    }
    check(&response, &key, &asked).map_err(ConnectError::Handshake)?;
    let upgraded = hyper::upgrade::on(&mut response).await?;
    Ok(Connected { status, headers, body: Bytes::new(), io: Some(Box::new(TokioIo::new(upgraded))) })
}

fn request(url: &Url, mut headers: HeaderMap, key: &str) -> Result<Request<Empty<Bytes>>, ConnectError> {
    for name in [CONTENT_LENGTH, TRANSFER_ENCODING, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, ACCEPT_ENCODING] {
        headers.remove(name);
    }
    let host = url.host_str().ok_or(ConnectError::NoHost)?;
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| ConnectError::NoHost);
    headers.insert(HOST, value(&host)?);
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    headers.insert(SEC_WEBSOCKET_KEY, value(key)?);
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let mut request = Request::new(Empty::new());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = target.parse().map_err(|_| ConnectError::NoHost)?;
    *request.headers_mut() = headers;
    Ok(request)
}

/// RFC 6455, 4.1: what the server's answer must say.
fn check(response: &Response<Incoming>, key: &str, asked: &[HeaderValue]) -> Result<(), &'static str> {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !header(UPGRADE).eq_ignore_ascii_case("websocket") {
        return Err("no Upgrade: websocket");
    }
    if header(SEC_WEBSOCKET_ACCEPT) != accept_key(key) {
        return Err("another Sec-WebSocket-Accept");
    }
    if !header(SEC_WEBSOCKET_EXTENSIONS).is_empty() {
        return Err("an extension that was not asked for");
    }
    let protocol = header(SEC_WEBSOCKET_PROTOCOL);
    let offered = asked.iter().filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(','));
    if !protocol.is_empty() && !offered.map(str::trim).any(|offer| offer == protocol) {
        return Err("a protocol that was not asked for");
    }
    Ok(())
}

/// RFC 6455, 4.2.2: what proves that a key was read.
fn accept_key(key: &str) -> String {
    let mut hash = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    hash.update(key.as_bytes());
    hash.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    STANDARD.encode(hash.finish())
}

/// From the name to the answer.
const CONNECTED_WITHIN: Duration = Duration::from_secs(30);

/// The largest head of an answer.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// The longest answer that is handed back instead of a connection; a longer one is dropped.
const REFUSAL_BYTES_MAX: usize = 1 << 20;
