//! The guard of one isolate: what ends it, from the watchdog's thread, from V8's heap callbacks and from V8's fatal
//! out-of-memory handler.
//!
//! The reason of an end is kept here, because V8's own termination is an exception without a message that calls into
//! JavaScript may lose (nodejs/node-v8#245). Once ended, an isolate serves nobody again.
//!
//! Invariant: the fatal handler never returns; see [`super::fatal`].

#![expect(unsafe_code, reason = "V8 takes its callbacks as C functions with a data pointer")]

use std::ffi::{c_char, c_void};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use deno_core::v8;

use super::fatal::park_this_thread;
use super::gauge::MemoryGauge;
use super::icu_memory;
use super::lost_helpers::park_helper;
use crate::limits::Stopper;

/// Why an isolate was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// A CPU deadline passed.
    Cpu,
    /// The memory cap was passed.
    Memory,
}

/// What can end the JavaScript of one isolate from anywhere.
pub struct Guard {
    handle: v8::IsolateHandle,
    gauge: Arc<MemoryGauge>,
    reason: AtomicU8,
    headroom_granted: AtomicBool,
}

impl Guard {
    /// Installs the callbacks in a new isolate. `heap_cap_bytes` is its V8 heap limit.
    ///
    /// The guard must live as long as the isolate: keep the returned `Arc` in a field declared after the runtime.
    #[must_use]
    pub fn install(isolate: &mut v8::Isolate, gauge: Arc<MemoryGauge>) -> Arc<Self> {
        let guard = Arc::new(Self {
            handle: isolate.thread_safe_handle(),
            gauge,
            reason: AtomicU8::new(0),
            headroom_granted: AtomicBool::new(false),
        });
        isolate.add_near_heap_limit_callback(near_heap_limit, Arc::as_ptr(&guard).cast_mut().cast());
        isolate.set_oom_error_handler(fatal_out_of_memory);
        // A thread that sleeps uses no CPU time: nothing would ever end it.
        isolate.set_allow_atomics_wait(false);
        guard
    }

    /// The isolate's memory cap.
    #[must_use]
    pub(super) fn cap_bytes(&self) -> u64 {
        self.gauge.cap_bytes()
    }

    /// Why the isolate was ended, if it was.
    #[must_use]
    pub fn ended(&self) -> Option<EndReason> {
        match self.reason.load(Ordering::SeqCst) {
            0 => None,
            CPU => Some(EndReason::Cpu),
            _ => Some(EndReason::Memory),
        }
    }

    /// Ends the isolate for this reason; the first reason stays.
    pub fn end(&self, reason: EndReason) {
        let code = if reason == EndReason::Cpu { CPU } else { MEMORY };
        // The first reason stays whoever loses the race.
        let _ = self.reason.compare_exchange(0, code, Ordering::SeqCst, Ordering::SeqCst);
        self.handle.terminate_execution();
    }

    /// Ends what runs if the isolate was ended: what was told so may have been caught.
    pub(super) fn end_again(&self) {
        if self.ended().is_some() {
            self.handle.terminate_execution();
        }
    }

    /// Measures heap, WASM memories and `Intl` objects; call on the isolate's thread. The total is in the gauge afterwards.
    pub fn measure(&self, isolate: &mut v8::Isolate) -> u64 {
        let heap = isolate.get_heap_statistics().used_heap_size() as u64;
        let intl = u64::try_from(icu_memory::unreported()).unwrap_or(0);
        // V8's external memory is the ArrayBuffers, of which the gauge counts exactly those of our allocator, and the
        // WASM memories, which only this call tells: the heap statistics of V8 150 leave them out.
        let external = u64::try_from(isolate.adjust_amount_of_external_allocated_memory(0)).unwrap_or(0);
        self.gauge.set_heap_bytes(heap + intl + external.saturating_sub(self.gauge.allocated_bytes()));
        self.gauge.total_bytes()
    }
}

/// Tells V8 what ICU has allocated since, so that it collects garbage that holds some of it. Call on the isolate's thread
/// and not while its JavaScript runs: V8 may collect at once.
pub(super) fn report_intl(isolate: &mut v8::Isolate) {
    let change = icu_memory::report();
    if change != 0 {
        isolate.adjust_amount_of_external_allocated_memory(change);
    }
}

impl Stopper for Guard {
    fn stop(&self) {
        self.end(EndReason::Cpu);
    }

    fn inspect(&self) {
        let data = std::ptr::from_ref(self).cast_mut().cast::<c_void>();
        self.handle.request_interrupt(inspect_memory, data);
    }
}

/// Runs on the isolate's thread, between two instructions of its JavaScript.
unsafe extern "C" fn inspect_memory(isolate: v8::UnsafeRawIsolatePtr, data: *mut c_void) {
    // SAFETY: `data` is the guard that requested this. V8 runs an isolate's interrupts only while the isolate lives, and
    // the guard outlives it (see `install`).
    let guard = unsafe { &*data.cast::<Guard>() };
    // SAFETY: V8 passes the isolate it is running, on its own thread; the reference does not leave this call.
    let mut isolate = unsafe { v8::Isolate::from_raw_isolate_ptr(isolate) };
    // Garbage counts here: a script that holds twice its cap in garbage is over what the machine can give it. The heap
    // alone cannot get there, V8's own limit is in its way.
    if guard.measure(&mut isolate) > guard.gauge.cap_bytes().saturating_mul(2) {
        guard.end(EndReason::Memory);
    }
}

/// V8 is about to pass the heap limit: end what runs, and let V8 live long enough to get there.
///
/// Headroom is granted once, then nothing: V8 150 calls this again and again from built-ins that allocate without ever
/// looking for the termination, and with more each time they never end (shared/measured.md).
unsafe extern "C" fn near_heap_limit(data: *mut c_void, current: usize, _initial: usize) -> usize {
    // SAFETY: `data` is the guard of the isolate that calls, which it outlives (see `install`).
    let guard = unsafe { &*data.cast::<Guard>() };
    // V8 150 also calls this on its last try for a buffer that our allocator refuses. That one is the script's to catch.
    if guard.gauge.take_refused() {
        return current;
    }
    guard.gauge.reach_limit();
    guard.end(EndReason::Memory);
    if guard.headroom_granted.swap(true, Ordering::SeqCst) { current } else { current + HEADROOM_BYTES }
}

/// V8 cannot go on with this heap and would abort the process if this returned.
unsafe extern "C" fn fatal_out_of_memory(_location: *const c_char, details: &v8::OomDetails) {
    tracing::warn!(heap = details.is_heap_oom, "isolate out of memory");
    park_this_thread();
    // No isolate of ours is on this thread: it is one of V8's own.
    park_helper();
    // The snapshot builder's child: the exit status tells the parent.
    std::process::exit(OUT_OF_MEMORY_EXIT);
}

/// Exit status of a process whose V8 ran out of memory outside a slot.
pub const OUT_OF_MEMORY_EXIT: i32 = 70;

const CPU: u8 = 1;
const MEMORY: u8 = 2;

/// What V8 may use beyond its limit, once, on its way to the termination.
pub(super) const HEADROOM_BYTES: usize = 32 << 20;
