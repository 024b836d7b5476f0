//! Promise: scripts reach the outside only; what is private, on this machine or on the link is refused, also on redirects.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::harness::{Node, Options, Tenant, Upload};

/// Addresses of every forbidden kind, however they are written.
#[tokio::test]
async fn private_addresses_are_refused() {
    let tenant = Tenant::create(&Node::shared(), "egress").await;
    tenant.deploy("egress", Upload::fixture("egress.js")).await;
    let upstream = Upstream::start("127.0.0.1:0", None).await;
    let port = upstream.address.port();
    assert!(FORBIDDEN.len() >= 25, "{} spellings", FORBIDDEN.len());
    for host in FORBIDDEN {
        let results = fetch(&tenant, &format!("http://{host}:{port}/"), 1).await;
        assert!(results[0].as_str().is_some_and(|text| text.ends_with("Error")), "{host}: {}", results[0]);
    }
    assert_eq!(upstream.count(), 0, "nothing was connected to");
}

/// The operator allows one address, which answers and redirects to one that is not allowed.
#[tokio::test]
async fn an_allowed_address_is_reached_but_its_redirect_is_not() {
    let config = "[egress]\nallow = [\"127.0.0.2/32\"]\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let tenant = Tenant::create(&node, "redirect").await;
    tenant.limit(serde_json::json!({ "cpu_ms": 5_000 })).await;
    tenant.deploy("egress", Upload::fixture("egress.js")).await;
    let forbidden = Upstream::start("127.0.0.1:0", None).await;
    let allowed = Upstream::start("127.0.0.2:0", None).await;
    let redirecting = Upstream::start("127.0.0.2:0", Some(forbidden.address)).await;
    assert_eq!(fetch(&tenant, &format!("http://{}/", allowed.address), 1).await[0], "200 upstream");
    let refused = fetch(&tenant, &format!("http://{}/", redirecting.address), 1).await;
    assert!(refused[0].as_str().is_some_and(|text| text.ends_with("Error")), "{}", refused[0]);
    assert_eq!((redirecting.count(), forbidden.count()), (1, 0));

    let before = allowed.count();
    let results = fetch(&tenant, &format!("http://{}/", allowed.address), 51).await;
    let reached = results.iter().filter(|result| *result == "200 upstream").count();
    assert_eq!((results.len(), reached), (51, 50), "the 51st subrequest of a request rejects: {}", results[50]);
    assert!(allowed.count() - before <= 50);
}

async fn fetch(tenant: &Tenant, to: &str, times: u32) -> Vec<Value> {
    let mut url = url::Url::parse(&tenant.url("egress", "/")).expect("a URL");
    url.query_pairs_mut().append_pair("to", to).append_pair("times", &times.to_string());
    let response = tenant.edge.get(url).send().await.expect("an answer");
    serde_json::from_str(&response.text().await.expect("a body")).expect("JSON")
}

/// A tiny HTTP server that counts its connections and answers or redirects.
struct Upstream {
    address: SocketAddr,
    connections: Arc<AtomicU32>,
    task: tokio::task::JoinHandle<()>,
}

impl Upstream {
    async fn start(address: &str, redirect_to: Option<SocketAddr>) -> Self {
        let listener = TcpListener::bind(address).await.expect("binds");
        let address = listener.local_addr().expect("an address");
        let connections = Arc::new(AtomicU32::new(0));
        let counted = connections.clone();
        let task = tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                let answer = match redirect_to {
                    Some(to) => format!(
                        "HTTP/1.1 302 Found\r\nLocation: http://{to}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    ),
                    None => "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nupstream".to_owned(),
                };
                // A client that leaves early is no concern of a test server.
                let _ = socket.read(&mut [0; 4096]).await;
                let _ = socket.write_all(answer.as_bytes()).await;
            }
        });
        Self { address, connections, task }
    }

    fn count(&self) -> u32 {
        self.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Hosts of URLs that must lead nowhere: every notation of this machine, and one of every range that is not public.
const FORBIDDEN: &[&str] = &[
    // This machine: dotted, short, decimal, octal, hexadecimal, mixed, with signs that URLs fold, with a dot behind.
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7F.0x0.0x0.0x1",
    "0177.0.0.1",
    "017700000001",
    "0177.0x0.1",
    "%31%32%37.0.0.1",
    "\u{ff11}\u{ff12}\u{ff17}.0.0.1",
    "\u{2460}\u{2461}\u{2466}.0.0.1",
    "127\u{3002}0\u{3002}0\u{3002}1",
    "0.0.0.0",
    "0",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    // Names that mean it, with what a parser may trip over before them.
    "localhost",
    "localhost.",
    "LOCALHOST",
    "a.localhost",
    "example.com@127.0.0.1",
    "example.com:80@localhost",
    "127.0.0.1:80@[::1]",
    // Private, shared, link-local, metadata, documentation, multicast, reserved.
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "0xa9fea9fe",
    "[::ffff:169.254.169.254]",
    "192.0.0.192",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[100::1]",
];
