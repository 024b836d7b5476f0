//! The ground of an isolate: what its thread has before V8, and the blank isolate where one was started ahead.

use std::io;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use tokio::runtime::Runtime;
use tokio::task::LocalSet;

use super::blank::Blank;
use super::gauge::MemoryGauge;
use super::icu_memory;
use super::start::StartError;
use crate::limits::{HelpingThreads, OnOverdue, Overdue, Watchdog, Watched, forget_this_thread_cpu, stand_among};
use crate::store::Unpacked;

/// A thread that can hold an isolate.
///
/// Field order is drop order: an isolate goes before the executor it was started on.
pub(super) struct Ground {
    /// An isolate that waits for a version.
    pub blank: Option<Blank>,
    /// Where deno_core spawns.
    pub local: LocalSet,
    /// The thread's executor.
    pub runtime: Runtime,
    /// Threads that do what would block it.
    pub helping: Arc<HelpingThreads>,
    /// Its place on the watchdog's list.
    pub watched: Rc<Watched>,
    /// Who is told when V8 does not give it back.
    pub overdue: Arc<OverdueTo>,
}

/// Who is told when V8 does not give a thread back: nobody before it is somebody's slot.
#[derive(Default)]
pub(super) struct OverdueTo(OnceLock<Box<OnOverdue>>);

impl OverdueTo {
    /// From now on this one is told.
    pub(super) fn report_to(&self, told: Box<OnOverdue>) {
        // Set once: a thread becomes a slot once.
        let _ = self.0.set(told);
    }

    fn tell(&self, overdue: Overdue) {
        if let Some(told) = self.0.get() {
            told(overdue);
        }
    }
}

impl Ground {
    /// Prepares the calling thread, which has held no isolate before.
    ///
    /// # Errors
    /// When the kernel gives no executor or no clock; the thread must not run JavaScript then.
    pub(super) fn prepare(watchdog: &Watchdog) -> io::Result<Self> {
        icu_memory::begin();
        let helping = Arc::new(HelpingThreads::default());
        let runtime = runtime_with(&helping)?;
        let overdue: Arc<OverdueTo> = Arc::default();
        let told = Arc::clone(&overdue);
        let watched = Rc::new(watchdog.watch_this_thread(Box::new(move |overdue| told.tell(overdue)))?);
        Ok(Self { blank: None, local: LocalSet::new(), runtime, helping, watched, overdue })
    }

    /// Starts a blank isolate on it.
    ///
    /// # Errors
    /// [`StartError`] when the snapshot does not load.
    pub(super) fn start_blank(&mut self, base: Arc<Unpacked>, gauge: &Arc<MemoryGauge>) -> Result<(), StartError> {
        let blank = self.local.block_on(&self.runtime, async { Blank::start(base, gauge) })?;
        self.blank = Some(blank);
        Ok(())
    }

    /// Ends the blank isolate where it was started.
    pub(super) fn end(mut self) {
        let blank = self.blank.take();
        self.local.block_on(&self.runtime, async { drop(blank) });
    }
}

/// A runtime for one slot. Its few helping threads do what would block it, on the script's account.
fn runtime_with(helping: &Arc<HelpingThreads>) -> io::Result<Runtime> {
    let (joining, leaving) = (Arc::clone(helping), Arc::clone(helping));
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(HELPING_THREADS_MAX)
        .max_io_events_per_tick(IO_EVENTS)
        .on_thread_park(forget_this_thread_cpu)
        .on_thread_start(move || {
            // Whoever makes it may just be behind the others.
            stand_among();
            joining.join();
        })
        .on_thread_stop(move || leaving.leave())
        .build()
}

/// What one look at the kernel takes; what there is more comes with the next. Tokio's own number takes 12 KB of every slot.
const IO_EVENTS: usize = 64;

/// Threads of one slot that run WebCrypto and name lookups; more of both wait.
const HELPING_THREADS_MAX: usize = 2;
