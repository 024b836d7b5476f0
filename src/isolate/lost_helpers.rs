//! Lost helpers: one of V8's own threads that V8 gives up on, which would end the process.
//!
//! They compile and collect for all isolates, and what they compile comes out of the isolate's own heap: where that is full,
//! it is now and then they whom V8 finds without memory. The thread is parked as a slot's would be ([`super::fatal`]). V8 does
//! not tell for which isolate it was at work, and that isolate's own thread will wait for it for ever. So the pool gives up
//! those that have reached their limit, with a strike for each, and the process, which has lost a helper of everybody's, is exhausted.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;

use tokio_util::sync::CancellationToken;

use super::endings::SlotEnd;
use super::pool::Pool;
use super::slot::Slot;

/// Gives up the calling thread, which is one of V8's own, and does not return. Returns at once where no pool would do without
/// it, as in a process that builds a snapshot.
pub(super) fn park_helper() {
    if !POOL_LISTENS.load(Ordering::SeqCst) {
        return;
    }
    tracing::warn!("an isolate is lost by a thread of V8's: parking it");
    LOST.cancel();
    loop {
        thread::park();
    }
}

impl Pool {
    /// Completes when one of V8's own threads is lost and what there was to do about it is done. Poll as long as the pool serves.
    pub async fn survive_lost_helpers(&self) {
        POOL_LISTENS.store(true, Ordering::SeqCst);
        LOST.cancelled().await;
        let at_limit: Vec<Arc<Slot>> = {
            let slots = self.slots.lock();
            slots.all.values().filter(|slot| slot.gauge.has_reached_limit()).cloned().collect()
        };
        for slot in at_limit {
            slot.load.retire();
            self.ended(slot.id, SlotEnd::Parked { bytes: slot.gauge.cap_bytes() });
            slot.lost.cancel();
            slot.house.lost.cancel();
        }
        self.exhausted.cancel();
    }
}

/// Both of the process, as V8's threads are.
static LOST: LazyLock<CancellationToken> = LazyLock::new(CancellationToken::new);
static POOL_LISTENS: AtomicBool = AtomicBool::new(false);
