//! Request bodies as JavaScript reads them: one chunk at a time, when it asks.
//!
//! Back-pressure is the connection's own: nothing is read ahead of the script. A body longer than the limit ends in an
//! error at the limit, whatever length it announced.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bytes::{Buf as _, Bytes};
use deno_core::{AsyncResult, BufView, Resource};
use deno_error::JsErrorBox;
use http_body_util::BodyExt as _;

use super::body::RequestBody;

/// A request body in the resource table.
pub(super) struct BodyResource {
    body: RefCell<Option<RequestBody>>,
    rest: RefCell<Bytes>,
    room_bytes: Cell<u64>,
}

impl BodyResource {
    /// A body of at most `limit_bytes`.
    #[must_use]
    pub(super) fn new(body: RequestBody, limit_bytes: u64) -> Self {
        Self { body: RefCell::new(Some(body)), rest: RefCell::new(Bytes::new()), room_bytes: Cell::new(limit_bytes) }
    }

    /// The next bytes, at most `limit`; none at the end. Not cancel-safe: the body is out while a chunk is awaited, and
    /// a second reader gets an error.
    async fn next(&self, limit: usize) -> Result<Bytes, JsErrorBox> {
        loop {
            let ready = {
                let mut rest = self.rest.borrow_mut();
                let take = rest.remaining().min(limit);
                rest.split_to(take)
            };
            if !ready.is_empty() {
                return Ok(ready);
            }
            let Some(mut body) = self.body.borrow_mut().take() else {
                return Ok(Bytes::new());
            };
            let frame = body.frame().await;
            match frame {
                None => return Ok(Bytes::new()),
                Some(Err(error)) => return Err(JsErrorBox::type_error(format!("Network connection lost. ({error})"))),
                Some(Ok(frame)) => {
                    let data = frame.into_data().unwrap_or_default();
                    let room = self.room_bytes.get();
                    if data.len() as u64 > room {
                        return Err(JsErrorBox::range_error("The request body is larger than the limit allows."));
                    }
                    self.room_bytes.set(room - data.len() as u64);
                    *self.rest.borrow_mut() = data;
                    *self.body.borrow_mut() = Some(body);
                }
            }
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
}
