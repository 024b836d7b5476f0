//! Scripts: reading them, their settings outside of versions, removing them.

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::audit::Actor;
use super::change::Change;
use super::deployments::DeploymentRecord;
use super::error::ControlError;
use super::records::ScriptRow;
use super::timestamp::Timestamp;
use super::versions::Version;
use super::{Control, host_tables, records};
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

impl ScriptSettings {
    /// These settings with changes.
    pub(super) fn with(self, change: SettingsChange) -> Self {
        let value = |old: Option<Value>, new: Option<Value>| match new {
            Some(new) => Some(new).filter(|new| !new.is_null()),
            None => old,
        };
        Self {
            tags: change.tags.unwrap_or(self.tags),
            logpush: change.logpush.unwrap_or(self.logpush),
            observability: value(self.observability, change.observability),
            tail_consumers: value(self.tail_consumers, change.tail_consumers),
        }
    }

    /// Refuses settings that are too large to keep.
    pub(super) fn check(&self) -> Result<(), ControlError> {
        let bytes = serde_json::to_vec(self)?.len();
        if bytes > SETTINGS_BYTES_MAX {
            let reason = format!("{bytes} bytes exceed the limit of {SETTINGS_BYTES_MAX}");
            return Err(ControlError::InvalidValue { what: "script settings", reason });
        }
        Ok(())
    }
}

impl Control {
    /// The scripts of a tenant, by name.
    ///
    /// # Errors
    /// `NotFound` for an unknown tenant.
    pub async fn scripts(&self, tenant: &TenantId) -> Result<Vec<Script>, ControlError> {
        let tenant = tenant.clone();
        self.read(move |_, connection| {
            records::tenant(connection, &tenant)?;
            records::scripts(connection, &tenant)?.into_iter().map(|row| whole(connection, row)).collect()
        })
        .await
    }

    /// One script.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn script(&self, tenant: &TenantId, name: &ScriptName) -> Result<Script, ControlError> {
        let (tenant, name) = (tenant.clone(), name.clone());
        self.read(move |_, connection| whole(connection, records::script_or_not_found(connection, &tenant, &name)?))
            .await
    }

    /// Removes a script with all its versions, secrets and deployments; it stops serving at once.
    ///
    /// # Errors
    /// `NotFound`, `ConcurrentModification`.
    pub async fn remove_script(&self, by: &Actor, tenant: &TenantId, name: &ScriptName) -> Result<(), ControlError> {
        let _turn = self.inner.script_locks.enter(tenant, name).await?;
        let (tenant, name) = (tenant.clone(), name.clone());
        self.change(by, move |change| {
            let tenant = records::tenant(&change.transaction, &tenant)?;
            let script = records::script_or_not_found(&change.transaction, &tenant.id, &name)?;
            for version in records::versions(&change.transaction, &script)? {
                change.effects.released.extend(version.blobs());
            }
            let hosts = host_tables::hosts_of(&change.transaction, &tenant.id, Some(&script))?;
            change.transaction.execute("DELETE FROM scripts WHERE id = ?1", params![script.row])?;
            host_tables::publish_hosts(change, hosts)?;
            change.audit(&tenant.id, "script.remove", name.as_str())?;
            change.publish_script(&tenant, &name)
        })
        .await
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
        wanted: SettingsChange,
    ) -> Result<ScriptSettings, ControlError> {
        let (tenant, name) = (tenant.clone(), name.clone());
        self.change(by, move |change| {
            let script = records::script_or_not_found(&change.transaction, &tenant, &name)?;
            let settings = script.settings.clone().with(wanted);
            settings.check()?;
            save_settings(change, &script, &settings)?;
            change.audit(&tenant, "script.settings", name.as_str())?;
            Ok(settings)
        })
        .await
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
        let (tenant, name) = (tenant.clone(), name.clone());
        self.change(by, move |change| {
            let tenant = records::tenant(&change.transaction, &tenant)?;
            let script = records::script_or_not_found(&change.transaction, &tenant.id, &name)?;
            change.transaction.execute(
                "UPDATE scripts SET enabled = ?2, previews = ?3, modified_ms = ?4 WHERE id = ?1",
                params![script.row, flags.enabled, flags.previews_enabled, change.now.millis()],
            )?;
            let action = if flags.enabled { "script.subdomain.on" } else { "script.subdomain.off" };
            change.audit(&tenant.id, action, name.as_str())?;
            change.publish_script(&tenant, &name)?;
            Ok(flags)
        })
        .await
    }
}

/// Tells `null` (remove it) from an absent key (leave it).
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Writes a script's settings, and that it changed.
pub(super) fn save_settings(
    change: &Change<'_>,
    script: &ScriptRow,
    settings: &ScriptSettings,
) -> Result<(), ControlError> {
    let mut update =
        change.transaction.prepare_cached("UPDATE scripts SET settings = ?2, modified_ms = ?3 WHERE id = ?1")?;
    update.execute(params![script.row, serde_json::to_string(settings)?, change.now.millis()])?;
    Ok(())
}

/// A script's row with what belongs to it.
fn whole(connection: &Connection, row: ScriptRow) -> Result<Script, ControlError> {
    let latest = records::latest(connection, &row)?.ok_or(ControlError::NoVersions)?.version;
    let deployment = records::deployed(connection, &row)?;
    let served = deployment.as_ref().and_then(|deployment| deployment.versions.first());
    let etag = match served {
        Some((id, _)) if *id != latest.id => {
            records::version(connection, &row, id)?.map(|served| served.version.etag).unwrap_or_default()
        }
        _ => latest.etag.clone(),
    };
    Ok(Script {
        name: row.name,
        tag: row.tag,
        created_at: row.created_at,
        modified_at: row.modified_at,
        etag,
        subdomain: row.subdomain,
        settings: row.settings,
        latest,
        deployment,
    })
}

/// Bytes of a script's settings as JSON.
const SETTINGS_BYTES_MAX: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{World, script, upload};
    use super::super::{Deploy, Page};
    use super::*;

    /// Switches a script's host name off and on; its isolates stay warm.
    #[tokio::test]
    async fn a_switched_off_subdomain_is_published_as_such() {
        let world = World::new();
        let (by, control, name) = (Actor::Operator, &world.control, script("hello"));
        let tenant = world.tenant("Acme").await;
        world.upload(&tenant, "hello", "one").await;
        let before = world.served("acme", "hello").expect("serves");
        for enabled in [false, true] {
            let flags = SubdomainFlags { enabled, previews_enabled: true };
            assert_eq!(control.change_subdomain(&by, &tenant, &name, flags).await.expect("changes"), flags);
            let served = world.served("acme", "hello").expect("is published");
            assert_eq!(served.subdomain_enabled, enabled);
            assert!(std::sync::Arc::ptr_eq(&served.versions[0].1, &before.versions[0].1));
            assert_eq!(control.script(&tenant, &name).await.expect("reads").subdomain, flags);
        }
        world.upload(&tenant, "hello", "two").await;
        let flags = SubdomainFlags { enabled: false, previews_enabled: false };
        control.change_subdomain(&by, &tenant, &name, flags).await.expect("changes");
        world.upload(&tenant, "hello", "three").await;
        assert!(!world.served("acme", "hello").expect("is published").subdomain_enabled, "an upload leaves it off");
    }

    /// Removes a script and uploads one of the same name.
    #[tokio::test]
    async fn a_removed_script_serves_no_longer_and_leaves_no_blobs() {
        let world = World::new();
        let (by, control, name) = (Actor::Operator, &world.control, script("hello"));
        let tenant = world.tenant("Acme").await;
        world.upload(&tenant, "hello", "one").await;
        let tag = control.script(&tenant, &name).await.expect("reads").tag;
        control.remove_script(&by, &tenant, &name).await.expect("removes");
        assert!(world.served("acme", "hello").is_none());
        assert_eq!(world.blobs_count(), 0);
        assert_eq!(control.script(&tenant, &name).await.expect_err("is gone").code(), 10007);
        assert_eq!(world.upload(&tenant, "hello", "one").await.version.number, 1);
        assert_ne!(control.script(&tenant, &name).await.expect("reads").tag, tag);
    }

    /// Sets, changes and removes settings; a refused change leaves them.
    #[tokio::test]
    async fn settings_change_only_where_they_are_named() {
        let world = World::new();
        let (by, control, name) = (Actor::Operator, &world.control, script("hello"));
        let tenant = world.tenant("Acme").await;
        world.upload(&tenant, "hello", "one").await;
        let change = |value: Value| serde_json::from_value::<SettingsChange>(value).expect("reads");
        let set = change(json!({ "tags": ["a"], "observability": { "enabled": true } }));
        control.change_settings(&by, &tenant, &name, set).await.expect("changes");
        let set = change(json!({ "logpush": true, "observability": null }));
        let now = control.change_settings(&by, &tenant, &name, set).await.expect("changes");
        let wanted = ScriptSettings { tags: vec!["a".to_owned()], logpush: true, ..ScriptSettings::default() };
        assert_eq!(now, wanted);
        let huge = change(json!({ "observability": "x".repeat(20_000) }));
        assert_eq!(control.change_settings(&by, &tenant, &name, huge).await.expect_err("is refused").code(), 10021);
        assert_eq!(control.script(&tenant, &name).await.expect("reads").settings, wanted);
    }

    /// Makes a version that does not serve, and reads the script and the audit log.
    #[tokio::test]
    async fn the_etag_is_of_what_serves() {
        let world = World::new();
        let (by, control, name) = (Actor::Operator, &world.control, script("hello"));
        let tenant = world.tenant("Acme").await;
        let first = world.upload(&tenant, "hello", "one").await;
        control.upload(&by, &tenant, &name, upload("two", &[]), Deploy::Later).await.expect("is accepted");
        let read = control.script(&tenant, &name).await.expect("reads");
        assert_eq!((read.etag.as_str(), read.latest.number), (first.version.etag.as_str(), 2));
        assert_ne!(read.latest.etag, read.etag);
        let log = control.audit(&tenant, Page { number: 1, per_page: 2 }).await.expect("reads");
        let actions: Vec<_> = log.items.iter().map(|entry| (entry.actor.as_str(), entry.action.as_str())).collect();
        assert_eq!(actions, [("operator", "script.upload"), ("operator", "script.upload")]);
        assert_eq!(log.total, 3);
    }
}
