//! The admin listener: accepts connections and runs the router on them until it is told to stop.
//!
//! Promises that plain HTTP is spoken on loopback only, that connections are bounded in number, that one which sends
//! nothing is closed, and that stopping waits for running calls no longer than it was told. Knows nothing of the calls.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::tails::Peer;
use crate::listener::FirstRequest;

/// How the admin API listens.
#[derive(Debug, Clone)]
pub enum Transport {
    /// Plain HTTP, for loopback addresses only.
    Plain,
    /// TLS with this configuration.
    Tls(Arc<rustls::ServerConfig>),
}

/// Why the admin API does not listen.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Tokens would travel in the clear.
    #[error("serve the admin API without TLS on {address}: plain HTTP is for loopback addresses only")]
    PlainBeyondLoopback {
        /// Where it was to listen.
        address: SocketAddr,
    },
    /// The socket is not usable.
    #[error("read the admin listener's address: {0}")]
    Socket(#[from] io::Error),
}

/// Serves `router` on `listener` until `stop` is cancelled; running calls then get `drain_time_max`.
///
/// # Errors
/// [`ServeError`] before the first connection is accepted; never after.
pub async fn serve(
    listener: TcpListener,
    transport: Transport,
    router: Router,
    stop: CancellationToken,
    drain_time_max: Duration,
) -> Result<(), ServeError> {
    let address = listener.local_addr()?;
    if matches!(transport, Transport::Plain) && !address.ip().is_loopback() {
        return Err(ServeError::PlainBeyondLoopback { address });
    }
    let shell = Connections { transport, router, stop, drain_time_max };
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let tasks = TaskTracker::new();
    while let Some((stream, from, place)) = next_connection(&listener, &places, &shell.stop).await {
        let shell = shell.clone();
        tasks.spawn(async move {
            let _place = place;
            shell.run(stream, from).await;
        });
    }
    drop(listener);
    tasks.close();
    tasks.wait().await;
    Ok(())
}

/// What every connection is run with.
#[derive(Debug, Clone)]
struct Connections {
    transport: Transport,
    router: Router,
    stop: CancellationToken,
    drain_time_max: Duration,
}

impl Connections {
    /// Runs one connection to its end, or to the end of the drain time.
    async fn run(&self, stream: TcpStream, address: IpAddr) {
        match &self.transport {
            Transport::Plain => self.speak_http(stream, Peer { address, is_tls: false }).await,
            Transport::Tls(config) => {
                let handshake = TlsAcceptor::from(Arc::clone(config)).accept(stream);
                tokio::select! {
                    () = self.stopped_for(FirstRequest::WITHIN) => {}
                    shaken = tokio::time::timeout(HANDSHAKE_TIME_MAX, handshake) => match shaken {
                        Ok(Ok(stream)) => self.speak_http(stream, Peer { address, is_tls: true }).await,
                        Ok(Err(error)) => tracing::debug!(%error, "admin TLS handshake failed"),
                        Err(_) => tracing::debug!("admin TLS handshake took too long"),
                    }
                }
            }
        }
    }

    async fn speak_http(&self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, peer: Peer) {
        let router = TowerToHyperService::new(self.router.clone());
        let first = FirstRequest::default();
        let asks = first.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            asks.came();
            request.extensions_mut().insert(peer);
            router.call(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIME_MAX)
            .max_buf_size(HEADER_BYTES_MAX)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = first.come_or_stop(&self.stop) => {
                connection.as_mut().graceful_shutdown();
                match tokio::time::timeout(self.drain_time_max, connection).await {
                    Ok(ended) => ended,
                    Err(_) => return tracing::warn!("an admin call did not end within the drain time"),
                }
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "admin connection ended");
        }
    }

    /// Resolves so long after it was time to stop.
    async fn stopped_for(&self, time: Duration) {
        self.stop.cancelled().await;
        tokio::time::sleep(time).await;
    }
}

/// The next connection and its place among the bounded number, or `None` when it is time to stop.
async fn next_connection(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<(TcpStream, IpAddr, OwnedSemaphorePermit)> {
    loop {
        let place = tokio::select! {
            () = stop.cancelled() => return None,
            place = Arc::clone(places).acquire_owned() => place.ok()?,
        };
        tokio::select! {
            () = stop.cancelled() => return None,
            accepted = listener.accept() => match accepted {
                Ok((stream, from)) => return Some((stream, from.ip(), place)),
                // Out of descriptors, or a client that left at once: neither is worth the listener, but accepting
                // again at once would spin on the former.
                Err(error) => {
                    tracing::warn!(%error, "accept an admin connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}

/// Connections open at once; more wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 256;

/// How long a TLS handshake may take.
const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(10);

/// How long a request's headers may take to arrive, the first ones and each after an answer.
const HEADER_TIME_MAX: Duration = Duration::from_secs(60);

/// Headers of one request together. Bodies do not count.
const HEADER_BYTES_MAX: usize = 64 << 10;

/// Pause after an accept that failed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// Binds the wildcard address without TLS.
    #[tokio::test]
    async fn plain_http_is_refused_beyond_loopback() {
        let listener = TcpListener::bind("0.0.0.0:0").await.expect("binds");
        let served =
            serve(listener, Transport::Plain, Router::new(), CancellationToken::new(), Duration::from_secs(1)).await;
        assert!(matches!(served, Err(ServeError::PlainBeyondLoopback { .. })));
    }

    /// Speaks TLS with a client that trusts the certificate, while another one sends plain HTTP.
    #[tokio::test]
    async fn with_tls_a_plain_client_disturbs_nobody() {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
        let provider = || Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let key = rustls::pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let server = rustls::ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key.into())
            .expect("a configuration");
        let mut roots = rustls::RootCertStore::empty();
        roots.add(made.cert.der().clone()).expect("a root");
        let client = rustls::ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let router = Router::new().route("/", axum::routing::get(async || "hello"));
        let transport = Transport::Tls(Arc::new(server));
        let served = tokio::spawn(serve(listener, transport, router, stop.clone(), Duration::from_secs(60)));
        let mut plain = TcpStream::connect(address).await.expect("connects");
        plain.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("writes");
        let mut answer = Vec::new();
        // An alert, a closed or a reset connection: anything but an answer.
        let _ = plain.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
        let name = "localhost".try_into().expect("a name");
        let stream = TcpStream::connect(address).await.expect("connects");
        let mut stream =
            tokio_rustls::TlsConnector::from(Arc::new(client)).connect(name, stream).await.expect("shakes hands");
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("writes");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("reads");
        assert!(answer.ends_with("hello"), "{answer}");
        stop.cancel();
        served.await.expect("no panic").expect("serves");
    }

    /// Stops while one connection idles, one has yet to ask and another one's call runs.
    #[tokio::test]
    async fn stopping_waits_for_running_calls_and_first_ones_and_not_for_idle_connections() {
        let started = Arc::new(tokio::sync::Notify::new());
        let finish = Arc::new(tokio::sync::Notify::new());
        let (on_start, on_finish) = (Arc::clone(&started), Arc::clone(&finish));
        let slow = axum::routing::get(move || async move {
            on_start.notify_one();
            on_finish.notified().await;
            "done"
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let quick = axum::routing::get(|| async { "quick" });
        let router = Router::new().route("/slow", slow).route("/quick", quick);
        let served = tokio::spawn(serve(listener, Transport::Plain, router, stop.clone(), Duration::from_secs(60)));
        let mut idle = TcpStream::connect(address).await.expect("connects");
        idle.write_all(b"GET /quick HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("writes");
        assert!(idle.read(&mut [0; 1_000]).await.expect("reads") > 0);
        let mut late = TcpStream::connect(address).await.expect("connects");
        let mut busy = TcpStream::connect(address).await.expect("connects");
        busy.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("writes");
        started.notified().await;
        stop.cancel();
        late.write_all(b"GET /quick HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("writes");
        let mut answer = String::new();
        late.read_to_string(&mut answer).await.expect("reads");
        assert!(answer.ends_with("quick"), "{answer}");
        idle.read_to_end(&mut Vec::new()).await.expect("ends");
        finish.notify_one();
        let mut answer = String::new();
        busy.read_to_string(&mut answer).await.expect("reads to the end");
        assert!(answer.ends_with("done"), "{answer}");
        served.await.expect("no panic").expect("serves");
    }
}
