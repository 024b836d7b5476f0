//! Promise: what was started before anybody asked is as good as what starts when it is wanted: an isolate serves like one of the version's
//! own, and one tenant only; a builder takes one upload only.

use std::fs;
use std::process::Command;
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
            "strings",
            Upload::of(&format!(
                "{fresh} const made = new Function('env', 'return env.TEXT'); export default {{ fetch(_, env) {{ \
                 try {{ return new Response(eval('1')); }} catch {{ return new Response(made(env)); }} }} }};"
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

/// After an upload a builder waits for the next one. The first that waits is killed: the next upload does with another one. A later
/// one is used up.
#[tokio::test]
async fn a_builder_that_waits_is_used_once_or_done_without() {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "builders").await;
    let script = |answer: &str| Upload::of(&format!("export default {{ fetch: () => new Response('{answer}') }};"));
    tenant.deploy("one", script("one")).await;
    let killed = until("a builder waits", PATIENCE, async || builders(&node).first().copied()).await;
    let sent = Command::new("kill").args(["-KILL", &killed.to_string()]).status();
    assert!(sent.expect("kill runs").success(), "kill the builder that waits");
    until("it has ended", PATIENCE, async || (!builders(&node).contains(&killed)).then_some(())).await;
    tenant.deploy("two", script("two")).await;
    assert_eq!(tenant.text("two", "/").await, "two");
    let waits = until("another one waits", PATIENCE, async || builders(&node).first().copied()).await;
    until("an upload uses it", PATIENCE, async || {
        tenant.deploy("three", script("three")).await;
        (!builders(&node).contains(&waits)).then_some(())
    })
    .await;
    assert_eq!(tenant.text("three", "/").await, "three");
}

/// The processes of the node that build, or wait to; not those that have ended and were not asked for their status yet.
fn builders(node: &Node) -> Vec<u32> {
    let processes = fs::read_dir("/proc").expect("processes");
    let pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let parent = node.pid().to_string();
    pids.filter(|pid| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let after_name = stat.rsplit_once(')').map_or("", |(_, after)| after);
        let is_child = after_name.split_whitespace().nth(1) == Some(&parent);
        // What has ended has no command line.
        is_child && fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default().contains("snapshot-builder")
    })
    .collect()
}
