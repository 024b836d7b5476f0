//! What the listener counts, for `/metrics`. Plain atomics; knows nothing of how they are shown.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// The listener's counts, shared with whoever shows them.
        #[derive(Debug, Default)]
        pub struct Counters {
            $(pub(super) $name: AtomicU64,)+
        }

        /// The counts at one moment.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct CountersSnapshot {
            $($(#[$doc])* pub $name: u64,)+
        }

        impl Counters {
            /// Reads all counts. They are read one after the other, so sums of them may be off by what happens meanwhile.
            #[must_use]
            pub fn snapshot(&self) -> CountersSnapshot {
                CountersSnapshot { $($name: self.$name.load(Ordering::Relaxed),)+ }
            }
        }
    };
}

counters! {
    /// Connections open now, handshakes included.
    connections_open,
    /// Connections accepted so far.
    connections_accepted,
    /// Connections closed at once because the node has as many as it may.
    connections_refused_node,
    /// Connections closed at once because their address has as many as it may.
    connections_refused_address,
    /// Connections closed because nothing happened on them for too long.
    connections_closed_idle,
    /// Connections dropped because a request's head did not end, or they did not go when told to.
    connections_dropped,
    /// Times the system refused to hand out a connection, for want of descriptors or memory.
    accepts_failed,
    /// Handshakes that failed or took too long, not counting the next two.
    handshakes_failed,
    /// Handshakes refused because no certificate covers the name asked for.
    handshakes_unknown_name,
    /// Clients that spoke plain HTTP to the TLS port.
    handshakes_plain_http,
    /// Requests running now: from the end of the head to the end of the response's body.
    requests_running,
    /// Requests handed to the handler so far.
    requests_handled,
    /// Requests answered 400, 414, 431 or 501 without the handler, not counting those that hyper answers by itself.
    requests_refused,
}

/// Keeps a gauge up by one until dropped.
#[derive(Debug)]
pub(super) struct Raised {
    counters: Arc<Counters>,
    gauge: fn(&Counters) -> &AtomicU64,
}

impl Raised {
    pub(super) fn new(counters: &Arc<Counters>, gauge: fn(&Counters) -> &AtomicU64) -> Self {
        gauge(counters).fetch_add(1, Ordering::Relaxed);
        Self { counters: Arc::clone(counters), gauge }
    }
}

impl Drop for Raised {
    fn drop(&mut self) {
        (self.gauge)(&self.counters).fetch_sub(1, Ordering::Relaxed);
    }
}

/// Adds one to a count.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
