//! A connection between two isolates of this process, on which a WebSocket runs as on any other.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

use super::SocketIo;
use crate::isolate::body::Held;
use crate::isolate::gauge::MemoryGauge;

/// The caller's end: counted against its isolate for both directions.
struct NearEnd {
    io: DuplexStream,
    _held: Held,
}

/// Both ends, the caller's first; none when there is no memory for it.
pub(in crate::isolate) fn pipe(gauge: &Arc<MemoryGauge>) -> Option<(Box<dyn SocketIo>, Box<dyn SocketIo>)> {
    let held = Held::reserve(gauge, 2 * PIPE_BYTES as u64)?;
    let (io, far) = tokio::io::duplex(PIPE_BYTES);
    Some((Box::new(NearEnd { io, _held: held }), Box::new(far)))
}

impl AsyncRead for NearEnd {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, into)
    }
}

impl AsyncWrite for NearEnd {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

/// What may be on its way in one direction.
const PIPE_BYTES: usize = 16 << 10;
