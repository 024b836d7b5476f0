//! `/accounts`: the tenants of the node, made and removed by its operator; a tenant sees its own one.

use serde::Deserialize;
use serde_json::{Value, json};

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiError, ApiResult, Reply};
use crate::control::{ControlError, NewTenant, Paged, Principal, Tenant};
use crate::ids::TenantName;

/// `GET /accounts`
pub(super) async fn list(call: Call) -> ApiResult {
    let page = call.page(20, 1_000)?;
    let tenants = match &call.principal {
        Principal::Operator => call.state.control.tenants(page).await?,
        Principal::Tenant { tenant, .. } => Paged { items: vec![call.state.control.tenant(tenant).await?], total: 1 },
    };
    Reply::page(tenants.items.iter().map(view).collect(), page, tenants.total)
}

/// `POST /accounts`
pub(super) async fn create(call: Call, body: Body) -> ApiResult {
    let wanted: Wanted = body.json().await?;
    let subdomain: Option<TenantName> = match wanted.subdomain.filter(|text| !text.is_empty()) {
        Some(text) => Some(
            text.parse()
                .map_err(|error: crate::ids::ParseIdError| ControlError::InvalidName { reason: error.to_string() })?,
        ),
        None => None,
    };
    let new = NewTenant { name: wanted.name, subdomain };
    let tenant = call.state.control.create_tenant(&call.principal.actor(), new).await?;
    Reply::of(view(&tenant))
}

/// `GET /accounts/{account}`
pub(super) async fn show(call: Call) -> ApiResult {
    Reply::of(view(&call.state.control.tenant(&call.account()?).await?))
}

/// `DELETE /accounts/{account}`: with everything it has.
pub(super) async fn delete(call: Call) -> ApiResult {
    let account = call.account()?;
    let removed = call.state.control.remove_tenant(&call.principal.actor(), &account).await?;
    call.state.tails.end_all(&account, None);
    for namespace in &removed.namespaces {
        // The tenant is gone and nobody can reach the values any more; what stays on the disk is the log's matter.
        if let Err(error) = call.state.kv.remove_namespace(namespace).await {
            tracing::error!(%account, %namespace, %error, "remove the values of a removed account");
        }
    }
    Reply::of(json!({ "id": account }))
}

/// An account as Cloudflare's API shows it.
pub(super) fn view(tenant: &Tenant) -> Value {
    json!({
        "id": tenant.id,
        "name": tenant.name,
        "type": "standard",
        "created_on": tenant.created_at,
        "settings": { "enforce_twofactor": false },
        "subdomain": tenant.subdomain,
    })
}

/// The account a caller belongs to, for the calls about callers.
pub(super) async fn own(call: &Call) -> Result<Option<Tenant>, ApiError> {
    match &call.principal {
        Principal::Operator => Ok(None),
        Principal::Tenant { tenant, .. } => Ok(Some(call.state.control.tenant(tenant).await?)),
    }
}

#[derive(Deserialize)]
struct Wanted {
    name: String,
    subdomain: Option<String>,
}
