//! A runtime and the snapshot bytes it stands on, dropped in the right order.
//!
//! deno_core asks for a `&'static [u8]` to start from, and V8 keeps pointers into it: strings of the snapshot stay
//! outside the heap. Leaking the bytes would cost a snapshot of memory for each deployment.

#![expect(unsafe_code, reason = "a borrow that outlives its proof is passed to deno_core")]

use std::slice;
use std::sync::Arc;

use deno_core::error::CoreError;
use deno_core::{JsRuntime, RuntimeOptions};

use super::gauge::MemoryGauge;
use super::guard::{Guard, report_intl};
use super::native_memory::{Watching, watch};
use crate::store::Unpacked;

/// A runtime that may run on snapshot bytes of its own.
///
/// Field order is drop order: the thread's allocations are the isolate's no more, then the runtime goes, then what V8 holds pointers to.
pub struct Started {
    _native: Watching,
    runtime: JsRuntime,
    guard: Arc<Guard>,
    snapshot: Option<Arc<Unpacked>>,
}

impl Started {
    /// Starts a runtime from `snapshot`, or from nothing. `options` must not name a snapshot itself.
    ///
    /// # Errors
    /// When the extensions' own JavaScript fails, which is our fault.
    pub fn new(
        mut options: RuntimeOptions,
        snapshot: Option<Arc<Unpacked>>,
        gauge: Arc<MemoryGauge>,
    ) -> Result<Self, CoreError> {
        options.startup_snapshot = snapshot.as_ref().map(|bytes| {
            // JUSTIFICATION: see the file's header.
            // SAFETY: the slice points into `bytes`, which never move or change while an `Arc` holds them.
            // `Started` keeps that `Arc` and declares `runtime` before it: fields drop in that order, so V8 lets go
            // first. When `try_new` below fails, it has dropped its isolate before `snapshot` is dropped here. No
            // method returns the slice, and a parked thread drops neither.
            unsafe { slice::from_raw_parts(bytes.as_ptr(), bytes.len()) }
        });
        let mut runtime = JsRuntime::try_new(options)?;
        let guard = Guard::install(runtime.v8_isolate(), gauge);
        let started = Self { _native: watch(&guard), runtime, guard, snapshot };
        started.rest();
        Ok(started)
    }

    /// Gives back the memory of the snapshot: V8 reads the sources of functions that were never called, one by one, and
    /// mostly when the isolate has just started.
    pub fn rest(&self) {
        if let Some(snapshot) = &self.snapshot {
            snapshot.rest();
        }
    }

    /// The runtime.
    pub fn runtime(&mut self) -> &mut JsRuntime {
        &mut self.runtime
    }

    /// What can end it.
    #[must_use]
    pub fn guard(&self) -> &Arc<Guard> {
        &self.guard
    }

    /// Measures the isolate's memory and gives the total.
    pub fn measure(&mut self) -> u64 {
        report_intl(self.runtime.v8_isolate());
        self.guard.measure(self.runtime.v8_isolate())
    }
}
