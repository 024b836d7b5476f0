//! Promise: a script finds nothing of the host, and what it breaks is its own.

use std::sync::Arc;

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::harness::{Neighbour, Node, Options, Tenant, Upload, expect_error};

/// Walks the graph of objects, looks at stacks, clocks and shared memory, and asks for code from strings.
#[tokio::test]
async fn a_script_finds_no_host_object_no_clock_and_no_eval() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "escape").await;
    tenant.limit(json!({ "cpu_ms": 20_000 })).await;
    let namespace = tenant.namespace("escape").await;
    for (name, least) in [("graph", 1_000), ("stacks", 20), ("time", 15), ("code", 15)] {
        tenant.deploy(name, Upload::fixture(&format!("escape/{name}.js")).bind_kv(&namespace)).await;
        let answer: Value = serde_json::from_str(&tenant.text(name, "/").await).expect("JSON");
        assert_eq!(answer["found"], json!([]), "{name}");
        assert!(answer["looked_at"].as_u64().is_some_and(|count| count >= least), "{name}: {answer}");
    }
}

/// Makes code from strings at the top level in every way, which it may, and tries all it kept of that in requests; from a snapshot and
/// without one.
#[tokio::test]
async fn code_from_strings_is_made_at_the_top_level_and_never_after_it() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "strings").await;
    tenant.limit(json!({ "cpu_ms": 20_000, "startup_cpu_ms": 20_000 })).await;
    let late = "try { eval('1'); globalThis.late = 'allowed'; } catch (error) { globalThis.late = error.name; }";
    let plain =
        "import { env } from 'cloudflare:workers'; export { default } from './index.js'; export const read = env.TEXT;";
    for (name, main, start) in [("snapshot", "index.js", "snapshot"), ("plain", "plain.js", "plain")] {
        let upload = Upload::fixture("escape/code-at-start.js")
            .with("late.js", "application/javascript+module", late)
            .with("plain.js", "application/javascript+module", plain)
            .set("main_module", json!(main));
        let result = tenant.deploy(name, upload).await;
        assert_eq!(result["eyot"]["start"], start, "{result}");
        let answer: Value = serde_json::from_str(&tenant.text(name, "/").await).expect("JSON");
        assert_eq!(answer["found"], json!([]), "{name}");
        assert!(answer["looked_at"].as_u64().is_some_and(|count| count >= 80), "{name}: {answer}");
    }
}

/// By date and by flag: what a script may do at its top level is what its compatibility says, in both syntaxes.
#[tokio::test]
async fn the_compatibility_of_a_script_says_whether_its_top_level_may_make_code() {
    let tenant = Tenant::create(&Node::shared(), "evaldate").await;
    let top = "let said; try { said = new Function('a', 'return a + 1')(1); } catch (error) { said = error.name; }";
    let modules = format!("{top} export default {{ fetch: () => new Response(`${{said}}`) }};");
    let listener = format!("{top} addEventListener('fetch', (event) => event.respondWith(new Response(`${{said}}`)));");
    for (date, flags, said) in [
        ("2025-05-31", json!([]), "EvalError"),
        ("2025-06-01", json!([]), "2"),
        ("2025-05-31", json!(["allow_eval_during_startup"]), "2"),
        ("2026-01-01", json!(["disallow_eval_during_startup"]), "EvalError"),
    ] {
        for upload in [Upload::of(&modules), Upload::service_worker(&listener)] {
            let upload = upload.set("compatibility_date", json!(date)).set("compatibility_flags", flags.clone());
            tenant.deploy("dated", upload).await;
            assert_eq!(tenant.text("dated", "/").await, said, "{date} {flags}");
        }
    }
}

/// Looks for properties under symbols, and shows the host proxies: what the host keeps on objects is never seen.
#[tokio::test]
async fn a_script_sees_nothing_of_what_the_host_keeps_on_its_objects() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "symbols").await;
    tenant.limit(json!({ "cpu_ms": 20_000 })).await;
    tenant.deploy("symbols", Upload::fixture("escape/symbols.js")).await;
    let answer: Value = serde_json::from_str(&tenant.text("symbols", "/").await).expect("JSON");
    assert!(answer["looked_at"].as_u64().is_some_and(|count| count >= 1_000), "{answer}");
    assert!(answer["calls"].as_u64().is_some_and(|count| count >= 1_000), "{answer}");
    let found =
        |key: &str| -> Vec<&str> { answer[key].as_array().expect("a list").iter().filter_map(Value::as_str).collect() };
    let hidden: Vec<&str> = found("found").into_iter().filter(|symbol| !SEEN_SYMBOLS.contains(symbol)).collect();
    assert_eq!(hidden, Vec::<&str>::new(), "found");
    let asked: Vec<&str> =
        found("asked").into_iter().filter(|symbol| !SEEN_SYMBOLS.iter().any(|seen| seen.starts_with(symbol))).collect();
    assert_eq!(asked, Vec::<&str>::new(), "asked for");
}

/// What scripts may see: methods and accessors of prototypes, and what Node.js has under registered symbols too.
const SEEN_SYMBOLS: &[&str] = &[
    "Symbol(Deno.customInspect) method",
    "Symbol(Deno.privateCustomInspect) method",
    "Symbol([[AbortSteps]]) method",
    "Symbol([[CancelSteps]]) method",
    "Symbol([[ErrorSteps]]) method",
    "Symbol([[NotSerializable]]) state",
    "Symbol([[PullSteps]]) method",
    "Symbol([[ReleaseSteps]]) method",
    "Symbol([[add]]) method",
    "Symbol([[remove]]) method",
    "Symbol([[runAbortSteps]]) method",
    "Symbol([[signalAbort]]) method",
    "Symbol(body) method",
    "Symbol(headers) method",
    "Symbol(iterable headers) method",
    "Symbol(mime type) method",
    "Symbol(nodejs.messaging.kTransfer) method",
    "Symbol(nodejs.util.inspect.custom) method",
    "Symbol(nodejs.webstream.controllerErrorFunction) method",
    "Symbol(nodejs.webstream.isClosedPromise) state",
    "Symbol(nodejs.webstreams.kState) method",
    "Symbol(nodejs.webstreams.kType) state",
    "Symbol(signal) method",
    "Symbol(updateUrlSearch) method",
];

/// Replaces one thing at a time that built-ins rest on: whatever the script then gets, the node and a neighbour are well.
#[tokio::test]
async fn replaced_built_ins_harm_the_script_alone() {
    let node = Node::start(Options::default());
    let process = node.pid();
    let tenant = Tenant::create(&node, "tamper").await;
    let namespace = tenant.namespace("tamper").await;
    let neighbour = Neighbour::start(&node).await;
    tenant.deploy("tamper", Upload::fixture("escape/tamper.js").bind_kv(&namespace)).await;
    let list: Vec<String> = serde_json::from_str(&tenant.text("tamper", "/list").await).expect("JSON");
    assert!(list.len() >= 25, "{list:?}");
    let mut well = 0;
    for name in &list {
        // A fresh isolate for each: the version that serves is another one.
        tenant.deploy("tamper", Upload::fixture("escape/tamper.js").bind_kv(&namespace)).await;
        for _ in 0..2 {
            let response =
                tenant.fetch("tamper", &format!("/{name}")).await.unwrap_or_else(|error| panic!("{name}: {error}"));
            let status = response.status().as_u16();
            assert!([200, 500, 503].contains(&status), "{name}: {status}");
            assert_ne!(
                response.headers().get("eyot-error").map_or("", |code| code.to_str().unwrap_or("?")),
                "1104",
                "{name}"
            );
            well += u32::from(status == 200);
        }
        assert!(node.is_alive(), "{name}: the node died\n{}", node.log());
    }
    // Most of it does not touch us at all.
    assert!(well as usize >= list.len(), "{well} answers of {} were right", list.len() * 2);
    assert_eq!(node.pid(), process);
    assert!(!node.log().contains("panicked"), "{}", node.log());
    neighbour.finish().await;
}

/// Looks at everything that is loaded late when every built-in is a spy: what is loaded took its own before, and shows
/// nothing of the host to what the script has put there.
#[tokio::test]
async fn what_is_loaded_late_takes_nothing_a_script_has_replaced() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "late").await;
    tenant.limit(json!({ "cpu_ms": 20_000 })).await;
    tenant.deploy("late", Upload::fixture("escape/late.js")).await;
    let answer: Value = serde_json::from_str(&tenant.text("late", "/").await).expect("JSON");
    assert_eq!(answer["found"], json!([]), "{answer}");
    assert_eq!(answer["failed"], json!([]), "{answer}");
    assert!(answer["looked"].as_u64().is_some_and(|count| count >= 100), "{answer}");
}

/// A script that fetches itself, through a mirror that passes requests back in: the seventeenth is refused, whatever the
/// script does to the count.
#[tokio::test]
async fn a_request_passes_through_sixteen_scripts_at_most() {
    let config = "[egress]\nallow = [\"127.0.0.4/32\"]\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let tenant = Tenant::create(&node, "loop").await;
    let listener = TcpListener::bind("127.0.0.4:0").await.expect("binds");
    let mirror = format!("http://{}/", listener.local_addr().expect("an address"));
    let passed = Arc::new(tokio::sync::Semaphore::new(0));
    tokio::spawn(reflect(listener, tenant.clone(), passed.clone()));
    let upload = Upload::fixture("loop.js").bind(json!({ "name": "SELF", "type": "plain_text", "text": mirror }));
    tenant.deploy("loop", upload).await;
    let response = tenant.fetch("loop", "/").await.expect("an answer");
    assert_eq!(response.headers()["x-seen"], "1019");
    assert_eq!(response.status(), 508);
    assert_eq!(passed.available_permits(), 16);
    let late = tenant.edge.get(tenant.url("loop", "/")).header("eyot-hops", "16").send().await.expect("an answer");
    expect_error(late, 508, 1019).await;
    node.expect_outcomes("loop", "loopDetected", 2).await;
}

/// Passes each request on to the script with the hop count it came with, and the answer back.
async fn reflect(listener: TcpListener, tenant: Tenant, passed: Arc<tokio::sync::Semaphore>) {
    while let Ok((mut socket, _)) = listener.accept().await {
        let (tenant, passed) = (tenant.clone(), passed.clone());
        tokio::spawn(async move {
            let mut head = vec![0; 8192];
            let read = socket.read(&mut head).await.expect("a request");
            let head = String::from_utf8_lossy(&head[..read]).into_owned();
            let hops: Vec<&str> = head
                .lines()
                .filter(|line| line.to_lowercase().starts_with("eyot-hops:"))
                .map(|line| line[10..].trim())
                .collect();
            assert_eq!(hops.len(), 1, "{head}");
            passed.add_permits(1);
            let answer =
                tenant.edge.get(tenant.url("loop", "/")).header("eyot-hops", hops[0]).send().await.expect("an answer");
            let (status, seen) = (answer.status(), seen(answer.headers()));
            let text = format!("HTTP/1.1 {status}\r\n{seen}Content-Length: 0\r\nConnection: close\r\n\r\n");
            socket.write_all(text.as_bytes()).await.expect("the node reads");
        });
    }
}

fn seen(headers: &HeaderMap) -> String {
    let named = ["eyot-error", "x-seen"].into_iter().filter_map(|name| Some((name, headers.get(name)?.to_str().ok()?)));
    named.map(|(name, value)| format!("{name}: {value}\r\n")).collect()
}
