//! Dead ArrayBuffers, freed by young collections.
//!
//! V8 (15.0) counts the bytes of ArrayBuffers towards the limit at which it marks the whole heap (`Heap::
//! OldGenerationConsumedBytes`), whose steps are small for heaps as small as ours, and not towards young collections, which
//! come when the young generation itself is full. A script that reads a body of 64 KiB in each request had its whole heap
//! collected every 178 requests, a third of its CPU, and a young collection, which frees such buffers, every 4,800. There is
//! no call for one outside of tests, so the young generation is filled.

use deno_core::{JsRuntime, v8};

/// What an isolate's ArrayBuffers came to when they were last collected, or have shrunk to since.
#[derive(Debug, Default)]
pub(super) struct YoungBuffers {
    low_bytes: i64,
}

impl YoungBuffers {
    /// Has them collected when there are many more. Not while JavaScript runs, and on somebody's budget.
    pub(super) fn look_after(&mut self, runtime: &mut JsRuntime) {
        let bytes = external_bytes(runtime);
        if bytes < self.low_bytes.saturating_add(MANY_BYTES) {
            self.low_bytes = self.low_bytes.min(bytes);
            return;
        }
        fill_young_generation(runtime);
        self.low_bytes = external_bytes(runtime);
    }
}

fn external_bytes(runtime: &mut JsRuntime) -> i64 {
    runtime.v8_isolate().adjust_amount_of_external_allocated_memory(0)
}

fn fill_young_generation(runtime: &mut JsRuntime) {
    deno_core::scope!(scope, runtime);
    for _ in 0..YOUNG_BYTES / PIECE_BYTES {
        v8::scope!(let scope, scope);
        v8::Array::new(scope, PIECE_BYTES / 8);
    }
}

/// A few times what young collections leave for the next, and well under the steps of V8's limit.
const MANY_BYTES: i64 = 4 << 20;

/// The young generation as it is at first. In one that has grown collections come by themselves.
const YOUNG_BYTES: i32 = 1 << 20;

/// Of the size that V8 still takes for an ordinary object.
const PIECE_BYTES: i32 = 32 << 10;
