//! The registry of KV namespaces: which tenant has which, under what title. The values are [`crate::kv`]'s.

use serde::Serialize;

use super::audit::Actor;
use super::error::ControlError;
use super::{Control, Page, Paged};
use crate::ids::{NamespaceId, TenantId};

/// A KV namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Namespace {
    /// Its id.
    pub id: NamespaceId,
    /// What its tenant calls it; unique within the tenant.
    pub title: String,
}

impl Control {
    /// Makes a namespace.
    ///
    /// # Errors
    /// `NotFound` for an unknown tenant, `InvalidName`, `TitleTaken`, `TooMany`.
    pub async fn create_namespace(
        &self,
        by: &Actor,
        tenant: &TenantId,
        title: &str,
    ) -> Result<Namespace, ControlError> {
        let _ = (by, tenant, title);
        todo!()
    }

    /// The namespaces of a tenant, by title.
    ///
    /// # Errors
    /// `NotFound` for an unknown tenant.
    pub async fn namespaces(&self, tenant: &TenantId, page: Page) -> Result<Paged<Namespace>, ControlError> {
        let _ = (tenant, page);
        todo!()
    }

    /// One namespace; asked before every call that touches its values.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn namespace(&self, tenant: &TenantId, id: &NamespaceId) -> Result<Namespace, ControlError> {
        let _ = (tenant, id);
        todo!()
    }

    /// Gives a namespace another title.
    ///
    /// # Errors
    /// `NotFound`, `InvalidName`, `TitleTaken`.
    pub async fn rename_namespace(
        &self,
        by: &Actor,
        tenant: &TenantId,
        id: &NamespaceId,
        title: &str,
    ) -> Result<Namespace, ControlError> {
        let _ = (by, tenant, id, title);
        todo!()
    }

    /// Removes a namespace from the registry; the caller then removes its values. Scripts bound to it keep serving,
    /// their KV calls fail.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn remove_namespace(&self, by: &Actor, tenant: &TenantId, id: &NamespaceId) -> Result<(), ControlError> {
        let _ = (by, tenant, id);
        todo!()
    }
}
