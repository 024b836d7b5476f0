//! The node: fills the state, binds, runs, drains; the only place that knows everything.
//!
//! [`Node::start`] brings a node up to the point where both listeners are bound; [`Node::run`] serves until it is told to
//! stop and then drains. `eyot serve` and `eyot dev` are two shells around it.

mod back_office;
mod confine;
mod data_dir;
mod doors;
mod error;
mod handover;
mod hooks;
mod housekeeping;
mod mappings;
mod parts;
mod sample;
mod strip;
mod usage;

use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::admin::{self, AdminState, Readiness, ScriptUrl, Transport};
use crate::admit::Admission;
use crate::assets::AssetServer;
use crate::cache::Cache;
use crate::cage::Cage;
use crate::config::Config;
use crate::control::{Control, Folder};
use crate::dispatch::{Dispatcher, ScriptCalls, Triggers};
use crate::events::run_schedules;
use crate::ids::{ScriptName, TenantName};
use crate::image::IMAGE;
use crate::isolate::{self, Host, Pool};
use crate::kv::Kv;
use crate::limits::{KeyedRates, Watchdog, WayBack};
use crate::listener::{Certificates, Counters, Listener};
use crate::observe::metrics::Metrics;
use crate::snapshot::{Builder, fingerprint};
use crate::store::{BlobCache, Blobs};
use crate::telemetry::Telemetry;

pub use confine::confine;
pub use error::ServerError;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use handover::fuzz as fuzz_handover;
pub use handover::{Handover, Inherited};

use back_office::BackOffice;
use data_dir::DataDir;
use doors::{bind_admin, edge_certificates};
use housekeeping::{housekeeping, make_base, rebuild_stale};
use parts::{control_config, kv_config, pool_config};

/// A node whose sockets are bound.
pub struct Node {
    config: Config,
    data: DataDir,
    builder: Builder,
    control: Control,
    kv: Kv,
    pool: Arc<Pool>,
    admission: Arc<Admission>,
    rates: Arc<KeyedRates>,
    assets: Arc<AssetServer>,
    telemetry: Arc<Telemetry>,
    certificates: Arc<Certificates>,
    counters: Arc<Counters>,
    edge: Listener,
    admin: TcpListener,
    admin_transport: Transport,
    draining: Arc<AtomicBool>,
    cage: Cage,
    triggers: Triggers,
}

/// How a node's service ended.
#[derive(Debug)]
#[must_use]
pub enum Ended {
    /// It was told to stop.
    Stopped,
    /// Parked threads keep too much memory: another image of this program is to go on from here.
    Exhausted(Handover),
}

/// Checks what can be checked without binding or writing anything: certificate files, and whether a cage that is required
/// can be had.
///
/// # Errors
/// [`ServerError`] naming the file, or what the kernel lacks.
pub fn check(config: &Config) -> Result<(), ServerError> {
    Certificates::check_files(&config.edge.certificates, SystemTime::now())?;
    if let Some(files) = &config.admin.tls {
        Certificates::check_files(std::slice::from_ref(files), SystemTime::now())?;
    }
    confine::check(config)
}

impl Node {
    /// Opens the state and binds both listeners, or takes those that were inherited. V8 must have been initialised on the main thread.
    ///
    /// # Errors
    /// [`ServerError`], one readable line.
    pub async fn start(config: Config, inherited: Inherited) -> Result<Self, ServerError> {
        Self::begin(config, inherited, None).await
    }

    /// The same, its isolates open to a debugger.
    ///
    /// # Errors
    /// As [`Node::start`].
    pub async fn start_inspected(
        config: Config,
        inspect: Option<Arc<dyn isolate::Inspect>>,
    ) -> Result<Self, ServerError> {
        Self::begin(config, Inherited::default(), inspect).await
    }

    async fn begin(
        config: Config,
        inherited: Inherited,
        inspect: Option<Arc<dyn isolate::Inspect>>,
    ) -> Result<Self, ServerError> {
        let data = DataDir::open(&config)?;
        let blobs = Blobs::open(&data.path().join("blobs")).map_err(|source| data.error(source))?;
        let snapshots = BlobCache::new(blobs.clone(), SNAPSHOT_CACHE_BYTES);
        let builder = Builder::new(snapshots.clone(), IMAGE.into(), config.isolates.builders_max);
        let control_config = control_config(&config, &data, fingerprint(IMAGE.as_ref()));
        let (control, folder) = Control::open(control_config, blobs.clone(), Arc::new(builder.clone()))?;
        if folder == Folder::New {
            sample::plan(data.path()).map_err(|source| data.error(source))?;
        }
        let kv = Kv::open(&data.path().join("kv"), kv_config(&config))?;
        let cache = Cache::open(&data.path().join("cache"), config.cache.clone())?;
        let telemetry = Arc::new(Telemetry::new(Metrics::new(config.metrics.label_pairs_max)));
        let assets = Arc::new(AssetServer::new(control.asset_files().clone(), blobs.clone()));
        let services = Arc::new(ScriptCalls::new(control.published(), Arc::clone(&telemetry), Arc::clone(&assets)));
        let rates = Arc::new(KeyedRates::default());
        let permissions = isolate::permissions(&config.egress.allow);
        let host = Host {
            watchdog: Watchdog::start(WayBack::of_this_process()).map_err(ServerError::start("the watchdog"))?,
            snapshots,
            blobs,
            base: OnceLock::new(),
            kv: kv.clone(),
            inspect,
            cache,
            services: Arc::clone(&services) as Arc<dyn isolate::Services>,
            rates: Arc::clone(&rates),
            probation: isolate::Probation::default(),
            connector: isolate::Connector::new(permissions.clone()),
            permissions,
            observer: Arc::clone(&telemetry) as Arc<dyn isolate::Observer>,
        };
        let pool = Pool::new(Arc::new(host), pool_config(&config));
        services.run_on(&pool);
        pool.quarantine().take_up(inherited.quarantine, Instant::now());
        let certificates = Arc::new(edge_certificates(&config, &data, &control)?);
        let counters = Arc::new(Counters::default());
        let (shown, counted) = (Arc::clone(&certificates), Arc::clone(&counters));
        let edge = Listener::bind(config.edge.listener.clone(), shown, counted, inherited.edge)?;
        let (admin, admin_transport) = bind_admin(&config.admin, inherited.admin).await?;
        Ok(Self {
            config,
            data,
            builder,
            control,
            kv,
            pool,
            admission: Arc::new(Admission::default()),
            rates,
            assets,
            telemetry,
            certificates,
            counters,
            edge,
            admin,
            admin_transport,
            draining: Arc::new(AtomicBool::new(false)),
            cage: Cage::none(),
            triggers: Triggers::Closed,
        })
    }

    /// The same node, where clients may fire events by `/cdn-cgi/handler/…`: for development.
    #[must_use]
    pub fn with_triggers(self) -> Self {
        Self { triggers: Triggers::Open, ..self }
    }

    /// The local authority's certificate, which clients have to trust; none when there is no such authority.
    #[must_use]
    pub fn authority_path(&self) -> Option<&Path> {
        self.certificates.authority_path()
    }

    /// Where the data plane listens.
    #[must_use]
    pub fn edge_addr(&self) -> SocketAddr {
        self.edge.local_addr()
    }

    /// The control plane.
    #[must_use]
    pub const fn control(&self) -> &Control {
        &self.control
    }

    /// The isolates.
    #[must_use]
    pub const fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    /// The KV store.
    #[must_use]
    pub const fn kv(&self) -> &Kv {
        &self.kv
    }

    /// What scripts log and how requests end.
    #[must_use]
    pub const fn telemetry(&self) -> &Arc<Telemetry> {
        &self.telemetry
    }

    /// Where scripts answer: the domain, and the port that was bound.
    #[must_use]
    pub fn script_url_writer(&self) -> ScriptUrl {
        let (domain, port) = (self.config.edge.domain.clone(), self.edge_addr().port());
        Arc::new(move |tenant, script| script_url(&domain, port, tenant, script))
    }

    /// Deploys the sample script into a new data folder, and brings the KV folder in line with the registry.
    ///
    /// # Errors
    /// When the sample cannot be deployed, or the registry not be read.
    pub async fn prepare(&self) -> Result<(), ServerError> {
        for namespace in self.control.registered_namespaces().await? {
            self.kv.create_namespace(&namespace).await?;
        }
        if sample::is_planned(self.data.path()) {
            sample::deploy(&self.control, &self.kv).await?;
            sample::settle(self.data.path()).map_err(|source| self.data.error(source))?;
        }
        Ok(())
    }

    /// Prints where everything is, one `name  address` a line, then `ready`.
    ///
    /// # Errors
    /// When standard output is gone.
    pub fn announce(&self, out: &mut impl io::Write) -> io::Result<()> {
        let scheme = if matches!(self.admin_transport, Transport::Plain) { "http" } else { "https" };
        writeln!(out, "edge   https://{}", self.edge_addr())?;
        writeln!(out, "admin  {scheme}://{}", self.admin.local_addr()?)?;
        if let Some(authority) = self.certificates.authority_path() {
            writeln!(out, "ca     {}", authority.display())?;
        }
        writeln!(out, "token  {}", self.data.token_shown())?;
        writeln!(out, "ready")?;
        out.flush()
    }

    /// Serves until `stop` is cancelled or parked threads keep too much memory, then drains: no new connections are taken,
    /// and what runs gets its time.
    ///
    /// # Errors
    /// When the sockets cannot be kept for a handover, at the beginning.
    pub async fn run(self, stop: CancellationToken) -> io::Result<Ended> {
        let sockets = (self.edge.socket()?, self.admin.as_fd().try_clone_to_owned()?);
        let drain = stop.child_token();
        let drain_for = self.config.drain_for;
        let dispatcher = self.dispatcher();
        let router = admin::router(self.admin_state(&dispatcher));
        let mut office = BackOffice::open()?;
        office.keep_on(Arc::clone(&self.certificates).watch(self.config.edge.certificate_poll, drain.clone()));
        let (pool, admission, rates) = (Arc::clone(&self.pool), Arc::clone(&self.admission), Arc::clone(&self.rates));
        office.keep_on(housekeeping(self.control.published(), pool, admission, rates, drain.clone()));
        let pool = Arc::clone(&self.pool);
        office.keep_on(async move { pool.survive_lost_helpers().await });
        office.keep_on(make_base(Arc::clone(&self.pool), self.builder.clone(), drain.clone()));
        let (builder, stop_builder) = (self.builder.clone(), drain.clone());
        office.keep_on(async move { builder.keep_one_ready(stop_builder).await });
        office.keep_on(rebuild_stale(self.control.clone(), drain.clone()));
        office.keep_on(usage::keep_on(self.control.clone(), Arc::clone(&self.telemetry), drain.clone()));
        let schedules = tokio::spawn(run_schedules(self.control.clone(), dispatcher.clone(), drain.clone()));
        let draining = Arc::clone(&self.draining);
        let exhausted = self.pool.exhausted();
        let note_drain = async {
            tokio::select! {
                () = stop.cancelled() => {}
                () = exhausted.cancelled() => {
                    tracing::warn!("parked threads keep too much memory, or V8 lost one of its own or keeps one: draining, to begin anew");
                    drain.cancel();
                }
            }
            draining.store(true, Ordering::SeqCst);
            // Sockets get their time like requests, less what it takes to close them in order.
            tokio::time::sleep(drain_for.saturating_sub(SOCKETS_CLOSED_WITHIN.min(drain_for / 2))).await;
            self.pool.close_sockets();
        };
        let serve_admin = office.run(admin::serve(self.admin, self.admin_transport, router, drain.clone(), drain_for));
        let serve_edge = self.edge.run(dispatcher, drain.clone(), drain_for);
        let mut note_drain = pin!(note_drain);
        let served = async { tokio::join!(serve_edge, serve_admin) };
        let mut served = pin!(served);
        let (drained, admin) = tokio::select! {
            served = &mut served => served,
            () = &mut note_drain => served.await,
        };
        if let Err(error) = admin {
            tracing::error!(%error, "failed to serve the admin API");
        }
        self.telemetry.tails().close().await;
        tracing::info!(running = drained.running, dropped = drained.dropped, "drained connections");
        self.pool.retire_all();
        let deadline = Instant::now() + drain_for;
        while !self.pool.is_empty() && Instant::now() < deadline {
            tokio::time::sleep(DRAIN_POLL).await;
        }
        // Ticks that still run end with their isolates, or are cut off as requests are.
        schedules.abort();
        self.kv.shutdown().await;
        office.stop().await;
        usage::keep(&self.control, &self.telemetry).await;
        if stop.is_cancelled() {
            return Ok(Ended::Stopped);
        }
        let (edge, admin) = sockets;
        let quarantine = self.pool.quarantine().hand_over(Instant::now());
        Ok(Ended::Exhausted(Handover { edge, admin, quarantine }))
    }

    fn dispatcher(&self) -> Dispatcher {
        Dispatcher {
            published: self.control.published(),
            admission: Arc::clone(&self.admission),
            pool: Arc::clone(&self.pool),
            assets: Arc::clone(&self.assets),
            telemetry: Arc::clone(&self.telemetry),
            domain: self.config.edge.domain.as_str().into(),
            triggers: self.triggers,
        }
    }

    fn admin_state(&self, dispatcher: &Dispatcher) -> AdminState {
        let draining = Arc::clone(&self.draining);
        let (telemetry, pool) = (Arc::clone(&self.telemetry), Arc::clone(&self.pool));
        let counters = Arc::clone(&self.counters);
        AdminState {
            control: self.control.clone(),
            kv: self.kv.clone(),
            strip_types: Arc::new(strip::InChild::default()),
            invoke: hooks::invoker(dispatcher.clone()),
            keep_usage: hooks::usage_keeper(self.control.clone(), Arc::clone(&self.telemetry)),
            script_url: self.script_url_writer(),
            sandbox: self.cage.to_string().into(),
            mappings: mappings::shortage(self.config.isolates.slots_max).map(Into::into),
            tails: Arc::clone(self.telemetry.tails()),
            quarantine: self.pool.quarantine().clone(),
            readiness: Arc::new(move || {
                if draining.load(Ordering::SeqCst) {
                    Readiness::NotReady("draining".to_owned())
                } else {
                    Readiness::Ready
                }
            }),
            metrics: Arc::new(move || telemetry.scrape(pool.figures(), counters.snapshot().connections_open)),
        }
    }
}

/// Where a script answers.
fn script_url(domain: &str, port: u16, tenant: &TenantName, script: &ScriptName) -> String {
    match port {
        443 => format!("https://{script}.{tenant}.{domain}/"),
        port => format!("https://{script}.{tenant}.{domain}:{port}/"),
    }
}

/// Snapshots kept unpacked, on disk, for the next start of their version: some six hundred.
const SNAPSHOT_CACHE_BYTES: u64 = 1 << 30;

/// What is kept of the time to drain for closing sockets.
const SOCKETS_CLOSED_WITHIN: Duration = Duration::from_secs(2);

/// How often a draining node looks whether its isolates are done.
const DRAIN_POLL: Duration = Duration::from_millis(10);
