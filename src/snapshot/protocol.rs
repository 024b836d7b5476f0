//! What the builder and its child say to each other: two lines of JSON there, the second mostly much later, and one back, each but
//! the first followed by bytes.

use serde::{Deserialize, Serialize};

use crate::script::Position;

/// What the child can prepare before it has an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Preface {
    /// Whether to take a snapshot, or only to evaluate.
    pub mode: Mode,
    /// Memory cap.
    pub memory_bytes_max: u64,
}

/// What the child is to do; the encoded code follows.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    /// CPU cap of the top level.
    pub startup_cpu_ms: u32,
    /// The bindings as JavaScript is told of them, when the top level sees them as globals.
    pub globals: Option<String>,
    /// The same, when the top level may import them: in plain mode only, so that no snapshot holds them.
    pub env: Option<String>,
}

/// What the child is to do with the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    /// Evaluate and take a snapshot.
    Snapshot,
    /// Evaluate only.
    Plain,
    /// Take a snapshot without evaluating; the code says which of our scripts are to be in it.
    Base,
}

/// What came of it; a snapshot's bytes follow [`Reply::Evaluated`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    /// The top level evaluated.
    Evaluated {
        /// Handlers found.
        handlers: Vec<String>,
        /// CPU time used, rounded up.
        startup_cpu_ms: u32,
        /// Bytes of the snapshot that follows; none in plain mode.
        snapshot_bytes: Option<usize>,
    },
    /// It threw, does not parse, or imports what is not there.
    Rejected {
        /// The exception.
        message: String,
        /// Where.
        position: Option<Position>,
    },
    /// It ran out of CPU time.
    CpuExceeded,
    /// It ran out of memory.
    MemoryExceeded,
    /// It evaluated, but cannot be snapshotted.
    NotSnapshottable {
        /// Why.
        reason: String,
    },
}
