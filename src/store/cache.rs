//! Unpacked blobs: those that were used lately, shared by all who use them.
//!
//! Bounded in bytes, which are the disk's; the least recently used go first. A blob in use stays alive with its users whatever the cache
//! does. Knows nothing of what is in a blob.

use std::io;
use std::sync::Arc;

use lru::LruCache;
use parking_lot::Mutex;

use super::blobs::Blobs;
use super::unpacked::Unpacked;
use crate::ids::BlobHash;

/// A bounded cache before the blobs on disk; clones share it.
#[derive(Clone)]
pub struct BlobCache {
    blobs: Blobs,
    held: Arc<Mutex<Held>>,
}

/// Where a new blob is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// On disk, packed, where all are.
    OnDisk,
    /// Unpacked as well: it is about to be used.
    AtHand,
}

struct Held {
    by_hash: LruCache<BlobHash, Arc<Unpacked>>,
    bytes: u64,
    bytes_max: u64,
}

impl BlobCache {
    /// An empty cache that holds at most `bytes_max`.
    #[must_use]
    pub fn new(blobs: Blobs, bytes_max: u64) -> Self {
        let held = Held { by_hash: LruCache::unbounded(), bytes: 0, bytes_max };
        Self { blobs, held: Arc::new(Mutex::new(held)) }
    }

    /// Keeps these bytes as [`Blobs::put`] does.
    ///
    /// # Errors
    /// As [`Blobs::put`].
    pub fn put(&self, bytes: Vec<u8>, keep: Keep) -> io::Result<BlobHash> {
        let hash = self.blobs.put(&bytes)?;
        if keep == Keep::AtHand {
            let blob = Arc::new(self.blobs.unpacked(bytes));
            self.held.lock().insert(hash.clone(), blob);
        }
        Ok(hash)
    }

    /// The blob of this hash, read from disk if it is not held. Blocks on the disk.
    ///
    /// # Errors
    /// When the blob is not there or damaged.
    pub fn load(&self, hash: &BlobHash) -> io::Result<Arc<Unpacked>> {
        if let Some(blob) = self.held.lock().by_hash.get(hash) {
            return Ok(Arc::clone(blob));
        }
        let blob = Arc::new(self.blobs.unpack(hash)?);
        self.held.lock().insert(hash.clone(), Arc::clone(&blob));
        Ok(blob)
    }
}

impl Held {
    fn insert(&mut self, hash: BlobHash, blob: Arc<Unpacked>) {
        self.bytes += blob.len() as u64;
        if let Some((_, before)) = self.by_hash.push(hash, blob) {
            self.bytes -= before.len() as u64;
        }
        while self.bytes > self.bytes_max {
            let Some((_, oldest)) = self.by_hash.pop_lru() else { break };
            self.bytes -= oldest.len() as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts two blobs, takes their files away and loads them.
    #[test]
    fn a_blob_put_at_hand_is_not_read_again() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let blobs = Blobs::open(dir.path()).expect("opens");
        let cache = BlobCache::new(blobs.clone(), 2_000);
        let at_hand = cache.put(vec![1; 1_000], Keep::AtHand).expect("writes");
        let on_disk = cache.put(vec![2; 1_000], Keep::OnDisk).expect("writes");
        for hash in [&at_hand, &on_disk] {
            blobs.remove(hash).expect("removes");
        }
        assert_eq!(**cache.load(&at_hand).expect("is held"), [1; 1_000]);
        assert!(cache.load(&on_disk).is_err());
    }

    /// Loads three blobs through a cache that holds two.
    #[test]
    fn the_cache_holds_no_more_than_it_may() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let blobs = Blobs::open(dir.path()).expect("opens");
        let hashes: Vec<BlobHash> = (0_u8..3).map(|fill| blobs.put(&[fill; 1_000]).expect("writes")).collect();
        let cache = BlobCache::new(blobs, 2_000);
        for hash in &hashes {
            assert_eq!(cache.load(hash).expect("loads").len(), 1_000);
        }
        let held = cache.held.lock();
        assert_eq!(held.bytes, 2_000);
        assert!(held.by_hash.peek(&hashes[0]).is_none());
    }
}
