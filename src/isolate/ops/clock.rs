//! The clock scripts see: set when JavaScript is entered, still while it runs, 0 where nobody has set it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use deno_core::{OpDecl, OpState, op2};

/// The time of the entry that runs, in whole milliseconds since the epoch; 0 at first. Clones share it.
#[derive(Debug, Clone, Default)]
pub(in crate::isolate) struct FrozenClock(Rc<Cell<f64>>);

impl FrozenClock {
    /// Moves on to the time as it is now.
    pub(in crate::isolate) fn tick(&self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis());
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since the epoch are far below 2^53")]
        self.0.set(now as f64);
    }
}

/// The time of the entry that runs; 0 at the top level.
#[op2(fast)]
pub(crate) fn op_eyot_now(state: &mut OpState) -> f64 {
    state.try_borrow::<FrozenClock>().map_or(0.0, |clock| clock.0.get())
}

/// deno_web's clock, which the performance timeline reads: the same one, in seconds and nanoseconds.
#[op2(fast)]
fn op_eyot_now_parts(state: &mut OpState, #[buffer] out: &mut [u8]) {
    let now = state.try_borrow::<FrozenClock>().map_or(0.0, |clock| clock.0.get());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds fit until 2106")]
    let (seconds, nanoseconds) = ((now / 1e3) as u32, ((now % 1e3) * 1e6) as u32);
    write_parts(out, seconds, nanoseconds);
}

/// Its origin: the epoch.
#[op2(fast)]
fn op_eyot_origin_parts(#[buffer] out: &mut [u8]) {
    write_parts(out, 0, 0);
}

fn write_parts(out: &mut [u8], seconds: u32, nanoseconds: u32) {
    if let Some((first, rest)) = out.split_first_chunk_mut::<4>() {
        *first = seconds.to_ne_bytes();
        if let Some(second) = rest.first_chunk_mut::<4>() {
            *second = nanoseconds.to_ne_bytes();
        }
    }
}

/// deno_web's ops with its moving clocks replaced by ours.
pub(in crate::isolate) fn frozen(op: OpDecl) -> OpDecl {
    match op.name {
        "op_now" => op.with_implementation_from(&op_eyot_now_parts()),
        "op_time_origin" => op.with_implementation_from(&op_eyot_origin_parts()),
        _ => op,
    }
}
