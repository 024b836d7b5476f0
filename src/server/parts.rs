//! What of the configuration the node's parts are given, each in its own words.

use super::data_dir::DataDir;
use crate::config::{Config, IsolateConfig};
use crate::control::{self, TokenHash};
use crate::{isolate, kv};

/// The control plane's; `fingerprint` says which snapshots can be started from.
pub(super) fn control_config(config: &Config, data: &DataDir, fingerprint: String) -> control::Config {
    control::Config {
        dir: data.path().to_owned(),
        limits: config.limits.clone(),
        scripts_max: config.tenants.scripts_max,
        namespaces_max: config.tenants.namespaces_max,
        domain: config.edge.domain.clone(),
        operator_token: TokenHash::of(data.operator_token()),
        fingerprint,
    }
}

/// The bounds of the isolates.
pub(super) fn pool_config(config: &Config) -> isolate::Config {
    let IsolateConfig { slots_max, memory_bytes_max, idle, lost_memory_bytes_max, ahead, .. } = config.isolates;
    let ahead_memory_bytes_max = config.limits.memory_bytes_max;
    isolate::Config { slots_max, memory_bytes_max, idle, lost_memory_bytes_max, ahead, ahead_memory_bytes_max }
}

/// The KV store's.
pub(super) fn kv_config(config: &Config) -> kv::Config {
    kv::Config {
        reader_threads: config.kv.reader_threads,
        writer_threads: config.kv.writer_threads,
        open_files_max: config.kv.open_files_max,
        namespace_bytes_max: config.kv.namespace_bytes_max,
        recent_bytes_max: config.kv.recent_bytes_max,
        ..kv::Config::default()
    }
}
