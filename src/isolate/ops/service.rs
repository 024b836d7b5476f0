//! Calls through service bindings: sent by one op, awaited by another.
//!
//! A call belongs to the run that made it and is given up with it: the task that waits for the answer lives on the
//! slot's executor and not in the event loop, which is not turned while nothing is in flight.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use deno_core::{ByteString, OpState, Resource, op2, v8};
use deno_error::JsErrorBox;
use futures::stream;
use http::header::{CONNECTION, UPGRADE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body::{Body as _, Frame};
use http_body_util::{BodyExt as _, Empty, Full, StreamBody};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::run::{body_bytes, copy_body, read_headers};
use super::{outside, runs};
use crate::deployment::{Binding, ServiceTarget};
use crate::isolate::body::{BoxError, Held, HeldBytes, RequestBody};
use crate::isolate::gauge::MemoryGauge;
use crate::isolate::job::{Event, RunRequest};
use crate::isolate::request_body::BodyResource;
use crate::isolate::runs::{Run, Runs};
use crate::isolate::service::{CallAnswer, METHOD_BYTES_MAX, ServiceCall, Services, Thrown};
use crate::isolate::socket::{SocketIo, SocketOffer, pipe};

/// A call under way. Closing it gives the call up.
struct PendingCall {
    run: u32,
    /// The caller's end of a connection that the called side may make a WebSocket of.
    io: RefCell<Option<Box<dyn SocketIo>>>,
    answer: RefCell<Option<oneshot::Receiver<CallAnswer>>>,
    given_up: CancellationToken,
    ended: CancellationToken,
}

impl Resource for PendingCall {
    fn name(&self) -> std::borrow::Cow<'_, str> {
        "serviceCall".into()
    }

    fn close(self: Rc<Self>) {
        self.given_up.cancel();
    }
}

/// An answer as JavaScript gets it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answered {
    status: u16,
    headers: Vec<(ByteString, ByteString)>,
    /// The body's resource; none when there is no body.
    rid: Option<u32>,
    /// Its length where that is known.
    length: Option<u64>,
    /// The id of the WebSocket that was agreed on, or 0.
    socket: u32,
    /// Set instead of everything else: what the promise is rejected with.
    error: Option<(String, String)>,
}

/// Sends run `id`'s request through the `binding`th binding; gives the call's resource. The body is null, a string,
/// bytes, or `body_rid - 1` is the resource of a stream. `method` is what to call instead of `fetch`.
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
) -> Result<u32, JsErrorBox> {
    let shared = runs(state);
    let runs = shared.borrow();
    let run = runs.in_flight.get(&id).ok_or_else(outside)?;
    let callee = callee(&runs, binding)?;
    if matches!(callee, Callee::Script(_)) && !run.invocations.one_more() {
        return Err(JsErrorBox::generic("Too many Worker invocations: a request may lead to 32 at most."));
    }
    let mut request = http::Request::new(if body_rid > 0 {
        stream_body(state, body_rid - 1, &runs.gauge)?
    } else {
        whole_body(scope, body, &runs.gauge, method.is_some())?
    });
    *request.method_mut() = http_method.parse::<Method>().map_err(|error| JsErrorBox::type_error(error.to_string()))?;
    read_headers(scope, headers, request.headers_mut())?;
    let call = service_call(run, &callee, method);
    let (io, offer) = match asks_socket && matches!(callee, Callee::Script(_)) {
        true => {
            let (near, far) = pipe(&runs.gauge).ok_or_else(too_large)?;
            // The called side sees the handshake of HTTP/1.1, as one from downstream does.
            request.headers_mut().insert(CONNECTION, HeaderValue::from_static("Upgrade"));
            request.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
            (Some(near), Some(SocketOffer(Box::pin(std::future::ready(Ok(far))))))
        }
        false => (None, None),
    };
    let sent = RunRequest {
        event: Event::Fetch,
        socket: offer,
        request,
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
        Callee::Script(target) => services.call(&runs.deployment, target, sent),
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
    let io = RefCell::new(io);
    Ok(state.resource_table.add(PendingCall { run: id, io, answer: RefCell::new(Some(answer)), given_up, ended }))
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
            Answered {
                status: 101,
                headers: header_list(response.headers()),
                rid: None,
                length: None,
                socket,
                error: None,
            }
        }
        Ok(response) => answered(&mut state.borrow_mut(), response, &call.ended),
        Err(error) => {
            let Thrown { name, message } = error.0;
            let error = Some((name, message));
            Answered { status: 0, headers: Vec::new(), rid: None, length: None, socket: 0, error }
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

/// Whom a binding calls.
enum Callee<'a> {
    Script(&'a ServiceTarget),
    Assets,
}

fn callee(runs: &Runs, binding: u32) -> Result<Callee<'_>, JsErrorBox> {
    match runs.deployment.bindings.get(binding as usize).map(|bound| &bound.binding) {
        Some(Binding::Service(target)) => Ok(Callee::Script(target)),
        Some(Binding::Assets) => Ok(Callee::Assets),
        _ => Err(JsErrorBox::type_error("Illegal invocation: not a service binding.")),
    }
}

fn service_call(run: &Run, callee: &Callee<'_>, method: Option<String>) -> ServiceCall {
    let (entrypoint, props) = match callee {
        Callee::Script(target) => (target.entrypoint.clone(), target.props.clone()),
        Callee::Assets => (None, None),
    };
    ServiceCall { entrypoint, props, method, invocations: run.invocations.clone(), thrown: Arc::new(OnceLock::new()) }
}

fn whole_body<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    body: v8::Local<'s, v8::Value>,
    gauge: &Arc<MemoryGauge>,
    is_method: bool,
) -> Result<RequestBody, JsErrorBox> {
    if body.is_null_or_undefined() {
        return Ok(Empty::new().map_err(|never| match never {}).boxed_unsync());
    }
    let length = body_bytes(scope, body)?;
    if is_method && length > METHOD_BYTES_MAX {
        return Err(JsErrorBox::range_error("The arguments of the call are larger than 32 MiB."));
    }
    let held = Held::reserve(gauge, length).ok_or_else(too_large)?;
    let bytes = Bytes::from_owner(HeldBytes::new(copy_body(scope, body)?, held));
    Ok(Full::new(bytes).map_err(|never| match never {}).boxed_unsync())
}

/// A stream of JavaScript as a request body: read as the called side asks for it, some pieces ahead.
fn stream_body(state: &OpState, rid: u32, gauge: &Arc<MemoryGauge>) -> Result<RequestBody, JsErrorBox> {
    let resource = state.resource_table.get_any(rid).map_err(|error| JsErrorBox::type_error(error.to_string()))?;
    let (pieces, receive) = mpsc::channel::<Result<Frame<Bytes>, BoxError>>(PIECES_AHEAD);
    let gauge = Arc::clone(gauge);
    deno_core::unsync::spawn(async move {
        loop {
            // Nobody reads any more when there is no place: the call was answered or given up.
            let Ok(place) = pieces.reserve().await else { break };
            let read = tokio::select! {
                biased;
                () = pieces.closed() => break,
                read = resource.clone().read(PIECE_BYTES) => read,
            };
            match read {
                Ok(view) if view.is_empty() => break,
                Ok(view) => match Held::reserve(&gauge, view.len() as u64) {
                    Some(held) => {
                        let bytes = HeldBytes::new(Bytes::copy_from_slice(&view), held);
                        place.send(Ok(Frame::data(Bytes::from_owner(bytes))));
                    }
                    None => {
                        place.send(Err(too_large().into()));
                        break;
                    }
                },
                Err(error) => {
                    place.send(Err(error.into()));
                    break;
                }
            }
        }
        resource.close();
    });
    let frames = stream::unfold(receive, async |mut receive| receive.recv().await.map(|frame| (frame, receive)));
    Ok(StreamBody::new(frames).boxed_unsync())
}

fn answered(
    state: &mut OpState,
    response: http::Response<crate::isolate::body::Body>,
    ended: &CancellationToken,
) -> Answered {
    let (parts, body) = response.into_parts();
    let length = body.size_hint().exact();
    let rid = (!body.is_end_stream()).then(|| {
        let resource = Rc::new(BodyResource::until(body.map_err(Into::into).boxed_unsync(), ended.child_token()));
        let watched = Rc::clone(&resource);
        deno_core::unsync::spawn(async move { watched.let_go_when_stopped().await });
        state.resource_table.add_rc(resource)
    });
    let headers = header_list(&parts.headers);
    Answered { status: parts.status.as_u16(), headers, rid, length, socket: 0, error: None }
}

fn header_list(headers: &HeaderMap) -> Vec<(ByteString, ByteString)> {
    headers.iter().map(|(name, value)| (name.as_str().into(), value.as_bytes().into())).collect()
}

fn given_up() -> JsErrorBox {
    JsErrorBox::type_error("The call was given up.")
}

fn too_large() -> JsErrorBox {
    JsErrorBox::range_error("The request body does not fit under the memory cap.")
}

/// An error's texts cross to another isolate: no more of them than anybody reads.
fn cut(text: &str) -> String {
    text.chars().take(THROWN_CHARS_MAX).collect()
}

/// Pieces of a streamed request body that wait for the called side.
const PIECES_AHEAD: usize = 4;

/// The largest piece.
const PIECE_BYTES: usize = 64 << 10;

/// Characters of an error's name or message.
const THROWN_CHARS_MAX: usize = 8 << 10;
