//! The meter of one isolate: whose CPU time is being used.
//!
//! One run pays at a time. The driver says who when it enters JavaScript; while several runs are unsettled, `js/dispatch.js`
//! says so again before each promise job and each timer, because jobs of several runs share a turn of the event loop. When
//! the payer changes, the thread's clock is read, the old payer charged, and the deadline moved to what the new one has left.
//! Payer 0 is nobody: the event loop's own work, shared out when the entry ends.
//!
//! Invariant: what runs are charged for an entry sums up to what the thread used in it.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use super::guard::{EndReason, Guard};
use super::runs::Runs;
use crate::limits::{MovableDeadline, Spent};

/// Who pays; on the slot's thread only.
pub(super) struct Meter {
    deadline: MovableDeadline,
    guard: Arc<Guard>,
    payer: Cell<u32>,
    over: Cell<Option<u32>>,
}

/// The form in which ops and driver hold it.
pub(super) type SharedMeter = Rc<Meter>;

impl Meter {
    /// Nobody pays.
    #[must_use]
    pub(super) fn new(deadline: MovableDeadline, guard: Arc<Guard>) -> SharedMeter {
        Rc::new(Self { deadline, guard, payer: Cell::new(0), over: Cell::new(None) })
    }

    /// JavaScript is about to be entered on behalf of run `id`, or of nobody (0).
    pub(super) fn enter(&self, id: u32) {
        self.payer.set(id);
    }

    /// From here on it runs on behalf of run `id`. One that is not in flight any more is nobody.
    pub(super) fn switch(&self, runs: &mut Runs, id: u32) {
        let id = if runs.in_flight.contains_key(&id) { id } else { 0 };
        if id == self.payer.get() {
            return;
        }
        let Some(used) = self.deadline.restart(runs.remaining(id)) else { return };
        self.charge(runs, used);
        self.payer.set(id);
    }

    /// JavaScript was left.
    pub(super) fn leave(&self, runs: &mut Runs, spent: Spent) {
        self.charge(runs, spent.cpu);
        runs.share_unclaimed();
    }

    /// Who passed a limit just now, if anybody can be blamed: 0 is nobody.
    #[must_use]
    pub(super) fn to_blame(&self) -> u32 {
        self.over.get().unwrap_or(self.payer.get())
    }

    /// A run that computes in parts shorter than the watchdog's tick is over its budget here and nowhere else.
    fn charge(&self, runs: &mut Runs, used: std::time::Duration) {
        let payer = self.payer.get();
        if runs.charge(payer, used) && self.guard.ended().is_none() {
            self.over.set(Some(payer));
            self.guard.end(EndReason::Cpu);
        }
    }
}
