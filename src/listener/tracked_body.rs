//! A response body that holds something until it has been sent or given up.
//!
//! Passes frames, hints and errors through unchanged. Knows nothing of what it holds.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

pin_project_lite::pin_project! {
    /// `body`, and `held` for as long as it lives.
    pub(super) struct TrackedBody<B, G> {
        #[pin]
        body: B,
        held: G,
    }
}

impl<B, G> TrackedBody<B, G> {
    pub(super) fn new(body: B, held: G) -> Self {
        Self { body, held }
    }
}

impl<B, G> Body for TrackedBody<B, G>
where
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        self.project().body.poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
