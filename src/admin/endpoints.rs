//! The endpoint table: method, path, what the caller needs, how large a body may be, handler.
//!
//! One row per call of the API and nothing else; `mod.rs` builds the router from it and the gate enforces the columns.
//! A call that has no row does not exist.

use std::convert::Infallible;

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};

use super::auth::Needs;
use super::{
    AdminState, account_limits, account_settings, accounts, assets, audit, content, deployments, domains, invoke,
    kv_bulk, kv_namespaces, kv_values, quarantine, routes, schedules, scripts, secrets, services, settings, subdomains,
    tails, tokens, usage, user, versions, zones,
};
use crate::control::Scope;
use crate::limits::Limits;

/// One row.
pub(crate) struct Endpoint {
    /// Its method, for the test that walks the table; the router has it in `handler`.
    #[cfg(test)]
    pub(crate) method: MethodFilter,
    /// Its path below `/client/v4`, in axum's notation.
    pub(crate) path: &'static str,
    /// What it asks of its caller.
    pub(crate) needs: Needs,
    /// How large a body it takes.
    pub(crate) body_max: BodyMax,
    /// What answers it.
    pub(crate) handler: MethodRouter<AdminState, Infallible>,
}

/// How large a body an endpoint takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyMax {
    /// So many bytes.
    Bytes(u64),
    /// As much as the tenant's script limit implies: sources and source maps, each up to the limit, and metadata.
    Script,
}

impl BodyMax {
    /// The number for a tenant with these limits.
    pub(crate) fn bytes(self, limits: Option<&Limits>) -> u64 {
        match (self, limits) {
            (Self::Bytes(bytes), _) => bytes,
            (Self::Script, Some(limits)) => limits.script_bytes_max.saturating_mul(3).saturating_add(METADATA),
            (Self::Script, None) => METADATA,
        }
    }
}

/// Every row.
pub(crate) fn all() -> Vec<Endpoint> {
    let mut all = for_accounts();
    all.extend(for_scripts());
    all.extend(below_scripts());
    all.extend(for_hosts());
    all.extend(for_kv());
    all
}

#[rustfmt::skip]
fn for_accounts() -> Vec<Endpoint> {
    vec![
        row(GET, "/user", Needs::AnyToken, SMALL, user::show),
        row(GET, "/user/tokens/verify", Needs::AnyToken, SMALL, user::verify),
        row(GET, "/memberships", Needs::AnyToken, SMALL, user::memberships),
        row(GET, "/accounts", Needs::AnyToken, SMALL, accounts::list),
        row(POST, "/accounts", Needs::Operator, SMALL, accounts::create),
        row(GET, "/accounts/{account}", READ_ANY, SMALL, accounts::show),
        row(DELETE, "/accounts/{account}", Needs::Operator, SMALL, accounts::delete),
        row(GET, "/accounts/{account}/eyot/limits", READ_ANY, SMALL, account_limits::show),
        row(PUT, "/accounts/{account}/eyot/limits", Needs::Operator, SMALL, account_limits::replace),
        row(GET, "/accounts/{account}/eyot/usage", READ_ANY, SMALL, usage::show),
        row(GET, "/accounts/{account}/eyot/audit", READ_ANY, SMALL, audit::list),
        row(GET, "/accounts/{account}/eyot/quarantine", READ_ANY, SMALL, quarantine::show_account),
        row(DELETE, "/accounts/{account}/eyot/quarantine", Needs::Operator, SMALL, quarantine::lift_account),
        row(GET, "/accounts/{account}/tokens", READ_ANY, SMALL, tokens::list),
        row(POST, "/accounts/{account}/tokens", Needs::EveryScope, SMALL, tokens::create),
        row(GET, "/accounts/{account}/tokens/verify", READ_ANY, SMALL, user::verify),
        row(DELETE, "/accounts/{account}/tokens/{token}", Needs::EveryScope, SMALL, tokens::revoke),
        row(GET, "/accounts/{account}/workers/subdomain", READ, SMALL, subdomains::show),
        row(PUT, "/accounts/{account}/workers/subdomain", DEPLOY, SMALL, subdomains::change),
        row(GET, "/accounts/{account}/workers/account-settings", READ, SMALL, account_settings::show),
        row(PUT, "/accounts/{account}/workers/account-settings", DEPLOY, SMALL, account_settings::change),
        row(GET, "/accounts/{account}/workers/tails/by-consumer/{script}", READ, SMALL, services::tail_producers),
    ]
}

#[rustfmt::skip]
fn for_scripts() -> Vec<Endpoint> {
    vec![
        row(GET, "/accounts/{account}/workers/services/{script}", READ, SMALL, services::show),
        row(DELETE, "/accounts/{account}/workers/services/{script}", DEPLOY, SMALL, scripts::delete),
        row(GET, "/accounts/{account}/workers/scripts", READ, SMALL, scripts::list),
        row(GET, "/accounts/{account}/workers/scripts/{script}", READ, SMALL, content::download),
        row(PUT, "/accounts/{account}/workers/scripts/{script}", DEPLOY, BodyMax::Script, scripts::upload_and_deploy),
        row(DELETE, "/accounts/{account}/workers/scripts/{script}", DEPLOY, SMALL, scripts::delete),
        row(POST, "/accounts/{account}/workers/scripts/{script}/assets-upload-session", DEPLOY, NAMED_FILES, assets::begin),
        row(POST, "/accounts/{account}/workers/assets/upload", Needs::AssetSession, ASSETS, assets::upload),
        row(POST, "/accounts/{account}/workers/assets/upload/{hash}", Needs::AssetSession, ASSETS, assets::upload_one),
        row(GET, "/accounts/{account}/workers/durable_objects/namespaces", READ, SMALL, services::durable_objects),
        row(GET, "/accounts/{account}/workers/workers/{script}", READ, SMALL, services::show_worker),
        row(PATCH, "/accounts/{account}/workers/workers/{script}/versions/latest", DEPLOY, MEDIUM, secrets::patch_latest),
    ]
}

#[rustfmt::skip]
fn below_scripts() -> Vec<Endpoint> {
    vec![
        row(PUT, "/accounts/{account}/workers/scripts/{script}/content", DEPLOY, BodyMax::Script, scripts::replace_content),
        row(GET, "/accounts/{account}/workers/scripts/{script}/content", READ, SMALL, content::download),
        row(GET, "/accounts/{account}/workers/scripts/{script}/content/v2", READ, SMALL, content::download),
        row(GET, "/accounts/{account}/workers/scripts/{script}/eyot/quarantine", READ, SMALL, quarantine::show),
        row(DELETE, "/accounts/{account}/workers/scripts/{script}/eyot/quarantine", Needs::Operator, SMALL, quarantine::lift_script),
        row(GET, "/accounts/{account}/workers/scripts/{script}/settings", READ, SMALL, settings::show),
        row(PATCH, "/accounts/{account}/workers/scripts/{script}/settings", DEPLOY, MEDIUM, settings::change),
        row(GET, "/accounts/{account}/workers/scripts/{script}/script-settings", READ, SMALL, settings::show_unversioned),
        row(PATCH, "/accounts/{account}/workers/scripts/{script}/script-settings", DEPLOY, SMALL, settings::change_unversioned),
        row(GET, "/accounts/{account}/workers/scripts/{script}/versions", READ, SMALL, versions::list),
        row(POST, "/accounts/{account}/workers/scripts/{script}/versions", DEPLOY, BodyMax::Script, versions::upload_only),
        row(GET, "/accounts/{account}/workers/scripts/{script}/versions/{version}", READ, SMALL, versions::show),
        row(GET, "/accounts/{account}/workers/scripts/{script}/deployments", READ, SMALL, deployments::list),
        row(POST, "/accounts/{account}/workers/scripts/{script}/deployments", DEPLOY, SMALL, deployments::create),
        row(GET, "/accounts/{account}/workers/scripts/{script}/deployments/{deployment}", READ, SMALL, deployments::show),
        row(DELETE, "/accounts/{account}/workers/scripts/{script}/deployments/{deployment}", DEPLOY, SMALL, deployments::delete),
        row(GET, "/accounts/{account}/workers/scripts/{script}/secrets", READ, SMALL, secrets::list),
        row(PUT, "/accounts/{account}/workers/scripts/{script}/secrets", DEPLOY, SMALL, secrets::put),
        row(GET, "/accounts/{account}/workers/scripts/{script}/secrets/{secret}", READ, SMALL, secrets::show),
        row(DELETE, "/accounts/{account}/workers/scripts/{script}/secrets/{secret}", DEPLOY, SMALL, secrets::delete),
        row(PATCH, "/accounts/{account}/workers/scripts/{script}/secrets-bulk", DEPLOY, MEDIUM, secrets::patch),
        row(GET, "/accounts/{account}/workers/scripts/{script}/subdomain", READ, SMALL, subdomains::show_script),
        row(POST, "/accounts/{account}/workers/scripts/{script}/subdomain", DEPLOY, SMALL, subdomains::change_script),
        row(GET, "/accounts/{account}/workers/scripts/{script}/schedules", READ, SMALL, schedules::show),
        row(PUT, "/accounts/{account}/workers/scripts/{script}/schedules", DEPLOY, SMALL, schedules::replace),
        row(GET, "/accounts/{account}/workers/scripts/{script}/tails", READ, SMALL, tails::list),
        row(POST, "/accounts/{account}/workers/scripts/{script}/tails", READ, SMALL, tails::create),
        row(DELETE, "/accounts/{account}/workers/scripts/{script}/tails/{tail}", READ, SMALL, tails::delete),
        row(POST, "/accounts/{account}/workers/scripts/{script}/eyot/invoke", DEPLOY, PAYLOAD, invoke::invoke),
        row(GET, "/accounts/{account}/workers/scripts/{script}/references", READ, SMALL, services::references),
    ]
}

#[rustfmt::skip]
fn for_hosts() -> Vec<Endpoint> {
    vec![
        row(GET, "/zones", Needs::AnyToken, SMALL, zones::list),
        row(GET, "/zones/{zone}", READ, SMALL, zones::show),
        row(GET, "/zones/{zone}/workers/routes", READ, SMALL, routes::list_zone),
        row(POST, "/zones/{zone}/workers/routes", DEPLOY, SMALL, routes::create),
        row(GET, "/zones/{zone}/workers/routes/{route}", READ, SMALL, routes::show),
        row(PUT, "/zones/{zone}/workers/routes/{route}", DEPLOY, SMALL, routes::change),
        row(DELETE, "/zones/{zone}/workers/routes/{route}", DEPLOY, SMALL, routes::delete),
        row(GET, "/accounts/{account}/workers/scripts/{script}/routes", READ, SMALL, routes::show_script),
        row(PUT, "/accounts/{account}/workers/scripts/{script}/routes", DEPLOY, MEDIUM, routes::replace_script),
        row(GET, "/accounts/{account}/workers/domains", READ, SMALL, domains::list),
        row(PUT, "/accounts/{account}/workers/domains", DEPLOY, SMALL, domains::attach),
        row(GET, "/accounts/{account}/workers/domains/{domain}", READ, SMALL, domains::show),
        row(DELETE, "/accounts/{account}/workers/domains/{domain}", DEPLOY, SMALL, domains::detach),
        row(GET, "/accounts/{account}/workers/domains/records", READ, SMALL, domains::list),
        row(GET, "/accounts/{account}/workers/domains/records/{domain}", READ, SMALL, domains::show),
        row(DELETE, "/accounts/{account}/workers/domains/records/{domain}", DEPLOY, SMALL, domains::detach),
        row(POST, "/accounts/{account}/workers/scripts/{script}/domains/changeset", DEPLOY, MEDIUM, domains::compare),
        row(PUT, "/accounts/{account}/workers/scripts/{script}/domains/records", DEPLOY, MEDIUM, domains::replace),
    ]
}

#[rustfmt::skip]
fn for_kv() -> Vec<Endpoint> {
    vec![
        row(GET, "/accounts/{account}/storage/kv/namespaces", READ_ANY, SMALL, kv_namespaces::list),
        row(POST, "/accounts/{account}/storage/kv/namespaces", KV, SMALL, kv_namespaces::create),
        row(GET, "/accounts/{account}/storage/kv/namespaces/{namespace}", READ_ANY, SMALL, kv_namespaces::show),
        row(PUT, "/accounts/{account}/storage/kv/namespaces/{namespace}", KV, SMALL, kv_namespaces::rename),
        row(DELETE, "/accounts/{account}/storage/kv/namespaces/{namespace}", KV, SMALL, kv_namespaces::delete),
        row(GET, "/accounts/{account}/storage/kv/namespaces/{namespace}/keys", KV, SMALL, kv_values::list_keys),
        row(GET, "/accounts/{account}/storage/kv/namespaces/{namespace}/values/{key}", KV, SMALL, kv_values::read),
        row(PUT, "/accounts/{account}/storage/kv/namespaces/{namespace}/values/{key}", KV, VALUE, kv_values::write),
        row(DELETE, "/accounts/{account}/storage/kv/namespaces/{namespace}/values/{key}", KV, SMALL, kv_values::delete),
        row(GET, "/accounts/{account}/storage/kv/namespaces/{namespace}/metadata/{key}", KV, SMALL, kv_values::metadata),
        row(PUT, "/accounts/{account}/storage/kv/namespaces/{namespace}/bulk", KV, BULK, kv_bulk::write),
        row(DELETE, "/accounts/{account}/storage/kv/namespaces/{namespace}/bulk", KV, KEYS, kv_bulk::delete),
        row(POST, "/accounts/{account}/storage/kv/namespaces/{namespace}/bulk/delete", KV, KEYS, kv_bulk::delete),
        row(POST, "/accounts/{account}/storage/kv/namespaces/{namespace}/bulk/get", KV, MEDIUM, kv_bulk::read),
    ]
}

fn row<H, T>(method: MethodFilter, path: &'static str, needs: Needs, body_max: BodyMax, handler: H) -> Endpoint
where
    H: Handler<T, AdminState>,
    T: 'static,
{
    Endpoint {
        #[cfg(test)]
        method,
        path,
        needs,
        body_max,
        handler: on(method, handler),
    }
}

const GET: MethodFilter = MethodFilter::GET;
const PUT: MethodFilter = MethodFilter::PUT;
const POST: MethodFilter = MethodFilter::POST;
const PATCH: MethodFilter = MethodFilter::PATCH;
const DELETE: MethodFilter = MethodFilter::DELETE;

/// Looks at scripts and what is around them; whoever deploys must look too.
const READ: Needs = Needs::OneOf(&[Scope::Deploy, Scope::Read]);
/// Looks at what every client of the account needs to find its way.
const READ_ANY: Needs = Needs::OneOf(&[Scope::Kv, Scope::Deploy, Scope::Read]);
/// Changes scripts, their settings and secrets.
const DEPLOY: Needs = Needs::OneOf(&[Scope::Deploy]);
/// Reads and writes KV.
const KV: Needs = Needs::OneOf(&[Scope::Kv]);

/// Bodies that are a few fields, or none.
const SMALL: BodyMax = BodyMax::Bytes(64 << 10);
/// Bodies that hold a script's variables and secrets, or a hundred keys.
const MEDIUM: BodyMax = BodyMax::Bytes(4 << 20);
/// What a function is invoked with: Lambda's limit.
const PAYLOAD: BodyMax = BodyMax::Bytes(6 << 20);
/// 10,000 keys of 512 bytes, each byte escaped in JSON at worst.
const KEYS: BodyMax = BodyMax::Bytes(32 << 20);
/// One KV value, its metadata and the form around them.
const VALUE: BodyMax = BodyMax::Bytes((25 << 20) + (64 << 10));
/// 20,000 paths of assets with their hashes.
const NAMED_FILES: BodyMax = BodyMax::Bytes(24 << 20);
/// One asset of 25 MiB in base64, or as much in many, and the form around them.
const ASSETS: BodyMax = BodyMax::Bytes(36 << 20);
/// KV's bulk limit: 100 MB.
const BULK: BodyMax = BodyMax::Bytes(100_000_000);
/// The metadata part of an upload and the form around the parts.
const METADATA: u64 = 8 << 20;
