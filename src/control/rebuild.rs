//! Versions whose snapshot this build of Eyot cannot use: made by another build, or lost.
//!
//! They serve by the plain path until they are built again, one after the other in the background. A version that is
//! not deployed is built again when it is to be deployed.

use std::sync::Arc;

use rusqlite::params;

use super::accept::{start_blob, start_columns};
use super::audit::Actor;
use super::error::ControlError;
use super::publish::Staleness;
use super::records::{self, VersionRow};
use super::{Control, Page};
use crate::deployment::Start;
use crate::ids::{ScriptName, TenantId, VersionId};
use crate::snapshot::{BuildError, BuildInput, Built};

/// A version that serves by the plain path until it is built again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleVersion {
    /// Whose it is.
    pub tenant: TenantId,
    /// Of which script.
    pub script: ScriptName,
    /// Which version.
    pub version: VersionId,
}

impl Control {
    /// The deployed versions that have to be built again.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn stale(&self) -> Result<Vec<StaleVersion>, ControlError> {
        let mut stale = Vec::new();
        for number in 1.. {
            let tenants = self.tenants(Page { number, per_page: TENANTS_PER_PAGE }).await?.items;
            if tenants.is_empty() {
                break;
            }
            // One call a tenant, so that changes find their turn in between.
            for tenant in tenants {
                stale.extend(self.stale_of_tenant(tenant.id).await?);
            }
        }
        Ok(stale)
    }

    /// Builds a version again and publishes it; does nothing when that has happened, or the version is gone.
    ///
    /// A version that this build refuses is kept and starts plain, so that it fails as its requests come, with its own
    /// error, and not silently.
    ///
    /// # Errors
    /// `Internal`, `Store`, `Busy`, `ConcurrentModification`: it is still stale and can be tried again.
    pub async fn rebuild(&self, stale: &StaleVersion) -> Result<(), ControlError> {
        let _turn = self.inner.script_locks.enter(&stale.tenant, &stale.script).await?;
        let wanted = stale.clone();
        let row = self.read(move |inner, connection| {
            let Some(script) = records::script(connection, &wanted.tenant, &wanted.script)? else { return Ok(None) };
            let Some(row) = records::version(connection, &script, &wanted.version)? else { return Ok(None) };
            let stale = inner.is_stale(&row)? == Staleness::Stale;
            Ok(stale.then_some(row))
        });
        match row.await? {
            Some(row) => self.rebuild_version(&stale.tenant, &stale.script, row).await,
            None => Ok(()),
        }
    }

    /// Builds a version again; the caller holds the script's turn.
    pub(super) async fn rebuild_version(
        &self,
        tenant: &TenantId,
        script: &ScriptName,
        row: VersionRow,
    ) -> Result<(), ControlError> {
        let limits = self.tenant_limits(tenant).await?.lowered(&row.version.limits);
        let input = BuildInput {
            tenant: Some(tenant.clone()),
            code: self.load_code(&row.code).await?,
            limits: Arc::new(limits),
            bindings: self.inner.named_bindings(tenant, script, &row.kept)?,
        };
        let built = match self.inner.build.build(input).await {
            Ok(built) => built,
            Err(BuildError::Internal(message)) => return Err(ControlError::Internal(message)),
            Err(refused) => Built {
                start: Start::Plain { reason: format!("this build of eyot refuses it: {refused}") },
                handlers: row.version.handlers.clone(),
                startup_cpu_ms: row.version.startup_cpu_ms,
            },
        };
        let held = self.inner.unsettled.hold(start_blob(&built.start));
        let (tenant, name) = (tenant.clone(), script.clone());
        self.change(&Actor::Node, move |change| {
            let _held = held;
            let tenant = records::tenant(&change.transaction, &tenant)?;
            let (snapshot, plain_reason) = start_columns(&built.start);
            change.transaction.execute(
                "UPDATE versions SET snapshot = ?2, plain_reason = ?3, fingerprint = ?4, handlers = ?5,
                     startup_cpu_ms = ?6 WHERE id = ?1",
                params![
                    row.version.id.as_str(),
                    snapshot,
                    plain_reason,
                    change.inner.config.fingerprint,
                    serde_json::to_string(&built.handlers)?,
                    built.startup_cpu_ms
                ],
            )?;
            if row.version.start != built.start {
                change.effects.released.extend(row.blobs());
            }
            change.audit(&tenant.id, "version.rebuild", &format!("{name} {}", row.version.id))?;
            change.publish_script(&tenant, &name)
        })
        .await
    }

    async fn stale_of_tenant(&self, tenant: TenantId) -> Result<Vec<StaleVersion>, ControlError> {
        self.read(move |inner, connection| {
            let mut stale = Vec::new();
            for script in records::scripts(connection, &tenant)? {
                let deployed = records::deployed(connection, &script)?.map(|record| record.versions);
                for (id, _) in deployed.unwrap_or_default() {
                    let Some(row) = records::version(connection, &script, &id)? else { continue };
                    if inner.is_stale(&row)? == Staleness::Stale {
                        let (tenant, script) = (tenant.clone(), script.name.clone());
                        stale.push(StaleVersion { tenant, script, version: id });
                    }
                }
            }
            Ok(stale)
        })
        .await
    }
}

/// Tenants read at once.
const TENANTS_PER_PAGE: u32 = 1_000;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::fixture::{World, script, secret, upload};
    use super::super::{Deploy, DeployRequest, Force};
    use super::*;

    fn start(world: &World, name: &str) -> Start {
        world.served("acme", name).expect("serves").versions[0].1.start.clone()
    }

    /// Starts with another build of Eyot, then builds what is stale.
    #[tokio::test]
    async fn a_snapshot_of_another_build_is_not_started_from() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        world.try_upload(&tenant, "hello", upload("one", &[secret("KEY", "x")])).await.expect("is accepted");
        world.upload(&tenant, "plain", "wasm").await;
        let snapshot = start(&world, "hello");
        assert!(world.control.stale().await.expect("lists").is_empty());
        let world = world.reopened("build-2");
        assert!(matches!(start(&world, "hello"), Start::Plain { .. }));
        let stale = world.control.stale().await.expect("lists");
        assert_eq!(stale.len(), 2);
        for version in &stale {
            world.control.rebuild(version).await.expect("rebuilds");
        }
        assert_eq!(start(&world, "hello"), snapshot);
        assert!(matches!(start(&world, "plain"), Start::Plain { reason } if reason.contains("WebAssembly")));
        assert!(world.control.stale().await.expect("lists").is_empty());
        assert_eq!(world.blobs_count(), 3);
        world.control.rebuild(&stale[0]).await.expect("has nothing to do");
    }

    /// Removes a snapshot's file and starts again.
    #[tokio::test]
    async fn a_lost_snapshot_is_built_again() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        world.upload(&tenant, "hello", "one").await;
        let Start::Snapshot { blob } = start(&world, "hello") else { panic!("it has a snapshot") };
        fs::remove_file(world.dir.path().join("blobs").join(blob.as_str())).expect("removes");
        let world = world.reopened("build-1");
        assert!(matches!(start(&world, "hello"), Start::Plain { .. }));
        for version in world.control.stale().await.expect("lists") {
            world.control.rebuild(&version).await.expect("rebuilds");
        }
        assert_eq!(start(&world, "hello"), Start::Snapshot { blob });
    }

    /// Rolls back to a version of another build.
    #[tokio::test]
    async fn an_old_version_is_built_before_it_is_deployed() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        let first = world.upload(&tenant, "hello", "one").await.version;
        world.upload(&tenant, "hello", "two").await;
        let world = world.reopened("build-2");
        let request = DeployRequest {
            versions: vec![(first.id, 100)],
            annotations: Default::default(),
            source: "test".to_owned(),
            force: Force::Ask,
        };
        world.control.deploy(&Actor::Operator, &tenant, &script("hello"), request).await.expect("deploys");
        assert_eq!(start(&world, "hello"), first.start);
    }

    /// Builds again what the builder now refuses, and what it cannot build for a fault of ours.
    #[tokio::test]
    async fn a_version_this_build_refuses_fails_as_its_requests_come() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        world.upload(&tenant, "hello", "one").await;
        let (by, name) = (Actor::Operator, script("hello"));
        world.control.upload(&by, &tenant, &name, upload("two", &[]), Deploy::Later).await.expect("is accepted");
        for (word, refused) in [("throw", true), ("crash", false)] {
            // The code of the deployed version is replaced by code that says so.
            let code = super::super::fixture::code(word).encode();
            let hash = world.control.inner.blobs.put(&code).expect("writes");
            let swap = hash.clone();
            world
                .control
                .change(&by, move |change| {
                    let sql = "UPDATE versions SET code = ?1, fingerprint = 'another' WHERE number = 1";
                    Ok(change.transaction.execute(sql, params![swap.as_str()])?)
                })
                .await
                .expect("swaps");
            let stale = world.control.stale().await.expect("lists");
            let rebuilt = world.control.rebuild(&stale[0]).await;
            assert_eq!(rebuilt.is_ok(), refused);
            assert_eq!(world.control.stale().await.expect("lists").is_empty(), refused);
            assert_eq!(world.control.inner.blobs.load(&hash).expect("is kept"), code);
        }
    }
}
