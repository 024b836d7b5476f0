//! The listener through real sockets and real TLS: a handler with one behaviour per path, and clients to attack it with.

mod drain;
mod http;
mod tls;

use std::error::Error;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures::stream;
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::sync::CancellationToken;

use super::*;

/// A script's name that is served, one beside it, and one that nobody has.
const HOST: &str = "hello.demo.localhost";
const STRANGER: &str = "stranger.example.com";

/// No wait in these tests is longer.
const PATIENCE: Duration = Duration::from_secs(20);

const CHUNK: Bytes = Bytes::from_static(&[b'x'; 16 << 10]);

/// What tests see of the handler, and hold it up with.
struct Probe {
    /// Gets a permit for each request begun.
    begun: Semaphore,
    /// `/wait` and `/collect` take a permit before they go on.
    gate: Semaphore,
    /// Chunks that `/endless` was asked for.
    chunks: AtomicU64,
}

#[derive(Clone)]
struct Echo(Arc<Probe>);

type EchoBody = UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>;

fn text(text: impl Into<Bytes>) -> EchoBody {
    Full::new(text.into()).map_err(|never| match never {}).boxed_unsync()
}

impl Handle for Echo {
    type Body = EchoBody;

    async fn handle(
        self: Arc<Self>,
        request: ::http::Request<RequestBody>,
        connection: Arc<Connection>,
    ) -> ::http::Response<EchoBody> {
        let probe = Arc::clone(&self.0);
        probe.begun.add_permits(1);
        let body = match request.uri().path() {
            "/echo" => request.into_body().map_err(Into::into).boxed_unsync(),
            "/collect" => {
                probe.gate.acquire().await.expect("stays open").forget();
                let collected = request.into_body().collect().await.expect("arrives whole");
                text(collected.to_bytes().len().to_string())
            }
            "/wait" => {
                probe.gate.acquire().await.expect("stays open").forget();
                text("waited")
            }
            "/endless" => {
                let frames = stream::repeat_with(move || {
                    probe.chunks.fetch_add(1, Ordering::Relaxed);
                    Ok(Frame::data(CHUNK))
                });
                StreamBody::new(frames).boxed_unsync()
            }
            "/panic" => panic!("a bug"),
            _ => text(format!("{:?} {} {}", request.version(), connection.tls_version, connection.tls_cipher)),
        };
        ::http::Response::new(body)
    }
}

/// A running listener.
struct Node {
    address: SocketAddr,
    counters: Arc<Counters>,
    certificates: Arc<Certificates>,
    probe: Arc<Probe>,
    drain: CancellationToken,
    run: JoinHandle<Drained>,
    dir: TempDir,
}

impl Node {
    async fn start() -> Self {
        Self::start_with(ListenerConfig::default(), Vec::new(), Duration::from_secs(30)).await
    }

    async fn start_with(config: ListenerConfig, files: Vec<CertificateFiles>, drain_for: Duration) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let source = CertificateSource {
            domain: "localhost".to_owned(),
            files,
            authority: Some(Authority::open(dir.path(), SystemTime::now()).expect("opens")),
            host_known: Arc::new(|name| name.ends_with(".demo.localhost")),
        };
        let certificates = Arc::new(Certificates::load(source, SystemTime::now()).expect("loads"));
        let config = ListenerConfig { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..config };
        let counters = Arc::new(Counters::default());
        let listener = Listener::bind(config, Arc::clone(&certificates), Arc::clone(&counters), None).expect("binds");
        let address = listener.local_addr();
        let probe = Arc::new(Probe { begun: Semaphore::new(0), gate: Semaphore::new(0), chunks: AtomicU64::new(0) });
        let drain = CancellationToken::new();
        let run = tokio::spawn(listener.run(Echo(Arc::clone(&probe)), drain.clone(), drain_for));
        Self { address, counters, certificates, probe, drain, run, dir }
    }

    /// Trusts the local authority and nothing else.
    fn client_config(&self, alpn: &[&str]) -> ClientConfig {
        let pem = fs::read(self.dir.path().join("ca.pem")).expect("is written");
        client_config(CertificateDer::from_pem_slice(&pem).expect("a certificate"), alpn)
    }

    /// An HTTP client that speaks this protocol only.
    fn client(&self, protocol: Protocol) -> reqwest::Client {
        let alpn = if protocol == Protocol::Http2 { "h2" } else { "http/1.1" };
        reqwest::Client::builder()
            .tls_backend_preconfigured(self.client_config(&[alpn]))
            .resolve(HOST, self.address)
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .expect("a client")
    }

    fn url(&self, path: &str) -> String {
        format!("https://{HOST}:{}{path}", self.address.port())
    }

    async fn tls(&self, host: &str) -> std::io::Result<TlsStream<TcpStream>> {
        connect(self.address, host, self.client_config(&["http/1.1"])).await
    }

    /// Sends these bytes over TLS and reads until the connection ends.
    async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = self.tls(HOST).await.expect("shakes hands");
        // A server may answer before everything was sent.
        let _ = stream.write_all(bytes).await;
        read_to_end(&mut stream).await
    }

    async fn stop(self) -> Drained {
        self.drain.cancel();
        tokio::time::timeout(PATIENCE, self.run).await.expect("ends").expect("does not panic")
    }
}

fn client_config(root: CertificateDer<'static>, alpn: &[&str]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(root).expect("a root");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    config
}

async fn connect(address: SocketAddr, host: &str, config: ClientConfig) -> std::io::Result<TlsStream<TcpStream>> {
    let tcp = TcpStream::connect(address).await?;
    let name = ServerName::try_from(host.to_owned()).expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, tcp).await
}

/// Reads what there is; a reset ends it, too.
async fn read_to_end(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the connection ends");
    if let Err(error) = read {
        bytes.extend_from_slice(format!(" [{error}]").as_bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Samples a count until it stays as it is.
async fn settled(count: impl Fn() -> u64) -> u64 {
    let mut last = count();
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let now = count();
        if now == last && now > 0 {
            return now;
        }
        last = now;
    }
}

/// Waits until something becomes true.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + PATIENCE;
    while !holds() {
        assert!(std::time::Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
