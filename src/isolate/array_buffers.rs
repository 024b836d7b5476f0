//! ArrayBuffers, counted: an allocator that refuses what would pass the isolate's memory cap.
//!
//! V8's heap limit does not see the bytes of ArrayBuffers, so they are allocated here and counted in a [`MemoryGauge`]
//! that the slot shares. A refused allocation becomes a catchable `RangeError` in the script. Excludes V8's sandbox,
//! which forbids allocators of one's own. What V8 maps by itself, past any allocator, is counted beside them as mappings.
//!
//! Invariant: `allocated_bytes` is the sum of the lengths of all live allocations of this isolate, and part of `buffer_bytes`.

#![expect(unsafe_code, reason = "V8 calls the allocator through a table of C functions")]

use std::alloc::{Layout, alloc, alloc_zeroed, dealloc};
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Waker;

use deno_core::v8;
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

/// An allocator for one isolate that counts in `gauge`.
#[must_use]
pub(super) fn counting_allocator(gauge: Arc<MemoryGauge>) -> v8::UniqueRef<v8::Allocator> {
    // SAFETY: the table's functions expect the handle to come from `Arc::into_raw` of a `MemoryGauge`, which this one
    // does, and `drop_gauge` takes that reference back exactly once, when V8 drops the allocator. The gauge is `Sync`:
    // V8 may free buffers from its own threads.
    unsafe { v8::new_rust_allocator(Arc::into_raw(gauge), &VTABLE) }
}

static VTABLE: v8::RustAllocatorVtable<MemoryGauge> =
    v8::RustAllocatorVtable { allocate, allocate_uninitialized, free, drop: drop_gauge };

unsafe extern "C" fn allocate(gauge: &MemoryGauge, len: usize) -> *mut c_void {
    reserve_and(gauge, len, |layout| {
        // SAFETY: `reserve_and` calls this with a layout of non-zero size only.
        unsafe { alloc_zeroed(layout) }
    })
}

unsafe extern "C" fn allocate_uninitialized(gauge: &MemoryGauge, len: usize) -> *mut c_void {
    reserve_and(gauge, len, |layout| {
        // SAFETY: as above; V8 writes every byte before a script can read it.
        unsafe { alloc(layout) }
    })
}

unsafe extern "C" fn free(gauge: &MemoryGauge, data: *mut c_void, len: usize) {
    let Some(layout) = layout(len) else { return };
    // SAFETY: V8 gives back what `allocate` returned, with the length it asked for, so the layout is the same one.
    unsafe { dealloc(data.cast(), layout) };
    gauge.allocated_bytes.fetch_sub(len as u64, Ordering::Relaxed);
    gauge.release(len as u64);
}

unsafe extern "C" fn drop_gauge(gauge: *const MemoryGauge) {
    // SAFETY: the pointer came from `Arc::into_raw` in `counting_allocator` and V8 calls this once.
    drop(unsafe { Arc::from_raw(gauge) });
}

fn reserve_and(gauge: &MemoryGauge, len: usize, allocate: impl FnOnce(Layout) -> *mut u8) -> *mut c_void {
    let Some(layout) = layout(len) else {
        // V8 asks for empty buffers too and only forbids null.
        return ptr::dangling_mut::<u8>().cast();
    };
    if !gauge.reserve(len as u64) {
        gauge.refused.store(true, Ordering::SeqCst);
        return ptr::null_mut();
    }
    let data = allocate(layout);
    if data.is_null() {
        gauge.release(len as u64);
    } else {
        gauge.allocated_bytes.fetch_add(len as u64, Ordering::Relaxed);
    }
    data.cast()
}

/// The layout of a buffer; none for an empty one. Sixteen bytes of alignment are what `malloc` gives and V8 expects.
fn layout(len: usize) -> Option<Layout> {
    if len == 0 { None } else { Layout::from_size_align(len, 16).ok() }
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

    /// Allocates to the cap, past it, and again after freeing.
    #[test]
    fn buffers_past_the_cap_are_refused_and_freed_ones_make_room() {
        let gauge = MemoryGauge::new(1_000);
        gauge.set_heap_bytes(400);
        // SAFETY: the functions are called as V8 calls them, each pointer freed once with its own length.
        unsafe {
            let first = allocate(&gauge, 500);
            assert!(!first.is_null());
            assert!(allocate(&gauge, 101).is_null());
            let second = allocate_uninitialized(&gauge, 100);
            assert!(!second.is_null());
            assert_eq!(gauge.total_bytes(), 1_000);
            free(&gauge, first, 500);
            free(&gauge, second, 100);
            let empty = allocate(&gauge, 0);
            assert!(!empty.is_null());
            free(&gauge, empty, 0);
        }
        assert_eq!(gauge.buffer_bytes(), 0);
    }
}
