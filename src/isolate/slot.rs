//! Slots: an OS thread that holds one isolate from its start to its end.
//!
//! The thread owns everything V8; the rest of the process holds a [`Slot`]: a bounded mailbox, the load, and a token
//! that tells when the thread is lost for good. A panic on the thread costs its isolate and nothing else.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::{self, Rc};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use std::{io, thread};

use parking_lot::Mutex;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::drive::{Driver, Ended, begin_here};
use super::endings::{OnEnd, SlotEnd};
use super::fatal::{FatalContext, set_fatal_context, set_fatal_runs};
use super::gauge::MemoryGauge;
use super::ground::Ground;
use super::guard::EndReason;
use super::job::{Job, Load};
use super::lodging::House;
use super::runs::Failure;
use super::start::{Host, StartError, start};
use crate::deployment::Deployment;
use crate::limits::{LONG, OnOverdue, Overdue, SHORT, ThreadId, Watched, WayBack, set_slice};
use crate::store::Unpacked;

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

thread_local! {
    static OWN: RefCell<Weak<Slot>> = const { RefCell::new(Weak::new()) };
}

impl Slot {
    /// The slot whose thread this is, if it is one's.
    pub(super) fn of_this_thread() -> Option<Arc<Self>> {
        OWN.with_borrow(Weak::upgrade)
    }

    /// Gives it a job that was counted as sent: on its own thread that begins at once, and mostly has its answer then.
    ///
    /// # Errors
    /// The job, when the slot takes no more.
    pub(super) fn give(&self, job: Job) -> Result<(), Job> {
        let Err(job) = begin_here(&self.load, job) else { return Ok(()) };
        self.mailbox.try_send(job).map_err(|error| {
            self.load.taken();
            match error {
                TrySendError::Full(job) | TrySendError::Closed(job) => job,
            }
        })
    }

    /// Whether it takes one more job, asked on its own thread: that cannot be lost.
    pub(super) fn takes_jobs(&self) -> bool {
        !self.load.is_retired() && self.load.queued() < MAILBOX_JOBS
    }
}

/// Jobs as the slot's thread takes them.
pub(super) type Mailbox = Rc<RefCell<mpsc::Receiver<Job>>>;

/// A thread with a blank isolate, which waits for the slot it is to be.
pub(super) struct Waiting {
    to: oneshot::Sender<Occupant>,
    gauge: Arc<MemoryGauge>,
    ready: Arc<AtomicBool>,
}

impl Waiting {
    /// Whether its isolate has started.
    #[must_use]
    pub(super) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::SeqCst)
    }

    /// The memory of its isolate.
    #[must_use]
    pub(super) fn bytes(&self) -> u64 {
        self.gauge.total_bytes()
    }

    /// Whether its thread has ended, because the isolate did not start.
    #[must_use]
    pub(super) fn is_gone(&self) -> bool {
        self.to.is_closed()
    }

    /// Makes it a slot of this version; none when its thread has ended.
    pub(super) fn occupy(
        self,
        id: u64,
        deployment: Arc<Deployment>,
        host: Arc<Host>,
        on_end: OnEnd,
    ) -> Option<Arc<Slot>> {
        let (slot, occupant) = halves(id, deployment, host, on_end, self.gauge);
        self.to.send(occupant).is_ok().then_some(slot)
    }
}

/// Starts a slot's thread and, on it, the isolate; not before there is `room`.
///
/// # Errors
/// When the thread cannot be started.
pub(super) fn spawn(
    id: u64,
    deployment: Arc<Deployment>,
    host: Arc<Host>,
    on_end: OnEnd,
    room: Option<CancellationToken>,
) -> io::Result<Arc<Slot>> {
    let gauge = MemoryGauge::new(deployment.limits.memory_bytes_max);
    let (slot, occupant) = halves(id, deployment, host, on_end, gauge);
    thread::Builder::new().name(format!("eyot-slot-{id}")).stack_size(STACK_BYTES).spawn(move || {
        let ground = Ground::prepare(&occupant.thread.host.watchdog);
        if let (Some(room), Ok(ground)) = (room, &ground) {
            ground.runtime.block_on(async {
                // An idle isolate ends in some milliseconds; one that does not keeps nobody waiting for ever.
                let _ = tokio::time::timeout(ROOM_WITHIN, room.cancelled()).await;
            });
        }
        occupant.run(ground);
    })?;
    Ok(slot)
}

/// Starts a thread and, on it, a blank isolate from `base` that may hold `memory_bytes_max`.
///
/// # Errors
/// When the thread cannot be started.
pub(super) fn spawn_blank(
    host: &Arc<Host>,
    base: Arc<Unpacked>,
    memory_bytes_max: u64,
    on_ready: impl FnOnce() + Send + 'static,
) -> io::Result<Waiting> {
    let (to, given) = oneshot::channel::<Occupant>();
    let waiting = Waiting { to, gauge: MemoryGauge::new(memory_bytes_max), ready: Arc::default() };
    let (host, gauge, ready) = (Arc::clone(host), Arc::clone(&waiting.gauge), Arc::clone(&waiting.ready));
    let wait = move || {
        let prepared = catch_unwind(AssertUnwindSafe(|| blank_ground(&host, base, &gauge)));
        set_slice(ThreadId::of_this_thread(), SHORT);
        let ground = match prepared {
            Ok(Ok(ground)) => ground,
            Ok(Err(error)) => return tracing::error!(%error, "failed to start an isolate ahead"),
            Err(_) => return tracing::error!("starting an isolate ahead panicked"),
        };
        ready.store(true, Ordering::SeqCst);
        on_ready();
        match given.blocking_recv() {
            Ok(occupant) => {
                // It has woken; from here on nobody knows what it does.
                set_slice(ThreadId::of_this_thread(), LONG);
                occupant.run(Ok(ground));
            }
            // It was given up.
            Err(_) => ground.end(),
        }
    };
    thread::Builder::new().name("eyot-ahead".to_owned()).stack_size(STACK_BYTES).spawn(wait)?;
    Ok(waiting)
}

fn blank_ground(host: &Host, base: Arc<Unpacked>, gauge: &Arc<MemoryGauge>) -> Result<Ground, StartError> {
    let mut ground = Ground::prepare(&host.watchdog).map_err(|error| platform_error(&error))?;
    // A thread that V8 gives up on is nobody's yet: it is parked, and its sender finds nobody.
    set_fatal_context(Some(FatalContext {
        lost: CancellationToken::new(),
        release: ground.watched.release_handle(),
        gauge: Arc::clone(gauge),
        runs: rc::Weak::new(),
        meter: rc::Weak::new(),
        on_lost: Box::new(|_, _| {}),
    }));
    // Nobody waits for it yet.
    ground.watched.begin_behind();
    ground.start_blank(base, gauge)?;
    // Who takes it waits for it, beside threads that are behind: it had its turn after up to 15 ms there.
    ground.watched.come_back();
    Ok(ground)
}

/// The two sides of a new slot: the process's and its thread's.
fn halves(
    id: u64,
    deployment: Arc<Deployment>,
    host: Arc<Host>,
    on_end: OnEnd,
    gauge: Arc<MemoryGauge>,
) -> (Arc<Slot>, Occupant) {
    let (mailbox, jobs) = mpsc::channel(MAILBOX_JOBS);
    let slot = Arc::new(Slot {
        id,
        mailbox,
        load: Arc::new(Load::default()),
        gauge,
        lost: CancellationToken::new(),
        last_used: Mutex::new(Instant::now()),
        house: Arc::default(),
        deployment: Arc::clone(&deployment),
    });
    let thread = SlotThread {
        id,
        slot: Arc::downgrade(&slot),
        deployment,
        host,
        load: Arc::clone(&slot.load),
        gauge: Arc::clone(&slot.gauge),
        lost: slot.lost.clone(),
        house: Arc::clone(&slot.house),
        on_end,
    };
    (slot, Occupant { thread, jobs })
}

/// What makes a thread a slot.
struct Occupant {
    thread: SlotThread,
    jobs: mpsc::Receiver<Job>,
}

impl Occupant {
    fn run(self, ground: io::Result<Ground>) {
        self.thread.run(ground, self.jobs);
    }
}

struct SlotThread {
    id: u64,
    slot: Weak<Slot>,
    deployment: Arc<Deployment>,
    host: Arc<Host>,
    load: Arc<Load>,
    gauge: Arc<MemoryGauge>,
    lost: CancellationToken,
    house: Arc<House>,
    on_end: OnEnd,
}

impl SlotThread {
    fn run(self, mut ground: io::Result<Ground>, jobs: mpsc::Receiver<Job>) {
        OWN.set(Weak::clone(&self.slot));
        let jobs: Mailbox = Rc::new(RefCell::new(jobs));
        let served = catch_unwind(AssertUnwindSafe(|| match &mut ground {
            Ok(ground) => self.serve(ground, &jobs),
            Err(error) => self.refuse(&jobs, &platform_error(error)),
        }));
        set_fatal_context(None);
        if served.is_err() {
            tracing::error!(tenant = %self.deployment.tenant_name, script = %self.deployment.script,
                "slot thread panicked; its isolate is gone");
        }
        self.load.retire();
        jobs.borrow_mut().close();
        while let Ok(job) = jobs.borrow_mut().try_recv() {
            self.load.taken();
            job.give_back();
        }
        self.lost.cancel();
        self.house.close();
        if self.house.guests() == 0 {
            return (self.on_end)(self.id, SlotEnd::Finished);
        }
        (self.on_end)(self.id, SlotEnd::Lodging);
        if let Ok(ground) = ground {
            ground.watched.come_back();
            ground.runtime.block_on(self.house.emptied());
        }
        (self.on_end)(self.id, SlotEnd::Emptied);
    }

    fn serve(&self, ground: &mut Ground, jobs: &Mailbox) {
        let (blank, local) = (ground.blank.take(), Rc::new(std::mem::take(&mut ground.local)));
        let Ground { runtime, helping, watched, overdue, .. } = ground;
        overdue.report_to(self.on_overdue());
        self.set_fatal_context(watched);
        if self.host.probation.holds(&self.deployment, Instant::now()) {
            watched.begin_behind();
        }
        // deno_core spawns onto the thread it runs on.
        local.block_on(runtime, async {
            let started = start(&self.host, &self.deployment, &self.gauge, watched, &self.lost, blank).await;
            let reported = started.as_ref().map(|(_, startup)| *startup);
            self.host.observer.started(&self.deployment, reported);
            match started {
                Err(error) => self.refuse(jobs, &error),
                Ok((isolate, _)) => {
                    set_fatal_runs(&isolate.runs, &isolate.meter);
                    self.load.ready();
                    self.house.open(runtime.handle());
                    let driver = Driver::new(isolate, watched, helping, jobs, &self.load, &local);
                    let ended = Driver::drive(&driver).await;
                    if let Ended::Condemned(reason) = ended {
                        if reason == EndReason::Cpu {
                            self.host.probation.ended(&self.deployment, Instant::now());
                        }
                        self.host.observer.terminated(&self.deployment, reason);
                    }
                    if self.house.guests() == 0 || watched.way_back() == WayBack::Open {
                        watched.stand_back();
                    }
                }
            }
        });
    }

    /// What happens when V8 does not give the thread back.
    fn on_overdue(&self) -> Box<OnOverdue> {
        let (id, load, on_end) = (self.id, Arc::clone(&self.load), Arc::clone(&self.on_end));
        let (lost, house) = (self.lost.clone(), Arc::clone(&self.house));
        Box::new(move |overdue| match overdue {
            Overdue::Late => load.set_late(),
            Overdue::Hung => on_end(id, SlotEnd::Hung),
            Overdue::Lost => {
                load.lose();
                lost.cancel();
            }
            Overdue::Endless => {
                on_end(id, SlotEnd::Endless);
                house.lost.cancel();
            }
        })
    }

    fn set_fatal_context(&self, watched: &Watched) {
        let on_end = Arc::clone(&self.on_end);
        let observer = Arc::clone(&self.host.observer);
        let deployment = Arc::clone(&self.deployment);
        let (id, house) = (self.id, Arc::clone(&self.house));
        set_fatal_context(Some(FatalContext {
            lost: self.lost.clone(),
            release: watched.release_handle(),
            gauge: Arc::clone(&self.gauge),
            runs: rc::Weak::new(),
            meter: rc::Weak::new(),
            on_lost: Box::new(move |bytes, cpu| {
                observer.terminated(&deployment, EndReason::Memory);
                observer.unreported(&deployment, cpu);
                on_end(id, SlotEnd::Parked { bytes });
                house.lost.cancel();
            }),
        }));
    }

    /// Answers everybody who waits for an isolate that did not start.
    fn refuse(&self, jobs: &Mailbox, error: &StartError) {
        let mut jobs = jobs.borrow_mut();
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

fn platform_error(error: &io::Error) -> StartError {
    StartError { outcome: super::outcome::Outcome::InternalError, detail: error.to_string() }
}

/// Jobs that wait for one slot.
pub(super) const MAILBOX_JOBS: usize = 256;

/// How long a slot waits for the end of the one whose place it takes.
const ROOM_WITHIN: Duration = Duration::from_secs(1);

/// V8 takes about one MiB for JavaScript's own stack; the rest is for what it calls. Only touched pages cost memory.
const STACK_BYTES: usize = 4 << 20;
