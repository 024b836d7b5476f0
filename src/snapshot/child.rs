//! The builder's child process: evaluates one script, takes its snapshot, and ends.
//!
//! The script is hostile from its first byte and V8's snapshot code was not made for that: whatever it does, from a
//! crash to a hang, costs this process and nothing else. The process has put its cage on before it reads its
//! order ([`confine_computation`]): it reaches no file, no network and no other process. What it makes before it has an
//! order (its runtime) is our own code alone.

use std::cell::{OnceCell, RefCell};
use std::io::{self, BufRead as _, Read as _, Write as _};
use std::mem::ManuallyDrop;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use deno_core::{JsRuntime, JsRuntimeForSnapshot, v8};
use tokio_util::sync::CancellationToken;

use super::protocol::{Mode, Order, Preface, Reply};
use crate::cage::{AddressSpace, confine_computation};
use crate::deployment::{Deployment, Start, TopLevel};
use crate::ids::{BlobHash, VersionId};
use crate::isolate::building::{
    EndReason, EvaluateError, Guard, LogLine, MemoryGauge, Observer, Report, Runs, ScriptCode, SharedRuns, StartError,
    Started, Startup, Trace, Use, call_entry, configure, egress_of_nothing, engine_init, evaluate, hide_host_objects,
    options, reveal_host_objects, settle_what_is_anew, within_budget,
};
use crate::kv::KvError;
use crate::limits::{Limits, Stopper, Watchdog, Watched, WayBack, put_back};
use crate::script::{Code, Syntax};
use crate::store::Unpacked;

/// Runs the child: reads its order from standard input, answers on standard output. Call on the main thread, before
/// any other thread exists. It comes after what serves requests: a deployment is waited for, but by nobody's clients.
///
/// # Errors
/// When the order cannot be read or the answer not written; the parent sees the exit status.
pub fn run() -> io::Result<()> {
    put_back();
    confine_computation(AddressSpace::Free)?;
    engine_init();
    let mut input = io::stdin().lock();
    let mut preface = String::new();
    input.read_line(&mut preface)?;
    let preface: Preface = serde_json::from_str(&preface)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // V8 does not let go of an isolate that is for a snapshot before it was taken.
    let prepared = ManuallyDrop::new(runtime.block_on(async { Prepared::for_order(preface) })?);
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        // There will be no order.
        return Ok(());
    }
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let order: Order = serde_json::from_slice(&bytes[..end])?;
    let code = Code::decode(bytes.get(end + 1..).unwrap_or_default()).map_err(io::Error::other)?;
    let (reply, blob) = runtime.block_on(build(ManuallyDrop::into_inner(prepared), &order, Arc::new(code)))?;
    let mut output = io::stdout().lock();
    serde_json::to_writer(&mut output, &reply)?;
    output.write_all(b"\n")?;
    if let Some(blob) = blob {
        output.write_all(&blob)?;
    }
    output.flush()
}

/// What is there before the order.
struct Prepared {
    preface: Preface,
    runtime: Made,
    gauge: Arc<MemoryGauge>,
    code: Rc<OnceCell<Arc<Code>>>,
}

/// A runtime for what is to be done with the script.
enum Made {
    Serving(JsRuntime),
    Building(JsRuntimeForSnapshot),
}

impl Prepared {
    fn for_order(preface: Preface) -> io::Result<Self> {
        let gauge = MemoryGauge::new(preface.memory_bytes_max);
        let limits = Limits { memory_bytes_max: preface.memory_bytes_max, ..Limits::default() };
        let code: Rc<OnceCell<Arc<Code>>> = Rc::default();
        let late = Rc::clone(&code);
        let source = Rc::new(move || late.get().cloned().ok_or_else(|| "there is no order yet".to_owned()));
        let made_for = if preface.mode == Mode::Plain { Use::Serving } else { Use::Building };
        let options = options(made_for, &limits, &gauge, source);
        let runtime = match preface.mode {
            Mode::Plain => Made::Serving(JsRuntime::try_new(options).map_err(io::Error::other)?),
            Mode::Snapshot | Mode::Base => {
                Made::Building(JsRuntimeForSnapshot::try_new(options).map_err(io::Error::other)?)
            }
        };
        Ok(Self { preface, runtime, gauge, code })
    }
}

/// The parts of a runtime under construction that evaluation needs.
struct Bench {
    watched: Watched,
    gauge: Arc<MemoryGauge>,
    runs: SharedRuns,
    code: Arc<Code>,
    mode: Mode,
    budget: Duration,
}

async fn build(prepared: Prepared, order: &Order, code: Arc<Code>) -> io::Result<(Reply, Option<Arc<Unpacked>>)> {
    let Prepared { preface: Preface { mode, memory_bytes_max }, runtime, gauge, code: place } = prepared;
    // Set once: a child has one order.
    let _ = place.set(Arc::clone(&code));
    let limits = Arc::new(Limits { startup_cpu_ms: order.startup_cpu_ms, memory_bytes_max, ..Limits::default() });
    let bench = Bench {
        // The whole process comes after others already.
        watched: Watchdog::start(WayBack::Closed)?.watch_this_thread(Box::new(|_| ()))?,
        runs: no_runs(&limits, &gauge, code.syntax),
        gauge,
        code,
        mode,
        budget: Duration::from_millis(u64::from(order.startup_cpu_ms)),
    };
    match runtime {
        Made::Serving(mut runtime) => {
            let reply = bench.evaluate(&mut runtime, order).await;
            // The process ends here: nothing is gained by taking the heap down first.
            std::mem::forget(runtime);
            Ok((reply, None))
        }
        Made::Building(mut runtime) if mode == Mode::Base => {
            bench.prepare(&mut runtime);
            settle_what_is_anew(&mut runtime).map_err(io::Error::other)?;
            warm(&mut runtime, true);
            take_snapshot(runtime, &bench, Vec::new(), 0)
        }
        Made::Building(mut runtime) => {
            let reply = bench.evaluate(&mut runtime, order).await;
            if bench.runs.borrow().env_read && matches!(reply, Reply::Evaluated { .. } | Reply::Rejected { .. }) {
                std::mem::forget(runtime);
                let reason = "the top level reads env of cloudflare:workers".to_owned();
                return Ok((Reply::NotSnapshottable { reason }, None));
            }
            let Reply::Evaluated { handlers, startup_cpu_ms, .. } = reply else {
                std::mem::forget(runtime);
                return Ok((reply, None));
            };
            take_snapshot(runtime, &bench, handlers, startup_cpu_ms)
        }
    }
}

impl Bench {
    /// Hides what scripts must not find and gives ops what they stand on.
    fn prepare(&self, runtime: &mut JsRuntime) {
        hide_host_objects(runtime);
        let state = runtime.op_state();
        let mut state = state.borrow_mut();
        let code = Arc::clone(&self.code);
        state.put(Rc::clone(&self.runs));
        state.put(egress_of_nothing());
        state.put(ScriptCode(Rc::new(move || Ok(Arc::clone(&code)))));
    }

    async fn evaluate(&self, runtime: &mut JsRuntime, order: &Order) -> Reply {
        let guard = Guard::install(runtime.v8_isolate(), Arc::clone(&self.gauge));
        self.prepare(runtime);
        let stopper: Arc<dyn Stopper> = guard.clone();
        let evaluation = async {
            settle_what_is_anew(runtime).map_err(|error| EvaluateError { message: error.detail, position: None })?;
            if let Some(globals) = &order.globals {
                configure(runtime, globals, true)
                    .map_err(|error| EvaluateError { message: error.detail, position: None })?;
            }
            if let Some(env) = &order.env {
                configure(runtime, env, false)
                    .map_err(|error| EvaluateError { message: error.detail, position: None })?;
            }
            evaluate(runtime, &self.code).await
        };
        let (evaluated, used) = within_budget(&self.watched, &stopper, self.budget, evaluation).await;
        if evaluated.is_ok() && guard.ended().is_none() && self.mode == Mode::Snapshot {
            // What the top level left behind may run once more.
            within_budget(&self.watched, &stopper, self.budget, async { warm(runtime, false) }).await;
        }
        let over = guard.measure(runtime.v8_isolate()) > self.gauge.cap_bytes();
        let ended = guard.ended();
        // The isolate may call into the guard for as long as it lives, which is as long as this process.
        std::mem::forget(guard);
        match (ended, evaluated) {
            (Some(EndReason::Cpu), _) => Reply::CpuExceeded,
            (Some(EndReason::Memory), _) => Reply::MemoryExceeded,
            (None, Err(error)) => Reply::Rejected { message: error.message, position: error.position },
            (None, Ok(())) if over => Reply::MemoryExceeded,
            (None, Ok(())) => Reply::Evaluated {
                handlers: self.runs.borrow().handlers.clone(),
                startup_cpu_ms: u32::try_from(used.cpu.as_micros().div_ceil(1_000)).unwrap_or(u32::MAX),
                snapshot_bytes: None,
            },
        }
    }
}

/// Has a first request's way compiled. It runs our own code only, but on built-ins the script may have replaced: it can fail, and
/// then the snapshot is only colder. `alone` is for a runtime without a script.
fn warm(runtime: &mut JsRuntime, alone: bool) {
    let _ = call_entry(runtime, "warm", |scope| vec![v8::Boolean::new(scope, alone).into()]);
    runtime.v8_isolate().perform_microtask_checkpoint();
}

fn take_snapshot(
    mut runtime: JsRuntimeForSnapshot,
    bench: &Bench,
    handlers: Vec<String>,
    startup_cpu_ms: u32,
) -> io::Result<(Reply, Option<Arc<Unpacked>>)> {
    if bench.gauge.has_held() {
        std::mem::forget(runtime);
        let reason = "the top level made a Blob or a resizable buffer, whose bytes are not in the heap".to_owned();
        return Ok((Reply::NotSnapshottable { reason }, None));
    }
    if let Err(reason) = reveal_host_objects(&mut runtime) {
        std::mem::forget(runtime);
        return Ok((Reply::NotSnapshottable { reason: reason.to_owned() }, None));
    }
    let blob = Arc::new(Unpacked::held(runtime.snapshot()));
    // A snapshot that crashes at load must crash here and not in the server.
    let gauge = MemoryGauge::new(bench.gauge.cap_bytes());
    let limits = bench.runs.borrow().deployment.limits.clone();
    let code = Arc::clone(&bench.code);
    let options = options(Use::Serving, &limits, &gauge, Rc::new(move || Ok(Arc::clone(&code))));
    let loaded = Started::new(options, Some(Arc::clone(&blob)), gauge);
    let checked = loaded.map_err(|error| error.to_string()).and_then(|mut started| {
        bench.prepare(started.runtime());
        settle_what_is_anew(started.runtime()).map_err(|error| error.detail)?;
        let answered = call_entry(started.runtime(), "warm", |_| Vec::new());
        started.runtime().v8_isolate().perform_microtask_checkpoint();
        // Weak cells and registries of a snapshot are first looked at by a collection. V8 collects twice and more at this: the second
        // time finds what the first made unreachable.
        started.runtime().v8_isolate().low_memory_notification();
        std::mem::forget(started);
        answered.map_err(|error| error.exception_message)
    });
    match checked {
        Ok(()) => {
            let reply = Reply::Evaluated { handlers, startup_cpu_ms, snapshot_bytes: Some(blob.len()) };
            Ok((reply, Some(blob)))
        }
        Err(reason) => Ok((Reply::NotSnapshottable { reason }, None)),
    }
}

/// The op state of a runtime that serves nobody.
fn no_runs(limits: &Arc<Limits>, gauge: &Arc<MemoryGauge>, syntax: Syntax) -> SharedRuns {
    let deployment = Deployment {
        // Not generated: the first random number of a process takes as long as all else that is done here.
        tenant: "0".repeat(32).parse().expect("32 hexadecimal digits"),
        tenant_name: "building".parse().expect("a label"),
        script: "building".parse().expect("a name"),
        version: VersionId::generate(),
        limits: Arc::clone(limits),
        bindings: Vec::new(),
        syntax,
        code: BlobHash::of(b""),
        start: Start::Plain { reason: String::new() },
        top_level: TopLevel::Heavy,
        created_at: String::new(),
        assets: None,
        tag: String::new(),
    };
    let runs = Runs::new(Arc::new(deployment), Arc::clone(gauge), CancellationToken::new(), Arc::new(Silent));
    Rc::new(RefCell::new(runs))
}

/// What a script logs while it is built has no request to go to.
struct Silent;

impl Observer for Silent {
    fn logged(&self, _: &Deployment, _: LogLine) {}
    fn ended(&self, _: &Deployment, _: Report) {}
    fn repeated(&self, _: &Deployment) {}
    fn started(&self, _: &Deployment, _: Result<Startup, &StartError>) {}
    fn kv_operation(&self, _: &Deployment, _: &'static str, _: Result<(), &KvError>) {}
    fn terminated(&self, _: &Deployment, _: EndReason) {}
    fn unreported(&self, _: &Deployment, _: Duration) {}
    fn is_watched(&self, _: &Deployment) -> bool {
        false
    }
    fn traced(&self, _: &Deployment, _: Trace) {}
}
