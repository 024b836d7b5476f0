//! Recent: entries that were read lately, and keys found empty, kept so that the next read waits for nobody.
//!
//! Exact: what is looked up here is what a read from the file would find. Whoever changes a key [`Recent::change`]s it
//! first: it is forgotten, and until the change is over nobody learns it anew. Whoever reads a key from the file says so
//! before, by [`Recent::learn`], and what it found counts only if nothing changed the key since. Bounded in bytes, for the
//! node and for each owner; an owner at its bound forgets its own entries, and where the node is at its bound the owner with
//! the most makes room for one that has less: whoever fills it keeps nobody out. No lock is held for longer than a few
//! hundred entries take. Knows nothing of files or queues.
//!
//! Invariant: `kept_bytes` is the sum over all owners' accounts, and each account over its entries.

mod owners;

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use lru::LruCache;
use parking_lot::Mutex;

use self::owners::{Account, Accounts, Owner};
use super::entry::{Entry, Key};
use super::rules;
use crate::ids::{NamespaceId, TenantId};

/// What was read lately, by namespace and key.
#[derive(Debug)]
pub(super) struct Recent {
    hasher: RandomState,
    shards: Box<[Mutex<Shard>]>,
    accounts: Mutex<Accounts>,
    bytes_max: u64,
    kept_bytes: AtomicU64,
    /// The latest second up to which expired entries may have been removed from a file.
    swept_until: AtomicU64,
    /// Counts the passes of [`Recent::forget_unread`].
    pass: AtomicU32,
    next_lesson: AtomicU64,
}

/// Somebody reads a key from the file. Dropped without an end it teaches nothing.
#[derive(Debug)]
pub(super) struct Lesson {
    recent: Arc<Recent>,
    namespace: NamespaceId,
    key: Key,
    hash: u64,
    number: u64,
    account: Account,
}

/// These keys of a namespace, or all, are being changed until this is dropped.
#[derive(Debug)]
pub(super) struct Change<'a> {
    recent: &'a Recent,
    namespace: &'a NamespaceId,
    /// `None` stands for all.
    hashes: Option<Vec<u64>>,
}

type Shard = HashMap<NamespaceId, Place>;

/// One namespace.
#[derive(Debug)]
struct Place {
    entries: LruCache<Key, Kept, RandomState>,
    /// Keys that are being read from the file, by hash: the number of the lesson that counts.
    lessons: HashMap<u64, u64>,
    /// Keys that are being changed, by hash, and how often at once.
    changing: HashMap<u64, usize>,
    /// How often at once the whole namespace is being changed.
    changing_all: usize,
}

#[derive(Debug)]
struct Kept {
    /// `None` when there is no such entry.
    entry: Option<Entry>,
    bytes: u64,
    account: Account,
    read_in: u32,
}

impl Recent {
    /// Keeps at most so many bytes, and an eighth of them for one owner.
    pub(super) fn new(bytes_max: u64) -> Self {
        Self {
            hasher: RandomState::new(),
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            accounts: Mutex::default(),
            bytes_max,
            kept_bytes: AtomicU64::new(0),
            swept_until: AtomicU64::new(0),
            pass: AtomicU32::new(0),
            next_lesson: AtomicU64::new(0),
        }
    }

    /// What is under a key, `Some(None)` being nothing at all; `None` when that is not known here.
    pub(super) fn look(&self, namespace: &NamespaceId, key: &Key, now: u64) -> Option<Option<Entry>> {
        let mut shard = self.shard(namespace).lock();
        let place = shard.get_mut(namespace)?;
        let kept = place.entries.get_mut(key)?;
        let expiration = kept.entry.as_ref().and_then(|entry| entry.expiration);
        if !rules::is_visible(expiration, self.swept_until.load(Ordering::SeqCst)) {
            // It may be gone from the file, which shows when the clock goes back.
            place.forget(key, &self.kept_bytes);
            return None;
        }
        kept.read_in = self.pass.load(Ordering::Relaxed);
        Some(kept.entry.clone().filter(|entry| rules::is_visible(entry.expiration, now)))
    }

    /// Begins to read a key from the file; `None` when what is found is not to be kept.
    pub(super) fn learn(self: &Arc<Self>, owner: &TenantId, namespace: &NamespaceId, key: &Key) -> Option<Lesson> {
        if self.bytes_max == 0 {
            return None;
        }
        let hash = self.hasher.hash_one(key);
        let number = self.next_lesson.fetch_add(1, Ordering::Relaxed);
        {
            let mut shard = self.shard(namespace).lock();
            let place = shard.entry(namespace.clone()).or_default();
            let is_free =
                place.changing_all == 0 && !place.changing.contains_key(&hash) && !place.lessons.contains_key(&hash);
            if !is_free {
                return None;
            }
            place.lessons.insert(hash, number);
        }
        let account = self.accounts.lock().of(owner);
        let (namespace, key) = (namespace.clone(), key.clone());
        Some(Lesson { recent: Arc::clone(self), namespace, key, hash, number, account })
    }

    /// Says that these keys are about to change. Call before the change can be seen, keep until it is over.
    pub(super) fn change<'a, 'k>(
        &'a self,
        namespace: &'a NamespaceId,
        keys: impl Iterator<Item = &'k Key>,
    ) -> Change<'a> {
        let mut hashes = Vec::new();
        let mut shard = self.shard(namespace).lock();
        let place = shard.entry(namespace.clone()).or_default();
        for key in keys {
            let hash = self.hasher.hash_one(key);
            place.forget(key, &self.kept_bytes);
            place.lessons.remove(&hash);
            *place.changing.entry(hash).or_default() += 1;
            hashes.push(hash);
        }
        Change { recent: self, namespace, hashes: Some(hashes) }
    }

    /// The same for all keys of a namespace.
    pub(super) fn change_all<'a>(&'a self, namespace: &'a NamespaceId) -> Change<'a> {
        let forgotten = {
            let mut shard = self.shard(namespace).lock();
            let place = shard.entry(namespace.clone()).or_default();
            place.lessons.clear();
            place.changing_all += 1;
            mem::replace(&mut place.entries, Place::default().entries)
        };
        forgotten.iter().for_each(|(_, kept)| kept.give_back(&self.kept_bytes));
        Change { recent: self, namespace, hashes: None }
    }

    /// Says that what has expired by `now` is about to be removed from a file.
    pub(super) fn sweep(&self, now: u64) {
        self.swept_until.fetch_max(now, Ordering::SeqCst);
    }

    /// Forgets what was not read in this pass nor in the one before. Call every minute or so.
    pub(super) fn forget_unread(&self) {
        let pass = self.pass.fetch_add(1, Ordering::Relaxed);
        for shard in &self.shards {
            while !self.forget_some_unread(&mut shard.lock(), pass) {}
        }
        self.accounts.lock().forget_empty();
    }

    /// Does so with as many as one may at a time; true when it was all.
    fn forget_some_unread(&self, shard: &mut Shard, pass: u32) -> bool {
        let mut left = ENTRIES_AT_ONCE;
        shard.retain(|_, place| {
            while left > 0 && place.entries.peek_lru().is_some_and(|(_, kept)| kept.read_in < pass) {
                place.forget_oldest(&self.kept_bytes);
                left -= 1;
            }
            !place.is_idle()
        });
        if left > 0 {
            shard.shrink_to_fit();
        }
        left > 0
    }

    /// Counts `bytes` for the node, for which owners that have more than `account` may have to forget entries.
    fn reserve_for(&self, account: &Account, bytes: u64) -> bool {
        for _ in 0..OWNERS_AT_LEAST {
            if reserve(&self.kept_bytes, bytes, self.bytes_max) {
                return true;
            }
            let richest = self.accounts.lock().richest();
            let share = account.bytes.load(Ordering::SeqCst) + bytes;
            match richest {
                Some(richest) if richest.bytes.load(Ordering::SeqCst) > share => self.take_from(&richest, bytes, share),
                _ => return false,
            }
        }
        false
    }

    /// Forgets entries of an owner that has more than `share`, for the next few that need room as well.
    fn take_from(&self, owner: &Owner, bytes: u64, share: u64) {
        let wanted = bytes.max(self.bytes_max / TAKEN_AT_ONCE);
        let mut taken = 0;
        loop {
            // One by one: an owner may have many more than are looked at.
            let Some(namespace) = owner.namespaces.lock().first().cloned() else { return };
            let mut shard = self.shard(&namespace).lock();
            while let Some(place) = shard.get_mut(&namespace)
                && let Some((_, kept)) = place.entries.peek_lru()
            {
                if taken >= wanted || owner.bytes.load(Ordering::SeqCst) <= share {
                    return;
                }
                taken += kept.bytes;
                place.forget_oldest(&self.kept_bytes);
            }
            // Nothing is left there.
            owner.namespaces.lock().remove(&namespace);
        }
    }

    fn shard(&self, namespace: &NamespaceId) -> &Mutex<Shard> {
        &self.shards[self.hasher.hash_one(namespace) as usize % SHARDS]
    }
}

impl Lesson {
    /// What was found, whether it has expired or not; it is kept unless the key was changed meanwhile or is too large.
    pub(super) fn end(self, entry: Option<Entry>) {
        let recent = &*self.recent;
        let bytes = kept_bytes(&self.key, entry.as_ref());
        let owner_max = recent.bytes_max / OWNERS_AT_LEAST;
        if bytes > owner_max / ENTRIES_AT_LEAST {
            return;
        }
        // Before the lock: room may have to be made in another shard.
        let mut is_reserved = recent.reserve_for(&self.account, bytes);
        let mut shard = recent.shard(&self.namespace).lock();
        let place = shard.get_mut(&self.namespace);
        let mut is_kept = false;
        if let Some(place) = place
            && place.lessons.get(&self.hash) == Some(&self.number)
        {
            place.forget(&self.key, &recent.kept_bytes);
            while !is_reserved && place.forget_oldest(&recent.kept_bytes) {
                is_reserved = reserve(&recent.kept_bytes, bytes, recent.bytes_max);
            }
            is_kept = is_reserved && self.keep(place, entry, bytes, owner_max);
        }
        if is_reserved && !is_kept {
            recent.kept_bytes.fetch_sub(bytes, Ordering::SeqCst);
        }
    }

    /// Keeps what the node has room for, unless its owner has none.
    fn keep(&self, place: &mut Place, entry: Option<Entry>, bytes: u64, owner_max: u64) -> bool {
        let recent = &*self.recent;
        while !reserve(&self.account.bytes, bytes, owner_max) {
            if !place.forget_oldest(&recent.kept_bytes) {
                return false;
            }
        }
        if place.entries.is_empty() {
            self.account.namespaces.lock().insert(self.namespace.clone());
        }
        let (account, read_in) = (Arc::clone(&self.account), recent.pass.load(Ordering::Relaxed));
        place.entries.put(self.key.clone(), Kept { entry, bytes, account, read_in });
        true
    }
}

impl Drop for Lesson {
    fn drop(&mut self) {
        let mut shard = self.recent.shard(&self.namespace).lock();
        let Some(place) = shard.get_mut(&self.namespace) else { return };
        if place.lessons.get(&self.hash) == Some(&self.number) {
            place.lessons.remove(&self.hash);
        }
        if place.is_idle() {
            shard.remove(&self.namespace);
        }
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        let mut shard = self.recent.shard(self.namespace).lock();
        let Some(place) = shard.get_mut(self.namespace) else { return };
        match &self.hashes {
            None => place.changing_all -= 1,
            Some(hashes) => {
                for hash in hashes {
                    if let Some(times) = place.changing.get_mut(hash) {
                        *times -= 1;
                        if *times == 0 {
                            place.changing.remove(hash);
                        }
                    }
                }
            }
        }
        if place.is_idle() {
            shard.remove(self.namespace);
        }
    }
}

impl Place {
    fn is_idle(&self) -> bool {
        self.entries.is_empty() && self.lessons.is_empty() && self.changing.is_empty() && self.changing_all == 0
    }

    fn forget(&mut self, key: &Key, total: &AtomicU64) {
        if let Some(kept) = self.entries.pop(key) {
            kept.give_back(total);
        }
    }

    /// Forgets what was read longest ago; false when nothing is left.
    fn forget_oldest(&mut self, total: &AtomicU64) -> bool {
        let Some((_, kept)) = self.entries.pop_lru() else { return false };
        kept.give_back(total);
        true
    }
}

impl Default for Place {
    fn default() -> Self {
        // The keys are the tenants' own: a hash that they cannot foresee.
        let entries = LruCache::unbounded_with_hasher(RandomState::new());
        Self { entries, lessons: HashMap::new(), changing: HashMap::new(), changing_all: 0 }
    }
}

impl Kept {
    fn give_back(&self, total: &AtomicU64) {
        self.account.bytes.fetch_sub(self.bytes, Ordering::SeqCst);
        total.fetch_sub(self.bytes, Ordering::SeqCst);
    }
}

/// Adds to a sum unless that would pass its bound.
fn reserve(sum: &AtomicU64, bytes: u64, bytes_max: u64) -> bool {
    let add = |held: u64| held.checked_add(bytes).filter(|held| *held <= bytes_max);
    sum.try_update(Ordering::SeqCst, Ordering::SeqCst, add).is_ok()
}

fn kept_bytes(key: &Key, entry: Option<&Entry>) -> u64 {
    let value = entry.map_or(0, |entry| entry.value.len() + entry.metadata.as_ref().map_or(0, String::len));
    (key.as_str().len() + value) as u64 + ENTRY_BYTES
}

/// More than there are processors.
const SHARDS: usize = 64;

/// Owners that find room side by side.
const OWNERS_AT_LEAST: u64 = 8;

/// Entries of an owner that find room side by side; a larger one is read from the file each time.
const ENTRIES_AT_LEAST: u64 = 8;

/// Entries that are forgotten before others get at the shard.
const ENTRIES_AT_ONCE: usize = 256;

/// The part of all bytes that the owner with the most gives up at once.
const TAKEN_AT_ONCE: u64 = 1_024;

/// What an entry takes beside its texts: table, links, counters.
const ENTRY_BYTES: u64 = 256;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;

    use super::*;

    fn key(number: u64) -> Key {
        Key::new(&format!("key {number}")).expect("a key")
    }

    fn entry(version: u64, expiration: Option<u64>) -> Entry {
        Entry { value: Bytes::from(version.to_string()), metadata: None, expiration }
    }

    fn kept_in_all(recent: &Recent) -> u64 {
        let shards = recent.shards.iter().map(|shard| {
            let shard = shard.lock();
            shard.values().flat_map(|place| place.entries.iter()).map(|(_, kept)| kept.bytes).sum::<u64>()
        });
        shards.sum()
    }

    /// One reader's way: it has read from the file, and ends its lesson later.
    struct Reading {
        found: Option<Entry>,
        lesson: Option<Lesson>,
    }

    /// One writer's way: it has said what it changes, and changes the file later.
    struct Writing<'a> {
        namespace: usize,
        writes: Vec<(u64, Option<Entry>)>,
        change: Change<'a>,
    }

    struct Random(u64);

    impl Random {
        fn below(&mut self, end: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % end
        }
    }

    /// What is tested and the naive model beside it: files that are sorted maps.
    struct World<'a> {
        recent: &'a Arc<Recent>,
        owners: [TenantId; 2],
        namespaces: &'a [NamespaceId],
        files: Vec<BTreeMap<u64, Entry>>,
        readings: Vec<Reading>,
        writings: Vec<Writing<'a>>,
        random: Random,
        now: u64,
        version: u64,
        /// Lookups that were answered.
        known: usize,
    }

    impl<'a> World<'a> {
        fn look(&mut self, namespace: usize, at: u64) {
            let looked = self.recent.look(&self.namespaces[namespace], &key(at), self.now);
            self.known += usize::from(looked.is_some());
            let is_visible = |entry: &&Entry| rules::is_visible(entry.expiration, self.now);
            let in_file = self.files[namespace].get(&at).filter(is_visible);
            assert!(looked.as_ref().is_none_or(|found| found.as_ref() == in_file), "{looked:?}, not {in_file:?}");
        }

        fn begin_reading(&mut self, namespace: usize, at: u64) {
            let lesson = self.recent.learn(&self.owners[namespace % 2], &self.namespaces[namespace], &key(at));
            self.readings.push(Reading { found: self.files[namespace].get(&at).cloned(), lesson });
        }

        fn end_reading(&mut self) {
            let Some(last) = self.readings.len().checked_sub(1) else { return };
            let any = self.random.below(last as u64 + 1) as usize;
            let Reading { found, lesson } = self.readings.swap_remove(any);
            if let Some(lesson) = lesson
                && self.random.below(8) > 0
            {
                lesson.end(found);
            }
        }

        /// Any number of keys, some twice.
        fn begin_writing(&mut self, namespace: usize) {
            let mut writes = Vec::new();
            for _ in 0..self.random.below(4) {
                self.version += 1;
                let expiration = (self.random.below(3) == 0).then(|| self.now + self.random.below(20));
                let written = (self.random.below(4) > 0).then(|| entry(self.version, expiration));
                writes.push((self.random.below(12), written));
            }
            let keys: Vec<Key> = writes.iter().map(|(at, _)| key(*at)).collect();
            let change = self.recent.change(&self.namespaces[namespace], keys.iter());
            self.writings.push(Writing { namespace, writes, change });
        }

        fn end_writing(&mut self) {
            let Some(last) = self.writings.len().checked_sub(1) else { return };
            let any = self.random.below(last as u64 + 1) as usize;
            let Writing { namespace, writes, change } = self.writings.swap_remove(any);
            for (at, entry) in writes {
                match entry {
                    Some(entry) => drop(self.files[namespace].insert(at, entry)),
                    None => drop(self.files[namespace].remove(&at)),
                }
            }
            drop(change);
        }

        /// The clock goes on, sometimes back; sometimes a file is swept.
        fn pass_time(&mut self, namespace: usize) {
            let back = self.random.below(4) == 0;
            self.now =
                if back { self.now.saturating_sub(self.random.below(30)) } else { self.now + self.random.below(10) };
            if self.random.below(2) == 0 {
                self.recent.sweep(self.now);
                self.files[namespace].retain(|_, entry| rules::is_visible(entry.expiration, self.now));
            }
            if self.random.below(8) == 0 {
                self.recent.forget_unread();
            }
        }

        fn remove(&mut self, namespace: usize) {
            let change = self.recent.change_all(&self.namespaces[namespace]);
            self.files[namespace].clear();
            drop(change);
        }
    }

    /// Random interleavings of readers, writers, removals, sweeps and a clock that also goes back: whatever is known here
    /// is what the file holds at that very moment.
    #[test]
    fn what_is_known_is_what_the_file_holds() {
        let seed = std::env::var("EYOT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_121_u64);
        println!("EYOT_SEED={seed}");
        let recent = Arc::new(Recent::new(64 * 20 * ENTRY_BYTES));
        let namespaces: Vec<NamespaceId> = (0..3).map(|_| NamespaceId::generate()).collect();
        let mut world = World {
            recent: &recent,
            owners: [TenantId::generate(), TenantId::generate()],
            namespaces: &namespaces,
            files: vec![BTreeMap::new(); namespaces.len()],
            readings: Vec::new(),
            writings: Vec::new(),
            random: Random(seed),
            now: 1_000,
            version: 0,
            known: 0,
        };
        for _ in 0..60_000 {
            let (namespace, at) = (world.random.below(3) as usize, world.random.below(12));
            match world.random.below(16) {
                0..5 => world.look(namespace, at),
                5..8 => world.begin_reading(namespace, at),
                8..11 => world.end_reading(),
                11 => world.begin_writing(namespace),
                12..14 => world.end_writing(),
                14 => world.pass_time(namespace),
                _ if world.random.below(20) == 0 => world.remove(namespace),
                _ => {}
            }
            assert_eq!(recent.kept_bytes.load(Ordering::SeqCst), kept_in_all(&recent));
        }
        assert!(world.known > 1_000, "{} lookups were answered here", world.known);
        drop(world);
        recent.forget_unread();
        recent.forget_unread();
        assert_eq!(recent.kept_bytes.load(Ordering::SeqCst), 0);
        assert!(recent.shards.iter().all(|shard| shard.lock().is_empty()), "nothing is kept of what is not used");
        assert!(recent.accounts.lock().is_empty());
    }

    fn teach(recent: &Arc<Recent>, owner: &TenantId, namespace: &NamespaceId, at: u64, bytes: usize) {
        let found = Entry { value: Bytes::from(vec![7; bytes]), metadata: None, expiration: None };
        recent.learn(owner, namespace, &key(at)).expect("nobody changes it").end(Some(found));
    }

    /// An owner reads more than fits, through two namespaces, then a value that is too large by itself.
    #[test]
    fn an_owner_at_its_bound_forgets_its_own_entries_only() {
        let recent = Arc::new(Recent::new(8 * 100 * 1_024));
        let (greedy, modest) = (TenantId::generate(), TenantId::generate());
        let (first, second, other) = (NamespaceId::generate(), NamespaceId::generate(), NamespaceId::generate());
        teach(&recent, &modest, &other, 0, 1_024);
        for at in 0..200 {
            teach(&recent, &greedy, &first, at, 1_024);
            teach(&recent, &greedy, &second, at, 1_024);
        }
        teach(&recent, &greedy, &first, 1_000, 100 * 1_024);
        assert!(recent.kept_bytes.load(Ordering::SeqCst) <= 102 * 1_024);
        assert!(recent.look(&other, &key(0), 0).is_some(), "the other owner's entry is there");
        assert!(recent.look(&first, &key(199), 0).is_some(), "what was read last is there");
        assert!(recent.look(&first, &key(0), 0).is_none());
        assert!(recent.look(&first, &key(1_000), 0).is_none());
    }

    /// Eight owners fill what there is, and go on reading it; a ninth finds as much room as they have.
    #[test]
    fn whoever_fills_it_keeps_nobody_out() {
        let recent = Arc::new(Recent::new(8 * 64 * 1_024));
        let full: Vec<(TenantId, NamespaceId)> =
            (0..8).map(|_| (TenantId::generate(), NamespaceId::generate())).collect();
        for at in 0..100 {
            for (owner, namespace) in &full {
                teach(&recent, owner, namespace, at, 1_024);
            }
        }
        let (late, namespace) = (TenantId::generate(), NamespaceId::generate());
        for at in 0..100 {
            teach(&recent, &late, &namespace, at, 1_024);
            for (_, other) in &full {
                recent.look(other, &key(99), 0).expect("what was read last is there");
            }
        }
        let bytes = recent.accounts.lock().of(&late).bytes.load(Ordering::SeqCst);
        assert!(bytes >= 50 * 1_024, "{bytes} bytes");
        assert!(recent.look(&namespace, &key(99), 0).is_some());
        assert_eq!(recent.kept_bytes.load(Ordering::SeqCst), kept_in_all(&recent));
        drop(recent.change_all(&namespace));
        assert_eq!(recent.accounts.lock().of(&late).bytes.load(Ordering::SeqCst), 0);
        assert_eq!(recent.kept_bytes.load(Ordering::SeqCst), kept_in_all(&recent));
    }

    /// More owners than fit: the node's bound holds as well.
    #[test]
    fn the_node_keeps_no_more_than_its_bound() {
        let recent = Arc::new(Recent::new(8 * 16 * 1_024));
        for _ in 0..30 {
            let (owner, namespace) = (TenantId::generate(), NamespaceId::generate());
            for at in 0..40 {
                teach(&recent, &owner, &namespace, at, 1_024);
            }
        }
        let kept = recent.kept_bytes.load(Ordering::SeqCst);
        assert!((100 * 1_024..=128 * 1_024).contains(&kept), "{kept} bytes");
        assert_eq!(kept, kept_in_all(&recent));
    }
}
