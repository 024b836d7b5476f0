//! Bodies read whole, for scripts that want all of one at once.
//!
//! What comes is counted against the memory cap and copied into blocks: a piece that is kept as it came keeps the buffer it came in, and
//! chunks of one byte each take 50 bytes. What fits into one block is not copied again, but for one who wants text, into V8's
//! string. deno_core's `op_read_all` (0.413) reads into a buffer of its own that is always 64 KiB ahead: zeroed, moved as it
//! grows, and not counted before V8 has it. And each ArrayBuffer is a step towards a full collection (see docs/performance.md).

use std::cell::RefCell;
use std::mem;
use std::rc::Rc;
use std::sync::Arc;

use deno_core::convert::{ToV8, Uint8Array};
use deno_core::{OpState, ResourceId, op2, v8};
use deno_error::JsErrorBox;

use super::runs;
use super::source::Source;
use crate::isolate::body::Held;
use crate::isolate::drive::text_string;

/// Reads a resource to its end. Rejects with a `RangeError` when what comes does not fit under the memory cap.
#[op2]
pub(crate) async fn op_eyot_read_all(
    state: Rc<RefCell<OpState>>,
    #[smi] rid: ResourceId,
) -> Result<Uint8Array, JsErrorBox> {
    // V8 counts it from here on.
    Ok(Uint8Array::from(read_all(state, rid).await?.0))
}

/// The same as a string, with its byte order mark if it has one.
#[op2]
pub(crate) async fn op_eyot_read_text(state: Rc<RefCell<OpState>>, #[smi] rid: ResourceId) -> Result<Text, JsErrorBox> {
    let (bytes, held) = read_all(state, rid).await?;
    Ok(Text { bytes, _held: held })
}

/// Bytes that become a string.
pub(crate) struct Text {
    bytes: Vec<u8>,
    _held: Held,
}

impl<'a> ToV8<'a> for Text {
    type Error = JsErrorBox;

    fn to_v8<'i>(self, scope: &mut v8::PinScope<'a, 'i>) -> Result<v8::Local<'a, v8::Value>, Self::Error> {
        text_string(scope, &self.bytes)
            .map(Into::into)
            .ok_or_else(|| JsErrorBox::range_error("The body is too long for a string."))
    }
}

async fn read_all(state: Rc<RefCell<OpState>>, rid: ResourceId) -> Result<(Vec<u8>, Held), JsErrorBox> {
    let (source, gauge) = {
        let state = state.borrow();
        (Source::of(&state, rid)?, Arc::clone(&runs(&state).borrow().gauge))
    };
    let mut held = Held::nothing(&gauge);
    let mut blocks = Blocks::default();
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
        blocks.push(&piece);
    }
    Ok((blocks.whole(), held))
}

/// Bytes that have come so far: full blocks, and one that is being filled.
#[derive(Default)]
struct Blocks {
    full: Vec<Vec<u8>>,
    last: Vec<u8>,
}

impl Blocks {
    fn push(&mut self, piece: &[u8]) {
        if !self.last.is_empty() && self.last.len() + piece.len() > BLOCK_BYTES {
            self.full.push(mem::take(&mut self.last));
        }
        self.last.extend_from_slice(piece);
    }

    /// All of them together, each given back once it was copied.
    fn whole(self) -> Vec<u8> {
        if self.full.is_empty() {
            return self.last;
        }
        let bytes = self.full.iter().map(Vec::len).sum::<usize>() + self.last.len();
        let mut whole = Vec::with_capacity(bytes);
        for block in self.full.into_iter().chain([self.last]) {
            whole.extend_from_slice(&block);
        }
        whole
    }
}

/// What a larger body is kept in until all of it is there.
const BLOCK_BYTES: usize = 64 << 10;
