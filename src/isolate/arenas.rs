//! The C library's heap: one arena a processor instead of eight.
//!
//! glibc 2.36 gives threads arenas in turn and never takes memory from one to serve another. Slot threads come and go,
//! and what V8 allocates on each is left behind in whichever arena it had: ten thousand isolate starts on two processors
//! grew a node by 60 MB with the default, and by nothing that could be told from noise with this
//! (`cargo test --test e2e snapshot_stress`).

#![expect(unsafe_code, reason = "the C library's mallopt and malloc_trim have no safe wrapper")]

use std::thread;

/// Bounds the number of arenas. Call before the first thread is started; afterwards it bounds new arenas only.
pub(super) fn bound() {
    let processors = thread::available_parallelism().map_or(2, usize::from);
    let arenas = libc::c_int::try_from(processors).unwrap_or(libc::c_int::MAX);
    // SAFETY: `mallopt` takes two numbers and has no preconditions; an unknown option or value is refused by its result.
    let taken = unsafe { libc::mallopt(libc::M_ARENA_MAX, arenas) };
    debug_assert_eq!(taken, 1, "glibc knows M_ARENA_MAX");
}

/// Gives what is free in the arenas back to the kernel. Takes a few milliseconds and each arena's lock in turn.
pub(super) fn trim() {
    // SAFETY: `malloc_trim` takes a number and has no preconditions; its result only says whether anything was given back.
    unsafe { libc::malloc_trim(0) };
}
