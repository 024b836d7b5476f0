//! Which sockets of an isolate have something for their scripts, and whoever is to take it to them.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::task::Waker;

/// Ids of sockets in the order in which their messages came; each is here at most once, as a socket holds one message.
#[derive(Default)]
pub(super) struct Arrivals {
    ids: RefCell<VecDeque<u32>>,
    driver: RefCell<Option<Waker>>,
}

impl Arrivals {
    /// A message has come for this socket.
    pub(super) fn push(&self, id: u32) {
        self.ids.borrow_mut().push_back(id);
        if let Some(driver) = &*self.driver.borrow() {
            driver.wake_by_ref();
        }
    }

    /// The socket whose message came first.
    pub(super) fn pop(&self) -> Option<u32> {
        self.ids.borrow_mut().pop_front()
    }

    /// Whoever is woken when something has come.
    pub(super) fn set_driver(&self, waker: &Waker) {
        let mut driver = self.driver.borrow_mut();
        if !driver.as_ref().is_some_and(|driver| driver.will_wake(waker)) {
            *driver = Some(waker.clone());
        }
    }
}
