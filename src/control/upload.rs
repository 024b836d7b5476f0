//! Uploads: from what was sent to a version that may serve.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Control;
use super::accept::Draft;
use super::audit::Actor;
use super::bindings::UploadBinding;
use super::error::{ControlError, Missing};
use super::scripts::SettingsChange;
use super::versions::Version;
use crate::ids::{DeploymentId, ScriptName, TenantId};
use crate::limits::Overrides;
use crate::script::Code;

/// Notes on a version or deployment: `workers/message`, `workers/tag`, `workers/alias`, `workers/triggered_by`.
pub type Annotations = BTreeMap<String, String>;

/// A whole script as it was sent.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its modules, already JavaScript.
    pub code: Code,
    /// Its bindings.
    pub bindings: Vec<UploadBinding>,
    /// Types of bindings (`secret_text`, `plain_text`, …) that stay from the latest version when not named above.
    pub keep_bindings: Vec<String>,
    /// What it lowers of its tenant's limits.
    pub limits: Overrides,
    /// `workers/message`, `workers/tag`, …
    pub annotations: Annotations,
    /// Settings outside the version, applied only with [`Deploy::Now`].
    pub settings: SettingsChange,
    /// What uploads it: `wrangler`, `api`, …
    pub source: String,
}

/// Whether a new version serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deploy {
    /// All requests, from when the call returns.
    Now,
    /// Not before it is deployed.
    Later,
}

/// An accepted upload.
#[derive(Debug, Clone, PartialEq)]
pub struct Uploaded {
    /// The new version; `startup_cpu_ms`, `start` and `etag` are in it.
    pub version: Version,
    /// The deployment that makes it serve, with [`Deploy::Now`].
    pub deployment: Option<DeploymentId>,
}

impl Control {
    /// Takes a whole script: checks it, evaluates it, keeps it, and with [`Deploy::Now`] makes it serve.
    ///
    /// [`Deploy::Now`] makes the script when there is none; [`Deploy::Later`] needs one.
    ///
    /// # Errors
    /// Everything [`ControlError`] has for code and bindings; nothing has changed then.
    pub async fn upload(
        &self,
        by: &Actor,
        tenant: &TenantId,
        script: &ScriptName,
        upload: Upload,
        deploy: Deploy,
    ) -> Result<Uploaded, ControlError> {
        let _turn = self.inner.script_locks.enter(tenant, script).await?;
        let base = self.base(tenant, script).await?;
        if base.script.is_none() && deploy == Deploy::Later {
            return Err(ControlError::NotFound { what: Missing::Script });
        }
        let earlier = base.latest.as_ref().map(|latest| latest.kept.as_slice()).unwrap_or_default();
        let kept = self.resolve(&base, script, &upload.code, &upload.bindings, earlier, &upload.keep_bindings)?;
        let draft = Draft {
            code: Arc::new(upload.code),
            kept,
            limits: upload.limits,
            annotations: upload.annotations,
            settings: upload.settings,
            source: upload.source,
            action: "script.upload",
            deploy,
        };
        self.accept(by, base, script, draft).await
    }
}
