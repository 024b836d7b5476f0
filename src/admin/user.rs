//! Who am I: the calls by which wrangler's `whoami` and the SDKs find out what a token is good for.
//!
//! There are no people here, only tokens; what the API calls a user is the token's holder.

use serde_json::json;

use super::accounts;
use super::call::Call;
use super::envelope::{ApiResult, Reply};
use crate::control::{Page, Principal};

/// `GET /user`
pub(super) async fn show(call: Call) -> ApiResult {
    let (id, email) = match (&call.principal, accounts::own(&call).await?) {
        (Principal::Tenant { token, .. }, Some(tenant)) => {
            (token.as_str().to_owned(), format!("{}@eyot.invalid", tenant.subdomain))
        }
        _ => (OPERATOR_ID.to_owned(), "operator@eyot.invalid".to_owned()),
    };
    Reply::of(json!({ "id": id, "email": email, "first_name": null, "last_name": null, "suspended": false }))
}

/// `GET /user/tokens/verify` and `GET /accounts/{account}/tokens/verify`
pub(super) async fn verify(call: Call) -> ApiResult {
    let (id, scopes) = match &call.principal {
        Principal::Operator => (OPERATOR_ID, json!(["operator"])),
        Principal::Tenant { token, scopes, .. } => (token.as_str(), json!(scopes)),
    };
    let reply = Reply::of(json!({ "id": id, "status": "active", "eyot": { "scopes": scopes } }))?;
    Ok(reply.with_note(10_000, "This API Token is valid and active"))
}

/// `GET /memberships`: of which accounts the caller is.
pub(super) async fn memberships(call: Call) -> ApiResult {
    let tenants = match accounts::own(&call).await? {
        Some(tenant) => vec![tenant],
        None => call.state.control.tenants(Page { number: 1, per_page: 1_000 }).await?.items,
    };
    let memberships = tenants.iter().map(|tenant| {
        json!({
            "id": tenant.id,
            "status": "accepted",
            "account": accounts::view(tenant),
            "roles": ["Administrator"],
            "permissions": {},
        })
    });
    Reply::of(memberships.collect::<Vec<_>>())
}

/// What stands for the operator where an id is wanted.
const OPERATOR_ID: &str = "00000000000000000000000000000000";
