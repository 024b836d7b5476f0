//! Entries into JavaScript: each armed with what is left of a CPU budget, charged, and looked at when it returns.
//!
//! A request's start and an abort are entered on their own run's budget, a turn of the event loop on the largest of those
//! in flight. Nothing here decides what happens to a run: an entry that broke a limit is reported upwards.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use deno_core::{PollEventLoopOptions, v8};
use http_body::Body as _;

use super::Driver;
use crate::isolate::body::RequestBody;
use crate::isolate::evaluate::shown;
use crate::isolate::guard::EndReason;
use crate::isolate::job::{Event, Job, RunRequest};
use crate::isolate::outcome::Outcome;
use crate::isolate::request_body::BodyResource;
use crate::isolate::runs::{Answer, Begun, Failure, LogLevel, Run};
use crate::isolate::service::ServiceCall;
use crate::limits::Spent;

/// One entry into JavaScript: what it cost, and on whose behalf.
enum Entered {
    Start(u32),
    Turn,
}

impl Driver<'_> {
    pub(super) fn start(&mut self, job: Job) -> Result<(), EndReason> {
        let Job { run: RunRequest { event, request, url, ray, hops, socket, verdict, service }, reply } = job;
        let (parts, body) = request.into_parts();
        let has_body = !body.is_end_stream();
        let repeatable = event == Event::Fetch && !has_body && parts.method.is_safe() && socket.is_none();
        let now = Instant::now();
        let invocations = service.as_ref().map(|call| call.invocations.clone()).unwrap_or_default();
        let thrown = service.as_ref().map(|call| Arc::clone(&call.thrown));
        let begun = Begun { ray, reply, verdict, offer: socket, repeatable, hops, invocations, thrown };
        let body_length = body.size_hint().exact();
        let id = self.isolate.runs.borrow_mut().begin(begun, now);
        let body_rid = if has_body { self.add_body(body) } else { 0 };
        let budget = Duration::from_millis(u64::from(self.cpu_ms()));
        let armed = self.watched.arm(budget, &self.stopper);
        let called = match (&event, &service) {
            (Event::Scheduled { cron, scheduled_ms }, _) => {
                let detail = serde_json::json!({ "cron": cron, "scheduledTime": scheduled_ms });
                self.call_event(id, "scheduled", &detail.to_string())
            }
            (Event::Invoke { payload }, _) => self.call_event(id, "invoke", payload),
            (Event::Fetch, Some(ServiceCall { method: Some(method), .. })) => {
                self.call_method(id, method, service.as_ref(), body_rid, body_length.unwrap_or(0))
            }
            (Event::Fetch, _) => self.call_request(id, &parts, &url, body_rid, service.as_ref()),
        };
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
        service: Option<&ServiceCall>,
    ) -> Option<()> {
        let runtime = self.isolate.started.runtime();
        deno_core::scope!(scope, runtime);
        v8::tc_scope!(let scope, scope);
        // One string for all: what the script does not look at is not taken apart.
        let mut headers = Vec::with_capacity(HEADERS_BYTES_USUAL);
        for (name, value) in &parts.headers {
            headers.extend_from_slice(name.as_str().as_bytes());
            headers.push(b'\n');
            headers.extend_from_slice(value.as_bytes());
            headers.push(b'\n');
        }
        let hops = self.isolate.runs.borrow().in_flight.get(&id).map_or(0, |run| run.hops);
        let arguments: [v8::Local<'_, v8::Value>; 8] = [
            v8::Integer::new_from_unsigned(scope, id).into(),
            v8::String::new_from_one_byte(scope, parts.method.as_str().as_bytes(), v8::NewStringType::Internalized)?
                .into(),
            v8::String::new(scope, url)?.into(),
            v8::String::new_from_one_byte(scope, &headers, v8::NewStringType::Normal)?.into(),
            v8::Integer::new_from_unsigned(scope, body_rid).into(),
            v8::Integer::new_from_unsigned(scope, hops).into(),
            optional(scope, service.and_then(|call| call.entrypoint.as_deref()))?,
            optional(scope, service.and_then(|call| call.props.as_deref()))?,
        ];
        let function = v8::Local::new(scope, &self.isolate.entry.request);
        let this = v8::undefined(scope).into();
        function.call(scope, this, &arguments)?;
        // What the handler does up to its first real wait is charged to it alone.
        scope.perform_microtask_checkpoint();
        Some(())
    }

    /// Calls a method of an entrypoint; the body has its arguments.
    fn call_method(
        &mut self,
        id: u32,
        method: &str,
        service: Option<&ServiceCall>,
        body_rid: u32,
        body_length: u64,
    ) -> Option<()> {
        let runtime = self.isolate.started.runtime();
        deno_core::scope!(scope, runtime);
        v8::tc_scope!(let scope, scope);
        let hops = self.isolate.runs.borrow().in_flight.get(&id).map_or(0, |run| run.hops);
        #[expect(clippy::cast_precision_loss, reason = "lengths are below 2^53")]
        let length = body_length as f64;
        let arguments: [v8::Local<'_, v8::Value>; 7] = [
            v8::Integer::new_from_unsigned(scope, id).into(),
            v8::String::new(scope, method)?.into(),
            v8::Integer::new_from_unsigned(scope, body_rid).into(),
            v8::Number::new(scope, length).into(),
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
    pub(super) fn turn(&mut self, cx: &mut Context<'_>) -> Result<(), EndReason> {
        self.charge_helping_threads()?;
        let armed = self.watched.arm(self.remaining(None), &self.stopper);
        if self.isolate.gauge.take_wanted_collection() {
            self.isolate.started.runtime().v8_isolate().low_memory_notification();
            self.isolate.started.measure();
        }
        let polled = self.isolate.started.runtime().poll_event_loop(cx, PollEventLoopOptions::default());
        let spent = armed.disarm();
        self.charge(&Entered::Turn, spent);
        self.check_limits(None, spent)?;
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
            let armed = self.watched.arm(DEBUGGER_BUDGET, &self.stopper);
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
        self.charge(&Entered::Turn, Spent { cpu, fired: false });
        if self.remaining(None).is_zero() {
            self.isolate.started.guard().end(EndReason::Cpu);
            self.blame(None, EndReason::Cpu);
            return Err(EndReason::Cpu);
        }
        Ok(())
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
            Some(id) => runs.in_flight.get(&id).map_or(Duration::ZERO, Run::used),
            None => runs.in_flight.values().map(Run::used).min().unwrap_or_default(),
        };
        budget.saturating_sub(used)
    }

    fn cpu_ms(&self) -> u32 {
        self.isolate.runs.borrow().deployment.limits.cpu_ms
    }

    fn answer(&mut self, id: u32, answer: Answer) {
        self.isolate.runs.borrow_mut().answer(id, answer);
    }
}

/// A string, or `undefined` where there is none.
fn optional<'s>(scope: &v8::PinScope<'s, '_>, text: Option<&str>) -> Option<v8::Local<'s, v8::Value>> {
    match text {
        Some(text) => Some(v8::String::new(scope, text)?.into()),
        None => Some(v8::undefined(scope).into()),
    }
}

fn client_has_left(run: &mut Run, cx: &mut Context<'_>) -> bool {
    if let Some(reply) = &mut run.reply
        && reply.poll_closed(cx).is_ready()
    {
        return true;
    }
    let Some(left) = &mut run.left else { return false };
    match Pin::new(left).poll(cx) {
        Poll::Pending => false,
        Poll::Ready(all) => {
            run.left = None;
            all.is_err() && run.body.is_some()
        }
    }
}

/// CPU time for what a debugger asks for between requests, a heap snapshot above all.
const DEBUGGER_BUDGET: Duration = Duration::from_secs(600);

/// Names and values of a usual request's headers.
const HEADERS_BYTES_USUAL: usize = 1024;

/// An entry that took this long is followed by a look at the heap.
const MEASURE_AFTER: Duration = Duration::from_millis(1);

/// So is one in this many whatever it took.
const MEASURE_TURNS: u32 = 256;
