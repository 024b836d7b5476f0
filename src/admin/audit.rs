//! `/accounts/{id}/eyot/audit`: every change of an account, newest first.

use super::call::Call;
use super::envelope::{ApiResult, Reply};

/// `GET …/eyot/audit`
pub(super) async fn list(call: Call) -> ApiResult {
    let page = call.page(100, 1_000)?;
    let entries = call.state.control.audit(&call.account()?, page).await?;
    Reply::page(entries.items, page, entries.total)
}
