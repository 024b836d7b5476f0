//! Promise: scripts speak TCP by `cloudflare:sockets`, `node:net` and `node:tls`, where the egress policy lets them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::harness::{Node, Options, Tenant, Upload};

/// One address is open to scripts: whatever they do there works, whatever they do elsewhere does not.
#[tokio::test]
async fn a_script_speaks_tcp_where_it_may() {
    let config = "[egress]\nallow = [\"127.0.0.2/32\"]\n".to_owned();
    let node = Node::start(Options { config, ..Options::default() });
    let tenant = Tenant::create(&node, "tcp").await;
    tenant.limit(json!({ "cpu_ms": 2_000 })).await;
    let upload = Upload::fixture("node/sockets.js")
        .set("compatibility_date", json!("2026-01-01"))
        .set("compatibility_flags", json!(["nodejs_compat"]));
    tenant.deploy("sockets", upload).await;
    let (open, closed) = (Peer::start("127.0.0.2:0").await, Peer::start("127.0.0.1:0").await);
    let ask = async |case: &str, to: SocketAddr| -> Value {
        let text = tenant.text("sockets", &format!("/{case}?to={to}")).await;
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{case}: {text}"))
    };
    let to = open.address;
    assert_eq!(ask("echo", to).await, json!(["hello socket", true, "string", false, "off"]));
    assert_eq!(ask("large", to).await, json!(64 * 65_536));
    assert_eq!(ask("closed", to).await, json!([true, "resolved"]));
    let before = open.connections();
    let counted = ask("counted", to).await;
    assert_eq!((&counted[0], open.connections() - before), (&json!(50), 50), "{counted}");
    assert!(counted[1].as_str().is_some_and(|text| text.contains("Too many subrequests")), "{counted}");
    let secured = ask("secured", to).await;
    assert_eq!(secured.as_array().expect("a list")[..4], [json!(true), json!("STARTTLS"), json!(true), json!(true)]);
    assert!(secured[4].as_str().is_some_and(|text| text.starts_with("TypeError: The `secureTransport`")), "{secured}");
    assert!(secured[5].as_str().is_some_and(|text| text.contains("only be called once")), "{secured}");
    for answer in ask("arguments", to).await.as_array().expect("a list") {
        assert!(answer.as_str().is_some_and(|text| text.starts_with("TypeError: ")), "{answer}");
    }
    let events = json!([true, "opening", "callback", "connect", "ready", "finish", "end"]);
    assert_eq!(ask("net", to).await, json!(["from node:net", events, false, 13, 13, true, "IPv4", true]));
    assert_eq!(ask("netTimeout", to).await, json!(["closed", 50]));
    let ca = json!(["The option ca is not supported.", "The option key is not supported."]);
    assert_eq!(ask("tls", to).await, json!(["STARTTLS", true, false, "string", ca]));

    for text in ask("refused", closed.address).await.as_array().expect("a list") {
        assert!(text.as_str().is_some_and(|text| text.contains("cannot connect to the specified address")), "{text}");
    }
    assert_eq!(ask("netRefused", closed.address).await, json!(["EACCES", "connect", true, true]));
    assert_eq!(closed.connections(), 0, "nothing was connected to");
    let nobody = TcpListener::bind("127.0.0.2:0").await.expect("binds").local_addr().expect("an address");
    assert_eq!(ask("netRefused", nobody).await, json!(["ECONNREFUSED", "connect", true, true]));

    let names = ask("dns", to).await;
    assert_eq!(
        names.as_array().expect("a list")[..3],
        [json!(["127.0.0.1", 4]), json!({ "address": "127.0.0.9", "family": 4 }), json!(true)]
    );
    assert_eq!(names[3], json!("getaddrinfo"));
    assert_eq!(names[4][0], json!("ERR_INVALID_ARG_VALUE"));
    assert!(tenant.text("sockets", "/top").await.starts_with("Disallowed operation called within global scope."));
}

/// Sends back what it gets, and counts its connections.
struct Peer {
    address: SocketAddr,
    connections: Arc<AtomicU32>,
}

impl Peer {
    async fn start(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.expect("binds");
        let address = listener.local_addr().expect("an address");
        let connections = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let mut buffer = vec![0; 16 << 10];
                    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                        if stream.write_all(&buffer[..read]).await.is_err() {
                            break;
                        }
                    }
                });
            }
        });
        Self { address, connections }
    }

    fn connections(&self) -> u32 {
        self.connections.load(Ordering::SeqCst)
    }
}
