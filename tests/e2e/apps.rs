//! Promise: applications from npm answer on Eyot what they answer on workerd.
//!
//! `tests/apps` has the applications, what is asked of each, and the lock file of what they are made of. The same bundles
//! run on a workerd that this test starts; status, body and headers must be the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::harness::{Node, PATIENCE, Tenant, Upload, client, repository, run};
use crate::node_modules::node_binary;

/// An answer as it is compared: status, headers by name, body with its own address taken out.
pub(crate) type Answer = (u16, BTreeMap<String, Vec<String>>, String);

/// Every application of `tests/apps/src`, every request of `tests/apps/requests.json`.
#[tokio::test]
async fn applications_answer_as_on_workerd() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "apps").await;
    tenant.limit(json!({ "cpu_ms": 10_000, "startup_cpu_ms": 10_000 })).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    run(Command::new(node_binary()).arg(repository().join("tests/apps/bundle.mjs")).arg(folder.path())).await;
    let requests = std::fs::read(repository().join("tests/apps/requests.json")).expect("the requests");
    let requests: BTreeMap<String, Vec<Value>> = serde_json::from_slice(&requests).expect("JSON");
    assert!(requests.len() >= 20, "at least 20 applications");
    let workerd = Workerd::start(folder.path()).await;

    let mut different = Vec::new();
    for (app, requests) in &requests {
        let script = app.replace('_', "-");
        let source = std::fs::read(folder.path().join(format!("{app}.js"))).expect("a bundle");
        let mut upload = Upload::modules("index.js").with("index.js", "application/javascript+module", source);
        let module = format!("{app}.wasm");
        if let Ok(bytes) = std::fs::read(folder.path().join(&module)) {
            upload = upload.with(&module, "application/wasm", bytes);
        }
        tenant.deploy(&script, upload.set("compatibility_flags", json!(["nodejs_compat"]))).await;
        for request in requests {
            let path = request["path"].as_str().expect("a path");
            let here = ask(&client(&node), &tenant.url(&script, ""), request).await;
            let there = ask(&client(&node), &format!("http://{app}.localhost:{}", workerd.port), request).await;
            if here != there {
                different.push(format!("{app} {path}\n  eyot    {here:?}\n  workerd {there:?}"));
            }
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

pub(crate) async fn ask(client: &reqwest::Client, base: &str, request: &Value) -> Answer {
    let base = base.trim_end_matches('/');
    let method = request["method"].as_str().unwrap_or("GET").parse().expect("a method");
    let path = request["path"].as_str().expect("a path");
    let mut sent = client.request(method, format!("{base}{path}"));
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        // The address that is asked is another one each time.
        sent = sent.header(name, value.as_str().expect("a header").replace("ORIGIN", base));
    }
    if let Some(body) = request["body"].as_str() {
        sent = sent.body(body.to_owned());
    }
    let answer = sent.send().await.unwrap_or_else(|error| panic!("{base}{path}: {error:?}"));
    let status = answer.status().as_u16();
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in answer.headers() {
        if !OF_THE_CONNECTION.contains(&name.as_str()) {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            headers.entry(name.as_str().to_owned()).or_default().push(value);
        }
    }
    let body = String::from_utf8_lossy(&answer.bytes().await.expect("a body")).replace(base, "");
    (status, headers, body)
}

/// A workerd with the configuration `config.capnp` of a folder, and its first port; ended with this value.
pub(crate) struct Workerd {
    pub(crate) port: u16,
    _child: Child,
}

impl Workerd {
    pub(crate) async fn start(folder: &Path) -> Self {
        let mut command = Command::new(workerd_binary());
        command.args(["serve", "config.capnp", "--control-fd=1"]).current_dir(folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("workerd starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let listening = async {
            while let Some(line) = lines.next_line().await.expect("workerd speaks UTF-8") {
                let event: Value = serde_json::from_str(&line).unwrap_or_default();
                if event["event"] == "listen" {
                    return event["port"].as_u64().and_then(|port| u16::try_from(port).ok());
                }
            }
            None
        };
        let port = tokio::time::timeout(PATIENCE, listening).await.expect("in time").expect("workerd listens");
        Self { port, _child: child }
    }
}

fn workerd_binary() -> PathBuf {
    let packages = repository().join("tests/clients/node_modules/@cloudflare");
    let binaries = ["workerd-linux-64", "workerd-linux-arm64"].map(|name| packages.join(name).join("bin/workerd"));
    binaries.into_iter().find(|path| path.exists()).expect("scripts/ensure-tools test")
}

/// Headers that say how the answer came, and by whom.
const OF_THE_CONNECTION: [&str; 6] =
    ["connection", "content-length", "date", "eyot-ray", "keep-alive", "transfer-encoding"];
