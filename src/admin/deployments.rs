//! `/workers/scripts/{name}/deployments`: which versions serve, and with what share.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiError, ApiResult, Reply};
use super::metadata::annotations;
use crate::control::{ControlError, DeployRequest, DeploymentRecord, Force, Missing};
use crate::ids::{DeploymentId, VersionId};

/// `GET …/deployments`, newest first.
pub(super) async fn list(call: Call) -> ApiResult {
    let deployments = call.state.control.deployments(&call.account()?, &call.script()?).await?;
    Reply::of(json!({ "deployments": deployments.iter().map(view).collect::<Vec<_>>() }))
}

/// `GET …/deployments/{deployment}`
pub(super) async fn show(call: Call) -> ApiResult {
    let id: DeploymentId = call.id("deployment")?;
    let deployments = call.state.control.deployments(&call.account()?, &call.script()?).await?;
    let found = deployments
        .iter()
        .find(|deployment| deployment.id == id)
        .ok_or(ControlError::NotFound { what: Missing::Deployment })?;
    Reply::of(view(found))
}

/// `POST …/deployments?force=`: makes versions serve; a rollback is the same with an older version.
pub(super) async fn create(call: Call, body: Body) -> ApiResult {
    let wanted: Wanted = body.json().await?;
    if wanted.strategy.as_deref().is_some_and(|strategy| strategy != "percentage") {
        return Err(ApiError::unsupported("a deployment strategy other than \"percentage\""));
    }
    let versions: Result<Vec<_>, ApiError> = wanted.versions.iter().map(Share::checked).collect();
    let request = DeployRequest {
        versions: versions?,
        annotations: annotations(wanted.annotations.as_ref())?,
        source: call.source().to_owned(),
        force: if call.flag("force") { Force::Force } else { Force::Ask },
    };
    let actor = call.principal.actor();
    let deployment = call.state.control.deploy(&actor, &call.account()?, &call.script()?, request).await?;
    Reply::of(view(&deployment))
}

/// `DELETE …/deployments/{deployment}`: of one that does not serve.
pub(super) async fn delete(call: Call) -> ApiResult {
    let (by, account, script) = (call.principal.actor(), call.account()?, call.script()?);
    call.state.control.remove_deployment(&by, &account, &script, &call.id("deployment")?).await?;
    Reply::null()
}

#[derive(Deserialize)]
struct Wanted {
    strategy: Option<String>,
    versions: Vec<Share>,
    annotations: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Share {
    version_id: String,
    percentage: f64,
}

impl Share {
    fn checked(&self) -> Result<(VersionId, u8), ApiError> {
        let refused = |message: String| ApiError::new(StatusCode::BAD_REQUEST, 10021, message);
        let version = self.version_id.parse();
        let version = version.map_err(|error: crate::ids::ParseIdError| refused(error.to_string()))?;
        if !(0.0..=100.0).contains(&self.percentage) || self.percentage.fract() != 0.0 {
            return Err(refused(format!("percentage {} is not a whole number from 0 to 100", self.percentage)));
        }
        // In range and whole, as just checked: nothing is cut off.
        Ok((version, self.percentage as u8))
    }
}

fn view(deployment: &DeploymentRecord) -> Value {
    let versions = deployment.versions.iter();
    let versions: Vec<Value> =
        versions.map(|(id, percentage)| json!({ "version_id": id, "percentage": percentage })).collect();
    json!({
        "id": deployment.id,
        "source": deployment.source,
        "strategy": "percentage",
        "author_email": deployment.author,
        "annotations": deployment.annotations,
        "created_on": deployment.created_at,
        "versions": versions,
    })
}
