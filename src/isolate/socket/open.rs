//! The open sockets of an isolate.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Waker;

use tokio_tungstenite::tungstenite::protocol::Role;

use super::arrivals::Arrivals;
use super::{Arrived, GOING_AWAY, Side, Socket, SocketIo, SocketOffer, wire};
use crate::isolate::gauge::MemoryGauge;
use crate::isolate::run_ids::IdHasher;

/// The sockets of an isolate's runs, by the id JavaScript knows them by.
#[derive(Default)]
pub struct Sockets {
    by_id: HashMap<u32, Rc<Socket>, BuildHasherDefault<IdHasher>>,
    arrivals: Rc<Arrivals>,
    last_id: u32,
}

impl Sockets {
    /// Begins a socket on a connection that is still to come, and gives its id.
    pub(in crate::isolate) fn begin(&mut self, run: u32, gauge: &Arc<MemoryGauge>, offer: SocketOffer) -> u32 {
        self.add(run, Side::Downstream, gauge, offer, Role::Server)
    }

    /// Begins a socket on a connection to a server.
    pub(in crate::isolate) fn begin_upstream(
        &mut self,
        run: u32,
        gauge: &Arc<MemoryGauge>,
        io: Box<dyn SocketIo>,
    ) -> u32 {
        let offer = SocketOffer(Box::pin(std::future::ready(Ok(io))));
        self.add(run, Side::Upstream, gauge, offer, Role::Client)
    }

    fn add(&mut self, run: u32, side: Side, gauge: &Arc<MemoryGauge>, offer: SocketOffer, role: Role) -> u32 {
        self.last_id = self.last_id.checked_add(1).unwrap_or(1);
        let (gauge, arrivals) = (Arc::clone(gauge), Rc::clone(&self.arrivals));
        let socket = Rc::new(Socket { id: self.last_id, run, side, gauge, arrivals, state: RefCell::default() });
        self.by_id.insert(self.last_id, Rc::clone(&socket));
        // The task ends with the socket, and with the slot's executor at the latest.
        drop(deno_core::unsync::spawn(wire::run(socket, offer, role)));
        self.last_id
    }

    /// The socket of this id, while its run is in flight.
    #[must_use]
    pub(in crate::isolate) fn find(&self, id: u32) -> Option<Rc<Socket>> {
        self.by_id.get(&id).cloned()
    }

    /// The socket whose message came first, and the message.
    pub(in crate::isolate) fn arrived(&self) -> Option<(u32, Rc<Socket>, Arrived)> {
        loop {
            let id = self.arrivals.pop()?;
            // Those of runs that have ended are not here any more.
            if let Some(socket) = self.by_id.get(&id)
                && let Some(message) = socket.heard()
            {
                return Some((id, Rc::clone(socket), message));
            }
        }
    }

    /// Whoever is woken when a message has come.
    pub(in crate::isolate) fn set_driver(&self, waker: &Waker) {
        self.arrivals.set_driver(waker);
    }

    /// Whether none is open or about to be.
    #[must_use]
    pub(in crate::isolate) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Closes those that have clients: the isolate is to go.
    pub(in crate::isolate) fn say_goodbye(&self) {
        for socket in self.by_id.values().filter(|socket| socket.side == Side::Downstream) {
            socket.close(Some((GOING_AWAY, "")));
        }
    }

    /// Closes and forgets those of a run that has ended.
    pub(in crate::isolate) fn end_run(&mut self, run: u32) {
        self.by_id.retain(|_, socket| {
            if socket.run == run {
                socket.close(Some((GOING_AWAY, "")));
            }
            socket.run != run
        });
    }
}
