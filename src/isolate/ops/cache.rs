//! The cache under `caches`, for the tenant whose isolate this is: no op takes a tenant's name.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::io::SeekFrom;
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use deno_core::{AsyncResult, BufView, JsBuffer, OpState, Resource, ResourceId, op2};
use deno_error::JsErrorBox;
use serde::Serialize;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::runs;
use crate::cache::{Cache, CacheError, Headers, Hit, Key, Shape, Storing, Writer, shape, storing};

/// A kept response as JavaScript gets it.
#[derive(Serialize)]
pub(super) struct Matched {
    status: u16,
    headers: Headers,
    /// The body's resource, counted from one; zero for none.
    body: u32,
    length: u64,
}

/// What is kept for a request with this URL and these headers.
#[op2]
#[serde]
pub(crate) async fn op_eyot_cache_match(
    state: Rc<RefCell<OpState>>,
    #[string] cache: String,
    #[string] url: String,
    #[serde] request: Headers,
) -> Result<Option<Matched>, JsErrorBox> {
    let (store, key) = store_and_key(&state, cache, url);
    let Some(hit) = store.lookup(key, request.clone()).await.map_err(failed)? else { return Ok(None) };
    let Hit { status, mut headers, age, mut body, length } = hit;
    headers
        .retain(|(name, _)| !matches!(name.as_str(), "content-length" | "content-range" | "age" | "cf-cache-status"));
    headers.push(("age".to_owned(), age.to_string()));
    headers.push(("cf-cache-status".to_owned(), "HIT".to_owned()));
    let (status, length) = match shape(&request, &headers, status, length) {
        Shape::Whole => (status, Some(length)),
        Shape::NotModified => (304, None),
        Shape::Part { first, length: part } => {
            body.seek(SeekFrom::Start(first)).await.map_err(|error| failed(error.into()))?;
            headers.push(("content-range".to_owned(), format!("bytes {first}-{}/{length}", first + part - 1)));
            (206, Some(part))
        }
        Shape::Unsatisfiable => {
            headers.push(("content-range".to_owned(), format!("bytes */{length}")));
            (416, None)
        }
    };
    let body = match length {
        Some(length) if !matches!(status, 204 | 205 | 304) => {
            headers.push(("content-length".to_owned(), length.to_string()));
            let body = KeptBody { file: RefCell::new(Some(body)), left: Cell::new(length) };
            // Zero stands for "no body".
            state.borrow_mut().resource_table.add(body) + 1
        }
        _ => 0,
    };
    Ok(Some(Matched { status, headers, body, length: length.unwrap_or(0) }))
}

/// Begins to keep a response: gives the writer, counted from one, or zero when its headers forbid to keep it.
#[op2]
#[smi]
pub(crate) async fn op_eyot_cache_begin(
    state: Rc<RefCell<OpState>>,
    #[string] cache: String,
    #[string] method: String,
    #[string] url: String,
    #[serde] request: Headers,
    #[smi] status: u16,
    #[serde] headers: Headers,
) -> Result<u32, JsErrorBox> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let storing = storing(&method, status, &headers, i64::try_from(now).unwrap_or(i64::MAX));
    let Storing::Keep { fresh, vary } = storing.map_err(|refusal| JsErrorBox::type_error(refusal.to_string()))? else {
        return Ok(0);
    };
    let headers = headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
    // A response with cookies is kept when it says "private=Set-Cookie", and then without them.
    let headers: Headers = headers.filter(|(name, _)| name != "set-cookie").collect();
    let (store, key) = store_and_key(&state, cache, url);
    match store.begin(key, status, headers, &vary, &request, fresh).await {
        Ok(writer) => Ok(state.borrow_mut().resource_table.add(KeptWriter(RefCell::new(Some(writer)))) + 1),
        Err(CacheError::HeadTooLong) => Ok(0),
        Err(error) => Err(failed(error)),
    }
}

/// Appends to a body that is being kept; false when it is larger than may be kept, and the writer is gone.
#[op2]
pub(crate) async fn op_eyot_cache_write(
    state: Rc<RefCell<OpState>>,
    #[smi] writer: ResourceId,
    #[anybuffer] chunk: JsBuffer,
) -> Result<bool, JsErrorBox> {
    let resource = state.borrow().resource_table.get::<KeptWriter>(writer).map_err(JsErrorBox::from_err)?;
    let Some(mut open) = resource.0.take() else { return Ok(false) };
    match open.write(&chunk).await {
        Ok(()) => {
            resource.0.replace(Some(open));
            Ok(true)
        }
        Err(CacheError::TooLarge) => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

/// Ends a writer: what it has written is what is kept from now on, or is dropped.
#[op2]
pub(crate) async fn op_eyot_cache_end(
    state: Rc<RefCell<OpState>>,
    #[smi] writer: ResourceId,
    keep: bool,
) -> Result<(), JsErrorBox> {
    let resource = state.borrow_mut().resource_table.take::<KeptWriter>(writer).map_err(JsErrorBox::from_err)?;
    match resource.0.take() {
        Some(open) if keep => open.commit().await.map_err(failed),
        _ => Ok(()),
    }
}

/// Forgets what is kept for a URL; says whether there was something.
#[op2]
pub(crate) async fn op_eyot_cache_delete(
    state: Rc<RefCell<OpState>>,
    #[string] cache: String,
    #[string] url: String,
) -> Result<bool, JsErrorBox> {
    let (store, key) = store_and_key(&state, cache, url);
    store.delete(key).await.map_err(failed)
}

fn store_and_key(state: &Rc<RefCell<OpState>>, cache: String, url: String) -> (Cache, Key) {
    let state = state.borrow();
    let tenant = runs(&state).borrow().deployment.tenant.clone();
    (state.borrow::<Cache>().clone(), Key { tenant, cache, url })
}

/// The script learns that it failed; why is ours to know.
fn failed(error: CacheError) -> JsErrorBox {
    tracing::error!(%error, "failed to use the cache");
    JsErrorBox::generic("Internal error: the cache could not be used.")
}

struct KeptWriter(RefCell<Option<Writer>>);

impl Resource for KeptWriter {
    fn name(&self) -> Cow<'_, str> {
        "cacheWriter".into()
    }
}

/// A kept body, or the part of it that was asked for.
struct KeptBody {
    file: RefCell<Option<File>>,
    left: Cell<u64>,
}

impl KeptBody {
    /// The next bytes, at most `limit`; none at the end. A second reader at the same time gets the end.
    async fn next(&self, limit: usize) -> Result<Vec<u8>, JsErrorBox> {
        let Some(mut file) = self.file.take() else { return Ok(Vec::new()) };
        let wanted = usize::try_from(self.left.get()).unwrap_or(usize::MAX).min(limit).min(PIECE_BYTES);
        let mut bytes = vec![0; wanted];
        let read = file.read(&mut bytes).await.map_err(|error| failed(error.into()))?;
        bytes.truncate(read);
        self.left.set(self.left.get() - read as u64);
        if read > 0 {
            self.file.replace(Some(file));
        }
        Ok(bytes)
    }
}

impl Resource for KeptBody {
    fn name(&self) -> Cow<'_, str> {
        "cachedBody".into()
    }

    fn read(self: Rc<Self>, limit: usize) -> AsyncResult<BufView> {
        Box::pin(async move { Ok(BufView::from(self.next(limit).await?)) })
    }
}

/// The most that is read at once.
const PIECE_BYTES: usize = 64 << 10;
