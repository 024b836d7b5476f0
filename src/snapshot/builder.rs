//! The builder as its callers see it: code in, a checked version out.

use std::sync::Arc;

use crate::deployment::{NamedBinding, Start};
use crate::limits::Limits;
use crate::script::Code;
use crate::store::Blobs;

/// What is to be built.
#[derive(Debug, Clone)]
pub struct BuildInput {
    /// The code of the version.
    pub code: Arc<Code>,
    /// Its limits: `startup_cpu_ms` and `memory_bytes_max` are what the builder arms.
    pub limits: Arc<Limits>,
    /// Its bindings. Secrets never enter a snapshot; with service-worker syntax they make the version start plain.
    pub bindings: Vec<NamedBinding>,
}

/// A version that evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// How its isolates start; a snapshot's blob is already stored.
    pub start: Start,
    /// The handlers it has: `fetch`, `scheduled`, …
    pub handlers: Vec<String>,
    /// CPU time its top level took.
    pub startup_cpu_ms: u32,
}

/// Where in the upload something is wrong; lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Module name.
    pub file: String,
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

/// Why an upload did not become a version. All but the last are the tenant's to mend (error 10021, 10068).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// It does not parse, imports what is not there, or threw at the top level.
    #[error("evaluate script: {message}")]
    Rejected {
        /// The exception, with its stack where it has one.
        message: String,
        /// Where it came from.
        position: Option<Position>,
    },
    /// The top level took more CPU than it may.
    #[error("evaluate script within {limit_ms} ms of CPU time")]
    CpuExceeded {
        /// The limit.
        limit_ms: u32,
    },
    /// The top level took more memory than it may.
    #[error("evaluate script within {limit_bytes} bytes of memory")]
    MemoryExceeded {
        /// The limit.
        limit_bytes: u64,
    },
    /// It has nothing that could be called.
    #[error("find a handler: the script exports none and registers no event listener")]
    NoHandlers,
    /// Our fault.
    #[error("build version: {0}")]
    Internal(String),
}

/// Builds versions, a bounded number at a time.
#[derive(Debug, Clone)]
pub struct Builder {
    blobs: Blobs,
}

impl Builder {
    /// A builder that stores snapshots in `blobs`.
    #[must_use]
    pub fn new(blobs: Blobs) -> Self {
        Self { blobs }
    }

    /// Evaluates the code in a child process and keeps its snapshot.
    ///
    /// # Errors
    /// [`BuildError`]; nothing is stored then.
    pub async fn build(&self, input: BuildInput) -> Result<Built, BuildError> {
        let _ = (&self.blobs, input);
        todo!("issue 2: the builder")
    }
}
