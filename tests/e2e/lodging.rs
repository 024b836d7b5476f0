//! Promise: a connection that is served on a script's own thread is served like any other, whatever becomes of the isolate.
//!
//! A script gets such connections once its isolate has answered a few dozen requests. That a connection is one of them
//! shows only in what no other connection would suffer: it ends when its thread is lost.

use crate::harness::{Neighbour, Node, Options, Tenant, TlsSocket, Upload};

/// Enough answers of one isolate for connections to move in.
const PROVING: usize = 64;

const SCRIPT: &str = "let count = 0;
const spin = () => { for (;;); };
export default {
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/spin') spin();
    if (pathname === '/lose') return new Response('a'.repeat(1 << 26).replace(/a/g, 'bbbbbbbbbb'));
    return new Response(`<VERSION ${++count} ${pathname} ${request.headers.get('x-asked')}>`);
  },
};";

async fn ask(socket: &mut TlsSocket, host: &str, path: &str, until: &str) -> String {
    socket.send(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Asked: yes\r\n\r\n").as_bytes()).await;
    socket.read_until(until).await
}

/// A tenant whose script has proved itself, its host, and a connection that was opened afterwards.
async fn lodged(node: &std::sync::Arc<Node>) -> (Tenant, String, TlsSocket) {
    let tenant = Tenant::create(node, "lodger").await;
    tenant.deploy("house", Upload::of(&SCRIPT.replace("VERSION", "first"))).await;
    let host = format!("house.{}.localhost", tenant.name);
    let mut before = TlsSocket::connect(node, &host).await.expect("connects");
    for _ in 0..PROVING {
        ask(&mut before, &host, "/", "yes>").await;
    }
    let socket = TlsSocket::connect(node, &host).await.expect("connects");
    (tenant, host, socket)
}

/// Asks for other hosts, breaks the CPU budget, and uploads another version, all on one connection.
#[tokio::test]
async fn a_connection_outlives_the_isolate_on_its_thread() {
    let node = Node::start(Options::default());
    let neighbour = Neighbour::start(&node).await;
    let (tenant, host, mut socket) = lodged(&node).await;
    assert!(ask(&mut socket, &host, "/a", "yes>").await.contains("<first 65 /a yes>"), "the same isolate");

    let other = Tenant::create(&node, "visited").await;
    other.deploy("other", Upload::of("export default { fetch: () => new Response('<other>') };")).await;
    let elsewhere = format!("other.{}.localhost", other.name);
    ask(&mut socket, &elsewhere, "/", "<other>").await;
    let nowhere = ask(&mut socket, "none.none.localhost", "/", "error code: 1022").await;
    assert!(nowhere.starts_with("HTTP/1.1 404"), "{nowhere}");

    let spun = ask(&mut socket, &host, "/spin", "error code: 1102").await;
    assert!(spun.starts_with("HTTP/1.1 503"), "{spun}");
    assert!(ask(&mut socket, &host, "/b", "yes>").await.contains("<first 1 /b yes>"), "a fresh isolate");

    tenant.deploy("house", Upload::of(&SCRIPT.replace("VERSION", "second"))).await;
    assert!(ask(&mut socket, &host, "/c", "yes>").await.contains("<second 1 /c yes>"), "the new version");
    neighbour.finish().await;
}

/// Loses the thread under two connections: both end, and nobody else notices.
#[tokio::test]
async fn a_connection_ends_with_its_thread() {
    let node = Node::start(Options::default());
    let neighbour = Neighbour::start(&node).await;
    let (tenant, host, mut socket) = lodged(&node).await;
    ask(&mut socket, &host, "/a", "yes>").await;
    let mut quiet = TlsSocket::connect(&node, &host).await.expect("connects");
    ask(&mut quiet, &host, "/a", "yes>").await;
    socket.send(format!("GET /lose HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await;
    // An answer may be there first: V8 has given up only if the thread is lost.
    let answer = socket.read_to_end().await;
    assert!(answer.is_empty(), "{answer}");
    assert_eq!(quiet.read_to_end().await, "");
    assert!(tenant.text("house", "/").await.contains("<first 1 /"), "a fresh isolate on another thread");
    neighbour.finish().await;
}

/// Drains a node while a connection is at home on a slot's thread.
#[tokio::test]
async fn a_drain_reaches_connections_on_slot_threads() {
    let node = Node::start(Options::default());
    let (_tenant, host, mut socket) = lodged(&node).await;
    ask(&mut socket, &host, "/a", "yes>").await;
    node.signal("TERM");
    assert_eq!(socket.read_to_end().await, "");
    assert!(node.exit_status().await.success());
}
