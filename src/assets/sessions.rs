//! Upload sessions: between a client's naming its files and the version that uses them.
//!
//! A session is a file in its tenant's folder and a token only its client has; the token has the shape of a JSON web token
//! because wrangler looks into it. A tenant has a few sessions at most, and none older than its time.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::files::AssetFiles;
use super::manifest::Entry;
use crate::ids::{ScriptName, TenantId};

/// One session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// For which script.
    pub script: String,
    /// Files by path.
    pub files: BTreeMap<String, Entry>,
    secret: String,
    expires_s: u64,
}

/// What a client shows of its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionToken {
    /// Whose it is.
    pub tenant: TenantId,
    id: String,
    secret: String,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// It is not there, has expired, or the token is not its own.
    #[error("use assets session: the token is not valid any more")]
    Invalid,
    /// The disk failed.
    #[error("use assets session: {0}")]
    Disk(#[from] io::Error),
}

#[derive(Serialize, Deserialize)]
struct Payload {
    exp: u64,
    tenant: String,
    sid: String,
}

impl SessionToken {
    /// Reads the token's text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (Some(_), Some(payload), Some(secret), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let payload: Payload = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        // The id becomes the name of a file.
        let id = uuid::Uuid::try_parse(&payload.sid).ok()?.simple().to_string();
        Some(Self { tenant: payload.tenant.parse().ok()?, id, secret: secret.to_owned() })
    }

    fn text(&self, expires_s: u64) -> String {
        let payload = Payload { exp: expires_s, tenant: self.tenant.as_str().to_owned(), sid: self.id.clone() };
        let payload = serde_json::to_vec(&payload).expect("strings and a number are always JSON");
        let header = URL_SAFE_NO_PAD.encode(br#"{"alg":"none","typ":"JWT"}"#);
        format!("{header}.{}.{}", URL_SAFE_NO_PAD.encode(payload), self.secret)
    }
}

impl AssetFiles {
    /// Begins a session over files that were checked; gives its token.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn begin(
        &self,
        tenant: &TenantId,
        script: &ScriptName,
        files: BTreeMap<String, Entry>,
        now: SystemTime,
    ) -> io::Result<String> {
        let folder = self.folder(tenant).join(FOLDER);
        fs::create_dir_all(&folder)?;
        self.forget_old_sessions(&folder, now)?;
        let random = || uuid::Uuid::new_v4().simple().to_string();
        let token = SessionToken { tenant: tenant.clone(), id: random(), secret: format!("{}{}", random(), random()) };
        let expires_s = seconds(now) + LIFETIME.as_secs();
        let session = Session { script: script.as_str().to_owned(), files, secret: token.secret.clone(), expires_s };
        let path = folder.join(&token.id);
        let partial = folder.join(format!("{}.partial", token.id));
        let mut file = fs::File::create_new(&partial)?;
        file.write_all(&serde_json::to_vec(&session)?)?;
        fs::rename(partial, path)?;
        Ok(token.text(expires_s))
    }

    /// The session of a token.
    ///
    /// # Errors
    /// [`SessionError::Invalid`] when there is none.
    pub fn session(&self, token: &SessionToken, now: SystemTime) -> Result<Session, SessionError> {
        let path = self.folder(&token.tenant).join(FOLDER).join(&token.id);
        let bytes = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(SessionError::Invalid),
            bytes => bytes?,
        };
        let session: Session = serde_json::from_slice(&bytes).map_err(|_| SessionError::Invalid)?;
        let same =
            aws_lc_rs::constant_time::verify_slices_are_equal(session.secret.as_bytes(), token.secret.as_bytes());
        if same.is_err() || session.expires_s <= seconds(now) {
            return Err(SessionError::Invalid);
        }
        Ok(session)
    }

    /// Hashes of all files that sessions of a tenant still count on.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn hashes_of_sessions(&self, tenant: &TenantId) -> io::Result<Vec<String>> {
        let mut hashes = Vec::new();
        for path in session_paths(&self.folder(tenant).join(FOLDER))? {
            if let Ok(session) = serde_json::from_slice::<Session>(&fs::read(path)?) {
                hashes.extend(session.files.into_values().map(|entry| entry.hash));
            }
        }
        Ok(hashes)
    }

    /// Makes room: the expired go, and the oldest of too many.
    fn forget_old_sessions(&self, folder: &std::path::Path, now: SystemTime) -> io::Result<()> {
        let mut by_age = Vec::new();
        for path in session_paths(folder)? {
            by_age.push((fs::metadata(&path)?.modified()?, path));
        }
        by_age.sort();
        let keep_from = by_age.len().saturating_sub(SESSIONS_MAX - 1);
        for (at, (written, path)) in by_age.into_iter().enumerate() {
            if at < keep_from || now.duration_since(written).is_ok_and(|age| age > LIFETIME) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

fn session_paths(folder: &std::path::Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries?.map(|entry| entry.map(|entry| entry.path())).collect(),
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Where sessions lie in their tenant's folder.
const FOLDER: &str = "sessions";

/// How long a session lives; Cloudflare's time.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// Sessions of one tenant at once.
const SESSIONS_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    /// Opens a session with its own token, with others, too late, and after many more were begun.
    #[test]
    fn a_session_opens_with_its_own_token_and_in_time() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let files = AssetFiles::new(dir.path());
        let (tenant, other) = (TenantId::generate(), TenantId::generate());
        let now = SystemTime::now();
        let begin = || files.begin(&tenant, &"s".parse().expect("a name"), BTreeMap::new(), now).expect("begins");
        let token = SessionToken::parse(&begin()).expect("a token");
        assert_eq!(files.session(&token, now).expect("is open").script, "s");
        assert!(files.session(&token, now + LIFETIME).is_err());
        assert!(files.session(&SessionToken { tenant: other, ..token.clone() }, now).is_err());
        assert!(files.session(&SessionToken { secret: "x".repeat(64), ..token.clone() }, now).is_err());
        for bad in ["", "a.b.c", "..", &begin().replace('.', ""), "a.eyJzaWQiOiIuLi8uLi8ifQ.c"] {
            assert_eq!(SessionToken::parse(bad), None, "{bad}");
        }
        for _ in 0..SESSIONS_MAX {
            begin();
        }
        assert!(session_paths(&files.folder(&tenant).join(FOLDER)).expect("lists").len() <= SESSIONS_MAX);
    }
}
