//! Code from strings: `eval`, `new Function` and their kin, which the top level may use if the script's flags say so, and
//! nothing after it.
//!
//! Whoever compiles templates or schemas does so at the top level. V8 asks us each time, so that there is nothing to keep: a
//! function taken at the top level is refused like any other when a request calls it. WebAssembly has a rule of its own.
//!
//! Invariant: nothing is allowed on a thread without a live [`TopLevel`], and nothing that our own code calls for.

#![expect(unsafe_code, reason = "rusty_v8 150.4 does not show how V8 asks about code from strings")]

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;

use deno_core::v8;

use super::loader::SCHEME;

/// What V8 is answered (`v8-callbacks.h`, V8 15.0). Both ABIs we build for return it in two registers, because C++ can copy it as bytes.
#[repr(C)]
struct Verdict {
    allowed: bool,
    /// Another source in place of the given one: never.
    modified_source: *const c_void,
}

type OnCodeFromString = extern "C" fn(v8::Local<'_, v8::Context>, v8::Local<'_, v8::Value>, bool) -> Verdict;

unsafe extern "C" {
    /// `void v8::Isolate::SetModifyCodeGenerationFromStringsCallback(ModifyCodeGenerationFromStringsCallback2)`.
    #[link_name = "_ZN2v87Isolate42SetModifyCodeGenerationFromStringsCallbackEPFNS_37ModifyCodeGenerationFromStringsResultENS_5LocalINS_7ContextEEENS2_INS_5ValueEEEbE"]
    fn set_on_code_from_string(isolate: v8::UnsafeRawIsolatePtr, callback: OnCodeFromString);
}

/// Code from strings is allowed on this thread for as long as it is there.
pub(super) struct TopLevel(());

impl TopLevel {
    /// Of a script that may.
    pub(super) fn begin() -> Self {
        ALLOWED.set(true);
        Self(())
    }
}

impl Drop for TopLevel {
    fn drop(&mut self) {
        ALLOWED.set(false);
    }
}

/// Has the runtime's context ask about every string. Tenant code must not run before this.
pub(super) fn forbid_but_at_the_top_level(runtime: &mut deno_core::JsRuntime) {
    let isolate = runtime.v8_isolate();
    // SAFETY: the pointer is used within this function only, in which the isolate is borrowed.
    let isolate = unsafe { isolate.as_raw_isolate_ptr() };
    // SAFETY: V8 keeps the function pointer in the isolate, which is alive here, and calls it on the isolate's thread with two
    // valid handles and a bool. Ours does not unwind and lives as long as the process.
    unsafe { set_on_code_from_string(isolate, on_code_from_string) };
    deno_core::scope!(scope, runtime);
    scope.get_current_context().set_allow_generation_from_strings(false);
}

/// What is no string is not code: `eval` gives it back.
extern "C" fn on_code_from_string(
    context: v8::Local<'_, v8::Context>,
    source: v8::Local<'_, v8::Value>,
    _is_code_like: bool,
) -> Verdict {
    let is_short = |text: v8::Local<'_, v8::String>| text.length() <= SOURCE_CHARS_MAX;
    let allowed = v8::Local::<v8::String>::try_from(source)
        .map_or(true, |text| ALLOWED.get() && is_short(text) && !is_made_by_ours(context));
    Verdict { allowed, modified_source: ptr::null() }
}

/// Whether the function that makes code is called by our own, as `headers.forEach(eval)` has it: V8 takes that for where the code
/// comes from, and what comes from our code may import our modules.
fn is_made_by_ours(context: v8::Local<'_, v8::Context>) -> bool {
    // SAFETY: V8 calls back on the isolate's thread with its current context, which lives longer than this function.
    v8::callback_scope!(unsafe scope, context);
    let Some(trace) = v8::StackTrace::current_stack_trace(scope, 1) else { return true };
    if trace.get_frame_count() == 0 {
        // A promise's job: nobody's. V8 must not be asked for a frame that is not there.
        return true;
    }
    let Some(frame) = trace.get_frame(scope, 0) else { return true };
    // Code from strings has no name; it was made by a script's own.
    let name = frame.get_script_name(scope).map(|name| name.to_rust_string_lossy(scope));
    name.is_some_and(|name| !name.starts_with(SCHEME))
}

thread_local! {
    static ALLOWED: Cell<bool> = const { Cell::new(false) };
}

/// The parser takes up to two hundred times its source, none of it in the heap that is capped. An upload's own modules are bounded as a
/// whole; a string can be as long as the heap.
const SOURCE_CHARS_MAX: usize = 1 << 20;
