//! Where scripts answer: the account's subdomain, and whether a script uses it.

use serde::Deserialize;
use serde_json::json;

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiResult, Reply};
use crate::control::{ControlError, SubdomainFlags};
use crate::ids::TenantName;

/// `GET /workers/subdomain`
pub(super) async fn show(call: Call) -> ApiResult {
    let tenant = call.state.control.tenant(&call.account()?).await?;
    Reply::of(json!({ "subdomain": tenant.subdomain }))
}

/// `PUT /workers/subdomain`
pub(super) async fn change(call: Call, body: Body) -> ApiResult {
    let wanted: WantedName = body.json().await?;
    let name: Result<TenantName, _> = wanted.subdomain.parse();
    let name = name.map_err(|error| ControlError::InvalidName { reason: error.to_string() })?;
    let control = &call.state.control;
    let tenant = control.change_tenant_subdomain(&call.principal.actor(), &call.account()?, name).await?;
    Reply::of(json!({ "subdomain": tenant.subdomain }))
}

/// `GET /workers/scripts/{script}/subdomain`
pub(super) async fn show_script(call: Call) -> ApiResult {
    let script = call.state.control.script(&call.account()?, &call.script()?).await?;
    Reply::of(script.subdomain)
}

/// `POST /workers/scripts/{script}/subdomain`
pub(super) async fn change_script(call: Call, body: Body) -> ApiResult {
    let wanted: WantedFlags = body.json().await?;
    let (account, script) = (call.account()?, call.script()?);
    let control = &call.state.control;
    let now = control.script(&account, &script).await?.subdomain;
    let flags = SubdomainFlags {
        enabled: wanted.enabled,
        previews_enabled: wanted.previews_enabled.unwrap_or(now.previews_enabled),
    };
    Reply::of(control.change_subdomain(&call.principal.actor(), &account, &script, flags).await?)
}

#[derive(Deserialize)]
struct WantedName {
    subdomain: String,
}

#[derive(Deserialize)]
struct WantedFlags {
    enabled: bool,
    previews_enabled: Option<bool>,
}
