//! When to accept again after the system refused to hand out a connection.
//!
//! A peer that left before it was accepted costs no pause; a system out of descriptors or memory costs one that doubles up
//! to a cap, so that the loop neither spins nor sleeps for long. Knows nothing of sockets.

use std::io;
use std::time::Duration;

use tokio::time::Instant;

/// The pause between attempts.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    pause: Duration,
    resume_at: Option<Instant>,
}

/// Whose trouble a failed accept is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AcceptTrouble {
    /// One peer's: the next may be fine.
    Peer,
    /// The system's: the next fails as well.
    System,
}

impl Backoff {
    /// Notes a failed accept.
    pub(super) fn failed(&mut self, error: &io::Error, now: Instant) -> AcceptTrouble {
        if is_of_one_peer(error) {
            return AcceptTrouble::Peer;
        }
        self.pause = (self.pause * 2).clamp(PAUSE_MIN, PAUSE_MAX);
        self.resume_at = Some(now + self.pause);
        AcceptTrouble::System
    }

    /// Notes that accepting works.
    pub(super) fn worked(&mut self) {
        *self = Self::default();
    }

    /// When the next attempt may be made, if not at once.
    pub(super) fn resume_at(&self) -> Option<Instant> {
        self.resume_at
    }
}

/// What accept(2) says to treat like "try again": errors already pending on the new connection.
fn is_of_one_peer(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::ConnectionAborted
            | Kind::ConnectionReset
            | Kind::ConnectionRefused
            | Kind::Interrupted
            | Kind::TimedOut
            | Kind::NetworkUnreachable
            | Kind::HostUnreachable
            | Kind::NetworkDown
    ) || matches!(error.raw_os_error(), Some(libc::EPROTO | libc::ENOPROTOOPT | libc::EPERM))
}

const PAUSE_MIN: Duration = Duration::from_millis(5);
const PAUSE_MAX: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails with EMFILE again and again, then works, then fails once more.
    #[test]
    fn a_node_out_of_descriptors_neither_spins_nor_stays_away() {
        let (mut backoff, now) = (Backoff::default(), Instant::now());
        let full = io::Error::from_raw_os_error(libc::EMFILE);
        let mut pauses = Vec::new();
        for _ in 0..10 {
            assert_eq!(backoff.failed(&full, now), AcceptTrouble::System);
            pauses.push(backoff.resume_at().expect("a pause") - now);
        }
        assert_eq!(pauses[0], PAUSE_MIN);
        assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(pauses[9], PAUSE_MAX);
        backoff.worked();
        assert_eq!(backoff.resume_at(), None);
        backoff.failed(&full, now);
        assert_eq!(backoff.resume_at(), Some(now + PAUSE_MIN));
    }

    /// A peer that reset its connection while it was queued.
    #[test]
    fn a_peer_that_left_costs_no_pause() {
        let mut backoff = Backoff::default();
        let left = io::Error::from_raw_os_error(libc::ECONNABORTED);
        assert_eq!(backoff.failed(&left, Instant::now()), AcceptTrouble::Peer);
        assert_eq!(backoff.resume_at(), None);
    }
}
