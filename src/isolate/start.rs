//! Starting an isolate: from its version's snapshot, or by evaluating the script.

use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use deno_core::{JsRuntime, RuntimeOptions, v8};
use deno_permissions::PermissionsContainer;
use tokio_util::sync::CancellationToken;

use super::array_buffers::counting_allocator;
use super::bindings::{self, VersionFacts};
use super::blank::Blank;
use super::code_from_strings::forbid_but_at_the_top_level;
use super::evaluate::{call_entry, describe_js, evaluate, within_budget};
use super::extension::{Use, extensions};
use super::gauge::MemoryGauge;
use super::guard::EndReason;
use super::inspect::{Inspect, Inspected};
use super::loader::{CodeSource, ScriptLoader};
use super::meter::{Meter, SharedMeter};
use super::ops::{FrozenClock, ScriptCode, allow_wasm_of_modules_only, entry_of};
use super::outcome::Outcome;
use super::probation::Probation;
use super::report::Observer;
use super::runs::{Runs, SharedRuns};
use super::service::Services;
use super::socket::Connector;
use super::sources::lazy_scripts;
use super::started::Started;
use crate::cache::Cache;
use crate::deployment::{Deployment, Start};
use crate::kv::Kv;
use crate::limits::{KeyedRates, Limits, Stopper, Watchdog, Watched};
use crate::script::{Code, Syntax};
use crate::store::{BlobCache, Blobs, Unpacked};

/// What every isolate of a node stands on.
pub struct Host {
    /// Arms CPU deadlines.
    pub watchdog: Watchdog,
    /// Code by address.
    pub blobs: Blobs,
    /// Snapshots by address, the used ones unpacked.
    pub snapshots: BlobCache,
    /// A snapshot with nothing of a tenant's, once there is one: what evaluates its script starts from it.
    pub base: OnceLock<Arc<Unpacked>>,
    /// What KV bindings stand on.
    pub kv: Kv,
    /// Learns of isolates; every isolate starts plain then, because V8's inspector wants the sources.
    pub inspect: Option<Arc<dyn Inspect>>,
    /// What `caches` stands on.
    pub cache: Cache,
    /// What service bindings call.
    pub services: Arc<dyn Services>,
    /// What rate limiter bindings count with.
    pub rates: Arc<KeyedRates>,
    /// Whose isolates begin behind the others.
    pub probation: Probation,
    /// The egress policy.
    pub permissions: PermissionsContainer,
    /// Connects WebSockets under that policy.
    pub connector: Connector,
    /// Where logs, reports and figures go.
    pub observer: Arc<dyn Observer>,
}

/// A live isolate of one version.
///
/// Field order is drop order: the entry points are handles into the runtime and go before it.
pub(super) struct Isolate {
    /// Our entry points.
    pub entry: Entry,
    /// The requests in flight.
    pub runs: SharedRuns,
    /// Whose CPU time is being used.
    pub meter: SharedMeter,
    /// The clock its script sees.
    pub(super) clock: FrozenClock,
    /// The isolate's memory.
    pub gauge: Arc<MemoryGauge>,
    /// The runtime.
    pub started: Started,
    /// Set when it can be inspected; on the list as long as it is there.
    pub inspected: Option<Box<dyn Inspected>>,
}

/// Handles to the functions of `js/dispatch.js`.
pub(super) struct Entry {
    /// Starts a request.
    pub request: v8::Global<v8::Function>,
    /// Calls a method through a service binding.
    pub call: v8::Global<v8::Function>,
    /// Starts an event that is no request.
    pub event: v8::Global<v8::Function>,
    /// Says whose promise job comes next; V8 is to call it while jobs of several runs can meet.
    pub before_job: v8::Global<v8::Function>,
    /// A WebSocket's message has come.
    pub message: v8::Global<v8::Function>,
    /// The client has left.
    pub abort: v8::Global<v8::Function>,
    /// Nobody waits for a run any more.
    pub forget: v8::Global<v8::Function>,
}

/// How a start went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Startup {
    /// `snapshot` or `plain`.
    pub kind: &'static str,
    /// From nothing to ready.
    pub took: Duration,
}

/// Why an isolate did not start; requests that waited for it end like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("start isolate: {detail}")]
pub struct StartError {
    /// How the waiting requests end.
    pub outcome: Outcome,
    /// For the log.
    pub detail: String,
}

impl StartError {
    pub(super) fn platform(detail: impl ToString) -> Self {
        Self { outcome: Outcome::InternalError, detail: detail.to_string() }
    }
}

/// Starts an isolate on the calling thread, which `watched` watches, or gives the version the blank one that is there.
///
/// # Errors
/// [`StartError`] when the blobs are not there, or the top level of a script that is evaluated fails.
pub(super) async fn start(
    host: &Host,
    deployment: &Arc<Deployment>,
    gauge: &Arc<MemoryGauge>,
    watched: &Watched,
    lost: &CancellationToken,
    blank: Option<Blank>,
) -> Result<(Isolate, Startup), StartError> {
    let began = Instant::now();
    let own = match &deployment.start {
        Start::Snapshot { blob } if host.inspect.is_none() => Some(blob),
        _ => None,
    };
    let kind = if own.is_some() { "snapshot" } else { "plain" };
    let evaluates = blank.is_some() || own.is_none();
    let code = code_source(host, deployment);
    let mut started = match blank {
        Some(blank) => blank.given_to(Rc::clone(&code)),
        None => {
            let snapshot = match own {
                Some(blob) => Some(host.snapshots.load(blob).map_err(StartError::platform)?),
                None if host.inspect.is_some() => None,
                None => host.base.get().cloned(),
            };
            let made_for = if own.is_none() && snapshot.is_some() { Use::ServingFromBase } else { Use::Serving };
            let mut options = options(made_for, &deployment.limits, gauge, Rc::clone(&code));
            options.inspector = host.inspect.is_some();
            let mut started = Started::new(options, snapshot, Arc::clone(gauge)).map_err(StartError::platform)?;
            hide_host_objects(started.runtime());
            settle_what_is_anew(started.runtime())?;
            started
        }
    };

    let runs = Runs::new(Arc::clone(deployment), Arc::clone(gauge), lost.clone(), Arc::clone(&host.observer));
    let clock = FrozenClock::default();
    let runs: SharedRuns = Rc::new(std::cell::RefCell::new(runs));
    let meter = Meter::new(watched.movable_deadline(), Arc::clone(started.guard()));
    {
        let state = started.runtime().op_state();
        let mut state = state.borrow_mut();
        state.put(Rc::clone(&runs));
        state.put(Rc::clone(&meter));
        state.put(host.kv.clone());
        state.put(host.cache.clone());
        state.put(Arc::clone(&host.services));
        state.put(Arc::clone(&host.rates));
        state.put(host.permissions.clone());
        state.put(host.connector.clone());
        state.put(ScriptCode(Rc::clone(&code)));
        state.put(clock.clone());
    }
    let inspected = host.inspect.as_ref().map(|inspect| {
        let sessions = started.runtime().inspector().get_session_sender();
        // An isolate that has just ended takes no more debuggers.
        inspect.appeared(deployment, Arc::new(move |session| drop(sessions.unbounded_send(session))))
    });
    open_for_requests(&mut started, deployment, &code, watched, evaluates).await?;
    let entry = entry(started.runtime()).ok_or_else(|| StartError::platform("the entry points are missing"))?;
    started.measure();
    let gauge = Arc::clone(gauge);
    let isolate = Isolate { entry, runs, meter, clock, gauge, started, inspected };
    Ok((isolate, Startup { kind, took: began.elapsed() }))
}

/// Everything after which the first request can come, each step in which tenant code may run armed.
async fn open_for_requests(
    started: &mut Started,
    deployment: &Deployment,
    code: &CodeSource,
    watched: &Watched,
    evaluates: bool,
) -> Result<(), StartError> {
    let guard = Arc::clone(started.guard());
    let stopper: Arc<dyn Stopper> = guard.clone();
    let budget = Duration::from_millis(u64::from(deployment.limits.startup_cpu_ms));
    let globals = deployment.syntax == Syntax::ServiceWorker;
    let bindings = bindings::describe(
        &deployment.bindings,
        VersionFacts { id: &deployment.version, tag: &deployment.tag, created_at: &deployment.created_at },
    );
    let opening = async {
        if evaluates || !globals {
            configure(started.runtime(), &bindings, globals)?;
        }
        if evaluates {
            let code = code().map_err(StartError::platform)?;
            evaluate(started.runtime(), &code)
                .await
                .map_err(|error| StartError { outcome: Outcome::Exception, detail: error.message })?;
        }
        Ok(())
    };
    let (opened, _) = within_budget(watched, &stopper, budget, opening).await;
    match guard.ended() {
        Some(EndReason::Cpu) => Err(StartError {
            outcome: Outcome::ExceededCpu,
            detail: format!("the top level took more than {} ms of CPU time", deployment.limits.startup_cpu_ms),
        }),
        Some(EndReason::Memory) => Err(StartError {
            outcome: Outcome::ExceededMemory,
            detail: "the top level passed the memory cap".to_owned(),
        }),
        None => opened,
    }
}

/// The options every runtime of ours is made with.
#[must_use]
pub fn options(made_for: Use, limits: &Limits, gauge: &Arc<MemoryGauge>, code: CodeSource) -> RuntimeOptions {
    let heap_bytes = usize::try_from(limits.memory_bytes_max).unwrap_or(usize::MAX);
    let params = v8::CreateParams::default()
        .heap_limits(0, heap_bytes)
        .array_buffer_allocator(counting_allocator(Arc::clone(gauge)).make_shared());
    RuntimeOptions {
        module_loader: Some(Rc::new(ScriptLoader::new(code, made_for))),
        extensions: extensions(made_for, fetch_options(), gauge),
        residual_lazy_js_sources: if made_for == Use::Building { &[] } else { lazy_scripts() },
        create_params: Some(params),
        // A snapshot has them; without one deno_core registers them all the same.
        skip_op_registration: true,
        ..RuntimeOptions::default()
    }
}

fn fetch_options() -> deno_fetch::Options {
    deno_fetch::Options { user_agent: concat!("eyot/", env!("CARGO_PKG_VERSION")).to_owned(), ..Default::default() }
}

/// Loads the code when it is first wanted: an isolate from a snapshot seldom needs it.
fn code_source(host: &Host, deployment: &Deployment) -> CodeSource {
    let blobs = host.blobs.clone();
    let hash = deployment.code.clone();
    let loaded: std::cell::OnceCell<Arc<Code>> = std::cell::OnceCell::new();
    Rc::new(move || {
        if let Some(code) = loaded.get() {
            return Ok(Arc::clone(code));
        }
        let bytes = blobs.load(&hash).map_err(|error| format!("load code {hash}: {error}"))?;
        let code = Arc::new(Code::decode(&bytes).map_err(|error| error.to_string())?);
        Ok(Arc::clone(loaded.get_or_init(|| code)))
    })
}

/// Gives handlers their `env`, and with service-worker syntax the globals.
pub fn configure(runtime: &mut JsRuntime, bindings: &str, globals: bool) -> Result<(), StartError> {
    call_entry(runtime, "configure", |scope| {
        let Some(list) = v8::String::new(scope, bindings) else { return Vec::new() };
        vec![list.into(), v8::Boolean::new(scope, globals).into()]
    })
    .map_err(|error| StartError { outcome: Outcome::InternalError, detail: describe_js(&error).message })
}

/// Takes what deno_core leaves on the global object out of scripts' reach, and forbids code from strings and bytes but where
/// it may be. Tenant code must not run before this.
pub fn hide_host_objects(runtime: &mut JsRuntime) {
    allow_wasm_of_modules_only(runtime.v8_isolate());
    // Errors have their own stacks. For whatever else is thrown V8 would note one by the context it is in, and has none while it
    // compares a BigInt with a string: a termination in there ended the process (V8 15.0, `Isolate::CaptureDetailedStackTrace`).
    runtime.v8_isolate().set_capture_stack_trace_for_uncaught_exceptions(false, 0);
    forbid_but_at_the_top_level(runtime);
    deno_core::scope!(scope, runtime);
    let global = scope.get_current_context().global(scope);
    for name in HOST_OBJECTS {
        let Some(key) = v8::String::new(scope, name) else { continue };
        if let (Some(private), Some(value)) = (hidden_key(scope, name), global.get(scope, key.into()))
            && value.is_object()
        {
            global.set_private(scope, private, value);
        }
        global.delete(scope, key.into());
    }
}

/// Sees to what V8 makes anew in every isolate: has the memory counted that its WebAssembly maps, and puts back what a snapshot's top
/// level had set. Between [`hide_host_objects`] and tenant code.
///
/// # Errors
/// [`StartError`] when it cannot be: no script may run then.
pub fn settle_what_is_anew(runtime: &mut JsRuntime) -> Result<(), StartError> {
    call_entry(runtime, "settle", |_| Vec::new())
        .map_err(|error| StartError { outcome: Outcome::InternalError, detail: describe_js(&error).message })
}

/// Puts back what [`hide_host_objects`] took: deno_core looks for it when a runtime starts from the snapshot.
///
/// # Errors
/// When the script has made the global object refuse it; the script cannot be snapshotted then.
pub fn reveal_host_objects(runtime: &mut JsRuntime) -> Result<(), &'static str> {
    call_entry(runtime, "shed", |_| Vec::new()).map_err(|_| "the script has fixed Error.stackTraceLimit")?;
    deno_core::scope!(scope, runtime);
    let global = scope.get_current_context().global(scope);
    for name in HOST_OBJECTS {
        let restored = v8::String::new(scope, name).and_then(|key| {
            let value = global.get_private(scope, hidden_key(scope, name)?)?;
            if !value.is_object() {
                return Some(true);
            }
            global.create_data_property(scope, key.into(), value)
        });
        if restored != Some(true) {
            return Err("the global object cannot be extended");
        }
    }
    // V8 makes this one when an isolate starts from the snapshot, and must find the place free.
    let taken = v8::String::new(scope, "WebAssembly").and_then(|key| global.has_own_property(scope, key.into()));
    if taken != Some(false) {
        return Err("the script has a WebAssembly of its own");
    }
    Ok(())
}

fn hidden_key<'s>(scope: &v8::PinScope<'s, '_>, name: &str) -> Option<v8::Local<'s, v8::Private>> {
    let key = v8::String::new(scope, &format!("eyot.hidden.{name}"))?;
    Some(v8::Private::for_api(scope, Some(key)))
}

fn entry(runtime: &mut JsRuntime) -> Option<Entry> {
    deno_core::scope!(scope, runtime);
    let entry = entry_of(scope)?;
    let function = |name: &str| {
        let key = v8::String::new(scope, name)?;
        let function = v8::Local::<v8::Function>::try_from(entry.get(scope, key.into())?).ok()?;
        Some(v8::Global::new(scope, function))
    };
    Some(Entry {
        request: function("request")?,
        call: function("call")?,
        event: function("event")?,
        before_job: function("beforeJob")?,
        message: function("message")?,
        abort: function("abort")?,
        forget: function("forget")?,
    })
}

/// What deno_core puts on the global object.
const HOST_OBJECTS: [&str; 2] = ["Deno", "__bootstrap"];
