//! Promise: of many requests in one isolate, each pays for its own CPU time, and the one that spins is the one that ends.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::harness::{Node, Options, PATIENCE, Tenant, Upload, expect_error, until};

/// Ninety-nine wait by timer or for a subrequest that is held back, one spins: it ends, and they are asked again elsewhere.
#[tokio::test]
async fn of_a_hundred_requests_in_one_isolate_the_one_that_spins_is_ended() {
    let config = "[egress]\nallow = [\"127.0.0.3/32\"]\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let tenant = crowd(&node, json!({ "isolates_per_script_max": 1 })).await;
    let upstream = Upstream::start().await;
    let waits = Upload::fixture("crowd.js");
    tenant.deploy("timers", waits).await;
    let fetches = Upload::fixture("crowd.js");
    let url = json!({ "name": "UPSTREAM", "type": "plain_text", "text": format!("http://{}/", upstream.address) });
    tenant.deploy("fetches", fetches.bind(url)).await;
    for script in ["timers", "fetches"] {
        upstream.hold();
        let innocents = ask_all(&tenant, script, (0..99).map(|id| format!("/id{id}?wait=1500")));
        if script == "fetches" {
            until("all wait for the upstream", PATIENCE, async || (upstream.waiting() >= 99).then_some(())).await;
        }
        tenant.expect_error(script, "/at-once?after=100", 503, 1102).await;
        upstream.release();
        let mut right = 0;
        for (path, response, took) in innocents.join_all().await {
            assert!(took < WALL, "{path}: {took:?}");
            if response.status() != 200 {
                expect_error(response, 503, 1105).await;
                continue;
            }
            let wanted = path[1..path.find('?').expect("a query")].to_owned();
            let text = response.text().await.expect("a body");
            assert!(text.starts_with(&format!("{wanted} ")), "{path}: {text}");
            right += 1;
        }
        assert!(right >= 95, "{script}: {right} right answers");
        node.expect_outcomes(script, "exceededCpu", 1).await;
        node.expect_outcomes(script, "ok", right).await;
    }
    assert!(node.metrics().await.sum("eyot_requests_repeated_total", &[]) >= 1.0);
}

/// The same with requests that may change something: each is answered or told to come again, and none is run twice.
#[tokio::test]
async fn what_is_not_safe_to_repeat_is_told_to_come_again() {
    let tenant = crowd(&Node::shared(), json!({ "isolates_per_script_max": 1 })).await;
    tenant.deploy("posts", Upload::fixture("crowd.js")).await;
    let mut posts = JoinSet::new();
    for id in 0..20 {
        let request = tenant.edge.post(tenant.url("posts", &format!("/id{id}?wait=20000")));
        posts.spawn(async move { request.send().await.expect("an answer") });
    }
    tenant.expect_error("posts", "/at-once?after=500", 503, 1102).await;
    for response in posts.join_all().await {
        // One that was still on its way got a fresh isolate.
        if response.status() != 200 {
            expect_error(response, 503, 1105).await;
        }
    }
}

/// Spins in parts far shorter than the watchdog's tick, between timers, while others wait: the parts add up.
#[tokio::test]
async fn a_budget_is_used_up_in_small_parts_by_the_one_who_uses_it() {
    let tenant = crowd(&Node::shared(), json!({ "isolates_per_script_max": 1 })).await;
    tenant.deploy("slices", Upload::fixture("crowd.js")).await;
    let innocents = ask_all(&tenant, "slices", (0..20).map(|id| format!("/id{id}?wait=100")));
    tenant.expect_error("slices", "/slices", 503, 1102).await;
    for (path, response, _) in innocents.join_all().await {
        assert_eq!(response.status(), 200, "{path}");
    }
    tenant.node.expect_outcomes("slices", "exceededCpu", 1).await;
}

/// Twenty-one continue in the same turn of the event loop, and one of them computes without end.
#[tokio::test]
async fn promise_jobs_of_one_turn_are_each_charged_to_their_own_request() {
    let tenant = crowd(&Node::shared(), json!({ "isolates_per_script_max": 1 })).await;
    tenant.deploy("shared", Upload::fixture("crowd.js")).await;
    let mut waiting = ask_all(&tenant, "shared", (0..20).map(|_| "/shared?units=1".to_owned()));
    let guilty = ask_all(&tenant, "shared", ["/shared?units=1000000".to_owned()]);
    let mut statuses = Vec::new();
    until("all are through", PATIENCE, async || {
        // The gate of a fresh isolate is closed.
        assert_eq!(tenant.text("shared", "/open").await, "opened");
        while let Some(ended) = waiting.try_join_next() {
            statuses.push(ended.expect("no panic").1.status());
        }
        (statuses.len() == 20).then_some(())
    })
    .await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    for (_, response, _) in guilty.join_all().await {
        expect_error(response, 503, 1102).await;
    }
}

/// Forty requests interleaved in one isolate; what they are charged is what its thread has used. The node's own work for them is
/// nobody's, and the same whatever they compute: forty that compute little are taken off.
#[tokio::test]
async fn what_requests_are_charged_is_what_their_thread_used() {
    let node = Node::start(Options::default());
    let tenant = crowd(&node, json!({ "isolates_per_script_max": 1, "cpu_ms": 30_000 })).await;
    tenant.deploy("burn", Upload::fixture("crowd.js")).await;
    // V8 compiles it on other threads, which is charged too.
    burn(&tenant, 4, 400).await;
    let (little_charged, little_used) = burn(&tenant, 40, 20).await;
    let (much_charged, much_used) = burn(&tenant, 40, 400).await;
    let (charged, used) = (much_charged - little_charged, much_used - little_used);
    assert!(used > 0.4, "the thread used {used} s only, too little to compare");
    assert!((charged - used).abs() <= used / 100.0, "charged {charged} s, used {used} s");
}

/// Has so many requests compute at once; gives what they were charged and what the slots' threads used, in seconds.
async fn burn(tenant: &Tenant, count: u32, units: u32) -> (f64, f64) {
    let charged = async || {
        let metrics = tenant.node.metrics().await;
        let of = |name: &str| metrics.sum(&format!("eyot_request_cpu_seconds_{name}"), &[]);
        (of("count"), of("sum"))
    };
    let ((counted_before, charged_before), used_before) = (charged().await, slot_seconds(&tenant.node));
    let asked = ask_all(tenant, "burn", (0..count).map(|_| format!("/burn?units={units}")));
    // It keeps the thread, whose isolate may have to go on a node without privileges.
    let _waiting = ask_all(tenant, "burn", ["/kept?wait=600000".to_owned()]);
    for (path, response, _) in asked.join_all().await {
        assert_eq!(response.status(), 200, "{path}");
    }
    let charged = until("all are counted", PATIENCE, async || {
        let (counted, charged) = charged().await;
        (counted == counted_before + f64::from(count)).then_some(charged)
    })
    .await;
    (charged - charged_before, slot_seconds(&tenant.node) - used_before)
}

/// CPU time of the slots' threads, by the scheduler's own count in nanoseconds.
fn slot_seconds(node: &Node) -> f64 {
    let tasks = fs::read_dir(format!("/proc/{}/task", node.pid())).expect("the node lives");
    let paths = tasks.map(|task| task.expect("a thread").path());
    let slots =
        paths.filter(|path| fs::read_to_string(path.join("comm")).is_ok_and(|name| name.starts_with("eyot-slot")));
    let nanoseconds = slots.map(|path| {
        let counts = fs::read_to_string(path.join("schedstat")).expect("the kernel counts");
        counts.split(' ').next().and_then(|count| count.parse::<f64>().ok()).expect("a number")
    });
    nanoseconds.sum::<f64>() / 1e9
}

async fn crowd(node: &Arc<Node>, limits: serde_json::Value) -> Tenant {
    let tenant = Tenant::create(node, "crowd").await;
    tenant.limit(limits).await;
    tenant
}

type Asked = JoinSet<(String, reqwest::Response, Duration)>;

/// Asks for all at once.
fn ask_all(tenant: &Tenant, script: &str, paths: impl IntoIterator<Item = String>) -> Asked {
    let mut asked = JoinSet::new();
    for path in paths {
        let (tenant, script) = (tenant.clone(), script.to_owned());
        asked.spawn(async move {
            let began = Instant::now();
            let response = tenant.fetch(&script, &path).await.unwrap_or_else(|error| panic!("{path}: {error:?}"));
            (path, response, began.elapsed())
        });
    }
    asked
}

/// An upstream that answers when it is told to.
struct Upstream {
    address: std::net::SocketAddr,
    waiting: Arc<AtomicUsize>,
    held: watch::Sender<bool>,
}

impl Upstream {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.3:0").await.expect("binds");
        let address = listener.local_addr().expect("an address");
        let (held, _) = watch::channel(false);
        let waiting = Arc::new(AtomicUsize::new(0));
        let (gate, count) = (held.clone(), waiting.clone());
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let (mut gate, count) = (gate.subscribe(), count.clone());
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    let read = socket.read(&mut request).await.unwrap_or(0);
                    assert!(read < request.len(), "a small request");
                    count.fetch_add(1, Ordering::SeqCst);
                    // Gone when the test has ended.
                    let _ = gate.wait_for(|held| !held).await;
                    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nupstream";
                    // The node may have left.
                    let _ = socket.write_all(answer.as_bytes()).await;
                });
            }
        });
        Self { address, waiting, held }
    }

    fn hold(&self) {
        self.held.send_replace(true);
    }

    fn release(&self) {
        self.held.send_replace(false);
    }

    fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }
}

/// The wall time of the contract, and some for the machine.
const WALL: Duration = Duration::from_secs(32);
