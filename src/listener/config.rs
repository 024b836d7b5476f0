//! What can be set about the listener, with the defaults. Ranges are checked where the file is read.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// The listener's part of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerConfig {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// From the TCP connection to the end of the TLS handshake.
    pub handshake_timeout: Duration,
    /// From the first byte of an HTTP/1 request to the end of its headers.
    pub head_timeout: Duration,
    /// How long a connection with no request running is kept.
    pub idle_timeout: Duration,
    /// How long a client that takes none of the response's bytes is kept, and one of HTTP/2 that has no window for any of its
    /// responses. It has to take some tens of kilobytes in this time.
    pub write_stall_timeout: Duration,
    /// How long a client that sends nothing of a body somebody waits for is kept. Does not cover one that sends a byte now
    /// and then: the time to the first byte of the response bounds that.
    pub body_stall_timeout: Duration,
    /// Path and query of a request.
    pub url_bytes_max: usize,
    /// All header names and values of a request.
    pub headers_bytes_max: usize,
    /// Connections open at once.
    pub connections_max: usize,
    /// Connections open at once from one IPv4 address or one IPv6 /64.
    pub connections_per_address_max: usize,
    /// Requests running at once on one HTTP/2 connection.
    pub streams_per_connection_max: u32,
}

impl Default for ListenerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8443)),
            handshake_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            write_stall_timeout: Duration::from_secs(60),
            body_stall_timeout: Duration::from_secs(60),
            url_bytes_max: 16 << 10,
            headers_bytes_max: 128 << 10,
            connections_max: 8_192,
            connections_per_address_max: 1_024,
            streams_per_connection_max: 128,
        }
    }
}
