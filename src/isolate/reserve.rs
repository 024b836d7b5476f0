//! The reserve: what all isolates of the node together may take beyond what their caps can hold them to.
//!
//! V8 lets one allocation pass an isolate's heap limit before anybody sees it, and some of its built-ins work in memory of
//! their own. One isolate that does so is ended when it comes back; forty that do it at once would take the machine with
//! them. So what is taken this way is taken from here, and who finds nothing left is without memory.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that are left; everything until a pool says how much there is.
static LEFT: AtomicU64 = AtomicU64::new(u64::MAX);

/// Has `bytes` in it from now on. Call before the first isolate starts.
pub(super) fn fill(bytes: u64) {
    LEFT.store(bytes, Ordering::Relaxed);
}

/// Takes this much, if it is there.
pub(super) fn take(bytes: u64) -> bool {
    LEFT.try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok()
}

/// Gives back what was taken.
pub(super) fn give_back(bytes: u64) {
    // Nobody waits for it: who found too little has been told so.
    let _ = LEFT.try_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_add(bytes)));
}
