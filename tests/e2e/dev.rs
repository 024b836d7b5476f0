//! Promise: `eyot dev` serves a project as production would, reloads it on save, and says in the terminal what goes on,
//! in the places the developer wrote.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use crate::harness::{PATIENCE, fixture, repository, run_for, until};

/// Saves a project in JavaScript, one in TypeScript and a single file; KV lives through the reload.
#[tokio::test]
async fn a_save_is_served() {
    for (example, file, from, to, first, second) in [
        ("hello", "index.js", "Visit number", "Call number", "Visit number 1.", "Call number"),
        ("typescript", "src/notes.ts", "\"read\"", "\"look\"", r#"{"access":"read"}"#, r#"{"access":"look"}"#),
    ] {
        let project = Project::example(example);
        let dev = Dev::start(&project.path).await;
        let (status, body) = dev.ask("/").await;
        assert!(status == 200 && body.contains(first), "{status} {body}\n{}", dev.terminal());
        project.replace(file, from, to);
        let saved = Instant::now();
        let answer = dev.answers("/", second).await;
        assert!(saved.elapsed() < RELOAD_TIME_MAX, "served {:?} after the save", saved.elapsed());
        assert!(!answer.contains("number 1."), "the count in KV was lost: {answer}");
        dev.shows(&format!("reloaded {example} in ")).await;
    }
    let project = Project::files(&[("one.js", "export default { fetch() { return new Response('one'); } };")]);
    let dev = Dev::start(&project.path.join("one.js")).await;
    assert_eq!(dev.ask("/").await, (200, "one".to_owned()));
    project.replace("one.js", "'one'", "'two'");
    dev.answers("/", "two").await;
}

/// Serves a project's static assets, and serves them anew when one is saved.
#[tokio::test]
async fn a_saved_asset_is_served() {
    let project = Project::files(&[
        (
            "wrangler.jsonc",
            "{ \"name\": \"site\", \"main\": \"main.js\", \"logpush\": true, \"assets\": { \"directory\": \"public\" } }",
        ),
        ("main.js", "export default { fetch() { return new Response('script'); } };"),
        ("public/index.html", "first"),
    ]);
    let dev = Dev::start(&project.path).await;
    assert_eq!(dev.ask("/").await, (200, "first".to_owned()));
    assert_eq!(dev.ask("/other").await, (200, "script".to_owned()));
    project.write("public/index.html", "second");
    dev.answers("/", "second").await;
    let warned = dev.terminal().matches("`logpush` has no effect").count();
    assert_eq!(warned, 1, "said once: {}", dev.terminal());
}

/// Breaks a project by its syntax, by an import, and by what it does at its top level, and mends it again.
#[tokio::test]
async fn a_broken_save_names_its_place_and_changes_nothing() {
    let project = typescript_project();
    let dev = Dev::start(&project.path).await;
    assert_eq!(dev.ask("/").await, (200, "fine".to_owned()));
    for (file, broken, place) in [
        ("src/index.ts", "\nexport const x: number = ;\n", "src/index.ts:15:26: "),
        (
            "src/lib.ts",
            "\nimport { y } from './gone';\nexport const z = y;\n",
            "src/lib.ts:9:19: cannot find \"./gone\"",
        ),
        ("src/lib.ts", "\ninterface Z { z: string }\n\nthrow new Error('no top');\n", "src/lib.ts:11:7: Error: no top"),
        ("wrangler.toml", "\nbad = [\n", "wrangler.toml:5:8: "),
    ] {
        let good = project.read(file);
        project.write(file, &format!("{good}{broken}"));
        dev.shows(place).await;
        assert_eq!(dev.ask("/").await, (200, "fine".to_owned()), "{place}");
        let reloads = dev.terminal().matches("reloaded").count();
        project.write(file, &good);
        until("it is mended", PATIENCE, async || (dev.terminal().matches("reloaded").count() > reloads).then_some(()))
            .await;
    }
    assert!(dev.terminal().contains("the last good version still serves"), "{}", dev.terminal());
    project.replace("src/index.ts", "\"fine\"", "\"better\"");
    dev.answers("/", "better").await;
}

/// Logs an object, throws in one module from another, and rejects with nobody waiting.
#[tokio::test]
async fn logs_and_exceptions_reach_the_terminal_with_the_developers_lines() {
    let project = typescript_project();
    let dev = Dev::start(&project.path).await;
    dev.ask("/log").await;
    dev.shows("[log] asked for /log { deep: { n: 1 } }\n").await;
    assert_eq!(dev.ask("/throw").await.0, 500);
    dev.shows("[error] Uncaught TypeError: lib says no\n").await;
    dev.shows("(src/lib.ts:6:9)").await;
    dev.shows("(src/index.ts:10:28)").await;
    dev.ask("/reject").await;
    dev.shows("nobody waits").await;
    let terminal = dev.terminal();
    assert!(!terminal.contains("ext:") && !terminal.contains('\u{1b}') && !terminal.contains("script:"), "{terminal}");
}

/// Spins; the request ends as it would in production and the next one is answered.
#[tokio::test]
async fn the_limits_are_those_of_production() {
    let project = Project::files(&[("spin.js", &fixture("cpu/spin.js"))]);
    let dev = Dev::start(&project.path.join("spin.js")).await;
    let (status, body) = dev.ask("/").await;
    assert_eq!((status, body.trim()), (503, "error code: 1102"));
    dev.shows("used up its CPU time").await;
    project.write("spin.js", "export default { fetch() { return new Response('calm'); } };");
    dev.answers("/", "calm").await;
}

/// Fires a script's `scheduled` handler by hand, well and badly.
#[tokio::test]
async fn a_schedule_can_be_fired_by_hand() {
    let source = "export default {
        fetch: () => new Response('fetched'),
        scheduled({ cron, scheduledTime }) { if (cron === 'bad') throw new Error('bad tick'); console.log('tick', cron, scheduledTime); },
    };";
    let project = Project::files(&[("tick.js", source)]);
    let dev = Dev::start(&project.path.join("tick.js")).await;
    assert_eq!(dev.ask("/cdn-cgi/handler/scheduled?cron=*+*+*+*+*&time=1745856238").await, (200, "ok".to_owned()));
    dev.shows("[log] tick * * * * * 1745856238\n").await;
    let (status, body) = dev.ask("/cdn-cgi/handler/scheduled?cron=bad&format=json").await;
    assert_eq!((status, body.as_str()), (500, "{\"outcome\":\"exception\",\"noRetry\":false}"));
    dev.shows("bad tick").await;
    assert_eq!(dev.ask("/").await, (200, "fetched".to_owned()));
}

/// Interrupts it while it serves: it ends well and leaves nothing behind.
#[tokio::test]
async fn an_interrupt_ends_it_and_its_state() {
    let project = Project::example("hello");
    let mut dev = Dev::start(&project.path).await;
    dev.ask("/").await;
    assert!(dev.authority.is_file(), "the printed authority is there");
    let asked = Instant::now();
    let pid = dev.child.id().expect("it runs").to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().expect("kill runs").success());
    let ended = tokio::time::timeout(PATIENCE, dev.child.wait()).await.expect("it ends").expect("a status");
    assert_eq!(ended.code(), Some(0), "{}", dev.terminal());
    assert!(asked.elapsed() < Duration::from_secs(20), "ended after {:?}", asked.elapsed());
    let left: Vec<_> = fs::read_dir(dev.state.path()).expect("a folder").flatten().map(|entry| entry.path()).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Starts where nothing is, and where somebody listens already.
#[tokio::test]
async fn a_start_that_cannot_work_says_why_in_one_line() {
    let project = Project::files(&[("one.js", "export default { fetch() { return new Response('one'); } };")]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    for (path, port, named) in [("none.js", "0", "none.js"), ("one.js", port.as_str(), port.as_str())] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eyot"));
        command.arg("dev").arg(project.path.join(path)).args(["--port", port]);
        let output = run_for(&mut command, PATIENCE).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{path}: {stderr}");
        assert!(stderr.contains(named) && stderr.trim().lines().count() == 1, "{path}: {stderr}");
    }
}

/// `eyot dev` on a free port, with its output in a file.
pub(crate) struct Dev {
    child: Child,
    url: String,
    authority: PathBuf,
    output: PathBuf,
    /// What it makes in the temporary folder goes here.
    state: tempfile::TempDir,
    _output_folder: tempfile::TempDir,
}

impl Dev {
    async fn start(path: &Path) -> Self {
        Self::start_with(path, &[]).await
    }

    /// The same with more arguments.
    pub(crate) async fn start_with(path: &Path, arguments: &[&str]) -> Self {
        let (state, folder) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let output = folder.path().join("terminal");
        let terminal = File::options().create(true).append(true).open(&output).expect("a file");
        // It ends with this test's thread, however that ends.
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", env!("CARGO_BIN_EXE_eyot"), "dev", "--port", "0"])
            .args(arguments)
            .arg(path);
        command.env("TMPDIR", state.path()).kill_on_drop(true).stdin(Stdio::null());
        command.stdout(terminal.try_clone().expect("a second handle")).stderr(terminal);
        let child = command.spawn().expect("setpriv and eyot start");
        let mut dev =
            Self { child, url: String::new(), authority: PathBuf::new(), output, state, _output_folder: folder };
        let printed = dev.shows("curl --cacert ").await;
        let (_, after) = printed.split_once("curl --cacert ").expect("was just seen");
        let mut words = after.split_whitespace();
        dev.authority = words.next().expect("the authority's file").into();
        dev.url = words.next().expect("where it serves").trim_end_matches('/').to_owned();
        dev
    }

    /// What it has printed so far.
    pub(crate) fn terminal(&self) -> String {
        fs::read_to_string(&self.output).expect("the terminal")
    }

    /// Waits until this, and the rest of its line, is in the terminal.
    async fn shows(&self, wanted: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        until(&format!("{wanted:?} is shown"), PATIENCE + PATIENCE, async || {
            let terminal = self.terminal();
            assert!(Instant::now() < deadline, "no {wanted:?} in {terminal}");
            let (_, after) = terminal.split_once(wanted)?;
            (wanted.ends_with('\n') || after.contains('\n')).then_some(terminal)
        })
        .await
    }

    /// Asks with curl, as it tells the developer to: status and body.
    pub(crate) async fn ask(&self, path: &str) -> (u16, String) {
        let host = self.url.strip_prefix("https://").expect("it serves https");
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--noproxy", "*", "--write-out", "\n%{http_code}", "--cacert"]);
        command.arg(&self.authority).args(["--resolve", &format!("{host}:127.0.0.1")]);
        command.arg(format!("{}{path}", self.url));
        let output = run_for(&mut command, PATIENCE).await;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {stderr}\n{}", self.terminal());
        let (body, status) = text.rsplit_once('\n').expect("curl writes the status");
        (status.parse().expect("a status"), body.to_owned())
    }

    /// Asks until the answer contains this.
    async fn answers(&self, path: &str, wanted: &str) -> String {
        until(&format!("{path} answers {wanted:?}"), PATIENCE, async || {
            let (_, body) = self.ask(path).await;
            body.contains(wanted).then_some(body)
        })
        .await
    }
}

/// A project that may be changed.
pub(crate) struct Project {
    pub(crate) path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Project {
    fn example(name: &str) -> Self {
        let root = repository().join("examples").join(name);
        let mut files = Vec::new();
        for folder in [root.clone(), root.join("src")] {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            let paths = entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file());
            files.extend(paths.map(|path| {
                let name = path.strip_prefix(&root).expect("below the example").display().to_string();
                (name, fs::read_to_string(&path).expect("a text"))
            }));
        }
        let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        Self::files(&files)
    }

    pub(crate) fn files(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let project = Self { path: folder.path().to_owned(), _folder: folder };
        for (name, text) in files {
            fs::create_dir_all(project.path.join(name).parent().expect("a parent")).expect("a folder");
            project.write(name, text);
        }
        project
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path.join(file)).expect("reads")
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.path.join(file), text).expect("writes");
    }

    fn replace(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{file} has no {from:?}");
        self.write(file, &text.replace(from, to));
    }
}

fn typescript_project() -> Project {
    Project::files(&[
        ("wrangler.toml", "name = \"probe\"\nmain = \"src/index.ts\"\ncompatibility_date = \"2026-01-01\"\n"),
        ("src/index.ts", INDEX),
        ("src/lib.ts", LIB),
    ])
}

/// Types before what throws, so that its place in the JavaScript is another one.
const INDEX: &str = r#"import { fail } from "./lib";

interface Env {
  KV: unknown;
}

export default {
  async fetch(request: Request, _env: Env): Promise<Response> {
    const path: string = new URL(request.url).pathname;
    if (path === "/throw") fail({ value: "no" });
    if (path === "/reject") Promise.reject(new Error("nobody waits"));
    if (path === "/log") console.log("asked for", path, { deep: { n: 1 } });
    return new Response("fine"); } };
"#;

const LIB: &str = r"interface Box<T> {
  value: T;
}

export function fail(box: Box<string>): never {
  throw new TypeError(`lib says ${box.value}`);
}
";

/// Far above the 300 ms that a save takes on a quiet machine.
const RELOAD_TIME_MAX: Duration = Duration::from_secs(30);
