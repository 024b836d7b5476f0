//! Metrics: what a node counts, and the text that monitoring reads.
//!
//! Every field of [`Metrics`] is one thing that is measured, named as it reads at the call site. Counting never blocks
//! for long and never fails. Knows nothing of who counts.

use std::time::Duration;

use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::process::Process;
pub use super::requests::{OTHER, Requests};

/// Everything a node measures; shared in an `Arc`.
#[derive(Debug)]
pub struct Metrics {
    /// Requests: how they ended and what they took.
    pub requests: Requests,
    /// Isolates that exist, by state.
    pub isolates: Isolates,
    /// Isolates started.
    pub isolate_starts: IsolateStarts,
    /// Requests begun again on another isolate because a neighbour in theirs broke a limit.
    pub repeats: Repeats,
    /// Isolates terminated, by reason.
    pub isolate_terminations: IsolateTerminations,
    /// Isolates that wait for a version.
    pub ahead: IsolatesAhead,
    /// Memory that parked threads keep, in bytes.
    pub lost_memory: LostMemory,
    /// Scripts in quarantine.
    pub quarantined: Quarantined,
    /// KV operations.
    pub kv: KvOperations,
    /// Downstream connections open.
    pub connections: Connections,
    registry: Registry,
}

/// Isolates that exist, by state.
#[derive(Debug)]
pub struct Isolates(Family<Labels<1>, Gauge>);

/// Isolates started, by kind and result.
#[derive(Debug)]
pub struct IsolateStarts {
    starts: Family<Labels<2>, Counter>,
    seconds: Family<Labels<1>, Histogram, fn() -> Histogram>,
}

/// Requests begun again on another isolate.
#[derive(Debug)]
pub struct Repeats(Counter);

/// Isolates terminated, by reason.
#[derive(Debug)]
pub struct IsolateTerminations(Family<Labels<1>, Counter>);

/// Isolates that wait for a version, and those that one was given to.
#[derive(Debug)]
pub struct IsolatesAhead {
    waiting: Gauge,
    taken: Gauge,
}

/// Memory that parked threads keep.
#[derive(Debug)]
pub struct LostMemory(Gauge);

/// Scripts in quarantine.
#[derive(Debug)]
pub struct Quarantined(Gauge);

/// KV operations, by operation and result.
#[derive(Debug)]
pub struct KvOperations(Family<Labels<2>, Counter>);

/// Downstream connections open.
#[derive(Debug)]
pub struct Connections(Gauge);

impl Metrics {
    /// Metrics that start at zero, with request series of their own for at most so many scripts.
    #[must_use]
    pub fn new(scripts_max: usize) -> Self {
        let mut registry = Registry::default();
        let requests = Requests::register(&mut registry, scripts_max);
        let isolates = Isolates(Family::default());
        registry.register("eyot_isolates", "Isolates by state", isolates.0.clone());
        let isolate_starts =
            IsolateStarts { starts: Family::default(), seconds: Family::new_with_constructor(start_seconds) };
        registry.register("eyot_isolate_starts", "Isolates started", isolate_starts.starts.clone());
        registry.register(
            "eyot_isolate_start_seconds",
            "Time from asking for an isolate until it can run",
            isolate_starts.seconds.clone(),
        );
        let repeats = Repeats(Counter::default());
        registry.register("eyot_requests_repeated", "Requests begun again on another isolate", repeats.0.clone());
        let isolate_terminations = IsolateTerminations(Family::default());
        registry.register("eyot_isolate_terminations", "Isolates terminated", isolate_terminations.0.clone());
        let ahead = IsolatesAhead { waiting: Gauge::default(), taken: Gauge::default() };
        registry.register("eyot_isolates_ahead", "Isolates that wait for a version", ahead.waiting.clone());
        let taken = "Isolates that waited and were given to a version, so far";
        registry.register("eyot_isolates_ahead_taken", taken, ahead.taken.clone());
        let lost_memory = LostMemory(Gauge::default());
        registry.register("eyot_lost_memory_bytes", "Memory that parked threads keep", lost_memory.0.clone());
        let quarantined = Quarantined(Gauge::default());
        registry.register("eyot_quarantined_scripts", "Scripts in quarantine", quarantined.0.clone());
        let kv = KvOperations(Family::default());
        registry.register("eyot_kv_operations", "KV operations", kv.0.clone());
        let connections = Connections(Gauge::default());
        registry.register("eyot_connections", "Downstream connections open", connections.0.clone());
        registry.register_collector(Box::new(Process));
        Self {
            requests,
            isolates,
            isolate_starts,
            repeats,
            isolate_terminations,
            ahead,
            lost_memory,
            quarantined,
            kv,
            connections,
            registry,
        }
    }

    /// Everything as text, to be served as [`CONTENT_TYPE`].
    #[must_use]
    pub fn encode(&self) -> String {
        let mut encoded = String::new();
        text::encode(&mut encoded, &self.registry).expect("writing to a String does not fail");
        encoded
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new(SCRIPTS_MAX)
    }
}

impl Isolates {
    /// Sets how many isolates are in this state.
    pub fn set(&self, state: &'static str, count: usize) {
        self.0.get_or_create(&[("state", state)]).set(i64::try_from(count).unwrap_or(i64::MAX));
    }
}

impl IsolateStarts {
    /// Counts a start: `kind` is `snapshot` or `plain`, `result` is `ok` or why it failed.
    pub fn observe(&self, kind: &'static str, result: &'static str, duration: Duration) {
        self.starts.get_or_create(&[("kind", kind), ("result", result)]).inc();
        self.seconds.get_or_create(&[("kind", kind)]).observe(duration.as_secs_f64());
    }
}

impl Repeats {
    /// Counts one.
    pub fn count(&self) {
        self.0.inc();
    }
}

impl IsolatesAhead {
    /// Sets how many wait, and how many were given to a version so far.
    pub fn set(&self, waiting: usize, taken: u64) {
        self.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        self.taken.set(i64::try_from(taken).unwrap_or(i64::MAX));
    }
}

impl LostMemory {
    /// Sets how much there is.
    pub fn set(&self, bytes: u64) {
        self.0.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }
}

impl Quarantined {
    /// Sets how many there are.
    pub fn set(&self, scripts: usize) {
        self.0.set(i64::try_from(scripts).unwrap_or(i64::MAX));
    }
}

impl IsolateTerminations {
    /// Counts a termination.
    pub fn count(&self, reason: &'static str) {
        self.0.get_or_create(&[("reason", reason)]).inc();
    }
}

impl KvOperations {
    /// Counts an operation: `op` is `read`, `write`, `delete` or `list`, `result` is `ok` or whose fault it was.
    pub fn count(&self, op: &'static str, result: &'static str) {
        self.0.get_or_create(&[("op", op), ("result", result)]).inc();
    }
}

impl Connections {
    /// Sets how many connections are open.
    pub fn set(&self, count: u64) {
        self.0.set(i64::try_from(count).unwrap_or(i64::MAX));
    }
}

/// Label names and values, all of them fixed words.
type Labels<const N: usize> = [(&'static str, &'static str); N];

fn start_seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_25, 2.0, 14))
}

/// The media type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Scripts with request series of their own, unless the configuration says otherwise.
pub const SCRIPTS_MAX: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// Uses every metric once and reads the names that the contract lists.
    #[test]
    fn every_metric_of_the_contract_is_there() {
        let metrics = Metrics::default();
        let (tenant, script) = ("demo".parse().expect("a name"), "hello".parse().expect("a name"));
        metrics.requests.observe(&tenant, &script, "ok", Duration::from_millis(3), Duration::from_millis(1));
        metrics.isolates.set("warm", 1);
        metrics.isolate_starts.observe("snapshot", "ok", Duration::from_millis(2));
        metrics.isolate_terminations.count("exceededCpu");
        metrics.kv.count("read", "ok");
        metrics.connections.set(1);
        let text = metrics.encode();
        for line in [
            r#"eyot_requests_total{tenant="demo",script="hello",outcome="ok"} 1"#,
            "eyot_request_duration_seconds_sum 0.003",
            "eyot_request_cpu_seconds_sum 0.001",
            r#"eyot_isolates{state="warm"} 1"#,
            r#"eyot_isolate_starts_total{kind="snapshot",result="ok"} 1"#,
            r#"eyot_isolate_start_seconds_count{kind="snapshot"} 1"#,
            r#"eyot_isolate_terminations_total{reason="exceededCpu"} 1"#,
            r#"eyot_kv_operations_total{op="read",result="ok"} 1"#,
            "eyot_connections 1",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
        }
        for name in ["process_cpu_seconds_total ", "process_resident_memory_bytes ", "process_open_fds "] {
            let value = text.lines().find_map(|line| line.strip_prefix(name)).expect(name);
            assert!(value.parse::<f64>().expect("a number") >= 0.0);
        }
        assert!(text.ends_with("# EOF\n"));
        metrics.isolates.set("warm", 0);
        metrics.connections.set(0);
        let text = metrics.encode();
        assert!(text.contains("eyot_isolates{state=\"warm\"} 0") && text.contains("eyot_connections 0"));
    }
}
