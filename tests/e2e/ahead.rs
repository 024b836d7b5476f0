//! Promise: an isolate that was started before anybody asked serves like one of the version's own, and one tenant only.

use std::sync::Arc;

use serde_json::json;

use crate::harness::{Node, Options, PATIENCE, Tenant, Upload, until};

/// Scripts of all forms, each asked cold on a node that keeps isolates ready: each finds a fresh global object and its
/// own bindings.
#[tokio::test]
async fn what_is_started_ahead_serves_every_form() {
    let node = ready_node().await;
    let tenant = Tenant::create(&node, "ahead").await;
    let text = |text: &str| json!({ "name": "TEXT", "type": "plain_text", "text": text });
    let fresh = "if (globalThis.mark !== undefined) throw new Error('met another'); globalThis.mark = 1;";
    let scripts = [
        ("modules", Upload::of(&format!("{fresh} export default {{ fetch: (_, env) => new Response(env.TEXT) }};"))),
        (
            "imported",
            Upload::of(&format!(
                "import {{ env }} from 'cloudflare:workers'; {fresh} const at = env.TEXT; \
                 export default {{ fetch: () => new Response(at) }};"
            )),
        ),
        (
            "registry",
            Upload::of(&format!(
                "{fresh} const kept = {{}}; new FinalizationRegistry(() => {{}}).register(kept, 0); \
                 export default {{ fetch: (_, env) => new Response(env.TEXT) }};"
            )),
        ),
        (
            "streams",
            Upload::of(&format!(
                "{fresh} export default {{ fetch: (_, env) => new Response(new Blob([env.TEXT]).stream()) }};"
            )),
        ),
        (
            "listener",
            Upload::service_worker(&format!(
                "{fresh} const early = TEXT; addEventListener('fetch', (event) => event.respondWith(new Response(early)));"
            )),
        ),
    ];
    for (name, upload) in scripts {
        for turn in ["first", "second"] {
            let before = taken(&node).await;
            ready(&node).await;
            tenant.deploy(name, upload.clone().bind(text(turn))).await;
            assert_eq!(tenant.text(name, "/").await, turn, "{name}");
            assert_eq!(tenant.text(name, "/").await, turn, "{name}, warm");
            assert_eq!(taken(&node).await, before + 1.0, "{name} was given an isolate that waited");
        }
    }
}

/// Breaks the limits on isolates that were started ahead, and starts where none of them fits.
#[tokio::test]
async fn limits_hold_on_what_is_started_ahead() {
    let node = ready_node().await;
    let tenant = Tenant::create(&node, "bounds").await;
    let before = taken(&node).await;
    tenant.deploy("spin", Upload::of("export default { fetch() { for (;;); } };")).await;
    tenant.expect_error("spin", "/", 503, 1102).await;
    ready(&node).await;
    let grow =
        "export default { fetch() { const kept = []; for (;;) kept.push(new Array(1000).fill(kept.length)); } };";
    tenant.limit(json!({ "cpu_ms": 30_000 })).await;
    tenant.deploy("grow", Upload::of(grow)).await;
    tenant.expect_error("grow", "/", 503, 1102).await;
    assert_eq!(taken(&node).await, before + 2.0);
    node.expect_outcomes("spin", "exceededCpu", 1).await;
    node.expect_outcomes("grow", "exceededMemory", 1).await;

    tenant.limit(json!({ "memory_bytes_max": 64 << 20 })).await;
    ready(&node).await;
    tenant.deploy("small", Upload::of("export default { fetch: () => new Response('small') };")).await;
    assert_eq!(tenant.text("small", "/").await, "small");
    assert_eq!(taken(&node).await, before + 2.0, "one that may hold more than the tenant is not given to it");
}

/// A node that has started as many isolates as it takes to keep some ready.
async fn ready_node() -> Arc<Node> {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "early").await;
    for number in 0..STARTS_BEFORE {
        let name = format!("early{number}");
        let upload = Upload::of(&format!("export default {{ fetch: () => new Response('{number}') }};"));
        tenant.deploy(&name, upload).await;
        assert_eq!(tenant.text(&name, "/").await, number.to_string());
    }
    ready(&node).await;
    node
}

/// Waits until an isolate waits.
async fn ready(node: &Arc<Node>) {
    until("an isolate waits", PATIENCE, async || {
        (node.metrics().await.sum("eyot_isolates_ahead", &[]) >= 1.0).then_some(())
    })
    .await;
}

async fn taken(node: &Arc<Node>) -> f64 {
    node.metrics().await.sum("eyot_isolates_ahead_taken", &[])
}

/// Isolates a node starts before it keeps any ready.
const STARTS_BEFORE: usize = 8;
