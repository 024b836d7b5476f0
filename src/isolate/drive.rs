//! Driving one isolate: jobs in, event loop turned, runs settled, until the slot is to be given up.
//!
//! One poll takes what is in the mailbox, turns the event loop once, and settles what has ended. Every entry into
//! JavaScript is armed with what is left of a CPU budget: a request's start with its own, a turn of the event loop with
//! the largest of those in flight. A turn's CPU time is charged to the one run in flight, or in equal parts to all of
//! them; which run a broken limit is blamed on is read from V8's continuation data, which follows promises, timers and
//! host calls.
//!
//! The event loop is not turned while nothing is in flight: what a script left behind cannot use anybody's time.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use deno_core::{PollEventLoopOptions, v8};
use http_body::Body as _;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Sleep;

use super::body::RequestBody;
use super::guard::EndReason;
use super::job::{Job, Load, RunRequest};
use super::outcome::Outcome;
use super::request_body::BodyResource;
use super::runs::{Answer, Begun, Failure, LogLevel, Run};
use super::start::Isolate;
use crate::limits::{Spent, Stopper, Watched};

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

/// Drives `isolate` until the mailbox is closed and empty, or the isolate must not serve again.
pub(super) async fn drive(
    isolate: &mut Isolate,
    watched: &Watched,
    mailbox: &mut mpsc::Receiver<Job>,
    load: &Arc<Load>,
) -> Ended {
    let stopper: Arc<dyn Stopper> = isolate.started.guard().clone();
    let evicted = Box::pin(load.evicted());
    let mut driver =
        Driver { isolate, watched, stopper, mailbox, load, evicted, deadline: None, turns: 0, retiring: false };
    poll_fn(|cx| driver.poll(cx)).await
}

struct Driver<'a> {
    isolate: &'a mut Isolate,
    watched: &'a Watched,
    stopper: Arc<dyn Stopper>,
    mailbox: &'a mut mpsc::Receiver<Job>,
    load: &'a Arc<Load>,
    evicted: Pin<Box<dyn Future<Output = ()> + 'a>>,
    deadline: Option<Pin<Box<Sleep>>>,
    turns: u32,
    retiring: bool,
}

/// One entry into JavaScript: what it cost, and on whose behalf.
enum Entered {
    Start(u32),
    Turn,
}

impl Driver<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        self.isolate.clock.tick();
        // Polled only until it is ready, which is also when retiring begins.
        if !self.retiring && self.evicted.as_mut().poll(cx).is_ready() {
            self.retiring = true;
        }
        let closed = match self.take_jobs(cx) {
            Ok(closed) => closed,
            Err(reason) => return Poll::Ready(self.condemn(reason)),
        };
        if self.in_flight() > 0
            && let Err(reason) = self.tell_who_left(cx).and_then(|()| self.turn(cx))
        {
            return Poll::Ready(self.condemn(reason));
        }
        let now = Instant::now();
        if let Err(reason) = self.settle(now) {
            return Poll::Ready(self.condemn(reason));
        }
        self.load.set_in_flight(self.in_flight());
        if self.in_flight() == 0 && (closed || self.retiring) {
            return Poll::Ready(if closed { Ended::Evicted } else { Ended::Retired });
        }
        self.arm_deadline(now, cx);
        Poll::Pending
    }

    fn in_flight(&self) -> usize {
        self.isolate.runs.borrow().in_flight.len()
    }

    /// Starts what waits in the mailbox, a batch at most; says whether the mailbox is closed and empty.
    fn take_jobs(&mut self, cx: &mut Context<'_>) -> Result<bool, EndReason> {
        for _ in 0..JOBS_A_TURN {
            if self.retiring {
                self.mailbox.close();
            }
            match self.mailbox.poll_recv(cx) {
                Poll::Ready(Some(job)) if self.retiring => {
                    self.load.taken();
                    job.give_back();
                }
                Poll::Ready(Some(job)) => {
                    self.load.taken();
                    self.start(job)?;
                }
                Poll::Ready(None) => return Ok(true),
                Poll::Pending => return Ok(false),
            }
        }
        // There may be more: come back after this turn.
        cx.waker().wake_by_ref();
        Ok(false)
    }

    fn start(&mut self, job: Job) -> Result<(), EndReason> {
        let Job { run: RunRequest { request, url, ray, hops, verdict }, reply } = job;
        let (parts, body) = request.into_parts();
        let has_body = !body.is_end_stream();
        let repeatable = !has_body && parts.method.is_safe();
        let now = Instant::now();
        let begun = Begun { ray, reply, verdict, repeatable };
        let id = self.isolate.runs.borrow_mut().begin(begun, now);
        let body_rid = if has_body { self.add_body(body) } else { 0 };
        let budget = Duration::from_millis(u64::from(self.cpu_ms()));
        let armed = self.watched.arm(budget, &self.stopper);
        let called = self.call_request(id, &parts, &url, body_rid, hops);
        let spent = armed.disarm();
        self.charge(&Entered::Start(id), spent);
        self.check_limits(Some(id), spent)?;
        if called.is_none() {
            let detail = "enter the script".to_owned();
            self.answer(id, Err(Failure::Ended { outcome: Outcome::InternalError, detail }));
            self.isolate.runs.borrow_mut().finish(id, now);
        }
        Ok(())
    }

    fn add_body(&mut self, body: RequestBody) -> u32 {
        let limit = self.isolate.runs.borrow().deployment.limits.body_bytes_max;
        let state = self.isolate.started.runtime().op_state();
        let rid = state.borrow_mut().resource_table.add(BodyResource::new(body, limit));
        // Zero stands for "no body".
        rid + 1
    }

    fn call_request(
        &mut self,
        id: u32,
        parts: &http::request::Parts,
        url: &str,
        body_rid: u32,
        hops: u32,
    ) -> Option<()> {
        let runtime = self.isolate.started.runtime();
        deno_core::scope!(scope, runtime);
        v8::tc_scope!(let scope, scope);
        let mut headers = Vec::with_capacity(parts.headers.len() * 2);
        for (name, value) in &parts.headers {
            let name = v8::String::new_from_one_byte(scope, name.as_str().as_bytes(), v8::NewStringType::Internalized)?;
            let value = v8::String::new_from_one_byte(scope, value.as_bytes(), v8::NewStringType::Normal)?;
            headers.push(name.into());
            headers.push(value.into());
        }
        let arguments: [v8::Local<'_, v8::Value>; 6] = [
            v8::Integer::new_from_unsigned(scope, id).into(),
            v8::String::new(scope, parts.method.as_str())?.into(),
            v8::String::new(scope, url)?.into(),
            v8::Array::new_with_elements(scope, &headers).into(),
            v8::Integer::new_from_unsigned(scope, body_rid).into(),
            v8::Integer::new_from_unsigned(scope, hops).into(),
        ];
        let function = v8::Local::new(scope, &self.isolate.entry.request);
        let this = v8::undefined(scope).into();
        function.call(scope, this, &arguments)?;
        // What the handler does up to its first real wait is charged to it alone.
        scope.perform_microtask_checkpoint();
        Some(())
    }

    /// Aborts the signals of requests whose client has left.
    fn tell_who_left(&mut self, cx: &mut Context<'_>) -> Result<(), EndReason> {
        let mut left = Vec::new();
        {
            let mut runs = self.isolate.runs.borrow_mut();
            for (id, run) in &mut runs.in_flight {
                if !run.aborted && client_has_left(run, cx) {
                    run.aborted = true;
                    run.responded.get_or_insert_with(Instant::now);
                    run.outcome = Some(run.given_up_as());
                    run.reply = None;
                    left.push(*id);
                }
            }
        }
        for id in left {
            let abort = self.isolate.entry.abort.clone();
            self.call_with_id(&abort, id)?;
        }
        Ok(())
    }

    /// Calls an entry point that takes a run's id, on that run's budget.
    fn call_with_id(&mut self, function: &v8::Global<v8::Function>, id: u32) -> Result<(), EndReason> {
        let armed = self.watched.arm(self.remaining(Some(id)), &self.stopper);
        {
            let runtime = self.isolate.started.runtime();
            deno_core::scope!(scope, runtime);
            v8::tc_scope!(let scope, scope);
            let function = v8::Local::new(scope, function);
            let this = v8::undefined(scope).into();
            let id = v8::Integer::new_from_unsigned(scope, id).into();
            // What it throws is the script's own doing and has nobody to go to.
            let _ = function.call(scope, this, &[id]);
            scope.perform_microtask_checkpoint();
        }
        let spent = armed.disarm();
        self.charge(&Entered::Start(id), spent);
        self.check_limits(Some(id), spent)
    }

    /// Turns the event loop once.
    fn turn(&mut self, cx: &mut Context<'_>) -> Result<(), EndReason> {
        let armed = self.watched.arm(self.remaining(None), &self.stopper);
        let polled = self.isolate.started.runtime().poll_event_loop(cx, PollEventLoopOptions::default());
        let spent = armed.disarm();
        self.charge(&Entered::Turn, spent);
        self.check_limits(None, spent)?;
        match polled {
            Poll::Pending => {}
            Poll::Ready(Err(error)) => {
                let message = super::evaluate::shown(&error.to_string());
                self.isolate.runs.borrow_mut().log(0, LogLevel::Uncaught, format!("Uncaught {message}"));
                cx.waker().wake_by_ref();
            }
            Poll::Ready(Ok(())) => self.end_hung(),
        }
        Ok(())
    }

    /// Nothing is pending any more, so what has not settled never will.
    fn end_hung(&mut self) {
        let mut runs = self.isolate.runs.borrow_mut();
        let hung: Vec<u32> = runs.in_flight.iter().filter(|(_, run)| !run.done).map(|(id, _)| *id).collect();
        for id in hung {
            let unanswered = runs.in_flight.get(&id).is_some_and(|run| run.reply.is_some());
            if unanswered {
                let detail = "The script will never generate a response: its promise can not be settled by anything.";
                runs.log(id, LogLevel::Uncaught, detail.to_owned());
                runs.answer(id, Err(Failure::Ended { outcome: Outcome::Exception, detail: detail.to_owned() }));
            }
            if let Some(run) = runs.in_flight.get_mut(&id) {
                // A body that nothing can complete breaks off: its sender is dropped after an error.
                if let Some(body) = run.body.take() {
                    let _ = body.try_send(Err(super::body::BodyError::Script));
                }
                run.done = true;
            }
        }
    }

    /// Charges an entry's CPU time.
    fn charge(&mut self, entered: &Entered, spent: Spent) {
        let mut runs = self.isolate.runs.borrow_mut();
        match entered {
            Entered::Start(id) => {
                if let Some(run) = runs.in_flight.get_mut(id) {
                    run.cpu += spent.cpu;
                }
            }
            Entered::Turn => {
                let share = spent.cpu / u32::try_from(runs.in_flight.len().max(1)).unwrap_or(u32::MAX);
                for run in runs.in_flight.values_mut() {
                    run.cpu += share;
                }
            }
        }
    }

    /// Looks whether the entry that just ended broke a limit; blames `id`, or whoever was running.
    fn check_limits(&mut self, id: Option<u32>, spent: Spent) -> Result<(), EndReason> {
        self.turns = self.turns.wrapping_add(1);
        if let Some(reason) = self.isolate.started.guard().ended() {
            self.blame(id, reason);
            return Err(reason);
        }
        if spent.cpu >= MEASURE_AFTER || self.turns.is_multiple_of(MEASURE_TURNS) {
            self.measure();
        }
        Ok(())
    }

    /// Measures the heap; an isolate over its cap even after a collection finishes what it has and serves no more.
    fn measure(&mut self) {
        let cap = self.isolate.gauge.cap_bytes();
        if self.isolate.started.measure() <= cap || self.retiring {
            return;
        }
        self.isolate.started.runtime().v8_isolate().low_memory_notification();
        if self.isolate.started.measure() > cap {
            self.retiring = true;
            self.load.retire();
        }
    }

    /// What is left of a run's CPU budget, or the most that is left to any run.
    fn remaining(&self, id: Option<u32>) -> Duration {
        let budget = Duration::from_millis(u64::from(self.cpu_ms()));
        let runs = self.isolate.runs.borrow();
        let used = match id {
            Some(id) => runs.in_flight.get(&id).map_or(Duration::ZERO, |run| run.cpu),
            None => runs.in_flight.values().map(|run| run.cpu).min().unwrap_or_default(),
        };
        budget.saturating_sub(used)
    }

    fn cpu_ms(&self) -> u32 {
        self.isolate.runs.borrow().deployment.limits.cpu_ms
    }

    fn answer(&mut self, id: u32, answer: Answer) {
        self.isolate.runs.borrow_mut().answer(id, answer);
    }

    /// Marks the run that broke a limit.
    fn blame(&mut self, id: Option<u32>, reason: EndReason) {
        let blamed = id.or_else(|| self.running_now());
        let mut runs = self.isolate.runs.borrow_mut();
        let blamed = blamed
            .filter(|id| runs.in_flight.contains_key(id))
            .or_else(|| runs.in_flight.iter().max_by_key(|(_, run)| run.cpu).map(|(id, _)| *id));
        let Some(id) = blamed else { return };
        let (outcome, detail) = match reason {
            EndReason::Cpu => (Outcome::ExceededCpu, "the request used up its CPU time".to_owned()),
            EndReason::Memory => (Outcome::ExceededMemory, "the isolate passed its memory cap".to_owned()),
        };
        runs.log(id, LogLevel::Uncaught, format!("Terminated: {detail}."));
        runs.answer(id, Err(Failure::Ended { outcome, detail }));
        if let Some(run) = runs.in_flight.get_mut(&id) {
            run.outcome = Some(outcome);
        }
    }

    /// The run whose JavaScript was running when it was stopped: V8's continuation data still names it.
    fn running_now(&mut self) -> Option<u32> {
        let runtime = self.isolate.started.runtime();
        runtime.v8_isolate().cancel_terminate_execution();
        deno_core::scope!(scope, runtime);
        v8::tc_scope!(let scope, scope);
        let data = v8::Local::<v8::Object>::try_from(scope.get_continuation_preserved_embedder_data()).ok()?;
        let key = v8::String::new(scope, "eyot.run")?;
        let run = v8::Local::<v8::Object>::try_from(data.get(scope, key.into())?).ok()?;
        let key = v8::String::new(scope, "id")?;
        run.get(scope, key.into())?.uint32_value(scope)
    }

    /// Finishes what has settled, and forgets what has outlived its request for too long.
    fn settle(&mut self, now: Instant) -> Result<(), EndReason> {
        let wait = Duration::from_millis(u64::from(self.isolate.runs.borrow().deployment.limits.wait_until_ms));
        let (finished, overdue): (Vec<u32>, Vec<u32>) = {
            let runs = self.isolate.runs.borrow();
            let finished = runs.in_flight.iter().filter(|(_, run)| run.done && run.reply.is_none());
            let overdue = runs.in_flight.iter().filter(|(_, run)| is_overdue(run, wait, now));
            (finished.map(|(id, _)| *id).collect(), overdue.map(|(id, _)| *id).collect())
        };
        for id in finished {
            self.isolate.runs.borrow_mut().finish(id, now);
        }
        for id in overdue {
            let message = format!("waitUntil() work was canceled after {} ms.", wait.as_millis());
            self.isolate.runs.borrow_mut().log(id, LogLevel::Warn, message);
            let forget = self.isolate.entry.forget.clone();
            let called = self.call_with_id(&forget, id);
            self.isolate.runs.borrow_mut().finish(id, now);
            // What it still waits for cannot be taken back: the isolate serves those it has and no more.
            self.retiring = true;
            self.load.retire();
            called?;
        }
        Ok(())
    }

    /// Wakes this task when the next run becomes overdue.
    fn arm_deadline(&mut self, now: Instant, cx: &mut Context<'_>) {
        let wait = Duration::from_millis(u64::from(self.isolate.runs.borrow().deployment.limits.wait_until_ms));
        let next = self.isolate.runs.borrow().in_flight.values().filter_map(|run| run.overdue_at(wait)).min();
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

    /// Answers everybody whose run ends with the isolate, and gives back what had not begun.
    fn condemn(&mut self, reason: EndReason) -> Ended {
        self.load.retire();
        self.mailbox.close();
        while let Ok(job) = self.mailbox.try_recv() {
            self.load.taken();
            job.give_back();
        }
        let now = Instant::now();
        let mut runs = self.isolate.runs.borrow_mut();
        let ids: Vec<u32> = runs.in_flight.keys().copied().collect();
        for id in ids {
            let repeatable = runs.in_flight.get(&id).is_some_and(|run| run.repeatable);
            runs.answer(id, Err(Failure::Condemned { repeatable }));
            if let Some(body) = runs.in_flight.get_mut(&id).and_then(|run| run.body.take()) {
                // Full or not: the receiver ends in this error once the sender is gone.
                let _ = body.try_send(Err(super::body::BodyError::IsolateEnded));
            }
            runs.finish(id, now);
        }
        // A streamed body whose queue was full learns of the end from here.
        runs.lost.cancel();
        self.load.set_in_flight(0);
        Ended::Condemned(reason)
    }
}

fn client_has_left(run: &mut Run, cx: &mut Context<'_>) -> bool {
    if let Some(reply) = &mut run.reply
        && reply.poll_closed(cx).is_ready()
    {
        return true;
    }
    match &mut run.left {
        Some(left) => Pin::new(left).poll(cx).is_ready() && run.body.is_some(),
        None => false,
    }
}

fn is_overdue(run: &Run, wait: Duration, now: Instant) -> bool {
    !run.done && run.overdue_at(wait).is_some_and(|at| at <= now)
}

/// Jobs started before the event loop is turned again.
const JOBS_A_TURN: u32 = 64;

/// An entry that took this long is followed by a look at the heap.
const MEASURE_AFTER: Duration = Duration::from_millis(1);

/// So is one in this many whatever it took.
const MEASURE_TURNS: u32 = 256;

/// The receiving end of a body's lifetime: resolves when the body was dropped.
pub(super) type Left = oneshot::Receiver<std::convert::Infallible>;
