//! Bodies read whole, for scripts that want all of one at once.
//!
//! What comes is kept as it came, counted against the memory cap, and copied once. deno_core's `op_read_all` (0.413) reads into a
//! buffer of its own that is always 64 KiB ahead: zeroed, moved as it grows, and not counted before V8 has it.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use deno_core::convert::Uint8Array;
use deno_core::{OpState, ResourceId, op2};
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
    // V8 counts it from here on.
    Ok(Uint8Array::from(pieces.concat()))
}
