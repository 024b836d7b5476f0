//! Whose what is kept is: an account for each tenant, and who has the most.
//!
//! Where there are many owners, not all are looked at each time somebody needs room: who had the most lately is kept at hand.
//! Knows nothing of entries.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::ids::{NamespaceId, TenantId};

/// The form in which entries and lessons hold it.
pub(super) type Account = Arc<Owner>;

/// What is kept for one tenant.
#[derive(Debug, Default)]
pub(super) struct Owner {
    pub(super) bytes: AtomicU64,
    /// Where it is; some of them may have been forgotten since.
    pub(super) namespaces: Mutex<BTreeSet<NamespaceId>>,
}

/// All owners, and who of them had the most when all were last looked at.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    by_owner: HashMap<TenantId, Account>,
    richest: Vec<Account>,
    /// How many more questions that list is good for.
    asks_left: usize,
}

impl Accounts {
    /// A tenant's account.
    pub(super) fn of(&mut self, owner: &TenantId) -> Account {
        self.by_owner.entry(owner.clone()).or_default().clone()
    }

    /// Who has the most, of those that had the most lately.
    pub(super) fn richest(&mut self) -> Option<Account> {
        if self.asks_left == 0 {
            let mut all: Vec<(u64, &Account)> = self.by_owner.values().map(|owner| (owner.held(), owner)).collect();
            if all.len() > AT_HAND {
                all.select_nth_unstable_by(AT_HAND, |(one, _), (other, _)| other.cmp(one));
                all.truncate(AT_HAND);
            }
            self.richest = all.into_iter().map(|(_, owner)| Arc::clone(owner)).collect();
            self.asks_left = (self.by_owner.len() / LOOKED_AT).max(1);
        }
        self.asks_left -= 1;
        self.richest.iter().max_by_key(|owner| owner.held()).cloned()
    }

    /// Forgets owners for whom nothing is kept.
    pub(super) fn forget_empty(&mut self) {
        (self.richest, self.asks_left) = (Vec::new(), 0);
        self.by_owner.retain(|_, account| Arc::strong_count(account) > 1);
    }
}

#[cfg(test)]
impl Accounts {
    /// Whether nothing is kept for anybody.
    pub(super) fn is_empty(&self) -> bool {
        self.by_owner.is_empty()
    }
}

impl Owner {
    fn held(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// Owners with the most that are kept at hand.
const AT_HAND: usize = 16;

/// Owners that are looked at for each question, on the average.
const LOOKED_AT: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    /// A thousand owners, of whom one after the other becomes the richest: it is found after a few questions, and among a few
    /// owners at once.
    #[test]
    fn who_has_the_most_is_found_soon() {
        for (count, asks) in [(3, 1), (1_000, 1_000 / LOOKED_AT + 1)] {
            let mut accounts = Accounts::default();
            assert!(accounts.richest().is_none());
            let owners: Vec<Account> = (0..count).map(|_| accounts.of(&TenantId::generate())).collect();
            for (bytes, owner) in owners.iter().enumerate().step_by(97) {
                owner.bytes.store(1 + bytes as u64, Ordering::Relaxed);
                let found = (0..asks).any(|_| accounts.richest().is_some_and(|richest| Arc::ptr_eq(&richest, owner)));
                assert!(found, "owner {bytes} of {count}");
            }
            accounts.forget_empty();
            assert_eq!(accounts.by_owner.len(), count);
            drop(owners);
            accounts.forget_empty();
            assert!(accounts.is_empty());
        }
    }
}
