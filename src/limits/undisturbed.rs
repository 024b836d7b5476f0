//! Has the calling thread had its processor to itself since it last said so? Asked without a system call.
//!
//! The kernel keeps an eye on one restartable sequence a thread (rseq(2), which glibc registers for each): whenever it takes
//! the processor from a thread, or gives it a signal, it looks whether the thread was inside the sequence it has named, and
//! if not, forgets the sequence. So a sequence that no code is in is a mark that stays for as long as the thread runs on.
//! Where nothing is registered there is no mark, and every thread counts as disturbed.
//!
//! The manual promises no more than that. Kernels do not have to look at a thread that waited in a system call and comes back
//! to the same processor, because none may be made inside a sequence: waiting is not to be told by this.

#![expect(unsafe_code, reason = "the place that kernel and thread share is reached from the thread's pointer")]

use std::ptr::NonNull;
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering, compiler_fence};

/// What the kernel reads and writes, as far as it matters here.
#[repr(C)]
struct Shared {
    cpu_id_start: AtomicI32,
    /// Negative while nothing is registered.
    cpu_id: AtomicI32,
    sequence: AtomicPtr<Sequence>,
}

/// The description of a sequence, as the kernel wants it.
#[repr(C, align(32))]
struct Sequence {
    version: u32,
    flags: u32,
    start: *const u32,
    bytes: u64,
    abort: *const u32,
}

// SAFETY: it is never changed, and what its addresses lead to is never changed either.
unsafe impl Sync for Sequence {}

/// Where the sequence would be, and would be left to: words that nothing runs. The kernel wants the signature before the
/// latter.
#[repr(C)]
struct Nowhere {
    signature: u32,
    abort: u32,
    start: u32,
}

static NOWHERE: Nowhere = Nowhere { signature: SIGNATURE, abort: 0, start: 0 };

static SEQUENCE: Sequence =
    Sequence { version: 0, flags: 0, start: &raw const NOWHERE.start, bytes: 1, abort: &raw const NOWHERE.abort };

/// Marks the calling thread.
pub(super) fn mark() {
    if let Some(shared) = shared() {
        shared.sequence.store((&raw const SEQUENCE).cast_mut(), Ordering::Relaxed);
        // The kernel looks at it on this very thread.
        compiler_fence(Ordering::SeqCst);
    }
}

/// Whether the calling thread's mark is there still.
pub(super) fn is_marked() -> bool {
    compiler_fence(Ordering::SeqCst);
    shared().is_some_and(|shared| std::ptr::eq(shared.sequence.load(Ordering::Relaxed), &raw const SEQUENCE))
}

/// What the calling thread shares with the kernel, if glibc has registered it.
fn shared() -> Option<&'static Shared> {
    thread_local! {
        static SHARED: Option<NonNull<Shared>> = find();
    }
    // SAFETY: `find` gave an address that is valid as long as this thread is, and only this thread gets the reference,
    // which no caller in this file keeps.
    SHARED.with(|shared| shared.map(|shared| unsafe { shared.as_ref() }))
}

#[cfg(all(target_arch = "x86_64", target_env = "gnu"))]
fn find() -> Option<NonNull<Shared>> {
    // SAFETY: names of symbols, ended by a zero byte; an unknown one gives a null pointer.
    let symbol = |name: &std::ffi::CStr| unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    let size = NonNull::new(symbol(c"__rseq_size").cast::<u32>())?;
    let offset = NonNull::new(symbol(c"__rseq_offset").cast::<isize>())?;
    // SAFETY: glibc 2.35 documents both: constants of these types that are set before `main`.
    let (size, offset) = unsafe { (size.read(), offset.read()) };
    if size == 0 {
        return None;
    }
    let thread: *mut u8;
    // SAFETY: on x86-64 the word at fs:0 is the thread's pointer, by the ABI of thread-local storage.
    unsafe {
        std::arch::asm!("mov {}, fs:[0]", out(reg) thread, options(nostack, readonly, preserves_flags));
    }
    let shared = NonNull::new(thread.wrapping_offset(offset).cast::<Shared>())?;
    // SAFETY: glibc keeps a structure of at least `size` bytes there for every thread, 20 of which are older than glibc's use.
    let is_registered = unsafe { shared.as_ref() }.cpu_id.load(Ordering::Relaxed) >= 0;
    is_registered.then_some(shared)
}

#[cfg(not(all(target_arch = "x86_64", target_env = "gnu")))]
fn find() -> Option<NonNull<Shared>> {
    None
}

/// `RSEQ_SIG` of x86.
const SIGNATURE: u32 = 0x5305_3053;

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;

    /// Competes for the processors with a mark until it is gone.
    #[test]
    fn a_thread_that_was_put_off_is_not_marked_any_more() {
        assert!(!is_marked());
        let (done, began) = (AtomicBool::new(false), Instant::now());
        thread::scope(|scope| {
            for _ in 0..=thread::available_parallelism().map_or(1, std::num::NonZero::get) {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        std::hint::spin_loop();
                    }
                });
            }
            mark();
            while is_marked() && began.elapsed() < Duration::from_secs(60) {}
            done.store(true, Ordering::Relaxed);
        });
        assert!(!is_marked());
    }
}
