//! `…/scripts/{name}/tails`: live tails, made and ended here, and the WebSocket on which they are read.
//!
//! The socket's address carries a secret of its own, because clients send no token there. It speaks `trace-v1`: items as
//! text, nothing to say for the reader.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use futures::{SinkExt as _, StreamExt as _};
use http::header::{
    CONNECTION, HOST, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};

use super::body::Body;
use super::call::Call;
use super::envelope::{ApiError, ApiResult, Reply};
use super::{AdminState, BASE};
use crate::control::{Principal, Timestamp};
use crate::ids::TailId;
use crate::listener::accept_value;
use crate::tails::{Feed, Filters, Maker, Next, Tail, TailError, TailSecret, Tails, left_out};

/// How a connection of the admin API came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer {
    /// From where.
    pub(super) address: IpAddr,
    /// In which scheme.
    pub(super) is_tls: bool,
}

/// Where the sockets are; the gate does not stand before them, because the address itself is the permission.
pub(super) fn routes() -> Router<AdminState> {
    Router::new().route(&format!("{BASE}{SOCKETS}/{{tail}}/{{secret}}"), get(connect))
}

/// `GET …/tails`
pub(super) async fn list(call: Call) -> ApiResult {
    let (account, script) = (call.account()?, call.script()?);
    call.state.control.script(&account, &script).await?;
    let tails = call.state.tails.of_script(&account, &script, Instant::now());
    Reply::of(tails.iter().map(|tail| json!({ "id": tail.id, "expires_at": expiry(tail) })).collect::<Vec<_>>())
}

/// `POST …/tails`: `{"filters": […]}`, or nothing.
pub(super) async fn create(call: Call, body: Body) -> ApiResult {
    let (account, script) = (call.account()?, call.script()?);
    call.state.control.script(&account, &script).await?;
    let sent: Value = body.json_or_default().await?;
    let list = sent.get("filters").unwrap_or(&sent);
    let list = match list {
        Value::Null => &[][..],
        Value::Object(fields) if fields.is_empty() => &[],
        Value::Array(list) => list,
        _ => return Err(ApiError::unreadable_body("expected a list of filters")),
    };
    let address = call.peer().map(|peer| peer.address);
    let filters = Filters::parse(list, address).map_err(|error| ApiError::bad_parameter(error.to_string()))?;
    let base = socket_base(&call)?;
    let tail = call.state.tails.create(&account, &script, filters, maker(&call)?, Instant::now()).map_err(refused)?;
    // Whoever revokes the token looks for its tails afterwards: one of the two sees the other.
    if let Err(error) = maker(&call) {
        call.state.tails.end(&account, &script, &tail.id);
        return Err(error);
    }
    call.state.control.note(&call.principal.actor(), &account, "tail.create", script.as_str()).await?;
    let url = format!("{base}{BASE}{SOCKETS}/{}/{}", tail.id, tail.secret.expose());
    Reply::of(json!({ "id": tail.id, "url": url, "expires_at": expiry(&tail) }))
}

/// `DELETE …/tails/{tail}`: one that has ended already is as good as one that ends now.
pub(super) async fn delete(call: Call) -> ApiResult {
    let (account, script) = (call.account()?, call.script()?);
    call.state.control.script(&account, &script).await?;
    if call.state.tails.end(&account, &script, &call.id::<TailId>("tail")?) {
        call.state.control.note(&call.principal.actor(), &account, "tail.remove", script.as_str()).await?;
    }
    Reply::null()
}

/// Whom a tail belongs to that this call makes.
fn maker(call: &Call) -> Result<Maker, ApiError> {
    let Principal::Tenant { token, .. } = &call.principal else { return Ok(Maker::default()) };
    let left = call.state.control.token_left(token).ok_or_else(ApiError::unknown_token)?;
    Ok(Maker { token: Some(token.as_str().to_owned()), good_until: Instant::now().checked_add(left) })
}

/// Where a client that made this call reaches the node's sockets.
fn socket_base(call: &Call) -> Result<String, ApiError> {
    let header = |name: &str| call.headers().get(name).and_then(|value| value.to_str().ok());
    let host = header(HOST.as_str()).ok_or_else(|| ApiError::bad_parameter("the request has no Host header"))?;
    // Behind a proxy on this machine the scheme is the proxy's.
    let by_proxy = call.peer().is_some_and(|peer| peer.address.is_loopback())
        && header("x-forwarded-proto").is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
    let is_tls = by_proxy || call.peer().is_some_and(|peer| peer.is_tls);
    Ok(format!("{}://{host}", if is_tls { "wss" } else { "ws" }))
}

fn expiry(tail: &Tail) -> Timestamp {
    let left = tail.expires_at.saturating_duration_since(Instant::now());
    let millis = i64::try_from(left.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(Timestamp::now().millis().saturating_add(millis))
}

fn refused(error: TailError) -> ApiError {
    let status = match error {
        TailError::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
        TailError::NotFound => StatusCode::NOT_FOUND,
        TailError::Connected => StatusCode::CONFLICT,
    };
    ApiError::new(status, 10057, error.to_string())
}

async fn connect(
    State(state): State<AdminState>,
    Path((id, secret)): Path<(String, String)>,
    mut request: Request,
) -> Response {
    let Some(accept) = agreed(request.headers()) else {
        return ApiError::bad_parameter("connect here with a WebSocket that speaks trace-v1").into_response();
    };
    let found = id.parse().map_err(|_| TailError::NotFound);
    let secret = TailSecret::shown(&secret);
    let feed = match found.and_then(|id| state.tails.connect(&id, &secret, Instant::now())) {
        Ok(feed) => feed,
        Err(error) => return refused(error).into_response(),
    };
    let upgrade = hyper::upgrade::on(&mut request);
    state.tails.spawn(serve(feed, Arc::clone(&state.tails), upgrade));
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
    response
}

/// What agrees to the handshake, if it is one.
fn agreed(headers: &HeaderMap) -> Option<HeaderValue> {
    let lists = |name, wanted: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(wanted))
    };
    let is_handshake = lists(UPGRADE, "websocket") && lists(CONNECTION, "upgrade");
    let speaks = lists(SEC_WEBSOCKET_PROTOCOL, PROTOCOL) && lists(SEC_WEBSOCKET_VERSION, "13");
    (is_handshake && speaks).then(|| headers.get(SEC_WEBSOCKET_KEY).map(accept_value))?
}

/// Runs a tail's socket to its end; the tail ends with it.
async fn serve(feed: Feed, tails: Arc<Tails>, upgrade: OnUpgrade) {
    let Ok(Ok(upgraded)) = timeout(UPGRADED_WITHIN, upgrade).await else { return };
    // wrangler 4 sends its one message without a mask, whatever RFC 6455 says.
    let config = WebSocketConfig::default()
        .accept_unmasked_frames(true)
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX));
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
    let (code, reason) = tokio::select! {
        reason = converse(&feed, &mut socket) => match reason {
            Some(reason) => reason,
            None => return,
        },
        () = feed.tail().ended() => match tails.is_closing() {
            true => (CloseCode::Away, "the node ends"),
            false => (CloseCode::Normal, "the tail was ended"),
        },
        () = sleep_until(feed.tail().expires_at.into()) => (CloseCode::Away, "the tail has expired"),
    };
    drop(feed);
    let frame = CloseFrame { code, reason: reason.into() };
    // The reader may be gone, or may never answer.
    let _ = timeout(CLOSED_WITHIN, async {
        socket.close(Some(frame)).await?;
        while socket.next().await.transpose()?.is_some() {}
        Ok::<_, tokio_tungstenite::tungstenite::Error>(())
    })
    .await;
}

/// Sends what comes until the reader leaves, is silent or stuck; the latter is told why.
async fn converse(feed: &Feed, socket: &mut WebSocketStream<TokioIo<Upgraded>>) -> Option<(CloseCode, &'static str)> {
    let mut ping = interval(PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = true;
    loop {
        let message = tokio::select! {
            next = feed.next() => match next {
                Next::Item(text) => Message::text(&*text),
                Next::LeftOut(count) => Message::text(left_out(count, now_ms())),
            },
            came = socket.next() => match came {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {
                    heard = true;
                    continue;
                }
            },
            _ = ping.tick() => {
                if !std::mem::take(&mut heard) {
                    return None;
                }
                Message::Ping(bytes::Bytes::new())
            }
        };
        match timeout(SENT_WITHIN, socket.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return None,
            Err(_) => return Some((CloseCode::Policy, "the tail is not read")),
        }
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Where the sockets are, below the API's base.
const SOCKETS: &str = "/eyot/tails";

/// What is spoken on them.
const PROTOCOL: &str = "trace-v1";

/// What a reader may send: `{"debug":false}`, pings.
const MESSAGE_BYTES_MAX: usize = 4 << 10;

/// How long the handshake's answer may take to leave.
const UPGRADED_WITHIN: Duration = Duration::from_secs(10);

/// How often a silent reader is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(30);

/// How long one item may take to leave; the reader's buffers are full meanwhile.
const SENT_WITHIN: Duration = Duration::from_secs(60);

/// How long a reader has to answer a close.
const CLOSED_WITHIN: Duration = Duration::from_secs(2);
