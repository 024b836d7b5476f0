//! Promise: what a script may be, and what it finds around it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Node, Options, PATIENCE, Tenant, Upload, until};
use crate::plain_start::ANSWER_WASM;

/// The fixture checks its own surroundings and answers with what failed.
#[tokio::test]
async fn a_script_finds_the_promised_globals_and_no_others() {
    let tenant = Tenant::create(&Node::shared(), "environment").await;
    tenant.limit(json!({ "cpu_ms": 1_000 })).await;
    tenant.deploy("checks", Upload::fixture("environment.js")).await;
    let answer: Value = serde_json::from_str(&tenant.text("checks", "/").await).expect("JSON");
    assert_eq!(answer["failed"], json!([]));
    assert!(answer["checks"].as_u64().is_some_and(|count| count > 20), "{answer}");
}

/// A bundle with its map, as wrangler sends them with `upload_source_maps`: in the middle of a file is a line of another.
#[tokio::test]
async fn stacks_name_the_places_of_the_uploaded_source_map() {
    let tenant = Tenant::create(&Node::shared(), "maps").await;
    let bundle = "function thrower() { throw new Error('mapped'); }
        export default { fetch() { try { thrower(); } catch (error) { return new Response(error.stack); } } };";
    // The whole of the first line is line 10 of one source, the whole of the second line 20 of another.
    let map = json!({
        "version": 3, "file": "index.js", "sources": ["../src/thrower.ts", "../src/main.ts"], "names": [], "mappings": "AASA;ACUA",
    });
    let upload = Upload::modules("index.js").with("index.js", "application/javascript+module", bundle).with(
        "index.js.map",
        "application/source-map",
        map.to_string(),
    );
    tenant.deploy("mapped", upload).await;
    let stack = tenant.text("mapped", "/").await;
    let places: Vec<&str> = stack.lines().skip(1).collect();
    assert!(places[0].contains("src/thrower.ts:10:"), "{stack}");
    assert!(places[1].contains("src/main.ts:20:"), "{stack}");
}

/// The older syntax, with a binding as a global.
#[tokio::test]
async fn a_service_worker_script_is_served() {
    let tenant = Tenant::create(&Node::shared(), "listener").await;
    let upload = Upload::service_worker(&crate::harness::fixture("service-worker.js"));
    let greeting = json!({ "name": "GREETING", "type": "plain_text", "text": "hello" });
    tenant.deploy("older", upload.bind(greeting)).await;
    assert_eq!(tenant.text("older", "/there").await, "hello from /there");
}

/// One module of each kind, static and dynamic imports.
#[tokio::test]
async fn modules_of_every_kind_are_imported() {
    let tenant = Tenant::create(&Node::shared(), "modules").await;
    let upload = Upload::fixture("modules.js")
        .with(
            "lib/double.js",
            ES_MODULE,
            "import { factor } from './factor.js';\nexport const double = (x) => x * factor;",
        )
        .with("lib/factor.js", ES_MODULE, "export const factor = 2;")
        .with("lib/later.js", ES_MODULE, "export const value = 'later';")
        .with("config.json", "application/json", "{\"key\":\"value\"}")
        .with("hello.txt", "text/plain", "hello")
        .with("bytes.bin", "application/octet-stream", [0, 255])
        .with("answer.wasm", "application/wasm", ANSWER_WASM);
    tenant.deploy("kinds", upload).await;
    let answer: Value = serde_json::from_str(&tenant.text("kinds", "/").await).expect("JSON");
    assert_eq!(answer, json!([4, "value", "hello", [0, 255], 42, "later"]));
}

/// TypeScript is stripped at upload; an error in it is reported where it was written.
#[tokio::test]
async fn typescript_is_served_without_a_build_step() {
    let tenant = Tenant::create(&Node::shared(), "typescript").await;
    let source = "interface Env { NAME: string }\nenum Kind { Greeting = 'hi' }\n\
                  export default { async fetch(_r: Request, env: Env): Promise<Response> {\n\
                  return new Response(`${Kind.Greeting} ${env.NAME satisfies string}`); } };\n";
    let upload = Upload::modules("index.ts").with("index.ts", "application/typescript", source);
    tenant.deploy("typed", upload.bind(json!({ "name": "NAME", "type": "plain_text", "text": "there" }))).await;
    assert_eq!(tenant.text("typed", "/").await, "hi there");
}

/// Text, JSON, secrets and version metadata in `env`; a new secret makes a new version that serves.
#[tokio::test]
async fn bindings_arrive_in_env() {
    let tenant = Tenant::create(&Node::shared(), "bindings").await;
    let source = "export default { fetch: (r, env) => Response.json([env.TEXT, env.JSON.a, env.SECRET, \
                  typeof env.VERSION.id, env.LATER ?? null]) };";
    let upload = Upload::of(source)
        .bind(json!({ "name": "TEXT", "type": "plain_text", "text": "t" }))
        .bind(json!({ "name": "JSON", "type": "json", "json": { "a": [1] } }))
        .bind(json!({ "name": "SECRET", "type": "secret_text", "text": "s" }))
        .bind(json!({ "name": "VERSION", "type": "version_metadata" }));
    tenant.deploy("env", upload).await;
    assert_eq!(tenant.text("env", "/").await, r#"["t",[1],"s","string",null]"#);
    let secret = json!({ "name": "LATER", "text": "kept to itself", "type": "secret_text" });
    let path = tenant.path("/workers/scripts/env/secrets");
    tenant.call(reqwest::Method::PUT, &path, Some(secret)).await.result();
    assert_eq!(tenant.text("env", "/").await, r#"["t",[1],"s","string","kept to itself"]"#);
    let listed = tenant.call(reqwest::Method::GET, &path, None).await;
    assert!(listed.text.contains("LATER") && !listed.text.contains("kept to itself"), "{}", listed.text);
}

/// Uploads again and again under load: each accepted one serves at once, and no request fails because of it.
#[tokio::test]
async fn a_new_version_serves_at_once_and_fails_nobody() {
    let tenant = Tenant::create(&Node::shared(), "versions").await;
    let version = |number: u32| Upload::of(&format!("export default {{ fetch: () => new Response('{number}') }};"));
    tenant.deploy("script", version(0)).await;
    let asking = tenant.clone();
    let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
    let load = tokio::spawn(async move {
        let mut newest = 0;
        while stopped.try_recv().is_err() {
            let number: u32 = asking.text("script", "/").await.parse().expect("a number");
            assert!(number >= newest, "version {number} after {newest}");
            newest = number;
        }
        newest
    });
    for number in 1..=10 {
        tenant.deploy("script", version(number)).await;
        assert_eq!(tenant.text("script", "/").await, number.to_string());
    }
    stop.send(()).expect("the load still runs");
    assert!(load.await.expect("no request failed") > 0);
}

const ES_MODULE: &str = "application/javascript+module";

/// What was replaced or deleted, secrets and all, leaves memory once it has nothing to do.
#[tokio::test]
async fn a_version_that_serves_no_more_leaves_memory() {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "replaced").await;
    for answer in ["first", "second", "third"] {
        let source = format!("export default {{ fetch() {{ return new Response('{answer}'); }} }};");
        tenant.deploy("again", Upload::of(&source)).await;
        assert_eq!(tenant.text("again", "/").await, answer);
    }
    let isolates = async || node.metrics().await.sum("eyot_isolates", &[]);
    until("one isolate is left", PATIENCE, async || (isolates().await == 1.0).then_some(())).await;
    assert_eq!(tenant.text("again", "/").await, "third");
    tenant.call(Method::DELETE, &tenant.path("/workers/scripts/again"), None).await.result();
    until("no isolate is left", PATIENCE, async || (isolates().await == 0.0).then_some(())).await;
}
