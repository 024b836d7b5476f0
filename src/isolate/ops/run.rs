//! How a run's answer leaves the isolate.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use deno_core::{JsBuffer, OpState, ResourceId, op2, v8};
use deno_error::JsErrorBox;
use http::header::CONTENT_LENGTH;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode};
use hyper::ext::ReasonPhrase;

use super::runs;
use super::source::Source;
use crate::isolate::body::{Body, BodyError, Held};
use crate::isolate::meter::SharedMeter;
use crate::isolate::outbox::{Offered, PIECE_BYTES, outbox};
use crate::isolate::outcome::Outcome;
use crate::isolate::report::LogLevel;
use crate::isolate::runs::{Failure, Runs, SharedRuns};
use crate::limits::coarse_now;

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
    if is_overdrawn(state) {
        return Ok(());
    }
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

/// Answers run `id`, which was asked with HEAD, with a response that has no body: `length` is what GET would give, -1 where
/// that is not known.
#[op2(fast)]
pub(crate) fn op_eyot_respond_head<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    state: &mut OpState,
    #[smi] id: u32,
    #[smi] status: u32,
    headers: v8::Local<'s, v8::String>,
    length: f64,
) -> Result<(), JsErrorBox> {
    if is_overdrawn(state) {
        return Ok(());
    }
    let mut response = head(scope, status, headers)?;
    if let Some(length) = whole(length) {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    respond_whole(&mut runs(state).borrow_mut(), id, response);
    Ok(())
}

/// A length that JavaScript gives; below zero it is not known.
fn whole(length: f64) -> Option<u64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lengths are whole and below 2^53")]
    (length >= 0.0).then_some(length as u64)
}

/// Whether there is to be no answer: JavaScript does not go on after this.
fn is_overdrawn(state: &OpState) -> bool {
    state.try_borrow::<SharedMeter>().is_some_and(|meter| meter.is_overdrawn())
}

fn respond_whole(runs: &mut Runs, id: u32, response: http::Response<Body>) {
    runs.answer(id, Ok(response));
    if let Some(run) = runs.in_flight.get_mut(&id) {
        run.responded = Some(coarse_now());
    }
}

fn too_large() -> Failure {
    Failure::Ended {
        outcome: Outcome::ExceededMemory,
        detail: "the response body does not fit under the memory cap".to_owned(),
    }
}

/// Answers run `id` with a response whose body follows in pieces; `length` is -1 when it is not known. What a method says to
/// its caller is a talk: when the caller goes, it ends, and nobody has left too early.
#[op2(fast)]
pub(crate) fn op_eyot_respond_stream<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    state: &mut OpState,
    #[smi] id: u32,
    #[smi] status: u32,
    headers: v8::Local<'s, v8::String>,
    length: f64,
    is_talk: bool,
) -> Result<(), JsErrorBox> {
    if is_overdrawn(state) {
        return Ok(());
    }
    let mut response = head(scope, status, headers)?;
    let runs = runs(state);
    let mut runs = runs.borrow_mut();
    let (writer, reader) = outbox(&runs.gauge);
    *response.body_mut() = Body::stream(reader, whole(length), runs.lost.clone().cancelled_owned());
    if let Some(run) = runs.in_flight.get_mut(&id) {
        run.body = Some(writer);
        run.is_talk = is_talk;
    }
    runs.answer(id, Ok(response));
    Ok(())
}

/// Adds a chunk to run `id`'s body if that can be done at once: an [`Offered`] as a number.
#[op2(fast)]
pub(crate) fn op_eyot_body_offer(state: &mut OpState, #[smi] id: u32, #[buffer] chunk: &[u8]) -> u32 {
    let runs = runs(state);
    let runs = runs.borrow();
    let body = runs.in_flight.get(&id).and_then(|run| run.body.as_ref());
    body.map_or(Offered::Gone, |body| body.outbox().offer(chunk)) as u32
}

/// Sends a chunk of run `id`'s body when there is room, or, when it is empty, waits for room. False: the client has left.
#[op2(async(lazy))]
pub(crate) async fn op_eyot_body_write(
    state: Rc<RefCell<OpState>>,
    #[smi] id: u32,
    #[anybuffer] chunk: JsBuffer,
) -> Result<bool, JsErrorBox> {
    let (outbox, gauge) = {
        let runs = runs(&state.borrow());
        let runs = runs.borrow();
        let Some(body) = runs.in_flight.get(&id).and_then(|run| run.body.as_ref()) else {
            return Ok(false);
        };
        (Arc::clone(body.outbox()), runs.gauge.clone())
    };
    if !outbox.room().await {
        return Ok(false);
    }
    // In pieces, so that what waits for the client is bounded by the outbox and not by the script's chunk size.
    for piece in chunk.chunks(PIECE_BYTES) {
        if !outbox.room().await {
            return Ok(false);
        }
        let Some(held) = Held::reserve_or_collect(&gauge, piece.len() as u64).await else { return Err(no_memory()) };
        outbox.put(Bytes::copy_from_slice(piece), held);
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
    let (outbox, gauge, source, ended) = {
        let state = state.borrow();
        let source = Source::of(&state, rid)?;
        let runs = runs(&state);
        let runs = runs.borrow();
        let Some(run) = runs.in_flight.get(&id) else { return Ok(()) };
        let Some(body) = &run.body else { return Ok(()) };
        (Arc::clone(body.outbox()), runs.gauge.clone(), source, run.ended.token())
    };
    let piped = async {
        while outbox.room().await {
            let piece = tokio::select! {
                biased;
                () = outbox.gone() => return Ok(()),
                piece = source.read() => piece?,
            };
            if piece.is_empty() {
                return Ok(());
            }
            let Some(held) = Held::reserve_or_collect(&gauge, piece.len() as u64).await else {
                return Err(no_memory());
            };
            outbox.put(piece, held);
        }
        Ok(())
    };
    tokio::select! {
        biased;
        () = ended.cancelled() => Ok(()),
        piped = piped => piped,
    }
}

fn no_memory() -> JsErrorBox {
    JsErrorBox::range_error("The response body's chunk does not fit under the memory cap.")
}

/// Ends run `id`'s body; with an error the client sees the stream break off.
#[op2]
pub(crate) fn op_eyot_body_end(state: &mut OpState, #[smi] id: u32, #[string] error: Option<String>) {
    let runs = runs(state);
    let mut runs = runs.borrow_mut();
    let Some(run) = runs.in_flight.get_mut(&id) else { return };
    run.responded = Some(coarse_now());
    let Some(body) = run.body.take() else { return };
    if error.is_some() {
        run.outcome = Some(Outcome::Exception);
        body.fail(BodyError::Script);
    } else {
        body.end();
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
        run.responded = Some(coarse_now());
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

/// Status and headers; names and values of `headers` alternate, a line each. An empty name before them has the words of the
/// status line.
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
    let text = byte_string(scope, headers)?;
    let fields = match text.strip_prefix(b"\n") {
        Some(rest) => {
            let (phrase, fields) = rest.split_at(rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()));
            say(phrase, &mut response);
            fields.get(1..).unwrap_or_default()
        }
        None => &text,
    };
    read_fields(fields, response.headers_mut())?;
    Ok(response)
}

/// Gives a response the words of its status line, where they are not the usual ones; only HTTP/1 has them.
fn say(phrase: &[u8], response: &mut http::Response<Body>) {
    let usual = response.status().canonical_reason().unwrap_or_default();
    if phrase != usual.as_bytes()
        && let Ok(phrase) = ReasonPhrase::try_from(phrase)
    {
        response.extensions_mut().insert(phrase);
    }
}

/// The words of a response's status line where they were said, byte by byte.
pub(super) fn phrase_of(extensions: &Extensions) -> Option<String> {
    let phrase = extensions.get::<ReasonPhrase>()?;
    Some(phrase.as_bytes().iter().map(|byte| char::from(*byte)).collect())
}

/// Adds headers whose names and values alternate in `headers`, a line each.
pub(super) fn read_headers<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    headers: v8::Local<'s, v8::String>,
    into: &mut HeaderMap,
) -> Result<(), JsErrorBox> {
    read_fields(&byte_string(scope, headers)?, into)
}

fn read_fields(text: &[u8], into: &mut HeaderMap) -> Result<(), JsErrorBox> {
    if text.len() > FIELDS_BYTES_MAX {
        return Err(JsErrorBox::range_error("Headers of more than 128 KiB cannot be sent."));
    }
    let mut parts = text.split(|byte| *byte == b'\n');
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        let name = HeaderName::from_bytes(name).map_err(|error| JsErrorBox::type_error(error.to_string()))?;
        // The connection's framing is ours, not the script's.
        if HOP_BY_HOP.contains(&name.as_str()) {
            continue;
        }
        let value = HeaderValue::from_bytes(value).map_err(|error| JsErrorBox::type_error(error.to_string()))?;
        // The table itself panics when it is full.
        if into.len() >= FIELDS_MAX {
            return Err(JsErrorBox::range_error("More than 1000 headers cannot be sent."));
        }
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

/// Headers of a response, or of a request to another script: more than any client takes.
const FIELDS_MAX: usize = 1_000;

/// Their names and values together, and what is between them.
const FIELDS_BYTES_MAX: usize = 128 << 10;

/// Headers of one connection, RFC 9110 section 7.6.1, and the length, which the body knows better.
const HOP_BY_HOP: [&str; 6] =
    ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "content-length"];
