//! Requests: malformed, too large, streaming, slow.

use futures::StreamExt as _;

use super::*;

fn status(answer: &str) -> &str {
    answer.get(..12).unwrap_or(answer)
}

/// Heads that no server should take.
#[tokio::test]
async fn a_malformed_request_gets_400_and_the_connection_ends() {
    let node = Node::start().await;
    for bytes in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a b\r\n\r\n",
        b"G\x01T / HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/3.7\r\nhost: x\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nname : space\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n",
    ] {
        let answer = node.raw(bytes).await;
        assert_eq!(status(&answer), "HTTP/1.1 400", "{} -> {answer}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(node.counters.snapshot().requests_handled, 0);
    let tunnel = node.raw(b"CONNECT a.test:80 HTTP/1.1\r\nhost: a.test:80\r\n\r\n").await;
    assert_eq!(status(&tunnel), "HTTP/1.1 501", "{tunnel}");
}

/// URLs on both sides of the limit, and far above it.
#[tokio::test]
async fn too_long_a_url_gets_414() {
    let node = Node::start().await;
    let get = |bytes: usize| {
        let path = format!("/{}", "u".repeat(bytes - 1));
        format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    };
    for (bytes, expected) in [
        (16 << 10, "HTTP/1.1 200"),
        ((16 << 10) + 1, "HTTP/1.1 414"),
        (60 << 10, "HTTP/1.1 414"),
        (200 << 10, "HTTP/1.1 414"),
    ] {
        let answer = node.raw(get(bytes).as_bytes()).await;
        assert_eq!(status(&answer), expected, "{bytes} bytes");
    }
    let client = node.client(Protocol::Http2);
    for (bytes, expected) in [(16 << 10, 200), ((16 << 10) + 1, 414), (60 << 10, 414)] {
        let url = node.url(&format!("/{}", "u".repeat(bytes - 1)));
        let response = client.get(url).send().await.expect("answers");
        assert_eq!(response.status().as_u16(), expected, "{bytes} bytes");
        assert_eq!(response.headers().contains_key("eyot-ray"), expected == 414);
    }
}

/// Headers below the limit, above it, and without end; large ones and many.
#[tokio::test]
async fn too_large_headers_get_431() {
    let node = Node::start().await;
    let get = |count: usize, bytes: usize| {
        let header = format!("x: {}\r\n", "v".repeat(bytes));
        format!("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{}\r\n", header.repeat(count))
    };
    for (count, bytes, expected) in [
        (1, 127 << 10, "HTTP/1.1 200"),
        (90, 1_300, "HTTP/1.1 200"),
        (1, 129 << 10, "HTTP/1.1 431"),
        (130, 1_024, "HTTP/1.1 431"),
        (300, 1, "HTTP/1.1 431"),
        (1_000, 4 << 10, "HTTP/1.1 431"),
    ] {
        let answer = node.raw(get(count, bytes).as_bytes()).await;
        assert_eq!(
            status(&answer),
            expected,
            "{count} of {bytes} bytes: {}",
            &answer[answer.len().saturating_sub(80)..]
        );
    }
    let client = node.client(Protocol::Http2);
    for (bytes, expected) in [(120 << 10, 200), (129 << 10, 431), (300 << 10, 431)] {
        // HTTP/2 frames of a head may be as many as it needs, so the value is cut into parts of a usual size.
        let mut request = client.get(node.url("/"));
        for part in 0..bytes / (4 << 10) {
            request = request.header(format!("x-{part}"), "v".repeat(4 << 10));
        }
        request = request.header("x-rest", "v".repeat(bytes % (4 << 10)));
        let response = request.send().await.expect("answers");
        assert_eq!(response.status().as_u16(), expected, "{bytes} bytes");
    }
}

/// Many requests on one connection.
#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let node = Node::start().await;
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let client = node.client(protocol);
        let before = node.counters.snapshot().connections_accepted;
        for _ in 0..10 {
            client.get(node.url("/")).send().await.expect("answers").bytes().await.expect("a body");
        }
        assert_eq!(node.counters.snapshot().connections_accepted, before + 1, "{protocol:?}");
    }
    until("ended", || node.counters.snapshot().requests_running == 0).await;
}

/// Sends chunk by chunk and waits for the echo of each before the next.
#[tokio::test]
async fn bodies_stream_both_ways_at_once() {
    let node = Node::start().await;
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let (sender, receiver) = tokio::sync::mpsc::channel::<Bytes>(1);
        let body = stream::unfold(receiver, |mut receiver| async {
            Some((Ok::<_, std::convert::Infallible>(receiver.recv().await?), receiver))
        });
        let request = node.client(protocol).post(node.url("/echo")).body(reqwest::Body::wrap_stream(body));
        let mut response = request.send().await.expect("answers before the body is sent");
        for chunk in ["one", "two", "three"] {
            sender.send(Bytes::from(chunk)).await.expect("is taken");
            assert_eq!(response.chunk().await.expect("comes back"), Some(Bytes::from(chunk)), "{protocol:?}");
        }
        drop(sender);
        assert_eq!(response.bytes().await.expect("ends"), Bytes::new(), "{protocol:?}");
    }
}

/// Asks for an endless body and does not read it, then reads a part.
#[tokio::test]
async fn a_client_that_does_not_read_fills_no_memory() {
    let node = Node::start().await;
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let before = node.probe.chunks.load(Ordering::Relaxed);
        let mut response = node.client(protocol).get(node.url("/endless")).send().await.expect("answers");
        let produced = || node.probe.chunks.load(Ordering::Relaxed) - before;
        let held_bytes = settled(produced).await * CHUNK.len() as u64;
        assert!(held_bytes < 24 << 20, "{protocol:?} holds {held_bytes} bytes, kernel buffers included");
        let mut read_bytes = 0;
        while read_bytes < 32 << 20 {
            read_bytes += response.chunk().await.expect("goes on").expect("is endless").len();
        }
        drop(response);
        until("the handler learns that the client left", || node.counters.snapshot().requests_running == 0).await;
    }
}

/// Uploads to a handler that does not read yet.
#[tokio::test]
async fn a_handler_that_does_not_read_fills_no_memory() {
    let node = Node::start().await;
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let sent = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&sent);
        let chunks = stream::iter(0..4_096).map(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok::<_, std::convert::Infallible>(CHUNK)
        });
        let request = node.client(protocol).post(node.url("/collect")).body(reqwest::Body::wrap_stream(chunks));
        let answer = tokio::spawn(request.send());
        let held_bytes = settled(|| sent.load(Ordering::Relaxed)).await * CHUNK.len() as u64;
        assert!(held_bytes < 24 << 20, "{protocol:?} holds {held_bytes} bytes, kernel buffers included");
        node.probe.gate.add_permits(1);
        let body = answer.await.expect("no panic").expect("answers").text().await.expect("a body");
        assert_eq!(body, (4_096 * CHUNK.len()).to_string(), "{protocol:?}");
    }
}

/// Answers while the client is still sending, which must not cost it the answer, nor what it asks next after a while.
#[tokio::test]
async fn an_answer_before_the_upload_was_read_arrives() {
    let config = ListenerConfig { head_timeout: Duration::from_millis(300), ..ListenerConfig::default() };
    let node = Node::start_with(config, Vec::new(), PATIENCE).await;
    let mut stream = node.tls(HOST).await.expect("shakes hands");
    stream.write_all(&upload(16 << 20, 16 << 20)).await.expect("is read to the end, though nobody wants it");
    stream.flush().await.expect("is read to the end, though nobody wants it");
    tokio::time::sleep(Duration::from_millis(900)).await;
    stream.write_all(b"GET /early HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("sends");
    let answers = read_to_end(&mut stream).await;
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 2, "{answers}");
    assert!(answers.contains("TLSv1.3") && !answers.ends_with(']'), "{answers}");
    let client = node.client(Protocol::Http2);
    for _ in 0..5 {
        let response = client.post(node.url("/early")).body(vec![b'u'; 1 << 20]).send().await.expect("answers");
        assert!(response.text().await.expect("a body").contains("TLSv1.3"));
    }
    assert_eq!(node.counters.snapshot().connections_accepted, 2, "HTTP/2 keeps its connection");
}

/// An upload that is announced and does not come, which nobody waits for.
#[tokio::test]
async fn an_upload_that_nobody_wants_and_does_not_end_is_given_up() {
    let node = Node::start().await;
    let answer = node.raw(&upload(1 << 20, 32 << 20)).await;
    assert_eq!(status(&answer), "HTTP/1.1 200", "{answer}");
    assert!(answer.contains("TLSv1.3") && !answer.ends_with(']'), "{answer}");
}

/// A request for `/early` that sends so much of a body and announces so much.
fn upload(sent: usize, announced: usize) -> Vec<u8> {
    let head = format!("POST /early HTTP/1.1\r\nhost: x\r\ncontent-length: {announced}\r\n\r\n");
    let mut bytes = head.into_bytes();
    bytes.resize(bytes.len() + sent, b'u');
    bytes
}

/// Answers early on HTTP/2 and looks whether the client can send to the end; curl 7.88 loses the answer when it is reset.
#[tokio::test]
async fn an_upload_that_nobody_wants_is_not_reset_at_once() {
    const CHUNKS: u64 = 256;
    let node = Node::start().await;
    let sent = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&sent);
    let chunks = stream::iter(0..CHUNKS).map(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok::<_, std::convert::Infallible>(CHUNK)
    });
    let request = node.client(Protocol::Http2).post(node.url("/early")).body(reqwest::Body::wrap_stream(chunks));
    let response = request.send().await.expect("answers");
    assert!(response.text().await.expect("a body").contains("TLSv1.3"));
    until("everything is sent", || sent.load(Ordering::Relaxed) == CHUNKS).await;
    until("the request is over", || node.counters.snapshot().requests_running == 0).await;
}

/// A client that waits for 100 before it sends, with a handler that reads and with one that does not.
#[tokio::test]
async fn expect_100_continue_is_answered_when_the_body_is_wanted() {
    let node = Node::start().await;
    let head =
        |path: &str| format!("POST {path} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n");
    let mut stream = node.tls(HOST).await.expect("shakes hands");
    node.probe.gate.add_permits(1);
    stream.write_all(head("/collect").as_bytes()).await.expect("sends");
    let mut first = vec![0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut first).await.expect("answers");
    assert_eq!(first, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"body").await.expect("sends");
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.expect("answers");
    assert_eq!(answer, b"HTTP/1.1 200");
    let answer = node.raw(head("/early").as_bytes()).await;
    assert_eq!(status(&answer), "HTTP/1.1 200", "{answer}");
}

/// A client that goes away while the handler waits.
#[tokio::test]
async fn a_handler_is_dropped_when_its_client_leaves() {
    let node = Node::start().await;
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let asked = tokio::spawn(node.client(protocol).get(node.url("/wait")).send());
        node.probe.begun.acquire().await.expect("begins").forget();
        assert_eq!(node.counters.snapshot().requests_running, 1);
        asked.abort();
        until("the handler is dropped", || node.counters.snapshot().requests_running == 0).await;
    }
}

/// A handler with a bug, and a neighbour on another connection.
#[tokio::test]
async fn a_panic_costs_its_own_request_only() {
    let node = Node::start().await;
    for protocol in [Protocol::Http1, Protocol::Http2] {
        assert!(node.client(protocol).get(node.url("/panic")).send().await.is_err());
        assert!(node.client(protocol).get(node.url("/")).send().await.is_ok());
    }
    until("ended", || node.counters.snapshot().requests_running == 0).await;
}

/// Connections on which nothing happens, or a head drips.
#[tokio::test]
async fn a_silent_connection_is_closed() {
    let config = ListenerConfig {
        idle_timeout: Duration::from_millis(300),
        head_timeout: Duration::from_millis(100),
        ..ListenerConfig::default()
    };
    let node = Node::start_with(config, Vec::new(), PATIENCE).await;
    let mut idle = node.tls(HOST).await.expect("shakes hands");
    idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sends");
    assert!(read_to_end(&mut idle).await.starts_with("HTTP/1.1 200"));
    assert_eq!(node.counters.snapshot().connections_closed_idle, 1);
    let mut dripping = node.tls(HOST).await.expect("shakes hands");
    dripping.write_all(b"GET / HTT").await.expect("sends");
    read_to_end(&mut dripping).await;
    assert_eq!(node.counters.snapshot().connections_dropped, 1);
    let client = node.client(Protocol::Http2);
    client.get(node.url("/")).send().await.expect("answers");
    until("HTTP/2 is closed", || node.counters.snapshot().connections_open == 0).await;
}
