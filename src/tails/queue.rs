//! What one reader has yet to read: bounded in items and bytes, with a count of what did not fit.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// A queue with one reader.
#[derive(Debug, Default)]
pub struct Queue {
    state: Mutex<State>,
    came: Notify,
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Arc<str>>,
    bytes: usize,
    left_out: u64,
}

/// What a reader is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// An item.
    Item(Arc<str>),
    /// So many were left out because the reader is too slow.
    LeftOut(u64),
}

impl Queue {
    /// Adds an item, or counts it when there is no room.
    pub fn push(&self, item: Arc<str>) {
        {
            let mut state = self.state.lock();
            // Once something was left out the reader is told before anything else comes, so the order stays true.
            if state.left_out > 0 || state.items.len() >= ITEMS_MAX || state.bytes + item.len() > BYTES_MAX {
                state.left_out += 1;
            } else {
                state.bytes += item.len();
                state.items.push_back(item);
            }
        }
        self.came.notify_one();
    }

    /// Waits for what comes next. Dropping the future loses nothing.
    pub async fn next(&self) -> Next {
        loop {
            let came = self.came.notified();
            if let Some(next) = self.state.lock().next() {
                return next;
            }
            came.await;
        }
    }
}

impl State {
    fn next(&mut self) -> Option<Next> {
        if let Some(item) = self.items.pop_front() {
            self.bytes -= item.len();
            return Some(Next::Item(item));
        }
        let left_out = std::mem::take(&mut self.left_out);
        (left_out > 0).then_some(Next::LeftOut(left_out))
    }
}

/// Items of one queue.
const ITEMS_MAX: usize = 256;

/// Bytes of one queue; an item larger than this is left out.
const BYTES_MAX: usize = 512 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    /// Pushes more items than fit, and one that is too large, and reads between.
    #[tokio::test]
    async fn a_slow_reader_is_told_what_it_missed() {
        let queue = Queue::default();
        let item = |at: usize| -> Arc<str> { at.to_string().into() };
        for at in 0..ITEMS_MAX + 7 {
            queue.push(item(at));
        }
        for at in 0..ITEMS_MAX {
            assert_eq!(queue.next().await, Next::Item(item(at)));
            if at == 3 {
                queue.push(item(999));
            }
        }
        assert_eq!(queue.next().await, Next::LeftOut(8));
        queue.push(item(1));
        queue.push("x".repeat(BYTES_MAX).into());
        assert_eq!(queue.next().await, Next::Item(item(1)));
        assert_eq!(queue.next().await, Next::LeftOut(1));
        queue.push("x".repeat(BYTES_MAX).into());
        assert!(matches!(queue.next().await, Next::Item(text) if text.len() == BYTES_MAX));
        assert_eq!(queue.state.lock().bytes, 0);
    }
}
