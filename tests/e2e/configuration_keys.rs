//! Promise: no key of a wrangler configuration is passed over in silence.

use futures::StreamExt as _;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::harness::{PATIENCE, repository, run_for};

/// Every key of wrangler's own schema that is not honoured, one at a time: refused by its name, or named in a warning.
#[tokio::test]
async fn every_key_is_taken_refused_or_warned_of() {
    let schema = repository().join("tests/clients/node_modules/wrangler/config-schema.json");
    let schema: Value =
        serde_json::from_slice(&std::fs::read(schema).expect("scripts/ensure-tools test")).expect("JSON");
    let keys = schema["definitions"]["RawConfig"]["properties"].as_object().expect("keys");
    assert!(keys.len() > 80 && HONOURED.iter().all(|key| keys.contains_key(*key)));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut tries = Vec::new();
    for (key, definition) in keys.iter().filter(|(key, _)| !HONOURED.contains(&key.as_str())) {
        let sample = match definition["type"].as_str() {
            Some("boolean") => json!(true),
            Some("string") => json!("x"),
            Some("array") => json!([{ "binding": "X" }]),
            _ => json!({ "binding": "X" }),
        };
        let mut config = json!({ "name": "keys", "main": "a.js" });
        config[key.as_str()] = sample;
        let project = folder.path().join(key);
        std::fs::create_dir(&project).expect("a folder");
        std::fs::write(project.join("a.js"), "export default { fetch() {} };").expect("writes");
        std::fs::write(project.join("wrangler.json"), config.to_string()).expect("writes");
        tries.push(async move {
            let mut command = Command::new(env!("CARGO_BIN_EXE_eyot"));
            let output = run_for(command.args(["deploy", "--dry-run"]).current_dir(&project), PATIENCE).await;
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.contains(&format!("`{key}`")), "{key}: {}, {said}", output.status);
        });
    }
    futures::stream::iter(tries).for_each_concurrent(4, |one| one).await;
}

/// Keys that mean here what they mean to wrangler.
const HONOURED: &[&str] = &[
    "$schema",
    "alias",
    "assets",
    "compatibility_date",
    "compatibility_flags",
    "define",
    "env",
    "jsx_factory",
    "jsx_fragment",
    "keep_names",
    "keep_vars",
    "kv_namespaces",
    "limits",
    "main",
    "minify",
    "name",
    "no_bundle",
    "preview_urls",
    "ratelimits",
    "route",
    "routes",
    "rules",
    "services",
    "triggers",
    "tsconfig",
    "vars",
    "version_metadata",
    "workers_dev",
];
