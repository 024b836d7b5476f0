//! ArrayBuffers, counted: an allocator that refuses what would pass the isolate's memory cap.
//!
//! V8's heap limit does not see the bytes of ArrayBuffers, so they are allocated here and counted in the isolate's
//! [`MemoryGauge`]. A refused allocation becomes a catchable `RangeError` in the script. Excludes V8's sandbox,
//! which forbids allocators of one's own.
//!
//! Invariant: what the gauge says was allocated is the sum of the lengths of all live allocations of this isolate.

#![expect(unsafe_code, reason = "V8 calls the allocator through a table of C functions")]

use std::alloc::{Layout, alloc, alloc_zeroed, dealloc};
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use deno_core::v8;

use super::gauge::MemoryGauge;

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
    gauge.release_allocated(len as u64);
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
        gauge.note_refused();
        return ptr::null_mut();
    }
    let data = allocate(layout);
    if data.is_null() {
        gauge.release(len as u64);
    } else {
        gauge.note_allocated(len as u64);
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
