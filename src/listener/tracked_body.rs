//! A response body that leaves in small pieces, holds something until the last one is taken, and says who is waited for.
//!
//! hyper takes a frame of a body whole and keeps what the client has no room for, out of reach of every limit. In pieces
//! what it keeps is a few of them, and a client that takes none shows: hyper does not ask for the next one, and keeps the
//! body when it was the last (1.12 asks for a piece before there is a window for it in HTTP/2). Passes hints and errors
//! through unchanged. Knows nothing of what it holds.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// What a body holds, and tells whose turn it is.
pub(super) trait Track {
    /// The client's: it goes on when it has taken what it was given.
    fn client_has_turn(&mut self);

    /// Not the client's any more: it wants more than there is yet.
    fn client_is_done(&mut self);
}

pin_project_lite::pin_project! {
    /// `body`, and `held` for as long as it lives.
    pub(super) struct TrackedBody<B, T> {
        #[pin]
        body: B,
        held: T,
        // What is left of the frame that is being given.
        rest: Bytes,
    }
}

impl<B, T> TrackedBody<B, T> {
    pub(super) fn new(body: B, held: T) -> Self {
        Self { body, held, rest: Bytes::new() }
    }
}

impl<B, T> Body for TrackedBody<B, T>
where
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>,
    T: Track,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let mut this = self.project();
        if this.rest.is_empty() {
            match this.body.as_mut().poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => *this.rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                other => {
                    this.held.client_is_done();
                    return other;
                }
            }
        }
        let piece = this.rest.split_to(this.rest.len().min(PIECE_BYTES));
        this.held.client_has_turn();
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let hint = self.body.size_hint();
        let mut whole = SizeHint::new();
        if let Some(upper) = hint.upper() {
            whole.set_upper(upper.saturating_add(rest));
        }
        whole.set_lower(hint.lower().saturating_add(rest));
        whole
    }
}

/// Several frames of HTTP/2, and little enough for each of a connection's streams to have one waiting.
pub(super) const PIECE_BYTES: usize = 32 << 10;

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use http_body_util::{BodyExt as _, Full};

    use super::*;

    /// The turns, as they were told.
    #[derive(Clone, Default)]
    struct Turns(Rc<RefCell<Vec<&'static str>>>);

    impl Track for Turns {
        fn client_has_turn(&mut self) {
            self.0.borrow_mut().push("client");
        }

        fn client_is_done(&mut self) {
            self.0.borrow_mut().push("done");
        }
    }

    /// A body of two pieces and a bit, an empty one, and one that waits for its source.
    #[tokio::test]
    async fn a_frame_is_given_in_pieces_and_whose_turn_it_is_is_told() {
        let bytes: Bytes = (0..2 * PIECE_BYTES + 1).map(|at| (at % 251) as u8).collect();
        let turns = Turns::default();
        let mut body = TrackedBody::new(Full::new(bytes.clone()), turns.clone());
        let (mut lengths, mut seen) = (Vec::new(), Vec::new());
        while !body.is_end_stream() {
            assert_eq!(body.size_hint().exact(), Some((bytes.len() - seen.len()) as u64));
            let piece = body.frame().await.expect("a frame").expect("holds").into_data().expect("data");
            lengths.push(piece.len());
            seen.extend_from_slice(&piece);
        }
        assert_eq!((lengths, Bytes::from(seen)), (vec![PIECE_BYTES, PIECE_BYTES, 1], bytes));
        assert_eq!(*turns.0.borrow(), ["client", "client", "client"]);

        let turns = Turns::default();
        assert!(TrackedBody::new(Full::new(Bytes::new()), turns.clone()).is_end_stream());
        assert!(turns.0.borrow().is_empty());

        let (_source, waiting) = tokio::sync::mpsc::channel::<Result<Frame<Bytes>, std::io::Error>>(1);
        let turns = Turns::default();
        let stream = tokio_stream_of(waiting);
        let mut body = TrackedBody::new(http_body_util::StreamBody::new(stream), turns.clone());
        let mut context = Context::from_waker(std::task::Waker::noop());
        assert!(Pin::new(&mut body).poll_frame(&mut context).is_pending());
        assert_eq!(*turns.0.borrow(), ["done"]);
    }

    fn tokio_stream_of<T>(mut receiver: tokio::sync::mpsc::Receiver<T>) -> impl futures::Stream<Item = T> + Unpin {
        futures::stream::poll_fn(move |context| receiver.poll_recv(context))
    }
}
