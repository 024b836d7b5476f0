//! `…/scripts/{name}/schedules`: a script's cron triggers.

use std::collections::BTreeSet;

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiError, ApiResult, Reply};
use crate::events::Cron;

/// `GET …/schedules`
pub(super) async fn show(call: Call) -> ApiResult {
    let schedules = call.state.control.schedules(&call.account()?, &call.script()?).await?;
    Reply::of(json!({ "schedules": schedules }))
}

/// `PUT …/schedules`: a list of `{"cron": "…"}`, bare as wrangler sends it or under `schedules`.
pub(super) async fn replace(call: Call, body: Body) -> ApiResult {
    let sent: Value = body.json().await?;
    let list = sent.get("schedules").unwrap_or(&sent).clone();
    let sent: Vec<Sent> = serde_json::from_value(list).map_err(ApiError::unreadable_body)?;
    let mut crons = BTreeSet::new();
    for Sent { cron } in sent {
        let text = cron.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        if let Err(error) = text.parse::<Cron>() {
            let shown: String = text.chars().take(80).collect();
            let message = format!("invalid cron string {shown:?}: {error}");
            return Err(ApiError::new(StatusCode::BAD_REQUEST, INVALID_CRON, message));
        }
        crons.insert(text);
    }
    let (account, script) = (call.account()?, call.script()?);
    let control = &call.state.control;
    let schedules = control.replace_schedules(&call.principal.actor(), &account, &script, crons).await?;
    Reply::of(json!({ "schedules": schedules }))
}

#[derive(Deserialize)]
struct Sent {
    cron: String,
}

/// Cloudflare's number for an expression that does not parse.
const INVALID_CRON: u32 = 10100;
