//! Promise: a response's body is in the form that its `content-encoding` names, wherever a script has it from, as in workerd; and
//! its status line has the script's words.

use std::io::Read as _;

use axum::Router;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use axum::routing::get;
use hyper::ext::ReasonPhrase;
use serde_json::json;
use tokio::net::TcpListener;

use crate::apps::Workerd;
use crate::beside_workerd::configure;
use crate::harness::{Node, Options, Tenant, Upload, client, fixture};

/// Status, the words beside it, what the body holds, and the coding by its name.
type Answer = (u16, Option<String>, String, String);

async fn deployed(node: &std::sync::Arc<Node>) -> Tenant {
    let tenant = Tenant::create(node, "coding").await;
    tenant.limit(json!({ "cpu_ms": 10_000 })).await;
    tenant.deploy("coding", Upload::fixture("content-coding.js").set("compatibility_date", json!(DATE))).await;
    tenant
}

async fn read(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let words = |phrase: &ReasonPhrase| String::from_utf8_lossy(phrase.as_bytes()).into_owned();
    let (status, phrase) = (response.status().as_u16(), response.extensions().get::<ReasonPhrase>().map(words));
    let codings: Vec<_> = response.headers().get_all("content-encoding").iter().collect();
    let coding = codings.iter().map(|coding| coding.to_str().expect("text")).collect::<Vec<_>>().join(",");
    let bytes = response.bytes().await.expect("a body");
    (status, phrase, unpacked(&coding, &bytes), coding)
}

/// What the bytes hold, or that they are not in this coding.
fn unpacked(coding: &str, bytes: &[u8]) -> String {
    let mut text = String::new();
    let read = match coding {
        "gzip" => flate2::read::GzDecoder::new(bytes).read_to_string(&mut text),
        "br" => brotli::Decompressor::new(bytes, 4096).read_to_string(&mut text),
        _ => return String::from_utf8_lossy(bytes).into_owned(),
    };
    read.map_or_else(|_| format!("not {coding}: {}", String::from_utf8_lossy(bytes)), |_| text)
}

/// Every way to make one: encoded by the host or by the script, claimed, cloned, made of another one.
#[tokio::test]
async fn bodies_leave_in_the_form_that_workerd_gives_them() {
    let node = Node::shared();
    let tenant = deployed(&node).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    configure(folder.path(), &[(DATE, &[])], &fixture("content-coding.js"));
    let workerd = Workerd::start(folder.path()).await;
    for name in [
        "gzip",
        "br",
        "bytes",
        "stream",
        "manual",
        "claimed",
        "other",
        "identity",
        "nothing",
        "json",
        "jsonManual",
        "clone",
        "again",
        "manualAgain",
        "read",
        "late",
        "phrase",
        "usual",
    ] {
        let here = read(tenant.edge.get(tenant.url("coding", &format!("/{name}")))).await;
        let there = format!("http://case-0.localhost:{}/{name}", workerd.port);
        assert_eq!(here, read(client(&node).get(there)).await, "{name}");
    }
    let head = tenant.edge.head(tenant.url("coding", "/gzip")).send().await.expect("an answer");
    assert_eq!(head.headers()["content-encoding"], "gzip");
}

/// By another script, from a cache, through a rewriter: scripts see what the form holds, clients the form.
#[tokio::test]
async fn a_body_is_what_it_was_on_the_other_side_of_a_binding() {
    let tenant = deployed(&Node::shared()).await;
    let text = "all the same ".repeat(100);
    for (name, coding) in
        [("gzip", "gzip"), ("stream", "gzip"), ("manual", "gzip"), ("manualBr", "br"), ("other", "zstd")]
    {
        for how in ["on", "again", "clone", "rewritten", "cached"] {
            let answer = read(tenant.edge.get(tenant.url("coding", &format!("/{name}/{how}")))).await;
            assert_eq!(answer, (200, None, text.clone(), coding.to_owned()), "{name} {how}");
        }
        let answer = read(tenant.edge.get(tenant.url("coding", &format!("/{name}/stripped")))).await;
        assert_eq!(answer, (200, None, text.clone(), String::new()), "{name}");
        let response = tenant.fetch("coding", &format!("/{name}/read")).await.expect("an answer");
        assert_eq!(response.headers()["x-coding"], coding);
        assert_eq!(response.text().await.expect("a body"), text, "{name}");
    }
    // The bytes are not in the form that they are said to be in: a script cannot read them, a client gets them.
    assert_eq!(read(tenant.edge.get(tenant.url("coding", "/claimed/on"))).await.2, format!("not gzip: {text}"));
    tenant.expect_error("coding", "/claimed/read", 500, 1101).await;
    let (status, phrase, ..) = read(tenant.edge.get(tenant.url("coding", "/phrase/on"))).await;
    assert_eq!((status, phrase.as_deref()), (200, Some("Fine")));
}

/// What an origin compressed is never compressed twice, nor called compressed when it is not.
#[tokio::test]
async fn an_origins_compressed_body_passes_through() {
    let config = "[egress]\nallow = [\"127.0.0.2/32\"]\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let tenant = deployed(&node).await;
    let text = "of the origin ".repeat(100);
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(text.as_bytes(), flate2::Compression::default())
        .read_to_end(&mut packed)
        .expect("packs");
    let sent = packed.clone();
    let router = Router::new().route("/", get(async move || ([(CONTENT_ENCODING, "gzip")], sent)));
    let listener = TcpListener::bind("127.0.0.2:0").await.expect("binds");
    let address = listener.local_addr().expect("an address");
    let origin = tokio::spawn(async move { axum::serve(listener, router).await.expect("serves") });
    let ask = async |path: &str| {
        let path = format!("/origin/{path}one=http://{address}/");
        read(tenant.edge.get(tenant.url("coding", &path))).await
    };
    for how in ["on", "again", "clone", "read", "stripped", "rewritten", "cached"] {
        let (status, _, body, coding) = ask(&format!("{how}?")).await;
        assert_eq!((status, &body), (200, &text), "{how} {coding}");
        assert_eq!(coding == "gzip", matches!(how, "again" | "rewritten"), "{how} {coding}");
    }
    // The very bytes with their length, for a client that takes them: one that does not is given what they hold.
    let passed = [("on", "br, gzip", true), ("on", "gzip;q=0", false), ("again", "", true), ("misstated", "", true)];
    for (how, accept, passes) in passed {
        let url = tenant.url("coding", &format!("/origin/{how}?one=http://{address}/"));
        let response = tenant.edge.get(url).header(ACCEPT_ENCODING, accept).send().await.expect("an answer");
        assert_eq!(response.headers().contains_key(CONTENT_ENCODING), passes, "{how} {accept}");
        assert_eq!(response.content_length(), passes.then_some(packed.len() as u64), "{how} {accept}");
        let bytes = response.bytes().await.expect("a body");
        assert_eq!(bytes == packed, passes, "{how} {accept}");
    }
    // A part of a compressed body is not decoded.
    for how in ["on", "again", "clone"] {
        let (status, _, body, coding) = ask(&format!("{how}?range=&")).await;
        assert_eq!((status, body, coding.as_str()), (200, text.clone(), "gzip"), "{how}");
    }
    origin.abort();
}

const DATE: &str = "2026-01-01";
