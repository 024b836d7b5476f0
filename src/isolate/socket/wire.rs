//! The wire of one WebSocket: a task that moves messages between the queues and the connection.
//!
//! The protocol itself (frames, masks, fragments, pongs, the reply to a close) is tungstenite's. This adds what it leaves
//! to its users: back-pressure both ways, a close frame that says why a connection is failed, pings to a silent peer, and
//! deadlines for everything a peer may put off. Knows nothing of JavaScript.

use std::future::Future as _;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::future::poll_fn;
use futures::{SinkExt as _, StreamExt as _};
use tokio::io::AsyncWrite as _;
use tokio::time::{Instant, Sleep, sleep, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::counted_io::{CountedIo, Gathered};
use super::{Ending, MESSAGE_BYTES_MAX, STALL_BYTES, Socket, SocketOffer};
use crate::isolate::body::Held;

/// Runs a socket from its connection to its end.
pub(super) async fn run(socket: Rc<Socket>, offer: SocketOffer, role: Role) {
    let ending = match timeout(CONNECTED_WITHIN, offer.0).await {
        Ok(Ok(io)) => {
            let gathered = Gathered::new(socket.gauge.clone());
            let io = CountedIo::new(io, Rc::clone(&gathered));
            let config = WebSocketConfig::default()
                .read_buffer_size(READ_BUFFER_BYTES)
                .write_buffer_size(WRITE_BUFFER_BYTES)
                .max_message_size(Some(MESSAGE_BYTES_MAX))
                .max_frame_size(Some(MESSAGE_BYTES_MAX));
            let stream = WebSocketStream::from_raw_socket(io, role, Some(config)).await;
            let now = Instant::now();
            let mut wire = Wire {
                stream,
                socket: Rc::clone(&socket),
                gathered,
                sending: Vec::new(),
                sending_bytes: 0,
                heard: now,
                pinged: false,
                close_sent: None,
                peer_closed: None,
                look: Box::pin(sleep_until(now + PING_AFTER)),
            };
            let ending = poll_fn(|cx| wire.poll(cx)).await;
            // Whoever waits learns of the end first: what is left is politeness to the peer.
            socket.ended(ending);
            return wire.leave().await;
        }
        Ok(Err(_)) | Err(_) => Ending::abnormal(),
    };
    socket.ended(ending);
}

struct Wire {
    stream: WebSocketStream<CountedIo>,
    socket: Rc<Socket>,
    gathered: Rc<Gathered>,
    /// What has been given to the stream and not been flushed.
    sending: Vec<Held>,
    sending_bytes: u64,
    /// When the peer was last heard.
    heard: Instant,
    pinged: bool,
    close_sent: Option<Instant>,
    peer_closed: Option<Ending>,
    look: Pin<Box<Sleep>>,
}

/// Whether a step led anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Moved,
    Stuck,
}

impl Wire {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ending> {
        self.socket.state.borrow_mut().wire = Some(cx.waker().clone());
        for _ in 0..STEPS_A_POLL {
            if self.socket.state.borrow().failed {
                return self.fail(cx, None);
            }
            let sent = match self.poll_send(cx) {
                Ok(step) => step,
                Err(Error::ConnectionClosed | Error::AlreadyClosed) => {
                    return Poll::Ready(self.peer_closed.take().unwrap_or_else(Ending::abnormal));
                }
                Err(error) => return self.fail(cx, Some(error)),
            };
            match self.poll_receive(cx) {
                Ok(Poll::Ready(ending)) => return Poll::Ready(ending),
                Ok(Poll::Pending) => {}
                Err(error) => return self.fail(cx, Some(error)),
            }
            if sent == Step::Stuck {
                return self.poll_clock(cx);
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Feeds what waits, one buffer's worth at a time, and flushes.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Result<Step, Error> {
        let mut step = Step::Stuck;
        while self.sending_bytes < WRITE_BUFFER_BYTES as u64
            && self.close_sent.is_none()
            && self.stream.poll_ready_unpin(cx)?.is_ready()
        {
            let Some((message, held)) = self.socket.state.borrow_mut().outgoing.pop_front() else { break };
            if message.is_close() {
                self.close_sent = Some(Instant::now());
            }
            if let Some(held) = held {
                self.sending_bytes += held.bytes();
                self.sending.push(held);
            }
            match self.stream.start_send_unpin(message) {
                // The peer has closed meanwhile; what we still had to say is dropped.
                Ok(()) | Err(Error::ConnectionClosed | Error::Protocol(ProtocolError::SendAfterClosing)) => {}
                Err(error) => return Err(error),
            }
            step = Step::Moved;
        }
        if self.stream.poll_flush_unpin(cx)?.is_ready() && !self.sending.is_empty() {
            let sent = self.sending.len() as u64;
            self.sending.clear();
            let mut state = self.socket.state.borrow_mut();
            state.unsent_messages = state.unsent_messages.saturating_sub(sent);
            state.unsent_bytes = state.unsent_bytes.saturating_sub(std::mem::take(&mut self.sending_bytes));
            state.wake_script();
            step = Step::Moved;
        }
        Ok(step)
    }

    /// Takes what has come while there is room for it; ready when the connection has ended.
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Result<Poll<Ending>, Error> {
        for _ in 0..STEPS_A_POLL {
            if self.is_stalled() {
                self.heard = Instant::now();
                return Ok(Poll::Pending);
            }
            let message = match self.stream.poll_next_unpin(cx) {
                Poll::Pending => return Ok(Poll::Pending),
                Poll::Ready(None) => {
                    return Ok(Poll::Ready(self.peer_closed.take().unwrap_or_else(Ending::abnormal)));
                }
                Poll::Ready(Some(message)) => message?,
            };
            self.heard = Instant::now();
            self.pinged = false;
            self.gathered.clear();
            match message {
                Message::Close(frame) => self.peer_closed = Some(ending_of(frame)),
                Message::Text(_) | Message::Binary(_) if self.close_sent.is_none() => {
                    let Some(held) = Held::reserve(&self.socket.gauge, message.len() as u64) else {
                        return Err(Error::Io(std::io::ErrorKind::OutOfMemory.into()));
                    };
                    self.socket.arrived(message, held);
                }
                _ => {}
            }
        }
        cx.waker().wake_by_ref();
        Ok(Poll::Pending)
    }

    fn is_stalled(&self) -> bool {
        if self.close_sent.is_some() || self.peer_closed.is_some() {
            return false;
        }
        let state = self.socket.state.borrow();
        // Only while the script waits for it: tungstenite answers a close as soon as it reads it, and nothing can be sent
        // after that, so what the script says to a message has to come before what follows the message is read.
        !state.waiting || state.unsent_bytes >= STALL_BYTES
    }

    /// Pings a silent peer; gives up one that stays silent, or that does not answer a close.
    fn poll_clock(&mut self, cx: &mut Context<'_>) -> Poll<Ending> {
        loop {
            let now = Instant::now();
            let due = match self.close_sent {
                Some(sent) if now >= sent + CLOSED_WITHIN => return Poll::Ready(Ending::abnormal()),
                Some(sent) => sent + CLOSED_WITHIN,
                None if now >= self.heard + GONE_AFTER => return Poll::Ready(Ending::abnormal()),
                None if self.pinged => self.heard + GONE_AFTER,
                None if now >= self.heard + PING_AFTER => {
                    self.pinged = true;
                    // A peer that takes no bytes is found by the deadline; one that has closed needs no ping.
                    let _ = self.stream.start_send_unpin(Message::Ping(bytes::Bytes::new()));
                    let _ = self.stream.poll_flush_unpin(cx);
                    continue;
                }
                None => self.heard + PING_AFTER,
            };
            // Moving the alarm costs more than looking too early once in a while.
            if due < self.look.deadline() || self.look.is_elapsed() {
                self.look.as_mut().reset(due);
            }
            ready!(self.look.as_mut().poll(cx));
        }
    }

    /// Fails the connection: a close frame that says why, if that can still be said.
    fn fail(&mut self, cx: &mut Context<'_>, error: Option<Error>) -> Poll<Ending> {
        let code = match &error {
            None => Some(CloseCode::Size),
            Some(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => None,
            Some(Error::Io(error)) if error.kind() == std::io::ErrorKind::OutOfMemory => Some(CloseCode::Size),
            Some(Error::Protocol(_)) => Some(CloseCode::Protocol),
            Some(Error::Utf8(_)) => Some(CloseCode::Invalid),
            Some(Error::Capacity(_)) => Some(CloseCode::Size),
            Some(_) => None,
        };
        if let (Some(code), None) = (code, self.close_sent) {
            let frame = CloseFrame { code, reason: "".into() };
            // It goes out with what `leave` flushes, or not at all.
            let _ = self.stream.start_send_unpin(Message::Close(Some(frame)));
            let _ = self.stream.poll_flush_unpin(cx);
        }
        // A peer that had closed in order and broke the connection afterwards has closed in order.
        Poll::Ready(self.peer_closed.take().unwrap_or_else(Ending::abnormal))
    }

    /// Ends the connection so that the peer gets what was sent last: flushed, shut down, and read out for a while.
    async fn leave(mut self) {
        let stream = &mut self.stream;
        let leaving = async {
            // Errors mean that the peer is gone already.
            let _ = poll_fn(|cx| stream.poll_flush_unpin(cx)).await;
            let _ = poll_fn(|cx| Pin::new(stream.get_mut()).poll_shutdown(cx)).await;
            poll_fn(|cx| stream.get_mut().poll_discard(cx)).await;
        };
        tokio::select! {
            () = pin!(leaving) => {}
            () = sleep(LEFT_WITHIN) => {}
        }
    }
}

fn ending_of(frame: Option<CloseFrame>) -> Ending {
    match frame {
        Some(frame) => Ending { code: frame.code.into(), reason: frame.reason.to_string(), clean: true },
        None => Ending { code: 1005, reason: String::new(), clean: true },
    }
}

/// Messages moved before others on this thread get their turn.
const STEPS_A_POLL: u32 = 32;

/// Each socket has one buffer for reading, so it is small.
const READ_BUFFER_BYTES: usize = 8 << 10;

/// Messages are gathered to this size before they are written.
const WRITE_BUFFER_BYTES: usize = 64 << 10;

/// From the answer to the request to the connection being ours.
const CONNECTED_WITHIN: Duration = Duration::from_secs(30);

/// A peer that was not heard for this long is pinged.
const PING_AFTER: Duration = Duration::from_secs(45);

/// A peer that was not heard for this long is gone.
const GONE_AFTER: Duration = Duration::from_secs(100);

/// From our close frame to the peer's.
const CLOSED_WITHIN: Duration = Duration::from_secs(10);

/// From the end of the protocol to the end of the connection.
const LEFT_WITHIN: Duration = Duration::from_secs(2);
