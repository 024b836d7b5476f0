//! The slots of a pool: by id, by whom they serve, and as the policy sees them.

use std::collections::HashMap;
use std::sync::Arc;

use super::pool_policy::SlotView;
use super::slot::Slot;
use crate::deployment::Deployment;

/// The slots, by id and by whom they serve.
#[derive(Default)]
pub(super) struct Slots {
    pub(super) all: HashMap<u64, Arc<Slot>>,
    /// By the address of the deployment, which the slots there keep alive.
    serving: HashMap<usize, Vec<Arc<Slot>>>,
}

impl Slots {
    pub(super) fn serving(&self, deployment: &Arc<Deployment>) -> &[Arc<Slot>] {
        self.serving.get(&address(deployment)).map_or(&[], Vec::as_slice)
    }

    /// Threads of this tenant that V8 does not give back, whatever becomes of their isolates.
    pub(super) fn late(&self, of: &Deployment) -> usize {
        self.all.values().filter(|slot| slot.load.is_late() && slot.deployment.tenant == of.tenant).count()
    }

    /// How many take no jobs any more and have not ended yet.
    pub(super) fn ending(&self) -> usize {
        self.all.values().filter(|slot| slot.load.is_retired()).count()
    }

    pub(super) fn insert(&mut self, slot: &Arc<Slot>) {
        self.all.insert(slot.id, Arc::clone(slot));
        self.serving.entry(address(&slot.deployment)).or_default().push(Arc::clone(slot));
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<Arc<Slot>> {
        let slot = self.all.remove(&id)?;
        let address = address(&slot.deployment);
        if let Some(serving) = self.serving.get_mut(&address) {
            serving.retain(|slot| slot.id != id);
            if serving.is_empty() {
                self.serving.remove(&address);
            }
        }
        Some(slot)
    }
}

fn address(deployment: &Arc<Deployment>) -> usize {
    Arc::as_ptr(deployment).addr()
}

/// A slot as the policy sees it; none when it takes no jobs. Deployments are compared by identity: a change of limits
/// or secrets publishes a new one, and its requests must not reach an isolate of the old one.
pub(super) fn view(slot: &Slot, wanted: Option<&Arc<Deployment>>) -> Option<SlotView> {
    if slot.load.is_retired() || slot.lost.is_cancelled() {
        return None;
    }
    Some(SlotView {
        id: slot.id,
        serves: wanted.is_some_and(|wanted| Arc::ptr_eq(wanted, &slot.deployment)),
        of_tenant: wanted.is_some_and(|wanted| wanted.tenant == slot.deployment.tenant),
        queued: slot.load.queued(),
        in_flight: slot.load.in_flight(),
        busy: slot.load.is_busy(),
        last_used: *slot.last_used.lock(),
        bytes: slot.gauge.total_bytes(),
        stuck_for: slot.load.stuck_for(),
    })
}
