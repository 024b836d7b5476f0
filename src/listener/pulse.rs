//! The pulse of a connection: has it been silent for too long?
//!
//! Told of bytes read, requests begun and ended, and responses whose next piece the client has to make room for; answers
//! when to look again or what to do now. A request that runs is never silence, for its own limits are the handler's, unless
//! it is the client that does not go on. Knows nothing of sockets or hyper.

use std::time::Duration;

use tokio::time::Instant;

use super::Protocol;

/// What a connection was last seen doing.
#[derive(Debug)]
pub(super) struct Pulse {
    protocol: Protocol,
    patience: Patience,
    running: u32,
    /// When it last became idle: opened, or ended its last running request.
    idle_since: Instant,
    /// When the first byte of a request came that is not complete yet.
    head_since: Option<Instant>,
    /// Bodies that are being read because nobody else does.
    left_over: u32,
    /// When it was told to close.
    closing_since: Option<Instant>,
    inbound: Inbound,
    /// Responses that wait for the client to take what it was given, and since when.
    waiting: Vec<(Serial, Instant)>,
    next_serial: u64,
}

/// Which request of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Serial(u64);

/// How long each kind of silence may last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    pub(super) head: Duration,
    pub(super) idle: Duration,
    pub(super) close: Duration,
    /// For a client that takes nothing of a response.
    pub(super) stall: Duration,
}

/// What to do about a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Look again then.
    LookAt(Instant),
    /// Tell it to close: nothing has happened for too long.
    CloseIdle,
    /// Drop it: a request's head does not end.
    DropHead,
    /// Tell it to close: the client does not take a response it has asked for. Others may come to their end.
    CloseStalled,
    /// Drop it: it was told to close, has nothing running that goes on, and does not go.
    DropClosing,
}

/// Whether the client may be sending bytes that nobody will read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inbound {
    /// What it sent was read.
    Quiet,
    /// It is in the middle of a head, or of a body.
    Sending,
}

/// Whether a request has a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HasBody {
    No,
    Yes,
}

impl Pulse {
    pub(super) fn new(protocol: Protocol, patience: Patience, now: Instant) -> Self {
        Self {
            protocol,
            patience,
            running: 0,
            idle_since: now,
            head_since: None,
            left_over: 0,
            closing_since: None,
            inbound: Inbound::Quiet,
            waiting: Vec::new(),
            next_serial: 0,
        }
    }

    /// Bytes came in.
    pub(super) fn read(&mut self, now: Instant) {
        // HTTP/2 has frames that belong to no request; there a head that does not end is an idle connection.
        let may_be_head = self.running == 0 && self.left_over == 0;
        if may_be_head && self.protocol == Protocol::Http1 && self.head_since.is_none() {
            self.head_since = Some(now);
            self.inbound = Inbound::Sending;
        }
    }

    /// A request's head is complete.
    pub(super) fn began(&mut self, body: HasBody) -> Serial {
        self.running += 1;
        self.next_serial += 1;
        self.head_since = None;
        self.inbound = match body {
            HasBody::No => Inbound::Quiet,
            HasBody::Yes => Inbound::Sending,
        };
        Serial(self.next_serial)
    }

    /// The client was given a piece of this request's response; what comes then comes when it has taken it.
    pub(super) fn waits_for_client(&mut self, serial: Serial, now: Instant) {
        match self.waiting.iter_mut().find(|(waiting, _)| *waiting == serial) {
            Some((_, since)) => *since = now,
            None => self.waiting.push((serial, now)),
        }
    }

    /// It has taken it, and there is no more yet.
    pub(super) fn waits_no_more(&mut self, serial: Serial) {
        self.waiting.retain(|(waiting, _)| *waiting != serial);
    }

    /// A request's response was produced whole, or given up.
    pub(super) fn ended(&mut self, serial: Serial, now: Instant) {
        self.waits_no_more(serial);
        self.running = self.running.saturating_sub(1);
        self.idle_since = now;
    }

    /// A request's body is read from here on because its handler does not: what comes is no head, and perhaps already was none.
    pub(super) fn left_over(&mut self) {
        self.left_over += 1;
        self.head_since = None;
    }

    /// Such a body came to its end, or was given up.
    pub(super) fn read_out(&mut self, now: Instant) {
        self.left_over = self.left_over.saturating_sub(1);
        self.idle_since = now;
    }

    /// The connection was told to close.
    pub(super) fn closing(&mut self, now: Instant) {
        self.closing_since.get_or_insert(now);
    }

    /// Whether it was told to close.
    pub(super) fn is_closing(&self) -> bool {
        self.closing_since.is_some()
    }

    /// Whether closing at once would make the system throw away what we wrote (a reset, because bytes went unread).
    pub(super) fn inbound(&self) -> Inbound {
        self.inbound
    }

    /// What to do now.
    pub(super) fn verdict(&self, now: Instant) -> Verdict {
        if self.running > 0 {
            let stalled = self.waiting.iter().filter(|(_, since)| now >= *since + self.patience.stall).count();
            if stalled > 0 && !self.is_closing() {
                return Verdict::CloseStalled;
            }
            if stalled == self.running as usize {
                return Verdict::DropClosing;
            }
            return Verdict::LookAt(now + self.patience.idle.min(self.patience.close).min(self.patience.stall));
        }
        let (deadline, verdict) = if let Some(since) = self.closing_since {
            (since.max(self.idle_since) + self.patience.close, Verdict::DropClosing)
        } else if let Some(since) = self.head_since {
            (since + self.patience.head, Verdict::DropHead)
        } else {
            (self.idle_since + self.patience.idle, Verdict::CloseIdle)
        };
        if now >= deadline {
            return verdict;
        }
        // A head may come at any time, and with it a nearer deadline.
        let soon = now + self.patience.head.min(self.patience.stall);
        Verdict::LookAt(if verdict == Verdict::CloseIdle { deadline.min(soon) } else { deadline })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        head: Duration::from_secs(3),
        idle: Duration::from_secs(10),
        close: Duration::from_secs(2),
        stall: Duration::from_secs(20),
    };

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    /// Opens a connection and says nothing; then one that asked once.
    #[test]
    fn a_silent_connection_is_closed_when_its_time_is_up() {
        let start = Instant::now();
        let mut pulse = Pulse::new(Protocol::Http1, PATIENCE, start);
        assert!(matches!(pulse.verdict(start + seconds(9)), Verdict::LookAt(_)));
        pulse.read(start + seconds(9));
        let asked = pulse.began(HasBody::No);
        assert!(matches!(pulse.verdict(start + seconds(1_000)), Verdict::LookAt(_)));
        pulse.ended(asked, start + seconds(1_000));
        assert!(matches!(pulse.verdict(start + seconds(1_009)), Verdict::LookAt(_)));
        assert_eq!(pulse.verdict(start + seconds(1_010)), Verdict::CloseIdle);
    }

    /// Sends a byte of a head each second and never ends it.
    #[test]
    fn a_head_that_drips_is_dropped() {
        let start = Instant::now();
        let mut pulse = Pulse::new(Protocol::Http1, PATIENCE, start);
        for second in 1..4 {
            pulse.read(start + seconds(second));
        }
        assert_eq!(pulse.verdict(start + seconds(3)), Verdict::LookAt(start + seconds(4)));
        assert_eq!(pulse.verdict(start + seconds(4)), Verdict::DropHead);
    }

    /// Walks the times at which a verdict says to look, from the opening on.
    #[test]
    fn no_deadline_passes_between_two_looks() {
        let start = Instant::now();
        let pulse = Pulse::new(Protocol::Http1, PATIENCE, start);
        let mut now = start;
        let mut looks = 0;
        while let Verdict::LookAt(next) = pulse.verdict(now) {
            assert!(next > now && next - now <= PATIENCE.head);
            (now, looks) = (next, looks + 1);
        }
        assert_eq!((now, looks), (start + PATIENCE.idle, 4));
    }

    /// Sends the rest of a body after its answer, and is silent then.
    #[test]
    fn a_body_that_is_left_over_is_no_head() {
        let start = Instant::now();
        let mut pulse = Pulse::new(Protocol::Http1, PATIENCE, start);
        let asked = pulse.began(HasBody::Yes);
        pulse.ended(asked, start);
        pulse.read(start);
        pulse.left_over();
        pulse.read(start + seconds(1));
        pulse.read_out(start + seconds(2));
        assert!(matches!(pulse.verdict(start + seconds(11)), Verdict::LookAt(_)));
        assert_eq!(pulse.verdict(start + seconds(12)), Verdict::CloseIdle);
        pulse.read(start + seconds(12));
        assert_eq!(pulse.verdict(start + seconds(15)), Verdict::DropHead);
    }

    /// Pings on HTTP/2 with no request open.
    #[test]
    fn http2_pings_do_not_keep_a_connection_open() {
        let start = Instant::now();
        let mut pulse = Pulse::new(Protocol::Http2, PATIENCE, start);
        pulse.read(start + seconds(9));
        assert_eq!(pulse.verdict(start + seconds(10)), Verdict::CloseIdle);
    }

    /// Tells a connection to close while a request runs, and one that ignores it.
    #[test]
    fn closing_waits_for_what_runs_and_for_nothing_else() {
        let start = Instant::now();
        let mut pulse = Pulse::new(Protocol::Http2, PATIENCE, start);
        let asked = pulse.began(HasBody::Yes);
        pulse.closing(start);
        assert!(matches!(pulse.verdict(start + seconds(100)), Verdict::LookAt(_)));
        pulse.ended(asked, start + seconds(100));
        assert!(matches!(pulse.verdict(start + seconds(101)), Verdict::LookAt(_)));
        assert_eq!(pulse.verdict(start + seconds(102)), Verdict::DropClosing);
    }

    /// One response goes on and another's client takes nothing: the connection begins nothing new, and goes when what goes on
    /// has ended.
    #[test]
    fn a_client_that_takes_nothing_is_not_running() {
        let start = Instant::now();
        let mut pulse = Pulse::new(Protocol::Http2, PATIENCE, start);
        let (stalled, taken) = (pulse.began(HasBody::No), pulse.began(HasBody::No));
        pulse.waits_for_client(stalled, start);
        for second in 0..30 {
            pulse.waits_for_client(taken, start + seconds(second));
            let is_early = second < 20;
            let verdict = pulse.verdict(start + seconds(second));
            assert_eq!(matches!(verdict, Verdict::LookAt(_)), is_early, "{second}: {verdict:?}");
            assert_eq!(verdict == Verdict::CloseStalled, !is_early, "{second}: {verdict:?}");
        }
        pulse.closing(start + seconds(30));
        assert!(matches!(pulse.verdict(start + seconds(31)), Verdict::LookAt(_)));
        pulse.waits_no_more(taken);
        assert!(matches!(pulse.verdict(start + seconds(1_000)), Verdict::LookAt(_)), "it waits for its own script");
        pulse.ended(taken, start + seconds(32));
        assert_eq!(pulse.verdict(start + seconds(32)), Verdict::DropClosing);
    }
}
