//! The report: medians over rounds, spreads, ratios; as Markdown for people and as JSON for the next run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::repository;
use crate::load::Seen;
use crate::machine;
use crate::servers::Peer;

/// One measurement of one server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figure {
    per_second: f64,
    cpu_us: f64,
    p50_us: f64,
    p99_us: f64,
}

impl Figure {
    pub(crate) fn of(mut seen: Seen, cpu: Duration) -> Self {
        let count = seen.took.len().max(1) as f64;
        seen.took.sort_unstable();
        Self {
            per_second: count / seen.elapsed.as_secs_f64(),
            cpu_us: cpu.as_secs_f64() * 1e6 / count,
            p50_us: quantile(&seen.took, 50).as_secs_f64() * 1e6,
            p99_us: quantile(&seen.took, 99).as_secs_f64() * 1e6,
        }
    }
}

/// What stands below which part of the sorted times.
pub(crate) fn quantile(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get(sorted.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
}

/// Everything measured, in the order it was.
#[derive(Default)]
pub(crate) struct Report {
    cases: Vec<Case>,
    values: Vec<(String, String)>,
    ratios: BTreeMap<String, f64>,
    raw: serde_json::Map<String, Value>,
}

struct Case {
    name: String,
    peers: Vec<(String, Summary)>,
}

#[derive(Clone, Copy)]
struct Summary {
    median: Figure,
    /// From the least to the greatest CPU per request, relative to the median.
    spread: f64,
}

impl Report {
    /// Adds the rounds of one server in one case.
    pub(crate) fn add(&mut self, case: &str, peer: &str, figures: &[Figure]) {
        let median = |of: fn(&Figure) -> f64| middle(figures.iter().map(of).collect());
        let least = figures.iter().map(|figure| figure.cpu_us).fold(f64::INFINITY, f64::min);
        let greatest = figures.iter().map(|figure| figure.cpu_us).fold(0.0, f64::max);
        let median = Figure {
            per_second: median(|figure| figure.per_second),
            cpu_us: median(|figure| figure.cpu_us),
            p50_us: median(|figure| figure.p50_us),
            p99_us: median(|figure| figure.p99_us),
        };
        let summary = Summary { median, spread: (greatest - least) / median.cpu_us.max(f64::MIN_POSITIVE) };
        self.raw.insert(
            format!("{case} / {peer}"),
            json!({ "per_second": median.per_second.round(), "cpu_us": round(median.cpu_us), "p50_us": round(median.p50_us),
                "p99_us": round(median.p99_us), "spread": round(summary.spread) }),
        );
        if self.cases.last().is_none_or(|last| last.name != case) {
            self.cases.push(Case { name: case.to_owned(), peers: Vec::new() });
        }
        let Some(last) = self.cases.last_mut() else { return };
        if peer == "eyot" {
            for (other, theirs) in &last.peers {
                // More is better: how much of the other's CPU per request we need, turned over.
                self.ratios.insert(format!("{case}: {other}'s CPU over ours"), theirs.median.cpu_us / median.cpu_us);
            }
        }
        last.peers.push((peer.to_owned(), summary));
    }

    /// Adds times that are a figure by themselves.
    pub(crate) fn times(&mut self, name: &str, times: &[Duration]) {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        let ms = |percent| quantile(&sorted, percent).as_secs_f64() * 1e3;
        self.raw.insert(name.to_owned(), json!({ "p50_ms": round(ms(50)), "p99_ms": round(ms(99)) }));
        self.values.push((name.to_owned(), format!("p50 {:.2} ms, p99 {:.2} ms", ms(50), ms(99))));
    }

    /// Adds a single figure.
    pub(crate) fn value(&mut self, name: &str, peer: &str, value: f64, unit: &str) {
        self.raw.insert(format!("{name} / {peer}"), json!({ "value": round(value), "unit": unit }));
        self.values.push((format!("{name}, {peer}"), format!("{value:.2} {unit}")));
    }

    /// The tables.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("On {}, by `make bench`:\n", machine::description());
        if !self.cases.is_empty() {
            text.push_str("\n| case | server | requests/s | CPU each | spread | p50 | p99 | Eyot's CPU over its |\n");
            text.push_str("|---|---|---|---|---|---|---|---|\n");
        }
        for case in &self.cases {
            let ours = case.peers.iter().find(|(peer, _)| peer == "eyot").map(|(_, ours)| ours.median.cpu_us);
            for (at, (peer, Summary { median, spread })) in case.peers.iter().enumerate() {
                let name = if at == 0 { case.name.as_str() } else { "" };
                let ratio = ours.filter(|_| peer != "eyot").map(|ours| format!("{:.2}", ours / median.cpu_us));
                writeln!(
                    text,
                    "| {name} | {peer} | {:.0} | {:.1} µs | {:.0} % | {:.0} µs | {:.0} µs | {} |",
                    median.per_second,
                    median.cpu_us,
                    spread * 100.0,
                    median.p50_us,
                    median.p99_us,
                    ratio.unwrap_or_default()
                )
                .expect("a string takes text");
            }
        }
        self.write_values(&mut text);
        text
    }

    /// The same for the next run.
    pub(crate) fn json(&self) -> String {
        let ratios: serde_json::Map<String, Value> =
            self.ratios.iter().map(|(name, ratio)| (name.clone(), json!(round(*ratio)))).collect();
        let all = json!({ "machine": machine::description(), "ratios": ratios, "figures": self.raw });
        format!("{}\n", serde_json::to_string_pretty(&all).expect("a report is JSON"))
    }

    /// What the README has room for: one line a case, requests of each server's CPU second, and the single figures.
    pub(crate) fn summary(&self) -> String {
        let mut text = format!("On {}, by `make bench ARGS=--publish`:\n", machine::description());
        text.push_str("\n| requests for each second of the server's CPU | bare hyper | Deno | workerd | Eyot |\n|---|---|---|---|---|\n");
        for case in &self.cases {
            let of = |peer: Peer| {
                let found = case.peers.iter().find(|(name, _)| name == peer.name());
                found.map_or_else(String::new, |(_, found)| format!("{:.0}", 1e6 / found.median.cpu_us))
            };
            let [bare, deno, workerd, eyot] = Peer::ALL.map(of);
            writeln!(text, "| {} | {bare} | {deno} | {workerd} | {eyot} |", case.name).expect("a string takes text");
        }
        self.write_values(&mut text);
        text
    }

    fn write_values(&self, text: &mut String) {
        if !self.values.is_empty() {
            text.push_str("\n| what | |\n|---|---|\n");
        }
        for (name, value) in &self.values {
            writeln!(text, "| {name} | {value} |").expect("a string takes text");
        }
    }

    /// Ratios that are worse than the stored ones by more than is noise.
    pub(crate) fn fallen(&self, stored: &Path) -> Vec<String> {
        let stored = std::fs::read_to_string(stored).expect("reads the stored report");
        let stored: Value = serde_json::from_str(&stored).expect("a stored report is JSON");
        let least = 1.0 - f64::from(FALL_PERCENT) / 100.0;
        let fallen = self.ratios.iter().filter_map(|(name, ratio)| {
            let before = stored["ratios"][name].as_f64()?;
            (*ratio < before * least).then(|| format!("{name} ({before:.2}, now {ratio:.2})"))
        });
        fallen.collect()
    }
}

/// Replaces what stands between the marks of one of the repository's files.
pub(crate) fn put_into(file: &str, text: &str) {
    let path = repository().join(file);
    let old = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("read {file}: {error}"));
    let (before, rest) = old.split_once(BEGIN).unwrap_or_else(|| panic!("{file} has no mark"));
    let (_, after) = rest.split_once(END).unwrap_or_else(|| panic!("{file} has no mark"));
    std::fs::write(&path, format!("{before}{BEGIN}\n{text}{END}{after}")).expect("writes the file");
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn round(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

/// How far a ratio may fall before it has fallen.
pub(crate) const FALL_PERCENT: u32 = 10;

const BEGIN: &str = "<!-- bench:begin -->";
const END: &str = "<!-- bench:end -->";
