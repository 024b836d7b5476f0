//! State of the host that JavaScript keeps alive: an object of its heap that no script can look into.
//!
//! Our JavaScript holds such an object in a private field and hands it to ops; when it is collected, the state is dropped.

#![expect(unsafe_code, reason = "V8's garbage collector owns the object")]

use std::cell::{RefCell, RefMut};
use std::ffi::CStr;

use deno_core::{GarbageCollected, v8};
use deno_error::JsErrorBox;

/// State that lives as long as its JavaScript object.
pub(crate) struct Kept<T>(RefCell<T>);

impl<T> Kept<T> {
    /// Hands `state` over.
    #[must_use]
    pub(crate) fn new(state: T) -> Self {
        Self(RefCell::new(state))
    }

    /// The state, for one op at a time.
    ///
    /// # Errors
    /// When an op is at work with it already.
    pub(crate) fn borrow(&self) -> Result<RefMut<'_, T>, JsErrorBox> {
        self.0.try_borrow_mut().map_err(|_| JsErrorBox::generic("it is in use"))
    }
}

/// Refuses two buffers of a script's that share bytes, of which one is read while the other is written.
pub(crate) fn apart(input: &[u8], output: &[u8]) -> Result<(), JsErrorBox> {
    let (input, output) = (input.as_ptr_range(), output.as_ptr_range());
    if input.start < output.end && output.start < input.end {
        return Err(JsErrorBox::type_error("The input and the output overlap."));
    }
    Ok(())
}

// SAFETY: `trace` must visit every handle into V8's heap that the object holds. `T` is state of the host, bytes and
// numbers: the types it is used with (`body::Held`, `cipher::Cipher`, `mapping::Mapping`, `zlib::Stream`, `hash::Hash`,
// `hash::Pbkdf2`, `html::Rewriting`, `key::Key`, `zstd::Zstd`) hold no such handle. Nothing in it runs JavaScript when it is dropped. A `Rewriting` unwinds
// its parser's own stack then, on the isolate's thread, where V8 runs finalizers.
unsafe impl<T: 'static> GarbageCollected for Kept<T> {
    fn trace(&self, _: &mut v8::cppgc::Visitor) {}

    fn get_name(&self) -> &'static CStr {
        c"Kept"
    }
}
