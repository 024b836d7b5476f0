//! What Cloudflare's clients set for an account as a whole. Kept and shown; nothing here depends on it.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Serialize;

use super::audit::Actor;
use super::error::ControlError;
use super::{Control, records};
use crate::ids::TenantId;

/// The settings of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountSettings {
    /// Cloudflare's name for how it bills: `standard`, `bundled` or `unbound`.
    pub default_usage_model: String,
    /// Whether Cloudflare would choose its data centres by their power.
    pub green_compute: bool,
}

impl Default for AccountSettings {
    fn default() -> Self {
        Self { default_usage_model: USAGE_MODELS[0].to_owned(), green_compute: false }
    }
}

impl Control {
    /// What was set, or the defaults.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn account_settings(&self, tenant: &TenantId) -> Result<AccountSettings, ControlError> {
        let tenant = tenant.clone();
        self.read(move |_, connection| {
            records::tenant(connection, &tenant)?;
            of_tenant(connection, &tenant)
        })
        .await
    }

    /// Sets what is given and leaves the rest.
    ///
    /// # Errors
    /// `NotFound`; `InvalidValue` for a usage model that is none.
    pub async fn change_account_settings(
        &self,
        by: &Actor,
        tenant: &TenantId,
        default_usage_model: Option<String>,
        green_compute: Option<bool>,
    ) -> Result<AccountSettings, ControlError> {
        let tenant = tenant.clone();
        self.change(by, move |change| {
            records::tenant(&change.transaction, &tenant)?;
            let before = of_tenant(&change.transaction, &tenant)?;
            let settings = AccountSettings {
                default_usage_model: default_usage_model.unwrap_or(before.default_usage_model),
                green_compute: green_compute.unwrap_or(before.green_compute),
            };
            if !USAGE_MODELS.contains(&settings.default_usage_model.as_str()) {
                let reason = format!("it is one of {}", USAGE_MODELS.join(", "));
                return Err(ControlError::InvalidValue { what: "default_usage_model", reason });
            }
            change.transaction.execute(
                "INSERT INTO account_settings (tenant, default_usage_model, green_compute) VALUES (?1, ?2, ?3)
                 ON CONFLICT (tenant) DO UPDATE SET default_usage_model = excluded.default_usage_model,
                 green_compute = excluded.green_compute",
                params![tenant.as_str(), settings.default_usage_model, settings.green_compute],
            )?;
            change.audit(&tenant, "tenant.settings", "")?;
            Ok(settings)
        })
        .await
    }
}

fn of_tenant(connection: &Connection, tenant: &TenantId) -> Result<AccountSettings, ControlError> {
    let mut statement = connection
        .prepare_cached("SELECT default_usage_model, green_compute FROM account_settings WHERE tenant = ?1")?;
    let found = statement.query_row(params![tenant.as_str()], |row| {
        Ok(AccountSettings { default_usage_model: row.get(0)?, green_compute: row.get(1)? })
    });
    Ok(found.optional()?.unwrap_or_default())
}

/// The usage models Cloudflare has or had; the first is the usual one.
const USAGE_MODELS: [&str; 3] = ["standard", "bundled", "unbound"];
