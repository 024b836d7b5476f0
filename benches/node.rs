//! The figures of the README: a release node on this machine, measured from outside through its front doors.
//!
//! Prints one Markdown table. Load and node share the machine, so throughput is a floor; CPU per request is the node's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::harness::{Node, Options, Tenant, TlsSocket, Upload, client_with};

#[expect(dead_code, unused_imports, reason = "the harness serves the tests first; figures need less of it")]
#[path = "../tests/e2e/harness/mod.rs"]
mod harness;

#[tokio::main]
async fn main() {
    println!("Eyot {} {}, by `make bench`:\n", env!("CARGO_PKG_VERSION"), machine());
    println!("| what | p50 | p99 | note |\n|---|---|---|---|");
    let node = Node::start(Options::default());
    let snapshot = starts(&node, "snapshot", "").await;
    let plain = starts(&node, "plain", "new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));").await;
    row(
        "cold start from the version's snapshot, request to first byte",
        &snapshot.cold,
        "connection open, isolate not",
    );
    row("cold start by evaluating the script (plain)", &plain.cold, "the same script, not snapshotted");
    row("the next request, isolate warm", &snapshot.warm, "one connection, one at a time");
    row("CPU of a request that never ends", &overshoot(&node).await, "budget 50 ms, by the node's own metrics");
    throughput(&node).await;
    memory().await;
}

struct Starts {
    cold: Vec<Duration>,
    warm: Vec<Duration>,
}

/// First and second request to many scripts, each over a connection that is open already.
async fn starts(node: &Arc<Node>, label: &str, top_level: &str) -> Starts {
    let tenant = Tenant::create(node, label).await;
    let mut starts = Starts { cold: Vec::new(), warm: Vec::new() };
    for number in 0..STARTS {
        let script = format!("s{number}");
        let source = format!("{top_level}\nexport default {{ fetch: () => new Response('answer {number}') }};");
        let result = tenant.deploy(&script, Upload::of(&source)).await;
        assert_eq!(result["eyot"]["start"], label, "{result}");
        let host = format!("{script}.{}.localhost", tenant.name);
        let mut socket = TlsSocket::connect(node, &host).await.expect("connects");
        let mut ask = async || {
            let asked = Instant::now();
            socket.send(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await;
            let answer = socket.read_until("answer").await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            asked.elapsed()
        };
        starts.cold.push(ask().await);
        starts.warm.push(ask().await);
    }
    starts
}

/// What the node charges to requests that spin.
async fn overshoot(node: &Arc<Node>) -> Vec<Duration> {
    let tenant = Tenant::create(node, "spin").await;
    tenant.deploy("spin", Upload::of("export default { fetch() { for (;;); } };")).await;
    let mut charged = Vec::new();
    let mut before = cpu_seconds(node).await;
    for ended in 1..=SPINS {
        tenant.expect_error("spin", "/", 503, 1102).await;
        node.expect_outcomes("spin", "exceededCpu", ended).await;
        let after = cpu_seconds(node).await;
        charged.push(Duration::from_secs_f64(after - before));
        before = after;
    }
    charged
}

async fn cpu_seconds(node: &Arc<Node>) -> f64 {
    node.metrics().await.sum("eyot_request_cpu_seconds_sum", &[])
}

/// A small answer over kept connections, as fast as this machine asks for it.
async fn throughput(node: &Arc<Node>) {
    let tenant = Tenant::create(node, "load").await;
    tenant.deploy("hello", Upload::of("export default { fetch: () => new Response('hello') };")).await;
    for (version, connections) in [("HTTP/1.1", 64), ("HTTP/1.1", 1)] {
        let asked = Arc::new(AtomicU64::new(0));
        let (started, cpu_before) = (Instant::now(), node.cpu_time());
        let load = (0..connections).map(|_| {
            let (asked, url) = (asked.clone(), tenant.url("hello", "/"));
            let http = client_with(node, |builder| builder.http1_only().pool_max_idle_per_host(1));
            tokio::spawn(async move {
                while started.elapsed() < LOAD {
                    let response = http.get(&url).send().await.expect("an answer");
                    assert_eq!(response.text().await.expect("a body"), "hello");
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            })
        });
        for ended in futures::future::join_all(load).await {
            ended.expect("no request fails");
        }
        let count = asked.load(Ordering::Relaxed);
        let per_second = count as f64 / started.elapsed().as_secs_f64();
        let cpu = (node.cpu_time() - cpu_before).as_secs_f64() * 1e6 / count as f64;
        println!(
            "| {version} over TLS, {connections} connections | {per_second:.0}/s | | {cpu:.1} µs of the node's CPU each |"
        );
    }
}

/// Resident memory of a node of its own as its isolates become more.
async fn memory() {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "memory").await;
    let mut at = Vec::new();
    for number in 0..ISOLATES {
        let script = format!("m{number}");
        let source = format!("export default {{ fetch: () => new Response('{number}') }};");
        tenant.deploy(&script, Upload::of(&source)).await;
        tenant.text(&script, "/").await;
        at.push(node.resident_bytes());
    }
    let each = (at[ISOLATES - 1] - at[ISOLATES / 3]) as f64 / (ISOLATES - 1 - ISOLATES / 3) as f64 / 1e6;
    println!("| resident memory of one more live isolate | {each:.2} MB | | its thread and snapshot included |");
}

fn row(what: &str, times: &[Duration], note: &str) {
    let mut sorted = times.to_vec();
    sorted.sort();
    let at = |percent: usize| sorted[(sorted.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    println!("| {what} | {:.2} ms | {:.2} ms | {note} |", at(50), at(99));
}

fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model =
        cpu.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1)).unwrap_or("this machine");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("on {model}, {cores} cores, Linux {}", read("/proc/sys/kernel/osrelease").trim())
}

const STARTS: usize = 200;
const SPINS: usize = 100;
const ISOLATES: usize = 60;
const LOAD: Duration = Duration::from_secs(10);
