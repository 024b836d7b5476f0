//! The servers: each started on a port of its own with the same certificate and the same scripts.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use crate::harness::{Node, Options, Tenant, Upload, repository};
use crate::machine;

/// Who is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Peer {
    /// hyper and rustls alone.
    Bare,
    /// Deno's `Deno.serve`.
    Deno,
    /// workerd.
    Workerd,
    /// Ours.
    Eyot,
}

impl Peer {
    pub(crate) const ALL: [Self; 4] = [Self::Bare, Self::Deno, Self::Workerd, Self::Eyot];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Deno => "deno",
            Self::Workerd => "workerd",
            Self::Eyot => "eyot",
        }
    }
}

/// What the servers are started with.
pub(crate) struct Workshop {
    dir: tempfile::TempDir,
}

/// A child process that ends with its handle.
pub(crate) struct Process(Child);

/// Where a script is served, and by which process.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) pid: u32,
    pub(crate) address: SocketAddr,
    pub(crate) host: String,
}

/// A node of ours and the tenant the scripts are deployed for.
pub(crate) struct Eyot {
    pub(crate) node: Arc<Node>,
    pub(crate) tenant: Tenant,
}

impl Workshop {
    /// Makes the certificate and bundles the scripts.
    pub(crate) fn open() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let names = ["localhost".to_owned(), "*.bench-0.localhost".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).expect("makes a certificate");
        std::fs::write(dir.path().join("cert.pem"), made.cert.pem()).expect("writes the certificate");
        std::fs::write(dir.path().join("key.pem"), made.signing_key.serialize_pem()).expect("writes the key");
        let scripts = SCRIPTS.map(|name| format!("scripts/{name}.js"));
        let bundled = Command::new("node_modules/.bin/esbuild")
            .current_dir(here())
            .args(scripts)
            .args(["--bundle", "--format=esm", "--log-level=warning", "--define:process.env.NODE_ENV=\"production\""])
            .arg(format!("--outdir={}", dir.path().display()))
            .status();
        assert!(bundled.expect("npm has installed esbuild").success(), "bundle the scripts");
        Self { dir }
    }

    pub(crate) fn script(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(&format!("{name}.js"))).expect("a bundled script")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The limit.
    pub(crate) async fn bare(&self) -> (Process, Place) {
        let own = std::env::current_exe().expect("our own path");
        let mut command = Command::new(own);
        let port = free_port();
        command.args(["bare", &port.to_string()]).arg(self.path("cert.pem")).arg(self.path("key.pem"));
        start(command, port).await
    }

    /// Deno with one of the scripts.
    pub(crate) async fn deno(&self, script: &str) -> (Process, Place) {
        let port = free_port();
        let mut command = Command::new(installed("@deno", "deno"));
        command.env("NO_COLOR", "1").env("DENO_NO_UPDATE_CHECK", "1").env("DENO_DIR", self.path("deno"));
        command.args(["run", "--quiet", "--no-lock", "--allow-all"]).arg(here().join("scripts/deno.js"));
        command.arg(self.path(&format!("{script}.js"))).arg(port.to_string());
        command.arg(self.path("cert.pem")).arg(self.path("key.pem"));
        start(command, port).await
    }

    /// workerd with one of the scripts.
    pub(crate) async fn workerd(&self, script: &str) -> (Process, Place) {
        let port = free_port();
        let sockets = format!(
            "(name = \"main\", address = \"127.0.0.1:{port}\", service = \"main\", https = (tlsOptions = (keypair = \
             (privateKey = embed \"key.pem\", certificateChain = embed \"cert.pem\"))))"
        );
        let mut services = format!("(name = \"main\", worker = {})", worker(&format!("embed \"{script}.js\"")));
        if script == "service" {
            // Its binding leads to another worker.
            let back = "bindings = [(name = \"BACK\", service = \"back\")], compatibilityDate";
            services = services.replace("compatibilityDate", back);
            services.push_str(&format!(",\n    (name = \"back\", worker = {})", worker("embed \"hello.js\"")));
        }
        self.workerd_with(script, &services, &sockets, port).await
    }

    /// workerd with these services and sockets, one of them on `port`.
    pub(crate) async fn workerd_with(&self, name: &str, services: &str, sockets: &str, port: u16) -> (Process, Place) {
        let config = format!(
            "using Workerd = import \"/workerd/workerd.capnp\";\nconst config :Workerd.Config = (\n  services = [\n    \
             (name = \"net\", network = (allow = [\"public\", \"private\"])),\n    {services}\n  ],\n  sockets = \
             [{sockets}]\n);\n"
        );
        let path = self.path(&format!("{name}.capnp"));
        std::fs::write(&path, config).expect("writes workerd's configuration");
        let mut command = Command::new(installed("@cloudflare", "workerd"));
        command.arg("serve").arg(path);
        start(command, port).await
    }

    /// A node of ours with the same certificate.
    pub(crate) async fn eyot(&self, config: &str) -> Eyot {
        self.eyot_on(config, None).await
    }

    /// The same on what an earlier node has left.
    pub(crate) async fn eyot_on(&self, config: &str, data: Option<Arc<tempfile::TempDir>>) -> Eyot {
        let options = self.options(config, data);
        let node = machine::among_servers(|| Node::start(options));
        let tenant = Tenant::create(&node, "bench").await;
        // More than the load ever has in flight.
        tenant.limit(serde_json::json!({ "concurrency_max": 100_000 })).await;
        Eyot { node, tenant }
    }

    /// What our nodes are started with.
    pub(crate) fn options(&self, config: &str, data: Option<Arc<tempfile::TempDir>>) -> Options {
        let edge = format!(
            "[egress]\nallow = [\"127.0.0.0/8\"]\n[edge]\nconnections_max = 8192\nconnections_per_address_max = 8192\n\
             certificates = [{{ certificate = {:?}, key = {:?} }}]\n{config}",
            self.path("cert.pem"),
            self.path("key.pem")
        );
        Options { config: edge, data, ..Options::default() }
    }
}

impl Eyot {
    /// Deploys a script and says where it is served.
    pub(crate) async fn deploy(&self, name: &str, upload: Upload) -> Place {
        self.tenant.deploy(name, upload).await;
        self.place(&self.tenant, name)
    }

    pub(crate) fn place(&self, tenant: &Tenant, script: &str) -> Place {
        Place { pid: self.node.pid(), address: self.node.edge, host: format!("{script}.{}.localhost", tenant.name) }
    }
}

impl Process {
    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; it is gone then, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A worker's description, its one module given as a Cap'n Proto text.
pub(crate) fn worker(module: &str) -> String {
    format!(
        "(modules = [(name = \"main.js\", esModule = {module})], compatibilityDate = \"2026-01-01\", globalOutbound = \
         \"net\")"
    )
}

/// Starts a server and waits until it takes connections.
async fn start(mut command: Command, port: u16) -> (Process, Place) {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let child = machine::among_servers(|| command.spawn()).unwrap_or_else(|error| panic!("start {command:?}: {error}"));
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut process = Process(child);
    let until = std::time::Instant::now() + PATIENCE;
    while tokio::net::TcpStream::connect(address).await.is_err() {
        let ended = process.0.try_wait().expect("a child can be waited for");
        assert!(ended.is_none(), "{command:?} ended: {ended:?}");
        assert!(std::time::Instant::now() < until, "{command:?} takes no connections");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let place = Place { pid: process.pid(), address, host: "localhost".to_owned() };
    (process, place)
}

/// A port nobody has just now, nor gets before it is used: below those that the system gives to connections.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(12_000);
    let mut tries = std::iter::repeat_with(|| NEXT.fetch_add(1, Ordering::Relaxed)).take(10_000);
    tries.find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()).expect("a free port")
}

/// A program of an npm package that brings one for each platform.
fn installed(scope: &str, program: &str) -> PathBuf {
    let packages = here().join("node_modules").join(scope);
    let listed = std::fs::read_dir(&packages).unwrap_or_else(|error| panic!("{}: {error}", packages.display()));
    let mut found = listed.flat_map(|package| {
        let package = package.expect("a folder entry").path();
        [package.join(program), package.join("bin").join(program)]
    });
    found.find(|path| path.is_file()).unwrap_or_else(|| panic!("npm has installed no {program} for this platform"))
}

fn here() -> PathBuf {
    Path::new(&repository()).join("benches/compare")
}

/// The scripts that all peers run.
const SCRIPTS: [&str; 7] = ["hello", "app", "hono", "react", "kv", "service", "socket"];

const PATIENCE: Duration = Duration::from_secs(60);
