//! Memory of the host's that a call or an object of a script's takes, counted against the isolate's cap for as long as
//! JavaScript keeps the receipt.

use std::sync::Arc;

use deno_core::{OpState, op2, v8};
use deno_error::JsErrorBox;

use super::kept::Kept;
use super::mapping::after_collections;
use super::runs;
use crate::isolate::body::Held;

/// The receipt; empty once it was given back.
pub(crate) type HeldObject = Kept<Option<Held>>;

/// Counts `bytes`; collects garbage first when there is no room, and throws a `RangeError` when there is none afterwards.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_hold(
    scope: &mut v8::PinScope<'_, '_>,
    state: &mut OpState,
    #[number] bytes: u64,
) -> Result<HeldObject, JsErrorBox> {
    let gauge = Arc::clone(&runs(state).borrow().gauge);
    match after_collections(scope, || Held::reserve(&gauge, bytes)) {
        Some(held) => Ok(Kept::new(Some(held))),
        None => Err(JsErrorBox::range_error("It does not fit under the memory cap.")),
    }
}

/// Gives it back before the collector comes by.
#[op2(fast)]
pub(crate) fn op_eyot_let_go(#[cppgc] held: &HeldObject) -> Result<(), JsErrorBox> {
    held.borrow()?.take();
    Ok(())
}
