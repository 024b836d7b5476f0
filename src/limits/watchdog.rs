//! The watchdog: ends JavaScript that has used up its CPU budget.
//!
//! One thread reads the CPU clocks of the slot threads that are inside JavaScript and calls a [`Stopper`] at the
//! deadline each was given. Entering JavaScript takes an [`Armed`] guard, leaving drops it, so no path runs unarmed.
//! Knows nothing of V8: what "stop" does is the stopper's. On the way it gives threads that compute longer slices than those that do not,
//! and has those that compute for long step behind the others ([`super::place`]).
//!
//! Invariant: after an [`Armed`] guard is dropped, its stopper is not called again for that entry: the deadline is
//! cleared under the same lock under which the watchdog fires.
//!
//! Invariant: what is armed is listed, in [`Active`] or by the watchdog's thread, which takes off its list what it finds disarmed.
//! So it looks at those that have been inside JavaScript lately, whatever the number of isolates.
//!
//! A deadline is overshot by at most a [`TICK`] plus the time V8 takes to reach a stop check: the clocks of armed slots are
//! read that often while one of them computes or has little left. While none does, they are read every [`CALM`]: CPU time
//! does not pass faster than time, and who arms with less than that says so. While nothing is armed for a while the thread sleeps.

mod handles;
mod overdue;
mod watch;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use std::thread;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

pub use self::handles::{MovableDeadline, ReleaseHandle};
pub use self::overdue::{OnOverdue, Overdue};
use self::watch::watch;
use super::place::{Place, behind_after};
use super::thread_clock::{ThreadClock, this_thread_cpu};
use super::thread_slice::{BRIEF, ThreadId, WayBack, set_slice};

/// How often the clocks of armed slots are read while it may matter.
pub const TICK: Duration = Duration::from_millis(1);

/// How often they are read while nobody computes.
const CALM: Duration = Duration::from_millis(4);

/// Ends the JavaScript that runs on one slot. Called from the watchdog's thread, repeatedly until the guard is dropped:
/// a `finally` block that swallows one stop meets the next.
pub trait Stopper: Send + Sync {
    /// The CPU deadline has passed: stop what runs.
    fn stop(&self);

    /// JavaScript has been running for another tick: look at what only its own thread can see (memory).
    fn inspect(&self);
}

/// The watchdog's handle; clones share one thread.
#[derive(Clone)]
pub struct Watchdog {
    shared: Arc<Shared>,
}

/// A slot thread as the watchdog knows it; nothing is armed any more when it is dropped.
pub struct Watched {
    watchdog: Watchdog,
    entry: Arc<Entry>,
}

/// Proof that JavaScript may run: the deadline is armed until this is dropped.
pub struct Armed<'a> {
    entry: &'a Entry,
    way: WayBack,
}

struct Shared {
    active: Mutex<Active>,
    wake: Condvar,
    /// The next look may be more than a tick away.
    calm: AtomicBool,
    way: WayBack,
    /// Threads that stand back.
    standing_back: AtomicUsize,
}

/// What arming threads tell the watchdog's.
#[derive(Default)]
struct Active {
    /// Armed since the last look, and on no list before.
    entries: Vec<Arc<Entry>>,
    /// Somebody has armed with less than [`CALM`].
    hurried: bool,
    /// The watchdog waits for an entry, however long that takes.
    asleep: bool,
}

struct Entry {
    clock: ThreadClock,
    thread: ThreadId,
    on_overdue: Box<OnOverdue>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    armed: Option<Deadline>,
    /// On the watchdog's list.
    listed: bool,
    fired: bool,
    /// Quick entries in a row; at [`QUICK_ENTRIES`] the thread has brief slices.
    quick: u32,
    overdue: Option<Overdue>,
    place: Place,
    standing_back: bool,
    /// Entries that do not compute for long until the thread may step up.
    probation: u32,
}

struct Deadline {
    since: Duration,
    at: Duration,
    inspect_at: Duration,
    quick_until: Duration,
    behind_at: Duration,
    stopper: Arc<dyn Stopper>,
}

impl Watchdog {
    /// Starts the watchdog's thread, which ends with the process. `way` is the way back for threads that step behind others.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(way: WayBack) -> io::Result<Self> {
        let shared = Shared::new(way);
        let watchdog = Self { shared: Arc::clone(&shared) };
        thread::Builder::new().name("eyot-watchdog".to_owned()).spawn(move || watch(&shared))?;
        Ok(watchdog)
    }

    /// Has the calling thread watched whenever it arms.
    ///
    /// # Errors
    /// When the thread has no readable CPU clock; it must not run JavaScript then.
    pub fn watch_this_thread(&self, on_overdue: Box<OnOverdue>) -> io::Result<Watched> {
        let (clock, thread) = (ThreadClock::of_this_thread()?, ThreadId::of_this_thread());
        // It gets long slices: it has yet to start an isolate, and nobody knows what that does.
        let state = State { place: Place::of_new_thread(), ..State::default() };
        let entry = Arc::new(Entry { clock, thread, on_overdue, state: Mutex::new(state) });
        Ok(Watched { watchdog: self.clone(), entry })
    }
}

impl Watched {
    /// Arms a deadline `budget` of this thread's CPU time from now. Call on the watched thread, which keeps its place among
    /// the others unless it can come back to it: an isolate does not serve better for being started again.
    #[must_use]
    pub fn arm(&self, budget: Duration, stopper: &Arc<dyn Stopper>) -> Armed<'_> {
        let behind_after = match self.watchdog.shared.way {
            WayBack::Open => behind_after(WayBack::Open),
            WayBack::Closed => Duration::MAX,
        };
        self.arm_from(this_thread_cpu(), budget, behind_after, stopper)
    }

    /// The same for a request, during which the thread steps behind if it computes for long. An entry that follows another
    /// so closely that it begins where that one ended is given [`Spent::at`] of that one: reading the clock is a system call.
    #[must_use]
    pub fn arm_request(&self, began: Option<Duration>, budget: Duration, stopper: &Arc<dyn Stopper>) -> Armed<'_> {
        let began = began.unwrap_or_else(this_thread_cpu);
        self.arm_from(began, budget, behind_after(self.watchdog.shared.way), stopper)
    }

    fn arm_from(
        &self,
        began: Duration,
        budget: Duration,
        behind_after: Duration,
        stopper: &Arc<dyn Stopper>,
    ) -> Armed<'_> {
        let listed = {
            let mut state = self.entry.state.lock();
            state.fired = false;
            state.overdue = None;
            state.armed = Some(Deadline {
                since: began,
                at: began.saturating_add(budget),
                inspect_at: began.saturating_add(INSPECT_AFTER),
                quick_until: began.saturating_add(QUICK),
                behind_at: began.saturating_add(behind_after),
                stopper: Arc::clone(stopper),
            });
            std::mem::replace(&mut state.listed, true)
        };
        let shared = &self.watchdog.shared;
        if !listed {
            shared.list(&self.entry);
        }
        shared.look_within(budget);
        Armed { entry: &self.entry, way: self.watchdog.shared.way }
    }

    /// The thread comes after the others from now on: nobody waits for what it does, or what it is for was over its budget
    /// before. Until it comes back, or has entered so often (`PROBATION_ENTRIES`) without computing for long. Where there is no
    /// way back it stays where it is. Call on the watched thread.
    pub fn begin_behind(&self) {
        if self.watchdog.shared.way == WayBack::Open {
            let mut state = self.entry.state.lock();
            state.probation = PROBATION_ENTRIES;
            state.place.step_behind(self.entry.thread);
            drop(state);
            // What the kernel owes a thread counts sixfold when its weight falls to a sixth (EEVDF, `reweight_entity`), and until that
            // is paid the others are not eligible: who yields forfeits it (Linux 6.18, `yield_task_fair`).
            thread::yield_now();
        }
    }

    /// Nobody waits for what the thread does now, such as taking an isolate down: it steps behind until it comes back, unless
    /// many are there already, for what they hold is wanted back. Call on the watched thread.
    pub fn stand_back(&self) {
        let shared = &self.watchdog.shared;
        let mut state = self.entry.state.lock();
        if state.standing_back {
            return;
        }
        if shared.standing_back.fetch_add(1, Ordering::SeqCst) < STANDING_BACK_MAX {
            state.standing_back = true;
            state.place.step_behind(self.entry.thread);
        } else {
            shared.standing_back.fetch_sub(1, Ordering::SeqCst);
            state.place.step_up(self.entry.thread, shared.way);
        }
    }

    /// The thread is waited for again, and steps up if there is a way. Call on the watched thread.
    pub fn come_back(&self) {
        let shared = &self.watchdog.shared;
        let mut state = self.entry.state.lock();
        shared.count_out(&mut state);
        state.probation = 0;
        state.place.step_up(self.entry.thread, shared.way);
    }

    /// Whether a thread that has stepped behind can come back.
    #[must_use]
    pub fn way_back(&self) -> WayBack {
        self.watchdog.shared.way
    }

    /// A handle to move this thread's deadline while it is armed.
    #[must_use]
    pub fn movable_deadline(&self) -> MovableDeadline {
        MovableDeadline { shared: Arc::clone(&self.watchdog.shared), entry: Arc::clone(&self.entry) }
    }

    /// A handle to disarm this thread from inside a callback that will never return.
    #[must_use]
    pub fn release_handle(&self) -> ReleaseHandle {
        ReleaseHandle { entry: Arc::clone(&self.entry) }
    }
}

impl Shared {
    fn new(way: WayBack) -> Arc<Self> {
        Arc::new(Self {
            active: Mutex::default(),
            wake: Condvar::new(),
            calm: AtomicBool::new(false),
            way,
            standing_back: AtomicUsize::new(0),
        })
    }

    /// Puts an entry that is on no list on one; wakes the watchdog if it sleeps.
    fn list(&self, entry: &Arc<Entry>) {
        let mut active = self.active.lock();
        active.entries.push(Arc::clone(entry));
        if active.asleep {
            self.wake.notify_one();
        }
    }

    /// A thread does not stand back any more, if it did.
    fn count_out(&self, state: &mut State) {
        if std::mem::take(&mut state.standing_back) {
            self.standing_back.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// Somebody has just armed this much: has the watchdog look in time.
    fn look_within(&self, budget: Duration) {
        if budget >= CALM {
            return;
        }
        // The watchdog says that it is calm before the look after which it waits for longer than a tick, and who arms does so
        // before this: one of the two sees the other.
        fence(Ordering::SeqCst);
        if self.calm.load(Ordering::SeqCst) {
            self.active.lock().hurried = true;
            self.wake.notify_one();
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let mut state = self.entry.state.lock();
        self.watchdog.shared.count_out(&mut state);
        state.armed = None;
    }
}

impl Armed<'_> {
    /// Disarms, and says how much CPU time was used since the deadline was armed or last moved, and whether it had been
    /// passed.
    #[must_use]
    pub fn disarm(self) -> Spent {
        let mut state = self.entry.state.lock();
        let (since, quick_until) = state
            .armed
            .take()
            .map_or((Duration::MAX, Duration::ZERO), |deadline| (deadline.since, deadline.quick_until));
        let now = this_thread_cpu();
        if now >= quick_until {
            if state.quick >= QUICK_ENTRIES {
                set_slice(self.entry.thread, state.place.slice());
            }
            state.quick = 0;
        } else if state.quick < QUICK_ENTRIES {
            state.quick += 1;
            if state.quick == QUICK_ENTRIES {
                set_slice(self.entry.thread, BRIEF);
            }
        }
        if now.saturating_sub(since) < behind_after(self.way) {
            state.probation = state.probation.saturating_sub(1);
        }
        // What was stopped has its isolate to take down and nothing else to do.
        if !state.fired && state.probation == 0 {
            state.place.step_up(self.entry.thread, self.way);
        }
        let behind = state.place.is_final(self.way);
        Spent { cpu: now.saturating_sub(since), at: now, fired: state.fired, behind }
    }
}

impl Drop for Armed<'_> {
    fn drop(&mut self) {
        self.entry.state.lock().armed = None;
    }
}

/// What one entry into JavaScript cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// CPU time since the deadline was armed or last moved.
    pub cpu: Duration,
    /// The thread's CPU time at its end.
    pub at: Duration,
    /// Whether the watchdog called the stopper.
    pub fired: bool,
    /// Whether the thread has stepped behind the others for good.
    pub behind: bool,
}

/// CPU time after which, and then each time after which, a running slot's memory is looked at.
const INSPECT_AFTER: Duration = Duration::from_millis(4);

/// An entry of less CPU time is quick.
const QUICK: Duration = Duration::from_millis(1);

/// Quick entries in a row after which a thread is one that does little at a time.
const QUICK_ENTRIES: u32 = 4;

/// Entries after which a thread that began behind the others steps up.
const PROBATION_ENTRIES: u32 = 64;

/// Threads at once that stand back.
const STANDING_BACK_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    #[derive(Default)]
    struct Count {
        stops: AtomicU32,
        inspections: AtomicU32,
    }

    impl Stopper for Count {
        fn stop(&self) {
            self.stops.fetch_add(1, Ordering::SeqCst);
        }

        fn inspect(&self) {
            self.inspections.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn counted() -> (Arc<Count>, Arc<dyn Stopper>) {
        let count = Arc::new(Count::default());
        (Arc::clone(&count), count)
    }

    /// Works past a deadline that no watchdog looks at, as when it gets no processor.
    #[test]
    fn a_deadline_that_nobody_saw_was_missed_all_the_same() {
        let watchdog = Watchdog { shared: Shared::new(WayBack::Closed) };
        let watched = watchdog.watch_this_thread(Box::new(|_| ())).expect("a clock");
        let (_, stopper) = counted();
        let deadline = watched.movable_deadline();
        assert!(!deadline.was_missed());
        let began = this_thread_cpu();
        let armed = watched.arm(Duration::from_millis(5), &stopper);
        while !deadline.was_missed() {
            assert!(this_thread_cpu() - began < Duration::from_secs(5));
        }
        assert!(this_thread_cpu() - began >= Duration::from_millis(5) + CALM);
        assert!(!armed.disarm().fired);
        assert!(!deadline.was_missed());
    }

    /// Spins past a 10 ms budget until stopped twice, then counts that nothing comes after disarming.
    #[test]
    fn a_spinning_thread_is_stopped_again_and_again_until_it_disarms() {
        let watchdog = Watchdog::start(WayBack::of_this_process()).expect("starts");
        let watched = watchdog.watch_this_thread(Box::new(|_| ())).expect("is watched");
        let (count, stopper) = counted();
        let armed = watched.arm(Duration::from_millis(10), &stopper);
        while count.stops.load(Ordering::SeqCst) < 2 {
            std::hint::spin_loop();
        }
        let spent = armed.disarm();
        assert!(spent.fired);
        assert!(spent.cpu >= Duration::from_millis(10), "{spent:?}");
        assert!(count.inspections.load(Ordering::SeqCst) >= 1);
        let stops = count.stops.load(Ordering::SeqCst);
        let unarmed = this_thread_cpu() + Duration::from_millis(20);
        while this_thread_cpu() < unarmed {
            std::hint::spin_loop();
        }
        assert_eq!(count.stops.load(Ordering::SeqCst), stops);
    }

    /// Spins for 15 ms in three parts of a 10 ms budget each, then past the last: only that one is stopped.
    #[test]
    fn a_moved_deadline_counts_from_where_it_was_moved() {
        let watchdog = Watchdog::start(WayBack::of_this_process()).expect("starts");
        let watched = watchdog.watch_this_thread(Box::new(|_| ())).expect("is watched");
        let (count, stopper) = counted();
        let began = this_thread_cpu();
        let armed = watched.arm(Duration::from_secs(5), &stopper);
        let deadline = watched.movable_deadline();
        let mut used = Duration::ZERO;
        for _ in 0..3 {
            let until = this_thread_cpu() + Duration::from_millis(5);
            while this_thread_cpu() < until {
                std::hint::spin_loop();
            }
            used += deadline.restart(Duration::from_secs(5)).expect("has not passed");
        }
        assert!(used >= Duration::from_millis(15) && used <= this_thread_cpu().saturating_sub(began), "{used:?}");
        assert_eq!(count.stops.load(Ordering::SeqCst), 0);
        used += deadline.restart(Duration::from_millis(1)).expect("has not passed");
        while count.stops.load(Ordering::SeqCst) == 0 {
            std::hint::spin_loop();
        }
        assert_eq!(deadline.restart(Duration::from_secs(5)), None);
        let spent = armed.disarm();
        assert!(spent.fired && spent.cpu >= Duration::from_millis(1), "{spent:?}");
        assert!(used + spent.cpu <= this_thread_cpu().saturating_sub(began));
        assert_eq!(deadline.restart(Duration::from_secs(5)), None);
    }

    /// Spins on after it was stopped, for longer than anything should: both steps are told of, each once.
    #[test]
    fn a_thread_that_does_not_stop_is_told_of_step_by_step() {
        let watchdog = Watchdog::start(WayBack::of_this_process()).expect("starts");
        let told = Arc::new(Mutex::new(Vec::new()));
        let telling = Arc::clone(&told);
        let spinning = thread::spawn(move || {
            let on_overdue = Arc::clone(&telling);
            let watched = watchdog.watch_this_thread(Box::new(move |overdue| on_overdue.lock().push(overdue)));
            let watched = watched.expect("is watched");
            let (_, stopper) = counted();
            let armed = watched.arm(Duration::from_millis(1), &stopper);
            while telling.lock().last() != Some(&Overdue::Hung) {
                std::hint::spin_loop();
            }
            assert!(armed.disarm().fired);
        });
        spinning.join().expect("ends");
        assert_eq!(*told.lock(), [Overdue::Late, Overdue::Hung]);
    }

    /// Takes a thread off the list in the middle of an entry: nothing stops it any more, and what it had used is known.
    #[test]
    fn a_thread_that_is_given_up_says_what_its_last_entry_used() {
        let watchdog = Watchdog::start(WayBack::of_this_process()).expect("starts");
        let watched = watchdog.watch_this_thread(Box::new(|_| ())).expect("is watched");
        let (count, stopper) = counted();
        let release = watched.release_handle();
        let armed = watched.arm(Duration::from_secs(5), &stopper);
        let until = this_thread_cpu() + Duration::from_millis(5);
        while this_thread_cpu() < until {
            std::hint::spin_loop();
        }
        assert!(release.release() >= Duration::from_millis(5));
        assert_eq!(release.release(), Duration::ZERO);
        let stopped = || count.stops.load(Ordering::SeqCst) + count.inspections.load(Ordering::SeqCst);
        let before = stopped();
        let later = this_thread_cpu() + Duration::from_millis(20);
        while this_thread_cpu() < later {
            std::hint::spin_loop();
        }
        assert_eq!(stopped(), before);
        drop(armed);
    }

    /// Sleeps for longer than the budget while armed: wall time is not CPU time.
    #[test]
    fn a_thread_that_waits_is_not_stopped() {
        let watchdog = Watchdog::start(WayBack::of_this_process()).expect("starts");
        let watched = watchdog.watch_this_thread(Box::new(|_| ())).expect("is watched");
        let (count, stopper) = counted();
        let armed = watched.arm(Duration::from_millis(20), &stopper);
        thread::sleep(Duration::from_millis(60));
        assert!(!armed.disarm().fired);
        assert_eq!(count.stops.load(Ordering::SeqCst), 0);
    }

    /// Begins behind, does little often enough, and begins behind again until it is waited for.
    #[test]
    fn a_thread_that_begins_behind_steps_up_when_it_has_done_little_often_enough() {
        for way in [WayBack::of_this_process(), WayBack::Closed] {
            let watchdog = Watchdog { shared: Shared::new(way) };
            let started = thread::spawn(move || {
                let watched = watchdog.watch_this_thread(Box::new(|_| ())).expect("is watched");
                let (_, stopper) = counted();
                let place = || watched.entry.state.lock().place;
                let behind = if way == WayBack::Open { Place::Behind } else { Place::Among };
                watched.begin_behind();
                for _ in 0..PROBATION_ENTRIES {
                    assert_eq!(place(), behind);
                    assert!(!watched.arm(Duration::from_secs(5), &stopper).disarm().fired);
                }
                assert_eq!(place(), Place::Among);
                watched.begin_behind();
                assert_eq!(place(), behind);
                watched.come_back();
                assert_eq!(place(), Place::Among);
            });
            started.join().expect("ends");
        }
    }

    /// Somebody has lost the processor with the lock of its own account: another thread is stopped all the same.
    #[test]
    fn a_thread_without_a_processor_keeps_the_watchdog_from_nobody() {
        let watchdog = Watchdog::start(WayBack::of_this_process()).expect("starts");
        let watched = watchdog.watch_this_thread(Box::new(|_| ())).expect("is watched");
        let (count, stopper) = counted();
        let armed = watched.arm(Duration::from_secs(5), &stopper);
        let lock = watched.entry.state.lock();
        let other = thread::spawn(move || {
            let watched = watchdog.watch_this_thread(Box::new(|_| ())).expect("is watched");
            let (count, stopper) = counted();
            let armed = watched.arm(Duration::from_millis(1), &stopper);
            let enough = this_thread_cpu() + Duration::from_secs(5);
            while count.stops.load(Ordering::SeqCst) == 0 && this_thread_cpu() < enough {
                std::hint::spin_loop();
            }
            armed.disarm().fired
        });
        assert!(other.join().expect("ends"));
        drop(lock);
        assert!(!armed.disarm().fired);
        assert_eq!(count.stops.load(Ordering::SeqCst), 0);
    }

    /// Lets the watchdog fall asleep, then arms again.
    #[test]
    fn a_sleeping_watchdog_wakes_for_the_next_arming() {
        let watchdog = Watchdog::start(WayBack::of_this_process()).expect("starts");
        let watched = watchdog.watch_this_thread(Box::new(|_| ())).expect("is watched");
        while !watchdog.shared.active.lock().asleep {
            thread::yield_now();
        }
        let (count, stopper) = counted();
        let armed = watched.arm(Duration::from_millis(1), &stopper);
        while count.stops.load(Ordering::SeqCst) == 0 {
            std::hint::spin_loop();
        }
        assert!(armed.disarm().fired);
    }

    /// Nobody looks at this watchdog's list: who arms with less than its wait says so while it is calm, others and at other
    /// times do not.
    #[test]
    fn a_budget_that_is_shorter_than_the_wait_is_told() {
        let watchdog = Watchdog { shared: Shared::new(WayBack::Closed) };
        let watched = watchdog.watch_this_thread(Box::new(|_| ())).expect("is watched");
        let (_, stopper) = counted();
        let hurried = || std::mem::take(&mut watchdog.shared.active.lock().hurried);
        drop(watched.arm(CALM / 2, &stopper));
        assert!(!hurried());
        watchdog.shared.calm.store(true, Ordering::SeqCst);
        drop(watched.arm(CALM, &stopper));
        assert!(!hurried());
        drop(watched.arm(CALM / 2, &stopper));
        assert!(hurried());
        let armed = watched.arm(CALM, &stopper);
        assert!(!hurried());
        assert!(watched.movable_deadline().restart(CALM / 2).is_some());
        assert!(hurried());
        drop(armed);
        assert_eq!(watchdog.shared.active.lock().entries.len(), 1);
    }

    /// Many threads that arm once and never again leave the list; the one that goes on stays.
    #[test]
    fn who_is_not_armed_is_not_looked_at() {
        let watchdog = Watchdog::start(WayBack::of_this_process()).expect("starts");
        let (count, stopper) = counted();
        for _ in 0..20 {
            let (watchdog, stopper) = (watchdog.clone(), Arc::clone(&stopper));
            let once = thread::spawn(move || {
                let watched = watchdog.watch_this_thread(Box::new(|_| ())).expect("is watched");
                drop(watched.arm(Duration::from_secs(5), &stopper));
                Arc::downgrade(&watched.entry)
            });
            let entry = once.join().expect("ends");
            while entry.upgrade().is_some() {
                thread::yield_now();
            }
        }
        assert_eq!(count.stops.load(Ordering::SeqCst), 0);
    }
}
