//! What else could watch a script: tails. Not there yet.

use super::call::Call;
use super::envelope::{ApiError, ApiResult};

/// `POST …/tails`
pub(super) async fn create_tail(call: Call) -> ApiResult {
    call.state.control.script(&call.account()?, &call.script()?).await?;
    Err(ApiError::unsupported("a live tail"))
}
