//! Promise: bodies stream both ways with back-pressure, and a client that leaves is noticed.

use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::json;

use crate::harness::{Node, Options, PATIENCE, Reply, Tenant, TlsSocket, Upload, client, until};

/// Sends a chunk, waits for its echo, and only then sends the next, over HTTP/1.1 by hand.
#[tokio::test]
async fn a_body_is_echoed_while_it_is_sent_over_http_1() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "echo1").await;
    tenant.deploy("echo", Upload::fixture("echo.js")).await;
    let host = format!("echo.{}.localhost", tenant.name);
    let mut socket = TlsSocket::connect(&node, &host).await.expect("connects");
    socket.send(format!("POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n").as_bytes()).await;
    for chunk in ["first", "other", "third"] {
        socket.send(format!("5\r\n{chunk}\r\n").as_bytes()).await;
        socket.read_until(chunk).await;
    }
    socket.send(b"0\r\n\r\n").await;
    socket.read_until("0\r\n\r\n").await;
}

/// The same over HTTP/2.
#[tokio::test]
async fn a_body_is_echoed_while_it_is_sent_over_http_2() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "echo2").await;
    tenant.deploy("echo", Upload::fixture("echo.js")).await;
    let (sender, receiver) = tokio::sync::mpsc::channel::<Bytes>(1);
    let chunks = futures::stream::unfold(receiver, async |mut receiver| {
        let chunk = receiver.recv().await?;
        Some((Ok::<_, std::io::Error>(chunk), receiver))
    });
    sender.send(Bytes::from("first")).await.expect("the body is read");
    let request = client(&node).post(tenant.url("echo", "/")).body(reqwest::Body::wrap_stream(chunks));
    let mut response = request.send().await.expect("an answer before the body has ended");
    assert_eq!(response.version(), reqwest::Version::HTTP_2);
    assert_eq!(response.chunk().await.expect("the echo"), Some(Bytes::from("first")));
    sender.send(Bytes::from("second")).await.expect("the body is read");
    assert_eq!(response.chunk().await.expect("the echo"), Some(Bytes::from("second")));
    drop(sender);
    // The end of an HTTP/2 stream may come as an empty frame of its own.
    while let Some(chunk) = response.chunk().await.expect("the end") {
        assert_eq!(chunk, Bytes::new());
    }
}

/// Uploads much to a handler that answers without reading.
#[tokio::test]
async fn an_answer_may_come_before_the_upload_has_been_read() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "early").await;
    tenant.deploy("early", Upload::fixture("early.js")).await;
    for http in [&tenant.edge, &client(&node)] {
        let response = http.post(tenant.url("early", "/")).body(vec![b'x'; 8 << 20]).send().await.expect("an answer");
        assert_eq!((response.status().as_u16(), response.text().await.expect("a body").as_str()), (200, "early"));
        assert_eq!(tenant.text("early", "/").await, "early", "the next request is not disturbed");
    }
}

/// Reads a little of an endless body and stops reading: the node stops producing.
#[tokio::test]
async fn a_slow_reader_holds_the_script_back() {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "slow").await;
    tenant.limit(json!({ "cpu_ms": 10_000 })).await;
    tenant.deploy("endless", Upload::fixture("endless-body.js")).await;
    let mut response = tenant.fetch("endless", "/").await.expect("an answer");
    response.chunk().await.expect("a chunk");
    let before = node.resident_bytes();
    let mut since = (Instant::now(), node.cpu_time());
    until("the script waits for its reader", PATIENCE, async || {
        if since.0.elapsed() < Duration::from_millis(300) {
            return None;
        }
        let spent = node.cpu_time() - since.1;
        since = (Instant::now(), node.cpu_time());
        (spent < Duration::from_millis(50)).then_some(())
    })
    .await;
    assert!(node.resident_bytes() < before + (64 << 20), "the body is not buffered");
    let mut read = 0;
    while read < 20 << 20 {
        read += response.chunk().await.expect("a chunk").expect("no end").len();
    }
}

/// Leaves in the middle of a response: the script's abort listener runs.
#[tokio::test]
async fn a_client_that_leaves_aborts_the_request() {
    let tenant = Tenant::create(&Node::shared(), "abort").await;
    let namespace = tenant.namespace("abort").await;
    tenant.deploy("abort", Upload::fixture("abort.js").bind_kv(&namespace)).await;
    let mut response = tenant.fetch("abort", "/").await.expect("an answer");
    response.chunk().await.expect("a chunk").expect("no end");
    drop(response);
    let path = tenant.path(&format!("/storage/kv/namespaces/{namespace}/values/aborted"));
    until("the script saw the abort", PATIENCE, async || {
        let read = Reply::of(tenant.request(reqwest::Method::GET, &path)).await;
        (read.status == 200).then(|| assert_eq!(read.text, "AbortError"))
    })
    .await;
}
