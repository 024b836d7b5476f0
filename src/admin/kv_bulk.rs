//! `/storage/kv/namespaces/{id}/bulk` and below: many keys in one call, all or nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiError, ApiResult, Reply};
use super::kv_values::{metadata_view, namespace, now_seconds};
use crate::kv::{Entry, Key, Write, rules};

/// `PUT …/bulk`
pub(super) async fn write(call: Call, body: Body) -> ApiResult {
    let namespace = namespace(&call).await?;
    let pairs: Vec<Pair> = body.json().await?;
    let now = now_seconds();
    let writes: Result<Vec<Write>, ApiError> = pairs.into_iter().map(|pair| pair.checked(now)).collect();
    finish(&call, &namespace, writes?).await
}

/// `DELETE …/bulk` and `POST …/bulk/delete`: a list of keys, or of objects with a `name`.
pub(super) async fn delete(call: Call, body: Body) -> ApiResult {
    let namespace = namespace(&call).await?;
    let keys: Vec<NamedKey> = body.json().await?;
    let writes: Result<Vec<Write>, ApiError> =
        keys.into_iter().map(|key| Ok(Write::Delete { key: Key::new(key.text())? })).collect();
    finish(&call, &namespace, writes?).await
}

/// `POST …/bulk/get`
pub(super) async fn read(call: Call, body: Body) -> ApiResult {
    let namespace = namespace(&call).await?;
    let wanted: WantedKeys = body.json().await?;
    rules::bulk_read_keys(wanted.keys.len())?;
    let kind = wanted.kind.as_deref().unwrap_or("text");
    rules::bulk_read_type(kind)?;
    let keys: Result<Vec<Key>, _> = wanted.keys.iter().map(|key| Key::new(key)).collect();
    let entries = call.state.kv.read_many(&call.account()?, &namespace, keys?).await?;
    let bytes: usize = entries.iter().flatten().map(|entry| entry.value.len()).sum();
    rules::bulk_read_bytes(bytes as u64)?;
    let mut values = Map::new();
    for (key, entry) in wanted.keys.into_iter().zip(entries) {
        let view = match entry {
            None => Value::Null,
            Some(entry) if wanted.with_metadata => {
                let mut view = json!({ "value": value_view(&entry, kind)? });
                view["metadata"] = metadata_view(entry.metadata.as_deref());
                if let Some(expiration) = entry.expiration {
                    view["expiration"] = json!(expiration);
                }
                view
            }
            Some(entry) => value_view(&entry, kind)?,
        };
        values.insert(key, view);
    }
    Reply::of(json!({ "values": values }))
}

async fn finish(call: &Call, namespace: &crate::ids::NamespaceId, writes: Vec<Write>) -> ApiResult {
    rules::writes(&writes)?;
    let count = writes.len();
    if count > 0 {
        call.state.kv.write(&call.account()?, namespace, writes).await?;
    }
    Reply::of(json!({ "successful_key_count": count, "unsuccessful_keys": [] }))
}

fn value_view(entry: &Entry, kind: &str) -> Result<Value, ApiError> {
    match kind {
        "json" => Ok(serde_json::from_slice(&entry.value).map_err(|_| rules::bulk_value_not_json())?),
        _ => Ok(Value::String(String::from_utf8_lossy(&entry.value).into_owned())),
    }
}

#[derive(Deserialize)]
struct Pair {
    key: String,
    value: String,
    expiration: Option<Value>,
    expiration_ttl: Option<Value>,
    metadata: Option<Value>,
    #[serde(default)]
    base64: bool,
}

impl Pair {
    fn checked(self, now: u64) -> Result<Write, ApiError> {
        let key = Key::new(&self.key)?;
        let value = if self.base64 {
            let decoded = STANDARD.decode(&self.value);
            Bytes::from(decoded.map_err(|_| {
                ApiError::unreadable_body(format_args!("the value of key {:?} is not base64", self.key))
            })?)
        } else {
            Bytes::from(self.value)
        };
        let (ttl, absolute) = (seconds(self.expiration_ttl), seconds(self.expiration));
        let expiration = rules::expiration(ttl.as_deref(), absolute.as_deref(), now)?;
        let metadata = self.metadata.filter(|metadata| !metadata.is_null()).map(|metadata| metadata.to_string());
        Ok(Write::Put { key, value, metadata, expiration })
    }
}

/// A number, or its text; the rules refuse what is neither.
fn seconds(sent: Option<Value>) -> Option<String> {
    match sent? {
        Value::Null => None,
        Value::String(text) => Some(text),
        // Some clients send 0 for "never".
        Value::Number(number) if number.as_f64() == Some(0.0) => None,
        other => Some(other.to_string()),
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum NamedKey {
    Bare(String),
    Named { name: String },
}

impl NamedKey {
    fn text(&self) -> &str {
        match self {
            Self::Bare(text) | Self::Named { name: text } => text,
        }
    }
}

#[derive(Deserialize)]
struct WantedKeys {
    keys: Vec<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default, rename = "withMetadata", alias = "with_metadata")]
    with_metadata: bool,
}

/// Reads these bytes as each of the bodies, as far as that goes without a namespace.
#[cfg(any(test, feature = "fuzzing"))]
pub(super) fn parse(data: &[u8]) {
    if let Ok(pairs) = serde_json::from_slice::<Vec<Pair>>(data) {
        let writes: Result<Vec<Write>, ApiError> = pairs.into_iter().map(|pair| pair.checked(1_700_000_000)).collect();
        let _ = writes.map(|writes| rules::writes(&writes));
    }
    if let Ok(keys) = serde_json::from_slice::<Vec<NamedKey>>(data) {
        let _ = keys.iter().map(|key| Key::new(key.text())).collect::<Result<Vec<_>, _>>();
    }
    if let Ok(wanted) = serde_json::from_slice::<WantedKeys>(data) {
        let _ = wanted.kind.as_deref().map(rules::bulk_read_type);
    }
}
