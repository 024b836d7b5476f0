//! Native memory: what V8 takes from the C library's heap while it runs a script, held against the memory cap.
//!
//! V8's heap limit sees none of it, and some of its built-ins take forty bytes of it for each character they read: under a cap of
//! 128 MiB `JSON.parse("[".repeat(1e8))` had 5.2 GB before it returned, and `new RegExp("a|".repeat(2e7)).test("b")` 1.4 GB
//! (V8 15.0: the stack of `src/json/json-parser.cc`, the zones of `src/regexp`). None of these look for a termination. So the C
//! library's allocator is replaced, as glibc foresees ("Replacing malloc" in its manual), by one that passes everything on
//! and counts what is large. A thread whose isolate takes more than its cap in one entry, or finds the node's reserve empty, is told
//! to end; one that takes [`HEADROOM_BYTES`] more without having come to its end is parked, as when V8 itself finds no
//! memory ([`super::fatal`]).
//!
//! Rust's own allocations go past the count ([`rust`]): they have accounts of their own, and a thread must not be
//! parked in the middle of ours, with a lock that others want. So do ICU's ([`super::icu_memory`]), which has locks for the whole process.
//!
//! Invariant: a thread that has no isolate is never stopped here.

#![expect(unsafe_code, reason = "it is told of C's allocations by address")]

#[cfg(not(feature = "fuzzing"))]
mod c;
mod rust;

use std::cell::Cell;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr;

pub(super) use self::rust::uncounted;
use super::fatal::park_this_thread;
use super::guard::{EndReason, Guard};
use super::reserve;

thread_local! {
    /// Large pieces that were taken and not given back since the entry began; what was taken before may be given back in it.
    static TAKEN: Cell<i64> = const { Cell::new(0) };
    /// What may be taken before somebody has to be asked.
    static ALLOWED: Cell<i64> = const { Cell::new(i64::MAX) };
    /// What of that came from the reserve.
    static BORROWED: Cell<i64> = const { Cell::new(0) };
    /// It was told to end.
    static ENDING: Cell<bool> = const { Cell::new(false) };
    /// Whose thread it is; null when it has no isolate.
    static GUARD: Cell<*const Guard> = const { Cell::new(ptr::null()) };
}

/// The calling thread's allocations are this isolate's until the returned value is dropped, which must be on the same
/// thread and before the guard is.
pub(super) fn watch(guard: &Guard) -> Watching {
    TAKEN.set(0);
    ALLOWED.set(FREE_BYTES);
    ENDING.set(false);
    GUARD.set(guard);
    Watching { not_send: PhantomData }
}

/// Proof that the guard is there; see [`watch`].
pub(super) struct Watching {
    not_send: PhantomData<*const Guard>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        GUARD.set(ptr::null());
        give_back();
        ALLOWED.set(i64::MAX);
    }
}

/// An entry into JavaScript begins on the calling thread: what it takes is counted anew.
pub(super) fn begin_entry() {
    TAKEN.set(0);
    if BORROWED.get() != 0 {
        give_back();
    }
}

fn give_back() {
    let borrowed = BORROWED.take();
    ALLOWED.set(ALLOWED.get().saturating_sub(borrowed));
    reserve::give_back(borrowed.unsigned_abs());
}

/// The memory cap of the isolate on this thread, in bytes; none when there is none.
pub(super) fn cap_of_this_thread() -> Option<u64> {
    // SAFETY: see `pass_limit`.
    unsafe { GUARD.get().as_ref() }.map(Guard::cap_bytes)
}

/// What the isolate on this thread runs is told to end once more if it was told before.
pub(super) fn end_again() {
    // SAFETY: see `pass_limit`.
    if let Some(guard) = unsafe { GUARD.get().as_ref() } {
        guard.end_again();
    }
}

/// The calling thread is parked, whatever for: the bytes that its entry holds, which count as lost from here on and not as borrowed.
pub(super) fn lose() -> u64 {
    give_back();
    taken_bytes()
}

/// Bytes the calling thread's entry holds.
fn taken_bytes() -> u64 {
    u64::try_from(TAKEN.get()).unwrap_or(0)
}

/// About to take a piece that counts.
fn take(bytes: usize) {
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    if TAKEN.get().saturating_add(bytes) > ALLOWED.get() {
        pass_limit(bytes);
    }
}

/// Took this, or null.
///
/// # Safety
/// `memory` is null or was allocated by glibc and not freed.
unsafe fn took(memory: *mut c_void) -> *mut c_void {
    // SAFETY: by this function's own contract.
    TAKEN.set(TAKEN.get().saturating_add(unsafe { counted(memory) }));
    memory
}

/// What of this piece counts.
///
/// # Safety
/// As for [`took`].
unsafe fn counted(memory: *mut c_void) -> i64 {
    // SAFETY: by this function's own contract; null has no size.
    let bytes = unsafe { libc::malloc_usable_size(memory) };
    if bytes < LARGE_BYTES { 0 } else { i64::try_from(bytes).unwrap_or(i64::MAX) }
}

/// Borrows for a piece of this size, ends the isolate, or ends its thread, in this order. Whatever this calls may allocate.
#[cold]
fn pass_limit(bytes: i64) {
    let allowed = ALLOWED.replace(i64::MAX);
    // SAFETY: `watch` put it there, and whoever holds a `Watching` keeps the guard until that has taken it away.
    let Some(guard) = (unsafe { GUARD.get().as_ref() }) else { return };
    let wanted = TAKEN.get().saturating_add(bytes);
    let missing = wanted.saturating_sub(allowed).max(STEP_BYTES);
    let cap = i64::try_from(guard.cap_bytes()).unwrap_or(i64::MAX);
    if ENDING.get() {
        tracing::warn!(bytes = TAKEN.get(), "an isolate takes native memory without end");
        // Returns where nobody could be told: in the snapshot builder's child, whose address space has a limit.
        park_this_thread();
        return;
    }
    let borrowed = if reserve::take(missing.unsigned_abs()) { missing } else { 0 };
    BORROWED.set(BORROWED.get().saturating_add(borrowed));
    let mut allowed = allowed.saturating_add(borrowed);
    if borrowed == 0 || wanted > cap {
        guard.end(EndReason::Memory);
        ENDING.set(true);
        allowed = allowed.saturating_add(HEADROOM_BYTES);
    }
    ALLOWED.set(allowed);
}

/// A piece of at least this size counts: V8 takes zones and handles by 8 KiB and more.
const LARGE_BYTES: usize = 4 << 10;

/// What an entry may take without asking: more than anything usual does.
const FREE_BYTES: i64 = 16 << 20;

/// What it borrows at a time.
const STEP_BYTES: i64 = 16 << 20;

/// What the isolate may take on its way to the termination.
const HEADROOM_BYTES: i64 = 32 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes, grows and gives back as C does, in large pieces and in one that does not count.
    #[test]
    fn what_c_takes_in_large_pieces_is_counted() {
        begin_entry();
        // SAFETY: the functions are called as C calls them, each pointer freed once.
        unsafe {
            let small = libc::malloc(1_000);
            assert_eq!(taken_bytes(), 0);
            let large = libc::calloc(1_000, 1_000);
            assert!((1_000_000..1_010_000).contains(&taken_bytes()), "{}", taken_bytes());
            let grown = libc::realloc(small, 500_000);
            assert!((1_500_000..1_520_000).contains(&taken_bytes()), "{}", taken_bytes());
            let mut aligned = ptr::null_mut();
            assert_eq!(libc::posix_memalign(&raw mut aligned, 4_096, 10_000), 0);
            assert!(aligned.addr().is_multiple_of(4_096));
            assert!((1_510_000..1_540_000).contains(&taken_bytes()), "{}", taken_bytes());
            assert_eq!(libc::posix_memalign(&raw mut aligned, 24, 10_000), libc::EINVAL);
            libc::free(aligned);
            libc::free(large);
            libc::free(libc::realloc(grown, 10));
            libc::free(ptr::null_mut());
        }
        assert_eq!(TAKEN.get(), 0);
    }

    /// A thread that has borrowed is parked, for running out of heap, say: what it had borrowed is there for others.
    #[test]
    fn a_parked_thread_owes_the_reserve_nothing() {
        begin_entry();
        reserve::fill(100);
        assert!(reserve::take(70) && !reserve::take(70));
        BORROWED.set(70);
        TAKEN.set(30);
        assert_eq!(lose(), 30);
        assert!(reserve::take(100) && BORROWED.get() == 0);
        reserve::fill(u64::MAX);
    }

    /// A million bytes of Rust's, and of those that count for themselves.
    #[test]
    fn what_rust_takes_is_not_counted() {
        begin_entry();
        let mut bytes = vec![1_u8; 1_000_000];
        bytes.reserve_exact(2_000_000);
        // SAFETY: allocated here and freed once.
        unsafe { uncounted::free(uncounted::reallocate(uncounted::allocate(1_000_000), 2_000_000)) };
        assert_eq!(taken_bytes(), 0);
    }
}
