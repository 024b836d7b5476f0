//! Promise: cron triggers fire once a minute that fits, by the same way and under the same limits as requests.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Neighbour, Node, Tenant, Upload, until};
use crate::tails::{item_within, tail};

/// A minute is waited for, on a busy machine.
const A_TICK: Duration = Duration::from_secs(180);

async fn put(tenant: &Tenant, script: &str, crons: &[&str]) -> crate::harness::Reply {
    let crons: Vec<Value> = crons.iter().map(|cron| json!({ "cron": cron })).collect();
    let path = tenant.path(&format!("/workers/scripts/{script}/schedules"));
    tenant.call(Method::PUT, &path, Some(json!(crons))).await
}

async fn keys(tenant: &Tenant, namespace: &str) -> Vec<String> {
    let path = tenant.path(&format!("/storage/kv/namespaces/{namespace}/keys"));
    let listed = tenant.call(Method::GET, &path, None).await.result();
    listed.as_array().expect("a list").iter().map(|key| key["name"].as_str().expect("a name").to_owned()).collect()
}

/// Both syntaxes, `waitUntil` work, a handler that throws and one that spins, all in one minute; a request to the same
/// script is served meanwhile, and the neighbour notices nothing.
#[tokio::test]
async fn a_tick_runs_once_under_the_limits_of_requests() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "cron").await;
    let namespace = tenant.namespace("ticks").await;
    let neighbour = Neighbour::start(&node).await;
    let module = "export default {
        fetch: () => new Response('fetched'),
        async scheduled(controller, env, ctx) {
            const { cron, scheduledTime, type } = controller;
            controller.noRetry();
            ctx.waitUntil(scheduler.wait(1).then(() => env.KV.put(`module ${scheduledTime} ${type} ${cron}`, 'x')));
        } };";
    let worker = "addEventListener('scheduled', (event) => event.waitUntil(
        KV.put(`worker ${event.scheduledTime} ${event.type} ${event.cron}`, 'x')));";
    tenant.deploy("ticking-module", Upload::of(module).bind_kv(&namespace)).await;
    tenant.deploy("ticking-worker", Upload::service_worker(worker).bind_kv(&namespace)).await;
    let throws = "export default { scheduled() { throw new Error('from the tick'); } };";
    tenant.deploy("ticking-throws", Upload::of(throws)).await;
    tenant.deploy("ticking-spins", Upload::of("export default { scheduled() { for (;;); } };")).await;
    tenant.deploy("ticking-never", Upload::of("export default { scheduled() { never(); } };")).await;
    let (mut told, _) = tail(&tenant, "ticking-module", json!([])).await;
    put(&tenant, "ticking-module", &["* * * * *", "0 0 31 2 *"]).await.result();
    for script in ["ticking-worker", "ticking-throws", "ticking-spins"] {
        put(&tenant, script, &["*/1 * * * *"]).await.result();
    }
    // No minute is to begin between the two.
    let early = async || {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        (since.as_secs() % 60 < 45).then_some(())
    };
    until("a minute is young", A_TICK, early).await;
    put(&tenant, "ticking-never", &["* * * * *"]).await.result();
    put(&tenant, "ticking-never", &[]).await.result();
    let ticked = async || {
        let keys = keys(&tenant, &namespace).await;
        (keys.iter().any(|key| key.starts_with("module")) && keys.iter().any(|key| key.starts_with("worker")))
            .then_some(keys)
    };
    let (keys, heard) = tokio::join!(until("both scripts tick", A_TICK, ticked), item_within(&mut told, A_TICK));
    for key in &keys {
        let parts: Vec<&str> = key.splitn(4, ' ').collect();
        assert_eq!(parts[1].parse::<i64>().expect("a time") % 60_000, 0, "{key}");
        let cron = if parts[0] == "module" { "* * * * *" } else { "*/1 * * * *" };
        assert_eq!(parts[2..], ["scheduled", cron]);
    }
    // The tail hears of the tick, too.
    let event = &heard["event"];
    assert_eq!(event["cron"], "* * * * *", "{event}");
    assert_eq!(event["scheduledTime"].as_u64().map(|at| at % 60_000), Some(0));
    let counted = async |script: &str, outcome: &str| {
        let what = format!("{script} ends as {outcome}");
        until(&what, A_TICK, async || {
            let labels = [("script", script), ("outcome", outcome)];
            (node.metrics().await.sum("eyot_requests_total", &labels) >= 1.0).then_some(())
        })
        .await;
    };
    counted("ticking-throws", "exception").await;
    counted("ticking-spins", "exceededCpu").await;
    assert_eq!(tenant.text("ticking-module", "/").await, "fetched");
    assert_eq!(node.metrics().await.sum("eyot_requests_total", &[("script", "ticking-never")]), 0.0);
    neighbour.finish().await;
}

/// Sets, reads, replaces and removes triggers; wrong ones and strangers change nothing; the script takes them along.
#[tokio::test]
async fn triggers_are_set_through_the_api() {
    let node = Node::shared();
    let (tenant, stranger) = (Tenant::create(&node, "triggers").await, Tenant::create(&node, "stranger").await);
    tenant.deploy("job", Upload::of("export default { fetch() {}, scheduled() {} };")).await;
    let path = tenant.path("/workers/scripts/job/schedules");
    let crons = async || {
        let shown = tenant.call(Method::GET, &path, None).await.result();
        let list = shown["schedules"].as_array().expect("a list").clone();
        assert!(list.iter().all(|schedule| schedule["created_on"].is_string() && schedule["modified_on"].is_string()));
        list.iter().map(|schedule| schedule["cron"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(crons().await, Vec::<String>::new());
    put(&tenant, "job", &["0 0 1 1 *", "5  4 * * MON-fri", "5 4 * * MON-fri"]).await.result();
    assert_eq!(crons().await, ["0 0 1 1 *", "5 4 * * MON-fri"]);
    for wrong in ["* * * *", "61 * * * *", "@daily", "", "* * * * mon#9"] {
        assert_eq!(put(&tenant, "job", &[wrong]).await.refusal().0, 10100, "{wrong}");
    }
    let many: Vec<String> = (0..101).map(|at| format!("{} {} * * *", at % 60, at / 60)).collect();
    assert_eq!(put(&tenant, "job", &many.iter().map(String::as_str).collect::<Vec<_>>()).await.status, 400);
    assert_eq!(put(&tenant, "absent", &["* * * * *"]).await.refusal().0, 10007);
    let theirs = stranger.with_token(&["read", "deploy"]).await;
    assert_eq!(theirs.call(Method::PUT, &path, Some(json!([]))).await.status, 404);
    let reader = tenant.with_token(&["read"]).await;
    assert_eq!(reader.call(Method::PUT, &path, Some(json!([]))).await.status, 403);
    assert_eq!(crons().await.len(), 2);
    tenant.call(Method::DELETE, &tenant.path("/workers/scripts/job"), None).await.result();
    tenant.deploy("job", Upload::of("export default { fetch() {} };")).await;
    assert_eq!(crons().await, Vec::<String>::new());
    let audit = tenant.call(Method::GET, &tenant.path("/eyot/audit"), None).await.result();
    assert!(audit.to_string().contains("script.schedules"), "{audit}");
}
