//! Isolates started ahead, and what a start puts off: who asks a script that is not in memory waits for neither.
//!
//! Keeps a few blank isolates, each on a thread of its own, made one after the other while nobody waits for a start. A
//! version whose top level takes little is given one and evaluates in it, which is sooner done than to start from its own
//! snapshot. A version with another memory cap than theirs, or a heavier top level, is not.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::pool::Pool;
use super::slot::{Slot, Waiting, spawn_blank};
use super::start::Host;
use crate::deployment::{Deployment, TopLevel};

/// The blank isolates of a node.
pub(super) struct Ahead {
    count_max: usize,
    memory_bytes_max: u64,
    starts: AtomicUsize,
    taken: AtomicU64,
    closed: AtomicBool,
    base_wanted: CancellationToken,
    waiting: Mutex<Vec<Waiting>>,
}

impl Ahead {
    /// Keeps up to `count_max` of them, each of which may hold `memory_bytes_max`; none before there is a base snapshot.
    #[must_use]
    pub(super) fn new(count_max: usize, memory_bytes_max: u64) -> Arc<Self> {
        Arc::new(Self {
            count_max,
            memory_bytes_max,
            starts: AtomicUsize::new(0),
            taken: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            base_wanted: CancellationToken::new(),
            waiting: Mutex::default(),
        })
    }

    /// An isolate of this version is to start: one that waits for it, if one does.
    pub(super) fn take(&self, deployment: &Deployment) -> Option<Waiting> {
        if self.count_max > 0 && self.starts.fetch_add(1, Ordering::Relaxed) + 1 == STARTS_BEFORE {
            self.base_wanted.cancel();
        }
        let suits =
            deployment.top_level == TopLevel::Light && deployment.limits.memory_bytes_max == self.memory_bytes_max;
        if !suits {
            return None;
        }
        let mut waiting = self.waiting.lock();
        let at = waiting.iter().position(Waiting::is_ready)?;
        self.taken.fetch_add(1, Ordering::Relaxed);
        Some(waiting.swap_remove(at))
    }

    /// How many were given to a version so far.
    #[must_use]
    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Cancelled when the base snapshot would be of use: a node that seldom starts an isolate does without.
    pub(super) fn base_wanted(&self) -> CancellationToken {
        self.base_wanted.clone()
    }

    /// Starts the next one, unless there are enough or one is starting; it starts the next after it.
    pub(super) fn replenish(self: &Arc<Self>, host: &Arc<Host>) {
        let Some(base) = host.base.get() else { return };
        let mut waiting = self.waiting.lock();
        waiting.retain(|blank| !blank.is_gone());
        let closed = self.closed.load(Ordering::SeqCst);
        if closed || waiting.len() >= self.count_max || waiting.iter().any(|blank| !blank.is_ready()) {
            return;
        }
        let (own, next_host) = (Arc::downgrade(self), Arc::clone(host));
        let on_ready = move || {
            if let Some(ahead) = own.upgrade() {
                ahead.replenish(&next_host);
            }
        };
        match spawn_blank(host, Arc::clone(base), self.memory_bytes_max, on_ready) {
            Ok(blank) => waiting.push(blank),
            Err(error) => tracing::error!(%error, "failed to start a thread for an isolate ahead"),
        }
    }

    /// Gives them up.
    pub(super) fn clear(&self) {
        self.waiting.lock().clear();
    }

    /// Gives them up, and starts no more.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.clear();
    }

    /// What they hold.
    #[must_use]
    pub(super) fn bytes(&self) -> u64 {
        self.waiting.lock().iter().map(Waiting::bytes).sum()
    }

    /// How many wait.
    #[must_use]
    pub(super) fn count(&self) -> usize {
        self.waiting.lock().iter().filter(|blank| blank.is_ready()).count()
    }
}

/// What a start leaves to be done once the request that caused it is answered: the end of the isolate whose place was
/// taken, and the next isolate ahead. Both are work of some milliseconds, done when this is dropped.
pub(super) struct Turnover {
    pool: Weak<Pool>,
    given_up: Option<Arc<Slot>>,
}

impl Turnover {
    /// Of a start for which this slot was given up; it takes no jobs any more.
    pub(super) fn new(pool: Weak<Pool>, given_up: Option<Arc<Slot>>) -> Self {
        if let Some(slot) = &given_up {
            slot.load.retire();
        }
        Self { pool, given_up }
    }

    /// Waits for the answer and has the rest done shortly after it, or when it takes long.
    pub(super) async fn after<T>(self, answer: impl Future<Output = T>) -> T {
        let mut answer = pin!(answer);
        tokio::select! {
            biased;
            answered = &mut answer => {
                Self::in_a(WRITTEN_WITHIN, Some(self));
                return answered;
            }
            () = tokio::time::sleep(PUT_OFF_MAX) => {}
        }
        drop(self);
        answer.await
    }

    /// Has it done in a while. Dropping it in a thread without an executor, or with one that ends, does it at once.
    pub(super) fn in_a(wait: Duration, turnover: Option<Self>) {
        if let (Some(turnover), Ok(runtime)) = (turnover, tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move {
                tokio::time::sleep(wait).await;
                drop(turnover);
            });
        }
    }
}

impl Drop for Turnover {
    fn drop(&mut self) {
        if let Some(slot) = self.given_up.take() {
            slot.load.evict();
        }
        if let Some(pool) = self.pool.upgrade() {
            pool.replenish();
        }
    }
}

/// Isolates a node starts before it makes a base snapshot, which costs as much as an upload.
const STARTS_BEFORE: usize = 8;

/// An answer that is there is written in this time.
const WRITTEN_WITHIN: Duration = Duration::from_millis(1);

/// What a start leaves to be done waits no longer than this; also what a start gets that no request waits for yet.
pub(super) const PUT_OFF_MAX: Duration = Duration::from_millis(10);
