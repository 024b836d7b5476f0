//! `/storage/kv/namespaces/{id}/values`, `…/metadata` and `…/keys`: one key at a time, and the list of them.
//!
//! The rules and their texts are [`crate::kv`]'s; whose namespace it is, the control plane's.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiError, ApiResult, Reply};
use super::nested::take_object;
use crate::ids::NamespaceId;
use crate::kv::{Entry, Key, ListRequest, ListedKey, Write, rules};

/// `GET …/values/{key}`: the bytes, bare.
pub(super) async fn read(call: Call) -> Result<Response, ApiError> {
    let entry = entry(&call).await?;
    let mut response = entry.value.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(expiration) = entry.expiration {
        headers.insert("expiration", HeaderValue::from(expiration));
    }
    Ok(response)
}

/// `GET …/metadata/{key}`
pub(super) async fn metadata(call: Call) -> ApiResult {
    Reply::of(metadata_view(entry(&call).await?.metadata.as_deref()))
}

/// `PUT …/values/{key}?expiration=&expiration_ttl=`: the body is the value, or a form of `value` and `metadata`.
pub(super) async fn write(call: Call, body: Body) -> ApiResult {
    let namespace = namespace(&call).await?;
    let key = Key::new(call.param("key")?)?;
    let expiration = rules::expiration(call.query("expiration_ttl"), call.query("expiration"), now_seconds())?;
    let (value, metadata) =
        if body.is_multipart() { value_and_metadata(body).await? } else { (body.bytes().await?, None) };
    call.state.kv.write(&call.account()?, &namespace, vec![Write::Put { key, value, metadata, expiration }]).await?;
    Reply::null()
}

/// `DELETE …/values/{key}`: a key that is not there is removed already.
pub(super) async fn delete(call: Call) -> ApiResult {
    let namespace = namespace(&call).await?;
    let key = Key::new(call.param("key")?)?;
    call.state.kv.write(&call.account()?, &namespace, vec![Write::Delete { key }]).await?;
    Reply::null()
}

/// `GET …/keys?prefix=&limit=&cursor=`
pub(super) async fn list_keys(call: Call) -> ApiResult {
    let namespace = namespace(&call).await?;
    let limit = call.number("limit")?.unwrap_or(LIST_LIMIT_MAX);
    if !(LIST_LIMIT_MIN..=LIST_LIMIT_MAX).contains(&limit) {
        return Err(ApiError::bad_parameter(format!("limit must be from {LIST_LIMIT_MIN} to {LIST_LIMIT_MAX}")));
    }
    let limit = i64::try_from(limit).map_err(|_| ApiError::bad_parameter("limit is too large"))?;
    let request = ListRequest::new(call.query("prefix"), Some(limit), call.query("cursor"))?;
    let page = call.state.kv.list(&call.account()?, &namespace, &request).await?;
    let keys: Vec<Value> = page.keys.iter().map(key_view).collect();
    let info = json!({ "count": keys.len(), "cursor": page.cursor.unwrap_or_default() });
    Ok(Reply::of(keys)?.with_info(info))
}

/// The namespace in the path, once it is known to be the account's.
pub(super) async fn namespace(call: &Call) -> Result<NamespaceId, ApiError> {
    let found = call.state.control.namespace(&call.account()?, &call.namespace()?).await?;
    Ok(found.id)
}

/// Unix time.
pub(super) fn now_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Metadata as JSON; what is stored was JSON when it came.
pub(super) fn metadata_view(text: Option<&str>) -> Value {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null)
}

async fn entry(call: &Call) -> Result<Entry, ApiError> {
    let namespace = namespace(call).await?;
    let key = Key::new(call.param("key")?)?;
    let found = call.state.kv.read(&call.account()?, &namespace, &key).await?;
    found.ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, 10009, "get: 'key not found'"))
}

async fn value_and_metadata(body: Body) -> Result<(Bytes, Option<String>), ApiError> {
    let (mut value, mut metadata) = (None, None);
    let mut parts = body.parts().await?;
    let nested = take_object(&mut parts, "metadata")?;
    for part in parts {
        match part.name.as_str() {
            "value" => value = Some(part.bytes),
            "metadata" => metadata = Some(part.bytes),
            // Expirations are query parameters; a form that carries them would not get what it asks for.
            other => return Err(ApiError::unreadable_body(format_args!("unknown part {other:?}"))),
        }
    }
    let value = value.ok_or_else(|| ApiError::unreadable_body("the form has no part \"value\""))?;
    let metadata = match metadata {
        Some(text) => {
            let parsed: Result<Value, _> = serde_json::from_slice(&text);
            let parsed = parsed.map_err(|error| ApiError::unreadable_body(format_args!("metadata: {error}")))?;
            Some(parsed).filter(|value| !value.is_null()).map(|value| value.to_string())
        }
        None => nested.map(|object| object.to_string()),
    };
    Ok((value, metadata))
}

fn key_view(key: &ListedKey) -> Value {
    let mut view = json!({ "name": key.name.as_str() });
    if let Some(expiration) = key.expiration {
        view["expiration"] = json!(expiration);
    }
    if let Some(metadata) = &key.metadata {
        view["metadata"] = metadata_view(Some(metadata));
    }
    view
}

/// The REST API's smallest page, unlike the binding's.
const LIST_LIMIT_MIN: u64 = 10;

/// The largest page, and the usual one.
const LIST_LIMIT_MAX: u64 = rules::LIST_LIMIT_MAX as u64;
