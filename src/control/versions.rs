//! Versions: immutable uploads, as they are read back.

use std::sync::Arc;

use super::binding_view::BindingView;
use super::error::{ControlError, Missing};
use super::records::VersionRow;
use super::timestamp::Timestamp;
use super::upload::Annotations;
use super::{Control, records};
use crate::deployment::Start;
use crate::ids::{BlobHash, ScriptName, TenantId, VersionId};
use crate::limits::Overrides;
use crate::script::{Code, Syntax};

/// One immutable upload of a script.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Its id.
    pub id: VersionId,
    /// Counts from 1 within the script.
    pub number: u32,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// Who uploaded it, as the audit log names them.
    pub author: String,
    /// What uploaded it: `wrangler`, `api`, `secret`, …
    pub source: String,
    /// `workers/message`, `workers/tag`, …
    pub annotations: Annotations,
    /// Its bindings, secrets without their text.
    pub bindings: Vec<BindingView>,
    /// What it lowered of its tenant's limits.
    pub limits: Overrides,
    /// `compatibility_date` of the upload, or empty.
    pub compatibility_date: String,
    /// `compatibility_flags` of the upload.
    pub compatibility_flags: Vec<String>,
    /// How the main module is written.
    pub syntax: Syntax,
    /// Name of the main module.
    pub main_module: String,
    /// Its handlers: `fetch`, `scheduled`, …
    pub handlers: Vec<String>,
    /// How its isolates start.
    pub start: Start,
    /// CPU time its top level took.
    pub startup_cpu_ms: u32,
    /// Whether it has static assets.
    pub has_assets: bool,
    /// Changes with its code and bindings.
    pub etag: String,
}

impl Control {
    /// The versions of a script, newest first; at most 100 and what is deployed.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn versions(&self, tenant: &TenantId, script: &ScriptName) -> Result<Vec<Version>, ControlError> {
        let (tenant, script) = (tenant.clone(), script.clone());
        self.read(move |_, connection| {
            let script = records::script_or_not_found(connection, &tenant, &script)?;
            Ok(records::versions(connection, &script)?.into_iter().map(|row| row.version).collect())
        })
        .await
    }

    /// One version.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn version(
        &self,
        tenant: &TenantId,
        script: &ScriptName,
        id: &VersionId,
    ) -> Result<Version, ControlError> {
        Ok(self.version_row(tenant, script, id).await?.version)
    }

    /// The code of one version.
    ///
    /// # Errors
    /// `NotFound`; `Store` when its blob is lost.
    pub async fn code(
        &self,
        tenant: &TenantId,
        script: &ScriptName,
        id: &VersionId,
    ) -> Result<Arc<Code>, ControlError> {
        let row = self.version_row(tenant, script, id).await?;
        self.load_code(&row.code).await
    }

    async fn version_row(
        &self,
        tenant: &TenantId,
        script: &ScriptName,
        id: &VersionId,
    ) -> Result<VersionRow, ControlError> {
        let (tenant, script, id) = (tenant.clone(), script.clone(), id.clone());
        self.read(move |_, connection| {
            let script = records::script_or_not_found(connection, &tenant, &script)?;
            let row = records::version(connection, &script, &id)?;
            row.ok_or(ControlError::NotFound { what: Missing::Version })
        })
        .await
    }

    /// Reads and decodes code, off this thread.
    pub(super) async fn load_code(&self, hash: &BlobHash) -> Result<Arc<Code>, ControlError> {
        let (blobs, hash) = (self.inner.blobs.clone(), hash.clone());
        let loaded = tokio::task::spawn_blocking(move || -> Result<Code, ControlError> {
            let bytes = blobs.load(&hash)?;
            Code::decode(&bytes).map_err(|error| ControlError::Store(format!("{error} of blob {hash}")))
        });
        let code = loaded.await.map_err(|_| ControlError::Internal("read code".to_owned()))??;
        Ok(Arc::new(code))
    }
}
