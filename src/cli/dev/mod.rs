//! `eyot dev`: one project on a node of its own, reloaded on save.
//!
//! [`run`] loads the project, hands it to a [`DevNode`], prints what the script logs, and does it again when a file
//! changes. A save that does not build is reported with its place and changes nothing: the last good version serves
//! on. When to look is decided in [`debounce`], what changed in [`changes`]; this file waits and prints.

mod changes;
mod debounce;
mod local;
mod watch;

use std::fmt;
use std::future::Future;
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use tokio::sync::mpsc;

use super::failure::Failure;
use crate::script::{LoadError, LoadOptions, Project, load_project};

use changes::Fingerprints;
use debounce::Debounce;
use watch::Watcher;

pub use local::serve;

/// Flags of `eyot dev`.
#[derive(Debug, Clone, Args)]
#[command(
    before_help = "Example:\n  eyot dev                    the project in this folder\n  \
                   eyot dev hello.ts           one file\n  eyot dev --port 9000 --env staging",
    long_about = "Run a project locally and reload it when a file is saved.\n\n\
                  PATH is a script file (.js .mjs .ts .wasm) or a folder with wrangler.toml, wrangler.jsonc, \
                  wrangler.json or a package.json with \"main\". Its KV namespaces are empty and thrown away at the \
                  end, its secrets come from .dev.vars, and the limits are those of production. What the script logs \
                  is printed here."
)]
pub struct DevArguments {
    /// Script file or project folder
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Port to listen on; 0 picks a free one [default: 8787, or a free one beside whoever has that]
    #[arg(long)]
    pub port: Option<u16>,
    /// Address to listen on, with or without a port [default: 127.0.0.1]
    #[arg(long, value_name = "ADDR", value_parser = parse_listen)]
    pub listen: Option<Listen>,
    /// Let Chrome's DevTools debug the script, at ADDR on loopback [default: 127.0.0.1:9229]. Isolates then start without
    /// snapshots, and the limits of CPU and wall time are out of the way
    #[arg(long, value_name = "ADDR", num_args = 0..=1, require_equals = true, default_missing_value = "127.0.0.1:9229")]
    pub inspect: Option<SocketAddr>,
    /// Environment: the section [env.NAME] of the wrangler configuration
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,
}

/// An address, maybe with a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen {
    address: IpAddr,
    port: Option<u16>,
}

/// The node that `eyot dev` runs on: a whole one, in this process, on throw-away state.
trait DevNode: Send + Sync {
    /// Makes the project serve, with empty KV namespaces for its bindings the first time and `dev_secrets` as secrets.
    /// Gives the URL; an error is one readable line with file, line and column, and changes nothing.
    fn deploy(&self, project: Project) -> impl Future<Output = Result<String, String>> + Send;

    /// Certificate of the authority behind the URL, for whoever wants to trust it; none when it needs no introduction.
    fn authority(&self) -> Option<PathBuf>;

    /// What the script logs from now on. Bounded: lines that nobody takes are dropped, not waited for.
    fn logs(&self) -> mpsc::Receiver<LogLine>;
}

/// One line of the script's console, or the end of a request that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct LogLine {
    /// `log`, `info`, `debug`, `warn`, `error`; the script's word.
    level: String,
    /// The line, without a line end of its own.
    text: String,
}

impl DevArguments {
    /// Where to listen; port 0 picks a free one.
    #[must_use]
    pub fn listen_addr(&self) -> SocketAddr {
        let listen = self.listen.unwrap_or(Listen { address: IpAddr::V4(Ipv4Addr::LOCALHOST), port: None });
        SocketAddr::new(listen.address, self.port.or(listen.port).unwrap_or(DEFAULT_PORT))
    }

    /// Where to listen, on a free port when none was chosen and somebody has the usual one: `eyot serve` does.
    #[must_use]
    pub fn free_listen_addr(&self) -> SocketAddr {
        let usual = self.listen_addr();
        let is_chosen = self.port.is_some() || self.listen.is_some_and(|listen| listen.port.is_some());
        if is_chosen { usual } else { free_beside(usual) }
    }

    fn options(&self) -> LoadOptions {
        LoadOptions { environment: self.env.clone(), name: None }
    }
}

/// Serves the project until `stop` is done. Cancel-safe: dropping the future leaves the node as it is.
///
/// Fails when the project cannot be found at all; one that does not build is waited for.
async fn run<N: DevNode>(arguments: &DevArguments, node: &N, stop: impl Future<Output = ()>) -> Result<(), Failure> {
    let mut logs = node.logs();
    let mut session = Session::new(arguments);
    session.reload(node).await?;
    let mut watcher = Watcher::new(&session.watched());
    let mut debounce = Debounce::new();
    tokio::pin!(stop);
    let mut logs_end = false;
    loop {
        let due = debounce.due();
        tokio::select! {
            () = &mut stop => return Ok(()),
            line = logs.recv(), if !logs_end => match line {
                Some(line) => print(&Shown(&line)),
                None => logs_end = true,
            },
            () = watcher.touched() => debounce.touch(Instant::now()),
            () = sleep_until(due), if due.is_some() => {
                debounce.clear();
                if session.has_changed().await {
                    session.reload(node).await?;
                    watcher.watch(&session.watched());
                }
            }
        }
    }
}

/// The project across its reloads.
struct Session {
    path: PathBuf,
    options: LoadOptions,
    /// Files of the last project that could be read.
    files: Vec<PathBuf>,
    /// The last load failed: any file of the folder may be the one that mends it.
    is_broken: bool,
    /// What the last project was warned of, which is said once.
    warned: Vec<String>,
    seen: Fingerprints,
    url: Option<String>,
}

impl Session {
    fn new(arguments: &DevArguments) -> Self {
        Self {
            path: arguments.path.clone(),
            options: arguments.options(),
            files: Vec::new(),
            is_broken: false,
            warned: Vec::new(),
            seen: Fingerprints::default(),
            url: None,
        }
    }

    /// Loads and deploys; prints how it went.
    async fn reload<N: DevNode>(&mut self, node: &N) -> Result<(), Failure> {
        let start = Instant::now();
        // Taken before the files are read: a save in between is seen as a change afterwards.
        self.seen = self.fingerprints().await;
        let (path, options) = (self.path.clone(), self.options.clone());
        let loaded = blocking(move || load_project(&path, &options)).await?;
        let project = match loaded {
            Ok(project) => project,
            Err(error) if self.url.is_none() && is_final(&error) => return Err(error.into()),
            Err(error) => {
                self.is_broken = true;
                self.seen = self.fingerprints().await;
                self.complain(&error.to_string());
                return Ok(());
            }
        };
        for warning in project.warnings.iter().filter(|warning| !self.warned.contains(warning)) {
            eprintln!("eyot: warning: {warning}");
        }
        self.warned.clone_from(&project.warnings);
        let files_are_new = self.files != project.files || self.is_broken;
        self.files.clone_from(&project.files);
        self.is_broken = false;
        if files_are_new {
            self.seen = self.fingerprints().await;
        }
        let name = project.name.clone();
        match node.deploy(project).await {
            Ok(url) => {
                let took_ms = start.elapsed().as_millis();
                match &self.url {
                    None => introduce(&name, &url, node.authority().as_deref()),
                    Some(_) => print(&format_args!("reloaded {name} in {took_ms} ms")),
                }
                self.url = Some(url);
            }
            Err(error) => self.complain(&error),
        }
        Ok(())
    }

    fn complain(&self, error: &str) {
        eprintln!("eyot: {}", Failure::failed(error));
        if self.url.is_some() {
            eprintln!("eyot: the last good version still serves");
        } else {
            eprintln!("eyot: waiting for a change");
        }
    }

    async fn has_changed(&mut self) -> bool {
        self.fingerprints().await != self.seen
    }

    async fn fingerprints(&self) -> Fingerprints {
        let (files, folder) = (self.files.clone(), self.folder());
        let with_folder = self.is_broken || files.is_empty();
        let taken = blocking(move || {
            let mut files = files;
            if with_folder {
                files.extend(changes::sources_below(&folder));
            }
            Fingerprints::of(&files)
        });
        taken.await.unwrap_or_default()
    }

    /// Folders whose entries matter.
    fn watched(&self) -> Vec<PathBuf> {
        let mut folders: Vec<PathBuf> = self.files.iter().filter_map(|file| Some(file.parent()?.to_owned())).collect();
        folders.push(self.folder());
        if self.is_broken {
            let sources = changes::sources_below(&self.folder());
            folders.extend(sources.iter().filter_map(|file| Some(file.parent()?.to_owned())));
        }
        folders.sort();
        folders.dedup();
        folders
    }

    fn folder(&self) -> PathBuf {
        let folder = if self.path.is_dir() { self.path.as_path() } else { self.path.parent().unwrap_or(Path::new("")) };
        if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() }
    }
}

/// Says where the script answers, and what it takes to believe its certificate.
fn introduce(name: &str, url: &str, authority: Option<&Path>) {
    print(&format_args!("serving {name} at {url}"));
    if let Some(path) = authority {
        let path = path.display();
        print(&format_args!("its certificate is of an authority made for this session: curl --cacert {path} {url}"));
    }
}

/// Prints a line; a terminal that is gone is no reason to stop serving.
fn print(line: &dyn fmt::Display) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Would waiting for a save not help? The path itself is wrong then.
fn is_final(error: &LoadError) -> bool {
    matches!(error, LoadError::NoProject { .. } | LoadError::NoEnvironments { .. } | LoadError::Read { .. })
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Failure::failed(format!("read the project: {error}")))
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}

fn free_beside(usual: SocketAddr) -> SocketAddr {
    match TcpListener::bind(usual) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => SocketAddr::new(usual.ip(), 0),
        // Any other trouble is told by whoever listens in earnest.
        _ => usual,
    }
}

fn parse_listen(text: &str) -> Result<Listen, String> {
    if let Ok(whole) = text.parse::<SocketAddr>() {
        return Ok(Listen { address: whole.ip(), port: Some(whole.port()) });
    }
    let address = text.parse().map_err(|_| "expected an address like 127.0.0.1 or 127.0.0.1:8787".to_owned())?;
    Ok(Listen { address, port: None })
}

/// A log line as the terminal may see it: a script's control characters do not reach it.
struct Shown<'a>(&'a LogLine);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let printable = |text: &str| -> String {
            text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect()
        };
        write!(f, "[{}] {}", printable(&self.0.level), printable(&self.0.text))
    }
}

const DEFAULT_PORT: u16 = 8_787;

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use tokio::sync::oneshot;
    use tokio::time::timeout;

    use super::*;

    /// A node that reports what it is given.
    struct Recorder {
        deployed: mpsc::Sender<String>,
        logs: Mutex<Option<mpsc::Receiver<LogLine>>>,
    }

    impl DevNode for Recorder {
        async fn deploy(&self, project: Project) -> Result<String, String> {
            let main = project.code.module(&project.code.main_module).map(|module| module.source.to_vec());
            let text = String::from_utf8(main.unwrap_or_default()).map_err(|error| error.to_string())?;
            self.deployed.send(text).await.map_err(|error| error.to_string())?;
            Ok("https://a".to_owned())
        }

        fn authority(&self) -> Option<PathBuf> {
            None
        }

        fn logs(&self) -> mpsc::Receiver<LogLine> {
            self.logs.lock().unwrap().take().unwrap()
        }
    }

    fn recorder() -> (Recorder, mpsc::Receiver<String>) {
        let (sender, deployed) = mpsc::channel(8);
        // Its sender is gone: a node whose logs have ended must not keep the loop spinning.
        let (_, logs) = mpsc::channel(1);
        (Recorder { deployed: sender, logs: Mutex::new(Some(logs)) }, deployed)
    }

    fn arguments(path: &Path) -> DevArguments {
        DevArguments { path: path.to_owned(), port: None, listen: None, inspect: None, env: None }
    }

    /// Saves a file twice under the running loop; each save arrives.
    #[tokio::test]
    async fn a_save_is_served() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.js");
        std::fs::write(&file, "export default 1").unwrap();
        let (node, mut deployed) = recorder();
        let arguments = arguments(&file);
        let (stop, stopped) = oneshot::channel::<()>();
        let session = tokio::spawn(async move {
            run(&arguments, &node, async {
                let _ = stopped.await;
            })
            .await
        });
        let mut next = async || timeout(Duration::from_secs(30), deployed.recv()).await.unwrap().unwrap();
        assert_eq!(next().await, "export default 1");
        std::fs::write(&file, "export default 22").unwrap();
        assert_eq!(next().await, "export default 22");
        std::fs::write(&file, "export default 333").unwrap();
        assert_eq!(next().await, "export default 333");
        stop.send(()).unwrap();
        session.await.unwrap().unwrap();
        assert!(deployed.recv().await.is_none());
    }

    /// Saves a file badly and then well, step by step: the bad save deploys nothing and is not the end; then a file
    /// that an import misses appears, which no loaded project knew of.
    #[tokio::test]
    async fn a_broken_save_leaves_the_last_good_version() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.js");
        let (node, mut deployed) = recorder();
        let mut session = Session::new(&arguments(&file));
        for (text, is_good) in [("export default 1", true), ("export default (", false), ("import './b.js'", false)] {
            std::fs::write(&file, text).unwrap();
            assert!(session.has_changed().await, "{text}");
            session.reload(&node).await.unwrap();
            assert!(!session.has_changed().await, "{text}");
            assert_eq!(deployed.try_recv().ok(), is_good.then(|| text.to_owned()));
            assert_eq!(session.url.as_deref(), Some("https://a"));
        }
        std::fs::write(folder.path().join("b.js"), "export {}").unwrap();
        assert!(session.has_changed().await);
        session.reload(&node).await.unwrap();
        assert_eq!(deployed.try_recv().unwrap(), "import './b.js'");
    }

    /// A path with nothing there is no project to wait for; a file that does not parse is.
    #[tokio::test]
    async fn only_what_a_save_can_mend_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let (node, _deployed) = recorder();
        for path in [folder.path().join("none.js"), folder.path().to_owned()] {
            assert!(Session::new(&arguments(&path)).reload(&node).await.is_err(), "{}", path.display());
        }
        let broken = folder.path().join("a.js");
        std::fs::write(&broken, "(").unwrap();
        assert!(Session::new(&arguments(&broken)).reload(&node).await.is_ok());
    }

    /// Ports from either flag; the plain one wins.
    #[test]
    fn the_address_comes_from_both_flags() {
        let arguments = |port, listen: Option<&str>| DevArguments {
            inspect: None,
            path: ".".into(),
            port,
            listen: listen.map(|text| parse_listen(text).unwrap()),
            env: None,
        };
        assert_eq!(arguments(None, None).listen_addr().to_string(), "127.0.0.1:8787");
        assert_eq!(arguments(Some(1), None).listen_addr().to_string(), "127.0.0.1:1");
        assert_eq!(arguments(None, Some("::1")).listen_addr().to_string(), "[::1]:8787");
        assert_eq!(arguments(Some(0), Some("0.0.0.0:5")).listen_addr().to_string(), "0.0.0.0:0");
        assert!(parse_listen("localhost").is_err());
    }

    /// The usual port while somebody has it; a port that was asked for is not swapped.
    #[test]
    fn a_taken_port_is_swapped_unless_it_was_chosen() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let usual = taken.local_addr().unwrap();
        assert_eq!(free_beside(usual).port(), 0);
        let chosen = DevArguments { port: Some(usual.port()), ..arguments(Path::new(".")) };
        assert_eq!(chosen.free_listen_addr(), usual);
    }

    /// A script that writes terminal escapes.
    #[test]
    fn log_lines_cannot_drive_the_terminal() {
        let line = LogLine { level: "log".into(), text: "a\u{1b}[2Jb\tc\nd".into() };
        assert_eq!(Shown(&line).to_string(), "[log] a\u{fffd}[2Jb\tc\nd");
    }
}
