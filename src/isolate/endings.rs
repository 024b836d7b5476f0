//! Endings: what becomes of slots that end, and what the pool does about threads that do not come back.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::pool::Pool;
use super::slot::Slot;
use crate::deployment::Deployment;

/// What the pool wants to know of a slot's end. Called on the slot's thread, but by the watchdog's for one that V8 keeps.
pub(super) type OnEnd = Arc<dyn Fn(u64, SlotEnd) + Send + Sync>;

/// How a slot ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SlotEnd {
    /// Its thread has nothing more to do.
    Finished,
    /// Its isolate is gone; its thread serves the connections it has.
    Lodging,
    /// The last of those has ended.
    Emptied,
    /// Its thread has not come back from V8 for long after its deadline. It may yet: told by the watchdog, and no end.
    Hung,
    /// Nor has it come back for so long that it may never: told by the watchdog as well.
    Endless,
    /// Its thread is parked for good with this much memory.
    Parked {
        /// Heap and buffers of the isolate.
        bytes: u64,
    },
}

impl Pool {
    /// A slot has ended, or the watchdog says that it does not.
    pub(super) fn ended(&self, id: u64, end: SlotEnd) {
        match end {
            SlotEnd::Hung => {
                let slot = self.slots.lock().all.get(&id).cloned();
                return self.strike(slot.as_ref());
            }
            SlotEnd::Endless => {
                tracing::error!("V8 keeps a thread for ever");
                return self.exhausted.cancel();
            }
            SlotEnd::Lodging => {
                self.lodging_threads.fetch_add(1, Ordering::Relaxed);
            }
            SlotEnd::Emptied => {
                self.lodging_threads.fetch_sub(1, Ordering::Relaxed);
                return;
            }
            SlotEnd::Finished | SlotEnd::Parked { .. } => {}
        }
        let slot = self.slots.lock().remove(id);
        // Given up before, it was counted then.
        if let (SlotEnd::Parked { bytes }, Some(_)) = (end, &slot) {
            self.parked.fetch_add(1, Ordering::Relaxed);
            let lost = self.lost_bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
            self.strike(slot.as_ref());
            if lost > self.config.lost_memory_bytes_max {
                self.exhausted.cancel();
            }
        }
        self.ended.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts what a slot's script has done to the node, once: a thread that is lost may have been held before.
    fn strike(&self, slot: Option<&Arc<Slot>>) {
        let Some(slot) = slot.filter(|slot| !slot.load.strike()) else { return };
        let Deployment { tenant, tenant_name, script, .. } = &*slot.deployment;
        tracing::warn!(tenant = %tenant_name, %script, "a strike: V8 keeps a thread");
        self.quarantine.strike(tenant, script, Instant::now());
    }
}

/// What the log says of those who waited for a thread that does not come back.
pub(super) const KEPT: &str = "V8 keeps the isolate's thread in a call that does not end";
