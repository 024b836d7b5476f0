//! Promise: tenants that spin for their whole budget, again and again, leave the others their turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

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

const SPINNING: u32 = 8;

/// What they may cost the ninth, when that is measured.
const P99_TIMES_MAX: f64 = 3.0;
