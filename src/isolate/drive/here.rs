//! Jobs that begin where they come from: on the isolate's own thread, in the task of the connection that brings them.
//!
//! A job that goes by the mailbox costs two more turns of the executor and a second look at its connection. What comes on a
//! connection that lives with the isolate, while nothing else runs or waits there, begins at once; the driver is woken and does
//! the rest: it turns the event loop and settles what has ended.
//!
//! Where there are more, they are better off together: taken one by one, their puts make commits of their own (64 writers: 77
//! and 154 us of CPU a put), and their answers wake a client each.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::{Rc, Weak};
use std::sync::Arc;

use super::Driver;
use crate::isolate::job::{Job, Load};

thread_local! {
    static HERE: RefCell<Weak<RefCell<Driver>>> = const { RefCell::new(Weak::new()) };
}

/// Makes this the driver of the calling thread.
pub(super) fn drives_here(driver: &Rc<RefCell<Driver>>) {
    HERE.set(Rc::downgrade(driver));
}

/// Begins a job that was counted as sent to the slot of this load, if that is the calling thread's and free to begin it.
///
/// # Errors
/// The job, when it has to go by the mailbox.
pub(in crate::isolate) fn begin_here(load: &Arc<Load>, job: Job) -> Result<(), Job> {
    let Some(driver) = HERE.with_borrow(Weak::upgrade) else { return Err(job) };
    // It is at work when an isolate's own code leads to a request for the same isolate.
    let Ok(mut driver) = driver.try_borrow_mut() else { return Err(job) };
    if !Arc::ptr_eq(&driver.load, load) || !driver.is_free() {
        return Err(job);
    }
    driver.begin(job);
    Ok(())
}

impl Driver {
    /// Whether a job may begin now: none runs, none waits, and it is not about to end.
    fn is_free(&self) -> bool {
        // The one that is about to begin is counted.
        let is_alone = self.load.queued() <= 1 && self.in_flight() == 0;
        is_alone && self.waker.is_some() && self.ended.is_none() && !self.retiring
    }

    fn begin(&mut self, job: Job) {
        self.isolate.clock.tick();
        // What the connection has used since is not for a run to pay.
        self.left_at = None;
        self.load.set_entered();
        self.load.taken();
        let local = Rc::clone(&self.local);
        let _entered = local.enter();
        // A panic is the slot's, not the connection's.
        match catch_unwind(AssertUnwindSafe(|| self.start(job))) {
            Ok(Ok(_)) => {}
            Ok(Err(reason)) => self.ended = Some(Ok(reason)),
            Err(panic) => self.ended = Some(Err(panic)),
        }
        self.waker.iter().for_each(std::task::Waker::wake_by_ref);
    }
}
