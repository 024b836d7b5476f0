//! WebSockets: one message queue each way between a script and a peer, both bounded.
//!
//! A [`Socket`] is what ops see: whole messages in and out, and how it ended. Its wire is a task on the slot's own
//! executor that speaks the protocol (`wire`). What waits in either direction, and what has come of a message that is not
//! complete, counts against the isolate's memory cap. A script that is slow to take messages stalls the peer; so does a
//! peer that is slow to take answers, because nothing is read while much is unsent.
//!
//! Invariant: a socket ends exactly once, and whoever waits for its next message learns of it.

mod connect;
mod counted_io;
mod pipe;
mod wire;

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures::future::{BoxFuture, poll_fn};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::body::{BoxError, Held};
use super::gauge::MemoryGauge;

pub use connect::Connector;
pub(super) use connect::{ConnectError, Connected, connect};
pub(super) use pipe::pipe;

/// A byte stream that a WebSocket can run on.
pub trait SocketIo: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> SocketIo for T {}

/// The connection of a request that asked to become a WebSocket: there once its response has been sent.
pub struct SocketOffer(pub BoxFuture<'static, Result<Box<dyn SocketIo>, BoxError>>);

impl fmt::Debug for SocketOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SocketOffer")
    }
}

/// What a script is given next.
#[derive(Debug)]
pub(super) enum Received {
    /// A text message.
    Text(Utf8Bytes),
    /// A binary message.
    Binary(Bytes),
    /// Nothing comes any more.
    Ended(Ending),
}

/// How a socket ended, as its close event tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ending {
    /// The close code; 1005 when the peer gave none, 1006 when it left without a word.
    pub code: u16,
    /// The reason it gave.
    pub reason: String,
    /// Whether both sides closed in order.
    pub clean: bool,
}

impl Ending {
    /// The connection broke or was given up.
    #[must_use]
    pub(super) fn abnormal() -> Self {
        Self { code: 1006, reason: String::new(), clean: false }
    }
}

/// Why a message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotSent {
    /// The socket is closing or has ended: the message is dropped, as the specification says.
    Closed,
    /// It does not fit in the queue or under the memory cap: the connection has been failed for it.
    Full,
}

/// One WebSocket of a run.
pub(super) struct Socket {
    run: u32,
    side: Side,
    gauge: Arc<MemoryGauge>,
    state: RefCell<State>,
}

/// Whose peer a socket has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The client that the run answers.
    Downstream,
    /// A server that the script connected to.
    Upstream,
}

#[derive(Default)]
struct State {
    outgoing: VecDeque<(Message, Option<Held>)>,
    /// Bytes in `outgoing` and on their way out.
    unsent_bytes: u64,
    close_queued: bool,
    incoming: Option<(Message, Held)>,
    /// The script has taken what came and asks for more.
    waiting: bool,
    failed: bool,
    ending: Option<Ending>,
    wire: Option<Waker>,
    script: Option<Waker>,
}

impl Socket {
    fn new(run: u32, side: Side, gauge: Arc<MemoryGauge>) -> Rc<Self> {
        Rc::new(Self { run, side, gauge, state: RefCell::default() })
    }

    /// Whose peer it has.
    #[must_use]
    pub(super) fn side(&self) -> Side {
        self.side
    }

    /// The run it belongs to.
    #[must_use]
    pub(super) fn run(&self) -> u32 {
        self.run
    }

    /// Queues a message.
    ///
    /// # Errors
    /// [`NotSent`] when it was dropped.
    pub(super) fn send(&self, message: Message) -> Result<(), NotSent> {
        let bytes = message.len() as u64 + MESSAGE_OVERHEAD_BYTES;
        let mut state = self.state.borrow_mut();
        if state.close_queued || state.ending.is_some() || state.failed {
            return Err(NotSent::Closed);
        }
        let fits = message.len() <= MESSAGE_BYTES_MAX && state.unsent_bytes + bytes <= QUEUE_BYTES_MAX;
        let Some(held) = fits.then(|| Held::reserve(&self.gauge, bytes)).flatten() else {
            state.failed = true;
            state.outgoing.clear();
            state.wake_wire();
            return Err(NotSent::Full);
        };
        state.unsent_bytes += bytes;
        state.outgoing.push_back((message, Some(held)));
        state.wake_wire();
        Ok(())
    }

    /// Queues a close frame behind what is to be sent; `None` has no code. Only the first counts.
    pub(super) fn close(&self, frame: Option<(u16, &str)>) {
        let mut state = self.state.borrow_mut();
        if state.close_queued || state.ending.is_some() {
            return;
        }
        let frame = frame.map(|(code, reason)| CloseFrame { code: code.into(), reason: reason.into() });
        state.close_queued = true;
        state.outgoing.push_back((Message::Close(frame), None));
        state.wake_wire();
    }

    /// Bytes that have not been handed to the network.
    #[must_use]
    pub(super) fn unsent_bytes(&self) -> u64 {
        self.state.borrow().unsent_bytes
    }

    /// The next message, or how it ended. One caller at a time: a second one takes the first one's place.
    pub(super) async fn next(&self) -> Received {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Received> {
        let mut state = self.state.borrow_mut();
        if let Some((message, held)) = state.incoming.take() {
            drop(held);
            return Poll::Ready(match message {
                Message::Text(text) => Received::Text(text),
                other => Received::Binary(other.into_data()),
            });
        }
        if let Some(ending) = &state.ending {
            return Poll::Ready(Received::Ended(ending.clone()));
        }
        if !state.waiting {
            state.waiting = true;
            state.wake_wire();
        }
        state.script = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Resolves when all that is queued has left, or the socket has ended.
    async fn drained(&self) {
        poll_fn(|cx| {
            let mut state = self.state.borrow_mut();
            if state.unsent_bytes == 0 || state.ending.is_some() {
                return Poll::Ready(());
            }
            state.script = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn ended(&self, ending: Ending) {
        let mut state = self.state.borrow_mut();
        state.ending.get_or_insert(ending);
        state.outgoing.clear();
        state.unsent_bytes = 0;
        state.wake_script();
    }
}

impl State {
    fn wake_wire(&mut self) {
        if let Some(waker) = self.wire.take() {
            waker.wake();
        }
    }

    fn wake_script(&mut self) {
        if let Some(waker) = self.script.take() {
            waker.wake();
        }
    }
}

/// The sockets of an isolate's runs, by the id JavaScript knows them by.
#[derive(Default)]
pub struct Sockets {
    by_id: HashMap<u32, Rc<Socket>>,
    last_id: u32,
}

impl Sockets {
    /// Begins a socket on a connection that is still to come, and gives its id.
    pub(super) fn begin(&mut self, run: u32, gauge: &Arc<MemoryGauge>, offer: SocketOffer) -> u32 {
        self.add(run, Side::Downstream, gauge, offer, Role::Server)
    }

    /// Begins a socket on a connection to a server.
    pub(super) fn begin_upstream(&mut self, run: u32, gauge: &Arc<MemoryGauge>, io: Box<dyn SocketIo>) -> u32 {
        let offer = SocketOffer(Box::pin(std::future::ready(Ok(io))));
        self.add(run, Side::Upstream, gauge, offer, Role::Client)
    }

    fn add(&mut self, run: u32, side: Side, gauge: &Arc<MemoryGauge>, offer: SocketOffer, role: Role) -> u32 {
        let socket = Socket::new(run, side, Arc::clone(gauge));
        self.last_id = self.last_id.checked_add(1).unwrap_or(1);
        self.by_id.insert(self.last_id, Rc::clone(&socket));
        // The task ends with the socket, and with the slot's executor at the latest.
        drop(deno_core::unsync::spawn(wire::run(socket, offer, role)));
        self.last_id
    }

    /// The socket of this id, while its run is in flight.
    #[must_use]
    pub(super) fn find(&self, id: u32) -> Option<Rc<Socket>> {
        self.by_id.get(&id).cloned()
    }

    /// Closes those that have clients: the isolate is to go.
    pub(super) fn say_goodbye(&self) {
        for socket in self.by_id.values().filter(|socket| socket.side == Side::Downstream) {
            socket.close(Some((GOING_AWAY, "")));
        }
    }

    /// Closes and forgets those of a run that has ended.
    pub(super) fn end_run(&mut self, run: u32) {
        self.by_id.retain(|_, socket| {
            if socket.run == run {
                socket.close(Some((GOING_AWAY, "")));
            }
            socket.run != run
        });
    }
}

/// Passes messages between two sockets until both have ended; an end of one closes the other.
pub(super) async fn join(one: &Socket, other: &Socket) {
    futures::future::join(pass(one, other), pass(other, one)).await;
}

async fn pass(from: &Socket, to: &Socket) {
    loop {
        let message = match from.next().await {
            Received::Text(text) => Message::Text(text),
            Received::Binary(bytes) => Message::Binary(bytes),
            Received::Ended(ending) => {
                let sendable = !matches!(ending.code, 1005 | 1006 | 1015);
                let broken = (GOING_AWAY, "");
                to.close(match (ending.clean, sendable) {
                    (true, true) => Some((ending.code, ending.reason.as_str())),
                    (true, false) => None,
                    (false, _) => Some(broken),
                });
                return;
            }
        };
        if to.send(message).is_err() {
            from.close(Some((GOING_AWAY, "")));
        }
        to.drained().await;
    }
}

/// The largest message either way.
pub(super) const MESSAGE_BYTES_MAX: usize = 32 << 20;

/// What may wait to be sent; a message of the largest size and some small ones.
const QUEUE_BYTES_MAX: u64 = MESSAGE_BYTES_MAX as u64 + (1 << 20);

/// What a queued message counts for beside its bytes, so that empty ones do not queue for nothing.
const MESSAGE_OVERHEAD_BYTES: u64 = 128;

/// Nothing more is read from a peer while this much waits to be sent to it.
const STALL_BYTES: u64 = 1 << 20;

/// RFC 6455, 7.4.1: a server goes down, or whoever held the other end is gone.
const GOING_AWAY: u16 = 1001;
