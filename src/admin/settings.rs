//! `/workers/scripts/{name}/settings` and `…/script-settings`: what of a script can change without other code.
//!
//! The first are part of a version, so changing them makes one; the second are the script's own.

use serde_json::{Value, json};

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiError, ApiResult, Reply};
use super::metadata::Metadata;
use super::nested::take_object;
use crate::control::{Amendment, Deploy, Script, ScriptSettings, SettingsChange};

/// `GET …/settings`
pub(super) async fn show(call: Call) -> ApiResult {
    Reply::of(view(&call.state.control.script(&call.account()?, &call.script()?).await?))
}

/// `PATCH …/settings`: a form with a part `settings`, or the JSON itself. Absent fields stay as they are.
pub(super) async fn change(call: Call, body: Body) -> ApiResult {
    let (account, script, actor) = (call.account()?, call.script()?, call.principal.actor());
    let metadata = Metadata::parse(&settings_text(body).await?)?;
    let control = &call.state.control;
    if metadata.makes_a_version() {
        let amendment = Amendment {
            bindings: metadata.bindings()?,
            keep_bindings: metadata.keep_bindings().to_vec(),
            limits: metadata.limits()?,
            compatibility_date: metadata.compatibility_date().map(str::to_owned),
            compatibility_flags: metadata.compatibility_flags().map(<[String]>::to_vec),
            annotations: metadata.annotations()?,
            settings: metadata.settings(),
            source: call.source().to_owned(),
            ..Amendment::default()
        };
        control.amend(&actor, &account, &script, amendment, Deploy::Now).await?;
    } else {
        control.change_settings(&actor, &account, &script, metadata.settings()).await?;
    }
    let changed = control.script(&account, &script).await?;
    let reply = Reply::of(view(&changed))?;
    Ok(super::upload::with_remarks(reply, &metadata, &changed.latest.start))
}

/// `GET …/script-settings`
pub(super) async fn show_unversioned(call: Call) -> ApiResult {
    let script = call.state.control.script(&call.account()?, &call.script()?).await?;
    Reply::of(unversioned_view(&script.settings))
}

/// `PATCH …/script-settings`
pub(super) async fn change_unversioned(call: Call, body: Body) -> ApiResult {
    let change: SettingsChange = body.json_or_default().await?;
    let control = &call.state.control;
    let settings = control.change_settings(&call.principal.actor(), &call.account()?, &call.script()?, change).await?;
    Reply::of(unversioned_view(&settings))
}

async fn settings_text(body: Body) -> Result<bytes::Bytes, ApiError> {
    if !body.is_multipart() {
        return body.bytes().await;
    }
    let mut parts = body.parts().await?;
    if let Some(part) = parts.iter().find(|part| part.name == SETTINGS) {
        return Ok(part.bytes.clone());
    }
    let object = take_object(&mut parts, SETTINGS)?;
    object
        .map(|object| object.to_string().into())
        .ok_or_else(|| ApiError::unreadable_body("the form has no part \"settings\""))
}

fn view(script: &Script) -> Value {
    let latest = &script.latest;
    let mut view = unversioned_view(&script.settings);
    view["bindings"] = json!(latest.bindings);
    view["compatibility_date"] = json!(latest.compatibility_date);
    view["compatibility_flags"] = json!(latest.compatibility_flags);
    view["limits"] = json!(latest.limits);
    view["annotations"] = json!(latest.annotations);
    view["usage_model"] = json!("standard");
    view["placement"] = json!({});
    view
}

fn unversioned_view(settings: &ScriptSettings) -> Value {
    json!({
        "tags": settings.tags,
        "logpush": settings.logpush,
        "observability": settings.observability,
        "tail_consumers": settings.tail_consumers,
    })
}

/// Name of the form's part.
const SETTINGS: &str = "settings";
