//! The accept loop and the drain.
//!
//! Binding and running are apart, so that the real address is known before the first connection is taken. Every connection
//! is a task that the loop owns: when the loop ends, none is left.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::backoff::{AcceptTrouble, Backoff};
use super::caps::{Caps, Full, Seat};
use super::counters::{Counters, Raised, count};
use super::handshake::{self, Greeting, HandshakeError};
use super::serve::{End, Server};
use super::suites::Suites;
use super::{Certificates, Handle, ListenerConfig, Protocol};

/// A bound socket, not yet accepting.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    local: SocketAddr,
    door: Arc<Door>,
    caps: Arc<Mutex<Caps>>,
}

/// Why there is no listener.
#[derive(Debug, thiserror::Error)]
pub enum ListenerError {
    /// The address is taken, not ours, or not allowed to us.
    #[error("listen on {address}: {source}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The TLS library does not work here.
    #[error("set up TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// How a drain went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Requests that ran when the drain began.
    pub running: u64,
    /// Requests that had not ended at the deadline and were dropped.
    pub dropped: u64,
}

/// What every connection goes through.
#[derive(Debug)]
struct Door {
    config: ListenerConfig,
    certificates: Arc<Certificates>,
    suites: Suites,
    server: Server,
    counters: Arc<Counters>,
}

impl Listener {
    /// Binds the socket, or takes one that listens already; must run inside a Tokio runtime. Connections queue until
    /// [`Listener::run`].
    ///
    /// # Errors
    /// [`ListenerError`] when the address cannot be had.
    pub fn bind(
        config: ListenerConfig,
        certificates: Arc<Certificates>,
        counters: Arc<Counters>,
        inherited: Option<std::net::TcpListener>,
    ) -> Result<Self, ListenerError> {
        let tls = handshake::tls_config(Arc::clone(&certificates), &[Protocol::Http2, Protocol::Http1])?;
        let suites = Suites::new(&tls);
        let address = config.listen;
        let socket = match inherited {
            Some(socket) => inherit(socket),
            None => bind(address),
        };
        let socket = socket.map_err(|source| ListenerError::Bind { address, source })?;
        let local = socket.local_addr().map_err(|source| ListenerError::Bind { address, source })?;
        let caps = Arc::new(Mutex::new(Caps::new(config.connections_max, config.connections_per_address_max)));
        let server = Server::new(&config, Arc::clone(&counters));
        let door = Arc::new(Door { config, certificates, suites, server, counters });
        Ok(Self { socket, local, door, caps })
    }

    /// The real address, also when port 0 was asked for.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The socket once more: as long as it is held, connections queue even after the drain.
    ///
    /// # Errors
    /// When the process has no descriptor left.
    pub fn socket(&self) -> io::Result<OwnedFd> {
        self.socket.as_fd().try_clone_to_owned()
    }

    /// Accepts and serves until `drain` is cancelled, then takes no more connections, tells those that are open to close,
    /// gives what runs `drain_for` to end, and drops the rest. Dropping the future drops everything at once.
    pub async fn run<H: Handle>(self, handler: H, drain: CancellationToken, drain_for: Duration) -> Drained {
        let handler = Arc::new(handler);
        let mut connections = JoinSet::new();
        let mut backoff = Backoff::default();
        loop {
            tokio::select! {
                biased;
                () = drain.cancelled() => break,
                Some(ended) = connections.join_next() => report(ended),
                (tcp, peer) = self.next(&mut backoff) => {
                    let Some(seat) = self.seat(peer) else { continue };
                    let (door, handler, drain) = (Arc::clone(&self.door), Arc::clone(&handler), drain.clone());
                    connections.spawn(async move {
                        door.pass(tcp, peer, handler, drain).await;
                        drop(seat);
                    });
                }
            }
        }
        let counters = Arc::clone(&self.door.counters);
        drop(self.socket);
        let running = counters.snapshot().requests_running;
        let all_ended = async {
            while let Some(ended) = connections.join_next().await {
                report(ended);
            }
        };
        let in_time = timeout(drain_for, all_ended).await.is_ok();
        let dropped = if in_time { 0 } else { counters.snapshot().requests_running };
        connections.shutdown().await;
        Drained { running, dropped }
    }

    /// The next connection. Cancel-safe: a pause that is cut short goes on at the next call.
    async fn next(&self, backoff: &mut Backoff) -> (TcpStream, SocketAddr) {
        loop {
            if let Some(resume_at) = backoff.resume_at() {
                sleep_until(resume_at).await;
            }
            match self.socket.accept().await {
                Ok(accepted) => {
                    backoff.worked();
                    return accepted;
                }
                Err(error) => {
                    if backoff.failed(&error, Instant::now()) == AcceptTrouble::System {
                        count(&self.door.counters.accepts_failed);
                        tracing::warn!(%error, "accept connection");
                    }
                }
            }
        }
    }

    fn seat(&self, peer: SocketAddr) -> Option<(Seat, Raised)> {
        let counters = &self.door.counters;
        match Seat::take(&self.caps, peer.ip()) {
            Ok(seat) => {
                count(&counters.connections_accepted);
                Some((seat, Raised::new(counters, |counters| &counters.connections_open)))
            }
            Err(full) => {
                count(match full {
                    Full::Node => &counters.connections_refused_node,
                    Full::Address => &counters.connections_refused_address,
                });
                tracing::debug!(%peer, ?full, "connection refused");
                None
            }
        }
    }
}

impl Door {
    /// A connection's whole life, on this thread or, from the client's first message on, at a home.
    async fn pass<H: Handle>(
        self: Arc<Self>,
        tcp: TcpStream,
        peer: SocketAddr,
        handler: Arc<H>,
        drain: CancellationToken,
    ) {
        let deadline = Instant::now() + self.config.handshake_timeout;
        let greeting = async {
            tcp.set_nodelay(true)?;
            handshake::greet(tcp, &self.certificates).await
        };
        let Some(greeting) = self.in_time(greeting, deadline, peer).await else { return };
        let Some(home) = greeting.server_name().and_then(|name| handler.home(name)) else {
            return self.serve(greeting, peer, deadline, handler, drain).await;
        };
        let (heard, socket) = greeting.apart();
        let door = Arc::clone(&self);
        let hosted = home.host(socket, move |socket| async move {
            door.serve(heard.on(socket), peer, deadline, handler, drain).await;
        });
        if let Err(error) = hosted.await {
            tracing::debug!(%peer, %error, "connection not taken to its slot");
        }
    }

    /// The rest of a connection's life.
    async fn serve<H: Handle>(
        &self,
        greeting: Greeting,
        peer: SocketAddr,
        deadline: Instant,
        handler: Arc<H>,
        drain: CancellationToken,
    ) {
        let shaken = greeting.finish(&self.suites, peer);
        let Some((stream, connection)) = self.in_time(shaken, deadline, peer).await else { return };
        match self.server.serve(stream, connection, handler, drain).await {
            End::Closed => {}
            End::Broken(error) => tracing::debug!(%peer, %error, "connection broke"),
            End::Dropped => tracing::debug!(%peer, "connection dropped"),
        }
    }

    /// What a step of the handshake gives, if it gives anything before the deadline and before the node drains.
    async fn in_time<T>(
        &self,
        step: impl Future<Output = Result<T, HandshakeError>>,
        deadline: Instant,
        peer: SocketAddr,
    ) -> Option<T> {
        // Also while the node drains: the connection was accepted, and may ask once.
        let taken = timeout_at(deadline, step).await;
        match taken.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into())) {
            Ok(taken) => Some(taken),
            Err(error) => {
                self.note(peer, &error);
                None
            }
        }
    }

    fn note(&self, peer: SocketAddr, error: &HandshakeError) {
        count(match error {
            HandshakeError::PlainHttp => &self.counters.handshakes_plain_http,
            HandshakeError::UnknownName(_) => &self.counters.handshakes_unknown_name,
            HandshakeError::Failed(_) => &self.counters.handshakes_failed,
        });
        tracing::debug!(%peer, %error, "handshake refused");
    }
}

fn inherit(socket: std::net::TcpListener) -> io::Result<TcpListener> {
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket)
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// A panic ends the connection it happened on and nothing else; it is a bug all the same.
fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "connection panicked");
    }
}

/// Connections the system may hold for us; it caps this at net.core.somaxconn.
const BACKLOG: u32 = 4_096;
