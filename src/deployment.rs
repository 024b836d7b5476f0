//! What serves: the immutable description of a version that the control plane publishes and the data plane reads.
//!
//! A [`Deployment`] is everything a request needs to know of the script it reached. It is built whole, shared by
//! `Arc`, and never changed: a new upload, secret or limit makes a new one. Knows nothing of routing or V8.

use std::fmt;
use std::sync::Arc;

use crate::ids::{BlobHash, NamespaceId, ScriptName, TenantId, TenantName, VersionId};
use crate::limits::Limits;
use crate::script::Syntax;

/// One version of one script, ready to run.
#[derive(Debug)]
pub struct Deployment {
    /// Whose it is; no isolate ever serves two tenants.
    pub tenant: TenantId,
    /// The tenant's label in host names, for logs and metrics.
    pub tenant_name: TenantName,
    /// The script's name.
    pub script: ScriptName,
    /// Which upload of it.
    pub version: VersionId,
    /// Limits in force: the node's, changed by the operator for the tenant, lowered by the tenant for the script.
    pub limits: Arc<Limits>,
    /// What appears in `env`, by name.
    pub bindings: Vec<NamedBinding>,
    /// How the main module is written.
    pub syntax: Syntax,
    /// Address of the encoded [`crate::script::Code`].
    pub code: BlobHash,
    /// How its isolates start.
    pub start: Start,
    /// What evaluating it takes.
    pub top_level: TopLevel,
    /// When the version was uploaded, for the version metadata binding; RFC 3339.
    pub created_at: String,
    /// Address of the manifest of its static assets, if it has any.
    pub assets: Option<BlobHash>,
    /// `workers/tag` annotation of the version, or empty.
    pub tag: String,
}

/// How isolates of a version start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// From the version's own snapshot.
    Snapshot {
        /// Address of the snapshot's blob.
        blob: BlobHash,
    },
    /// By evaluating the script, because its top level cannot be snapshotted.
    Plain {
        /// Why, for the upload's reply.
        reason: String,
    },
}

/// What it takes to evaluate a version's top level, as it was when the version was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopLevel {
    /// Less than to start an isolate from a snapshot.
    Light,
    /// More.
    Heavy,
}

/// A binding and the name it has in `env`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedBinding {
    /// Property of `env`.
    pub name: String,
    /// What it is.
    pub binding: Binding,
}

/// A capability handed to a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// A string.
    PlainText(String),
    /// A JSON value, kept as its text.
    Json(String),
    /// A string nobody may read outside the script.
    Secret(SecretText),
    /// A KV namespace of the same tenant.
    KvNamespace(NamespaceId),
    /// `{ id, tag, timestamp }` of the version.
    VersionMetadata,
    /// Another script of the same tenant, or this one.
    Service(ServiceTarget),
    /// The version's own static assets.
    Assets,
    /// Counts keys of the tenant's own choosing.
    RateLimit(RateLimit),
    /// A `WebAssembly.Module` from this module of the upload (service-worker syntax).
    WasmModule(String),
    /// A string from this module of the upload (service-worker syntax).
    TextBlob(String),
    /// An `ArrayBuffer` from this module of the upload (service-worker syntax).
    DataBlob(String),
}

/// Whom a service binding calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceTarget {
    /// A script of the same tenant.
    pub script: ScriptName,
    /// Which of its exports; the default one when there is no name.
    pub entrypoint: Option<String>,
    /// What the called side finds as `ctx.props`, as JSON text.
    pub props: Option<String>,
}

/// What a rate limiter binding lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimit {
    /// Bindings of a tenant with the same id count together.
    pub namespace: String,
    /// Calls a period and key.
    pub limit: u32,
    /// Length of the period in seconds: 10 or 60.
    pub period_s: u32,
}

/// A secret's text. Its `Debug` form hides it; nothing else prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// Wraps a secret.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself, for handing to the script and for encryption only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}
