//! One change at a time for each script.
//!
//! A change takes seconds when it builds a snapshot, so the database's own queue cannot be held meanwhile. Waiters are
//! few and wait for a bounded time; then they are told that another change is in progress. A lock that nobody holds or
//! waits for takes no memory.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;

use super::error::ControlError;
use crate::ids::{ScriptName, TenantId};

type Key = (TenantId, ScriptName);
type Lock = Arc<tokio::sync::Mutex<()>>;

/// The scripts that are being changed.
#[derive(Debug, Clone)]
pub(super) struct ScriptLocks {
    wait_max: Duration,
    locks: Arc<Mutex<HashMap<Key, Lock>>>,
}

/// The right to change one script, given back on drop.
#[derive(Debug)]
pub(super) struct ScriptTurn {
    locks: Arc<Mutex<HashMap<Key, Lock>>>,
    key: Key,
    lock: Lock,
    guard: Option<OwnedMutexGuard<()>>,
}

impl ScriptLocks {
    /// Locks whose waiters give up after this time.
    pub(super) fn new(wait_max: Duration) -> Self {
        Self { wait_max, locks: Arc::default() }
    }

    /// Waits for the script's other changes. May be dropped at any time.
    pub(super) async fn enter(&self, tenant: &TenantId, script: &ScriptName) -> Result<ScriptTurn, ControlError> {
        let key = (tenant.clone(), script.clone());
        let lock = {
            let mut locks = self.locks.lock();
            let lock = locks.entry(key.clone()).or_default();
            // One reference is the table's own.
            if Arc::strong_count(lock) > WAITERS_MAX {
                return Err(ControlError::ConcurrentModification);
            }
            Arc::clone(lock)
        };
        // Made before the wait, so that a dropped wait tidies up too.
        let mut turn = ScriptTurn { locks: Arc::clone(&self.locks), key, lock, guard: None };
        let guard = tokio::time::timeout(self.wait_max, Arc::clone(&turn.lock).lock_owned()).await;
        turn.guard = Some(guard.map_err(|_| ControlError::ConcurrentModification)?);
        Ok(turn)
    }
}

impl Drop for ScriptTurn {
    fn drop(&mut self) {
        let mut locks = self.locks.lock();
        // The guard holds a reference of its own; without it, the table's and ours are left when nobody waits.
        drop(self.guard.take());
        if Arc::strong_count(&self.lock) == 2 {
            locks.remove(&self.key);
        }
    }
}

/// References to one lock: the table's, and up to two for each that holds or waits.
const WAITERS_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> (TenantId, ScriptName) {
        (TenantId::generate(), "hello".parse().expect("a name"))
    }

    /// Holds a script's turn while another asks who has no time to wait.
    #[tokio::test]
    async fn a_second_change_waits_for_its_turn_and_not_forever() {
        let (locks, (tenant, script)) = (ScriptLocks::new(Duration::ZERO), key());
        let first = locks.enter(&tenant, &script).await.expect("enters");
        let refused = locks.enter(&tenant, &script).await.map(|_| ());
        assert!(matches!(refused, Err(ControlError::ConcurrentModification)));
        let other = TenantId::generate();
        drop(locks.enter(&other, &script).await.expect("another tenant's script of the same name is not held up"));
        drop(first);
        drop(locks.enter(&tenant, &script).await.expect("enters"));
        assert!(locks.locks.lock().is_empty());
    }

    /// Drops a waiter, then the holder.
    #[tokio::test]
    async fn a_dropped_wait_leaves_nothing_behind() {
        let (locks, (tenant, script)) = (ScriptLocks::new(Duration::from_secs(60)), key());
        let first = locks.enter(&tenant, &script).await.expect("enters");
        let mut waiter = Box::pin(locks.enter(&tenant, &script));
        assert!(futures::poll!(&mut waiter).is_pending());
        drop(waiter);
        drop(first);
        assert!(locks.locks.lock().is_empty());
    }
}
