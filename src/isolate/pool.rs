//! The pool: all slots of a node, and a request's way to one of them.
//!
//! Holds the slots and carries out what [`super::pool_policy`] decides. Whoever waits for a slot also waits for its
//! loss, so no request waits for a thread that will never answer. Knows nothing of HTTP status codes or routes.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::ahead::{Ahead, PUT_OFF_MAX, Turnover};
use super::arenas;
use super::endings::{KEPT, OnEnd, SlotEnd};
use super::fatal::LOST;
use super::job::{Job, RunRequest};
use super::lodging::{Busy, CPU_MS_MAX, Lodging, SERVED_BEFORE};
use super::outcome::Outcome;
use super::pool_policy::{Bounds, Choice, Config, SlotView, among_serving, choose, to_evict};
use super::quarantine::Quarantine;
use super::reserve;
use super::runs::{Answer, Failure};
use super::slot::{Slot, spawn};
use super::slots::{Slots, view};
use super::start::Host;
use crate::deployment::Deployment;
use crate::limits::coarse_now;
use crate::store::Unpacked;

/// What a pool holds just now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolFigures {
    /// Isolates with nothing to do.
    pub idle: usize,
    /// Isolates with requests.
    pub busy: usize,
    /// Threads parked for good since the start.
    pub parked: usize,
    /// Memory those keep, in bytes.
    pub lost_bytes: u64,
    /// Scripts that are kept out for making such threads.
    pub kept_out: usize,
    /// Isolates that wait for a version.
    pub ahead: usize,
    /// How many of those were given to a version so far.
    pub ahead_taken: u64,
}

/// All slots of a node.
pub struct Pool {
    host: Arc<Host>,
    pub(super) config: Config,
    ahead: Arc<Ahead>,
    /// Asking for them reads files, which is too much for each connection.
    processors: usize,
    pub(super) slots: Mutex<Slots>,
    pub(super) lodging_threads: AtomicUsize,
    next_id: AtomicU64,
    pub(super) parked: AtomicU64,
    pub(super) lost_bytes: AtomicU64,
    pub(super) ended: AtomicU64,
    pub(super) quarantine: Quarantine,
    pub(super) exhausted: CancellationToken,
    own: Weak<Pool>,
}

impl Pool {
    /// An empty pool.
    #[must_use]
    pub fn new(host: Arc<Host>, config: Config) -> Arc<Self> {
        reserve::fill(config.memory_bytes_max / 2);
        // A debugger wants the sources, and no snapshot has them.
        let count = if host.inspect.is_some() { 0 } else { config.ahead };
        Arc::new_cyclic(|own| Self {
            ahead: Ahead::new(count, config.ahead_memory_bytes_max),
            host,
            config,
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            slots: Mutex::default(),
            lodging_threads: AtomicUsize::new(0),
            next_id: AtomicU64::new(1),
            parked: AtomicU64::new(0),
            lost_bytes: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            quarantine: Quarantine::default(),
            exhausted: CancellationToken::new(),
            own: own.clone(),
        })
    }

    /// Who may not run for now.
    #[must_use]
    pub fn quarantine(&self) -> &Quarantine {
        &self.quarantine
    }

    /// Cancelled when parked threads keep more memory than they may: only another process gets it back.
    #[must_use]
    pub fn exhausted(&self) -> CancellationToken {
        self.exhausted.clone()
    }

    /// Runs a request on an isolate of this version. Dropping the future abandons the run: the script's signal is
    /// aborted and its `waitUntil` work gets its time.
    pub async fn run(&self, deployment: &Arc<Deployment>, request: Box<RunRequest>) -> Answer {
        let mut request = request;
        for _ in 0..TRIES {
            let Some((slot, turnover)) = self.slot_for(deployment) else {
                let detail = "every slot is busy".to_owned();
                return Err(Failure::Unserved { outcome: Outcome::Overloaded, detail });
            };
            let (reply, answer) = oneshot::channel();
            let verdict = Arc::clone(&request.verdict);
            if let Err(job) = slot.give(Job { run: request, reply }) {
                request = job.run;
                continue;
            }
            let answered = async {
                // Whoever lives on the slot's thread is lost with it.
                if Slot::of_this_thread().is_some_and(|own| Arc::ptr_eq(&own, &slot)) {
                    return Some(answer.await);
                }
                tokio::select! {
                    biased;
                    answer = answer => Some(answer),
                    // The thread was parked with the request on it, or does not come back.
                    () = slot.lost.cancelled() => None,
                }
            };
            let answered = match turnover {
                None => answered.await,
                Some(turnover) => Box::pin(turnover.after(answered)).await,
            };
            let Some(answer) = answered else {
                if slot.load.is_lost() {
                    // The isolate counts it so should it ever come back.
                    let _ = verdict.set(Outcome::ExceededCpu);
                    return Err(Failure::Ended { outcome: Outcome::ExceededCpu, detail: KEPT.to_owned() });
                }
                return Err(Failure::Unserved { outcome: Outcome::ExceededMemory, detail: LOST.to_owned() });
            };
            match answer {
                Ok(Err(Failure::NotBegun(given_back))) => request = given_back,
                Ok(answer) => return answer,
                // Dropped unanswered: the slot's thread panicked and took its runs with it.
                Err(_) => {
                    let detail = "the slot's thread panicked".to_owned();
                    return Err(Failure::Unserved { outcome: Outcome::InternalError, detail });
                }
            }
        }
        let detail = "no slot took the request".to_owned();
        Err(Failure::Unserved { outcome: Outcome::Overloaded, detail })
    }

    /// Starts an isolate of this version if there is none, before a request needs it.
    pub fn warm(&self, deployment: &Arc<Deployment>) {
        if let Some((slot, turnover)) = self.slot_for(deployment) {
            slot.load.taken();
            Turnover::in_a(PUT_OFF_MAX, turnover);
        }
    }

    /// Cancelled when a base snapshot would make starts sooner.
    #[must_use]
    pub fn base_wanted(&self) -> CancellationToken {
        self.ahead.base_wanted()
    }

    /// Here it is: isolates are started ahead from now on.
    pub fn stand_on(&self, base: Arc<Unpacked>) {
        // A second one would be the same.
        let _ = self.host.base.set(base);
        self.replenish();
    }

    /// Starts isolates ahead, unless memory is short.
    pub(super) fn replenish(&self) {
        let bytes: u64 = self.slots.lock().all.values().map(|slot| slot.gauge.total_bytes()).sum();
        if bytes.saturating_add(self.ahead.bytes()) < self.config.memory_bytes_max {
            self.ahead.replenish(&self.host);
        } else {
            self.ahead.clear();
        }
    }

    /// Gives up isolates that have been idle for too long or whose memory is wanted back, and gives the kernel back what
    /// ended ones have left. Call now and then; it may block for some milliseconds.
    pub fn sweep(&self, now: Instant) {
        if self.ended.swap(0, Ordering::Relaxed) > 0 {
            arenas::trim();
        }
        self.quarantine.sweep(now);
        self.host.probation.sweep(now);
        self.replenish();
        let slots = &self.slots.lock().all;
        let views: Vec<SlotView> = slots.values().filter_map(|slot| view(slot, None)).collect();
        let bounds = self.config.bounds(1);
        for id in to_evict(&views, bounds, self.config.idle, now) {
            if let Some(slot) = slots.get(&id) {
                slot.load.evict();
            }
        }
    }

    /// Gives up the isolates of versions that do not serve any more: no new request comes to them.
    pub fn retire_unserved(&self, serves: impl Fn(&Arc<Deployment>) -> bool) {
        for slot in self.slots.lock().all.values().filter(|slot| !slot.load.is_retired()) {
            if !serves(&slot.deployment) {
                slot.load.evict();
            }
        }
    }

    /// Gives up all isolates: each finishes what it has, `waitUntil` work included.
    pub fn retire_all(&self) {
        self.ahead.close();
        for slot in self.slots.lock().all.values() {
            slot.load.evict();
        }
    }

    /// Closes the sockets of all clients, with the isolates they keep: the node goes down.
    pub fn close_sockets(&self) {
        for slot in self.slots.lock().all.values() {
            slot.load.hurry();
        }
    }

    /// Whether no isolate is left that may still end.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.lock().all.values().all(|slot| slot.lost.is_cancelled())
    }

    /// What the pool holds.
    #[must_use]
    pub fn figures(&self) -> PoolFigures {
        let slots = &self.slots.lock().all;
        let idle = slots.values().filter(|slot| slot.load.is_idle()).count();
        PoolFigures {
            idle,
            busy: slots.len() - idle,
            parked: usize::try_from(self.parked.load(Ordering::Relaxed)).unwrap_or(usize::MAX),
            lost_bytes: self.lost_bytes.load(Ordering::Relaxed),
            kept_out: self.quarantine.kept_out(Instant::now()),
            ahead: self.ahead.count(),
            ahead_taken: self.ahead.taken(),
        }
    }

    /// The slot that is to serve, counted as loaded already.
    fn slot_for(&self, deployment: &Arc<Deployment>) -> Option<(Arc<Slot>, Option<Turnover>)> {
        // The thread that asks is the thread that would run it: nobody is nearer, though another processor may be sooner.
        let own = Slot::of_this_thread().filter(|own| Arc::ptr_eq(&own.deployment, deployment) && own.takes_jobs());
        if let Some(own) = own.filter(|own| !own.load.is_crowded() || self.slots_per_version_useful(deployment) <= 1) {
            own.load.sending();
            *own.last_used.lock() = coarse_now();
            return Some((own, None));
        }
        self.slot_among_all(deployment)
    }

    fn slot_among_all(&self, deployment: &Arc<Deployment>) -> Option<(Arc<Slot>, Option<Turnover>)> {
        let mut slots = self.slots.lock();
        let bounds = self.config.bounds(deployment.limits.isolates_per_script_max as usize);
        let serving = slots.serving(deployment);
        let views: Vec<SlotView> = serving.iter().filter_map(|slot| view(slot, Some(deployment))).collect();
        let choice = among_serving(&views, bounds).unwrap_or_else(|| {
            let bounds = Bounds { late: slots.late(deployment), ..bounds };
            let all = slots.all.values().filter_map(|slot| view(slot, Some(deployment)));
            choose(&all.collect::<Vec<_>>(), bounds)
        });
        let (slot, turnover) = self.carry_out(choice, &mut slots, deployment)?;
        // Under the lock: the next who chooses sees it.
        slot.load.sending();
        *slot.last_used.lock() = coarse_now();
        Some((slot, turnover))
    }

    fn carry_out(
        &self,
        choice: Choice,
        slots: &mut Slots,
        deployment: &Arc<Deployment>,
    ) -> Option<(Arc<Slot>, Option<Turnover>)> {
        match choice {
            Choice::Use(id) => slots.all.get(&id).cloned().map(|slot| (slot, None)),
            Choice::Start { evict } => {
                let given_up = evict.and_then(|id| slots.all.get(&id)).cloned();
                let is_crowded = slots.ending() >= ENDING_MAX;
                let room = given_up.as_ref().filter(|_| is_crowded).map(|slot| {
                    slot.load.evict();
                    slot.lost.clone()
                });
                let slot = self.spawn(deployment, room)?;
                slots.insert(&slot);
                Some((slot, Some(Turnover::new(self.own.clone(), given_up))))
            }
            Choice::Refuse => None,
        }
    }

    /// A place for a connection whose requests are for this version, on the thread of a slot that has proved itself. Starts
    /// the version's first isolate, when there is room for it: the first request is about to come.
    pub fn lodging(&self, deployment: &Arc<Deployment>) -> Option<Lodging> {
        let now = Instant::now();
        let mut slots = self.slots.lock();
        let all_serving: Vec<&Arc<Slot>> =
            slots.serving(deployment).iter().filter(|slot| view(slot, None).is_some()).collect();
        let useful = self.slots_per_version_useful(deployment);
        let enough = all_serving.len() >= useful;
        // The oldest: those that a moment's queue has added are left to requests that come without a home.
        let (proved, fresh): (Vec<&Arc<Slot>>, Vec<&Arc<Slot>>) =
            all_serving.into_iter().take(useful).partition(|slot| slot.load.begun() >= SERVED_BEFORE);
        let best = proved.iter().min_by_key(|slot| slot.house.guests()).map(|slot| Arc::clone(slot));
        let is_busy = best.as_ref().or(fresh.first().copied()).map(|slot| slot.house.busy(now) == Busy::Nearly);
        // One that has yet to prove itself gets its chance when those that have are busy.
        let to_prove = is_busy == Some(true) && !fresh.is_empty();
        let wants_more = is_busy.is_none_or(|is_busy| is_busy && !enough);
        let mut turnover = None;
        if wants_more {
            let all = slots.all.values().filter_map(|slot| view(slot, Some(deployment)));
            let views: Vec<SlotView> = all.map(|view| SlotView { serves: false, ..view }).collect();
            let bounds = self.config.bounds(deployment.limits.isolates_per_script_max as usize);
            let bounds = Bounds { late: slots.late(deployment), ..bounds };
            // Nobody is given up for what has not been asked yet.
            if let start @ Choice::Start { evict: None } = choose(&views, bounds) {
                (_, turnover) = self.carry_out(start, &mut slots, deployment)?;
            }
        }
        drop(slots);
        Turnover::in_a(PUT_OFF_MAX, turnover);
        let best = best.filter(|_| !to_prove && deployment.limits.cpu_ms <= CPU_MS_MAX)?;
        let lodgings_full = self.lodging_threads.load(Ordering::Relaxed) >= self.config.slots_max;
        if lodgings_full { None } else { best.house.lodge() }
    }

    /// More isolates than processors make nothing faster.
    fn slots_per_version_useful(&self, deployment: &Deployment) -> usize {
        self.processors.min(deployment.limits.isolates_per_script_max as usize)
    }

    /// Starts a slot: at once, or when there is `room`.
    fn spawn(&self, deployment: &Arc<Deployment>, room: Option<CancellationToken>) -> Option<Arc<Slot>> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let pool = self.own.clone();
        let on_end: OnEnd = Arc::new(move |id: u64, end: SlotEnd| {
            if let Some(pool) = pool.upgrade() {
                pool.ended(id, end);
            }
        });
        let waiting = if room.is_none() { self.ahead.take(deployment) } else { None };
        let occupied =
            waiting.and_then(|blank| blank.occupy(id, Arc::clone(deployment), Arc::clone(&self.host), on_end.clone()));
        if occupied.is_some() {
            return occupied;
        }
        match spawn(id, Arc::clone(deployment), Arc::clone(&self.host), on_end, room) {
            Ok(slot) => Some(slot),
            Err(error) => {
                tracing::error!(%error, "failed to start a slot's thread");
                None
            }
        }
    }
}

/// Slots a request is offered to before it is refused; each refusal means that a slot ended at that very moment.
const TRIES: usize = 4;

/// Isolates that were given up and have not ended yet, past which one more starts only when the one it takes the place of has
/// ended: starts are cheaper than ends, and would outrun them.
const ENDING_MAX: usize = 4;
