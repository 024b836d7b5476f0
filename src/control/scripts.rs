//! Scripts: reading them, their settings outside of versions, removing them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Control;
use super::audit::Actor;
use super::deployments::DeploymentRecord;
use super::error::ControlError;
use super::timestamp::Timestamp;
use super::versions::Version;
use crate::ids::{ScriptName, TenantId};

/// A script with its newest version and what serves.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// Its name.
    pub name: ScriptName,
    /// An id that stays the same as long as the script exists; 32 hexadecimal digits (wrangler's `tag`).
    pub tag: String,
    /// When it was first uploaded.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
    /// Changes with the code and bindings that serve.
    pub etag: String,
    /// Where it answers.
    pub subdomain: SubdomainFlags,
    /// What is not part of a version.
    pub settings: ScriptSettings,
    /// The version with the highest number, deployed or not.
    pub latest: Version,
    /// What serves; nothing when no version was ever deployed.
    pub deployment: Option<DeploymentRecord>,
}

/// Whether a script answers at its own host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubdomainFlags {
    /// At `{script}.{tenant}.{domain}`.
    pub enabled: bool,
    /// At the host names of single versions.
    pub previews_enabled: bool,
}

/// Settings of a script that are not part of its versions. Kept and shown; not all of them do something yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScriptSettings {
    /// Free labels.
    pub tags: Vec<String>,
    /// Whether logs go to logpush.
    pub logpush: bool,
    /// `observability` as it was sent.
    pub observability: Option<Value>,
    /// `tail_consumers` as it was sent.
    pub tail_consumers: Option<Value>,
}

/// Changes to some of a script's settings; absent ones stay.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SettingsChange {
    /// See [`ScriptSettings::tags`].
    pub tags: Option<Vec<String>>,
    /// See [`ScriptSettings::logpush`].
    pub logpush: Option<bool>,
    /// See [`ScriptSettings::observability`]; `null` removes it.
    #[serde(deserialize_with = "present")]
    pub observability: Option<Value>,
    /// See [`ScriptSettings::tail_consumers`]; `null` removes it.
    #[serde(deserialize_with = "present")]
    pub tail_consumers: Option<Value>,
}

impl Control {
    /// The scripts of a tenant, by name.
    ///
    /// # Errors
    /// `NotFound` for an unknown tenant.
    pub async fn scripts(&self, tenant: &TenantId) -> Result<Vec<Script>, ControlError> {
        let _ = tenant;
        todo!()
    }

    /// One script.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn script(&self, tenant: &TenantId, name: &ScriptName) -> Result<Script, ControlError> {
        let _ = (tenant, name);
        todo!()
    }

    /// Removes a script with all its versions, secrets and deployments; it stops serving at once.
    ///
    /// # Errors
    /// `NotFound`, `ConcurrentModification`.
    pub async fn remove_script(&self, by: &Actor, tenant: &TenantId, name: &ScriptName) -> Result<(), ControlError> {
        let _ = (by, tenant, name);
        todo!()
    }

    /// Changes settings that are not part of a version.
    ///
    /// # Errors
    /// `NotFound`, `InvalidValue` when they are too large.
    pub async fn change_settings(
        &self,
        by: &Actor,
        tenant: &TenantId,
        name: &ScriptName,
        change: SettingsChange,
    ) -> Result<ScriptSettings, ControlError> {
        let _ = (by, tenant, name, change);
        todo!()
    }

    /// Switches a script's own host names on or off, at once.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn change_subdomain(
        &self,
        by: &Actor,
        tenant: &TenantId,
        name: &ScriptName,
        flags: SubdomainFlags,
    ) -> Result<SubdomainFlags, ControlError> {
        let _ = (by, tenant, name, flags);
        todo!()
    }
}

/// Tells `null` (remove it) from an absent key (leave it).
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
