//! Bodies on their way between a connection and an isolate.
//!
//! A response body is empty, whole, or read from an [outbox](super::outbox) that the isolate fills at the client's pace.
//! Bytes that wait for a slow client are counted against the isolate's memory cap until they are sent or dropped. When the
//! slot is lost in mid-body, the stream ends in an error instead of waiting for ever.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::gauge::MemoryGauge;
use super::outbox::Reader;

/// Any error of a body, as hyper takes it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A request's body as it comes from downstream.
pub type RequestBody = UnsyncBoxBody<Bytes, BoxError>;

/// A response's body as it leaves for downstream.
pub struct Body(Kind);

enum Kind {
    Empty,
    Whole {
        bytes: Option<Bytes>,
        _held: Option<Held>,
    },
    Sized {
        body: UnsyncBoxBody<Bytes, BodyError>,
        length: u64,
    },
    Stream {
        pieces: Reader,
        length: Option<u64>,
        lost: Pin<Box<WaitForCancellationFutureOwned>>,
        /// Bytes still to come, where the length is known.
        rest: Option<u64>,
    },
}

/// Bytes and the memory they are counted as.
pub(super) struct HeldBytes {
    /// The bytes.
    pub(super) bytes: Bytes,
    /// Their reservation, given back when the bytes are dropped.
    _held: Held,
}

impl HeldBytes {
    pub(super) fn new(bytes: Bytes, held: Held) -> Self {
        Self { bytes, _held: held }
    }
}

impl AsRef<[u8]> for HeldBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Why a response body ended before its end; the client sees the connection or stream reset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The script's stream failed.
    #[error("stream response body: the script's stream failed")]
    Script,
    /// The isolate was ended in mid-body.
    #[error("stream response body: the isolate was ended")]
    IsolateEnded,
    /// A file of ours could not be read on.
    #[error("stream response body: the disk failed")]
    Disk,
}

/// Bytes counted against an isolate's memory cap; given back on drop.
#[derive(Debug)]
pub struct Held {
    gauge: Arc<MemoryGauge>,
    bytes: u64,
}

impl Held {
    /// Counts `bytes`, or says no when they would pass the cap.
    #[must_use]
    pub fn reserve(gauge: &Arc<MemoryGauge>, bytes: u64) -> Option<Self> {
        gauge.reserve(bytes).then(|| Self { gauge: Arc::clone(gauge), bytes })
    }

    /// The same, after garbage has been collected for it when that is what it takes.
    pub async fn reserve_or_collect(gauge: &Arc<MemoryGauge>, bytes: u64) -> Option<Self> {
        for _ in 0..COLLECTIONS_MAX {
            if let Some(held) = Self::reserve(gauge, bytes) {
                return Some(held);
            }
            gauge.want_collection();
            tokio::time::sleep(COLLECTED_WITHIN).await;
        }
        Self::reserve(gauge, bytes)
    }

    /// Counts what is there whether it fits or not; what is over the cap is found at the next measurement.
    #[must_use]
    pub(super) fn count(gauge: &Arc<MemoryGauge>, bytes: u64) -> Self {
        gauge.hold(bytes);
        Self { gauge: Arc::clone(gauge), bytes }
    }

    /// Counts nothing yet.
    #[must_use]
    pub(super) fn nothing(gauge: &Arc<MemoryGauge>) -> Self {
        Self { gauge: Arc::clone(gauge), bytes: 0 }
    }

    /// Counts `bytes` more, or says no when they would pass the cap.
    #[must_use]
    pub(super) fn grow(&mut self, bytes: u64) -> bool {
        let fits = self.gauge.reserve(bytes);
        self.bytes += if fits { bytes } else { 0 };
        fits
    }

    /// Gives back `bytes` of it.
    pub(super) fn shrink(&mut self, bytes: u64) {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        self.gauge.release(bytes);
    }

    /// Counts what `other` did, against the same cap.
    pub(super) fn absorb(&mut self, mut other: Self) {
        self.bytes += std::mem::take(&mut other.bytes);
    }

    /// How much is counted.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.gauge.release(self.bytes);
    }
}

impl Body {
    /// No body.
    #[must_use]
    pub fn empty() -> Self {
        Self(Kind::Empty)
    }

    /// A body that is there already, counted nowhere.
    #[must_use]
    pub fn from_bytes(bytes: Bytes) -> Self {
        Self(Kind::Whole { bytes: Some(bytes), _held: None })
    }

    /// A body of this length that comes from elsewhere than an isolate.
    #[must_use]
    pub fn of_length(body: UnsyncBoxBody<Bytes, BodyError>, length: u64) -> Self {
        Self(Kind::Sized { body, length })
    }

    /// A body that is there already, counted against its isolate.
    #[must_use]
    pub fn whole(bytes: Bytes, held: Held) -> Self {
        if bytes.len() <= SMALL_BYTES {
            return Self(Kind::Whole { bytes: Some(bytes), _held: Some(held) });
        }
        // A connection sends it piece by piece, and any of them keeps all of it in memory.
        let bytes = Bytes::from_owner(HeldBytes::new(bytes, held));
        Self(Kind::Whole { bytes: Some(bytes), _held: None })
    }

    /// A body that comes in pieces; `lost` resolves when the slot that writes it is lost.
    #[must_use]
    pub(super) fn stream(pieces: Reader, length: Option<u64>, lost: WaitForCancellationFutureOwned) -> Self {
        Self(Kind::Stream { pieces, length, lost: Box::pin(lost), rest: length })
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.get_mut().0 {
            Kind::Empty => Poll::Ready(None),
            Kind::Whole { bytes, .. } => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Kind::Sized { body, .. } => Pin::new(body).poll_frame(cx),
            Kind::Stream { pieces, lost, rest, .. } => {
                if let Poll::Ready(piece) = pieces.poll_next(cx) {
                    // A connection that knows the length does not ask for what comes behind the last byte.
                    if let (Some(Ok(piece)), Some(rest)) = (&piece, rest) {
                        *rest = rest.saturating_sub(piece.len() as u64);
                        if *rest == 0 {
                            pieces.is_whole();
                        }
                    }
                    return Poll::Ready(piece.map(|piece| piece.map(Frame::data)));
                }
                ready!(lost.as_mut().poll(cx));
                Poll::Ready(Some(Err(BodyError::IsolateEnded)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Empty => true,
            Kind::Whole { bytes, .. } => bytes.is_none(),
            Kind::Sized { body, .. } => body.is_end_stream(),
            Kind::Stream { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Whole { bytes, .. } => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Kind::Sized { length, .. } => SizeHint::with_exact(*length),
            Kind::Stream { length, .. } => length.map_or_else(SizeHint::default, SizeHint::with_exact),
        }
    }
}

/// What a connection takes at once.
const SMALL_BYTES: usize = 16 << 10;

/// Collections that are tried for one reservation.
const COLLECTIONS_MAX: u32 = 3;

/// The pause after which the isolate has been entered again.
const COLLECTED_WITHIN: Duration = Duration::from_millis(2);

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::isolate::outbox::outbox;

    /// Reserves to the cap, past it, and after a drop.
    #[test]
    fn bytes_that_wait_for_a_client_count_against_the_cap() {
        let gauge = MemoryGauge::new(100);
        let held = Held::reserve(&gauge, 80).expect("fits");
        assert!(Held::reserve(&gauge, 21).is_none());
        drop(held);
        assert!(Held::reserve(&gauge, 100).is_some());
    }

    /// Loses the slot while the client waits for the next chunk.
    #[tokio::test]
    async fn a_stream_whose_slot_is_lost_ends_in_an_error() {
        let (writer, reader) = outbox(&MemoryGauge::new(100));
        let lost = CancellationToken::new();
        let mut body = Body::stream(reader, None, lost.clone().cancelled_owned());
        writer.outbox().offer(b"a");
        assert!(body.frame().await.expect("a frame").is_ok());
        lost.cancel();
        assert_eq!(body.frame().await.expect("a frame").err(), Some(BodyError::IsolateEnded));
        drop(writer);
    }
}
