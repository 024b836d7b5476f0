//! Whether the host is at work with a buffer's memory.
//!
//! An asynchronous op keeps the memory of the buffers it was given, and V8 takes pages away from a resizable one that
//! shrinks, whoever holds them: to touch them then would end the process. `js/mappings.js` asks here before it does.

#![expect(unsafe_code, reason = "v8 150.4 does not show how often a backing store is held")]

use std::ffi::c_long;

use deno_core::op2;
use deno_core::v8::{self, BackingStore, SharedRef};

unsafe extern "C" {
    /// Of rusty_v8's own binding: `std::shared_ptr<BackingStore>::use_count`.
    fn std__shared_ptr__v8__BackingStore__use_count(store: *const SharedRef<BackingStore>) -> c_long;
}

/// Whether anybody but the buffer itself holds its memory.
#[op2(fast)]
pub(crate) fn op_eyot_is_pinned(buffer: v8::Local<'_, v8::ArrayBuffer>) -> bool {
    let store = buffer.get_backing_store();
    // SAFETY: the function reads the counter of a C++ `shared_ptr`, as which `SharedRef` is laid out (`repr(C)`, two words);
    // this one lives through the call and is never null.
    let holders = unsafe { std__shared_ptr__v8__BackingStore__use_count(&raw const store) };
    // The buffer, and we.
    holders > 2
}
