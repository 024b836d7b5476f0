//! Promise: a node runs in its cage on every thread, says so, and refuses to start without where that is asked for.

use std::collections::BTreeMap;
use std::fs;
use std::process::Output;

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

use crate::harness::{Node, Options, Tenant, Upload, client, repository};

/// Lets a script run, so that every kind of thread exists, and reads what the kernel says of each.
#[tokio::test]
async fn every_thread_of_a_node_is_confined() {
    let config = "require_sandbox = true\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let tenant = Tenant::create(&node, "confined").await;
    let source = "import './types.ts'; export default { async fetch() { \
                  try { await fetch('http://name.invalid/'); } catch {} return new Response('ran'); } };";
    let upload = Upload::of(source).with("types.ts", "application/typescript", "export const a: number = 1;");
    tenant.deploy("ran", upload).await;
    assert_eq!(tenant.text("ran", "/").await, "ran");
    let ready = client(&node).get(format!("{}/readyz", node.admin)).send().await.expect("answers");
    assert_eq!(ready.text().await.expect("a body"), "ready\nsandbox on\n");
    let tasks = fs::read_dir(format!("/proc/{}/task", node.pid())).expect("the threads");
    let statuses: Vec<String> =
        tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("status")).ok()).collect();
    assert!(statuses.iter().any(|status| status.contains("eyot-slot")), "{statuses:?}");
    for status in &statuses {
        assert!(status.contains("NoNewPrivs:\t1\n") && status.contains("Seccomp:\t2\n"), "{status}");
    }
    assert!(node.log().contains("sandbox is on"), "{}", node.log());
}

/// Starts on a kernel that does not know Landlock, or lets nobody use it: played by a filter around the node.
#[tokio::test]
async fn a_kernel_without_landlock_is_said_or_refused() {
    let refused = without_landlock("require_sandbox = true", &[]).await;
    let stderr = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(64), "{stderr}");
    assert!(stderr.contains("files") && stderr.contains("Landlock"), "{stderr}");
    let checked = without_landlock("require_sandbox = true", &["--check"]).await;
    assert_eq!(checked.status.code(), Some(64));
    let served = without_landlock("require_sandbox = false", &[]).await;
    let stderr = String::from_utf8_lossy(&served.stderr);
    assert!(String::from_utf8_lossy(&served.stdout).contains("ready"), "{stderr}");
    assert!(stderr.contains("sandbox is incomplete") && stderr.contains("Landlock"), "{stderr}");
}

/// What a node printed within a second, or until it ended by itself.
async fn without_landlock(config: &'static str, flags: &'static [&'static str]) -> Output {
    let data = tempfile::tempdir().expect("a folder");
    let path = data.path().join("test.toml");
    fs::write(&path, config).expect("writes");
    let started = tokio::task::spawn_blocking(move || {
        // A filter of the one thread that starts the node; both end here.
        let started = std::thread::spawn(move || {
            apply_filter(&no_landlock()).expect("the kernel has seccomp");
            let mut node = std::process::Command::new("timeout");
            node.args(["--signal=TERM", "--kill-after=30", "5", env!("CARGO_BIN_EXE_eyot"), "serve", "--config"]);
            node.arg(path).arg("--data").arg(data.path().join("data")).args(flags);
            node.args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]);
            node.current_dir(repository()).output().expect("runs")
        });
        started.join().expect("the thread ends")
    });
    started.await.expect("the task ends")
}

fn no_landlock() -> BpfProgram {
    let rules = BTreeMap::from([(libc::SYS_landlock_create_ruleset, Vec::new())]);
    let missing = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let architecture = std::env::consts::ARCH.try_into().expect("an architecture that has filters");
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, missing, architecture).expect("a filter");
    filter.try_into().expect("compiles")
}
