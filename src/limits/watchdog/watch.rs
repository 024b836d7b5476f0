//! The watchdog's own thread: looks at every armed slot each tick, stops those over their deadline, and has those that compute
//! for long step behind the others.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::super::thread_slice::{LONG, SHORT, ThreadId, set_slice};
use super::{Entry, INSPECT_AFTER, Overdue, QUICK_ENTRIES, Shared, State, TICK};

/// The thread's whole life.
pub(super) fn watch(shared: &Shared) {
    // A look is short, and late is what it must not be.
    set_slice(ThreadId::of_this_thread(), SHORT);
    let mut idle_ticks = 0;
    loop {
        let entries = {
            let mut entries = shared.entries.lock();
            if idle_ticks >= IDLE_TICKS {
                shared.asleep.store(true, Ordering::SeqCst);
                if !entries.iter().any(|entry| entry.state.lock().armed.is_some()) {
                    shared.wake.wait(&mut entries);
                }
                shared.asleep.store(false, Ordering::SeqCst);
                idle_ticks = 0;
            }
            entries.clone()
        };
        let mut armed = 0_u32;
        for entry in &entries {
            armed += u32::from(check(entry));
        }
        idle_ticks = if armed == 0 { idle_ticks + 1 } else { 0 };
        thread::sleep(TICK);
    }
}

/// Looks at one slot, stops it when it is over its deadline, and says whether it was armed.
fn check(entry: &Entry) -> bool {
    let mut state = entry.state.lock();
    let State { armed: Some(deadline), fired, quick, overdue, place, .. } = &mut *state else {
        return false;
    };
    // A thread that has ended cannot be inside JavaScript; its entry goes when its `Watched` does.
    let Ok(now) = entry.clock.read() else {
        return false;
    };
    if *quick > 0 && now >= deadline.quick_until {
        if *quick >= QUICK_ENTRIES {
            set_slice(entry.thread, LONG);
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
        let reached = match now.saturating_sub(deadline.at) {
            past if past >= HUNG_AFTER => Some(Overdue::Hung),
            past if past >= LATE_AFTER => Some(Overdue::Late),
            _ => None,
        };
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
    true
}

/// Not under the entry's lock: whoever is told may wait for others.
fn tell(entry: &Entry, before: Option<Overdue>, reached: Option<Overdue>) {
    for step in [Overdue::Late, Overdue::Hung] {
        if Some(step) <= before || Some(step) > reached {
            continue;
        }
        (entry.on_overdue)(step);
    }
}

/// CPU time past a deadline after which nothing usual runs any more.
const LATE_AFTER: Duration = Duration::from_millis(50);

/// And after which it counts against the script.
const HUNG_AFTER: Duration = Duration::from_millis(250);

/// Ticks without an armed slot after which the watchdog sleeps until one arms.
const IDLE_TICKS: u32 = 50;
