//! Promise: whatever a script allocates, it loses its own isolate and nothing else.

use std::sync::Arc;

use futures::{StreamExt as _, stream};
use serde_json::json;

use crate::harness::{Neighbour, Node, Options, Tenant, Upload, repository};

/// One bomb per fixture, two at a time, beside a neighbour; the process stays the same one.
#[tokio::test]
async fn a_memory_bomb_costs_its_own_isolate_only() {
    // A node that begins anew, as it does when enough is lost, counts anew.
    let config = "[isolates]\nlost_memory_bytes_max = 1099511627776\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let process = node.pid();
    let tenant = Tenant::create(&node, "bombs").await;
    // The bombs are to meet the memory cap, not the CPU budget: `fill` on 1e8 elements alone takes seconds.
    tenant.limit(json!({ "cpu_ms": 20_000 })).await;
    let neighbour = Neighbour::start(&node).await;
    let folder = repository().join("tests/fixtures/memory");
    let names = std::fs::read_dir(folder).expect("the fixtures").map(|entry| {
        let path = entry.expect("a fixture").path();
        path.file_stem().expect("a name").to_string_lossy().into_owned()
    });
    let bombs = stream::iter(names).map(|name| bomb(&node, &tenant, name)).buffer_unordered(AT_ONCE);
    let exceeded = bombs.filter(|exceeded| std::future::ready(*exceeded)).count().await;
    assert!(exceeded > 0, "some bombs meet the cap");
    neighbour.finish().await;
    assert_eq!(node.pid(), process);
}

/// Whether this fixture met the cap; the other right ending is an error that it catches.
async fn bomb(node: &Arc<Node>, tenant: &Tenant, name: String) -> bool {
    tenant.deploy(&name, Upload::fixture(&format!("memory/{name}.js"))).await;
    let response = tenant.fetch(&name, "/").await.unwrap_or_else(|error| panic!("{name}: {error}"));
    let (status, text) = (response.status().as_u16(), response.text().await.unwrap_or_default());
    if status == 503 {
        assert_eq!(text.trim_end(), "error code: 1102", "{name}");
        node.expect_outcomes(&name, "exceededMemory", 1).await;
    } else {
        assert_eq!((status, text.as_str()), (200, "RangeError"), "{name}");
    }
    assert!(node.is_alive(), "{name}: the node died\n{}", node.log());
    status == 503
}

/// The script that bombed serves again, from a fresh isolate.
#[tokio::test]
async fn a_script_serves_again_after_it_ran_out_of_memory() {
    let tenant = Tenant::create(&Node::shared(), "again").await;
    tenant.limit(json!({ "cpu_ms": 20_000 })).await;
    let source = "export default { fetch(request) { if (request.url.endsWith('/bomb')) { \
                  const kept = []; for (;;) kept.push({ a: [1] }); } return new Response('fine'); } };";
    tenant.deploy("bomb", Upload::of(source)).await;
    assert_eq!(tenant.text("bomb", "/").await, "fine");
    tenant.expect_error("bomb", "/bomb", 503, 1102).await;
    assert_eq!(tenant.text("bomb", "/").await, "fine");
}

/// A buffer that cannot fit is the script's to handle.
#[tokio::test]
async fn a_buffer_that_cannot_fit_throws() {
    let tenant = Tenant::create(&Node::shared(), "buffer").await;
    let source = "export default { fetch() { try { new ArrayBuffer(1 << 30); } catch (error) { \
                  return new Response(error.name); } return new Response('fits'); } };";
    tenant.deploy("buffer", Upload::of(source)).await;
    assert_eq!(tenant.text("buffer", "/").await, "RangeError");
    assert_eq!(tenant.text("buffer", "/").await, "RangeError");
}

/// What `Intl` holds is outside V8's heap: kept from request to request in small steps, it is the isolate's end all the same.
#[tokio::test]
async fn intl_objects_count_as_memory() {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "formats").await;
    tenant.limit(json!({ "cpu_ms": 5_000, "memory_bytes_max": 64 << 20 })).await;
    let source = "const kept = []; export default { fetch() { \
                  for (let n = 0; n < 500; n++) kept.push(new Intl.DateTimeFormat('de', { dateStyle: 'full' })); \
                  return new Response(String(kept.length)); } };";
    tenant.deploy("formats", Upload::of(source)).await;
    let (mut most_kept, mut asked) = (0, 0);
    while asked < 60 {
        let response = tenant.fetch("formats", "/").await.expect("an answer");
        match (response.status().as_u16(), response.text().await.expect("a body")) {
            (200, kept) => most_kept = most_kept.max(kept.parse().expect("a number")),
            (status, text) => assert_eq!((status, text.trim_end()), (503, "error code: 1102")),
        }
        asked += 1;
    }
    assert!(most_kept < 60 * 500 / 4, "one isolate has kept {most_kept} of them");
    assert!(most_kept > 500, "the usual request costs no isolate");
}

/// Bombs at once.
const AT_ONCE: usize = 2;

/// Built-ins that work in memory of V8's own or of Rust's, by the gigabyte for what a script may hold: the node never has it.
#[tokio::test]
async fn memory_outside_the_heap_is_held_to_the_cap() {
    let hungry = [
        ("brackets", "JSON.parse('['.repeat(1e8))"),
        ("numbers", "JSON.parse('[' + '1,'.repeat(5e7))"),
        ("alternatives", "new RegExp('a|'.repeat(2e7)).test('b')"),
        (
            "indented",
            "(() => { for (let i = 0; i < 1e4; i++) console.group(); for (;;) try { console.log('a\\n'.repeat(1e6)); } catch {} })()",
        ),
        (
            "timed",
            "(() => { console.time('a'); for (;;) console.timeLog('a', Array(100).fill(Array(100).fill(new Error('x'.repeat(1e7))))) })()",
        ),
        ("pairs", "new URLSearchParams('a&'.repeat(2e7)).size"),
        ("errors", "(() => { for (;;) console.log(Array(100).fill(Array(100).fill(new Error('x'.repeat(1e7))))) })()"),
    ];
    for (name, expression) in hungry {
        let peak = peak_of(Options::default(), name, expression).await;
        assert!(peak < 700 << 20, "{name}: {} MiB", peak >> 20);
    }
}

/// Printing looks for a termination, whatever is printed: the thread of one that is ended goes on.
#[tokio::test]
async fn a_console_ends_with_its_script() {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "printing").await;
    let shapes = [
        "errors = Array(100).fill(new Error('x'.repeat(1e6))), Array(100).fill(Array(100).fill(errors))",
        "Array.from({ length: 1e6 }).fill(new String('x'.repeat(1e7)))",
        "Array(100).fill(Array(100).fill(Object(10n ** 300000n)))",
        "new Proxy({}, { ownKeys() { for (;;); } }), { get a() { for (;;); } }, new Map([[{ toString() { for (;;); } }, 1]])",
    ];
    for (index, shape) in shapes.iter().enumerate() {
        let source = format!(
            "let errors; export default {{ fetch() {{ \
                for (;;) console.log({shape}); \
            }} }};"
        );
        let script = format!("prints-{index}");
        tenant.deploy(&script, Upload::of(&source)).await;
        tenant.expect_error(&script, "/", 503, 1102).await;
    }
    assert_eq!(node.metrics().await.sum("eyot_lost_memory_bytes", &[]), 0.0);
    assert!(node.is_alive());
}

/// V8 lets one object pass its isolate's limit. It does so when the node has room for it, and not otherwise.
#[tokio::test]
async fn an_object_beyond_its_isolates_cap_is_refused_without_room_for_it() {
    let config = "[isolates]\nmemory_bytes_max = 268435456\n".to_owned();
    let (name, expression) = ("split", "'a'.repeat(1 << 26).split('').length");
    let peak = peak_of(Options { config, ..Options::default() }, name, expression).await;
    assert!(peak < 400 << 20, "{} MiB", peak >> 20);
}

/// What a node has grown by, at most, when it has answered a script that evaluates this, which passes its memory cap, in bytes.
async fn peak_of(options: Options, name: &str, expression: &str) -> u64 {
    let node = Node::start(options);
    let tenant = Tenant::create(&node, "hungry").await;
    tenant.limit(json!({ "cpu_ms": 60_000 })).await;
    let source = format!(
        "export default {{ fetch(request) {{ if (request.url.endsWith('/warm')) return new Response('warm'); \
         return new Response(String({expression})); }} }};"
    );
    tenant.deploy(name, Upload::of(&source)).await;
    assert_eq!(tenant.text(name, "/warm").await, "warm");
    let before = node.resident_bytes();
    tenant.expect_error(name, "/", 503, 1102).await;
    assert!(node.is_alive(), "the node died\n{}", node.log());
    node.resident_bytes_peak().saturating_sub(before)
}
