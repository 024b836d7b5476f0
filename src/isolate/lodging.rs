//! Lodgings: connections that live on a slot's thread, so that their requests reach the isolate without changing threads.
//!
//! Decides whether a slot takes guests and counts them. A thread outlives its isolate for as long as it has guests: their
//! requests go to other slots then. Only an isolate that has served without harm for a while gets guests, because those
//! on a thread that is lost for good are lost with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::runtime::Handle as Runtime;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::limits::ThreadClock;

/// A place on a slot's thread.
pub struct Lodging {
    /// The thread's executor.
    pub runtime: Runtime,
    /// Cancelled when the thread will never run again.
    pub lost: CancellationToken,
    /// The thread is kept while this is.
    pub guest: Guest,
}

/// One connection on a slot's thread.
pub struct Guest(Arc<House>);

/// A slot's thread as connections see it.
#[derive(Debug, Default)]
pub(super) struct House {
    open: Mutex<Option<Open>>,
    guests: AtomicUsize,
    left: Notify,
    /// Cancelled when V8 has given up on the thread.
    pub(super) lost: CancellationToken,
    closed: AtomicBool,
}

#[derive(Debug)]
struct Open {
    runtime: Runtime,
    clock: ThreadClock,
    looked: Instant,
    used: Duration,
    busy: Busy,
}

/// How much of its time a thread works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Busy {
    /// There is room for more.
    Somewhat,
    /// Nearly always.
    Nearly,
}

impl House {
    /// The thread can be lived on from now on. Call on it.
    pub(super) fn open(&self, runtime: &Runtime) {
        // A thread without a readable clock does not get this far: it could not be watched.
        let Ok(clock) = ThreadClock::of_this_thread() else { return };
        let used = clock.read().unwrap_or_default();
        let open = Open { runtime: runtime.clone(), clock, looked: Instant::now(), used, busy: Busy::Somewhat };
        *self.open.lock() = Some(open);
    }

    /// Nobody moves in any more.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        *self.open.lock() = None;
    }

    /// A place for one more connection.
    pub(super) fn lodge(self: &Arc<Self>) -> Option<Lodging> {
        let open = self.open.lock();
        let runtime = open.as_ref()?.runtime.clone();
        // Counted under the lock: whoever closes the house sees it.
        self.guests.fetch_add(1, Ordering::SeqCst);
        Some(Lodging { runtime, lost: self.lost.clone(), guest: Guest(Arc::clone(self)) })
    }

    /// Connections that live here.
    pub(super) fn guests(&self) -> usize {
        self.guests.load(Ordering::SeqCst)
    }

    /// How busy the thread has been since it was last looked at, a while ago at least.
    pub(super) fn busy(&self, now: Instant) -> Busy {
        let mut open = self.open.lock();
        let Some(open) = open.as_mut() else { return Busy::Somewhat };
        let passed = now.saturating_duration_since(open.looked);
        if passed >= LOOK_EVERY {
            let used = open.clock.read().unwrap_or_default();
            let worked = used.saturating_sub(open.used);
            open.busy = if worked >= passed.mul_f64(BUSY_SHARE) { Busy::Nearly } else { Busy::Somewhat };
            (open.looked, open.used) = (now, used);
        }
        open.busy
    }

    /// Resolves when the last connection has left a house that is closed.
    pub(super) async fn emptied(&self) {
        while self.guests() > 0 {
            self.left.notified().await;
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.0.guests.fetch_sub(1, Ordering::SeqCst);
        self.0.left.notify_one();
    }
}

/// Requests that an isolate has to have served before connections move in.
pub(super) const SERVED_BEFORE: u64 = 32;

/// Scripts that may compute for longer would keep the connections on their thread waiting.
pub(super) const CPU_MS_MAX: u32 = 100;

/// Shorter looks would see the clock's grain.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A thread that works for more of its time than this is busy.
const BUSY_SHARE: f64 = 0.8;

#[cfg(test)]
mod tests {
    use super::*;

    /// Two connections move in, the house closes, they leave one after the other.
    #[tokio::test]
    async fn a_closed_house_waits_for_its_last_guest() {
        let house = Arc::new(House::default());
        assert!(house.lodge().is_none());
        house.open(&Runtime::current());
        let first = house.lodge().expect("is open");
        let second = house.lodge().expect("is open");
        house.close();
        assert!(house.lodge().is_none());
        let emptied = tokio::spawn({
            let house = Arc::clone(&house);
            async move { house.emptied().await }
        });
        drop(first);
        tokio::task::yield_now().await;
        assert!(!emptied.is_finished());
        drop(second);
        emptied.await.expect("ends");
        assert_eq!(house.guests(), 0);
    }
}
