//! Promise: an upload that is refused says why, in Cloudflare's code and with file, line and column, and changes nothing.

use reqwest::Method;
use serde_json::json;

use crate::harness::{Node, Reply, Tenant, Upload};

/// Every kind of bad upload over a script that serves; it serves unchanged after each.
#[tokio::test]
async fn a_refused_upload_changes_nothing() {
    let tenant = Tenant::create(&Node::shared(), "refused").await;
    tenant.deploy("script", Upload::of("export default { fetch: () => new Response('first') };")).await;
    let handler = "export default { fetch: () => new Response('second') };";
    let in_lib = "import './lib/broken.js';\nexport default { fetch() {} };";
    let module = "application/javascript+module";
    let cases = [
        ("syntax", Upload::of("export default {\n  fetch( {\n};"), 10021, "index.js:"),
        (
            "syntax in a module",
            Upload::of(in_lib).with("lib/broken.js", module, "\nlet 1x;"),
            10021,
            "lib/broken.js:2:",
        ),
        ("throws", Upload::of("\n\nthrow new Error('boom at the top');\n"), 10021, "index.js:3:"),
        ("throws, said", Upload::of("throw new Error('boom at the top');\n"), 10021, "boom at the top"),
        ("throws in a function", Upload::of("const f = () => {\n  null.x;\n};\nf();"), 10021, "index.js:2:"),
        ("spins", Upload::of(&format!("for (;;);\n{handler}")), 10021, "CPU"),
        (
            "spins asynchronously",
            Upload::of(&format!("await (async () => {{ for (;;); }})();\n{handler}")),
            10021,
            "CPU",
        ),
        ("waits for ever", Upload::of(&format!("await new Promise(() => {{}});\n{handler}")), 10021, ""),
        ("allocates", Upload::of(&format!("const k = []; for (;;) k.push({{ a: [1] }});\n{handler}")), 10021, ""),
        (
            "allocates buffers",
            Upload::of(&format!("const k = []; for (;;) k.push(new Uint8Array(1e7).fill(1));\n{handler}")),
            10021,
            "",
        ),
        ("missing import", Upload::of(&format!("import './missing.js';\n{handler}")), 10021, "missing.js"),
        ("no main module", Upload::modules("other.js").with("index.js", module, handler), 10021, "other.js"),
        ("no handler", Upload::of("export const a = 1;"), 10068, ""),
        ("too large", Upload::of(&format!("{handler}//{}", "x".repeat(10 << 20))), 10027, ""),
        ("foreign namespace", Upload::of(handler).bind_kv("0123456789abcdef0123456789abcdef"), 10056, ""),
        ("nameless binding", Upload::of(handler).bind(json!({ "type": "plain_text", "text": "x" })), 10052, ""),
        ("nothing to inherit", Upload::of(handler).bind(json!({ "name": "X", "type": "inherit" })), 10057, "X"),
        (
            "unknown binding",
            Upload::of(handler).bind(json!({ "name": "Q", "type": "no_such_kind" })),
            10021,
            "no_such_kind",
        ),
    ];
    for (what, upload, code, named) in cases {
        let reply = tenant.upload("script", upload).await;
        let (found, message) = reply.refusal();
        assert_eq!(found, code, "{what}: {message}");
        assert!(message.to_lowercase().contains(&named.to_lowercase()), "{what}: {message:?} does not name {named:?}");
        if named.ends_with(':') {
            let after = message.split(named).nth(1).expect("what follows the file");
            assert!(after.starts_with(|c: char| c.is_ascii_digit()), "{what}: no position in {message:?}");
        }
        assert_eq!(tenant.text("script", "/").await, "first", "{what}");
    }
    let listed = tenant.call(Method::GET, &tenant.path("/workers/scripts/script/versions"), None).await.result();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "no refused version is kept: {listed}");
}

/// A first upload that is refused leaves no script behind.
#[tokio::test]
async fn a_refused_first_upload_leaves_no_script() {
    let tenant = Tenant::create(&Node::shared(), "first").await;
    assert_eq!(tenant.upload("script", Upload::of("throw new Error('no');")).await.refusal().0, 10021);
    tenant.expect_error("script", "/", 404, 1022).await;
    let listed = tenant.call(Method::GET, &tenant.path("/workers/scripts"), None).await.result();
    assert_eq!(listed, json!([]));
}

/// Bodies that are no upload at all.
#[tokio::test]
async fn a_body_that_is_no_upload_is_refused() {
    let tenant = Tenant::create(&Node::shared(), "bodies").await;
    let path = tenant.path("/workers/scripts/script");
    for (content_type, body) in [
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\nno json\r\n--x--\r\n",
        ),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n{}\r\n--x--\r\n",
        ),
        ("multipart/form-data; boundary=x", "--x\r\nbroken"),
        ("application/json", "{}"),
    ] {
        let request = tenant.request(Method::PUT, &path).header("content-type", content_type).body(body);
        let reply = Reply::of(request).await;
        assert!((400..500).contains(&reply.status), "{content_type} {body:?}: {}", reply.text);
        reply.refusal();
    }
    let reply = tenant.upload("No_Good%20Name", Upload::of("export default { fetch() {} };")).await;
    assert_eq!(reply.refusal().0, 10016);
}
