//! Driving one isolate: jobs in, event loop turned, runs settled, until the slot is to be given up.
//!
//! One poll takes what is in the mailbox, turns the event loop once, and settles what has ended. Every entry into
//! JavaScript is armed with what is left of a CPU budget: a request's start with its own, a turn of the event loop with
//! that of the one run in flight or, when there are several, of whichever its meter says is running.
//!
//! Jobs that come on the isolate's own thread begin between polls ([`here`]).
//!
//! The event loop is not turned while nothing is in flight: what a script left behind cannot use anybody's time.

mod enter;
mod here;
mod messages;
mod settle;
mod texts;

use std::any::Any;
use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::panic::resume_unwind;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use deno_core::v8;
use tokio::task::LocalSet;
use tokio::time::Sleep;

pub(super) use self::here::begin_here;
pub(super) use self::texts::text_string;
use super::guard::EndReason;
use super::job::{ConnectionFacts, Load};
use super::slot::Mailbox;
use super::start::Isolate;
use super::young_buffers::YoungBuffers;
use crate::limits::{HelpingThreads, Stopper, Watched, coarse_now};

/// Why driving stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The pool gave the slot up and everything in flight was finished.
    Evicted,
    /// A run broke a limit; the isolate must not serve again.
    Condemned(EndReason),
    /// The isolate had grown too large, or kept something running, and was drained.
    Retired,
}

/// What drives one isolate, on its slot's thread.
pub(super) struct Driver {
    watched: Rc<Watched>,
    helping: Arc<HelpingThreads>,
    stopper: Arc<dyn Stopper>,
    mailbox: Mailbox,
    load: Arc<Load>,
    /// Where deno_core spawns.
    local: Rc<LocalSet>,
    evicted: Pin<Box<dyn Future<Output = ()>>>,
    /// Wakes this.
    waker: Option<Waker>,
    /// A job that began between polls broke a limit, or panicked: it goes no further.
    ended: Option<Result<EndReason, Box<dyn Any + Send>>>,
    deadline: Option<Pin<Box<Sleep>>>,
    goodbye: Option<Pin<Box<dyn Future<Output = ()>>>>,
    turns: u32,
    young_buffers: YoungBuffers,
    /// What entries took since jobs were last weighed, and how many had begun then.
    weighed: (Duration, u64),
    /// When the budgets of runs with sockets are looked at next.
    renew_at: Instant,
    /// The thread's CPU time when JavaScript was last left in this poll.
    left_at: Option<Duration>,
    hooked: bool,
    /// What the last request's script was told of its connection.
    facts: Option<(ConnectionFacts, v8::Global<v8::String>)>,
    retiring: bool,
    /// When its thread was seen behind the others with no way back.
    behind_since: Option<Instant>,
    /// Whether it has been idle since its first job.
    rested: bool,
    /// Dropped after all that points into it.
    isolate: Isolate,
}

impl Driver {
    /// Drives `isolate` with what comes into `mailbox`.
    pub(super) fn new(
        isolate: Isolate,
        watched: &Rc<Watched>,
        helping: &Arc<HelpingThreads>,
        mailbox: &Mailbox,
        load: &Arc<Load>,
        local: &Rc<LocalSet>,
    ) -> Rc<RefCell<Self>> {
        let stopper: Arc<dyn Stopper> = isolate.started.guard().clone();
        let loaded = Arc::clone(load);
        Rc::new(RefCell::new(Self {
            isolate,
            watched: Rc::clone(watched),
            helping: Arc::clone(helping),
            stopper,
            mailbox: Rc::clone(mailbox),
            load: Arc::clone(load),
            local: Rc::clone(local),
            evicted: Box::pin(async move { loaded.evicted().await }),
            waker: None,
            ended: None,
            deadline: None,
            goodbye: None,
            turns: 0,
            young_buffers: YoungBuffers::default(),
            weighed: (Duration::ZERO, 0),
            renew_at: Instant::now(),
            left_at: None,
            hooked: false,
            facts: None,
            retiring: false,
            behind_since: None,
            rested: false,
        }))
    }

    /// Drives until the mailbox is closed and empty, or the isolate must not serve again.
    pub(super) async fn drive(driver: &Rc<RefCell<Self>>) -> Ended {
        here::drives_here(driver);
        poll_fn(|cx| driver.borrow_mut().poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        match self.ended.take() {
            Some(Ok(reason)) => return Poll::Ready(self.condemn(reason)),
            Some(Err(panic)) => resume_unwind(panic),
            None => {}
        }
        if self.waker.as_ref().is_none_or(|waker| !waker.will_wake(cx.waker())) {
            self.waker = Some(cx.waker().clone());
        }
        self.isolate.clock.tick();
        // What other tasks of the thread have used since is not for a run to pay.
        self.left_at = None;
        self.isolate.gauge.set_driver(cx.waker());
        // Polled only until it is ready, which is also when retiring begins.
        if !self.retiring && self.evicted.as_mut().poll(cx).is_ready() {
            self.retiring = true;
        }
        self.say_goodbye(cx);
        let closed = match self.take_jobs(cx) {
            Ok(closed) => closed,
            Err(reason) => return Poll::Ready(self.condemn(reason)),
        };
        self.retiring |= closed;
        let began = coarse_now();
        if began >= self.renew_at {
            self.renew_at = began + RENEW_LOOK;
            self.isolate.runs.borrow_mut().in_flight.values_mut().for_each(|run| run.renew(began));
        }
        if self.in_flight() > 0
            && let Err(reason) =
                self.tell_who_left(cx).and_then(|()| self.deliver(began, cx)).and_then(|()| self.turn(cx))
        {
            return Poll::Ready(self.condemn(reason));
        }
        if self.in_flight() == 0 {
            self.serve_debugger(cx);
        }
        let now = Instant::now();
        let next = match self.settle(now, cx) {
            Ok(next) => next,
            Err(reason) => return Poll::Ready(self.condemn(reason)),
        };
        self.load.set_in_flight(self.in_flight());
        if self.in_flight() == 0 && (closed || self.retiring) {
            return Poll::Ready(if closed { Ended::Evicted } else { Ended::Retired });
        }
        if self.in_flight() == 0 && !self.rested && self.load.begun() > 0 {
            self.rested = true;
            self.isolate.started.rest();
        }
        self.arm_deadline(next, now, cx);
        Poll::Pending
    }

    /// Closes the clients' sockets of an isolate that is to go: at the end of their time, or when there is no time.
    fn say_goodbye(&mut self, cx: &mut Context<'_>) {
        if !self.retiring || self.in_flight() == 0 {
            return;
        }
        let runs = &self.isolate.runs;
        let wait = Duration::from_millis(u64::from(runs.borrow().deployment.limits.wait_until_ms));
        let hurried = self.load.hurried();
        let goodbye = self.goodbye.get_or_insert_with(|| {
            Box::pin(async move {
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = hurried => {}
                }
            })
        });
        if goodbye.as_mut().poll(cx).is_ready() {
            runs.borrow().sockets.say_goodbye();
            self.goodbye = Some(Box::pin(std::future::pending()));
        }
    }

    fn in_flight(&self) -> usize {
        self.isolate.runs.borrow().in_flight.len()
    }

    /// Starts what waits in the mailbox, a batch at most; says whether the mailbox is closed and empty. The batch is short in time as
    /// well: nobody looks at the thread's own connections meanwhile, and others may fill the mailbox as fast as it is emptied.
    fn take_jobs(&mut self, cx: &mut Context<'_>) -> Result<bool, EndReason> {
        let mut taken = Duration::ZERO;
        for _ in 0..JOBS_A_TURN {
            if self.retiring {
                self.mailbox.borrow_mut().close();
            }
            let next = self.mailbox.borrow_mut().poll_recv(cx);
            match next {
                Poll::Ready(Some(job)) if self.retiring => {
                    self.load.taken();
                    job.give_back();
                }
                Poll::Ready(Some(job)) => {
                    // Said before it begins: it may be long.
                    self.load.set_entered();
                    self.load.taken();
                    taken += self.start(job)?;
                    if taken >= BATCH_MAX {
                        break;
                    }
                }
                Poll::Ready(None) => return Ok(true),
                Poll::Pending => return Ok(false),
            }
        }
        // There may be more: come back after this turn.
        cx.waker().wake_by_ref();
        Ok(false)
    }

    /// Notes now and then whether jobs take long, by what all entries took and how many jobs that was.
    fn weigh_jobs(&mut self, cpu: Duration) {
        let (mut used, before) = self.weighed;
        used += cpu;
        if used < WEIGHED_AFTER {
            self.weighed.0 = used;
            return;
        }
        let begun = self.load.begun();
        let jobs = u32::try_from(begun - before).unwrap_or(u32::MAX).max(1);
        self.load.set_long(used / jobs >= LONG);
        self.weighed = (Duration::ZERO, begun);
    }

    /// Wakes this task when the next run becomes overdue.
    fn arm_deadline(&mut self, next: Option<Instant>, now: Instant, cx: &mut Context<'_>) {
        let Some(next) = next else {
            self.deadline = None;
            return;
        };
        let at = tokio::time::Instant::from_std(next.max(now));
        let sleep = self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        if sleep.deadline() != at {
            sleep.as_mut().reset(at);
        }
        if sleep.as_mut().poll(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
    }
}

/// How often runs with sockets are looked at for a budget to renew; many times as often as there is one.
const RENEW_LOOK: Duration = Duration::from_millis(100);

/// Jobs started before the event loop is turned again.
const JOBS_A_TURN: u32 = 64;

/// And the CPU time they may take together before no other is.
const BATCH_MAX: Duration = Duration::from_millis(2);

/// A job of this is worth another thread's while.
const LONG: Duration = Duration::from_millis(1);

/// CPU time of entries after which jobs are weighed.
const WEIGHED_AFTER: Duration = Duration::from_millis(20);
