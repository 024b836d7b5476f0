//! The audit log: every change, when, by whom, to what.
//!
//! Written in the transaction of the change itself, so neither is there without the other. Never holds a secret.

use serde::Serialize;

use super::error::ControlError;
use super::timestamp::Timestamp;
use super::tokens::TokenId;
use super::{Control, Page, Paged};
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

impl Control {
    /// The changes of a tenant, newest first.
    ///
    /// # Errors
    /// `NotFound` for an unknown tenant.
    pub async fn audit(&self, tenant: &TenantId, page: Page) -> Result<Paged<AuditEntry>, ControlError> {
        let _ = (tenant, page);
        todo!()
    }
}
