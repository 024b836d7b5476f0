//! Telemetry: what runs and requests report becomes metrics, log lines, live tails and what `eyot dev` shows.
//!
//! Each request is counted once: by the isolate that ran it, or, when none did, by dispatch. Knows nothing of where
//! metrics are scraped or logs are kept.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;

use crate::deployment::Deployment;
use crate::isolate::{
    EndReason, Fault, LogLevel, LogLine, Observer, Outcome, PoolFigures, Report, StartError, Startup, Trace,
};
use crate::kv::{self, KvError};
use crate::observe::metrics::Metrics;
use crate::observe::usage::{Tally, Usage};
use crate::tails::Tails;

/// Takes every report of the node.
pub struct Telemetry {
    metrics: Metrics,
    usage: Tally,
    lines: broadcast::Sender<ScriptLine>,
    tails: Arc<Tails>,
}

/// A log line and the script that wrote it.
#[derive(Debug, Clone)]
pub struct ScriptLine {
    /// The tenant's label.
    pub tenant: String,
    /// The script.
    pub script: String,
    /// The line.
    pub line: LogLine,
}

impl Telemetry {
    /// Reports go to `metrics` and the log.
    #[must_use]
    pub fn new(metrics: Metrics) -> Self {
        let lines = broadcast::channel(LINES_KEPT).0;
        Self { metrics, usage: Tally::default(), lines, tails: Arc::default() }
    }

    /// Who watches scripts live.
    #[must_use]
    pub fn tails(&self) -> &Arc<Tails> {
        &self.tails
    }

    /// The scripts' log lines from now on; a reader that is slower than they come misses some.
    #[must_use]
    pub fn lines(&self) -> broadcast::Receiver<ScriptLine> {
        self.lines.subscribe()
    }

    /// The metrics as text, with the pool and the connections as they are now.
    #[must_use]
    pub fn scrape(&self, pool: PoolFigures, connections_open: u64) -> String {
        self.metrics.isolates.set("idle", pool.idle);
        self.metrics.isolates.set("busy", pool.busy);
        self.metrics.isolates.set("parked", pool.parked);
        self.metrics.ahead.set(pool.ahead, pool.ahead_taken);
        self.metrics.lost_memory.set(pool.lost_bytes);
        self.metrics.quarantined.set(pool.kept_out);
        self.metrics.connections.set(connections_open);
        self.metrics.encode()
    }

    /// The metrics themselves.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// A request that reached no script.
    pub fn unrouted(&self, outcome: Outcome, duration: Duration) {
        self.metrics.requests.observe_unrouted(outcome.as_str(), duration);
    }

    /// A request that reached a script and no isolate, or one that will not report.
    pub fn unserved(&self, deployment: &Deployment, outcome: Outcome, duration: Duration) {
        let Deployment { tenant, tenant_name, script, .. } = deployment;
        self.metrics.requests.observe(tenant_name, script, outcome.as_str(), duration, Duration::ZERO);
        self.usage.add(tenant, script, Usage { requests: 1, ..Usage::default() });
    }

    /// Bodies that went through a script, counted when both are over.
    pub fn transferred(&self, deployment: &Deployment, bytes_in: u64, bytes_out: u64) {
        let used = Usage { bytes_in, bytes_out, ..Usage::default() };
        self.usage.add(&deployment.tenant, &deployment.script, used);
    }

    /// What scripts have used since the sums were last taken.
    #[must_use]
    pub fn usage(&self) -> &Tally {
        &self.usage
    }
}

impl Observer for Telemetry {
    fn logged(&self, deployment: &Deployment, line: LogLine) {
        let (tenant, script) = (deployment.tenant_name.as_str(), deployment.script.as_str());
        let ray = line.ray.as_ref().map_or("-", |ray| ray.as_str());
        match line.level {
            LogLevel::Debug => tracing::debug!(target: "script", tenant, script, ray, "{}", line.message),
            LogLevel::Log => tracing::info!(target: "script", tenant, script, ray, "{}", line.message),
            LogLevel::Warn => tracing::warn!(target: "script", tenant, script, ray, "{}", line.message),
            LogLevel::Error | LogLevel::Uncaught => {
                tracing::error!(target: "script", tenant, script, ray, "{}", line.message);
            }
        }
        // Nobody may be listening.
        let _ = self.lines.send(ScriptLine { tenant: tenant.to_owned(), script: script.to_owned(), line });
    }

    fn ended(&self, deployment: &Deployment, report: Report) {
        let Deployment { tenant, tenant_name, script, limits, .. } = deployment;
        let Report { ray, outcome, cpu, wall, subrequests } = report;
        self.metrics.requests.observe(tenant_name, script, outcome.as_str(), wall, cpu);
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let (cpu_us, wall_us) = (micros(cpu), micros(wall));
        let mib_us = wall_us.saturating_mul(limits.memory_bytes_max >> 20);
        self.usage.add(tenant, script, Usage { requests: 1, cpu_us, wall_us, mib_us, ..Usage::default() });
        let outcome_text = outcome.as_str();
        match outcome.fault() {
            Fault::Platform => {
                tracing::warn!(tenant = %tenant_name, %script, %ray, outcome = outcome_text, cpu_us, subrequests, "request ended");
            }
            Fault::None | Fault::Client | Fault::Tenant => {
                tracing::debug!(tenant = %tenant_name, %script, %ray, outcome = outcome_text, cpu_us, subrequests, "request ended");
            }
        }
    }

    fn repeated(&self, _deployment: &Deployment) {
        self.metrics.repeats.count();
    }

    fn started(&self, deployment: &Deployment, started: Result<Startup, &StartError>) {
        match started {
            Ok(Startup { kind, took }) => self.metrics.isolate_starts.observe(kind, "ok", took),
            Err(error) => {
                let Deployment { tenant_name, script, .. } = deployment;
                self.metrics.isolate_starts.observe("none", "failed", Duration::ZERO);
                tracing::warn!(tenant = %tenant_name, %script, detail = error.detail, "isolate did not start");
            }
        }
    }

    fn kv_operation(&self, deployment: &Deployment, operation: &'static str, result: Result<(), &KvError>) {
        let text = match result {
            Ok(()) => "ok",
            Err(error) => match error.fault() {
                kv::Fault::Tenant => "refused",
                kv::Fault::Platform => {
                    tracing::warn!(tenant = %deployment.tenant_name, operation, %error, "failed to serve KV");
                    "failed"
                }
            },
        };
        self.metrics.kv.count(operation, text);
        let mut used = Usage::default();
        match operation {
            "get" => used.kv_reads = 1,
            "put" => used.kv_writes = 1,
            "delete" => used.kv_deletes = 1,
            _ => used.kv_lists = 1,
        }
        self.usage.add(&deployment.tenant, &deployment.script, used);
    }

    fn terminated(&self, deployment: &Deployment, reason: EndReason) {
        let reason = match reason {
            EndReason::Cpu => "cpu",
            EndReason::Memory => "memory",
        };
        self.metrics.isolate_terminations.count(reason);
        tracing::info!(tenant = %deployment.tenant_name, script = %deployment.script, reason, "isolate terminated");
    }

    fn unreported(&self, deployment: &Deployment, cpu: Duration) {
        let cpu_us = u64::try_from(cpu.as_micros()).unwrap_or(u64::MAX);
        self.usage.add(&deployment.tenant, &deployment.script, Usage { cpu_us, ..Usage::default() });
    }

    fn is_watched(&self, deployment: &Deployment) -> bool {
        self.tails.is_watched(deployment)
    }

    fn traced(&self, deployment: &Deployment, trace: Trace) {
        self.tails.deliver(deployment, &trace);
    }
}

/// Lines a slow reader may fall behind.
const LINES_KEPT: usize = 1_024;
