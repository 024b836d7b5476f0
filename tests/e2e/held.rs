//! Promise: a call into V8 that does not look for its end holds its own thread and nobody else: its tenant pays for all of it,
//! gets few such threads and is kept out for more, and a neighbour is answered meanwhile.

use reqwest::Method;
use serde_json::json;

use crate::harness::{Neighbour, Node, Options, PATIENCE, Tenant, Upload, until};

/// Scripts whose one call takes much longer than its budget, all of them at once, again and again.
#[tokio::test]
async fn threads_that_v8_keeps_are_few_and_paid_for() {
    let node = Node::start(Options::default());
    let neighbour = Neighbour::start(&node).await;
    let tenant = Tenant::create(&node, "holds").await;
    tenant.limit(json!({ "cpu_ms": 100, "wall_ms": 120_000 })).await;
    for script in 0..SCRIPTS {
        tenant.deploy(&format!("h{script}"), Upload::fixture("held.js")).await;
    }
    // The first are ended by V8 itself, a long time after their budget.
    for script in 0..2 {
        tenant.expect_error(&format!("h{script}"), "/", 503, 1102).await;
    }
    until("what they used is counted", PATIENCE, async || {
        let shown = tenant.call(Method::GET, &tenant.path("/eyot/usage"), None).await.result();
        let used = shown["scripts"].as_array()?.iter().filter_map(|script| script["cpu_us"].as_u64()).min()?;
        (shown["requests"] == 2 && used >= HELD_US).then_some(())
    })
    .await;
    let path = tenant.path("/eyot/quarantine");
    let standing = tenant.call(Method::GET, &path, None).await.result();
    assert_eq!(standing["scripts"].as_array().map(Vec::len), Some(2), "{standing}");
    // Then many at once: those that run are ended as these were, those that get no thread any more are told to come back.
    let asked = (0..SCRIPTS).map(|script| {
        let tenant = tenant.clone();
        async move { tenant.fetch(&format!("h{script}"), "/").await.expect("an answer").status().as_u16() }
    });
    let statuses = futures::future::join_all(asked).await;
    assert!(statuses.iter().all(|status| *status == 503), "{statuses:?}");
    until("every thread has come back", PATIENCE, async || (node.slot_threads() <= 1).then_some(())).await;
    neighbour.finish().await;
    assert!(node.is_alive());
}

const SCRIPTS: usize = 6;

/// What one call takes at least on any machine, without V8 looking up; the budget is 100 ms.
const HELD_US: u64 = 350_000;
