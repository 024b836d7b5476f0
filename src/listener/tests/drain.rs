//! Draining: what runs ends, what is idle goes, what is new is refused.

use super::*;

/// Drains while a request of each protocol runs and a connection idles.
#[tokio::test]
async fn a_drain_ends_what_runs_and_begins_nothing() {
    let node = Node::start().await;
    let mut idle = node.tls(HOST).await.expect("shakes hands");
    let asked = [Protocol::Http1, Protocol::Http2]
        .map(|protocol| tokio::spawn(node.client(protocol).get(node.url("/wait")).send()));
    node.probe.begun.acquire_many(2).await.expect("both begin").forget();
    node.drain.cancel();
    assert_eq!(read_to_end(&mut idle).await, "", "an idle connection is closed");
    until("nobody accepts", || std::net::TcpStream::connect(node.address).is_err()).await;
    assert!(!node.run.is_finished());
    node.probe.gate.add_permits(2);
    for asked in asked {
        let response = asked.await.expect("no panic").expect("answers");
        assert_eq!(response.text().await.expect("a body"), "waited");
    }
    let counters = Arc::clone(&node.counters);
    assert_eq!(node.stop().await, Drained { running: 2, dropped: 0 });
    assert_eq!(counters.snapshot().connections_open, 0);
}

/// Drains a request that never ends.
#[tokio::test]
async fn a_drain_has_a_deadline() {
    let node = Node::start_with(ListenerConfig::default(), Vec::new(), Duration::from_millis(100)).await;
    let asked = [Protocol::Http1, Protocol::Http2]
        .map(|protocol| tokio::spawn(node.client(protocol).get(node.url("/wait")).send()));
    node.probe.begun.acquire_many(2).await.expect("both begin").forget();
    let counters = Arc::clone(&node.counters);
    assert_eq!(node.stop().await, Drained { running: 2, dropped: 2 });
    for asked in asked {
        assert!(asked.await.expect("no panic").is_err());
    }
    until("nothing is left", || counters.snapshot().requests_running == 0).await;
    assert_eq!(counters.snapshot().connections_open, 0);
}

/// Drains a node that has nothing to do.
#[tokio::test]
async fn an_idle_node_drains_at_once() {
    let node = Node::start().await;
    assert_eq!(node.stop().await, Drained { running: 0, dropped: 0 });
}
