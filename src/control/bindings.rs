//! Bindings on their way from an upload into a version: what was written, what is kept, what is shown.
//!
//! [`UploadBinding`] is what an upload says, [`Kept`] is what a version's row holds (secrets sealed), [`BindingView`] is
//! what a tenant may read back. Resolving an upload against the version before it is pure: [`resolve`]. Knows nothing
//! of the database; whether a namespace exists is asked through a closure.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::binding_view::{BindingKind, BindingView, KeptRate};
use super::error::ControlError;
use super::seal::Sealed;
use crate::deployment::SecretText;
use crate::ids::{NamespaceId, ScriptName};
use crate::script::Code;

/// One binding as an upload names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadBinding {
    /// Its name in `env`; empty when the upload gave none, which is refused later with error 10052.
    pub name: String,
    /// What it is to be.
    pub kind: UploadKind,
}

/// What an uploaded binding is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadKind {
    /// A string.
    PlainText(String),
    /// A JSON value.
    Json(Value),
    /// A secret.
    SecretText(SecretText),
    /// A KV namespace, by the text of its id.
    KvNamespace(String),
    /// Id, tag and time of the version.
    VersionMetadata,
    /// Another script of the tenant, or an entrypoint of it.
    Service {
        /// The script's name.
        service: String,
        /// The export that is called; the default one otherwise.
        entrypoint: Option<String>,
        /// What the called side finds as `ctx.props`.
        props: Option<Value>,
    },
    /// The static assets of the same upload.
    Assets,
    /// A rate limiter.
    RateLimit(KeptRate),
    /// A module of the upload, as a `WebAssembly.Module`.
    WasmModule(String),
    /// A module of the upload, as a string.
    TextBlob(String),
    /// A module of the upload, as an `ArrayBuffer`.
    DataBlob(String),
    /// What the latest version has under this name (or under `old_name`).
    Inherit {
        /// The name it has in the earlier version, where that differs.
        old_name: Option<String>,
    },
    /// A kind that does not exist here, by its type; refused with error 10021.
    Unsupported(String),
}

impl UploadBinding {
    /// Reads Cloudflare's JSON shape, `{"name": …, "type": …, …}`. A missing name is left empty.
    ///
    /// # Errors
    /// [`ControlError::InvalidBinding`] when a field is missing or of the wrong type, with the binding's name.
    pub fn parse(value: &Value) -> Result<Self, ControlError> {
        let name = value.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let text = |key: &str| -> Result<String, ControlError> {
            let found = value.get(key).and_then(Value::as_str);
            found.map(str::to_owned).ok_or_else(|| invalid(&name, format!("it needs a string {key:?}")))
        };
        let kind = match text("type")?.as_str() {
            "plain_text" => UploadKind::PlainText(text("text")?),
            "json" => UploadKind::Json(
                value.get("json").cloned().ok_or_else(|| invalid(&name, "it needs \"json\"".to_owned()))?,
            ),
            "secret_text" => UploadKind::SecretText(SecretText::new(text("text")?)),
            "kv_namespace" => UploadKind::KvNamespace(text("namespace_id")?),
            "version_metadata" => UploadKind::VersionMetadata,
            "assets" => UploadKind::Assets,
            "service" => UploadKind::Service {
                service: text("service")?,
                entrypoint: value.get("entrypoint").and_then(Value::as_str).map(str::to_owned),
                props: value.get("props").filter(|props| !props.is_null()).cloned(),
            },
            "ratelimit" => UploadKind::RateLimit(
                KeptRate::deserialize(value)
                    .map_err(|_| invalid(&name, "it needs \"namespace_id\" and \"simple\"".to_owned()))?,
            ),
            "wasm_module" => UploadKind::WasmModule(text("part")?),
            "text_blob" => UploadKind::TextBlob(text("part")?),
            "data_blob" => UploadKind::DataBlob(text("part")?),
            "inherit" => {
                UploadKind::Inherit { old_name: value.get("old_name").and_then(Value::as_str).map(str::to_owned) }
            }
            other => UploadKind::Unsupported(other.to_owned()),
        };
        Ok(Self { name, kind })
    }
}

/// A binding as a version's row keeps it. Immutable with its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) kind: KeptKind,
}

/// What a version's row keeps of a binding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum KeptKind {
    PlainText {
        text: String,
    },
    Json {
        json: Value,
    },
    SecretText {
        sealed: Sealed,
    },
    KvNamespace {
        namespace_id: NamespaceId,
    },
    VersionMetadata,
    Assets,
    Service {
        service: ScriptName,
        entrypoint: Option<String>,
        props: Option<Value>,
    },
    #[serde(rename = "ratelimit")]
    RateLimit(KeptRate),
    WasmModule {
        part: String,
    },
    TextBlob {
        part: String,
    },
    DataBlob {
        part: String,
    },
}

impl Kept {
    /// What the tenant may see.
    pub(super) fn view(&self) -> BindingView {
        let kind = match &self.kind {
            KeptKind::PlainText { text } => BindingKind::PlainText { text: text.clone() },
            KeptKind::Json { json } => BindingKind::Json { json: json.clone() },
            KeptKind::SecretText { .. } => BindingKind::SecretText,
            KeptKind::KvNamespace { namespace_id } => BindingKind::KvNamespace { namespace_id: namespace_id.clone() },
            KeptKind::VersionMetadata => BindingKind::VersionMetadata,
            KeptKind::Service { service, entrypoint, props } => {
                BindingKind::Service { service: service.clone(), entrypoint: entrypoint.clone(), props: props.clone() }
            }
            KeptKind::Assets => BindingKind::Assets,
            KeptKind::RateLimit(rate) => BindingKind::RateLimit(rate.clone()),
            KeptKind::WasmModule { part } => BindingKind::WasmModule { part: part.clone() },
            KeptKind::TextBlob { part } => BindingKind::TextBlob { part: part.clone() },
            KeptKind::DataBlob { part } => BindingKind::DataBlob { part: part.clone() },
        };
        BindingView { name: self.name.clone(), kind }
    }

    /// The type's name in Cloudflare's API.
    pub(super) fn type_name(&self) -> &'static str {
        match self.kind {
            KeptKind::PlainText { .. } => "plain_text",
            KeptKind::Json { .. } => "json",
            KeptKind::SecretText { .. } => "secret_text",
            KeptKind::KvNamespace { .. } => "kv_namespace",
            KeptKind::VersionMetadata => "version_metadata",
            KeptKind::Service { .. } => "service",
            KeptKind::Assets => "assets",
            KeptKind::RateLimit(_) => "ratelimit",
            KeptKind::WasmModule { .. } => "wasm_module",
            KeptKind::TextBlob { .. } => "text_blob",
            KeptKind::DataBlob { .. } => "data_blob",
        }
    }

    fn is_variable(&self) -> bool {
        matches!(self.kind, KeptKind::PlainText { .. } | KeptKind::Json { .. } | KeptKind::SecretText { .. })
    }
}

/// What [`resolve`] reads besides the upload itself.
pub(super) struct Surroundings<'a> {
    /// Bindings of the latest version, for `inherit` and `keep_bindings`.
    pub(super) earlier: &'a [Kept],
    /// Types whose earlier bindings stay when the upload does not name them.
    pub(super) keep_types: &'a [String],
    /// The uploaded code, whose modules `part`s name.
    pub(super) code: &'a Code,
    /// Whether this tenant has a namespace of this id.
    pub(super) has_namespace: &'a dyn Fn(&NamespaceId) -> bool,
    /// Whether this tenant has a script of this name, or is about to by this very upload.
    pub(super) has_script: &'a dyn Fn(&ScriptName) -> bool,
    /// Seals a secret of this name for this script.
    pub(super) seal: &'a dyn Fn(&str, &SecretText) -> Result<Sealed, ControlError>,
}

/// Turns the bindings of an upload into those of a version, or says which one cannot be.
pub(super) fn resolve(upload: &[UploadBinding], around: &Surroundings<'_>) -> Result<Vec<Kept>, ControlError> {
    let mut names = HashSet::new();
    let mut kept = Vec::with_capacity(upload.len());
    for binding in upload {
        check_name(&binding.name)?;
        if !names.insert(binding.name.as_str()) {
            return Err(invalid(&binding.name, "the name is used twice".to_owned()));
        }
        kept.push(Kept { name: binding.name.clone(), kind: resolve_kind(binding, around)? });
    }
    for earlier in around.earlier {
        let stays = around.keep_types.iter().any(|kind| kind == earlier.type_name());
        if stays && !names.contains(earlier.name.as_str()) {
            kept.push(earlier.clone());
        }
    }
    check_counts(&kept)?;
    Ok(kept)
}

/// Refuses more variables or bindings than a version may have.
pub(super) fn check_counts(kept: &[Kept]) -> Result<(), ControlError> {
    let variables = kept.iter().filter(|binding| binding.is_variable()).count();
    if variables > VARIABLES_MAX {
        return Err(ControlError::TooManyVariables { count: variables, max: VARIABLES_MAX });
    }
    if kept.len() > BINDINGS_MAX {
        return Err(ControlError::TooManyVariables { count: kept.len(), max: BINDINGS_MAX });
    }
    Ok(())
}

/// Refuses names that `env` or a global cannot have.
pub(super) fn check_name(name: &str) -> Result<(), ControlError> {
    if name.is_empty() {
        return Err(ControlError::BindingWithoutName);
    }
    if name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) || name == "__proto__" {
        let shown = name.chars().filter(|char| !char.is_control()).take(64).collect::<String>();
        return Err(invalid(&shown, format!("a name has at most {NAME_BYTES_MAX} printable bytes")));
    }
    Ok(())
}

/// Refuses a variable or secret that is too large.
pub(super) fn check_size(name: &str, bytes: usize) -> Result<(), ControlError> {
    if bytes > VARIABLE_BYTES_MAX {
        let name = name.to_owned();
        return Err(ControlError::BindingTooLarge { name, bytes, limit_bytes: VARIABLE_BYTES_MAX });
    }
    Ok(())
}

fn resolve_kind(binding: &UploadBinding, around: &Surroundings<'_>) -> Result<KeptKind, ControlError> {
    let name = binding.name.as_str();
    let part = |part: &str| -> Result<String, ControlError> {
        let missing =
            || ControlError::BindingTargetNotFound { name: name.to_owned(), target: format!("part {part:?}") };
        around.code.module(part).map(|module| module.name.clone()).ok_or_else(missing)
    };
    Ok(match &binding.kind {
        UploadKind::PlainText(text) => {
            check_size(name, text.len())?;
            KeptKind::PlainText { text: text.clone() }
        }
        UploadKind::Json(json) => {
            check_size(name, json.to_string().len())?;
            KeptKind::Json { json: json.clone() }
        }
        UploadKind::SecretText(text) => {
            check_size(name, text.expose().len())?;
            KeptKind::SecretText { sealed: (around.seal)(name, text)? }
        }
        UploadKind::KvNamespace(id) => {
            let target = || ControlError::BindingTargetNotFound {
                name: name.to_owned(),
                target: format!("KV namespace {:?}", id.chars().take(64).collect::<String>()),
            };
            let namespace_id: NamespaceId = id.parse().map_err(|_| target())?;
            if !(around.has_namespace)(&namespace_id) {
                return Err(target());
            }
            KeptKind::KvNamespace { namespace_id }
        }
        UploadKind::VersionMetadata => KeptKind::VersionMetadata,
        UploadKind::Service { service, entrypoint, props } => {
            let target = service.parse().ok().filter(|target| (around.has_script)(target));
            let missing =
                || ControlError::ServiceNotFound { name: name.to_owned(), service: service.chars().take(64).collect() };
            let bytes = entrypoint.as_ref().map_or(0, String::len) + props.as_ref().map_or(0, |p| p.to_string().len());
            check_size(name, bytes)?;
            // What wrangler sends for the default export.
            let entrypoint = entrypoint.clone().filter(|entrypoint| entrypoint != "default" && !entrypoint.is_empty());
            KeptKind::Service { service: target.ok_or_else(missing)?, entrypoint, props: props.clone() }
        }
        UploadKind::Assets => KeptKind::Assets,
        UploadKind::RateLimit(rate) => {
            check_size(name, rate.namespace_id.len())?;
            if !matches!(rate.simple.period, 10 | 60) || rate.simple.limit == 0 {
                return Err(invalid(name, "it needs a limit above 0 and a period of 10 or 60 seconds".to_owned()));
            }
            KeptKind::RateLimit(rate.clone())
        }
        UploadKind::WasmModule(name) => KeptKind::WasmModule { part: part(name)? },
        UploadKind::TextBlob(name) => KeptKind::TextBlob { part: part(name)? },
        UploadKind::DataBlob(name) => KeptKind::DataBlob { part: part(name)? },
        UploadKind::Inherit { old_name } => inherit(name, old_name.as_deref(), around)?,
        UploadKind::Unsupported(kind) => {
            let kind = kind.chars().take(64).collect::<String>();
            return Err(invalid(name, format!("unsupported binding type {kind:?}")));
        }
    })
}

fn inherit(name: &str, old_name: Option<&str>, around: &Surroundings<'_>) -> Result<KeptKind, ControlError> {
    let source = old_name.unwrap_or(name);
    let found = around.earlier.iter().find(|earlier| earlier.name == source);
    let kind = found.map(|earlier| earlier.kind.clone());
    let kind = kind.ok_or_else(|| ControlError::InvalidInherit { name: source.chars().take(64).collect() })?;
    if matches!(kind, KeptKind::SecretText { .. }) && source != name {
        // A sealed secret is bound to the name it was sealed under, so that rows cannot be swapped in the database.
        return Err(invalid(name, "a secret can only be inherited under its own name".to_owned()));
    }
    if let KeptKind::WasmModule { part } | KeptKind::TextBlob { part } | KeptKind::DataBlob { part } = &kind
        && around.code.module(part).is_none()
    {
        let target = format!("part {part:?}");
        return Err(ControlError::BindingTargetNotFound { name: name.to_owned(), target });
    }
    Ok(kind)
}

fn invalid(name: &str, reason: String) -> ControlError {
    ControlError::InvalidBinding { name: name.to_owned(), reason }
}

/// Bytes of one variable or secret; Cloudflare's limit.
pub const VARIABLE_BYTES_MAX: usize = 5 << 10;

/// Variables and secrets of one version; Cloudflare's limit.
pub const VARIABLES_MAX: usize = 128;

/// Bindings of one version in all.
const BINDINGS_MAX: usize = 1_000;

/// Bytes of a binding's name.
const NAME_BYTES_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::binding_view::SimpleRate;
    use super::*;

    /// Reads shapes that lack what their type needs; none is taken, and no message repeats a value.
    #[test]
    fn a_malformed_binding_is_refused_by_name() {
        let bad = [
            json!({ "name": "A" }),
            json!({ "name": "A", "type": 7 }),
            json!({ "name": "A", "type": "plain_text" }),
            json!({ "name": "A", "type": "json" }),
            json!({ "name": "A", "type": "secret_text", "text": ["swordfish"] }),
            json!({ "name": "A", "type": "kv_namespace", "id": "x" }),
            json!({ "name": "A", "type": "wasm_module" }),
        ];
        for value in bad {
            let error = UploadBinding::parse(&value).expect_err("is refused");
            assert_eq!(error.code(), 10021, "{value}");
            assert!(error.to_string().starts_with("bind A: "), "{error}");
            assert!(!error.to_string().contains("swordfish"), "{error}");
        }
        assert!(UploadBinding::parse(&json!("A")).is_err());
    }

    /// Writes each kind that is kept and reads it back, and shows it.
    #[test]
    fn kept_bindings_read_back_equal_and_hide_secrets() {
        let kinds = [
            KeptKind::PlainText { text: "x".to_owned() },
            KeptKind::Json { json: json!({ "b": 1, "a": [null, 1.5] }) },
            KeptKind::SecretText { sealed: serde_json::from_value(json!("00ff")).expect("digits") },
            KeptKind::KvNamespace { namespace_id: NamespaceId::generate() },
            KeptKind::VersionMetadata,
            KeptKind::Service {
                service: "other".parse().expect("a name"),
                entrypoint: Some("Admin".to_owned()),
                props: Some(json!({ "a": 1 })),
            },
            KeptKind::RateLimit(KeptRate { namespace_id: "1".to_owned(), simple: SimpleRate { limit: 5, period: 10 } }),
            KeptKind::WasmModule { part: "a.wasm".to_owned() },
            KeptKind::TextBlob { part: "a.txt".to_owned() },
            KeptKind::DataBlob { part: "a.bin".to_owned() },
        ];
        for kind in kinds {
            let kept = Kept { name: "A".to_owned(), kind };
            let text = serde_json::to_string(&kept).expect("is JSON");
            assert_eq!(serde_json::from_str::<Kept>(&text).expect("reads"), kept);
            let shown = serde_json::to_value(kept.view()).expect("is JSON");
            assert_eq!(shown["type"], kept.type_name());
            assert!(!shown.to_string().contains("00ff"));
        }
    }

    /// Names that a property of `env` or a global cannot have.
    #[test]
    fn names_that_cannot_be_bound_are_refused() {
        for bad in ["__proto__", "a\nb", &"x".repeat(257)] {
            assert_eq!(check_name(bad).expect_err("is refused").code(), 10021);
        }
        assert_eq!(check_name("").expect_err("is refused").code(), 10052);
        assert!(check_name("MY_VAR-1").is_ok());
    }
}
