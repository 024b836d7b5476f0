//! Promise: a request's body is read in every way there is, as long as its request runs, and under the memory cap.

use serde_json::json;

use crate::harness::{Node, Tenant, Upload, client};

/// Each way to read one, over both versions of HTTP.
#[tokio::test]
async fn a_body_is_read_in_every_way() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "bodyways").await;
    tenant.deploy("ways", Upload::fixture("request-bodies.js")).await;
    let used = "TypeError: Body already consumed";
    for (way, sent, expected) in [
        ("text", "caf\u{e9}", "caf\u{e9}".to_owned()),
        ("text", "", String::new()),
        ("json", "[1,2]", "1,2".to_owned()),
        ("bytes", "ab", "97,98".to_owned()),
        ("arrayBuffer", "abc", "3".to_owned()),
        ("blob", "abc", "application/x-www-form-urlencoded".to_owned()),
        ("form", "a=1&b=2", "a,1,b,2".to_owned()),
        ("stream", "abc", "3".to_owned()),
        ("byob", "abc", "2".to_owned()),
        ("clone", "abc", "abc,abc,true".to_owned()),
        ("copy", "abc", "true,false,abc,true".to_owned()),
        ("twice", "abc", format!("abc,true,{used}")),
        ("stream-first", "abc", "true,false,false,abc,true".to_owned()),
        ("stream-after", "abc", "true,true,TypeError: Cannot cancel a locked ReadableStream.".to_owned()),
        ("locked", "abc", format!("false,{used}")),
        ("canceled", "abc", format!("true,{used}")),
    ] {
        for http in [&tenant.edge, &client(&node)] {
            let request = http.post(tenant.url("ways", &format!("/{way}"))).body(sent);
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            let answer = request.send().await.expect("an answer").text().await.expect("a body");
            assert_eq!(answer, expected, "{way} of {sent:?}");
        }
    }
}

/// Requests that are kept beyond their answer.
#[tokio::test]
async fn a_body_ends_with_its_request() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "bodylate").await;
    // Both in one isolate.
    tenant.limit(json!({ "isolates_per_script_max": 1 })).await;
    tenant.deploy("late", Upload::fixture("request-bodies.js")).await;
    for path in ["/keep", "/keep-stream"] {
        let request = tenant.edge.post(tenant.url("late", path)).body(vec![b'x'; 1 << 20]);
        assert_eq!(request.send().await.expect("an answer").status(), 200);
    }
    let late: serde_json::Value = serde_json::from_str(&tenant.text("late", "/late").await).expect("two texts");
    let message = "TypeError: Can't read from request stream after response has been sent.";
    assert_eq!(late, json!([message, message]));
}

/// A body of more than the cap, and one that fits, by the same isolate.
#[tokio::test]
async fn a_body_that_is_read_whole_is_held_to_the_memory_cap() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "bodycap").await;
    tenant.limit(json!({ "cpu_ms": 5_000, "memory_bytes_max": 64 << 20 })).await;
    tenant.deploy("cap", Upload::fixture("request-bodies.js")).await;
    for (bytes, expected) in
        [(80 << 20, "RangeError: The body does not fit under the memory cap."), (1 << 20, "1048576")]
    {
        let request = tenant.edge.post(tenant.url("cap", "/whole")).body(vec![b'x'; bytes]);
        let answer = request.send().await.expect("an answer").text().await.expect("a body");
        assert_eq!(answer, expected);
    }
}
