//! Dispatch: a request's whole way on one screen: route, admit, run, respond.
//!
//! Reads what the control plane publishes and changes nothing of it. Assumes nothing about which thread it runs on.
//! Dropping the future (the client left) abandons the run: the script's `request.signal` is aborted.

mod events;
mod for_script;
mod services;

use std::borrow::Cow;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use http::header::HOST;
use http::{Request, Response, StatusCode};
use http_body::Body as _;

use crate::admit::{Admission, Permit};
use crate::assets::{Asked, AssetServer, Front};
use crate::control::{Published, Served};
use crate::deployment::Deployment;
use crate::ids::RayId;
use crate::isolate::{Body, Failure, Lodging, Outcome, Pool, RunRequest};
use crate::listener::{self, Connection, Handle, Home, Upgrade};
use crate::respond::{self, Meter, ResponseBody};
use crate::route::{labels_of_host, normal_host};
use crate::telemetry::Telemetry;

use for_script::{for_script, offer_socket};

pub use events::Triggers;
pub use services::ScriptCalls;

/// What every request goes through; clones are the same.
#[derive(Clone)]
pub struct Dispatcher {
    /// What serves.
    pub published: Arc<Published>,
    /// Who may run.
    pub admission: Arc<Admission>,
    /// Where it runs.
    pub pool: Arc<Pool>,
    /// What of it is static.
    pub assets: Arc<AssetServer>,
    /// Where it is counted.
    pub telemetry: Arc<Telemetry>,
    /// What script hosts end in.
    pub domain: Arc<str>,
    /// Whether clients may fire a script's events by its own address.
    pub triggers: Triggers,
}

/// Counts one request's bodies and reports them when it is over.
struct Transfer {
    telemetry: Arc<Telemetry>,
    deployment: Arc<Deployment>,
    /// None for a request without a body.
    bytes_in: Option<Arc<AtomicU64>>,
    bytes_out: u64,
}

impl Transfer {
    fn new(telemetry: &Arc<Telemetry>, deployment: &Arc<Deployment>, bytes_in: Option<Arc<AtomicU64>>) -> Box<Self> {
        let (telemetry, deployment) = (Arc::clone(telemetry), Arc::clone(deployment));
        Box::new(Self { telemetry, deployment, bytes_in, bytes_out: 0 })
    }
}

impl Meter for Transfer {
    fn sent(&mut self, bytes: u64) {
        self.bytes_out += bytes;
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        let bytes_in = self.bytes_in.as_ref().map_or(0, |bytes| bytes.load(Ordering::Relaxed));
        self.telemetry.transferred(&self.deployment, bytes_in, self.bytes_out);
    }
}

impl Handle for Dispatcher {
    type Body = ResponseBody;

    /// The slot of the script that the name leads to, when it leads to one version alone.
    fn home(&self, server_name: &str) -> Option<Home> {
        let served = self.route(&normal_host(server_name)?, "/")?;
        match served.versions.as_slice() {
            [(_, deployment)] => {
                // Its requests are refused: nothing is to be started for them.
                if self.pool.quarantine().wait(&deployment.tenant, &deployment.script, Instant::now()).is_some() {
                    return None;
                }
                let Lodging { runtime, lost, guest } = self.pool.lodging(deployment)?;
                Some(Home { runtime, lost, guest: Box::new(guest) })
            }
            _ => None,
        }
    }

    fn handle(
        self: Arc<Self>,
        request: Request<listener::RequestBody>,
        connection: Arc<Connection>,
    ) -> impl Future<Output = Response<ResponseBody>> + Send + 'static {
        // Outside of the future: what the request was read into is free again when this returns.
        let next = self.begin(request, connection);
        async move {
            match next {
                Next::Answer(response) => response,
                Next::Wait(response) => response.await,
                Next::Run(call) => self.answer(call).await,
            }
        }
    }
}

/// A request that has a version to run and may run.
struct Admitted {
    ray: RayId,
    began: Instant,
    hops: u32,
    served: Arc<Served>,
    deployment: Arc<Deployment>,
    permit: Arc<Permit>,
}

/// One that a script is to answer.
struct Call {
    admitted: Admitted,
    request: Box<RunRequest>,
    upgrade: Option<Upgrade>,
    meter: Box<Transfer>,
}

/// What a request comes to next.
enum Next {
    Answer(Response<ResponseBody>),
    /// What most requests do not come to, in a box: it would make the future of each of them large.
    Wait(BoxFuture<'static, Response<ResponseBody>>),
    Run(Call),
}

impl Dispatcher {
    fn begin(self: &Arc<Self>, request: Request<listener::RequestBody>, connection: Arc<Connection>) -> Next {
        let admitted = match self.admit(&request) {
            Ok(admitted) => admitted,
            Err(response) => return Next::Answer(response),
        };
        if self.triggers == Triggers::Open && request.uri().path() == events::SCHEDULED_PATH {
            let (this, Admitted { served, ray, .. }) = (Arc::clone(self), admitted);
            let query = request.uri().query().unwrap_or_default().to_owned();
            return Next::Wait(Box::pin(async move { this.trigger(&served, &query, &ray).await }));
        }
        if admitted.deployment.assets.is_some() {
            return Next::Wait(Box::pin(Arc::clone(self).front(admitted, request, connection)));
        }
        Next::Run(self.call(admitted, request, &connection))
    }

    /// Route and admission.
    #[expect(clippy::result_large_err, reason = "it is the response, and is moved once")]
    fn admit(&self, request: &Request<listener::RequestBody>) -> Result<Admitted, Response<ResponseBody>> {
        let ray = RayId::generate();
        let began = Instant::now();
        let Some(host) = host_of(request) else {
            return Err(respond::bad_host(&ray));
        };
        let served = self.route(&host, path_of(request));
        let version = served.and_then(|served| {
            let deployment = Arc::clone(choose_version(&served, &ray)?);
            Some((served, deployment))
        });
        let Some((served, deployment)) = version else {
            self.telemetry.unrouted(Outcome::ScriptNotFound, began.elapsed());
            return Err(respond::failed(Outcome::ScriptNotFound, None, &ray));
        };
        let limit_bytes = deployment.limits.body_bytes_max;
        if request.body().size_hint().lower() > limit_bytes {
            return Err(respond::body_too_large(limit_bytes, &ray));
        }
        let hops = hops_of(request);
        if hops >= HOPS_MAX {
            return Err(self.unserved(&deployment, &ray, began, Outcome::LoopDetected, None));
        }
        match self.admission.admit(&served.tenant, &served.tenant_limits, began) {
            Ok(permit) => Ok(Admitted { ray, began, hops, served, deployment, permit: Arc::new(permit) }),
            Err(refusal) => {
                Err(self.unserved(&deployment, &ray, began, Outcome::TenantLimited, Some(refusal.retry_after)))
            }
        }
    }

    /// An asset, or the script where there is none.
    async fn front(
        self: Arc<Self>,
        admitted: Admitted,
        request: Request<listener::RequestBody>,
        connection: Arc<Connection>,
    ) -> Response<ResponseBody> {
        let Admitted { deployment, began, ray, permit, .. } = &admitted;
        let front = match &deployment.assets {
            Some(manifest) => self.assets.front(&deployment.tenant, manifest, Asked::of(&request)).await,
            None => Ok(Front::Script),
        };
        match front {
            Ok(Front::Script) => {
                let call = self.call(admitted, request, &connection);
                self.answer(call).await
            }
            Ok(Front::Answer(response)) => {
                self.telemetry.unserved(deployment, Outcome::Ok, began.elapsed());
                let meter = Transfer::new(&self.telemetry, deployment, None);
                respond::answered(response, Arc::clone(permit), meter, ray)
            }
            Err(error) => {
                tracing::error!(tenant = %deployment.tenant_name, script = %deployment.script, %error,
                    "failed to serve an asset");
                self.unserved(deployment, ray, *began, Outcome::InternalError, None)
            }
        }
    }

    fn call(&self, admitted: Admitted, mut request: Request<listener::RequestBody>, connection: &Connection) -> Call {
        let upgrade = request.extensions_mut().remove::<Upgrade>();
        let bytes_in = (!request.body().is_end_stream()).then(Arc::default);
        let meter = Transfer::new(&self.telemetry, &admitted.deployment, bytes_in.clone());
        let mut request = for_script(request, connection, &admitted.ray, admitted.hops, bytes_in);
        if let Some(upgrade) = &upgrade {
            offer_socket(&mut request, upgrade.clone(), Arc::clone(&admitted.permit));
        }
        Call { admitted, request, upgrade, meter }
    }

    /// What the script answers.
    async fn answer(&self, call: Call) -> Response<ResponseBody> {
        let Call { admitted: Admitted { ray, began, deployment, permit, .. }, request, upgrade, meter } = call;
        match run(&self.pool, &deployment, request, began).await {
            Ok(response) => match upgrade.filter(|_| response.status() == StatusCode::SWITCHING_PROTOCOLS) {
                Some(upgrade) => respond::upgraded(response, upgrade.accept(), &ray),
                None => respond::answered(response, permit, meter, &ray),
            },
            Err(Ended { outcome, counted: true }) => respond::failed(outcome, None, &ray),
            Err(Ended { outcome, counted: false }) => {
                let wait = self.pool.quarantine().wait(&deployment.tenant, &deployment.script, began);
                self.unserved(&deployment, &ray, began, outcome, wait)
            }
        }
    }

    /// The answer to what nothing has run for, counted.
    fn unserved(
        &self,
        deployment: &Deployment,
        ray: &RayId,
        began: Instant,
        outcome: Outcome,
        retry_after: Option<Duration>,
    ) -> Response<ResponseBody> {
        self.telemetry.unserved(deployment, outcome, began.elapsed());
        respond::failed(outcome, retry_after, ray)
    }
}

/// A run without an answer.
struct Ended {
    outcome: Outcome,
    /// Whether the isolate reports it; otherwise nobody else counts it.
    counted: bool,
}

impl Dispatcher {
    /// The node's own names come first: no pattern can take one of them.
    fn route(&self, host: &str, path: &str) -> Option<Arc<Served>> {
        match labels_of_host(host, &self.domain) {
            Some((script, tenant)) => self.published.named(tenant, script).filter(|served| served.subdomain_enabled),
            None => self.published.routed(host, path),
        }
    }
}

/// Runs the request within its wall time, and a second time when a neighbour's doing ended the first.
async fn run(
    pool: &Pool,
    deployment: &Arc<Deployment>,
    request: Box<RunRequest>,
    now: Instant,
) -> Result<Response<Body>, Ended> {
    if pool.quarantine().wait(&deployment.tenant, &deployment.script, now).is_some() {
        return Err(Ended { outcome: Outcome::Overloaded, counted: false });
    }
    let verdict = Arc::clone(&request.verdict);
    let wall = Duration::from_millis(u64::from(deployment.limits.wall_ms));
    let running = async {
        match pool.run(deployment, request).await {
            Err(Failure::Condemned { again: Some(again) }) => Box::pin(pool.run(deployment, again)).await,
            answer => answer,
        }
    };
    let mut running = pin!(running);
    // Most answers are there at once on the isolate's own thread: no clock is set for those.
    let answer = match poll_fn(|cx| Poll::Ready(running.as_mut().poll(cx))).await {
        Poll::Ready(answer) => answer,
        Poll::Pending => tokio::select! {
            biased;
            answer = &mut running => answer,
            () = tokio::time::sleep(wall) => {
                // The isolate learns of it when `running` is dropped below, and why from here: set it first.
                let _ = verdict.set(Outcome::ExceededWallTime);
                return Err(Ended { outcome: Outcome::ExceededWallTime, counted: true });
            }
        },
    };
    match answer {
        Ok(response) => Ok(response),
        Err(Failure::Ended { outcome, .. }) => Err(Ended { outcome, counted: true }),
        Err(Failure::Condemned { .. }) => Err(Ended { outcome: Outcome::Overloaded, counted: true }),
        Err(Failure::Unserved { outcome, .. }) => Err(Ended { outcome, counted: false }),
        Err(Failure::NotBegun(_)) => Err(Ended { outcome: Outcome::Overloaded, counted: false }),
    }
}

/// The version a request gets: its ray decides, so that shares hold over many requests and nothing is counted.
fn choose_version<'a>(served: &'a Served, ray: &RayId) -> Option<&'a Arc<Deployment>> {
    if let [(_, only)] = served.versions.as_slice() {
        return Some(only);
    }
    let percent = u64::from_str_radix(ray.as_str(), 16).unwrap_or(0) % 100;
    served.version_for(u8::try_from(percent).unwrap_or(0))
}

fn host_of<B>(request: &Request<B>) -> Option<Cow<'_, str>> {
    let authority = match request.uri().authority() {
        Some(authority) => authority.as_str(),
        None => request.headers().get(HOST)?.to_str().ok()?,
    };
    normal_host(authority)
}

/// The path with its query.
fn path_of<B>(request: &Request<B>) -> &str {
    request.uri().path_and_query().map_or("/", |path| path.as_str())
}

fn hops_of<B>(request: &Request<B>) -> u32 {
    let hops = request.headers().get(HOPS).and_then(|hops| hops.to_str().ok());
    hops.and_then(|hops| hops.parse().ok()).unwrap_or(0)
}

/// Scripts a request may pass through.
const HOPS_MAX: u32 = 16;

/// Counts the scripts a request has passed through; set on every subrequest, never shown to scripts.
const HOPS: &str = "eyot-hops";
