//! Promise: whoever tails a script sees what it does as it does it, nobody else's script, and costs nothing without bound.

use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use futures::{SinkExt as _, StreamExt as _};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::harness::{Neighbour, Node, Options, PATIENCE, Reply, Tenant, Upload};
use crate::wrangler::wrangler_command;

type Socket = WebSocketStream<reqwest::Upgraded>;

async fn create(tenant: &Tenant, script: &str, filters: Value) -> Reply {
    let path = tenant.path(&format!("/workers/scripts/{script}/tails"));
    tenant.call(Method::POST, &path, Some(json!({ "filters": filters }))).await
}

/// Shakes hands at this address as a client with these protocols.
async fn handshake(tenant: &Tenant, url: &str, protocol: &str) -> reqwest::Response {
    let url = url.strip_prefix("ws://").map(|rest| format!("http://{rest}")).expect("plain on loopback");
    let key = base64::engine::general_purpose::STANDARD.encode([7; 16]);
    let request = tenant.admin.get(url).header("connection", "Upgrade").header("upgrade", "websocket");
    let request = request.header("sec-websocket-version", "13").header("sec-websocket-key", key);
    request.header("sec-websocket-protocol", protocol).send().await.expect("an answer")
}

/// Makes a tail with these filters and connects to it.
pub(crate) async fn tail(tenant: &Tenant, script: &str, filters: Value) -> (Socket, Value) {
    let made = create(tenant, script, filters).await.result();
    let response = handshake(tenant, made["url"].as_str().expect("an address"), "trace-v1").await;
    assert_eq!(response.status(), 101);
    assert_eq!(response.headers()["sec-websocket-protocol"], "trace-v1");
    let io = response.upgrade().await.expect("a connection");
    let mut socket = WebSocketStream::from_raw_socket(io, Role::Client, None).await;
    socket.send(Message::text(r#"{"debug":false}"#)).await.expect("sends");
    (socket, made)
}

/// Asks a script that must answer with its own status.
async fn text_of(tenant: &Tenant, script: &str, path: &str) {
    let response = tenant.fetch(script, path).await.expect("an answer");
    let status = response.status();
    let text = response.text().await.expect("a body");
    assert_eq!(status, 203, "{script}{path}: {text}");
}

/// The next item.
async fn item(socket: &mut Socket) -> Value {
    item_within(socket, PATIENCE).await
}

/// The next item, which may take that long. A tail that is not read is given up after half a minute.
pub(crate) async fn item_within(socket: &mut Socket, patience: Duration) -> Value {
    let reading = async {
        loop {
            match socket.next().await.expect("the tail is open").expect("a message") {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("not an item: {other:?}"),
            }
        }
    };
    tokio::time::timeout(patience, reading).await.expect("an item comes")
}

/// The close frame's code; none when the connection just ends.
async fn closed(socket: &mut Socket) -> Option<u16> {
    let reading = async {
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Close(frame) = message {
                return frame.map(|frame| frame.code.into());
            }
        }
        None
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("the tail ends")
}

const SCRIPT: &str = "
    class Point { constructor() { this.x = 1; } toString() { return 'a point'; } }
    export default {
        async fetch(request, env, ctx) {
            const { pathname } = new URL(request.url);
            if (pathname === '/log') {
                const cycle = {}; cycle.self = cycle;
                console.log('text', 1, true, null, undefined, { a: [1, { b: 2 }] }, [3]);
                console.info('i'); console.debug('d'); console.warn('w'); console.error(new TypeError('shown'));
                console.log(10n, Symbol('s'), new Point(), cycle, { toJSON() { console.log('within'); return 'own'; } });
                console.log({ get bad() { throw new Error('mine'); } });
                ctx.waitUntil(scheduler.wait(1).then(() => console.log('later')));
            }
            if (pathname === '/throw') throw new RangeError('out of it');
            if (pathname === '/spin') for (;;);
            if (pathname === '/much') for (let i = 0; i < 100; ++i) console.log('x'.repeat(8192));
            return new Response('done', { status: 203 });
        },
        scheduled() { console.log('tick'); },
    };";

/// Logs with their structure, an exception, a spinning handler; what leaves with a request's headers and what does not.
#[tokio::test]
async fn a_tail_tells_what_runs_do() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "tails").await.with_token(&["read", "deploy"]).await;
    tenant.deploy("told", Upload::of(SCRIPT)).await;
    let reader = Tenant { token: tenant.with(&node.token).with_token(&["read"]).await.token, ..tenant.clone() };
    let (mut socket, _) = tail(&reader, "told", json!([])).await;
    let request = tenant.edge.get(tenant.url("told", "/log?q=1")).header("authorization", "Bearer hush");
    let ray = request.header("x-plain", "seen").send().await.expect("an answer").headers()["eyot-ray"].clone();
    let told = item(&mut socket).await;
    assert_eq!(
        (&told["outcome"], &told["scriptName"], &told["truncated"]),
        (&json!("ok"), &json!("told"), &json!(false))
    );
    assert_eq!(told["eyotRay"].as_str(), ray.to_str().ok());
    let event = &told["event"];
    assert_eq!((&event["request"]["method"], &event["response"]["status"]), (&json!("GET"), &json!(203)));
    assert!(event["request"]["url"].as_str().is_some_and(|url| url.ends_with("/log?q=1")), "{event}");
    let headers = &event["request"]["headers"];
    assert_eq!((&headers["authorization"], &headers["x-plain"]), (&json!("REDACTED"), &json!("seen")));
    let logs: Vec<(&str, &Value)> = told["logs"]
        .as_array()
        .expect("logs")
        .iter()
        .map(|log| (log["level"].as_str().expect("a level"), &log["message"]))
        .collect();
    let expected = [
        ("log", json!(["text", 1, true, null, "undefined", { "a": [1, { "b": 2 }] }, [3]])),
        ("info", json!(["i"])),
        ("debug", json!(["d"])),
        ("warn", json!(["w"])),
        ("error", logs[4].1.clone()),
        ("log", json!(["within"])),
        ("log", json!(["10", "Symbol(s)", "a point", "[object Object]", "own"])),
        ("log", json!(["[object Object]"])),
        ("log", json!(["later"])),
    ];
    assert_eq!(logs, expected.iter().map(|(level, message)| (*level, message)).collect::<Vec<_>>());
    assert!(logs[4].1[0].as_str().is_some_and(|text| text.starts_with("TypeError: shown\n    at ")), "{}", logs[4].1);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis();
    assert!(told["eventTimestamp"].as_u64().is_some_and(|at| now - u128::from(at) < 600_000), "{told}");

    tenant.expect_error("told", "/throw", 500, 1101).await;
    let told = item(&mut socket).await;
    let exception = &told["exceptions"][0];
    assert_eq!(
        (&told["outcome"], &exception["name"], &exception["message"]),
        (&json!("exception"), &json!("RangeError"), &json!("out of it"))
    );
    assert!(exception["stack"].as_str().is_some_and(|stack| stack.contains("index.js:")), "{exception}");
    tenant.expect_error("told", "/spin", 503, 1102).await;
    assert_eq!(item(&mut socket).await["outcome"], "exceededCpu");
    text_of(&tenant, "told", "/much").await;
    let told = item(&mut socket).await;
    assert_eq!(told["truncated"], true);
    assert!(told.to_string().len() < 512 << 10, "{} bytes", told.to_string().len());
}

/// Lists, connects where one may not, ends by DELETE and by the script's removal.
#[tokio::test]
async fn a_tail_ends_when_it_is_told_to() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "ends").await.with_token(&["read", "deploy"]).await;
    tenant.deploy("told", Upload::of(SCRIPT)).await;
    let (mut socket, made) = tail(&tenant, "told", json!([])).await;
    // Listed while it is open, ended by DELETE; the address is good for one connection only.
    let path = tenant.path("/workers/scripts/told/tails");
    let listed = tenant.call(Method::GET, &path, None).await.result();
    assert_eq!((listed.as_array().map(Vec::len), &listed[0]["id"]), (Some(1), &made["id"]));
    let url = made["url"].as_str().expect("an address");
    assert_eq!(handshake(&tenant, url, "trace-v1").await.status(), 409);
    let (guessed, last) = url.split_at(url.len() - 1);
    let other = if last == "0" { "1" } else { "0" };
    assert_eq!(handshake(&tenant, &format!("{guessed}{other}"), "trace-v1").await.status(), 404);
    assert_eq!(handshake(&tenant, url, "chat").await.status(), 400);
    let id = made["id"].as_str().expect("an id");
    tenant.call(Method::DELETE, &format!("{path}/{id}"), None).await.result();
    assert_eq!(closed(&mut socket).await, Some(1000));
    assert_eq!(handshake(&tenant, url, "trace-v1").await.status(), 404);
    tenant.call(Method::DELETE, &format!("{path}/{id}"), None).await.result();
    assert_eq!(tenant.call(Method::GET, &path, None).await.result(), json!([]));
    // So does a token; the tail of another one stays.
    let other = tenant.with(&node.token);
    let (mut kept, _) = tail(&other, "told", json!([])).await;
    let body = json!({ "name": "leaves", "scopes": ["read", "deploy"] });
    let made = other.call(Method::POST, &tenant.path("/tokens"), Some(body)).await.result();
    let (id, value) = (made["id"].as_str().expect("an id"), made["value"].as_str().expect("a token"));
    let leaving = tenant.with(value);
    let (mut socket, _) = tail(&leaving, "told", json!([])).await;
    other.call(Method::DELETE, &tenant.path(&format!("/tokens/{id}")), None).await.result();
    assert_eq!(closed(&mut socket).await, Some(1000));
    assert_eq!(create(&leaving, "told", json!([])).await.status, 401);
    text_of(&tenant, "told", "/log").await;
    item(&mut kept).await;
    drop(kept);
    // A script takes its tails along.
    let (mut socket, _) = tail(&tenant, "told", json!([])).await;
    tenant.call(Method::DELETE, &tenant.path("/workers/scripts/told"), None).await.result();
    assert_eq!(closed(&mut socket).await, Some(1000));
}

/// A script of the same name of another tenant, and another script of the same: neither is heard; nor can a stranger ask.
#[tokio::test]
async fn a_tail_hears_of_its_own_script_only() {
    let node = Node::shared();
    let one = Tenant::create(&node, "hears").await.with_token(&["read", "deploy"]).await;
    let two = Tenant::create(&node, "unheard").await.with_token(&["read", "deploy"]).await;
    for tenant in [&one, &two] {
        tenant.deploy("same", Upload::of(SCRIPT)).await;
        tenant.deploy("other", Upload::of(SCRIPT)).await;
    }
    let (mut socket, made) = tail(&one, "same", json!([])).await;
    text_of(&two, "same", "/log").await;
    text_of(&one, "other", "/log").await;
    text_of(&one, "same", "/mine").await;
    let told = item(&mut socket).await;
    assert!(told["event"]["request"]["url"].as_str().is_some_and(|url| url.ends_with("/mine")), "{told}");
    let id = made["id"].as_str().expect("an id");
    for (method, path) in [
        (Method::GET, one.path("/workers/scripts/same/tails")),
        (Method::POST, one.path("/workers/scripts/same/tails")),
        (Method::DELETE, one.path(&format!("/workers/scripts/same/tails/{id}"))),
    ] {
        assert_eq!(two.call(method, &path, Some(json!({}))).await.status, 404, "{path}");
    }
    two.call(Method::DELETE, &two.path(&format!("/workers/scripts/same/tails/{id}")), None).await.result();
    text_of(&one, "same", "/again").await;
    let told = item(&mut socket).await;
    assert!(told["event"]["request"]["url"].as_str().is_some_and(|url| url.ends_with("/again")), "still open: {told}");
    for _ in 0..9 {
        create(&one, "same", json!([])).await.result();
    }
    assert_eq!(create(&one, "same", json!([])).await.status, 429);
    create(&two, "same", json!([])).await.result();
}

/// Each of wrangler's filters lets through what it names.
#[tokio::test]
async fn filters_let_through_what_they_name() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "filters").await.with_token(&["read", "deploy"]).await;
    tenant.deploy("filtered", Upload::of(SCRIPT)).await;
    let send = async |method: Method, path: String, header: &str| {
        let request = tenant.edge.request(method, tenant.url("filtered", &path)).header("x-kind", header);
        request.send().await.expect("an answer")
    };
    for (at, (filter, wanted)) in [
        (json!({ "outcome": ["exception", "unknown"] }), vec!["throw"]),
        (json!({ "method": ["POST", "PUT"] }), vec!["post"]),
        (json!({ "header": { "key": "X-Kind", "query": "wan" } }), vec!["header"]),
        (json!({ "query": "later" }), vec!["log"]),
        (json!({ "client_ip": ["self"] }), vec!["first", "header", "log", "post", "throw"]),
        (json!({ "sampling_rate": 1 }), vec!["first", "header", "log", "post", "throw"]),
    ]
    .into_iter()
    .enumerate()
    {
        let (mut socket, _) = tail(&tenant, "filtered", json!([filter])).await;
        for (method, path, header) in [
            (Method::GET, "first", "x"),
            (Method::GET, "throw", "x"),
            (Method::POST, "post", "x"),
            (Method::GET, "header", "wanted"),
            (Method::GET, "log", "x"),
        ] {
            send(method, format!("/{path}?{at}"), header).await;
        }
        // In the order in which runs end, with what the last filter's requests had left to do.
        let mut told = Vec::new();
        while told.len() < wanted.len() {
            let item = item(&mut socket).await;
            let url = item["event"]["request"]["url"].as_str().expect("a request").to_owned();
            if let Some(url) = url.strip_suffix(&format!("?{at}")) {
                told.push(url.rsplit('/').next().unwrap_or_default().to_owned());
            }
        }
        told.sort();
        assert_eq!(told, wanted, "{filter}");
    }
    let (mut socket, _) = tail(&tenant, "filtered", json!([{ "client_ip": ["10.0.0.1"] }])).await;
    let (mut all, _) = tail(&tenant, "filtered", json!([])).await;
    send(Method::GET, "/first".to_owned(), "x").await;
    item(&mut all).await;
    while let Some(came) = futures::FutureExt::now_or_never(socket.next()) {
        assert!(!matches!(came, Some(Ok(Message::Text(_))) | None), "nothing comes from elsewhere: {came:?}");
    }
}

/// A reader that does not read, under many large events, then reads: it is told what it missed. Then the node is stopped.
#[tokio::test]
async fn a_slow_reader_loses_items_and_is_told() {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "slow").await;
    // This machine may have much else to do.
    tenant.limit(json!({ "cpu_ms": 10_000 })).await;
    tenant.deploy("busy", Upload::of(SCRIPT)).await;
    let neighbour = Neighbour::start(&node).await;
    let (mut socket, _) = tail(&tenant, "busy", json!([])).await;
    let before = node.resident_bytes();
    // Far more than the socket's buffers and the queue hold together.
    for _ in 0..12 {
        futures::future::join_all((0..10).map(|_| text_of(&tenant, "busy", "/much"))).await;
    }
    assert!(node.resident_bytes() < before + (300 << 20), "{} bytes more", node.resident_bytes() - before);
    let mut told = 0;
    let left_out = loop {
        let next = item(&mut socket).await;
        if next["event"]["type"] == "overload" {
            break next["event"]["message"].as_str().expect("a message").to_owned();
        }
        told += 1;
    };
    let missed: usize = left_out.split(' ').filter_map(|word| word.parse().ok()).next().expect("a number");
    assert!(told + missed <= 120 && missed > 0, "{told} told, {missed} missed");
    neighbour.finish().await;
    node.signal("TERM");
    assert_eq!(closed(&mut socket).await, Some(1001));
    assert!(node.exit_status().await.success());
}

async fn watch(mut command: Command) -> (Child, Lines<BufReader<ChildStdout>>) {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().expect("starts");
    let lines = BufReader::new(child.stdout.take().expect("is piped")).lines();
    (child, lines)
}

/// Asks the script until the client has printed this: it takes a while to connect.
async fn until_printed(
    tenant: &Tenant,
    script: &str,
    lines: &mut Lines<BufReader<ChildStdout>>,
    wanted: &str,
) -> String {
    let mut seen = String::new();
    let printing = async {
        loop {
            tokio::select! {
                line = lines.next_line() => {
                    seen.push_str(&line.expect("text").expect("the client goes on"));
                    seen.push('\n');
                    if seen.contains(wanted) {
                        return;
                    }
                }
                text = text_of(tenant, script, "/log") => text,
            }
        }
    };
    let printed = tokio::time::timeout(PATIENCE, printing).await;
    assert!(printed.is_ok(), "no {wanted:?} in {seen}");
    seen
}

/// wrangler unmodified, and `eyot tail`: both print what the script logs, and give up their tail when they are told to end.
#[tokio::test]
async fn wrangler_and_eyot_tail_a_script() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "watched").await.with_token(&["read", "deploy"]).await;
    tenant.deploy("watched", Upload::of(SCRIPT)).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = tenant.path("/workers/scripts/watched/tails");
    let eyot = |format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eyot"));
        command.args(["tail", "watched", "--format", format, "--api", &node.admin, "--account", &tenant.id]);
        command.env("EYOT_TOKEN", &tenant.token);
        command
    };
    let wrangler = wrangler_command(&tenant, folder.path(), &["tail", "watched", "--format", "pretty"]);
    for (command, wanted) in [
        (wrangler, "(log) text 1 true null undefined"),
        (eyot("pretty"), "(log) text 1 true null undefined {\"a\":[1,{\"b\":2}]} [3]"),
        (eyot("json"), "\"message\":[\"text\",1,true,null,\"undefined\",{\"a\":[1,{\"b\":2}]},[3]]"),
    ] {
        let (mut child, mut lines) = watch(command).await;
        let seen = until_printed(&tenant, "watched", &mut lines, wanted).await;
        assert!(seen.contains("/log") && seen.to_lowercase().contains("ok"), "{seen}");
        assert_eq!(tenant.call(Method::GET, &path, None).await.result().as_array().map(Vec::len), Some(1));
        let pid = child.id().expect("runs").to_string();
        std::process::Command::new("kill").args(["-INT", &pid]).status().expect("kill runs");
        tokio::time::timeout(PATIENCE, child.wait()).await.expect("ends when told").expect("ends");
        crate::harness::until("the tail is gone", PATIENCE, async || {
            let listed = tenant.call(Method::GET, &path, None).await.result();
            (listed == json!([])).then_some(())
        })
        .await;
    }
}
