//! Promise: whatever is wrong with a certificate or a handshake is said clearly and disturbs nobody else.

use rcgen::{CertificateParams, KeyPair};

use crate::harness::{Neighbour, Node, Options, PATIENCE, PlainSocket, Tenant, TlsSocket, Upload, client, run_for};

/// Handshakes with a name the node does not serve, in plain HTTP, and in no protocol at all.
#[tokio::test]
async fn a_wrong_handshake_disturbs_nobody() {
    let node = Node::shared();
    let neighbour = Neighbour::start(&node).await;
    assert!(TlsSocket::connect(&node, "www.example.org").await.is_err(), "an unknown name gets no certificate");
    let answer = PlainSocket::exchange(&node, b"GET / HTTP/1.1\r\nHost: hello.demo.localhost\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.to_lowercase().contains("https"), "{answer}");
    let answer = PlainSocket::exchange(&node, b"\x16\x03\x01\x00\x05nonsense that is no ClientHello").await;
    assert!(!answer.contains("200 OK"), "{answer:?}");
    neighbour.finish().await;
}

/// HTTP/2 where the client asks for it, HTTP/1.1 otherwise; many requests at once on one connection.
#[tokio::test]
async fn both_versions_of_http_are_served() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "versions").await;
    tenant.deploy("path", Upload::of("export default { fetch: (r) => new Response(new URL(r.url).pathname) };")).await;
    let http1 = tenant.fetch("path", "/").await.expect("an answer");
    assert_eq!(http1.version(), reqwest::Version::HTTP_11);
    let http2 = client(&node);
    let requests = (0..50).map(|number| {
        let request = http2.get(tenant.url("path", &format!("/{number}"))).send();
        async move {
            let response = request.await.expect("an answer");
            assert_eq!((response.version(), response.status().as_u16()), (reqwest::Version::HTTP_2, 200));
            assert_eq!(response.text().await.expect("a body"), format!("/{number}"));
        }
    });
    futures::future::join_all(requests).await;
}

/// Starts with certificate files that are missing, expired, or not of one pair.
#[tokio::test]
async fn a_certificate_that_cannot_serve_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (key, other_key) = (KeyPair::generate().expect("a key"), KeyPair::generate().expect("a key"));
    let mut params = CertificateParams::new(vec!["example.org".to_owned()]).expect("a name");
    let valid = params.self_signed(&key).expect("a certificate");
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let expired = params.self_signed(&key).expect("a certificate");
    for (name, text) in [
        ("valid.pem", valid.pem()),
        ("expired.pem", expired.pem()),
        ("key.pem", key.serialize_pem()),
        ("other-key.pem", other_key.serialize_pem()),
        ("nonsense.pem", "no certificate".to_owned()),
    ] {
        std::fs::write(path(name), text).expect("writes");
    }
    for (cert, key, named) in [
        ("missing.pem", "key.pem", "missing.pem"),
        ("valid.pem", "missing-key.pem", "missing-key.pem"),
        ("expired.pem", "key.pem", "expired.pem"),
        ("nonsense.pem", "key.pem", "nonsense.pem"),
        ("valid.pem", "other-key.pem", "other-key.pem"),
    ] {
        let config = format!("[[edge.certificates]]\ncertificate = {:?}\nkey = {:?}\n", path(cert), path(key));
        let data = tempfile::tempdir().expect("a temporary folder");
        let output = run_for(&mut Node::command(&data, &config).into(), PATIENCE).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{cert} with {key} is refused");
        assert!(stderr.contains(named), "{cert} with {key}: {stderr}");
        assert!(!String::from_utf8_lossy(&output.stdout).contains("ready"), "nothing was bound");
    }
    let config = format!("[[edge.certificates]]\ncertificate = {:?}\nkey = {:?}\n", path("valid.pem"), path("key.pem"));
    let node = Node::start(Options { config, ..Options::default() });
    assert!(node.is_alive(), "a good pair serves");
}
