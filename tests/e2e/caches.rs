//! Promise: `caches` keeps responses as Workers do, within bounds, and never for another tenant.

use serde_json::{Value, json};

use crate::harness::{Node, Options, Tenant, Upload};

async fn cached(node: &std::sync::Arc<Node>, label: &str) -> Tenant {
    let tenant = Tenant::create(node, label).await;
    tenant.limit(json!({ "cpu_ms": 10_000 })).await;
    tenant.deploy("cached", Upload::fixture("caches.js")).await;
    tenant
}

/// Puts, matches, replaces, deletes; ranges, conditions, variants, and everything that is refused.
#[tokio::test]
async fn the_cache_does_what_workers_do() {
    let tenant = cached(&Node::shared(), "cached").await;
    let told: Value = serde_json::from_str(&tenant.text("cached", "/checks").await).expect("JSON");
    assert_eq!(told["empty"], "nothing");
    assert_eq!(told["first"], json!([200, "HIT", "yes", "first"]));
    assert_eq!(told["replaced"], "200 second");
    assert_eq!(told["post"], "nothing");
    assert_eq!(told["ignored"], "200 second");
    assert_eq!(told.get("named"), None, "undefined is left out of JSON");
    assert_eq!(told["conditional"], json!([304, null]));
    assert_eq!(told["part"], json!([206, "bytes 1-3/6", "eco"]));
    assert_eq!(told["past"], json!([416, "bytes */6"]));
    assert!(told["immutable"].as_str().is_some_and(|text| text.starts_with("TypeError")), "{told}");
    assert_eq!(told["vary"], json!(["200 Guten Tag", "nothing"]));
    assert_eq!(told["deleted"], json!([true, false, "nothing"]));
    assert_eq!(told["cookies"], json!(["page", null]));
    for (key, text) in [
        ("post", "TypeError: Cannot cache response to non-GET request."),
        ("partial", "TypeError: Cannot cache response to a range request (206 Partial Content)."),
        ("vary", "TypeError: Cannot cache response with 'Vary: *' header."),
        ("notAResponse", "TypeError: "),
        ("used", "TypeError: "),
        ("failing", "Error: no"),
        ("construct", "TypeError: "),
    ] {
        let told = told["refused"][key].as_str().expect("a text");
        assert!(told.starts_with(text), "{key}: {told}");
    }
    assert_eq!(told["passedOver"], "nothing");
}

/// Two tenants and one URL; a new version of a script finds what the old one put.
#[tokio::test]
async fn no_tenant_sees_what_another_has_cached() {
    let node = Node::shared();
    let (one, other) = (cached(&node, "cache-one").await, cached(&node, "cache-other").await);
    let url = "https://shared.example/secret";
    assert_eq!(one.text("cached", &format!("/put?bytes=10&url={url}")).await, "put");
    assert_eq!(one.fetch("cached", &format!("/?url={url}")).await.expect("an answer").status(), 200);
    assert_eq!(other.fetch("cached", &format!("/?url={url}")).await.expect("an answer").status(), 404);
    one.deploy("cached", Upload::fixture("caches.js")).await;
    assert_eq!(one.fetch("cached", &format!("/?url={url}")).await.expect("an answer").status(), 200);
}

/// Streams a body larger than the isolate's memory in and out, one past the tenant's share, and counts calls.
#[tokio::test]
async fn the_cache_is_bounded_and_streams() {
    let config = "[cache]\ntenant_bytes_max = 67108864\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let tenant = cached(&node, "cache-large").await;
    tenant.limit(json!({ "cpu_ms": 10_000, "memory_bytes_max": 33_554_432 })).await;
    let url = "https://large.example/";
    assert_eq!(tenant.text("cached", &format!("/put?bytes=50000000&url={url}")).await, "put");
    let body = tenant.fetch("cached", &format!("/?url={url}")).await.expect("an answer").bytes().await.expect("a body");
    assert_eq!(body.len(), 50_000_000);
    assert_eq!(tenant.text("cached", &format!("/put?bytes=80000000&url={url}too")).await, "put");
    assert_eq!(tenant.fetch("cached", &format!("/?url={url}too")).await.expect("an answer").status(), 404);
    let results: Vec<String> = serde_json::from_str(&tenant.text("cached", "/many").await).expect("JSON");
    let refused = results.iter().filter(|result| result.starts_with("Error: Too many subrequests")).count();
    assert_eq!((results.len(), refused), (60, 10), "{:?}", results.last());
}
