//! Promise: a request's body is read in every way there is, as long as its request runs, and under the memory cap.

use serde_json::json;

use crate::harness::{Node, Options, Tenant, TlsSocket, Upload, client};

/// Each way to read one, over both versions of HTTP.
#[tokio::test]
async fn a_body_is_read_in_every_way() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "bodyways").await;
    tenant.deploy("ways", Upload::fixture("request-bodies.js")).await;
    let used = "TypeError: Body already consumed";
    for (way, sent, expected) in [
        ("text", "caf\u{e9} \u{1f980}", "caf\u{e9} \u{1f980}".to_owned()),
        ("text", "", String::new()),
        ("text", "\u{feff}\u{feff}a", "\u{feff}a".to_owned()),
        ("json", "[1,2]", "1,2".to_owned()),
        ("json", "\u{feff}{}", "[object Object]".to_owned()),
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

/// Text that is none.
#[tokio::test]
async fn what_is_not_utf_8_is_replaced() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "bodyutf").await;
    tenant.deploy("ways", Upload::fixture("request-bodies.js")).await;
    let request = tenant.edge.post(tenant.url("ways", "/text")).body(b"a\xffb\xe2\x82c\xed\xa0\x80".to_vec());
    let answer = request.send().await.expect("an answer").text().await.expect("a body");
    assert_eq!(answer, "a\u{fffd}b\u{fffd}c\u{fffd}\u{fffd}\u{fffd}");
}

/// Requests that are kept beyond their answer.
#[tokio::test]
async fn a_body_ends_with_its_request() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "bodylate").await;
    // Both in one isolate.
    tenant.limit(json!({ "isolates_per_script_max": 1 })).await;
    tenant.deploy("late", Upload::fixture("request-bodies.js")).await;
    for path in ["/keep", "/keep-stream", "/forget"] {
        let request = tenant.edge.post(tenant.url("late", path)).body(vec![b'x'; 1 << 20]);
        assert_eq!(request.send().await.expect("an answer").status(), 200);
    }
    let late: serde_json::Value = serde_json::from_str(&tenant.text("late", "/late").await).expect("two texts");
    let message = "TypeError: Can't read from request stream after response has been sent.";
    assert_eq!(late, json!([message, message]));
}

/// A body of more than the cap, one that fits twice and one that does not, by the same process.
#[tokio::test]
async fn a_body_that_is_read_whole_is_held_to_the_memory_cap() {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "bodycap").await;
    tenant.limit(json!({ "cpu_ms": 5_000, "memory_bytes_max": 64 << 20 })).await;
    tenant.deploy("cap", Upload::fixture("request-bodies.js")).await;
    let post = async |path: &str, bytes: usize| {
        let request = tenant.edge.post(tenant.url("cap", path)).body(vec![b'x'; bytes]);
        let response = request.send().await.expect("an answer");
        (response.status().as_u16(), response.text().await.expect("a body"))
    };
    let refused = "RangeError: The body does not fit under the memory cap.";
    assert_eq!(post("/whole", 80 << 20).await, (200, refused.to_owned()));
    assert_eq!(post("/whole", 1 << 20).await, (200, "1048576".to_owned()));
    // As text it is there twice for a moment: what came, and V8's string.
    let (status, _) = post("/text", 50 << 20).await;
    assert!(status == 200 || status == 503, "{status}");
    assert_eq!(post("/text", 1 << 20).await, (200, "x".repeat(1 << 20)));
    assert!(node.is_alive());
}

/// A million chunks of a byte each: kept as they come they take forty bytes for one.
#[tokio::test]
async fn a_body_of_tiny_chunks_costs_what_it_weighs() {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "bodytiny").await;
    tenant.limit(json!({ "cpu_ms": 60_000 })).await;
    tenant.deploy("tiny", Upload::fixture("request-bodies.js")).await;
    assert_eq!(tenant.text("tiny", "/keep").await, "false");
    let before = node.resident_bytes();
    let host = format!("tiny.{}.localhost", tenant.name);
    let mut socket = TlsSocket::connect(&node, &host).await.expect("shakes hands");
    let head =
        format!("POST /whole HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n");
    socket.send(head.as_bytes()).await;
    let chunks = "1\r\nx\r\n".repeat(4 << 10);
    for _ in 0..1 << 8 {
        socket.send(chunks.as_bytes()).await;
    }
    socket.send(b"0\r\n\r\n").await;
    let answer = socket.read_to_end().await;
    assert!(answer.ends_with(&(1 << 20).to_string()), "{answer}");
    let grown = node.resident_bytes_peak().saturating_sub(before);
    assert!(grown < 24 << 20, "{grown} bytes for a body of {} bytes", 1 << 20);
}
