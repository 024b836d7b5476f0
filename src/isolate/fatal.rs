//! Fatal: a slot's thread that cannot go on, because V8 gave up on its heap, or because Rust code panicked with frames of V8's
//! below it. Either would end the process.
//!
//! The thread is parked for good instead: V8's frames must be neither unwound nor used again. Its slot is lost, so that
//! whoever waits for the isolate is answered from outside, and another one takes its place. A panic without such frames
//! comes to the slot's edge and is none of this.
//! A thread of V8's own is none either; see [`super::lost_helpers`].

use std::cell::RefCell;
use std::panic;
use std::rc::{Rc, Weak};
use std::sync::{Arc, Once};
use std::thread;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::gauge::MemoryGauge;
use super::guard::HEADROOM_BYTES;
use super::meter::{Meter, SharedMeter};
use super::native_memory;
use super::outcome::Outcome;
use super::runs::{Failure, Runs, SharedRuns};
use crate::limits::ReleaseHandle;

/// What has to be known of the slot whose thread is lost.
pub(super) struct FatalContext {
    /// Cancelled when the slot is lost: who waits for the isolate waits for this too.
    pub lost: CancellationToken,
    /// Takes the thread off the watchdog's list.
    pub release: ReleaseHandle,
    /// Called with the isolate's memory in bytes when the thread is about to be parked, and the CPU time that no report has.
    pub on_lost: Box<dyn Fn(u64, Duration)>,
    /// The runs of its isolate, while there is one.
    pub runs: Weak<RefCell<Runs>>,
    /// Who of them pays.
    pub meter: Weak<Meter>,
    /// The isolate's memory.
    pub gauge: Arc<MemoryGauge>,
}

thread_local! {
    static FATAL: RefCell<Option<FatalContext>> = const { RefCell::new(None) };
}

/// Sets what becomes of this thread when it cannot go on, or nothing (`None`): then the process ends, because nobody could be
/// told that the thread is gone.
pub(super) fn set_fatal_context(context: Option<FatalContext>) {
    FATAL.set(context);
}

/// Says whose runs end with this thread, and who of them pays.
pub(super) fn set_fatal_runs(runs: &SharedRuns, meter: &SharedMeter) {
    FATAL.with_borrow_mut(|fatal| {
        if let Some(context) = fatal {
            (context.runs, context.meter) = (Rc::downgrade(runs), Rc::downgrade(meter));
        }
    });
}

/// Gives this thread up, and does not return; returns at once when no isolate of ours is on it.
pub(super) fn park_this_thread() {
    let Some(context) = FATAL.try_with(|fatal| fatal.try_borrow_mut().ok()?.take()).ok().flatten() else { return };
    let last = context.release.release();
    tracing::warn!("an isolate is lost: parking its thread");
    let runs = context.runs.upgrade();
    // An op may be at work with them: then what they used is not to be had, and who waits for them counts them. Or there are none.
    let runs = runs.as_ref().and_then(|runs| runs.try_borrow_mut().ok()).filter(|runs| !runs.in_flight.is_empty());
    // Its heap cannot be measured any more; it may have grown to its limit and the headroom.
    let unreported = if runs.is_some() { Duration::ZERO } else { last };
    (context.on_lost)(context.gauge.cap_bytes() + HEADROOM_BYTES as u64 + native_memory::lose(), unreported);
    if let Some(mut runs) = runs {
        let payer = context.meter.upgrade().map_or(0, |meter| meter.payer());
        runs.report_lost(payer, last, Instant::now());
    }
    context.lost.cancel();
    // The context and everything on this stack stay for good.
    std::mem::forget(context);
    loop {
        thread::park();
    }
}

impl Runs {
    /// Answers and reports all runs of an isolate that is lost: they have no other end, and of those whose client has its answer or has
    /// left, nobody else knows. `last` is the CPU time of the entry that does not end, for which `payer` pays, or nobody (0).
    fn report_lost(&mut self, payer: u32, last: Duration, now: Instant) {
        // It is over all its budgets.
        let _ = self.charge(payer, last);
        self.share_unclaimed();
        let ids: Vec<u32> = self.in_flight.keys().copied().collect();
        for id in ids {
            let lost = Failure::Ended { outcome: Outcome::ExceededMemory, detail: LOST.to_owned() };
            // Who has left needs no answer.
            let _ = self.answer(id, Err(lost));
            let Some(run) = self.in_flight.get_mut(&id) else { continue };
            if run.outcome == Some(Outcome::Ok) {
                run.outcome = Some(Outcome::ExceededMemory);
            }
            self.report(id, now);
        }
    }
}

/// Has panics that would abort the process park the thread they are on instead, if it is a slot's.
///
/// An op is called by V8 as a C function, and Rust does not unwind into C: it panics once more, with one of
/// [`CANNOT_UNWIND`], and aborts when that panic's hook returns. What the op held has been dropped by then.
pub(super) fn survive_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            usual(info);
            let text = info.payload().downcast_ref::<&str>();
            if text.is_some_and(|text| CANNOT_UNWIND.contains(text)) {
                park_this_thread();
            }
        }));
    });
}

/// What the log says of those who waited for the isolate.
pub(super) const LOST: &str = "the isolate ran out of memory and was lost";

/// The texts of core's own panics that abort (Rust 1.95, `core::panicking`).
const CANNOT_UNWIND: [&str; 2] = ["panic in a function that cannot unwind", "panic in a destructor during cleanup"];

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::limits::{Watchdog, WayBack};

    extern "C" fn calls_like_v8() {
        let nothing: [u8; 0] = [];
        let at = std::hint::black_box(1);
        std::hint::black_box(nothing[at]);
    }

    /// Panics in a C function's place on a slot's thread: the process goes on, and who waits for the thread is told. In a process
    /// of its own, because the test harness would wait at its end for the hook, which never returns.
    #[test]
    fn a_panic_below_v8_costs_its_thread_and_nothing_else() {
        const CHILD: &str = "EYOT_PANICS_BELOW_V8";
        if std::env::var_os(CHILD).is_some() {
            panic_below_v8();
            std::process::exit(EXIT);
        }
        let name = "isolate::fatal::tests::a_panic_below_v8_costs_its_thread_and_nothing_else";
        let child = std::process::Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", name])
            .env(CHILD, "1")
            .output()
            .expect("starts");
        assert_eq!(child.status.code(), Some(EXIT), "{child:?}");
    }

    const EXIT: i32 = 7;

    fn panic_below_v8() {
        survive_panics();
        let lost = CancellationToken::new();
        let (tell, told) = mpsc::sync_channel(1);
        let on_thread = lost.clone();
        let watchdog = Watchdog::start(WayBack::Closed).expect("starts");
        thread::spawn(move || {
            let watched = watchdog.watch_this_thread(Box::new(|_| ())).expect("is watched");
            set_fatal_context(Some(FatalContext {
                lost: on_thread,
                release: watched.release_handle(),
                on_lost: Box::new(move |bytes, _| tell.send(bytes).expect("the test listens")),
                runs: Weak::new(),
                meter: Weak::new(),
                gauge: MemoryGauge::new(1_000),
            }));
            calls_like_v8();
        });
        assert_eq!(told.recv().expect("the thread is lost"), 1_000 + HEADROOM_BYTES as u64);
        while !lost.is_cancelled() {
            thread::yield_now();
        }
    }
}
