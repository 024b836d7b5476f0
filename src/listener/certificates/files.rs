//! Certificate files: PEM chains and keys, checked when loaded, found by the names in them.
//!
//! A set loads whole or not at all. Knows nothing of when it is loaded again.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::net::IpAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// A certificate and its key, as the configuration names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// PEM: the certificate, then the rest of its chain.
    pub certificate: PathBuf,
    /// PEM: its private key, PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
}

/// Why certificate files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("find {expected} in {path}")]
    Missing {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
    /// A file holds something damaged or of a kind we do not know.
    #[error("parse {path}: {reason}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The certificate was good once.
    #[error("use {path}: it expired at {not_after}")]
    Expired {
        /// The file.
        path: PathBuf,
        /// Its end.
        not_after: String,
    },
    /// The certificate will be good one day.
    #[error("use {path}: it is not valid before {not_before}")]
    NotYetValid {
        /// The file.
        path: PathBuf,
        /// Its begin.
        not_before: String,
    },
    /// The two files are not a pair.
    #[error("use {certificate}: its key is not the one in {key}")]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
}

/// Loaded certificates by the names they cover.
#[derive(Debug, Default)]
pub(super) struct FileSet {
    exact: HashMap<String, Arc<CertifiedKey>>,
    /// By what follows the `*.`.
    wildcard: HashMap<String, Arc<CertifiedKey>>,
    first: Option<Arc<CertifiedKey>>,
}

/// What the file system says of files, to notice that they changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp(Vec<Option<(i64, i64, u64, u64)>>);

impl FileSet {
    /// Loads and checks all of them.
    pub(super) fn load(list: &[CertificateFiles], now: SystemTime) -> Result<Self, CertificateError> {
        let mut set = Self::default();
        for files in list {
            let (certified, names) = load_pair(files, now)?;
            for name in names {
                let (map, key) = match name.strip_prefix("*.") {
                    Some(parent) => (&mut set.wildcard, parent.to_owned()),
                    None => (&mut set.exact, name),
                };
                map.entry(key).or_insert_with(|| Arc::clone(&certified));
            }
            set.first.get_or_insert(certified);
        }
        Ok(set)
    }

    /// The certificate that covers a name, the exact one before a wildcard.
    pub(super) fn find(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let by_wildcard = || name.split_once('.').and_then(|(_, parent)| self.wildcard.get(parent));
        self.exact.get(name).or_else(by_wildcard).cloned()
    }

    /// The first one listed.
    pub(super) fn first(&self) -> Option<Arc<CertifiedKey>> {
        self.first.clone()
    }
}

impl Stamp {
    /// Looks at the files; one that is not there has a stamp, too.
    pub(super) fn of(list: &[CertificateFiles]) -> Self {
        let paths = list.iter().flat_map(|files| [&files.certificate, &files.key]);
        let stamp = |path: &PathBuf| {
            let metadata = fs::metadata(path).ok()?;
            Some((metadata.mtime(), metadata.mtime_nsec(), metadata.len(), metadata.ino()))
        };
        Self(paths.map(stamp).collect())
    }
}

fn load_pair(files: &CertificateFiles, now: SystemTime) -> Result<(Arc<CertifiedKey>, Vec<String>), CertificateError> {
    let path = &files.certificate;
    let parse_error = |path: &Path, reason: String| CertificateError::Parse { path: path.to_owned(), reason };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read(path)?)
        .collect::<Result<_, _>>()
        .map_err(|error| parse_error(path, error.to_string()))?;
    let leaf =
        chain.first().ok_or_else(|| CertificateError::Missing { path: path.clone(), expected: "a PEM certificate" })?;
    let names = check_leaf(path, leaf, now)?;
    let key = PrivateKeyDer::from_pem_slice(&read(&files.key)?).map_err(|error| match error {
        rustls::pki_types::pem::Error::NoItemsFound => {
            CertificateError::Missing { path: files.key.clone(), expected: "a PEM private key" }
        }
        other => parse_error(&files.key, other.to_string()),
    })?;
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let certified = CertifiedKey::from_der(chain, key, &provider).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            CertificateError::Mismatch { certificate: path.clone(), key: files.key.clone() }
        }
        rustls::Error::InvalidCertificate(reason) => parse_error(path, format!("{reason:?}")),
        other => parse_error(&files.key, other.to_string()),
    })?;
    Ok((Arc::new(certified), names))
}

/// Checks the dates and reads the names.
fn check_leaf(path: &Path, leaf: &CertificateDer<'_>, now: SystemTime) -> Result<Vec<String>, CertificateError> {
    let path = path.to_owned();
    let (_, parsed) = match X509Certificate::from_der(leaf) {
        Ok(parsed) => parsed,
        Err(error) => return Err(CertificateError::Parse { path, reason: error.to_string() }),
    };
    let now_seconds = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs().cast_signed();
    let validity = parsed.validity();
    if validity.not_after.timestamp() < now_seconds {
        return Err(CertificateError::Expired { path, not_after: validity.not_after.to_string() });
    }
    if validity.not_before.timestamp() > now_seconds {
        return Err(CertificateError::NotYetValid { path, not_before: validity.not_before.to_string() });
    }
    let names = match parsed.subject_alternative_name() {
        Ok(extension) => extension.map_or_else(Vec::new, |extension| names_of(&extension.value.general_names)),
        Err(error) => return Err(CertificateError::Parse { path, reason: error.to_string() }),
    };
    if names.is_empty() {
        return Err(CertificateError::Missing { path, expected: "a host name (subject alternative name)" });
    }
    Ok(names)
}

fn names_of(names: &[GeneralName<'_>]) -> Vec<String> {
    let text = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes).ok().map(|bytes| IpAddr::from(bytes).to_string()),
            _ => <[u8; 16]>::try_from(*bytes).ok().map(|bytes| IpAddr::from(bytes).to_string()),
        },
        _ => None,
    };
    names.iter().filter_map(text).collect()
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    let failed = |source| CertificateError::Read { path: path.to_owned(), source };
    let length = fs::metadata(path).map_err(failed)?.len();
    if length > FILE_BYTES_MAX {
        let reason = format!("it has {length} bytes, more than {FILE_BYTES_MAX}");
        return Err(CertificateError::Parse { path: path.to_owned(), reason });
    }
    fs::read(path).map_err(failed)
}

/// Far above any chain; keeps a path that points at something else from filling memory.
const FILE_BYTES_MAX: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};
    use time::OffsetDateTime;

    use super::*;

    /// Writes a self-signed pair and returns where.
    fn write_pair(dir: &Path, stem: &str, names: &[&str], valid_days: std::ops::Range<i64>) -> CertificateFiles {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names");
        params.not_before = OffsetDateTime::now_utc() + time::Duration::days(valid_days.start);
        params.not_after = OffsetDateTime::now_utc() + time::Duration::days(valid_days.end);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        let files =
            CertificateFiles { certificate: dir.join(format!("{stem}.pem")), key: dir.join(format!("{stem}-key.pem")) };
        fs::write(&files.certificate, certificate.pem()).expect("writes");
        fs::write(&files.key, key.serialize_pem()).expect("writes");
        files
    }

    fn error_of(files: &CertificateFiles) -> String {
        FileSet::load(std::slice::from_ref(files), SystemTime::now()).expect_err("is refused").to_string()
    }

    /// Looks up exact names, wildcards, and names that a wildcard must not cover.
    #[test]
    fn a_certificate_serves_exactly_the_names_in_it() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let plain = write_pair(dir.path(), "plain", &["a.test", "www.b.test"], -1..1);
        let wild = write_pair(dir.path(), "wild", &["*.b.test"], -1..1);
        let set = FileSet::load(&[plain, wild], SystemTime::now()).expect("loads");
        let first = set.first().expect("the first");
        assert!(set.find("a.test").is_some_and(|found| Arc::ptr_eq(&found, &first)));
        assert!(set.find("www.b.test").is_some_and(|found| Arc::ptr_eq(&found, &first)));
        assert!(set.find("x.b.test").is_some_and(|found| !Arc::ptr_eq(&found, &first)));
        for name in ["b.test", "x.y.b.test", "test", "", "*.b.test.", "c.test"] {
            assert!(set.find(name).is_none(), "{name}");
        }
    }

    /// One file of each kind of wrong; each error must name the file to mend.
    #[test]
    fn a_file_that_cannot_be_used_is_named() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let good = write_pair(dir.path(), "good", &["a.test"], -1..1);
        let expired = write_pair(dir.path(), "expired", &["a.test"], -3..-1);
        let early = write_pair(dir.path(), "early", &["a.test"], 1..3);
        let nameless = write_pair(dir.path(), "nameless", &[], -1..1);
        let garbage = dir.path().join("garbage.pem");
        fs::write(&garbage, "not PEM at all").expect("writes");
        let absent = dir.path().join("absent.pem");
        let with_certificate = |path: &Path| CertificateFiles { certificate: path.to_owned(), key: good.key.clone() };
        let with_key = |path: &Path| CertificateFiles { certificate: good.certificate.clone(), key: path.to_owned() };
        for (files, file, text) in [
            (expired, "expired.pem", "expired"),
            (early, "early.pem", "not valid before"),
            (nameless, "nameless.pem", "host name"),
            (with_certificate(&garbage), "garbage.pem", "a PEM certificate"),
            (with_certificate(&absent), "absent.pem", "No such file"),
            (with_key(&garbage), "garbage.pem", "a PEM private key"),
            (with_key(&absent), "absent.pem", "No such file"),
            (with_key(&dir.path().join("early-key.pem")), "early-key.pem", "its key is not"),
        ] {
            let error = error_of(&files);
            assert!(error.contains(file) && error.contains(text), "{error}");
        }
    }

    /// Replaces a file by one of the same length, and removes one.
    #[test]
    fn a_change_of_a_file_is_noticed() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let list = [write_pair(dir.path(), "a", &["a.test"], -1..1)];
        let before = Stamp::of(&list);
        assert_eq!(before, Stamp::of(&list));
        let replacement = dir.path().join("new");
        fs::copy(&list[0].certificate, &replacement).expect("copies");
        fs::rename(&replacement, &list[0].certificate).expect("replaces");
        let after = Stamp::of(&list);
        assert_ne!(before, after);
        fs::remove_file(&list[0].key).expect("removes");
        assert_ne!(after, Stamp::of(&list));
    }
}
