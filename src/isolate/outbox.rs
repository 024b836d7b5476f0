//! The outbox of one response: what the isolate has written of its body and the connection has not taken yet.
//!
//! One side is the slot's thread, the other the connection's, which may be the same. Small pieces are put together while
//! nobody takes them, so that many chunks of a script leave in few frames; what is written when the connection waits leaves as
//! soon as the script pauses. Knows nothing of HTTP or JavaScript.
//!
//! Invariant: at most [`ROOM_BYTES`] and one piece wait, and all that waits is counted against the isolate's memory cap.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::body::{BodyError, Held};
use super::gauge::MemoryGauge;

/// The run's hold on its outbox: a body whose writer is dropped without [`Writer::end`] breaks off.
pub struct Writer(Arc<Outbox>);

/// The connection's hold on it: what waits is dropped with this.
pub(super) struct Reader(Arc<Outbox>);

/// An outbox, for whoever writes pieces.
pub(super) struct Outbox {
    state: Mutex<State>,
    /// Stirs whoever waits in [`Outbox::room`] or [`Outbox::gone`], one at a time.
    stir: Notify,
}

struct State {
    /// In order, and before what is in `tail`.
    pieces: VecDeque<Bytes>,
    /// Small pieces, put together; it never grows past its capacity.
    tail: Vec<u8>,
    /// All that waits.
    held: Held,
    end: Option<Result<(), BodyError>>,
    reading: Reading,
    /// Somebody waits for room.
    awaited: bool,
    reader: Option<Waker>,
    driver: Option<Waker>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// The connection reads.
    On,
    /// It was given all that it had been told would come.
    Whole,
    /// It was dropped before.
    Left,
}

/// What became of a piece that was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Offered {
    /// It is in the outbox, and there is room for more.
    Taken = 0,
    /// It is in the outbox, which is full now.
    TakenLast = 1,
    /// It is not: there is no room for it at this moment.
    Refused = 2,
    /// Nobody reads any more.
    Gone = 3,
}

/// An outbox that nothing is in.
pub(super) fn outbox(gauge: &Arc<MemoryGauge>) -> (Writer, Reader) {
    let state = State {
        pieces: VecDeque::new(),
        tail: Vec::new(),
        held: Held::nothing(gauge),
        end: None,
        reading: Reading::On,
        awaited: false,
        reader: None,
        driver: None,
    };
    let outbox = Arc::new(Outbox { state: Mutex::new(state), stir: Notify::new() });
    (Writer(Arc::clone(&outbox)), Reader(outbox))
}

impl Writer {
    /// Where pieces are put.
    pub(super) fn outbox(&self) -> &Arc<Outbox> {
        &self.0
    }

    /// Nothing comes behind what is there.
    pub(super) fn end(self) {
        self.0.close(Ok(()));
    }

    /// The body breaks off behind what is there.
    pub(super) fn fail(self, error: BodyError) {
        self.0.close(Err(error));
    }

    /// Ready when the client has left before it was given everything.
    pub(super) fn poll_left(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.state.lock();
        match state.reading {
            Reading::Left => Poll::Ready(()),
            Reading::Whole => Poll::Pending,
            Reading::On => {
                if !state.driver.as_ref().is_some_and(|driver| driver.will_wake(cx.waker())) {
                    state.driver = Some(cx.waker().clone());
                }
                Poll::Pending
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.close(Err(BodyError::IsolateEnded));
    }
}

impl Outbox {
    /// Puts a copy of `bytes` in, if that can be done without waiting.
    pub(super) fn offer(&self, bytes: &[u8]) -> Offered {
        let mut state = self.state.lock();
        if state.is_gone() {
            return Offered::Gone;
        }
        if state.is_full() || bytes.len() > PIECE_BYTES || !state.held.grow(bytes.len() as u64) {
            return Offered::Refused;
        }
        state.append(bytes);
        let offered = if state.is_full() { Offered::TakenLast } else { Offered::Taken };
        let reader = state.reader.take_if(|_| !bytes.is_empty());
        drop(state);
        reader.into_iter().for_each(Waker::wake);
        offered
    }

    /// Puts a piece in, of [`PIECE_BYTES`] at most and after [`Self::room`], as what it is counted as.
    pub(super) fn put(&self, piece: Bytes, held: Held) {
        let mut state = self.state.lock();
        if state.is_gone() || piece.is_empty() {
            return;
        }
        state.held.absorb(held);
        if piece.len() < KEPT_BYTES {
            state.append(&piece);
        } else {
            state.seal();
            state.pieces.push_back(piece);
        }
        let reader = state.reader.take();
        drop(state);
        reader.into_iter().for_each(Waker::wake);
    }

    /// Waits for room; false when nobody reads any more. Dropping the future loses nothing.
    pub(super) async fn room(&self) -> bool {
        loop {
            {
                let mut state = self.state.lock();
                if state.is_gone() {
                    return false;
                }
                // Whoever had to wait goes on when much has gone, not for each little piece.
                let enough = if state.awaited { LOW_BYTES } else { ROOM_BYTES - 1 };
                state.awaited = state.held.bytes() > enough;
                if !state.awaited {
                    return true;
                }
            }
            self.stir.notified().await;
        }
    }

    /// Resolves when nobody reads any more. Dropping the future loses nothing.
    pub(super) async fn gone(&self) {
        while !self.state.lock().is_gone() {
            self.stir.notified().await;
        }
    }

    fn close(&self, end: Result<(), BodyError>) {
        let mut state = self.state.lock();
        if state.end.is_none() {
            state.end = Some(end);
        }
        let reader = state.reader.take();
        drop(state);
        reader.into_iter().for_each(Waker::wake);
        self.stir.notify_one();
    }
}

impl State {
    fn is_gone(&self) -> bool {
        self.reading != Reading::On || self.end.is_some()
    }

    fn is_full(&self) -> bool {
        self.held.bytes() >= ROOM_BYTES
    }

    fn append(&mut self, bytes: &[u8]) {
        if self.tail.capacity() - self.tail.len() < bytes.len() {
            // What waits alone has room for itself alone, what goes on coming for more and more.
            let capacity = (self.tail.capacity() * 2).clamp(bytes.len(), PIECE_BYTES);
            self.seal();
            self.tail = Vec::with_capacity(capacity);
        }
        self.tail.extend_from_slice(bytes);
    }

    fn seal(&mut self) {
        if !self.tail.is_empty() {
            self.pieces.push_back(Bytes::from(mem::take(&mut self.tail)));
        }
    }

    fn take(&mut self) -> Option<Bytes> {
        if self.pieces.is_empty() {
            self.seal();
        }
        let piece = self.pieces.pop_front()?;
        self.held.shrink(piece.len() as u64);
        Some(piece)
    }
}

impl Reader {
    /// The next piece, how the body ended, or nothing yet.
    pub(super) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>> {
        let mut state = self.0.state.lock();
        if let Some(piece) = state.take() {
            let enough = state.awaited && state.held.bytes() <= LOW_BYTES;
            drop(state);
            if enough {
                self.0.stir.notify_one();
            }
            return Poll::Ready(Some(Ok(piece)));
        }
        match state.end.clone() {
            Some(Ok(())) => Poll::Ready(None),
            Some(Err(error)) => {
                state.end = Some(Ok(()));
                Poll::Ready(Some(Err(error)))
            }
            None => {
                if !state.reader.as_ref().is_some_and(|reader| reader.will_wake(cx.waker())) {
                    state.reader = Some(cx.waker().clone());
                }
                Poll::Pending
            }
        }
    }

    /// All that the connection had been told would come has come: dropping this is not leaving any more.
    pub(super) fn is_whole(&self) {
        self.0.state.lock().reading = Reading::Whole;
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        if state.reading == Reading::On {
            state.reading = Reading::Left;
        }
        let waiting = (mem::take(&mut state.pieces), mem::take(&mut state.tail));
        let held = state.held.bytes();
        state.held.shrink(held);
        let driver = state.driver.take();
        drop(state);
        drop(waiting);
        driver.into_iter().for_each(Waker::wake);
        self.0.stir.notify_one();
    }
}

/// What may wait for the client before the script does.
const ROOM_BYTES: u64 = 128 << 10;

/// What has to be left of it before a script that waited goes on.
const LOW_BYTES: u64 = ROOM_BYTES / 2;

/// The largest piece.
pub(super) const PIECE_BYTES: usize = 64 << 10;

/// The least piece that is kept as it came. A smaller one is copied: it may be a part of a buffer that is many times as large,
/// and was counted as what it is.
const KEPT_BYTES: usize = PIECE_BYTES / 4;

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    fn read(reader: &Reader) -> Poll<Option<Result<Bytes, BodyError>>> {
        reader.poll_next(&mut Context::from_waker(Waker::noop()))
    }

    /// Reads what there is, to the end of it.
    fn drain(reader: &Reader) -> (Vec<u8>, usize) {
        let (mut all, mut pieces) = (Vec::new(), 0);
        while let Poll::Ready(Some(Ok(piece))) = read(reader) {
            assert!(piece.len() <= PIECE_BYTES);
            all.extend_from_slice(&piece);
            pieces += 1;
        }
        (all, pieces)
    }

    /// Writes small and large pieces in turn and reads them all.
    #[test]
    fn pieces_leave_in_order_and_in_fewer_parts() {
        let gauge = MemoryGauge::new(1 << 20);
        let (writer, reader) = outbox(&gauge);
        let mut written = Vec::new();
        for byte in 0..100_u8 {
            assert_eq!(writer.outbox().offer(&[byte; 100]), Offered::Taken);
            written.extend_from_slice(&[byte; 100]);
        }
        let held = Held::reserve(&gauge, 5).expect("fits");
        writer.outbox().put(Bytes::from_static(b"large"), held);
        written.extend_from_slice(b"large");
        assert_eq!(writer.outbox().offer(b"last"), Offered::Taken);
        written.extend_from_slice(b"last");
        assert_eq!(gauge.buffer_bytes(), written.len() as u64);
        let (all, pieces) = drain(&reader);
        assert_eq!(all, written);
        assert!(pieces <= 10, "{pieces}");
        assert_eq!(gauge.buffer_bytes(), 0);
        writer.end();
        assert!(matches!(read(&reader), Poll::Ready(None)));
    }

    /// Puts in pieces of single bytes, each of a buffer of its own: what waits is what is counted, not the buffers.
    #[test]
    fn small_pieces_keep_no_large_buffers() {
        let gauge = MemoryGauge::new(1 << 20);
        let (writer, reader) = outbox(&gauge);
        let buffers: Vec<Bytes> = (0..200_u8).map(|byte| Bytes::from(vec![byte; 8 << 10])).collect();
        for buffer in &buffers {
            let held = Held::reserve(&gauge, 1).expect("fits");
            writer.outbox().put(buffer.slice(..1), held);
        }
        assert!(buffers.into_iter().all(|buffer| buffer.is_unique()));
        let (all, pieces) = drain(&reader);
        assert_eq!(all, (0..200_u8).collect::<Vec<_>>());
        assert!(pieces <= 10, "{pieces}");
        assert_eq!(gauge.buffer_bytes(), 0);
    }

    /// Writes until there is no room, reads a part, then all.
    #[test]
    fn a_full_outbox_makes_its_writer_wait_until_half_of_it_has_gone() {
        let gauge = MemoryGauge::new(1 << 20);
        let (writer, reader) = outbox(&gauge);
        let outbox = writer.outbox();
        let piece = vec![b'x'; PIECE_BYTES / 2];
        while outbox.offer(&piece) == Offered::Taken {}
        assert_eq!(gauge.buffer_bytes(), ROOM_BYTES);
        assert_eq!(outbox.offer(&piece), Offered::Refused);
        assert_eq!(outbox.room().now_or_never(), None);
        assert!(read(&reader).is_ready());
        assert_eq!(outbox.room().now_or_never(), None, "most of it waits still");
        drain(&reader);
        assert_eq!(outbox.room().now_or_never(), Some(true));
    }

    /// Offers what does not fit under the cap.
    #[test]
    fn what_passes_the_memory_cap_is_refused() {
        let gauge = MemoryGauge::new(1_000);
        let (writer, reader) = outbox(&gauge);
        assert_eq!(writer.outbox().offer(&[0; 800]), Offered::Taken);
        assert_eq!(writer.outbox().offer(&[0; 800]), Offered::Refused);
        drop(reader);
        assert_eq!(gauge.buffer_bytes(), 0);
    }

    /// Drops the reader in the middle, and once behind the last byte.
    #[test]
    fn a_reader_that_is_dropped_has_left_unless_it_was_given_everything() {
        let gauge = MemoryGauge::new(1_000);
        for whole in [false, true] {
            let (writer, reader) = outbox(&gauge);
            let cx = &mut Context::from_waker(Waker::noop());
            assert!(writer.poll_left(cx).is_pending());
            if whole {
                reader.is_whole();
            }
            drop(reader);
            assert_eq!(writer.poll_left(cx).is_ready(), !whole);
            assert_eq!(writer.outbox().offer(b"more"), Offered::Gone);
            assert_eq!(writer.outbox().room().now_or_never(), Some(false));
            assert!(writer.outbox().gone().now_or_never().is_some());
        }
    }

    /// Drops a writer that has not ended its body.
    #[test]
    fn a_body_that_is_not_ended_breaks_off_behind_what_was_written() {
        let (writer, reader) = outbox(&MemoryGauge::new(1_000));
        writer.outbox().offer(b"begun");
        drop(writer);
        assert_eq!(drain(&reader).0, b"begun");
        let (writer, reader) = outbox(&MemoryGauge::new(1_000));
        writer.fail(BodyError::Script);
        assert_eq!(read(&reader), Poll::Ready(Some(Err(BodyError::Script))));
    }
}
