//! `/zones`: what wrangler and the SDKs ask for before they send a route. Every host that a tenant may use is a zone.

use serde_json::{Value, json};

use super::call::Call;
use super::envelope::{ApiResult, Reply};
use crate::control::{ControlError, Missing, Principal};
use crate::ids::{TenantId, ZoneId};

/// `GET /zones?name=…&account.id=…`: the zone of this name; without a name those that have routes.
pub(super) async fn list(call: Call) -> ApiResult {
    let page = call.page(20, 1_000)?;
    let asked = call.query("account.id").and_then(|id| id.parse::<TenantId>().ok());
    let account = match &call.principal {
        Principal::Tenant { tenant, .. } => {
            Some(tenant).filter(|own| asked.is_none_or(|asked| asked == **own)).cloned()
        }
        Principal::Operator => asked,
    };
    let Some(account) = account else { return Reply::page(Vec::<Value>::new(), page, 0) };
    let control = &call.state.control;
    let names = match call.query("name") {
        Some(name) if control.is_zone(&account, &name.to_ascii_lowercase()).await? => vec![name.to_ascii_lowercase()],
        Some(_) => Vec::new(),
        None => control.zones(&account).await?,
    };
    let total = names.len() as u64;
    let begin = (page.number as usize - 1).saturating_mul(page.per_page as usize);
    let names = names.iter().skip(begin).take(page.per_page as usize);
    Reply::page(names.map(|name| view(&account, name)).collect::<Vec<_>>(), page, total)
}

/// `GET /zones/{zone}`: one that has routes.
pub(super) async fn show(call: Call) -> ApiResult {
    let (account, zone) = (call.account()?, call.id::<ZoneId>("zone")?);
    let names = call.state.control.zones(&account).await?;
    let name = names.iter().find_map(|host| name_in(&account, &zone, host));
    let name = name.ok_or(ControlError::NotFound { what: Missing::Route })?;
    Reply::of(view(&account, name))
}

/// The name of the zone, when this host lies in it.
pub(super) fn name_in<'a>(account: &TenantId, zone: &ZoneId, host: &'a str) -> Option<&'a str> {
    let below = host.match_indices('.').filter_map(|(at, _)| host.get(at + 1..));
    std::iter::once(host).chain(below).find(|name| ZoneId::of(account, name) == *zone)
}

fn view(account: &TenantId, name: &str) -> Value {
    json!({
        "id": ZoneId::of(account, name),
        "name": name,
        "status": "active",
        "paused": false,
        "type": "full",
        "account": { "id": account },
    })
}
