//! Promise: `fetch`, `EventSource` and `request.cf` over the network do what the standards and Workers say.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use futures::StreamExt as _;
use hyper::ext::ReasonPhrase;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::harness::{Node, Options, Tenant, Upload};

/// Redirects of every status, aborts at every moment, events, and attempts to hide how far a request has come.
#[tokio::test]
async fn fetch_redirects_aborts_and_listens_as_specified() {
    let config = "[egress]\nallow = [\"127.0.0.2/32\", \"127.0.0.3/32\"]\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let tenant = Tenant::create(&node, "network").await;
    tenant.limit(json!({ "cpu_ms": 5_000 })).await;
    tenant.deploy("network", Upload::fixture("fetch-network.js")).await;
    let (one, two) = (Origin::start("127.0.0.2:0").await, Origin::start("127.0.0.3:0").await);
    let ask = async |path: &str| -> Value {
        let query = format!("{path}?one=http://{}&two=http://{}", one.address, two.address);
        serde_json::from_str(&tenant.text("network", &query).await).expect("JSON")
    };
    let get = json!(["GET", "", null, true, true]);
    let same = json!(["POST", "text", "text/x", true, true]);
    let expected = json!({
        "301": get, "302": get, "303": get, "307": same, "308": same,
        "303 HEAD": "HEAD", "303 PUT": "GET", "303 DELETE": "GET",
        "sameOrigin": ["secret", "a=1", "1"],
        "otherOrigin": [null, null, "1", true],
        "manual": [302, "/echo", false],
        "error": "TypeError: TypeError",
        "endless": "TypeError: TypeError",
        "nowhere": 302,
        "otherScheme": "TypeError: TypeError",
        "stream303": "GET",
        "stream307": "TypeError: TypeError",
    });
    assert_eq!(ask("/redirects").await, expected);
    let expected = json!({
        "before": "AbortError: DOMException", "reason": "RangeError: mine", "reached": 0,
        "during": "AbortError: DOMException", "timeout": "TimeoutError: DOMException",
        "first": "part", "read": "RangeError: enough", "text": "AbortError: DOMException",
        "after": [200, true], "any": "x", "request": "AbortError: DOMException",
        "clone": "RangeError: both", "unread": "RangeError: unread",
        "sent": ["RangeError: unsent", "RangeError: unsent", "RangeError: unsent", "RangeError: unsent"],
    });
    assert_eq!(ask("/aborts").await, expected);
    let expected = json!({
        "phrase": [418, "Short And Stout"], "plain": "OK", "length": "5", "path": "/echo?%C3%A9", "bytes": "/echo?%FF",
    });
    assert_eq!(ask("/lines").await, expected);
    let expected = json!({
        "right": "{}", "base64url": "{}", "strongest": "{}", "wrong": "TypeError: TypeError",
        "weaker": "TypeError: TypeError", "unknown": "{}", "empty": "{}",
    });
    assert_eq!(ask("/integrity").await, expected);
    let expected = json!({
        "default": [null, null], "no-store": ["no-cache", "no-cache"], "reload": ["no-cache", "no-cache"],
        "no-cache": ["max-age=0", null], "own": ["private", "no-cache"], "only-if-cached": "TypeError: TypeError",
    });
    assert_eq!(ask("/caching").await, expected);
    assert_eq!(ask("/hops").await, json!(["1", "1", "1", "1", "1", "1"]));
    let expected = json!({
        "log": [
            0, true, false, 1, 2, "open", ["one", "\u{e9}1", true], ["named", "two\nthree"], "error 0",
            "open", ["again", "\u{e9}1", true], "error 0", "error 2",
        ],
        "heard": [null, 0, "open", "a\nb", "", "c", "1", 2],
        "refused": ["SyntaxError", "TypeError", "NotSupportedError", "TypeError", "TypeError"],
        "data": "bound",
        "closed": 2,
        "message": "across",
    });
    assert_eq!(ask("/events").await, expected);
    assert_eq!(*one.state.last_event_id.lock(), Some("\u{e9}1".to_owned()), "it says what it has seen");
}

/// Ports that browsers do not ask for, and bodies that came for another request.
#[tokio::test]
async fn fetch_asks_for_no_port_of_others_and_ends_with_its_request() {
    let config = "[egress]\nallow = [\"127.0.0.2/32\"]\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let tenant = Tenant::create(&node, "late").await;
    tenant.limit(json!({ "cpu_ms": 5_000 })).await;
    tenant.deploy("late", Upload::fixture("fetch-network.js")).await;
    let one = Origin::start("127.0.0.2:0").await;
    let ask = async |path: &str| -> Value {
        let query = format!("{path}?one=http://{}", one.address);
        serde_json::from_str(&tenant.text("late", &query).await).expect("JSON")
    };
    let blocked = |port: u16| format!("Fetch failed: Requests to port {port} are blocked");
    let all = [22, 25, 6667, 6000].map(blocked);
    let expected = json!({ "blocked": all, "open": 200, "redirected": blocked(22) });
    assert_eq!(ask("/ports").await, expected);
    assert_eq!(ask("/late").await, false);
    let late = ask("/late").await;
    let said = late[1].as_str().unwrap_or_default();
    assert!(said.starts_with("Error: Cannot perform I/O on behalf of a different request."), "{late}");
}

/// The same request over HTTP/1.1 and HTTP/2, and what is made of it.
#[tokio::test]
async fn a_request_knows_its_connection() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "cf").await;
    tenant.deploy("cf", Upload::fixture("fetch-network.js")).await;
    for (client, protocol) in [(&tenant.edge, "HTTP/1.1"), (&crate::harness::client(&node), "HTTP/2")] {
        let sent =
            client.get(tenant.url("cf", "/cf")).header("accept-encoding", "gzip").send().await.expect("an answer");
        let told: Value = serde_json::from_str(&sent.text().await.expect("a body")).expect("JSON");
        let cf = json!({
            "httpProtocol": protocol,
            "tlsVersion": "TLSv1.3",
            "tlsCipher": told[0]["tlsCipher"],
            "clientAcceptEncoding": "gzip",
        });
        assert!(told[0]["tlsCipher"].as_str().is_some_and(|cipher| cipher.starts_with("AEAD-")), "{told}");
        assert_eq!(told, json!([cf, cf, cf, { "a": 1 }, null, true]));
    }
}

/// An origin whose answers the fixture knows.
struct Origin {
    address: SocketAddr,
    state: Arc<Seen>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    count: AtomicU32,
    events: AtomicU32,
    last_event_id: parking_lot::Mutex<Option<String>>,
}

impl Origin {
    async fn start(address: &str) -> Self {
        let state = Arc::new(Seen::default());
        let router = Router::new()
            .route("/loop", get(async || redirect(StatusCode::FOUND, Some(b"/loop"))))
            .route("/redirect/{status}", any(redirected))
            .route("/echo", any(echo))
            .route("/phrase", get(phrase))
            .route("/bytes", get(async || redirect(StatusCode::FOUND, Some(b"/echo?\xff"))))
            .route("/count", get(count))
            .route(
                "/counted",
                get(async |State(seen): State<Arc<Seen>>| {
                    json!({ "count": seen.count.load(Ordering::Relaxed) }).to_string()
                }),
            )
            .route("/never", any(async || std::future::pending::<String>().await))
            .route("/partial", get(partial))
            .route("/events", get(events))
            .with_state(Arc::clone(&state));
        let listener = TcpListener::bind(address).await.expect("binds");
        let address = listener.local_addr().expect("an address");
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("serves") });
        Self { address, state, task }
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn redirect(status: StatusCode, to: Option<&[u8]>) -> Response {
    let mut response = status.into_response();
    if let Some(to) = to {
        let to = HeaderValue::from_bytes(to).expect("a header");
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}

async fn redirected(Path(status): Path<u16>, Query(query): Query<Vec<(String, String)>>, _body: String) -> Response {
    let to = query.iter().find(|(name, _)| name == "to").map(|(_, to)| to.as_bytes());
    redirect(StatusCode::from_u16(status).expect("a status"), to)
}

async fn echo(method: Method, uri: Uri, headers: HeaderMap, body: String) -> Response {
    let said = |name: &str| headers.get_all(name).iter().map(|value| value.to_str().expect("text")).collect::<Vec<_>>();
    let told = json!({
        "method": method.as_str(),
        "body": body,
        "type": said("content-type").first(),
        "authorization": said("authorization").first(),
        "cookie": said("cookie").first(),
        "kept": said("x-kept").first(),
        "hops": said("eyot-hops").join(","),
        "length": said("content-length").first(),
        "path": uri.to_string(),
        "caching": [said("cache-control").first(), said("pragma").first()],
    });
    ([("x-method", method.to_string())], told.to_string()).into_response()
}

/// A status line with words of its own.
async fn phrase() -> Response {
    let mut response = StatusCode::IM_A_TEAPOT.into_response();
    response.extensions_mut().insert(ReasonPhrase::from_static(b"Short And Stout"));
    response
}

async fn count(State(seen): State<Arc<Seen>>) -> &'static str {
    seen.count.fetch_add(1, Ordering::Relaxed);
    "{}"
}

/// Some of a body, and then nothing.
async fn partial() -> Body {
    let first = futures::stream::iter([Ok::<_, std::io::Error>("part")]);
    Body::from_stream(first.chain(futures::stream::pending()))
}

/// Two events the first time, one that has no id of its own the second, and then nothing more is to be had.
async fn events(State(seen): State<Arc<Seen>>, headers: HeaderMap) -> Response {
    let last = headers.get("last-event-id").map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned());
    *seen.last_event_id.lock() = last;
    let text = match seen.events.fetch_add(1, Ordering::Relaxed) {
        0 => ":hi\nretry: 10\nid: \u{e9}1\ndata: one\n\nevent: named\ndata: two\ndata:three\n\ndata: cut",
        1 => "data: again\n\n",
        _ => return StatusCode::NO_CONTENT.into_response(),
    };
    ([(header::CONTENT_TYPE, "text/event-stream; charset=utf-8")], text).into_response()
}
