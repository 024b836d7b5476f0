//! Promise: what a tenant uses is summed exactly, by script, across restarts; and functions are invoked with a payload.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Node, Options, PATIENCE, Tenant, Upload, until};

async fn usage(tenant: &Tenant) -> Value {
    tenant.call(Method::GET, &tenant.path("/eyot/usage"), None).await.result()
}

/// Counts every kind of use, restarts the node, and uses a little more.
#[tokio::test]
async fn sums_are_exact_and_survive_a_restart() {
    let node = Node::start(Options::default());
    let (tenant, other) = (Tenant::create(&node, "usage").await, Tenant::create(&node, "other").await);
    let namespace = tenant.namespace("used").await;
    let source = "export default { async fetch(request, env) {
        const body = await request.text();
        if (body === 'kv') {
            await env.KV.put('a', '1'); await env.KV.put('b', '2'); await env.KV.get('a'); await env.KV.get('a'); await env.KV.list(); await env.KV.delete('a');
        }
        return new Response('x'.repeat(1000));
    } };";
    tenant.deploy("busy", Upload::of(source).bind_kv(&namespace)).await;
    tenant.deploy("quiet", Upload::of("export default { fetch: () => new Response('12345') };")).await;
    other.deploy("quiet", Upload::of("export default { fetch: () => new Response('') };")).await;
    for body in ["kv", "12345678"] {
        let request = tenant.edge.post(tenant.url("busy", "/")).body(body);
        assert_eq!(request.send().await.expect("answers").text().await.expect("a body").len(), 1_000);
    }
    tenant.text("quiet", "/").await;
    let complete = async || {
        let shown = usage(&tenant).await;
        (shown["requests"] == 3 && shown["bytes_out"] == 2_005).then_some(shown)
    };
    let shown = until("everything is summed", PATIENCE, complete).await;
    let busy = shown["scripts"].as_array().expect("a list").iter().find(|one| one["script"] == "busy").expect("busy");
    for (key, sum) in [
        ("requests", 2),
        ("kv_reads", 2),
        ("kv_writes", 2),
        ("kv_deletes", 1),
        ("kv_lists", 1),
        ("bytes_in", 10),
        ("bytes_out", 2_000),
    ] {
        assert_eq!(busy[key], sum, "{key}: {shown}");
    }
    assert!(busy["cpu_us"].as_u64() > Some(0) && busy["wall_us"].as_u64() >= busy["cpu_us"].as_u64(), "{busy}");
    assert_eq!(busy["mib_us"].as_u64(), busy["wall_us"].as_u64().map(|wall| wall * 128));
    assert!(busy["gib_seconds"].as_f64().is_some_and(|sum| sum > 0.0));
    assert_eq!(usage(&other).await["requests"], 0);
    let reader = other.with_token(&["read"]).await;
    assert_eq!(reader.call(Method::GET, &tenant.path("/eyot/usage"), None).await.status, 404);
    let data = node.data();
    node.signal("TERM");
    node.exit_status().await;
    let node = Node::start(Options { data: Some(data), ..Options::default() });
    let tenant = tenant.moved_to(&node);
    assert_eq!(usage(&tenant).await, shown);
    tenant.text("quiet", "/").await;
    until("one more", PATIENCE, async || (usage(&tenant).await["requests"] == 4).then_some(())).await;
}

/// Uses some time, and then more of memory than V8 gives a script back from, before its client is answered and after: its thread is
/// parked, and what its run was and used is known all the same.
#[tokio::test]
async fn what_an_isolate_used_that_was_lost_is_counted() {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "lost").await;
    tenant.limit(json!({ "cpu_ms": 60_000 })).await;
    tenant.deploy("before", Upload::fixture("memory/too-long-array.js")).await;
    tenant.expect_error("before", "/", 503, 1102).await;
    assert!(node.metrics().await.sum("eyot_lost_memory_bytes", &[]) > 0.0, "V8 gave the thread back");
    let answers = "export default { fetch(request, env, ctx) {
        ctx.waitUntil(scheduler.wait(10).then(() => Array.from({ length: 2 ** 27 })));
        return new Response('answered');
    } };";
    tenant.deploy("after", Upload::of(answers)).await;
    assert_eq!(tenant.text("after", "/").await, "answered");
    for script in ["before", "after"] {
        node.expect_outcomes(script, "exceededMemory", 1).await;
    }
    let shown = usage(&tenant).await;
    for script in shown["scripts"].as_array().expect("a list") {
        assert!(script["requests"] == 1 && script["cpu_us"].as_u64() > Some(10_000), "{shown}");
    }
}

/// A Lambda and an action with raw payloads; what cannot be invoked, and what fails.
#[tokio::test]
async fn a_function_is_invoked_with_its_payload() {
    let tenant = Tenant::create(&Node::shared(), "invoke").await;
    let source = "exports.handler = async (event, context) => {
        if (event?.spin) for (;;);
        if (event?.fail) throw new Error('secret');
        return { got: event, name: context.functionName };
    };";
    tenant.deploy("lambda", Upload::modules("index.js").with("index.js", "application/javascript", source)).await;
    tenant
        .deploy("action", Upload::service_worker("function main(params) { return { sum: params.a + params.b }; }"))
        .await;
    tenant.deploy("worker", Upload::of("export default { fetch: () => new Response('x') };")).await;
    let invoke = async |script: &str, payload: Value| {
        let path = tenant.path(&format!("/workers/scripts/{script}/eyot/invoke"));
        tenant.call(Method::POST, &path, Some(payload)).await
    };
    for payload in [json!({ "a": ["\u{2028}", "__proto__"] }), json!("text"), json!(null), json!(7)] {
        let answer = invoke("lambda", payload.clone()).await.result();
        assert_eq!(answer, json!({ "got": payload, "name": "lambda" }));
    }
    assert_eq!(invoke("action", json!({ "a": 1, "b": 2 })).await.result(), json!({ "sum": 3 }));
    assert_eq!(invoke("lambda", json!({ "fail": true })).await.refusal().0, 1101);
    assert_eq!(invoke("lambda", json!({ "spin": true })).await.refusal().0, 1102);
    assert_eq!(invoke("worker", json!({})).await.refusal().0, 1101);
    assert_eq!(invoke("absent", json!({})).await.status, 404);
    let reader = tenant.with_token(&["read"]).await;
    let path = tenant.path("/workers/scripts/lambda/eyot/invoke");
    assert_eq!(reader.call(Method::POST, &path, Some(json!({}))).await.status, 403);
}
