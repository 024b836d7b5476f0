//! Bindings as JavaScript is told of them: the list that `js/bindings.js` makes `env` from.

use serde::Serialize;

use crate::deployment::{Binding, NamedBinding};
use crate::ids::VersionId;

/// One entry of the list; its place in the list is its index in ops.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Described<'a> {
    Text { name: &'a str, value: &'a str },
    Json { name: &'a str, value: &'a str },
    Kv { name: &'a str },
    VersionMetadata { name: &'a str, id: &'a str, tag: &'a str, timestamp: &'a str },
    Service { name: &'a str },
    RateLimit { name: &'a str },
    Module { name: &'a str, module: &'a str },
}

/// What a version is, for the version metadata binding.
#[derive(Debug, Clone, Copy)]
pub struct VersionFacts<'a> {
    /// Its id.
    pub id: &'a VersionId,
    /// Its tag, or empty.
    pub tag: &'a str,
    /// When it was made, RFC 3339.
    pub created_at: &'a str,
}

/// The list as JSON. It has the script's secrets in it: it goes to the isolate and nowhere else.
#[must_use]
pub fn describe(bindings: &[NamedBinding], version: VersionFacts<'_>) -> String {
    let described: Vec<Described<'_>> = bindings
        .iter()
        .map(|NamedBinding { name, binding }| match binding {
            Binding::PlainText(value) => Described::Text { name, value },
            Binding::Json(value) => Described::Json { name, value },
            Binding::Secret(secret) => Described::Text { name, value: secret.expose() },
            Binding::KvNamespace(_) => Described::Kv { name },
            // Seen from the script an assets binding is a service.
            Binding::Service(_) | Binding::Assets => Described::Service { name },
            Binding::RateLimit(_) => Described::RateLimit { name },
            Binding::VersionMetadata => Described::VersionMetadata {
                name,
                id: version.id.as_str(),
                tag: version.tag,
                timestamp: version.created_at,
            },
            Binding::WasmModule(module) | Binding::TextBlob(module) | Binding::DataBlob(module) => {
                Described::Module { name, module }
            }
        })
        .collect();
    serde_json::to_string(&described).expect("strings are always JSON")
}

/// Whether the top level may see these bindings while a snapshot is built. With service-worker syntax bindings are
/// globals, so a snapshot would hold what differs from start to start, or what must not be on disk in the clear.
///
/// # Errors
/// Why not.
pub fn may_be_snapshotted(bindings: &[NamedBinding]) -> Result<(), &'static str> {
    for NamedBinding { binding, .. } in bindings {
        match binding {
            Binding::Secret(_) => return Err("secrets are globals in service-worker syntax"),
            Binding::VersionMetadata => return Err("version metadata is a global in service-worker syntax"),
            Binding::WasmModule(_) => return Err("a WASM module is a global in service-worker syntax"),
            Binding::PlainText(_)
            | Binding::Json(_)
            | Binding::KvNamespace(_)
            | Binding::Service(_)
            | Binding::Assets
            | Binding::RateLimit(_)
            | Binding::TextBlob(_)
            | Binding::DataBlob(_) => {}
        }
    }
    Ok(())
}
