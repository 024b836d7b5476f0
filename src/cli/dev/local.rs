//! The node under `eyot dev`: a whole one in this process, on state that is thrown away.
//!
//! Speaks to it through [`crate::server::Node`]'s public face, as one tenant. Knows nothing of files and reloads.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Mutex, broadcast, mpsc};
use tokio_util::sync::CancellationToken;

use super::{DevArguments, DevNode, LogLine, run};
use crate::admin::ScriptUrl;
use crate::assets::{AssetsConfig, Entry, Manifest, content_type_of};
use crate::cli::failure::Failure;
use crate::config::{Config, Flags, Source};
use crate::control::{
    Actor, Annotations, Control, ControlError, Deploy, SettingsChange, Upload, UploadAssets, UploadBinding, UploadKind,
};
use crate::deployment::SecretText;
use crate::ids::{ScriptName, TenantId, TenantName};
use crate::inspect::InspectServer;
use crate::isolate::{Inspect, LogLevel, Pool};
use crate::kv::Kv;
use crate::script::{Project, Variable};
use crate::server::{Node, ServerError};
use crate::telemetry::{ScriptLine, Telemetry};

/// Serves the project until `stop` is cancelled.
///
/// # Errors
/// When the node does not start or the project is not there.
pub async fn serve(arguments: &DevArguments, stop: CancellationToken) -> Result<(), Failure> {
    let state = tempfile::tempdir().map_err(|error| Failure::failed(format!("make throw-away state: {error}")))?;
    let flags = Flags {
        data: Some(state.path().join("data")),
        listen: Some(arguments.free_listen_addr()),
        admin_listen: Some(([127, 0, 0, 1], 0).into()),
        domain: None,
    };
    let mut config =
        Config::load(Source::Dev, |_| None, &flags).map_err(|error| Failure::configuration(error.to_string()))?;
    // Throw-away state does not outlive the process, so there is nothing to begin anew from.
    config.isolates.lost_memory_bytes_max = u64::MAX;
    let inspector = match arguments.inspect {
        Some(address) => Some(inspector(address).await?),
        None => None,
    };
    if inspector.is_some() {
        make_room_for_a_debugger(&mut config);
    }
    let inspect = inspector.as_ref().map(|(server, _)| Arc::clone(server) as Arc<dyn Inspect>);
    let node = Node::start_inspected(config, inspect).await.map_err(|error| Failure::failed(error.to_string()))?;
    let node = node.with_triggers();
    let local = Local::of(&node, inspector.is_some()).await.map_err(|error| Failure::failed(error.to_string()))?;
    if let Some((server, listener)) = inspector {
        println!("inspector at http://{0}/json; in Chrome open chrome://inspect and add {0}", server.address());
        tokio::spawn(server.serve(listener, stop.clone()));
    }
    let running = tokio::spawn(node.run(stop.clone()));
    let served = run(arguments, &local, stop.cancelled()).await;
    stop.cancel();
    // The node's own task ends with its drain; a panic in it has been logged.
    let _ = running.await;
    served
}

async fn inspector(address: SocketAddr) -> Result<(Arc<InspectServer>, TcpListener), Failure> {
    let bound = InspectServer::bind(address).await;
    bound.map_err(|error| Failure::failed(format!("listen for a debugger at {address}: {error}")))
}

/// A script that stands at a breakpoint takes its time, one isolate is enough, and it stays.
fn make_room_for_a_debugger(config: &mut Config) {
    config.limits.cpu_ms = DEBUGGED_CPU_MS;
    config.limits.wall_ms = DEBUGGED_WALL_MS;
    config.limits.isolates_per_script_max = 1;
    config.isolates.idle = Duration::from_secs(24 * 60 * 60);
}

/// The node as `eyot dev` uses it.
struct Local {
    control: Control,
    kv: Kv,
    telemetry: Arc<Telemetry>,
    tenant: TenantId,
    tenant_name: TenantName,
    script_url: ScriptUrl,
    authority: Option<PathBuf>,
    /// Isolates start at once, so that a debugger finds them.
    warm: Option<Arc<Pool>>,
    /// Namespaces made so far, by binding: a reload keeps what is in them.
    namespaces: Mutex<HashMap<String, String>>,
}

impl Local {
    async fn of(node: &Node, inspected: bool) -> Result<Self, ServerError> {
        let tenant_name: TenantName = "demo".parse().expect("a label");
        let tenant = node.control().tenant_by_subdomain(&tenant_name).await?;
        Ok(Self {
            control: node.control().clone(),
            kv: node.kv().clone(),
            telemetry: Arc::clone(node.telemetry()),
            tenant: tenant.id,
            tenant_name,
            script_url: node.script_url_writer(),
            authority: node.authority_path().map(Path::to_owned),
            warm: inspected.then(|| Arc::clone(node.pool())),
            namespaces: Mutex::new(HashMap::new()),
        })
    }

    async fn namespace(&self, binding: &str) -> Result<String, String> {
        let mut namespaces = self.namespaces.lock().await;
        if let Some(id) = namespaces.get(binding) {
            return Ok(id.clone());
        }
        let made = self.control.create_namespace(&Actor::Node, &self.tenant, binding).await;
        let made = made.map_err(|error| error.to_string())?;
        self.kv.create_namespace(&made.id).await.map_err(|error| error.to_string())?;
        namespaces.insert(binding.to_owned(), made.id.to_string());
        Ok(made.id.to_string())
    }

    /// Keeps the project's static assets, as an upload session would.
    async fn assets(&self, script: &ScriptName, project: &Project) -> Result<UploadAssets, String> {
        let Some(assets) = &project.assets else { return Ok(UploadAssets::None) };
        let files: BTreeMap<String, Entry> = assets
            .files
            .iter()
            .map(|file| (file.path.clone(), Entry { hash: file.hash.clone(), size: file.size }))
            .collect();
        let begun = self.control.begin_assets(&self.tenant, script, files.clone()).await;
        let missing = begun.map_err(|error| error.to_string())?.missing;
        for file in assets.files.iter().filter(|file| missing.contains_key(&file.hash)) {
            let bytes = tokio::fs::read(&file.file).await;
            let bytes = bytes.map_err(|error| format!("read {}: {error}", file.file.display()))?;
            let kind = content_type_of(&file.path).unwrap_or_default().to_owned();
            let kept = self.control.keep_asset(&self.tenant, file.hash.clone(), bytes.into(), kind).await;
            kept.map_err(|error| error.to_string())?;
        }
        let (config, skipped) = AssetsConfig::parse(&assets.config).map_err(|error| error.to_string())?;
        for rule in skipped {
            eprintln!("eyot: warning: {rule}");
        }
        let config = config.with_compatibility(&project.code.compatibility_date, &project.code.compatibility_flags);
        Ok(UploadAssets::New(Manifest { files, config, has_script: assets.has_script }))
    }

    async fn bindings(&self, project: &Project) -> Result<Vec<UploadBinding>, String> {
        let mut bindings = Vec::new();
        for (name, variable) in &project.vars {
            let kind = match variable {
                Variable::Text(text) => UploadKind::PlainText(text.clone()),
                Variable::Json(value) => UploadKind::Json(value.clone()),
            };
            bindings.push(UploadBinding { name: name.clone(), kind });
        }
        for kv in &project.kv {
            let kind = UploadKind::KvNamespace(self.namespace(&kv.binding).await?);
            bindings.push(UploadBinding { name: kv.binding.clone(), kind });
        }
        if let Some(name) = &project.version_metadata {
            bindings.push(UploadBinding { name: name.clone(), kind: UploadKind::VersionMetadata });
        }
        for binding in &project.other_bindings {
            bindings.push(UploadBinding::parse(binding).map_err(|error| error.to_string())?);
        }
        for (name, secret) in &project.dev_secrets {
            // As in production: a secret of a variable's name wins.
            bindings.retain(|binding| binding.name != *name);
            let kind = UploadKind::SecretText(SecretText::new(secret.clone()));
            bindings.push(UploadBinding { name: name.clone(), kind });
        }
        Ok(bindings)
    }
}

impl DevNode for Local {
    async fn deploy(&self, project: Project) -> Result<String, String> {
        let name: ScriptName = project.name.parse().map_err(|error| format!("{error}"))?;
        let bindings = self.bindings(&project).await?;
        let assets = self.assets(&name, &project).await?;
        let upload = Upload {
            code: project.code,
            bindings,
            keep_bindings: Vec::new(),
            limits: project.limits,
            annotations: Annotations::default(),
            settings: SettingsChange::default(),
            source: "dev".to_owned(),
            assets,
        };
        let uploaded = self.control.upload(&Actor::Node, &self.tenant, &name, upload, Deploy::Now).await;
        uploaded.map_err(|error| refused(&error))?;
        if let Some(pool) = &self.warm {
            pool.retire_all();
            let served = self.control.published().script(&self.tenant_name, &name);
            if let Some(version) = served.as_ref().and_then(|served| served.version_for(0)) {
                pool.warm(version);
            }
        }
        Ok((self.script_url)(&self.tenant_name, &name))
    }

    fn authority(&self) -> Option<PathBuf> {
        self.authority.clone()
    }

    fn logs(&self) -> mpsc::Receiver<LogLine> {
        let (send, lines) = mpsc::channel(LINES_QUEUED);
        let mut from = self.telemetry.lines();
        tokio::spawn(async move {
            loop {
                match from.recv().await {
                    // A full terminal loses lines rather than holding the node up.
                    Ok(line) => match send.try_send(shown(line)) {
                        Ok(()) | Err(mpsc::error::TrySendError::Full(_)) => {}
                        Err(mpsc::error::TrySendError::Closed(_)) => return,
                    },
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return,
                }
            }
        });
        lines
    }
}

/// The place first, as for a syntax error: terminals and editors make it a link.
fn refused(error: &ControlError) -> String {
    match error {
        ControlError::Rejected { message, position: Some(at) } => {
            let message = message.lines().next().unwrap_or_default();
            format!("{}:{}:{}: {message}", at.file, at.line, at.column)
        }
        other => other.to_string(),
    }
}

fn shown(line: ScriptLine) -> LogLine {
    let level = match line.line.level {
        LogLevel::Debug => "debug",
        LogLevel::Log => "log",
        LogLevel::Warn => "warn",
        LogLevel::Error | LogLevel::Uncaught => "error",
    };
    LogLine { level: level.to_owned(), text: line.line.message }
}

/// CPU time of a request under a debugger: what it evaluates counts as well, a heap snapshot takes seconds.
const DEBUGGED_CPU_MS: u32 = 300_000;

/// Wall time of a request under a debugger.
const DEBUGGED_WALL_MS: u32 = 3_600_000;

/// Lines the terminal may be behind.
const LINES_QUEUED: usize = 1_024;
