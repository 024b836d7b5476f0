//! Promise: no call of a built-in outlives its budget for long, and those that we have wrapped for it are what they were.

use std::process::Command;
use std::sync::Arc;

use serde_json::json;

use crate::harness::{AMPLE_WALL_MS, Node, Options, Tenant, Upload, pinned_node, repository};

/// Each of the fixture's calls, by a tenant of its own for some of them at a time: none may be told apart as a nuisance.
#[tokio::test]
async fn endless_calls_of_built_ins_end_with_the_budget() {
    let node = Node::start(Options::default());
    let names = names(&node).await;
    assert!(names.len() >= 80, "{names:?}");
    for some in names.chunks(CALLS_EACH) {
        let tenant = Tenant::create(&node, "endless").await;
        tenant.deploy("endless", Upload::fixture("built-ins/endless.js")).await;
        for name in some {
            let response =
                tenant.fetch("endless", &format!("/{name}")).await.unwrap_or_else(|error| panic!("{name}: {error}"));
            let status = response.status().as_u16();
            let text = response.text().await.unwrap_or_default();
            assert_eq!((status, text.trim_end()), (503, "error code: 1102"), "{name}");
        }
    }
}

/// Names, lengths, attributes and errors, as a script sees them.
#[tokio::test]
async fn wrapped_built_ins_look_native() {
    let tenant = Tenant::create(&Node::shared(), "looks").await;
    tenant.limit(json!({ "cpu_ms": 10_000, "wall_ms": AMPLE_WALL_MS })).await;
    let deployed = tenant.deploy("looks", Upload::fixture("built-ins/looks.js")).await;
    assert_eq!(deployed["eyot"]["start"], "snapshot", "{deployed}");
    assert_eq!(tenant.text("looks", "/").await, "[]");
}

/// Some thousand random calls, with proxies that note what they are asked, against Node's own methods.
#[test]
fn array_methods_ask_and_answer_as_the_native_ones() {
    let folder = repository();
    let output = Command::new(pinned_node())
        .arg(folder.join("tests/fixtures/built-ins/array-steps.mjs"))
        .arg(&folder)
        .output()
        .expect("Node starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
}

async fn names(node: &Arc<Node>) -> Vec<String> {
    let tenant = Tenant::create(node, "names").await;
    tenant.deploy("endless", Upload::fixture("built-ins/endless.js")).await;
    serde_json::from_str(&tenant.text("endless", "/").await).expect("a list of names")
}

/// How many calls one tenant makes.
const CALLS_EACH: usize = 8;
