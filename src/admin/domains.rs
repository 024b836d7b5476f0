//! Custom hostnames: a host with all its paths, led to one script. Cloudflare's two forms of the same: domains of the
//! account, and wrangler's records of a script.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiError, ApiResult, Reply};
use crate::control::{ControlError, Missing, NewRoute, Route, RouteKind, Taken};
use crate::ids::{ParseIdError, RouteId, ScriptName, TenantId, ZoneId};

/// `GET /workers/domains` and `/workers/domains/records`, less what `service` and `hostname` leave out.
pub(super) async fn list(call: Call) -> ApiResult {
    let account = call.account()?;
    let mut domains = call.state.control.routes(&account, None, RouteKind::Hostname).await?;
    domains.retain(|domain| {
        call.query("service").is_none_or(|service| domain.script.as_str() == service)
            && call.query("hostname").is_none_or(|hostname| domain.host.eq_ignore_ascii_case(hostname))
    });
    Reply::of(domains.iter().map(|domain| view(&account, domain)).collect::<Vec<_>>())
}

/// `GET /workers/domains/{domain}`
pub(super) async fn show(call: Call) -> ApiResult {
    let (account, id): (_, RouteId) = (call.account()?, call.id("domain")?);
    let domains = call.state.control.routes(&account, None, RouteKind::Hostname).await?;
    let found = domains.iter().find(|domain| domain.id == id).ok_or(ControlError::NotFound { what: Missing::Route })?;
    Reply::of(view(&account, found))
}

/// `PUT /workers/domains`: one hostname for a script, taken from another script of the account if need be.
pub(super) async fn attach(call: Call, body: Body) -> ApiResult {
    let sent: Attachment = body.json().await?;
    let script: ScriptName = sent
        .service
        .parse()
        .map_err(|error: ParseIdError| ApiError::new(StatusCode::BAD_REQUEST, 10016, error.to_string()))?;
    let (by, account) = (call.principal.actor(), call.account()?);
    let wanted = NewRoute::hostname(&sent.hostname)?;
    let domain = call.state.control.put_route(&by, &account, &script, wanted, Taken::Move).await?;
    Reply::of(view(&account, &domain))
}

/// `DELETE /workers/domains/{domain}`
pub(super) async fn detach(call: Call) -> ApiResult {
    let (by, account, id): (_, _, RouteId) = (call.principal.actor(), call.account()?, call.id("domain")?);
    call.state.control.remove_route(&by, &account, RouteKind::Hostname, &id).await?;
    Reply::of(json!({ "id": id }))
}

/// `POST …/scripts/{name}/domains/changeset`: what `PUT …/domains/records` with this list would change.
pub(super) async fn compare(call: Call, body: Body) -> ApiResult {
    let sent: Vec<Origin> = body.json().await?;
    let wanted = hostnames(&sent)?;
    let (account, script) = (call.account()?, call.script()?);
    call.state.control.script(&account, &script).await?;
    let there = call.state.control.routes(&account, None, RouteKind::Hostname).await?;
    let find = |wanted: &NewRoute| there.iter().find(|domain| domain.host == wanted.host());
    let added = wanted.iter().filter(|wanted| find(wanted).is_none());
    let added: Vec<Value> = added.map(|wanted| json!({ "hostname": wanted.host(), "service": script })).collect();
    let updated = wanted.iter().filter_map(find).map(|domain| {
        let mut shown = view(&account, domain);
        shown["modified"] = (domain.script != script).into();
        shown
    });
    let updated: Vec<Value> = updated.collect();
    let is_left = |domain: &&Route| {
        domain.script == script
            && call.flag("replace_state")
            && !wanted.iter().any(|wanted| wanted.host() == domain.host)
    };
    let removed: Vec<Value> = there.iter().filter(is_left).map(|domain| view(&account, domain)).collect();
    Reply::of(json!({ "added": added, "updated": updated, "removed": removed, "conflicting": [] }))
}

/// `PUT …/scripts/{name}/domains/records`: exactly these.
pub(super) async fn replace(call: Call, body: Body) -> ApiResult {
    let sent: Records = body.json().await?;
    let wanted = hostnames(&sent.origins)?;
    let taken = if sent.override_existing_origin { Taken::Move } else { Taken::Refuse };
    let (by, account, script) = (call.principal.actor(), call.account()?, call.script()?);
    let control = &call.state.control;
    let domains = control.replace_routes(&by, &account, &script, RouteKind::Hostname, wanted, taken).await?;
    Reply::of(domains.iter().map(|domain| view(&account, domain)).collect::<Vec<_>>())
}

#[derive(Deserialize)]
struct Attachment {
    hostname: String,
    service: String,
}

#[derive(Deserialize)]
struct Records {
    origins: Vec<Origin>,
    #[serde(default)]
    override_existing_origin: bool,
}

#[derive(Deserialize)]
struct Origin {
    hostname: String,
    enabled: Option<bool>,
    previews_enabled: Option<bool>,
}

fn hostnames(origins: &[Origin]) -> Result<Vec<NewRoute>, ApiError> {
    let hostname = |origin: &Origin| {
        if origin.enabled == Some(false) {
            return Err(ApiError::unsupported("a custom domain that is switched off"));
        }
        if origin.previews_enabled == Some(true) {
            return Err(ApiError::unsupported("a custom domain for previews"));
        }
        Ok(NewRoute::hostname(&origin.hostname)?)
    };
    origins.iter().map(hostname).collect()
}

/// A custom domain in Cloudflare's shape. Its zone is what bears its own name.
fn view(account: &TenantId, domain: &Route) -> Value {
    json!({
        "id": domain.id,
        "hostname": domain.host,
        "service": domain.script,
        "environment": "production",
        "zone_id": ZoneId::of(account, &domain.host),
        "zone_name": domain.host,
        "cert_id": "",
        "enabled": true,
        "previews_enabled": false,
    })
}
