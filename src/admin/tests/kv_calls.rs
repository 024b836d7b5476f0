//! KV through the API: namespaces, values, metadata, expiration, lists and bulk.

use axum::body::Body;
use serde_json::{Value, json};

use super::{Answer, Harness, TestTenant, request};

struct Kv {
    harness: Harness,
    tenant: TestTenant,
    path: String,
}

impl Kv {
    async fn new() -> Self {
        let harness = Harness::new();
        let tenant = harness.tenant("a").await;
        let namespaces = format!("/accounts/{}/storage/kv/namespaces", tenant.id);
        let made = harness.call(&tenant.kv, "POST", &namespaces, json!({ "title": "n" })).await.result();
        let path = format!("{namespaces}/{}", made["id"].as_str().expect("an id"));
        Self { harness, tenant, path }
    }

    async fn call(&self, method: &str, below: &str, body: Value) -> Answer {
        self.harness.call(&self.tenant.kv, method, &format!("{}{below}", self.path), body).await
    }

    async fn put(&self, below: &str, value: &'static [u8]) -> Answer {
        let request = request(&self.tenant.kv, "PUT", &format!("{}{below}", self.path));
        self.harness.send(request.body(Body::from(value)).expect("a valid request")).await
    }
}

/// Makes, lists, renames and removes namespaces.
#[tokio::test]
async fn namespaces_have_one_title_each() {
    let kv = Kv::new().await;
    let namespaces = format!("/accounts/{}/storage/kv/namespaces", kv.tenant.id);
    let again = kv.harness.call(&kv.tenant.kv, "POST", &namespaces, json!({ "title": "n" })).await;
    assert_eq!(again.refusal(), (400, 10014));
    kv.harness.call(&kv.tenant.kv, "POST", &namespaces, json!({ "title": "m" })).await.result();
    let query = "?per_page=100&order=title&direction=asc&page=1";
    let listed = kv.harness.call(&kv.tenant.read, "GET", &format!("{namespaces}{query}"), Value::Null).await;
    let titles: Vec<Value> =
        listed.result().as_array().expect("a list").iter().map(|one| one["title"].clone()).collect();
    assert_eq!(titles, ["m", "n"]);
    assert_eq!(listed.json()["result_info"]["total_count"], 2);
    assert_eq!(kv.call("PUT", "", json!({ "title": "o" })).await.result()["title"], "o");
    kv.put("/values/k", b"v").await.result();
    kv.call("DELETE", "", Value::Null).await.result();
    assert_eq!(kv.call("GET", "/values/k", Value::Null).await.refusal(), (404, 10013));
    assert_eq!(kv.put("/values/k", b"v").await.refusal(), (404, 10013));
}

/// Writes raw bytes and a form, under keys that need escaping.
#[tokio::test]
async fn values_are_bytes_and_keys_are_any_text() {
    let kv = Kv::new().await;
    let bytes: &'static [u8] = &[0, 255, b'\r', b'\n'];
    for key in ["plain", "a%2Fb%20c%3F", "%F0%9F%94%91", ":x"] {
        kv.put(&format!("/values/{key}"), bytes).await.result();
        let read = kv.call("GET", &format!("/values/{key}"), Value::Null).await;
        assert_eq!((read.status.as_u16(), &read.bytes[..]), (200, bytes), "{key}");
        assert_eq!(read.headers["content-type"], "application/octet-stream");
        assert!(!read.headers.contains_key("expiration"));
    }
    let parts = [("value", "", "v"), ("metadata", "", "{\"a\": 1}")];
    let path = format!("{}/values/m?expiration=4102444800", kv.path);
    kv.harness.send_form(&kv.tenant.kv, "PUT", &path, &parts).await.result();
    assert_eq!(kv.call("GET", "/values/m", Value::Null).await.headers["expiration"], "4102444800");
    assert_eq!(kv.call("GET", "/metadata/m", Value::Null).await.result(), json!({ "a": 1 }));
    assert_eq!(kv.call("GET", "/metadata/plain", Value::Null).await.result(), Value::Null);
    let listed = kv.call("GET", "/keys?prefix=m", Value::Null).await;
    assert_eq!(listed.result(), json!([{ "name": "m", "expiration": 4_102_444_800_u64, "metadata": { "a": 1 } }]));
    assert_eq!(listed.json()["result_info"], json!({ "count": 1, "cursor": "" }));
    kv.call("DELETE", "/values/m", Value::Null).await.result();
    kv.call("DELETE", "/values/m", Value::Null).await.result();
    assert_eq!(kv.call("GET", "/values/m", Value::Null).await.refusal(), (404, 10009));
    assert_eq!(kv.call("GET", "/metadata/m", Value::Null).await.refusal(), (404, 10009));
}

/// Breaks each rule of KV once.
#[tokio::test]
async fn refusals_are_those_of_workers_kv() {
    let kv = Kv::new().await;
    let long = "k".repeat(513);
    for (below, status, telling) in [
        (format!("/values/{long}"), 414, "exceeds key length limit of 512"),
        ("/values/k?expiration_ttl=59".to_owned(), 400, "at least 60"),
        ("/values/k?expiration_ttl=x".to_owned(), 400, "Invalid expiration_ttl"),
        ("/values/k?expiration=1".to_owned(), 400, "Invalid expiration"),
    ] {
        let answer = kv.put(&below, b"v").await;
        assert_eq!(answer.refusal().0, status, "{below}");
        assert!(String::from_utf8_lossy(&answer.bytes).contains(telling), "{answer:?}");
    }
    for metadata in ["{", &format!("\"{}\"", "m".repeat(1_023))] {
        let parts = [("value", "", "v"), ("metadata", "", metadata)];
        let answer = kv.harness.send_form(&kv.tenant.kv, "PUT", &format!("{}/values/k", kv.path), &parts).await;
        assert!(matches!(answer.refusal().0, 400 | 413), "{answer:?}");
    }
    for query in ["limit=9", "limit=1001", "limit=x", "cursor=!"] {
        assert_eq!(kv.call("GET", &format!("/keys?{query}"), Value::Null).await.refusal().0, 400, "{query}");
    }
    assert_eq!(kv.call("GET", "/values/k", Value::Null).await.refusal(), (404, 10009));
}

/// Writes more keys than a page holds, in bulk, and reads, lists and removes them.
#[tokio::test]
async fn bulk_calls_do_many_keys_at_once() {
    let kv = Kv::new().await;
    let pairs: Vec<Value> = (0..25)
        .map(|number| json!({ "key": format!("k{number:02}"), "value": "dg==", "base64": number % 2 == 0, "expiration": 0 }))
        .collect();
    let written = kv.call("PUT", "/bulk", json!(pairs)).await.result();
    assert_eq!(written, json!({ "successful_key_count": 25, "unsuccessful_keys": [] }));
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = kv.call("GET", &format!("/keys?limit=10&cursor={cursor}"), Value::Null).await;
        seen.extend(page.result().as_array().expect("a list").iter().map(|key| key["name"].clone()));
        cursor = page.json()["result_info"]["cursor"].as_str().expect("a cursor").to_owned();
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(seen.len(), 25);
    let read = kv.call("POST", "/bulk/get", json!({ "keys": ["k00", "k01", "none"] })).await.result();
    assert_eq!(read, json!({ "values": { "k00": "v", "k01": "dg==", "none": null } }));
    let wanted = json!({ "keys": ["k00"], "withMetadata": true });
    let read = kv.call("POST", "/bulk/get", wanted).await.result();
    assert_eq!(read, json!({ "values": { "k00": { "value": "v", "metadata": null } } }));
    assert_eq!(kv.call("POST", "/bulk/get", json!({ "keys": ["k00"], "type": "json" })).await.refusal().0, 400);
    assert_eq!(kv.call("POST", "/bulk/get", json!({ "keys": [] })).await.refusal().0, 400);
    kv.call("DELETE", "/bulk", json!(["k00", "none"])).await.result();
    kv.call("POST", "/bulk/delete", json!(["k01", { "name": "k02" }])).await.result();
    assert_eq!(kv.call("GET", "/keys", Value::Null).await.result().as_array().map(Vec::len), Some(22));
    let refused = kv.call("PUT", "/bulk", json!([{ "key": "new", "value": "v" }, { "key": "", "value": "v" }])).await;
    assert_eq!(refused.refusal().0, 400);
    assert_eq!(kv.call("GET", "/values/new", Value::Null).await.refusal(), (404, 10009));
}
