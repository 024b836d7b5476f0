//! Promise: an `HTMLRewriter` streams, and stays within the isolate's bounds whatever the document and the handlers are.
//!
//! What it makes of documents is compared with workerd's answers in `apps`.

use serde_json::json;

use crate::harness::{Neighbour, Node, Tenant, Upload};

/// An endless document is rewritten while it is read; a rewriting at the top level does not spoil the version.
#[tokio::test]
async fn documents_are_rewritten_while_they_stream() {
    let tenant = Tenant::create(&Node::shared(), "rewrite").await;
    tenant.limit(json!({ "cpu_ms": 3_000 })).await;
    tenant.deploy("rewrite", Upload::fixture("html-rewriter.js")).await;
    assert_eq!(tenant.text("rewrite", "/").await, "<p>early</p>200");
    let mut response = tenant.fetch("rewrite", "/stream").await.expect("an answer");
    let mut read = Vec::new();
    while read.len() < 64 << 10 {
        read.extend(response.chunk().await.expect("a chunk").expect("no end"));
    }
    assert!(read.starts_with(b"<p a=\"1\">x</p><p a=\"1\">x</p>"));
    drop(response);
    assert_eq!(tenant.text("rewrite", "/source").await, "RangeError: the source failed");
    assert_eq!(tenant.text("rewrite", "/refused").await, r#"["TypeError","parsed","TypeError","TypeError"]"#);
    assert!(breaks_off(&tenant, "rewrite", "/never").await, "a handler that nothing settles ends the body");
}

/// Tags and nesting without end, content without end, costly selectors, rewritings that are left: each breaks off, the
/// script goes on and the neighbour notices nothing.
#[tokio::test]
async fn hostile_documents_stay_within_their_bounds() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "hostile-html").await;
    tenant.limit(json!({ "cpu_ms": 3_000 })).await;
    tenant.deploy("hostile-html", Upload::fixture("html-rewriter.js")).await;
    let neighbour = Neighbour::start(&node).await;
    for path in ["/greedy", "/greedy-attributes", "/attribute", "/attributes", "/nested", "/costly", "/conditions"] {
        assert!(breaks_off(&tenant, "hostile-html", path).await, "{path} breaks off");
        assert_eq!(tenant.text("hostile-html", "/").await, "<p>early</p>200", "after {path}");
    }
    assert_eq!(tenant.text("hostile-html", "/dropped").await, "went on");
    neighbour.finish().await;
}

/// Whether no whole answer comes. A body that fails at once may take its head along, when nothing of both was sent yet.
async fn breaks_off(tenant: &Tenant, script: &str, path: &str) -> bool {
    match tenant.fetch(script, path).await {
        Ok(response) => response.status() != 200 || response.bytes().await.is_err(),
        Err(_) => true,
    }
}
