//! What was written: the file's keys as they stand there, every one optional.

use std::path::PathBuf;

use serde::Deserialize;

use super::{LogFormat, LogLevel};
use crate::limits::Overrides;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Written {
    pub(super) data_dir: Option<PathBuf>,
    pub(super) drain_seconds: Option<u64>,
    pub(super) require_sandbox: Option<bool>,
    pub(super) edge: Edge,
    pub(super) admin: Admin,
    pub(super) limits: Overrides,
    pub(super) tenants: Tenants,
    pub(super) isolates: Isolates,
    pub(super) egress: Egress,
    pub(super) kv: Kv,
    pub(super) cache: Cache,
    pub(super) logs: Logs,
    pub(super) metrics: Metrics,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Edge {
    pub(super) listen: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) certificates: Option<Vec<Certificate>>,
    pub(super) certificate_poll_seconds: Option<u64>,
    pub(super) local_authority: Option<bool>,
    pub(super) handshake_seconds: Option<u64>,
    pub(super) head_seconds: Option<u64>,
    pub(super) idle_seconds: Option<u64>,
    pub(super) write_stall_seconds: Option<u64>,
    pub(super) body_stall_seconds: Option<u64>,
    pub(super) url_bytes_max: Option<u64>,
    pub(super) headers_bytes_max: Option<u64>,
    pub(super) connections_max: Option<u64>,
    pub(super) connections_per_address_max: Option<u64>,
    pub(super) streams_per_connection_max: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Certificate {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Admin {
    pub(super) listen: Option<String>,
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Tenants {
    pub(super) scripts_max: Option<u64>,
    pub(super) namespaces_max: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Isolates {
    pub(super) slots_max: Option<u64>,
    pub(super) memory_bytes_max: Option<u64>,
    pub(super) idle_seconds: Option<u64>,
    pub(super) lost_memory_bytes_max: Option<u64>,
    pub(super) builders_max: Option<u64>,
    pub(super) ahead: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Egress {
    pub(super) allow: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Kv {
    pub(super) reader_threads: Option<u64>,
    pub(super) writer_threads: Option<u64>,
    pub(super) open_files_max: Option<u64>,
    pub(super) namespace_bytes_max: Option<u64>,
    pub(super) recent_bytes_max: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Cache {
    pub(super) bytes_max: Option<u64>,
    pub(super) tenant_bytes_max: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Logs {
    pub(super) level: Option<LogLevel>,
    pub(super) format: Option<LogFormat>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Metrics {
    pub(super) label_pairs_max: Option<u64>,
}
