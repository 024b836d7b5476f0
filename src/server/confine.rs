//! The node's cage, in the two steps it is put on in, and the policy on a kernel that lacks a part of it.

use std::path::Path;

use super::{Node, ServerError, data_dir, mappings};
use crate::cage::{self, Cage, CagePolicy, NodeFiles};
use crate::config::Config;

/// The first step: makes the data folder if there is none, and closes every file that the node does not need. Call it on
/// the main thread before any other exists. `file` is the configuration's, which a node that re-executes itself reads again.
///
/// # Errors
/// [`ServerError`] when there is no data folder.
pub fn confine(config: &Config, file: Option<&Path>) -> Result<Cage, ServerError> {
    data_dir::ensure(&config.data_dir)?;
    if let Err(error) = cage::take_open_files() {
        tracing::warn!(%error, "failed to raise the limit of open files");
    }
    let certificates = config.edge.certificates.iter().chain(&config.admin.tls);
    let mut read: Vec<_> = certificates.flat_map(|files| [files.certificate.clone(), files.key.clone()]).collect();
    read.extend(file.map(Path::to_owned));
    Ok(cage::confine_files(&NodeFiles { data: config.data_dir.clone(), read }))
}

/// What `--check` can say of the cage.
pub(super) fn check(config: &Config) -> Result<(), ServerError> {
    match cage::missing_here() {
        Some(missing) if config.cage == CagePolicy::Required => Err(ServerError::NoCage { missing }),
        _ => Ok(()),
    }
}

impl Node {
    /// The second step: closes every system call that the node does not need, now that its sockets are bound. Says in the
    /// log, and from then on in `/readyz`, what is missing.
    ///
    /// # Errors
    /// [`ServerError::NoCage`] when a part is missing and the configuration requires it.
    pub fn confined(mut self, cage: Cage) -> Result<Self, ServerError> {
        self.cage = cage.confine_calls();
        match self.cage.missing() {
            None => tracing::info!("sandbox is on"),
            Some(missing) if self.config.cage == CagePolicy::Required => return Err(ServerError::NoCage { missing }),
            Some(missing) => tracing::warn!(%missing, "sandbox is incomplete"),
        }
        if let Some(shortage) = mappings::shortage(self.config.isolates.slots_max) {
            tracing::warn!(%shortage, "too few memory mappings for as many isolates");
        }
        Ok(self)
    }
}
