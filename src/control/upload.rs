//! Uploads: from what was sent to a version that may serve.

use std::collections::BTreeMap;

use super::Control;
use super::audit::Actor;
use super::bindings::UploadBinding;
use super::error::ControlError;
use super::scripts::SettingsChange;
use super::versions::Version;
use crate::deployment::SecretText;
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

/// Changes to the latest version that make a new one; absent parts stay as they are.
#[derive(Debug, Clone, Default)]
pub struct Amendment {
    /// Other code.
    pub code: Option<Code>,
    /// Other bindings; all of them, with `inherit` and [`Amendment::keep_bindings`] as in an upload.
    pub bindings: Option<Vec<UploadBinding>>,
    /// See [`Upload::keep_bindings`].
    pub keep_bindings: Vec<String>,
    /// Other lowered limits.
    pub limits: Option<Overrides>,
    /// Another `compatibility_date`.
    pub compatibility_date: Option<String>,
    /// Other `compatibility_flags`.
    pub compatibility_flags: Option<Vec<String>>,
    /// Secrets to be put or removed.
    pub secrets: Vec<SecretChange>,
    /// `workers/message`, … of the new version.
    pub annotations: Annotations,
    /// Settings outside the version.
    pub settings: SettingsChange,
    /// What makes it: `wrangler`, `secret`, …
    pub source: String,
}

/// A secret to be put or removed.
#[derive(Debug, Clone)]
pub struct SecretChange {
    /// Its name.
    pub name: String,
    /// Its text; nothing removes it.
    pub text: Option<SecretText>,
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
        let _ = (by, tenant, script, upload, deploy);
        todo!()
    }

    /// Makes a new version out of the latest one and some changes: settings, code alone, secrets.
    ///
    /// # Errors
    /// As [`Control::upload`]; `LatestNotDeployed` with [`Deploy::Now`] when that would deploy more than the change;
    /// `NotFound` for a secret that is to be removed and is not there.
    pub async fn amend(
        &self,
        by: &Actor,
        tenant: &TenantId,
        script: &ScriptName,
        amendment: Amendment,
        deploy: Deploy,
    ) -> Result<Uploaded, ControlError> {
        let _ = (by, tenant, script, amendment, deploy);
        todo!()
    }

    /// Names of the secrets of the latest version, sorted.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn secrets(&self, tenant: &TenantId, script: &ScriptName) -> Result<Vec<String>, ControlError> {
        let _ = (tenant, script);
        todo!()
    }
}
