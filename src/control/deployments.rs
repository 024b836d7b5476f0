//! Deployments: the decision which versions of a script serve, and with what share of the requests.

use super::Control;
use super::audit::Actor;
use super::error::ControlError;
use super::timestamp::Timestamp;
use super::upload::Annotations;
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
        let _ = (tenant, script);
        todo!()
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
        let _ = (by, tenant, script, request);
        todo!()
    }
}
