//! Secrets at rest: AES-256-GCM under a key that lies beside the database, in a file only we may read.
//!
//! A [`Sealed`] secret opens only with the same key and for the same tenant, script and name, so a row copied to
//! another place in the database opens nothing. Never prints or logs a secret or the key.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use serde::{Deserialize, Serialize};

use super::error::ControlError;
use crate::deployment::SecretText;
use crate::ids::{ScriptName, TenantId};

/// A secret that only the key's holder can open: nonce and ciphertext, in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sealed(String);

/// The key of all secrets of this data folder.
pub(super) struct SecretsKey {
    key: RandomizedNonceKey,
}

impl SecretsKey {
    /// Reads the key file, or makes it (mode 0600) when there is none and there may be none.
    ///
    /// # Errors
    /// When the file cannot be read or written, has another length, or can be read by others.
    pub(super) fn open(path: &Path, when_missing: WhenMissing) -> io::Result<Self> {
        let bytes = match (fs::File::open(path), when_missing) {
            (Ok(file), _) => load(file)?,
            (Err(error), WhenMissing::Make) if error.kind() == io::ErrorKind::NotFound => create(path)?,
            (Err(error), _) => {
                return Err(io::Error::new(error.kind(), format!("read the secrets' key {}: {error}", path.display())));
            }
        };
        let key = RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| io::Error::other("key is not usable"))?;
        Ok(Self { key })
    }

    /// Encrypts a secret for one place.
    pub(super) fn seal(&self, place: Place<'_>, text: &SecretText) -> Result<Sealed, ControlError> {
        let mut bytes = text.expose().as_bytes().to_vec();
        let nonce = self.key.seal_in_place_append_tag(Aad::from(place.associated()), &mut bytes);
        let nonce = nonce.map_err(|_| ControlError::Internal("encrypt a secret".to_owned()))?;
        Ok(Sealed(hex::encode([nonce.as_ref().as_slice(), &bytes].concat())))
    }

    /// Decrypts a secret that was sealed for this place.
    pub(super) fn unseal(&self, place: Place<'_>, sealed: &Sealed) -> Result<SecretText, ControlError> {
        let damaged = || ControlError::Store(format!("decrypt secret {} of {}", place.name, place.script));
        let bytes = hex::decode(&sealed.0).map_err(|_| damaged())?;
        let (nonce, rest) = bytes.split_at_checked(NONCE_LEN).ok_or_else(damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        let mut rest = rest.to_vec();
        let text = self.key.open_in_place(nonce, Aad::from(place.associated()), &mut rest).map_err(|_| damaged())?;
        let text = std::str::from_utf8(text).map_err(|_| damaged())?;
        Ok(SecretText::new(text.to_owned()))
    }
}

/// What to do when there is no key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WhenMissing {
    /// Nothing was sealed yet: make one.
    Make,
    /// Something was: answer an error.
    Refuse,
}

/// Whose secret it is and under which name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) script: &'a ScriptName,
    pub(super) name: &'a str,
}

impl Place<'_> {
    /// Ids and script names hold no NUL, so no two places give the same bytes.
    fn associated(&self) -> Vec<u8> {
        format!("{}\0{}\0{}", self.tenant, self.script, self.name).into_bytes()
    }
}

fn load(file: fs::File) -> io::Result<[u8; KEY_BYTES]> {
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the key file is readable by others: chmod 600"));
    }
    let mut bytes = Vec::new();
    file.take(KEY_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    bytes.try_into().map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the key file does not hold 32 bytes"))
}

/// Writes the key beside its place first: a crash leaves either no key or a whole one.
fn create(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let mut bytes = [0u8; KEY_BYTES];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| io::Error::other("the operating system has no randomness"))?;
    let partial = path.with_extension("key.partial");
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(&partial, path)?;
    if let Some(dir) = path.parent() {
        fs::File::open(dir)?.sync_all()?;
    }
    Ok(bytes)
}

/// Length of an AES-256 key.
const KEY_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    /// Seals for one place and tries to open for others, with another key, and after a change of one digit.
    #[test]
    fn a_sealed_secret_opens_only_in_its_own_place() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("secrets.key");
        let key = SecretsKey::open(&path, WhenMissing::Make).expect("makes a key");
        let (tenant, other) = (TenantId::generate(), TenantId::generate());
        let script: ScriptName = "hello".parse().expect("a name");
        let place = Place { tenant: &tenant, script: &script, name: "KEY" };
        let sealed = key.seal(place, &SecretText::new("swordfish".to_owned())).expect("seals");
        assert!(!sealed.0.contains(&hex::encode("swordfish")));
        let again = SecretsKey::open(&path, WhenMissing::Make).expect("reads the key");
        assert_eq!(again.unseal(place, &sealed).expect("opens").expose(), "swordfish");
        assert!(again.unseal(Place { tenant: &other, ..place }, &sealed).is_err());
        assert!(again.unseal(Place { name: "KEY2", ..place }, &sealed).is_err());
        let flipped = if sealed.0.ends_with('0') { "1" } else { "0" };
        let damaged = Sealed(format!("{}{flipped}", &sealed.0[..sealed.0.len() - 1]));
        assert!(again.unseal(place, &damaged).is_err());
        let stranger = SecretsKey::open(&dir.path().join("other.key"), WhenMissing::Make).expect("makes a key");
        assert!(stranger.unseal(place, &sealed).is_err());
    }

    /// Reads the mode of a fresh key file, then widens it.
    #[test]
    fn a_key_others_can_read_is_refused() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("secrets.key");
        SecretsKey::open(&path, WhenMissing::Make).expect("makes a key");
        assert_eq!(fs::metadata(&path).expect("is there").permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("widens");
        let refused = SecretsKey::open(&path, WhenMissing::Make).map(|_| ()).map_err(|error| error.kind());
        assert_eq!(refused, Err(io::ErrorKind::PermissionDenied));
    }
}
