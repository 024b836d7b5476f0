//! Shares: room that many use, of which nobody has all.
//!
//! What one asks for waits for what it has already before it waits for what others have: a hundred requests of one delay
//! another's by as much as its share does.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// Room, in units of the user's; clones share it.
#[derive(Debug)]
pub struct Shares<K> {
    all: Arc<Semaphore>,
    share: u32,
    own: Arc<Mutex<HashMap<K, Arc<Semaphore>>>>,
}

/// Room that is taken until this is dropped.
pub struct Taken<K: Eq + Hash> {
    _all: OwnedSemaphorePermit,
    own: Option<OwnedSemaphorePermit>,
    shares: Shares<K>,
}

impl<K> Clone for Shares<K> {
    fn clone(&self) -> Self {
        Self { all: Arc::clone(&self.all), share: self.share, own: Arc::clone(&self.own) }
    }
}

impl<K: Clone + Eq + Hash> Shares<K> {
    /// So much room, and of it so much for each; nobody is kept from taking one unit.
    #[must_use]
    pub fn new(all: u32, share: u32) -> Self {
        Self { all: Arc::new(Semaphore::new(all as usize)), share: share.clamp(1, all.max(1)), own: Arc::default() }
    }

    /// Waits for this much room for `who`, or for the node itself. Who asks for more than a share takes a share.
    ///
    /// # Errors
    /// Never: nothing closes it.
    pub async fn take(&self, who: Option<&K>, units: u32) -> Result<Taken<K>, AcquireError> {
        let units = units.min(self.share);
        let own = match who {
            Some(who) => Some(self.own(who).acquire_many_owned(units).await?),
            None => None,
        };
        let all = Arc::clone(&self.all).acquire_many_owned(units).await?;
        Ok(Taken { _all: all, own, shares: self.clone() })
    }

    /// Takes this much room for `who` if it is there now.
    #[must_use]
    pub fn try_take(&self, who: &K, units: u32) -> Option<Taken<K>> {
        let own = self.own(who).try_acquire_many_owned(units).ok()?;
        let all = Arc::clone(&self.all).try_acquire_many_owned(units).ok()?;
        Some(Taken { _all: all, own: Some(own), shares: self.clone() })
    }

    fn own(&self, who: &K) -> Arc<Semaphore> {
        let mut own = self.own.lock();
        Arc::clone(own.entry(who.clone()).or_insert_with(|| Arc::new(Semaphore::new(self.share as usize))))
    }
}

impl<K: Eq + Hash> Drop for Taken<K> {
    fn drop(&mut self) {
        drop(self.own.take());
        // Those of whoever has nothing now and waits for nothing.
        self.shares.own.lock().retain(|_, own| Arc::strong_count(own) > 1);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    /// Two of three places for one, then its third request, another's first, and the node's own.
    #[tokio::test]
    async fn who_has_its_share_waits_for_itself_first() {
        let places = Shares::new(3, 2);
        let first = places.take(Some(&"busy"), 1).await.expect("room");
        let second = places.take(Some(&"busy"), 1).await.expect("room");
        assert!(places.take(Some(&"busy"), 1).now_or_never().is_none());
        let third = places.take(Some(&"other"), 1).now_or_never().expect("at once").expect("room");
        assert!(places.take(None, 1).now_or_never().is_none());
        drop(first);
        drop(places.take(None, 1).now_or_never().expect("at once").expect("room"));
        drop(places.take(Some(&"busy"), 1).now_or_never().expect("at once").expect("room"));
        drop((second, third));
        assert!(places.own.lock().is_empty());
    }

    /// More than a share, of room for one and of room for many.
    #[tokio::test]
    async fn nobody_waits_for_more_than_there_is() {
        for (all, share) in [(1, 0), (10, 4)] {
            let room = Shares::new(all, share);
            let taken = room.take(Some(&"large"), 1_000).now_or_never().expect("at once").expect("room");
            assert!(room.take(Some(&"large"), 1).now_or_never().is_none());
            assert!(room.try_take(&"large", 1).is_none());
            assert_eq!(room.take(Some(&"other"), 1).now_or_never().is_some(), all > 1);
            drop(taken);
            drop(room.try_take(&"large", 1).expect("room"));
            assert!(room.own.lock().is_empty());
        }
    }
}
