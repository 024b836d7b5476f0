//! CPU clocks of threads: how much processor time a thread has used, read from any thread.
//!
//! One operation each way: a thread takes its own [`ThreadClock`], others read it. No signals, no timers. The clock is
//! tied to a kernel thread id, so a reading after the thread has ended is an error, never another thread's time.
//!
//! Reading one's own is a system call, but for a moment after the last time: while a thread keeps its processor, its CPU
//! time goes on as time does ([`super::undisturbed`]). A thread that is about to wait says so.

#![expect(unsafe_code, reason = "the C library's thread clocks have no safe wrapper")]

use std::cell::Cell;
use std::io;
use std::time::{Duration, Instant};

use super::undisturbed;

/// The CPU clock of one thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreadClock {
    id: libc::clockid_t,
}

impl ThreadClock {
    /// The clock of the calling thread, readable from every thread of this process.
    ///
    /// # Errors
    /// When the kernel refuses the clock; then no CPU cap can be armed and nothing may run.
    pub fn of_this_thread() -> io::Result<Self> {
        let mut id: libc::clockid_t = 0;
        // SAFETY: `pthread_self` names the calling thread, which is alive for the whole call, and `id` is a valid place
        // for the one value that is written.
        let status = unsafe { libc::pthread_getcpuclockid(libc::pthread_self(), &raw mut id) };
        if status != 0 {
            return Err(io::Error::from_raw_os_error(status));
        }
        let clock = Self { id };
        clock.read()?;
        Ok(clock)
    }

    /// CPU time, user and system, that the thread has used since it began.
    ///
    /// # Errors
    /// When the thread has ended.
    pub fn read(self) -> io::Result<Duration> {
        read_clock(self.id)
    }
}

/// What is known of the calling thread's CPU time.
#[derive(Clone, Copy)]
struct Known {
    cpu: Duration,
    /// When that was.
    at: Option<Instant>,
    /// What was last said: less is never said afterwards.
    told: Duration,
}

thread_local! {
    static KNOWN: Cell<Known> = const { Cell::new(Known { cpu: Duration::ZERO, at: None, told: Duration::ZERO }) };
}

/// CPU time, user and system, of the calling thread; never less than it was before. What interrupts and the host take of
/// 0.1 ms may be in it.
///
/// # Panics
/// Never on Linux: the calling thread's clock exists as long as the thread does.
#[must_use]
pub fn this_thread_cpu() -> Duration {
    KNOWN.with(|place| {
        let mut known = place.get();
        let passed = known.at.map_or(Duration::MAX, |at| at.elapsed());
        // Asked after the time was read: it may have been disturbed in between.
        let cpu = if passed <= TRUSTED_FOR && undisturbed::is_marked() {
            known.cpu + passed
        } else {
            undisturbed::mark();
            known.cpu = read_clock(libc::CLOCK_THREAD_CPUTIME_ID).expect("a running thread has a CPU clock");
            known.at = Some(Instant::now());
            known.cpu
        };
        known.told = known.told.max(cpu);
        place.set(known);
        known.told
    })
}

/// Has the next reading ask the kernel: said by a thread before it waits.
pub fn forget_this_thread_cpu() {
    KNOWN.with(|place| place.set(Known { at: None, ..place.get() }));
}

/// How long a reading is gone on from.
const TRUSTED_FOR: Duration = Duration::from_micros(100);

fn read_clock(id: libc::clockid_t) -> io::Result<Duration> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid place for the one value that is written; an unknown clock id is reported, not undefined.
    let status = unsafe { libc::clock_gettime(id, &raw mut time) };
    if status != 0 {
        return Err(io::Error::last_os_error());
    }
    // Both are non-negative for a CPU clock: it starts at zero with the thread.
    Ok(Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    /// Works for a while beside the kernel's own clock.
    #[test]
    fn ones_own_clock_is_the_kernels() {
        let kernels = || read_clock(libc::CLOCK_THREAD_CPUTIME_ID).expect("a clock");
        let (until, mut before) = (kernels() + Duration::from_millis(20), Duration::ZERO);
        while before < until {
            let told = this_thread_cpu();
            assert!(told >= before && told <= kernels() + TRUSTED_FOR);
            before = told;
        }
        assert!(this_thread_cpu() >= until);
    }

    /// Reads a busy thread's clock from another thread until it has moved, and once after the thread has ended.
    #[test]
    fn another_threads_time_can_be_read_while_it_lives_and_not_after() {
        let (send_clock, clock) = mpsc::sync_channel(1);
        let (stop, stopped) = mpsc::sync_channel::<()>(0);
        let busy = thread::spawn(move || {
            send_clock.send(ThreadClock::of_this_thread().expect("a clock")).expect("the reader waits");
            while stopped.try_recv().is_err() {
                std::hint::spin_loop();
            }
        });
        let clock = clock.recv().expect("the thread sends its clock");
        let before = clock.read().expect("the thread lives");
        while clock.read().expect("the thread lives") < before + Duration::from_millis(5) {
            thread::yield_now();
        }
        stop.send(()).expect("the thread listens");
        busy.join().expect("the thread ends");
        // Who joins is woken a moment before the kernel has forgotten the thread.
        let joined = Instant::now();
        while clock.read().is_ok() {
            assert!(joined.elapsed() < Duration::from_secs(60));
            thread::yield_now();
        }
    }
}
