//! A thread's place among those that want the processor: who computes for long comes after the others.
//!
//! A thread steps behind when one entry into JavaScript has taken [`behind_after`], and is up again when the entry ends, if
//! the kernel lets it ([`WayBack`]). Behind, it gets a sixth of what one beside it gets, and who wakes up takes its
//! processor at once. A sixth and not nothing, which the kernel has too: a thread behind may hold what others wait for, and busy
//! processors must not keep it from giving that back.

use std::time::Duration;

use super::thread_slice::{LONG, MEDIUM, ThreadId, WayBack, is_behind_for_good, put_behind, put_up};

/// Where a thread stands. Belongs to one thread, which is named in every call that moves it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Where it was started.
    #[default]
    Among,
    /// After those.
    Behind,
}

impl Place {
    /// The place of the calling thread, which has just been made, by whomever: among the others, if there is a way.
    pub(super) fn of_new_thread() -> Self {
        if put_up(ThreadId::of_this_thread()) || !is_behind_for_good() { Self::Among } else { Self::Behind }
    }

    /// Whether the thread has to end: it is behind and will stay there.
    pub(super) fn is_final(self, way: WayBack) -> bool {
        self == Self::Behind && way == WayBack::Closed
    }

    /// Steps behind the others, with the slices that those have.
    pub(super) fn step_behind(&mut self, thread: ThreadId) {
        // A kernel that does not do it is one where everybody stays where they are.
        if put_behind(thread) {
            *self = Self::Behind;
        }
    }

    /// The slices there of who computes.
    pub(super) fn slice(self) -> Duration {
        match self {
            Self::Among => LONG,
            Self::Behind => MEDIUM,
        }
    }

    /// Steps up again, if there is a way.
    pub(super) fn step_up(&mut self, thread: ThreadId, way: WayBack) {
        if *self == Self::Behind && way == WayBack::Open {
            put_up(thread);
            *self = Self::Among;
        }
    }
}

/// CPU time of one entry after which its thread steps behind. Later where that is for good: who gets there needs another
/// isolate afterwards.
pub(super) fn behind_after(way: WayBack) -> Duration {
    match way {
        WayBack::Open => Duration::from_millis(5),
        WayBack::Closed => Duration::from_millis(20),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps behind, steps up, and is told what it is in for, with and without a way back.
    #[test]
    fn a_thread_behind_comes_back_where_there_is_a_way() {
        for way in [WayBack::of_this_process(), WayBack::Closed] {
            std::thread::spawn(move || {
                let thread = ThreadId::of_this_thread();
                let mut place = Place::of_new_thread();
                assert_eq!(place, Place::Among);
                place.step_behind(thread);
                assert_eq!(place, Place::Behind);
                assert_eq!(place.is_final(way), way == WayBack::Closed);
                place.step_up(thread, way);
                assert_eq!(place.is_final(way), way == WayBack::Closed);
            })
            .join()
            .expect("ends");
        }
    }
}
