//! Open files: a bounded number of open namespaces, however many there are.
//!
//! A thread borrows a [`NamespaceFile`] as a [`Lease`] and gives it back on drop; idle ones are kept, the least recently
//! used namespace is closed first. Removing a namespace first turns new leases away and waits for the ones that are out,
//! because SQLite removes companion files by name when the last connection closes.
//!
//! Invariant: idle connections and leases together never pass `open_max`, as long as no more threads than that borrow.

use std::collections::{HashMap, HashSet};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lru::LruCache;
use parking_lot::{Condvar, Mutex};

use super::error::KvError;
use super::folder;
use super::namespace_file::NamespaceFile;
use crate::ids::NamespaceId;

/// The open namespaces of a folder.
#[derive(Debug)]
pub(super) struct Files {
    dir: PathBuf,
    open_max: usize,
    state: Mutex<State>,
    lease_returned: Condvar,
}

/// A namespace file in use by one thread.
#[derive(Debug)]
pub(super) struct Lease<'a> {
    files: &'a Files,
    namespace: NamespaceId,
    /// `None` once it has been given up.
    file: Option<NamespaceFile>,
}

#[derive(Debug)]
struct State {
    idle: LruCache<NamespaceId, Vec<NamespaceFile>>,
    idle_count: usize,
    leased: HashMap<NamespaceId, usize>,
    leased_count: usize,
    removing: HashSet<NamespaceId>,
}

impl Files {
    /// Files of this folder, of which at most `open_max` are open at once.
    pub(super) fn new(dir: &Path, open_max: usize) -> Self {
        let state = State {
            idle: LruCache::unbounded(), // bounded by `idle_count`, because one namespace may have several
            idle_count: 0,
            leased: HashMap::new(),
            leased_count: 0,
            removing: HashSet::new(),
        };
        Self { dir: dir.to_owned(), open_max, state: Mutex::new(state), lease_returned: Condvar::new() }
    }

    /// Where the files are.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Borrows a connection to a namespace.
    pub(super) fn lease(&self, namespace: &NamespaceId) -> Result<Lease<'_>, KvError> {
        let (idle, evicted) = {
            let mut state = self.state.lock();
            if state.removing.contains(namespace) {
                return Err(KvError::NamespaceNotFound { namespace: namespace.clone() });
            }
            *state.leased.entry(namespace.clone()).or_default() += 1;
            state.leased_count += 1;
            let idle = state.pop_idle(namespace);
            (idle, state.evict_past(self.open_max))
        };
        drop(evicted); // closed outside the lock: it may write to the disk
        let mut lease = Lease { files: self, namespace: namespace.clone(), file: idle };
        if lease.file.is_none() {
            // A failure here drops the lease, which gives the count back.
            lease.file = Some(NamespaceFile::open(&self.dir, namespace)?);
        }
        Ok(lease)
    }

    /// Removes a namespace, once every lease of it is back.
    pub(super) fn remove(&self, namespace: &NamespaceId) -> Result<(), KvError> {
        let removal = Removal::begin(self, namespace)?;
        let idle = self.state.lock().take_idle(namespace);
        drop(idle);
        removal.wait_for_leases()?;
        folder::remove(&self.dir, namespace)
    }

    /// Closes everything that is idle.
    pub(super) fn close_idle(&self) {
        let evicted = self.state.lock().evict_past(0);
        drop(evicted);
    }

    #[cfg(test)]
    fn open_count(&self) -> usize {
        let state = self.state.lock();
        state.idle_count + state.leased_count
    }

    fn give_back(&self, namespace: &NamespaceId, file: Option<NamespaceFile>) {
        let closed = {
            let mut state = self.state.lock();
            state.end_lease(namespace);
            match file {
                Some(file) if !state.removing.contains(namespace) => {
                    state.push_idle(namespace, file);
                    state.evict_past(self.open_max)
                }
                file => file.into_iter().collect(),
            }
        };
        // A connection must be closed before a waiting removal hears that it is back.
        drop(closed);
        self.lease_returned.notify_all();
    }
}

impl Lease<'_> {
    /// Closes the connection instead of keeping it for the next borrower.
    pub(super) fn discard(mut self) {
        self.file = None;
    }
}

impl Deref for Lease<'_> {
    type Target = NamespaceFile;

    fn deref(&self) -> &NamespaceFile {
        self.file.as_ref().expect("a lease holds its file until it is dropped")
    }
}

impl DerefMut for Lease<'_> {
    fn deref_mut(&mut self) -> &mut NamespaceFile {
        self.file.as_mut().expect("a lease holds its file until it is dropped")
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let file = self.file.take();
        // After a panic nobody knows what state the connection is in.
        let file = if std::thread::panicking() { None } else { file };
        self.files.give_back(&self.namespace, file);
    }
}

impl State {
    fn pop_idle(&mut self, namespace: &NamespaceId) -> Option<NamespaceFile> {
        let files = self.idle.get_mut(namespace)?;
        let file = files.pop();
        if files.is_empty() {
            self.idle.pop(namespace);
        }
        self.idle_count -= usize::from(file.is_some());
        file
    }

    fn push_idle(&mut self, namespace: &NamespaceId, file: NamespaceFile) {
        self.idle.get_or_insert_mut(namespace.clone(), Vec::new).push(file);
        self.idle_count += 1;
    }

    fn take_idle(&mut self, namespace: &NamespaceId) -> Vec<NamespaceFile> {
        let files = self.idle.pop(namespace).unwrap_or_default();
        self.idle_count -= files.len();
        files
    }

    /// Takes out idle connections, least recently used namespace first, until no more than `open_max` are open.
    fn evict_past(&mut self, open_max: usize) -> Vec<NamespaceFile> {
        let mut evicted = Vec::new();
        while self.idle_count > 0 && self.idle_count + self.leased_count > open_max {
            let Some((_, files)) = self.idle.pop_lru() else { break };
            self.idle_count -= files.len();
            evicted.extend(files);
        }
        evicted
    }

    fn end_lease(&mut self, namespace: &NamespaceId) {
        self.leased_count -= 1;
        if let Some(count) = self.leased.get_mut(namespace) {
            *count -= 1;
            if *count == 0 {
                self.leased.remove(namespace);
            }
        }
    }
}

/// The time during which a namespace is being removed and nobody may borrow it.
struct Removal<'a> {
    files: &'a Files,
    namespace: &'a NamespaceId,
}

impl<'a> Removal<'a> {
    fn begin(files: &'a Files, namespace: &'a NamespaceId) -> Result<Self, KvError> {
        if !files.state.lock().removing.insert(namespace.clone()) {
            return Err(KvError::NamespaceNotFound { namespace: namespace.clone() });
        }
        Ok(Self { files, namespace })
    }

    fn wait_for_leases(&self) -> Result<(), KvError> {
        let deadline = Instant::now() + LEASES_WAIT_MAX;
        let mut state = self.files.state.lock();
        while let Some(&waiting) = state.leased.get(self.namespace) {
            if self.files.lease_returned.wait_until(&mut state, deadline).timed_out() {
                return Err(KvError::Overloaded { namespace: self.namespace.clone(), waiting });
            }
        }
        Ok(())
    }
}

impl Drop for Removal<'_> {
    fn drop(&mut self) {
        self.files.state.lock().removing.remove(self.namespace);
    }
}

/// Longer than any turn of a reader takes on a disk that works.
const LEASES_WAIT_MAX: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn make(files: &Files) -> NamespaceId {
        let namespace = NamespaceId::generate();
        drop(NamespaceFile::create(files.dir(), &namespace).expect("creates"));
        namespace
    }

    /// Borrows from many more namespaces than may be open, three times over.
    #[test]
    fn no_more_files_are_open_than_allowed() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let files = Files::new(dir.path(), 8);
        let namespaces: Vec<_> = (0..50).map(|_| make(&files)).collect();
        for namespace in namespaces.iter().cycle().take(150) {
            let lease = files.lease(namespace).expect("opens");
            assert_eq!(lease.stored_bytes().expect("reads"), 0);
            assert!(files.open_count() <= 8);
        }
        assert_eq!(files.open_count(), 8);
        let (one, two) = (files.lease(&namespaces[0]).expect("opens"), files.lease(&namespaces[0]).expect("opens"));
        assert!(files.open_count() <= 8);
        drop((one, two));
        files.close_idle();
        assert_eq!(files.open_count(), 0);
    }

    /// Removes a namespace while a lease is out; the removal ends when the lease does.
    #[test]
    fn a_removal_waits_for_leases_and_turns_new_ones_away() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let files = Files::new(dir.path(), 8);
        let namespace = make(&files);
        let lease = files.lease(&namespace).expect("opens");
        thread::scope(|scope| {
            let removal = scope.spawn(|| files.remove(&namespace));
            while files.state.lock().removing.is_empty() {
                thread::yield_now();
            }
            assert!(matches!(files.lease(&namespace), Err(KvError::NamespaceNotFound { .. })));
            assert!(!removal.is_finished());
            assert_eq!(lease.stored_bytes().expect("still reads"), 0);
            drop(lease);
            removal.join().expect("no panic").expect("removes");
        });
        assert_eq!(std::fs::read_dir(dir.path()).expect("lists").count(), 0);
        assert!(matches!(files.lease(&namespace), Err(KvError::NamespaceNotFound { .. })));
        assert_eq!(files.open_count(), 0);
    }

    /// A connection that is given up is not lent again.
    #[test]
    fn a_discarded_lease_is_closed() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let files = Files::new(dir.path(), 8);
        let namespace = make(&files);
        files.lease(&namespace).expect("opens").discard();
        assert_eq!(files.open_count(), 0);
        drop(files.lease(&namespace).expect("opens"));
        assert_eq!(files.open_count(), 1);
    }
}
