//! A request's body, and what becomes of it when the handler does not read it to the end.
//!
//! On HTTP/1 dropping the body closes the connection after the response, and a client that has sent its next request by then
//! loses that; on HTTP/2 it resets the stream at once, which is allowed after a whole response, but some clients lose the
//! response over it (curl 7.88 fails with error 92). So the rest goes to the connection, which reads and forgets it for a
//! while first. Only a body that is announced with `Expect: 100-continue` over HTTP/1 may never come: then the connection
//! closes, and `guarded_io` does it gently. What that does not cover: curl 7.88 stops reading once it has a whole 2xx response, so it stalls by itself when the rest
//! of its upload is larger than the stream's window.

use std::convert::Infallible;
use std::error::Error as _;
use std::future::pending;
use std::io::ErrorKind;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep, timeout};

use super::pulse::Pulse;

/// What the client sends after the head, as fast as it is read.
#[derive(Debug)]
pub struct RequestBody {
    /// There until drop.
    incoming: Option<Incoming>,
    leftovers: Option<mpsc::Sender<Incoming>>,
    stall: Duration,
    /// Runs while somebody waits for bytes and none come.
    stalled: Option<Pin<Box<Sleep>>>,
    malformed: Malformed,
}

/// Why a body ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The client broke it off, or what it sent is no body.
    #[error("read the request body: {0}")]
    Broken(#[from] hyper::Error),
    /// The client sent nothing for too long.
    #[error("read the request body: the client sent nothing for {} s", .0.as_secs())]
    Stalled(Duration),
}

/// Whether what the client sent as a body turned out to be none. There is nothing to tell of a request without one.
#[derive(Debug, Clone, Default)]
pub(super) struct Malformed(Option<Arc<AtomicBool>>);

impl Malformed {
    pub(super) fn is_so(&self) -> bool {
        self.0.as_ref().is_some_and(|is_so| is_so.load(Ordering::Relaxed))
    }

    fn note(&self) {
        self.0.iter().for_each(|is_so| is_so.store(true, Ordering::Relaxed));
    }
}

/// What of a body is there to be read out when nobody wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaves {
    /// What the client has not sent yet.
    Rest,
    /// Perhaps nothing: the client waits to be told to go on.
    Nothing,
}

impl RequestBody {
    pub(super) fn new(incoming: Incoming, leaves: Leaves, leftovers: &mpsc::Sender<Incoming>, stall: Duration) -> Self {
        let has_body = !incoming.is_end_stream();
        let leftovers = (has_body && leaves == Leaves::Rest).then(|| leftovers.clone());
        let malformed = Malformed(has_body.then(Arc::default));
        Self { incoming: Some(incoming), leftovers, stall, stalled: None, malformed }
    }

    /// What this body will be known to be once it has been read.
    pub(super) fn malformed(&self) -> Malformed {
        self.malformed.clone()
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        let Some(incoming) = &mut this.incoming else { return Poll::Ready(None) };
        if let Poll::Ready(frame) = Pin::new(incoming).poll_frame(context) {
            this.stalled = None;
            if let Some(Err(error)) = &frame
                && (error.is_parse() || is_invalid(error))
            {
                this.malformed.note();
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(BodyError::Broken)));
        }
        let stall = this.stall;
        let stalled = this.stalled.get_or_insert_with(|| Box::pin(sleep(stall)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Some(Err(BodyError::Stalled(stall))))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

/// hyper tells of a bad chunk as an I/O error of this kind, under an error that is of the body.
fn is_invalid(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    cause.is_some_and(|cause| matches!(cause.kind(), ErrorKind::InvalidInput | ErrorKind::InvalidData))
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if let (Some(incoming), Some(leftovers)) = (self.incoming.take(), &self.leftovers)
            && !incoming.is_end_stream()
        {
            // When the connection has too many of them, or is gone, this one is dropped.
            let _ = leftovers.try_send(incoming);
        }
    }
}

/// Reads the bodies that are left unread, each for this long at most, while the connection lasts. On HTTP/1 what comes then is
/// no head.
pub(super) async fn read_out(mut left: mpsc::Receiver<Incoming>, pulse: &Mutex<Pulse>, linger: Duration) -> Infallible {
    let mut leftovers = FuturesUnordered::new();
    loop {
        tokio::select! {
            Some(body) = left.recv() => {
                pulse.lock().left_over();
                leftovers.push(timeout(linger, forget(body)));
            }
            Some(_) = leftovers.next() => pulse.lock().read_out(Instant::now()),
            else => pending().await,
        }
    }
}

/// Reads what nobody wants, so that the client can send it to the end.
async fn forget(mut body: Incoming) {
    while let Some(Ok(_)) = body.frame().await {}
}
