//! Host state that JavaScript holds and V8's garbage collector frees: what a stream of bytes is fed through.

#![expect(unsafe_code, reason = "V8 frees these objects from its own collector")]

use std::cell::RefCell;
use std::ffi::CStr;

use deno_core::GarbageCollected;
use deno_core::v8::cppgc::Visitor;

use super::codec::Codec;
use super::digest::Digest;

/// A compressor or decompressor; empty once it has finished.
pub(crate) struct CodecObject(pub(super) RefCell<Option<Codec>>);

/// A hash that is still fed; empty once it has been read.
pub(crate) struct DigestObject(pub(super) RefCell<Option<Digest>>);

// SAFETY: the object holds no V8 handles, so there is nothing to trace; dropping it touches plain memory and an atomic
// counter, which any thread may do.
unsafe impl GarbageCollected for CodecObject {
    fn trace(&self, _visitor: &mut Visitor) {}

    fn get_name(&self) -> &'static CStr {
        c"CodecObject"
    }
}

// SAFETY: as above: plain memory, no V8 handles.
unsafe impl GarbageCollected for DigestObject {
    fn trace(&self, _visitor: &mut Visitor) {}

    fn get_name(&self) -> &'static CStr {
        c"DigestObject"
    }
}
