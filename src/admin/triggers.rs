//! What else could start a script or watch it: routes, custom domains, tails. Not there yet.
//!
//! An empty list of them is the truth and is accepted; anything else is refused by name.

use serde_json::{Value, json};

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiError, ApiResult, Reply};

/// `GET …/routes`
pub(super) async fn show_routes(call: Call) -> ApiResult {
    script_exists(&call).await?;
    Reply::of(json!([]))
}

/// `PUT …/routes`
pub(super) async fn replace_routes(call: Call, body: Body) -> ApiResult {
    script_exists(&call).await?;
    accept_none(body, "routes", "a route pattern").await?;
    Reply::of(json!([]))
}

/// `PUT …/domains/records`
pub(super) async fn replace_domains(call: Call, body: Body) -> ApiResult {
    script_exists(&call).await?;
    accept_none(body, "origins", "a custom domain").await?;
    Reply::of(json!([]))
}

/// `POST …/tails`
pub(super) async fn create_tail(call: Call) -> ApiResult {
    script_exists(&call).await?;
    Err(ApiError::unsupported("a live tail"))
}

async fn script_exists(call: &Call) -> Result<(), ApiError> {
    call.state.control.script(&call.account()?, &call.script()?).await?;
    Ok(())
}

/// Accepts an empty list, bare or under `key`.
async fn accept_none(body: Body, key: &str, what: &str) -> Result<(), ApiError> {
    let sent: Value = body.json().await?;
    match sent.get(key).unwrap_or(&sent).as_array() {
        Some(items) if items.is_empty() => Ok(()),
        Some(_) => Err(ApiError::unsupported(what)),
        None => Err(ApiError::unreadable_body("expected a list")),
    }
}
