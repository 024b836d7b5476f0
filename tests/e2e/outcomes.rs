//! Promise: what a client sees when a handler does not answer by itself; the contract's table, row by row.

use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{Node, PATIENCE, Tenant, TlsSocket, Upload, client, expect_error, until};

/// Handlers that throw, reject, or answer with what is no response.
#[tokio::test]
async fn an_exception_is_1101_and_says_no_more() {
    let tenant = Tenant::create(&Node::shared(), "outcomes").await;
    tenant.deploy("throws", Upload::fixture("outcomes.js")).await;
    let paths = ["/throw", "/reject", "/throw-null", "/not-a-response", "/undefined", "/eval", "/used-body"];
    for path in paths {
        tenant.expect_error("throws", path, 500, 1101).await;
    }
    assert_eq!(tenant.text("throws", "/").await, "ok");
    assert_eq!(tenant.text("throws", "/wait-until-rejects").await, "answered");
    tenant.node.expect_outcomes("throws", "exception", paths.len()).await;
}

/// Answers of the script's own pass through, and carry a ray.
#[tokio::test]
async fn a_response_passes_through_as_it_is() {
    let tenant = Tenant::create(&Node::shared(), "passes").await;
    tenant.deploy("passes", Upload::fixture("outcomes.js")).await;
    let response = tenant.fetch("passes", "/teapot").await.expect("an answer");
    assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
    assert_eq!(response.headers()["x-kind"], "teapot");
    assert_eq!(response.headers()["eyot-ray"].len(), 16);
    assert!(!response.headers().contains_key("eyot-error"));
    assert_eq!(response.text().await.expect("a body"), "short and stout");
    let empty = tenant.fetch("passes", "/no-content").await.expect("an answer");
    assert_eq!(empty.status(), 204);
    let head = tenant.edge.head(tenant.url("passes", "/")).send().await.expect("an answer");
    assert_eq!((head.status().as_u16(), head.text().await.expect("no body").as_str()), (200, ""));
}

/// Names that nothing serves, over HTTP/2 and HTTP/1.1.
#[tokio::test]
async fn an_unknown_script_is_1022() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "unknown").await;
    tenant.expect_error("missing", "/", 404, 1022).await;
    let elsewhere = format!("https://a.no-such-tenant.localhost:{}/", node.edge.port());
    if let Ok(response) = client(&node).get(elsewhere).send().await {
        expect_error(response, 404, 1022).await;
    }
    let mut socket = TlsSocket::connect(&node, &format!("hello.{}.localhost", "demo")).await.expect("connects");
    socket.send(b"GET / HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n").await;
    let answer = socket.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("error code: 1022"), "{answer}");
}

/// A script that was deleted, and one whose tenant switched its name off.
#[tokio::test]
async fn what_no_longer_serves_is_not_found() {
    let tenant = Tenant::create(&Node::shared(), "gone").await;
    tenant.deploy("gone", Upload::fixture("outcomes.js")).await;
    assert_eq!(tenant.text("gone", "/").await, "ok");
    let subdomain = tenant.path("/workers/scripts/gone/subdomain");
    tenant.call(reqwest::Method::POST, &subdomain, Some(json!({ "enabled": false }))).await.result();
    tenant.expect_error("gone", "/", 404, 1022).await;
    tenant.call(reqwest::Method::POST, &subdomain, Some(json!({ "enabled": true }))).await.result();
    assert_eq!(tenant.text("gone", "/").await, "ok");
    tenant.call(reqwest::Method::DELETE, &tenant.path("/workers/scripts/gone"), None).await.result();
    tenant.expect_error("gone", "/", 404, 1022).await;
}

/// One request at a time, and one more.
#[tokio::test]
async fn a_tenant_at_its_concurrency_cap_is_shed() {
    let tenant = Tenant::create(&Node::shared(), "crowd").await;
    tenant.limit(json!({ "concurrency_max": 1 })).await;
    tenant.deploy("halves", Upload::fixture("two-halves.js")).await;
    let mut held = tenant.fetch("halves", "/20000").await.expect("an answer");
    held.chunk().await.expect("the first half").expect("not the end");
    tenant.expect_error("halves", "/0", 429, 1015).await;
    drop(held);
    // The permit comes back once the node sees that the client has left.
    until("the permit comes back", PATIENCE, async || {
        let response = tenant.fetch("halves", "/0").await.expect("an answer");
        (response.status() == 200).then_some(())
    })
    .await;
    let metrics = tenant.node.metrics().await;
    assert!(metrics.sum("eyot_requests_total", &[("script", "halves"), ("outcome", "loadShed")]) >= 1.0);
}

/// More requests a second than the tenant has.
#[tokio::test]
async fn a_tenant_over_its_rate_is_shed() {
    let tenant = Tenant::create(&Node::shared(), "rate").await;
    tenant.limit(json!({ "rate_per_second": 1 })).await;
    tenant.deploy("ok", Upload::fixture("outcomes.js")).await;
    until("a request is refused", PATIENCE, async || {
        let response = tenant.fetch("ok", "/").await.expect("an answer");
        if response.status() == 200 {
            return None;
        }
        expect_error(response, 429, 1015).await;
        Some(())
    })
    .await;
}

/// Bodies, addresses and headers over their limits, and what is no HTTP at all.
#[tokio::test]
async fn what_is_too_large_or_malformed_is_refused() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "large").await;
    tenant.limit(json!({ "body_bytes_max": 1_000 })).await;
    tenant.deploy("large", Upload::fixture("outcomes.js")).await;
    let post = |bytes: usize| tenant.edge.post(tenant.url("large", "/body")).body(vec![b'x'; bytes]).send();
    assert_eq!(post(1_000).await.expect("an answer").text().await.expect("a body"), "1000");
    assert_eq!(post(1_001).await.expect("an answer").status(), 413);

    let host = format!("large.{}.localhost", tenant.name);
    let long_url = format!("GET /{} HTTP/1.1\r\nHost: {host}\r\n\r\n", "a".repeat(17 << 10));
    let large_headers = format!("GET / HTTP/1.1\r\nHost: {host}\r\nx: {}\r\n\r\n", "a".repeat(200 << 10));
    for (request, status) in [
        (long_url.as_str(), "414"),
        (large_headers.as_str(), "431"),
        ("GET / HTTP/1.1\r\nno colon here\r\n\r\n", "400"),
        ("NONSENSE\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\n\r\n", "400"),
    ] {
        let mut socket = TlsSocket::connect(&node, &host).await.expect("connects");
        // The node may answer and close before it has taken all of a request that is too large.
        let _ = socket.try_send(request.as_bytes()).await;
        let answer = socket.read_until("\r\n").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{}: {answer}", &request[..20]);
    }
    assert_eq!(tenant.text("large", "/").await, "ok");
}
