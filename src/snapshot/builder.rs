//! The builder as its callers see it: code in, a checked version out.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::children::Children;
use super::protocol::{Mode, Order, Preface, Reply};
use crate::deployment::{NamedBinding, Start};
use crate::ids::{BlobHash, TenantId, VersionId};
use crate::isolate::building::{FLAGS, OUT_OF_MEMORY_EXIT, VersionFacts, describe, identity, may_be_snapshotted};
use crate::limits::{Limits, Shares};
use crate::script::{Code, Module, ModuleKind, Position, Syntax};
use crate::store::{BlobCache, Keep};

/// What is to be built.
#[derive(Debug, Clone)]
pub struct BuildInput {
    /// Whose it is; none for what is the node's own.
    pub tenant: Option<TenantId>,
    /// The code of the version.
    pub code: Arc<Code>,
    /// Its limits: `startup_cpu_ms` and `memory_bytes_max` are what the builder arms.
    pub limits: Arc<Limits>,
    /// Its bindings. Secrets never enter a snapshot; with service-worker syntax they make the version start plain.
    pub bindings: Vec<NamedBinding>,
}

/// A version that evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// How its isolates start; a snapshot's blob is already stored.
    pub start: Start,
    /// The handlers it has: `fetch`, `scheduled`, …
    pub handlers: Vec<String>,
    /// CPU time its top level took.
    pub startup_cpu_ms: u32,
}

/// Why an upload did not become a version. All but the last are the tenant's to mend (error 10021, 10068).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// It does not parse, imports what is not there, or threw at the top level.
    #[error("evaluate script: {message}")]
    Rejected {
        /// The exception, with its stack where it has one.
        message: String,
        /// Where it came from.
        position: Option<Position>,
    },
    /// The top level took more CPU than it may.
    #[error("evaluate script within {limit_ms} ms of CPU time")]
    CpuExceeded {
        /// The limit.
        limit_ms: u32,
    },
    /// The top level took more memory than it may.
    #[error("evaluate script within {limit_bytes} bytes of memory")]
    MemoryExceeded {
        /// The limit.
        limit_bytes: u64,
    },
    /// It has nothing that could be called.
    #[error("find a handler: the script exports none and registers no event listener")]
    NoHandlers,
    /// Our fault.
    #[error("build version: {0}")]
    Internal(String),
}

/// Builds versions, a bounded number at a time, of which no tenant has all; clones share the bound.
#[derive(Clone)]
pub struct Builder {
    snapshots: BlobCache,
    children: Children,
    places: Shares<TenantId>,
}

impl Builder {
    /// A builder that stores snapshots in `snapshots` and runs at most `builders_max` children at a time. `program` is our
    /// own executable: V8 cannot be forked, so the child is a fresh process.
    #[must_use]
    pub fn new(snapshots: BlobCache, program: PathBuf, builders_max: usize) -> Self {
        let places = u32::try_from(builders_max).unwrap_or(u32::MAX);
        // One is left for others, where there is more than one.
        Self { snapshots, children: Children::of(program), places: Shares::new(places, places.saturating_sub(1)) }
    }

    /// Evaluates the code in a child process and keeps its snapshot. A script that cannot be snapshotted is evaluated
    /// again without taking one, and starts plain.
    ///
    /// # Errors
    /// [`BuildError`]; nothing is stored then.
    pub async fn build(&self, input: BuildInput) -> Result<Built, BuildError> {
        let place = self.places.take(input.tenant.as_ref(), 1).await;
        let _place = place.map_err(|error| BuildError::Internal(error.to_string()))?;
        let globals = input.code.syntax == Syntax::ServiceWorker;
        let reason = match if globals { may_be_snapshotted(&input.bindings) } else { Ok(()) } {
            Err(reason) => reason.to_owned(),
            Ok(()) => match self.run(&input, Mode::Snapshot).await? {
                Finished::Replied(Reply::Evaluated { handlers, startup_cpu_ms, snapshot_bytes: Some(_) }, blob) => {
                    check_handlers(&handlers)?;
                    let blob = self.store(blob, &input.code).await?;
                    return Ok(Built { start: Start::Snapshot { blob }, handlers, startup_cpu_ms });
                }
                // The CPU clock and the memory cap are the same on the plain path: no need to ask twice.
                Finished::Replied(Reply::CpuExceeded, _) => return Err(cpu_exceeded(&input)),
                Finished::Replied(Reply::NotSnapshottable { reason }, _) => reason,
                // Without a snapshot in the making the top level has a little more (WebAssembly), so what it throws
                // there is the truth.
                Finished::Replied(Reply::Rejected { message, .. }, _) => first_line(&message),
                Finished::Replied(Reply::Evaluated { .. } | Reply::MemoryExceeded, _) => "out of memory".to_owned(),
                Finished::Died(how) => format!("taking the snapshot failed ({how})"),
            },
        };
        match self.run(&input, Mode::Plain).await? {
            Finished::Replied(Reply::Evaluated { handlers, startup_cpu_ms, .. }, _) => {
                check_handlers(&handlers)?;
                Ok(Built { start: Start::Plain { reason }, handlers, startup_cpu_ms })
            }
            Finished::Replied(Reply::Rejected { message, position }, _) => {
                Err(BuildError::Rejected { message, position })
            }
            Finished::Replied(Reply::CpuExceeded, _) => Err(cpu_exceeded(&input)),
            Finished::Replied(Reply::MemoryExceeded, _) | Finished::Died(Death::OutOfMemory) => {
                Err(BuildError::MemoryExceeded { limit_bytes: input.limits.memory_bytes_max })
            }
            Finished::Replied(Reply::NotSnapshottable { reason }, _) => Err(BuildError::Internal(reason)),
            Finished::Died(how @ Death::Status(_)) => {
                Err(BuildError::Internal(format!("the builder ended with {how}")))
            }
            Finished::Died(how) => Err(BuildError::Rejected {
                message: format!("the script ended the process that evaluated it ({how})"),
                position: None,
            }),
        }
    }

    /// After an upload has the next one's child wait for it, for a while, until `stop`.
    pub async fn keep_one_ready(&self, stop: CancellationToken) {
        self.children.keep_one(stop).await;
    }

    /// A snapshot with all of ours that most scripts use and nothing of any tenant's.
    ///
    /// # Errors
    /// [`BuildError::Internal`].
    pub async fn base(&self) -> Result<Vec<u8>, BuildError> {
        let _place = self.places.take(None, 1).await.map_err(|error| BuildError::Internal(error.to_string()))?;
        let module = Module {
            name: "base.js".to_owned(),
            kind: ModuleKind::EsModule,
            source: Arc::from(BASE_NAMES.as_bytes()),
            source_map: None,
        };
        let code = Arc::new(Code {
            main_module: module.name.clone(),
            syntax: Syntax::Modules,
            modules: vec![module],
            compatibility_date: String::new(),
            compatibility_flags: Vec::new(),
        });
        let input = BuildInput { tenant: None, code, limits: Arc::new(Limits::default()), bindings: Vec::new() };
        match self.run(&input, Mode::Base).await? {
            Finished::Replied(Reply::Evaluated { snapshot_bytes: Some(_), .. }, blob) => Ok(blob),
            Finished::Replied(Reply::NotSnapshottable { reason }, _) => Err(BuildError::Internal(reason)),
            Finished::Replied(reply, _) => Err(BuildError::Internal(format!("the builder replied {reply:?}"))),
            Finished::Died(how) => Err(BuildError::Internal(format!("the builder ended with {how}"))),
        }
    }

    /// Keeps a snapshot. A large script starts from it, and most likely soon; small ones are mostly evaluated in an isolate that
    /// was started ahead.
    async fn store(&self, blob: Vec<u8>, code: &Code) -> Result<BlobHash, BuildError> {
        let snapshots = self.snapshots.clone();
        let keep = if code.source_bytes() >= LARGE_BYTES { Keep::AtHand } else { Keep::OnDisk };
        let put = tokio::task::spawn_blocking(move || snapshots.put(blob, keep)).await;
        match put {
            Ok(Ok(hash)) => Ok(hash),
            Ok(Err(error)) => Err(BuildError::Internal(format!("store snapshot: {error}"))),
            Err(error) => Err(BuildError::Internal(format!("store snapshot: {error}"))),
        }
    }

    /// Runs one child to its end. Dropping the future kills the child.
    async fn run(&self, input: &BuildInput, mode: Mode) -> Result<Finished, BuildError> {
        let internal = |what: &str, error: io::Error| BuildError::Internal(format!("{what} the builder: {error}"));
        let preface = Preface { mode, memory_bytes_max: input.limits.memory_bytes_max };
        let child = self.children.for_order(preface).await.map_err(|error| internal("start", error))?;
        let wall = Duration::from_millis(u64::from(input.limits.startup_cpu_ms)) + WALL_GRACE;
        let ended = child.carry_out(&order_bytes(input, mode), wall).await;
        if mode == Mode::Snapshot {
            self.children.used(preface);
        }
        let Some(output) = ended.map_err(|error| internal("read from", error))? else {
            return Ok(Finished::Died(Death::TimedOut));
        };
        if !output.status.success() {
            let death = match (output.status.code(), output.status.signal()) {
                (Some(OUT_OF_MEMORY_EXIT), _) => Death::OutOfMemory,
                (_, Some(signal)) => Death::Signal(signal),
                (code, None) => Death::Status(code.unwrap_or(-1)),
            };
            // What V8 says last names what broke; scripts themselves cannot write there.
            let said = String::from_utf8_lossy(&output.stderr);
            let said: String = said.chars().take(SAID_CHARS_MAX).collect();
            tracing::debug!(%death, said, "the snapshot builder's child died");
            return Ok(Finished::Died(death));
        }
        let mut bytes = output.stdout;
        let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
        let reply = serde_json::from_slice(&bytes[..end])
            .map_err(|error| BuildError::Internal(format!("read the builder's reply: {error}")))?;
        bytes.drain(..(end + 1).min(bytes.len()));
        Ok(Finished::Replied(reply, bytes))
    }
}

/// What fits together: a snapshot can be started only by a process whose V8, flags, extensions and build agree with
/// those it was made with.
#[must_use]
pub fn fingerprint(program: &Path) -> String {
    let build = std::fs::metadata(program).ok().and_then(|file| {
        let modified = file.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(format!("{} {}", file.len(), modified.as_nanos()))
    });
    let text = format!("{} flags {FLAGS} build {}", identity(), build.unwrap_or_default());
    BlobHash::of(text.as_bytes()).to_string()
}

enum Finished {
    Replied(Reply, Vec<u8>),
    Died(Death),
}

/// How a child ended that did not reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Death {
    #[error("out of memory")]
    OutOfMemory,
    #[error("no answer in time")]
    TimedOut,
    #[error("signal {0}")]
    Signal(i32),
    #[error("exit status {0}")]
    Status(i32),
}

fn check_handlers(handlers: &[String]) -> Result<(), BuildError> {
    if handlers.is_empty() { Err(BuildError::NoHandlers) } else { Ok(()) }
}

fn cpu_exceeded(input: &BuildInput) -> BuildError {
    BuildError::CpuExceeded { limit_ms: input.limits.startup_cpu_ms }
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().to_owned()
}

fn order_bytes(input: &BuildInput, mode: Mode) -> Vec<u8> {
    let described = || {
        // The id is not known before the version is; a script that would see it starts plain.
        let version = VersionId::generate();
        describe(&input.bindings, VersionFacts { id: &version, tag: "", created_at: "" })
    };
    let (globals, env) = match (input.code.syntax, mode) {
        (Syntax::ServiceWorker, _) => (Some(described()), None),
        (Syntax::Modules, Mode::Plain) => (None, Some(described())),
        (Syntax::Modules, Mode::Snapshot | Mode::Base) => (None, None),
    };
    let order = Order { startup_cpu_ms: input.limits.startup_cpu_ms, globals, env };
    let mut bytes = serde_json::to_vec(&order).expect("strings and numbers are always JSON");
    bytes.push(b'\n');
    bytes.extend_from_slice(&input.code.encode());
    bytes
}

/// What the base snapshot holds of the globals, which are loaded when they are first named.
const BASE_NAMES: &str = "Headers Request Response URL";

/// Code from this size on takes longer to evaluate than a snapshot takes to start from.
const LARGE_BYTES: u64 = 256 << 10;

/// How much of a dead child's last words is logged.
const SAID_CHARS_MAX: usize = 2_000;

/// Wall time a child gets beyond its CPU cap: for a loaded machine, on which it comes after what serves requests, and for
/// taking the snapshot.
const WALL_GRACE: Duration = Duration::from_secs(60);
