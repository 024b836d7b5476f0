//! Sizes that V8 refuses by ending the process: arrays longer than any can be, which a script has it make of a long string in
//! one line. V8 calls them fatal without impact on security; they cost the isolate and its thread, as running out of memory does.
//!
//! V8 150 has no handler for these. It says what it gives up on, has the stack printed, and aborts: the printer is ours. What
//! else it aborts on, a check of its own that failed, is told to a handler before that, and ends the process as ever.

#![expect(unsafe_code, reason = "rusty_v8 150.4 does not show who prints stacks")]

use std::backtrace::Backtrace;
use std::cell::Cell;

use deno_core::v8;

use super::fatal::park_this_thread;

unsafe extern "C" {
    /// `void v8::base::SetPrintStackTrace(void (*)())` (V8 15.0, `src/base/logging.h`).
    #[link_name = "_ZN2v84base18SetPrintStackTraceEPFvvE"]
    fn set_stack_printer(print: extern "C" fn());
}

/// Parks the threads of slots instead. Call once V8's platform is there, which sets a printer of its own.
pub(super) fn survive() {
    v8::V8::set_fatal_error_handler(on_fatal);
    // SAFETY: the function keeps a function pointer in a variable, and V8 calls that without arguments on whatever thread
    // gives up; ours is one of C's that lives as long as the process, and does not unwind.
    unsafe { set_stack_printer(on_stack_wanted) };
}

thread_local! {
    static CHECK_FAILED: Cell<bool> = const { Cell::new(false) };
}

/// What V8 aborts on with a message.
fn on_fatal(_file: &str, _line: i32, message: &str) {
    if message.starts_with(INVALID_SIZE) {
        park_this_thread();
    }
    CHECK_FAILED.set(true);
}

/// V8 is about to abort: after [`on_fatal`], or for a size.
extern "C" fn on_stack_wanted() {
    if !CHECK_FAILED.get() {
        park_this_thread();
    }
    eprintln!("{}", Backtrace::force_capture());
}

/// How V8 begins to say the same in older places.
const INVALID_SIZE: &str = "Fatal JavaScript invalid";
