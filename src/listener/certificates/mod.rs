//! Which certificate for which name.
//!
//! Files from the configuration come first, then the local authority for names that are served here. Files are replaced
//! while running, whole sets at a time; a set that does not load changes nothing. Connections keep what they began with.

mod authority;
mod files;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

pub use authority::{Authority, AuthorityError};
pub use files::{CertificateError, CertificateFiles};

use files::{FileSet, Stamp};

/// Whether a host of this name (lower case, no port) may ask for a certificate of the local authority. It is asked at each
/// new connection that no file covers, so it must be fast. It should be true for every script name of a tenant, whether
/// there is such a script or not: then a missing script is a 404 and not a TLS error.
pub type HostKnown = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Where certificates come from.
pub struct CertificateSource {
    /// The apex: what the node's hosts end in. Its certificate goes to clients that name no host.
    pub domain: String,
    /// Certificate files; of two that cover a name, the first is used.
    pub files: Vec<CertificateFiles>,
    /// What certifies the other names, if anything does.
    pub authority: Option<Authority>,
    /// Which other names that is.
    pub host_known: HostKnown,
}

/// Every certificate of the node.
pub struct Certificates {
    source: CertificateSource,
    loaded: ArcSwap<FileSet>,
    /// The files as they were just before they were first loaded.
    first_stamp: Stamp,
}

impl Certificates {
    /// Loads the files.
    ///
    /// # Errors
    /// [`CertificateError`] naming the file that is missing, damaged, expired or of another pair.
    pub fn load(source: CertificateSource, now: SystemTime) -> Result<Self, CertificateError> {
        let first_stamp = Stamp::of(&source.files);
        let loaded = ArcSwap::from_pointee(FileSet::load(&source.files, now)?);
        Ok(Self { source, loaded, first_stamp })
    }

    /// Checks files without using them.
    ///
    /// # Errors
    /// The same as [`Certificates::load`].
    pub fn check_files(files: &[CertificateFiles], now: SystemTime) -> Result<(), CertificateError> {
        FileSet::load(files, now).map(drop)
    }

    /// The certificate for a name, or for a client that names none. `None`: nobody of that name lives here.
    #[must_use]
    pub fn choose(&self, server_name: Option<&str>, now: SystemTime) -> Option<Arc<CertifiedKey>> {
        let loaded = self.loaded.load();
        let domain = self.source.domain.as_str();
        let name = server_name.unwrap_or(domain);
        if let Some(certified) = loaded.find(name) {
            return Some(certified);
        }
        let known = name == domain || (self.source.host_known)(name);
        let authority = self.source.authority.as_ref().filter(|_| known);
        if let Some(certified) = authority.and_then(|authority| authority.certify(name, domain, now)) {
            return Some(certified);
        }
        if server_name.is_none() { loaded.first() } else { None }
    }

    /// Reads the files again. What is in use stays when they do not load.
    ///
    /// # Errors
    /// [`CertificateError`] naming the file.
    pub fn reload(&self, now: SystemTime) -> Result<(), CertificateError> {
        self.loaded.store(Arc::new(FileSet::load(&self.source.files, now)?));
        Ok(())
    }

    /// The local authority's own certificate, for clients to trust.
    #[must_use]
    pub fn authority_path(&self) -> Option<&Path> {
        self.source.authority.as_ref().map(Authority::certificate_path)
    }

    /// Reloads whenever a file has changed, looking `every` so often, until stopped. Errors are logged, once per change.
    pub async fn watch(self: Arc<Self>, every: Duration, stop: CancellationToken) {
        if self.source.files.is_empty() {
            return;
        }
        let mut seen = self.first_stamp.clone();
        loop {
            let certificates = Arc::clone(&self);
            let Ok(stamp) = spawn_blocking(move || Stamp::of(&certificates.source.files)).await else { return };
            if seen != stamp {
                let certificates = Arc::clone(&self);
                match spawn_blocking(move || certificates.reload(SystemTime::now())).await {
                    Ok(Ok(())) => tracing::info!("certificate files reloaded"),
                    Ok(Err(error)) => tracing::error!(%error, "certificate files changed, the old ones stay in use"),
                    Err(_) => return,
                }
            }
            seen = stamp;
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(every) => {}
            }
        }
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, client_hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = client_hello.server_name().map(str::to_ascii_lowercase);
        self.choose(name.as_deref(), SystemTime::now())
    }
}

impl fmt::Debug for CertificateSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateSource")
            .field("domain", &self.domain)
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").field("source", &self.source).finish_non_exhaustive()
    }
}
