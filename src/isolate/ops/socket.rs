//! WebSockets as JavaScript drives them: messages out at once, messages in one at a time.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use bytes::Bytes;
use deno_core::url::Url;
use deno_core::{OpState, ToJsBuffer, op2, v8};
use deno_error::JsErrorBox;
use http::header::{SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::run::head;
use super::runs;
use crate::isolate::socket::{self, Connected, Connector, Ending, NotSent, Side};

/// How a socket ended, as JavaScript gets it.
#[derive(Serialize)]
pub(super) struct Ended {
    code: u16,
    reason: String,
    clean: bool,
}

/// What a server answered to a handshake, as JavaScript gets it.
#[derive(Serialize)]
pub(super) struct Answered {
    id: u32,
    status: u16,
    headers: Vec<(String, String)>,
    body: ToJsBuffer,
}

/// Answers run `id` by making a WebSocket of its connection, and gives the socket's id.
#[op2(fast)]
pub(crate) fn op_eyot_socket_respond<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    state: &mut OpState,
    #[smi] id: u32,
    headers: v8::Local<'s, v8::String>,
) -> Result<u32, JsErrorBox> {
    let mut response = head(scope, u32::from(StatusCode::OK.as_u16()), headers)?;
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    for name in [SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS] {
        response.headers_mut().remove(name);
    }
    let runs = runs(state);
    let mut runs = runs.borrow_mut();
    let now = Instant::now();
    let offer = runs.in_flight.get_mut(&id).and_then(|run| {
        let offer = run.offer.take()?;
        run.attach(now);
        Some(offer)
    });
    let Some(offer) = offer else {
        return Err(JsErrorBox::type_error(
            "A WebSocket was returned in the response to a request that is not a WebSocket handshake.",
        ));
    };
    let gauge = runs.gauge.clone();
    let socket = runs.sockets.begin(id, &gauge, offer);
    runs.answer(id, Ok(response));
    Ok(socket)
}

/// Queues a text message; the result says whether it was taken.
#[op2(fast)]
#[smi]
pub(crate) fn op_eyot_socket_send_text(state: &mut OpState, #[smi] socket: u32, #[string] text: String) -> u32 {
    send(state, socket, Message::Text(Utf8Bytes::from(text)))
}

/// Queues a binary message; the result says whether it was taken.
#[op2]
#[smi]
pub(crate) fn op_eyot_socket_send_bytes(state: &mut OpState, #[smi] socket: u32, #[anybuffer] bytes: &[u8]) -> u32 {
    send(state, socket, Message::Binary(Bytes::copy_from_slice(bytes)))
}

fn send(state: &mut OpState, socket: u32, message: Message) -> u32 {
    let found = runs(state).borrow().sockets.find(socket);
    match found.map_or(Err(NotSent::Closed), |socket| socket.send(message)) {
        Ok(()) => 0,
        Err(NotSent::Closed) => 1,
        Err(NotSent::Full) => 2,
    }
}

/// Queues a close frame; a code of 0 is none.
#[op2(fast)]
pub(crate) fn op_eyot_socket_close(state: &mut OpState, #[smi] socket: u32, #[smi] code: u16, #[string] reason: &str) {
    if let Some(socket) = runs(state).borrow().sockets.find(socket) {
        socket.close((code != 0).then_some((code, reason)));
    }
}

/// Bytes that wait to be sent.
#[op2(fast)]
pub(crate) fn op_eyot_socket_unsent(state: &mut OpState, #[smi] socket: u32) -> f64 {
    let found = runs(state).borrow().sockets.find(socket);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    found.map_or(0.0, |socket| socket.unsent_payload_bytes() as f64)
}

/// Has what comes for a socket called into the script; resolves when nothing comes any more, with how it ended.
#[op2]
#[serde]
pub(crate) async fn op_eyot_socket_hear(state: Rc<RefCell<OpState>>, #[smi] socket: u32) -> Ended {
    let runs = runs(&state.borrow());
    let found = runs.borrow().sockets.find(socket);
    let Some(socket) = found else {
        return Ended { code: 1006, reason: String::new(), clean: false };
    };
    let Ending { code, reason, clean } = socket.hear().await;
    if let Some(run) = runs.borrow_mut().in_flight.get_mut(&socket.run()) {
        run.message_came(Instant::now());
        if socket.side() == Side::Downstream {
            run.detach(Instant::now());
        }
    }
    Ended { code, reason, clean }
}

/// A socket that nobody hears waits for a script that will: resolves with true when it is heard, with false when it has ended.
#[op2(async(lazy), fast)]
pub(crate) async fn op_eyot_socket_kept(state: Rc<RefCell<OpState>>, #[smi] socket: u32) -> bool {
    let runs = runs(&state.borrow());
    let found = runs.borrow().sockets.find(socket);
    let Some(socket) = found else { return false };
    let is_heard = socket.kept().await;
    if !is_heard && let Some(run) = runs.borrow_mut().in_flight.get_mut(&socket.run()) {
        run.detach(Instant::now());
    }
    is_heard
}

/// Passes messages between two sockets without JavaScript, until both have ended.
#[op2(async(lazy), fast)]
pub(crate) async fn op_eyot_socket_join(state: Rc<RefCell<OpState>>, #[smi] one: u32, #[smi] other: u32) {
    let runs = runs(&state.borrow());
    let (one, other) = {
        let runs = runs.borrow();
        (runs.sockets.find(one), runs.sockets.find(other))
    };
    let (Some(one), Some(other)) = (one, other) else { return };
    socket::join(&one, &other).await;
    if let Some(run) = runs.borrow_mut().in_flight.get_mut(&one.run()) {
        run.detach(Instant::now());
    }
}

/// Connects to a server for run `id` and asks it for a WebSocket.
#[op2]
#[serde]
pub(crate) async fn op_eyot_socket_connect(
    state: Rc<RefCell<OpState>>,
    #[smi] id: u32,
    #[string] url: String,
    #[serde] headers: Vec<(String, String)>,
) -> Result<Answered, JsErrorBox> {
    let connector = state.borrow().borrow::<Connector>().clone();
    let url = Url::parse(&url).map_err(|error| JsErrorBox::type_error(error.to_string()))?;
    let headers = header_map(&headers)?;
    let answer = socket::connect(connector, url, headers).await;
    let Connected { status, headers, body, io } =
        answer.map_err(|error| JsErrorBox::type_error(format!("WebSocket connection failed: {error}.")))?;
    let runs = runs(&state.borrow());
    let mut runs = runs.borrow_mut();
    if !runs.in_flight.contains_key(&id) {
        return Err(JsErrorBox::generic("The request that this WebSocket belongs to has ended."));
    }
    let gauge = runs.gauge.clone();
    let id = io.map_or(0, |io| runs.sockets.begin_upstream(id, &gauge, io));
    let latin1 = |value: &HeaderValue| value.as_bytes().iter().map(|byte| char::from(*byte)).collect();
    let headers = headers.iter().map(|(name, value)| (name.as_str().to_owned(), latin1(value))).collect();
    Ok(Answered { id, status: status.as_u16(), headers, body: Vec::from(body).into() })
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, JsErrorBox> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value: Option<Vec<u8>> = value.chars().map(|unit| u8::try_from(u32::from(unit)).ok()).collect();
        let value = value.and_then(|bytes| HeaderValue::from_bytes(&bytes).ok());
        let (Ok(name), Some(value)) = (name, value) else {
            return Err(JsErrorBox::type_error("A header is not valid."));
        };
        map.try_append(name, value).map_err(|error| JsErrorBox::type_error(error.to_string()))?;
    }
    Ok(map)
}
