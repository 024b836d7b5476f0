//! What the tests of this module stand on: a control plane over a temporary folder, and a builder without V8.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures::future::BoxFuture;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Semaphore;

use super::{
    Actor, Annotations, Build, Config, Control, ControlError, Deploy, Folder, NewTenant, Served, SettingsChange,
    TokenHash, Upload, UploadBinding, Uploaded,
};
use crate::deployment::Start;
use crate::ids::{ScriptName, TenantId};
use crate::limits::{Limits, Overrides};
use crate::script::Code;
use crate::snapshot::{BuildError, BuildInput, Built, Position};
use crate::store::Blobs;

/// A builder that goes by words in the main module: `throw`, `spin`, `nothing` and `crash` are refused, `wasm` starts
/// plain, `wait` waits until it is let through; everything else has a snapshot that depends on the code alone.
pub(crate) struct FakeBuild {
    blobs: Blobs,
    /// Builds of code that says `wait` take one each.
    pub(crate) let_through: Semaphore,
    /// How many builds were begun.
    pub(crate) begun: AtomicU32,
}

impl Build for FakeBuild {
    fn build(&self, input: BuildInput) -> BoxFuture<'_, Result<Built, BuildError>> {
        Box::pin(async move {
            self.begun.fetch_add(1, Ordering::SeqCst);
            let source = String::from_utf8_lossy(&input.code.modules[0].source).into_owned();
            if source.contains("wait") {
                self.let_through.acquire().await.expect("is never closed").forget();
            }
            if source.contains("throw") {
                let position = Some(Position { file: "index.js".to_owned(), line: 3, column: 7 });
                return Err(BuildError::Rejected { message: "Error: no".to_owned(), position });
            }
            if source.contains("spin") {
                return Err(BuildError::CpuExceeded { limit_ms: input.limits.startup_cpu_ms });
            }
            if source.contains("nothing") {
                return Err(BuildError::NoHandlers);
            }
            if source.contains("crash") {
                return Err(BuildError::Internal("builder ended by signal 11".to_owned()));
            }
            let start = if source.contains("wasm") {
                Start::Plain { reason: "a WebAssembly instance".to_owned() }
            } else {
                let bytes = format!("snapshot of {source}");
                Start::Snapshot { blob: self.blobs.put(bytes.as_bytes()).expect("the disk has room") }
            };
            Ok(Built { start, handlers: vec!["fetch".to_owned()], startup_cpu_ms: 3 })
        })
    }
}

/// A node's control plane in a folder that goes with it.
pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) control: Control,
    pub(crate) build: Arc<FakeBuild>,
}

impl World {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (control, build, folder) = open(dir.path(), "build-1").expect("opens");
        assert_eq!(folder, Folder::New);
        Self { dir, control, build }
    }

    /// As a restart after a crash: nothing is closed in order, the folder is opened again.
    pub(crate) fn reopened(self, fingerprint: &str) -> Self {
        let Self { dir, control, .. } = self;
        drop(control);
        let (control, build, folder) = open(dir.path(), fingerprint).expect("opens again");
        assert_eq!(folder, Folder::Existing);
        Self { dir, control, build }
    }

    pub(crate) async fn tenant(&self, name: &str) -> TenantId {
        let new = NewTenant { name: name.to_owned(), subdomain: None };
        self.control.create_tenant(&Actor::Operator, new).await.expect("makes a tenant").id
    }

    pub(crate) async fn upload(&self, tenant: &TenantId, name: &str, source: &str) -> Uploaded {
        self.try_upload(tenant, name, upload(source, &[])).await.expect("is accepted")
    }

    pub(crate) async fn try_upload(
        &self,
        tenant: &TenantId,
        name: &str,
        upload: Upload,
    ) -> Result<Uploaded, ControlError> {
        self.control.upload(&Actor::Operator, tenant, &script(name), upload, Deploy::Now).await
    }

    /// What the data plane sees.
    pub(crate) fn served(&self, tenant: &str, name: &str) -> Option<Arc<Served>> {
        self.control.published().script(&tenant.parse().expect("a label"), &script(name))
    }

    /// Everything a caller could see change: every table's rows, every blob.
    pub(crate) async fn everything(&self) -> BTreeMap<String, Vec<String>> {
        let mut all = self
            .control
            .read(|_, connection| {
                let mut all = BTreeMap::new();
                for table in TABLES {
                    let mut statement = connection.prepare(&format!("SELECT * FROM {table} ORDER BY rowid"))?;
                    let columns = statement.column_count();
                    let rows = statement.query_map([], |row| {
                        (0..columns).map(|at| row.get_ref(at).map(|value| format!("{value:?}"))).collect()
                    })?;
                    let rows: Vec<Vec<String>> = rows.collect::<Result<_, _>>()?;
                    all.insert(table.to_owned(), rows.concat());
                }
                Ok(all)
            })
            .await
            .expect("reads");
        let mut hashes: Vec<String> =
            self.control.inner.blobs.hashes().expect("lists").iter().map(ToString::to_string).collect();
        hashes.sort();
        all.insert("blobs".to_owned(), hashes);
        all
    }

    pub(crate) fn blobs_count(&self) -> usize {
        self.control.inner.blobs.hashes().expect("lists").len()
    }
}

const TABLES: [&str; 9] =
    ["tenants", "tokens", "scripts", "versions", "deployments", "namespaces", "audit", "schedules", "routes"];

pub(crate) fn open(dir: &Path, fingerprint: &str) -> Result<(Control, Arc<FakeBuild>, Folder), ControlError> {
    let blobs = Blobs::open(&dir.join("blobs"))?;
    let build = FakeBuild { blobs: blobs.clone(), let_through: Semaphore::new(0), begun: AtomicU32::new(0) };
    let build = Arc::new(build);
    let config = Config {
        dir: dir.to_owned(),
        limits: Limits::default(),
        scripts_max: 5,
        namespaces_max: 3,
        domain: "localhost".to_owned(),
        operator_token: TokenHash::of("operator"),
        fingerprint: fingerprint.to_owned(),
    };
    let (control, folder) = Control::open(config, blobs, Arc::clone(&build) as Arc<dyn Build>)?;
    Ok((control, build, folder))
}

pub(crate) fn script(name: &str) -> ScriptName {
    name.parse().expect("a script name")
}

pub(crate) fn code(source: &str) -> Code {
    Code::one_module(source, "2026-01-01")
}

/// An upload of this code with these bindings, in Cloudflare's JSON shape.
pub(crate) fn upload(source: &str, bindings: &[Value]) -> Upload {
    Upload {
        code: code(source),
        bindings: bindings.iter().map(|value| UploadBinding::parse(value).expect("a binding")).collect(),
        keep_bindings: Vec::new(),
        limits: Overrides::default(),
        annotations: Annotations::new(),
        settings: SettingsChange::default(),
        source: "test".to_owned(),
        assets: super::UploadAssets::None,
    }
}

pub(crate) fn secret(name: &str, text: &str) -> Value {
    json!({ "name": name, "type": "secret_text", "text": text })
}

pub(crate) fn plain(name: &str, text: &str) -> Value {
    json!({ "name": name, "type": "plain_text", "text": text })
}
