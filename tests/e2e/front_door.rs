//! Promise: what is not HTTP is refused, what floods is closed, and the next connection never notices.

use std::sync::Arc;

use crate::harness::{Neighbour, Node, Options, Tenant, TlsSocket, Upload};
use crate::http2_frames::{self as frames, Ending};

/// Sends each on a connection of its own, and after it a good request on the next.
#[tokio::test]
async fn malformed_requests_are_refused_and_the_next_connection_works() {
    let (node, tenant) = reached("malformed").await;
    let host = format!("reached.{}.localhost", tenant.name);
    assert!(MALFORMED.len() >= 40, "{} requests", MALFORMED.len());
    let mut wrong = Vec::new();
    for (request, expected) in MALFORMED {
        let bytes = request.replace("HOST", &host);
        let mut socket = TlsSocket::connect(&node, &host).await.expect("shakes hands");
        // A node that has answered and closed may not want the rest.
        let _ = socket.try_send(&latin1(&bytes)).await;
        let answer = socket.read_to_end().await;
        let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).unwrap_or("none");
        if status != *expected || answer.contains("reached") {
            wrong.push(format!("{request:?}: {answer:?}"));
        }
        is_well(&node, &host).await;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(tenant.text("reached", "/count").await, "0", "no malformed request got an answer of the script");
}

/// Heads and bodies at the limits, whole and by one too much.
#[tokio::test]
async fn too_much_of_anything_is_refused() {
    let (node, tenant) = reached("toomuch").await;
    let host = format!("reached.{}.localhost", tenant.name);
    let fields = |count: usize, bytes: usize| format!("x: {}\r\n", "v".repeat(bytes)).repeat(count);
    for (request, expected) in [
        (format!("GET /{} HTTP/1.1\r\nhost: {host}\r\n\r\n", "u".repeat(17 << 10)), "414"),
        (format!("GET / HTTP/1.1\r\nhost: {host}\r\n{}\r\n", fields(300, 1)), "431"),
        (format!("GET / HTTP/1.1\r\nhost: {host}\r\n{}\r\n", fields(1, 129 << 10)), "431"),
        (format!("GET / HTTP/1.1\r\nhost: {host}\r\n{}\r\n", fields(1_000, 4 << 10)), "431"),
        (format!("POST / HTTP/1.1\r\nhost: {host}\r\ncontent-length: {}\r\n\r\n", (100 << 20) + 1), "413"),
    ] {
        let mut socket = TlsSocket::connect(&node, &host).await.expect("shakes hands");
        let _ = socket.try_send(request.as_bytes()).await;
        let answer = socket.read_until("\r\n\r\n").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected}")), "{answer:?}");
        is_well(&node, &host).await;
    }
}

/// One sequence of frames on a connection of its own, and after it a good request on the next.
#[tokio::test]
async fn malformed_frames_end_their_stream_or_connection_and_the_next_works() {
    let (node, tenant) = reached("frames").await;
    let host = format!("reached.{}.localhost", tenant.name);
    let sequences = frames::malformed(&host);
    assert!(sequences.len() >= 20, "{} sequences", sequences.len());
    let mut wrong = Vec::new();
    for (name, bytes, expected) in sequences {
        let mut socket = TlsSocket::connect_with(&node, &host, b"h2").await.expect("shakes hands");
        // A node that has said goodbye does not read the rest.
        let _ = socket.try_send(&bytes).await;
        let ending = frames::ending(&mut socket).await;
        if ending != expected {
            wrong.push(format!("{name}: {ending:?} instead of {expected:?}"));
        }
        is_well(&node, &host).await;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Frames that are no work, a hundred thousand of each kind, beside a neighbour.
#[tokio::test]
async fn floods_of_frames_are_closed() {
    let (node, tenant) = reached("floods").await;
    let host = format!("reached.{}.localhost", tenant.name);
    let neighbour = Neighbour::start(&node).await;
    for (name, opening, frame) in frames::floods(&host) {
        let mut socket = TlsSocket::connect_with(&node, &host, b"h2").await.expect("shakes hands");
        let _ = socket.try_send(&opening).await;
        let batch = frame.repeat(1_000);
        let mut sent = 0;
        while sent < 100 && socket.try_send(&batch).await.is_ok() {
            sent += 1;
        }
        assert_eq!(frames::ending(&mut socket).await, Ending::Connection, "{name}, {sent} thousand sent");
    }
    // A hundred thousand requests, each taken back at once.
    let mut socket = TlsSocket::connect_with(&node, &host, b"h2").await.expect("shakes hands");
    socket.send(&frames::opening()).await;
    let mut resets = frames::Resets::new(&host);
    let mut sent = 0;
    while sent < 100 && socket.try_send(&resets.next(1_000)).await.is_ok() {
        sent += 1;
    }
    assert_eq!(frames::ending(&mut socket).await, Ending::Connection, "{sent} thousand resets sent");
    is_well(&node, &host).await;
    neighbour.finish().await;
}

/// Hundreds of connections that say nothing or drip, and what one of them costs.
#[tokio::test]
async fn idle_and_slow_connections_cost_little_and_disturb_nobody() {
    let config = "[edge]\nhead_seconds = 5\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let tenant = Tenant::create(&node, "idle").await;
    tenant.deploy("reached", Upload::of(REACHED)).await;
    let host = format!("reached.{}.localhost", tenant.name);
    let neighbour = Neighbour::start(&node).await;
    let before = node.resident_bytes();
    let mut idle = Vec::new();
    for _ in 0..IDLE {
        idle.push(TlsSocket::connect(&node, &host).await.expect("shakes hands"));
    }
    let each = node.resident_bytes().saturating_sub(before) / IDLE;
    assert!(each < IDLE_BYTES_MAX, "{each} bytes for an idle connection");
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let mut socket = TlsSocket::connect(&node, &host).await.expect("shakes hands");
        socket.send(b"GET / HTTP/1.1\r\nhost:").await;
        slow.push(socket);
    }
    is_well(&node, &host).await;
    for mut socket in slow {
        assert_eq!(socket.read_to_end().await, "", "a head that does not end gets no answer");
    }
    for socket in &mut idle {
        socket.send(format!("GET / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes()).await;
        assert!(socket.read_to_end().await.contains("200 OK"), "an idle connection is kept");
    }
    neighbour.finish().await;
}

/// Sends half a body and nothing more, to a script that waits for the rest.
#[tokio::test]
async fn a_body_that_stops_is_given_up() {
    let config = "[edge]\nbody_stall_seconds = 1\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let tenant = Tenant::create(&node, "stalled").await;
    let source = "export default { async fetch(request) { \
                  try { return new Response(await request.text()); } catch (error) { return new Response('gave up'); } } };";
    tenant.deploy("reached", Upload::of(source)).await;
    let host = format!("reached.{}.localhost", tenant.name);
    let mut socket = TlsSocket::connect(&node, &host).await.expect("shakes hands");
    socket.send(format!("POST / HTTP/1.1\r\nhost: {host}\r\ncontent-length: 10\r\n\r\nhalf").as_bytes()).await;
    assert!(socket.read_until("gave up").await.starts_with("HTTP/1.1 200"));
}

async fn reached(label: &str) -> (Arc<Node>, Tenant) {
    let node = Node::shared();
    let tenant = Tenant::create(&node, label).await;
    tenant.deploy("reached", Upload::of(REACHED)).await;
    (node, tenant)
}

async fn is_well(node: &Arc<Node>, host: &str) {
    let mut socket = TlsSocket::connect(node, host).await.expect("shakes hands");
    socket.send(format!("GET / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes()).await;
    let answer = socket.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("reached"), "{answer:?}");
}

/// Characters up to U+00FF are the bytes they stand for.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|character| u8::try_from(u32::from(character)).expect("a byte")).collect()
}

/// Answers every request after it has read its body, and counts the POSTs that it could read.
const REACHED: &str = "let count = 0; export default { async fetch(request) { \
                       await request.text(); if (request.method === 'POST') count++; \
                       return new Response(request.url.endsWith('/count') ? String(count) : 'reached'); } };";

const IDLE: u64 = 300;
const SLOW: u64 = 50;

/// The TLS session, hyper's connection, and its task, in a debug build whose allocator keeps some.
const IDLE_BYTES_MAX: u64 = 128 << 10;

/// Requests and the status they get, `none` where the connection ends without one.
const MALFORMED: &[(&str, &str)] = &[
    // The request line.
    ("\u{1}\r\n\r\n", "400"),
    ("GET /\r\n\r\n", "400"),
    ("GET / HTTP/0.9\r\nhost: HOST\r\n\r\n", "400"),
    ("GET / HTTP/1.2\r\nhost: HOST\r\n\r\n", "400"),
    ("GET / HTTP/3.7\r\nhost: HOST\r\n\r\n", "400"),
    ("GET / http/1.1\r\nhost: HOST\r\n\r\n", "400"),
    ("GET / HTTP/1.1 \r\nhost: HOST\r\n\r\n", "400"),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "none"),
    (" GET / HTTP/1.1\r\nhost: HOST\r\n\r\n", "400"),
    ("G\u{1}T / HTTP/1.1\r\nhost: HOST\r\n\r\n", "400"),
    ("G(T / HTTP/1.1\r\nhost: HOST\r\n\r\n", "400"),
    ("GET  HTTP/1.1\r\nhost: HOST\r\n\r\n", "400"),
    ("GET /a b HTTP/1.1\r\nhost: HOST\r\n\r\n", "400"),
    ("GET /\u{0} HTTP/1.1\r\nhost: HOST\r\n\r\n", "400"),
    ("GET reached HTTP/1.1\r\nhost: HOST\r\n\r\n", "400"),
    ("GET * HTTP/1.1\r\nhost: HOST\r\n\r\n", "400"),
    ("GET ftp://HOST/ HTTP/1.1\r\nhost: HOST\r\n\r\n", "400"),
    ("GET https://user@HOST/ HTTP/1.1\r\nhost: HOST\r\n\r\n", "400"),
    ("CONNECT HOST:443 HTTP/1.1\r\nhost: HOST\r\n\r\n", "501"),
    // Line ends.
    ("GET / HTTP/1.1\nhost: HOST\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: HOST\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: HOST\r\n\n", "400"),
    ("GET / HTTP/1.1\nhost: HOST\n\n", "400"),
    ("GET / HTTP/1.1\r\nhost: HOST\r\nx: a\rb\r\n\r\n", "400"),
    ("GET / HTTP/1.1\rhost: HOST\r\r", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\nx: y\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    // Header fields.
    ("GET / HTTP/1.1\r\n host: HOST\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: HOST\r\nx: a\r\n b\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: HOST\r\nx: a\r\n\tb\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost : HOST\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: HOST\r\nx\t: a\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: HOST\r\nno colon\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: HOST\r\n: a\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: HOST\r\nx: \u{0}\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: HOST\r\nx: \u{7f}\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: HOST\r\nx\u{0}: a\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: HOST\r\n\u{e9}: a\r\n\r\n", "400"),
    // Hosts.
    ("GET / HTTP/1.1\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: HOST\r\nhost: HOST\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: HOST\r\nhost: other\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost:\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: a b\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: user@HOST\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: HOST/path\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\nhost: HOST, other\r\n\r\n", "400"),
    // Lengths.
    ("POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: -1\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: +1\r\n\r\na", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 0x1\r\n\r\na", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 1e1\r\n\r\na", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 1 1\r\n\r\na", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 1, 1\r\n\r\na", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length:\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 99999999999999999999\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\na", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n", "400"),
    (
        "POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n",
        "400",
    ),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: gzip\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: identity\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: \u{b}chunked\r\n\r\n0\r\n\r\n", "400"),
    ("POST / HTTP/1.0\r\nhost: HOST\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    // Chunks.
    ("POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\n\r\ng\r\na\r\n0\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\n\r\n-1\r\na\r\n0\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\na\r\n0\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\n\r\n1\r\na0\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nhost: HOST\r\ntransfer-encoding: chunked\r\n\r\n1;a=\n\r\na\r\n0\r\n\r\n", "400"),
];
