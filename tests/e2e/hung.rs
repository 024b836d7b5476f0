//! Promise: no request waits for ever. One that nothing can settle ends at once, one that something could at its time.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{Node, Tenant, Upload};

/// Promises that nothing will ever settle, against the default wall time of 30 seconds.
#[tokio::test]
async fn what_can_never_answer_ends_at_once() {
    let tenant = Tenant::create(&Node::shared(), "never").await;
    tenant.deploy("never", Upload::fixture("hung.js")).await;
    for path in ["/never", "/await-never", "/stream-never"] {
        let asked = Instant::now();
        tenant.expect_error("never", path, 500, 1101).await;
        assert!(asked.elapsed() < Duration::from_secs(25), "{path} took {:?}", asked.elapsed());
    }
    assert_eq!(tenant.text("never", "/").await, "ok");
    tenant.node.expect_outcomes("never", "exception", 3).await;
}

/// A timer that would fire in ten minutes, with a wall time the script lowered itself.
#[tokio::test]
async fn what_could_answer_gets_its_wall_time() {
    let tenant = Tenant::create(&Node::shared(), "wall").await;
    tenant.deploy("wall", Upload::fixture("hung.js").set("limits", json!({ "wall_ms": 300 }))).await;
    let asked = Instant::now();
    tenant.expect_error("wall", "/timer", 503, 1102).await;
    assert!(asked.elapsed() >= Duration::from_millis(300), "took {:?}", asked.elapsed());
    assert!(asked.elapsed() < Duration::from_secs(25), "took {:?}", asked.elapsed());
    tenant.node.expect_outcomes("wall", "exceededWallTime", 1).await;
    assert_eq!(tenant.text("wall", "/").await, "ok");
}
