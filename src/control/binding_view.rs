//! Bindings as their tenant may read them back: Cloudflare's JSON shapes.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{NamespaceId, ScriptName};

/// One binding as its tenant may read it back: Cloudflare's JSON shape, secrets without their text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BindingView {
    /// Its name in `env`.
    pub name: String,
    /// Its type and what belongs to it.
    #[serde(flatten)]
    pub kind: BindingKind,
}

/// The type of a binding and what of it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BindingKind {
    /// A string.
    PlainText {
        /// The string.
        text: String,
    },
    /// A JSON value.
    Json {
        /// The value.
        json: Value,
    },
    /// A secret; its text is never readable again.
    SecretText,
    /// A KV namespace.
    KvNamespace {
        /// Its id.
        namespace_id: NamespaceId,
    },
    /// Id, tag and time of the version.
    VersionMetadata,
    /// Another script, or an entrypoint of it.
    Service {
        /// The script.
        service: ScriptName,
        /// The export that is called.
        #[serde(skip_serializing_if = "Option::is_none")]
        entrypoint: Option<String>,
        /// What the called side finds as `ctx.props`.
        #[serde(skip_serializing_if = "Option::is_none")]
        props: Option<Value>,
    },
    /// The version's static assets.
    Assets,
    /// A rate limiter.
    #[serde(rename = "ratelimit")]
    RateLimit(KeptRate),
    /// A module as a `WebAssembly.Module`.
    WasmModule {
        /// The module's name.
        part: String,
    },
    /// A module as a string.
    TextBlob {
        /// The module's name.
        part: String,
    },
    /// A module as an `ArrayBuffer`.
    DataBlob {
        /// The module's name.
        part: String,
    },
}

/// A rate limiter, the same in uploads, rows and views.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRate {
    /// Bindings of a tenant with the same id count together.
    pub namespace_id: String,
    /// What it lets through.
    pub simple: SimpleRate,
}

/// So many calls a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimpleRate {
    /// Calls.
    pub limit: u32,
    /// Seconds: 10 or 60.
    pub period: u32,
}
