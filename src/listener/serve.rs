//! HTTP on one stream that has been through the handshake.
//!
//! Sets hyper's limits, puts the head check before the handler, and keeps the connection's pulse. May run on any thread.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use http::{Request, Response, header};
use http_body::Body as _;
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::rt::bounds::Http2ServerConnExec;
use hyper::server::conn::{http1, http2};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::counters::{Counters, Raised, count};
use super::first_request::FirstRequest;
use super::guarded_io::GuardedIo;
use super::head::{self, HeadLimits};
use super::pulse::{HasBody, Patience, Pulse, Serial, Verdict};
use super::request_body::{Leaves, read_out};
use super::tracked_body::{Track, TrackedBody};
use super::upgrade::Upgrade;
use super::{Connection, Handle, ListenerConfig, Protocol, RequestBody};
use crate::limits::coarse_now;

/// How connections are served: hyper's two builders, set up once.
#[derive(Debug, Clone)]
pub(super) struct Server {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    limits: HeadLimits,
    patience: Patience,
    write_stall: Duration,
    body_stall: Duration,
    counters: Arc<Counters>,
}

/// Why a connection ended.
#[derive(Debug)]
pub(super) enum End {
    /// Either side closed it.
    Closed,
    /// It broke, or what came was not HTTP.
    Broken(hyper::Error),
    /// A head did not end, or it did not go when told to.
    Dropped,
}

type Body<B> = TrackedBody<Either<Full<Bytes>, B>, Answering>;
type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Server {
    pub(super) fn new(config: &ListenerConfig, counters: Arc<Counters>) -> Self {
        let mut http1 = http1::Builder::new();
        http1
            .timer(TokioTimer::new())
            // The pulse tells a slow head from an idle connection; hyper's own timeout does not.
            .header_read_timeout(None)
            // The number of headers is left to hyper, which takes a hundred: any other number costs it two allocations of
            // 32 bytes a header with each request.
            .max_header_size(HEAD_BYTES_MAX)
            .max_buf_size(HEAD_BYTES_MAX);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(config.streams_per_connection_max)
            .max_header_list_size(u32::try_from(HEAD_BYTES_MAX).unwrap_or(u32::MAX))
            .max_pending_accept_reset_streams(RESETS_PENDING_MAX)
            .max_local_error_reset_streams(RESETS_LOCAL_MAX)
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .max_send_buf_size(SEND_BUFFER_BYTES)
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_ANSWER_WITHIN)
            // WebSockets over HTTP/2, RFC 8441.
            .enable_connect_protocol();
        Self {
            http1,
            http2,
            limits: HeadLimits::of(config),
            patience: Patience {
                head: config.head_timeout,
                idle: config.idle_timeout,
                close: CLOSE_WITHIN,
                stall: config.write_stall_timeout,
            },
            write_stall: config.write_stall_timeout,
            body_stall: config.body_stall_timeout,
            counters,
        }
    }

    /// Serves until the connection ends. When `drain` is cancelled, ends what runs and begins nothing new. Dropping the
    /// future drops the connection with all its requests.
    pub(super) async fn serve<I, H>(
        &self,
        io: I,
        connection: Connection,
        handler: Arc<H>,
        drain: CancellationToken,
    ) -> End
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        H: Handle,
    {
        let protocol = connection.protocol;
        let pulse = Arc::new(Mutex::new(Pulse::new(protocol, self.patience, Instant::now())));
        let (alive, gone) = oneshot::channel();
        let io = TokioIo::new(GuardedIo::new(io, protocol, Arc::clone(&pulse), self.write_stall, LINGER, alive));
        let (leave, left) = mpsc::channel(LEFTOVERS_MAX);
        let first = FirstRequest::default();
        let asked = first.clone();
        let drain = async move { asked.come_or_stop(&drain).await };
        let exchange = Arc::new(Exchange {
            handler,
            leave,
            connection: Arc::new(connection),
            pulse: Arc::clone(&pulse),
            first,
            counters: Arc::clone(&self.counters),
            limits: self.limits,
            body_stall: self.body_stall,
        });
        let service = service_fn(move |request| exchange.answer(request).map(Ok::<_, Infallible>));
        let end = match protocol {
            Protocol::Http1 => {
                let connection = self.http1.serve_connection(io, service).with_upgrades();
                self.keep(connection, &pulse, left, drain).await
            }
            Protocol::Http2 => self.keep(self.http2.serve_connection(io, service), &pulse, left, drain).await,
        };
        // A connection that has become a WebSocket is somebody else's now, and counts as long as it is open.
        let _ = gone.await;
        end
    }

    async fn keep<C>(
        &self,
        connection: C,
        pulse: &Mutex<Pulse>,
        left: mpsc::Receiver<Incoming>,
        drain: impl Future<Output = ()> + Send,
    ) -> End
    where
        C: Closing,
    {
        let mut connection = pin!(connection);
        // What goes on beside the requests is asked when it has something to say: that is seldom, and this is polled for
        // every piece of every request.
        let mut beside: FuturesUnordered<BoxFuture<'_, Beside>> = FuturesUnordered::new();
        beside.push(Box::pin(drain.map(|()| Beside::Drain)));
        beside.push(Box::pin(read_out(left, pulse, LINGER).map(|never| match never {})));
        beside.push(look_at(Instant::now()));
        loop {
            let now = tokio::select! {
                biased;
                ended = connection.as_mut() => return ended.map_or_else(End::Broken, |()| End::Closed),
                Some(said) = beside.next() => {
                    if said == Beside::Drain && !pulse.lock().is_closing() {
                        close(connection.as_mut(), pulse);
                    }
                    Instant::now()
                }
            };
            let verdict = pulse.lock().verdict(now);
            let next = match verdict {
                Verdict::LookAt(when) => when,
                Verdict::CloseIdle => {
                    count(&self.counters.connections_closed_idle);
                    close(connection.as_mut(), pulse);
                    now
                }
                Verdict::CloseStalled => {
                    close(connection.as_mut(), pulse);
                    now
                }
                Verdict::DropHead | Verdict::DropClosing => {
                    count(&self.counters.connections_dropped);
                    return End::Dropped;
                }
            };
            beside.push(look_at(next));
        }
    }
}

/// What is said beside a connection's requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// It is to end.
    Drain,
    /// It is time to look at its pulse.
    Look,
}

fn look_at<'a>(when: Instant) -> BoxFuture<'a, Beside> {
    Box::pin(sleep_until(when).map(|()| Beside::Look))
}

/// Tells both sides that nothing new is to begin: HTTP/1 closes after the response that runs, HTTP/2 sends GOAWAY.
fn close<C: Closing>(connection: Pin<&mut C>, pulse: &Mutex<Pulse>) {
    pulse.lock().closing(Instant::now());
    connection.begin_closing();
}

/// A connection of hyper's that can be told to close. Its own trait of this kind leaves out HTTP/1 with upgrades.
trait Closing: Future<Output = hyper::Result<()>> {
    fn begin_closing(self: Pin<&mut Self>);
}

impl<I, S, B> Closing for http1::UpgradeableConnection<I, S>
where
    S: HttpService<Incoming, ResBody = B, Error = Infallible>,
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + 'static,
{
    fn begin_closing(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<I, S, B> Closing for http2::Connection<I, S, TokioExecutor>
where
    S: HttpService<Incoming, ResBody = B, Error = Infallible>,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + 'static,
    TokioExecutor: Http2ServerConnExec<S::Future, B>,
{
    fn begin_closing(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// What a connection's requests need to be answered.
struct Exchange<H> {
    handler: Arc<H>,
    connection: Arc<Connection>,
    leave: mpsc::Sender<Incoming>,
    pulse: Arc<Mutex<Pulse>>,
    first: FirstRequest,
    counters: Arc<Counters>,
    limits: HeadLimits,
    body_stall: Duration,
}

impl<H: Handle> Exchange<H> {
    /// What is refused is answered at once; all else when the handler has an answer.
    fn answer(&self, mut request: Request<Incoming>) -> impl Future<Output = Response<Body<H::Body>>> + use<H> {
        let has_body = if request.body().is_end_stream() { HasBody::No } else { HasBody::Yes };
        self.first.came();
        let running = Running::begin(Arc::clone(&self.pulse), has_body, &self.counters);
        let is_asked_for = has_body == HasBody::Yes && request.headers().contains_key(header::EXPECT);
        let leaves = match self.connection.protocol {
            Protocol::Http1 if is_asked_for => Leaves::Nothing,
            _ => Leaves::Rest,
        };
        let upgrade = Upgrade::take(&mut request, &running);
        let mut request = request.map(|incoming| RequestBody::new(incoming, leaves, &self.leave, self.body_stall));
        let version = request.version();
        let begun = match self.limits.check(&request) {
            Err(refusal) => {
                count(&self.counters.requests_refused);
                tracing::debug!(peer = %self.connection.peer, %refusal, "request refused");
                Err(refusal)
            }
            Ok(()) => {
                count(&self.counters.requests_handled);
                if let Some(upgrade) = upgrade {
                    request.extensions_mut().insert(upgrade);
                }
                let malformed = request.body().malformed();
                Ok((Arc::clone(&self.handler).handle(request, Arc::clone(&self.connection)), malformed))
            }
        };
        let counters = Arc::clone(&self.counters);
        async move {
            let refusal = match begun {
                Ok((response, malformed)) => {
                    let response = response.await;
                    if !malformed.is_so() {
                        return response.map(|body| answering(Either::Right(body), running));
                    }
                    // Whatever the handler made of it: the request was none.
                    count(&counters.requests_refused);
                    head::Refusal::Malformed("the body is not valid")
                }
                Err(refusal) => refusal,
            };
            refusal.response(version).map(|body| answering(Either::Left(body), running))
        }
    }
}

/// A request that runs, from the end of its head to the end of its response's body, or of the socket it became.
pub(super) struct Running {
    pulse: Arc<Mutex<Pulse>>,
    serial: Serial,
    _raised: Raised,
}

/// The same while its response's body is being sent.
struct Answering {
    running: Arc<Running>,
    /// The pulse was told that it is the client's turn.
    waits: bool,
}

fn answering<B>(body: B, running: Arc<Running>) -> TrackedBody<B, Answering> {
    TrackedBody::new(body, Answering { running, waits: false })
}

impl Running {
    fn begin(pulse: Arc<Mutex<Pulse>>, has_body: HasBody, counters: &Arc<Counters>) -> Arc<Self> {
        let serial = pulse.lock().began(has_body);
        Arc::new(Self { pulse, serial, _raised: Raised::new(counters, |counters| &counters.requests_running) })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.pulse.lock().ended(self.serial, Instant::from_std(coarse_now()));
    }
}

impl Track for Answering {
    fn client_has_turn(&mut self) {
        self.waits = true;
        self.running.pulse.lock().waits_for_client(self.running.serial, Instant::from_std(coarse_now()));
    }

    fn client_is_done(&mut self) {
        if std::mem::take(&mut self.waits) {
            self.running.pulse.lock().waits_no_more(self.running.serial);
        }
    }
}

/// Above the URL and header limits that can be set, so that ours answer before hyper's; past this hyper answers 431.
const HEAD_BYTES_MAX: usize = 256 << 10;

/// Streams a client may have reset before we began on them; the connection ends at more (CVE-2023-44487).
const RESETS_PENDING_MAX: usize = 20;

/// Streams we may have reset for the client's errors; the connection ends at more (CVE-2025-8671).
const RESETS_LOCAL_MAX: usize = 256;

/// What may be under way unread in one HTTP/2 request body, and in all of a connection.
const STREAM_WINDOW_BYTES: u32 = 256 << 10;
const CONNECTION_WINDOW_BYTES: u32 = 1 << 20;

/// Response bytes waiting in one HTTP/2 stream.
const SEND_BUFFER_BYTES: usize = 64 << 10;

/// An HTTP/2 peer that is gone without a word is noticed after these two together.
const PING_EVERY: Duration = Duration::from_secs(30);
const PING_ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// How long a connection that was told to close and has nothing running may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// Request bodies on one connection that are read out because their handler did not; more of HTTP/2's are reset at once.
const LEFTOVERS_MAX: usize = 32;

/// How long a client that still sends what nobody wants is read out; less than [`CLOSE_WITHIN`].
const LINGER: Duration = Duration::from_secs(3);
