//! Promise: what a script logs reads as Node.js prints it.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::harness::{Node, Options, PATIENCE, Tenant, Upload, pinned_node, repository, run_for, until};

/// The same file in Node and here, message by message.
#[tokio::test]
async fn the_console_prints_what_node_prints() {
    let config = "[logs]\nlevel = \"debug\"\nformat = \"json\"\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let tenant = Tenant::create(&node, "console").await;
    tenant.limit(json!({ "cpu_ms": 2_000 })).await;
    tenant.deploy("console", Upload::fixture("console.js")).await;
    assert_eq!(tenant.text("console", "/").await, "logged");
    let here = until("the last message", PATIENCE, async || {
        let messages = messages(&node.log());
        (messages.last()? == "end").then_some(messages)
    });
    let (here, there) = tokio::join!(here, by_node());
    for (index, (here, there)) in here.iter().zip(&there).enumerate() {
        assert_eq!(here, there, "message {index}");
    }
    assert_eq!(here.len(), there.len());
}

/// What scripts have logged.
fn messages(log: &str) -> Vec<String> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines
        .filter(|line| line["target"] == "script")
        .filter_map(|line| Some(line["message"].as_str()?.to_owned()))
        .collect()
}

/// What Node's console writes, one string for each call.
async fn by_node() -> Vec<String> {
    let file = repository().join("tests/fixtures/console.js");
    let program = format!(
        "import {{ Console }} from 'node:console'; import {{ Writable }} from 'node:stream'; const all = []; \
         const stdout = new Writable({{ write(text, _, done) {{ all.push(String(text).replace(/\\n$/, '')); done(); }} }}); \
         globalThis.console = new Console({{ stdout, stderr: stdout, colorMode: false }}); \
         (await import({file:?})).default.fetch(); process.stdout.write(JSON.stringify(all));"
    );
    let mut command = Command::new(pinned_node());
    command.args(["--no-warnings", "--input-type=module", "-e", &program]);
    let output = run_for(&mut command, Duration::from_secs(60)).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}
