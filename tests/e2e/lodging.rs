//! Promise: a connection that is served on a script's own thread is served like any other, whatever becomes of the isolate.
//!
//! A script gets such connections once its isolate has answered a few dozen requests. That a connection is one of them
//! shows only in what no other connection would suffer: it ends when its thread is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use tokio::task::JoinSet;

use crate::harness::{Neighbour, Node, Options, PATIENCE, Tenant, TlsSocket, Upload, until};

/// Enough answers of one isolate for connections to move in.
const PROVING: usize = 64;

const SCRIPT: &str = "let count = 0;
const spin = () => { for (;;); };
const compute = (turns) => { let state = 1; while (turns-- > 0) state = (Math.imul(state, 1664525) + 1013904223) | 0; return state; };
export default {
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/spin') spin();
    if (pathname.startsWith('/compute')) compute(Number(pathname.slice(8)));
    if (pathname === '/lose') return new Response('a'.repeat(1 << 26).replace(/a/g, 'bbbbbbbbbb'));
    return new Response(`<VERSION ${++count} ${pathname} ${request.headers.get('x-asked')}>`);
  },
};";

async fn ask(socket: &mut TlsSocket, host: &str, path: &str, until: &str) -> String {
    socket.send(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nX-Asked: yes\r\n\r\n").as_bytes()).await;
    socket.read_until(until).await
}

/// A tenant whose script has proved itself, its host, and a connection that was opened afterwards.
async fn lodged(node: &Arc<Node>) -> (Tenant, String, TlsSocket) {
    let tenant = Tenant::create(node, "lodger").await;
    tenant.limit(json!({ "cpu_ms": CPU_MS_MAX })).await;
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

/// Eight connections that live elsewhere fill the isolate's mailbox as fast as it is emptied; one that lives with it has its turn.
#[tokio::test]
async fn a_connection_at_home_is_not_kept_waiting_by_those_that_are_not() {
    let node = Node::start(Options::default());
    let (tenant, host, mut at_home) = lodged(&node).await;
    tenant.limit(json!({ "cpu_ms": CPU_MS_MAX, "isolates_per_script_max": 1 })).await;
    for _ in 0..PROVING {
        ask(&mut at_home, &host, "/compute1000000", "yes>").await;
    }
    let mut at_home = TlsSocket::connect(&node, &host).await.expect("connects");
    let elsewhere = format!("elsewhere.{}.localhost", tenant.name);
    let others = keep_asking(&node, [elsewhere.as_str(); 8], &host, "/compute1000000").await;
    let mut counts = Vec::new();
    for _ in 0..ASKED_AT_HOME {
        let answer = ask(&mut at_home, &host, "/compute1000000", "yes>").await;
        let count = answer.split("<first ").nth(1).and_then(|rest| rest.split(' ').next());
        counts.push(count.and_then(|count| count.parse::<usize>().ok()).expect("a count"));
    }
    others.end().await;
    let served = counts[counts.len() - 1] - counts[0];
    assert!(served < ASKED_AT_HOME * SERVED_MEANWHILE, "{served} for {ASKED_AT_HOME} that live here");
}

/// All connections live with one isolate, and compute: another processor is not left idle.
#[tokio::test]
async fn connections_at_home_get_another_isolate_when_they_compute() {
    let node = Node::start(Options::default());
    let (_tenant, host, _at_home) = lodged(&node).await;
    if std::thread::available_parallelism().is_ok_and(|processors| processors.get() < 2) {
        return;
    }
    let starts = async || node.metrics().await.sum("eyot_isolate_starts_total", &[]);
    let before = starts().await;
    let all = keep_asking(&node, [host.as_str(); 6], &host, "/compute4000000").await;
    until("another isolate has started", PATIENCE, async || (starts().await > before).then_some(())).await;
    all.end().await;
}

/// Clients that ask again and again.
struct Asking {
    stop: Arc<AtomicBool>,
    clients: JoinSet<()>,
}

impl Asking {
    async fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.clients.join_all().await;
    }
}

/// Opens a connection for each of these names, and asks on it until told to stop. All have had an answer when it returns.
async fn keep_asking<const N: usize>(node: &Arc<Node>, names: [&str; N], host: &str, path: &'static str) -> Asking {
    let mut asking = Asking { stop: Arc::default(), clients: JoinSet::new() };
    let (sender, mut answered) = tokio::sync::mpsc::channel(N);
    for name in names {
        let mut socket = TlsSocket::connect(node, name).await.expect("connects");
        let (stop, host, sender) = (asking.stop.clone(), host.to_owned(), sender.clone());
        asking.clients.spawn(async move {
            ask(&mut socket, &host, path, "yes>").await;
            sender.send(()).await.expect("somebody waits");
            while !stop.load(Ordering::Relaxed) {
                ask(&mut socket, &host, path, "yes>").await;
            }
        });
    }
    for _ in 0..N {
        tokio::time::timeout(PATIENCE, answered.recv()).await.expect("an answer").expect("an answer");
    }
    asking
}

/// The most with which connections move in.
const CPU_MS_MAX: u32 = 100;

const ASKED_AT_HOME: usize = 10;

/// Four for each of eight that ask; a batch of jobs that nothing cuts short has sixty-four.
const SERVED_MEANWHILE: usize = 32;
