//! Blobs that no version refers to any more.
//!
//! Runs only with the database at hand, and an upload looks for its blobs with the database at hand, so a blob cannot
//! be removed between the upload's look and its commit.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::{Connection, params};

use super::Inner;
use super::error::ControlError;
use crate::ids::BlobHash;
use crate::store::Blobs;

/// Blobs that were written for an upload which did not come to its commit.
#[derive(Debug, Clone, Default)]
pub(super) struct Orphans {
    hashes: Arc<Mutex<Vec<BlobHash>>>,
}

/// Blobs of an upload on its way. When it is dropped they are orphans, unless a version refers to them by then.
#[derive(Debug)]
pub(super) struct HeldBlobs {
    orphans: Orphans,
    hashes: Vec<BlobHash>,
}

impl Orphans {
    /// Watches over these blobs.
    pub(super) fn hold(&self, hashes: impl IntoIterator<Item = BlobHash>) -> HeldBlobs {
        HeldBlobs { orphans: self.clone(), hashes: hashes.into_iter().collect() }
    }
}

impl HeldBlobs {
    /// Watches over one more.
    pub(super) fn add(&mut self, hash: BlobHash) {
        self.hashes.push(hash);
    }
}

impl Drop for HeldBlobs {
    fn drop(&mut self) {
        self.orphans.hashes.lock().append(&mut self.hashes);
    }
}

impl Inner {
    /// Removes the orphans there are.
    pub(super) fn collect_orphans(&self, connection: &Connection) {
        let hashes = std::mem::take(&mut *self.orphans.hashes.lock());
        collect(connection, &self.blobs, &hashes);
    }
}

/// Removes those of `released` that nobody refers to. A blob that cannot be removed now is removed at the next start.
pub(super) fn collect(connection: &Connection, blobs: &Blobs, released: &[BlobHash]) {
    for hash in released {
        let removed = is_referred_to(connection, hash)
            .and_then(|referred| if referred { Ok(()) } else { blobs.remove(hash).map_err(ControlError::from) });
        if let Err(error) = removed {
            tracing::warn!(%hash, %error, "a blob nobody refers to stays");
        }
    }
}

/// Removes every blob that no version refers to: what uploads left that were refused or cut off by a crash.
pub(super) fn sweep(connection: &Connection, blobs: &Blobs) -> Result<(), ControlError> {
    let mut statement = connection.prepare("SELECT code, snapshot FROM versions")?;
    let mut referred = HashSet::new();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        referred.insert(row.get::<_, String>(0)?);
        referred.extend(row.get::<_, Option<String>>(1)?);
    }
    for hash in blobs.hashes()? {
        if !referred.contains(hash.as_str()) {
            blobs.remove(&hash)?;
        }
    }
    Ok(())
}

fn is_referred_to(connection: &Connection, hash: &BlobHash) -> Result<bool, ControlError> {
    let mut statement =
        connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM versions WHERE code = ?1 OR snapshot = ?1)")?;
    Ok(statement.query_row(params![hash.as_str()], |row| row.get(0))?)
}
