//! Limits: the values, and the mechanism that enforces them on a slot's thread.

mod coarse_clock;
mod helping_threads;
mod keyed_rate;
mod place;
mod rate;
mod shares;
mod thread_clock;
mod thread_slice;
mod undisturbed;
mod values;
mod watchdog;

pub use coarse_clock::coarse_now;
pub use helping_threads::HelpingThreads;
pub use keyed_rate::KeyedRates;
pub use rate::TokenBucket;
pub use shares::{Shares, Taken};
pub use thread_clock::{ThreadClock, forget_this_thread_cpu, this_thread_cpu};
pub use thread_slice::{LONG, SHORT, ThreadId, WayBack, put_back, put_others_aside, set_slice, stand_among};
pub use values::{Limits, OutOfRange, Overrides};
pub use watchdog::{
    Armed, MovableDeadline, OnOverdue, Overdue, ReleaseHandle, Spent, Stopper, TICK, Watchdog, Watched,
};
