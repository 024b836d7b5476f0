//! Promise: `eyot dev --inspect` answers the DevTools protocol, to this machine alone.

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::dev::{Dev, Project};
use crate::harness::{PATIENCE, until};

const SCRIPT: &str = "let calls = 0;
export default {
  async fetch(request) {
    const secret = 6 * 7;
    calls++;
    let sum = 0;
    for (let i = 0; i < 1000; i++) sum += i;
    return new Response(`${secret} ${calls} ${sum}`);
  },
};
";

/// Sets a breakpoint, hits it, reads a variable, goes on; takes a heap snapshot and a CPU profile.
#[tokio::test]
async fn a_debugger_stops_reads_and_profiles_a_script() {
    let project = Project::files(&[("one.js", SCRIPT)]);
    let dev = Dev::start_with(&project.path.join("one.js"), &["--inspect=127.0.0.1:0"]).await;
    let address = inspector_of(&dev);
    let listed = until("the isolate is listed", PATIENCE, async || {
        let listed: Value = serde_json::from_str(&get(&address, &address, "/json/list").await.1).expect("a list");
        (listed.as_array().map(Vec::len) == Some(1)).then_some(listed)
    })
    .await;
    let version = get(&address, &address, "/json/version").await.1;
    assert!(version.contains("\"Protocol-Version\":\"1.3\""), "{version}");
    let path = listed[0]["id"].as_str().expect("an id").to_owned();
    let mut debugger = Debugger::connect(&address, &path).await;

    debugger.call("Runtime.enable", json!({})).await;
    debugger.call("Debugger.enable", json!({})).await;
    let place = json!({ "lineNumber": 4, "urlRegex": ".*one\\.js$" });
    let set = debugger.call("Debugger.setBreakpointByUrl", place).await;
    assert!(set["locations"].as_array().is_some_and(|locations| !locations.is_empty()), "{set}");
    let (asked, ()) = tokio::join!(dev.ask("/"), async {
        let paused = debugger.event("Debugger.paused").await;
        let frame = &paused["callFrames"][0];
        assert_eq!(frame["location"]["lineNumber"], 4, "{frame}");
        let read =
            json!({ "callFrameId": frame["callFrameId"], "expression": "[secret, calls]", "returnByValue": true });
        let read = debugger.call("Debugger.evaluateOnCallFrame", read).await;
        assert_eq!(read["result"]["value"], json!([42, 0]));
        debugger.call("Debugger.resume", json!({})).await;
    });
    assert_eq!(asked, (200, "42 1 499500".to_owned()));

    debugger.call("HeapProfiler.enable", json!({})).await;
    debugger.call("HeapProfiler.takeHeapSnapshot", json!({ "reportProgress": false })).await;
    let snapshot: String = debugger.chunks.concat();
    let snapshot: Value = serde_json::from_str(&snapshot).expect("the chunks are one JSON value");
    assert!(snapshot["snapshot"]["node_count"].as_u64().is_some_and(|count| count > 1_000));

    debugger.call("Debugger.disable", json!({})).await;
    debugger.call("Profiler.enable", json!({})).await;
    debugger.call("Profiler.start", json!({})).await;
    assert_eq!(dev.ask("/").await.0, 200);
    let profile = debugger.call("Profiler.stop", json!({})).await;
    assert!(profile["profile"]["nodes"].as_array().is_some_and(|nodes| !nodes.is_empty()), "{profile}");
    let evaluated = debugger.call("Runtime.evaluate", json!({ "expression": "typeof Deno + 1" })).await;
    assert_eq!(evaluated["result"]["value"], "undefined1", "not even a debugger finds host objects by name");
}

/// Hosts that a page's DNS could have chosen, an isolate nobody has, and addresses beyond this machine.
#[tokio::test]
async fn the_inspector_is_for_this_machine_alone() {
    let project = Project::files(&[("one.js", SCRIPT)]);
    let dev = Dev::start_with(&project.path.join("one.js"), &["--inspect=127.0.0.1:0"]).await;
    let address = inspector_of(&dev);
    assert_eq!(get(&address, "localhost", "/json").await.0, 200);
    for host in ["evil.example", "evil.example:9229", "127.0.0.1.evil.example"] {
        assert_eq!(get(&address, host, "/json").await.0, 400, "{host}");
    }
    assert_eq!(get(&address, &address, "/00000000-0000-0000-0000-000000000000").await.0, 404);
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_eyot"));
    command.arg("dev").arg(project.path.join("one.js")).args(["--port", "0", "--inspect=0.0.0.0:0"]);
    let refused = crate::harness::run_for(&mut command, PATIENCE).await;
    assert!(String::from_utf8_lossy(&refused.stderr).contains("loopback"), "{refused:?}");
}

/// Where the inspector listens, as the terminal says.
fn inspector_of(dev: &Dev) -> String {
    let terminal = dev.terminal();
    let (_, after) = terminal.split_once("inspector at http://").expect("the address is printed");
    after.split('/').next().expect("an address").to_owned()
}

/// Status and body of a request whose `Host` is this.
async fn get(address: &str, host: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("writes");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("reads");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
}

/// A debugger's end of the protocol.
struct Debugger {
    socket: WebSocketStream<TcpStream>,
    next_id: u64,
    events: Vec<Value>,
    /// Pieces of a heap snapshot.
    chunks: Vec<String>,
}

impl Debugger {
    async fn connect(address: &str, path: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.expect("connects");
        let request = format!(
            "GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.expect("writes");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("reads"));
        }
        let head = String::from_utf8(head).expect("is text").to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 101"), "{head}");
        assert!(head.contains("s3pplmbitxaq9kygzzhzrbk+xoo="), "{head}");
        let socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
        Self { socket, next_id: 1, events: Vec::new(), chunks: Vec::new() }
    }

    /// Calls a method and gives its result.
    async fn call(&mut self, method: &str, params: Value) -> Value {
        let id = self.next_id;
        self.next_id += 1;
        let text = json!({ "id": id, "method": method, "params": params }).to_string();
        self.socket.send(Message::text(text)).await.expect("sends");
        loop {
            let message = self.next().await;
            if message["id"] == id {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
        }
    }

    /// The next event of this name.
    async fn event(&mut self, method: &str) -> Value {
        loop {
            if let Some(at) = self.events.iter().position(|event| event["method"] == method) {
                return self.events.remove(at)["params"].clone();
            }
            self.next().await;
        }
    }

    async fn next(&mut self) -> Value {
        let message = tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("an answer in time");
        let text = message.expect("the session is open").expect("a message").into_text().expect("text");
        let message: Value = serde_json::from_str(&text).expect("is JSON");
        if message["method"] == "HeapProfiler.addHeapSnapshotChunk" {
            self.chunks.push(message["params"]["chunk"].as_str().unwrap_or_default().to_owned());
        } else if message.get("method").is_some() {
            self.events.push(message.clone());
        }
        message
    }
}
