//! The time as the kernel last noted it: a fraction of the price of asking the processor, and as exact as a timeout needs.

use std::cell::Cell;
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};

thread_local! {
    /// The kernel's note, in seconds and nanoseconds, and a time that was read while it stood.
    static NOTED: Cell<Option<(i64, i64, Instant)>> = const { Cell::new(None) };
}

/// A time at most a tick of the kernel's (10 ms, mostly 4 or less) ago; on one thread none is before the one before.
#[must_use]
pub fn coarse_now() -> Instant {
    let note = clock_gettime(ClockId::MonotonicCoarse);
    NOTED.with(|place| match place.get() {
        Some((seconds, nanoseconds, at)) if seconds == note.tv_sec && nanoseconds == note.tv_nsec => at,
        _ => {
            let now = Instant::now();
            place.set(Some((note.tv_sec, note.tv_nsec, now)));
            now
        }
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Asks until it has moved five times, beside the exact clock.
    #[test]
    fn it_goes_on_and_is_never_ahead() {
        let (began, mut before, mut steps) = (Instant::now(), coarse_now(), 0);
        while steps < 5 {
            let (coarse, now) = (coarse_now(), Instant::now());
            assert!(coarse >= before && coarse <= now);
            assert!(now < began + Duration::from_secs(60), "it has moved {steps} times");
            steps += u32::from(coarse > before);
            before = coarse;
        }
    }
}
