//! The clock scripts see: set when JavaScript is entered, still while it runs, 0 where nobody has set it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use deno_core::{OpState, op2};

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
