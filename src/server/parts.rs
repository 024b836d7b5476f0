//! What of the configuration the node's parts are given, each in its own words.

use crate::config::{Config, IsolateConfig};
use crate::{isolate, kv};

/// The bounds of the isolates.
pub(super) fn pool_config(config: &IsolateConfig) -> isolate::Config {
    let IsolateConfig { slots_max, memory_bytes_max, idle, lost_memory_bytes_max, .. } = *config;
    isolate::Config { slots_max, memory_bytes_max, idle, lost_memory_bytes_max }
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
