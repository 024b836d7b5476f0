//! Promise: no secret, token or key is in a log line, an error, a metric or a file of the data folder.

use std::fs;
use std::path::Path;

use reqwest::Method;
use serde_json::json;

use crate::harness::{Node, Options, Reply, Tenant, Upload, client};

/// Uses every kind of secret, well and badly, with the log at its most talkative; then looks for each where it must not be.
#[tokio::test]
async fn no_secret_is_ever_written_down() {
    let config = "[logs]\nlevel = \"trace\"\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let mut tenant = Tenant::create(&node, "keeper").await;
    let binding = json!({ "name": "KEY", "type": "secret_text", "text": SECRET });
    let source = "export default { async fetch(request, env) { console.log('used'); \
                  if (request.url.endsWith('/throw')) throw new Error('no'); \
                  return new Response(String(env.KEY.length) + (env.LATER ?? '').length); } };";
    tenant.deploy("keeper", Upload::of(source).bind(binding)).await;
    let path = tenant.path("/workers/scripts/keeper/secrets");
    let later = json!({ "name": "LATER", "type": "secret_text", "text": LATER });
    tenant.call(Method::PUT, &path, Some(later)).await.result();
    assert_eq!(tenant.text("keeper", "/").await, format!("{}{}", SECRET.len(), LATER.len()));
    tenant.expect_error("keeper", "/throw", 500, 1101).await;
    let scopes = json!({ "name": "robot", "scopes": ["read", "deploy", "kv"] });
    let made = tenant.call(Method::POST, &tenant.path("/tokens"), Some(scopes)).await.result();
    let token = made["value"].as_str().expect("the token, once").to_owned();
    tenant.token.clone_from(&token);
    let mut told = tenant.call(Method::GET, &path, None).await.text;
    told += &tenant.call(Method::GET, &tenant.path("/workers/scripts/keeper/settings"), None).await.text;
    told += &tenant.call(Method::GET, &tenant.path("/tokens"), None).await.text;
    told += &tenant.call(Method::GET, &tenant.path("/eyot/audit"), None).await.text;
    // Guesses, and secrets where they do not belong.
    for wrong in [GUESS.to_owned(), format!("{token}x"), format!("{}x", node.token)] {
        let request = client(&node).get(format!("{}/client/v4/user", node.admin)).bearer_auth(wrong);
        told += &Reply::of(request).await.text;
    }
    let broken = json!({ "name": "LATER", "type": "secret_text", "text": [SECRET] });
    told += &tenant.call(Method::PUT, &path, Some(broken)).await.text;
    let metrics = client(&node).get(format!("{}/metrics", node.admin)).bearer_auth(&node.token).send().await;
    told += &metrics.expect("answers").text().await.expect("text");
    let log = node.log();
    assert!(log.contains("TRACE") || log.contains("DEBUG"), "the log is talkative");
    let files = written(node.data().path());
    let key = fs::read_to_string(node.data().path().join("ca-key.pem")).unwrap_or_default();
    let key_line = key.lines().nth(1).unwrap_or("no key file of that name");
    for (what, secret) in
        [("a secret", SECRET), ("a later secret", LATER), ("a token", &token), ("a guess", GUESS), ("a key", key_line)]
    {
        assert!(!log.contains(secret), "{what} is in the log");
        assert!(!told.contains(secret), "{what} is in an answer");
        for (name, bytes) in &files {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found || name == "ca-key.pem", "{what} is in {name}");
        }
    }
    assert!(!log.contains(&node.token), "the operator's token is in the log");
}

/// Every file of a folder, but the log.
fn written(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(written(&path));
        } else if name != "stderr.log" {
            files.push((name, fs::read(&path).unwrap_or_default()));
        }
    }
    files
}

const SECRET: &str = "s3cret-that-nobody-may-ever-see";
const LATER: &str = "an0ther-secret-put-afterwards";
const GUESS: &str = "eyot_0123456789abcdef-guessed";
