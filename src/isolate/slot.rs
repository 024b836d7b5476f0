//! Slots: an OS thread that holds one isolate from its start to its end.
//!
//! The thread owns everything V8; the rest of the process holds a [`Slot`]: a bounded mailbox, the load, and a token
//! that tells when the thread is lost for good. A panic on the thread costs its isolate and nothing else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Weak;
use std::sync::Arc;
use std::time::Instant;
use std::{io, thread};

use parking_lot::Mutex;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::drive::{Ended, drive};
use super::gauge::MemoryGauge;
use super::guard::{EndReason, FatalContext, set_fatal_context, set_fatal_runs};
use super::icu_memory;
use super::job::{Job, Load};
use super::lodging::{House, this_thread_is};
use super::runs::Failure;
use super::start::{Host, StartError, start};
use crate::deployment::Deployment;
use crate::limits::{HelpingThreads, OnOverdue, Overdue, Watched};

/// The process's side of a slot.
pub(super) struct Slot {
    /// Which slot of the pool.
    pub id: u64,
    /// What it serves.
    pub deployment: Arc<Deployment>,
    /// Where jobs go.
    pub mailbox: mpsc::Sender<Job>,
    /// How loaded it is.
    pub load: Arc<Load>,
    /// The isolate's memory.
    pub gauge: Arc<MemoryGauge>,
    /// Cancelled when the thread is lost, or the isolate was ended.
    pub lost: CancellationToken,
    /// When it was last given a job.
    pub last_used: Mutex<Instant>,
    /// Its thread, as a place for connections.
    pub house: Arc<House>,
}

/// What the pool wants to know of a slot's end. Called on the slot's thread, but for [`SlotEnd::Hung`].
pub(super) type OnEnd = Arc<dyn Fn(u64, SlotEnd) + Send + Sync>;

/// How a slot ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SlotEnd {
    /// Its thread has nothing more to do.
    Finished,
    /// Its isolate is gone; its thread serves the connections it has.
    Lodging,
    /// The last of those has ended.
    Emptied,
    /// Its thread has not come back from V8 for long after its deadline. It may yet: told by the watchdog, and no end.
    Hung,
    /// Its thread is parked for good with this much memory.
    Parked {
        /// Heap and buffers of the isolate.
        bytes: u64,
    },
}

/// Starts a slot's thread and, on it, the isolate.
///
/// # Errors
/// When the thread cannot be started.
pub(super) fn spawn(id: u64, deployment: Arc<Deployment>, host: Arc<Host>, on_end: OnEnd) -> io::Result<Arc<Slot>> {
    let (mailbox, jobs) = mpsc::channel(MAILBOX_JOBS);
    let slot = Arc::new(Slot {
        id,
        mailbox,
        load: Arc::new(Load::default()),
        gauge: MemoryGauge::new(deployment.limits.memory_bytes_max),
        lost: CancellationToken::new(),
        last_used: Mutex::new(Instant::now()),
        house: Arc::default(),
        deployment: Arc::clone(&deployment),
    });
    let thread = SlotThread {
        id,
        deployment,
        host,
        load: Arc::clone(&slot.load),
        gauge: Arc::clone(&slot.gauge),
        lost: slot.lost.clone(),
        house: Arc::clone(&slot.house),
        on_end,
    };
    thread::Builder::new().name(format!("eyot-slot-{id}")).stack_size(STACK_BYTES).spawn(move || thread.run(jobs))?;
    Ok(slot)
}

struct SlotThread {
    id: u64,
    deployment: Arc<Deployment>,
    host: Arc<Host>,
    load: Arc<Load>,
    gauge: Arc<MemoryGauge>,
    lost: CancellationToken,
    house: Arc<House>,
    on_end: OnEnd,
}

impl SlotThread {
    fn run(self, mut jobs: mpsc::Receiver<Job>) {
        this_thread_is(self.id);
        icu_memory::begin();
        let helping = Arc::new(HelpingThreads::default());
        let runtime = runtime_with(&helping);
        let served = catch_unwind(AssertUnwindSafe(|| match &runtime {
            Ok(runtime) => self.serve(runtime, &helping, &mut jobs),
            Err(error) => self.refuse(&mut jobs, &platform_error(error)),
        }));
        set_fatal_context(None);
        if served.is_err() {
            tracing::error!(tenant = %self.deployment.tenant_name, script = %self.deployment.script,
                "slot thread panicked; its isolate is gone");
        }
        self.load.retire();
        jobs.close();
        while let Ok(job) = jobs.try_recv() {
            self.load.taken();
            job.give_back();
        }
        self.lost.cancel();
        self.house.close();
        if self.house.guests() == 0 {
            return (self.on_end)(self.id, SlotEnd::Finished);
        }
        (self.on_end)(self.id, SlotEnd::Lodging);
        if let Ok(runtime) = runtime {
            runtime.block_on(self.house.emptied());
        }
        (self.on_end)(self.id, SlotEnd::Emptied);
    }

    fn serve(&self, runtime: &Runtime, helping: &HelpingThreads, jobs: &mut mpsc::Receiver<Job>) {
        let watched = match self.host.watchdog.watch_this_thread(self.on_overdue()) {
            Ok(watched) => watched,
            Err(error) => return self.refuse(jobs, &platform_error(&error)),
        };
        self.set_fatal_context(&watched);
        // deno_core spawns onto the thread it runs on.
        let local = tokio::task::LocalSet::new();
        local.block_on(runtime, async {
            let started = start(&self.host, &self.deployment, &self.gauge, &watched, &self.lost).await;
            let reported = started.as_ref().map(|(_, startup)| *startup);
            self.host.observer.started(&self.deployment, reported);
            match started {
                Err(error) => self.refuse(jobs, &error),
                Ok((mut isolate, _)) => {
                    set_fatal_runs(&isolate.runs);
                    self.load.ready();
                    self.house.open(runtime.handle());
                    let ended = drive(&mut isolate, &watched, helping, jobs, &self.load).await;
                    if let Ended::Condemned(reason) = ended {
                        self.host.observer.terminated(&self.deployment, reason);
                    }
                }
            }
        });
    }

    /// What happens when V8 does not give the thread back.
    fn on_overdue(&self) -> Box<OnOverdue> {
        let (id, load, on_end) = (self.id, Arc::clone(&self.load), Arc::clone(&self.on_end));
        Box::new(move |overdue| match overdue {
            Overdue::Late => load.set_late(),
            Overdue::Hung => on_end(id, SlotEnd::Hung),
        })
    }

    fn set_fatal_context(&self, watched: &Watched) {
        let on_end = Arc::clone(&self.on_end);
        let observer = Arc::clone(&self.host.observer);
        let deployment = Arc::clone(&self.deployment);
        let id = self.id;
        let house = Arc::clone(&self.house);
        set_fatal_context(Some(FatalContext {
            lost: self.lost.clone(),
            release: watched.release_handle(),
            gauge: Arc::clone(&self.gauge),
            runs: Weak::new(),
            on_lost: Box::new(move |bytes, cpu| {
                observer.terminated(&deployment, EndReason::Memory);
                observer.unreported(&deployment, cpu);
                on_end(id, SlotEnd::Parked { bytes });
                house.lost.cancel();
            }),
        }));
    }

    /// Answers everybody who waits for an isolate that did not start.
    fn refuse(&self, jobs: &mut mpsc::Receiver<Job>, error: &StartError) {
        self.load.retire();
        jobs.close();
        while let Ok(job) = jobs.try_recv() {
            self.load.taken();
            let failure = Failure::Unserved { outcome: error.outcome, detail: error.detail.clone() };
            // A client that has left needs no answer.
            let _ = job.reply.send(Err(failure));
        }
    }
}

/// A runtime for one slot. Its few helping threads do what would block it, on the script's account.
fn runtime_with(helping: &Arc<HelpingThreads>) -> io::Result<Runtime> {
    let (joining, leaving) = (Arc::clone(helping), Arc::clone(helping));
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(HELPING_THREADS_MAX)
        .on_thread_start(move || joining.join())
        .on_thread_stop(move || leaving.leave())
        .build()
}

fn platform_error(error: &io::Error) -> StartError {
    StartError { outcome: super::outcome::Outcome::InternalError, detail: error.to_string() }
}

/// Jobs that wait for one slot.
pub(super) const MAILBOX_JOBS: usize = 256;

/// Threads of one slot that run WebCrypto and name lookups; more of both wait.
const HELPING_THREADS_MAX: usize = 2;

/// V8 takes about one MiB for JavaScript's own stack; the rest is for what it calls. Only touched pages cost memory.
const STACK_BYTES: usize = 4 << 20;
