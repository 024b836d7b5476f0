//! Promise: a client that takes nothing, sends without end or asks on somebody else's connection gets what it is due, holds
//! little, and not for long.

use std::sync::Arc;

use serde_json::json;

use crate::harness::{Neighbour, Node, Options, PATIENCE, RawWebSocket, Tenant, TlsSocket, Upload, until};
use crate::http2_frames::{self as frames, Ending};

/// Answers with megabytes, copied for each.
const LARGE: &str = "const large = new Uint8Array(8 << 20).fill(120);
    export default { fetch: (request) => new Response(request.url.endsWith('/small') ? 'small' : large) };";

/// A node that gives such clients up after a second, a tenant on it, and the host of its script.
async fn large() -> (Arc<Node>, Tenant, String) {
    let config = "[edge]\nwrite_stall_seconds = 1\nidle_seconds = 3\n[limits]\ncpu_ms = 1000\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let tenant = Tenant::create(&node, "large").await;
    // Those that wait for room in an isolate get their 503 within the wall time.
    tenant.limit(json!({ "memory_bytes_max": 64 << 20, "wall_ms": 10_000 })).await;
    tenant.deploy("large", Upload::of(LARGE)).await;
    let host = format!("large.{}.localhost", tenant.name);
    (node, tenant, host)
}

/// Asks for hundreds of megabytes on two connections of HTTP/2, with no window at all and with one of a byte, and on some of HTTP/1 that are not
/// read: each is closed, and what they asked for was in memory as far as its isolate may hold it.
#[tokio::test]
async fn a_client_that_takes_nothing_is_given_up_and_holds_little() {
    let (node, tenant, host) = large().await;
    let neighbour = Neighbour::start(&node).await;
    assert_eq!(tenant.text("large", "/small").await, "small");
    let before = node.resident_bytes();
    let mut stalled = Vec::new();
    for window in [0, 1] {
        let mut socket = TlsSocket::connect_with(&node, &host, b"h2").await.expect("shakes hands");
        socket.send(&frames::narrow_opening(window)).await;
        socket.send(&frames::requests(&host, STREAMS)).await;
        stalled.push(socket);
    }
    for _ in 0..4 {
        let mut socket = TlsSocket::connect(&node, &host).await.expect("shakes hands");
        socket.send(format!("GET / HTTP/1.1\r\nhost: {host}\r\n\r\n").as_bytes()).await;
        stalled.push(socket);
    }
    let mut most = 0;
    for mut socket in stalled {
        most = most.max(node.resident_bytes().saturating_sub(before));
        // Of HTTP/1 the socket's own buffers hold some.
        let _ = socket.read_to_end().await;
    }
    assert!(most < MEMORY_MAX, "{most} bytes for clients that take nothing");
    until("the script answers again", PATIENCE, async || {
        let answer = tenant.fetch("large", "/").await.ok()?;
        (answer.status() == 200 && answer.bytes().await.ok()?.len() == 8 << 20).then_some(())
    })
    .await;
    neighbour.finish().await;
}

/// A window for one of two responses: that one is sent whole, and the other does not keep the connection.
#[tokio::test]
async fn who_takes_one_response_of_two_gets_that_one() {
    let (node, _tenant, host) = large().await;
    let mut socket = TlsSocket::connect_with(&node, &host, b"h2").await.expect("shakes hands");
    socket.send(&frames::narrow_opening(0)).await;
    socket.send(&frames::requests(&host, 2)).await;
    socket.send(&frames::wide_window(0)).await;
    socket.send(&frames::wide_window(3)).await;
    let mut bytes = Vec::new();
    while socket.read_more(&mut bytes).await > 0 {}
    assert_eq!(frames::data_bytes(&bytes, 3), 8 << 20);
    assert_eq!(frames::data_bytes(&bytes, 1), 0);
}

/// Line by line, more of a chunk's extension and of trailers than anybody has to say.
#[tokio::test]
async fn chunks_and_trailers_without_end_are_refused() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "endless").await;
    let source = "let read = 0; export default { async fetch(request) {
        if (request.url.endsWith('/count')) return new Response(String(read));
        await request.text(); read++; return new Response('read'); } };";
    tenant.deploy("endless", Upload::of(source)).await;
    let host = format!("endless.{}.localhost", tenant.name);
    let head = format!("POST / HTTP/1.1\r\nhost: {host}\r\ntransfer-encoding: chunked\r\n\r\n");
    for (opening, more) in [
        ("1;", "a".repeat(8 << 10)),
        ("1", ";name=value".repeat(1_000)),
        ("", "1;some=extension\r\nx\r\n".repeat(400)),
        ("0\r\n", "x: y\r\n".repeat(1_000)),
        ("0\r\nx: ", "y".repeat(8 << 10)),
    ] {
        let mut socket = TlsSocket::connect(&node, &host).await.expect("shakes hands");
        socket.send(format!("{head}{opening}").as_bytes()).await;
        // What is refused is still read for a moment, and thrown away.
        for _ in 0..ENDLESS {
            if socket.try_send(more.as_bytes()).await.is_err() {
                break;
            }
        }
        let answer = socket.read_to_end().await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{opening:?}: {answer:?}");
    }
    assert_eq!(tenant.text("endless", "/count").await, "0");
}

/// Ten thousand names in a head, and an HPACK table that says one long field ten thousand times.
#[tokio::test]
async fn heads_of_many_fields_are_refused() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "fields").await;
    tenant.deploy("reached", Upload::of("export default { fetch: () => new Response('reached') };")).await;
    let host = format!("reached.{}.localhost", tenant.name);
    let names: String = (0..10_000).map(|number| format!("x-{number}: y\r\n")).collect();
    let mut socket = TlsSocket::connect(&node, &host).await.expect("shakes hands");
    let _ = socket.try_send(format!("GET / HTTP/1.1\r\nhost: {host}\r\n{names}\r\n").as_bytes()).await;
    let answer = socket.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer:?}");
    for bytes in [frames::many_names(&host, 10_000), frames::table_bomb(&host)] {
        let mut socket = TlsSocket::connect_with(&node, &host, b"h2").await.expect("shakes hands");
        let _ = socket.try_send(&bytes).await;
        let ending = frames::ending(&mut socket).await;
        assert_ne!(ending, Ending::Answered);
    }
    assert_eq!(tenant.text("reached", "/").await, "reached");
}

/// Names one tenant's host in the handshake and asks for another's on that connection, before and after connections move to
/// the script's own thread: whose host it is answers, on its own account.
#[tokio::test]
async fn a_connection_may_ask_for_any_host_and_each_is_its_owners() {
    let node = Node::shared();
    let named = Tenant::create(&node, "named").await;
    named.deploy("named", Upload::of("export default { fetch: () => new Response('<named>') };")).await;
    let other = Tenant::create(&node, "other").await;
    other.deploy("coalesced", Upload::of("export default { fetch: () => new Response('<other>') };")).await;
    let host = |tenant: &Tenant, script: &str| format!("{script}.{}.localhost", tenant.name);
    let (own, foreign) = (host(&named, "named"), host(&other, "coalesced"));
    for round in 1..=2 {
        let mut socket = TlsSocket::connect_with(&node, &own, b"h2").await.expect("shakes hands");
        socket.send(&frames::opening()).await;
        for (stream, host, wanted) in [(1, &own, "<named>"), (3, &foreign, "<other>"), (5, &own, "<named>")] {
            socket.send(&frames::get(host, stream)).await;
            let seen = socket.read_until(wanted).await;
            assert!(!seen.contains(if wanted == "<named>" { "<other>" } else { "<named>" }), "{seen:?}");
        }
        socket.send(&frames::get("none.none.localhost", 7)).await;
        socket.read_until("error code: 1022").await;
        other.node.expect_outcomes("coalesced", "ok", round).await;
        if round == 1 {
            for _ in 0..PROVING {
                named.text("named", "/").await;
            }
        }
    }
    // Its own limits, too.
    other.limit(json!({ "rate_per_second": 1 })).await;
    let mut socket = TlsSocket::connect_with(&node, &own, b"h2").await.expect("shakes hands");
    socket.send(&frames::opening()).await;
    for stream in 0..20 {
        socket.send(&frames::get(&foreign, 2 * stream + 1)).await;
    }
    socket.read_until("error code: 1015").await;
    assert_eq!(named.text("named", "/").await, "<named>");
}

/// A hundred thousand pings whose answers nobody reads, then as many bytes of a message in a frame each: the one is closed or
/// answered, the other arrives or is refused, and neither takes memory.
#[tokio::test]
async fn pings_and_fragments_without_end_take_no_memory() {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "flooded").await;
    let source = "export default { fetch() {
        const [client, server] = Object.values(new WebSocketPair());
        server.accept();
        server.addEventListener('message', (event) => server.send(`${event.data.length}`));
        return new Response(null, { status: 101, webSocket: client }); } };";
    tenant.deploy("flooded", Upload::of(source)).await;
    let neighbour = Neighbour::start(&node).await;
    // Masked with nothing.
    let frame = |first: u8, payload: &[u8]| {
        [&[first, 0x80 | u8::try_from(payload.len()).expect("is short"), 0, 0, 0, 0][..], payload].concat()
    };
    let before = node.resident_bytes();
    for (batch, ending) in [
        (frame(0x89, &[0; 125]).repeat(1_000), frame(0x81, b"whole")),
        ([frame(0x01, b""), frame(0x00, b"x").repeat(1_000)].concat(), frame(0x80, b"")),
    ] {
        let mut socket = RawWebSocket::connect(&tenant, "flooded", "/").await;
        let mut sent = batch.clone();
        for _ in 0..100 {
            // What goes on is the same message.
            socket.send(&sent).await;
            sent = if batch[0] == 0x01 { batch[6..].to_vec() } else { batch.clone() };
        }
        socket.send(&ending).await;
        loop {
            match socket.frame().await {
                Some(frame) if frame.first == 0x8a => {}
                Some(frame) if frame.first == 0x81 => {
                    assert!([&b"5"[..], b"100000"].contains(&&frame.payload[..]), "{frame:?}");
                    break;
                }
                None => break,
                Some(frame) if frame.first == 0x88 => break,
                other => panic!("{other:?}"),
            }
        }
    }
    let more = node.resident_bytes().saturating_sub(before);
    assert!(more < 64 << 20, "{more} bytes more");
    neighbour.finish().await;
}

/// Pieces of what has no end: more than anybody keeps.
const ENDLESS: usize = 200;

/// Requests of one connection.
const STREAMS: u32 = 16;

/// An isolate or two, each with its cap, what a debug build has beside it, and what the system's allocator keeps.
const MEMORY_MAX: u64 = 320 << 20;

/// Enough answers of one isolate for connections to move in.
const PROVING: usize = 64;
