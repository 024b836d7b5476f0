//! `/accounts/{id}/eyot/usage`: what an account and its scripts have used.

use serde_json::json;

use super::call::Call;
use super::envelope::{ApiResult, Reply};
use crate::observe::usage::Usage;

/// `GET …/eyot/usage`
pub(super) async fn show(call: Call) -> ApiResult {
    // What ran until now is counted, also when it is not on disk yet.
    (call.state.keep_usage)().await;
    let scripts = call.state.control.usage(&call.account()?).await?;
    let mut total = Usage::default();
    scripts.iter().for_each(|script| total += script.used);
    let scripts: Vec<_> = scripts
        .iter()
        .map(|script| {
            let mut shown = json!(script);
            shown["gib_seconds"] = json!(gib_seconds(script.used));
            shown
        })
        .collect();
    let mut shown = json!(total);
    shown["gib_seconds"] = json!(gib_seconds(total));
    shown["scripts"] = json!(scripts);
    Reply::of(shown)
}

#[expect(clippy::cast_precision_loss, reason = "the exact sum is beside it")]
fn gib_seconds(used: Usage) -> f64 {
    used.mib_us as f64 / 1_024.0 / 1_000_000.0
}
