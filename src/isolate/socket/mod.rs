//! WebSockets: one message queue each way between a script and a peer, both bounded.
//!
//! A [`Socket`] is what ops see: whole messages in and out, and how it ended. Its wire is a task on the slot's own
//! executor that speaks the protocol (`wire`). What waits in either direction, and what has come of a message that is not
//! complete, counts against the isolate's memory cap. A script that is slow to take messages stalls the peer; so does a
//! peer that is slow to take answers, because nothing is read while much is unsent.
//!
//! Invariant: a socket ends exactly once, and whoever waits for its next message learns of it.

mod arrivals;
mod connect;
mod counted_io;
mod join;
mod open;
mod pipe;
mod wire;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures::future::{BoxFuture, poll_fn};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use self::arrivals::Arrivals;
use super::body::{BoxError, Held};
use super::gauge::MemoryGauge;

pub use connect::Connector;
pub(super) use connect::{ConnectError, Connected, connect};
pub(super) use join::join;
pub(super) use open::Sockets;
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

/// A message for a script.
#[derive(Debug)]
pub(super) enum Arrived {
    /// A text message.
    Text(Utf8Bytes),
    /// A binary message.
    Binary(Bytes),
}

/// What whoever passes messages on is given next.
#[derive(Debug)]
enum Received {
    /// A message, text or binary.
    Message(Message),
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
    id: u32,
    run: u32,
    side: Side,
    gauge: Arc<MemoryGauge>,
    arrivals: Rc<Arrivals>,
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
    /// Bytes in `outgoing` and on their way out, with what each message costs.
    unsent_bytes: u64,
    unsent_messages: u64,
    close_queued: bool,
    incoming: Option<(Message, Held)>,
    /// The script has taken what came and asks for more.
    waiting: bool,
    /// What comes is called into the script, and not asked for.
    is_heard: bool,
    failed: bool,
    ending: Option<Ending>,
    wire: Option<Waker>,
    script: Option<Waker>,
    /// Whoever waits for this to be heard or to end.
    keeper: Option<Waker>,
}

impl Socket {
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
        state.unsent_messages += 1;
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

    /// Bytes of messages that have not been handed to the network, without their frames, as `bufferedAmount` is
    /// (<https://websockets.spec.whatwg.org/#dom-websocket-bufferedamount>).
    #[must_use]
    pub(super) fn unsent_payload_bytes(&self) -> u64 {
        let state = self.state.borrow();
        state.unsent_bytes.saturating_sub(state.unsent_messages * MESSAGE_OVERHEAD_BYTES)
    }

    /// From now on what comes is called into the script; resolves when it has had the last of it.
    pub(super) async fn hear(&self) -> Ending {
        poll_fn(|cx| {
            let mut state = self.state.borrow_mut();
            if !std::mem::replace(&mut state.is_heard, true) {
                state.wake_keeper();
                if state.incoming.is_some() {
                    self.arrivals.push(self.id);
                } else {
                    state.ask();
                }
            }
            match &state.ending {
                Some(ending) if state.incoming.is_none() => Poll::Ready(ending.clone()),
                _ => {
                    state.script = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// Resolves with true once this is heard, with false when it has ended. Until then one message is waited for, so that a
    /// peer that leaves is noticed. One caller at a time.
    pub(super) async fn kept(&self) -> bool {
        poll_fn(|cx| {
            let mut state = self.state.borrow_mut();
            if state.is_heard || state.ending.is_some() {
                return Poll::Ready(state.is_heard);
            }
            if state.incoming.is_none() {
                state.ask();
            }
            state.keeper = Some(cx.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// The message that came, for a script that hears them.
    fn heard(&self) -> Option<Arrived> {
        let mut state = self.state.borrow_mut();
        let (message, _held) = state.incoming.take()?;
        if state.ending.is_some() {
            state.wake_script();
        }
        Some(match message {
            Message::Text(text) => Arrived::Text(text),
            other => Arrived::Binary(other.into_data()),
        })
    }

    /// The script has had its message: the next one may come.
    pub(super) fn ask(&self) {
        self.state.borrow_mut().ask();
    }

    /// The next message, or how it ended. One caller at a time: a second one takes the first one's place.
    async fn next(&self) -> Received {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Received> {
        let mut state = self.state.borrow_mut();
        if let Some((message, _held)) = state.incoming.take() {
            return Poll::Ready(Received::Message(message));
        }
        if let Some(ending) = &state.ending {
            return Poll::Ready(Received::Ended(ending.clone()));
        }
        state.ask();
        state.script = Some(cx.waker().clone());
        Poll::Pending
    }

    /// A message has come.
    fn arrived(&self, message: Message, held: Held) {
        let mut state = self.state.borrow_mut();
        state.incoming = Some((message, held));
        state.waiting = false;
        if state.is_heard {
            self.arrivals.push(self.id);
        } else {
            state.wake_script();
        }
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
        (state.unsent_bytes, state.unsent_messages) = (0, 0);
        state.wake_script();
        state.wake_keeper();
    }
}

impl State {
    fn ask(&mut self) {
        if !std::mem::replace(&mut self.waiting, true) {
            self.wake_wire();
        }
    }

    fn wake_wire(&mut self) {
        if let Some(waker) = self.wire.take() {
            waker.wake();
        }
    }

    fn wake_keeper(&mut self) {
        if let Some(waker) = self.keeper.take() {
            waker.wake();
        }
    }

    fn wake_script(&mut self) {
        if let Some(waker) = self.script.take() {
            waker.wake();
        }
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
