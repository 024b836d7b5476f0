//! The file of one namespace: the only SQL of KV.
//!
//! A connection to `{namespace}.sqlite`, used by one thread at a time. A commit is on disk when it returns (write-ahead
//! log, `synchronous=FULL`). The stored bytes are kept as an exact sum beside the entries, in the same transactions.
//! Knows nothing of queues or threads; `now` is passed in.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, TransactionBehavior, params};

use super::entry::{Entry, Key, ListRequest, ListedKey, Page, Write};
use super::error::KvError;
use super::folder;
use super::page::{PageBuilder, Scan};
use super::rules;
use crate::ids::NamespaceId;

/// An open namespace.
#[derive(Debug)]
pub(super) struct NamespaceFile {
    namespace: NamespaceId,
    connection: Connection,
}

/// What one sweep of a namespace did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Swept {
    /// Expired entries removed.
    pub(super) entries: usize,
    /// Whether there is more to remove or to give back to the file system.
    pub(super) more: bool,
}

impl NamespaceFile {
    /// Makes the namespace's file, or finishes making one that a crash left half made.
    pub(super) fn create(dir: &Path, namespace: &NamespaceId) -> Result<Self, KvError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let file = Self::connect(&folder::path(dir, namespace), namespace, flags)?;
        file.connection.execute_batch(SCHEMA).map_err(|error| KvError::sqlite(namespace, error))?;
        folder::sync(dir)?;
        Ok(file)
    }

    /// Opens a namespace that has been made and not removed.
    pub(super) fn open(dir: &Path, namespace: &NamespaceId) -> Result<Self, KvError> {
        let path = folder::path(dir, namespace);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::connect(&path, namespace, flags).map_err(|error| match path.try_exists() {
            Ok(false) => KvError::NamespaceNotFound { namespace: namespace.clone() },
            _ => error,
        })
    }

    fn connect(path: &Path, namespace: &NamespaceId, flags: OpenFlags) -> Result<Self, KvError> {
        let connection = Connection::open_with_flags(path, flags)
            .and_then(|connection| {
                connection.busy_timeout(BUSY_WAIT_MAX)?;
                connection.execute_batch(PRAGMAS)?;
                Ok(connection)
            })
            .map_err(|error| KvError::sqlite(namespace, error))?;
        Ok(Self { namespace: namespace.clone(), connection })
    }

    /// The entry under a key, if it is visible.
    pub(super) fn read(&self, key: &Key, now: u64) -> Result<Option<Entry>, KvError> {
        match read_entry(&self.connection, key, now, u64::MAX).map_err(|error| self.failed(error))? {
            Found::Entry(entry) => Ok(Some(entry)),
            Found::Nothing | Found::TooLarge { .. } => Ok(None),
        }
    }

    /// The entry under a key, visible or not.
    pub(super) fn read_stored(&self, key: &Key) -> Result<Option<Entry>, KvError> {
        // Nothing has expired before the first second.
        self.read(key, 0)
    }

    /// The visible entries under these keys, as they were at one moment.
    pub(super) fn read_many(&mut self, keys: &[Key], now: u64) -> Result<Vec<Option<Entry>>, KvError> {
        let failed = |error| KvError::sqlite(&self.namespace, error);
        let transaction = self.connection.transaction().map_err(failed)?;
        let mut entries = Vec::with_capacity(keys.len());
        let mut bytes = 0;
        for key in keys {
            let room = rules::BULK_READ_BYTES_MAX - bytes;
            match read_entry(&transaction, key, now, room).map_err(failed)? {
                Found::Nothing => entries.push(None),
                Found::Entry(entry) => {
                    bytes += entry.value.len() as u64;
                    entries.push(Some(entry));
                }
                Found::TooLarge { value_bytes } => rules::bulk_read_bytes(bytes + value_bytes)?,
            }
        }
        Ok(entries)
    }

    /// One page of visible keys.
    pub(super) fn list(&self, request: &ListRequest, now: u64) -> Result<Page, KvError> {
        let list = || {
            let mut page = PageBuilder::new(request, now);
            let mut statement = self.connection.prepare_cached(LIST)?;
            let mut rows = statement.query([page.start()])?;
            while let Some(row) = rows.next()? {
                if page.look_at(listed_key(row)?) == Scan::Stop {
                    break;
                }
            }
            Ok(page.finish())
        };
        list().map_err(|error| self.failed(error))
    }

    /// Bytes of keys, values and metadata, expired ones that were not swept yet included.
    pub(super) fn stored_bytes(&self) -> Result<u64, KvError> {
        stored_bytes(&self.connection).map_err(|error| self.failed(error))
    }

    /// Applies groups of writes in one transaction; each group wholly or not at all, later ones on top of earlier ones.
    ///
    /// The inner results say which groups were refused for passing `bytes_max`; an outer error means that nothing at
    /// all was kept.
    pub(super) fn apply(
        &mut self,
        groups: &[&[Write]],
        bytes_max: u64,
        now: u64,
    ) -> Result<Vec<Result<(), KvError>>, KvError> {
        let namespace = self.namespace.clone();
        let outcomes = self.apply_groups(groups, bytes_max, now).map_err(|error| self.failed(error))?;
        let result = |outcome| match outcome {
            GroupOutcome::Kept => Ok(()),
            GroupOutcome::Full { stored_bytes } => {
                Err(KvError::NamespaceFull { namespace: namespace.clone(), stored_bytes, bytes_max })
            }
        };
        Ok(outcomes.into_iter().map(result).collect())
    }

    fn apply_groups(&mut self, groups: &[&[Write]], bytes_max: u64, now: u64) -> rusqlite::Result<Vec<GroupOutcome>> {
        let mut transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut stored = stored_bytes(&transaction)?;
        stored = stored.saturating_sub(remove_expired(&transaction, now, EXPIRED_PER_COMMIT_MAX)?.1);
        let mut outcomes = Vec::with_capacity(groups.len());
        let is_full = |before: u64, after: u64| after > before && after > bytes_max;
        for group in groups {
            if let [write] = group {
                // Whether it fits is known before it is done: nothing has to be rolled back.
                let after = stored.saturating_sub(entry_bytes(&transaction, write.key())?) + write.stored_bytes();
                if is_full(stored, after) {
                    outcomes.push(GroupOutcome::Full { stored_bytes: stored });
                } else {
                    apply_write(&transaction, write)?;
                    outcomes.push(GroupOutcome::Kept);
                    stored = after;
                }
                continue;
            }
            let savepoint = transaction.savepoint()?;
            let mut after = stored;
            for write in *group {
                after = after.saturating_sub(entry_bytes(&savepoint, write.key())?) + write.stored_bytes();
                apply_write(&savepoint, write)?;
            }
            if is_full(stored, after) {
                savepoint.finish()?; // rolls the group back
                outcomes.push(GroupOutcome::Full { stored_bytes: stored });
            } else {
                savepoint.commit()?;
                outcomes.push(GroupOutcome::Kept);
                stored = after;
            }
        }
        set_stored_bytes(&transaction, stored)?;
        transaction.commit()?;
        Ok(outcomes)
    }

    /// Removes some expired entries and gives some free pages back to the file system.
    pub(super) fn sweep(&mut self, now: u64, entries_max: usize) -> Result<Swept, KvError> {
        self.sweep_some(now, entries_max).map_err(|error| self.failed(error))
    }

    fn sweep_some(&mut self, now: u64, entries_max: usize) -> rusqlite::Result<Swept> {
        let any: bool = self.connection.prepare_cached(ANY_EXPIRED)?.query_row([seconds(now)], |row| row.get(0))?;
        let mut entries = 0;
        if any {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let (removed, bytes) = remove_expired(&transaction, now, entries_max)?;
            set_stored_bytes(&transaction, stored_bytes(&transaction)?.saturating_sub(bytes))?;
            transaction.commit()?;
            entries = removed;
        }
        let free_pages = self.connection.query_row("PRAGMA freelist_count", [], |row| unsigned(row, 0))?;
        if free_pages > FREE_PAGES_KEPT {
            let mut statement = self.connection.prepare_cached(GIVE_PAGES_BACK)?;
            let mut pages = statement.query([])?;
            // Each step frees one page.
            while pages.next()?.is_some() {}
        }
        let more = entries == entries_max || free_pages > FREE_PAGES_KEPT + PAGES_PER_SWEEP;
        Ok(Swept { entries, more })
    }

    /// Lets the file grow to so many pages only, as a full disk would.
    #[cfg(test)]
    pub(super) fn cap_pages(&self, pages_max: u32) {
        self.connection.execute_batch(&format!("PRAGMA max_page_count = {pages_max}")).expect("sets the cap");
    }

    fn failed(&self, error: rusqlite::Error) -> KvError {
        KvError::sqlite(&self.namespace, error)
    }
}

impl FromSql for Key {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = std::str::from_utf8(value.as_blob()?).map_err(|error| FromSqlError::Other(Box::new(error)))?;
        Key::new(text).map_err(|refusal| FromSqlError::Other(Box::new(refusal)))
    }
}

enum Found {
    Nothing,
    Entry(Entry),
    TooLarge { value_bytes: u64 },
}

enum GroupOutcome {
    Kept,
    Full { stored_bytes: u64 },
}

/// Reads a visible entry, unless its value is larger than `bytes_max`, which is found out before it is read.
fn read_entry(connection: &Connection, key: &Key, now: u64, bytes_max: u64) -> rusqlite::Result<Found> {
    let mut statement = connection.prepare_cached(READ)?;
    let mut rows = statement.query([key.as_str().as_bytes()])?;
    let Some(row) = rows.next()? else { return Ok(Found::Nothing) };
    let expiration = unsigned_or_null(row, 0)?;
    if !rules::is_visible(expiration, now) {
        return Ok(Found::Nothing);
    }
    let value_bytes = unsigned(row, 2)?;
    if value_bytes > bytes_max {
        return Ok(Found::TooLarge { value_bytes });
    }
    let value: Vec<u8> = row.get(3)?;
    Ok(Found::Entry(Entry { value: Bytes::from(value), metadata: row.get(1)?, expiration }))
}

fn listed_key(row: &Row<'_>) -> rusqlite::Result<ListedKey> {
    Ok(ListedKey { name: row.get(0)?, expiration: unsigned_or_null(row, 1)?, metadata: row.get(2)? })
}

fn apply_write(connection: &Connection, write: &Write) -> rusqlite::Result<()> {
    match write {
        Write::Put { key, value, metadata, expiration } => connection.prepare_cached(PUT)?.execute(params![
            key.as_str().as_bytes(),
            expiration.map(seconds),
            metadata,
            &value[..]
        ])?,
        Write::Delete { key } => connection.prepare_cached(DELETE)?.execute([key.as_str().as_bytes()])?,
    };
    Ok(())
}

/// Bytes stored under a key, whether visible or not.
fn entry_bytes(connection: &Connection, key: &Key) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare_cached(ENTRY_BYTES)?;
    Ok(statement.query_row([key.as_str().as_bytes()], |row| unsigned(row, 0)).optional()?.unwrap_or(0))
}

/// Removes at most so many expired entries; how many there were and their bytes.
fn remove_expired(connection: &Connection, now: u64, entries_max: usize) -> rusqlite::Result<(usize, u64)> {
    let limit = i64::try_from(entries_max).unwrap_or(i64::MAX);
    let expired: Vec<(i64, u64)> = connection
        .prepare_cached(EXPIRED)?
        .query_map(params![seconds(now), limit], |row| Ok((row.get(0)?, unsigned(row, 1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut statement = connection.prepare_cached("DELETE FROM entries WHERE rowid = ?1")?;
    for (rowid, _) in &expired {
        statement.execute([rowid])?;
    }
    Ok((expired.len(), expired.iter().map(|(_, bytes)| bytes).sum()))
}

fn stored_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    connection.prepare_cached("SELECT bytes FROM stored")?.query_row([], |row| unsigned(row, 0))
}

fn set_stored_bytes(connection: &Connection, bytes: u64) -> rusqlite::Result<()> {
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    connection.prepare_cached("UPDATE stored SET bytes = ?1 WHERE bytes <> ?1")?.execute([bytes])?;
    Ok(())
}

/// A column that is never negative. (rusqlite 0.40 reads `u64` only with a feature of its own.)
fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

fn unsigned_or_null(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<u64>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        _ => unsigned(row, column).map(Some),
    }
}

/// Unix seconds as SQLite holds them.
fn seconds(at: u64) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}

/// The value is the last column, so that lists and sweeps never read its pages. Keys are blobs: they sort by bytes.
const SCHEMA: &str = "
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS entries (key BLOB NOT NULL UNIQUE, expiration INTEGER, metadata TEXT, value BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS entries_by_expiration ON entries (expiration) WHERE expiration IS NOT NULL;
CREATE TABLE IF NOT EXISTS stored (bytes INTEGER NOT NULL);
INSERT INTO stored SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM stored);
COMMIT;
";

/// A cache of 1 MiB a connection; a log that shrinks to 4 MiB after a bulk write.
const PRAGMAS: &str = "
PRAGMA synchronous = FULL;
PRAGMA cache_size = -1024;
PRAGMA journal_size_limit = 4194304;
PRAGMA temp_store = MEMORY;
";

const READ: &str = "SELECT expiration, metadata, octet_length(value), value FROM entries WHERE key = ?1";
const LIST: &str = "SELECT key, expiration, metadata FROM entries WHERE key >= ?1 ORDER BY key";
const PUT: &str = "INSERT INTO entries (key, expiration, metadata, value) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (key) DO UPDATE SET expiration = ?2, metadata = ?3, value = ?4";
const DELETE: &str = "DELETE FROM entries WHERE key = ?1";
const ENTRY_BYTES: &str = "SELECT octet_length(key) + octet_length(value) + ifnull(octet_length(metadata), 0)
    FROM entries WHERE key = ?1";
const ANY_EXPIRED: &str = "SELECT EXISTS (SELECT 1 FROM entries WHERE expiration <= ?1)";
const EXPIRED: &str = "SELECT rowid, octet_length(key) + octet_length(value) + ifnull(octet_length(metadata), 0)
    FROM entries WHERE expiration <= ?1 ORDER BY expiration LIMIT ?2";
const GIVE_PAGES_BACK: &str = "PRAGMA incremental_vacuum(1024)";

/// Waiting for another connection's lock: only opening, closing and recovery hold one against us.
const BUSY_WAIT_MAX: Duration = Duration::from_secs(5);

/// Expired entries that a commit of writes removes by the way.
const EXPIRED_PER_COMMIT_MAX: usize = 32;

/// Free pages a file keeps for its next writes, and how many one sweep gives back beyond those.
const FREE_PAGES_KEPT: u64 = 256;
const PAGES_PER_SWEEP: u64 = 1_024;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// SplitMix64: enough randomness for a test, and the same on every machine.
    struct Random(u64);

    impl Random {
        fn below(&mut self, end: u64) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed ^ (mixed >> 31)) % end
        }

        fn key(&mut self) -> Key {
            const PARTS: [&str; 7] = ["a", "b/", "é", "\u{10ffff}", "\0", "_", "%"];
            let parts = 1 + self.below(3);
            let text: String = (0..parts).map(|_| PARTS[self.below(7) as usize]).collect();
            Key::new(&text).expect("a key")
        }

        fn write(&mut self, now: u64) -> Write {
            let key = self.key();
            if self.below(4) == 0 {
                return Write::Delete { key };
            }
            let value = Bytes::from(vec![self.below(256) as u8; self.below(6_000) as usize]);
            let metadata = (self.below(3) == 0).then(|| format!("{{\"é\":{}}}", self.below(1_000)));
            let expiration = (self.below(3) == 0).then(|| now + self.below(50));
            Write::Put { key, value, metadata, expiration }
        }
    }

    fn all_pages(file: &NamespaceFile, prefix: &str, limit: i64, now: u64) -> Vec<ListedKey> {
        let (mut keys, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let request = ListRequest::new(Some(prefix), Some(limit), cursor.as_deref()).expect("a request");
            let page = file.list(&request, now).expect("lists");
            keys.extend(page.keys);
            cursor = page.cursor;
            if cursor.is_none() {
                return keys;
            }
        }
    }

    /// A seeded run of everything against a map, with the time passed in and the file reopened now and then.
    #[test]
    fn a_namespace_does_what_a_sorted_map_does() {
        let seed = std::env::var("EYOT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_121);
        println!("EYOT_SEED={seed}");
        let mut random = Random(seed);
        let dir = tempfile::tempdir().expect("a temporary folder");
        let namespace = NamespaceId::generate();
        let mut file = NamespaceFile::create(dir.path(), &namespace).expect("creates");
        let mut model: BTreeMap<Key, Entry> = BTreeMap::new();
        let mut now = 1_000;
        for step in 0..600 {
            match random.below(8) {
                0..3 => {
                    let writes: Vec<_> = (0..=random.below(5)).map(|_| random.write(now)).collect();
                    let results = file.apply(&[&writes], u64::MAX, now).expect("applies");
                    assert!(matches!(results[..], [Ok(())]));
                    for write in writes {
                        match write {
                            Write::Put { key, value, metadata, expiration } => {
                                model.insert(key, Entry { value, metadata, expiration });
                            }
                            Write::Delete { key } => drop(model.remove(&key)),
                        }
                    }
                }
                3..5 => {
                    let keys: Vec<_> = (0..10).map(|_| random.key()).collect();
                    let expected: Vec<_> = keys.iter().map(|key| model.get(key).cloned()).collect();
                    assert_eq!(file.read_many(&keys, now).expect("reads"), expected, "step {step}");
                    assert_eq!(file.read(&keys[0], now).expect("reads"), expected[0]);
                }
                5..7 => {
                    let (prefix, limit) = (["", "a", "b", "é", "zz"][random.below(5) as usize], random.below(20));
                    let expected: Vec<_> = model
                        .iter()
                        .filter(|(key, _)| key.as_str().starts_with(prefix))
                        .map(|(key, entry)| ListedKey {
                            name: key.clone(),
                            expiration: entry.expiration,
                            metadata: entry.metadata.clone(),
                        })
                        .collect();
                    assert_eq!(all_pages(&file, prefix, 1 + limit as i64, now), expected, "step {step}");
                }
                _ => {
                    now += random.below(20);
                    while file.sweep(now, 3).expect("sweeps").more {}
                    if random.below(4) == 0 {
                        file = NamespaceFile::open(dir.path(), &namespace).expect("opens again");
                    }
                }
            }
            now += random.below(2);
            model.retain(|_, entry| rules::is_visible(entry.expiration, now));
        }
        while file.sweep(now, 3).expect("sweeps").more {}
        let entry_bytes = |(key, entry): (&Key, &Entry)| {
            key.as_str().len() + entry.value.len() + entry.metadata.as_ref().map_or(0, String::len)
        };
        let expected: usize = model.iter().map(entry_bytes).sum();
        assert_eq!(file.stored_bytes().expect("reads"), expected as u64);
    }

    /// Values that are one byte too large together.
    #[test]
    fn a_bulk_read_is_refused_before_it_is_too_large() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let mut file = NamespaceFile::create(dir.path(), &NamespaceId::generate()).expect("creates");
        let (half, rest) = (Key::new("half").expect("a key"), Key::new("rest").expect("a key"));
        let put = |key: &Key, length: usize| Write::Put {
            key: key.clone(),
            value: Bytes::from(vec![1; length]),
            metadata: None,
            expiration: None,
        };
        let size = rules::BULK_READ_BYTES_MAX as usize / 2;
        assert!(file.apply(&[&[put(&half, size), put(&rest, size)]], u64::MAX, 0).is_ok());
        let keys = [half.clone(), rest.clone()];
        assert_eq!(file.read_many(&keys, 0).expect("fits").iter().flatten().count(), 2);
        assert!(file.apply(&[&[put(&rest, size + 1)]], u64::MAX, 0).is_ok());
        let refused = file.read_many(&keys, 0).err().map(|error| error.refusal().status);
        assert_eq!(refused, Some(413));
    }

    /// Writes much, removes it, sweeps; the file is small again.
    #[test]
    fn a_sweep_gives_free_pages_back() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let namespace = NamespaceId::generate();
        let mut file = NamespaceFile::create(dir.path(), &namespace).expect("creates");
        let writes: Vec<_> = (0..8)
            .map(|at| Write::Put {
                key: Key::new(&format!("k{at}")).expect("a key"),
                value: Bytes::from(vec![1; 1 << 20]),
                metadata: None,
                expiration: Some(100),
            })
            .collect();
        assert!(file.apply(&[&writes], u64::MAX, 0).is_ok());
        assert_eq!(file.sweep(99, 5).expect("sweeps"), Swept { entries: 0, more: false });
        assert_eq!(file.sweep(100, 5).expect("sweeps"), Swept { entries: 5, more: true });
        while file.sweep(100, 5).expect("sweeps").more {}
        assert_eq!(file.stored_bytes().expect("reads"), 0);
        drop(file); // the last connection moves the log into the file
        let length = folder::path(dir.path(), &namespace).metadata().expect("the file").len();
        assert!(length < 2 << 20, "{length} bytes are left");
    }

    /// What makes an acknowledged write durable is in force on a connection that was opened, not made.
    #[test]
    fn commits_wait_for_the_disk() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let namespace = NamespaceId::generate();
        drop(NamespaceFile::create(dir.path(), &namespace).expect("creates"));
        let file = NamespaceFile::open(dir.path(), &namespace).expect("opens");
        let mode: String = file.connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).expect("a mode");
        let level: i64 = file.connection.query_row("PRAGMA synchronous", [], |row| row.get(0)).expect("a level");
        assert_eq!((mode.as_str(), level), ("wal", 2));
    }
}
