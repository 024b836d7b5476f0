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
use std::time::Duration;

use super::guard::{EndReason, Guard};
use super::runs::{Run, Runs};
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

    /// Whether who pays has no right to an answer any more, and its isolate is ended: its deadline passed long ago. The watchdog
    /// has not seen it where the processors were taken by others.
    #[must_use]
    pub(super) fn is_overdrawn(&self) -> bool {
        let missed = self.guard.ended().is_none() && self.deadline.was_missed();
        if missed {
            self.over.set(Some(self.payer.get()));
            self.guard.end(EndReason::Cpu);
        }
        missed
    }

    /// On behalf of whom it runs; 0 is nobody.
    #[must_use]
    pub(super) fn payer(&self) -> u32 {
        self.payer.get()
    }

    /// Who passed a limit just now, if anybody can be blamed: 0 is nobody.
    #[must_use]
    pub(super) fn to_blame(&self) -> u32 {
        self.over.get().unwrap_or(self.payer.get())
    }

    /// A run that computes in parts shorter than the watchdog's tick is over its budget here and nowhere else.
    fn charge(&self, runs: &mut Runs, used: Duration) {
        let payer = self.payer.get();
        if runs.charge(payer, used) && self.guard.ended().is_none() {
            self.over.set(Some(payer));
            self.guard.end(EndReason::Cpu);
        }
    }
}

impl Runs {
    /// What is left of a run's CPU budget; for 0, the most that is left to any run.
    #[must_use]
    pub fn remaining(&self, id: u32) -> Duration {
        let budget = Duration::from_millis(u64::from(self.deployment.limits.cpu_ms));
        let used = match self.in_flight.get(&id) {
            Some(run) => run.used(),
            None => self.in_flight.values().map(Run::used).min().unwrap_or_default(),
        };
        budget.saturating_sub(used)
    }

    /// Charges CPU time to a run, or for 0 to nobody yet. Says whether the run has more to do and nothing to do it with.
    pub fn charge(&mut self, id: u32, cpu: Duration) -> bool {
        let budget = Duration::from_millis(u64::from(self.deployment.limits.cpu_ms));
        let Some(run) = self.in_flight.get_mut(&id) else {
            self.unclaimed += cpu;
            return false;
        };
        run.cpu += cpu;
        if !std::mem::replace(&mut run.active, true) {
            self.active.push(id);
        }
        run.used() > budget && !run.done
    }

    /// Ends an entry into JavaScript: what nobody has been charged for was work for those who had a part in it, or, when
    /// none had, for all who wait.
    pub fn share_unclaimed(&mut self) {
        let unclaimed = std::mem::take(&mut self.unclaimed);
        let mut active = std::mem::take(&mut self.active);
        // One that was finished since has no part in it any more.
        active.retain(|id| self.in_flight.get_mut(id).is_some_and(|run| std::mem::take(&mut run.active)));
        if !unclaimed.is_zero() {
            let payers = if active.is_empty() { self.in_flight.len() } else { active.len() };
            let share = unclaimed / u32::try_from(payers.max(1)).unwrap_or(u32::MAX);
            if active.is_empty() {
                self.in_flight.values_mut().for_each(|run| run.cpu += share);
            }
            for id in &active {
                if let Some(run) = self.in_flight.get_mut(id) {
                    run.cpu += share;
                }
            }
        }
        active.clear();
        self.active = active;
    }
}
