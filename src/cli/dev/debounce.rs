//! When to look at the files again after something touched them.
//!
//! An editor's save is several events: look once they have been quiet for [`QUIET`], but never later than [`DELAY_MAX`]
//! after the first, so that a file that is written without end is still reloaded. Pure: time is passed in.

use std::time::{Duration, Instant};

/// Touches that nobody has looked at yet.
#[derive(Debug, Default)]
pub(super) struct Debounce {
    pending: Option<Pending>,
}

#[derive(Debug, Clone, Copy)]
struct Pending {
    first: Instant,
    last: Instant,
}

impl Debounce {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Something may have changed at `now`.
    pub(super) fn touch(&mut self, now: Instant) {
        let first = self.pending.map_or(now, |pending| pending.first);
        self.pending = Some(Pending { first, last: now });
    }

    /// When to look, if there is anything to look at.
    pub(super) fn due(&self) -> Option<Instant> {
        self.pending.map(|pending| (pending.last + QUIET).min(pending.first + DELAY_MAX))
    }

    /// It is being looked at.
    pub(super) fn clear(&mut self) {
        self.pending = None;
    }
}

/// Quiet time that ends a save.
const QUIET: Duration = Duration::from_millis(30);
/// Longest a touch waits; leaves most of the promised 300 ms to building.
const DELAY_MAX: Duration = Duration::from_millis(120);

#[cfg(test)]
mod tests {
    use super::*;

    /// One touch, a burst, and touches without end.
    #[test]
    fn a_burst_is_looked_at_once_and_soon() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut debounce = Debounce::new();
        assert_eq!(debounce.due(), None);
        debounce.touch(at(0));
        assert_eq!(debounce.due(), Some(at(30)));
        debounce.touch(at(20));
        assert_eq!(debounce.due(), Some(at(50)));
        for ms in (30..1_000).step_by(10) {
            debounce.touch(at(ms));
        }
        assert_eq!(debounce.due(), Some(at(120)));
        debounce.clear();
        assert_eq!(debounce.due(), None);
        debounce.touch(at(2_000));
        assert_eq!(debounce.due(), Some(at(2_030)));
    }
}
