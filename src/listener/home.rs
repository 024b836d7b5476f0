//! Homes: threads other than the accepting ones, on which a connection is served from the end of its handshake on.
//!
//! The handler names a home when it knows from the TLS server name alone whose requests will come. A connection's work then
//! happens where its requests run, and no request has to change threads. What is at home on a thread ends with it: a home
//! that is lost for good takes its connections along, and [`Home::host`] closes their sockets from outside.

use std::any::Any;
use std::future::Future;
use std::io;

use tokio::net::TcpStream;
use tokio::runtime::Handle as Runtime;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::socket::{Outside, Socket};

/// Where a connection may live.
pub struct Home {
    /// The thread's executor.
    pub runtime: Runtime,
    /// Cancelled when the thread will never run again.
    pub lost: CancellationToken,
    /// Kept for as long as the connection lives there.
    pub guest: Box<dyn Any + Send>,
}

/// A connection's task on another thread; ends with this value.
struct Moved(JoinHandle<()>);

impl Drop for Moved {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Home {
    /// Serves there what `serve` makes of the socket, and waits for it. Dropping the future ends it.
    ///
    /// # Errors
    /// When the socket cannot be taken from here to there.
    pub(super) async fn host<S, F>(self, socket: Socket, serve: S) -> io::Result<()>
    where
        S: FnOnce(Socket) -> F + Send + 'static,
        F: Future<Output = ()> + Send,
    {
        let tcp = socket.into_tcp().into_std()?;
        let outside = Outside::default();
        let reached_by = outside.clone();
        let guest = self.guest;
        let mut moved = Moved(self.runtime.spawn(async move {
            let _guest = guest;
            // The socket belongs to the executor that polls it.
            match TcpStream::from_std(tcp) {
                Ok(tcp) => serve(Socket::reached_by(tcp, reached_by)).await,
                Err(error) => tracing::warn!(%error, "failed to take a connection to its slot"),
            }
        }));
        tokio::select! {
            ended = &mut moved.0 => {
                if let Err(error) = ended && error.is_panic() {
                    tracing::error!(%error, "connection panicked");
                }
                Ok(())
            }
            // The thread cannot be asked for its own any more.
            () = self.lost.cancelled() => {
                outside.shut_down();
                Ok(())
            }
        }
    }
}
