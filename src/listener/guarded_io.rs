//! The stream that hyper reads from and writes to, watched.
//!
//! Notes in the connection's [`Pulse`] when bytes come in, and has them followed: a byte of an HTTP/1 head that must not be
//! taken is replaced by one that hyper answers with 400, and an HTTP/2 flood breaks the connection. Fails a write that makes no progress for too long. Closes in
//! two steps when the client may still be sending: our side first, then for a while it reads and throws away, because
//! closing a socket with unread bytes makes the system reset it, and a reset takes back what the client has not read yet.
//! Knows nothing of HTTP or TLS.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep, sleep};

use super::Protocol;
use super::frames::Frames;
use super::pulse::{Inbound, Pulse};
use super::wire::Wire;
use crate::limits::coarse_now;

/// A stream and what is known of it.
#[derive(Debug)]
pub(super) struct GuardedIo<I> {
    io: I,
    pulse: Arc<Mutex<Pulse>>,
    follower: Follower,
    write_stall: Duration,
    linger: Duration,
    /// Runs while a write makes no progress.
    stalled: Option<Pin<Box<Sleep>>>,
    ending: Ending,
    /// Dropped with the stream, whoever holds it by then.
    _alive: oneshot::Sender<Infallible>,
}

/// What follows the bytes that come in.
#[derive(Debug)]
enum Follower {
    Http1(Box<Wire>),
    Http2(Frames),
}

#[derive(Debug)]
enum Ending {
    Open,
    Lingering(Pin<Box<Sleep>>),
    Done,
}

impl<I> GuardedIo<I> {
    pub(super) fn new(
        io: I,
        protocol: Protocol,
        pulse: Arc<Mutex<Pulse>>,
        write_stall: Duration,
        linger: Duration,
        alive: oneshot::Sender<Infallible>,
    ) -> Self {
        let follower = match protocol {
            Protocol::Http1 => Follower::Http1(Box::new(Wire::new())),
            Protocol::Http2 => Follower::Http2(Frames::new(Instant::now())),
        };
        Self { io, pulse, follower, write_stall, linger, stalled: None, ending: Ending::Open, _alive: alive }
    }

    fn wrote(&mut self, written: &Poll<io::Result<usize>>) {
        if let (Follower::Http2(frames), Poll::Ready(Ok(bytes))) = (&mut self.follower, written) {
            frames.wrote(*bytes);
        }
    }

    /// Passes a write's result on, unless it has been pending for too long.
    fn watch<T>(&mut self, context: &mut Context<'_>, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.stalled = None;
            return result;
        }
        let write_stall = self.write_stall;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(write_stall)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client takes no bytes")))
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for GuardedIo<I> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = Pin::new(&mut self.io).poll_read(context, buf);
        if buf.filled().len() > before {
            let now = Instant::from_std(coarse_now());
            self.pulse.lock().read(now);
            let came = &mut buf.filled_mut()[before..];
            match &mut self.follower {
                Follower::Http1(wire) => {
                    if let Some(at) = wire.follow(came) {
                        // No part of a head may hold this byte, so hyper answers 400 and closes.
                        came[at] = 0;
                    }
                }
                Follower::Http2(frames) => {
                    if let Err(unwanted) = frames.follow(came, now) {
                        return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, unwanted)));
                    }
                }
            }
        }
        result
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncWrite for GuardedIo<I> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.io).poll_write(context, bytes);
        self.wrote(&result);
        self.watch(context, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.io).poll_write_vectored(context, parts);
        self.wrote(&result);
        self.watch(context, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.io).poll_flush(context);
        self.watch(context, result)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            match &mut this.ending {
                Ending::Open => {
                    let result = Pin::new(&mut this.io).poll_shutdown(context);
                    ready!(this.watch(context, result))?;
                    this.ending = match this.pulse.lock().inbound() {
                        Inbound::Quiet => Ending::Done,
                        Inbound::Sending => Ending::Lingering(Box::pin(sleep(this.linger))),
                    };
                }
                Ending::Lingering(until) => {
                    let mut scratch = [0; SCRATCH_BYTES];
                    let mut scratch = ReadBuf::new(&mut scratch);
                    let over = until.as_mut().poll(context).is_ready();
                    if over || discard(&mut this.io, context, &mut scratch).is_ready() {
                        this.ending = Ending::Done;
                    } else {
                        return Poll::Pending;
                    }
                }
                Ending::Done => return Poll::Ready(Ok(())),
            }
        }
    }
}

/// Reads and forgets until the other side ends; an error is an end, too. Tokio's budget makes it pending now and then.
fn discard<I: AsyncRead + Unpin>(io: &mut I, context: &mut Context<'_>, scratch: &mut ReadBuf<'_>) -> Poll<()> {
    loop {
        scratch.clear();
        match ready!(Pin::new(&mut *io).poll_read(context, scratch)) {
            Ok(()) if !scratch.filled().is_empty() => {}
            _ => return Poll::Ready(()),
        }
    }
}

const SCRATCH_BYTES: usize = 8 << 10;

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;
    use crate::listener::pulse::Patience;

    const LONG: Duration = Duration::from_secs(600);
    const SHORT: Duration = Duration::from_millis(50);

    /// A stream that takes 16 bytes before somebody must read.
    fn pair(write_stall: Duration, linger: Duration) -> (GuardedIo<DuplexStream>, DuplexStream) {
        let (ours, theirs) = duplex(16);
        let patience = Patience { head: LONG, idle: LONG, close: LONG, stall: LONG };
        let pulse = Arc::new(Mutex::new(Pulse::new(Protocol::Http1, patience, Instant::now())));
        (GuardedIo::new(ours, Protocol::Http1, pulse, write_stall, linger, oneshot::channel().0), theirs)
    }

    /// Writes to a client that never reads.
    #[tokio::test]
    async fn a_client_that_takes_nothing_is_given_up() {
        let (mut io, _theirs) = pair(SHORT, LONG);
        let start = Instant::now();
        let error = io.write_all(&[0; 64]).await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(start.elapsed() >= SHORT);
    }

    /// Fills the stream, lets the client take a byte, and looks whether the time it has begins anew.
    #[tokio::test]
    async fn a_client_that_takes_some_is_kept() {
        let (mut io, mut theirs) = pair(LONG, LONG);
        let mut context = Context::from_waker(std::task::Waker::noop());
        assert!(Pin::new(&mut io).poll_write(&mut context, &[0; 16]).is_ready());
        assert!(Pin::new(&mut io).poll_write(&mut context, &[0; 16]).is_pending());
        assert!(io.stalled.is_some());
        theirs.read_u8().await.expect("a byte");
        assert!(Pin::new(&mut io).poll_write(&mut context, &[0; 16]).is_ready());
        assert!(io.stalled.is_none());
    }

    /// Closes while the client is in the middle of sending: that is read out, but not for ever.
    #[tokio::test]
    async fn what_the_client_still_sends_is_read_for_a_while_only() {
        let (mut io, mut theirs) = pair(LONG, SHORT);
        theirs.write_all(b"POST").await.expect("fits");
        io.read_u8().await.expect("a byte");
        let sender = tokio::spawn(async move {
            theirs.write_all(&[0; 4_096]).await.expect("is read to the end");
            theirs
        });
        let start = Instant::now();
        io.shutdown().await.expect("closes");
        assert!(start.elapsed() >= SHORT, "the sender keeps its side open");
        drop(sender.await.expect("the sender"));
    }

    /// Closes a connection on which nothing is unread.
    #[tokio::test]
    async fn a_quiet_connection_closes_at_once() {
        let (mut io, mut theirs) = pair(LONG, LONG);
        io.shutdown().await.expect("closes");
        assert_eq!(theirs.read(&mut [0; 1]).await.expect("the end"), 0);
    }
}
