//! A connection's socket, which another thread can shut down without a descriptor of its own.
//!
//! A thread that V8 has given up on is parked with everything that lives there, sockets included. A second descriptor for
//! each connection, to close it from outside then, would halve the connections that the limit of open files allows.

#![expect(unsafe_code, reason = "a number is not a borrowed descriptor, and the C library's shutdown takes numbers")]

use std::io::{self, IoSlice};
use std::os::fd::{AsRawFd as _, RawFd};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A connection's socket.
pub(super) struct Socket {
    // Fields are dropped in this order: no number is known whose file is closed.
    _known: Option<Known>,
    tcp: TcpStream,
}

/// Where a socket can be reached from while it is open.
#[derive(Clone, Default)]
pub(super) struct Outside(Arc<Mutex<Option<RawFd>>>);

/// Forgets the number.
struct Known(Outside);

impl Socket {
    /// A socket that `outside` reaches.
    pub(super) fn reached_by(tcp: TcpStream, outside: Outside) -> Self {
        *outside.0.lock() = Some(tcp.as_raw_fd());
        Self { _known: Some(Known(outside)), tcp }
    }

    /// The socket itself.
    pub(super) fn tcp(&self) -> &TcpStream {
        &self.tcp
    }

    /// The socket alone, out of reach.
    pub(super) fn into_tcp(self) -> TcpStream {
        self.tcp
    }
}

impl From<TcpStream> for Socket {
    fn from(tcp: TcpStream) -> Self {
        Self { _known: None, tcp }
    }
}

impl Outside {
    /// Ends both directions, if the socket is open.
    pub(super) fn shut_down(&self) {
        let number = self.0.lock();
        if let Some(fd) = *number {
            // SAFETY: `shutdown` reads no memory of ours. The number is of an open socket: `Known` takes it away, under this
            // lock, before the socket is closed.
            // It fails when the peer is gone, which is as well.
            let _ = unsafe { libc::shutdown(fd, libc::SHUT_RDWR) };
        }
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        *self.0.0.lock() = None;
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;

    use super::*;

    /// What is reached from outside ends for both sides; what is closed is nobody's any more.
    #[tokio::test]
    async fn a_socket_is_reached_while_it_is_open() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("an address");
        let mut client = TcpStream::connect(address).await.expect("connects");
        let (accepted, _) = listener.accept().await.expect("accepts");
        let outside = Outside::default();
        let mut socket = Socket::reached_by(accepted, outside.clone());
        outside.shut_down();
        assert_eq!(socket.read(&mut [0; 1]).await.expect("reads"), 0);
        assert_eq!(client.read(&mut [0; 1]).await.expect("reads"), 0);
        drop(socket);
        assert_eq!(*outside.0.lock(), None);
        outside.shut_down();
    }
}
