//! Every refusal comes in the envelope, whatever part of the server refuses.

use axum::body::Body;
use axum::extract::Request;
use serde_json::{Value, json};

use super::{ES_MODULE, Harness, OPERATOR, request};

/// Asks for paths and methods that do not exist.
#[tokio::test]
async fn unknown_paths_and_methods_are_told_in_the_envelope() {
    let harness = Harness::new();
    let get = async |path: &str| harness.call(OPERATOR, "GET", path, Value::Null).await;
    assert_eq!(get("/registrar").await.refusal(), (404, 7000));
    assert_eq!(get("").await.refusal(), (404, 7000));
    let outside = Request::builder().uri("/else").body(Body::empty()).expect("a valid request");
    assert_eq!(harness.send(outside).await.refusal(), (404, 7000));
    assert_eq!(harness.call(OPERATOR, "PATCH", "/accounts", Value::Null).await.refusal(), (405, 7001));
    assert_eq!(harness.call("", "PATCH", "/accounts", Value::Null).await.refusal(), (405, 7001));
    let bad_path = format!("/accounts/{}/storage/kv/namespaces/%ff", "0".repeat(32));
    assert_eq!(get(&bad_path).await.refusal(), (400, 10001));
}

/// Sends bodies that do not parse to calls that want JSON or a form.
#[tokio::test]
async fn bodies_that_do_not_parse_are_10026() {
    let harness = Harness::new();
    let tenant = harness.tenant("a").await;
    let base = format!("/accounts/{}", tenant.id);
    for (method, path) in [
        ("POST", "/accounts".to_owned()),
        ("POST", format!("{base}/tokens")),
        ("PUT", format!("{base}/eyot/limits")),
        ("POST", format!("{base}/storage/kv/namespaces")),
        ("PUT", format!("{base}/workers/scripts/s")),
        ("POST", format!("{base}/workers/scripts/s/versions")),
        ("PUT", format!("{base}/workers/scripts/s/secrets")),
        ("PUT", format!("{base}/workers/subdomain")),
    ] {
        for text in ["", "{", "[1", "\"x\"", "null"] {
            let body = Body::from(text);
            let answer = harness.send(request(OPERATOR, method, &path).body(body).expect("valid")).await;
            assert_eq!(answer.refusal(), (400, 10026), "{method} {path} {text:?}");
        }
    }
    let answer = harness.call(OPERATOR, "PUT", &format!("{base}/eyot/limits"), json!({ "gpu_ms": 1 })).await;
    assert_eq!(answer.refusal(), (400, 10026));
}

/// Announces a body over the limit, and sends one without announcing it.
#[tokio::test]
async fn bodies_over_the_limit_are_413() {
    let harness = Harness::new();
    let tenant = harness.tenant("a").await;
    let path = format!("/accounts/{}/workers/scripts/s/secrets", tenant.id);
    let large = vec![b' '; 65 << 10];
    let announced = request(&tenant.full, "PUT", &path).header("content-length", large.len());
    let answer = harness.send(announced.body(Body::from(large.clone())).expect("valid")).await;
    assert_eq!(answer.refusal(), (413, 10027));
    let chunks = large.chunks(1_000).map(|chunk| Ok::<_, std::io::Error>(bytes::Bytes::copy_from_slice(chunk)));
    let chunks: Vec<_> = chunks.collect();
    let unannounced = Body::from_stream(futures::stream::iter(chunks));
    let answer = harness.send(request(&tenant.full, "PUT", &path).body(unannounced).expect("valid")).await;
    assert_eq!(answer.refusal(), (413, 10027));
}

/// Raises and lowers the script limit of a tenant and uploads on both sides of it.
#[tokio::test]
async fn scripts_are_as_large_as_the_tenants_limit_says() {
    let harness = Harness::new();
    let tenant = harness.tenant("a").await;
    let limits = format!("/accounts/{}/eyot/limits", tenant.id);
    let lowered = harness.call(OPERATOR, "PUT", &limits, json!({ "script_bytes_max": 2_048 })).await.result();
    assert_eq!((&lowered["script_bytes_max"], &lowered["cpu_ms"]), (&json!(2_048), &json!(50)));
    assert_eq!(lowered["overrides"], json!({ "script_bytes_max": 2_048 }));
    let path = format!("/accounts/{}/workers/scripts/s", tenant.id);
    let metadata = || json!({ "main_module": "index.js" });
    harness.upload(&tenant, &path, metadata(), &" ".repeat(2_048)).await.result();
    assert_eq!(harness.upload(&tenant, &path, metadata(), &" ".repeat(2_049)).await.refusal(), (413, 10027));
    let out_of_range = harness.call(OPERATOR, "PUT", &limits, json!({ "script_bytes_max": 1 })).await;
    assert_eq!(out_of_range.refusal(), (400, 10021));
}

/// Asks what machines ask, with and without the operator's token.
#[tokio::test]
async fn health_is_for_anyone_and_metrics_are_the_operators() {
    let harness = Harness::new();
    let tenant = harness.tenant("a").await;
    let get = async |path: &str, token: &str| {
        let request = Request::builder().uri(path).header("authorization", format!("Bearer {token}"));
        harness.send(request.body(Body::empty()).expect("a valid request")).await
    };
    assert_eq!(get("/healthz", "").await.status, 200);
    let ready = get("/readyz", "").await;
    assert_eq!((ready.status.as_u16(), &ready.bytes[..]), (503, &b"draining\n"[..]));
    assert_eq!(get("/metrics", "").await.refusal(), (401, 9106));
    assert_eq!(get("/metrics", &tenant.full).await.refusal(), (403, 10000));
    assert_eq!(get("/metrics", OPERATOR).await.bytes, "eyot_up 1\n");
}

/// Breaks an upload in every way a form can be broken; nothing exists afterwards.
#[tokio::test]
async fn a_refused_upload_names_what_is_wrong_and_leaves_nothing() {
    let harness = Harness::new();
    let tenant = harness.tenant("a").await;
    let path = format!("/accounts/{}/workers/scripts/s", tenant.id);
    let main = ("index.js", ES_MODULE, "x");
    let metadata = ("metadata", "application/json", "{\"main_module\":\"index.js\"}");
    for (parts, expected, telling) in [
        (&[main][..], (400, 10026), "metadata"),
        (&[("metadata", "", "{"), main], (400, 10026), "metadata"),
        (&[("metadata", "application/json", "{}"), main], (400, 10021), "main_module"),
        (&[metadata], (400, 10021), "index.js"),
        (&[metadata, main, main], (400, 10021), "twice"),
        (&[metadata, ("index.js", ES_MODULE, "throw")], (400, 10021), "index.js:3:7"),
        (&[metadata, ("index.js", ES_MODULE, "nothing")], (400, 10068), "handler"),
        (&[metadata, main, ("a.ts", "application/typescript", "bad")], (400, 10021), "a.ts:1:1"),
        (&[metadata, main, ("a.py", "text/x-python", "x")], (400, 10021), "a.py"),
    ] {
        let answer = harness.send_form(&tenant.full, "PUT", &path, parts).await;
        assert_eq!(answer.refusal(), expected, "{parts:?}");
        let message = answer.json()["errors"][0]["message"].to_string();
        assert!(message.contains(telling), "{telling}: {message}");
    }
    let bad_name = format!("/accounts/{}/workers/scripts/UPPER", tenant.id);
    assert_eq!(harness.send_form(&tenant.full, "PUT", &bad_name, &[metadata, main]).await.refusal(), (400, 10016));
    let scripts = format!("/accounts/{}/workers/scripts", tenant.id);
    assert_eq!(harness.call(&tenant.full, "GET", &scripts, Value::Null).await.result(), json!([]));
}
