//! The egress policy: where a script's `fetch` may connect to.
//!
//! Private, loopback, link-local and other special ranges are refused unless the operator allows them. deno_fetch 0.284
//! checks every address it is about to connect to against the deny list, after DNS resolution, and connects to the very
//! addresses it checked, so neither a redirect nor a name that changes its mind gets around it.

use std::sync::Arc;

use deno_permissions::{Host, NetDescriptor, Permissions, PermissionsContainer, RuntimePermissionDescriptorParser};
use ipnet::IpNet;

/// What `fetch` is allowed, as deno_fetch takes it: everything but the special ranges less `allowed`, and nothing but
/// the network.
#[must_use]
pub fn permissions(allowed: &[IpNet]) -> PermissionsContainer {
    let denied = denied_ranges(allowed).into_iter().map(|range| NetDescriptor(Host::IpSubnet(range), None)).collect();
    let mut permissions = Permissions::none_without_prompt();
    permissions.net = Permissions::new_unary(Some(Vec::new()), Some(denied), false);
    let parser = RuntimePermissionDescriptorParser::new(sys_traits::impls::RealSys);
    PermissionsContainer::new(Arc::new(parser), permissions)
}

/// No network at all: what the snapshot builder's child is allowed.
#[must_use]
pub fn nothing() -> PermissionsContainer {
    let parser = RuntimePermissionDescriptorParser::new(sys_traits::impls::RealSys);
    PermissionsContainer::new(Arc::new(parser), Permissions::none_without_prompt())
}

/// The special ranges with `allowed` cut out.
fn denied_ranges(allowed: &[IpNet]) -> Vec<IpNet> {
    let mut denied: Vec<IpNet> =
        SPECIAL_RANGES.iter().map(|range| range.parse().expect("the list holds ranges")).collect();
    for hole in allowed {
        denied = denied.into_iter().flat_map(|range| cut(range, *hole)).collect();
    }
    denied
}

/// `range` without `hole`: halves that do not touch the hole stay whole, the one that does is cut again.
fn cut(range: IpNet, hole: IpNet) -> Vec<IpNet> {
    if hole.contains(&range) {
        return Vec::new();
    }
    if !range.contains(&hole) {
        return vec![range];
    }
    match range.subnets(range.prefix_len() + 1) {
        Ok(halves) => halves.flat_map(|half| cut(half, hole)).collect(),
        Err(_) => vec![range],
    }
}

/// Ranges that are not the public internet: RFC 6890 and its successors
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>, <https://www.iana.org/assignments/iana-ipv6-special-registry>),
/// multicast, and the IPv6 forms that carry an IPv4 address.
const SPECIAL_RANGES: [&str; 28] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/96",
    "::ffff:0:0/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "fc00::/7",
    "fe80::/10",
    // Site-local addresses, deprecated (RFC 3879) and still routed by some; segment identifiers (RFC 9602).
    "fec0::/10",
    "5f00::/16",
    "ff00::/8",
];

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, SocketAddr};

    use deno_core::url::Host;
    use deno_fetch::dns::{PermissionedHttpConnector, Resolve, ResolvedDenyCheckKind, Resolver, Resolving};
    use http::HeaderMap;
    use hyper_util::client::legacy::connect::dns::Name;
    use tokio::net::TcpListener;
    use tower::Service as _;

    use super::*;
    use crate::isolate::connection::open;
    use crate::isolate::socket::{ConnectError, Connector, connect};

    fn refused(permissions: &PermissionsContainer, address: &str) -> bool {
        let address = address.parse().expect("an address");
        permissions.clone().check_net_resolved(&address, 80, "fetch()").is_err()
    }

    /// Asks for addresses in and beside every kind of special range.
    #[test]
    fn only_the_public_internet_is_reached_by_default() {
        let permissions = permissions(&[]);
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "169.254.169.254",
            "192.168.0.1",
            "172.31.255.255",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "224.0.0.1",
        ] {
            assert!(refused(&permissions, inside), "{inside}");
        }
        for outside in ["1.1.1.1", "172.32.0.1", "8.8.8.8", "2606:4700:4700::1111"] {
            assert!(!refused(&permissions, outside), "{outside}");
        }
    }

    /// Names that a tenant's own name server answers for, asked as `fetch` asks.
    #[derive(Debug)]
    struct Changing(parking_lot::Mutex<Vec<Vec<&'static str>>>);

    impl Resolve for Changing {
        fn resolve(&self, _: Name) -> Resolving {
            let mut answers = self.0.lock();
            let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
            let addresses: Vec<SocketAddr> =
                answer.iter().map(|ip| (ip.parse::<IpAddr>().expect("an address"), 0).into()).collect();
            Box::pin(std::future::ready(Ok(addresses.into_iter())))
        }
    }

    /// How a script can ask for a connection.
    #[derive(Debug, Clone, Copy)]
    enum Asked {
        Fetch,
        WebSocket,
        Socket,
    }

    /// Whether and where a connection to `name.test` ended up, when its name server gives these answers in turn.
    async fn connected(asked: Asked, answers: &[&[&'static str]], doors: &Doors) -> Option<IpAddr> {
        let answers = answers.iter().map(|answer| answer.to_vec()).collect();
        let resolver = Resolver::custom(Arc::new(Changing(parking_lot::Mutex::new(answers))));
        let permissions = permissions(&["127.0.0.7/32".parse().expect("a range")]);
        let connector = Connector::new(permissions.clone()).resolving(resolver.clone());
        let port = doors.port;
        match asked {
            Asked::Fetch => {
                let kind = ResolvedDenyCheckKind::Net;
                let mut connector = PermissionedHttpConnector::new(resolver, None, Some(permissions), kind);
                let uri = format!("http://name.test:{port}/").parse().expect("a URI");
                let stream = connector.call(uri).await.ok()?;
                Some(stream.inner().peer_addr().expect("connected").ip())
            }
            Asked::WebSocket => {
                let url = format!("ws://name.test:{port}/").parse().expect("a URL");
                let tried = connect(connector, url, HeaderMap::new()).await;
                let refused = matches!(tried, Err(ConnectError::Refused));
                if refused { None } else { doors.opened.lock().last().copied() }
            }
            Asked::Socket => {
                let host = Host::parse("name.test").expect("a name");
                let opened = open(&connector, &host, port, false).await.ok()?;
                Some(opened.remote.parse::<SocketAddr>().expect("an address").ip())
            }
        }
    }

    /// Listeners on one port of two addresses, of which only the second is allowed; they hang up on whoever comes.
    struct Doors {
        port: u16,
        opened: Arc<parking_lot::Mutex<Vec<IpAddr>>>,
    }

    impl Doors {
        async fn open() -> Self {
            let allowed = TcpListener::bind("127.0.0.7:0").await.expect("binds");
            let port = allowed.local_addr().expect("an address").port();
            let inside = TcpListener::bind(("127.0.0.1", port)).await.expect("binds");
            let opened = Arc::<parking_lot::Mutex<Vec<IpAddr>>>::default();
            for listener in [allowed, inside] {
                let (at, opened) = (listener.local_addr().expect("an address").ip(), Arc::clone(&opened));
                tokio::spawn(async move {
                    while listener.accept().await.is_ok() {
                        opened.lock().push(at);
                    }
                });
            }
            Self { port, opened }
        }
    }

    /// A name that leads inside, one of several addresses that does, and a name that changes between two questions: the
    /// connection goes to what was checked, and the name is not asked for again, however a script connects.
    #[tokio::test]
    async fn a_name_is_resolved_once_and_checked_as_it_was() {
        let doors = Doors::open().await;
        let there: Option<IpAddr> = "127.0.0.7".parse().ok();
        for asked in [Asked::Fetch, Asked::WebSocket, Asked::Socket] {
            assert_eq!(connected(asked, &[&["127.0.0.7"]], &doors).await, there, "{asked:?}");
            assert_eq!(connected(asked, &[&["127.0.0.1"]], &doors).await, None, "{asked:?}");
            assert_eq!(connected(asked, &[&["::ffff:127.0.0.1"]], &doors).await, None, "{asked:?}");
            assert_eq!(connected(asked, &[&["127.0.0.7", "127.0.0.1"]], &doors).await, None, "{asked:?}");
            assert_eq!(connected(asked, &[&["127.0.0.7"], &["127.0.0.1"]], &doors).await, there, "{asked:?}");
            assert_eq!(connected(asked, &[&["127.0.0.1"], &["127.0.0.7"]], &doors).await, None, "{asked:?}");
        }
        assert!(doors.opened.lock().iter().all(|at| Some(*at) == there), "{:?}", doors.opened.lock());
    }

    /// Opens one address of the loopback range.
    #[test]
    fn what_the_operator_allows_is_open_and_nothing_beside_it() {
        let permissions = permissions(&["127.0.0.7/32".parse().expect("a range")]);
        assert!(!refused(&permissions, "127.0.0.7"));
        assert!(refused(&permissions, "127.0.0.6"));
        assert!(refused(&permissions, "127.0.0.8"));
        assert!(refused(&permissions, "10.0.0.1"));
    }
}
