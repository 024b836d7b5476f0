//! `/accounts/{id}/eyot/limits`: what is in force for a tenant, and what the operator changed of it. Ours, not
//! Cloudflare's.

use serde_json::{Value, json};

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiError, ApiResult, Reply};
use crate::ids::TenantId;
use crate::limits::{Limits, Overrides};

/// `GET …/eyot/limits`
pub(super) async fn show(call: Call) -> ApiResult {
    let account = call.account()?;
    Reply::of(view(&call, &account).await?)
}

/// `PUT …/eyot/limits`: replaces all changes; an absent limit goes back to the node's.
pub(super) async fn replace(call: Call, body: Body) -> ApiResult {
    let account = call.account()?;
    let overrides: Overrides = body.json().await?;
    call.state.control.change_limits(&call.principal.actor(), &account, overrides).await?;
    Reply::of(view(&call, &account).await?)
}

/// Every limit in force, and under `overrides` what the operator changed.
async fn view(call: &Call, account: &TenantId) -> Result<Value, ApiError> {
    let tenant = call.state.control.tenant(account).await?;
    let mut view = in_force(&call.state.control.tenant_limits(account).await?);
    view["overrides"] = json!(tenant.limits);
    Ok(view)
}

fn in_force(limits: &Limits) -> Value {
    let Limits {
        cpu_ms,
        startup_cpu_ms,
        memory_bytes_max,
        wall_ms,
        wait_until_ms,
        subrequests_max,
        subrequests_open_max,
        body_bytes_max,
        script_bytes_max,
        concurrency_max,
        rate_per_second,
        log_bytes_max,
        isolates_per_script_max,
    } = limits;
    json!({
        "cpu_ms": cpu_ms,
        "startup_cpu_ms": startup_cpu_ms,
        "memory_bytes_max": memory_bytes_max,
        "wall_ms": wall_ms,
        "wait_until_ms": wait_until_ms,
        "subrequests_max": subrequests_max,
        "subrequests_open_max": subrequests_open_max,
        "body_bytes_max": body_bytes_max,
        "script_bytes_max": script_bytes_max,
        "concurrency_max": concurrency_max,
        "rate_per_second": rate_per_second,
        "log_bytes_max": log_bytes_max,
        "isolates_per_script_max": isolates_per_script_max,
    })
}
