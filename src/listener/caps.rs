//! Connection caps: may one more connection from this address be open now?
//!
//! Counts open connections, in all and per address. Knows nothing of sockets.
//!
//! Invariant: an address is remembered only while it has a connection open, so memory is bounded by the total cap.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

/// Connections open, and how many may be.
#[derive(Debug)]
pub(super) struct Caps {
    total_max: usize,
    per_address_max: usize,
    total: usize,
    per_address: HashMap<IpAddr, usize>,
}

/// Why a connection is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// The node has as many as it may.
    Node,
    /// The address has as many as it may.
    Address,
}

/// The right to be open, given back on drop.
#[derive(Debug)]
pub(super) struct Seat {
    caps: Arc<Mutex<Caps>>,
    address: IpAddr,
}

impl Caps {
    pub(super) fn new(total_max: usize, per_address_max: usize) -> Self {
        Self { total_max, per_address_max, total: 0, per_address: HashMap::new() }
    }

    fn admit(&mut self, address: IpAddr) -> Result<(), Full> {
        if self.total >= self.total_max {
            return Err(Full::Node);
        }
        let open = self.per_address.get(&address).copied().unwrap_or(0);
        if open >= self.per_address_max {
            return Err(Full::Address);
        }
        self.per_address.insert(address, open + 1);
        self.total += 1;
        Ok(())
    }

    fn release(&mut self, address: IpAddr) {
        self.total = self.total.saturating_sub(1);
        match self.per_address.get_mut(&address) {
            Some(open) if *open > 1 => *open -= 1,
            _ => {
                self.per_address.remove(&address);
            }
        }
    }
}

impl Seat {
    /// Takes a seat for a peer.
    pub(super) fn take(caps: &Arc<Mutex<Caps>>, peer: IpAddr) -> Result<Self, Full> {
        let address = counted_as(peer);
        caps.lock().admit(address)?;
        Ok(Self { caps: Arc::clone(caps), address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.caps.lock().release(self.address);
    }
}

/// One subscriber usually has a whole IPv6 /64, so that is what counts as an address there.
fn counted_as(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & (u128::MAX << 64)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats(total_max: usize, per_address_max: usize) -> Arc<Mutex<Caps>> {
        Arc::new(Mutex::new(Caps::new(total_max, per_address_max)))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    /// Fills one address, then the node, then gives a seat back.
    #[test]
    fn one_address_cannot_take_every_connection() {
        let caps = seats(3, 2);
        let first = Seat::take(&caps, address("192.0.2.1")).expect("free");
        let _second = Seat::take(&caps, address("::ffff:192.0.2.1")).expect("free");
        assert_eq!(Seat::take(&caps, address("192.0.2.1")).err(), Some(Full::Address));
        let _neighbour = Seat::take(&caps, address("192.0.2.2")).expect("free");
        assert_eq!(Seat::take(&caps, address("192.0.2.3")).err(), Some(Full::Node));
        drop(first);
        assert!(Seat::take(&caps, address("192.0.2.1")).is_ok());
    }

    /// Two addresses of the same /64, and one of another.
    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let caps = seats(10, 1);
        let _first = Seat::take(&caps, address("2001:db8::1")).expect("free");
        assert_eq!(Seat::take(&caps, address("2001:db8::ffff:2")).err(), Some(Full::Address));
        assert!(Seat::take(&caps, address("2001:db8:0:1::1")).is_ok());
    }

    /// Takes and gives back many seats of many addresses.
    #[test]
    fn an_address_without_connections_is_forgotten() {
        let caps = seats(4, 2);
        for host in 0..=255u8 {
            let kept: Vec<_> =
                (0..2).map(|_| Seat::take(&caps, IpAddr::from([10, 0, 0, host])).expect("free")).collect();
            drop(kept);
        }
        let caps = caps.lock();
        assert_eq!((caps.total, caps.per_address.len()), (0, 0));
    }
}
