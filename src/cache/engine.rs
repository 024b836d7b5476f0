//! The cache's index and files.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension as _, params};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

use super::Headers;
use crate::ids::TenantId;
use crate::store::{Database, DatabaseError};

/// The cache's bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Bodies of all tenants together.
    pub bytes_max: u64,
    /// Bodies of one tenant, those that are being written included.
    pub tenant_bytes_max: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { bytes_max: 8 << 30, tenant_bytes_max: 512 << 20 }
    }
}

/// Where a response is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Whose it is.
    pub tenant: TenantId,
    /// Which of its caches.
    pub cache: String,
    /// The request's URL.
    pub url: String,
}

/// A response that is kept and fresh.
#[derive(Debug)]
pub struct Hit {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: Headers,
    /// Seconds since it was put.
    pub age: u64,
    /// Its body; stays readable when the entry goes.
    pub body: File,
    /// The body's length.
    pub length: u64,
}

/// Why the cache could not be used.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The disk failed.
    #[error("use cache folder: {0}")]
    Io(#[from] io::Error),
    /// The index failed.
    #[error("use cache index: {0}")]
    Index(#[from] DatabaseError),
    /// The bodies being written are all the tenant may keep.
    #[error("keep response: it is larger than the tenant's cache")]
    TooLarge,
    /// URL, name or headers are longer than any that can be used.
    #[error("keep response: its name or headers are too long")]
    HeadTooLong,
}

impl From<rusqlite::Error> for CacheError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Index(error.into())
    }
}

/// The cache; clones are the same.
#[derive(Debug, Clone)]
pub struct Cache {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    index: Database,
    config: Config,
    /// Bytes being written, by tenant.
    pending: Mutex<HashMap<TenantId, u64>>,
}

impl Cache {
    /// Opens an empty cache there; whatever was in the folder is removed.
    ///
    /// # Errors
    /// When the folder cannot be emptied or written.
    pub fn open(folder: &Path, config: Config) -> Result<Self, CacheError> {
        match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        std::fs::create_dir_all(folder)?;
        let index = Database::open(&folder.join("index.sqlite"), &[SCHEMA])?;
        // What a crash loses here is removed at the next start anyway.
        index.call_blocking(|connection| connection.pragma_update(None, "synchronous", "OFF"))?;
        let inner = Inner { folder: folder.to_owned(), index, config, pending: Mutex::default() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The fresh response for a request with these headers, if one is kept.
    ///
    /// # Errors
    /// [`CacheError`] when index or disk fail.
    pub async fn lookup(&self, key: Key, request: Headers) -> Result<Option<Hit>, CacheError> {
        let now = unix_ms();
        let found = self.inner.index.call(move |connection| find(connection, &key, &request, now)).await?;
        let Some(found) = found else { return Ok(None) };
        match File::open(self.inner.folder.join(&found.file)).await {
            Ok(body) => {
                let age = u64::try_from(now.saturating_sub(found.stored_ms)).unwrap_or(0) / 1_000;
                Ok(Some(Hit { status: found.status, headers: found.headers, age, body, length: found.bytes }))
            }
            // It was evicted between the two looks.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Begins to keep a response for requests that agree with `request` in the headers of `vary`.
    ///
    /// # Errors
    /// [`CacheError`] when it cannot be kept.
    pub async fn begin(
        &self,
        key: Key,
        status: u16,
        headers: Headers,
        vary: &[String],
        request: &Headers,
        fresh: Duration,
    ) -> Result<Writer, CacheError> {
        let vary = vary.iter().map(|name| (name.clone(), value_of(request, name))).collect::<Headers>();
        let (headers, vary) = (json(&headers), json(&vary));
        if key.url.len() + key.cache.len() + headers.len() + vary.len() > HEAD_BYTES_MAX {
            return Err(CacheError::HeadTooLong);
        }
        let name = Uuid::new_v4().simple().to_string();
        let file = File::create_new(self.inner.folder.join(&name)).await?;
        let entry = Entry { key, status, headers, vary, fresh, name };
        Ok(Writer { cache: self.clone(), entry: Some(entry), file, bytes: 0 })
    }

    /// Removes what is kept for a URL; says whether there was something.
    ///
    /// # Errors
    /// [`CacheError`] when the index fails.
    pub async fn delete(&self, key: Key) -> Result<bool, CacheError> {
        let gone = self.inner.index.call(move |connection| {
            let sql = "DELETE FROM entry WHERE tenant = ?1 AND cache = ?2 AND url = ?3 RETURNING file, expires_ms";
            let now = unix_ms();
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map(params![key.tenant.as_str(), key.cache, key.url], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)? > now))
            })?;
            Ok::<_, CacheError>(rows.collect::<Result<Vec<_>, _>>()?)
        });
        let gone = gone.await?;
        let was_fresh = gone.iter().any(|(_, fresh)| *fresh);
        self.remove(gone.into_iter().map(|(file, _)| file).collect()).await;
        Ok(was_fresh)
    }

    /// Removes files; one that is not there, or cannot be removed, goes at the next start.
    async fn remove(&self, files: Vec<String>) {
        for file in files {
            let _ = tokio::fs::remove_file(self.inner.folder.join(file)).await;
        }
    }
}

struct Entry {
    key: Key,
    status: u16,
    headers: String,
    vary: String,
    fresh: Duration,
    name: String,
}

/// A response on its way into the cache; dropped before [`Writer::commit`], it leaves nothing behind.
pub struct Writer {
    cache: Cache,
    /// There until committed.
    entry: Option<Entry>,
    file: File,
    bytes: u64,
}

impl Writer {
    /// Appends to the body.
    ///
    /// # Errors
    /// [`CacheError::TooLarge`] when the tenant may not keep that much; the disk's errors.
    pub async fn write(&mut self, chunk: &[u8]) -> Result<(), CacheError> {
        let added = chunk.len() as u64;
        if let Some(entry) = &self.entry {
            let mut pending = self.cache.inner.pending.lock();
            let pending = pending.entry(entry.key.tenant.clone()).or_default();
            if *pending + added > self.cache.inner.config.tenant_bytes_max {
                return Err(CacheError::TooLarge);
            }
            *pending += added;
            self.bytes += added;
        }
        Ok(self.file.write_all(chunk).await?)
    }

    /// Makes it the response that is kept, in place of one for the same requests.
    ///
    /// # Errors
    /// [`CacheError`] when index or disk fail.
    pub async fn commit(mut self) -> Result<(), CacheError> {
        self.file.flush().await?;
        let Some(entry) = self.entry.take() else { return Ok(()) };
        release(&self.cache, &entry.key.tenant, self.bytes);
        let (bytes, config) = (self.bytes, self.cache.inner.config.clone());
        let gone = self.cache.inner.index.call(move |connection| insert(connection, &entry, bytes, &config)).await?;
        self.cache.remove(gone).await;
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let Some(entry) = self.entry.take() else { return };
        release(&self.cache, &entry.key.tenant, self.bytes);
        // A file that cannot be removed goes at the next start.
        let _ = std::fs::remove_file(self.cache.inner.folder.join(&entry.name));
    }
}

fn release(cache: &Cache, tenant: &TenantId, bytes: u64) {
    let mut pending = cache.inner.pending.lock();
    if let Some(held) = pending.get_mut(tenant) {
        *held = held.saturating_sub(bytes);
        if *held == 0 {
            pending.remove(tenant);
        }
    }
}

struct Found {
    id: i64,
    status: u16,
    headers: Headers,
    vary: Headers,
    file: String,
    bytes: u64,
    stored_ms: i64,
}

fn find(connection: &Connection, key: &Key, request: &Headers, now: i64) -> Result<Option<Found>, CacheError> {
    let sql = "SELECT id, status, headers, vary, file, bytes, stored_ms FROM entry
        WHERE tenant = ?1 AND cache = ?2 AND url = ?3 AND expires_ms > ?4 ORDER BY stored_ms DESC, id DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![key.tenant.as_str(), key.cache, key.url, now], |row| {
        Ok(Found {
            id: row.get(0)?,
            status: row.get(1)?,
            headers: serde_json::from_str(&row.get::<_, String>(2)?).unwrap_or_default(),
            vary: serde_json::from_str(&row.get::<_, String>(3)?).unwrap_or_default(),
            file: row.get(4)?,
            bytes: unsigned(row.get(5)?),
            stored_ms: row.get(6)?,
        })
    })?;
    for found in rows {
        let found = found?;
        if found.vary.iter().all(|(name, value)| value_of(request, name) == *value) {
            connection.prepare_cached("UPDATE entry SET used_ms = ?1 WHERE id = ?2")?.execute([now, found.id])?;
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Inserts an entry and gives the files of those that had to go for it.
fn insert(connection: &mut Connection, entry: &Entry, bytes: u64, config: &Config) -> Result<Vec<String>, CacheError> {
    let Entry { key, status, headers, vary, fresh, name } = entry;
    let now = unix_ms();
    let expires = now.saturating_add(i64::try_from(fresh.as_millis()).unwrap_or(i64::MAX));
    let transaction = connection.transaction()?;
    let mut gone = Vec::new();
    let same = "DELETE FROM entry WHERE tenant = ?1 AND cache = ?2 AND url = ?3 AND vary = ?4 RETURNING file";
    // What nobody asks for any more goes with what is put, a few at a time.
    let stale = "DELETE FROM entry WHERE id IN (SELECT id FROM entry WHERE expires_ms <= ?1 LIMIT 16) RETURNING file";
    let tenant = key.tenant.as_str();
    {
        let mut statement = transaction.prepare_cached(stale)?;
        let rows = statement.query_map([now], |row| row.get(0))?;
        gone.extend(rows.collect::<Result<Vec<String>, _>>()?);
        let mut statement = transaction.prepare_cached(same)?;
        let rows = statement.query_map(params![tenant, key.cache, key.url, vary], |row| row.get(0))?;
        gone.extend(rows.collect::<Result<Vec<String>, _>>()?);
    }
    let sql =
        "INSERT INTO entry (tenant, cache, url, vary, status, headers, file, bytes, stored_ms, expires_ms, used_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?9)";
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    let row = params![tenant, key.cache, key.url, vary, status, headers, name, bytes, now, expires];
    transaction.prepare_cached(sql)?.execute(row)?;
    loop {
        let own = "SELECT bytes, entries FROM usage WHERE tenant = ?1";
        let own: Option<(i64, i64)> =
            transaction.prepare_cached(own)?.query_row([tenant], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let (own_bytes, entries) = own.map_or((0, 0), |(bytes, entries)| (unsigned(bytes), unsigned(entries)));
        let all =
            transaction.prepare_cached("SELECT bytes FROM total")?.query_row([], |row| row.get(0)).map(unsigned)?;
        // A tenant's oldest goes for the tenant's bounds, the node's oldest for the node's.
        let of = match (own_bytes > config.tenant_bytes_max || entries > ENTRIES_MAX, all > config.bytes_max) {
            (true, _) => Some(tenant),
            (false, true) => None,
            (false, false) => break,
        };
        let sql = "DELETE FROM entry WHERE id = (SELECT id FROM entry WHERE tenant = ifnull(?1, tenant)
            ORDER BY used_ms, id LIMIT 1) RETURNING file";
        let evicted: Option<String> =
            transaction.prepare_cached(sql)?.query_row(params![of], |row| row.get(0)).optional()?;
        let Some(evicted) = evicted else { break };
        gone.push(evicted);
    }
    transaction.commit()?;
    Ok(gone)
}

fn value_of(headers: &Headers, name: &str) -> String {
    let values = headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
    values.map(|(_, value)| value.trim()).collect::<Vec<_>>().join(", ")
}

/// SQLite's integers are signed; a count never is negative.
fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

fn json(headers: &Headers) -> String {
    serde_json::to_string(headers).expect("pairs of strings are JSON")
}

fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Entries of one tenant.
const ENTRIES_MAX: u64 = 10_000;

/// Name, URL and headers of one entry.
const HEAD_BYTES_MAX: usize = 192 << 10;

const SCHEMA: &str = "
CREATE TABLE entry (
    id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, cache TEXT NOT NULL, url TEXT NOT NULL, vary TEXT NOT NULL,
    status INTEGER NOT NULL, headers TEXT NOT NULL, file TEXT NOT NULL, bytes INTEGER NOT NULL,
    stored_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX entry_key ON entry (tenant, cache, url);
CREATE INDEX entry_tenant_used ON entry (tenant, used_ms, id);
CREATE INDEX entry_used ON entry (used_ms, id);
CREATE INDEX entry_expires ON entry (expires_ms);
CREATE TABLE usage (tenant TEXT PRIMARY KEY, bytes INTEGER NOT NULL, entries INTEGER NOT NULL) STRICT;
CREATE TABLE total (bytes INTEGER NOT NULL) STRICT;
INSERT INTO total VALUES (0);
CREATE TRIGGER entry_added AFTER INSERT ON entry BEGIN
    INSERT INTO usage VALUES (new.tenant, new.bytes, 1)
        ON CONFLICT (tenant) DO UPDATE SET bytes = bytes + new.bytes, entries = entries + 1;
    UPDATE total SET bytes = bytes + new.bytes;
END;
CREATE TRIGGER entry_removed AFTER DELETE ON entry BEGIN
    UPDATE usage SET bytes = bytes - old.bytes, entries = entries - 1 WHERE tenant = old.tenant;
    DELETE FROM usage WHERE tenant = old.tenant AND entries = 0;
    UPDATE total SET bytes = bytes - old.bytes;
END;
";

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    const FRESH: Duration = Duration::from_secs(60);

    fn key(tenant: &TenantId, url: &str) -> Key {
        Key { tenant: tenant.clone(), cache: "default".to_owned(), url: url.to_owned() }
    }

    async fn put(cache: &Cache, key: Key, body: &[u8], vary: &[&str], request: &[(&str, &str)]) {
        let vary: Vec<String> = vary.iter().map(|name| (*name).to_owned()).collect();
        let mut writer = cache.begin(key, 200, Headers::new(), &vary, &pairs(request), FRESH).await.expect("begins");
        writer.write(body).await.expect("fits");
        writer.commit().await.expect("is kept");
    }

    async fn read(cache: &Cache, key: Key, request: &[(&str, &str)]) -> Option<Vec<u8>> {
        let mut hit = cache.lookup(key, pairs(request)).await.expect("looks")?;
        let mut body = Vec::new();
        hit.body.read_to_end(&mut body).await.expect("reads");
        assert_eq!(body.len() as u64, hit.length);
        Some(body)
    }

    fn pairs(list: &[(&str, &str)]) -> Headers {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn files(folder: &Path) -> usize {
        let entries = std::fs::read_dir(folder).expect("the folder");
        entries.filter_map(Result::ok).filter(|entry| !entry.file_name().to_string_lossy().contains("index")).count()
    }

    /// Two tenants, one URL; then variants, replacement and removal.
    #[tokio::test]
    async fn entries_are_found_by_tenant_url_and_what_they_vary_by() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::open(folder.path(), Config::default()).expect("opens");
        let (one, other) = (TenantId::generate(), TenantId::generate());
        put(&cache, key(&one, "https://a/"), b"one", &[], &[]).await;
        assert_eq!(read(&cache, key(&one, "https://a/"), &[]).await.as_deref(), Some(&b"one"[..]));
        assert_eq!(read(&cache, key(&other, "https://a/"), &[]).await, None);
        assert!(!cache.delete(key(&other, "https://a/")).await.expect("deletes"));
        put(&cache, key(&one, "https://b/"), b"german", &["accept-language"], &[("Accept-Language", "de")]).await;
        put(&cache, key(&one, "https://b/"), b"french", &["accept-language"], &[("accept-language", "fr")]).await;
        let german = [("ACCEPT-LANGUAGE", "de")];
        assert_eq!(read(&cache, key(&one, "https://b/"), &german).await.as_deref(), Some(&b"german"[..]));
        assert_eq!(read(&cache, key(&one, "https://b/"), &[]).await, None);
        put(&cache, key(&one, "https://b/"), b"again", &["accept-language"], &german).await;
        assert_eq!(read(&cache, key(&one, "https://b/"), &german).await.as_deref(), Some(&b"again"[..]));
        assert_eq!(files(folder.path()), 3);
        assert!(cache.delete(key(&one, "https://b/")).await.expect("deletes"));
        assert!(!cache.delete(key(&one, "https://b/")).await.expect("deletes"));
        assert_eq!(files(folder.path()), 1);
    }

    /// Fills a tenant's share and the node's, and gives up in the middle of a body.
    #[tokio::test]
    async fn what_was_used_longest_ago_makes_room() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config { bytes_max: 250, tenant_bytes_max: 100 };
        let cache = Cache::open(folder.path(), config).expect("opens");
        let tenant = TenantId::generate();
        for at in 0..5 {
            put(&cache, key(&tenant, &format!("https://{at}/")), &[0; 30], &[], &[]).await;
        }
        assert_eq!(files(folder.path()), 3);
        assert_eq!(read(&cache, key(&tenant, "https://1/"), &[]).await, None);
        assert!(read(&cache, key(&tenant, "https://4/"), &[]).await.is_some());
        let none = Headers::new();
        let begin = cache.begin(key(&tenant, "https://x/"), 200, none.clone(), &[], &none, FRESH);
        let mut writer = begin.await.expect("begins");
        writer.write(&[0; 60]).await.expect("fits");
        assert!(matches!(writer.write(&[0; 60]).await, Err(CacheError::TooLarge)));
        drop(writer);
        assert_eq!(files(folder.path()), 3);
        for _ in 0..3 {
            put(&cache, key(&TenantId::generate(), "https://y/"), &[0; 90], &[], &[]).await;
        }
        assert_eq!(read(&cache, key(&tenant, "https://4/"), &[]).await, None);
        assert!(files(folder.path()) <= 3);
        drop(cache);
        Cache::open(folder.path(), Config::default()).expect("opens again");
        assert_eq!(files(folder.path()), 0);
    }
}
