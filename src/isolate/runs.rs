//! The runs of one isolate: what each request in flight has been given, has used and still owes.
//!
//! Lives in the isolate's op state, on the slot's thread only. Ops record what the script did; the driver reads it and
//! decides. Holds no policy and calls no JavaScript.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, oneshot};
use tokio_util::sync::CancellationToken;

use super::body::Body;
use super::connection::Connections;
use super::evaluate::shown;
use super::gauge::MemoryGauge;
use super::job::{ConnectionFacts, RunRequest};
use super::loader::SCHEME;
use super::outbox::Writer;
use super::outcome::Outcome;
use super::report::{LogLevel, LogLine, Observer};
use super::request_body::BodyResource;
use super::run_ids::{IdHasher, next_free};
use super::service::{Ending, Invocations, Thrown};
use super::socket::{SocketOffer, Sockets};
use super::trace::{Logged, Trace};
use crate::deployment::Deployment;
use crate::ids::RayId;

/// What the isolate answers a request with.
pub type Answer = Result<http::Response<Body>, Failure>;

/// Why a run has no response from its handler.
#[derive(Debug)]
pub enum Failure {
    /// It ended like this.
    Ended {
        /// How.
        outcome: Outcome,
        /// For the log; never shown to the client.
        detail: String,
    },
    /// It never reached an isolate, or one that was lost with it: nobody will report it.
    Unserved {
        /// How it ended.
        outcome: Outcome,
        /// For the log; never shown to the client.
        detail: String,
    },
    /// It was never begun: here is the request again.
    NotBegun(Box<RunRequest>),
    /// Another run in the same isolate broke a limit, and the isolate was ended.
    Condemned {
        /// The request, when it may be run again: it changed nothing and had sent nothing.
        again: Option<Box<RunRequest>>,
    },
}

/// One request's way through the isolate.
pub struct Run {
    /// Its id, for logs.
    pub ray: RayId,
    /// Where the answer goes; gone once it was given.
    pub reply: Option<oneshot::Sender<Answer>>,
    /// The body of its request.
    pub(super) incoming: Option<Rc<BodyResource>>,
    /// Where the pieces of a streamed body go; gone once it has ended.
    pub body: Option<Writer>,
    /// That body is what a method says to its caller, whose leaving is its end.
    pub is_talk: bool,
    /// Its connection, when it asked to become a WebSocket and has not been answered.
    pub offer: Option<SocketOffer>,
    /// CPU time it has used.
    pub cpu: Duration,
    /// What of that was used before its budget was last made new, and when that was; for runs with a client's socket.
    renewed: Option<(Duration, Instant)>,
    /// Some of it in the entry that runs.
    pub active: bool,
    /// When it began.
    pub began: Instant,
    /// When its response had been handed over whole, so that only `waitUntil` work is left.
    pub responded: Option<Instant>,
    /// Its handler, body and `waitUntil` promises have all settled.
    pub done: bool,
    /// The client has left and the script was told.
    pub aborted: bool,
    /// It may be run again elsewhere: its request has no body and a safe method, and nothing was written.
    pub repeatable: bool,
    /// Its request to be run again; gone once it has an answer.
    pub again: Option<Box<RunRequest>>,
    /// Why nobody waits for it any more.
    pub verdict: Arc<OnceLock<Outcome>>,
    /// How it ended, once that is known.
    pub outcome: Option<Outcome>,
    /// Bytes of log output so far.
    pub log_bytes: u32,
    /// Subrequests so far.
    pub subrequests: u32,
    /// Subrequests that may be open at once.
    pub open_subrequests: OnceCell<Arc<Semaphore>>,
    /// Scripts the request has passed through before this one.
    pub hops: u32,
    /// Runs that the request from downstream has led to; counted from the first call on.
    invocations: OnceCell<Invocations>,
    /// Where an exception goes when the run was called through a service binding.
    pub thrown: Option<Arc<OnceLock<Thrown>>>,
    /// The client's connection, for those it calls.
    pub connection: Option<ConnectionFacts>,
    /// Tells what it began elsewhere that it is over.
    pub ended: Ending,
    /// What a live tail is told of it, when there is one.
    pub trace: Option<Box<Trace>>,
}

impl Run {
    /// How it ended when nobody waits for its answer.
    #[must_use]
    pub fn given_up_as(&self) -> Outcome {
        self.verdict.get().copied().unwrap_or(Outcome::Canceled)
    }

    /// The count of the runs that the request from downstream has led to.
    #[must_use]
    pub fn invocations(&self) -> &Invocations {
        self.invocations.get_or_init(Invocations::default)
    }

    /// CPU time it has used of its budget.
    #[must_use]
    pub fn used(&self) -> Duration {
        self.renewed.map_or(self.cpu, |(before, _)| self.cpu.saturating_sub(before))
    }

    /// Its client has a WebSocket: from now on its budget is renewed with each message that comes.
    pub fn attach(&mut self, now: Instant) {
        self.renewed = Some((self.cpu, now));
    }

    /// Its client's WebSocket has ended; what it still does is like work after a response.
    pub fn detach(&mut self, now: Instant) {
        self.message_came(now);
        self.renewed = self.renewed.map(|(before, _)| (before, now + NEVER));
        self.responded.get_or_insert(now);
    }

    /// A message has come for it.
    pub fn message_came(&mut self, now: Instant) {
        if let Some((before, at)) = &mut self.renewed
            && *at <= now
        {
            (*before, *at) = (self.cpu, now);
        }
    }

    /// Renews the budget of a run with a client's socket when no message has done so for a second: timers send, too.
    pub fn renew(&mut self, now: Instant) {
        if self.renewed.is_some_and(|(_, at)| now.saturating_duration_since(at) >= RENEW_EVERY) {
            self.message_came(now);
        }
    }

    /// When its `waitUntil` work has had its time, or what it goes on with after its client left. A run that has had its
    /// wall time gets a moment to notice that its signal is aborted.
    #[must_use]
    pub fn overdue_at(&self, wait: Duration) -> Option<Instant> {
        let wait = if self.outcome == Some(Outcome::ExceededWallTime) { wait.min(NOTICING) } else { wait };
        self.responded.map(|responded| responded + wait)
    }
}

/// What a run begins with.
pub struct Begun {
    /// Its id, for logs.
    pub ray: RayId,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Answer>,
    /// Why nobody waits for it any more, when that is so.
    pub verdict: Arc<OnceLock<Outcome>>,
    /// Its connection, when it asks to become a WebSocket.
    pub offer: Option<SocketOffer>,
    /// It may be run again elsewhere.
    pub repeatable: bool,
    /// Scripts the request has passed through before this one.
    pub hops: u32,
    /// Runs that the request from downstream has led to, when this is not the first.
    pub invocations: Option<Invocations>,
    /// Where an exception goes when the run was called through a service binding.
    pub thrown: Option<Arc<OnceLock<Thrown>>>,
    /// The client's connection, where it has one.
    pub connection: Option<ConnectionFacts>,
    /// What a live tail is told of it, when there is one.
    pub trace: Option<Box<Trace>>,
}

/// All runs of an isolate and what they share.
pub struct Runs {
    /// The version that runs.
    pub deployment: Arc<Deployment>,
    /// The isolate's memory.
    pub gauge: Arc<MemoryGauge>,
    /// Resolves when the slot's thread is lost for good.
    pub lost: CancellationToken,
    /// Where logs and reports go.
    pub observer: Arc<dyn Observer>,
    /// The handlers the script turned out to have.
    pub handlers: Vec<String>,
    /// Its top level looked at bindings before they were there.
    pub env_read: bool,
    /// Runs in flight by the id JavaScript knows them by; ids start at 1.
    pub in_flight: HashMap<u32, Run, BuildHasherDefault<IdHasher>>,
    /// Their WebSockets.
    pub sockets: Sockets,
    /// Their connections.
    pub(super) connections: Connections,
    /// How many of them have not settled yet.
    pub unsettled: usize,
    /// CPU time of the entry that runs for which nobody has been charged.
    pub(super) unclaimed: Duration,
    /// Reads of KV that did not wait, in this entry into JavaScript.
    pub reads_at_once: u32,
    /// Who has been charged for a part of the entry that runs.
    pub(super) active: Vec<u32>,
    /// Bytes of the traces of the runs in flight.
    pub(super) traced_bytes: usize,
    last_id: u32,
}

/// The shared form in which ops and driver hold it.
pub type SharedRuns = Rc<RefCell<Runs>>;

impl Runs {
    /// No runs yet.
    #[must_use]
    pub fn new(
        deployment: Arc<Deployment>,
        gauge: Arc<MemoryGauge>,
        lost: CancellationToken,
        observer: Arc<dyn Observer>,
    ) -> Self {
        Self {
            deployment,
            gauge,
            lost,
            observer,
            handlers: Vec::new(),
            env_read: false,
            in_flight: HashMap::default(),
            active: Vec::new(),
            sockets: Sockets::default(),
            connections: Connections::default(),
            unsettled: 0,
            unclaimed: Duration::ZERO,
            reads_at_once: 0,
            traced_bytes: 0,
            last_id: 0,
        }
    }

    /// Adds a run and gives the id JavaScript will know it by.
    pub fn begin(&mut self, begun: Begun, now: Instant) -> u32 {
        let Begun { ray, reply, verdict, offer, repeatable, hops, invocations, thrown, connection, trace } = begun;
        self.last_id = next_free(self.last_id, |id| self.in_flight.contains_key(&id));
        let run = Run {
            ray,
            reply: Some(reply),
            incoming: None,
            body: None,
            is_talk: false,
            offer,
            cpu: Duration::ZERO,
            renewed: None,
            active: false,
            began: now,
            responded: None,
            done: false,
            aborted: false,
            repeatable,
            again: None,
            verdict,
            outcome: None,
            log_bytes: 0,
            subrequests: 0,
            open_subrequests: OnceCell::new(),
            hops,
            invocations: invocations.map_or_else(OnceCell::new, OnceCell::from),
            thrown,
            connection,
            ended: Ending::default(),
            trace,
        };
        self.in_flight.insert(self.last_id, run);
        self.unsettled += 1;
        self.last_id
    }

    /// Everything the run began has settled, or will never.
    pub fn settled(&mut self, id: u32) {
        if let Some(run) = self.in_flight.get_mut(&id)
            && !std::mem::replace(&mut run.done, true)
        {
            self.unsettled -= 1;
        }
    }

    /// Gives a run its answer; only the first counts. Says whether somebody took it.
    pub fn answer(&mut self, id: u32, answer: Answer) -> bool {
        let Some(run) = self.in_flight.get_mut(&id) else { return false };
        let Some(reply) = run.reply.take() else { return false };
        // An answer that makes no socket of the connection gives it back.
        (run.offer, run.again) = (None, None);
        if let (Some(trace), Ok(response)) = (&mut run.trace, &answer) {
            trace.status = Some(response.status().as_u16());
        }
        run.outcome = Some(match &answer {
            Ok(_) => Outcome::Ok,
            Err(Failure::Ended { outcome, .. } | Failure::Unserved { outcome, .. }) => *outcome,
            Err(Failure::Condemned { .. } | Failure::NotBegun(_)) => Outcome::Overloaded,
        });
        let told = reply.send(answer).is_ok();
        if !told {
            run.outcome = Some(run.given_up_as());
        }
        told
    }

    /// The run changed something that a second run would change again.
    pub fn note_write(&mut self, id: u32) {
        if let Some(run) = self.in_flight.get_mut(&id) {
            run.repeatable = false;
        }
    }

    /// Writes a line to the log of a run (0: none), cut at the limit.
    pub fn log(&mut self, id: u32, level: LogLevel, message: String) {
        self.log_values(id, level, message, None);
    }

    /// The same with the values that were logged, for a live tail.
    pub fn log_values(&mut self, id: u32, level: LogLevel, mut message: String, logged: Option<Logged>) {
        if message.contains(SCHEME) || message.contains("ext:") {
            message = shown(&message);
        }
        let limit = self.deployment.limits.log_bytes_max;
        let mut ray = None;
        if let Some(run) = self.in_flight.get_mut(&id) {
            ray = Some(run.ray.clone());
            if run.log_bytes >= limit {
                return self.add_to_trace(id, level, None, None);
            }
            let room = (limit - run.log_bytes) as usize;
            run.log_bytes = run.log_bytes.saturating_add(u32::try_from(message.len()).unwrap_or(u32::MAX));
            if message.len() > room {
                message.truncate(message.floor_char_boundary(room));
                message.push_str(CUT);
            }
        } else if message.len() > limit as usize {
            message.truncate(message.floor_char_boundary(limit as usize));
            message.push_str(CUT);
        }
        self.add_to_trace(id, level, Some(&message), logged);
        self.observer.logged(&self.deployment, LogLine { ray, level, message });
    }

    /// Takes a run out that is begun again elsewhere, and reported there.
    pub fn hand_over(&mut self, id: u32) {
        self.settled(id);
        if let Some(trace) = self.in_flight.remove(&id).and_then(|run| run.trace) {
            self.drop_trace(&trace);
        }
        self.observer.repeated(&self.deployment);
    }

    /// Takes a run out and reports it.
    pub fn finish(&mut self, id: u32, now: Instant) {
        self.settled(id);
        self.report(id, now);
        if let Some(run) = self.in_flight.remove(&id) {
            run.incoming.iter().for_each(|body| body.end());
            self.sockets.end_run(id);
            self.connections.end_run(id);
        }
    }
}

/// How often the budget of a run with a client's socket is renewed when no message comes.
const RENEW_EVERY: Duration = Duration::from_secs(1);

/// Later than any run lives.
const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// What the last line of a cut log ends in.
const CUT: &str = "… [log output cut: limit reached]";

/// What a run gets to end by itself after its wall time: its client is answered, its isolate is not to be lost over it.
const NOTICING: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::super::guard::EndReason;
    use super::super::report::Report;
    use super::super::start::{StartError, Startup};
    use super::*;
    use crate::deployment::{Start, TopLevel};
    use crate::ids::{BlobHash, TenantId, VersionId};
    use crate::kv::KvError;
    use crate::limits::Limits;
    use crate::script::Syntax;

    /// Keeps what each run was reported with.
    #[derive(Default)]
    struct Reports(parking_lot::Mutex<Vec<Report>>);

    impl Observer for Reports {
        fn logged(&self, _: &Deployment, _: LogLine) {}
        fn ended(&self, _: &Deployment, report: Report) {
            self.0.lock().push(report);
        }
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

    fn runs(cpu_ms: u32, observer: Arc<dyn Observer>) -> Runs {
        let deployment = Deployment {
            tenant: TenantId::generate(),
            tenant_name: "acme".parse().expect("a label"),
            script: "script".parse().expect("a name"),
            version: VersionId::generate(),
            limits: Arc::new(Limits { cpu_ms, ..Limits::default() }),
            bindings: Vec::new(),
            assets: None,
            syntax: Syntax::Modules,
            code: BlobHash::of(b""),
            start: Start::Plain { reason: String::new() },
            top_level: TopLevel::Heavy,
            created_at: String::new(),
            tag: String::new(),
        };
        Runs::new(Arc::new(deployment), MemoryGauge::new(0), CancellationToken::new(), observer)
    }

    fn begin(runs: &mut Runs, now: Instant) -> u32 {
        let (reply, _) = oneshot::channel();
        let verdict = Arc::new(OnceLock::new());
        let begun = Begun {
            ray: RayId::generate(),
            reply,
            verdict,
            repeatable: true,
            hops: 0,
            invocations: None,
            thrown: None,
            connection: None,
            offer: None,
            trace: None,
        };
        runs.begin(begun, now)
    }

    /// Begins runs when all ids but a few have been given out, and some runs have lasted since.
    #[test]
    fn an_id_that_a_run_still_has_is_not_given_again() {
        let mut runs = runs(50, Arc::new(Reports::default()));
        let now = Instant::now();
        let lasting = [begin(&mut runs, now), begin(&mut runs, now)];
        runs.last_id = u32::MAX - 1;
        let later = [begin(&mut runs, now), begin(&mut runs, now)];
        assert_eq!((lasting, later), ([1, 2], [u32::MAX, 3]));
        assert_eq!(runs.in_flight.len(), 4);
    }

    /// Random entries of random parts against a table: what was used is charged to somebody, to the nanosecond but for
    /// the rounding of shares, and a budget is over exactly when the table says so.
    #[test]
    fn what_is_used_is_charged_and_nothing_else() {
        let seed = 0x5eed_u64;
        let mut state = seed;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let reports = Arc::new(Reports::default());
        let mut runs = runs(50, Arc::clone(&reports) as Arc<dyn Observer>);
        let now = Instant::now();
        let mut model: std::collections::BTreeMap<u32, u64> = std::collections::BTreeMap::new();
        let (mut used, mut shares) = (0, 0);
        for step in 0..5_000 {
            while model.len() < 2 || random(3) == 0 {
                model.insert(begin(&mut runs, now), 0);
            }
            let mut active: Vec<u32> = Vec::new();
            let mut unclaimed = 0;
            for _ in 0..random(4) {
                let ids: Vec<u32> = model.keys().copied().collect();
                let id = if random(3) == 0 { 0 } else { ids[random(ids.len() as u64) as usize] };
                let nanoseconds = random(5_000_000);
                used += nanoseconds;
                let over = runs.charge(id, Duration::from_nanos(nanoseconds));
                match model.get_mut(&id) {
                    None => unclaimed += nanoseconds,
                    Some(cpu) => {
                        *cpu += nanoseconds;
                        active.push(id);
                        assert_eq!(over, *cpu > 50_000_000, "seed {seed:#x}, step {step}");
                    }
                }
            }
            runs.share_unclaimed();
            active.sort_unstable();
            active.dedup();
            if active.is_empty() {
                active = model.keys().copied().collect();
            }
            shares += active.len() as u64;
            for id in &active {
                *model.get_mut(id).expect("is in flight") += unclaimed / active.len() as u64;
            }
            for (id, cpu) in &model {
                assert_eq!(runs.in_flight[id].cpu, Duration::from_nanos(*cpu), "seed {seed:#x}, step {step}");
                let left = Duration::from_nanos(50_000_000_u64.saturating_sub(*cpu));
                assert_eq!(runs.remaining(*id), left, "seed {seed:#x}, step {step}");
            }
            assert_eq!(runs.unsettled, model.len());
            let most = model.values().map(|cpu| 50_000_000_u64.saturating_sub(*cpu)).max().unwrap_or(50_000_000);
            assert_eq!(runs.remaining(0), Duration::from_nanos(most), "seed {seed:#x}, step {step}");
            model.retain(|id, _| {
                let stays = random(4) != 0;
                if !stays {
                    runs.finish(*id, now);
                }
                stays
            });
        }
        for id in model.into_keys() {
            runs.finish(id, now);
        }
        let charged: u64 =
            reports.0.lock().iter().map(|report| u64::try_from(report.cpu.as_nanos()).expect("is small")).sum();
        assert!(charged <= used && used - charged <= shares, "seed {seed:#x}: {charged} of {used}");
    }
}
