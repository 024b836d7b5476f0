//! From a draft to a version: the one way by which code enters the control plane.
//!
//! In this order: checks that need nothing but the draft, the build in a child process, the blobs, one transaction, the
//! publication. Whatever fails, what was there before is untouched; blobs that were already written are removed again.
//! The caller holds the script's turn.

use std::collections::HashSet;
use std::sync::Arc;

use rusqlite::{OptionalExtension as _, params};

use super::audit::Actor;
use super::bindings::{self, Kept, Surroundings, UploadBinding};
use super::change::Change;
use super::deployments::{self, DeployRequest, DeploymentRecord, Force};
use super::error::{ControlError, Missing};
use super::garbage::HeldBlobs;
use super::records::{self, ScriptRow, VersionRow};
use super::scripts::{ScriptSettings, SettingsChange, save_settings};
use super::seal::Place;
use super::tenants::Tenant;
use super::upload::{Annotations, Deploy, Uploaded};
use super::{Control, namespaces};
use crate::assets::Manifest;
use crate::deployment::Start;
use crate::ids::{BlobHash, NamespaceId, ScriptName, TenantId, VersionId};
use crate::limits::{Limits, Overrides};
use crate::script::Code;
use crate::snapshot::{BuildInput, Built};

/// What a draft is made against.
#[derive(Debug)]
pub(super) struct Base {
    /// Whose script it is.
    pub(super) tenant: Tenant,
    /// The script, when there is one.
    pub(super) script: Option<ScriptRow>,
    /// Its version with the highest number.
    pub(super) latest: Option<VersionRow>,
    /// What serves.
    deployed: Option<DeploymentRecord>,
    namespaces: HashSet<NamespaceId>,
    scripts: HashSet<ScriptName>,
    limits: Limits,
}

/// A version to be made.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) code: Arc<Code>,
    pub(super) kept: Vec<Kept>,
    pub(super) limits: Overrides,
    pub(super) annotations: Annotations,
    pub(super) settings: SettingsChange,
    pub(super) source: String,
    /// What the audit log calls it.
    pub(super) action: &'static str,
    pub(super) deploy: Deploy,
    pub(super) assets: DraftAssets,
}

/// Static assets of a draft.
#[derive(Debug)]
pub(super) enum DraftAssets {
    /// Those of this manifest, which is kept already, or none.
    Kept(Option<BlobHash>),
    /// Others, whose manifest is to be kept.
    New(Manifest),
}

/// A draft that was built and whose code is stored.
struct Accepted {
    draft: Draft,
    built: Built,
    code: BlobHash,
    assets: Option<BlobHash>,
}

impl Base {
    /// Whether all requests go to the latest version.
    pub(super) fn latest_serves_alone(&self) -> bool {
        let served = self.deployed.as_ref().map(|deployed| deployed.versions.as_slice()).unwrap_or_default();
        match (served, &self.latest) {
            ([(id, 100)], Some(latest)) => *id == latest.version.id,
            _ => false,
        }
    }
}

impl Control {
    /// Reads what a draft is made against.
    pub(super) async fn base(&self, tenant: &TenantId, script: &ScriptName) -> Result<Base, ControlError> {
        let (tenant, script) = (tenant.clone(), script.clone());
        self.read(move |inner, connection| {
            let tenant = records::tenant(connection, &tenant)?;
            let script = records::script(connection, &tenant.id, &script)?;
            let (latest, deployed) = match &script {
                Some(script) => (records::latest(connection, script)?, records::deployed(connection, script)?),
                None => (None, None),
            };
            let namespaces = namespaces::ids(connection, &tenant.id)?;
            let scripts = records::script_names(connection, &tenant.id)?;
            let limits = inner.limits_of(&tenant);
            Ok(Base { tenant, script, latest, deployed, namespaces, scripts, limits })
        })
        .await
    }

    /// Turns uploaded bindings into those of a version.
    pub(super) fn resolve(
        &self,
        base: &Base,
        script: &ScriptName,
        code: &Code,
        uploaded: &[UploadBinding],
        earlier: &[Kept],
        keep_types: &[String],
    ) -> Result<Vec<Kept>, ControlError> {
        let around = Surroundings {
            earlier,
            keep_types,
            code,
            has_namespace: &|id| base.namespaces.contains(id),
            has_script: &|name| name == script || base.scripts.contains(name),
            seal: &|name, text| self.inner.secrets.seal(Place { tenant: &base.tenant.id, script, name }, text),
        };
        bindings::resolve(uploaded, &around)
    }

    /// Builds a draft, keeps it, and makes it serve if it asks for that.
    pub(super) async fn accept(
        &self,
        by: &Actor,
        base: Base,
        script: &ScriptName,
        draft: Draft,
    ) -> Result<Uploaded, ControlError> {
        check(&draft, &base, self.inner.config.scripts_max)?;
        let input = BuildInput {
            tenant: Some(base.tenant.id.clone()),
            code: Arc::clone(&draft.code),
            limits: Arc::new(base.limits.lowered(&draft.limits)),
            bindings: self.inner.named_bindings(&base.tenant.id, script, &draft.kept)?,
        };
        let built = self.inner.build.build(input).await?;
        let blobs = self.inner.unsettled.hold(start_blob(&built.start));
        let (code, blobs) = self.store_code(&draft.code, blobs).await?;
        let (assets, blobs) = self.store_manifest(&base.tenant.id, &draft.assets, blobs).await?;
        let (inner, by) = (Arc::clone(&self.inner), by.clone());
        let (tenant, name) = (base.tenant.id, script.clone());
        // From its turn on this runs to its end, also when the caller goes away.
        let kept = self.inner.database.call(move |connection| {
            let accepted = Accepted { draft, built, code, assets };
            let done = inner.change_now(connection, &by, |change| insert(change, &tenant, &name, accepted));
            // Without a commit nobody refers to the blobs, and they are removed here.
            drop(blobs);
            inner.collect(connection, Vec::new());
            done
        });
        kept.await
    }

    /// Compresses and writes code, off this thread and beside the database, which serves others meanwhile.
    async fn store_code(&self, code: &Arc<Code>, mut held: HeldBlobs) -> Result<(BlobHash, HeldBlobs), ControlError> {
        let (blobs, code) = (self.inner.blobs.clone(), Arc::clone(code));
        let stored = tokio::task::spawn_blocking(move || {
            let bytes = code.encode();
            // Held here, and not by the caller, who may have left by now.
            held.add(BlobHash::of(&bytes));
            Ok::<_, ControlError>((blobs.put(&bytes)?, held))
        });
        stored.await.map_err(|_| ControlError::Internal("store code".to_owned()))?
    }

    /// Keeps a new manifest whose files are all there.
    async fn store_manifest(
        &self,
        tenant: &TenantId,
        assets: &DraftAssets,
        mut held: HeldBlobs,
    ) -> Result<(Option<BlobHash>, HeldBlobs), ControlError> {
        let manifest = match assets {
            DraftAssets::Kept(kept) => return Ok((kept.clone(), held)),
            DraftAssets::New(manifest) => manifest,
        };
        self.check_assets(tenant, manifest).await?;
        let (blobs, bytes) = (self.inner.blobs.clone(), manifest.encode());
        let stored = tokio::task::spawn_blocking(move || {
            held.add(BlobHash::of(&bytes));
            Ok::<_, ControlError>((Some(blobs.put(&bytes)?), held))
        });
        stored.await.map_err(|_| ControlError::Internal("store a manifest".to_owned()))?
    }
}

/// Refuses what would be refused after the build anyway.
fn check(draft: &Draft, base: &Base, scripts_max: u32) -> Result<(), ControlError> {
    if base.script.is_none() && base.scripts.len() >= scripts_max as usize {
        return Err(ControlError::TooMany { what: "scripts", max: scripts_max });
    }
    let (bytes, limit_bytes) = (draft.code.source_bytes(), base.limits.script_bytes_max);
    if bytes > limit_bytes {
        return Err(ControlError::ScriptTooLarge { bytes, limit_bytes });
    }
    if draft.code.modules.len() > MODULES_MAX {
        let reason = format!("{} modules exceed the limit of {MODULES_MAX}", draft.code.modules.len());
        return Err(ControlError::InvalidValue { what: "script", reason });
    }
    if draft.code.module(&draft.code.main_module).is_none() {
        let reason = format!("there is no module {:?}", draft.code.main_module.chars().take(200).collect::<String>());
        return Err(ControlError::InvalidValue { what: "main_module", reason });
    }
    let mut names = HashSet::new();
    if let Some(twice) = draft.code.modules.iter().find(|module| !names.insert(module.name.as_str())) {
        let reason = format!("{:?} is there twice", twice.name.chars().take(200).collect::<String>());
        return Err(ControlError::InvalidValue { what: "modules", reason });
    }
    draft.limits.check()?;
    check_annotations(&draft.annotations)?;
    ScriptSettings::default().with(draft.settings.clone()).check()
}

/// Refuses notes that are too many or too long.
pub(super) fn check_annotations(annotations: &Annotations) -> Result<(), ControlError> {
    let too_long = |(name, text): (&String, &String)| name.len() > 64 || text.len() > ANNOTATION_BYTES_MAX;
    if annotations.len() > ANNOTATIONS_MAX || annotations.iter().any(too_long) {
        let reason = format!("at most {ANNOTATIONS_MAX} of at most {ANNOTATION_BYTES_MAX} bytes are kept");
        return Err(ControlError::InvalidValue { what: "annotations", reason });
    }
    Ok(())
}

/// The transaction of an accepted draft.
fn insert(
    change: &mut Change<'_>,
    tenant: &TenantId,
    name: &ScriptName,
    accepted: Accepted,
) -> Result<Uploaded, ControlError> {
    let tenant = records::tenant(&change.transaction, tenant)?;
    for blob in start_blob(&accepted.built.start).iter().chain([&accepted.code]).chain(&accepted.assets) {
        // The builder found a snapshot of equal bytes, which was removed with its last version before it was held here.
        if !change.inner.blobs.contains(blob)? {
            return Err(ControlError::ConcurrentModification);
        }
    }
    let deploy = accepted.draft.deploy;
    let script = match records::script(&change.transaction, &tenant.id, name)? {
        Some(script) => script,
        None if deploy == Deploy::Now => insert_script(change, &tenant, name)?,
        None => return Err(ControlError::NotFound { what: Missing::Script }),
    };
    let id = VersionId::generate();
    insert_version(change, &script, &id, &accepted)?;
    let draft = accepted.draft;
    let deployment = match deploy {
        Deploy::Later => None,
        Deploy::Now => {
            let settings = script.settings.clone().with(draft.settings);
            settings.check()?;
            save_settings(change, &script, &settings)?;
            let request = DeployRequest {
                versions: vec![(id.clone(), 100)],
                annotations: draft.annotations,
                source: draft.source,
                force: Force::Force,
            };
            Some(deployments::insert(change, &script, request)?.id)
        }
    };
    deployments::prune(change, &script)?;
    change.audit(&tenant.id, draft.action, &format!("{name} {id}"))?;
    if deployment.is_some() {
        change.publish_script(&tenant, name)?;
    }
    let row = records::version(&change.transaction, &script, &id)?;
    let version = row.ok_or_else(|| ControlError::Internal("read back a version".to_owned()))?.version;
    Ok(Uploaded { version, deployment })
}

fn insert_script(change: &Change<'_>, tenant: &Tenant, name: &ScriptName) -> Result<ScriptRow, ControlError> {
    let max = change.inner.config.scripts_max;
    if records::scripts_count(&change.transaction, &tenant.id)? >= max {
        return Err(ControlError::TooMany { what: "scripts", max });
    }
    change.transaction.execute(
        "INSERT INTO scripts (tenant, name, tag, created_ms, modified_ms, enabled, previews, settings)
         VALUES (?1, ?2, ?3, ?4, ?4, 1, 0, ?5)",
        params![
            tenant.id.as_str(),
            name.as_str(),
            // 32 random digits, which is all a tag is.
            TenantId::generate().as_str(),
            change.now.millis(),
            serde_json::to_string(&ScriptSettings::default())?
        ],
    )?;
    records::script_or_not_found(&change.transaction, &tenant.id, name)
}

fn insert_version(
    change: &Change<'_>,
    script: &ScriptRow,
    id: &VersionId,
    accepted: &Accepted,
) -> Result<(), ControlError> {
    let Accepted { draft, built, code, assets } = accepted;
    let newest = "SELECT max(number) FROM versions WHERE script = ?1";
    let newest = change.transaction.query_row(newest, params![script.row], |row| row.get::<_, Option<u32>>(0));
    let (snapshot, plain_reason) = start_columns(&built.start);
    change.transaction.execute(
        "INSERT INTO versions (id, script, number, created_ms, author, source, annotations, bindings, limits,
             compatibility_date, compatibility_flags, syntax, main_module, handlers, code, snapshot, plain_reason,
             fingerprint, startup_cpu_ms, assets)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
        params![
            id.as_str(),
            script.row,
            newest.optional()?.flatten().unwrap_or(0) + 1,
            change.now.millis(),
            change.by.to_string(),
            draft.source,
            serde_json::to_string(&draft.annotations)?,
            serde_json::to_string(&draft.kept)?,
            serde_json::to_string(&draft.limits)?,
            draft.code.compatibility_date,
            serde_json::to_string(&draft.code.compatibility_flags)?,
            serde_json::to_string(&draft.code.syntax)?,
            draft.code.main_module,
            serde_json::to_string(&built.handlers)?,
            code.as_str(),
            snapshot,
            plain_reason,
            change.inner.config.fingerprint,
            built.startup_cpu_ms,
            assets.as_ref().map(BlobHash::as_str)
        ],
    )?;
    Ok(())
}

/// The blob an isolate starts from.
pub(super) fn start_blob(start: &Start) -> Option<BlobHash> {
    match start {
        Start::Snapshot { blob } => Some(blob.clone()),
        Start::Plain { .. } => None,
    }
}

/// The columns `snapshot` and `plain_reason`, of which one is null.
pub(super) fn start_columns(start: &Start) -> (Option<&str>, Option<&str>) {
    match start {
        Start::Snapshot { blob } => (Some(blob.as_str()), None),
        Start::Plain { reason } => (None, Some(reason)),
    }
}

/// Modules of one version; bundlers make one, hand-written projects dozens.
const MODULES_MAX: usize = 10_000;

/// Notes on one version or deployment.
const ANNOTATIONS_MAX: usize = 16;

/// Bytes of a note.
const ANNOTATION_BYTES_MAX: usize = 1_000;
