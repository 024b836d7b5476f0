//! Messages of WebSockets on their way into JavaScript: called, each on its own run's budget.

use std::rc::Rc;
use std::task::Context;
use std::time::Instant;

use deno_core::v8;

use super::Driver;
use super::texts::text_string;
use crate::isolate::guard::EndReason;
use crate::isolate::socket::Arrived;

impl Driver {
    /// Takes what has come to the script, a batch at most.
    pub(super) fn deliver(&mut self, now: Instant, cx: &mut Context<'_>) -> Result<(), EndReason> {
        self.isolate.runs.borrow().sockets.set_driver(cx.waker());
        for _ in 0..MESSAGES_A_TURN {
            let arrived = self.isolate.runs.borrow().sockets.arrived();
            let Some((id, socket, message)) = arrived else { return Ok(()) };
            if let Some(run) = self.isolate.runs.borrow_mut().in_flight.get_mut(&socket.run()) {
                run.message_came(now);
            }
            let watched = Rc::clone(&self.watched);
            let armed = self.enter(&watched, socket.run());
            // What it throws is the script's own doing and has nobody to go to.
            let _ = self.call_message(id, message);
            let spent = armed.disarm();
            // Before the next is read: a close is answered as it is read, and nothing can be said after that.
            socket.ask();
            self.leave(spent)?;
        }
        // There may be more: come back after this turn.
        cx.waker().wake_by_ref();
        Ok(())
    }

    fn call_message(&mut self, id: u32, message: Arrived) -> Option<()> {
        let runtime = self.isolate.started.runtime();
        deno_core::scope!(scope, runtime);
        v8::tc_scope!(let scope, scope);
        let data: v8::Local<'_, v8::Value> = match message {
            Arrived::Text(text) => text_string(scope, text.as_str().as_bytes())?.into(),
            Arrived::Binary(bytes) => {
                let length = bytes.len();
                let store = v8::ArrayBuffer::new_backing_store_from_vec(Vec::from(bytes)).make_shared();
                let buffer = v8::ArrayBuffer::with_backing_store(scope, &store);
                v8::Uint8Array::new(scope, buffer, 0, length)?.into()
            }
        };
        let function = v8::Local::new(scope, &self.isolate.entry.message);
        let this = v8::undefined(scope).into();
        let id = v8::Integer::new_from_unsigned(scope, id).into();
        function.call(scope, this, &[id, data])?;
        scope.perform_microtask_checkpoint();
        Some(())
    }
}

/// Messages delivered before the event loop is turned again.
const MESSAGES_A_TURN: u32 = 64;
