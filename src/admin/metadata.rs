//! The `metadata` part of an upload and the `settings` of a script: what Cloudflare's fields mean here.
//!
//! Pure. Promises that a field which asks for something we do not have is refused by its name, and that one which merely
//! has no effect here is named in a remark: nothing is accepted silently. Knows nothing of the modules beside it.

use http::StatusCode;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::envelope::ApiError;
use super::modules::Entry;
use crate::assets::AssetsConfig;
use crate::control::{Annotations, SettingsChange, UploadBinding, UploadKind};
use crate::limits::Overrides;
use crate::script::{Syntax, compatibility};

/// The fields as they were sent; the same for uploads and settings.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Metadata {
    main_module: Option<String>,
    body_part: Option<String>,
    bindings: Option<Vec<Value>>,
    keep_bindings: Vec<String>,
    compatibility_date: Option<String>,
    compatibility_flags: Option<Vec<String>>,
    limits: Option<Map<String, Value>>,
    annotations: Option<Map<String, Value>>,
    tags: Option<Vec<String>>,
    logpush: Option<bool>,
    #[serde(deserialize_with = "present")]
    observability: Option<Value>,
    #[serde(deserialize_with = "present")]
    tail_consumers: Option<Value>,
    assets: Option<Value>,
    keep_assets: Option<bool>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Metadata {
    /// Reads the JSON text.
    ///
    /// # Errors
    /// 10026 when it is no such JSON, 10015 or 10021 when it asks for what we do not have.
    pub(super) fn parse(text: &[u8]) -> Result<Self, ApiError> {
        let metadata: Self = serde_json::from_slice(text)
            // Not serde's own text: it quotes the value it did not expect, and that may be a secret.
            .map_err(|error| {
                let (line, column) = (error.line(), error.column());
                ApiError::unreadable_body(format_args!("metadata is malformed at line {line} column {column}"))
            })?;
        for (key, what) in REFUSED_KEYS {
            if metadata.rest.get(*key).is_some_and(asks_for_something) {
                return Err(ApiError::unsupported(&format!("{what} (\"{key}\")")));
            }
        }
        if metadata.tail_consumers.as_ref().is_some_and(asks_for_something) {
            return Err(ApiError::unsupported("a tail consumer (\"tail_consumers\")"));
        }
        if let Some(date) = &metadata.compatibility_date {
            check_date(date)?;
        }
        let flags = metadata.compatibility_flags.as_deref().unwrap_or_default();
        compatibility::check(flags).map_err(|error| refused(error.to_string()))?;
        Ok(metadata)
    }

    /// Fields that are accepted and have no effect here.
    pub(super) fn without_effect(&self) -> impl Iterator<Item = &str> {
        let idle =
            self.rest.iter().filter(|(key, value)| asks_for_something(value) && !HARMLESS_KEYS.contains(&key.as_str()));
        idle.map(|(key, _)| key.as_str())
    }

    /// Which part is evaluated first.
    ///
    /// # Errors
    /// 10021 when the fields name none or two.
    pub(super) fn entry(&self) -> Result<Entry, ApiError> {
        match (&self.main_module, &self.body_part) {
            (Some(name), None) => Ok(Entry { name: name.clone(), syntax: Syntax::Modules }),
            (None, Some(name)) => Ok(Entry { name: name.clone(), syntax: Syntax::ServiceWorker }),
            (Some(_), Some(_)) => Err(refused("metadata names both a main_module and a body_part")),
            (None, None) => Err(refused("metadata names neither a main_module nor a body_part")),
        }
    }

    /// The bindings, when there are any fields for them.
    ///
    /// # Errors
    /// 10021 that names the malformed one.
    pub(super) fn bindings(&self) -> Result<Option<Vec<UploadBinding>>, ApiError> {
        let Some(values) = &self.bindings else {
            return Ok(None);
        };
        let bindings: Result<Vec<_>, ApiError> = values.iter().map(binding).collect();
        bindings.map(Some)
    }

    /// Types of bindings that stay.
    pub(super) fn keep_bindings(&self) -> &[String] {
        &self.keep_bindings
    }

    /// The token of the session its static assets were uploaded in.
    pub(super) fn assets_token(&self) -> Option<&str> {
        self.assets.as_ref()?.get("jwt")?.as_str()
    }

    /// Whether the static assets stay as they were.
    pub(super) fn keeps_assets(&self) -> bool {
        self.assets_token().is_none() && self.keep_assets == Some(true)
    }

    /// Whether there is no script to be evaluated, only static assets.
    pub(super) fn is_assets_alone(&self) -> bool {
        self.main_module.is_none() && self.body_part.is_none() && self.assets_token().is_some()
    }

    /// How paths find static assets, and the rules that were skipped.
    ///
    /// # Errors
    /// 10021 that names the value nobody knows.
    pub(super) fn assets_config(&self) -> Result<(AssetsConfig, Vec<String>), ApiError> {
        let config = self.assets.as_ref().and_then(|assets| assets.get("config")).unwrap_or(&Value::Null);
        let (config, skipped) = AssetsConfig::parse(config).map_err(|error| refused(error.to_string()))?;
        let (date, flags) = (self.compatibility_date().unwrap_or_default(), self.compatibility_flags());
        Ok((config.with_compatibility(date, flags.unwrap_or_default()), skipped))
    }

    /// The date, when there is one.
    pub(super) fn compatibility_date(&self) -> Option<&str> {
        self.compatibility_date.as_deref()
    }

    /// The flags, when there are any.
    pub(super) fn compatibility_flags(&self) -> Option<&[String]> {
        self.compatibility_flags.as_deref()
    }

    /// What the script lowers of its tenant's limits: Cloudflare's two names and all of ours.
    ///
    /// # Errors
    /// 10021 that names the unknown or malformed one.
    pub(super) fn limits(&self) -> Result<Option<Overrides>, ApiError> {
        let Some(limits) = &self.limits else {
            return Ok(None);
        };
        let mut limits: Map<String, Value> = limits
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if let Some(subrequests) = limits.shift_remove("subrequests") {
            limits.insert("subrequests_max".to_owned(), subrequests);
        }
        let overrides = serde_json::from_value(Value::Object(limits));
        overrides.map(Some).map_err(|error| refused(format!("limits: {error}")))
    }

    /// `workers/message`, `workers/tag`, …; empty ones are absent.
    ///
    /// # Errors
    /// 10021 when one is no text, or there are too many or too long ones.
    pub(super) fn annotations(&self) -> Result<Annotations, ApiError> {
        annotations(self.annotations.as_ref())
    }

    /// What of it is not part of a version.
    pub(super) fn settings(&self) -> SettingsChange {
        SettingsChange {
            tags: self.tags.clone(),
            logpush: self.logpush,
            observability: self.observability.clone(),
            tail_consumers: self.tail_consumers.clone(),
        }
    }

    /// Does it change anything that makes a new version?
    pub(super) fn makes_a_version(&self) -> bool {
        self.bindings.is_some()
            || self.limits.is_some()
            || self.compatibility_date.is_some()
            || self.compatibility_flags.is_some()
    }
}

/// Checks the annotations of a version or deployment.
pub(super) fn annotations(sent: Option<&Map<String, Value>>) -> Result<Annotations, ApiError> {
    let mut annotations = Annotations::new();
    for (key, value) in sent.into_iter().flatten() {
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text,
            _ => return Err(refused(format!("annotation {key:?} is not a string"))),
        };
        if text.len() > ANNOTATION_BYTES_MAX || key.len() > ANNOTATION_BYTES_MAX {
            return Err(refused(format!("an annotation is longer than {ANNOTATION_BYTES_MAX} bytes")));
        }
        if !text.is_empty() {
            annotations.insert(key.clone(), text.clone());
        }
    }
    if annotations.len() > ANNOTATIONS_MAX {
        return Err(refused(format!("more than {ANNOTATIONS_MAX} annotations")));
    }
    Ok(annotations)
}

/// One binding. A type and a name without the value means "as it was": that is how clients that cannot read a value
/// back, a secret's above all, send the list of bindings again.
fn binding(value: &Value) -> Result<UploadBinding, ApiError> {
    let fields = value.as_object().ok_or_else(|| refused("a binding is not an object"))?;
    let is_bare = fields.keys().all(|key| key == "name" || key == "type");
    let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default();
    if is_bare && BARE_MEANS_INHERIT.contains(&kind) {
        let name = fields.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        return Ok(UploadBinding { name, kind: UploadKind::Inherit { old_name: None } });
    }
    let mut binding = UploadBinding::parse(value)?;
    if let UploadKind::WasmModule(part) | UploadKind::TextBlob(part) | UploadKind::DataBlob(part) = &mut binding.kind
        && let Some(name) = part.strip_prefix("./")
    {
        *part = name.to_owned();
    }
    Ok(binding)
}

fn check_date(date: &str) -> Result<(), ApiError> {
    let is_date = date.is_empty()
        || (date.len() == 10
            && date.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            }));
    let shown: String = date.chars().take(40).collect();
    if is_date { Ok(()) } else { Err(refused(format!("compatibility_date {shown:?} is not YYYY-MM-DD"))) }
}

/// Empty values ask for nothing, whatever the key.
fn asks_for_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => fields.values().any(asks_for_something),
        Value::String(text) => !text.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

/// `null` is a value of its own: it removes the setting.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn refused(message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, 10021, message)
}

/// What we do not have and nobody may believe they got.
const REFUSED_KEYS: &[(&str, &str)] = &[
    ("migrations", "a durable object migration"),
    ("exports", "a durable object export"),
    ("containers", "a container"),
    ("streaming_tail_consumers", "a streaming tail consumer"),
];

/// Fields that mean the same with and without effect on one node: bookkeeping of clients, and hints.
const HARMLESS_KEYS: &[&str] =
    &["usage_model", "package_dependencies", "placement", "name", "has_preview", "cache_options"];

/// Types whose binding means "as it was" when only the name is given.
const BARE_MEANS_INHERIT: &[&str] =
    &["plain_text", "json", "secret_text", "kv_namespace", "wasm_module", "text_blob", "data_blob"];

/// Bytes of one annotation.
const ANNOTATION_BYTES_MAX: usize = 1_000;

/// Annotations of one version or deployment.
const ANNOTATIONS_MAX: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: Value) -> Result<Metadata, ApiError> {
        Metadata::parse(value.to_string().as_bytes())
    }

    /// Sends what is no metadata.
    #[test]
    fn metadata_that_does_not_parse_is_10026() {
        for text in ["", "[]", "{", "{\"bindings\": 1}", "{\"compatibility_flags\": \"x\"}"] {
            assert_eq!(Metadata::parse(text.as_bytes()).expect_err("is refused").code(), 10026, "{text}");
        }
        let error = Metadata::parse(b"{\"bindings\": \"hunter2\"}").expect_err("is refused");
        assert!(!format!("{error:?}").contains("hunter2"));
    }

    /// Asks for durable objects and a tail consumer, and for none of each.
    #[test]
    fn what_we_do_not_have_is_refused_by_name() {
        for (key, value) in [
            ("migrations", serde_json::json!({"new_tag": "v1", "steps": []})),
            ("tail_consumers", serde_json::json!([{"service": "x"}])),
        ] {
            let error = parse(serde_json::json!({ key: value })).expect_err("is refused");
            assert_eq!(error.code(), 10015);
            assert!(format!("{error:?}").contains(key), "{error:?}");
        }
        let idle = serde_json::json!({
            "migrations": null, "tail_consumers": [], "assets": {}, "keep_assets": false, "new_thing": 1, "placement": {},
        });
        let metadata = parse(idle).expect("asks for nothing");
        assert_eq!(metadata.without_effect().collect::<Vec<_>>(), ["new_thing"]);
    }

    /// Sends bindings whole, bare and broken.
    #[test]
    fn a_binding_without_its_value_stays_as_it_was() {
        let metadata = parse(serde_json::json!({"bindings": [
            {"type": "secret_text", "name": "S"},
            {"type": "secret_text", "name": "T", "text": "x"},
            {"type": "version_metadata", "name": "V"},
            {"type": "wasm_module", "name": "W", "part": "./w.wasm"},
            {"type": "queue", "name": "Q", "queue_name": "q"},
        ]}));
        let bindings = metadata.expect("parses").bindings().expect("bindings").expect("some");
        assert_eq!(bindings[0].kind, UploadKind::Inherit { old_name: None });
        assert!(matches!(bindings[1].kind, UploadKind::SecretText(_)));
        assert_eq!(bindings[2].kind, UploadKind::VersionMetadata);
        assert_eq!(bindings[3].kind, UploadKind::WasmModule("w.wasm".to_owned()));
        assert_eq!(bindings[4].kind, UploadKind::Unsupported("queue".to_owned()));
        for broken in [serde_json::json!(1), serde_json::json!({"name": "x", "type": "plain_text", "text": 1})] {
            let metadata = parse(serde_json::json!({"bindings": [broken]})).expect("parses");
            assert_eq!(metadata.bindings().expect_err("is refused").code(), 10021);
        }
    }

    /// Lowers limits by Cloudflare's names and by ours, and by one that nobody has.
    #[test]
    fn limits_have_two_names_of_cloudflare_and_all_of_ours() {
        let metadata = parse(serde_json::json!({"limits": {"cpu_ms": 10, "subrequests": 5, "wall_ms": 7}}));
        let limits = metadata.expect("parses").limits().expect("limits").expect("some");
        assert_eq!((limits.cpu_ms, limits.subrequests_max, limits.wall_ms), (Some(10), Some(5), Some(7)));
        let metadata = parse(serde_json::json!({"limits": {"gpu_ms": 1}})).expect("parses");
        assert!(format!("{:?}", metadata.limits().expect_err("is refused")).contains("gpu_ms"));
    }

    /// Names no entry, two, and one of each kind; a date that is none.
    #[test]
    fn one_part_is_the_entry() {
        assert_eq!(parse(serde_json::json!({})).expect("parses").entry().expect_err("none").code(), 10021);
        let both = serde_json::json!({"main_module": "a", "body_part": "b"});
        assert_eq!(parse(both).expect("parses").entry().expect_err("two").code(), 10021);
        let worker = parse(serde_json::json!({"body_part": "b"})).expect("parses").entry().expect("one");
        assert_eq!(worker.syntax, Syntax::ServiceWorker);
        assert!(parse(serde_json::json!({"compatibility_date": "2026-1-1"})).is_err());
        assert!(parse(serde_json::json!({"compatibility_flags": ["url_standard"]})).is_ok());
        assert_eq!(
            parse(serde_json::json!({"compatibility_flags": ["nodejs"]})).expect_err("is refused").code(),
            10021
        );
    }
}
