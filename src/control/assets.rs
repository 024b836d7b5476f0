//! Assets on their way into a version: what is missing, what is kept, what nobody uses any more.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::SystemTime;

use rusqlite::{Connection, params};

use super::error::{ControlError, Missing};
use super::tokens::{Principal, TokenId};
use super::{Control, records};
use crate::assets::{AssetFiles, Entry, Manifest, Session, SessionToken};
use crate::ids::{BlobHash, ScriptName, TenantId};

/// A session that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetSession {
    /// What the client shows from now on.
    pub token: String,
    /// Hashes of the files it has to send, with their sizes, each once.
    pub missing: BTreeMap<String, u64>,
}

impl Control {
    /// The files of all tenants' assets.
    #[must_use]
    pub fn asset_files(&self) -> &AssetFiles {
        &self.inner.assets
    }

    /// Begins an upload of assets, and lets files go that nobody uses any more.
    ///
    /// # Errors
    /// `NotFound` when there is no such tenant, `InvalidValue` when the files cannot be kept.
    pub async fn begin_assets(
        &self,
        tenant: &TenantId,
        script: &ScriptName,
        files: BTreeMap<String, Entry>,
    ) -> Result<AssetSession, ControlError> {
        Manifest::check_files(&files).map_err(invalid)?;
        let id = tenant.clone();
        let manifests = self.read(move |_, connection| {
            records::tenant(connection, &id)?;
            manifests(connection, &id)
        });
        let manifests = manifests.await?;
        let (inner, tenant, script) = (std::sync::Arc::clone(&self.inner), tenant.clone(), script.clone());
        let begun = tokio::task::spawn_blocking(move || {
            let (store, now) = (&inner.assets, SystemTime::now());
            let mut used: HashSet<String> = store.hashes_of_sessions(&tenant)?.into_iter().collect();
            for manifest in manifests {
                let manifest = Manifest::decode(&inner.blobs.load(&manifest)?).map_err(invalid)?;
                used.extend(manifest.files.into_values().map(|entry| entry.hash));
            }
            used.extend(files.values().map(|entry| entry.hash.clone()));
            store.collect(&tenant, &used, now)?;
            let missing = missing(store, &tenant, &files);
            let token = store.begin(&tenant, &script, files, now)?;
            Ok(AssetSession { token, missing })
        });
        begun.await.map_err(|_| ControlError::Internal("begin assets".to_owned()))?
    }

    /// The session of a token, and what of its files is still missing.
    ///
    /// # Errors
    /// `NotFound` when the token is not valid.
    pub async fn asset_session(&self, token: SessionToken) -> Result<(Session, BTreeMap<String, u64>), ControlError> {
        let store = self.inner.assets.clone();
        let read = tokio::task::spawn_blocking(move || {
            let session = store.session(&token, SystemTime::now())?;
            let missing = missing(&store, &token.tenant, &session.files);
            Ok::<_, crate::assets::SessionError>((session, missing))
        });
        let read = read.await.map_err(|_| ControlError::Internal("read an assets session".to_owned()))?;
        read.map_err(|error| match error {
            crate::assets::SessionError::Invalid => ControlError::NotFound { what: Missing::AssetSession },
            crate::assets::SessionError::Disk(error) => error.into(),
        })
    }

    /// Whoever shows the token of a session acts for its tenant, without any scope.
    ///
    /// # Errors
    /// `NotFound` when the token is not valid.
    pub async fn holder_of_session(&self, token: SessionToken) -> Result<Principal, ControlError> {
        let tenant = token.tenant.clone();
        self.asset_session(token).await?;
        Ok(Principal::Tenant { tenant, scopes: BTreeSet::new(), token: TokenId::generate() })
    }

    /// Keeps the bytes of one file of a session.
    ///
    /// # Errors
    /// `Store` when the disk fails.
    pub async fn keep_asset(
        &self,
        tenant: &TenantId,
        hash: String,
        bytes: bytes::Bytes,
        kind: String,
    ) -> Result<(), ControlError> {
        let (store, tenant) = (self.inner.assets.clone(), tenant.clone());
        let kept = tokio::task::spawn_blocking(move || store.put(&tenant, &hash, &bytes, &kind));
        Ok(kept.await.map_err(|_| ControlError::Internal("keep an asset".to_owned()))??)
    }

    /// Whether every file of a manifest is there.
    pub(super) async fn check_assets(&self, tenant: &TenantId, manifest: &Manifest) -> Result<(), ControlError> {
        let (store, tenant, files) = (self.inner.assets.clone(), tenant.clone(), manifest.files.clone());
        let missing = tokio::task::spawn_blocking(move || missing(&store, &tenant, &files));
        let missing = missing.await.map_err(|_| ControlError::Internal("look for assets".to_owned()))?;
        if missing.is_empty() {
            return Ok(());
        }
        let reason = format!("{} of its files were not uploaded", missing.len());
        Err(ControlError::InvalidValue { what: "assets", reason })
    }
}

/// Manifests of all versions of a tenant.
fn manifests(connection: &Connection, tenant: &TenantId) -> Result<HashSet<BlobHash>, ControlError> {
    let mut statement = connection.prepare_cached(
        "SELECT DISTINCT versions.assets FROM versions JOIN scripts ON scripts.id = versions.script
         WHERE scripts.tenant = ?1 AND versions.assets IS NOT NULL",
    )?;
    let rows = statement.query_map(params![tenant.as_str()], |row| records::text(row, 0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn missing(store: &AssetFiles, tenant: &TenantId, files: &BTreeMap<String, Entry>) -> BTreeMap<String, u64> {
    let absent = files.values().filter(|entry| !store.contains(tenant, &entry.hash));
    absent.map(|entry| (entry.hash.clone(), entry.size)).collect()
}

fn invalid(error: crate::assets::ManifestError) -> ControlError {
    ControlError::InvalidValue { what: "assets", reason: error.0 }
}
