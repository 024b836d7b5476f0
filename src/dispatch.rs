//! Dispatch: a request's whole way on one screen: route, admit, run, respond.
//!
//! Reads what the control plane publishes and changes nothing of it. Assumes nothing about which thread it runs on.
//! Dropping the future (the client left) abandons the run: the script's `request.signal` is aborted.

mod events;
mod services;

use std::borrow::Cow;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONNECTION, HOST, UPGRADE};
use http::{HeaderName, Method, Request, Response, StatusCode, Version};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Empty};

use crate::admit::{Admission, Permit};
use crate::assets::{Asked, AssetServer, Front};
use crate::control::{Published, Served};
use crate::deployment::Deployment;
use crate::ids::RayId;
use crate::isolate::{
    Body, ConnectionFacts, Event, Failure, Fields, Lodging, Outcome, Pool, RequestBody, RunRequest, SocketIo,
    SocketOffer,
};
use crate::listener::{self, Connection, Handle, Home, Upgrade};
use crate::respond::{self, Meter, ResponseBody};
use crate::route::{labels_of_host, normal_host};
use crate::telemetry::Telemetry;

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

    async fn handle(
        &self,
        mut request: Request<listener::RequestBody>,
        connection: Arc<Connection>,
    ) -> Response<ResponseBody> {
        let ray = RayId::generate();
        let began = Instant::now();
        let Some(host) = host_of(&request) else {
            return respond::bad_host(&ray);
        };
        let served = self.route(&host, path_of(&request));
        let version = served.as_ref().and_then(|served| Some((served, choose_version(served, &ray)?)));
        let Some((served, deployment)) = version else {
            self.telemetry.unrouted(Outcome::ScriptNotFound, began.elapsed());
            return respond::failed(Outcome::ScriptNotFound, None, &ray);
        };
        let limit_bytes = deployment.limits.body_bytes_max;
        if request.body().size_hint().lower() > limit_bytes {
            return respond::body_too_large(limit_bytes, &ray);
        }
        let unserved = |outcome: Outcome, retry_after: Option<Duration>| {
            self.telemetry.unserved(deployment, outcome, began.elapsed());
            respond::failed(outcome, retry_after, &ray)
        };
        let hops = hops_of(&request);
        if hops >= HOPS_MAX {
            return unserved(Outcome::LoopDetected, None);
        }
        let permit = match self.admission.admit(&served.tenant, &served.tenant_limits, began) {
            Ok(permit) => Arc::new(permit),
            Err(refusal) => return unserved(Outcome::TenantLimited, Some(refusal.retry_after)),
        };
        if self.triggers == Triggers::Open && request.uri().path() == events::SCHEDULED_PATH {
            drop(permit);
            return Box::pin(self.trigger(served, request.uri().query().unwrap_or_default(), &ray)).await;
        }
        if let Some(manifest) = &deployment.assets {
            // In a box, as is all here that waits and that most requests do not come to: it would make this future large.
            match Box::pin(self.assets.front(&deployment.tenant, manifest, Asked::of(&request))).await {
                Ok(Front::Script) => {}
                Ok(Front::Answer(response)) => {
                    self.telemetry.unserved(deployment, Outcome::Ok, began.elapsed());
                    let meter = Transfer::new(&self.telemetry, deployment, None);
                    return respond::answered(response, permit, meter, &ray);
                }
                Err(error) => {
                    tracing::error!(tenant = %deployment.tenant_name, script = %deployment.script, %error,
                        "failed to serve an asset");
                    return unserved(Outcome::InternalError, None);
                }
            }
        }
        let upgrade = request.extensions_mut().remove::<Upgrade>();
        let bytes_in = (!request.body().is_end_stream()).then(Arc::default);
        let meter = Transfer::new(&self.telemetry, deployment, bytes_in.clone());
        let mut request = for_script(request, &connection, &ray, hops, bytes_in);
        if let Some(upgrade) = &upgrade {
            offer_socket(&mut request, upgrade.clone(), Arc::clone(&permit));
        }
        match run(&self.pool, deployment, request, began).await {
            Ok(response) => match upgrade.filter(|_| response.status() == StatusCode::SWITCHING_PROTOCOLS) {
                Some(upgrade) => respond::upgraded(response, upgrade.accept(), &ray),
                None => respond::answered(response, permit, meter, &ray),
            },
            Err(Ended { outcome, counted: true }) => respond::failed(outcome, None, &ray),
            Err(Ended { outcome, counted: false }) => {
                unserved(outcome, self.pool.quarantine().wait(&deployment.tenant, &deployment.script, began))
            }
        }
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

/// The request as the script sees it: what the connection knows is added, what belongs to the connection is not shown.
fn for_script(
    request: Request<listener::RequestBody>,
    connection: &Connection,
    ray: &RayId,
    hops: u32,
    bytes_in: Option<Arc<AtomicU64>>,
) -> Box<RunRequest> {
    let (parts, body) = request.into_parts();
    let version = parts.version;
    let named = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let target = parts.uri.authority().map(|authority| authority.as_str());
    // There is one of them: the request had a host to be routed by.
    let authority = target.or(named).unwrap_or_default();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let url = ["https://", authority, path].concat();
    let has_body = !body.is_end_stream();
    let mut fields = Fields::with_room(FIELDS_BYTES);
    for (name, value) in &parts.headers {
        let is_ours = match name.as_str() {
            "connection" | "transfer-encoding" | "upgrade" | "keep-alive" | "proxy-connection" => true,
            "host" | "cf-connecting-ip" | "x-real-ip" | "x-forwarded-proto" | "cf-ray" => true,
            "content-length" => !has_body,
            name => name == HOPS,
        };
        if !is_ours {
            fields.push(name, value.as_bytes());
        }
    }
    fields.push(&HOST, authority.as_bytes());
    fields.push(&CF_CONNECTING_IP, connection.address.as_bytes());
    fields.push(&X_REAL_IP, connection.address.as_bytes());
    fields.push(&X_FORWARDED_PROTO, b"https");
    fields.push(&CF_RAY, ray.as_str().as_bytes());
    let body: RequestBody = if has_body {
        let counted = body.map_frame(move |frame| {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            bytes_in.iter().for_each(|counted| _ = counted.fetch_add(bytes as u64, Ordering::Relaxed));
            frame
        });
        counted.map_err(Into::into).boxed_unsync()
    } else {
        Empty::new().map_err(|never| match never {}).boxed_unsync()
    };
    let verdict = Arc::new(OnceLock::new());
    Box::new(RunRequest {
        event: Event::Fetch,
        method: parts.method,
        fields,
        body,
        url,
        ray: ray.clone(),
        hops,
        is_repeat: false,
        socket: None,
        connection: Some(connection_facts(connection, version)),
        verdict,
        service: None,
    })
}

/// What the script is told of the connection, as Cloudflare names it.
fn connection_facts(connection: &Connection, version: Version) -> ConnectionFacts {
    let http = match version {
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    };
    let cipher = CIPHERS.iter().find(|(iana, _)| *iana == connection.tls_cipher);
    let tls_cipher = cipher.map_or(connection.tls_cipher, |(_, openssl)| openssl);
    ConnectionFacts { http, tls_version: connection.tls_version, tls_cipher }
}

/// Lets the script make a WebSocket of the connection, which then holds the permit for as long as it is open. The script
/// sees the handshake of HTTP/1.1, whatever it was.
fn offer_socket(request: &mut RunRequest, upgrade: Upgrade, permit: Arc<Permit>) {
    request.method = Method::GET;
    request.fields.push(&CONNECTION, b"Upgrade");
    request.fields.push(&UPGRADE, b"websocket");
    request.socket = Some(SocketOffer(Box::pin(async move {
        let io: Box<dyn SocketIo> = Box::new(upgrade.connection(permit).await?);
        Ok(io)
    })));
}

/// The cipher suites rustls has, by their names in IANA's registry and in `request.cf`.
const CIPHERS: &[(&str, &str)] = &[
    ("TLS13_AES_128_GCM_SHA256", "AEAD-AES128-GCM-SHA256"),
    ("TLS13_AES_256_GCM_SHA384", "AEAD-AES256-GCM-SHA384"),
    ("TLS13_CHACHA20_POLY1305_SHA256", "AEAD-CHACHA20-POLY1305-SHA256"),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"),
    ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"),
    ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
    ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"),
    ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"),
];

/// Scripts a request may pass through.
const HOPS_MAX: u32 = 16;

/// Counts the scripts a request has passed through; set on every subrequest, never shown to scripts.
const HOPS: &str = "eyot-hops";

/// Room for the header fields of most requests.
const FIELDS_BYTES: usize = 512;

const CF_CONNECTING_IP: HeaderName = HeaderName::from_static("cf-connecting-ip");
const CF_RAY: HeaderName = HeaderName::from_static("cf-ray");
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
