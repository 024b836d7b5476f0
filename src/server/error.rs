//! Why a node did not start: one readable line each, whoever found out.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::cache::CacheError;
use crate::control::ControlError;
use crate::kv::KvError;
use crate::listener::{AuthorityError, CertificateError, ListenerError};

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The data folder cannot be used.
    #[error("use data folder {path}: {source}")]
    DataDir {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process serves from the data folder.
    #[error("use data folder {path}: another eyot is using it")]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The local certificate authority cannot be used.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// A certificate file cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The data plane's socket cannot be had.
    #[error(transparent)]
    Listener(#[from] ListenerError),
    /// The admin API's socket cannot be had.
    #[error("listen on {address} for the admin API: {source}")]
    AdminListener {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The control plane's database cannot be used.
    #[error("open the control plane: {0}")]
    Control(#[from] ControlError),
    /// The KV store cannot be used.
    #[error("open the KV store: {0}")]
    Kv(#[from] KvError),
    /// The sandbox is required and cannot be had whole.
    #[error("put on the sandbox that require_sandbox asks for: {missing}")]
    NoCage {
        /// What is missing and why.
        missing: String,
    },
    /// The cache cannot be used.
    #[error("open the cache: {0}")]
    Cache(#[from] CacheError),
    /// A thread or a library did not start.
    #[error("start {what}: {reason}")]
    Start {
        /// What.
        what: &'static str,
        /// Why not.
        reason: String,
    },
}

impl ServerError {
    pub(super) fn start(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Start { what, reason: error.to_string() }
    }
}
