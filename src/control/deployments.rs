//! Deployments: the decision which versions of a script serve, and with what share of the requests.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::accept::check_annotations;
use super::audit::Actor;
use super::change::Change;
use super::error::{ControlError, Missing};
use super::publish::Staleness;
use super::records::{ScriptRow, VersionRow};
use super::timestamp::Timestamp;
use super::upload::Annotations;
use super::{Control, Inner, records};
use crate::deployment::{Binding, NamedBinding};
use crate::ids::{DeploymentId, ScriptName, TenantId, VersionId};

/// A decision that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentRecord {
    /// Its id.
    pub id: DeploymentId,
    /// When.
    pub created_at: Timestamp,
    /// Who, as the audit log names them.
    pub author: String,
    /// What made it: `wrangler`, `api`, `secret`, …
    pub source: String,
    /// `workers/message`, `workers/triggered_by`, …
    pub annotations: Annotations,
    /// One or two versions and their percentages, which sum to 100.
    pub versions: Vec<(VersionId, u8)>,
}

/// A decision to be made.
#[derive(Debug, Clone)]
pub struct DeployRequest {
    /// One or two versions and their percentages.
    pub versions: Vec<(VersionId, u8)>,
    /// `workers/message`, …
    pub annotations: Annotations,
    /// What makes it: `wrangler`, `api`, …
    pub source: String,
    /// Whether it goes on when an older version brings back other secrets.
    pub force: Force,
}

/// Whether a deployment of an older version may bring back other values of secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// Refuse with error 10220.
    Ask,
    /// Go on.
    Force,
}

impl Control {
    /// The deployments of a script, newest first; the first one serves. At most 100.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn deployments(
        &self,
        tenant: &TenantId,
        script: &ScriptName,
    ) -> Result<Vec<DeploymentRecord>, ControlError> {
        let (tenant, script) = (tenant.clone(), script.clone());
        self.read(move |_, connection| {
            let script = records::script_or_not_found(connection, &tenant, &script)?;
            records::deployments(connection, &script, DEPLOYMENTS_MAX)
        })
        .await
    }

    /// Makes versions serve, at once.
    ///
    /// # Errors
    /// `NotFound`, `InvalidValue` for percentages, `SecretsChanged`, `ConcurrentModification`.
    pub async fn deploy(
        &self,
        by: &Actor,
        tenant: &TenantId,
        script: &ScriptName,
        request: DeployRequest,
    ) -> Result<DeploymentRecord, ControlError> {
        check_percentages(&request.versions)?;
        check_annotations(&request.annotations)?;
        let _turn = self.inner.script_locks.enter(tenant, script).await?;
        let (id, name) = (tenant.clone(), script.clone());
        let wanted = request.versions.clone();
        let stale = self.read(move |inner, connection| inner.stale_of(connection, &id, &name, &wanted)).await?;
        for row in stale {
            self.rebuild_version(tenant, script, row).await?;
        }
        let (id, name) = (tenant.clone(), script.clone());
        self.change(by, move |change| {
            let tenant = records::tenant(&change.transaction, &id)?;
            let script = records::script_or_not_found(&change.transaction, &tenant.id, &name)?;
            if request.force == Force::Ask {
                check_secrets(change, &tenant.id, &script, &request.versions)?;
            }
            let record = insert(change, &script, request)?;
            prune(change, &script)?;
            change.audit(&tenant.id, "script.deploy", &format!("{name} {}", record.id))?;
            change.publish_script(&tenant, &name)?;
            Ok(record)
        })
        .await
    }
}

impl Control {
    /// Removes a deployment from the list; its versions stay.
    ///
    /// # Errors
    /// `NotFound`; `InvalidValue` for the one that serves.
    pub async fn remove_deployment(
        &self,
        by: &Actor,
        tenant: &TenantId,
        name: &ScriptName,
        id: &DeploymentId,
    ) -> Result<(), ControlError> {
        let (tenant, name, id) = (tenant.clone(), name.clone(), id.clone());
        self.change(by, move |change| {
            let script = records::script_or_not_found(&change.transaction, &tenant, &name)?;
            if records::deployed(&change.transaction, &script)?.is_some_and(|serving| serving.id == id) {
                let reason = "it serves: deploy another version first, or remove the script".to_owned();
                return Err(ControlError::InvalidValue { what: "deployment", reason });
            }
            let delete = "DELETE FROM deployments WHERE script = ?1 AND id = ?2";
            if change.transaction.execute(delete, params![script.row, id.as_str()])? == 0 {
                return Err(ControlError::NotFound { what: Missing::Deployment });
            }
            change.audit(&tenant, "script.deployment.remove", &format!("{name} {id}"))
        })
        .await
    }
}

/// Writes a deployment; from the commit on it is what serves.
pub(super) fn insert(
    change: &Change<'_>,
    script: &ScriptRow,
    request: DeployRequest,
) -> Result<DeploymentRecord, ControlError> {
    let record = DeploymentRecord {
        id: DeploymentId::generate(),
        created_at: change.now,
        author: change.by.to_string(),
        source: request.source,
        annotations: request.annotations,
        versions: request.versions,
    };
    change.transaction.execute(
        "INSERT INTO deployments (id, script, created_ms, author, source, annotations, versions)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            record.id.as_str(),
            script.row,
            record.created_at.millis(),
            record.author,
            record.source,
            serde_json::to_string(&record.annotations)?,
            serde_json::to_string(&record.versions)?
        ],
    )?;
    let touched = "UPDATE scripts SET modified_ms = ?2 WHERE id = ?1";
    change.transaction.execute(touched, params![script.row, change.now.millis()])?;
    Ok(record)
}

/// Removes what is past the newest 100 versions and deployments of a script and does not serve.
pub(super) fn prune(change: &mut Change<'_>, script: &ScriptRow) -> Result<(), ControlError> {
    let old = "DELETE FROM deployments WHERE seq IN
         (SELECT seq FROM deployments WHERE script = ?1 ORDER BY seq DESC LIMIT -1 OFFSET ?2)";
    change.transaction.execute(old, params![script.row, DEPLOYMENTS_MAX])?;
    let mut statement = change
        .transaction
        .prepare_cached("SELECT id FROM versions WHERE script = ?1 ORDER BY number DESC LIMIT -1 OFFSET ?2")?;
    let found = statement.query_map(params![script.row, VERSIONS_MAX], |row| records::text(row, 0))?;
    let old = found.collect::<Result<Vec<VersionId>, _>>()?;
    drop(statement);
    let deployed = records::deployed(&change.transaction, script)?;
    let serves = |id: &VersionId| deployed.iter().flat_map(|record| &record.versions).any(|(served, _)| served == id);
    for id in old.into_iter().filter(|id| !serves(id)) {
        if let Some(row) = records::version(&change.transaction, script, &id)? {
            change.effects.released.extend(row.blobs());
        }
        change.transaction.execute("DELETE FROM versions WHERE id = ?1", params![id.as_str()])?;
    }
    Ok(())
}

/// Refuses anything but one or two different versions that share 100 percent.
fn check_percentages(versions: &[(VersionId, u8)]) -> Result<(), ControlError> {
    let invalid = |reason: &str| Err(ControlError::InvalidValue { what: "versions", reason: reason.to_owned() });
    let sum: u32 = versions.iter().map(|(_, percent)| u32::from(*percent)).sum();
    match versions {
        [] => invalid("a deployment needs a version"),
        [(first, _), (second, _)] if first == second => invalid("the two versions are the same"),
        [_] | [_, _] if sum == 100 => Ok(()),
        [_] | [_, _] => invalid("the percentages must sum to 100"),
        _ => invalid("a deployment has at most two versions"),
    }
}

/// Refuses an older version whose secrets differ from those that serve now; whoever rolls back seldom means the keys.
fn check_secrets(
    change: &Change<'_>,
    tenant: &TenantId,
    script: &ScriptRow,
    versions: &[(VersionId, u8)],
) -> Result<(), ControlError> {
    let find = |id: &VersionId| records::version(&change.transaction, script, id);
    let Some(deployed) = records::deployed(&change.transaction, script)? else { return Ok(()) };
    let mut newest: Option<VersionRow> = None;
    for (id, _) in &deployed.versions {
        let row = find(id)?;
        if row.as_ref().map(|row| row.version.number) > newest.as_ref().map(|row| row.version.number) {
            newest = row;
        }
    }
    let Some(newest) = newest else { return Ok(()) };
    let now = change.inner.secrets_of(tenant, &script.name, &newest)?;
    for (id, _) in versions {
        if deployed.versions.iter().any(|(served, _)| served == id) {
            continue;
        }
        let Some(row) = find(id)? else { continue };
        let older = row.version.number < newest.version.number;
        if older && change.inner.secrets_of(tenant, &script.name, &row)? != now {
            return Err(ControlError::SecretsChanged { version: id.to_string() });
        }
    }
    Ok(())
}

impl Inner {
    /// Those of these versions that have to be built again first.
    fn stale_of(
        &self,
        connection: &Connection,
        tenant: &TenantId,
        script: &ScriptName,
        versions: &[(VersionId, u8)],
    ) -> Result<Vec<VersionRow>, ControlError> {
        let script = records::script_or_not_found(connection, tenant, script)?;
        let mut stale = Vec::new();
        for (id, _) in versions {
            let row = records::version(connection, &script, id)?;
            let row = row.ok_or(ControlError::NotFound { what: Missing::Version })?;
            if self.is_stale(&row)? == Staleness::Stale {
                stale.push(row);
            }
        }
        Ok(stale)
    }

    /// The secrets of a version, by name.
    fn secrets_of(
        &self,
        tenant: &TenantId,
        script: &ScriptName,
        row: &VersionRow,
    ) -> Result<BTreeMap<String, String>, ControlError> {
        let bindings = self.named_bindings(tenant, script, &row.kept)?;
        let secret = |named: NamedBinding| match named.binding {
            Binding::Secret(text) => Some((named.name, text.expose().to_owned())),
            _ => None,
        };
        Ok(bindings.into_iter().filter_map(secret).collect())
    }
}

/// Deployments kept of a script.
const DEPLOYMENTS_MAX: u32 = 100;

/// Versions kept of a script, besides those that serve.
const VERSIONS_MAX: u32 = 100;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::fixture::{World, script, secret, upload};
    use super::super::{Deploy, Upload, Uploaded};
    use super::*;

    fn request(versions: &[(&VersionId, u8)], force: Force) -> DeployRequest {
        DeployRequest {
            versions: versions.iter().map(|(id, percent)| ((*id).clone(), *percent)).collect(),
            annotations: Annotations::new(),
            source: "test".to_owned(),
            force,
        }
    }

    async fn later(world: &World, tenant: &TenantId, upload: Upload) -> Uploaded {
        let by = Actor::Operator;
        world.control.upload(&by, tenant, &script("hello"), upload, Deploy::Later).await.expect("is accepted")
    }

    async fn deploy(
        world: &World,
        tenant: &TenantId,
        request: DeployRequest,
    ) -> Result<DeploymentRecord, ControlError> {
        world.control.deploy(&Actor::Operator, tenant, &script("hello"), request).await
    }

    /// Splits the traffic between two versions, rolls back to the first, and looks at what serves each time.
    #[tokio::test]
    async fn a_deployment_serves_what_it_names() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        let first = world.upload(&tenant, "hello", "one").await.version.id;
        let warm = world.served("acme", "hello").expect("serves");
        let second = later(&world, &tenant, upload("two", &[])).await.version.id;
        let split =
            deploy(&world, &tenant, request(&[(&first, 90), (&second, 10)], Force::Ask)).await.expect("deploys");
        let served = world.served("acme", "hello").expect("serves");
        let drawn: Vec<_> = (0..100).filter_map(|drawn| served.version_for(drawn)).collect();
        assert_eq!(drawn.iter().filter(|version| version.version == second).count(), 10);
        assert!(Arc::ptr_eq(&served.versions[0].1, &warm.versions[0].1), "the first version's isolates stay warm");
        deploy(&world, &tenant, request(&[(&first, 100)], Force::Ask)).await.expect("rolls back");
        let served = world.served("acme", "hello").expect("serves");
        assert_eq!(served.versions.len(), 1);
        assert_eq!(served.versions[0].1.version, first);
        let listed = world.control.deployments(&tenant, &script("hello")).await.expect("lists");
        assert_eq!((listed.len(), &listed[1]), (3, &split));
    }

    /// Asks for versions of nobody, of another script, and for shares that do not sum to 100.
    #[tokio::test]
    async fn a_refused_deployment_changes_nothing() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        let own = world.upload(&tenant, "hello", "one").await.version.id;
        let other = world.upload(&tenant, "other", "two").await.version.id;
        let before = world.everything().await;
        for (versions, code) in
            [(vec![(&other, 100)], 10007), (vec![(&VersionId::generate(), 100)], 10007), (vec![(&own, 50)], 10021)]
        {
            let error = deploy(&world, &tenant, request(&versions, Force::Force)).await.expect_err("is refused");
            assert_eq!(error.code(), code);
        }
        assert!(world.everything().await == before);
    }

    /// Rolls back over a changed secret, with and without force; goes forward over one without being asked.
    #[tokio::test]
    async fn a_rollback_over_a_changed_secret_asks_first() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        let first = upload("one", &[secret("KEY", "a")]);
        let first = world.try_upload(&tenant, "hello", first).await.expect("is accepted").version.id;
        let same = upload("two", &[secret("KEY", "a")]);
        let same = world.try_upload(&tenant, "hello", same).await.expect("is accepted").version.id;
        deploy(&world, &tenant, request(&[(&first, 100)], Force::Ask))
            .await
            .expect("the same secret under another nonce");
        let changed = later(&world, &tenant, upload("three", &[secret("KEY", "b")])).await.version.id;
        deploy(&world, &tenant, request(&[(&changed, 100)], Force::Ask)).await.expect("forward is not a rollback");
        let error = deploy(&world, &tenant, request(&[(&same, 100)], Force::Ask)).await.expect_err("asks");
        assert_eq!(error.code(), 10220);
        deploy(&world, &tenant, request(&[(&same, 100)], Force::Force)).await.expect("is forced");
    }

    /// Uploads 130 versions over one that shares the traffic: it stays, the others go with their blobs.
    #[tokio::test]
    async fn old_versions_go_with_their_blobs_unless_they_serve() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        let first = world.upload(&tenant, "hello", "source first").await.version.id;
        for at in 0..130 {
            later(&world, &tenant, upload(&format!("source {}", at % 120), &[])).await;
        }
        let versions = world.control.versions(&tenant, &script("hello")).await.expect("lists");
        assert_eq!(versions.len(), 101);
        assert_eq!(versions.last().map(|version| &version.id), Some(&first));
        // The newest 100 have sources 30 to 119 and 0 to 9; each has code and a snapshot.
        assert_eq!(world.blobs_count(), 2 * (100 + 1));
        for version in &versions {
            world.control.code(&tenant, &script("hello"), &version.id).await.expect("its code is there");
        }
    }

    /// Shares 100 percent among none, one, two and three versions.
    #[test]
    fn percentages_must_sum_to_100_over_one_or_two_versions() {
        let (a, b, c) = (VersionId::generate(), VersionId::generate(), VersionId::generate());
        let check = |shares: &[(&VersionId, u8)]| {
            check_percentages(&shares.iter().map(|(id, percent)| ((*id).clone(), *percent)).collect::<Vec<_>>())
        };
        assert!(check(&[(&a, 100)]).is_ok());
        assert!(check(&[(&a, 90), (&b, 10)]).is_ok());
        assert!(check(&[(&a, 100), (&b, 0)]).is_ok());
        for bad in [
            &[][..],
            &[(&a, 99)],
            &[(&a, 50), (&a, 50)],
            &[(&a, 50), (&b, 51)],
            &[(&a, 200), (&b, 156)],
            &[(&a, 40), (&b, 30), (&c, 30)],
        ] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
    }
}
