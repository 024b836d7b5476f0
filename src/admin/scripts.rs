//! `/workers/scripts` and `/workers/scripts/{name}`: list, upload, replace the code, remove.

use serde_json::{Value, json};

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiResult, Reply};
use super::upload::{read_form, start_view, upload, with_remarks};
use crate::control::{Amendment, Deploy, Script, Uploaded};
use crate::ids::ScriptName;
use crate::script::Syntax;

/// `GET /workers/scripts`
pub(super) async fn list(call: Call) -> ApiResult {
    let scripts = call.state.control.scripts(&call.account()?).await?;
    Reply::of(scripts.iter().map(view).collect::<Vec<_>>())
}

/// `PUT /workers/scripts/{script}`: uploads and deploys.
pub(super) async fn upload_and_deploy(call: Call, body: Body) -> ApiResult {
    let (metadata, uploaded) = upload(&call, body, Deploy::Now).await?;
    let reply = Reply::of(deployed_view(&call, &uploaded).await?)?;
    Ok(with_remarks(reply, &metadata, &uploaded.version.start))
}

/// `PUT /workers/scripts/{script}/content`: other code with the bindings and settings it had.
pub(super) async fn replace_content(call: Call, body: Body) -> ApiResult {
    let (account, script) = (call.account()?, call.script()?);
    let form = read_form(body, &*call.state.strip_types).await?;
    let amendment = Amendment {
        code: Some(form.code),
        annotations: form.metadata.annotations()?,
        source: call.source().to_owned(),
        ..Amendment::default()
    };
    let actor = call.principal.actor();
    let uploaded = call.state.control.amend(&actor, &account, &script, amendment, Deploy::Now).await?;
    let reply = Reply::of(deployed_view(&call, &uploaded).await?)?;
    Ok(with_remarks(reply, &form.metadata, &uploaded.version.start))
}

/// `DELETE /workers/scripts/{script}` and `DELETE /workers/services/{script}`. Nothing refers to scripts yet, so
/// `force` changes nothing.
pub(super) async fn delete(call: Call) -> ApiResult {
    let (account, script) = (call.account()?, call.script()?);
    call.state.control.remove_script(&call.principal.actor(), &account, &script).await?;
    call.state.tails.end_all(&account, Some(&script));
    Reply::null()
}

/// A script as lists and services show it.
pub(super) fn view(script: &Script) -> Value {
    let latest = &script.latest;
    json!({
        "id": script.name,
        "tag": script.tag,
        "tags": script.settings.tags,
        "etag": script.etag,
        "handlers": latest.handlers,
        "created_on": script.created_at,
        "modified_on": script.modified_at,
        "compatibility_date": latest.compatibility_date,
        "compatibility_flags": latest.compatibility_flags,
        "has_modules": latest.syntax == Syntax::Modules,
        "has_assets": latest.has_assets,
        "logpush": script.settings.logpush,
        "observability": script.settings.observability,
        "tail_consumers": script.settings.tail_consumers,
        "usage_model": "standard",
        "last_deployed_from": latest.source,
        "deployment_id": latest.id,
    })
}

async fn deployed_view(call: &Call, uploaded: &Uploaded) -> Result<Value, super::envelope::ApiError> {
    let (account, name) = (call.account()?, call.script()?);
    let version = &uploaded.version;
    let mut eyot = start_view(&version.start);
    eyot["version_id"] = json!(version.id);
    eyot["deployment_id"] = json!(uploaded.deployment);
    eyot["url"] = json!(url(call, &account, &name).await?);
    Ok(json!({
        "id": name,
        "etag": version.etag,
        "handlers": version.handlers,
        "created_on": version.created_at,
        "modified_on": version.created_at,
        "compatibility_date": version.compatibility_date,
        "compatibility_flags": version.compatibility_flags,
        "has_modules": version.syntax == Syntax::Modules,
        "has_assets": version.has_assets,
        "usage_model": "standard",
        "entry_point": version.main_module,
        "last_deployed_from": version.source,
        "startup_time_ms": version.startup_cpu_ms,
        // Cloudflare calls it the deployment's id, and wrangler shows it as the version's.
        "deployment_id": version.id,
        "pipeline_hash": version.etag,
        "mutable_pipeline_id": version.id,
        "eyot": eyot,
    }))
}

/// Where the script answers, for people.
async fn url(
    call: &Call,
    account: &crate::ids::TenantId,
    script: &ScriptName,
) -> Result<String, super::envelope::ApiError> {
    let tenant = call.state.control.tenant(account).await?;
    Ok((call.state.script_url)(&tenant.subdomain, script))
}
