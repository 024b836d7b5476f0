//! Request bodies as JavaScript reads them: one chunk at a time, when it asks.
//!
//! Back-pressure is the connection's own: nothing is read ahead of the script. A body longer than the limit ends in an
//! error at the limit, whatever length it announced. The answer of a service binding is read in the same way.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes};
use deno_core::{AsyncResult, BufView, Resource};
use deno_error::JsErrorBox;
use http_body::{Body as _, Frame};
use tokio_util::sync::CancellationToken;

use super::body::{BoxError, RequestBody};

/// A request body in the resource table.
pub(super) struct BodyResource {
    body: RefCell<Option<RequestBody>>,
    rest: RefCell<Bytes>,
    room_bytes: Cell<u64>,
    stop: CancellationToken,
    is_over: Cell<bool>,
}

impl BodyResource {
    /// A body of at most `limit_bytes`.
    #[must_use]
    pub(super) fn new(body: RequestBody, limit_bytes: u64) -> Self {
        Self { room_bytes: Cell::new(limit_bytes), ..Self::until(body, CancellationToken::new()) }
    }

    /// A body of any length that is given up when `stop` is cancelled.
    #[must_use]
    pub(super) fn until(body: RequestBody, stop: CancellationToken) -> Self {
        let rest = RefCell::new(Bytes::new());
        Self { body: RefCell::new(Some(body)), rest, room_bytes: Cell::new(u64::MAX), stop, is_over: Cell::new(false) }
    }

    /// Drops the body, and so tells its sender, as soon as nobody wants it any more: a read that waits in an event loop
    /// nobody turns must not keep it.
    pub(super) async fn let_go_when_stopped(&self) {
        self.stop.cancelled().await;
        self.body.borrow_mut().take();
    }

    /// The request that it came with is over: what has not been read is given back to the connection, and not read any more.
    pub(super) fn end(&self) {
        self.is_over.set(true);
        self.stop.cancel();
        self.body.borrow_mut().take();
        self.rest.borrow_mut().clear();
    }

    /// The next bytes, at most `limit`; none at the end. One reader at a time: of two, one may wait for ever.
    pub(super) async fn next(&self, limit: usize) -> Result<Bytes, JsErrorBox> {
        loop {
            let ready = {
                let mut rest = self.rest.borrow_mut();
                let take = rest.remaining().min(limit);
                rest.split_to(take)
            };
            if !ready.is_empty() {
                return Ok(ready);
            }
            let frame = tokio::select! {
                biased;
                () = self.stop.cancelled() => None,
                frame = poll_fn(|cx| self.poll_frame(cx)) => frame,
            };
            match frame {
                // The words are Workers'.
                None if self.is_over.get() => {
                    let message = "Can't read from request stream after response has been sent.";
                    return Err(JsErrorBox::type_error(message));
                }
                None => {
                    self.body.borrow_mut().take();
                    return Ok(Bytes::new());
                }
                Some(Err(error)) => {
                    self.body.borrow_mut().take();
                    return Err(JsErrorBox::type_error(format!("Network connection lost. ({error})")));
                }
                Some(Ok(frame)) => {
                    let data = frame.into_data().unwrap_or_default();
                    let room = self.room_bytes.get();
                    if data.len() as u64 > room {
                        self.body.borrow_mut().take();
                        return Err(JsErrorBox::range_error("The request body is larger than the limit allows."));
                    }
                    self.room_bytes.set(room - data.len() as u64);
                    *self.rest.borrow_mut() = data;
                }
            }
        }
    }

    /// How many bytes are left, where its sender has said so; it may send others.
    pub(super) fn announced_bytes(&self) -> Option<u64> {
        let left = self.body.borrow().as_ref()?.size_hint().exact()?;
        Some(left + self.rest.borrow().len() as u64)
    }

    fn poll_frame(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut *self.body.borrow_mut() {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }
}

impl Resource for BodyResource {
    fn name(&self) -> std::borrow::Cow<'_, str> {
        "requestBody".into()
    }

    fn read(self: Rc<Self>, limit: usize) -> AsyncResult<BufView> {
        Box::pin(async move { Ok(BufView::from(self.next(limit).await?)) })
    }

    fn close(self: Rc<Self>) {
        self.stop.cancel();
        self.body.borrow_mut().take();
    }
}
