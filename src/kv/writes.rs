//! Writes: what writer threads do with the jobs of one namespace, in their order.
//!
//! Writes that wait together are committed together: one transaction, one wait for the disk, then every one of them is
//! acknowledged. What changes is forgotten by [`Recent`] first. When such a commit fails, each is tried again alone, so that only those fail that must.

use std::sync::Arc;

use super::answer::{Answer, Health, send};
use super::clock::Clock;
use super::crew::Job;
use super::entry::Write;
use super::error::KvError;
use super::files::Files;
use super::folder;
use super::namespace_file::{NamespaceFile, Swept};
use super::recent::Recent;
use crate::ids::NamespaceId;

/// A change of one namespace, and where its answer goes.
#[derive(Debug)]
pub(super) enum WriteJob {
    /// Make the namespace, unless it is there.
    Create(Answer<()>),
    /// Write all of these or none.
    Write(Vec<Write>, Answer<()>),
    /// Remove some expired entries.
    Sweep(Answer<Swept>),
    /// Remove the namespace and everything in it.
    Remove(Answer<()>),
}

/// Serves the writes of one namespace.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    pub(super) files: Arc<Files>,
    pub(super) recent: Arc<Recent>,
    pub(super) clock: Clock,
    pub(super) namespace_bytes_max: u64,
    pub(super) sweep_entries_max: usize,
}

impl Writer {
    /// Does these jobs, in order. No other thread has a turn of the namespace's writes meanwhile.
    pub(super) fn serve(&self, namespace: &NamespaceId, jobs: Vec<WriteJob>) {
        let mut group = Vec::new();
        for job in jobs {
            let job = match job {
                // A write whose caller left is done all the same: the caller asked for it.
                WriteJob::Write(writes, done) => {
                    group.push((writes, done));
                    continue;
                }
                job => job,
            };
            self.commit(namespace, std::mem::take(&mut group));
            match job {
                WriteJob::Create(done) => {
                    send(done, self.create(namespace));
                }
                WriteJob::Sweep(done) => self.sweep(namespace, done),
                WriteJob::Remove(done) => {
                    let change = self.recent.change_all(namespace);
                    let removed = self.files.remove(namespace);
                    drop(change);
                    send(done, removed);
                }
                WriteJob::Write(..) => {}
            }
        }
        self.commit(namespace, group);
    }

    fn create(&self, namespace: &NamespaceId) -> Result<(), KvError> {
        let path = folder::path(self.files.dir(), namespace);
        let existed = path.try_exists().map_err(|error| KvError::files(&path, error))?;
        let made = NamespaceFile::create(self.files.dir(), namespace).map(drop);
        if made.is_err()
            && !existed
            && let Err(error) = self.files.remove(namespace)
        {
            // The caller hears why the namespace could not be made; making it again finishes what is there.
            tracing::warn!(%namespace, error = &error as &dyn std::error::Error, "half-made kv file stays");
        }
        made
    }

    fn commit(&self, namespace: &NamespaceId, group: Vec<(Vec<Write>, Answer<()>)>) {
        if group.is_empty() {
            return;
        }
        let mut lease = match self.files.lease(namespace) {
            Ok(lease) => lease,
            Err(error) => {
                for (_, done) in group {
                    send(done, Err(error.clone()));
                }
                return;
            }
        };
        let writes: Vec<&[Write]> = group.iter().map(|(writes, _)| &writes[..]).collect();
        let now = self.clock.now();
        // A commit removes some of what has expired, too.
        self.recent.sweep(now);
        let change = self.recent.change(namespace, writes.iter().flat_map(|writes| writes.iter().map(Write::key)));
        let results = commit_group(&mut lease, &writes, self.namespace_bytes_max, now);
        drop(change);
        let mut health = Health::Good;
        for ((_, done), result) in group.into_iter().zip(results) {
            health = health.and(send(done, result));
        }
        if health == Health::Doubtful {
            lease.discard();
        }
    }

    fn sweep(&self, namespace: &NamespaceId, done: Answer<Swept>) {
        match self.files.lease(namespace) {
            Err(error) => {
                send(done, Err(error));
            }
            Ok(mut lease) => {
                let now = self.clock.now();
                self.recent.sweep(now);
                let swept = lease.sweep(now, self.sweep_entries_max);
                if send(done, swept) == Health::Doubtful {
                    lease.discard();
                }
            }
        }
    }
}

impl Job for WriteJob {
    fn refuse(self, error: KvError) {
        match self {
            Self::Create(done) | Self::Write(_, done) | Self::Remove(done) => send(done, Err(error)),
            Self::Sweep(done) => send(done, Err(error)),
        };
    }
}

/// Commits all together, or, when that fails, each alone; one result per member of the group.
fn commit_group(file: &mut NamespaceFile, group: &[&[Write]], bytes_max: u64, now: u64) -> Vec<Result<(), KvError>> {
    match file.apply(group, bytes_max, now) {
        Ok(results) => results,
        Err(error) if group.len() == 1 => vec![Err(error)],
        Err(_) => group.iter().map(|alone| file.apply(&[alone], bytes_max, now)?.into_iter().collect()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::entry::Key;
    use super::*;

    fn put(name: &str, length: usize) -> Write {
        let key = Key::new(name).expect("a key");
        Write::Put { key, value: Bytes::from(vec![7; length]), metadata: None, expiration: None }
    }

    fn length(file: &NamespaceFile, name: &str) -> Option<usize> {
        let entry = file.read(&Key::new(name).expect("a key"), 0).expect("reads");
        entry.map(|entry| entry.value.len())
    }

    /// A file that may not grow stands for a disk that is full; one member of a group does not fit on it.
    #[test]
    fn a_full_disk_fails_the_write_that_does_not_fit_and_no_other() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut file = NamespaceFile::create(dir.path(), &NamespaceId::generate()).expect("creates");
        let before = commit_group(&mut file, &[&[put("before", 10)]], u64::MAX, 0);
        assert!(matches!(before[..], [Ok(())]));
        file.cap_pages(64);
        let (small, large) = ([put("a", 100), put("b", 100)], [put("c", 100), put("large", 1_000_000)]);
        let last = [put("d", 100)];
        let results = commit_group(&mut file, &[&small, &large, &last], u64::MAX, 0);
        assert!(matches!(results[..], [Ok(()), Err(KvError::DiskFull { .. }), Ok(())]), "{results:?}");
        let lengths = ["before", "a", "b", "c", "large", "d"].map(|name| length(&file, name));
        assert_eq!(lengths, [Some(10), Some(100), Some(100), None, None, Some(100)]);
        assert_eq!(file.stored_bytes().expect("reads"), 319);

        file.cap_pages(1_000_000);
        let again = commit_group(&mut file, &[&large], u64::MAX, 0);
        assert!(matches!(again[..], [Ok(())]));
        assert_eq!(length(&file, "large"), Some(1_000_000));
    }

    /// Something stands where the log is to be; nothing of the namespace stays, and it can be made later.
    #[test]
    fn a_namespace_that_cannot_be_made_is_not_there() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let writer = Writer {
            files: Arc::new(Files::new(dir.path(), 8)),
            recent: Arc::new(Recent::new(0)),
            clock: Clock::new(|| 0),
            namespace_bytes_max: u64::MAX,
            sweep_entries_max: 1,
        };
        let namespace = NamespaceId::generate();
        let obstacle = dir.path().join(format!("{namespace}.sqlite-wal"));
        std::fs::create_dir(&obstacle).expect("makes a folder");
        assert!(matches!(writer.create(&namespace), Err(KvError::Storage { .. })));
        assert!(matches!(writer.files.lease(&namespace), Err(KvError::NamespaceNotFound { .. })));
        std::fs::remove_dir(&obstacle).expect("removes");
        writer.create(&namespace).expect("creates");
        writer.create(&namespace).expect("is there already");
        assert_eq!(writer.files.lease(&namespace).expect("opens").stored_bytes().expect("reads"), 0);
    }

    /// One member of a group passes the cap; replacing and deleting make room.
    #[test]
    fn a_full_namespace_refuses_growth_only() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut file = NamespaceFile::create(dir.path(), &NamespaceId::generate()).expect("creates");
        let (first, too_much, last) = ([put("a", 99)], [put("b", 9), put("c", 90)], [put("b", 99)]);
        let results = commit_group(&mut file, &[&first, &too_much, &last], 200, 0);
        assert!(matches!(
            results[..],
            [Ok(()), Err(KvError::NamespaceFull { stored_bytes: 100, bytes_max: 200, .. }), Ok(())]
        ));
        assert_eq!(["a", "b", "c"].map(|name| length(&file, name)), [Some(99), Some(99), None]);
        let refused = commit_group(&mut file, &[&[put("d", 1)]], 200, 0);
        assert!(matches!(refused[..], [Err(KvError::NamespaceFull { .. })]));
        let delete = Write::Delete { key: Key::new("a").expect("a key") };
        let swapped = commit_group(&mut file, &[&[put("b", 1)], &[delete, put("d", 97)]], 100, 0);
        assert!(matches!(swapped[..], [Ok(()), Ok(())]), "shrinking is allowed past a cap that was lowered");
        assert_eq!(file.stored_bytes().expect("reads"), 100);
    }
}
