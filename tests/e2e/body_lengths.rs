//! Promise: a body whose length is known keeps it wherever a script passes it on, as in workerd: uploads to servers that refuse
//! chunks, downloads that show how far they are.

use std::path::Path;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::{IntoResponse as _, Response};
use tokio::net::TcpListener;

use crate::apps::Workerd;
use crate::harness::{Node, Options, Tenant, Upload, client, fixture};

/// What a client sees of an answer: status, length by its headers, and the body.
type Seen = (u16, Option<String>, String);

/// Answers and requests of known and unknown length in every way, over both versions of HTTP; the origin says how it was asked.
#[tokio::test]
async fn a_body_keeps_its_length_on_its_way_as_in_workerd() {
    let config = "[egress]\nallow = [\"127.0.0.2/32\"]\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let tenant = Tenant::create(&node, "lengths").await;
    tenant.limit(serde_json::json!({ "cpu_ms": 10_000 })).await;
    tenant.deploy("lengths", Upload::fixture("body-lengths.js")).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    configure(folder.path());
    let workerd = Workerd::start(folder.path()).await;
    let listener = TcpListener::bind("127.0.0.2:0").await.expect("binds");
    let origin = format!("http://{}/", listener.local_addr().expect("an address"));
    let serving =
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(told)).await.expect("serves") });
    let http2 = client(&node);
    let compare = async |method: Method, path: &str, of: &str, body: Option<&'static str>, known: bool| {
        let query = format!("{path}?of={of}");
        let there = format!("http://127.0.0.1:{}{query}", workerd.port);
        let there = ask(&http2, &method, &there, body, known).await;
        for edge in [&tenant.edge, &http2] {
            let here = ask(edge, &method, &tenant.url("lengths", &query), body, known).await;
            assert_eq!(here, there, "{method} {query} {body:?}");
        }
        there
    };
    let answers =
        ["/on", "/on-as-asked", "/request", "/again", "/signal", "/clone", "/tee", "/identity", "/text", "/null"];
    for method in [Method::GET, Method::HEAD] {
        for path in answers {
            for of in [origin.clone(), format!("{origin}chunked")] {
                if (&method, path, of == origin) != (&Method::HEAD, "/text", false) {
                    compare(method.clone(), path, &of, None, true).await;
                }
            }
        }
        for path in ["/own-null", "/bytes"] {
            compare(method.clone(), path, &origin, None, true).await;
        }
    }
    // Workerd believes a script's headers of an answer to HEAD; RFC 9110 section 8.6 wants what GET gives, and nothing with 204.
    for (path, of, expected) in [("/own", "", "4"), ("/text", "chunked", "25"), ("/no-content", "", "")] {
        let url = tenant.url("lengths", &format!("{path}?of={origin}{of}"));
        for edge in [&tenant.edge, &http2] {
            let (_, head, _) = ask(edge, &Method::HEAD, &url, None, true).await;
            assert_eq!(head.unwrap_or_default(), expected, "{path}");
            let (_, get, _) = ask(edge, &Method::GET, &url, None, true).await;
            assert_eq!(get.unwrap_or_default(), expected, "{path}");
        }
    }
    let (_, length, _) = compare(Method::GET, "/on", &origin, None, true).await;
    assert_eq!(length.as_deref(), Some("25"), "there is something to compare");
    for path in ["/echo", "/post", "/post-through", "/post-request", "/post-clone", "/post-json", "/again", "/request"]
    {
        for known in [true, false] {
            compare(Method::POST, path, &origin, Some("abcdef"), known).await;
        }
        compare(Method::POST, path, &origin, None, true).await;
    }
    let (_, _, body) = compare(Method::POST, "/post", &origin, Some("abcdef"), true).await;
    assert_eq!(body, "POST 6, length 6, coding -");
    serving.abort();
}

async fn ask(edge: &reqwest::Client, method: &Method, url: &str, body: Option<&'static str>, known: bool) -> Seen {
    let request = edge.request(method.clone(), url);
    let request = match body {
        Some(body) if known => request.body(body),
        Some(body) => request.body(reqwest::Body::wrap_stream(futures::stream::iter([Ok::<_, std::io::Error>(body)]))),
        None => request,
    };
    let response = request.send().await.expect("an answer");
    let length = response.headers().get(header::CONTENT_LENGTH).map(|length| length.to_str().expect("text").to_owned());
    // An empty answer over HTTP/2 needs none.
    let length = length.filter(|length| length != "0");
    (response.status().as_u16(), length, response.text().await.expect("a body"))
}

/// Says how it was asked; under `/chunked` without saying how much that is.
async fn told(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let said =
        |name: header::HeaderName| headers.get(name).map_or("-", |value| value.to_str().expect("text")).to_owned();
    let (length, coding) = (said(header::CONTENT_LENGTH), said(header::TRANSFER_ENCODING));
    let text = format!("{method} {}, length {length}, coding {coding}", body.len());
    if uri.path() == "/chunked" {
        return Body::from_stream(futures::stream::iter([Ok::<_, std::io::Error>(text)])).into_response();
    }
    text.into_response()
}

/// One service that may reach the origin.
fn configure(folder: &Path) {
    std::fs::write(folder.join("worker.js"), fixture("body-lengths.js")).expect("writes");
    let config = "using Workerd = import \"/workerd/workerd.capnp\";\nconst config :Workerd.Config = (services = [\
         (name = \"main\", worker = (modules = [(name = \"worker\", esModule = embed \"worker.js\")], \
         compatibilityDate = \"2026-01-01\", globalOutbound = \"net\")), \
         (name = \"net\", network = (allow = [\"local\"]))], \
         sockets = [(name = \"http\", address = \"127.0.0.1:0\", http = (), service = \"main\")]);";
    std::fs::write(folder.join("config.capnp"), config).expect("writes");
}
