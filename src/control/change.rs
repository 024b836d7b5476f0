//! One change: a transaction, and what has to happen outside the database when it is committed.
//!
//! The rule that holds everything together: whatever can fail, fails before the commit. What follows the commit (the
//! published table, the token table, removing blobs) cannot fail, and happens before the database's next caller, so
//! the table changes in the order of the transactions.

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::Inner;
use super::audit::Actor;
use super::error::ControlError;
use super::publish::Publication;
use super::timestamp::Timestamp;
use super::tokens::TokenEffect;
use crate::ids::{BlobHash, TenantId};

/// A change that is being made.
pub(super) struct Change<'a> {
    /// The transaction.
    pub(super) transaction: Transaction<'a>,
    /// The control plane it changes.
    pub(super) inner: &'a Inner,
    /// When it is made.
    pub(super) now: Timestamp,
    /// Who makes it.
    pub(super) by: &'a Actor,
    /// What follows its commit.
    pub(super) effects: Effects,
}

/// What follows a commit.
#[derive(Default)]
pub(super) struct Effects {
    /// What the data plane is to see, in this order.
    pub(super) publications: Vec<Publication>,
    /// What happens to the tokens in memory.
    pub(super) tokens: Vec<TokenEffect>,
    /// Blobs that lost a reference; those with none left are removed.
    pub(super) released: Vec<BlobHash>,
}

impl Inner {
    /// Makes a change on this thread.
    pub(super) fn change_now<T>(
        &self,
        connection: &mut Connection,
        by: &Actor,
        work: impl FnOnce(&mut Change<'_>) -> Result<T, ControlError>,
    ) -> Result<T, ControlError> {
        let (value, effects) = {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let effects = Effects::default();
            let mut change = Change { transaction, inner: self, now: Timestamp::now(), by, effects };
            let value = work(&mut change)?;
            let Change { transaction, effects, .. } = change;
            transaction.commit()?;
            (value, effects)
        };
        for publication in effects.publications {
            publication.apply(&self.published);
        }
        for effect in effects.tokens {
            self.tokens.apply(effect);
        }
        self.collect(connection, effects.released);
        Ok(value)
    }
}

impl Change<'_> {
    /// Writes to the audit log of a tenant, and drops its oldest entry when it is full.
    pub(super) fn audit(&self, tenant: &TenantId, action: &str, target: &str) -> Result<(), ControlError> {
        let mut insert = self
            .transaction
            .prepare_cached("INSERT INTO audit (tenant, at_ms, actor, action, target) VALUES (?1, ?2, ?3, ?4, ?5)")?;
        insert.execute(params![tenant.as_str(), self.now.millis(), self.by.to_string(), action, target])?;
        let mut trim = self.transaction.prepare_cached(
            "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE tenant = ?1 ORDER BY id DESC LIMIT 10 OFFSET ?2)",
        )?;
        trim.execute(params![tenant.as_str(), AUDIT_ENTRIES_MAX])?;
        Ok(())
    }
}

/// Entries kept of a tenant's audit log; the newest ones.
const AUDIT_ENTRIES_MAX: u32 = 10_000;
