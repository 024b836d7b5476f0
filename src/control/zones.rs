//! Zones, as Cloudflare's clients ask for them before they send a pattern: here every host a tenant may use is one.
//!
//! Nothing is kept of them: what a zone is called and whose it is tells its id, which is made of both.

use rusqlite::{OptionalExtension as _, params};

use super::error::ControlError;
use super::{Control, host_claims, host_tables, records};
use crate::ids::{TenantId, ZoneId};
use crate::route::HostPattern;

impl Control {
    /// Whose zone it can be.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tenant_of_zone(&self, zone: &ZoneId) -> Result<Option<TenantId>, ControlError> {
        let zone = zone.clone();
        self.read(move |_, connection| {
            // Ids are random: two with the same half would need billions of tenants.
            let sql = "SELECT id FROM tenants WHERE id >= ?1 AND id < ?1 || 'g' LIMIT 1";
            let mut statement = connection.prepare_cached(sql)?;
            let found = statement.query_row(params![zone.tenant_prefix()], |row| records::text(row, 0)).optional()?;
            Ok(found)
        })
        .await
    }

    /// Whether this tenant may use a host of this name, so that it is a zone of its own.
    ///
    /// # Errors
    /// `NotFound` for an unknown tenant.
    pub async fn is_zone(&self, tenant: &TenantId, name: &str) -> Result<bool, ControlError> {
        let (tenant, host) = (tenant.clone(), name.parse::<HostPattern>());
        self.read(move |inner, connection| {
            records::tenant(connection, &tenant)?;
            let Ok(host) = host else { return Ok(false) };
            let is_ours = host_claims::is_reserved(&host, &inner.config.domain, false)
                && !host_tables::hosts_of(connection, &tenant, None)?.contains(&host.name);
            Ok(!is_ours && host_claims::other_owner(connection, &tenant, &host)?.is_none())
        })
        .await
    }

    /// The hosts this tenant has patterns on.
    ///
    /// # Errors
    /// `NotFound` for an unknown tenant.
    pub async fn zones(&self, tenant: &TenantId) -> Result<Vec<String>, ControlError> {
        let tenant = tenant.clone();
        self.read(move |_, connection| {
            records::tenant(connection, &tenant)?;
            Ok(host_tables::hosts_of(connection, &tenant, None)?.into_iter().collect())
        })
        .await
    }
}
