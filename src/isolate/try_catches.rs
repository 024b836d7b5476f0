//! Terminations that nothing swallows: an isolate that was ended is ended again wherever Rust has caught what it ran.
//!
//! A termination is an exception to V8. An op that calls back into JavaScript inside a `v8::TryCatch` catches it; V8 passes it
//! on only within another call of its API (V8 150.4: `TryCatch::~TryCatch` in `src/api/api.cc`), and the op may throw an ordinary
//! exception in its place: `deno_core` has one around a script that it loads lazily, whose termination it throws again as
//! `Error: Uncaught null`. So a handler that had used up its CPU time went on until the watchdog's next tick: long enough to answer,
//! or to have the next stop caught like the first, until it was taken for a call of V8's own that never ends, which costs a thread.
//!
//! The linker puts this module's function in the place of the one with which the `v8` crate drops a `TryCatch` (`--wrap` in
//! `build/main.rs`), so that it is true of everybody's ops.

#![expect(unsafe_code, reason = "it stands in for a C function of the v8 crate's")]

use std::ffi::c_void;

use super::native_memory::end_again;

unsafe extern "C" {
    /// `v8::TryCatch::~TryCatch()`, which is all that the function in whose place ours is does.
    #[link_name = "_ZN2v88TryCatchD1Ev"]
    fn destruct(caught: *mut c_void);
}

/// What the `v8` crate calls as `v8__TryCatch__DESTRUCT`.
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_v8__TryCatch__DESTRUCT(caught: *mut c_void) {
    // SAFETY: the crate drops each `TryCatch` of its own once, in place, on the isolate's thread.
    unsafe { destruct(caught) };
    end_again();
}
