//! The audit log: every change, when, by whom, to what.
//!
//! Written in the transaction of the change itself, so neither is there without the other. Never holds a secret.

use std::fmt;

use rusqlite::{Row, params};
use serde::Serialize;

use super::error::ControlError;
use super::timestamp::Timestamp;
use super::tokens::TokenId;
use super::{Control, Page, Paged, records};
use crate::ids::TenantId;

/// Who made a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Whoever holds the operator's token.
    Operator,
    /// Whoever holds this token of the tenant.
    Token(TokenId),
    /// The node itself, at start or in the background.
    Node,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// Rises with every entry of the node.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who: `operator`, `node` or `token:{id}`.
    pub actor: String,
    /// What: `script.upload`, `token.create`, …
    pub action: String,
    /// To what: a name or id.
    pub target: String,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator => f.write_str("operator"),
            Self::Token(token) => write!(f, "token:{}", token.as_str()),
            Self::Node => f.write_str("node"),
        }
    }
}

impl Control {
    /// Writes down a change that is made elsewhere than in the database.
    ///
    /// # Errors
    /// `NotFound` for an unknown tenant.
    pub async fn note(
        &self,
        by: &Actor,
        tenant: &TenantId,
        action: &'static str,
        target: &str,
    ) -> Result<(), ControlError> {
        let (tenant, target) = (tenant.clone(), target.to_owned());
        self.change(by, move |change| {
            records::tenant(&change.transaction, &tenant)?;
            change.audit(&tenant, action, &target)
        })
        .await
    }

    /// The changes of a tenant, newest first.
    ///
    /// # Errors
    /// `NotFound` for an unknown tenant.
    pub async fn audit(&self, tenant: &TenantId, page: Page) -> Result<Paged<AuditEntry>, ControlError> {
        let tenant = tenant.clone();
        self.read(move |_, connection| {
            records::tenant(connection, &tenant)?;
            let (limit, offset) = page.bounds();
            let mut statement = connection.prepare_cached(
                "SELECT id, at_ms, actor, action, target FROM audit WHERE tenant = ?1 ORDER BY id DESC
                 LIMIT ?2 OFFSET ?3",
            )?;
            let read = |row: &Row<'_>| {
                let at = records::time(row, 1)?;
                Ok(AuditEntry { id: row.get(0)?, at, actor: row.get(2)?, action: row.get(3)?, target: row.get(4)? })
            };
            let found = statement.query_map(params![tenant.as_str(), limit, offset], read)?;
            let items = found.collect::<Result<_, _>>()?;
            let count = "SELECT count(*) FROM audit WHERE tenant = ?1";
            let total = connection.query_row(count, params![tenant.as_str()], |row| row.get::<_, u32>(0))?;
            Ok(Paged { items, total: u64::from(total) })
        })
        .await
    }
}
