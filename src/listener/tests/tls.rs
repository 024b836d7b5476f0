//! Certificates, names, and clients that do not speak TLS.

use rcgen::{CertificateParams, KeyPair};

use super::*;

/// Asks for a script over both protocols.
#[tokio::test]
async fn a_script_is_reached_over_both_protocols_by_alpn() {
    let node = Node::start().await;
    let client = |alpn: &[&str]| {
        reqwest::Client::builder()
            .tls_backend_preconfigured(node.client_config(alpn))
            .resolve(HOST, node.address)
            .no_proxy()
            .build()
            .expect("a client")
    };
    for (alpn, version) in [(&["h2", "http/1.1"][..], "HTTP/2.0"), (&["http/1.1"], "HTTP/1.1"), (&[], "HTTP/1.1")] {
        let answer = client(alpn).get(node.url("/")).send().await.expect("answers").text().await.expect("a body");
        assert!(answer.starts_with(&format!("{version} TLSv1.3 TLS13_")), "{alpn:?}: {answer}");
    }
}

/// Asks with both versions of TLS, by clients with each order of preference.
#[tokio::test]
async fn each_client_gets_the_suite_that_is_quick_for_both() {
    let node = Node::start().await;
    let pem = fs::read(node.dir.path().join("ca.pem")).expect("is written");
    let root = CertificateDer::from_pem_slice(&pem).expect("a certificate");
    for (version, named) in
        [(&rustls::version::TLS12, "TLSv1.2 TLS_ECDHE_"), (&rustls::version::TLS13, "TLSv1.3 TLS13_")]
    {
        for (order, expected) in [
            (&["AES_256", "CHACHA20", "AES_128"][..], "AES_128_GCM_SHA256"),
            (&["CHACHA20", "AES_256", "AES_128"], "CHACHA20_POLY1305_SHA256"),
            (&["AES_256", "CHACHA20"], "AES_256_GCM_SHA384"),
        ] {
            let mut roots = RootCertStore::empty();
            roots.add(root.clone()).expect("a root");
            let mut provider = rustls::crypto::aws_lc_rs::default_provider();
            let rank = |suite: &rustls::SupportedCipherSuite| {
                let name = suite.suite().as_str().unwrap_or_default();
                order.iter().position(|part| name.contains(part))
            };
            provider.cipher_suites.retain(|suite| rank(suite).is_some());
            provider.cipher_suites.sort_by_key(rank);
            let config = ClientConfig::builder_with_provider(Arc::new(provider))
                .with_protocol_versions(&[version])
                .expect("versions")
                .with_root_certificates(roots)
                .with_no_client_auth();
            let mut stream = connect(node.address, HOST, config).await.expect("shakes hands");
            stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("sends");
            let answer = read_to_end(&mut stream).await;
            assert!(answer.contains(named) && answer.contains(expected), "{order:?}: {answer}");
        }
    }
}

/// Asks for a name nobody has, then for one that is served.
#[tokio::test]
async fn an_unknown_name_is_told_so_and_disturbs_nobody() {
    let node = Node::start().await;
    let error = node.tls(STRANGER).await.expect_err("is refused").to_string();
    assert!(error.contains("UnrecognisedName") || error.contains("UnrecognizedName"), "{error}");
    until("counted", || node.counters.snapshot().handshakes_unknown_name == 1).await;
    assert!(node.tls(HOST).await.is_ok());
    assert_eq!(node.counters.snapshot().handshakes_failed, 0);
}

/// Connects by address, which names no host in TLS.
#[tokio::test]
async fn a_client_that_names_no_host_gets_the_apex_certificate() {
    let node = Node::start().await;
    let mut stream = node.tls("127.0.0.1").await.expect("shakes hands");
    stream.write_all(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n").await.expect("sends");
    assert!(read_to_end(&mut stream).await.starts_with("HTTP/1.1 200"));
}

/// Speaks plain HTTP, then something that is neither.
#[tokio::test]
async fn a_plain_http_client_is_told_to_use_https() {
    let node = Node::start().await;
    let mut tcp = TcpStream::connect(node.address).await.expect("connects");
    tcp.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sends");
    let answer = read_to_end(&mut tcp).await;
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(body.contains("use https"), "{answer}");
    assert!(head.contains(&format!("content-length: {}", body.len())), "{answer}");
    drop(tcp);
    until("counted", || node.counters.snapshot().handshakes_plain_http == 1).await;
    let mut tcp = TcpStream::connect(node.address).await.expect("connects");
    tcp.write_all(&[0; 64]).await.expect("sends");
    read_to_end(&mut tcp).await;
    drop(tcp);
    until("counted", || node.counters.snapshot().handshakes_failed == 1).await;
    until("closed", || node.counters.snapshot().connections_open == 0).await;
}

/// Connects and says nothing.
#[tokio::test]
async fn a_client_that_does_not_shake_hands_is_dropped() {
    let config = ListenerConfig { handshake_timeout: Duration::from_millis(100), ..ListenerConfig::default() };
    let node = Node::start_with(config, Vec::new(), PATIENCE).await;
    let mut tcp = TcpStream::connect(node.address).await.expect("connects");
    assert_eq!(read_to_end(&mut tcp).await, "");
    until("counted", || node.counters.snapshot().handshakes_failed == 1).await;
}

/// Opens one connection more than an address may have, then closes one.
#[tokio::test]
async fn an_address_has_so_many_connections_and_no_more() {
    let config = ListenerConfig { connections_per_address_max: 2, ..ListenerConfig::default() };
    let node = Node::start_with(config, Vec::new(), PATIENCE).await;
    let first = node.tls(HOST).await.expect("shakes hands");
    let _second = node.tls(HOST).await.expect("shakes hands");
    assert!(node.tls(HOST).await.is_err());
    assert_eq!(node.counters.snapshot().connections_refused_address, 1);
    drop(first);
    until("closed", || node.counters.snapshot().connections_open == 1).await;
    assert!(node.tls(HOST).await.is_ok());
}

/// Writes a self-signed certificate for a host over the files and returns it.
fn write_certificate(files: &CertificateFiles, host: &str, valid: std::ops::Range<i64>) -> CertificateDer<'static> {
    let mut params = CertificateParams::new([host.to_owned()]).expect("names");
    params.not_before = time::OffsetDateTime::now_utc() + time::Duration::days(valid.start);
    params.not_after = time::OffsetDateTime::now_utc() + time::Duration::days(valid.end);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    fs::write(&files.certificate, certificate.pem()).expect("writes");
    fs::write(&files.key, key.serialize_pem()).expect("writes");
    certificate.der().clone()
}

/// Replaces the files under a connection that stays open: by good ones, then by expired ones.
#[tokio::test]
async fn certificate_files_are_replaced_without_dropping_connections() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let files = CertificateFiles { certificate: dir.path().join("c.pem"), key: dir.path().join("k.pem") };
    let old = write_certificate(&files, STRANGER, -1..1);
    let node = Node::start_with(ListenerConfig::default(), vec![files.clone()], PATIENCE).await;
    let shakes = |root: &CertificateDer<'static>| connect(node.address, STRANGER, client_config(root.clone(), &[]));
    let mut kept = shakes(&old).await.expect("the old certificate");

    let new = write_certificate(&files, STRANGER, -1..1);
    assert!(shakes(&new).await.is_err());
    node.certificates.reload(SystemTime::now()).expect("loads");
    assert!(shakes(&new).await.is_ok());
    assert!(shakes(&old).await.is_err());

    write_certificate(&files, STRANGER, -3..-1);
    let error = node.certificates.reload(SystemTime::now()).expect_err("expired").to_string();
    assert!(error.contains("c.pem") && error.contains("expired"), "{error}");
    assert!(shakes(&new).await.is_ok());

    kept.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("sends");
    assert!(read_to_end(&mut kept).await.starts_with("HTTP/1.1 200"));
    assert!(node.tls(HOST).await.is_ok(), "the authority's hosts are not disturbed");
}

/// Lets the watcher find new files.
#[tokio::test]
async fn changed_certificate_files_are_found_by_watching() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let files = CertificateFiles { certificate: dir.path().join("c.pem"), key: dir.path().join("k.pem") };
    write_certificate(&files, STRANGER, -1..1);
    let node = Node::start_with(ListenerConfig::default(), vec![files.clone()], PATIENCE).await;
    let current = || node.certificates.choose(Some(STRANGER), SystemTime::now()).expect("covered").cert[0].clone();
    let before = current();
    let stop = CancellationToken::new();
    let watching = tokio::spawn(Arc::clone(&node.certificates).watch(Duration::from_millis(10), stop.clone()));
    write_certificate(&files, STRANGER, -1..1);
    until("the new certificate is in use", || current() != before).await;
    stop.cancel();
    watching.await.expect("ends");
}
