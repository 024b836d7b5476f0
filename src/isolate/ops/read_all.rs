//! Bodies read whole, for scripts that want all of one at once.
//!
//! What comes is kept as it came, counted against the memory cap, and copied once: for one who wants text into V8's string. deno_core's
//! `op_read_all` (0.413) reads into a buffer of its own that is always 64 KiB ahead: zeroed, moved as it grows, and not
//! counted before V8 has it. And each ArrayBuffer is a step towards a full collection (see docs/performance.md).

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use deno_core::convert::{ToV8, Uint8Array};
use deno_core::{OpState, ResourceId, op2, v8};
use deno_error::JsErrorBox;

use super::run::Source;
use super::runs;
use crate::isolate::body::Held;

/// Reads a resource to its end. Rejects with a `RangeError` when what comes does not fit under the memory cap.
#[op2]
pub(crate) async fn op_eyot_read_all(
    state: Rc<RefCell<OpState>>,
    #[smi] rid: ResourceId,
) -> Result<Uint8Array, JsErrorBox> {
    // V8 counts it from here on.
    Ok(Uint8Array::from(read_all(state, rid).await?.0))
}

/// The same as a string, where it is UTF-8; as bytes where not.
#[op2]
pub(crate) async fn op_eyot_read_text(state: Rc<RefCell<OpState>>, #[smi] rid: ResourceId) -> Result<Text, JsErrorBox> {
    let (bytes, held) = read_all(state, rid).await?;
    Ok(Text { bytes, _held: held })
}

/// Bytes that become a string if they can be one.
pub(crate) struct Text {
    bytes: Vec<u8>,
    _held: Held,
}

impl<'a> ToV8<'a> for Text {
    type Error = JsErrorBox;

    fn to_v8<'i>(self, scope: &mut v8::PinScope<'a, 'i>) -> Result<v8::Local<'a, v8::Value>, Self::Error> {
        let Ok(text) = str::from_utf8(&self.bytes) else { return Uint8Array::from(self.bytes).to_v8(scope) };
        let string = if text.is_ascii() {
            v8::String::new_from_one_byte(scope, text.as_bytes(), v8::NewStringType::Normal)
        } else {
            v8::String::new(scope, text)
        };
        string.map(Into::into).ok_or_else(|| JsErrorBox::range_error("The body is too long for a string."))
    }
}

async fn read_all(state: Rc<RefCell<OpState>>, rid: ResourceId) -> Result<(Vec<u8>, Held), JsErrorBox> {
    let (source, gauge) = {
        let state = state.borrow();
        (Source::of(&state, rid)?, Arc::clone(&runs(&state).borrow().gauge))
    };
    let mut held = Held::nothing(&gauge);
    let mut pieces: Vec<Bytes> = Vec::new();
    loop {
        let piece = source.read().await?;
        if piece.is_empty() {
            break;
        }
        let bytes = piece.len() as u64;
        if !held.grow(bytes) {
            let collected = Held::reserve_or_collect(&gauge, bytes).await;
            held.absorb(
                collected.ok_or_else(|| JsErrorBox::range_error("The body does not fit under the memory cap."))?,
            );
        }
        pieces.push(piece);
    }
    Ok((pieces.concat(), held))
}
