//! A node: the real binary as a child process on free ports, with a data folder of its own.
//!
//! It ends with the handle. It also ends with the test process, however that ends: `setpriv --pdeathsig` asks the
//! kernel for it, and because that goes by thread, one thread that lives as long as the process starts every node.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::{Metrics, PATIENCE, client, until};

/// How a node of a test's own differs from the default.
#[derive(Default)]
pub(crate) struct Options {
    /// Text of a configuration file.
    pub(crate) config: String,
    /// A data folder to go on from; a new one otherwise.
    pub(crate) data: Option<Arc<tempfile::TempDir>>,
    /// The program to run; the one under test otherwise.
    pub(crate) program: Option<PathBuf>,
    /// Without the privilege to raise a thread's priority again, whoever runs the tests.
    pub(crate) unprivileged: bool,
}

/// A node that printed `ready`.
pub(crate) struct Node {
    child: Mutex<Child>,
    /// Where the data plane listens.
    pub(crate) edge: SocketAddr,
    /// Base of the admin API, without a path.
    pub(crate) admin: String,
    /// The operator's token.
    pub(crate) token: String,
    data: Arc<tempfile::TempDir>,
}

impl Node {
    /// The node that most tests share; each makes tenants of its own. Its CPU limits leave room for a machine that takes
    /// processors away from what it runs, and for code that was not optimised; tests of the defaults start their own node.
    pub(crate) fn shared() -> Arc<Self> {
        static SHARED: LazyLock<Arc<Node>> = LazyLock::new(|| {
            let data = Some(Arc::new(shared_data()));
            let config = "[limits]\ncpu_ms = 100\nstartup_cpu_ms = 5000\n".to_owned();
            Node::start(Options { data, config, ..Options::default() })
        });
        SHARED.clone()
    }

    /// A node of the test's own, to kill or to configure.
    pub(crate) fn start(options: Options) -> Arc<Self> {
        let data = options.data.unwrap_or_else(|| Arc::new(tempfile::tempdir().expect("a temporary folder")));
        let program = options.program.unwrap_or_else(|| env!("CARGO_BIN_EXE_eyot").into());
        let privileges = if options.unprivileged { unprivileged() } else { &[] };
        let mut command = Self::command_as(&program, &data, &options.config, privileges);
        let log = File::create(data.path().join("stderr.log")).expect("a log file");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = spawn(command);
        let printed = read_until_ready(&mut child, &data);
        let address = |name: &str| {
            let line = printed.iter().find(|line| line.split_whitespace().next() == Some(name));
            let line = line.unwrap_or_else(|| panic!("no line {name} in {printed:?}"));
            line.split_whitespace().nth(1).unwrap_or_else(|| panic!("no address in {line:?}")).to_owned()
        };
        let edge = address("edge");
        let edge = edge.strip_prefix("https://").expect("the edge speaks https").trim_end_matches('/');
        let token = fs::read_to_string(data.path().join("admin.token")).expect("the operator's token");
        Arc::new(Self {
            child: Mutex::new(child),
            edge: edge.parse().unwrap_or_else(|error| panic!("edge address {edge}: {error}")),
            admin: address("admin").trim_end_matches('/').to_owned(),
            token: token.trim().to_owned(),
            data,
        })
    }

    /// The command that would start a node there; for tests in which it does not start.
    pub(crate) fn command(data: &tempfile::TempDir, config: &str) -> Command {
        Self::command_as(env!("CARGO_BIN_EXE_eyot").as_ref(), data, config, &[])
    }

    fn command_as(program: &Path, data: &tempfile::TempDir, config: &str, privileges: &[&str]) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]).args(privileges);
        command.arg(program).args(["serve", "--data"]).arg(data.path());
        command.args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]);
        if !config.is_empty() {
            let path = data.path().join("test.toml");
            fs::write(&path, config).expect("writes the configuration");
            command.arg("--config").arg(path);
        }
        // What a developer has set for a node of their own is not meant for this one.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("EYOT_")) {
            command.env_remove(name);
        }
        command
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.lock().id()
    }

    /// Its data folder, which outlives it while this is held.
    pub(crate) fn data(&self) -> Arc<tempfile::TempDir> {
        self.data.clone()
    }

    /// The certificate of its local authority.
    pub(crate) fn ca(&self) -> PathBuf {
        self.data.path().join("ca.pem")
    }

    /// Whether the process runs.
    pub(crate) fn is_alive(&self) -> bool {
        self.child.lock().try_wait().expect("a child can be waited for").is_none()
    }

    /// Resident memory, in bytes.
    pub(crate) fn resident_bytes(&self) -> u64 {
        let statm = fs::read_to_string(format!("/proc/{}/statm", self.pid())).expect("the process lives");
        let pages: u64 =
            statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("statm has a second field");
        pages * PAGE_BYTES
    }

    /// The most memory it has ever had resident.
    pub(crate) fn resident_bytes_peak(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("the process lives");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|peak| peak.trim().strip_suffix(" kB")).expect("status has a peak");
        kib.parse::<u64>().expect("a number") << 10
    }

    /// CPU time of all its threads so far.
    pub(crate) fn cpu_time(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid())).expect("the process lives");
        let after_name = stat.rsplit_once(')').expect("stat has the command in brackets").1;
        let ticks: u64 =
            after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * MS_PER_TICK)
    }

    /// Threads that hold an isolate.
    pub(crate) fn slot_threads(&self) -> usize {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.pid())).expect("the process lives");
        let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
        names.filter(|name| name.starts_with("eyot-slot")).count()
    }

    /// Sends a signal by name (`TERM`, `KILL`, `INT`).
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]).status();
        assert!(sent.expect("kill runs").success(), "send SIG{name}");
    }

    /// Waits for the process to end.
    pub(crate) async fn exit_status(&self) -> ExitStatus {
        let ended = async || self.child.lock().try_wait().expect("a child can be waited for");
        until("the node exits", PATIENCE, ended).await
    }

    /// What it wrote to standard error so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.data.path().join("stderr.log")).expect("the log file")
    }

    /// Says what it logged last, for whoever reads why a test failed. A panic in here would hide that.
    pub(super) fn tell(&self) {
        let log = fs::read(self.data.path().join("stderr.log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        // What scripts log by themselves might be all that is left.
        let own = log.lines().filter(|line| !line.contains("INFO script"));
        let lines: Vec<String> = own.map(|line| line.chars().take(LINE_CHARS_TOLD).collect()).collect();
        eprintln!("the node's log ends:\n{}", lines[lines.len().saturating_sub(LINES_TOLD)..].join("\n"));
    }

    /// Scrapes `/metrics` with the operator's token.
    pub(crate) async fn metrics(self: &Arc<Self>) -> Metrics {
        let response = client(self).get(format!("{}/metrics", self.admin)).bearer_auth(&self.token).send().await;
        let response = response.expect("metrics answer");
        assert_eq!(response.status(), 200);
        Metrics::parse(&response.text().await.expect("metrics are text"))
    }

    /// Waits until exactly so many requests of a script have ended like this; they are counted after they are answered, some when
    /// V8 has given up on the heap, which it does after everybody else's work.
    pub(crate) async fn expect_outcomes(self: &Arc<Self>, script: &str, outcome: &str, count: usize) {
        let labels = [("script", script), ("outcome", outcome)];
        until(&format!("{count} requests of {script} are {outcome}"), 3 * PATIENCE, async || {
            let counted = self.metrics().await.sum("eyot_requests_total", &labels);
            assert!(counted <= count as f64, "{counted} requests of {script} are {outcome}, not {count}");
            (counted == count as f64).then_some(())
        })
        .await;
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let child = self.child.get_mut();
        // Either may fail when the test has ended the process itself; it is gone then, which is what is wanted.
        let _ = child.kill();
        let _ = child.wait();
        if std::thread::panicking() {
            self.tell();
        }
    }
}

/// What `setpriv` is to take away; only root has it to begin with.
fn unprivileged() -> &'static [&'static str] {
    let own = fs::metadata("/proc/self").expect("every process has its folder");
    if own.uid() == 0 { &["--bounding-set", "-sys_nice", "--inh-caps", "-sys_nice"] } else { &[] }
}

/// A folder for the shared node. Statics are not dropped, so it stays behind; the next run removes it.
fn shared_data() -> tempfile::TempDir {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for entry in fs::read_dir(parent).expect("cargo's folder for tests").filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix(SHARED_PREFIX).and_then(|rest| rest.split('-').next());
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            fs::remove_dir_all(entry.path()).expect("removes what an earlier run left");
        }
    }
    let prefix = format!("{SHARED_PREFIX}{}-", std::process::id());
    tempfile::Builder::new().prefix(&prefix).tempdir_in(parent).expect("a temporary folder")
}

/// Starts a process from the one thread that lives until the end.
fn spawn(command: Command) -> Child {
    type Order = (Command, SyncSender<std::io::Result<Child>>);
    static NURSERY: LazyLock<SyncSender<Order>> = LazyLock::new(|| {
        let (orders, ordered) = sync_channel::<Order>(1);
        std::thread::spawn(move || {
            for (mut command, reply) in ordered {
                // A test that stopped waiting has failed already; the child then ends with the process.
                let _ = reply.send(command.spawn());
            }
        });
        orders
    });
    let (reply, child) = sync_channel(1);
    NURSERY.send((command, reply)).expect("the nursery thread lives");
    child.recv().expect("the nursery thread answers").expect("setpriv and eyot start")
}

/// The lines up to `ready`; panics with the log when the process ends or is silent instead.
fn read_until_ready(child: &mut Child, data: &tempfile::TempDir) -> Vec<String> {
    let stdout = child.stdout.take().expect("standard output is piped");
    let (lines, printed) = sync_channel(LINES_MAX);
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // Nobody listens any more after `ready`; reading on keeps the pipe from filling up.
            let _ = lines.try_send(line);
        }
    });
    let deadline = Instant::now() + PATIENCE;
    let mut seen = Vec::new();
    loop {
        let why = match printed.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) if line.trim() == "ready" => return seen,
            Ok(line) => {
                seen.push(line);
                continue;
            }
            Err(RecvTimeoutError::Timeout) => "not ready in time",
            Err(RecvTimeoutError::Disconnected) => "ended before it was ready",
        };
        // The process may be gone already; what matters is the panic that follows.
        let _ = child.kill();
        let log = fs::read_to_string(data.path().join("stderr.log")).unwrap_or_default();
        panic!("the node {why}; it printed {seen:?} and logged\n{log}");
    }
}

const SHARED_PREFIX: &str = "shared-";
const LINES_MAX: usize = 64;
/// Lines of a log that a failing test shows, and of each.
const LINES_TOLD: usize = 40;
const LINE_CHARS_TOLD: usize = 300;
const PAGE_BYTES: u64 = 4096;

/// `/proc` counts in hundredths of a second on every Linux (`USER_HZ`).
const MS_PER_TICK: u64 = 10;
