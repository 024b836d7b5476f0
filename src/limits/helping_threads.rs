//! CPU time that a slot's helping threads use: what WebCrypto and name lookups do beside JavaScript.
//!
//! Threads report themselves when they begin and end; the slot asks from time to time how much has come together, and
//! charges it. Knows nothing of what they run.

use std::thread::{self, ThreadId};
use std::time::Duration;

use parking_lot::Mutex;

use super::thread_clock::{ThreadClock, this_thread_cpu};

/// The clocks of one slot's helping threads.
#[derive(Debug, Default)]
pub struct HelpingThreads(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    live: Vec<Live>,
    ended: Duration,
}

#[derive(Debug)]
struct Live {
    thread: ThreadId,
    clock: ThreadClock,
    taken: Duration,
}

impl HelpingThreads {
    /// The calling thread begins to help. Without a clock of its own it is charged when it ends.
    pub fn join(&self) {
        if let Ok(clock) = ThreadClock::of_this_thread() {
            let live = Live { thread: thread::current().id(), clock, taken: Duration::ZERO };
            self.0.lock().live.push(live);
        }
    }

    /// The calling thread ends.
    pub fn leave(&self) {
        let own = thread::current().id();
        let mut state = self.0.lock();
        let taken = match state.live.iter().position(|live| live.thread == own) {
            Some(at) => state.live.swap_remove(at).taken,
            None => Duration::ZERO,
        };
        state.ended += this_thread_cpu().saturating_sub(taken);
    }

    /// What has been used since this was last asked.
    pub fn take(&self) -> Duration {
        let mut state = self.0.lock();
        let mut sum = std::mem::take(&mut state.ended);
        for live in &mut state.live {
            // A thread that is about to leave reports the rest itself.
            if let Ok(used) = live.clock.read() {
                sum += used.saturating_sub(live.taken);
                live.taken = used;
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, mpsc};

    use super::*;

    /// A thread spins until its time was seen from here, then ends: every reading counts once.
    #[test]
    fn time_is_charged_while_a_thread_lives_and_after_it_has_ended() {
        let helping = Arc::new(HelpingThreads::default());
        let (stop, stopped) = mpsc::sync_channel::<()>(0);
        let busy = thread::spawn({
            let helping = Arc::clone(&helping);
            move || {
                helping.join();
                while stopped.try_recv().is_err() {
                    std::hint::spin_loop();
                }
                helping.leave();
            }
        });
        let mut seen = Duration::ZERO;
        while seen < Duration::from_millis(5) {
            seen += helping.take();
            thread::yield_now();
        }
        stop.send(()).expect("the thread listens");
        busy.join().expect("the thread ends");
        helping.take();
        assert_eq!(helping.take(), Duration::ZERO);
        assert!(helping.0.lock().live.is_empty());
    }
}
