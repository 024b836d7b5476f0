//! ICU's memory, counted by thread: what the `Intl` objects of an isolate hold outside V8's heap.
//!
//! V8 15.0 tells its heap nothing of it (`Managed<icu::…>::From(isolate, 0, …)` in `src/objects/js-date-time-format.cc` and its
//! siblings), so that a script with a thousand date formats holds 30 MB that neither the heap limit nor a collection sees.
//! ICU lets its allocator be replaced once, before its first use (`u_setMemoryFunctions` in `uclean.h`); ours is the C library's
//! with a sum for each thread. An isolate lives and dies on one thread, and so do its `Intl` objects. What ICU keeps for
//! the whole process, a locale's data above all, is counted where it was first wanted and goes to nobody else.
//!
//! The name of the function carries ICU's version, 77 in V8 15.0: another V8 that has another ICU does not link.

#![expect(unsafe_code, reason = "ICU takes its allocator as C functions")]

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr;

use super::native_memory::uncounted;

type Allocate = unsafe extern "C" fn(context: *const c_void, bytes: usize) -> *mut c_void;
type Reallocate = unsafe extern "C" fn(context: *const c_void, memory: *mut c_void, bytes: usize) -> *mut c_void;
type Free = unsafe extern "C" fn(context: *const c_void, memory: *mut c_void);

unsafe extern "C" {
    #[link_name = "u_setMemoryFunctions_77"]
    fn set_memory_functions(
        context: *const c_void,
        allocate: Allocate,
        reallocate: Reallocate,
        free: Free,
        status: *mut c_int,
    );
}

thread_local! {
    static HELD: Cell<i64> = const { Cell::new(0) };
    static REPORTED: Cell<i64> = const { Cell::new(0) };
}

/// Has ICU allocate here. Call before V8 is initialised.
pub(super) fn count() {
    let mut status: c_int = 0;
    // SAFETY: nothing has used ICU yet; the three functions keep the contracts of malloc, realloc and free, which are what
    // ICU would use itself, and `status` is ours to be written to.
    unsafe { set_memory_functions(ptr::null(), allocate, reallocate, free, &raw mut status) };
    debug_assert_eq!(status, 0, "ICU takes functions before its first use");
}

/// The calling thread begins to serve an isolate that holds nothing yet.
pub(super) fn begin() {
    HELD.set(0);
    REPORTED.set(0);
}

/// Bytes that V8 has not been told of.
pub(super) fn unreported() -> i64 {
    HELD.get() - REPORTED.get()
}

/// The same, for V8 to be told.
pub(super) fn report() -> i64 {
    let change = unreported();
    REPORTED.set(HELD.get());
    change
}

unsafe extern "C" fn allocate(_: *const c_void, bytes: usize) -> *mut c_void {
    // SAFETY: `malloc` takes any size.
    let memory = unsafe { uncounted::allocate(bytes) };
    // SAFETY: it is null or was just allocated.
    unsafe { add(memory, 1) };
    memory
}

unsafe extern "C" fn reallocate(_: *const c_void, memory: *mut c_void, bytes: usize) -> *mut c_void {
    // SAFETY: ICU passes what it got here and still holds.
    unsafe { add(memory, -1) };
    // SAFETY: as above, and it lets go of it when it gets something else.
    let moved = unsafe { uncounted::reallocate(memory, bytes) };
    // SAFETY: on failure the old memory is still there, otherwise the new one is.
    unsafe { add(if moved.is_null() { memory } else { moved }, 1) };
    moved
}

unsafe extern "C" fn free(_: *const c_void, memory: *mut c_void) {
    // SAFETY: ICU passes what it got here and has not freed yet, or null.
    unsafe { add(memory, -1) };
    // SAFETY: as above; it is not used afterwards.
    unsafe { uncounted::free(memory) };
}

/// Counts a piece of memory, or takes it out of the count.
///
/// # Safety
/// `memory` is null or was allocated by `malloc` and not freed.
unsafe fn add(memory: *mut c_void, sign: i64) {
    // SAFETY: by this function's own contract; null has no size.
    let bytes = unsafe { libc::malloc_usable_size(memory) };
    HELD.set(HELD.get() + sign * i64::try_from(bytes).unwrap_or(i64::MAX));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Allocates, grows and frees as ICU does, and reports in between.
    #[test]
    fn what_is_held_and_not_reported_is_known() {
        begin();
        // SAFETY: the functions are called as ICU calls them, each pointer freed once.
        unsafe {
            let first = allocate(ptr::null(), 1_000);
            assert!((1_000..1_100).contains(&unreported()), "{}", unreported());
            let grown = reallocate(ptr::null(), first, 10_000);
            assert!((10_000..10_100).contains(&report()));
            assert_eq!(unreported(), 0);
            free(ptr::null(), grown);
            free(ptr::null(), ptr::null_mut());
        }
        assert!((-10_100..=-10_000).contains(&report()));
        assert_eq!(HELD.get(), 0);
    }
}
