//! The control plane: what tenants there are, what they uploaded, and what of it serves.
//!
//! [`Control`] owns the database, the secrets' key and the [`Published`] table. Every change is one transaction, is
//! written to the audit log, and is published before the call returns; a call that answers an error changed nothing.
//! Whatever a tenant asks for is looked up under its own [`TenantId`](crate::ids::TenantId), so another tenant's things
//! are not found. Who may call what is decided by the caller from the [`Principal`]. Knows nothing of HTTP or V8.
//!
//! | file | what |
//! |---|---|
//! | `tenants` | accounts, their subdomain and limits |
//! | `tokens` | who calls |
//! | `scripts`, `versions`, `deployments` | reading and changing scripts |
//! | `upload`, `bindings`, `secrets` | from what was sent to a new version |
//! | `published`, `publish` | what the data plane reads, and how it gets there |
//! | `rebuild`, `garbage` | snapshots of another build of Eyot, blobs nobody refers to |
//! | `namespaces`, `audit` | the registry of KV namespaces, the log of changes |

mod audit;
mod bindings;
mod deployments;
mod error;
mod namespaces;
mod published;
mod scripts;
mod seal;
mod tenants;
mod timestamp;
mod tokens;
mod upload;
mod versions;

use std::path::PathBuf;
use std::sync::Arc;

use futures::future::BoxFuture;

use crate::limits::Limits;
use crate::snapshot::{BuildError, BuildInput, Builder, Built};
use crate::store::Blobs;

pub use audit::{Actor, AuditEntry};
pub use bindings::{BindingKind, BindingView, UploadBinding, UploadKind, VARIABLE_BYTES_MAX, VARIABLES_MAX};
pub use deployments::{DeployRequest, DeploymentRecord, Force};
pub use error::{ControlError, Fault, Missing};
pub use namespaces::Namespace;
pub use published::{Published, Served};
pub use scripts::{Script, ScriptSettings, SettingsChange, SubdomainFlags};
pub use tenants::{NewTenant, RemovedTenant, Tenant};
pub use timestamp::Timestamp;
pub use tokens::{NewToken, Principal, Scope, Token, TokenHash, TokenId, TokenText};
pub use upload::{Amendment, Annotations, Deploy, SecretChange, Upload, Uploaded};
pub use versions::Version;

/// What the control plane is given at start.
#[derive(Debug, Clone)]
pub struct Config {
    /// The data folder; `control.sqlite` and `secrets.key` are in it.
    pub dir: PathBuf,
    /// The node's limits, before what the operator changed for a tenant.
    pub limits: Limits,
    /// Scripts of one tenant.
    pub scripts_max: u32,
    /// KV namespaces of one tenant.
    pub namespaces_max: u32,
    /// Hash of the operator's token.
    pub operator_token: TokenHash,
    /// What snapshots this node can start from: `snapshot::fingerprint()`.
    pub fingerprint: String,
}

/// Makes versions out of code; [`Builder`] does it with child processes, tests without.
pub trait Build: Send + Sync + 'static {
    /// Evaluates the code and keeps its snapshot.
    ///
    /// The future may be dropped at any time; what is stored then is removed at the next start.
    fn build(&self, input: BuildInput) -> BoxFuture<'_, Result<Built, BuildError>>;
}

impl Build for Builder {
    fn build(&self, input: BuildInput) -> BoxFuture<'_, Result<Built, BuildError>> {
        Box::pin(Builder::build(self, input))
    }
}

/// One page of a list; pages count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Which one.
    pub number: u32,
    /// Items of a page; more than 1,000 are never given.
    pub per_page: u32,
}

/// The items of one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paged<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: u64,
}

/// Whether the data folder held a control plane before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folder {
    /// It was made by this start.
    New,
    /// It was there.
    Existing,
}

/// The control plane. Clones are the same one.
#[derive(Clone)]
pub struct Control {
    build: Arc<dyn Build>,
}

impl Control {
    /// Opens the data folder, makes the tenant `demo` when it is new, and publishes everything that is deployed.
    ///
    /// Blocks on the disk; called once, at start.
    ///
    /// # Errors
    /// When the database, the key or the blobs cannot be read, or are of a later version of Eyot.
    pub fn open(config: Config, blobs: Blobs, build: Arc<dyn Build>) -> Result<(Self, Folder), ControlError> {
        let _ = (config, blobs);
        let _ = Self { build };
        todo!()
    }

    /// What the data plane reads.
    #[must_use]
    pub fn published(&self) -> Arc<Published> {
        let _ = &self.build;
        todo!()
    }
}
