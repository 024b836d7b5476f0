//! What clients ask around a script before they change or remove it: its service, its worker, who refers to it.
//!
//! Cloudflare's services and environments are gone from its product; clients still ask whether a script exists by them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::call::Call;
use super::envelope::{ApiResult, Reply};
use super::scripts;
use crate::control::References;
use crate::ids::ScriptName;

/// `GET /workers/services/{script}`: wrangler's way to ask whether a script exists.
pub(super) async fn show(call: Call) -> ApiResult {
    let script = call.state.control.script(&call.account()?, &call.script()?).await?;
    let environment = json!({
        "environment": "production",
        "created_on": script.created_at,
        "modified_on": script.modified_at,
        "script": scripts::view(&script),
    });
    Reply::of(json!({
        "id": script.name,
        "created_on": script.created_at,
        "modified_on": script.modified_at,
        "usage_model": "standard",
        "default_environment": environment,
        "environments": [environment],
    }))
}

/// `GET /workers/workers/{script}`: the same script in Cloudflare's newer shape; wrangler reads its subdomain from here.
pub(super) async fn show_worker(call: Call) -> ApiResult {
    let script = call.state.control.script(&call.account()?, &call.script()?).await?;
    Reply::of(json!({
        "id": script.tag,
        "name": script.name,
        "created_on": script.created_at,
        "updated_on": script.modified_at,
        "deployed_on": script.deployment.map(|deployment| deployment.created_at),
        "logpush": script.settings.logpush,
        "observability": script.settings.observability,
        "subdomain": script.subdomain,
        "tags": script.settings.tags,
        "tail_consumers": script.settings.tail_consumers,
        "references": {},
    }))
}

/// `GET /workers/durable_objects/namespaces`: there are none.
pub(super) async fn durable_objects(call: Call) -> ApiResult {
    Reply::page(Vec::<()>::new(), call.page(20, 1_000)?, 0)
}

/// `GET /workers/scripts/{script}/references`: service bindings; there is nothing else that could refer to a script.
pub(super) async fn references(call: Call) -> ApiResult {
    let References { incoming, outgoing } = call.state.control.references(&call.account()?, &call.script()?).await?;
    let view = |scripts: BTreeSet<ScriptName>| -> Vec<Value> {
        scripts.iter().map(|name| json!({ "service": name, "environment": "production", "name": name })).collect()
    };
    Reply::of(json!({
        "services": { "incoming": view(incoming), "outgoing": view(outgoing), "pages_function": false },
        "durable_objects": [],
        "dispatch_outbounds": [],
    }))
}

/// `GET /workers/tails/by-consumer/{script}`: no script can be a tail consumer yet.
pub(super) async fn tail_producers(call: Call) -> ApiResult {
    call.script()?;
    Reply::of(json!([]))
}
