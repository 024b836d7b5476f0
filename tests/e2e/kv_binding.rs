//! Promise: KV has the exact signatures, options, limits and error texts of Workers KV.

use std::time::{SystemTime, UNIX_EPOCH};

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Node, Options, PATIENCE, Reply, Tenant, Upload, until};

/// A table of calls and what each gives.
#[tokio::test]
async fn calls_give_what_workers_kv_gives() {
    let tenant = with_kv("semantics").await;
    let missing = json!({ "value": null, "metadata": null, "cacheStatus": null });
    let cases = vec![
        (json!(["get", "absent"]), json!(null)),
        (json!(["getWithMetadata", "absent"]), missing),
        (json!(["put", "text", "v1"]), json!("undefined")),
        (json!(["get", "text"]), json!("v1")),
        (json!(["get", "text", "text"]), json!("v1")),
        (json!(["get", "text", { "type": "arrayBuffer" }]), json!({ "bytes": [118, 49] })),
        (json!(["get", "text", "stream"]), json!({ "stream": "v1" })),
        (json!(["put", "bytes", { "bytes": [0, 255] }]), json!("undefined")),
        (json!(["get", "bytes", "arrayBuffer"]), json!({ "bytes": [0, 255] })),
        (json!(["put", "streamed", { "stream": "from a stream" }]), json!("undefined")),
        (json!(["get", "streamed"]), json!("from a stream")),
        (json!(["put", "json", "{\"a\":1}", { "metadata": { "m": [1] } }]), json!("undefined")),
        (json!(["get", "json", "json"]), json!({ "a": 1 })),
        (
            json!(["getWithMetadata", "json", { "type": "json" }]),
            json!({ "value": { "a": 1 }, "metadata": { "m": [1] }, "cacheStatus": null }),
        ),
        (json!(["get", ["text", "absent"]]), json!({ "map": { "text": "v1", "absent": null } })),
        (json!(["get", ["json"], "json"]), json!({ "map": { "json": { "a": 1 } } })),
        (json!(["put", "text", "v2"]), json!("undefined")),
        (json!(["get", "text"]), json!("v2")),
        (json!(["delete", "text"]), json!("undefined")),
        (json!(["delete", "text"]), json!("undefined")),
        (json!(["get", "text"]), json!(null)),
        (json!(["put", "empty", ""]), json!("undefined")),
        (json!(["get", "empty"]), json!("")),
        (json!(["put", "ä/€ %", "odd"]), json!("undefined")),
        (json!(["get", "ä/€ %"]), json!("odd")),
    ];
    check(&tenant, cases).await;
}

/// A table of wrong calls and what each throws.
#[tokio::test]
async fn wrong_calls_throw_what_workers_kv_throws() {
    let tenant = with_kv("errors").await;
    let long_key = json!({ "length": 513 });
    let too_long = |method: &str| {
        format!("Error: KV {method} failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.")
    };
    let cases = vec![
        (json!(["get", ""]), json!("TypeError: Key name cannot be empty.")),
        (json!(["put", "", "x"]), json!("TypeError: Key name cannot be empty.")),
        (json!(["get", "."]), json!("TypeError: \".\" is not allowed as a key name.")),
        (json!(["delete", ".."]), json!("TypeError: \"..\" is not allowed as a key name.")),
        (json!(["get", long_key]), json!(too_long("GET"))),
        (json!(["put", long_key, "x"]), json!(too_long("PUT"))),
        (json!(["delete", long_key]), json!(too_long("DELETE"))),
        (
            json!(["get", "a", "blob"]),
            json!(
                "TypeError: Unknown response type. Possible types are \"text\", \"arrayBuffer\", \"json\", and \"stream\"."
            ),
        ),
        (
            json!(["put", "a", 7]),
            json!(
                "TypeError: KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values."
            ),
        ),
        (
            json!(["put", "a", "x", { "expirationTtl": 59 }]),
            json!("Error: KV PUT failed: 400 Invalid expiration_ttl of 59. Expiration TTL must be at least 60."),
        ),
        (
            json!(["put", "a", "x", { "expirationTtl": 0 }]),
            json!("Error: KV PUT failed: 400 Invalid expiration_ttl of 0. Please specify integer greater than 0."),
        ),
        (
            json!(["get", "a", { "cacheTtl": 29 }]),
            json!("Error: KV GET failed: 400 Invalid cache_ttl of 29. Cache TTL must be at least 30."),
        ),
        (json!(["get", "a"]), json!(null)),
    ];
    check(&tenant, cases).await;
    let metadata = json!([["put", "a", "x", { "metadata": "m".repeat(1023) }], ["put", "b", "x", { "metadata": "m".repeat(1022) }]]);
    let answer = calls(&tenant, &metadata).await;
    assert_eq!(answer[0], "Error: KV PUT failed: 413 Metadata length of 1025 exceeds limit of 1024.");
    assert_eq!(answer[1], "undefined", "1,024 bytes with the quotes just fit");
}

/// Lists in byte order, by prefix, in pages whose cursor goes on where the last ended.
#[tokio::test]
async fn lists_page_through_every_key_once() {
    let tenant = with_kv("lists").await;
    let mut keys: Vec<String> = (0..25).map(|number| format!("k{number}")).chain(["Z".into(), "é".into()]).collect();
    let puts: Vec<Value> = keys.iter().map(|key| json!(["put", key, "x"])).collect();
    calls(&tenant, &json!(puts)).await;
    keys.sort();
    let mut seen = Vec::new();
    let mut cursor = Value::Null;
    for _ in 0..keys.len() {
        let page = calls(&tenant, &json!([["list", { "limit": 7, "cursor": cursor }]])).await[0].clone();
        seen.extend(
            page["keys"].as_array().expect("keys").iter().map(|key| key["name"].as_str().expect("a name").to_owned()),
        );
        if page["list_complete"] == true {
            assert!(page.get("cursor").is_none(), "{page}");
            break;
        }
        assert!(page["keys"].as_array().is_some_and(|keys| keys.len() <= 7), "{page}");
        cursor = page["cursor"].clone();
    }
    assert_eq!(seen, keys);
    let prefixed = calls(&tenant, &json!([["list", { "prefix": "k1" }]])).await[0].clone();
    assert_eq!(prefixed["keys"].as_array().map(Vec::len), Some(11), "{prefixed}");

    let expiration = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() + 1_000;
    let kept =
        json!([["put", "x", "1", { "expiration": expiration, "metadata": { "a": 1 } }], ["list", { "prefix": "x" }]]);
    let listed = calls(&tenant, &kept).await[1].clone();
    assert_eq!(listed["keys"], json!([{ "name": "x", "expiration": expiration, "metadata": { "a": 1 } }]));
}

/// The largest value just fits, one byte more does not; both through the admin API and the binding.
#[tokio::test]
async fn the_largest_value_just_fits() {
    let tenant = with_kv("large").await;
    tenant.limit(json!({ "cpu_ms": 5_000 })).await;
    let namespace = tenant.namespace("large-values").await;
    let path = tenant.path(&format!("/storage/kv/namespaces/{namespace}/values/k"));
    let put = async |bytes: usize| Reply::of(tenant.request(Method::PUT, &path).body(vec![b'x'; bytes])).await;
    assert_eq!(put(26_214_400).await.status, 200);
    let (_, message) = put(26_214_401).await.refusal();
    assert!(message.contains("26214401") && message.contains("26214400"), "{message}");
    let refused = calls(&tenant, &json!([["put", "k", { "length": 26_214_401 }]])).await;
    assert_eq!(refused[0], "Error: KV PUT failed: 413 Value length of 26214401 exceeds limit of 26214400.");
}

/// What the binding writes the admin API reads, and the other way round.
#[tokio::test]
async fn the_binding_and_the_admin_api_see_the_same_values() {
    let tenant = Tenant::create(&Node::shared(), "same").await;
    let namespace = tenant.namespace("same").await;
    tenant.deploy("kv", Upload::fixture("kv-calls.js").bind_kv(&namespace)).await;
    let values = tenant.path(&format!("/storage/kv/namespaces/{namespace}/values"));
    Reply::of(tenant.request(Method::PUT, &format!("{values}/a%2Fb")).body("from outside")).await.result();
    assert_eq!(calls(&tenant, &json!([["get", "a/b"], ["put", "c", "from inside"]])).await[0], "from outside");
    let read = Reply::of(tenant.request(Method::GET, &format!("{values}/c"))).await;
    assert_eq!((read.status, read.text.as_str()), (200, "from inside"));
    tenant.call(Method::DELETE, &format!("{values}/c"), None).await.result();
    assert_eq!(Reply::of(tenant.request(Method::GET, &format!("{values}/c"))).await.status, 404);
    assert_eq!(calls(&tenant, &json!([["get", "c"]])).await[0], Value::Null);
}

/// What was read, and so is kept at hand, is changed in every way there is: by another script, by the admin API, alone and in
/// bulk. The next read has it.
#[tokio::test]
async fn what_was_read_is_seen_changed_at_once() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "seen").await;
    let namespace = tenant.namespace("seen").await;
    for script in ["kv", "other-kv"] {
        tenant.deploy(script, Upload::fixture("kv-calls.js").bind_kv(&namespace)).await;
    }
    let gets = json!([["get", "k"], ["get", "k"], ["getWithMetadata", "k"], ["get", "k", "arrayBuffer"]]);
    let other = async |call: Value| {
        let response = tenant.edge.post(tenant.url("other-kv", "/")).json(&call).send().await.expect("an answer");
        assert_eq!(response.text().await.expect("a body"), "[\"undefined\"]");
    };
    let read = async || {
        let read = calls(&tenant, &gets).await;
        let bytes = read[0].as_str().map_or(Value::Null, |text| json!({ "bytes": text.as_bytes() }));
        assert_eq!((&read[1], &read[2]["value"], &read[3]), (&read[0], &read[0], &bytes), "{read:?}");
        (read[0].clone(), read[2]["metadata"].clone())
    };
    assert_eq!(read().await, (Value::Null, Value::Null));
    other(json!([["put", "k", "ä €", { "metadata": { "é": 1 } }]])).await;
    assert_eq!(read().await, (json!("ä €"), json!({ "é": 1 })));
    let values = tenant.path(&format!("/storage/kv/namespaces/{namespace}"));
    Reply::of(tenant.request(Method::PUT, &format!("{values}/values/k")).body("outside")).await.result();
    assert_eq!(read().await, (json!("outside"), Value::Null));
    let bulk = json!([{ "key": "x", "value": "1" }, { "key": "k", "value": "bulk" }]);
    tenant.call(Method::PUT, &format!("{values}/bulk"), Some(bulk)).await.result();
    assert_eq!(read().await, (json!("bulk"), Value::Null));
    tenant.call(Method::DELETE, &format!("{values}/values/k"), None).await.result();
    assert_eq!(read().await, (Value::Null, Value::Null));
    other(json!([["put", "k", "{\"a\":1}"]])).await;
    assert_eq!(read().await.0, json!("{\"a\":1}"));
    assert_eq!(calls(&tenant, &json!([["get", "k", "json"]])).await[0], json!({ "a": 1 }));
    other(json!([["delete", "k"]])).await;
    assert_eq!(read().await, (Value::Null, Value::Null));
}

/// A request that reads one key until another request to the same isolate has written it: reads that need not wait leave
/// the other its turn.
#[tokio::test]
async fn a_loop_of_reads_leaves_other_requests_their_turn() {
    let tenant = Tenant::create(&Node::shared(), "polling").await;
    // Reads that wait for the writer's disk use some CPU each.
    tenant.limit(json!({ "cpu_ms": 20_000, "isolates_per_script_max": 1 })).await;
    let namespace = tenant.namespace("polling").await;
    let source = "export default { async fetch(request, env) {
        if (request.url.endsWith('/put')) {
          await env.KV.put('flag', 'up');
          return new Response('put');
        }
        let reads = 0;
        while ((await env.KV.get('flag')) === null) reads++;
        return new Response(reads > 0 ? 'waited' : 'did not wait');
      } };";
    tenant.deploy("kv", Upload::of(source).bind_kv(&namespace)).await;
    let polling = tokio::spawn({
        let tenant = tenant.clone();
        async move { tenant.text("kv", "/poll").await }
    });
    until("the first request reads", PATIENCE, async || {
        let usage = tenant.node.metrics().await;
        (usage.sum("eyot_isolates", &[("state", "busy")]) > 0.0).then_some(())
    })
    .await;
    assert_eq!(tenant.text("kv", "/put").await, "put");
    let answer = polling.await.expect("no panic");
    assert!(["waited", "did not wait"].contains(&answer.as_str()), "{answer}");
}

/// Asks for a large value two hundred times and computes instead of taking what was found: it does not pile up.
#[tokio::test]
async fn what_a_busy_script_has_read_does_not_pile_up() {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "reader").await;
    tenant.limit(json!({ "cpu_ms": 120_000, "wall_ms": 600_000 })).await;
    let namespace = tenant.namespace("large").await;
    let source = "export default { async fetch(request, env) {
        if (request.url.endsWith('/put')) { await env.KV.put('large', new Uint8Array(20 << 20)); return new Response('put'); }
        for (let i = 0; i < 200; i++) env.KV.get('large', 'arrayBuffer').catch(() => {});
        let sum = 0;
        for (let i = 0; i < 3e8; i++) sum = (sum + i) | 0;
        return new Response(typeof sum);
    } };";
    tenant.deploy("reader", Upload::of(source).bind_kv(&namespace)).await;
    assert_eq!(tenant.text("reader", "/put").await, "put");
    assert_eq!(tenant.text("reader", "/").await, "number");
    let peak = node.resident_bytes_peak();
    assert!(peak < 1 << 30, "{peak} bytes");
}

async fn with_kv(label: &str) -> Tenant {
    let tenant = Tenant::create(&Node::shared(), label).await;
    let namespace = tenant.namespace(label).await;
    tenant.deploy("kv", Upload::fixture("kv-calls.js").bind_kv(&namespace)).await;
    tenant
}

async fn check(tenant: &Tenant, cases: Vec<(Value, Value)>) {
    let (asked, wanted): (Vec<Value>, Vec<Value>) = cases.into_iter().unzip();
    let given = calls(tenant, &json!(asked)).await;
    for ((call, wanted), given) in asked.iter().zip(wanted).zip(given) {
        assert_eq!(given, wanted, "{call}");
    }
}

async fn calls(tenant: &Tenant, calls: &Value) -> Vec<Value> {
    let response = tenant.edge.post(tenant.url("kv", "/")).json(calls).send().await.expect("an answer");
    let text = response.text().await.expect("a body");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
