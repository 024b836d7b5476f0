//! Limits: what arming the CPU watchdog and reading the thread's clock cost, which every entry into JavaScript does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use eyot::limits::{Stopper, TokenBucket, Watchdog, WayBack, this_thread_cpu};

use crate::stopwatch::Stopwatch;

/// What never has to stop anything.
struct Idle;

impl Stopper for Idle {
    fn stop(&self) {}

    fn inspect(&self) {}
}

pub(crate) fn measure(stopwatch: &Stopwatch) {
    let watchdog = Watchdog::start(WayBack::of_this_process()).expect("starts");
    let watched = watchdog.watch_this_thread(Box::new(|_| {})).expect("this thread has a clock");
    let idle: Arc<dyn Stopper> = Arc::new(Idle);
    stopwatch.time("limits: arm and disarm the watchdog", || watched.arm(Duration::from_millis(50), &idle).disarm());
    stopwatch.time("limits: read the thread's clock", this_thread_cpu);
    let mut bucket = TokenBucket::new(u32::MAX, Instant::now());
    stopwatch.time("limits: take from a rate's bucket", || bucket.take(u32::MAX, Instant::now()));
}
