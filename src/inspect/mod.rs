//! The inspector of `eyot dev --inspect`: Chrome's DevTools protocol, from isolates to a WebSocket on loopback.
//!
//! [`InspectServer`] lists the isolates that run and passes messages between their V8 inspector and whoever connects. It
//! exists only where a developer asked for it: whoever reaches it runs code in the scripts. So it listens on loopback
//! alone, answers only requests whose `Host` is a loopback name (a web page cannot fake that by DNS), and each isolate's
//! path is a secret that only `/json` tells. Knows nothing of scripts or of V8.

mod http;
mod session;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::deployment::Deployment;
use crate::isolate::{Connect, Inspect, Inspected};

/// Lists inspected isolates and serves their debuggers.
pub struct InspectServer {
    address: SocketAddr,
    targets: Mutex<Vec<Target>>,
    connections: Arc<Semaphore>,
    own: Weak<InspectServer>,
}

/// One isolate that can be inspected.
#[derive(Clone)]
struct Target {
    id: String,
    title: String,
    connect: Connect,
}

/// Takes its target off the list when it is dropped.
struct Listed {
    id: String,
    server: Weak<InspectServer>,
}

impl Inspected for Listed {}

impl Drop for Listed {
    fn drop(&mut self) {
        if let Some(server) = self.server.upgrade() {
            server.targets.lock().retain(|target| target.id != self.id);
        }
    }
}

impl Inspect for InspectServer {
    fn appeared(&self, deployment: &Deployment, connect: Connect) -> Box<dyn Inspected> {
        let id = uuid::Uuid::new_v4().to_string();
        let title = format!("eyot: {}", deployment.script);
        self.targets.lock().push(Target { id: id.clone(), title, connect });
        Box::new(Listed { id, server: self.own.clone() })
    }
}

impl InspectServer {
    /// Binds a loopback address; port 0 picks a free one.
    ///
    /// # Errors
    /// When the address is not loopback, or in use.
    pub async fn bind(address: SocketAddr) -> io::Result<(Arc<Self>, TcpListener)> {
        if !address.ip().is_loopback() {
            let message = "the inspector listens on loopback addresses only: whoever reaches it can run code";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let server = Arc::new_cyclic(|own| Self {
            address,
            targets: Mutex::default(),
            connections: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
            own: own.clone(),
        });
        Ok((server, listener))
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is cancelled; debuggers are disconnected then.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, stop: CancellationToken) {
        let mut connections = tokio::task::JoinSet::new();
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                Some(_) = connections.join_next() => continue,
                accepted = listener.accept() => accepted,
            };
            let Ok((stream, _)) = accepted else {
                // Out of descriptors, most likely: not in a tight loop.
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            // One too many is closed at once.
            if let Ok(place) = Arc::clone(&self.connections).try_acquire_owned() {
                let server = Arc::clone(&self);
                connections.spawn(async move {
                    server.connection(stream).await;
                    drop(place);
                });
            }
        }
        connections.shutdown().await;
    }
}

/// Connections at once: a debugger has one, and looks at the list now and then.
const CONNECTIONS_MAX: usize = 32;

/// How long accepting rests after it failed.
const ACCEPT_PAUSE: std::time::Duration = std::time::Duration::from_millis(100);
