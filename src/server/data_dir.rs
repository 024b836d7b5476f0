//! The data folder: made private, locked for one process, with the operator's token in it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::ServerError;
use crate::config::Config;
use crate::deployment::SecretText;

/// An open data folder; closed, and so free for another process, when dropped.
pub(super) struct DataDir {
    path: PathBuf,
    token: SecretText,
    token_shown: String,
    _lock: File,
}

impl DataDir {
    /// Opens the folder, making it (mode 0700) and the operator's token (mode 0600) if they are not there.
    pub(super) fn open(config: &Config) -> Result<Self, ServerError> {
        let path = config.data_dir.clone();
        let failed = |source| ServerError::DataDir { path: path.clone(), source };
        ensure(&path)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path.join("lock"))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ServerError::InUse { path }),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let token_path = path.join("admin.token");
        let (token, token_shown) = match &config.admin.token {
            Some(token) => (token.clone(), "EYOT_ADMIN_TOKEN".to_owned()),
            None => (own_token(&token_path).map_err(failed)?, token_path.display().to_string()),
        };
        Ok(Self { path, token, token_shown, _lock: lock })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The operator's token.
    pub(super) fn operator_token(&self) -> &str {
        self.token.expose()
    }

    /// Where the operator finds the token; never the token itself.
    pub(super) fn token_shown(&self) -> &str {
        &self.token_shown
    }

    /// An error of a file in it.
    pub(super) fn error(&self, source: io::Error) -> ServerError {
        ServerError::DataDir { path: self.path.clone(), source }
    }
}

/// Makes the folder (mode 0700) if it is not there.
pub(super) fn ensure(path: &Path) -> Result<(), ServerError> {
    let failed = |source| ServerError::DataDir { path: path.to_owned(), source };
    if path.is_dir() {
        return Ok(());
    }
    if path.exists() {
        return Err(failed(io::ErrorKind::NotADirectory.into()));
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)
}

fn own_token(path: &Path) -> io::Result<SecretText> {
    match fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => return Ok(SecretText::new(text.trim().to_owned())),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| io::Error::other("no randomness"))?;
    let token = format!("eyot_{}", hex::encode(bytes));
    // Whole or not at all: a token that a crash cut off would lock the operator out.
    let partial = path.with_extension("token.partial");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&partial)?;
    writeln!(file, "{token}")?;
    file.sync_all()?;
    fs::rename(&partial, path)?;
    Ok(SecretText::new(token))
}
