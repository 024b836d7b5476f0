//! Promise: every script of the attack corpus ends as its first line says, in the same process, and a neighbour never notices.
//!
//! The first line of each file in `tests/fixtures/attacks/` is `// expects OUTCOME [or OUTCOME ...][, with LIMIT N]`, where an
//! outcome is `ok BODY`, `exception`, `exceededCpu`, `exceededMemory`, `exceededWallTime` or, of an upload, `refused CODE`.
//! A file of the same name that ends in `.wasm.hex` is uploaded beside a script as `attack.wasm`; `EYOT_ATTACKS=PREFIX` runs
//! the scripts whose name, `FAMILY-FILE`, begins so. `make attacks` runs this on a release build and writes the table of the README.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt as _, stream};
use serde_json::{Map, Value};

use crate::harness::{
    AMPLE_WALL_MS, Neighbour, Node, Options, PATIENCE, Tenant, Upload, measuring, publish, repository, until,
};

/// Family by family: uploads and asks, a few at a time, beside a neighbour that is asked all the while.
#[tokio::test]
async fn every_attack_ends_as_stated_and_costs_its_own_script_only() {
    let attacks = corpus();
    if std::env::var_os("EYOT_ATTACKS").is_none() {
        assert!(attacks.values().map(Vec::len).sum::<usize>() >= 60, "{:?}", attacks.keys());
        assert!(attacks.len() >= 6, "{:?}", attacks.keys());
    }
    // A node that begins anew would forget what it has counted.
    let config = "[isolates]\nlost_memory_bytes_max = 1099511627776\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let process = node.pid();
    let neighbour = Neighbour::start(&node).await;
    let (quiet_answers, at_once) = if measuring() { (QUIET_ANSWERS * 20, 1) } else { (QUIET_ANSWERS, AT_ONCE) };
    neighbour.answers(quiet_answers).await;
    let quiet = neighbour.take_latencies();
    let (mut wrong, mut slow) = (Vec::new(), Vec::new());
    let mut table = format!(
        "| family | scripts | outcomes | neighbour p50 / p99, ms | p99 to quiet |\n|---|---|---|---|---|\n\
         | (quiet) | | | {quiet} | |\n"
    );
    for (family, scripts) in &attacks {
        let runs = stream::iter(scripts).map(|attack| attack.run(&node)).buffer_unordered(at_once);
        let endings: Vec<Result<String, String>> = runs.collect().await;
        wrong.extend(endings.iter().filter_map(|ending| ending.as_ref().err().cloned()));
        let mut outcomes = BTreeMap::<&str, usize>::new();
        for ending in endings.iter().flatten() {
            *outcomes.entry(ending.split(' ').next().unwrap_or_default()).or_default() += 1;
        }
        let outcomes: Vec<String> = outcomes.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
        let attacked = neighbour.take_latencies();
        let times = attacked.percentile_ms(99) / quiet.percentile_ms(99);
        let (count, outcomes) = (scripts.len(), outcomes.join(", "));
        table.push_str(&format!("| {family} | {count} | {outcomes} | {attacked} | {times:.2} |\n"));
        slow.extend((times > P99_TIMES_MAX).then(|| format!("{family}: {times:.2}")));
        assert!(node.is_alive() && node.pid() == process, "{family}: the node died\n{}", node.log());
    }
    publish("attacks", &table);
    assert!(wrong.is_empty(), "{wrong:#?}");
    neighbour.finish().await;
    assert!(
        !measuring() || slow.is_empty(),
        "the neighbour's p99 is over {P99_TIMES_MAX} times its quiet one: {slow:?}"
    );
}

/// One script of the corpus.
struct Attack {
    name: String,
    source: String,
    wasm: Option<Vec<u8>>,
    expected: Vec<String>,
    limits: Map<String, Value>,
}

impl Attack {
    fn parse(family: &str, path: &Path) -> Self {
        let source = std::fs::read_to_string(path).expect("a fixture");
        let name = format!("{family}-{}", path.file_stem().expect("a name").to_string_lossy());
        let first = source.lines().next().and_then(|line| line.strip_prefix("// expects "));
        let first = first.unwrap_or_else(|| panic!("{name}: the first line does not say what it expects"));
        let (outcomes, limits) = first.split_once(", with ").unwrap_or((first, ""));
        let expected = outcomes.split(" or ").map(str::to_owned).collect();
        let limits = limits.split(" and ").filter_map(|limit| limit.split_once(' '));
        let limits = limits.map(|(key, value)| (key.to_owned(), value.parse::<u64>().expect("a number").into()));
        let wasm = std::fs::read_to_string(path.with_extension("wasm.hex")).ok().map(|text| {
            let digits: String = text.split_whitespace().collect();
            hex::decode(digits).expect("hexadecimal digits")
        });
        Self { limits: limits.collect(), source, wasm, name, expected }
    }

    /// How it ended, or what that was instead of what it should have been.
    async fn run(&self, node: &Arc<Node>) -> Result<String, String> {
        let tenant = Tenant::create(node, "attacker").await;
        let mut limits = self.limits.clone();
        // Some calls into V8 take seconds whatever their budget.
        limits.entry("wall_ms").or_insert_with(|| AMPLE_WALL_MS.into());
        if self.expected.iter().all(|outcome| outcome.starts_with("ok ")) {
            limits.entry("cpu_ms").or_insert_with(|| AMPLE_CPU_MS.into());
        }
        tenant.limit(Value::Object(limits)).await;
        let namespace = tenant.namespace("attacked").await;
        let mut upload = Upload::of(&self.source).bind_kv(&namespace);
        if let Some(wasm) = &self.wasm {
            upload = upload.with("attack.wasm", "application/wasm", wasm);
        }
        let reply = tenant.upload(&self.name, upload).await;
        let ending = if reply.body["success"] == true {
            self.ask(&tenant).await
        } else {
            format!("refused {}", reply.refusal().0)
        };
        if self.expected.contains(&ending) { Ok(ending) } else { Err(format!("{}: {ending}", self.name)) }
    }

    async fn ask(&self, tenant: &Tenant) -> String {
        let response = match tenant.fetch(&self.name, "/").await {
            Ok(response) => response,
            Err(error) => return format!("no answer: {error:?}"),
        };
        let status = response.status().as_u16();
        let text = response.text().await.unwrap_or_else(|error| format!("no body: {error:?}"));
        match (status, text.trim_end()) {
            (500, "error code: 1101") | (503, "error code: 1102") => self.counted(tenant).await,
            (200, text) => format!("ok {text}"),
            (status, text) => format!("{status} {text}"),
        }
    }

    /// The outcome that the metrics have for its one request: the codes alone do not tell CPU from memory.
    async fn counted(&self, tenant: &Tenant) -> String {
        until(&format!("the request of {} is counted", self.name), COUNTED_WITHIN, async || {
            let metrics = tenant.node.metrics().await;
            let outcomes = ["exception", "exceededCpu", "exceededMemory", "exceededWallTime"];
            let counts = |outcome: &&&str| {
                metrics.sum("eyot_requests_total", &[("script", self.name.as_str()), ("outcome", outcome)]) > 0.0
            };
            outcomes.iter().find(counts).map(|outcome| (*outcome).to_owned())
        })
        .await
    }
}

/// Every script by family.
fn corpus() -> BTreeMap<String, Vec<Attack>> {
    let wanted = std::env::var("EYOT_ATTACKS").unwrap_or_default();
    let folder = repository().join("tests/fixtures/attacks");
    let families = std::fs::read_dir(folder).expect("the corpus").map(|family| family.expect("a family").path());
    let family = |path: std::path::PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let scripts = std::fs::read_dir(path).expect("a family").map(|script| script.expect("a script").path());
        let scripts = scripts.filter(|path| path.extension().is_some_and(|extension| extension == "js"));
        let mut scripts: Vec<Attack> = scripts.map(|path| Attack::parse(&name, &path)).collect();
        scripts.retain(|attack| attack.name.starts_with(&wanted));
        scripts.sort_by(|one, other| one.name.cmp(&other.name));
        (name, scripts)
    };
    families.map(family).filter(|(_, scripts)| !scripts.is_empty()).collect()
}

/// What an attack may cost the neighbour, when that is measured.
const P99_TIMES_MAX: f64 = 1.5;

/// What a script has that is to come to its end, where code was not optimised and others take its processor's caches.
const AMPLE_CPU_MS: u64 = 500;

/// Attacks at once; one when measuring.
const AT_ONCE: usize = 3;

/// A run is counted when its isolate is gone, and V8 may take long over the collections before it gives up.
const COUNTED_WITHIN: Duration = PATIENCE.saturating_mul(3);

/// How long the neighbour is measured before the first attack.
const QUIET_ANSWERS: u64 = 200;
