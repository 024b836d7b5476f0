//! The front door under many clients that want nothing: a node on this machine, measured from outside.
//!
//! Holds idle TLS connections and clients that drip a header, asks for a small answer all the while, and sends resets
//! until it is shown out. Prints one Markdown table. Holds as many as the limit of open files leaves room for, which `make doors`
//! raises if it may.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures::{StreamExt as _, stream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::harness::{Node, Options, Tenant, TlsSocket, Upload};
use crate::http2_frames::Ending;

#[expect(dead_code, unused_imports, reason = "the harness serves the tests first; figures need less of it")]
#[path = "../tests/e2e/harness/mod.rs"]
mod harness;
#[expect(dead_code, reason = "the same")]
#[path = "../tests/e2e/http2_frames.rs"]
mod http2_frames;

#[tokio::main]
async fn main() {
    let node = Node::start(Options { config: CONFIG.to_owned(), ..Options::default() });
    let tenant = Tenant::create(&node, "doors").await;
    tenant.deploy("hello", Upload::of("export default { fetch: () => new Response('hello') };")).await;
    let host = format!("hello.{}.localhost", tenant.name);
    let count = idle_count();
    println!(
        "| the front door, {count} idle TLS connections and {SLOW} slow heads for {} s | |\n|---|---|",
        HELD.as_secs()
    );
    println!("| a small answer before | {} |", ask_for(&tenant, QUIET).await);
    let (before, opened) = (node.resident_bytes(), Instant::now());
    let connect = |_| {
        let (node, host) = (node.clone(), host.clone());
        async move { TlsSocket::connect(&node, &host).await.expect("shakes hands") }
    };
    let idle: Vec<TlsSocket> = stream::iter(0..count).map(connect).buffer_unordered(AT_ONCE).collect().await;
    println!("| opening them | {:.1} s |", opened.elapsed().as_secs_f64());
    let each = (node.resident_bytes() - before) as f64 / count as f64 / 1024.0;
    println!("| resident memory of one | {each:.1} KiB |");
    let stop = Arc::new(AtomicBool::new(false));
    let mut slow = JoinSet::new();
    for _ in 0..SLOW {
        slow.spawn(drip(node.clone(), host.clone(), stop.clone()));
    }
    println!("| a small answer meanwhile | {} |", ask_for(&tenant, HELD).await);
    stop.store(true, Ordering::Relaxed);
    let dropped: u32 = slow.join_all().await.into_iter().sum();
    println!("| slow heads dropped at `head_seconds` | {dropped} |");
    drop(idle);
    println!("| {RESETS} HTTP/2 requests, each reset at once: closed after | {} |", reset(&node, &host).await);
    assert!(node.is_alive(), "{}", node.log());
}

/// What both processes can hold: one file for each connection, and some beside.
fn idle_count() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").expect("the limits");
    let open = limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next());
    let open: usize = open.and_then(|open| open.parse().ok()).expect("a number");
    open.saturating_sub(SLOW + SPARE_FILES).min(IDLE_MAX)
}

/// Latencies of requests one after the other on one connection for so long.
async fn ask_for(tenant: &Tenant, time: Duration) -> String {
    let (started, mut times) = (Instant::now(), Vec::new());
    while started.elapsed() < time {
        let asked = Instant::now();
        assert_eq!(tenant.text("hello", "/").await, "hello");
        times.push(asked.elapsed().as_secs_f64() * 1e3);
        sleep(PAUSE).await;
    }
    times.sort_by(f64::total_cmp);
    let at = |percent: usize| times[(times.len() - 1) * percent / 100];
    format!("p50 {:.2} ms, p99 {:.2} ms", at(50), at(99))
}

/// Sends a head byte by byte, and begins anew when it is dropped; tells how often it was.
async fn drip(node: Arc<Node>, host: String, stop: Arc<AtomicBool>) -> u32 {
    let mut dropped = 0;
    while !stop.load(Ordering::Relaxed) {
        let mut socket = TlsSocket::connect(&node, &host).await.expect("shakes hands");
        let mut bytes = b"GET / HTTP/1.1\r\nx: ".iter().chain(std::iter::repeat(&b'y'));
        while !stop.load(Ordering::Relaxed) {
            if socket.try_send(&[*bytes.next().expect("is endless")]).await.is_err() {
                dropped += 1;
                break;
            }
            sleep(DRIP).await;
        }
    }
    dropped
}

/// Opens streams and takes them back until the node has had enough.
async fn reset(node: &Arc<Node>, host: &str) -> String {
    let mut socket = TlsSocket::connect_with(node, host, b"h2").await.expect("shakes hands");
    socket.send(&http2_frames::opening()).await;
    let mut resets = http2_frames::Resets::new(host);
    let (started, mut sent) = (Instant::now(), 0);
    while sent < RESETS && socket.try_send(&resets.next(1_000)).await.is_ok() {
        sent += 1_000;
    }
    assert_eq!(http2_frames::ending(&mut socket).await, Ending::Connection);
    format!("{:.0} ms, {sent} sent", started.elapsed().as_secs_f64() * 1e3)
}

const CONFIG: &str = "[edge]\nconnections_max = 40000\nconnections_per_address_max = 40000\nidle_seconds = 600\n";
const IDLE_MAX: usize = 20_000;
const SPARE_FILES: usize = 300;
const SLOW: usize = 500;
const RESETS: u32 = 100_000;
const AT_ONCE: usize = 64;
const QUIET: Duration = Duration::from_secs(10);
const HELD: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(5);
const DRIP: Duration = Duration::from_secs(1);
