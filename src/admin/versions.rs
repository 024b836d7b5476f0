//! `/workers/scripts/{name}/versions`: list, read, upload without deploying.

use serde_json::{Value, json};

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiResult, Reply, page_info};
use super::upload::{start_view, upload, with_remarks};
use crate::control::{Deploy, Version};
use crate::ids::VersionId;

/// `GET …/versions`
pub(super) async fn list(call: Call) -> ApiResult {
    let versions = call.state.control.versions(&call.account()?, &call.script()?).await?;
    let page = call.page(100, 100)?;
    let start = u64::from(page.number - 1) * u64::from(page.per_page);
    let start = usize::try_from(start).unwrap_or(usize::MAX);
    let items: Vec<Value> = versions.iter().skip(start).take(page.per_page as usize).map(view).collect();
    let info = page_info(items.len(), page, versions.len() as u64);
    Ok(Reply::of(json!({ "items": items }))?.with_info(info))
}

/// `GET …/versions/{version}`
pub(super) async fn show(call: Call) -> ApiResult {
    let id: VersionId = call.id("version")?;
    let version = call.state.control.version(&call.account()?, &call.script()?, &id).await?;
    Reply::of(view(&version))
}

/// `POST …/versions`: a version that does not serve yet.
pub(super) async fn upload_only(call: Call, body: Body) -> ApiResult {
    let (metadata, uploaded) = upload(&call, body, Deploy::Later).await?;
    let reply = Reply::of(view(&uploaded.version))?;
    Ok(with_remarks(reply, &metadata, &uploaded.version.start))
}

/// A version as Cloudflare's API shows it.
pub(super) fn view(version: &Version) -> Value {
    json!({
        "id": version.id,
        "number": version.number,
        "metadata": {
            "created_on": version.created_at,
            "modified_on": version.created_at,
            "source": version.source,
            "author_id": version.author,
            "author_email": version.author,
            "has_preview": false,
        },
        "annotations": version.annotations,
        "resources": {
            "bindings": version.bindings,
            "script": {
                "etag": version.etag,
                "handlers": version.handlers,
                "last_deployed_from": version.source,
            },
            "script_runtime": {
                "compatibility_date": version.compatibility_date,
                "compatibility_flags": version.compatibility_flags,
                "limits": version.limits,
                "usage_model": "standard",
            },
        },
        "startup_time_ms": version.startup_cpu_ms,
        "eyot": start_view(&version.start),
    })
}
