//! A request's body, and what becomes of it when the handler does not read it to the end.
//!
//! On HTTP/1 closing the connection is all that can be done, and `guarded_io` does it gently. On HTTP/2 dropping the body
//! resets the stream at once, which is allowed after a whole response, but some clients lose the response over it (curl
//! 7.88 fails with error 92). So there the rest goes to the connection, which reads and forgets it for a while first.
//! What that does not cover: curl 7.88 stops reading once it has a whole 2xx response, so it stalls by itself when the rest
//! of its upload is larger than the stream's window.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::sync::mpsc;

use super::Protocol;

/// What the client sends after the head, as fast as it is read.
#[derive(Debug)]
pub struct RequestBody {
    /// There until drop.
    incoming: Option<Incoming>,
    leftovers: Option<mpsc::Sender<Incoming>>,
}

impl RequestBody {
    pub(super) fn new(incoming: Incoming, protocol: Protocol, leftovers: &mpsc::Sender<Incoming>) -> Self {
        let leftovers = match protocol {
            Protocol::Http1 => None,
            Protocol::Http2 if incoming.is_end_stream() => None,
            Protocol::Http2 => Some(leftovers.clone()),
        };
        Self { incoming: Some(incoming), leftovers }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.incoming {
            Some(incoming) => Pin::new(incoming).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if let (Some(incoming), Some(leftovers)) = (self.incoming.take(), &self.leftovers)
            && !incoming.is_end_stream()
        {
            // When the connection has too many of them, or is gone, this one is dropped: the stream is reset.
            let _ = leftovers.try_send(incoming);
        }
    }
}
