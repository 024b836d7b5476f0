//! Tenants: the accounts of the admin API, their subdomain and their limits.

use serde::Serialize;

use super::audit::Actor;
use super::error::ControlError;
use super::timestamp::Timestamp;
use super::{Control, Page, Paged};
use crate::ids::{NamespaceId, TenantId, TenantName};
use crate::limits::{Limits, Overrides};

/// A tenant as the admin API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// What it is called; free text.
    pub name: String,
    /// Its label in host names.
    pub subdomain: TenantName,
    /// When it was made.
    pub created_at: Timestamp,
    /// What the operator changed of the node's limits.
    pub limits: Overrides,
}

/// A tenant to be made.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// What it is called; 1 to 100 characters.
    pub name: String,
    /// Its label in host names; made from the name when absent.
    pub subdomain: Option<TenantName>,
}

/// What a removed tenant leaves to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedTenant {
    /// Its KV namespaces, whose values the caller removes (`Kv::remove_namespace`).
    pub namespaces: Vec<NamespaceId>,
}

impl Control {
    /// Makes a tenant.
    ///
    /// # Errors
    /// `InvalidName`, `SubdomainTaken`.
    pub async fn create_tenant(&self, by: &Actor, new: NewTenant) -> Result<Tenant, ControlError> {
        let _ = (by, new);
        todo!()
    }

    /// All tenants, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tenants(&self, page: Page) -> Result<Paged<Tenant>, ControlError> {
        let _ = page;
        todo!()
    }

    /// One tenant.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn tenant(&self, id: &TenantId) -> Result<Tenant, ControlError> {
        let _ = id;
        todo!()
    }

    /// The tenant with this label in host names.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn tenant_by_subdomain(&self, subdomain: &TenantName) -> Result<Tenant, ControlError> {
        let _ = subdomain;
        todo!()
    }

    /// Removes a tenant and everything it has; its scripts stop serving at once.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn remove_tenant(&self, by: &Actor, id: &TenantId) -> Result<RemovedTenant, ControlError> {
        let _ = (by, id);
        todo!()
    }

    /// Replaces what the operator changed of a tenant's limits, and publishes its scripts with the new ones.
    ///
    /// # Errors
    /// `NotFound`, `Limit`.
    pub async fn change_limits(&self, by: &Actor, id: &TenantId, limits: Overrides) -> Result<Tenant, ControlError> {
        let _ = (by, id, limits);
        todo!()
    }

    /// Gives a tenant another label in host names; its scripts answer there, and no longer at the old one.
    ///
    /// # Errors
    /// `NotFound`, `SubdomainTaken`.
    pub async fn change_tenant_subdomain(
        &self,
        by: &Actor,
        id: &TenantId,
        subdomain: TenantName,
    ) -> Result<Tenant, ControlError> {
        let _ = (by, id, subdomain);
        todo!()
    }

    /// The limits in force for a tenant: the node's, with what the operator changed.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn tenant_limits(&self, id: &TenantId) -> Result<Limits, ControlError> {
        let _ = id;
        todo!()
    }
}
