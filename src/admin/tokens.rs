//! `/accounts/{id}/tokens`: make, list, revoke. A token's text is in the reply that made it and nowhere else.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiError, ApiResult, Reply};
use crate::control::{NewToken, Scope, Timestamp, TokenId};

/// `GET …/tokens`
pub(super) async fn list(call: Call) -> ApiResult {
    Reply::of(call.state.control.tokens(&call.account()?).await?)
}

/// `POST …/tokens`
pub(super) async fn create(call: Call, body: Body) -> ApiResult {
    let wanted: Wanted = body.json().await?;
    let expires_at = match wanted.expires_at.or(wanted.expires_on) {
        Some(text) => {
            let moment = Timestamp::parse(&text);
            Some(moment.ok_or_else(|| ApiError::bad_parameter("expires_at must be a time as RFC 3339 writes it"))?)
        }
        None => None,
    };
    let new = NewToken { name: wanted.name, scopes: wanted.scopes, expires_at };
    let (token, text) = call.state.control.create_token(&call.principal.actor(), &call.account()?, new).await?;
    let mut view = json!(token);
    view["value"] = json!(text.expose());
    Reply::of(view)
}

/// `DELETE …/tokens/{token}`
pub(super) async fn revoke(call: Call) -> ApiResult {
    let token = TokenId::new(call.param("token")?);
    let account = call.account()?;
    call.state.control.revoke_token(&call.principal.actor(), &account, &token).await?;
    call.state.tails.end_of_token(&account, token.as_str());
    Reply::of(json!({ "id": token }))
}

#[derive(Deserialize)]
struct Wanted {
    name: String,
    scopes: BTreeSet<Scope>,
    expires_at: Option<String>,
    expires_on: Option<String>,
}
