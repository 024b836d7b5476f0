//! The clients of the tests: HTTP over TLS that trusts the node's authority and finds every name at the node, and raw
//! sockets for what no well-behaved client sends.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Once};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{Node, PATIENCE};

/// A client with the defaults: HTTP/2 where the node offers it.
pub(crate) fn client(node: &Arc<Node>) -> reqwest::Client {
    client_with(node, |builder| builder)
}

/// A client that trusts the node's authority only and finds every name at 127.0.0.1, with changes.
pub(crate) fn client_with(
    node: &Arc<Node>,
    change: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
) -> reqwest::Client {
    install_provider();
    let pem = std::fs::read(node.ca()).expect("the authority's certificate");
    let certificate = reqwest::Certificate::from_pem(&pem).expect("a certificate");
    let builder = reqwest::Client::builder()
        .tls_certs_only([certificate])
        .dns_resolver(Arc::new(EverythingIsHere))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .pool_idle_timeout(IDLE)
        .timeout(PATIENCE);
    change(builder).build().expect("a client")
}

/// A TLS connection on which a test writes HTTP/1.1 by hand.
pub(crate) struct TlsSocket(TlsStream<TcpStream>);

impl TlsSocket {
    /// Connects and shakes hands, naming this server.
    pub(crate) async fn connect(node: &Arc<Node>, server_name: &str) -> io::Result<Self> {
        Self::connect_with(node, server_name, b"http/1.1").await
    }

    /// The same for another protocol of ALPN.
    pub(crate) async fn connect_with(node: &Arc<Node>, server_name: &str, protocol: &[u8]) -> io::Result<Self> {
        install_provider();
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(node.ca()).expect("the authority's certificate") {
            roots.add(certificate.expect("a certificate")).expect("a usable certificate");
        }
        let mut config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let name = ServerName::try_from(server_name.to_owned()).expect("a server name");
        let socket = TcpStream::connect(node.edge).await?;
        let connecting = TlsConnector::from(Arc::new(config)).connect(name, socket);
        tokio::time::timeout(PATIENCE, connecting).await.expect("the handshake ends").map(Self)
    }

    /// Sends these bytes.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).await.expect("the node reads");
    }

    /// Sends these bytes; a node that has answered and closed may not want them any more.
    pub(crate) async fn try_send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let sending = async {
            self.0.write_all(bytes).await?;
            self.0.flush().await
        };
        tokio::time::timeout(PATIENCE, sending).await.expect("the node reads in time")
    }

    /// Reads until what came holds this text, and gives all of it.
    pub(crate) async fn read_until(&mut self, wanted: &str) -> String {
        let mut seen = Vec::new();
        let reading = async {
            let mut chunk = [0; 4096];
            while !String::from_utf8_lossy(&seen).contains(wanted) {
                let count = self.0.read(&mut chunk).await.unwrap_or(0);
                let so_far = String::from_utf8_lossy(&seen).into_owned();
                assert!(count > 0, "the connection ended before {wanted:?}: {so_far:?}");
                seen.extend_from_slice(&chunk[..count]);
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.unwrap_or_else(|_| panic!("no {wanted:?} in time"));
        String::from_utf8_lossy(&seen).into_owned()
    }

    /// Reads to the end of a response's head, and not a byte further.
    pub(crate) async fn read_head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.extend(self.read_exact(1).await.unwrap_or_else(|| panic!("no head: {head:?}")));
        }
        String::from_utf8(head).expect("a head is text")
    }

    /// Reads so many bytes; none when the node closes before.
    pub(crate) async fn read_exact(&mut self, count: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; count];
        let read = tokio::time::timeout(PATIENCE, self.0.read_exact(&mut bytes)).await.expect("the node sends");
        read.is_ok().then_some(bytes)
    }

    /// The connection itself.
    pub(crate) fn into_stream(self) -> TlsStream<TcpStream> {
        self.0
    }

    /// Reads what comes next, and how many bytes that was; none at the end, however it ended.
    pub(crate) async fn read_more(&mut self, seen: &mut Vec<u8>) -> usize {
        let reading = tokio::time::timeout(PATIENCE, self.0.read_buf(seen));
        reading.await.expect("the node answers or closes").unwrap_or(0)
    }

    /// Reads until the node closes.
    pub(crate) async fn read_to_end(&mut self) -> String {
        let mut seen = Vec::new();
        // A node that closes without a TLS goodbye gives an error after the bytes; the bytes are what counts.
        let _ = tokio::time::timeout(PATIENCE, self.0.read_to_end(&mut seen)).await.expect("the node closes");
        String::from_utf8_lossy(&seen).into_owned()
    }
}

/// A connection without TLS to the TLS port.
pub(crate) struct PlainSocket;

impl PlainSocket {
    /// Sends these bytes and reads until the node closes.
    pub(crate) async fn exchange(node: &Arc<Node>, bytes: &[u8]) -> String {
        let mut socket = TcpStream::connect(node.edge).await.expect("connects");
        socket.write_all(bytes).await.expect("the node reads");
        let mut seen = Vec::new();
        // A reset after the answer is as good as a close.
        let _ = tokio::time::timeout(PATIENCE, socket.read_to_end(&mut seen)).await.expect("the node closes");
        String::from_utf8_lossy(&seen).into_owned()
    }
}

/// Resolves every name to this machine, as `*.localhost` is meant to be; the URL has the port.
struct EverythingIsHere;

impl Resolve for EverythingIsHere {
    fn resolve(&self, _name: Name) -> Resolving {
        let here: Addrs = Box::new(std::iter::once(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))));
        Box::pin(std::future::ready(Ok(here)))
    }
}

/// Connections are given up soon: a thousand tenants' clients must not hold a thousand sockets.
const IDLE: Duration = Duration::from_secs(1);

fn install_provider() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        rustls::crypto::aws_lc_rs::default_provider().install_default().expect("nobody else installs one");
    });
}
