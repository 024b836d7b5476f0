//! Promise: the web's APIs behave as their specifications say, assertion by assertion.
//!
//! Each file of `tests/fixtures/conformance` is a script that checks one area from inside, through `assert.js`, and
//! answers with the names of the assertions that failed.

use serde_json::{Value, json};

use crate::harness::{Node, Tenant, Upload, repository};

/// Every area, one script each; all failures of all areas are shown at once.
#[tokio::test]
async fn the_web_apis_do_what_their_specifications_say() {
    let tenant = Tenant::create(&Node::shared(), "conformance").await;
    // What is judged here is the answers, not what they cost.
    tenant.limit(json!({ "cpu_ms": 30_000 })).await;
    let folder = repository().join("tests/fixtures/conformance");
    let harness = std::fs::read(folder.join("assert.js")).expect("the assertions");
    let mut passed = 0;
    let mut failed = Vec::new();
    for area in areas(&folder) {
        let file = format!("conformance/{area}.js");
        let upload = Upload::fixture(&file).with("assert.js", "application/javascript+module", harness.clone());
        tenant.deploy(&area, upload).await;
        let answer: Value = serde_json::from_str(&tenant.text(&area, "/").await).expect("JSON");
        passed += answer["passed"].as_u64().expect("a count");
        for failure in answer["failed"].as_array().expect("a list") {
            failed.push(format!("{area}: {}", failure.as_str().unwrap_or_default()));
        }
    }
    assert!(failed.is_empty(), "{} assertions failed\n{}", failed.len(), failed.join("\n"));
    assert!(passed >= 600, "only {passed} assertions");
    let log = Node::shared().log();
    assert!(!log.contains("Internal Error"), "what Deno's streams assert of themselves holds: {log}");
}

/// WebCrypto works beside JavaScript, but not for nothing: the request that asked for it ends.
#[tokio::test]
async fn crypto_work_is_charged_to_its_request() {
    let tenant = Tenant::create(&Node::shared(), "miner").await;
    let source = "export default { async fetch() { const key = await crypto.subtle.importKey('raw', new Uint8Array(8), \
                  'PBKDF2', false, ['deriveBits']); const all = []; for (let i = 0; i < 200; i++) \
                  all.push(crypto.subtle.deriveBits({ name: 'PBKDF2', salt: new Uint8Array(8), iterations: 100000, \
                  hash: 'SHA-512' }, key, 512)); await Promise.all(all); return new Response('mined'); } };";
    tenant.deploy("miner", Upload::of(source)).await;
    tenant.expect_error("miner", "/", 503, 1102).await;
}

/// A value that V8's own serializer would write out a hundred times over, and a few bytes that unpack to gigabytes.
#[tokio::test]
async fn what_multiplies_its_input_stays_under_the_memory_cap() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "multiplier").await;
    tenant.limit(json!({ "cpu_ms": 20_000 })).await;
    let source = "export default { async fetch(request) { if (request.url.endsWith('/clone')) { \
                  const text = 'x'.repeat(3e7); const clone = structuredClone(Array(1000).fill(text)); \
                  return new Response(`${clone.length}`); } \
                  const zeros = new Uint8Array(1 << 20); let stream = new ReadableStream({ start(controller) { \
                  for (let i = 0; i < 400; i++) controller.enqueue(zeros); controller.close(); } }); \
                  const packed = await new Response(stream.pipeThrough(new CompressionStream('gzip'))).arrayBuffer(); \
                  const unpacked = new Response(packed).body.pipeThrough(new DecompressionStream('gzip')); \
                  try { await new Response(unpacked).arrayBuffer(); } catch (error) { return new Response(error.name); } \
                  return new Response('unpacked'); } };";
    tenant.deploy("multiplier", Upload::of(source)).await;
    assert_eq!(tenant.text("multiplier", "/clone").await, "1000");
    assert_eq!(tenant.text("multiplier", "/unpack").await, "RangeError");
    assert!(node.resident_bytes() < 4 << 30, "{} bytes", node.resident_bytes());
}

fn areas(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the fixtures");
    let names = entries.map(|entry| entry.expect("a fixture").path());
    let mut areas: Vec<String> =
        names.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).filter(|name| name != "assert").collect();
    areas.sort();
    areas
}
