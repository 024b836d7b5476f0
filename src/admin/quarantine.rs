//! `…/eyot/quarantine`: which scripts are kept out for making V8 give up on isolates, and lifting that. Ours, not
//! Cloudflare's.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::call::Call;
use super::envelope::{ApiError, ApiResult, Reply};
use crate::ids::{ScriptName, TenantId};
use crate::isolate::Standing;

/// `GET /accounts/{id}/eyot/quarantine`: the tenant as a whole, and its scripts that have strikes.
pub(super) async fn show_account(call: Call) -> ApiResult {
    let account = call.account()?;
    let now = Instant::now();
    let quarantine = &call.state.quarantine;
    let mut shown = view(quarantine.standing(&account, None, now));
    let scripts = quarantine.scripts(&account, now).into_iter().map(|(name, standing)| {
        let mut shown = view(Some(standing));
        shown["script"] = json!(name.as_str());
        shown
    });
    shown["scripts"] = scripts.collect();
    Reply::of(shown)
}

/// `GET …/scripts/{name}/eyot/quarantine`
pub(super) async fn show(call: Call) -> ApiResult {
    let (account, script) = existing(&call).await?;
    Reply::of(view(call.state.quarantine.standing(&account, Some(&script), Instant::now())))
}

/// `DELETE /accounts/{id}/eyot/quarantine`: lifts it for the tenant and all its scripts.
pub(super) async fn lift_account(call: Call) -> ApiResult {
    let account = call.account()?;
    lift(&call, &account, None).await
}

/// `DELETE …/scripts/{name}/eyot/quarantine`
pub(super) async fn lift_script(call: Call) -> ApiResult {
    let (account, script) = existing(&call).await?;
    lift(&call, &account, Some(&script)).await
}

async fn existing(call: &Call) -> Result<(TenantId, ScriptName), ApiError> {
    let (account, script) = (call.account()?, call.script()?);
    call.state.control.script(&account, &script).await?;
    Ok((account, script))
}

async fn lift(call: &Call, account: &TenantId, script: Option<&ScriptName>) -> ApiResult {
    let target = script.map_or("", |script| script.as_str());
    call.state.control.note(&call.principal.actor(), account, "quarantine.lift", target).await?;
    Reply::of(json!({ "lifted": call.state.quarantine.lift(account, script) }))
}

fn view(standing: Option<Standing>) -> Value {
    let seconds = |duration: Duration| duration.as_millis().div_ceil(1_000);
    let kept_out = standing.and_then(|standing| standing.kept_out);
    json!({
        "quarantined": kept_out.is_some(),
        "retry_after_seconds": kept_out.map(seconds),
        "strikes": standing.map_or(0, |standing| standing.strikes),
        "last_strike_seconds_ago": standing.map(|standing| standing.last.as_secs()),
    })
}
