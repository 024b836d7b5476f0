//! How a run's answer leaves the isolate.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use bytes::Bytes;
use deno_core::{JsBuffer, OpState, ResourceId, op2, v8};
use deno_error::JsErrorBox;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::sync::mpsc;

use super::runs;
use crate::isolate::body::{Body, BodyError, Held, HeldBytes};
use crate::isolate::meter::SharedMeter;
use crate::isolate::outcome::Outcome;
use crate::isolate::report::LogLevel;
use crate::isolate::runs::{Failure, Runs, SharedRuns};

/// Answers run `id` with a response whose body is there already: null, a string or a `Uint8Array`.
#[op2(fast)]
pub(crate) fn op_eyot_respond<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    state: &mut OpState,
    #[smi] id: u32,
    #[smi] status: u32,
    headers: v8::Local<'s, v8::String>,
    body: v8::Local<'s, v8::Value>,
) -> Result<(), JsErrorBox> {
    let mut response = head(scope, status, headers)?;
    let runs = runs(state);
    let mut runs = runs.borrow_mut();
    if !body.is_null_or_undefined() {
        let Some(held) = Held::reserve(&runs.gauge, body_bytes(scope, body)?) else {
            runs.answer(id, Err(too_large()));
            return Ok(());
        };
        let bytes = copy_body(scope, body)?;
        *response.body_mut() = Body::whole(bytes, held);
    }
    respond_whole(&mut runs, id, response);
    Ok(())
}

fn respond_whole(runs: &mut Runs, id: u32, response: http::Response<Body>) {
    runs.answer(id, Ok(response));
    if let Some(run) = runs.in_flight.get_mut(&id) {
        run.responded = Some(Instant::now());
    }
}

fn too_large() -> Failure {
    Failure::Ended {
        outcome: Outcome::ExceededMemory,
        detail: "the response body does not fit under the memory cap".to_owned(),
    }
}

/// Answers run `id` with a response whose body follows in pieces; `length` is -1 when it is not known.
#[op2(fast)]
pub(crate) fn op_eyot_respond_stream<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    state: &mut OpState,
    #[smi] id: u32,
    #[smi] status: u32,
    headers: v8::Local<'s, v8::String>,
    length: f64,
) -> Result<(), JsErrorBox> {
    let mut response = head(scope, status, headers)?;
    let runs = runs(state);
    let mut runs = runs.borrow_mut();
    let (chunks, receive) = mpsc::channel(CHUNKS_QUEUED);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lengths are whole and below 2^53")]
    let length = (length >= 0.0).then_some(length as u64);
    let (body, left) = Body::stream(receive, length, runs.lost.clone().cancelled_owned());
    *response.body_mut() = body;
    if let Some(run) = runs.in_flight.get_mut(&id) {
        run.body = Some(chunks);
        run.left = Some(left);
    }
    runs.answer(id, Ok(response));
    Ok(())
}

/// Sends a chunk of run `id`'s body when there is room. False: the client has left.
#[op2(async(lazy))]
pub(crate) async fn op_eyot_body_write(
    state: Rc<RefCell<OpState>>,
    #[smi] id: u32,
    #[anybuffer] chunk: JsBuffer,
) -> Result<bool, JsErrorBox> {
    let (sender, gauge) = {
        let runs = runs(&state.borrow());
        let runs = runs.borrow();
        let Some(sender) = runs.in_flight.get(&id).and_then(|run| run.body.clone()) else {
            return Ok(false);
        };
        (sender, runs.gauge.clone())
    };
    // In pieces, so that what waits for the client is bounded by the queue and not by the script's chunk size.
    for piece in chunk.chunks(PIECE_BYTES) {
        let Ok(place) = sender.reserve().await else { return Ok(false) };
        let Some(held) = Held::reserve_or_collect(&gauge, piece.len() as u64).await else {
            return Err(JsErrorBox::range_error("The response body's chunk does not fit under the memory cap."));
        };
        place.send(Ok(HeldBytes { bytes: Bytes::copy_from_slice(piece), held }));
    }
    Ok(true)
}

/// Sends all that a resource gives as run `id`'s body, without entering JavaScript. It is read only when there is room, and
/// not any more once the client has left or the run has ended.
#[op2(async(lazy), fast)]
pub(crate) async fn op_eyot_body_pipe(
    state: Rc<RefCell<OpState>>,
    #[smi] id: u32,
    #[smi] rid: ResourceId,
) -> Result<(), JsErrorBox> {
    let (sender, gauge, resource, ended) = {
        let state = state.borrow();
        let resource = state.resource_table.get_any(rid).map_err(JsErrorBox::from_err)?;
        let runs = runs(&state);
        let runs = runs.borrow();
        let Some(run) = runs.in_flight.get(&id) else { return Ok(()) };
        let Some(sender) = run.body.clone() else { return Ok(()) };
        (sender, runs.gauge.clone(), resource, run.ended.token())
    };
    let piped = async {
        loop {
            let Ok(place) = sender.reserve().await else { return Ok(()) };
            let piece = tokio::select! {
                biased;
                () = sender.closed() => return Ok(()),
                piece = Rc::clone(&resource).read(PIECE_BYTES) => piece?,
            };
            if piece.is_empty() {
                return Ok(());
            }
            let Some(held) = Held::reserve_or_collect(&gauge, piece.len() as u64).await else {
                return Err(JsErrorBox::range_error("The response body's chunk does not fit under the memory cap."));
            };
            place.send(Ok(HeldBytes { bytes: Bytes::copy_from_slice(&piece), held }));
        }
    };
    tokio::select! {
        biased;
        () = ended.cancelled() => Ok(()),
        piped = piped => piped,
    }
}

/// Ends run `id`'s body; with an error the client sees the stream break off.
#[op2]
pub(crate) fn op_eyot_body_end(state: &mut OpState, #[smi] id: u32, #[string] error: Option<String>) {
    let runs = runs(state);
    let mut runs = runs.borrow_mut();
    let Some(run) = runs.in_flight.get_mut(&id) else { return };
    run.responded = Some(Instant::now());
    let Some(sender) = run.body.take() else { return };
    if error.is_some() {
        run.outcome = Some(Outcome::Exception);
        // A full queue means that the client is slow: the error follows when there is room, on the slot's own executor,
        // and not at all if the client leaves first.
        deno_core::unsync::spawn(async move {
            let _ = sender.send(Err(BodyError::Script)).await;
        });
    }
}

/// Run `id`'s handler threw, or its answer was not one.
#[op2(fast)]
pub(crate) fn op_eyot_fail(state: &mut OpState, #[smi] id: u32, #[string] detail: String) {
    let runs = runs(state);
    let mut runs = runs.borrow_mut();
    runs.log(id, LogLevel::Uncaught, format!("Uncaught {detail}"));
    runs.answer(id, Err(Failure::Ended { outcome: Outcome::Exception, detail }));
    if let Some(run) = runs.in_flight.get_mut(&id) {
        run.responded = Some(Instant::now());
    }
}

/// Everything run `id` began has settled.
#[op2(fast)]
pub(crate) fn op_eyot_done(state: &mut OpState, #[smi] id: u32) {
    runs(state).borrow_mut().settled(id);
}

/// What runs from here on is run `id`'s (0: nobody's) and costs its CPU time.
#[op2(fast)]
pub(crate) fn op_eyot_charge(state: &mut OpState, #[smi] id: u32) {
    // There is no meter where no requests are: the whole of a top level is armed as one.
    if let Some(meter) = state.try_borrow::<SharedMeter>() {
        meter.switch(&mut state.borrow::<SharedRuns>().borrow_mut(), id);
    }
}

/// Status and headers; names and values of `headers` alternate, a line each.
pub(super) fn head<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    status: u32,
    headers: v8::Local<'s, v8::String>,
) -> Result<http::Response<Body>, JsErrorBox> {
    let status = u16::try_from(status)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok())
        .filter(|status| !status.is_informational())
        .ok_or_else(|| JsErrorBox::range_error(format!("A handler cannot answer with status {status}.")))?;
    let mut response = http::Response::new(Body::empty());
    *response.status_mut() = status;
    read_headers(scope, headers, response.headers_mut())?;
    Ok(response)
}

/// Adds headers whose names and values alternate in `headers`, a line each.
pub(super) fn read_headers<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    headers: v8::Local<'s, v8::String>,
    into: &mut HeaderMap,
) -> Result<(), JsErrorBox> {
    let text = byte_string(scope, headers)?;
    let mut parts = text.split(|byte| *byte == b'\n');
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        let name = HeaderName::from_bytes(name).map_err(|error| JsErrorBox::type_error(error.to_string()))?;
        // The connection's framing is ours, not the script's.
        if HOP_BY_HOP.contains(&name.as_str()) {
            continue;
        }
        let value = HeaderValue::from_bytes(value).map_err(|error| JsErrorBox::type_error(error.to_string()))?;
        into.append(name, value);
    }
    Ok(())
}

/// Web IDL's `ByteString`, one byte a code unit.
fn byte_string<'s>(scope: &mut v8::PinScope<'s, '_>, text: v8::Local<'s, v8::String>) -> Result<Vec<u8>, JsErrorBox> {
    if !text.contains_only_onebyte() {
        return Err(JsErrorBox::type_error("A header is not a byte string."));
    }
    let mut bytes = vec![0; text.length()];
    text.write_one_byte_v2(scope, 0, &mut bytes, v8::WriteFlags::empty());
    Ok(bytes)
}

/// Bytes of a string or a view, before they are copied.
pub(super) fn body_bytes<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    body: v8::Local<'s, v8::Value>,
) -> Result<u64, JsErrorBox> {
    if let Ok(text) = v8::Local::<v8::String>::try_from(body) {
        return Ok(text.utf8_length(scope) as u64);
    }
    match v8::Local::<v8::ArrayBufferView>::try_from(body) {
        Ok(view) => Ok(view.byte_length() as u64),
        Err(_) => Err(JsErrorBox::type_error("The body is neither a string nor bytes.")),
    }
}

/// The bytes of a string or a view.
pub(super) fn copy_body<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    body: v8::Local<'s, v8::Value>,
) -> Result<Bytes, JsErrorBox> {
    if let Ok(text) = v8::Local::<v8::String>::try_from(body) {
        return Ok(Bytes::from(text.to_rust_string_lossy(scope)));
    }
    match v8::Local::<v8::ArrayBufferView>::try_from(body) {
        Ok(view) => {
            let mut bytes = vec![0; view.byte_length()];
            let copied = view.copy_contents(&mut bytes);
            bytes.truncate(copied);
            Ok(Bytes::from(bytes))
        }
        Err(_) => Err(JsErrorBox::type_error("The body is neither a string nor bytes.")),
    }
}

/// Headers of one connection, RFC 9110 section 7.6.1, and the length, which the body knows better.
const HOP_BY_HOP: [&str; 6] =
    ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "content-length"];

/// Pieces of a streamed body that wait for the client at once.
const CHUNKS_QUEUED: usize = 4;

/// The largest piece that waits.
const PIECE_BYTES: usize = 64 << 10;
