//! Are these HTTP/2 frames work, or a flood?
//!
//! Frames that carry no request and no data cost the client nothing and us a little each: PING, SETTINGS, PRIORITY,
//! RST_STREAM, WINDOW_UPDATE, unknown types, and CONTINUATION or DATA with nothing in them. h2 answers them one by one and
//! never tires. [`Frames`] follows the frame headers of a connection and keeps a budget for such frames: a burst, so many
//! a second, and one for each half KiB that really goes to and fro, because a client that downloads at full speed opens its
//! window often. Frames are only counted here; whether they are well formed is h2's to say, but for the first one, which
//! must be the client's SETTINGS (RFC 9113, 3.4) and which h2 does not look at.
//!
//! Pure: bytes and `now` in, verdict out.

use std::time::Duration;

use tokio::time::Instant;

/// The frames of one connection.
#[derive(Debug)]
pub(super) struct Frames {
    /// Bytes of the preface or of the current frame's payload still to come.
    skip: u64,
    opened: bool,
    header: [u8; HEADER_BYTES],
    header_bytes: usize,
    budget: f64,
    refilled: Instant,
}

/// Why a connection is not read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unwanted {
    #[error("the client floods the connection with frames")]
    Flood,
    #[error("the client does not begin with settings")]
    NoSettings,
}

impl Frames {
    /// Before the client's preface.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            skip: PREFACE_BYTES,
            opened: false,
            header: [0; HEADER_BYTES],
            header_bytes: 0,
            budget: BURST,
            refilled: now,
        }
    }

    /// Follows more bytes from the client.
    pub(super) fn follow(&mut self, mut bytes: &[u8], now: Instant) -> Result<(), Unwanted> {
        self.refill(now);
        while !bytes.is_empty() {
            if self.skip > 0 {
                let skipped = self.skip.min(bytes.len() as u64);
                self.skip -= skipped;
                bytes = &bytes[usize::try_from(skipped).unwrap_or(usize::MAX)..];
                continue;
            }
            let taken = (HEADER_BYTES - self.header_bytes).min(bytes.len());
            self.header[self.header_bytes..self.header_bytes + taken].copy_from_slice(&bytes[..taken]);
            self.header_bytes += taken;
            bytes = &bytes[taken..];
            if self.header_bytes == HEADER_BYTES {
                self.header_bytes = 0;
                self.begin_frame()?;
            }
        }
        Ok(())
    }

    /// Bytes went to the client.
    pub(super) fn wrote(&mut self, bytes: usize) {
        self.earn(bytes as f64 / BYTES_PER_FRAME);
    }

    fn begin_frame(&mut self) -> Result<(), Unwanted> {
        let [high, middle, low, kind, flags, ..] = self.header;
        let payload = u64::from(u32::from_be_bytes([0, high, middle, low]));
        self.skip = payload;
        if !std::mem::replace(&mut self.opened, true) && kind != SETTINGS {
            return Err(Unwanted::NoSettings);
        }
        let is_work = match kind {
            DATA => payload > 0 || flags & END_STREAM != 0,
            HEADERS => true,
            CONTINUATION => payload > 0,
            _ => false,
        };
        if is_work {
            if kind == DATA {
                self.earn(payload as f64 / BYTES_PER_FRAME);
            }
            return Ok(());
        }
        self.budget -= 1.0;
        if self.budget < 0.0 { Err(Unwanted::Flood) } else { Ok(()) }
    }

    fn refill(&mut self, now: Instant) {
        let passed: Duration = now.saturating_duration_since(self.refilled);
        self.refilled = now;
        self.earn(passed.as_secs_f64() * PER_SECOND);
    }

    fn earn(&mut self, frames: f64) {
        self.budget = (self.budget + frames).min(BURST);
    }
}

const PREFACE_BYTES: u64 = 24;
const HEADER_BYTES: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;

/// Frames that are no work: at once, and each second from then on. A browser that cancels a page of images sends a few
/// hundred RST_STREAM; nothing sends thousands.
const BURST: f64 = 2_000.0;
const PER_SECOND: f64 = 200.0;

/// A WINDOW_UPDATE for so few bytes is what no client's flow control asks for.
const BYTES_PER_FRAME: f64 = 512.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, payload: usize) -> Vec<u8> {
        let length = u32::try_from(payload).expect("is small").to_be_bytes();
        let mut frame = vec![length[1], length[2], length[3], kind, flags, 0, 0, 0, 1];
        frame.resize(HEADER_BYTES + payload, 0);
        frame
    }

    fn opened(now: Instant) -> Frames {
        let mut frames = Frames::new(now);
        let preface = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &frame(SETTINGS, 0, 0)[..]].concat();
        frames.follow(&preface, now).expect("the preface");
        // The settings themselves are not counted here.
        frames.earn(1.0);
        frames
    }

    /// How many of these frames are taken at once, whatever way they are cut.
    fn taken(frame: &[u8]) -> usize {
        let now = Instant::now();
        let mut frames = opened(now);
        let bytewise = (0..10_000).take_while(|_| frame.chunks(1).all(|byte| frames.follow(byte, now).is_ok())).count();
        let mut frames = opened(now);
        let whole = (0..10_000).take_while(|_| frames.follow(frame, now).is_ok()).count();
        assert_eq!(whole, bytewise);
        whole
    }

    /// One kind of frame at a time, without end.
    #[test]
    fn frames_that_are_no_work_are_bounded() {
        for (kind, flags, payload) in [
            (6, 0, 8),
            (4, 0, 0),
            (4, 0, 6),
            (4, 1, 0),
            (2, 0, 5),
            (3, 0, 4),
            (8, 0, 4),
            (77, 0, 1),
            (9, 0, 0),
            (0, 0, 0),
        ] {
            assert_eq!(taken(&frame(kind, flags, payload)), 2_000, "type {kind} of {payload} bytes");
        }
    }

    /// A request where the settings belong.
    #[test]
    fn a_connection_begins_with_settings() {
        let now = Instant::now();
        let mut frames = Frames::new(now);
        frames.follow(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", now).expect("the preface");
        assert_eq!(frames.follow(&frame(1, 5, 20), now), Err(Unwanted::NoSettings));
    }

    /// Requests, uploads, and the end of an upload.
    #[test]
    fn work_is_not_counted() {
        for (kind, flags, payload) in [(1, 5, 20), (0, 0, 100), (0, 1, 0), (9, 4, 10)] {
            assert_eq!(taken(&frame(kind, flags, payload)), 10_000, "type {kind} of {payload} bytes");
        }
    }

    /// A download whose client opens its window every KiB, and one that pings each second for an hour.
    #[test]
    fn what_goes_to_and_fro_and_time_give_the_budget_back() {
        let mut now = Instant::now();
        let mut frames = opened(now);
        for _ in 0..100_000 {
            frames.wrote(1_024);
            frames.follow(&frame(8, 0, 4), now).expect("is work");
        }
        for _ in 0..3_600 {
            now += Duration::from_secs(1);
            frames.follow(&frame(6, 0, 8), now).expect("is no flood");
        }
    }
}
