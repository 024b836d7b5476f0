//! Promise: many tenants share a small pool of isolates; every answer is right and nobody's state is another's.

use futures::stream::{self, StreamExt as _};

use crate::harness::{Node, Options, PATIENCE, Tenant, Upload, until};

/// 1,000 scripts of 1,000 tenants, each asked twice in two different orders, on the default pool of 64 isolates.
#[tokio::test]
async fn a_thousand_tenants_share_a_pool_without_crossing() {
    let node = Node::start(Options { config: "[isolates]\nslots_max = 64\n".to_owned(), ..Options::default() });
    let at_start = node.resident_bytes();
    let tenants: Vec<Tenant> = stream::iter(0..TENANTS).map(|number| make(&node, number)).buffered(4).collect().await;
    let forward = tenants.iter().enumerate();
    for order in [forward.clone().collect::<Vec<_>>(), forward.rev().collect()] {
        let wrong: Vec<String> =
            stream::iter(order).map(ask).buffer_unordered(16).filter_map(async |wrong| wrong).collect().await;
        assert!(wrong.is_empty(), "{} wrong answers, first {}", wrong.len(), wrong[0]);
    }
    // Those whose place was taken end shortly after the answer.
    until("64 isolates are left", PATIENCE, async || {
        (node.metrics().await.sum("eyot_isolates", &[]) <= 64.0).then_some(())
    })
    .await;
    let grown = node.resident_bytes().saturating_sub(at_start);
    assert!(grown < 64 * ISOLATE_BYTES_MAX + TENANTS as u64 * TENANT_BYTES_MAX, "{grown} bytes more than at the start");
}

async fn make(node: &std::sync::Arc<Node>, number: usize) -> Tenant {
    let tenant = Tenant::create(node, &format!("t{number}")).await;
    let source = format!(
        "globalThis.seen ??= [];\nexport default {{ fetch(request) {{ const {{ host }} = new URL(request.url); \
         seen.push(host); return new Response('{number} ' + new Set(seen).size + ' ' + host); }} }};"
    );
    tenant.deploy("who", Upload::of(&source)).await;
    tenant
}

/// Something is wrong when the answer is not the tenant's own, or its isolate has seen another's host.
async fn ask((number, tenant): (usize, &Tenant)) -> Option<String> {
    let text = tenant.text("who", "/").await;
    let port = tenant.node.edge.port();
    let wanted = format!("{number} 1 who.{}.localhost:{port}", tenant.name);
    (text != wanted).then(|| format!("{text:?} instead of {wanted:?}"))
}

const TENANTS: usize = 1_000;
const ISOLATE_BYTES_MAX: u64 = 8 << 20;

/// What the control plane may keep of a tenant, its clients' connections included.
const TENANT_BYTES_MAX: u64 = 256 << 10;
