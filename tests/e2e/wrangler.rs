//! Promise: wrangler from npm, unmodified, deploys to a node with only the base URL replaced.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::harness::{Node, PATIENCE, Tenant, pinned_node, repository, run, run_for};

/// A TypeScript project with a KV namespace and a secret: deployed, changed, deployed again, deleted.
#[tokio::test]
async fn wrangler_deploys_a_typescript_project() {
    let tenant = Tenant::create(&Node::shared(), "wrangler").await.with_token(&["read", "deploy", "kv"]).await;
    let project = tempfile::tempdir().expect("a temporary folder");
    let namespace = tenant.namespace("wrangler").await;
    write_project(project.path(), &namespace, "hello");

    wrangler(&tenant, project.path(), &["deploy"]).await;
    let deployed = Instant::now();
    assert_eq!(tenant.text("project", "/").await, "hello none 1");
    assert!(deployed.elapsed() < SERVES_WITHIN, "serves at once");

    put_secret(&tenant, project.path(), "TOKEN", "hush").await;
    assert_eq!(tenant.text("project", "/").await, "hello hush 2");
    write_project(project.path(), &namespace, "again");
    wrangler(&tenant, project.path(), &["deploy"]).await;
    assert_eq!(tenant.text("project", "/").await, "again hush 3", "a deploy keeps the secret");
    let secrets = wrangler(&tenant, project.path(), &["secret", "list"]).await;
    assert!(secrets.contains("TOKEN") && !secrets.contains("hush"), "{secrets}");

    key_round_trip(&tenant, project.path(), &namespace).await;

    wrangler(&tenant, project.path(), &["delete", "--force"]).await;
    tenant.expect_error("project", "/", 404, 1022).await;
}

/// Namespaces by wrangler: made, listed, deleted.
#[tokio::test]
async fn wrangler_manages_namespaces() {
    let tenant = Tenant::create(&Node::shared(), "namespaces").await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    wrangler(&tenant, folder.path(), &["kv", "namespace", "create", "BY_WRANGLER"]).await;
    let listed = wrangler(&tenant, folder.path(), &["kv", "namespace", "list"]).await;
    let namespaces: Value = serde_json::from_str(&listed).unwrap_or_else(|error| panic!("{error}: {listed}"));
    assert_eq!(namespaces[0]["title"], "BY_WRANGLER", "{listed}");
    let id = namespaces[0]["id"].as_str().expect("an id");
    wrangler(&tenant, folder.path(), &["kv", "namespace", "delete", "--namespace-id", id, "--skip-confirmation"]).await;
    let listed = wrangler(&tenant, folder.path(), &["kv", "namespace", "list"]).await;
    assert_eq!(listed.trim(), "[]");
}

async fn key_round_trip(tenant: &Tenant, folder: &Path, namespace: &str) {
    let key = async |arguments: &[&str]| {
        let all = [&["kv", "key"], arguments, &["--namespace-id", namespace, "--remote"]].concat();
        wrangler(tenant, folder, &all).await
    };
    key(&["put", "a/b c", "a value"]).await;
    assert_eq!(key(&["get", "a/b c", "--text"]).await.trim_end(), "a value");
    assert!(key(&["list"]).await.contains("\"a/b c\""));
    key(&["delete", "a/b c"]).await;
    assert!(!key(&["list"]).await.contains("\"a/b c\""));
}

fn write_project(folder: &Path, namespace: &str, greeting: &str) {
    let config = format!(
        "{{\n  // Comments are allowed here.\n  \"name\": \"project\",\n  \"main\": \"src/index.ts\",\n  \
         \"compatibility_date\": \"2026-01-01\",\n  \"kv_namespaces\": [{{ \"binding\": \"VISITS\", \"id\": \"{namespace}\" }}]\n}}\n"
    );
    let source = "import { greeting } from './greeting';\n\
         interface Env { VISITS: any; TOKEN?: string }\n\
         export default {\n  async fetch(request: Request, env: Env): Promise<Response> {\n\
         \x20   const visits: number = Number(await env.VISITS.get('visits') ?? 0) + 1;\n\
         \x20   await env.VISITS.put('visits', String(visits));\n\
         \x20   return new Response(`${greeting} ${env.TOKEN ?? 'none'} ${visits}`);\n  },\n};\n";
    std::fs::create_dir_all(folder.join("src")).expect("a folder");
    for (name, text) in [
        ("wrangler.jsonc", config),
        ("src/index.ts", source.to_owned()),
        ("src/greeting.ts", format!("export const greeting: string = '{greeting}';\n")),
    ] {
        std::fs::write(folder.join(name), text).expect("writes");
    }
}

async fn put_secret(tenant: &Tenant, folder: &Path, name: &str, text: &str) {
    let mut command = wrangler_command(tenant, folder, &["secret", "put", name]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().expect("wrangler starts");
    let mut stdin = child.stdin.take().expect("standard input is piped");
    stdin.write_all(text.as_bytes()).await.expect("wrangler reads");
    drop(stdin);
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("ends in time").expect("ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Runs wrangler to its end and gives what it printed.
pub(crate) async fn wrangler(tenant: &Tenant, folder: &Path, arguments: &[&str]) -> String {
    run(&mut wrangler_command(tenant, folder, arguments)).await
}

/// Runs wrangler, which must fail, and gives everything it printed.
pub(crate) async fn wrangler_fails(tenant: &Tenant, folder: &Path, arguments: &[&str]) -> String {
    let output = run_for(&mut wrangler_command(tenant, folder, arguments), PATIENCE).await;
    let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(!output.status.success(), "{printed}");
    printed
}

/// wrangler of `tests/clients`, run by the Node pinned there.
pub(crate) fn wrangler_command(tenant: &Tenant, folder: &Path, arguments: &[&str]) -> Command {
    let modules = repository().join("tests/clients/node_modules");
    let mut command = Command::new(pinned_node());
    command.arg(modules.join("wrangler/bin/wrangler.js")).args(arguments).current_dir(folder);
    command.env("CLOUDFLARE_API_BASE_URL", format!("{}/client/v4", tenant.node.admin));
    command.env("CLOUDFLARE_API_TOKEN", &tenant.token).env("CLOUDFLARE_ACCOUNT_ID", &tenant.id);
    command.env("WRANGLER_SEND_METRICS", "false").env("CI", "true").env("HOME", folder).env("NO_COLOR", "1");
    command.env_remove("CLOUDFLARE_API_KEY").env_remove("CLOUDFLARE_EMAIL");
    command
}

/// The version that the lock file pins is the one that runs.
#[tokio::test]
async fn the_pinned_wrangler_runs() {
    let package = std::fs::read_to_string(repository().join("tests/clients/package.json")).expect("package.json");
    let package: Value = serde_json::from_str(&package).expect("JSON");
    let tenant = Tenant::create(&Node::shared(), "pinned").await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = run_for(&mut wrangler_command(&tenant, folder.path(), &["--version"]), PATIENCE).await;
    let version = String::from_utf8_lossy(&output.stdout);
    assert_eq!(Some(version.trim()), package["dependencies"]["wrangler"].as_str());
}

/// Far above what it takes on a quiet machine, and below anything that polls.
const SERVES_WITHIN: Duration = Duration::from_secs(10);
