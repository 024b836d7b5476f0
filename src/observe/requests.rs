//! Requests counted by tenant, script and outcome, in a bounded number of series.
//!
//! The first `scripts_max` scripts that are seen have series of their own until they are forgotten; the rest is summed
//! under [`OTHER`], so that nobody can fill the node's memory, or the monitoring's, with scripts.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::ids::{NameMap, ScriptName, TenantName};

/// What requests took and how they ended.
#[derive(Debug)]
pub struct Requests {
    series: Arc<Series>,
    duration_seconds: Histogram,
    cpu_seconds: Histogram,
}

impl Requests {
    pub(super) fn register(registry: &mut Registry, scripts_max: usize) -> Self {
        let requests = Self {
            series: Arc::new(Series::new(scripts_max)),
            duration_seconds: Histogram::new(exponential_buckets(0.000_25, 2.0, 19)),
            cpu_seconds: Histogram::new(exponential_buckets(0.000_05, 2.0, 16)),
        };
        registry.register_collector(Box::new(requests.series.clone()));
        registry.register(
            "eyot_request_duration_seconds",
            "Wall time of requests from their head to the end of the response",
            requests.duration_seconds.clone(),
        );
        registry.register(
            "eyot_request_cpu_seconds",
            "CPU time that requests caused on their isolate's thread",
            requests.cpu_seconds.clone(),
        );
        requests
    }

    /// Counts a request that reached a script. `outcome` is one of the words of the contract's outcome table.
    pub fn observe(
        &self,
        tenant: &TenantName,
        script: &ScriptName,
        outcome: &'static str,
        duration: Duration,
        cpu: Duration,
    ) {
        self.series.count(tenant, script, outcome);
        self.duration_seconds.observe(duration.as_secs_f64());
        self.cpu_seconds.observe(cpu.as_secs_f64());
    }

    /// Counts a request that reached no script; its tenant and script labels are empty.
    pub fn observe_unrouted(&self, outcome: &'static str, duration: Duration) {
        self.series.unrouted.count(outcome);
        self.duration_seconds.observe(duration.as_secs_f64());
    }

    /// Drops the series of a script that was deleted, which makes room for another's.
    pub fn forget(&self, tenant: &TenantName, script: &ScriptName) {
        self.series.forget(tenant, script);
    }
}

/// The tenant and script labels of what has no series of its own; no tenant can have this name.
pub const OTHER: &str = "(other)";

#[derive(Debug)]
struct Series {
    scripts_max: usize,
    scripts: RwLock<Scripts>,
    other: Outcomes,
    unrouted: Outcomes,
}

#[derive(Debug, Default)]
struct Scripts {
    by_tenant: NameMap<TenantName, NameMap<ScriptName, Outcomes>>,
    count: usize,
}

/// Counts by outcome, of which there are about ten.
#[derive(Debug, Default)]
struct Outcomes(Mutex<Vec<(&'static str, u64)>>);

impl Series {
    fn new(scripts_max: usize) -> Self {
        let scripts = RwLock::new(Scripts::default());
        Self { scripts_max, scripts, other: Outcomes::default(), unrouted: Outcomes::default() }
    }

    fn count(&self, tenant: &TenantName, script: &ScriptName, outcome: &'static str) {
        if let Some(outcomes) = self.scripts.read().find(tenant, script) {
            outcomes.count(outcome);
            return;
        }
        let mut scripts = self.scripts.write();
        if let Some(outcomes) = scripts.find(tenant, script) {
            outcomes.count(outcome);
        } else if scripts.count < self.scripts_max {
            scripts.count += 1;
            let of_tenant = scripts.by_tenant.entry(tenant.clone()).or_default();
            of_tenant.entry(script.clone()).or_default().count(outcome);
        } else {
            self.other.count(outcome);
        }
    }

    fn forget(&self, tenant: &TenantName, script: &ScriptName) {
        let mut scripts = self.scripts.write();
        let Some(of_tenant) = scripts.by_tenant.get_mut(tenant) else { return };
        let forgotten = usize::from(of_tenant.remove(script).is_some());
        if of_tenant.is_empty() {
            scripts.by_tenant.remove(tenant);
        }
        scripts.count -= forgotten;
    }
}

impl Scripts {
    fn find(&self, tenant: &TenantName, script: &ScriptName) -> Option<&Outcomes> {
        self.by_tenant.get(tenant)?.get(script)
    }
}

impl Outcomes {
    fn count(&self, outcome: &'static str) {
        let mut counts = self.0.lock();
        match counts.iter_mut().find(|(name, _)| *name == outcome) {
            Some((_, count)) => *count += 1,
            None => counts.push((outcome, 1)),
        }
    }

    fn encode(&self, encoder: &mut MetricEncoder<'_>, tenant: &str, script: &str) -> fmt::Result {
        for (outcome, count) in &*self.0.lock() {
            let labels = [("tenant", tenant), ("script", script), ("outcome", outcome)];
            encoder.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(count, None)?;
        }
        Ok(())
    }
}

impl Collector for Series {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Requests by how they ended.";
        let mut metric = encoder.encode_descriptor("eyot_requests", help, None, MetricType::Counter)?;
        for (tenant, scripts) in &self.scripts.read().by_tenant {
            for (script, outcomes) in scripts {
                outcomes.encode(&mut metric, tenant.as_str(), script.as_str())?;
            }
        }
        self.other.encode(&mut metric, OTHER, OTHER)?;
        self.unrouted.encode(&mut metric, "", "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(registry: &Registry) -> String {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, registry).expect("encodes");
        text
    }

    /// Three scripts share room for two; one is forgotten and the third gets its room.
    #[test]
    fn scripts_without_a_series_are_summed() {
        let mut registry = Registry::default();
        let requests = Requests::register(&mut registry, 2);
        let tenant: TenantName = "demo".parse().expect("a name");
        let scripts = ["a", "b", "c"].map(|name| name.parse::<ScriptName>().expect("a name"));
        let observe = |script: &ScriptName, outcome| {
            requests.observe(&tenant, script, outcome, Duration::from_millis(2), Duration::from_millis(1));
        };
        scripts.iter().for_each(|script| observe(script, "ok"));
        observe(&scripts[0], "ok");
        observe(&scripts[2], "exception");
        requests.observe_unrouted("scriptNotFound", Duration::ZERO);
        let shown = text(&registry);
        for line in [
            r#"eyot_requests_total{tenant="demo",script="a",outcome="ok"} 2"#,
            r#"eyot_requests_total{tenant="demo",script="b",outcome="ok"} 1"#,
            r#"eyot_requests_total{tenant="(other)",script="(other)",outcome="ok"} 1"#,
            r#"eyot_requests_total{tenant="(other)",script="(other)",outcome="exception"} 1"#,
            r#"eyot_requests_total{tenant="",script="",outcome="scriptNotFound"} 1"#,
            "eyot_request_duration_seconds_count 6",
            "eyot_request_cpu_seconds_count 5",
        ] {
            assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
        }
        requests.forget(&tenant, &scripts[0]);
        requests.forget(&tenant, &scripts[0]);
        observe(&scripts[2], "ok");
        let shown = text(&registry);
        assert!(!shown.contains(r#"script="a""#) && shown.contains(r#"script="c",outcome="ok"} 1"#), "{shown}");
    }
}
