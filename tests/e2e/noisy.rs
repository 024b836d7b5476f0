//! Promise: tenants that spin for their whole budget, again and again, leave the others their turn, and what they hold is given
//! back although they come last.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use eyot::limits::WayBack;
use serde_json::json;
use tokio::task::JoinSet;

use crate::harness::{Neighbour, Node, Options, PATIENCE, Tenant, Upload, measuring, publish, until};

/// Eight such tenants on what cores there are, each asked again as soon as it was ended; the ninth answers at once.
/// `make noisy` measures the ninth on a release build and writes the table of the README.
#[tokio::test]
async fn eight_spinning_tenants_do_not_starve_the_ninth() {
    let node = Node::start(Options::default());
    let ninth = Neighbour::start(&node).await;
    let answers = if measuring() { 5_000 } else { 100 };
    ninth.answers(answers).await;
    let quiet = ninth.take_latencies();
    let stop = Arc::new(AtomicBool::new(false));
    let ended = Arc::new(AtomicU32::new(0));
    let mut spinning = JoinSet::new();
    for _ in 0..SPINNING {
        let tenant = Tenant::create(&node, "spins").await;
        tenant.deploy("spin", Upload::fixture("cpu/spin.js")).await;
        let (stop, ended) = (stop.clone(), ended.clone());
        spinning.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                tenant.expect_error("spin", "/", 503, 1102).await;
                ended.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    until("all of them spin", PATIENCE, async || (ended.load(Ordering::Relaxed) >= SPINNING).then_some(())).await;
    let _ = ninth.take_latencies();
    let before = ended.load(Ordering::Relaxed);
    ninth.answers(answers).await;
    let noisy = ninth.take_latencies();
    until("they spin on", PATIENCE, async || (ended.load(Ordering::Relaxed) > before + SPINNING).then_some(())).await;
    stop.store(true, Ordering::Relaxed);
    spinning.join_all().await;
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let times = noisy.percentile_ms(99) / quiet.percentile_ms(99);
    publish(
        "noisy",
        &format!(
            "| eight tenants that spin, {cores} cores | the ninth: p50 / p99, ms |\n|---|---|\n| quiet | {quiet} |\n\
             | noisy | {noisy} |\n| p99 to quiet | {times:.2} |\n"
        ),
    );
    ninth.finish().await;
    assert!(node.is_alive());
    assert!(!measuring() || times < P99_TIMES_MAX, "the ninth's p99 is {times:.2} times its quiet one");
}

/// One tenant's uploads that wait for each other, each building for its whole start-up budget: another's is not behind them.
#[tokio::test]
async fn many_uploads_of_one_tenant_do_not_keep_anothers_waiting() {
    let node = Node::start(Options::default());
    let other = Tenant::create(&node, "waits").await;
    let busy = Tenant::create(&node, "uploads").await;
    let built = Arc::new(AtomicU32::new(0));
    let mut uploading = JoinSet::new();
    for number in 0..UPLOADS {
        let (busy, built) = (busy.clone(), built.clone());
        uploading.spawn(async move {
            let reply = busy.upload(&format!("spins{number}"), Upload::of("for (;;);")).await;
            assert_eq!(reply.refusal().0, 10021, "{:?}", reply.body);
            built.fetch_add(1, Ordering::SeqCst);
        });
    }
    until("one of them is built", PATIENCE, async || (built.load(Ordering::SeqCst) > 0).then_some(())).await;
    other.deploy("hello", Upload::of("export default { fetch() { return new Response('hello'); } };")).await;
    let before = built.load(Ordering::SeqCst);
    assert!(before < UPLOADS - 1, "{before} of {UPLOADS} were before it");
    uploading.join_all().await;
}

/// Eight tenants that go in and out of the same host functions as the ninth until their budget is over, so that their threads
/// are put behind the others in the middle of one, again and again: whatever they hold then, the ninth gets it.
#[tokio::test]
async fn what_a_thread_behind_the_others_holds_is_given_back() {
    let node = Node::start(Options::default());
    let ninth = Neighbour::start(&node).await;
    let sharing = Tenant::create(&node, "shares").await;
    sharing.limit(json!({ "cpu_ms": 30_000 })).await;
    let script = Upload::fixture("noisy/host-functions.js").bind_kv(&sharing.namespace("shared").await);
    sharing.deploy("shares", script).await;
    let mut spinning = JoinSet::new();
    for _ in 0..SPINNING {
        let tenant = Tenant::create(&node, "spins").await;
        let namespace = tenant.namespace("own").await;
        tenant.deploy("spin", Upload::fixture("noisy/host-functions.js").bind_kv(&namespace)).await;
        spinning.spawn(async move {
            for _ in 0..ROUNDS {
                tenant.expect_error("spin", "/for-ever", 503, 1102).await;
            }
        });
    }
    while !spinning.is_empty() {
        assert_eq!(sharing.text("shares", "/").await, "done");
        while let Some(ended) = spinning.try_join_next() {
            ended.expect("ends as it should");
        }
    }
    ninth.finish().await;
}

/// A script that computes for longer than a thread may before it is put behind the others, on a node that may take it back
/// and on one that may not: the first goes on with the same isolate, the second with another one, and both answer rightly.
#[tokio::test]
async fn who_computes_for_long_goes_on_with_the_same_isolate_or_with_another() {
    for way in [WayBack::of_this_process(), WayBack::Closed] {
        let node = Node::start(Options { unprivileged: way == WayBack::Closed, ..Options::default() });
        let tenant = Tenant::create(&node, "heavy").await;
        tenant.limit(json!({ "cpu_ms": 30_000 })).await;
        tenant.deploy("heavy", Upload::fixture("noisy/long.js")).await;
        assert_eq!(tenant.text("heavy", "/").await, "1");
        assert_eq!(tenant.text("heavy", "/").await, "2");
        assert_eq!(tenant.text("heavy", "/long").await, "3");
        let expected = if way == WayBack::Open { "4" } else { "1" };
        until("the next isolate answers", PATIENCE, async || {
            let next = tenant.text("heavy", "/").await;
            // An isolate that is about to go may take one more.
            (next == expected || way == WayBack::Open).then(|| assert_eq!(next, expected))
        })
        .await;
        assert!(node.is_alive());
    }
}

/// A script that was ended for its CPU time: the thread of its next isolate is behind the others before it has computed, and
/// up again when it has answered often enough.
#[tokio::test]
async fn who_was_over_its_cpu_time_begins_behind_the_others() {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "again").await;
    tenant.deploy("again", Upload::of(SPINS_WHEN_ASKED)).await;
    assert_eq!(tenant.text("again", "/").await, "ok");
    assert!(!is_last_slot_behind(&node));
    // The first may be answered before it is noted.
    for _ in 0..2 {
        tenant.expect_error("again", "/spin", 503, 1102).await;
    }
    assert_eq!(tenant.text("again", "/").await, "ok");
    assert_eq!(is_last_slot_behind(&node), WayBack::of_this_process() == WayBack::Open);
    until("it is up again", PATIENCE, async || {
        assert_eq!(tenant.text("again", "/").await, "ok");
        (!is_last_slot_behind(&node)).then_some(())
    })
    .await;
    assert_eq!(node.metrics().await.sum("eyot_isolate_starts_total", &[]), 3.0, "the same isolate stepped up");
}

/// Whether the thread of the slot that was started last comes after the main one.
fn is_last_slot_behind(node: &Node) -> bool {
    let of = |path: &Path| {
        let stat = fs::read_to_string(path.join("stat")).expect("a thread that lives");
        let (_, fields) = stat.rsplit_once(')').expect("a name in parentheses");
        fields.split_whitespace().nth(NICE_FIELD).and_then(|nice| nice.parse::<i32>().ok()).expect("a number")
    };
    let tasks = PathBuf::from(format!("/proc/{}/task", node.pid()));
    let slots = fs::read_dir(&tasks).expect("the node lives").filter_map(|task| {
        let path = task.expect("a thread").path();
        let name = fs::read_to_string(path.join("comm")).ok()?;
        Some((name.trim().strip_prefix("eyot-slot-")?.parse::<u64>().ok()?, path))
    });
    let (_, last) = slots.max().expect("a slot");
    of(&last) > of(&tasks.join(node.pid().to_string()))
}

/// Requests that compute a little each, many at once, on a node that may not take a thread back from behind the others: all are
/// answered, and they do not have an isolate each.
#[tokio::test]
async fn many_who_compute_a_little_are_all_answered_without_privileges() {
    let node = Node::start(Options { unprivileged: true, ..Options::default() });
    let tenant = Tenant::create(&node, "little").await;
    tenant.limit(json!({ "cpu_ms": 30_000 })).await;
    tenant.deploy("little", Upload::fixture("noisy/long.js")).await;
    for _ in 0..LITTLE_ROUNDS {
        let asked = (0..LITTLE_AT_ONCE).map(|_| tenant.fetch("little", "/little"));
        for response in futures::future::join_all(asked).await {
            assert_eq!(response.expect("an answer").status(), 200);
        }
    }
    let starts = node.metrics().await.sum("eyot_isolate_starts_total", &[]);
    assert!(starts < f64::from(LITTLE_ROUNDS * LITTLE_AT_ONCE) / 2.0, "{starts} isolates");
}

const SPINS_WHEN_ASKED: &str =
    "export default { fetch(request) { while (request.url.endsWith('/spin')); return new Response('ok'); } };";

/// Where the nice value is behind a thread's name in <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>.
const NICE_FIELD: usize = 16;

/// Crowds, one after the other.
const LITTLE_ROUNDS: u32 = 2;

/// Requests in each.
const LITTLE_AT_ONCE: u32 = 40;

const SPINNING: u32 = 8;

/// How often each of them is ended.
const ROUNDS: u32 = 6;

/// What they may cost the ninth, when that is measured.
const P99_TIMES_MAX: f64 = 3.0;

/// Uploads at once of one tenant, in its hands for a second each.
const UPLOADS: u32 = 8;
