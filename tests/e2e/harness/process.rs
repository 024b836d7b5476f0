//! Running the programs people use (curl, wrangler, `eyot` itself) to their end, within a time.

use std::process::Output;
use std::time::Duration;

use tokio::process::Command;

use super::PATIENCE;

/// Runs to the end and gives standard output; panics with all output unless it exits with 0 in time.
pub(crate) async fn run(command: &mut Command) -> String {
    let output = run_for(command, PATIENCE).await;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{stdout}\n{stderr}", output.status);
    stdout
}

/// Runs to the end, however it ends; panics when that takes longer than the limit.
pub(crate) async fn run_for(command: &mut Command, limit: Duration) -> Output {
    command.kill_on_drop(true).stdin(std::process::Stdio::null());
    let output = tokio::time::timeout(limit, command.output()).await;
    output
        .unwrap_or_else(|_| panic!("{command:?}: still running after {limit:?}"))
        .unwrap_or_else(|error| panic!("{command:?}: {error}"))
}
