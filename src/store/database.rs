//! One SQLite database: opened, migrated, and used by one caller at a time.
//!
//! What a call committed is on the disk when the call returns (WAL, `synchronous=FULL`). Callers wait in a bounded
//! queue, first come first served, without holding a thread; the work itself runs on Tokio's blocking threads. Knows
//! nothing of what the tables mean.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::Semaphore;

/// Why the database could not be opened or used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// SQLite or the disk failed.
    #[error("use database")]
    Sqlite(#[from] rusqlite::Error),
    /// A later version of Eyot wrote it.
    #[error("open database of schema {found}: this build knows schemas up to {known}")]
    Newer {
        /// Its schema.
        found: u32,
        /// The newest one known here.
        known: u32,
    },
    /// The queue is full.
    #[error("queue for the database: {QUEUE_MAX} calls are waiting")]
    Busy,
    /// The call panicked; it changed nothing.
    #[error("run database call to its end")]
    Lost,
}

/// An open database. Clones share its one connection.
#[derive(Debug, Clone)]
pub struct Database {
    connection: Arc<Mutex<Connection>>,
    queue: Arc<Semaphore>,
    turn: Arc<Semaphore>,
}

impl Database {
    /// Opens the file, makes it when there is none, and brings it to the schema of `migrations`: the statements that
    /// lead from one schema to the next, the first from an empty file. A migration is never changed once released.
    ///
    /// # Errors
    /// [`DatabaseError`]; a migration that fails leaves the schema as it was.
    pub fn open(path: &Path, migrations: &[&str]) -> Result<Self, DatabaseError> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // The node may write nowhere but in its data folder, and nothing here sorts much.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        // Rows of removed secrets and tokens are overwritten, not only unlinked.
        connection.pragma_update(None, "secure_delete", true)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        migrate(&mut connection, migrations)?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
            queue: Arc::new(Semaphore::new(QUEUE_MAX)),
            turn: Arc::new(Semaphore::new(1)),
        })
    }

    /// Runs `work` with the connection, alone. Once it has begun it runs to its end, even when this future is dropped.
    ///
    /// # Errors
    /// What `work` answers; [`DatabaseError::Busy`] at once when the queue is full, [`DatabaseError::Lost`] when `work`
    /// panicked.
    pub async fn call<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
    {
        let place = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| DatabaseError::Busy)?;
        let turn = Arc::clone(&self.turn).acquire_owned().await.map_err(|_| DatabaseError::Lost)?;
        let connection = Arc::clone(&self.connection);
        let done = tokio::task::spawn_blocking(move || {
            let answer = work(&mut connection.lock());
            drop((turn, place));
            answer
        });
        done.await.map_err(|_| DatabaseError::Lost)?
    }

    /// Runs `work` on this thread; for the start of the program, when nobody else uses the database.
    ///
    /// # Errors
    /// What `work` answers.
    pub fn call_blocking<T, E>(&self, work: impl FnOnce(&mut Connection) -> Result<T, E>) -> Result<T, E> {
        work(&mut self.connection.lock())
    }
}

fn migrate(connection: &mut Connection, migrations: &[&str]) -> Result<(), DatabaseError> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let known = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    let found: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(DatabaseError::Newer { found, known });
    }
    for migration in migrations.iter().skip(found as usize) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

/// Calls that wait at most; a full queue takes seconds to drain on a slow disk.
const QUEUE_MAX: usize = 4_096;

/// How long another process (a backup, `sqlite3`) may hold the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Prepared statements kept.
const STATEMENTS_MAX: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "CREATE TABLE things (name TEXT PRIMARY KEY) STRICT;";
    const SECOND: &str = "ALTER TABLE things ADD COLUMN size INTEGER NOT NULL DEFAULT 0;";

    fn count(connection: &Connection) -> Result<u32, DatabaseError> {
        Ok(connection.query_row("SELECT count(*) FROM things", [], |row| row.get(0))?)
    }

    /// Opens with one migration, writes, opens with two, then with one again, then with one that fails.
    #[test]
    fn a_database_is_brought_forward_and_never_back() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("test.sqlite");
        let insert = |database: &Database, sql: &str| -> Result<usize, DatabaseError> {
            database.call_blocking(|connection| Ok(connection.execute(sql, [])?))
        };
        let first = Database::open(&path, &[FIRST]).expect("opens");
        insert(&first, "INSERT INTO things VALUES ('a')").expect("inserts");
        drop(first);
        assert!(matches!(Database::open(&path, &[FIRST, "nonsense"]), Err(DatabaseError::Sqlite(_))));
        let second = Database::open(&path, &[FIRST, SECOND]).expect("opens");
        insert(&second, "INSERT INTO things VALUES ('b', 1)").expect("inserts");
        assert_eq!(second.call_blocking(|connection| count(connection)).expect("counts"), 2);
        drop(second);
        assert!(matches!(Database::open(&path, &[FIRST]), Err(DatabaseError::Newer { found: 2, known: 1 })));
    }

    /// Panics inside a call, in a transaction, and calls again.
    #[tokio::test]
    async fn a_call_that_panics_changes_nothing_and_frees_its_turn() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let database = Database::open(&dir.path().join("test.sqlite"), &[FIRST]).expect("opens");
        let lost = database.call(|connection| -> Result<(), DatabaseError> {
            let transaction = connection.transaction()?;
            transaction.execute("INSERT INTO things VALUES ('a')", [])?;
            std::panic::resume_unwind(Box::new("on purpose"));
        });
        assert!(matches!(lost.await, Err(DatabaseError::Lost)));
        assert_eq!(database.call(|connection| count(connection)).await.expect("counts"), 0);
    }

    /// Fills the queue behind a call that holds its turn.
    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let database = Database::open(&dir.path().join("test.sqlite"), &[FIRST]).expect("opens");
        let waiting = Arc::clone(&database.queue).acquire_many_owned(QUEUE_MAX as u32).await.expect("fills");
        assert!(matches!(database.call(|connection| count(connection)).await, Err(DatabaseError::Busy)));
        drop(waiting);
        assert_eq!(database.call(|connection| count(connection)).await.expect("counts"), 0);
    }
}
