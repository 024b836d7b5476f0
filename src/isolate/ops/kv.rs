//! The KV binding's operations.
//!
//! A namespace is named by the index of its binding in the script's own list: no script can name one it was not given.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use deno_core::{JsBuffer, OpState, ToJsBuffer, op2, v8};
use deno_error::JsErrorBox;
use serde::Serialize;
use tokio::sync::Semaphore;

use super::{outside, runs};
use crate::deployment::Binding;
use crate::ids::{NamespaceId, TenantId};
use crate::isolate::drive::text_string;
use crate::kv::{Entry, Key, Kv, KvError, ListRequest, Method, Refusal, Throws, Write, rules};

/// An entry as JavaScript gets it.
#[derive(Serialize)]
pub(super) struct Found {
    value: ToJsBuffer,
    metadata: Option<String>,
}

/// A page of keys as JavaScript gets it.
#[derive(Serialize)]
pub(super) struct Listed {
    keys: Vec<ListedName>,
    cursor: Option<String>,
}

/// One key of a page.
#[derive(Serialize)]
pub(super) struct ListedName {
    name: String,
    expiration: Option<u64>,
    metadata: Option<String>,
}

impl From<Entry> for Found {
    fn from(entry: Entry) -> Self {
        Self { value: entry.value.to_vec().into(), metadata: entry.metadata }
    }
}

/// Reads one key.
#[op2]
#[serde]
pub(crate) async fn op_eyot_kv_get(
    state: Rc<RefCell<OpState>>,
    #[smi] id: u32,
    #[smi] binding: u32,
    #[string] key: String,
    #[string] cache_ttl: Option<String>,
) -> Result<Option<Found>, JsErrorBox> {
    let call = Call::new(&state, id, binding, "get", Method::Get)?;
    let key = call.check(Key::new(&key))?;
    if let Some(ttl) = cache_ttl {
        call.check(rules::cache_ttl(&ttl))?;
    }
    let places = places(&state);
    let _place = places.acquire().await;
    let found = call.kv.read_for(&call.tenant, &call.namespace, &key).await;
    Ok(call.finish(found)?.map(Found::from))
}

/// Reads one key as text when that takes no waiting: `null` where nothing is, the text, or, if `has_metadata`, the text
/// and its metadata. Otherwise `undefined`, and nothing was counted: [`op_eyot_kv_get`] is to be asked, which also has
/// the errors.
#[op2]
pub(crate) fn op_eyot_kv_recent<'s>(
    state: &mut OpState,
    scope: &mut v8::PinScope<'s, '_>,
    #[smi] id: u32,
    #[smi] binding: u32,
    #[string] key: &str,
    has_metadata: bool,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    let Some(found) = recent(state, id, binding, key) else { return Ok(v8::undefined(scope).into()) };
    let Some(Entry { value, metadata, .. }) = found else { return Ok(v8::null(scope).into()) };
    let too_long = || JsErrorBox::range_error("string too long");
    let text = text_of(scope, &value).ok_or_else(too_long)?;
    if !has_metadata {
        return Ok(text.into());
    }
    let metadata = match metadata {
        Some(metadata) => text_of(scope, metadata.as_bytes()).ok_or_else(too_long)?.into(),
        None => v8::null(scope).into(),
    };
    Ok(v8::Array::new_with_elements(scope, &[text.into(), metadata]).into())
}

fn recent(state: &OpState, id: u32, binding: u32, key: &str) -> Option<Option<Entry>> {
    let runs = runs(state);
    let mut runs = runs.borrow_mut();
    let may = runs.in_flight.contains_key(&id) && runs.reads_at_once < READS_AT_ONCE_MAX;
    let Some(Binding::KvNamespace(namespace)) =
        runs.deployment.bindings.get(binding as usize).map(|bound| &bound.binding).filter(|_| may)
    else {
        return None;
    };
    let found = state.borrow::<Kv>().recent(namespace, &Key::new(key).ok()?)?;
    runs.reads_at_once += 1;
    runs.observer.kv_operation(&runs.deployment, "get", Ok(()));
    Some(found)
}

/// Text as `TextDecoder` reads it.
fn text_of<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: &[u8]) -> Option<v8::Local<'s, v8::String>> {
    text_string(scope, bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
}

/// Reads several keys at one moment.
#[op2]
#[serde]
pub(crate) async fn op_eyot_kv_get_bulk(
    state: Rc<RefCell<OpState>>,
    #[smi] id: u32,
    #[smi] binding: u32,
    #[serde] keys: Vec<String>,
    #[string] kind: String,
    #[string] cache_ttl: Option<String>,
) -> Result<Vec<Option<Found>>, JsErrorBox> {
    let call = Call::new(&state, id, binding, "get", Method::GetBulk)?;
    call.check(rules::bulk_read_keys(keys.len()))?;
    call.check(rules::bulk_read_type(&kind))?;
    if let Some(ttl) = cache_ttl {
        call.check(rules::cache_ttl(&ttl))?;
    }
    let keys = call.check(keys.iter().map(|key| Key::new(key)).collect::<Result<Vec<_>, _>>())?;
    let places = places(&state);
    let _place = places.acquire().await;
    let found = call.kv.read_many(&call.tenant, &call.namespace, keys).await;
    let found = call.finish(found)?;
    let bytes = found.iter().flatten().map(|entry| entry.value.len() as u64).sum();
    call.check(rules::bulk_read_bytes(bytes))?;
    if kind == "json" {
        for entry in found.iter().flatten() {
            let parsed = serde_json::from_slice::<serde::de::IgnoredAny>(&entry.value);
            call.check(parsed.map(|_| ()).map_err(|_| rules::bulk_value_not_json()))?;
        }
    }
    Ok(found.into_iter().map(|entry| entry.map(Found::from)).collect())
}

/// The places for reads that are under way. What a reader has found lies in the host's memory, counted nowhere, until the
/// isolate comes to take it, and a script that computes lets it wait.
fn places(state: &Rc<RefCell<OpState>>) -> Rc<Semaphore> {
    let mut state = state.borrow_mut();
    if let Some(Places(places)) = state.try_borrow::<Places>() {
        return Rc::clone(places);
    }
    let places = Rc::new(Semaphore::new(READS_UNDER_WAY_MAX));
    state.put(Places(Rc::clone(&places)));
    places
}

/// See [`places`]; one for each isolate.
struct Places(Rc<Semaphore>);

/// Writes one key; durable when it resolves.
#[op2]
pub(crate) async fn op_eyot_kv_put(
    state: Rc<RefCell<OpState>>,
    #[smi] id: u32,
    #[smi] binding: u32,
    #[string] key: String,
    #[anybuffer] value: JsBuffer,
    #[string] expiration: Option<String>,
    #[string] expiration_ttl: Option<String>,
    #[string] metadata: Option<String>,
) -> Result<(), JsErrorBox> {
    let call = Call::new(&state, id, binding, "put", Method::Put)?;
    let key = call.check(Key::new(&key))?;
    call.check(rules::value_length(value.len()))?;
    call.check(rules::metadata_length(metadata.as_ref().map_or(0, String::len)))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let expiration = call.check(rules::expiration(expiration_ttl.as_deref(), expiration.as_deref(), now))?;
    let value = Bytes::copy_from_slice(&value);
    call.note_write();
    let written =
        call.kv.write(&call.tenant, &call.namespace, vec![Write::Put { key, value, metadata, expiration }]).await;
    call.finish(written)
}

/// Deletes one key; a key that is not there is deleted already.
#[op2]
pub(crate) async fn op_eyot_kv_delete(
    state: Rc<RefCell<OpState>>,
    #[smi] id: u32,
    #[smi] binding: u32,
    #[string] key: String,
) -> Result<(), JsErrorBox> {
    let call = Call::new(&state, id, binding, "delete", Method::Delete)?;
    let key = call.check(Key::new(&key))?;
    call.note_write();
    let deleted = call.kv.write(&call.tenant, &call.namespace, vec![Write::Delete { key }]).await;
    call.finish(deleted)
}

/// Lists a page of keys; a `limit` of 0 is the default.
#[op2]
#[serde]
pub(crate) async fn op_eyot_kv_list(
    state: Rc<RefCell<OpState>>,
    #[smi] id: u32,
    #[smi] binding: u32,
    #[string] prefix: Option<String>,
    #[smi] limit: u32,
    #[string] cursor: Option<String>,
) -> Result<Listed, JsErrorBox> {
    let call = Call::new(&state, id, binding, "list", Method::Get)?;
    let limit = (limit > 0).then_some(i64::from(limit));
    let request = call.check(ListRequest::new(prefix.as_deref(), limit, cursor.as_deref()))?;
    let page = call.kv.list(&call.tenant, &call.namespace, &request).await;
    let page = call.finish(page)?;
    let keys = page.keys.into_iter().map(|key| ListedName {
        name: key.name.as_str().to_owned(),
        expiration: key.expiration,
        metadata: key.metadata,
    });
    Ok(Listed { keys: keys.collect(), cursor: page.cursor })
}

/// One call of the binding: where it goes, and how its errors read.
struct Call {
    run: u32,
    kv: Kv,
    tenant: TenantId,
    namespace: NamespaceId,
    operation: &'static str,
    method: Method,
    state: Rc<RefCell<OpState>>,
}

impl Call {
    fn new(
        state: &Rc<RefCell<OpState>>,
        id: u32,
        binding: u32,
        operation: &'static str,
        method: Method,
    ) -> Result<Self, JsErrorBox> {
        let shared = state.borrow();
        let runs = runs(&shared);
        let runs = runs.borrow();
        if !runs.in_flight.contains_key(&id) {
            return Err(outside());
        }
        let bound = runs.deployment.bindings.get(binding as usize).map(|bound| &bound.binding);
        let Some(Binding::KvNamespace(namespace)) = bound else {
            return Err(JsErrorBox::type_error("Illegal invocation: not a KV namespace."));
        };
        let kv = shared.borrow::<Kv>().clone();
        let (tenant, namespace) = (runs.deployment.tenant.clone(), namespace.clone());
        Ok(Self { run: id, kv, tenant, namespace, operation, method, state: Rc::clone(state) })
    }

    fn note_write(&self) {
        runs(&self.state.borrow()).borrow_mut().note_write(self.run);
    }

    fn check<T>(&self, checked: Result<T, Refusal>) -> Result<T, JsErrorBox> {
        checked.map_err(|refusal| self.thrown(&refusal))
    }

    fn finish<T>(&self, result: Result<T, KvError>) -> Result<T, JsErrorBox> {
        {
            let runs = runs(&self.state.borrow());
            let runs = runs.borrow();
            runs.observer.kv_operation(&runs.deployment, self.operation, result.as_ref().map(|_| ()));
        }
        result.map_err(|error| self.thrown(&error.refusal()))
    }

    fn thrown(&self, refusal: &Refusal) -> JsErrorBox {
        let text = refusal.thrown(self.method);
        match refusal.throws {
            Throws::TypeError => JsErrorBox::type_error(text),
            Throws::Failure => JsErrorBox::generic(text),
        }
    }
}

/// Reads of one isolate under way at once, of 25 MiB each at most; the node's readers are fewer.
const READS_UNDER_WAY_MAX: usize = 16;

/// Reads without waiting between two looks at what else there is to do: a loop of them leaves other requests their turn.
const READS_AT_ONCE_MAX: u32 = 64;
