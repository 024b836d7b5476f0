//! A byte stream whose bytes count against the isolate's memory cap until the message they belong to is complete.
//!
//! The protocol library gathers a message's frames where nobody sees them; what it has been given since the last complete
//! message is a bound of what it holds, save for one read's worth of the next message.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::SocketIo;
use crate::isolate::gauge::MemoryGauge;

/// Bytes read and not yet part of a complete message.
pub(super) struct Gathered {
    gauge: Arc<MemoryGauge>,
    bytes: Cell<u64>,
}

impl Gathered {
    pub(super) fn new(gauge: Arc<MemoryGauge>) -> Rc<Self> {
        Rc::new(Self { gauge, bytes: Cell::new(0) })
    }

    /// A message is complete: whoever has it now counts it.
    pub(super) fn clear(&self) {
        self.gauge.release(self.bytes.replace(0));
    }

    fn add(&self, bytes: u64) -> io::Result<()> {
        if !self.gauge.reserve(bytes) {
            return Err(io::Error::new(io::ErrorKind::OutOfMemory, "the message does not fit under the memory cap"));
        }
        self.bytes.set(self.bytes.get() + bytes);
        Ok(())
    }
}

impl Drop for Gathered {
    fn drop(&mut self) {
        self.clear();
    }
}

/// The stream.
pub(super) struct CountedIo {
    io: Box<dyn SocketIo>,
    gathered: Rc<Gathered>,
}

impl CountedIo {
    pub(super) fn new(io: Box<dyn SocketIo>, gathered: Rc<Gathered>) -> Self {
        Self { io, gathered }
    }

    /// Reads and forgets until the other side ends.
    pub(super) fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut scratch = [0; 4 << 10];
        loop {
            let mut buffer = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut self.io).poll_read(cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {}
                _ => return Poll::Ready(()),
            }
        }
    }
}

impl AsyncRead for CountedIo {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        let read = buf.filled().len() - before;
        Poll::Ready(self.gathered.add(read as u64))
    }
}

impl AsyncWrite for CountedIo {
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
