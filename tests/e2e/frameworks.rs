//! Promise: what a framework's own tools build and wrangler deploys answers here what it answers under `wrangler dev`.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::apps::{Answer, ask};
use crate::harness::{Node, Tenant, client, pinned_node, repository, run_for};
use crate::wrangler::{wrangler, wrangler_command};

/// SvelteKit with its adapter for Cloudflare: built by vite, deployed by wrangler and again by `eyot deploy`.
#[tokio::test]
async fn a_sveltekit_site_answers_as_under_wrangler_dev() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "sveltekit").await;
    tenant.limit(json!({ "cpu_ms": 10_000, "startup_cpu_ms": 10_000 })).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let project = folder.path().join("site");
    copy(&repository().join("tests/apps/sveltekit"), &project);
    let modules = repository().join("tests/clients/node_modules");
    std::os::unix::fs::symlink(&modules, project.join("node_modules")).expect("links");
    let mut build = Command::new(pinned_node());
    build.arg(modules.join("vite/bin/vite.js")).arg("build").current_dir(&project);
    let built = run_group(build.env("CI", "true").env("NO_COLOR", "1")).await;
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));

    wrangler(&tenant, &project, &["deploy"]).await;
    let dev = WranglerDev::start(&tenant, &project).await;
    let requests = std::fs::read(project.join("requests.json")).expect("the requests");
    let requests: Vec<Value> = serde_json::from_slice(&requests).expect("JSON");
    let mut expected = Vec::new();
    for request in &requests {
        expected.push(shown(ask(&client(&node), &dev.url, request).await));
    }
    // By another name the second time: the adapter keeps pages in the cache, by their addresses.
    eyot_deploy(&tenant, &project, "by-eyot").await;
    for script in ["sveltekit", "by-eyot"] {
        let mut different = Vec::new();
        for (request, there) in requests.iter().zip(&expected) {
            let here = shown(ask(&client(&node), &tenant.url(script, ""), request).await);
            if here != *there {
                different.push(format!("{request}\n  eyot          {here:?}\n  wrangler dev  {there:?}"));
            }
        }
        assert!(different.is_empty(), "{script}:\n{}", different.join("\n"));
    }
}

/// Express as a function of AWS Lambda, through each adapter that is in use: bundled by `eyot deploy`.
#[tokio::test]
async fn an_express_application_is_a_lambda_through_its_adapters() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "functions").await;
    tenant.limit(json!({ "cpu_ms": 10_000, "startup_cpu_ms": 10_000 })).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let project = folder.path().join("functions");
    copy(&repository().join("tests/apps/functions"), &project);
    // The bundler is found above the project, packages in it.
    for (modules, place) in [("clients", folder.path()), ("apps", &project)] {
        let modules = repository().join("tests").join(modules).join("node_modules");
        std::os::unix::fs::symlink(modules, place.join("node_modules")).expect("links");
    }
    eyot_deploy(&tenant, &project, "functions").await;
    let json = json!({ "content-type": "application/json" });
    for adapter in ["serverless-http", "codegenie", "inject"] {
        for (method, path, body, status, answer) in [
            ("GET", "/?name=Ada", "", 200, "hello Ada"),
            ("POST", "/data", "{\"name\":\"Ada\"}", 201, "{\"got\":{\"name\":\"Ada\"}}"),
            ("POST", "/data", "{}", 400, "{\"error\":\"no name\"}"),
            ("GET", "/pieces", "", 200, "one two three"),
            ("GET", "/bytes", "", 200, "\u{fffd}P\0\u{fffd}"),
            ("GET", "/cookies", "", 302, "Found. Redirecting to /"),
            ("GET", "/fail", "", 500, "failed: broken"),
        ] {
            let mut request = json!({ "method": method, "path": format!("/{adapter}{path}"), "headers": json });
            if !body.is_empty() {
                request["body"] = body.into();
            }
            let (got, headers, text) = ask(&client(&node), &tenant.url("functions", ""), &request).await;
            assert_eq!((got, text.as_str()), (status, answer), "{adapter} {path}");
            let expected: &[&str] = if path == "/cookies" { &["a=1; Path=/", "b=2; Path=/"] } else { &[] };
            assert_eq!(headers.get("set-cookie").map_or(&[][..], Vec::as_slice), expected, "{adapter} {path}");
            assert_eq!(headers.contains_key("x-one"), path == "/?name=Ada", "{adapter} {path}");
        }
    }
}

async fn eyot_deploy(tenant: &Tenant, project: &Path, name: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eyot"));
    command.args(["deploy", "--name", name]).current_dir(project).env("EYOT_API", &tenant.node.admin);
    command.env("EYOT_TOKEN", &tenant.token).env("EYOT_ACCOUNT", &tenant.id);
    let output = run_for(&mut command, BUILD_PATIENCE).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The answer as it is compared. A header in two lines is one with a comma. What differs for a static asset: its entity tag is
/// of another hash, and only we say that it has ranges and is stored compressed.
fn shown((status, mut headers, body): Answer) -> Answer {
    if headers.contains_key("accept-ranges") || headers.contains_key("cf-cache-status") {
        for name in ["accept-ranges", "cf-cache-status", "etag", "vary"] {
            headers.remove(name);
        }
    }
    for (_, values) in headers.iter_mut().filter(|(name, _)| *name != "set-cookie") {
        *values = vec![values.join(", ")];
    }
    (status, headers, body)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a kind").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copies");
        }
    }
}

/// Runs a program to its end, and ends what it leaves behind: the adapter has vite start a workerd.
async fn run_group(command: &mut Command) -> Output {
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    let _group = Group::of(&child);
    let output = tokio::time::timeout(BUILD_PATIENCE, child.wait_with_output()).await;
    output.expect("in time").expect("its output")
}

/// The processes of a group, killed with this value.
struct Group(u32);

impl Group {
    /// The group that this child leads.
    fn of(child: &Child) -> Self {
        Self(child.id().expect("nobody has waited for it"))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // There may be nobody left.
        let mut kill = std::process::Command::new("kill");
        let _ = kill.args(["-KILL", "--", &format!("-{}", self.0)]).stderr(Stdio::null()).status();
    }
}

/// `wrangler dev` with the workerd that it starts.
struct WranglerDev {
    url: String,
    _group: Group,
}

impl WranglerDev {
    async fn start(tenant: &Tenant, project: &Path) -> Self {
        let arguments =
            ["dev", "--port=0", "--inspector-port=0", "--ip=127.0.0.1", "--show-interactive-dev-session=false"];
        let mut command = wrangler_command(tenant, project, &arguments);
        command.env("CLOUDFLARE_CF_FETCH_ENABLED", "false").process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("wrangler starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut dev = Self { url: String::new(), _group: Group::of(&child) };
        let ready = async {
            while let Some(line) = lines.next_line().await.expect("wrangler speaks UTF-8") {
                if let Some((_, url)) = line.split_once("Ready on ") {
                    return Some(url.trim().to_owned());
                }
            }
            None
        };
        dev.url = tokio::time::timeout(BUILD_PATIENCE, ready).await.expect("in time").expect("wrangler dev is ready");
        // What it prints later has to go somewhere.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        dev
    }
}

/// Time for a build or a start on a machine that does much else.
const BUILD_PATIENCE: Duration = Duration::from_secs(240);
