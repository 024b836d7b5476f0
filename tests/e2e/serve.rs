//! A newcomer's first minute: start, ask, stop; and what a wrong start says.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::harness::{Node, Options, PATIENCE, Tenant, Upload, client, run, run_for, until};

/// Asks the sample script twice with curl, as the README says to.
#[tokio::test]
async fn the_sample_script_counts_its_visits() {
    let node = Node::start(Options::default());
    let mut counts = Vec::new();
    for _ in 0..2 {
        let text = run(&mut curl_hello(&node)).await;
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        counts.push(digits.parse::<u64>().unwrap_or_else(|_| panic!("no count in {text:?}")));
    }
    assert_eq!(counts[1], counts[0] + 1, "the second visit counts one more");
    let token = std::fs::metadata(node.data().path().join("admin.token")).expect("a token file");
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&token.permissions()) & 0o777, 0o600);
}

/// Stops a node while a response is on its way, and starts it again.
#[tokio::test]
async fn a_stopping_node_finishes_what_it_has_begun() {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "drain").await;
    tenant.deploy("halves", Upload::fixture("two-halves.js")).await;
    let mut response = tenant.fetch("halves", "/500").await.expect("an answer");
    let first = response.chunk().await.expect("the first half").expect("not the end");
    assert_eq!(first, "first ");
    node.signal("TERM");
    let second = response.chunk().await.expect("the second half").expect("not the end");
    assert_eq!(second, "second");
    assert_eq!(node.exit_status().await.code(), Some(0), "{}", node.log());

    let again = Node::start(Options { data: Some(node.data()), ..Options::default() });
    let text = run(&mut curl_hello(&again)).await;
    assert!(!text.is_empty(), "the scripts are still there");
}

/// Stops a node twice while a request would hold it up.
#[tokio::test]
async fn a_second_signal_ends_the_node_at_once() {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "hold").await;
    tenant.deploy("halves", Upload::fixture("two-halves.js")).await;
    let mut response = tenant.fetch("halves", "/25000").await.expect("an answer");
    response.chunk().await.expect("the first half");
    let asked = std::time::Instant::now();
    node.signal("TERM");
    node.signal("INT");
    node.exit_status().await;
    assert!(asked.elapsed().as_secs() < 10, "took {:?}", asked.elapsed());
}

/// Puts another program where the node's was, then uploads what needs children of it, before and after it begins anew.
#[tokio::test]
async fn an_upgrade_in_place_leaves_the_running_node_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program = folder.path().join("eyot");
    let original = Path::new(env!("CARGO_BIN_EXE_eyot"));
    std::fs::hard_link(original, &program).or_else(|_| std::fs::copy(original, &program).map(drop)).expect("a program");
    let config = "[isolates]\nlost_memory_bytes_max = 0\n".to_owned();
    let node = Node::start(Options { config, program: Some(program.clone()), ..Options::default() });
    std::fs::write(folder.path().join("new"), "not the program that runs").expect("writes");
    std::fs::rename(folder.path().join("new"), &program).expect("replaces");
    let tenant = Tenant::create(&node, "upgrade").await;
    tenant.limit(json!({ "cpu_ms": 20_000, "memory_bytes_max": 32 << 20 })).await;
    let typed = |answer: &str| {
        let source =
            format!("const answer: string = '{answer}'; export default {{ fetch: () => new Response(answer) }};");
        Upload::modules("index.ts").with("index.ts", "application/typescript", &source)
    };
    tenant.deploy("typed", typed("first")).await;
    assert_eq!(tenant.text("typed", "/").await, "first");
    tenant.deploy("bomb", Upload::fixture("memory/too-long-array.js")).await;
    tenant.expect_error("bomb", "/", 503, 1102).await;
    until("the node has begun anew", PATIENCE, async || {
        (node.metrics().await.sum("eyot_lost_memory_bytes", &[]) == 0.0).then_some(())
    })
    .await;
    let tenant = tenant.moved_to(&node);
    tenant.deploy("typed", typed("second")).await;
    assert_eq!(tenant.text("typed", "/").await, "second");
}

/// Starts with configurations that cannot be meant.
#[tokio::test]
async fn a_wrong_configuration_is_refused_in_one_line() {
    for (config, named) in [
        ("no_such_key = 1\n", "no_such_key"),
        ("[limits]\ncpu_ms = 0\n", "cpu_ms"),
        ("drain_seconds = \"soon\"\n", "drain_seconds"),
        ("[admin]\nlisten = \"0.0.0.0:0\"\n", "admin"),
    ] {
        let data = tempfile::tempdir().expect("a temporary folder");
        let file = data.path().join("eyot.toml");
        std::fs::write(&file, config).expect("writes");
        let mut command = eyot(&["serve", "--check", "--config"]);
        command.arg(&file).arg("--data").arg(data.path().join("state"));
        let output = run_for(&mut command.into(), PATIENCE).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(64), "{config:?}: {stderr}");
        assert!(stderr.contains(named) && stderr.trim().lines().count() == 1, "{config:?}: {stderr}");
        assert!(!data.path().join("state").exists(), "--check makes nothing");
    }
}

/// Runs the help of the program and a wrong use of it.
#[tokio::test]
async fn the_command_line_explains_itself() {
    let help = run(&mut eyot(&["help"]).into()).await;
    for command in ["serve", "dev", "deploy", "kv", "secret", "tenant", "token", "versions", "rollback"] {
        assert!(help.contains(command), "eyot help names {command}");
        let own = run(&mut eyot(&[command, "--help"]).into()).await;
        assert!(own.contains("eyot "), "eyot {command} --help shows an example");
    }
    let wrong = run_for(&mut eyot(&["no-such-command"]).into(), PATIENCE).await;
    assert_eq!(wrong.status.code(), Some(2));
}

/// Asks the machines' endpoints with and without the operator's token.
#[tokio::test]
async fn health_is_for_anyone_and_metrics_for_the_operator() {
    let node = Node::shared();
    let http = client(&node);
    for path in ["/healthz", "/readyz"] {
        let response = http.get(format!("{}{path}", node.admin)).send().await.expect("an answer");
        assert_eq!(response.status(), 200, "{path}");
    }
    let refused = http.get(format!("{}/metrics", node.admin)).send().await.expect("an answer");
    assert_eq!(refused.status(), 401);

    let tenant = Tenant::create(&node, "metrics").await;
    let asked = http.get(format!("{}/metrics", node.admin)).bearer_auth(&tenant.with_token(&["read"]).await.token);
    assert_eq!(asked.send().await.expect("an answer").status(), 403, "a tenant's token");
    tenant.deploy("measured", Upload::of("export default { fetch() { return new Response('x'); } };")).await;
    tenant.text("measured", "/").await;
    node.expect_outcomes("measured", "ok", 1).await;
    let metrics = node.metrics().await;
    for name in [
        "eyot_requests_total",
        "eyot_request_duration_seconds",
        "eyot_request_cpu_seconds",
        "eyot_isolates",
        "eyot_isolate_starts_total",
        "eyot_isolate_start_seconds",
        "eyot_connections",
    ] {
        assert!(metrics.names(name), "{name} is missing");
    }
}

fn curl_hello(node: &Node) -> tokio::process::Command {
    let port = node.edge.port();
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--fail", "--noproxy", "*", "--cacert"]).arg(node.ca());
    command.args(["--resolve", &format!("hello.demo.localhost:{port}:127.0.0.1")]);
    command.arg(format!("https://hello.demo.localhost:{port}/"));
    command.into()
}

fn eyot(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eyot"));
    command.args(arguments);
    command
}
