//! Rust's own allocations, and those of others that count for themselves: glibc's, past the count.

#![expect(unsafe_code, reason = "an allocator is")]

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::c_void;
use std::ptr;

// What glibc's allocator is called by those who replace it.
unsafe extern "C" {
    pub(super) fn __libc_malloc(bytes: usize) -> *mut c_void;
    pub(super) fn __libc_calloc(count: usize, bytes: usize) -> *mut c_void;
    pub(super) fn __libc_realloc(memory: *mut c_void, bytes: usize) -> *mut c_void;
    pub(super) fn __libc_memalign(alignment: usize, bytes: usize) -> *mut c_void;
    pub(super) fn __libc_free(memory: *mut c_void);
}

/// Rust's allocator: the C library's, uncounted.
struct HostAllocator;

#[cfg(not(feature = "fuzzing"))]
#[global_allocator]
static RUST: HostAllocator = HostAllocator;

// SAFETY: each function is glibc's of the same contract; `memory_of` gives what is aligned as the layout asks, and what it
// gives is freed and grown by the functions that go with it.
unsafe impl GlobalAlloc for HostAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: any size is allowed.
        unsafe { memory_of(layout) }.cast()
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGNED {
            // SAFETY: any size is allowed.
            return unsafe { __libc_calloc(1, layout.size()) }.cast();
        }
        // SAFETY: as above.
        let memory = unsafe { memory_of(layout) }.cast::<u8>();
        if !memory.is_null() {
            // SAFETY: it was just allocated, with this size.
            unsafe { ptr::write_bytes(memory, 0, layout.size()) };
        }
        memory
    }

    unsafe fn dealloc(&self, memory: *mut u8, _: Layout) {
        // SAFETY: whoever frees had it from here.
        unsafe { __libc_free(memory.cast()) };
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        if layout.align() <= ALIGNED {
            // SAFETY: whoever grows it had it from here; glibc keeps the alignment that all of its pieces have.
            return unsafe { __libc_realloc(memory.cast(), bytes) }.cast();
        }
        // SAFETY: whoever grows it says a size that is no less than zero and fits, by the contract of this function.
        let grown = unsafe { self.alloc(Layout::from_size_align_unchecked(bytes, layout.align())) };
        if !grown.is_null() {
            // SAFETY: both are as long as the shorter of the two, and the new one is nobody's yet.
            unsafe {
                ptr::copy_nonoverlapping(memory, grown, layout.size().min(bytes));
                self.dealloc(memory, layout);
            }
        }
        grown
    }
}

/// # Safety
/// The layout is one that Rust may ask for.
unsafe fn memory_of(layout: Layout) -> *mut c_void {
    if layout.align() <= ALIGNED {
        // SAFETY: any size is allowed.
        unsafe { __libc_malloc(layout.size()) }
    } else {
        // SAFETY: a layout's alignment is a power of two.
        unsafe { __libc_memalign(layout.align(), layout.size()) }
    }
}

/// For those whose allocations have an account of their own.
pub(in crate::isolate) mod uncounted {
    use super::*;

    /// # Safety
    /// As `malloc`.
    pub(in crate::isolate) unsafe fn allocate(bytes: usize) -> *mut c_void {
        // SAFETY: by this function's own contract.
        unsafe { __libc_malloc(bytes) }
    }

    /// # Safety
    /// As `realloc`.
    pub(in crate::isolate) unsafe fn reallocate(memory: *mut c_void, bytes: usize) -> *mut c_void {
        // SAFETY: by this function's own contract.
        unsafe { __libc_realloc(memory, bytes) }
    }

    /// # Safety
    /// As `free`.
    pub(in crate::isolate) unsafe fn free(memory: *mut c_void) {
        // SAFETY: by this function's own contract.
        unsafe { __libc_free(memory) };
    }
}

/// The alignment of all that `malloc` gives, on the processors we know.
const ALIGNED: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    /// Grows and shrinks memory of each alignment, and asks for cleared memory in its place.
    #[test]
    fn memory_keeps_its_alignment_and_its_content() {
        for align in [1, 16, 64, 4_096] {
            let layout = Layout::from_size_align(100, align).expect("a layout");
            // SAFETY: the allocator is called as its trait says, each pointer freed once, with its own layout.
            unsafe {
                let memory = RUST.alloc(layout);
                memory.write_bytes(7, 100);
                let grown = RUST.realloc(memory, layout, 100_000);
                let grown_layout = Layout::from_size_align(100_000, align).expect("a layout");
                assert!(grown.addr().is_multiple_of(align));
                assert!((0..100).all(|at| grown.add(at).read() == 7));
                let shrunk = RUST.realloc(grown, grown_layout, 50);
                assert!((0..50).all(|at| shrunk.add(at).read() == 7));
                RUST.dealloc(shrunk, Layout::from_size_align(50, align).expect("a layout"));
                let cleared = RUST.alloc_zeroed(layout);
                assert!(cleared.addr().is_multiple_of(align));
                assert!((0..100).all(|at| cleared.add(at).read() == 0));
                RUST.dealloc(cleared, layout);
            }
        }
    }
}
