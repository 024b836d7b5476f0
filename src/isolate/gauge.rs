//! The gauge of one isolate's memory: what its heap, its buffers, its mappings and the host's bytes for it amount to.
//!
//! Says no to what would pass the cap; what cannot be refused is counted all the same and found at the next measurement.
//! What V8 maps by itself, past any allocator, has an account of its own.
//!
//! Invariant: `allocated_bytes` is the sum of the lengths of all live allocations of buffers, and part of `buffer_bytes`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Waker;

use futures::task::AtomicWaker;

/// What one isolate's memory amounts to, readable from every thread.
#[derive(Debug)]
pub struct MemoryGauge {
    cap_bytes: u64,
    buffer_bytes: AtomicU64,
    /// What of `buffer_bytes` V8 knows as external memory.
    allocated_bytes: AtomicU64,
    mapped_bytes: AtomicU64,
    heap_bytes: AtomicU64,
    refused: AtomicBool,
    collection_wanted: AtomicBool,
    driver: AtomicWaker,
    held: AtomicBool,
    limit_reached: AtomicBool,
}

impl MemoryGauge {
    /// A gauge for an isolate that may hold `cap_bytes`, heap and buffers together.
    #[must_use]
    pub fn new(cap_bytes: u64) -> Arc<Self> {
        Arc::new(Self {
            cap_bytes,
            buffer_bytes: AtomicU64::new(0),
            allocated_bytes: AtomicU64::new(0),
            mapped_bytes: AtomicU64::new(0),
            heap_bytes: AtomicU64::new(0),
            refused: AtomicBool::new(false),
            collection_wanted: AtomicBool::new(false),
            driver: AtomicWaker::new(),
            held: AtomicBool::new(false),
            limit_reached: AtomicBool::new(false),
        })
    }

    /// Bytes of live ArrayBuffers, and of what the host holds for the isolate.
    #[must_use]
    pub fn buffer_bytes(&self) -> u64 {
        self.buffer_bytes.load(Ordering::Relaxed)
    }

    /// Bytes that came from the allocator: V8 counts them as external memory too.
    #[must_use]
    pub(super) fn allocated_bytes(&self) -> u64 {
        self.allocated_bytes.load(Ordering::Relaxed)
    }

    /// Heap and buffers together, the heap as it was last measured.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.buffer_bytes().saturating_add(self.heap_bytes.load(Ordering::Relaxed))
    }

    /// The cap.
    #[must_use]
    pub fn cap_bytes(&self) -> u64 {
        self.cap_bytes
    }

    /// Whether anything was ever held outside of V8: a snapshot of the heap would lack it.
    #[must_use]
    pub fn has_held(&self) -> bool {
        self.held.load(Ordering::Relaxed)
    }

    /// The heap was about to pass its limit: the isolate is on its way to its end.
    pub(super) fn reach_limit(&self) {
        self.limit_reached.store(true, Ordering::SeqCst);
    }

    /// Whether the heap ever was.
    #[must_use]
    pub(super) fn has_reached_limit(&self) -> bool {
        self.limit_reached.load(Ordering::SeqCst)
    }

    /// Notes the heap's size (with WASM memories), measured on the isolate's own thread.
    pub fn set_heap_bytes(&self, bytes: u64) {
        self.heap_bytes.store(bytes, Ordering::Relaxed);
    }

    pub(super) fn reserve(&self, bytes: u64) -> bool {
        let room = self.cap_bytes.saturating_sub(self.heap_bytes.load(Ordering::Relaxed));
        self.buffer_bytes
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |held| {
                held.checked_add(bytes).filter(|total| *total <= room)
            })
            .is_ok()
    }

    /// Counts what is there whether it fits or not; what is over the cap is found at the next measurement.
    pub(super) fn hold(&self, bytes: u64) {
        self.held.store(true, Ordering::Relaxed);
        self.buffer_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts mappings that may reach `bytes`, in an account of its own: what of them is used shows in V8's external memory.
    pub(super) fn reserve_mapping(&self, bytes: u64) -> bool {
        self.held.store(true, Ordering::Relaxed);
        self.mapped_bytes
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |mapped| {
                mapped.checked_add(bytes).filter(|total| *total <= self.cap_bytes)
            })
            .is_ok()
    }

    pub(super) fn release_mapping(&self, bytes: u64) {
        self.mapped_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Part of what was reserved came from the allocator.
    pub(super) fn note_allocated(&self, bytes: u64) {
        self.allocated_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Gives such a part back.
    pub(super) fn release_allocated(&self, bytes: u64) {
        self.allocated_bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.release(bytes);
    }

    /// A buffer was refused.
    pub(super) fn note_refused(&self) {
        self.refused.store(true, Ordering::SeqCst);
    }

    /// Whether a buffer was refused since this was last asked.
    pub(super) fn take_refused(&self) -> bool {
        self.refused.swap(false, Ordering::SeqCst)
    }

    /// Asks for garbage to be collected before JavaScript is entered again: V8 does so by itself when it runs short of
    /// buffers, but does not know of the bytes that the host counts here.
    pub(super) fn want_collection(&self) {
        self.collection_wanted.store(true, Ordering::SeqCst);
        self.driver.wake();
    }

    /// Who is woken when that is asked for.
    pub(super) fn set_driver(&self, waker: &Waker) {
        self.driver.register(waker);
    }

    /// Whether that was asked for since this was last asked.
    pub(super) fn take_wanted_collection(&self) -> bool {
        self.collection_wanted.swap(false, Ordering::SeqCst)
    }

    pub(super) fn release(&self, bytes: u64) {
        self.buffer_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mappings have an account of their own, as large as the cap.
    #[test]
    fn mappings_are_counted_beside_buffers() {
        let gauge = MemoryGauge::new(1_000);
        assert!(gauge.reserve(1_000));
        assert!(gauge.reserve_mapping(600));
        assert!(!gauge.reserve_mapping(401));
        assert!(!gauge.reserve_mapping(u64::MAX));
        gauge.release_mapping(600);
        assert!(gauge.reserve_mapping(1_000));
        assert_eq!(gauge.buffer_bytes(), 1_000);
    }
}
