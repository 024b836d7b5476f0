//! Time slices of threads: how long the kernel lets one run before another gets its turn, and how often.
//!
//! Linux's scheduler (EEVDF) runs the thread whose slice would end first, and since 6.12 a thread may ask for a slice of its
//! own, without privileges: one that asks for a short slice, and so for little at a time, gets it soon, unless what runs
//! has asked for one as short. I/O threads and the watchdog ask for [`SHORT`]; a slot asks for [`BRIEF`] once it has been quick a few
//! times in a row, and has [`LONG`] before that and from the first time on that it computes. V8's own threads have long ones, and who is behind the others has [`MEDIUM`]. So a tenant that uses up its budget does not delay its neighbours' small requests. On older kernels nothing happens.
//!
//! Who computes for long steps behind the others ([`put_behind`]); whether it can come back is up to the kernel ([`WayBack`]). What
//! serves nobody in particular, or no request at all, comes after who does ([`put_back`]).

#![expect(unsafe_code, reason = "the C library has no wrapper for sched_setattr")]

use std::thread;
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

/// Whether a thread that has stepped behind may step up again: the kernel wants a privilege, or an `RLIMIT_NICE` that allows a
/// process the nice value it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WayBack {
    /// It may.
    Open,
    /// It may not.
    Closed,
}

impl WayBack {
    /// Finds out, on a thread made for it.
    #[must_use]
    pub fn of_this_process() -> Self {
        let tried = thread::Builder::new().spawn(|| {
            let own = ThreadId::of_this_thread();
            put_behind(own) && put_up(own)
        });
        match tried.map(thread::JoinHandle::join) {
            Ok(Ok(true)) => Self::Open,
            _ => Self::Closed,
        }
    }
}

/// Asks the kernel for slices of this length for a thread of this process; a kernel that cannot does nothing.
pub fn set_slice(thread: ThreadId, slice: Duration) {
    set(thread, slice, nice(thread));
}

/// Has this process, which has no other thread yet, come after others for good: it gets a sixth of what one beside it gets.
pub fn put_back() {
    set(ThreadId::of_this_thread(), LONG, nice_by(NICE_BEHIND));
}

/// Has every other thread that this process has just now come a little after the main one, for good: it gets a third of what one
/// beside it gets, for it may be waited for.
pub fn put_others_aside() {
    let own = ThreadId::of_this_thread();
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else { return };
    let ids = threads.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok().map(ThreadId));
    for thread in ids.filter(|thread| *thread != own) {
        set(thread, LONG, nice_by(NICE_ASIDE));
    }
}

/// Has the calling thread run among the others, wherever the thread that made it stood: threads are born with their maker's
/// place. Says whether the kernel did so.
pub fn stand_among() -> bool {
    put_up(ThreadId::of_this_thread())
}

/// Whether the calling thread comes after the main one by what it was given, or its maker was.
pub(super) fn is_behind_for_good() -> bool {
    nice(ThreadId::of_this_thread()) > nice_by(0)
}

/// Has a thread of this process come after the others: it gets a sixth of what one beside it gets. Says whether the kernel did
/// so.
pub(super) fn put_behind(thread: ThreadId) -> bool {
    set(thread, MEDIUM, nice_by(NICE_BEHIND))
}

/// Has a thread run among the others again; says whether the kernel did so.
pub(super) fn put_up(thread: ThreadId) -> bool {
    set(thread, LONG, nice_by(0))
}

fn nice(thread: ThreadId) -> i32 {
    let of = libc::id_t::try_from(thread.0).unwrap_or(0);
    // SAFETY: takes two numbers; for a thread that has ended it gives -1, which the call that follows then reports for it.
    unsafe { libc::getpriority(libc::PRIO_PROCESS, of) }
}

/// So much more than the main thread has, which is what the process was started with.
fn nice_by(more: i32) -> i32 {
    // SAFETY: takes nothing and cannot fail. The main thread has the process's number.
    let main = ThreadId(unsafe { libc::getpid() });
    nice(main).saturating_add(more).min(NICE_LAST)
}

fn set(thread: ThreadId, slice: Duration, nice: i32) -> bool {
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
    // process would only change how long that one's slices are, and when it gets them.
    unsafe { libc::syscall(libc::SYS_sched_setattr, thread.0, &raw const attributes, 0_u32) == 0 }
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

/// What a slot gets that does little at a time: a usual request fits in, so that it is not put off half way with what it has in the
/// processor's caches, and with locks that the next one wants.
pub(super) const BRIEF: Duration = Duration::from_micros(250);

/// A weight of 172 where others have 1,024: little enough for what wakes up to come first at once, and enough to come to an end on a
/// busy machine and give back what is held.
const NICE_BEHIND: i32 = 8;

/// A weight of 335.
const NICE_ASIDE: i32 = 5;

/// There is none after this.
const NICE_LAST: i32 = 19;

/// What a thread behind the others gets. The kernel owes a thread up to twice its slice, or a tick if that is more, whatever its weight, and
/// when one to which it owes much begins to wait for a processor, who did little there is not eligible until that is paid (EEVDF,
/// `entity_lag`, `avg_vruntime`).
pub(super) const MEDIUM: Duration = Duration::from_millis(2);

/// What a thread gets that computes for its own sake; the kernel's own choice is about 3 ms.
pub const LONG: Duration = Duration::from_millis(6);

#[cfg(test)]
mod tests {
    use super::*;

    /// Sets both on this thread: it goes on running, whatever the kernel knows.
    #[test]
    fn slices_can_be_asked_for_on_every_kernel() {
        for slice in [SHORT, BRIEF, LONG, SHORT] {
            set_slice(ThreadId::of_this_thread(), slice);
        }
    }

    /// Puts a thread behind for good, and gives it another slice: it stays where it is.
    #[test]
    fn a_thread_that_was_put_behind_for_good_stays_there() {
        let checked = std::thread::spawn(|| {
            let own = ThreadId::of_this_thread();
            let before = nice(own);
            assert!(put_behind(own));
            set_slice(own, SHORT);
            assert_eq!(nice(own), (before + NICE_BEHIND).min(NICE_LAST));
        });
        checked.join().expect("ends");
    }
}
