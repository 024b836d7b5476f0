//! What Rust takes while Deno's console prints a script's values, held against the memory cap like what C takes.
//!
//! `deno_web/console/inspect.rs` makes text of values of any size, some of it many times over, without ever looking for a
//! termination: `console.log` of ten thousand references to one error with a long message had gigabytes, and its thread for seconds.
//! So what it allocates counts, from where the console is entered to where it is left, and an isolate that was ended
//! may allocate so much more before its thread is parked. Nothing in there has a lock that others want; a script's own
//! inspectors, which could call ops that do, do not begin any more once their isolate was ended.

use std::cell::Cell;

use super::{LARGE_BYTES, TAKEN, has_ended, take};
use crate::isolate::fatal::park_this_thread;

thread_local! {
    /// Calls of the console, one inside another.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// What they hold.
    static HELD: Cell<i64> = const { Cell::new(0) };
    /// What they have allocated since the isolate was ended, whether they hold it or not.
    static AFTER_END: Cell<usize> = const { Cell::new(0) };
}

/// The console begins to print.
pub(in crate::isolate) fn begin() {
    DEPTH.set(DEPTH.get() + 1);
}

/// It has printed.
pub(in crate::isolate) fn end() {
    DEPTH.set(DEPTH.get().saturating_sub(1));
    if DEPTH.get() == 0 {
        // Something may be kept that was there before, or goes on elsewhere.
        TAKEN.set(TAKEN.get().saturating_sub(HELD.take()));
    }
}

/// JavaScript is entered or was left: what was terminated has not come to its ends, and what is allocated now is ours.
pub(in crate::isolate) fn reset() {
    DEPTH.set(0);
    HELD.set(0);
    AFTER_END.set(0);
}

/// Rust is about to allocate.
pub(super) fn allocate(bytes: usize) {
    if DEPTH.get() == 0 {
        return;
    }
    if bytes >= LARGE_BYTES {
        take(bytes);
        change(i64::try_from(bytes).unwrap_or(i64::MAX));
    }
    if has_ended() {
        AFTER_END.set(AFTER_END.get().saturating_add(bytes + EACH_BYTES));
        if AFTER_END.get() > AFTER_END_BYTES_MAX {
            tracing::warn!(bytes = AFTER_END.replace(0), "an isolate prints without end");
            park_this_thread();
        }
    }
}

/// Rust frees.
pub(super) fn free(bytes: usize) {
    if bytes >= LARGE_BYTES && DEPTH.get() != 0 {
        change(-i64::try_from(bytes).unwrap_or(i64::MAX));
    }
}

fn change(bytes: i64) {
    HELD.set(HELD.get().saturating_add(bytes));
    TAKEN.set(TAKEN.get().saturating_add(bytes));
}

/// What the console may allocate to come to its end: about a second's worth of work.
const AFTER_END_BYTES_MAX: usize = 256 << 20;

/// What an allocation of any size stands for.
const EACH_BYTES: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    /// A text that grows while it is printed and is dropped, and one that is dropped later.
    #[test]
    fn what_is_printed_is_counted_until_it_is_printed() {
        reset();
        TAKEN.set(0);
        let before = vec![1_u8; 1_000_000];
        assert_eq!(TAKEN.get(), 0);
        begin();
        begin();
        let mut text = vec![1_u8; 1_000_000];
        text.reserve_exact(2_000_000);
        assert_eq!(TAKEN.get(), 3_000_000);
        end();
        drop(text);
        assert_eq!(TAKEN.get(), 0);
        let kept = vec![1_u8; 1_000_000];
        assert_eq!(TAKEN.get(), 1_000_000);
        end();
        assert_eq!(TAKEN.get(), 0);
        drop((before, kept));
        assert_eq!(TAKEN.get(), 0);
    }
}
