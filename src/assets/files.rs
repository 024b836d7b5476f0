//! The files of all tenants on disk: one folder a tenant, each file under the hash its client gave it.
//!
//! A file is written once, whole or not at all, and never changed: a client that uses a hash twice keeps the first bytes.
//! Text lies there compressed as well, where that is worth it. Knows nothing of paths or rules.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::ids::TenantId;

/// All tenants' files.
#[derive(Debug, Clone)]
pub struct AssetFiles {
    dir: PathBuf,
}

/// In which form a file is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Plain,
    /// Compressed, `br`.
    Brotli,
    /// Compressed, `gzip`.
    Gzip,
}

impl Form {
    /// As `Content-Encoding` has it.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }
}

impl AssetFiles {
    /// Files below `dir`, which is made when it is needed.
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Whether there is a file of this hash.
    #[must_use]
    pub fn contains(&self, tenant: &TenantId, hash: &str) -> bool {
        self.path(tenant, hash, Form::Plain).is_file()
    }

    /// Keeps a file; when this returns it survives a crash. `kind` is its content type.
    ///
    /// # Errors
    /// When the disk is full or fails; nothing is then visible under the hash.
    pub fn put(&self, tenant: &TenantId, hash: &str, bytes: &[u8], kind: &str) -> io::Result<()> {
        if self.contains(tenant, hash) {
            return Ok(());
        }
        fs::create_dir_all(self.folder(tenant))?;
        if bytes.len() >= COMPRESSED_BYTES_MIN && super::content_type::is_worth_compressing(kind) {
            for (form, compressed) in [(Form::Brotli, brotli(bytes)?), (Form::Gzip, gzip(bytes)?)] {
                if compressed.len() < bytes.len() / 10 * 9 {
                    self.write(tenant, hash, form, &compressed)?;
                }
            }
        }
        // Last, because it is what says that the file is there.
        self.write(tenant, hash, Form::Plain, bytes)?;
        fs::File::open(self.folder(tenant))?.sync_all()
    }

    /// Opens a file in a form it has; none when it has not.
    pub(super) fn open(&self, tenant: &TenantId, hash: &str, form: Form) -> io::Result<Option<(fs::File, u64)>> {
        match fs::File::open(self.path(tenant, hash, form)) {
            Ok(file) => {
                let length = file.metadata()?.len();
                Ok(Some((file, length)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes the files of a tenant that are not in `used` and have been there for a while.
    ///
    /// # Errors
    /// When the folder cannot be read or a file not be removed.
    pub fn collect(&self, tenant: &TenantId, used: &HashSet<String>, now: SystemTime) -> io::Result<()> {
        let entries = match fs::read_dir(self.folder(tenant)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let hash = name.split('.').next().unwrap_or_default();
            let written = entry.metadata()?.modified()?;
            let old = now.duration_since(written).is_ok_and(|age| age > UNUSED_AGE);
            if old && !used.contains(hash) && entry.file_type()?.is_file() {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Removes everything of a tenant.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn remove_tenant(&self, tenant: &TenantId) -> io::Result<()> {
        match fs::remove_dir_all(self.folder(tenant)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The tenant's folder.
    pub(super) fn folder(&self, tenant: &TenantId) -> PathBuf {
        self.dir.join(tenant.as_str())
    }

    fn path(&self, tenant: &TenantId, hash: &str, form: Form) -> PathBuf {
        self.folder(tenant).join(format!("{hash}{}", form.ending()))
    }

    fn write(&self, tenant: &TenantId, hash: &str, form: Form, bytes: &[u8]) -> io::Result<()> {
        let partial = self.folder(tenant).join(format!("{hash}.{}.partial", uuid::Uuid::new_v4().simple()));
        let written = fs::File::create_new(&partial)
            .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&partial, self.path(tenant, hash, form)));
        if written.is_err() {
            // The write already failed and is reported; what stays is removed by the next collection.
            let _ = fs::remove_file(&partial);
        }
        written
    }
}

fn brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: BROTLI_QUALITY, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Files below this length are sent as they are.
const COMPRESSED_BYTES_MIN: usize = 1_024;

/// Most of what brotli can do, at a tenth of the time.
const BROTLI_QUALITY: i32 = 6;

/// How long a file may wait for a version that uses it.
const UNUSED_AGE: Duration = Duration::from_secs(2 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0123456789abcdef0123456789abcdef";

    /// Keeps a file twice under one hash, as two tenants, and lets one go.
    #[test]
    fn a_file_stays_as_it_was_and_with_its_tenant() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let files = AssetFiles::new(dir.path());
        let (tenant, other) = (TenantId::generate(), TenantId::generate());
        let text = "text ".repeat(1_000);
        files.put(&tenant, HASH, text.as_bytes(), "text/plain").expect("keeps");
        files.put(&tenant, HASH, b"something else", "text/plain").expect("keeps");
        let length = |tenant: &TenantId, form| files.open(tenant, HASH, form).expect("opens").map(|(_, length)| length);
        assert_eq!(length(&tenant, Form::Plain), Some(5_000));
        assert!(length(&tenant, Form::Brotli).is_some_and(|length| length < 500));
        assert!(length(&tenant, Form::Gzip).is_some_and(|length| length < 500));
        assert_eq!(length(&other, Form::Plain), None);

        let later = SystemTime::now() + 2 * UNUSED_AGE;
        files.collect(&tenant, &HashSet::from([HASH.to_owned()]), later).expect("collects");
        files.collect(&tenant, &HashSet::new(), SystemTime::now()).expect("collects");
        assert!(files.contains(&tenant, HASH));
        files.collect(&tenant, &HashSet::new(), later).expect("collects");
        assert_eq!(fs::read_dir(files.folder(&tenant)).expect("a folder").count(), 0);
        files.remove_tenant(&tenant).expect("removes");
        files.remove_tenant(&tenant).expect("removes nothing");
    }
}
