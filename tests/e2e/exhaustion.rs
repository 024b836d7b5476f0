//! Promise: fatal allocations, however many, cost nobody a connection or a write: the node that has lost too much memory to
//! them goes on as a fresh image of itself, under the same process id and on the same sockets.
//!
//! `EYOT_BOMBS=1000 cargo test --test e2e exhaustion` is the long form of issue 3.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::task::JoinSet;

use crate::harness::{Neighbour, Node, Options, PATIENCE, Reply, Tenant, TlsSocket, Upload, client_with, until};

/// Bombs from many scripts, two at a time, quarantine lifted again and again; beside them clients that connect anew for
/// each request and write to KV.
#[tokio::test]
async fn fatal_allocations_without_end_cost_no_connection_and_no_write() {
    let config = format!("[isolates]\nlost_memory_bytes_max = {LOST_BYTES_MAX}\n");
    let node = Node::start(Options { config, ..Options::default() });
    let process = node.pid();
    let tenant = Tenant::create(&node, "bombs").await;
    tenant.limit(json!({ "cpu_ms": 20_000, "memory_bytes_max": 32 << 20 })).await;
    let bombs: usize = std::env::var("EYOT_BOMBS").ok().and_then(|count| count.parse().ok()).unwrap_or(8);
    let scripts = bombs.div_ceil(20).clamp(6, 50);
    for script in 0..scripts {
        tenant.deploy(&format!("b{script}"), Upload::fixture("memory/too-long-array.js")).await;
    }
    let innocent = Tenant::create(&node, "innocent").await;
    let namespace = innocent.namespace("kept").await;
    innocent.deploy("put", Upload::fixture("kv-put.js").bind_kv(&namespace)).await;
    let stop = Arc::new(AtomicBool::new(false));
    let kept = Arc::new(Mutex::new(Vec::new()));
    let mut writers = JoinSet::new();
    for writer in 0..3 {
        writers.spawn(write_on(writer, innocent.clone(), kept.clone(), stop.clone()));
    }
    let mut bombers = JoinSet::new();
    for bomber in 0..2 {
        bombers.spawn(bomb_on(bomber, tenant.clone(), scripts, bombs));
    }
    bombers.join_all().await;
    until("writes go on", PATIENCE, async || {
        static MARK: Mutex<Option<usize>> = Mutex::new(None);
        let written = kept.lock().len();
        (written >= *MARK.lock().get_or_insert(written) + 20).then_some(())
    })
    .await;
    stop.store(true, Ordering::SeqCst);
    writers.join_all().await;

    assert_eq!(node.pid(), process);
    assert!(node.is_alive());
    let began_anew = node.log().matches(BEGINS_ANEW).count();
    let least = bombs / (LOST_BYTES_MAX / BOMB_BYTES + 4);
    assert!(began_anew >= least.max(1), "began anew {began_anew} times over {bombs} bombs");
    let lost = node.metrics().await.sum("eyot_lost_memory_bytes", &[]);
    assert!(lost <= LOST_BYTES_MAX as f64 + BOMB_BYTES as f64, "{lost} bytes are lost");
    let resident = node.resident_bytes();
    assert!(resident < (LOST_BYTES_MAX as u64) + (400 << 20), "{resident} bytes are resident");
    let kept = std::mem::take(&mut *kept.lock());
    for key in kept {
        let path = innocent.path(&format!("/storage/kv/namespaces/{namespace}/values/{key}"));
        let read = Reply::of(innocent.request(Method::GET, &path)).await;
        assert_eq!((read.status, read.text.as_str()), (200, key.as_str()), "{key} was acknowledged");
    }
}

/// A script that does it twice is kept out with a time to come back; its neighbour is not. The operator lifts it.
#[tokio::test]
async fn a_script_that_kills_its_slots_again_is_kept_out_until_the_operator_lifts_it() {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "again").await;
    tenant.limit(json!({ "cpu_ms": 20_000, "memory_bytes_max": 32 << 20 })).await;
    tenant.deploy("bomb", Upload::fixture("memory/too-long-array.js")).await;
    tenant.deploy("calm", Upload::of("export default { fetch: () => new Response('calm') };")).await;
    let neighbour = Neighbour::start(&node).await;
    let path = tenant.path("/workers/scripts/bomb/eyot/quarantine");
    let standing = async || tenant.call(Method::GET, &path, None).await.result();
    assert_eq!(standing().await["strikes"], 0);
    tenant.expect_error("bomb", "/", 503, 1102).await;
    let once = standing().await;
    assert_eq!((&once["strikes"], &once["quarantined"]), (&json!(1), &json!(false)));
    tenant.expect_error("bomb", "/", 503, 1102).await;
    tenant.expect_error("bomb", "/", 503, 1105).await;
    let twice = standing().await;
    assert_eq!((&twice["strikes"], &twice["quarantined"]), (&json!(2), &json!(true)));
    assert!(twice["retry_after_seconds"].as_u64().is_some_and(|seconds| (1..=10).contains(&seconds)), "{twice}");
    assert_eq!(tenant.text("calm", "/").await, "calm");
    let listed = tenant.call(Method::GET, &tenant.path("/eyot/quarantine"), None).await.result();
    assert_eq!(listed["scripts"][0]["script"], "bomb", "{listed}");
    assert_eq!(node.metrics().await.sum("eyot_quarantined_scripts", &[]), 1.0);
    let own = tenant.with_token(&["read", "deploy", "kv"]).await;
    assert_eq!(own.call(Method::GET, &path, None).await.result()["strikes"], 2);
    assert_eq!(own.call(Method::DELETE, &path, None).await.status, 403);
    assert_eq!(tenant.call(Method::DELETE, &path, None).await.result()["lifted"], true);
    assert_eq!(standing().await["strikes"], 0);
    tenant.expect_error("bomb", "/", 503, 1102).await;
    let audit = tenant.call(Method::GET, &tenant.path("/eyot/audit"), None).await.result();
    let actions: Vec<&str> =
        audit.as_array().expect("a list").iter().filter_map(|entry| entry["action"].as_str()).collect();
    assert!(actions.contains(&"quarantine.lift"), "{actions:?}");
    neighbour.finish().await;
}

/// What happens around the moment the image is replaced: a request that runs is answered, a connection that was just made
/// is served, strikes are remembered, a signal still drains.
#[tokio::test]
async fn a_node_that_begins_anew_drops_nothing_it_has_accepted() {
    let node =
        Node::start(Options { config: "[isolates]\nlost_memory_bytes_max = 0\n".to_owned(), ..Options::default() });
    let process = node.pid();
    let tenant = Tenant::create(&node, "anew").await;
    tenant.limit(json!({ "cpu_ms": 20_000, "memory_bytes_max": 32 << 20 })).await;
    tenant.deploy("bomb", Upload::fixture("memory/too-long-array.js")).await;
    tenant.deploy("halves", Upload::fixture("two-halves.js")).await;
    let mut running = tenant.fetch("halves", "/1500").await.expect("an answer");
    running.chunk().await.expect("the first half").expect("not the end");
    let host = format!("halves.{}.localhost", tenant.name);
    let mut silent = TlsSocket::connect(&node, &host).await.expect("connects");
    tenant.expect_error("bomb", "/", 503, 1102).await;
    silent.send(format!("GET /0 HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await;
    let answer = silent.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let mut second_half = Vec::new();
    while let Some(chunk) = running.chunk().await.expect("no break") {
        second_half.extend_from_slice(&chunk);
    }
    assert!(!second_half.is_empty());
    until("the node has begun anew", PATIENCE, async || {
        (node.metrics().await.sum("eyot_lost_memory_bytes", &[]) == 0.0).then_some(())
    })
    .await;
    assert_eq!((node.pid(), node.log().matches(BEGINS_ANEW).count()), (process, 1));
    let path = tenant.path("/workers/scripts/bomb/eyot/quarantine");
    // Connections that idled were closed.
    let fresh = tenant.moved_to(&node);
    assert_eq!(fresh.call(Method::GET, &path, None).await.result()["strikes"], 1);
    assert!(fresh.fetch("halves", "/0").await.expect("an answer").status().is_success());
    node.signal("TERM");
    assert!(node.exit_status().await.success());
}

/// A call into V8 that takes minutes and looks for no termination, because nothing in it is JavaScript: who asked is answered,
/// the script goes on elsewhere, and the node gets its processor back.
#[tokio::test]
async fn a_call_that_does_not_end_costs_its_own_request_only() {
    let node = Node::start(Options::default());
    let process = node.pid();
    let tenant = Tenant::create(&node, "endless").await;
    // Its wall time is not what ends the wait.
    tenant.limit(json!({ "cpu_ms": 1_000, "wall_ms": 600_000 })).await;
    let source = "export default { fetch(request) { \
                  if (!request.url.endsWith('/endless')) return new Response('fine'); \
                  let bound = BigInt; for (let n = 0; n < 1e5; n++) bound = bound.bind(); \
                  return new Response('1'.repeat(1e6).replaceAll('1', bound)); } };";
    tenant.deploy("endless", Upload::of(source)).await;
    tenant.expect_error("endless", "/endless", 503, 1102).await;
    assert_eq!(tenant.text("endless", "/").await, "fine");
    assert!(!node.log().contains(BEGINS_ANEW), "nobody waits for that");
    until("the node has begun anew", PATIENCE.saturating_mul(3), async || {
        node.log().contains(BEGINS_ANEW).then_some(())
    })
    .await;
    // Connections that idled were closed.
    let fresh = tenant.moved_to(&node);
    assert_eq!(fresh.text("endless", "/").await, "fine");
    let path = tenant.path("/workers/scripts/endless/eyot/quarantine");
    assert_eq!(fresh.call(Method::GET, &path, None).await.result()["strikes"], 1);
    assert_eq!(node.pid(), process);
}

/// Writes key after key until it is told to stop; every request on a connection of its own, every one answered.
async fn write_on(writer: usize, tenant: Tenant, kept: Arc<Mutex<Vec<String>>>, stop: Arc<AtomicBool>) {
    let client = unpooled(&tenant.node);
    for number in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let key = format!("w{writer}-{number}");
        let url = tenant.url("put", &format!("/{key}"));
        let response = client.post(url).body(key.clone()).send().await;
        let response = response.unwrap_or_else(|error| panic!("{key}: {error:?}\n{}", tenant.node.log()));
        let status = response.status();
        assert_eq!(status, StatusCode::OK, "{key}: {}", response.text().await.unwrap_or_default());
        kept.lock().push(key);
    }
}

/// Bombs until V8 has given up so often, and lifts what keeps the bombs out.
async fn bomb_on(bomber: usize, tenant: Tenant, scripts: usize, bombs: usize) {
    let client = unpooled(&tenant.node);
    let mut number = bomber;
    while tenant.node.log().matches("parking its thread").count() < bombs {
        let url = tenant.url(&format!("b{}", number % scripts), "/");
        number += 2;
        let response = client.get(url).send().await.unwrap_or_else(|error| panic!("bomb {number}: {error:?}"));
        let code = response.headers()["eyot-error"].to_str().expect("a number").to_owned();
        if code == "1105" {
            let path = format!("{}/client/v4{}", tenant.node.admin, tenant.path("/eyot/quarantine"));
            let lifted = client.delete(path).bearer_auth(&tenant.token).send().await.expect("an answer");
            assert_eq!(lifted.status(), StatusCode::OK);
            continue;
        }
        assert_eq!(code, "1102");
    }
}

/// A client that connects anew for each request.
fn unpooled(node: &Arc<Node>) -> reqwest::Client {
    client_with(node, |builder| builder.http1_only().pool_max_idle_per_host(0))
}

/// What the node's log says when it has lost too much memory.
const BEGINS_ANEW: &str = "draining, to begin anew";

/// What one of these bombs is counted as: its cap and V8's grant.
const BOMB_BYTES: usize = 64 << 20;

/// Small, so that the node begins anew after every few bombs.
const LOST_BYTES_MAX: usize = 4 * BOMB_BYTES;
