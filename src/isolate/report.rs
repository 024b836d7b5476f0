//! What an isolate reports of its runs, and to whom: log lines, outcomes, starts and ends.
//!
//! What becomes of a report is [`Observer`]'s.

use std::time::{Duration, Instant};

use super::guard::EndReason;
use super::outcome::Outcome;
use super::runs::Runs;
use super::start::{StartError, Startup};
use super::trace::Trace;
use crate::deployment::Deployment;
use crate::ids::RayId;
use crate::kv::KvError;

/// Where logs and reports go.
pub trait Observer: Send + Sync {
    /// A script wrote a line, or an uncaught exception did.
    fn logged(&self, deployment: &Deployment, line: LogLine);

    /// A run has ended, `waitUntil` work included.
    fn ended(&self, deployment: &Deployment, report: Report);

    /// A run was ended by another one's doing and is begun again elsewhere.
    fn repeated(&self, deployment: &Deployment);

    /// An isolate has started, or failed to.
    fn started(&self, deployment: &Deployment, started: Result<Startup, &StartError>);

    /// A script used a KV namespace: `get`, `put`, `delete` or `list`.
    fn kv_operation(&self, deployment: &Deployment, operation: &'static str, result: Result<(), &KvError>);

    /// An isolate was ended for breaking a limit, its thread parked or not.
    fn terminated(&self, deployment: &Deployment, reason: EndReason);

    /// CPU time that no run's report has, because the thread was parked.
    fn unreported(&self, deployment: &Deployment, cpu: Duration);

    /// Whether somebody watches this script live; asked for every run, so it must cost next to nothing.
    fn is_watched(&self, deployment: &Deployment) -> bool;

    /// A run that was watched from its beginning has ended.
    fn traced(&self, deployment: &Deployment, trace: Trace);
}

/// A line of a script's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The request it belongs to; none at the top level.
    pub ray: Option<RayId>,
    /// How loud.
    pub level: LogLevel,
    /// The text, without a line feed at its end.
    pub message: String,
}

/// How loud a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// `console.debug`.
    Debug,
    /// `console.log`, `console.info`.
    Log,
    /// `console.warn`.
    Warn,
    /// `console.error`.
    Error,
    /// An exception nobody caught.
    Uncaught,
}

/// What a run amounted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its id.
    pub ray: RayId,
    /// How it ended.
    pub outcome: Outcome,
    /// CPU time used.
    pub cpu: Duration,
    /// From its start in the isolate to its end.
    pub wall: Duration,
    /// Outgoing subrequests.
    pub subrequests: u32,
}

impl Runs {
    /// Says how a run has ended.
    pub(super) fn report(&mut self, id: u32, now: Instant) {
        let Some(run) = self.in_flight.get_mut(&id) else { return };
        let report = Report {
            ray: run.ray.clone(),
            outcome: run.outcome.unwrap_or(Outcome::Canceled),
            cpu: run.cpu,
            wall: now.saturating_duration_since(run.began),
            subrequests: run.subrequests,
        };
        if let Some(trace) = run.trace.take() {
            self.deliver(trace, &report);
        }
        self.observer.ended(&self.deployment, report);
    }
}
