//! Configuration: what was written becomes what it means.
//!
//! [`Config`] is the sum of each module's own configuration. It is read from defaults, then a file, then the environment,
//! then flags; each that is given wins over the one before. Promises that a `Config` has only known keys and values in
//! range, and that everything wrong is found here, before a socket is bound, and told in one line that names the place.
//! Opens no file but the configuration itself: certificates are loaded by the listener.

mod check;
mod error;
mod overlay;
/// What fuzzing feeds to the configuration file: an error is a line that can be shown.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn fuzz_file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Err(error) = Config::parse(Path::new("eyot.toml"), text, |_| None, &Flags::default()) {
        assert!(!error.to_string().is_empty());
    }
}

#[cfg(test)]
mod tests;
mod written;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;

pub use error::{ConfigError, Origin};
pub use overlay::Flags;

use crate::cache;
use crate::cage::CagePolicy;
use crate::deployment::SecretText;
use crate::limits::Limits;
use crate::listener::{CertificateFiles, ListenerConfig};

/// Everything that can be set about a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Folder of all state. Made when it is not there.
    pub data_dir: PathBuf,
    /// Whether the node may serve without its whole cage.
    pub cage: CagePolicy,
    /// What running requests and `waitUntil` work get to end after the signal to stop.
    pub drain_for: Duration,
    /// The data plane.
    pub edge: EdgeConfig,
    /// The admin API.
    pub admin: AdminConfig,
    /// The node's limits, before what the operator changes for a tenant.
    pub limits: Limits,
    /// What one tenant may have.
    pub tenants: TenantConfig,
    /// The pool of isolates.
    pub isolates: IsolateConfig,
    /// Where scripts may fetch from.
    pub egress: EgressConfig,
    /// The KV store.
    pub kv: KvConfig,
    /// The cache under `caches`.
    pub cache: cache::Config,
    /// Our own log.
    pub logs: LogConfig,
    /// `/metrics`.
    pub metrics: MetricsConfig,
}

/// The data plane: names, certificates and the listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeConfig {
    /// Scripts are served at `{script}.{tenant}.{domain}`. Lower case.
    pub domain: String,
    /// Certificate files; of two that cover a name, the first is used.
    pub certificates: Vec<CertificateFiles>,
    /// How often they are looked at for changes.
    pub certificate_poll: Duration,
    /// What certifies names that no file covers.
    pub authority: AuthorityChoice,
    /// The listener's own part.
    pub listener: ListenerConfig,
}

/// What certifies names that no certificate file covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorityChoice {
    /// The local authority in the data folder.
    Local,
    /// Nothing: such a name is refused in the handshake.
    Nothing,
}

/// The admin API's listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminConfig {
    /// Where it listens; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Its certificate. `None`: plain HTTP, and then `listen` is a loopback address.
    pub tls: Option<CertificateFiles>,
    /// The operator's token, from `EYOT_ADMIN_TOKEN` only. `None`: the one in `{data_dir}/admin.token`.
    pub token: Option<SecretText>,
}

/// What one tenant may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantConfig {
    /// Scripts.
    pub scripts_max: u32,
    /// KV namespaces.
    pub namespaces_max: u32,
}

/// The pool of isolates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IsolateConfig {
    /// Threads that may hold an isolate, and so live isolates at once.
    pub slots_max: usize,
    /// Memory of all isolates together; the one not used for longest goes when it is passed.
    pub memory_bytes_max: u64,
    /// How long an isolate that serves nothing is kept warm.
    pub idle: Duration,
    /// Memory of isolates that V8 gave up on and that stay parked; the node drains and starts anew when it is passed.
    pub lost_memory_bytes_max: u64,
    /// Versions built at once, each in a process of its own.
    pub builders_max: usize,
    /// Isolates kept ready for whatever version is asked next, beside the slots.
    pub ahead: usize,
}

/// Where scripts may fetch from, beyond the public internet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EgressConfig {
    /// Private, loopback, link-local and other special ranges that are allowed all the same.
    pub allow: Vec<IpNet>,
}

/// The KV store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvConfig {
    /// Threads that read.
    pub reader_threads: usize,
    /// Threads that write.
    pub writer_threads: usize,
    /// Database files open at once.
    pub open_files_max: usize,
    /// Keys, values and metadata of one namespace together.
    pub namespace_bytes_max: u64,
    /// Entries that were read lately, kept in memory for all tenants together.
    pub recent_bytes_max: u64,
}

/// Our own log, on stderr.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// What is worth a line.
    pub level: LogLevel,
    /// How a line looks.
    pub format: LogFormat,
}

/// What is worth a line in the log: this, and what is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What an operator must act on.
    Error,
    /// What an operator should know.
    Warn,
    /// What the node does.
    Info,
    /// What helps to find a bug.
    Debug,
    /// Everything.
    Trace,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object a line.
    Json,
}

/// `/metrics`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricsConfig {
    /// Pairs of tenant and script shown by name; the rest is summed up.
    pub label_pairs_max: usize,
}

/// The configuration file.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// None.
    Defaults,
    /// This file.
    File(&'a Path),
    /// `config/dev.toml`, which is part of the program.
    Dev,
}

impl Config {
    /// Reads and checks everything. `environment` gives the value of a variable.
    ///
    /// # Errors
    /// [`ConfigError`], one readable line.
    pub fn load(
        source: Source<'_>,
        environment: impl Fn(&str) -> Option<String>,
        flags: &Flags,
    ) -> Result<Self, ConfigError> {
        match source {
            Source::Defaults => Self::parse(Path::new(""), "", environment, flags),
            Source::Dev => Self::parse(Path::new("config/dev.toml"), DEV_TOML, environment, flags),
            Source::File(path) => {
                let text =
                    fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
                Self::parse(path, &text, environment, flags)
            }
        }
    }

    fn parse(
        path: &Path,
        text: &str,
        environment: impl Fn(&str) -> Option<String>,
        flags: &Flags,
    ) -> Result<Self, ConfigError> {
        let written = toml::from_str(text).map_err(|error| ConfigError::syntax(path, text, &error))?;
        let overlaid = overlay::overlay(written, environment, flags)?;
        check::mean(&overlaid).map_err(|invalid| {
            let origin = overlaid.origin(invalid.key(), path, text);
            invalid.at(origin)
        })
    }
}

impl LogLevel {
    /// Its name in `tracing`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("./eyot-data"),
            cage: CagePolicy::WherePossible,
            drain_for: Duration::from_secs(30),
            edge: EdgeConfig {
                domain: "localhost".to_owned(),
                certificates: Vec::new(),
                certificate_poll: Duration::from_secs(5),
                authority: AuthorityChoice::Local,
                listener: ListenerConfig::default(),
            },
            admin: AdminConfig { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8787)), tls: None, token: None },
            limits: Limits::default(),
            tenants: TenantConfig { scripts_max: 500, namespaces_max: 1_000 },
            isolates: IsolateConfig {
                slots_max: 64,
                memory_bytes_max: 4 << 30,
                idle: Duration::from_secs(300),
                lost_memory_bytes_max: 1 << 30,
                builders_max: 2,
                ahead: 4,
            },
            egress: EgressConfig::default(),
            kv: KvConfig {
                reader_threads: 4,
                writer_threads: 4,
                open_files_max: 64,
                namespace_bytes_max: 10 << 30,
                recent_bytes_max: 64 << 20,
            },
            cache: cache::Config::default(),
            logs: LogConfig { level: LogLevel::Info, format: LogFormat::Text },
            metrics: MetricsConfig { label_pairs_max: 20_000 },
        }
    }
}

const DEV_TOML: &str = include_str!("../../config/dev.toml");
