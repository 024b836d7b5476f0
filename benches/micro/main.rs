//! Micro-benches: what one step costs by itself, without network and without another program beside it.
//!
//! A node is started in this process, as `eyot serve` starts it, and its parts are asked directly. `make micro` runs all,
//! `make micro ARGS="kv"` those whose name has `kv` in it. What they are for: docs/performance.md.

use std::process::ExitCode;
use std::sync::Arc;

use eyot::config::{Config, Flags, Source};
use eyot::control::{
    Actor, Annotations, Deploy, NewTenant, SettingsChange, Upload, UploadAssets, UploadBinding, UploadKind,
};
use eyot::deployment::Deployment;
use eyot::ids::TenantId;
use eyot::isolate::{self, Event, Fields, RunRequest};
use eyot::limits::Overrides;
use eyot::script::Code;
use eyot::server::{Inherited, Node};
use eyot::snapshot;
use http_body_util::{BodyExt as _, Empty};
use stopwatch::Stopwatch;
use tokio::runtime::Runtime;

mod kv;
mod limits;
mod routes;
mod runs;
mod stopwatch;

/// A node and the tenant whose scripts are run.
pub(crate) struct Workbench {
    pub(crate) runtime: Runtime,
    pub(crate) node: Node,
    pub(crate) tenant: TenantId,
    pub(crate) namespace: String,
    _data: tempfile::TempDir,
}

fn main() -> ExitCode {
    // The snapshot builder executes the program that it is part of.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == snapshot::CHILD_ARGUMENT) {
        return snapshot::child::run().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    isolate::init();
    let bench = Workbench::open();
    // cargo adds `--bench` to whatever it runs as a bench.
    let stopwatch = Stopwatch::new(std::env::args().skip(1).find(|argument| argument != "--bench"));
    runs::measure(&stopwatch, &bench);
    kv::measure(&stopwatch, &bench);
    routes::measure(&stopwatch);
    limits::measure(&stopwatch);
    ExitCode::SUCCESS
}

impl Workbench {
    fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let data = tempfile::tempdir().expect("a temporary folder");
        let any_port = Some("127.0.0.1:0".parse().expect("an address"));
        let flags =
            Flags { data: Some(data.path().to_owned()), listen: any_port, admin_listen: any_port, domain: None };
        let config = Config::load(Source::Defaults, |_| None, &flags).expect("the defaults are valid");
        let (node, tenant, namespace) = runtime.block_on(async {
            let node = Node::start(config, Inherited::default()).await.expect("starts");
            let new = NewTenant { name: "bench".to_owned(), subdomain: None };
            let tenant = node.control().create_tenant(&Actor::Node, new).await.expect("makes a tenant").id;
            let made = node.control().create_namespace(&Actor::Node, &tenant, "bench").await.expect("registers it");
            node.kv().create_namespace(&made.id).await.expect("makes it");
            (node, tenant, made.id.to_string())
        });
        Self { runtime, node, tenant, namespace, _data: data }
    }

    /// Deploys one module, which has the namespace as `KV`.
    pub(crate) async fn deploy(&self, name: &str, source: &str) -> Arc<Deployment> {
        let upload = Upload {
            assets: UploadAssets::None,
            code: Code::one_module(source, "2026-01-01"),
            bindings: vec![UploadBinding {
                name: "KV".to_owned(),
                kind: UploadKind::KvNamespace(self.namespace.clone()),
            }],
            keep_bindings: Vec::new(),
            limits: Overrides { cpu_ms: Some(1_000), ..Overrides::default() },
            annotations: Annotations::default(),
            settings: SettingsChange::default(),
            source: "bench".to_owned(),
        };
        let control = self.node.control();
        let name = name.parse().expect("a script name");
        control.upload(&Actor::Node, &self.tenant, &name, upload, Deploy::Now).await.expect("is accepted");
        let subdomain = "bench".parse().expect("a label");
        let served = control.published().script(&subdomain, &name).expect("serves");
        Arc::clone(&served.versions[0].1)
    }

    /// Has a script answer a request, and reads the answer.
    pub(crate) async fn ask(&self, deployment: &Arc<Deployment>, path: &str) {
        let body = Empty::new().map_err(|never| match never {}).boxed_unsync();
        let url = format!("https://bench.invalid{path}");
        let mut fields = Fields::default();
        fields.push(&http::header::ACCEPT, b"*/*");
        let request = Box::new(RunRequest {
            event: Event::Fetch,
            method: http::Method::GET,
            fields,
            body,
            url,
            ray: eyot::ids::RayId::generate(),
            hops: 0,
            is_repeat: false,
            socket: None,
            connection: None,
            verdict: Arc::default(),
            service: None,
        });
        let answer = self.node.pool().run(deployment, request).await;
        let response = answer.unwrap_or_else(|failure| panic!("{failure:?}"));
        assert_eq!(response.status(), 200);
        response.into_body().collect().await.expect("a body");
    }
}
