//! Route patterns: those of a script, and those of a zone as wrangler's fallback and the SDKs see them.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiError, ApiResult, Reply};
use super::zones::name_in;
use crate::control::{ControlError, Missing, NewRoute, Route, RouteKind, Taken};
use crate::ids::{ParseIdError, RouteId, ScriptName, ZoneId};

/// `GET …/scripts/{name}/routes`
pub(super) async fn show_script(call: Call) -> ApiResult {
    let script = call.script()?;
    Reply::of(call.state.control.routes(&call.account()?, Some(&script), RouteKind::Pattern).await?)
}

/// `PUT …/scripts/{name}/routes`: exactly these, each bare or as `{"pattern": "…"}`; a zone beside it has no meaning here.
pub(super) async fn replace_script(call: Call, body: Body) -> ApiResult {
    let sent: Value = body.json().await?;
    let list = sent.get("routes").unwrap_or(&sent).as_array().cloned();
    let list = list.ok_or_else(|| ApiError::unreadable_body("expected a list"))?;
    let text = |value: &Value| value.as_str().or_else(|| value["pattern"].as_str()).map(str::to_owned);
    let texts: Option<Vec<String>> = list.iter().map(text).collect();
    let texts = texts.ok_or_else(|| ApiError::unreadable_body("expected patterns"))?;
    let wanted = texts.iter().map(|text| NewRoute::pattern(text)).collect::<Result<Vec<_>, _>>()?;
    let (by, account, script) = (call.principal.actor(), call.account()?, call.script()?);
    let control = &call.state.control;
    Reply::of(control.replace_routes(&by, &account, &script, RouteKind::Pattern, wanted, Taken::Refuse).await?)
}

/// `GET /zones/{zone}/workers/routes`
pub(super) async fn list_zone(call: Call) -> ApiResult {
    Reply::of(of_zone(&call).await?)
}

/// `GET /zones/{zone}/workers/routes/{route}`
pub(super) async fn show(call: Call) -> ApiResult {
    Reply::of(one(&call).await?)
}

/// `POST /zones/{zone}/workers/routes`
pub(super) async fn create(call: Call, body: Body) -> ApiResult {
    let (wanted, script) = read(&call, body).await?;
    let (by, account) = (call.principal.actor(), call.account()?);
    let control = &call.state.control;
    let routes = control.routes(&account, None, RouteKind::Pattern).await?;
    if let Some(there) = routes.into_iter().find(|route| route.pattern == wanted.text()) {
        let (pattern, script) = (there.pattern, there.script.to_string());
        return Err(ControlError::RouteTaken { pattern, script }.into());
    }
    Reply::of(control.put_route(&by, &account, &script, wanted, Taken::Refuse).await?)
}

/// `PUT /zones/{zone}/workers/routes/{route}`
pub(super) async fn change(call: Call, body: Body) -> ApiResult {
    let (wanted, script) = read(&call, body).await?;
    let id = one(&call).await?.id;
    let (by, account) = (call.principal.actor(), call.account()?);
    Reply::of(call.state.control.change_route(&by, &account, &id, &script, wanted).await?)
}

/// `DELETE /zones/{zone}/workers/routes/{route}`
pub(super) async fn delete(call: Call) -> ApiResult {
    let id = one(&call).await?.id;
    let (by, account) = (call.principal.actor(), call.account()?);
    call.state.control.remove_route(&by, &account, RouteKind::Pattern, &id).await?;
    Reply::of(json!({ "id": id }))
}

#[derive(Deserialize)]
struct Sent {
    pattern: String,
    script: Option<String>,
}

/// The pattern that was sent, which must lie in the zone, and its script.
async fn read(call: &Call, body: Body) -> Result<(NewRoute, ScriptName), ApiError> {
    let sent: Sent = body.json().await?;
    let script = sent.script.ok_or_else(|| ApiError::unsupported("a route without a script"))?;
    let script = script
        .parse()
        .map_err(|error: ParseIdError| ApiError::new(StatusCode::BAD_REQUEST, 10016, error.to_string()))?;
    let wanted = NewRoute::pattern(&sent.pattern)?;
    if name_in(&call.account()?, &call.id("zone")?, wanted.host()).is_none() {
        let message = format!("use route pattern {:?}: it does not lie in this zone", wanted.text());
        return Err(ApiError::new(StatusCode::BAD_REQUEST, 10022, message));
    }
    Ok((wanted, script))
}

async fn of_zone(call: &Call) -> Result<Vec<Route>, ApiError> {
    let (account, zone): (_, ZoneId) = (call.account()?, call.id("zone")?);
    let mut routes = call.state.control.routes(&account, None, RouteKind::Pattern).await?;
    routes.retain(|route| name_in(&account, &zone, &route.host).is_some());
    Ok(routes)
}

async fn one(call: &Call) -> Result<Route, ApiError> {
    let id: RouteId = call.id("route")?;
    let found = of_zone(call).await?.into_iter().find(|route| route.id == id);
    found.ok_or_else(|| ControlError::NotFound { what: Missing::Route }.into())
}
