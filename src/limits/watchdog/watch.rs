//! The watchdog's own thread: looks at every armed slot, stops those over their deadline, and has those that compute for
//! long step behind the others.

use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};
use std::time::Duration;

use super::super::thread_slice::{SHORT, ThreadId, set_slice};
use super::{CALM, Entry, INSPECT_AFTER, Overdue, QUICK_ENTRIES, Shared, State, TICK};

/// The thread's whole life.
pub(super) fn watch(shared: &Shared) {
    // A look is short, and late is what it must not be.
    set_slice(ThreadId::of_this_thread(), SHORT);
    let mut listed: Vec<Arc<Entry>> = Vec::new();
    let mut quiet_looks = 0_u32;
    let mut idle = Duration::ZERO;
    loop {
        let calm = quiet_looks >= QUIET_LOOKS;
        shared.calm.store(calm, Ordering::SeqCst);
        // Goes with the one in `look_within`: who arms with little is seen in this look, or sees that it has to say so.
        fence(Ordering::SeqCst);
        let mut computing = false;
        listed.retain(|entry| {
            let seen = look(entry);
            computing |= seen == Seen::Computing;
            seen != Seen::Unarmed
        });
        let mut active = shared.active.lock();
        computing |= std::mem::take(&mut active.hurried);
        quiet_looks = if computing { 0 } else { quiet_looks.saturating_add(1) };
        let wait = if calm && !computing { CALM } else { TICK };
        let empty = listed.is_empty() && active.entries.is_empty();
        idle = if empty { idle + wait } else { Duration::ZERO };
        if idle >= IDLE {
            active.asleep = true;
            while active.entries.is_empty() {
                shared.wake.wait(&mut active);
            }
            active.asleep = false;
            idle = Duration::ZERO;
        } else {
            shared.wake.wait_for(&mut active, wait);
        }
        listed.append(&mut active.entries);
    }
}

/// What a look at a slot found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// It is not inside JavaScript, and was taken off the list.
    Unarmed,
    /// It is, since just now and with time left.
    Armed,
    /// It has to be looked at again soon.
    Computing,
}

/// Looks at one slot and stops it when it is over its deadline.
fn look(entry: &Entry) -> Seen {
    // Whoever has it may just have lost its processor: the others are not looked at later for that.
    let Some(mut state) = entry.state.try_lock() else { return Seen::Computing };
    let State { armed, listed, fired, quick, overdue, place, .. } = &mut *state;
    // A thread that has ended, and so has no clock, cannot be inside JavaScript.
    let now = armed.as_ref().and_then(|_| entry.clock.read().ok());
    let (Some(deadline), Some(now)) = (armed, now) else {
        *listed = false;
        return Seen::Unarmed;
    };
    let soon = now >= deadline.quick_until || deadline.at < now.saturating_add(CALM);
    if *quick > 0 && now >= deadline.quick_until {
        if *quick >= QUICK_ENTRIES {
            set_slice(entry.thread, place.slice());
        }
        *quick = 0;
    }
    if now >= deadline.behind_at {
        deadline.behind_at = Duration::MAX;
        place.step_behind(entry.thread);
    }
    if now >= deadline.at {
        *fired = true;
        deadline.stopper.stop();
        let reached = Overdue::after(now.saturating_sub(deadline.at));
        let before = std::mem::replace(overdue, reached.max(*overdue));
        if reached > before {
            place.step_behind(entry.thread);
            drop(state);
            tell(entry, before, reached);
        }
    } else if now >= deadline.inspect_at {
        deadline.inspect_at = now + INSPECT_AFTER;
        deadline.stopper.inspect();
    }
    if soon { Seen::Computing } else { Seen::Armed }
}

/// Not under the entry's lock: whoever is told may wait for others.
fn tell(entry: &Entry, before: Option<Overdue>, reached: Option<Overdue>) {
    for step in [Overdue::Late, Overdue::Hung, Overdue::Lost, Overdue::Endless] {
        if Some(step) <= before || Some(step) > reached {
            continue;
        }
        (entry.on_overdue)(step);
    }
}

/// Looks in a row that found nobody computing, after which the next ones are further apart.
const QUIET_LOOKS: u32 = 16;

/// Time without an armed slot after which the watchdog sleeps until one arms.
const IDLE: Duration = Duration::from_millis(50);
