//! Time slices of threads: how long the kernel lets one run before another gets its turn, and how often.
//!
//! Linux's scheduler (EEVDF) runs the thread whose slice would end first, and since 6.12 a thread may ask for a slice of its
//! own, without privileges: one that asks for a short slice, and so for little at a time, gets it soon, unless what runs
//! has asked for one as short. I/O threads and the watchdog ask for [`SHORT`]; a slot does once it has been quick a few times in a
//! row, and has [`LONG`] before that and from the first time on that it computes. V8's own threads have long ones. So a tenant that uses up its budget does not delay its neighbours' small requests. On older kernels nothing happens.
//!
//! A thread that V8 does not give back although its deadline has passed comes after the others, by [`put_back`]. Without
//! privileges there is no way back from there, and it needs none: what it runs is condemned.

#![expect(unsafe_code, reason = "the C library has no wrapper for sched_setattr")]

use std::time::Duration;

/// A thread by the number the kernel knows it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreadId(libc::pid_t);

impl ThreadId {
    /// The calling thread.
    #[must_use]
    pub fn of_this_thread() -> Self {
        // SAFETY: takes nothing and cannot fail.
        Self(unsafe { libc::gettid() })
    }
}

/// Asks the kernel for slices of this length for a thread of this process; a kernel that cannot does nothing.
pub fn set_slice(thread: ThreadId, slice: Duration) {
    let of = libc::id_t::try_from(thread.0).unwrap_or(0);
    // SAFETY: takes two numbers; for a thread that has ended it gives -1, which the call below then reports for it.
    let nice = unsafe { libc::getpriority(libc::PRIO_PROCESS, of) };
    set(thread, slice, nice);
}

/// Has a thread of this process come after others for good: it gets a tenth of what one beside it gets.
pub(super) fn put_back(thread: ThreadId) {
    set(thread, LONG, NICE_BACK);
}

fn set(thread: ThreadId, slice: Duration, nice: i32) {
    let attributes = Attributes {
        size: u32::try_from(size_of::<Attributes>()).unwrap_or(0),
        policy: 0,
        flags: 0,
        nice,
        priority: 0,
        runtime: u64::try_from(slice.as_nanos()).unwrap_or(u64::MAX),
        deadline: 0,
        period: 0,
    };
    // SAFETY: the kernel reads `size` bytes of the structure, which lives through the call and is laid out as the first
    // version of `struct sched_attr`. A thread that has ended is reported; a number given anew to another thread of this
    // process would only change how long that one's slices are.
    unsafe { libc::syscall(libc::SYS_sched_setattr, thread.0, &raw const attributes, 0_u32) };
}

/// `struct sched_attr`, version 0: <https://man7.org/linux/man-pages/man2/sched_setattr.2.html>. The policy is
/// `SCHED_OTHER`, for which `runtime` is the slice.
#[repr(C)]
struct Attributes {
    size: u32,
    policy: u32,
    flags: u64,
    nice: i32,
    priority: u32,
    runtime: u64,
    deadline: u64,
    period: u64,
}

/// The shortest slice the kernel gives.
pub const SHORT: Duration = Duration::from_micros(100);

/// A weight of 110 where others have 1,024: enough to come to an end one day and give back what it holds.
const NICE_BACK: i32 = 10;

/// What a thread gets that computes for its own sake; the kernel's own choice is about 3 ms.
pub const LONG: Duration = Duration::from_millis(6);

#[cfg(test)]
mod tests {
    use super::*;

    /// Sets both on this thread: it goes on running, whatever the kernel knows.
    #[test]
    fn slices_can_be_asked_for_on_every_kernel() {
        for slice in [SHORT, LONG, SHORT] {
            set_slice(ThreadId::of_this_thread(), slice);
        }
    }

    /// Puts a thread back, and gives it another slice: it stays where it is.
    #[test]
    fn a_thread_that_was_put_back_stays_there() {
        let nice = std::thread::spawn(|| {
            put_back(ThreadId::of_this_thread());
            set_slice(ThreadId::of_this_thread(), SHORT);
            // SAFETY: takes two numbers, and the calling thread is there.
            unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) }
        });
        assert_eq!(nice.join().expect("ends"), NICE_BACK);
    }
}
