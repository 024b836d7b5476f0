//! The engine: the handle that everybody calls, and what stands behind it.
//!
//! Callers may be on any async runtime, or none: they wait for a message from one of our threads, never for the disk.
//! Every wait is bounded: a full line refuses at once, and a request that waited too long is refused when its turn comes.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::answer::Answer;
use super::clock::Clock;
use super::crew::{Crew, Job, Queue};
use super::entry::{Entry, Key, ListRequest, Page, Write};
use super::error::KvError;
use super::files::Files;
use super::folder;
use super::lines::{Bounds, Lines, Turns};
use super::reads::{ReadJob, Reader};
use super::recent::Recent;
use super::rules;
use super::sweep::{Pace, Sweeper};
use super::writes::{WriteJob, Writer};
use crate::ids::{NamespaceId, TenantId};

/// The KV store of a node. Clones share it; when the last one is dropped it shuts down, which blocks until everything
/// queued is done: call [`Kv::shutdown`] before.
#[derive(Debug, Clone)]
pub struct Kv {
    inner: Arc<Inner>,
}

/// How much the engine may use.
#[derive(Debug, Clone)]
pub struct Config {
    /// Threads that read.
    pub reader_threads: usize,
    /// Of those, how many may read one namespace at once.
    pub readers_per_namespace: usize,
    /// Threads that write; one namespace is written by one at a time.
    pub writer_threads: usize,
    /// Connections open at once; each takes up to three file descriptors and 1 MiB. At least one per thread.
    pub open_files_max: usize,
    /// What may wait to be read.
    pub reads: Bounds,
    /// What may wait to be written.
    pub writes: Bounds,
    /// Cap on the keys, values and metadata of one namespace together.
    pub namespace_bytes_max: u64,
    /// Bytes of entries that were read lately and are kept in memory; one tenant has an eighth of them.
    pub recent_bytes_max: u64,
    /// Time between two passes of the background sweep.
    pub sweep_interval: Duration,
    /// Namespaces that one pass visits.
    pub sweep_namespaces_max: usize,
    /// Expired entries that one transaction of the sweep removes.
    pub sweep_entries_max: usize,
    /// What time it is.
    pub clock: Clock,
}

#[derive(Debug)]
struct Inner {
    // Dropped in this order: the sweeper waits for the writers, and both crews use the files.
    sweeper: Sweeper,
    writes: Crew<WriteJob>,
    reads: Crew<ReadJob>,
    files: Arc<Files>,
    recent: Arc<Recent>,
    clock: Clock,
}

impl Kv {
    /// Opens the store in this folder, making it if it is not there.
    ///
    /// # Errors
    /// When the folder cannot be used or a thread cannot be started.
    pub fn open(dir: &Path, config: Config) -> Result<Self, KvError> {
        fs::create_dir_all(dir).map_err(|error| KvError::files(dir, error))?;
        folder::remove_orphans(dir)?;
        let threads = config.reader_threads + config.writer_threads;
        let files = Arc::new(Files::new(dir, config.open_files_max.max(threads)));
        let start = |source| KvError::Start { source: Arc::new(source) };

        let turns = Turns { lanes: config.readers_per_namespace, ..READ_TURNS };
        let reader = Reader { files: files.clone(), clock: config.clock.clone() };
        let reads = Crew::start("kv-read", config.reader_threads, Lines::new(config.reads, turns), {
            move |namespace, jobs| reader.serve(namespace, jobs)
        })
        .map_err(start)?;

        let recent = Arc::new(Recent::new(config.recent_bytes_max));
        let writer = Writer {
            files: files.clone(),
            recent: recent.clone(),
            clock: config.clock.clone(),
            namespace_bytes_max: config.namespace_bytes_max,
            sweep_entries_max: config.sweep_entries_max,
        };
        let writes = Crew::start("kv-write", config.writer_threads, Lines::new(config.writes, WRITE_TURNS), {
            move |namespace, jobs| writer.serve(namespace, jobs)
        })
        .map_err(start)?;

        let pace = Pace { interval: config.sweep_interval, namespaces_max: config.sweep_namespaces_max };
        let sweeper = Sweeper::start(dir.to_owned(), writes.queue().clone(), recent.clone(), pace).map_err(start)?;
        Ok(Self { inner: Arc::new(Inner { sweeper, writes, reads, files, recent, clock: config.clock }) })
    }

    /// Makes a namespace; one that is there stays as it is. Every other call needs the namespace to have been made.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn create_namespace(&self, namespace: &NamespaceId) -> Result<(), KvError> {
        ask(self.inner.writes.queue(), None, namespace, 0, WriteJob::Create).await
    }

    /// Removes a namespace and everything in it. Reads that run finish first, later ones do not find it.
    ///
    /// # Errors
    /// When the disk fails. A namespace that is not there is removed already.
    pub async fn remove_namespace(&self, namespace: &NamespaceId) -> Result<(), KvError> {
        ask(self.inner.writes.queue(), None, namespace, 0, WriteJob::Remove).await
    }

    /// The entry under a key, unless it has expired.
    ///
    /// # Errors
    /// When the namespace is not there, too much waits, or the disk fails.
    pub async fn read(&self, owner: &TenantId, namespace: &NamespaceId, key: &Key) -> Result<Option<Entry>, KvError> {
        ask(self.inner.reads.queue(), Some(owner), namespace, 0, |done| ReadJob::One(key.clone(), done)).await
    }

    /// The entry under a key when it was read lately and nothing has changed it, `Some(None)` when nothing is under it;
    /// `None` when only [`Kv::read_for`] can tell.
    #[must_use]
    pub fn recent(&self, namespace: &NamespaceId, key: &Key) -> Option<Option<Entry>> {
        self.inner.recent.look(namespace, key, self.inner.clock.now())
    }

    /// As [`Kv::read`]; what it finds is kept for [`Kv::recent`], on the account of this tenant.
    ///
    /// # Errors
    /// As [`Kv::read`].
    pub async fn read_for(
        &self,
        owner: &TenantId,
        namespace: &NamespaceId,
        key: &Key,
    ) -> Result<Option<Entry>, KvError> {
        let Inner { reads, recent, clock, .. } = &*self.inner;
        let lesson = recent.learn(owner, namespace, key);
        let stored = ask(reads.queue(), Some(owner), namespace, 0, |done| ReadJob::Stored(key.clone(), done)).await?;
        if let Some(lesson) = lesson {
            lesson.end(stored.clone());
        }
        Ok(stored.filter(|entry| rules::is_visible(entry.expiration, clock.now())))
    }

    /// The entries under several keys, as they were at one moment, in the order of the keys.
    ///
    /// # Errors
    /// As [`Kv::read`]; also when there are too many keys or their values are too large together.
    pub async fn read_many(
        &self,
        owner: &TenantId,
        namespace: &NamespaceId,
        keys: Vec<Key>,
    ) -> Result<Vec<Option<Entry>>, KvError> {
        rules::bulk_read_keys(keys.len())?;
        ask(self.inner.reads.queue(), Some(owner), namespace, 0, |done| ReadJob::Many(keys, done)).await
    }

    /// Writes all of these, in order, or none; when it answers `Ok` they survive a power loss.
    ///
    /// Dropping the future does not take the writes back.
    ///
    /// # Errors
    /// As [`Kv::read`]; also when a write breaks a rule, the namespace is full or the disk is.
    pub async fn write(&self, owner: &TenantId, namespace: &NamespaceId, writes: Vec<Write>) -> Result<(), KvError> {
        rules::writes(&writes)?;
        let bytes = writes.iter().map(|write| write.stored_bytes() + write.key().as_str().len() as u64).sum();
        ask(self.inner.writes.queue(), Some(owner), namespace, bytes, |done| WriteJob::Write(writes, done)).await
    }

    /// One page of keys, sorted by their UTF-8 bytes, without the expired ones.
    ///
    /// # Errors
    /// As [`Kv::read`].
    pub async fn list(
        &self,
        owner: &TenantId,
        namespace: &NamespaceId,
        request: &ListRequest,
    ) -> Result<Page, KvError> {
        ask(self.inner.reads.queue(), Some(owner), namespace, 0, |done| ReadJob::List(request.clone(), done)).await
    }

    /// Bytes of keys, values and metadata in a namespace, expired ones that were not swept yet included.
    ///
    /// # Errors
    /// As [`Kv::read`].
    pub async fn stored_bytes(&self, namespace: &NamespaceId) -> Result<u64, KvError> {
        ask(self.inner.reads.queue(), None, namespace, 0, ReadJob::StoredBytes).await
    }

    /// Refuses new requests, finishes those that were accepted and closes every file.
    pub async fn shutdown(&self) {
        let (done, closed) = oneshot::channel();
        let inner = self.inner.clone();
        let spawned = thread::Builder::new().name("kv-shutdown".to_owned()).spawn(move || {
            inner.close();
            // Nobody waits if the caller gave up on the shutdown.
            let _ = done.send(());
        });
        match spawned {
            // The sender is dropped only after the close, or by a panic, which there is nothing left to do about.
            Ok(_) => drop(closed.await),
            Err(_) => self.inner.close(),
        }
    }
}

impl Inner {
    fn close(&self) {
        self.sweeper.close();
        self.writes.close();
        self.reads.close();
        self.files.close_idle();
    }
}

impl Default for Config {
    fn default() -> Self {
        let bounds = Bounds {
            jobs_max: 65_536,
            jobs_per_namespace_max: 4_096,
            bytes_max: 512 * MIB,
            bytes_per_namespace_max: 128 * MIB,
            wait_max: Duration::from_secs(10),
        };
        Self {
            reader_threads: 4,
            readers_per_namespace: 2,
            writer_threads: 4,
            open_files_max: 64,
            reads: bounds.clone(),
            writes: bounds,
            namespace_bytes_max: 10 * 1_024 * MIB,
            recent_bytes_max: 64 * MIB,
            sweep_interval: Duration::from_secs(60),
            sweep_namespaces_max: 64,
            sweep_entries_max: 1_000,
            clock: Clock::system(),
        }
    }
}

/// Hands a job in and waits for its answer.
async fn ask<J: Job, T>(
    queue: &Queue<J>,
    owner: Option<&TenantId>,
    namespace: &NamespaceId,
    bytes: u64,
    job: impl FnOnce(Answer<T>) -> J,
) -> Result<T, KvError> {
    let (done, answer) = oneshot::channel();
    queue.join(owner, namespace, job(done), bytes)?;
    answer.await.unwrap_or(Err(KvError::Lost))
}

const MIB: u64 = 1_024 * 1_024;

/// Small turns: a read may return 25 MiB.
const READ_TURNS: Turns = Turns { lanes: 1, jobs_max: 8, bytes_max: u64::MAX };

/// Large turns: the more writes share a commit, the less each waits for the disk.
const WRITE_TURNS: Turns = Turns { lanes: 1, jobs_max: 256, bytes_max: 32 * MIB };

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Instant;

    use bytes::Bytes;
    use futures::executor::block_on;
    use futures::future::join_all;

    use super::*;

    static OWNER: std::sync::LazyLock<TenantId> = std::sync::LazyLock::new(TenantId::generate);

    fn key(text: &str) -> Key {
        Key::new(text).expect("a key")
    }

    fn put(name: &str, value: &str) -> Write {
        Write::Put { key: key(name), value: Bytes::from(value.to_owned()), metadata: None, expiration: None }
    }

    fn value(entry: Option<Entry>) -> Option<String> {
        entry.map(|entry| String::from_utf8(entry.value.to_vec()).expect("text"))
    }

    fn open(dir: &Path) -> Kv {
        Kv::open(dir, Config::default()).expect("opens")
    }

    /// A clock that shows the number, in seconds.
    fn moved_clock() -> (Arc<AtomicU64>, Clock) {
        let now = Arc::new(AtomicU64::new(1_000));
        let shown = now.clone();
        (now, Clock::new(move || shown.load(Ordering::SeqCst)))
    }

    fn made(kv: &Kv) -> NamespaceId {
        let namespace = NamespaceId::generate();
        block_on(kv.create_namespace(&namespace)).expect("creates");
        namespace
    }

    /// Writes, closes and opens again, by shutdown and by drop.
    #[test]
    fn acknowledged_writes_are_there_after_reopening() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let kv = open(dir.path());
        let namespace = made(&kv);
        block_on(kv.write(&OWNER, &namespace, vec![put("a", "1"), put("b", "2")])).expect("writes");
        block_on(kv.shutdown());
        let closed = block_on(kv.read(&OWNER, &namespace, &key("a")));
        assert!(matches!(closed, Err(KvError::Closed)));
        drop(kv);
        let kv = open(dir.path());
        block_on(kv.write(&OWNER, &namespace, vec![put("b", "3")])).expect("writes");
        block_on(kv.create_namespace(&namespace)).expect("is there already");
        drop(kv);
        let entries = block_on(open(dir.path()).read_many(&OWNER, &namespace, vec![key("a"), key("b"), key("c")]));
        let values: Vec<_> = entries.expect("reads").into_iter().map(value).collect();
        assert_eq!(values, [Some("1".to_owned()), Some("3".to_owned()), None]);
    }

    /// Copies the files as `kill -9` would leave them, while the engine still holds them open.
    #[test]
    fn acknowledged_writes_survive_a_kill() {
        let (dir, copy) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let kv = open(dir.path());
        let namespace = made(&kv);
        for at in 0..20 {
            block_on(kv.write(&OWNER, &namespace, vec![put(&format!("{at}/a"), "x"), put(&format!("{at}/b"), "x")]))
                .expect("writes");
        }
        for entry in fs::read_dir(dir.path()).expect("lists") {
            let path = entry.expect("an entry").path();
            // The shared-memory index is made anew from the log.
            if !path.to_string_lossy().ends_with("-shm") {
                fs::copy(&path, copy.path().join(path.file_name().expect("a name"))).expect("copies");
            }
        }
        let request = ListRequest::new(None, None, None).expect("a request");
        let page = block_on(open(copy.path()).list(&OWNER, &namespace, &request)).expect("lists");
        assert_eq!(page.keys.len(), 40);
    }

    /// Many writers of one namespace at once, on threads of their own.
    #[test]
    fn concurrent_writes_are_all_acknowledged() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let kv = open(dir.path());
        let namespace = made(&kv);
        thread::scope(|scope| {
            for writer in 0..8 {
                let (kv, namespace) = (&kv, &namespace);
                scope.spawn(move || {
                    let writes =
                        (0..250).map(|at| kv.write(&OWNER, namespace, vec![put(&format!("{writer}/{at}"), "v")]));
                    for result in block_on(join_all(writes)) {
                        result.expect("acknowledged");
                    }
                });
            }
        });
        for writer in 0..8 {
            let request = ListRequest::new(Some(&format!("{writer}/")), None, None).expect("a request");
            assert_eq!(block_on(kv.list(&OWNER, &namespace, &request)).expect("lists").keys.len(), 250);
        }
    }

    /// Holds the first commit in the clock, which each commit asks once, until 200 more writes wait.
    #[test]
    fn writes_that_wait_together_are_committed_together() {
        let commits = Arc::new(AtomicU64::new(0));
        let (open_gate, gate) = std::sync::mpsc::channel::<()>();
        let gate = parking_lot::Mutex::new(gate);
        let clock = Clock::new({
            let commits = commits.clone();
            move || {
                if commits.fetch_add(1, Ordering::SeqCst) == 0 {
                    gate.lock().recv().expect("the test opens the gate");
                }
                1_000
            }
        });
        let dir = tempfile::tempdir().expect("a temporary folder");
        let sweep_interval = Duration::from_secs(3_600);
        let kv = Kv::open(dir.path(), Config { clock, sweep_interval, ..Config::default() }).expect("opens");
        let namespace = made(&kv);
        block_on(async {
            let write = async |at: u32| kv.write(&OWNER, &namespace, vec![put(&at.to_string(), "v")]).await;
            let mut first = Box::pin(write(0));
            assert!(futures::poll!(&mut first).is_pending());
            while commits.load(Ordering::SeqCst) == 0 {
                thread::yield_now();
            }
            let mut others: Vec<_> = (1..=200).map(|at| Box::pin(write(at))).collect();
            for other in &mut others {
                assert!(futures::poll!(other).is_pending());
            }
            open_gate.send(()).expect("the first commit waits");
            first.await.expect("acknowledged");
            assert!(join_all(others).await.iter().all(Result::is_ok));
        });
        assert_eq!(commits.load(Ordering::SeqCst), 2);
    }

    /// Puts an entry that expires, and moves the clock to the second before, the second itself, and a sweep.
    #[test]
    fn an_expired_entry_is_gone_from_every_read_at_its_second() {
        let (now, clock) = moved_clock();
        let dir = tempfile::tempdir().expect("a temporary folder");
        let kv = Kv::open(dir.path(), Config { clock, ..Config::default() }).expect("opens");
        let namespace = made(&kv);
        let metadata = Some("{\"m\":1}".to_owned());
        let entry = Entry { value: Bytes::from_static(b"v"), metadata: metadata.clone(), expiration: Some(1_060) };
        let write = Write::Put { key: key("k"), value: entry.value.clone(), metadata, expiration: Some(1_060) };
        block_on(kv.write(&OWNER, &namespace, vec![write])).expect("writes");
        let request = ListRequest::new(None, None, None).expect("a request");

        now.store(1_059, Ordering::SeqCst);
        assert_eq!(block_on(kv.read(&OWNER, &namespace, &key("k"))).expect("reads"), Some(entry.clone()));
        let page = block_on(kv.list(&OWNER, &namespace, &request)).expect("lists");
        assert_eq!((page.keys[0].expiration, page.keys[0].metadata.clone()), (Some(1_060), entry.metadata));

        now.store(1_060, Ordering::SeqCst);
        assert_eq!(block_on(kv.read(&OWNER, &namespace, &key("k"))).expect("reads"), None);
        assert_eq!(block_on(kv.read_many(&OWNER, &namespace, vec![key("k")])).expect("reads"), [None]);
        assert_eq!(block_on(kv.list(&OWNER, &namespace, &request)).expect("lists"), Page::default());
        block_on(kv.write(&OWNER, &namespace, vec![put("other", "")])).expect("writes, and removes the expired");
        assert_eq!(block_on(kv.stored_bytes(&namespace)).expect("reads"), 5);
    }

    /// Every kind of change after a read that is kept: by put, by delete, by a bulk write, by expiry, by removal.
    #[test]
    fn a_change_is_seen_by_the_next_read_for_a_tenant() {
        let (now, clock) = moved_clock();
        let dir = tempfile::tempdir().expect("a temporary folder");
        let kv = Kv::open(dir.path(), Config { clock, ..Config::default() }).expect("opens");
        let (owner, namespace) = (TenantId::generate(), made(&kv));
        let read = || value(block_on(kv.read_for(&owner, &namespace, &key("k"))).expect("reads"));
        let recent = || kv.recent(&namespace, &key("k")).map(value);
        let write = |writes| block_on(kv.write(&OWNER, &namespace, writes)).expect("writes");

        assert_eq!((recent(), read(), recent()), (None, None, Some(None)));
        write(vec![put("k", "1")]);
        assert_eq!((recent(), read(), recent()), (None, Some("1".into()), Some(Some("1".into()))));
        write(vec![put("other", "2")]);
        assert_eq!(recent(), Some(Some("1".into())), "another key was changed");
        write(vec![put("other", "3"), Write::Delete { key: key("k") }]);
        assert_eq!((recent(), read(), recent()), (None, None, Some(None)));
        let expiring = Write::Put { key: key("k"), value: Bytes::from("4"), metadata: None, expiration: Some(1_060) };
        write(vec![expiring]);
        assert_eq!((read(), recent()), (Some("4".into()), Some(Some("4".into()))));
        now.store(1_060, Ordering::SeqCst);
        assert_eq!((recent(), read()), (Some(None), None));
        block_on(kv.remove_namespace(&namespace)).expect("removes");
        assert_eq!(recent(), None);
        assert!(matches!(block_on(kv.read_for(&owner, &namespace, &key("k"))), Err(KvError::NamespaceNotFound { .. })));
    }

    /// Writers count a key up; readers on other threads, which keep what they read, never see it go down, nor less than
    /// what was acknowledged before they looked.
    #[test]
    fn what_is_kept_never_lags_behind_what_was_acknowledged() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let kv = open(dir.path());
        let (owner, namespace) = (TenantId::generate(), made(&kv));
        let acknowledged = AtomicU64::new(0);
        let is_over = std::sync::atomic::AtomicBool::new(false);
        let look = || {
            let found = match kv.recent(&namespace, &key("k")) {
                Some(found) => found,
                None => block_on(kv.read_for(&owner, &namespace, &key("k"))).expect("reads"),
            };
            value(found).map_or(0, |text| text.parse::<u64>().expect("a number"))
        };
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let mut last = 0;
                    while !is_over.load(Ordering::SeqCst) {
                        let at_least = acknowledged.load(Ordering::SeqCst).max(last);
                        let seen = look();
                        assert!(seen >= at_least, "saw {seen} after {at_least}");
                        last = seen;
                    }
                });
            }
            for number in 1..=400_u64 {
                block_on(kv.write(&OWNER, &namespace, vec![put("k", &number.to_string())])).expect("writes");
                acknowledged.store(number, Ordering::SeqCst);
            }
            is_over.store(true, Ordering::SeqCst);
        });
        assert_eq!(look(), 400);
    }

    /// A namespace nobody writes to is swept in the background.
    #[test]
    fn the_sweep_reaches_an_idle_namespace() {
        let (now, clock) = moved_clock();
        let dir = tempfile::tempdir().expect("a temporary folder");
        let interval = Duration::from_millis(1);
        let config = Config { clock, sweep_interval: interval, sweep_entries_max: 2, ..Config::default() };
        let kv = Kv::open(dir.path(), config).expect("opens");
        let namespace = made(&kv);
        let value = Bytes::from_static(b"v");
        let writes = (0..9).map(|at| Write::Put {
            key: key(&at.to_string()),
            value: value.clone(),
            metadata: None,
            expiration: Some(1_060),
        });
        block_on(kv.write(&OWNER, &namespace, writes.collect())).expect("writes");
        assert_eq!(block_on(kv.stored_bytes(&namespace)).expect("reads"), 18);
        now.store(1_060, Ordering::SeqCst);
        let deadline = Instant::now() + Duration::from_secs(30);
        while block_on(kv.stored_bytes(&namespace)).expect("reads") > 0 {
            assert!(Instant::now() < deadline, "the sweep never came");
        }
    }

    /// Every call on a namespace that was never made, and on one that was removed.
    #[test]
    fn a_namespace_that_is_not_there_is_not_found() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let kv = open(dir.path());
        let removed = made(&kv);
        block_on(kv.write(&OWNER, &removed, vec![put("k", "v")])).expect("writes");
        block_on(kv.read(&OWNER, &removed, &key("k"))).expect("reads");
        block_on(kv.remove_namespace(&removed)).expect("removes");
        block_on(kv.remove_namespace(&removed)).expect("removes again");
        for namespace in [removed, NamespaceId::generate()] {
            let request = ListRequest::new(None, None, None).expect("a request");
            let errors = [
                block_on(kv.read(&OWNER, &namespace, &key("k"))).err(),
                block_on(kv.list(&OWNER, &namespace, &request)).err(),
                block_on(kv.write(&OWNER, &namespace, vec![put("k", "v")])).err(),
            ];
            for error in errors {
                assert!(matches!(error, Some(KvError::NamespaceNotFound { .. })), "{error:?}");
            }
        }
        assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), 0);
    }

    /// Reads and writes of a namespace race with its removal: each is done or finds nothing, and no file stays.
    #[test]
    fn a_removal_races_with_reads_and_writes() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let kv = open(dir.path());
        for _ in 0..10 {
            let namespace = made(&kv);
            thread::scope(|scope| {
                for caller in 0..4 {
                    let (kv, namespace) = (&kv, &namespace);
                    scope.spawn(move || {
                        for at in 0..20 {
                            let name = format!("{caller}/{at}");
                            let wrote = block_on(kv.write(&OWNER, namespace, vec![put(&name, "v")]));
                            let read = block_on(kv.read(&OWNER, namespace, &key(&name)));
                            for error in [wrote.err(), read.err()].into_iter().flatten() {
                                assert!(matches!(error, KvError::NamespaceNotFound { .. }), "{error:?}");
                            }
                        }
                    });
                }
                block_on(kv.remove_namespace(&namespace)).expect("removes");
            });
        }
        block_on(kv.shutdown());
        assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), 0);
    }

    /// A thousand namespaces with eight connections: each keeps its own values.
    #[test]
    fn many_namespaces_share_few_open_files() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        // However busy the machine's disk is.
        let patient = Bounds { wait_max: Duration::from_secs(300), ..Config::default().writes };
        let config = Config { open_files_max: 8, reads: patient.clone(), writes: patient, ..Config::default() };
        let kv = Kv::open(dir.path(), config).expect("opens");
        let namespaces: Vec<_> = (0..1_000).map(|_| NamespaceId::generate()).collect();
        block_on(join_all(namespaces.iter().map(async |namespace| {
            kv.create_namespace(namespace).await.expect("creates");
            kv.write(&OWNER, namespace, vec![put("id", namespace.as_str())]).await.expect("writes");
        })));
        block_on(join_all(namespaces.iter().map(async |namespace| {
            let entry = kv.read(&OWNER, namespace, &key("id")).await.expect("reads");
            assert_eq!(value(entry).as_deref(), Some(namespace.as_str()));
        })));
        let open = fs::read_dir("/proc/self/fd").expect("lists").filter_map(|fd| fs::read_link(fd.ok()?.path()).ok());
        let ours = open.filter(|path| path.starts_with(dir.path())).count();
        assert!((1..=24).contains(&ours), "{ours} files are open");
    }

    /// Writes that wait take up a bounded number of bytes; the largest call allowed still fits.
    #[test]
    fn what_waits_is_bounded_and_a_full_bulk_write_fits() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let kv = open(dir.path());
        let namespace = made(&kv);
        let value = Bytes::from(vec![1; 24_000_000]);
        let bulk: Vec<_> = (0..4)
            .map(|at| Write::Put { key: key(&at.to_string()), value: value.clone(), metadata: None, expiration: None })
            .collect();
        let results = block_on(join_all((0..3).map(|_| kv.write(&OWNER, &namespace, bulk.clone()))));
        assert!(results[0].is_ok());
        let refused = results.iter().filter(|result| matches!(result, Err(KvError::Overloaded { .. }))).count();
        assert!(refused >= 1, "{results:?}");
        assert_eq!(block_on(kv.stored_bytes(&namespace)).expect("reads"), 96_000_004);
    }
}
