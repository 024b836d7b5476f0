//! Blobs that no version refers to any more.
//!
//! Code is addressed by its content, so two tenants may share a blob: one that an upload has just written, or has
//! found to be there, must not be removed because its last version elsewhere goes. Uploads hold their blobs until their
//! commit. Removing runs only with the database at hand.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::{Connection, params};

use super::Inner;
use super::error::ControlError;
use crate::ids::BlobHash;
use crate::store::Blobs;

/// Blobs of uploads that are on their way, and of those that did not arrive.
#[derive(Debug, Clone, Default)]
pub(super) struct Unsettled {
    blobs: Arc<Mutex<UnsettledBlobs>>,
}

#[derive(Debug, Default)]
struct UnsettledBlobs {
    /// How many uploads hold each.
    held: HashMap<BlobHash, u32>,
    /// No longer held; a version refers to them, or nobody does.
    let_go: Vec<BlobHash>,
}

/// Blobs of one upload on its way; they are not removed before this is dropped.
#[derive(Debug)]
pub(super) struct HeldBlobs {
    unsettled: Unsettled,
    hashes: Vec<BlobHash>,
}

impl Unsettled {
    /// Holds this blob, if there is one.
    pub(super) fn hold(&self, hash: Option<BlobHash>) -> HeldBlobs {
        let mut held = HeldBlobs { unsettled: self.clone(), hashes: Vec::new() };
        if let Some(hash) = hash {
            held.add(hash);
        }
        held
    }

    fn is_held(&self, hash: &BlobHash) -> bool {
        self.blobs.lock().held.contains_key(hash)
    }
}

impl HeldBlobs {
    /// Holds one more.
    pub(super) fn add(&mut self, hash: BlobHash) {
        *self.unsettled.blobs.lock().held.entry(hash.clone()).or_default() += 1;
        self.hashes.push(hash);
    }
}

impl Drop for HeldBlobs {
    fn drop(&mut self) {
        let mut blobs = self.unsettled.blobs.lock();
        for hash in self.hashes.drain(..) {
            if let Some(holders) = blobs.held.get_mut(&hash) {
                *holders -= 1;
                if *holders == 0 {
                    blobs.held.remove(&hash);
                    blobs.let_go.push(hash);
                }
            }
        }
    }
}

impl Inner {
    /// Removes those of `released`, and of what uploads let go, that nobody refers to or holds. A blob that cannot be
    /// removed now is removed at the next start.
    pub(super) fn collect(&self, connection: &Connection, released: Vec<BlobHash>) {
        let let_go = std::mem::take(&mut self.unsettled.blobs.lock().let_go);
        for hash in released.into_iter().chain(let_go) {
            if self.unsettled.is_held(&hash) {
                // Whoever holds it lets it go later.
                continue;
            }
            let removed = is_referred_to(connection, &hash).and_then(|referred| {
                if referred { Ok(()) } else { self.blobs.remove(&hash).map_err(ControlError::from) }
            });
            if let Err(error) = removed {
                tracing::warn!(%hash, %error, "a blob nobody refers to stays");
            }
        }
    }
}

/// Removes every blob that no version refers to: what uploads left that were refused or cut off by a crash.
pub(super) fn sweep(connection: &Connection, blobs: &Blobs) -> Result<(), ControlError> {
    let mut statement = connection.prepare("SELECT code, snapshot, assets FROM versions")?;
    let mut referred = HashSet::new();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        referred.insert(row.get::<_, String>(0)?);
        referred.extend(row.get::<_, Option<String>>(1)?);
        referred.extend(row.get::<_, Option<String>>(2)?);
    }
    for hash in blobs.hashes()? {
        if !referred.contains(hash.as_str()) {
            blobs.remove(&hash)?;
        }
    }
    Ok(())
}

fn is_referred_to(connection: &Connection, hash: &BlobHash) -> Result<bool, ControlError> {
    let mut statement = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM versions WHERE code = ?1 OR snapshot = ?1 OR assets = ?1)")?;
    Ok(statement.query_row(params![hash.as_str()], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{World, script};
    use super::super::{Actor, Control};
    use super::*;

    fn tidy(control: &Control) {
        let inner = &control.inner;
        let done = inner.database.call_blocking(|connection| {
            inner.collect(connection, Vec::new());
            Ok::<_, ControlError>(())
        });
        done.expect("collects");
    }

    /// Removes the only version with a blob while an upload of the same code is on its way, then lets that go too.
    #[tokio::test]
    async fn a_blob_an_upload_counts_on_is_not_removed() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        world.upload(&tenant, "hello", "one").await;
        let hash = BlobHash::of(&super::super::fixture::code("one").encode());
        let (first, second) = (world.control.inner.unsettled.hold(Some(hash.clone())), {
            world.control.inner.unsettled.hold(Some(hash.clone()))
        });
        world.control.remove_script(&Actor::Operator, &tenant, &script("hello")).await.expect("removes");
        drop(first);
        tidy(&world.control);
        assert!(world.control.inner.blobs.contains(&hash).expect("looks"));
        drop(second);
        tidy(&world.control);
        assert_eq!(world.blobs_count(), 0);
        assert!(world.control.inner.unsettled.blobs.lock().held.is_empty());
    }
}
