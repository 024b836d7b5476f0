//! Why the control plane refused or failed.
//!
//! One enum for the whole module, because every caller does the same with it: shows the text and Cloudflare's number.
//! [`ControlError::code`] is that number, [`ControlError::fault`] says who is to blame. Which HTTP status goes with it
//! is the admin API's business.

use std::io;

use crate::ids::TenantId;
use crate::limits::OutOfRange;
use crate::route::PatternError;
use crate::snapshot::{BuildError, Position};
use crate::store::DatabaseError;

/// Who is to blame for an error: it picks the log level and the metric label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Whoever called sent something wrong.
    Client,
    /// The tenant's script is wrong.
    Tenant,
    /// We are.
    Platform,
}

/// Why a call of the control plane did nothing. No variant holds a secret or script source.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Nothing of that name belongs to this tenant; whether another tenant has it is not told.
    #[error("find {what}")]
    NotFound {
        /// What was asked for.
        what: Missing,
    },
    /// A name that cannot be used.
    #[error("use name: {reason}")]
    InvalidName {
        /// What is wrong with it.
        reason: String,
    },
    /// A value that cannot be used.
    #[error("use {what}: {reason}")]
    InvalidValue {
        /// The field.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A limit outside its range.
    #[error(transparent)]
    Limit(#[from] OutOfRange),
    /// A subdomain another tenant has, or one that is reserved.
    #[error("take subdomain {subdomain}: it is taken")]
    SubdomainTaken {
        /// The subdomain.
        subdomain: String,
    },
    /// What is no route pattern or hostname.
    #[error("{reason}")]
    InvalidRoute {
        /// What is wrong with it.
        reason: String,
    },
    /// A pattern or hostname of another script of the same tenant.
    #[error("use {pattern}: it is already associated with the Worker \"{script}\"")]
    RouteTaken {
        /// The pattern or hostname.
        pattern: String,
        /// The script.
        script: String,
    },
    /// A host that another tenant has patterns on, or that one of them reaches.
    #[error("use host {host}: {}", taken_by(owner.as_ref()))]
    HostTaken {
        /// The host.
        host: String,
        /// By whom; told to the operator only.
        owner: Option<TenantId>,
    },
    /// A host within the node's own domain.
    #[error("use host {host}: it lies within the node's own domain")]
    HostReserved {
        /// The host.
        host: String,
    },
    /// A namespace title that is in use.
    #[error("a namespace with this account ID and title already exists")]
    TitleTaken,
    /// The tenant has as many as it may have.
    #[error("have more than {max} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are allowed.
        max: u32,
    },
    /// The code is larger than the tenant's limit.
    #[error("keep script of {bytes} bytes: the limit is {limit_bytes}")]
    ScriptTooLarge {
        /// What was uploaded.
        bytes: u64,
        /// What is allowed.
        limit_bytes: u64,
    },
    /// A binding without a name.
    #[error("bind: every binding must have a name")]
    BindingWithoutName,
    /// A variable or secret over the size limit.
    #[error("bind {name}: {bytes} bytes exceed the limit of {limit_bytes}")]
    BindingTooLarge {
        /// The binding.
        name: String,
        /// Its size.
        bytes: usize,
        /// What is allowed.
        limit_bytes: usize,
    },
    /// More variables and secrets than allowed.
    #[error("bind {count} variables and secrets: the limit is {max}")]
    TooManyVariables {
        /// How many there would be.
        count: usize,
        /// How many are allowed.
        max: usize,
    },
    /// What a binding refers to does not exist for this tenant.
    #[error("bind {name}: {target} not found")]
    BindingTargetNotFound {
        /// The binding.
        name: String,
        /// What it refers to.
        target: String,
    },
    /// A service binding to a script this tenant does not have.
    #[error("resolve service binding '{name}': target script '{service}' not found")]
    ServiceNotFound {
        /// The binding.
        name: String,
        /// The script.
        service: String,
    },
    /// An inherited binding that the earlier version does not have.
    #[error("inherit binding {name}: the earlier version has none of this name")]
    InvalidInherit {
        /// The binding.
        name: String,
    },
    /// A binding that is malformed or of a kind that does not exist here.
    #[error("bind {name}: {reason}")]
    InvalidBinding {
        /// The binding.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The code did not become a version.
    #[error("{}", rejected(message, position.as_ref()))]
    Rejected {
        /// What the top level said, or which of its limits it broke.
        message: String,
        /// Where.
        position: Option<Position>,
    },
    /// The code has nothing that could be called.
    #[error("find a handler: the script exports none and registers no event listener")]
    NoHandlers,
    /// Somebody else changes the same script, and did not finish within the wait.
    #[error("change script: another change of it is in progress")]
    ConcurrentModification,
    /// A secret or setting cannot be edited in place while the latest version is not the deployed one.
    #[error("edit the latest version: it is not deployed; deploy it first, or make a new version with the edit")]
    LatestNotDeployed,
    /// Deploying this older version would bring back other values of secrets.
    #[error("deploy version {version}: secrets have changed since; repeat with force to go on")]
    SecretsChanged {
        /// The version.
        version: String,
    },
    /// The script has no version yet.
    #[error("find a version of the script: it has none")]
    NoVersions,
    /// More changes wait than the store takes.
    #[error("queue change: too many are waiting")]
    Busy,
    /// The database or the disk failed.
    #[error("use the control store: {0}")]
    Store(String),
    /// Something that must not happen happened.
    #[error("change the control plane: {0}")]
    Internal(String),
}

/// What was not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// A tenant.
    Tenant,
    /// A token.
    Token,
    /// A script.
    Script,
    /// A version of a script.
    Version,
    /// A deployment of a script.
    Deployment,
    /// A secret of a script.
    Secret,
    /// A KV namespace.
    Namespace,
    /// A session of an upload of assets.
    AssetSession,
    /// A custom hostname or route pattern.
    Route,
}

impl ControlError {
    pub(super) fn invalid_route(error: PatternError) -> Self {
        Self::InvalidRoute { reason: error.to_string() }
    }

    /// The code that Cloudflare's API gives for the same refusal.
    #[must_use]
    pub fn code(&self) -> u32 {
        match self {
            Self::NotFound { what } => what.code(),
            Self::InvalidName { .. } => 10016,
            Self::SubdomainTaken { .. } => 10031,
            Self::InvalidRoute { .. } => 10022,
            Self::RouteTaken { .. } | Self::HostTaken { .. } | Self::HostReserved { .. } => 10020,
            Self::TitleTaken => 10014,
            Self::TooMany { .. } => 10037,
            Self::ScriptTooLarge { .. } => 10027,
            Self::BindingWithoutName => 10052,
            Self::BindingTooLarge { .. } => 10054,
            Self::TooManyVariables { .. } => 10055,
            Self::BindingTargetNotFound { .. } => 10056,
            Self::InvalidInherit { .. } => 10057,
            Self::ServiceNotFound { .. } => 10143,
            Self::InvalidValue { .. } | Self::Limit(_) | Self::InvalidBinding { .. } | Self::Rejected { .. } => 10021,
            Self::NoHandlers => 10068,
            Self::ConcurrentModification => 10035,
            Self::LatestNotDeployed => 10215,
            Self::SecretsChanged { .. } => 10220,
            Self::NoVersions => 10222,
            Self::Busy | Self::Store(_) | Self::Internal(_) => 10013,
        }
    }

    /// Who is to blame.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Rejected { .. } | Self::NoHandlers => Fault::Tenant,
            Self::Busy | Self::Store(_) | Self::Internal(_) => Fault::Platform,
            Self::NotFound { .. }
            | Self::InvalidName { .. }
            | Self::InvalidValue { .. }
            | Self::Limit(_)
            | Self::SubdomainTaken { .. }
            | Self::InvalidRoute { .. }
            | Self::RouteTaken { .. }
            | Self::HostTaken { .. }
            | Self::HostReserved { .. }
            | Self::TitleTaken
            | Self::TooMany { .. }
            | Self::ScriptTooLarge { .. }
            | Self::BindingWithoutName
            | Self::BindingTooLarge { .. }
            | Self::TooManyVariables { .. }
            | Self::BindingTargetNotFound { .. }
            | Self::ServiceNotFound { .. }
            | Self::InvalidInherit { .. }
            | Self::InvalidBinding { .. }
            | Self::ConcurrentModification
            | Self::LatestNotDeployed
            | Self::SecretsChanged { .. }
            | Self::NoVersions => Fault::Client,
        }
    }
}

impl Missing {
    fn code(self) -> u32 {
        match self {
            Self::Namespace => 10013,
            Self::Route => 10019,
            Self::Secret => 10056,
            Self::Token => 1001,
            Self::AssetSession => 10000,
            Self::Tenant => 7003,
            Self::Script | Self::Version | Self::Deployment => 10007,
        }
    }
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Tenant => "account",
            Self::Token => "token",
            Self::Script => "script",
            Self::Version => "version",
            Self::Deployment => "deployment",
            Self::Secret => "secret",
            Self::Namespace => "namespace",
            Self::AssetSession => "assets upload session",
            Self::Route => "route",
        })
    }
}

impl From<BuildError> for ControlError {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Rejected { message, position } => Self::Rejected { message, position },
            BuildError::CpuExceeded { .. } | BuildError::MemoryExceeded { .. } => {
                Self::Rejected { message: format!("failed to {error}"), position: None }
            }
            BuildError::NoHandlers => Self::NoHandlers,
            BuildError::Internal(message) => Self::Internal(message),
        }
    }
}

impl From<rusqlite::Error> for ControlError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.to_string())
    }
}

impl From<DatabaseError> for ControlError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Busy => Self::Busy,
            DatabaseError::Sqlite(source) => source.into(),
            DatabaseError::Newer { .. } | DatabaseError::Lost => Self::Store(error.to_string()),
        }
    }
}

impl From<io::Error> for ControlError {
    fn from(error: io::Error) -> Self {
        Self::Store(error.to_string())
    }
}

impl From<serde_json::Error> for ControlError {
    fn from(error: serde_json::Error) -> Self {
        Self::Store(format!("read a stored value: line {} column {}", error.line(), error.column()))
    }
}

fn taken_by(owner: Option<&TenantId>) -> String {
    match owner {
        Some(owner) => format!("the account {owner} has it, or a pattern that reaches it"),
        None => "another account has it, or a pattern that reaches it".to_owned(),
    }
}

/// The message with its place, unless its own stack names that already.
fn rejected(message: &str, position: Option<&Position>) -> String {
    let place = position.map(|at| format!("{}:{}:{}", at.file, at.line, at.column));
    match place {
        Some(place) if !message.contains(&place) => format!("{message}\n    at {place}"),
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows a message with and without a stack of its own.
    #[test]
    fn a_rejection_names_its_place_once() {
        let position = Some(Position { file: "index.js".to_owned(), line: 2, column: 7 });
        for message in ["Error: no", "Error: no\n    at index.js:2:7"] {
            let error =
                ControlError::from(BuildError::Rejected { message: message.to_owned(), position: position.clone() });
            assert_eq!(error.to_string(), "Error: no\n    at index.js:2:7");
            assert_eq!((error.code(), error.fault()), (10021, Fault::Tenant));
        }
        let error = ControlError::Rejected { message: "SyntaxError: x".to_owned(), position: None };
        assert_eq!(error.to_string(), "SyntaxError: x");
    }
}
