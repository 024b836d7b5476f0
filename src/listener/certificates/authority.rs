//! The local authority: certifies the node's own hosts, for development and closed networks.
//!
//! Owns `ca.pem` and `ca-key.pem`, made at the first start. Certifies on demand, in memory, and forgets what was not used
//! for longest; one certificate serves all scripts of a tenant. Refuses to know which hosts exist: the caller asks only
//! for those.
//!
//! Invariant: no two certificates of one authority have the same serial number, which browsers would refuse.

use std::fs;
use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lru::LruCache;
use parking_lot::Mutex;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData as _, SerialNumber,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SigningKey};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// An authority and what it certified lately.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate_path: PathBuf,
    /// The key of every certificate made here. One is enough: all of them stay in this process.
    leaf_key: KeyPair,
    leaf_signer: Arc<dyn SigningKey>,
    leaves: Mutex<LruCache<String, Leaf>>,
}

struct Leaf {
    certified: Arc<CertifiedKey>,
    renew_at: SystemTime,
}

/// Why there is no authority.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// A file cannot be read or written.
    #[error("access {path}: {source}")]
    Access {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The certificate is there and its key is not, so nothing can be signed that clients trust already.
    #[error("find {key}, the key of {certificate}: restore it, or remove the certificate to begin anew")]
    KeyLost {
        /// The certificate that is there.
        certificate: PathBuf,
        /// The key that is not.
        key: PathBuf,
    },
    /// The file holds something else.
    #[error("parse {path}: {reason}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// It is too old.
    #[error("use {path}: it expired at {not_after}; remove it to make a new one, which clients must then trust")]
    Expired {
        /// The file.
        path: PathBuf,
        /// Its end.
        not_after: String,
    },
    /// The cryptographic library failed.
    #[error("make a certificate: {0}")]
    Make(String),
}

impl Authority {
    /// Opens the authority of this folder, making what is missing. A crash on the way leaves nothing that would stop the
    /// next start.
    ///
    /// # Errors
    /// [`AuthorityError`] naming the file.
    pub fn open(dir: &Path, now: SystemTime) -> Result<Self, AuthorityError> {
        let (certificate_path, key_path) = (dir.join("ca.pem"), dir.join("ca-key.pem"));
        let key = match (read(&certificate_path)?, read(&key_path)?) {
            (Some(_), None) => return Err(AuthorityError::KeyLost { certificate: certificate_path, key: key_path }),
            (_, Some(pem)) => KeyPair::from_pem(&pem).map_err(|error| parse_error(&key_path, &error))?,
            (None, None) => {
                let key = KeyPair::generate().map_err(make_error)?;
                write(&key_path, key.serialize_pem().as_bytes(), 0o600)?;
                key
            }
        };
        let pem = match read(&certificate_path)? {
            Some(pem) => pem,
            None => {
                let pem = authority_params(now)?.self_signed(&key).map_err(make_error)?.pem();
                write(&certificate_path, pem.as_bytes(), 0o644)?;
                pem
            }
        };
        let certificate =
            CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| parse_error(&certificate_path, &error))?;
        check(&certificate_path, &certificate, &key, now)?;
        let issuer =
            Issuer::from_ca_cert_der(&certificate, key).map_err(|error| parse_error(&certificate_path, &error))?;
        let leaf_key = KeyPair::generate().map_err(make_error)?;
        let der = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
        let leaf_signer = rustls::crypto::aws_lc_rs::sign::any_supported_type(&der).map_err(make_error)?;
        let leaves = Mutex::new(LruCache::new(LEAVES_MAX));
        Ok(Self { issuer, certificate_path, leaf_key, leaf_signer, leaves })
    }

    /// Its own certificate, for clients to trust.
    #[must_use]
    pub fn certificate_path(&self) -> &Path {
        &self.certificate_path
    }

    /// A certificate that covers this host of this domain. `None` when the name cannot stand in a certificate.
    pub(super) fn certify(&self, host: &str, domain: &str, now: SystemTime) -> Option<Arc<CertifiedKey>> {
        let names = covering_names(host, domain);
        let cached_as = &names[0];
        if let Some(leaf) = self.leaves.lock().get(cached_as)
            && now < leaf.renew_at
        {
            return Some(Arc::clone(&leaf.certified));
        }
        let certificate = match self.sign(&names, now) {
            Ok(certificate) => certificate,
            Err(error) => {
                tracing::warn!(host, %error, "certify host");
                return None;
            }
        };
        let certified = Arc::new(CertifiedKey::new(vec![certificate], Arc::clone(&self.leaf_signer)));
        let leaf = Leaf { certified: Arc::clone(&certified), renew_at: now + LEAF_VALID_FOR - LEAF_RENEWED_BEFORE };
        self.leaves.lock().put(cached_as.clone(), leaf);
        Some(certified)
    }

    fn sign(&self, names: &[String], now: SystemTime) -> Result<CertificateDer<'static>, AuthorityError> {
        let mut params = CertificateParams::new(names).map_err(make_error)?;
        params.not_before = (now - CLOCK_SKEW).into();
        params.not_after = (now + LEAF_VALID_FOR).into();
        params.serial_number = Some(random_serial()?);
        params.distinguished_name = distinguished_name("Eyot host".to_owned());
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&self.leaf_key, &self.issuer).map_err(make_error)?;
        Ok(certificate.der().clone())
    }
}

/// The names of the certificate that is made for a host; the first tells it from the others.
///
/// `script.tenant.domain` shares one wildcard with the tenant's other scripts. The wildcard always has two labels after
/// its star: clients refuse `*.localhost`.
fn covering_names(host: &str, domain: &str) -> Vec<String> {
    if host == domain {
        let mut names = vec![domain.to_owned(), "localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        names.dedup();
        return names;
    }
    let labels = host.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.'));
    match labels.and_then(|labels| labels.split_once('.')) {
        Some((_, tenant)) if !tenant.contains('.') => {
            vec![format!("*.{tenant}.{domain}"), format!("{tenant}.{domain}")]
        }
        _ => vec![host.to_owned()],
    }
}

fn authority_params(now: SystemTime) -> Result<CertificateParams, AuthorityError> {
    let serial = random_serial()?;
    let mut params = CertificateParams::default();
    params.not_before = (now - CLOCK_SKEW).into();
    params.not_after = (now + AUTHORITY_VALID_FOR).into();
    // Clients tell authorities apart by name; a machine may have met several of ours.
    params.distinguished_name =
        distinguished_name(format!("Eyot local authority {}", hex::encode(&serial.as_ref()[..4])));
    params.serial_number = Some(serial);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn distinguished_name(common_name: String) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, "Eyot");
    name.push(DnType::CommonName, common_name);
    name
}

/// Positive and not zero, as RFC 5280 wants it.
fn random_serial() -> Result<SerialNumber, AuthorityError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(make_error)?;
    bytes[0] = bytes[0] & 0x7f | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}

/// Checks that the certificate is of this key and can still be used.
fn check(path: &Path, certificate: &CertificateDer<'_>, key: &KeyPair, now: SystemTime) -> Result<(), AuthorityError> {
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|error| parse_error(path, &error))?;
    if parsed.public_key().raw != key.subject_public_key_info() {
        return Err(parse_error(path, &"it is of another key than ca-key.pem beside it"));
    }
    let not_after = parsed.validity().not_after;
    let now_seconds = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs().cast_signed();
    if not_after.timestamp() < now_seconds {
        return Err(AuthorityError::Expired { path: path.to_owned(), not_after: not_after.to_string() });
    }
    Ok(())
}

fn read(path: &Path) -> Result<Option<String>, AuthorityError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(AuthorityError::Access { path: path.to_owned(), source }),
    }
}

/// Writes a file that is whole or not there.
fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), AuthorityError> {
    let partial = path.with_extension("partial");
    let written = (|| {
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&partial)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&partial, path)?;
        fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    })();
    written.map_err(|source| AuthorityError::Access { path: path.to_owned(), source })
}

fn parse_error(path: &Path, reason: &impl ToString) -> AuthorityError {
    AuthorityError::Parse { path: path.to_owned(), reason: reason.to_string() }
}

fn make_error(error: impl ToString) -> AuthorityError {
    AuthorityError::Make(error.to_string())
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const AUTHORITY_VALID_FOR: Duration = Duration::from_secs(3_653 * 24 * 60 * 60);
const LEAF_VALID_FOR: Duration = Duration::from_secs(90 * 24 * 60 * 60);
const LEAF_RENEWED_BEFORE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Clients' clocks may be behind ours by this much.
const CLOCK_SKEW: Duration = DAY;

/// Certificates kept; making one anew takes well under a millisecond.
const LEAVES_MAX: NonZeroUsize = NonZeroUsize::new(1_024).expect("not zero");

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn now() -> SystemTime {
        SystemTime::now()
    }

    /// Names of an apex, a tenant's scripts, a tenant, a custom host, and hosts of other domains.
    #[test]
    fn the_scripts_of_a_tenant_share_one_certificate() {
        assert_eq!(covering_names("localhost", "localhost"), ["localhost", "127.0.0.1", "::1"]);
        assert_eq!(covering_names("edge.test", "edge.test"), ["edge.test", "localhost", "127.0.0.1", "::1"]);
        assert_eq!(covering_names("a.demo.localhost", "localhost"), ["*.demo.localhost", "demo.localhost"]);
        assert_eq!(covering_names("demo.localhost", "localhost"), ["demo.localhost"]);
        assert_eq!(covering_names("a.b.c.localhost", "localhost"), ["a.b.c.localhost"]);
        assert_eq!(covering_names("shop.example.com", "localhost"), ["shop.example.com"]);
        assert_eq!(covering_names("a.demo.mylocalhost", "localhost"), ["a.demo.mylocalhost"]);
    }

    /// Opens twice, then certifies, then looks at the key's mode.
    #[test]
    fn an_authority_survives_a_restart() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let first = Authority::open(dir.path(), now()).expect("opens");
        let pem = fs::read_to_string(first.certificate_path()).expect("is written");
        let mode = fs::metadata(dir.path().join("ca-key.pem")).expect("is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        drop(first);
        let second = Authority::open(dir.path(), now()).expect("opens again");
        assert_eq!(fs::read_to_string(second.certificate_path()).expect("is there"), pem);
        assert!(second.certify("a.demo.localhost", "localhost", now()).is_some());
    }

    /// Certifies two scripts of a tenant, one of another, and again when the certificate gets old.
    #[test]
    fn a_certificate_is_renewed_before_it_expires() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let authority = Authority::open(dir.path(), now()).expect("opens");
        let certify = |host: &str, at: SystemTime| authority.certify(host, "localhost", at).expect("certifies");
        let first = certify("a.demo.localhost", now());
        assert!(Arc::ptr_eq(&first, &certify("b.demo.localhost", now() + 59 * DAY)));
        assert!(!Arc::ptr_eq(&first, &certify("a.other.localhost", now())));
        let renewed = certify("a.demo.localhost", now() + 61 * DAY);
        assert!(!Arc::ptr_eq(&first, &renewed));
        let serial = |certified: &CertifiedKey| {
            let der = certified.end_entity_cert().expect("has one").clone();
            X509Certificate::from_der(&der).expect("parses").1.raw_serial_as_string()
        };
        assert_ne!(serial(&first), serial(&renewed));
    }

    /// Asks for more names than are kept.
    #[test]
    fn what_is_kept_is_bounded() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let authority = Authority::open(dir.path(), now()).expect("opens");
        for tenant in 0..LEAVES_MAX.get() + 10 {
            authority.certify(&format!("a.t{tenant}.localhost"), "localhost", now()).expect("certifies");
        }
        assert_eq!(authority.leaves.lock().len(), LEAVES_MAX.get());
    }

    /// A lost key, a key of another authority, a lost certificate, and a start after ten years.
    #[test]
    fn an_authority_that_cannot_sign_is_refused() {
        let (dir, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        Authority::open(dir.path(), now()).expect("opens");
        Authority::open(other.path(), now()).expect("opens");
        let open = |at: SystemTime| Authority::open(dir.path(), at).err().map(|error| error.to_string());
        assert!(open(now() + 3_700 * DAY).is_some_and(|error| error.contains("expired")));
        fs::copy(other.path().join("ca-key.pem"), dir.path().join("ca-key.pem")).expect("copies");
        assert!(open(now()).is_some_and(|error| error.contains("ca.pem") && error.contains("another key")));
        fs::remove_file(dir.path().join("ca-key.pem")).expect("removes");
        assert!(open(now()).is_some_and(|error| error.contains("ca-key.pem")));
        fs::remove_file(dir.path().join("ca.pem")).expect("removes");
        assert_eq!(open(now()), None);
    }
}
