//! How runs end: settled, hung, overdue, blamed for a broken limit, or condemned with their isolate.
//!
//! Every run that began is finished here exactly once, and whoever waits for its answer has one by then.

use std::task::Context;
use std::time::{Duration, Instant};

use deno_core::v8;

use super::{Driver, Ended};
use crate::isolate::body::BodyError;
use crate::isolate::guard::EndReason;
use crate::isolate::outcome::Outcome;
use crate::isolate::report::LogLevel;
use crate::isolate::runs::Failure;

impl Driver {
    /// Nothing is pending any more, so what has not settled never will.
    pub(super) fn end_hung(&mut self) {
        let mut runs = self.isolate.runs.borrow_mut();
        let hung: Vec<u32> = runs.in_flight.iter().filter(|(_, run)| !run.done).map(|(id, _)| *id).collect();
        for id in hung {
            let unanswered = runs.in_flight.get(&id).is_some_and(|run| run.reply.is_some());
            if unanswered {
                let detail = "The script will never generate a response: its promise can not be settled by anything.";
                runs.log(id, LogLevel::Uncaught, detail.to_owned());
                runs.answer(id, Err(Failure::Ended { outcome: Outcome::Exception, detail: detail.to_owned() }));
            }
            // A body that nothing can complete breaks off.
            if let Some(body) = runs.in_flight.get_mut(&id).and_then(|run| run.body.take()) {
                body.fail(BodyError::Script);
            }
            runs.settled(id);
        }
    }

    /// Marks the run that broke a limit. It may be none: what a script left behind after its request, or a callback that
    /// carries no run, ends the isolate and all in flight are innocent.
    pub(super) fn blame(&mut self, reason: EndReason) {
        let blamed = match self.isolate.meter.to_blame() {
            0 => self.running_now(),
            id => Some(id),
        };
        let mut runs = self.isolate.runs.borrow_mut();
        let Some(id) = blamed.filter(|id| runs.in_flight.contains_key(id)) else { return };
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

    /// Finishes what has settled, and forgets what has outlived its request for too long. Says when the next of those
    /// that are left will have.
    pub(super) fn settle(&mut self, now: Instant, cx: &mut Context<'_>) -> Result<Option<Instant>, EndReason> {
        let wait = Duration::from_millis(u64::from(self.isolate.runs.borrow().deployment.limits.wait_until_ms));
        let (mut finished, mut overdue): (Vec<u32>, Vec<u32>) = Default::default();
        let mut next: Option<Instant> = None;
        // One look at each: there may be many, and this is done for every message of every one.
        for (id, run) in &self.isolate.runs.borrow().in_flight {
            if run.done && run.reply.is_none() {
                finished.push(*id);
                continue;
            }
            match run.overdue_at(wait) {
                Some(at) if at <= now && !run.done => overdue.push(*id),
                Some(at) => next = Some(next.map_or(at, |next| next.min(at))),
                None => {}
            }
        }
        if !overdue.is_empty() {
            // What they do when they are forgotten may be the end of others.
            cx.waker().wake_by_ref();
        }
        for id in finished {
            self.isolate.runs.borrow_mut().finish(id, now);
        }
        for id in overdue {
            let timed_out = self.isolate.runs.borrow().in_flight.get(&id).and_then(|run| run.outcome);
            let message = match timed_out {
                Some(Outcome::ExceededWallTime) => "The request was canceled after its wall time.".to_owned(),
                _ => format!("waitUntil() work was canceled after {} ms.", wait.as_millis()),
            };
            self.isolate.runs.borrow_mut().log(id, LogLevel::Warn, message);
            let forget = self.isolate.entry.forget.clone();
            let called = self.call_with_id(&forget, id);
            self.isolate.runs.borrow_mut().finish(id, now);
            // What it still waits for cannot be taken back: the isolate serves those it has and no more.
            self.retiring = true;
            self.load.retire();
            called?;
        }
        Ok(next)
    }

    /// Answers everybody whose run ends with the isolate, and gives back what had not begun.
    pub(super) fn condemn(&mut self, reason: EndReason) -> Ended {
        self.load.retire();
        let mut mailbox = self.mailbox.borrow_mut();
        mailbox.close();
        while let Ok(job) = mailbox.try_recv() {
            self.load.taken();
            job.give_back();
        }
        drop(mailbox);
        let now = Instant::now();
        let mut runs = self.isolate.runs.borrow_mut();
        let ids: Vec<u32> = runs.in_flight.keys().copied().collect();
        for id in ids {
            let again = runs.in_flight.get_mut(&id).and_then(|run| run.again.take().filter(|_| run.repeatable));
            let repeats = again.is_some();
            let told = runs.answer(id, Err(Failure::Condemned { again }));
            if repeats && told {
                runs.hand_over(id);
                continue;
            }
            if let Some(body) = runs.in_flight.get_mut(&id).and_then(|run| run.body.take()) {
                body.fail(BodyError::IsolateEnded);
            }
            runs.finish(id, now);
        }
        runs.lost.cancel();
        self.load.set_in_flight(0);
        Ended::Condemned(reason)
    }
}
