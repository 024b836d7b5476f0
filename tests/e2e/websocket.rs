//! Promise: WebSockets work both ways, over HTTP/1.1 and HTTP/2, within limits, and end in order with what they belong to.

use std::net::SocketAddr;
use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use http_body_util::Empty;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::harness::{
    Neighbour, Node, Options, PATIENCE, RawFrame, RawWebSocket, Tenant, TlsSocket, Upload, frame, until,
};

/// Talks to a script and closes; the script sees both.
#[tokio::test]
async fn a_client_talks_to_a_script_over_http_1() {
    let tenant = echo("ws1").await;
    let (socket, head) = RawWebSocket::shake_hands(&tenant, "ws1", "/", "Sec-WebSocket-Protocol: chat, x\r\n").await;
    let head = head.to_lowercase();
    assert!(head.starts_with("http/1.1 101"), "{head}");
    assert!(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
    assert!(head.contains("sec-websocket-protocol: chat\r\n") && head.contains("eyot-ray: "), "{head}");
    let mut socket = WebSocketStream::from_raw_socket(socket.into_stream(), Role::Client, None).await;
    converse(&mut socket).await;
    tenant.node.expect_outcomes("ws1", "ok", 1).await;
}

/// The same on a stream of HTTP/2 (RFC 8441), beside an ordinary request on the same connection.
#[tokio::test]
async fn a_client_talks_to_a_script_over_http_2() {
    let tenant = echo("ws2").await;
    let host = format!("ws2.{}.localhost", tenant.name);
    let tls = TlsSocket::connect_with(&tenant.node, &host, b"h2").await.expect("connects").into_stream();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(tls)).await.expect("HTTP/2");
    let connection = tokio::spawn(connection);
    let plain = http::Request::get(format!("https://{host}/")).body(Empty::<Bytes>::new()).expect("a request");
    assert_eq!(sender.send_request(plain).await.expect("an answer").status(), 426);
    let mut request = http::Request::connect(format!("https://{host}/"))
        .header("sec-websocket-version", "13")
        .body(Empty::<Bytes>::new())
        .expect("a request");
    request.extensions_mut().insert(hyper::ext::Protocol::from_static("websocket"));
    let mut response = sender.send_request(request).await.expect("an answer");
    assert_eq!(response.status(), 200);
    let upgraded = hyper::upgrade::on(&mut response).await.expect("a stream");
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await;
    converse(&mut socket).await;
    connection.abort();
}

async fn converse<S>(socket: &mut WebSocketStream<S>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    for message in [Message::text("hällo"), Message::binary(vec![0, 1, 255]), Message::text("")] {
        socket.send(message.clone()).await.expect("is sent");
        assert_eq!(next(socket).await, Some(message));
    }
    socket.send(Message::text("close me")).await.expect("is sent");
    let Some(Message::Close(Some(close))) = next(socket).await else { panic!("no close") };
    assert_eq!((u16::from(close.code), close.reason.as_str()), (4001, "as you wish"));
    assert_eq!(next(socket).await, None);
}

async fn next<S>(socket: &mut WebSocketStream<S>) -> Option<Message>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let next = tokio::time::timeout(PATIENCE, socket.next()).await.expect("an answer in time");
    next.and_then(Result::ok)
}

/// Uses both ends of pairs inside one script: events, orders, refusals, and a script that replaces built-ins.
#[tokio::test]
async fn both_ends_of_a_pair_work_in_one_script() {
    let tenant = Tenant::create(&Node::shared(), "pair").await;
    tenant.deploy("pair", Upload::fixture("websocket/pair.js")).await;
    let told: Value = serde_json::from_str(&tenant.text("pair", "/").await).expect("JSON");
    let conversation = json!([
        "two message early",
        "one message hello",
        "one message \u{fffd} lone",
        "states 2 1",
        "two close 4000 enough true",
        "one close 4000 enough true",
        "states 3 3"
    ]);
    assert_eq!(told["conversation"], conversation);
    let bytes = ["ArrayBuffer 2,3", "ArrayBuffer 2,1", "ArrayBuffer 98,108,111,98", "String after the blob", "Blob 7"];
    assert_eq!(told["bytes"], json!(bytes));
    let refusals = &told["refusals"];
    for (key, name) in [
        ("unaccepted", "TypeError"),
        ("closed", "TypeError"),
        ("code999", "TypeError"),
        ("code1005", "TypeError"),
        ("code1006", "TypeError"),
        ("code5000", "TypeError"),
        ("code1011", "no error"),
        ("reasonOnly", "TypeError"),
        ("longReason", "SyntaxError"),
        ("inResponse", "TypeError"),
        ("notASocket", "TypeError"),
        ("status200", "RangeError"),
        ("noNew", "TypeError"),
    ] {
        let text = refusals[key].as_str().expect("a text");
        assert_eq!(text.split(':').next(), Some(name), "{key}: {text}");
    }
    assert_eq!(refusals["urls"], json!(vec!["SyntaxError"; 5]));
    assert_eq!(refusals["constants"], json!([0, 1, 2, 3]));
    assert_eq!(refusals["responses"], json!([null, true, true, true]));
    assert_eq!(told["hostile"], json!([0, "still there"]));
}

/// Handshakes that do not hold, and answers that do not fit the request.
#[tokio::test]
async fn a_handshake_that_does_not_hold_is_refused() {
    let tenant = echo("shake").await;
    tenant.deploy("states", Upload::fixture("websocket/states.js")).await;
    let host = format!("shake.{}.localhost", tenant.name);
    for (headers, status) in [
        ("Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "426"),
        ("Sec-WebSocket-Version: 13\r\n", "400"),
        ("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n", "400"),
    ] {
        let mut socket = TlsSocket::connect(&tenant.node, &host).await.expect("connects");
        let head =
            format!("GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{headers}\r\n");
        socket.send(head.as_bytes()).await;
        let head = socket.read_head().await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{head}");
        assert_eq!(head.to_lowercase().contains("sec-websocket-version: 13"), status == "426", "{head}");
    }
    assert_eq!(tenant.fetch("shake", "/").await.expect("an answer").status(), 426);
    tenant.expect_error("states", "/", 500, 1101).await;
    for path in ["/none"] {
        let (_, head) = RawWebSocket::shake_hands(&tenant, "states", path, "").await;
        assert!(head.starts_with("HTTP/1.1 500"), "{head}");
    }
}

/// An end that nobody has taken yet, and one that somebody has: a client leaves without a word.
#[tokio::test]
async fn a_socket_ends_with_its_run_and_a_run_with_its_socket() {
    let tenant = echo("lives").await;
    tenant.deploy("states", Upload::fixture("websocket/states.js")).await;
    drop(RawWebSocket::connect(&tenant, "states", "/never-accepts").await);
    tenant.node.expect_outcomes("states", "ok", 1).await;
    let mut socket = RawWebSocket::connect(&tenant, "lives", "/").await;
    socket.send(&frame(0x81, b"here")).await;
    assert_eq!(socket.frame().await.expect("the echo").payload, b"here");
    drop(socket);
    tenant.node.expect_outcomes("lives", "ok", 1).await;
}

/// Two clients get an end each of one pair: what one says the other hears, from before the second had come to the end.
#[tokio::test]
async fn the_ends_of_a_pair_may_go_to_two_clients() {
    let tenant = Tenant::create(&Node::shared(), "two").await;
    tenant.limit(json!({ "isolates_per_script_max": 1 })).await;
    tenant.deploy("two", Upload::fixture("websocket/two-clients.js")).await;
    let mut one = RawWebSocket::connect(&tenant, "two", "/").await;
    one.send(&frame(0x81, b"early")).await;
    one.send(&frame(0x81, b"soon")).await;
    let mut other = RawWebSocket::connect(&tenant, "two", "/").await;
    for expected in [b"early".as_slice(), b"soon"] {
        assert_eq!(other.frame().await.expect("a message").payload, expected);
    }
    other.send(&frame(0x82, b"back")).await;
    assert_eq!(one.frame().await.expect("a message"), RawFrame { first: 0x82, payload: b"back".to_vec() });
    other.send(&frame(0x88, &[0x0f, 0xa0])).await;
    one.send(&frame(0x88, &[0x0f, 0xa0])).await;
    assert_eq!((one.closed().await, other.closed().await), (4000, 4000));
    tenant.node.expect_outcomes("two", "ok", 2).await;
    // One that waits is told of a script by the next request, or left; then the pair is nobody's.
    let mut waits = RawWebSocket::connect(&tenant, "two", "/").await;
    waits.send(&frame(0x81, b"hello")).await;
    assert_eq!(tenant.text("two", "/accept").await, "accepted");
    assert_eq!(waits.frame().await.expect("an echo").payload, b"hello");
}

/// A handler that spins costs its own socket; one that works a little for each message goes on for ever.
#[tokio::test]
async fn each_message_has_the_budget_of_a_request() {
    let tenant = echo("budget").await;
    let neighbour = Neighbour::start(&tenant.node).await;
    let mut socket = RawWebSocket::connect(&tenant, "budget", "/").await;
    for _ in 0..40 {
        socket.send(&frame(0x81, b"burn")).await;
        assert_eq!(socket.frame().await.expect("an answer").payload, b"burnt true");
    }
    socket.send(&frame(0x81, b"spin")).await;
    assert_eq!(socket.frame().await, None, "the connection ends");
    tenant.node.expect_outcomes("budget", "exceededCpu", 1).await;
    let mut socket = RawWebSocket::connect(&tenant, "budget", "/").await;
    socket.send(&frame(0x81, b"again")).await;
    assert_eq!(socket.frame().await.expect("a fresh isolate").payload, b"again");
    neighbour.finish().await;
}

/// A script that sends to a client that does not read, and a client that sends and does not read: nothing grows.
#[tokio::test]
async fn what_nobody_reads_is_not_kept() {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "stall").await;
    tenant.limit(json!({ "cpu_ms": 5_000 })).await;
    tenant.deploy("echo", Upload::fixture("websocket/echo.js")).await;
    let mut socket = RawWebSocket::connect(&tenant, "echo", "/").await;
    socket.send(&frame(0x81, b"warm")).await;
    socket.frame().await.expect("the echo");
    let before = node.resident_bytes();
    let message = frame(0x82, &vec![7; 1 << 20]);
    let mut sent = 0;
    while sent < 256 {
        // The node stops reading: the write does not end.
        match tokio::time::timeout(Duration::from_secs(1), socket.send(&message)).await {
            Ok(()) => sent += 1,
            Err(_) => break,
        }
    }
    assert!(sent < 128, "{sent} MiB were taken although no echo was read");
    let grown = node.resident_bytes().saturating_sub(before);
    assert!(grown < 96 << 20, "{grown} bytes are kept for a client that does not read");
    drop(socket);

    let mut socket = RawWebSocket::connect(&tenant, "echo", "/").await;
    socket.send(&frame(0x81, b"flood")).await;
    until("the flooding script is ended", PATIENCE, async || {
        let metrics = node.metrics().await;
        (metrics.sum("eyot_requests_total", &[("script", "echo"), ("outcome", "exceededCpu")]) >= 1.0).then_some(())
    })
    .await;
    let grown = node.resident_bytes().saturating_sub(before);
    assert!(grown < 160 << 20, "{grown} bytes are kept for a client that does not read");
    let mut socket = RawWebSocket::connect(&tenant, "echo", "/").await;
    socket.send(&frame(0x81, b"again")).await;
    assert_eq!(socket.frame().await.expect("the echo").payload, b"again");
}

/// Drains a node with an open socket: it gets its time, then a close that says so.
#[tokio::test]
async fn a_draining_node_closes_its_sockets_in_order() {
    let node = Node::start(Options { config: "drain_seconds = 4\n".to_owned(), ..Options::default() });
    let tenant = Tenant::create(&node, "drain").await;
    tenant.deploy("echo", Upload::fixture("websocket/echo.js")).await;
    let mut socket = RawWebSocket::connect(&tenant, "echo", "/").await;
    socket.send(&frame(0x81, b"before")).await;
    assert_eq!(socket.frame().await.expect("the echo").payload, b"before");
    node.signal("TERM");
    socket.send(&frame(0x81, b"meanwhile")).await;
    assert_eq!(socket.frame().await.expect("the echo").payload, b"meanwhile");
    let close = socket.frame().await.expect("a close frame");
    assert_eq!((close.first, close.payload.as_slice()), (0x88, &1001_u16.to_be_bytes()[..]));
    socket.send(&frame(0x88, &1001_u16.to_be_bytes())).await;
    assert_eq!(socket.frame().await, None);
    assert!(node.exit_status().await.success());
}

/// A script connects to a server in each of the ways there are, and passes a server's socket on to its client.
#[tokio::test]
async fn a_script_connects_to_a_server() {
    let config = "[egress]\nallow = [\"127.0.0.2/32\"]\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let tenant = Tenant::create(&node, "out").await;
    tenant.deploy("out", Upload::fixture("websocket/upstream.js")).await;
    let server = Upstream::start("127.0.0.2:0").await;
    let address = server.address;
    let told = ask(&tenant, "constructor", &format!("ws://{address}/echo")).await;
    assert_eq!(told, json!(["open echo 4", "message one", "message Blob", "close 1000 done true"]));
    let told = ask(&tenant, "fetch", &format!("http://{address}/echo")).await;
    assert_eq!(told, json!(["status 101", "message one", "message ArrayBuffer", "close 1000 done true"]));
    assert_eq!(ask(&tenant, "fetch", &format!("http://{address}/refuse")).await, json!([403, "not here"]));
    let told = ask(&tenant, "constructor", &format!("ws://{address}/refuse")).await;
    assert_eq!(told, json!(["error", "close 1006  false"]));
    let told = ask(&tenant, "constructor", &format!("ws://{address}/wrong")).await;
    assert_eq!(told, json!(["error", "close 1006  false"]));
    // The loopback address itself is not allowed.
    let inside = Upstream::start("127.0.0.1:0").await;
    let told = ask(&tenant, "constructor", &format!("ws://{}/echo", inside.address)).await;
    assert_eq!(told, json!(["error", "close 1006  false"]));

    let path = format!("/?to=http://{address}/echo");
    let (socket, head) = RawWebSocket::shake_hands(&tenant, "out", &path, "").await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    let mut socket = RawWebSocket::on(socket);
    let large = vec![b'x'; 300_000];
    for payload in [&b"through"[..], &large] {
        socket.send(&frame(0x82, payload)).await;
        assert_eq!(socket.frame().await.expect("the echo").payload, payload);
    }
    socket.send(&frame(0x88, &4002_u16.to_be_bytes())).await;
    assert_eq!(socket.closed().await, 4002);
}

async fn ask(tenant: &Tenant, how: &str, to: &str) -> Value {
    let text = tenant.text("out", &format!("/?how={how}&to={to}")).await;
    serde_json::from_str(&text).expect("JSON")
}

/// A tenant with the echo script under this name: outcomes are counted by script, and other tests have scripts as well.
async fn echo(script: &str) -> Tenant {
    let tenant = Tenant::create(&Node::shared(), script).await;
    tenant.deploy(script, Upload::fixture("websocket/echo.js")).await;
    tenant
}

/// A WebSocket server by hand: it echoes, refuses, or answers with a wrong key.
struct Upstream {
    address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Upstream {
    async fn start(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.expect("binds");
        let address = listener.local_addr().expect("an address");
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket));
            }
        });
        Self { address, task }
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut socket: TcpStream) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let header = |name: &str| {
        let line = head.lines().find(|line| line.to_lowercase().starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    assert!(header("sec-websocket-extensions").is_none(), "no extension is asked for");
    if head.starts_with("GET /refuse") {
        let answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 8\r\nConnection: close\r\n\r\nnot here";
        return socket.write_all(answer.as_bytes()).await.ok();
    }
    let key = if head.starts_with("GET /wrong") { "wrong".to_owned() } else { header("sec-websocket-key")? };
    let mut hash = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    hash.update(key.as_bytes());
    hash.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    let accept = STANDARD.encode(hash.finish());
    let protocol = header("sec-websocket-protocol").map(|_| "Sec-WebSocket-Protocol: echo\r\n").unwrap_or_default();
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{protocol}\r\n"
    );
    socket.write_all(answer.as_bytes()).await.ok()?;
    let mut socket = WebSocketStream::from_raw_socket(socket, Role::Server, None).await;
    while let Some(Ok(message)) = socket.next().await {
        if message.is_text() || message.is_binary() {
            socket.send(message).await.ok()?;
        }
    }
    Some(())
}

/// A script talks to another through its service binding, passes the other's socket on to its client, and leaves one.
#[tokio::test]
async fn sockets_pass_through_service_bindings() {
    let tenant = echo("ws-back").await;
    let binding = json!({ "type": "service", "name": "BACK", "service": "ws-back" });
    tenant.deploy("ws-front", Upload::fixture("websocket/through-binding.js").bind(binding)).await;
    let told: Value = serde_json::from_str(&tenant.text("ws-front", "/talk").await).expect("JSON");
    assert_eq!(told, json!([101, "chat", "to the back", 200_000, 4001, "as you wish", true]));
    assert_eq!(tenant.text("ws-front", "/left").await, "left");
    assert_eq!(tenant.fetch("ws-front", "/plain").await.expect("an answer").status(), 426);
    let (socket, head) =
        RawWebSocket::shake_hands(&tenant, "ws-front", "/pass", "Sec-WebSocket-Protocol: chat\r\n").await;
    assert!(head.to_lowercase().contains("sec-websocket-protocol: chat\r\n"), "{head}");
    let mut socket = WebSocketStream::from_raw_socket(socket.into_stream(), Role::Client, None).await;
    converse(&mut socket).await;
    // The one that was left ends with its run.
    tenant.node.expect_outcomes("ws-back", "ok", 4).await;
}
