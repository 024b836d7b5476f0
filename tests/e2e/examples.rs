//! Promise: every folder of `examples/` deploys as it is and gives the answers its README names.

use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::json;
use tokio::process::Command;

use crate::harness::{Node, Tenant, repository, run};
use crate::wrangler::wrangler;

/// One request to an example and what it answers.
struct Case(Method, &'static str, &'static str, u16, &'static str);

/// All of them by `eyot deploy`, but the one that wrangler bundles.
#[tokio::test]
async fn every_example_gives_the_answers_of_its_readme() {
    let folders = std::fs::read_dir(repository().join("examples")).expect("the examples");
    let mut names: Vec<String> =
        folders.map(|entry| entry.expect("an example").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(
        names,
        ["hello", "hono", "json-api", "kv-counter", "streaming", "typescript", "wasm"],
        "a test for each"
    );
    let tenant = Tenant::create(&Node::shared(), "examples").await;
    for (name, cases) in
        [("json-api", json_api()), ("kv-counter", kv_counter()), ("streaming", streaming()), ("wasm", wasm())]
    {
        let project = Project::copy(&tenant, name).await;
        eyot_deploy(&tenant, &project.path).await;
        check(&tenant, name, cases).await;
    }
}

/// The Hono app, bundled and deployed by wrangler; and one of the others the same way.
#[tokio::test]
async fn wrangler_bundles_and_deploys_the_examples() {
    let tenant = Tenant::create(&Node::shared(), "bundled").await;
    for (name, cases) in [("hono", hono()), ("kv-counter", kv_counter()), ("wasm", wasm())] {
        let project = Project::copy(&tenant, name).await;
        wrangler(&tenant, &project.path, &["deploy"]).await;
        check(&tenant, name, cases).await;
    }
}

/// TypeScript with a secret: who has it may write.
#[tokio::test]
async fn the_typescript_example_lets_holders_of_its_secret_write() {
    let tenant = Tenant::create(&Node::shared(), "typed").await;
    let project = Project::copy(&tenant, "typescript").await;
    eyot_deploy(&tenant, &project.path).await;
    let secret = json!({ "name": "WRITE_TOKEN", "text": "w", "type": "secret_text" });
    let path = tenant.path("/workers/scripts/typescript/secrets");
    tenant.call(Method::PUT, &path, Some(secret)).await.result();
    check(
        &tenant,
        "typescript",
        vec![
            Case(Method::GET, "/", "", 200, r#"{"access":"read"}"#),
            Case(Method::PUT, "/a", "a note", 403, "forbidden"),
            Case(Method::GET, "/a", "", 404, "no such note"),
        ],
    )
    .await;
    let put = tenant.edge.put(tenant.url("typescript", "/a")).bearer_auth("w").body("a note").send().await;
    assert_eq!(put.expect("an answer").status(), 201);
    check(&tenant, "typescript", vec![Case(Method::GET, "/a", "", 200, r#""text":"a note""#)]).await;
}

fn json_api() -> Vec<Case> {
    vec![
        Case(Method::GET, "/", "", 200, r#"{"greeting":"Hello","planets":8}"#),
        Case(Method::GET, "/planets?moons=90", "", 200, r#"["Jupiter","Saturn"]"#),
        Case(Method::GET, "/planets/mars", "", 200, r#"{"name":"Mars","moons":2}"#),
        Case(Method::POST, "/sum", "[1,2,3.5]", 200, r#"{"sum":6.5}"#),
        Case(Method::POST, "/sum", "nonsense", 400, ""),
        Case(Method::GET, "/sum", "", 405, ""),
        Case(Method::GET, "/elsewhere", "", 404, r#"{"error":"not found"}"#),
    ]
}

fn kv_counter() -> Vec<Case> {
    vec![
        Case(Method::POST, "/apples", "", 200, "1"),
        Case(Method::POST, "/apples", "", 200, "2"),
        Case(Method::GET, "/apples", "", 200, "2"),
        Case(Method::GET, "/pears", "", 404, "no such counter"),
        Case(Method::PUT, "/apples", "", 405, ""),
        Case(Method::GET, "/", "", 200, r#"[{"name":"apples","changed":""#),
        Case(Method::DELETE, "/apples", "", 204, ""),
        Case(Method::GET, "/apples", "", 404, "no such counter"),
    ]
}

fn streaming() -> Vec<Case> {
    vec![
        Case(Method::GET, "/count?to=3", "", 200, "1\n2\n3"),
        Case(Method::POST, "/upper", "abc", 200, "ABC"),
        Case(Method::GET, "/ticks", "", 200, "data: 5"),
        Case(Method::GET, "/elsewhere", "", 404, ""),
    ]
}

fn wasm() -> Vec<Case> {
    vec![Case(Method::GET, "/?a=1071&b=462", "", 200, r#"{"gcd":21}"#), Case(Method::GET, "/?a=x&b=462", "", 400, "")]
}

fn hono() -> Vec<Case> {
    vec![
        Case(Method::GET, "/", "", 200, "Hello from Hono!"),
        Case(Method::GET, "/hello/Ada", "", 200, r#"{"message":"Hello, Ada!"}"#),
        Case(Method::POST, "/echo", r#"{"a":1}"#, 200, r#"{"a":1}"#),
        Case(Method::GET, "/elsewhere", "", 404, r#"{"error":"not found"}"#),
    ]
}

async fn check(tenant: &Tenant, script: &str, cases: Vec<Case>) {
    for Case(method, path, body, status, wanted) in cases {
        let mut request = tenant.edge.request(method.clone(), tenant.url(script, path));
        if !body.is_empty() {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{script} {method} {path}: {error}"));
        let found = response.status().as_u16();
        let text = response.text().await.expect("a body");
        assert_eq!(found, status, "{script} {method} {path}: {text}");
        assert!(text.contains(wanted), "{script} {method} {path}: {text:?} instead of {wanted:?}");
    }
}

/// A copy of an example that may be changed: namespaces get real ids, packages come from `tests/clients`.
struct Project {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Project {
    async fn copy(tenant: &Tenant, name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join(name);
        copy_folder(&repository().join("examples").join(name), &path);
        let config = path.join("wrangler.toml");
        let mut text = std::fs::read_to_string(&config).expect("wrangler.toml");
        if text.contains(NO_NAMESPACE) {
            let namespace = tenant.namespace(&format!("{name}-example")).await;
            text = text.replace(NO_NAMESPACE, &namespace);
        }
        std::fs::write(&config, text).expect("writes");
        std::os::unix::fs::symlink(repository().join("tests/clients/node_modules"), path.join("node_modules"))
            .expect("links the packages");
        Self { path, _folder: folder }
    }
}

async fn eyot_deploy(tenant: &Tenant, project: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eyot"));
    command.arg("deploy").arg(project);
    command.env("EYOT_API", &tenant.node.admin).env("EYOT_TOKEN", &tenant.token).env("EYOT_ACCOUNT", &tenant.id);
    let printed = run(&mut command).await;
    assert!(printed.contains("https://"), "eyot deploy prints where it serves: {printed}");
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        let target = to.join(entry.file_name());
        if entry.file_name() == "node_modules" {
            continue;
        }
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copies");
        }
    }
}

/// What stands in the examples' configuration where an id belongs.
const NO_NAMESPACE: &str = "00000000000000000000000000000000";
