//! What a rewriting has put out and nobody has taken yet, counted against the isolate's memory cap.

use std::mem;
use std::sync::Arc;

use crate::isolate::gauge::MemoryGauge;

/// Bytes that wait to be taken. When they pass the cap, what follows is dropped and [`Output::is_over`] says so.
pub(super) struct Output {
    bytes: Vec<u8>,
    counted: u64,
    is_over: bool,
    progress: bool,
    gauge: Arc<MemoryGauge>,
}

impl Output {
    pub(super) fn new(gauge: &Arc<MemoryGauge>) -> Self {
        Self { bytes: Vec::new(), counted: 0, is_over: false, progress: false, gauge: Arc::clone(gauge) }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        if bytes.is_empty() || self.is_over {
            return;
        }
        self.progress = true;
        let needed = self.bytes.len() + bytes.len();
        if needed > self.bytes.capacity() {
            // Counted as it will be allocated: doubled, so that small writes do not copy what is there each time.
            let capacity = needed.max(self.bytes.capacity() * 2).max(CAPACITY_MIN);
            let more = capacity as u64 - self.counted;
            if !self.gauge.reserve(more) {
                self.is_over = true;
                return;
            }
            self.counted += more;
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Something came of what was fed, though it may not have been put out.
    pub(super) fn note_progress(&mut self) {
        self.progress = true;
    }

    /// Whether anything came of what was fed since this was last asked.
    pub(super) fn take_progress(&mut self) -> bool {
        mem::take(&mut self.progress)
    }

    pub(super) fn take(&mut self, into: &mut [u8]) {
        if self.bytes.len() == into.len() {
            into.copy_from_slice(&self.bytes);
        }
        self.bytes = Vec::new();
        self.gauge.release(mem::take(&mut self.counted));
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.gauge.release(self.counted);
    }
}

const CAPACITY_MIN: usize = 1 << 10;
