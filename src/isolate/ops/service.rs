//! Calls through service bindings: sent by one op, awaited by another.
//!
//! A call belongs to the run that made it and is given up with it: the task that waits for the answer lives on the
//! slot's executor and not in the event loop, which is not turned while nothing is in flight.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use deno_core::{ByteString, JsBuffer, OpState, Resource, op2, v8};
use deno_error::JsErrorBox;
use http::header::{CONNECTION, UPGRADE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body::{Body as _, Frame};
use http_body_util::BodyExt as _;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::run::{phrase_of, read_headers};
use super::service_body::{PIECE_BYTES, Piece, spoken_body, stream_body, too_large, whole_body, whole_bytes};
use super::{outside, runs};
use crate::deployment::{Binding, ServiceTarget};
use crate::isolate::body::{Held, HeldBytes};
use crate::isolate::fields::Fields;
use crate::isolate::gauge::MemoryGauge;
use crate::isolate::job::{Event, RunRequest};
use crate::isolate::request_body::BodyResource;
use crate::isolate::runs::{Run, Runs};
use crate::isolate::service::{CallAnswer, ServiceCall, Services, Thrown};
use crate::isolate::socket::{SocketIo, SocketOffer, pipe};

/// A call under way. Closing it gives the call up, and ends what a method call's caller had to say.
struct PendingCall {
    run: u32,
    /// Takes what the caller of a method says behind the arguments.
    messages: Option<mpsc::Sender<Piece>>,
    gauge: Arc<MemoryGauge>,
    /// The caller's end of a connection that the called side may make a WebSocket of.
    io: RefCell<Option<Box<dyn SocketIo>>>,
    answer: RefCell<Option<oneshot::Receiver<CallAnswer>>>,
    given_up: CancellationToken,
    ended: CancellationToken,
}

impl Resource for PendingCall {
    fn name(&self) -> Cow<'_, str> {
        "serviceCall".into()
    }

    fn close(self: Rc<Self>) {
        self.given_up.cancel();
    }
}

/// An answer as JavaScript gets it.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answered {
    status: u16,
    /// The words of its status line.
    phrase: String,
    headers: Vec<(ByteString, ByteString)>,
    /// The body's resource; none when there is no body.
    rid: Option<u32>,
    /// The id of the WebSocket that was agreed on, or 0.
    socket: u32,
    /// Set instead of everything else: what the promise is rejected with.
    error: Option<(String, String)>,
}

/// Sends run `id`'s request through the `binding`th binding; gives the call's resource. The body is null, a string,
/// bytes, or `body_rid - 1` is the resource of a stream. `method` is what to call instead of `fetch`; the body is the first
/// message then. `own` names an entrypoint of the script itself, which is called instead of a binding.
#[op2]
#[smi]
pub(crate) fn op_eyot_service_start<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    state: &mut OpState,
    #[smi] id: u32,
    #[smi] binding: u32,
    #[string] http_method: &str,
    #[string] url: String,
    headers: v8::Local<'s, v8::String>,
    body: v8::Local<'s, v8::Value>,
    #[smi] body_rid: u32,
    #[string] method: Option<String>,
    asks_socket: bool,
    #[string] own: Option<String>,
) -> Result<u32, JsErrorBox> {
    let shared = runs(state);
    let runs = shared.borrow();
    let run = runs.in_flight.get(&id).ok_or_else(outside)?;
    let callee = callee(&runs, binding, own.as_deref())?;
    if matches!(callee, Callee::Script(_)) && !run.invocations().one_more() {
        return Err(JsErrorBox::generic("Too many Worker invocations: a request may lead to 32 at most."));
    }
    let (mut messages, is_method) = (None, method.is_some());
    let body = if is_method {
        let (body, sender) = spoken_body(whole_bytes(scope, body, &runs.gauge)?, run.ended.token());
        messages = Some(sender);
        body
    } else if body_rid > 0 {
        stream_body(state, body_rid - 1, &runs.gauge)?
    } else {
        whole_body(scope, body, &runs.gauge)?
    };
    let http_method = http_method.parse::<Method>().map_err(|error| JsErrorBox::type_error(error.to_string()))?;
    let mut fields = HeaderMap::new();
    read_headers(scope, headers, &mut fields)?;
    let call = service_call(run, &callee, method);
    let is_offered = asks_socket && matches!(callee, Callee::Script(_));
    let (io, offer) = if is_offered { offer_socket(&runs.gauge, &mut fields)? } else { (None, None) };
    let sent = RunRequest {
        event: Event::Fetch,
        socket: offer,
        method: http_method,
        fields: Fields::from(&fields),
        body,
        url,
        ray: run.ray.clone(),
        hops: run.hops + 1,
        is_repeat: false,
        connection: run.connection,
        verdict: Arc::default(),
        service: Some(call),
    };
    let services = state.borrow::<Arc<dyn Services>>().clone();
    let calling = match callee {
        Callee::Script(target) => services.call(&runs.deployment, &target, sent),
        Callee::Assets => services.asset(&runs.deployment, sent),
    };
    let (reply, answer) = oneshot::channel();
    let (given_up, ended) = (CancellationToken::new(), run.ended.token());
    let (give_up, end) = (given_up.clone(), ended.clone());
    deno_core::unsync::spawn(async move {
        tokio::select! {
            biased;
            () = give_up.cancelled() => {}
            () = end.cancelled() => {}
            answer = calling => drop(reply.send(answer)),
        }
    });
    let (io, answer, gauge) = (RefCell::new(io), RefCell::new(Some(answer)), Arc::clone(&runs.gauge));
    Ok(state.resource_table.add(PendingCall { run: id, messages, gauge, io, answer, given_up, ended }))
}

/// Says something more to the called side of a method call, when there is room. False: nobody listens any more.
#[op2(async(lazy))]
pub(crate) async fn op_eyot_service_write(
    state: Rc<RefCell<OpState>>,
    #[smi] rid: u32,
    #[anybuffer] message: JsBuffer,
) -> Result<bool, JsErrorBox> {
    let Ok(call) = state.borrow().resource_table.get::<PendingCall>(rid) else { return Ok(false) };
    let Some(sender) = &call.messages else { return Ok(false) };
    for piece in message.chunks(PIECE_BYTES) {
        let place = tokio::select! {
            biased;
            () = call.given_up.cancelled() => return Ok(false),
            () = call.ended.cancelled() => return Ok(false),
            place = sender.reserve() => place,
        };
        let Ok(place) = place else { return Ok(false) };
        let Some(held) = Held::reserve_or_collect(&call.gauge, piece.len() as u64).await else {
            return Err(too_large());
        };
        let bytes = HeldBytes::new(Bytes::copy_from_slice(piece), held);
        place.send(Ok(Frame::data(Bytes::from_owner(bytes))));
    }
    Ok(true)
}

/// Waits for a call's answer.
#[op2]
#[serde]
pub(crate) async fn op_eyot_service_answer(
    state: Rc<RefCell<OpState>>,
    #[smi] rid: u32,
) -> Result<Answered, JsErrorBox> {
    let call = state.borrow().resource_table.get::<PendingCall>(rid).map_err(|_| given_up())?;
    let answer = call.answer.borrow_mut().take().ok_or_else(given_up)?;
    let answer = answer.await.map_err(|_| given_up())?;
    Ok(match answer {
        Ok(response) if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
            let runs = runs(&state.borrow());
            let mut runs = runs.borrow_mut();
            let io = call.io.take().filter(|_| runs.in_flight.contains_key(&call.run)).ok_or_else(given_up)?;
            let gauge = runs.gauge.clone();
            let socket = runs.sockets.begin_upstream(call.run, &gauge, io);
            Answered { status: 101, headers: header_list(response.headers()), socket, ..Answered::default() }
        }
        Ok(response) => answered(&mut state.borrow_mut(), response, &call.ended),
        Err(error) => {
            let Thrown { name, message } = error.0;
            Answered { error: Some((name, message)), ..Answered::default() }
        }
    })
}

/// What run `id` threw, for the caller on the other side of its binding.
#[op2(fast)]
pub(crate) fn op_eyot_thrown(state: &mut OpState, #[smi] id: u32, #[string] name: &str, #[string] message: &str) {
    let runs = runs(state);
    let runs = runs.borrow();
    if let Some(thrown) = runs.in_flight.get(&id).and_then(|run| run.thrown.as_ref()) {
        // Only the first counts.
        let _ = thrown.set(Thrown { name: cut(name), message: cut(message) });
    }
}

/// Both ends of a connection that the called side may make a WebSocket of.
type Offered = (Option<Box<dyn SocketIo>>, Option<SocketOffer>);

/// Makes one. The called side sees the handshake of HTTP/1.1, as one from downstream does.
fn offer_socket(gauge: &Arc<MemoryGauge>, headers: &mut HeaderMap) -> Result<Offered, JsErrorBox> {
    let (near, far) = pipe(gauge).ok_or_else(too_large)?;
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    Ok((Some(near), Some(SocketOffer(Box::pin(std::future::ready(Ok(far)))))))
}

/// Whom a binding calls.
enum Callee<'a> {
    Script(Cow<'a, ServiceTarget>),
    Assets,
}

/// An entrypoint of the script itself, as `js/service.js` writes it.
#[derive(Deserialize)]
struct OwnEntrypoint {
    entrypoint: Option<String>,
    props: Option<String>,
}

fn callee<'a>(runs: &'a Runs, binding: u32, own: Option<&str>) -> Result<Callee<'a>, JsErrorBox> {
    if let Some(own) = own {
        let OwnEntrypoint { entrypoint, props } = serde_json::from_str(own).map_err(JsErrorBox::from_err)?;
        let script = runs.deployment.script.clone();
        return Ok(Callee::Script(Cow::Owned(ServiceTarget { script, entrypoint, props })));
    }
    match runs.deployment.bindings.get(binding as usize).map(|bound| &bound.binding) {
        Some(Binding::Service(target)) => Ok(Callee::Script(Cow::Borrowed(target))),
        Some(Binding::Assets) => Ok(Callee::Assets),
        _ => Err(JsErrorBox::type_error("Illegal invocation: not a service binding.")),
    }
}

fn service_call(run: &Run, callee: &Callee<'_>, method: Option<String>) -> ServiceCall {
    let (entrypoint, props) = match callee {
        Callee::Script(target) => (target.entrypoint.clone(), target.props.clone()),
        Callee::Assets => (None, None),
    };
    ServiceCall { entrypoint, props, method, invocations: run.invocations().clone(), thrown: Arc::new(OnceLock::new()) }
}

fn answered(
    state: &mut OpState,
    response: http::Response<crate::isolate::body::Body>,
    ended: &CancellationToken,
) -> Answered {
    let (parts, body) = response.into_parts();
    let rid = (!body.is_end_stream()).then(|| {
        let resource = Rc::new(BodyResource::until(body.map_err(Into::into).boxed_unsync(), ended.child_token()));
        let watched = Rc::clone(&resource);
        deno_core::unsync::spawn(async move { watched.let_go_when_stopped().await });
        state.resource_table.add_rc(resource)
    });
    let headers = header_list(&parts.headers);
    let usual = || parts.status.canonical_reason().unwrap_or_default().to_owned();
    let phrase = phrase_of(&parts.extensions).unwrap_or_else(usual);
    Answered { status: parts.status.as_u16(), phrase, headers, rid, ..Answered::default() }
}

fn header_list(headers: &HeaderMap) -> Vec<(ByteString, ByteString)> {
    headers.iter().map(|(name, value)| (name.as_str().into(), value.as_bytes().into())).collect()
}

fn given_up() -> JsErrorBox {
    JsErrorBox::type_error("The call was given up.")
}

/// An error's texts cross to another isolate: no more of them than anybody reads.
fn cut(text: &str) -> String {
    text.chars().take(THROWN_CHARS_MAX).collect()
}

/// Characters of an error's name or message.
const THROWN_CHARS_MAX: usize = 8 << 10;
