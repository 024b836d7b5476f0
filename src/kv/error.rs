//! Errors of the KV engine, who is to blame for each, and what its caller is told.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::refusal::Refusal;
use crate::ids::NamespaceId;

/// Why KV did not do what it was asked.
///
/// Cheap to clone: writes that shared a failed commit each get it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KvError {
    /// The request breaks a rule of Workers KV.
    #[error("accept the request: {0}")]
    Refused(Refusal),
    /// The namespace was never made, or has been removed.
    #[error("find namespace {namespace}")]
    NamespaceNotFound {
        /// Which.
        namespace: NamespaceId,
    },
    /// Too much of this namespace, or of all together, is waiting already.
    #[error("queue for namespace {namespace}: {waiting} requests wait")]
    Overloaded {
        /// Whose request.
        namespace: NamespaceId,
        /// Requests waiting when it was turned away.
        waiting: usize,
    },
    /// The writes would take the namespace past its cap.
    #[error("store within {bytes_max} bytes of namespace {namespace}: {stored_bytes} are stored")]
    NamespaceFull {
        /// Which.
        namespace: NamespaceId,
        /// Bytes stored before the writes.
        stored_bytes: u64,
        /// The cap.
        bytes_max: u64,
    },
    /// The disk has no room left; nothing of the writes was kept.
    #[error("write to namespace {namespace}: the disk is full")]
    DiskFull {
        /// Whose writes.
        namespace: NamespaceId,
    },
    /// SQLite failed otherwise.
    #[error("use the file of namespace {namespace}")]
    Storage {
        /// Whose file.
        namespace: NamespaceId,
        /// What SQLite said.
        source: Arc<rusqlite::Error>,
    },
    /// The file system failed outside SQLite.
    #[error("use {path}")]
    Files {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// A thread of the engine could not be started.
    #[error("start a kv thread")]
    Start {
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The engine is shutting down.
    #[error("accept the request: kv is shutting down")]
    Closed,
    /// The thread that had the request lost it by a bug.
    #[error("finish the request: its thread panicked")]
    Lost,
}

/// Who is to blame for an error: picks the log level and the metrics label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The tenant, whose script or client asked for something it may not have.
    Tenant,
    /// The node: its disk, its load or its bugs.
    Platform,
}

impl KvError {
    /// Who is to blame.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Refused(_)
            | Self::NamespaceNotFound { .. }
            | Self::Overloaded { .. }
            | Self::NamespaceFull { .. } => Fault::Tenant,
            Self::DiskFull { .. }
            | Self::Storage { .. }
            | Self::Files { .. }
            | Self::Start { .. }
            | Self::Closed
            | Self::Lost => Fault::Platform,
        }
    }

    /// What the caller is told; nothing of it names a path or another tenant.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal.clone(),
            Self::NamespaceNotFound { .. } => Refusal::failure(404, "Not Found"),
            Self::Overloaded { .. } => Refusal::failure(429, "Too Many Requests"),
            Self::NamespaceFull { bytes_max, .. } => {
                Refusal::failure(413, format!("Namespace storage limit of {bytes_max} bytes would be exceeded."))
            }
            Self::DiskFull { .. } => Refusal::failure(507, "Insufficient Storage"),
            Self::Closed => Refusal::failure(503, "Service Unavailable"),
            Self::Storage { .. } | Self::Files { .. } | Self::Start { .. } | Self::Lost => {
                Refusal::failure(500, "Internal Server Error")
            }
        }
    }

    /// An error of SQLite while it worked for this namespace.
    pub(super) fn sqlite(namespace: &NamespaceId, source: rusqlite::Error) -> Self {
        match source.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull { namespace: namespace.clone() },
            _ => Self::Storage { namespace: namespace.clone(), source: Arc::new(source) },
        }
    }

    /// An error of the file system.
    pub(super) fn files(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Files { path: path.into(), source: Arc::new(source) }
    }
}

impl From<Refusal> for KvError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A failing disk's texts stay in the log.
    #[test]
    fn a_caller_is_never_told_a_path() {
        let error = KvError::files("/var/lib/secret-place", io::Error::other("broken disk 7"));
        assert_eq!(error.fault(), Fault::Platform);
        assert_eq!(error.refusal(), Refusal::failure(500, "Internal Server Error"));
    }

    /// Each rule's refusal comes through unchanged.
    #[test]
    fn a_refusal_keeps_its_status_and_text() {
        let refusal = Refusal::failure(414, "too long");
        let error = KvError::from(refusal.clone());
        assert_eq!((error.fault(), error.refusal()), (Fault::Tenant, refusal));
    }
}
