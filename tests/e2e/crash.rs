//! Promise: `kill -9` at any moment loses nothing that was acknowledged, and leaves nothing half done.

use std::sync::Arc;

use parking_lot::Mutex;
use reqwest::Method;

use crate::harness::{Node, Options, PATIENCE, Reply, Tenant, Upload, until};

/// Writers by the binding and by the admin API, and an uploader, until the node is killed under them.
#[tokio::test]
async fn what_was_acknowledged_survives_kill_9() {
    let node = Node::start(Options::default());
    let tenant = Tenant::create(&node, "crash").await;
    let namespace = tenant.namespace("crash").await;
    tenant.deploy("put", Upload::fixture("kv-put.js").bind_kv(&namespace)).await;
    tenant.deploy("numbered", numbered(0)).await;
    let values = tenant.path(&format!("/storage/kv/namespaces/{namespace}/values"));

    let kept = Arc::new(Mutex::new(Vec::<String>::new()));
    let writers: Vec<_> =
        (0..6).map(|writer| tokio::spawn(write_on(writer, tenant.clone(), values.clone(), kept.clone()))).collect();
    let uploaded = Arc::new(Mutex::new(0));
    let uploader = tokio::spawn(upload_on(tenant.clone(), uploaded.clone()));
    until("enough was acknowledged", PATIENCE, async || {
        (kept.lock().len() >= 200 && *uploaded.lock() >= 3).then_some(())
    })
    .await;
    node.signal("KILL");
    node.exit_status().await;
    for writer in writers {
        writer.await.expect("a writer ends when the node is gone");
    }
    uploader.await.expect("the uploader ends when the node is gone");

    let again = Node::start(Options { data: Some(node.data()), ..Options::default() });
    let tenant = tenant.moved_to(&again);
    let kept = std::mem::take(&mut *kept.lock());
    for key in &kept {
        let read = Reply::of(tenant.request(Method::GET, &format!("{values}/{key}"))).await;
        assert_eq!((read.status, read.text.as_str()), (200, value_of(key).as_str()), "{key} was acknowledged");
    }
    no_half_value(&tenant, &namespace).await;
    let serving: u32 = tenant.text("numbered", "/").await.parse().expect("a number");
    let acknowledged = *uploaded.lock();
    assert!((acknowledged..=acknowledged + 1).contains(&serving), "{serving} serves, {acknowledged} was acknowledged");
}

/// Every key that is listed has its whole value, also those that were never acknowledged.
async fn no_half_value(tenant: &Tenant, namespace: &str) {
    let path = tenant.path(&format!("/storage/kv/namespaces/{namespace}/keys?limit=1000"));
    let listed = tenant.call(Method::GET, &path, None).await.result();
    for key in listed.as_array().expect("keys") {
        let key = key["name"].as_str().expect("a name");
        let value = tenant.path(&format!("/storage/kv/namespaces/{namespace}/values/{key}"));
        let read = Reply::of(tenant.request(Method::GET, &value)).await;
        assert_eq!(read.text, value_of(key), "{key} is whole");
    }
}

/// Puts key after key, by the binding or by the admin API, until the node is gone.
async fn write_on(writer: u32, tenant: Tenant, values: String, kept: Arc<Mutex<Vec<String>>>) {
    for number in 0..KEYS_MAX {
        let key = format!("{writer}-{number}");
        let request = match writer % 2 {
            0 => tenant.edge.post(tenant.url("put", &format!("/{key}"))),
            _ => tenant.request(Method::PUT, &format!("{values}/{key}")),
        };
        if !acknowledged(request.body(value_of(&key))).await {
            return;
        }
        kept.lock().push(key);
    }
}

async fn upload_on(tenant: Tenant, uploaded: Arc<Mutex<u32>>) {
    for number in 1..KEYS_MAX {
        let request = tenant.request(Method::PUT, &tenant.path("/workers/scripts/numbered"));
        if !acknowledged(request.multipart(numbered(number).form())).await {
            return;
        }
        *uploaded.lock() = number;
    }
}

/// Whether a 200 came whole.
async fn acknowledged(request: reqwest::RequestBuilder) -> bool {
    match request.send().await {
        Ok(response) => response.status() == 200 && response.bytes().await.is_ok(),
        Err(_) => false,
    }
}

fn numbered(number: u32) -> Upload {
    Upload::of(&format!("export default {{ fetch: () => new Response('{number}') }};"))
}

/// Long enough for a page or two of the database, so that half of it could be told.
fn value_of(key: &str) -> String {
    format!("{key};").repeat(2_000)
}

/// Six writers at most; the list of the check has one page.
const KEYS_MAX: u32 = 160;
