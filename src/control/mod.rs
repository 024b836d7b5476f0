//! The control plane: what tenants there are, what they uploaded, and what of it serves.
//!
//! [`Control`] owns the database, the secrets' key and the [`Published`] table. Every change is one transaction, is
//! written to the audit log, and is published before the call returns; a call that answers an error changed nothing.
//! Whatever a tenant asks for is looked up under its own [`TenantId`](crate::ids::TenantId), so another tenant's things
//! are not found. Who may call what is decided by the caller from the [`Principal`]. Knows nothing of HTTP or V8.
//!
//! | file | what |
//! |---|---|
//! | `tenants`, `account_settings` | accounts, their subdomain and limits, what they set |
//! | `tokens` | who calls |
//! | `scripts`, `versions`, `deployments`, `references` | reading and changing scripts |
//! | `upload`, `amend`, `bindings`, `seal` | from what was sent to a draft of a version |
//! | `accept`, `change` | from a draft to a version that is kept and serves |
//! | `published`, `publish` | what the data plane reads, and how it gets there |
//! | `rebuild`, `garbage` | snapshots of another build of Eyot, blobs nobody refers to |
//! | `hosts`, `host_claims`, `host_tables`, `zones` | custom hostnames and route patterns, whose a host is |
//! | `schedules`, `usage` | cron triggers, and what scripts have used |
//! | `namespaces`, `audit` | the registry of KV namespaces, the log of changes |

mod accept;
mod account_settings;
mod amend;
mod assets;
mod audit;
mod binding_view;
mod bindings;
mod change;
mod deployments;
mod error;
#[cfg(test)]
pub(crate) mod fixture;
mod garbage;
mod host_claims;
mod host_tables;
mod hosts;
mod namespaces;
mod publish;
mod published;
mod rebuild;
mod records;
mod references;
mod schedules;
mod script_locks;
mod scripts;
mod seal;
mod tenants;
mod timestamp;
mod tokens;
mod upload;
mod usage;
mod versions;
mod zones;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use rusqlite::Connection;

use self::change::Change;
use self::garbage::Unsettled;
use self::script_locks::ScriptLocks;
use self::seal::{SecretsKey, WhenMissing};
use self::tokens::TokenTable;
use crate::assets::AssetFiles;
use crate::limits::Limits;
use crate::snapshot::{BuildError, BuildInput, Builder, Built};
use crate::store::{Blobs, Database};

pub use account_settings::AccountSettings;
pub use amend::{Amendment, SecretChange};
pub use assets::AssetSession;
pub use audit::{Actor, AuditEntry};
pub use binding_view::{BindingKind, BindingView};
pub use bindings::{UploadBinding, UploadKind, VARIABLE_BYTES_MAX, VARIABLES_MAX};
pub use deployments::{DeployRequest, DeploymentRecord, Force};
pub use error::{ControlError, Fault, Missing};
pub use hosts::{NewRoute, Route, RouteKind, Taken};
pub use namespaces::Namespace;
pub use published::{Published, Served};
pub use rebuild::StaleVersion;
pub use references::References;
pub use schedules::{Schedule, Scheduled};
pub use scripts::{Script, ScriptSettings, SettingsChange, SubdomainFlags};
pub use tenants::{NewTenant, RemovedTenant, Tenant};
pub use timestamp::Timestamp;
pub use tokens::{NewToken, Principal, Scope, Token, TokenHash, TokenId, TokenText};
pub use upload::{Annotations, Deploy, Upload, UploadAssets, Uploaded};
pub use usage::ScriptUsage;
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
    /// What the node's own hosts end in; nobody else's patterns lie there.
    pub domain: String,
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

impl Page {
    /// `LIMIT` and `OFFSET` of a query.
    fn bounds(self) -> (u32, i64) {
        let per_page = self.per_page.clamp(1, PER_PAGE_MAX);
        (per_page, i64::from(self.number.saturating_sub(1)) * i64::from(per_page))
    }
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
    inner: Arc<Inner>,
}

/// What all clones share.
struct Inner {
    config: Config,
    database: Database,
    assets: AssetFiles,
    blobs: Blobs,
    build: Arc<dyn Build>,
    secrets: SecretsKey,
    tokens: TokenTable,
    script_locks: ScriptLocks,
    unsettled: Unsettled,
    published: Arc<Published>,
}

impl Control {
    /// Opens the data folder, makes the tenant `demo` when it is new, and publishes everything that is deployed.
    ///
    /// Blocks on the disk; called once, at start.
    ///
    /// # Errors
    /// When the database, the key or the blobs cannot be read, or are of a later version of Eyot.
    pub fn open(config: Config, blobs: Blobs, build: Arc<dyn Build>) -> Result<(Self, Folder), ControlError> {
        std::fs::create_dir_all(&config.dir)?;
        let path = config.dir.join(DATABASE);
        // The key is made first, so a database without one has lost it; a new key would open none of its secrets.
        let when_missing = if path.try_exists()? { WhenMissing::Refuse } else { WhenMissing::Make };
        let inner = Inner {
            secrets: SecretsKey::open(&config.dir.join(SECRETS_KEY), when_missing)?,
            database: Database::open(
                &path,
                &[
                    include_str!("schema.sql"),
                    include_str!("assets.sql"),
                    include_str!("events.sql"),
                    include_str!("hosts.sql"),
                    include_str!("account.sql"),
                ],
            )?,
            assets: AssetFiles::new(&config.dir.join(ASSETS)),
            tokens: TokenTable::default(),
            script_locks: ScriptLocks::new(SCRIPT_WAIT_MAX),
            unsettled: Unsettled::default(),
            published: Arc::new(Published::new()),
            config,
            blobs,
            build,
        };
        let control = Self { inner: Arc::new(inner) };
        let inner = &control.inner;
        let folder = inner.database.call_blocking(|connection| {
            // A node that never made a change is new, also when its first start was cut off.
            let is_new: bool = connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM audit)", [], |row| row.get(0))?;
            if is_new {
                inner.change_now(connection, &Actor::Node, tenants::create_first)?;
            }
            inner.tokens.load(connection)?;
            garbage::sweep(connection, &inner.blobs)?;
            inner.publish_everything(connection)?;
            Ok::<_, ControlError>(if is_new { Folder::New } else { Folder::Existing })
        })?;
        Ok((control, folder))
    }

    /// What the data plane reads.
    #[must_use]
    pub fn published(&self) -> Arc<Published> {
        Arc::clone(&self.inner.published)
    }

    /// Runs a read with the database.
    async fn read<T, F>(&self, work: F) -> Result<T, ControlError>
    where
        T: Send + 'static,
        F: FnOnce(&Inner, &Connection) -> Result<T, ControlError> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        self.inner.database.call(move |connection| work(&inner, connection)).await
    }

    /// Runs a change; it is committed and published when this returns `Ok`, and did not happen otherwise.
    async fn change<T, F>(&self, by: &Actor, work: F) -> Result<T, ControlError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Change<'_>) -> Result<T, ControlError> + Send + 'static,
    {
        let (inner, by) = (Arc::clone(&self.inner), by.clone());
        self.inner.database.call(move |connection| inner.change_now(connection, &by, work)).await
    }
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control").field("dir", &self.inner.config.dir).finish_non_exhaustive()
    }
}

/// Items of a page.
const PER_PAGE_MAX: u32 = 1_000;

/// The database's file in the data folder.
const DATABASE: &str = "control.sqlite";

/// Static assets in the data folder.
const ASSETS: &str = "assets";

/// The secrets' key in the data folder.
const SECRETS_KEY: &str = "secrets.key";

/// How long a change of a script waits for another one: longer than a build takes.
const SCRIPT_WAIT_MAX: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::fixture::{World, plain, secret, upload};
    use super::*;
    use crate::deployment::{Binding, SecretText};

    /// Starts in an empty folder.
    #[tokio::test]
    async fn a_new_node_has_the_tenant_demo() {
        let world = World::new();
        let demo = world.control.tenant_by_subdomain(&"demo".parse().expect("a label")).await.expect("is there");
        let page = Page { number: 1, per_page: 10 };
        let listed = world.control.tenants(page).await.expect("lists").items;
        assert_eq!(listed, std::slice::from_ref(&demo));
        assert!(world.control.published().limits(&demo.id).is_some());
        world.control.remove_tenant(&Actor::Operator, &demo.id).await.expect("removes");
        let world = world.reopened("build-1");
        assert_eq!(world.control.tenants(page).await.expect("lists").total, 0);
    }

    /// Makes some of everything and opens the folder again without closing it.
    #[tokio::test]
    async fn what_was_acknowledged_is_there_after_a_restart() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        let bindings = [plain("A", "1"), secret("KEY", "swordfish")];
        let uploaded = world.try_upload(&tenant, "hello", upload("one", &bindings)).await.expect("is accepted");
        let new = NewToken { name: "ci".to_owned(), scopes: [Scope::Deploy].into(), expires_at: None };
        let (token, text) = world.control.create_token(&Actor::Operator, &tenant, new).await.expect("makes");
        world.control.create_namespace(&Actor::Operator, &tenant, "cache").await.expect("makes");
        let limits = crate::limits::Overrides { cpu_ms: Some(77), ..Default::default() };
        world.control.change_limits(&Actor::Operator, &tenant, limits).await.expect("changes");
        let before = world.everything().await;
        let world = world.reopened("build-1");
        assert!(world.everything().await == before);
        let served = world.served("acme", "hello").expect("serves");
        let version = &served.versions[0].1;
        assert_eq!(version.version, uploaded.version.id);
        assert_eq!(version.start, uploaded.version.start);
        assert_eq!(version.limits.cpu_ms, 77);
        assert_eq!(version.bindings[1].binding, Binding::Secret(SecretText::new("swordfish".to_owned())));
        let scopes = [Scope::Deploy].into();
        let holder = Principal::Tenant { tenant, scopes, token: token.id };
        assert_eq!(world.control.authenticate(text.expose()).await, Some(holder));
    }

    /// Takes the key away between two starts.
    #[tokio::test]
    async fn a_node_that_lost_its_key_does_not_start() {
        let World { dir, control, .. } = World::new();
        drop(control);
        std::fs::remove_file(dir.path().join(SECRETS_KEY)).expect("removes");
        let error = fixture::open(dir.path(), "build-1").map(|_| ()).expect_err("is refused");
        assert!(error.to_string().contains(SECRETS_KEY), "{error}");
        assert!(!dir.path().join(SECRETS_KEY).exists());
    }

    /// Leaves a blob behind, as an upload does that is cut off by a crash after its build.
    #[tokio::test]
    async fn blobs_without_a_version_are_gone_after_a_restart() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        world.upload(&tenant, "hello", "one").await;
        world.control.inner.blobs.put(b"left behind").expect("writes");
        assert_eq!(world.blobs_count(), 3);
        let world = world.reopened("build-1");
        assert_eq!(world.blobs_count(), 2);
    }

    /// Makes a thousand tenants with a script each, 32 at a time, and starts again.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_thousand_tenants_each_find_their_own_script() {
        use futures::StreamExt as _;
        let world = World::new();
        let make = |at: u32| {
            let world = &world;
            async move {
                let tenant = world.tenant(&format!("tenant {at}")).await;
                world.upload(&tenant, "hello", &format!("source {at}")).await;
                (at, tenant)
            }
        };
        let tenants: Vec<_> = futures::stream::iter(0..1_000).map(make).buffer_unordered(32).collect().await;
        let check = |world: &World| {
            for (at, tenant) in &tenants {
                let served = world.served(&format!("tenant-{at}"), "hello").expect("serves");
                let version = &served.versions[0].1;
                assert_eq!((&served.tenant, &version.tenant), (tenant, tenant));
                let code = fixture::code(&format!("source {at}")).encode();
                assert_eq!(version.code, crate::ids::BlobHash::of(&code));
            }
        };
        check(&world);
        let world = world.reopened("build-1");
        check(&world);
        assert_eq!(world.control.published().scripts_count(), 1_000);
    }
}
