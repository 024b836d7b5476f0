//! Promise: any number of different snapshots start beside each other, again and again, and leave no trace.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::stream::{self, StreamExt as _};

use crate::harness::{Node, Options, Tenant, Upload};

/// 200 scripts on a pool of 16 threads, asked by 16 clients in an order in which no isolate is met twice: ten thousand
/// starts, every answer checked for what its own snapshot holds.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_snapshots_start_ten_thousand_times() {
    // Every start from a snapshot of the version's own.
    let config = "[isolates]\nslots_max = 16\nahead = 0\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let process = node.pid();
    let scripts: Vec<(Tenant, String)> =
        stream::iter(0..SCRIPTS).map(|number| make(&node, number)).buffered(4).collect().await;
    let scripts = Arc::new(scripts);

    run(&scripts, 0..STARTS_FIRST).await;
    let after_first = node.resident_bytes();
    run(&scripts, STARTS_FIRST..STARTS).await;
    let after_all = node.resident_bytes();

    let started = node.metrics().await.sum("eyot_isolate_starts_total", &[("kind", "snapshot"), ("result", "ok")]);
    assert!(started >= 0.95 * STARTS as f64, "{started} starts from snapshots");
    assert_eq!(node.pid(), process);
    println!("resident: {after_first} bytes after {STARTS_FIRST} starts, {after_all} after {STARTS}");
    let allowed = after_first + after_first / 10;
    assert!(after_all <= allowed, "{after_first} bytes after {STARTS_FIRST} starts, {after_all} after {STARTS}");
}

/// Asks for the scripts one after the other, from sixteen clients at once.
async fn run(scripts: &Arc<Vec<(Tenant, String)>>, turns: std::ops::Range<usize>) {
    let next = Arc::new(AtomicUsize::new(turns.start));
    let clients = (0..CLIENTS).map(|_| {
        let (scripts, next, end) = (Arc::clone(scripts), Arc::clone(&next), turns.end);
        tokio::spawn(async move {
            loop {
                let turn = next.fetch_add(1, Ordering::SeqCst);
                if turn >= end {
                    return;
                }
                // Coprime to the number of scripts: a script comes again only when all others have been asked.
                let (tenant, wanted) = &scripts[turn * 77 % SCRIPTS];
                assert_eq!(&tenant.text("own", "/").await, wanted, "turn {turn}");
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.expect("every answer is right");
    }
}

async fn make(node: &Arc<Node>, number: usize) -> (Tenant, String) {
    let tenant = Tenant::create(node, &format!("s{number}")).await;
    let source = format!(
        "const table = new Map(Array.from({{ length: {} }}, (_, at) => [at, at * {number}]));\n\
         const url = new URL('https://{number}.example/');\n\
         export default {{ fetch() {{ return new Response(`{number} ${{table.size}} ${{table.get(7)}} ${{url.host}}`); }} }};",
        100 + number,
    );
    tenant.deploy("own", Upload::of(&source)).await;
    (tenant, format!("{number} {} {} {number}.example", 100 + number, 7 * number))
}

const SCRIPTS: usize = 200;
const CLIENTS: usize = 16;
const STARTS: usize = 10_000;
const STARTS_FIRST: usize = 1_000;
