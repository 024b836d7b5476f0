//! `…/scripts/{name}/eyot/invoke`: calls a function of another platform with a payload as it is.

use http::StatusCode;
use serde_json::Value;

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiError, ApiResult, Reply};
use crate::isolate::Outcome;

/// `POST …/eyot/invoke`: the body is the payload, in JSON; the result is what the function gave.
pub(super) async fn invoke(call: Call, body: Body) -> ApiResult {
    // Parsed and written again: nothing but JSON goes further.
    let payload: Value = body.json_or_default().await?;
    let tenant = call.state.control.tenant(&call.account()?).await?.subdomain;
    let script = call.script()?;
    call.state.control.script(&call.account()?, &script).await?;
    match (call.state.invoke)(tenant, script, payload.to_string()).await {
        Ok(answer) => {
            let answer: Value = serde_json::from_slice(&answer)
                .map_err(|error| ApiError::internal("read a function's answer", &error))?;
            Reply::of(answer)
        }
        Err(outcome) => {
            let (status, code) = match outcome {
                Outcome::Exception => (StatusCode::BAD_REQUEST, 1101),
                Outcome::TenantLimited => (StatusCode::TOO_MANY_REQUESTS, 1015),
                Outcome::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, 1105),
                Outcome::ExceededCpu | Outcome::ExceededMemory | Outcome::ExceededWallTime => {
                    (StatusCode::BAD_REQUEST, 1102)
                }
                Outcome::ScriptNotFound => (StatusCode::NOT_FOUND, 1022),
                Outcome::LoopDetected | Outcome::InternalError | Outcome::Ok | Outcome::Canceled => {
                    (StatusCode::INTERNAL_SERVER_ERROR, 1104)
                }
            };
            Err(ApiError::new(status, code, format!("the invocation ended as {}", outcome.as_str())))
        }
    }
}
