//! Promise: a script that passes a body on from elsewhere holds none of it, and stops it when the client leaves.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::harness::{Node, Options, PATIENCE, Tenant, Upload};

/// 100 MiB each, or as many GiB as `EYOT_PROXY_GIB` says, by a response passed on, by its body in a new response, and through an `IdentityTransformStream`; then an
/// endless one, whose client leaves.
#[tokio::test]
async fn a_streaming_proxy_holds_nothing_and_stops_with_its_client() {
    let config = "[egress]\nallow = [\"127.0.0.2/32\"]\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let tenant = Tenant::create(&node, "proxy").await;
    tenant.limit(json!({ "cpu_ms": 600_000 })).await;
    tenant.deploy("proxy", Upload::fixture("fetch-network.js")).await;
    let measured: Option<u64> = std::env::var("EYOT_PROXY_GIB").ok().map(|gib| gib.parse().expect("a number of GiB"));
    let count = measured.map_or(100 << 20, |gib| gib << 30);
    let mut origin = Origin::start().await;
    let paths = ["/proxy?", "/proxy-through?through=body&", "/proxy-through?through=identity&"];
    // Once with little: what is held afterwards is the node at work, not a body.
    for path in paths {
        read(&tenant, &format!("{path}one=http://{}/{}", origin.address, 1 << 20)).await;
    }
    let before = node.resident_bytes();
    for path in paths {
        let began = Instant::now();
        assert_eq!(read(&tenant, &format!("{path}one=http://{}/{count}", origin.address)).await, count);
        let now = node.resident_bytes();
        println!("{path}: {count} bytes in {:?}, resident {before} and {now}", began.elapsed());
        assert!(now < before + (48 << 20), "{path}: {before} became {now}");
    }
    for path in paths {
        while origin.stopped.try_recv().is_ok() {}
        let path = format!("{path}one=http://{}/{}", origin.address, u64::MAX);
        let mut response = tenant.fetch("proxy", &path).await.expect("an answer");
        response.chunk().await.expect("a chunk").expect("no end");
        let left = Instant::now();
        drop(response);
        let stopped = tokio::time::timeout(PATIENCE, origin.stopped.recv()).await.expect("the origin is told");
        let took = stopped.expect("a moment").duration_since(left);
        println!("{path}: the origin was told after {took:?}");
        // A deadline holds on a machine that does nothing else.
        assert!(measured.is_none() || took < Duration::from_millis(100), "{path}");
    }
}

async fn read(tenant: &Tenant, path: &str) -> u64 {
    let mut response = tenant.fetch("proxy", path).await.expect("an answer");
    assert_eq!(response.status(), 200);
    let mut length = 0;
    while let Some(chunk) = response.chunk().await.expect("a chunk") {
        length += chunk.len() as u64;
    }
    length
}

/// Answers `GET /N` with N bytes; says when it could not send on.
struct Origin {
    address: SocketAddr,
    stopped: mpsc::Receiver<Instant>,
    task: tokio::task::JoinHandle<()>,
}

impl Origin {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.2:0").await.expect("binds");
        let address = listener.local_addr().expect("an address");
        let (stopped, receiver) = mpsc::channel(16);
        let task = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let stopped = stopped.clone();
                tokio::spawn(async move {
                    if answer(socket).await.is_err() {
                        // Nobody may be waiting for it any more.
                        let _ = stopped.try_send(Instant::now());
                    }
                });
            }
        });
        Self { address, stopped: receiver, task }
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut socket: TcpStream) -> std::io::Result<()> {
    let mut head = vec![0; 4096];
    let length = socket.read(&mut head).await?;
    let head = String::from_utf8_lossy(&head[..length]).into_owned();
    let count: u64 = head.split(['/', ' ']).nth(2).and_then(|count| count.parse().ok()).expect("a length");
    socket.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await?;
    let piece = vec![b'x'; 64 << 10];
    let mut rest = count;
    while rest > 0 {
        let length = rest.min(piece.len() as u64);
        socket.write_all(&piece[..usize::try_from(length).expect("a piece")]).await?;
        rest -= length;
    }
    socket.shutdown().await
}
