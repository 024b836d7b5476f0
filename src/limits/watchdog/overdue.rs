//! How far a thread is past its deadline, and what that tells.

use std::time::Duration;

/// Told, on the watchdog's thread, that JavaScript has gone on past its deadline by so much CPU time.
pub type OnOverdue = dyn Fn(Overdue) + Send + Sync;

/// How much a thread is over its deadline. Most ends within a millisecond or two; a call into V8 that does not look for the
/// termination goes on to its own end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Overdue {
    /// More than any usual end takes.
    Late,
    /// So much that it was meant.
    Hung,
    /// So much that nobody should wait for its end.
    Lost,
    /// So much that there may be none.
    Endless,
}

impl Overdue {
    /// What so much CPU time past a deadline amounts to.
    pub(super) fn after(past: Duration) -> Option<Self> {
        match past {
            past if past >= ENDLESS_AFTER => Some(Self::Endless),
            past if past >= LOST_AFTER => Some(Self::Lost),
            past if past >= HUNG_AFTER => Some(Self::Hung),
            past if past >= LATE_AFTER => Some(Self::Late),
            _ => None,
        }
    }
}

/// CPU time past a deadline after which nothing usual runs any more.
const LATE_AFTER: Duration = Duration::from_millis(50);

/// And after which it counts against the script.
const HUNG_AFTER: Duration = Duration::from_millis(250);

/// And after which nobody should wait.
const LOST_AFTER: Duration = Duration::from_secs(2);

/// And after which a call that ends would be none that we know.
const ENDLESS_AFTER: Duration = Duration::from_secs(15);
