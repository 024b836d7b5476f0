//! The C library's functions, as everybody else calls them: counted. A fuzzer brings its own.

#![expect(unsafe_code, reason = "the C library's allocator is a set of C functions")]

use std::ffi::{c_int, c_void};

use super::rust::{__libc_calloc, __libc_free, __libc_malloc, __libc_memalign, __libc_realloc};
use super::{LARGE_BYTES, TAKEN, counted, take, took};

#[unsafe(no_mangle)]
unsafe extern "C" fn malloc(bytes: usize) -> *mut c_void {
    if bytes < SMALL_BYTES {
        // SAFETY: whoever calls this keeps malloc's contract, which is the same.
        return unsafe { __libc_malloc(bytes) };
    }
    take(bytes);
    // SAFETY: as above; what glibc gives may be asked for its size.
    unsafe { took(__libc_malloc(bytes)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn calloc(count: usize, bytes: usize) -> *mut c_void {
    take(count.saturating_mul(bytes));
    // SAFETY: as for `malloc`.
    unsafe { took(__libc_calloc(count, bytes)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn realloc(memory: *mut c_void, bytes: usize) -> *mut c_void {
    // SAFETY: whoever calls this has it from here and keeps realloc's contract.
    let before = unsafe { counted(memory) };
    if bytes >= SMALL_BYTES {
        take(bytes);
    }
    // SAFETY: as above.
    let moved = unsafe { __libc_realloc(memory, bytes) };
    // Null without a size is freed memory, null with one leaves the old.
    if !moved.is_null() || bytes == 0 {
        TAKEN.set(TAKEN.get().saturating_sub(before));
        // SAFETY: null, or just allocated.
        unsafe { took(moved) };
    }
    moved
}

#[unsafe(no_mangle)]
unsafe extern "C" fn free(memory: *mut c_void) {
    // SAFETY: whoever calls this has it from here and frees it once.
    TAKEN.set(TAKEN.get().saturating_sub(unsafe { counted(memory) }));
    // SAFETY: as above.
    unsafe { __libc_free(memory) };
}

#[unsafe(no_mangle)]
unsafe extern "C" fn memalign(alignment: usize, bytes: usize) -> *mut c_void {
    take(bytes);
    // SAFETY: whoever calls this keeps memalign's contract.
    unsafe { took(__libc_memalign(alignment, bytes)) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn aligned_alloc(alignment: usize, bytes: usize) -> *mut c_void {
    // SAFETY: glibc's two are the same.
    unsafe { memalign(alignment, bytes) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn posix_memalign(to: *mut *mut c_void, alignment: usize, bytes: usize) -> c_int {
    if !alignment.is_power_of_two() || !alignment.is_multiple_of(size_of::<usize>()) {
        return libc::EINVAL;
    }
    // SAFETY: the alignment is one that memalign takes.
    let memory = unsafe { memalign(alignment, bytes) };
    if memory.is_null() {
        return libc::ENOMEM;
    }
    // SAFETY: whoever calls this passes a place for the pointer.
    unsafe { *to = memory };
    0
}

/// A piece that is asked for with less cannot count: glibc rounds up by less than the difference.
const SMALL_BYTES: usize = LARGE_BYTES - 64;
