//! Entries into JavaScript: each armed with what is left of a CPU budget, charged, and looked at when it returns.
//!
//! A request's start and an abort are entered on their own run's budget, a turn of the event loop on that of the only run
//! in flight, or at first on nobody's. Nothing here decides what happens to a run: an entry that broke a limit is reported upwards.

use std::mem;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use deno_core::{PollEventLoopOptions, v8};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Empty};
use tokio::sync::oneshot;

use super::Driver;
use super::texts::{facts_string, optional, text_string};
use crate::isolate::body::RequestBody;
use crate::isolate::evaluate::shown;
use crate::isolate::guard::EndReason;
use crate::isolate::job::{Event, Job, RunRequest};
use crate::isolate::native_memory;
use crate::isolate::outcome::Outcome;
use crate::isolate::report::LogLevel;
use crate::isolate::request_body::BodyResource;
use crate::isolate::runs::{Answer, Begun, Failure, Run};
use crate::isolate::service::ServiceCall;
use crate::limits::{Armed, Spent, Watched};

impl Driver {
    /// Enters JavaScript with a job; says what CPU time that took.
    pub(super) fn start(&mut self, job: Job) -> Result<Duration, EndReason> {
        let Job { mut run, reply } = job;
        let repeatable = run.is_repeatable();
        let now = Instant::now();
        let id = self.add_run(&mut run, reply, repeatable, now);
        let body_rid = if run.body.is_end_stream() { 0 } else { self.add_body(id, &mut run) };
        let watched = Rc::clone(&self.watched);
        let armed = self.enter(&watched, id);
        let called = match (&run.event, &run.service) {
            (Event::Scheduled { cron, scheduled_ms }, _) => {
                let detail = serde_json::json!({ "cron": cron, "scheduledTime": scheduled_ms });
                self.call_event(id, "scheduled", &detail.to_string())
            }
            (Event::Invoke { payload }, _) => self.call_event(id, "invoke", payload),
            (Event::Fetch, Some(ServiceCall { method: Some(method), .. })) => {
                self.call_method(id, method, run.service.as_ref(), body_rid)
            }
            (Event::Fetch, _) => self.call_request(id, &run, body_rid),
        };
        let spent = armed.disarm();
        if repeatable {
            self.keep_request(id, run);
        }
        self.leave(spent)?;
        if called.is_none() {
            let detail = "enter the script".to_owned();
            self.answer(id, Err(Failure::Ended { outcome: Outcome::InternalError, detail }));
            self.isolate.runs.borrow_mut().finish(id, now);
        }
        Ok(spent.cpu)
    }

    fn add_run(&mut self, run: &mut RunRequest, reply: oneshot::Sender<Answer>, repeatable: bool, now: Instant) -> u32 {
        let mut runs = self.isolate.runs.borrow_mut();
        let trace = runs.trace(run);
        let begun = Begun {
            ray: run.ray.clone(),
            reply,
            verdict: Arc::clone(&run.verdict),
            offer: run.socket.take(),
            repeatable,
            hops: run.hops,
            invocations: run.service.as_ref().map(|call| call.invocations.clone()),
            thrown: run.service.as_ref().map(|call| Arc::clone(&call.thrown)),
            connection: run.connection,
            trace,
        };
        runs.begin(begun, now)
    }

    /// Keeps a request that may be run again, and so has no body, for as long as it has no answer.
    fn keep_request(&self, id: u32, mut request: Box<RunRequest>) {
        let mut runs = self.isolate.runs.borrow_mut();
        let Some(run) = runs.in_flight.get_mut(&id).filter(|run| run.reply.is_some()) else { return };
        request.is_repeat = true;
        run.again = Some(request);
    }

    fn add_body(&mut self, id: u32, run: &mut RunRequest) -> u32 {
        // What two runs of a tenant say to each other is no upload.
        let is_call = run.service.as_ref().is_some_and(|call| call.method.is_some());
        let limit = if is_call { u64::MAX } else { self.isolate.runs.borrow().deployment.limits.body_bytes_max };
        let taken: RequestBody = Empty::new().map_err(|never| match never {}).boxed_unsync();
        let body = mem::replace(&mut run.body, taken);
        let state = self.isolate.started.runtime().op_state();
        let body = Rc::new(BodyResource::new(body, limit));
        if !is_call && let Some(run) = self.isolate.runs.borrow_mut().in_flight.get_mut(&id) {
            run.incoming = Some(Rc::clone(&body));
        }
        let rid = state.borrow_mut().resource_table.add_rc(body);
        // Zero stands for "no body".
        rid + 1
    }

    fn call_request(&mut self, id: u32, run: &RunRequest, body_rid: u32) -> Option<()> {
        let service = run.service.as_ref();
        let runtime = self.isolate.started.runtime();
        deno_core::scope!(scope, runtime);
        v8::tc_scope!(let scope, scope);
        let connection = match run.connection {
            Some(facts) => facts_string(scope, &mut self.facts, facts)?.into(),
            None => v8::undefined(scope).into(),
        };
        let arguments: [v8::Local<'_, v8::Value>; 9] = [
            v8::Integer::new_from_unsigned(scope, id).into(),
            v8::String::new_from_one_byte(scope, run.method.as_str().as_bytes(), v8::NewStringType::Internalized)?
                .into(),
            text_string(scope, run.url.as_bytes())?.into(),
            // One string for all: what the script does not look at is not taken apart.
            v8::String::new_from_one_byte(scope, run.fields.as_bytes(), v8::NewStringType::Normal)?.into(),
            v8::Integer::new_from_unsigned(scope, body_rid).into(),
            v8::Integer::new_from_unsigned(scope, run.hops).into(),
            optional(scope, service.and_then(|call| call.entrypoint.as_deref()))?,
            optional(scope, service.and_then(|call| call.props.as_deref()))?,
            connection,
        ];
        let function = v8::Local::new(scope, &self.isolate.entry.request);
        let this = v8::undefined(scope).into();
        function.call(scope, this, &arguments)?;
        // What the handler does up to its first real wait is charged to it alone.
        scope.perform_microtask_checkpoint();
        Some(())
    }

    /// Calls a method of an entrypoint; the body has its arguments.
    fn call_method(&mut self, id: u32, method: &str, service: Option<&ServiceCall>, body_rid: u32) -> Option<()> {
        let runtime = self.isolate.started.runtime();
        deno_core::scope!(scope, runtime);
        v8::tc_scope!(let scope, scope);
        let hops = self.isolate.runs.borrow().in_flight.get(&id).map_or(0, |run| run.hops);
        let arguments: [v8::Local<'_, v8::Value>; 6] = [
            v8::Integer::new_from_unsigned(scope, id).into(),
            v8::String::new(scope, method)?.into(),
            v8::Integer::new_from_unsigned(scope, body_rid).into(),
            v8::Integer::new_from_unsigned(scope, hops).into(),
            optional(scope, service.and_then(|call| call.entrypoint.as_deref()))?,
            optional(scope, service.and_then(|call| call.props.as_deref()))?,
        ];
        let function = v8::Local::new(scope, &self.isolate.entry.call);
        let this = v8::undefined(scope).into();
        function.call(scope, this, &arguments)?;
        scope.perform_microtask_checkpoint();
        Some(())
    }

    /// Calls the handler of an event that is no request.
    fn call_event(&mut self, id: u32, kind: &str, detail: &str) -> Option<()> {
        let runtime = self.isolate.started.runtime();
        deno_core::scope!(scope, runtime);
        v8::tc_scope!(let scope, scope);
        let arguments: [v8::Local<'_, v8::Value>; 3] = [
            v8::Integer::new_from_unsigned(scope, id).into(),
            v8::String::new(scope, kind)?.into(),
            v8::String::new(scope, detail)?.into(),
        ];
        let function = v8::Local::new(scope, &self.isolate.entry.event);
        let this = v8::undefined(scope).into();
        function.call(scope, this, &arguments)?;
        scope.perform_microtask_checkpoint();
        Some(())
    }

    /// Aborts the signals of requests whose client has left.
    pub(super) fn tell_who_left(&mut self, cx: &mut Context<'_>) -> Result<(), EndReason> {
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
    pub(super) fn call_with_id(&mut self, function: &v8::Global<v8::Function>, id: u32) -> Result<(), EndReason> {
        let watched = Rc::clone(&self.watched);
        let armed = self.enter(&watched, id);
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
        self.leave(spent)
    }

    /// Turns the event loop once.
    pub(super) fn turn(&mut self, cx: &mut Context<'_>) -> Result<(), EndReason> {
        self.charge_helping_threads()?;
        let payer = self.only_run();
        let watched = Rc::clone(&self.watched);
        let armed = self.enter(&watched, payer);
        if self.isolate.gauge.take_wanted_collection() {
            self.isolate.started.runtime().v8_isolate().low_memory_notification();
            self.isolate.started.measure();
        }
        self.young_buffers.look_after(self.isolate.started.runtime());
        let polled = self.isolate.started.runtime().poll_event_loop(cx, PollEventLoopOptions::default());
        let spent = armed.disarm();
        self.leave(spent)?;
        match polled {
            Poll::Pending => {}
            Poll::Ready(Err(error)) => {
                let message = shown(&error.to_string());
                self.isolate.runs.borrow_mut().log(0, LogLevel::Uncaught, format!("Uncaught {message}"));
                cx.waker().wake_by_ref();
            }
            Poll::Ready(Ok(())) => self.end_hung(),
        }
        Ok(())
    }

    /// Hears what a debugger wants of an isolate at rest. What that runs is the developer's own and charged to nobody,
    /// but it is armed as everything is.
    pub(super) fn serve_debugger(&mut self, cx: &mut Context<'_>) {
        if self.isolate.inspected.is_some() {
            native_memory::begin_entry();
            self.isolate.meter.enter(0);
            let watched = Rc::clone(&self.watched);
            let armed = watched.arm(DEBUGGER_BUDGET, &self.stopper);
            // The whole loop and not the inspector alone: V8 takes a heap snapshot in a task of its own.
            let polled = self.isolate.started.runtime().poll_event_loop(cx, PollEventLoopOptions::default());
            if let Poll::Ready(Err(error)) = polled {
                let message = shown(&error.to_string());
                self.isolate.runs.borrow_mut().log(0, LogLevel::Uncaught, format!("Uncaught {message}"));
            }
            drop(armed);
        }
    }

    /// Charges what helping threads have used; nothing is entered on a budget that they have used up.
    fn charge_helping_threads(&mut self) -> Result<(), EndReason> {
        let cpu = self.helping.take();
        if cpu.is_zero() {
            return Ok(());
        }
        let payer = self.only_run();
        let most_used = {
            let mut runs = self.isolate.runs.borrow_mut();
            runs.charge(payer, cpu);
            runs.share_unclaimed();
            if !runs.remaining(0).is_zero() {
                return Ok(());
            }
            runs.in_flight.iter().max_by_key(|(_, run)| run.used()).map_or(0, |(id, _)| *id)
        };
        self.isolate.meter.enter(most_used);
        self.isolate.started.guard().end(EndReason::Cpu);
        self.blame(EndReason::Cpu);
        Err(EndReason::Cpu)
    }

    /// The run in flight when there is one alone; otherwise 0.
    fn only_run(&self) -> u32 {
        let runs = self.isolate.runs.borrow();
        let mut ids = runs.in_flight.keys();
        match (ids.next(), ids.next()) {
            (Some(id), None) => *id,
            _ => 0,
        }
    }

    /// Arms what run `id` has left, or for 0 the most that any has.
    pub(super) fn enter<'w>(&mut self, watched: &'w Watched, id: u32) -> Armed<'w> {
        self.watch_jobs();
        native_memory::begin_entry();
        self.isolate.meter.enter(id);
        let mut runs = self.isolate.runs.borrow_mut();
        runs.reads_at_once = 0;
        let remaining = runs.remaining(id);
        drop(runs);
        watched.arm_request(self.left_at.take(), remaining, &self.stopper)
    }

    /// Has V8 tell whose each promise job is while jobs of several runs can meet: a job costs about a tenth of a
    /// microsecond more then, which the usual request, alone or settled at once, need not pay.
    fn watch_jobs(&mut self) {
        let several = self.isolate.runs.borrow().unsettled > 1;
        if several == self.hooked {
            return;
        }
        self.hooked = several;
        let runtime = self.isolate.started.runtime();
        deno_core::scope!(scope, runtime);
        let hook = several.then(|| v8::Local::new(scope, &self.isolate.entry.before_job));
        scope.set_promise_hooks(None, hook, None, None);
    }

    /// Charges what an entry cost, and looks whether it broke a limit.
    pub(super) fn leave(&mut self, spent: Spent) -> Result<(), EndReason> {
        self.turns = self.turns.wrapping_add(1);
        self.left_at = Some(spent.at);
        self.isolate.meter.leave(&mut self.isolate.runs.borrow_mut(), spent);
        if let Some(reason) = self.isolate.started.guard().ended() {
            self.blame(reason);
            return Err(reason);
        }
        self.weigh_jobs(spent.cpu);
        if spent.cpu >= MEASURE_AFTER || self.turns.is_multiple_of(MEASURE_TURNS) {
            self.left_at = None;
            self.measure();
        }
        if spent.behind {
            self.stay_behind();
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

    /// The thread cannot come back from behind the others: when it has been there for a while, requests get another isolate. Not at
    /// once: who computes a little in every request would have one for each. What waits already it takes: given from one such isolate
    /// to the next, it might come to none. One that has sockets, or a debugger, is worth more than its place.
    fn stay_behind(&mut self) {
        let is_long = self.behind_since.get_or_insert_with(Instant::now).elapsed() >= BEHIND_MAX;
        let is_kept = self.isolate.inspected.is_some() || !self.isolate.runs.borrow().sockets.is_empty();
        if is_long && !is_kept && !self.load.is_retired() {
            self.load.retire();
            self.mailbox.borrow_mut().close();
        }
    }

    fn answer(&mut self, id: u32, answer: Answer) {
        self.isolate.runs.borrow_mut().answer(id, answer);
    }
}

fn client_has_left(run: &mut Run, cx: &mut Context<'_>) -> bool {
    if let Some(reply) = &mut run.reply
        && reply.poll_closed(cx).is_ready()
    {
        return true;
    }
    !run.is_talk && run.body.as_ref().is_some_and(|body| body.poll_left(cx).is_ready())
}

/// CPU time for what a debugger asks for between requests, a heap snapshot above all.
const DEBUGGER_BUDGET: Duration = Duration::from_secs(600);

/// An entry that took this long is followed by a look at the heap.
const MEASURE_AFTER: Duration = Duration::from_millis(1);

/// So is one in this many whatever it took.
const MEASURE_TURNS: u32 = 256;

/// How long an isolate serves on a thread that stays behind the others, at least.
const BEHIND_MAX: Duration = Duration::from_secs(1);
