//! `/accounts/{id}/workers/account-settings`: what Cloudflare's clients set for an account as a whole.

use serde::Deserialize;

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiResult, Reply};

/// `GET …/account-settings`
pub(super) async fn show(call: Call) -> ApiResult {
    Reply::of(call.state.control.account_settings(&call.account()?).await?)
}

/// `PUT …/account-settings`: what is absent stays as it is.
pub(super) async fn change(call: Call, body: Body) -> ApiResult {
    let Wanted { default_usage_model, green_compute } = body.json().await?;
    let (by, account) = (call.principal.actor(), call.account()?);
    let control = &call.state.control;
    Reply::of(control.change_account_settings(&by, &account, default_usage_model, green_compute).await?)
}

#[derive(Deserialize)]
struct Wanted {
    default_usage_model: Option<String>,
    green_compute: Option<bool>,
}
