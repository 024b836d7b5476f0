//! Isolates: starting one, a request to one that is there, single operations, and building a snapshot.

use std::time::{Duration, Instant};

use crate::Workbench;
use crate::stopwatch::Stopwatch;

pub(crate) fn measure(stopwatch: &Stopwatch, bench: &Workbench) {
    starts(stopwatch, bench);
    operations(stopwatch, bench);
    let mut number = 0;
    stopwatch.time_each(&bench.runtime, "snapshot: upload of hello, its snapshot built", 9, async || {
        number += 1;
        let source = format!("// {number}\n{HELLO}");
        let began = Instant::now();
        bench.deploy("built", &source).await;
        began.elapsed()
    });
}

/// From a request for a script that is not in memory to its answer.
fn starts(stopwatch: &Stopwatch, bench: &Workbench) {
    // A registered object cannot be in a snapshot.
    let registry = "const kept = {}; const registry = new FinalizationRegistry(() => {}); registry.register(kept, 0);";
    for (name, top_level) in
        [("isolate: from the version's snapshot, to the answer", ""), ("isolate: plain, to the answer", registry)]
    {
        let deployment = bench.runtime.block_on(bench.deploy("started", &format!("{top_level}\n{HELLO}")));
        stopwatch.time_each(&bench.runtime, name, 25, async || {
            bench.node.pool().retire_all();
            while !bench.node.pool().is_empty() {
                tokio::time::sleep(Duration::from_micros(200)).await;
            }
            let began = Instant::now();
            bench.ask(&deployment, "/").await;
            began.elapsed()
        });
    }
    let hello = bench.runtime.block_on(bench.deploy("hello", HELLO));
    stopwatch.time_async(&bench.runtime, "dispatch: hello, without network", 1, async || bench.ask(&hello, "/").await);
}

/// A request whose script does one thing a thousand times.
fn operations(stopwatch: &Stopwatch, bench: &Workbench) {
    for (name, body) in OPERATIONS {
        let script = format!(
            "const keep = []; export default {{ async fetch(request, env) {{ for (let i = 0; i < {TIMES}; i++) {{ \
             {body} }} return new Response(); }} }};"
        );
        let deployment = bench.runtime.block_on(bench.deploy("operation", &script));
        let name = format!("operation: {name}, with a thousandth of the request");
        stopwatch.time_async(&bench.runtime, &name, TIMES, async || bench.ask(&deployment, "/").await);
    }
}

const HELLO: &str = "export default { fetch() { return new Response('hello'); } };";

/// What is done a thousand times; the first shows what the request itself costs.
const OPERATIONS: [(&str, &str); 9] = [
    ("nothing", "keep[0] = i;"),
    ("await of nothing", "await 0;"),
    ("Date.now", "keep[0] = Date.now();"),
    ("crypto.randomUUID", "keep[0] = crypto.randomUUID();"),
    ("new URL", "keep[0] = new URL('https://example.com/a/b?c=d').pathname;"),
    ("TextEncoder.encode", "keep[0] = new TextEncoder().encode('a text of no great length');"),
    ("new Response", "keep[0] = new Response('hello', { headers: { 'x-a': 'b' } });"),
    ("structuredClone", "keep[0] = structuredClone({ a: 1, b: [1, 2, 3] });"),
    ("KV get of what was read lately", "keep[0] = await env.KV.get('nothing');"),
];

const TIMES: u32 = 1_000;
