//! Jobs: requests on their way to a slot, and how loaded the slot is.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::{Duration, Instant};

use http_body::Body as _;
use tokio::sync::Notify;
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::body::RequestBody;
use super::fields::Fields;
use super::outcome::Outcome;
use super::pool_policy::QUEUE_GROWS_AT;
use super::runs::{Answer, Failure};
use super::service::ServiceCall;
use super::socket::SocketOffer;
use crate::ids::RayId;

/// What a run is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A request, for the handler `fetch`.
    Fetch,
    /// A tick of a cron trigger, for the handler `scheduled`.
    Scheduled {
        /// The expression that fired.
        cron: String,
        /// When it was to fire, in milliseconds since 1970.
        scheduled_ms: i64,
    },
    /// A function of another platform, called with a payload as it is: JSON.
    Invoke {
        /// The payload.
        payload: String,
    },
}

/// A request as a script is to see it, and what the host knows of it.
#[derive(Debug)]
pub struct RunRequest {
    /// What it is for; of anything but [`Event::Fetch`], the request itself says nothing.
    pub event: Event,
    /// Its method.
    pub method: http::Method,
    /// Its header fields.
    pub fields: Fields,
    /// Its body.
    pub body: RequestBody,
    /// Its absolute URL.
    pub url: String,
    /// Its id.
    pub ray: RayId,
    /// Scripts it has passed through already.
    pub hops: u32,
    /// It has been run before and is not run a third time.
    pub is_repeat: bool,
    /// Its connection, when it asks to become a WebSocket.
    pub socket: Option<SocketOffer>,
    /// The client's connection, where it has one.
    pub connection: Option<ConnectionFacts>,
    /// Why nobody waits for it any more, set before the wait is given up; the client left when nothing is set.
    pub verdict: Arc<OnceLock<Outcome>>,
    /// What a call through a service binding adds; none when it came from downstream.
    pub service: Option<ServiceCall>,
}

/// What a script is told of its client's connection, beside the address, in the words of Cloudflare's `request.cf`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionFacts {
    /// `HTTP/1.1`, `HTTP/2`.
    pub http: &'static str,
    /// `TLSv1.3`; empty without TLS.
    pub tls_version: &'static str,
    /// The cipher suite by OpenSSL's name; empty without TLS.
    pub tls_cipher: &'static str,
}

impl RunRequest {
    /// Whether it may be run again: it is a request, its method is safe, it has no body and asks for no WebSocket.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        let is_plain = self.event == Event::Fetch && self.socket.is_none();
        !self.is_repeat && is_plain && self.method.is_safe() && self.body.is_end_stream()
    }
}

/// A request for an isolate and where its answer goes.
pub(super) struct Job {
    /// The request.
    pub run: Box<RunRequest>,
    /// Where the answer goes.
    pub reply: oneshot::Sender<Answer>,
}

impl Job {
    /// Returns a job that was never begun to whoever sent it.
    pub(super) fn give_back(self) {
        // Nobody listens any more when the client has left.
        let _ = self.reply.send(Err(Failure::NotBegun(self.run)));
    }
}

/// How loaded one slot is: written by its thread and by those who send it jobs, read by the pool.
#[derive(Debug, Default)]
pub(super) struct Load {
    queued: AtomicUsize,
    in_flight: AtomicUsize,
    retired: AtomicBool,
    evicted: Notify,
    hurry: CancellationToken,
    ready: AtomicBool,
    entered: AtomicBool,
    late: AtomicBool,
    lost: AtomicBool,
    struck: AtomicBool,
    begun: AtomicU64,
    /// When the mailbox was last taken from, or got its first job, in microseconds of the process.
    moved_us: AtomicU64,
    /// Jobs take long, of late.
    long: AtomicBool,
}

impl Load {
    /// A job is about to be sent.
    pub(super) fn sending(&self) {
        if self.queued.fetch_add(1, Ordering::SeqCst) == 0 {
            self.moved_us.store(process_us(), Ordering::Relaxed);
        }
    }

    /// A job was taken out of the mailbox, or could not be put there.
    pub(super) fn taken(&self) {
        self.queued.fetch_sub(1, Ordering::SeqCst);
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.moved_us.store(process_us(), Ordering::Relaxed);
    }

    /// Jobs that wait to begin.
    #[must_use]
    pub(super) fn queued(&self) -> usize {
        self.queued.load(Ordering::SeqCst)
    }

    /// Jobs taken so far.
    #[must_use]
    pub(super) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// The isolate has started.
    pub(super) fn ready(&self) {
        self.moved_us.store(process_us(), Ordering::Relaxed);
        self.ready.store(true, Ordering::SeqCst);
    }

    /// How long the mailbox has not been looked at although something is in it; an isolate that has yet to start keeps
    /// nobody waiting that another one would not.
    #[must_use]
    pub(super) fn stuck_for(&self) -> Duration {
        if self.queued() == 0 || !self.ready.load(Ordering::SeqCst) {
            return Duration::ZERO;
        }
        Duration::from_micros(process_us().saturating_sub(self.moved_us.load(Ordering::Relaxed)))
    }

    /// Notes whether jobs take long.
    pub(super) fn set_long(&self, long: bool) {
        self.long.store(long, Ordering::Relaxed);
    }

    /// Whether several wait and what is ahead of them takes long: another isolate may be sooner, even by way of another thread.
    #[must_use]
    pub(super) fn is_crowded(&self) -> bool {
        self.queued() >= QUEUE_GROWS_AT && self.long.load(Ordering::Relaxed)
    }

    /// Notes how many runs are in flight.
    pub(super) fn set_in_flight(&self, count: usize) {
        self.in_flight.store(count, Ordering::SeqCst);
        self.entered.store(false, Ordering::Relaxed);
    }

    /// A job begins, of which the runs in flight tell only once it has been left.
    pub(super) fn set_entered(&self) {
        self.entered.store(true, Ordering::Relaxed);
    }

    /// Whether anything waits, runs or begins.
    #[must_use]
    pub(super) fn is_busy(&self) -> bool {
        self.entered.load(Ordering::Relaxed) || !self.is_idle()
    }

    /// Runs in flight, as of the slot's last poll.
    #[must_use]
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::SeqCst)
    }

    /// Whether nothing waits and nothing runs.
    #[must_use]
    pub(super) fn is_idle(&self) -> bool {
        self.queued() == 0 && self.in_flight() == 0
    }

    /// The slot takes no new jobs from now on.
    pub(super) fn retire(&self) {
        self.retired.store(true, Ordering::SeqCst);
    }

    /// Whether the slot takes no new jobs.
    #[must_use]
    pub(super) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::SeqCst)
    }

    /// Its JavaScript goes on although its deadline has passed, in a call into V8 that does not look for the end.
    pub(super) fn set_late(&self) {
        self.late.store(true, Ordering::SeqCst);
    }

    /// Whether it has done so.
    #[must_use]
    pub(super) fn is_late(&self) -> bool {
        self.late.load(Ordering::SeqCst)
    }

    /// Nobody waits for it any more: its thread is in a call that may have no end.
    pub(super) fn lose(&self) {
        self.lost.store(true, Ordering::SeqCst);
        self.retire();
    }

    /// Whether nobody does.
    #[must_use]
    pub(super) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::SeqCst)
    }

    /// What it does to the node counts from now on; says whether it did before.
    pub(super) fn strike(&self) -> bool {
        self.struck.swap(true, Ordering::SeqCst)
    }

    /// Tells the slot to finish what it has and end.
    pub(super) fn evict(&self) {
        self.retire();
        self.evicted.notify_one();
    }

    /// Tells the slot to close its clients' sockets now; it has been told to end, or is.
    pub(super) fn hurry(&self) {
        self.hurry.cancel();
        self.evict();
    }

    /// Resolves when sockets are to be closed without waiting any longer.
    pub(super) fn hurried(&self) -> WaitForCancellationFutureOwned {
        self.hurry.clone().cancelled_owned()
    }

    /// Resolves when the slot is told to end.
    pub(super) async fn evicted(&self) {
        self.evicted.notified().await;
    }
}

/// Microseconds since this was first asked.
fn process_us() -> u64 {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(BEGAN.elapsed().as_micros()).unwrap_or(u64::MAX)
}
