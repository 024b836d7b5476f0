//! The admin API: Cloudflare's API v4, so that wrangler, the SDKs and Terraform work against a node unchanged.
//!
//! Below `/client/v4` every call passes the gate (`gate.rs`: who calls, may they, how large a body) and ends in the JSON
//! envelope (`envelope.rs`), refusals too. The endpoint table is `endpoints.rs`; which file answers what:
//!
//! | below `/client/v4` | calls | file |
//! |---|---|---|
//! | `/user`, `/user/tokens/verify`, `/memberships` | GET | `user` |
//! | `/accounts`, `/accounts/{a}` | GET, POST, DELETE | `accounts` |
//! | `/accounts/{a}/eyot/limits`, `…/eyot/audit`, `…/eyot/usage` | GET, PUT; GET; GET | `account_limits`, `audit`, `usage` |
//! | `/accounts/{a}/eyot/quarantine`, `…/scripts/{s}/eyot/quarantine` | GET, DELETE | `quarantine` |
//! | `/accounts/{a}/tokens[/{id}]` | GET, POST, DELETE | `tokens` |
//! | `/accounts/{a}/workers/subdomain`, `…/account-settings` | GET, PUT | `subdomains`, `account_settings` |
//! | `/accounts/{a}/workers/services/{s}`, `…/tails/by-consumer/{s}` | GET, DELETE; GET | `services`, `scripts` |
//! | `/accounts/{a}/workers/workers/{s}`, `…/versions/latest` | GET; PATCH | `services`, `secrets` |
//! | `/accounts/{a}/workers/durable_objects/namespaces` | GET: none | `services` |
//! | `/accounts/{a}/workers/scripts[/{s}]`, `…/content` | GET, PUT, DELETE | `scripts`, `content` |
//! | `…/scripts/{s}/content/v2` | GET | `content` |
//! | `…/scripts/{s}/settings`, `…/script-settings` | GET, PATCH | `settings` |
//! | `…/scripts/{s}/versions[/{v}]`, `…/deployments[/{d}]` | GET, POST; DELETE | `versions`, `deployments` |
//! | `…/scripts/{s}/secrets[/{n}]`, `…/secrets-bulk` | GET, PUT, DELETE; PATCH | `secrets` |
//! | `…/scripts/{s}/subdomain`, `…/references` | GET, POST; GET | `subdomains`, `services` |
//! | `…/scripts/{s}/schedules`, `…/eyot/invoke` | GET, PUT; POST | `schedules`, `invoke` |
//! | `…/scripts/{s}/routes`, `/zones/{z}/workers/routes[/{id}]` | GET, PUT; GET, POST, PUT, DELETE | `routes` |
//! | `/zones`, `/zones/{z}` | GET | `zones` |
//! | `/accounts/{a}/workers/domains[/{id}]`, `…/domains/records[/{id}]` | GET, PUT, DELETE | `domains` |
//! | `…/scripts/{s}/domains/changeset`, `…/domains/records` | POST; PUT | `domains` |
//! | `…/scripts/{s}/tails[/{id}]`, `/eyot/tails/{id}/{secret}` | GET, POST, DELETE; WebSocket | `tails` |
//! | `…/scripts/{s}/assets-upload-session`, `/accounts/{a}/workers/assets/upload[/{h}]` | POST | `assets` |
//! | `/accounts/{a}/storage/kv/namespaces[/{n}]` | GET, POST, PUT, DELETE | `kv_namespaces` |
//! | `…/namespaces/{n}/values/{k}`, `…/metadata/{k}`, `…/keys` | GET, PUT, DELETE | `kv_values` |
//! | `…/namespaces/{n}/bulk`, `…/bulk/get`, `…/bulk/delete` | PUT, DELETE, POST | `kv_bulk` |
//!
//! Outside of it: `GET /healthz` and `GET /readyz` for anyone, `GET /metrics` for the operator (`health`).
//!
//! Holds no state and no policy of its own but who may call what: what tenants have is [`crate::control`]'s, values are
//! [`crate::kv`]'s. Knows nothing of V8 or the data plane.

mod account_limits;
mod account_settings;
mod accounts;
mod assets;
mod audit;
mod auth;
mod body;
mod call;
mod content;
mod deployments;
mod domains;
mod endpoints;
mod entry_form;
mod envelope;
mod errors;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod gate;
mod health;
mod invoke;
mod kv_bulk;
mod kv_namespaces;
mod kv_values;
mod metadata;
mod modules;
mod multipart;
mod nested;
mod quarantine;
mod routes;
mod schedules;
mod scripts;
mod secrets;
mod serve;
mod services;
mod settings;
mod subdomains;
mod tails;
mod tokens;
mod upload;
mod usage;
mod user;
mod versions;
mod zones;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use bytes::Bytes;
use futures::future::BoxFuture;

use self::envelope::ApiError;
use self::gate::{BodyMemory, Gate, body_memory};
use crate::control::Control;
use crate::ids::{ScriptName, TenantName};
use crate::isolate::{Outcome, Quarantine};
use crate::kv::Kv;
use crate::tails::Tails;

pub use self::health::Readiness;
pub use self::modules::{StripRefusal, StripTypes, Stripped};
pub use self::serve::{ServeError, Transport, serve};

/// Writes down where a script answers.
pub type ScriptUrl = Arc<dyn Fn(&TenantName, &ScriptName) -> String + Send + Sync>;

/// Runs a function with a payload, both in JSON.
pub type Invoke =
    Arc<dyn Fn(TenantName, ScriptName, String) -> BoxFuture<'static, Result<Bytes, Outcome>> + Send + Sync>;

/// Brings what was used until now into the sums on disk.
pub type KeepUsage = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// What the admin API stands on. Clones are the same.
#[derive(Clone)]
pub struct AdminState {
    /// Tenants, scripts, versions, tokens.
    pub control: Control,
    /// The values of KV namespaces.
    pub kv: Kv,
    /// Takes the types out of TypeScript modules.
    pub strip_types: Arc<dyn StripTypes>,
    /// Runs a function with a payload, both in JSON.
    pub invoke: Invoke,
    /// Brings what was used until now into the sums on disk.
    pub keep_usage: KeepUsage,
    /// Where a script answers, for the upload's reply.
    pub script_url: ScriptUrl,
    /// How whole the process's cage is, in a line without its end.
    pub sandbox: Arc<str>,
    /// What the kernel's bound on memory mappings lacks for the isolates, if it does, in a line without its end.
    pub mappings: Option<Arc<str>>,
    /// Who watches scripts live.
    pub tails: Arc<Tails>,
    /// Who is kept out.
    pub quarantine: Quarantine,
    /// Whether the node takes requests.
    pub readiness: Arc<dyn Fn() -> Readiness + Send + Sync>,
    /// The metrics in Prometheus' text format.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

/// The whole API as a service; [`serve()`] runs it.
pub fn router(state: AdminState) -> Router {
    let memory = body_memory();
    let mut api = Router::new();
    for endpoint in endpoints::all() {
        let gate = gate_of(&state, &memory, endpoint.needs, endpoint.body_max);
        let handler = endpoint.handler.route_layer(from_fn_with_state(gate, gate::pass));
        api = api.route(&format!("{BASE}{}", endpoint.path), handler);
    }
    api.merge(tails::routes())
        .merge(health::routes(&state, &memory))
        .fallback(async || ApiError::no_such_call())
        .method_not_allowed_fallback(async |request: Request| ApiError::wrong_method(request.method()))
        .with_state(state)
}

fn gate_of(state: &AdminState, memory: &BodyMemory, needs: auth::Needs, body_max: endpoints::BodyMax) -> Gate {
    Gate { control: state.control.clone(), memory: memory.clone(), needs, body_max }
}

/// What every path of the API begins with.
const BASE: &str = "/client/v4";
