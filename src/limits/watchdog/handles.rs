//! Handles to what a slot thread has armed, for where its guard cannot be reached.

use std::sync::Arc;
use std::time::Duration;

use super::super::thread_clock::this_thread_cpu;
use super::{CALM, Entry, Shared};

/// A slot thread's deadline, to be moved while it is armed.
pub struct MovableDeadline {
    pub(super) shared: Arc<Shared>,
    pub(super) entry: Arc<Entry>,
}

/// Disarms a slot thread when its own guard will never be dropped (a parked thread).
pub struct ReleaseHandle {
    pub(super) entry: Arc<Entry>,
}

impl MovableDeadline {
    /// Moves the deadline to `budget` of CPU time from now, and gives the CPU time used since it was armed or last
    /// moved. Call on the watched thread. None, and nothing moves, when nothing is armed or the deadline has passed: what
    /// passed it stays to blame.
    #[must_use]
    pub fn restart(&self, budget: Duration) -> Option<Duration> {
        let used = {
            let mut state = self.entry.state.lock();
            if state.fired {
                return None;
            }
            let deadline = state.armed.as_mut()?;
            let now = this_thread_cpu();
            let used = now.saturating_sub(deadline.since);
            deadline.since = now;
            deadline.at = now.saturating_add(budget);
            used
        };
        self.shared.look_within(budget);
        Some(used)
    }

    /// Whether the deadline passed longer ago than a watchdog with a processor takes to see it. Call on the watched thread.
    #[must_use]
    pub fn was_missed(&self) -> bool {
        self.entry.state.lock().armed.as_ref().is_some_and(|armed| this_thread_cpu() >= armed.at.saturating_add(CALM))
    }
}

impl ReleaseHandle {
    /// Disarms for a thread that arms no more, and gives the CPU time of its last entry. Call on the watched thread.
    pub fn release(&self) -> Duration {
        let armed = self.entry.state.lock().armed.take();
        armed.map_or(Duration::ZERO, |deadline| this_thread_cpu().saturating_sub(deadline.since))
    }
}
