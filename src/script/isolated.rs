//! Parsing a stranger's source, to strip its types or to see what it is: in a child process that can be killed.
//!
//! oxc takes quadratic time on some hostile sources and no library call stops it, so a [`Stripper`] runs
//! [`serve_one`] in a fresh copy of this program, with nothing inherited but two pipes, and a deadline. Whatever
//! happens there (endless parsing, a crash, a lost child) is a refusal of that source and touches nothing else.
//!
//! Invariant: at most [`CHILDREN_MAX`] children at once; callers wait for a place only as long as the deadline.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::check::{Form, scan};
use super::parse::SyntaxError;
use super::strip::{Stripped, strip};
use crate::image::IMAGE;

/// The hidden subcommand in which the program runs [`serve_one`].
pub const CHILD_COMMAND: &str = "strip-one";

/// Strips modules in child processes. Clones share the bound on children.
#[derive(Debug, Clone)]
pub struct Stripper {
    program: PathBuf,
    arguments: Vec<String>,
    deadline: Duration,
    places: Arc<Semaphore>,
}

/// Why a module was not stripped.
#[derive(Debug, thiserror::Error)]
pub enum StripError {
    /// The tenant's to mend.
    #[error("{0}")]
    Syntax(#[from] SyntaxError),
    /// The tenant's to mend: the source takes the parser too long, or broke it.
    #[error("parse {file} within {limit_ms} ms: bundle it first and upload JavaScript")]
    TooHard {
        /// The module.
        file: String,
        /// Wall time it had, waiting included.
        limit_ms: u128,
    },
    /// Our fault.
    #[error("run the type stripper: {0}")]
    Child(#[from] io::Error),
}

#[derive(Serialize, Deserialize)]
struct Request {
    task: Task,
    name: String,
    source: String,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Task {
    Strip,
    Scan,
}

/// How a source is written, as far as an upload wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scanned {
    /// Its form.
    pub form: Form,
    /// It declares `main` at its top level.
    pub declares_main: bool,
}

impl Default for Stripper {
    /// A stripper that runs this very program again, with [`CHILD_COMMAND`].
    fn default() -> Self {
        Self::with_child(IMAGE.into(), vec![CHILD_COMMAND.to_owned()], DEADLINE)
    }
}

impl Stripper {
    fn with_child(program: PathBuf, arguments: Vec<String>, deadline: Duration) -> Self {
        Self { program, arguments, deadline, places: Arc::new(Semaphore::new(CHILDREN_MAX)) }
    }

    /// Turns one TypeScript module into JavaScript, or gives up at the deadline. Dropping the future kills the child.
    ///
    /// # Errors
    /// [`StripError`].
    pub async fn strip(&self, name: &str, source: &str) -> Result<Stripped, StripError> {
        match self.ask(Task::Strip, name, source).await? {
            Reply::Stripped(stripped) => Ok(stripped),
            Reply::Refused(error) => Err(error.into()),
            Reply::Scanned(_) => Err(StripError::Child(io::Error::other("the child did another task"))),
        }
    }

    /// Looks how a JavaScript module is written, or gives up at the deadline. Dropping the future kills the child.
    ///
    /// # Errors
    /// [`StripError`].
    pub async fn scan(&self, name: &str, source: &str) -> Result<Scanned, StripError> {
        match self.ask(Task::Scan, name, source).await? {
            Reply::Scanned(scanned) => Ok(scanned),
            Reply::Refused(error) => Err(error.into()),
            Reply::Stripped(_) => Err(StripError::Child(io::Error::other("the child did another task"))),
        }
    }

    async fn ask(&self, task: Task, name: &str, source: &str) -> Result<Reply, StripError> {
        let too_hard = || StripError::TooHard { file: name.to_owned(), limit_ms: self.deadline.as_millis() };
        let request = Request { task, name: name.to_owned(), source: source.to_owned() };
        match timeout(self.deadline, self.ask_child(&request)).await {
            Ok(Ok(Some(reply))) => Ok(reply),
            Ok(Ok(None)) | Err(_) => Err(too_hard()),
            Ok(Err(error)) => Err(StripError::Child(error)),
        }
    }

    /// `None` when the child died of the source.
    async fn ask_child(&self, request: &Request) -> io::Result<Option<Reply>> {
        let _place = self.places.acquire().await.map_err(io::Error::other)?;
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("the child has no pipes"));
        };
        let order = serde_json::to_vec(request)?;
        let send = async {
            // A child that died has closed its end; what it was worth shows in its reply.
            let _ = input.write_all(&order).await;
            drop(input);
        };
        let reply_bytes_max = REPLY_BYTES_BASE + REPLY_BYTES_PER_SOURCE_BYTE * request.source.len() as u64;
        let mut reply = Vec::new();
        let mut bounded = output.take(reply_bytes_max);
        let receive = bounded.read_to_end(&mut reply);
        let ((), received) = tokio::join!(send, receive);
        received?;
        if !child.wait().await?.success() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_slice(&reply)?))
    }
}

/// The child's whole life: one module from `input`; its JavaScript, its form or its error to `output`.
///
/// # Errors
/// When the pipes break or carry something else.
pub fn serve_one(input: impl Read, mut output: impl Write) -> io::Result<()> {
    let request: Request = serde_json::from_reader(io::BufReader::new(input))?;
    let Request { task, name, source } = request;
    let done = match task {
        Task::Strip => strip(&name, &source).map(Reply::Stripped),
        Task::Scan => scan(&name, &source)
            .map(|scan| Reply::Scanned(Scanned { form: scan.form, declares_main: scan.declares_main })),
    };
    let reply = done.unwrap_or_else(Reply::Refused);
    output.write_all(&serde_json::to_vec(&reply)?)?;
    output.flush()
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reply {
    Stripped(Stripped),
    Scanned(Scanned),
    Refused(SyntaxError),
}

/// Children at once; more would only share the processors.
const CHILDREN_MAX: usize = 2;
/// Wall time for one module; ordinary ones take milliseconds.
const DEADLINE: Duration = Duration::from_secs(5);
/// A reply holds the JavaScript and a map with the source in it, as JSON.
const REPLY_BYTES_PER_SOURCE_BYTE: u64 = 32;
const REPLY_BYTES_BASE: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, deadline_ms: u64) -> Stripper {
        let arguments = vec!["-c".to_owned(), script.to_owned()];
        Stripper::with_child("/bin/sh".into(), arguments, Duration::from_millis(deadline_ms))
    }

    fn served(name: &str, source: &str) -> String {
        let request =
            serde_json::to_vec(&Request { task: Task::Strip, name: name.to_owned(), source: source.to_owned() })
                .unwrap();
        let mut reply = Vec::new();
        serve_one(&request[..], &mut reply).unwrap();
        String::from_utf8(reply).unwrap()
    }

    /// Lets a shell play the child with the replies that the real one gives.
    #[tokio::test]
    async fn replies_of_the_child_reach_the_caller() {
        let reply = served("a.ts", "let a: number = 1;");
        let stripper = shell(&format!("cat >/dev/null; printf %s '{reply}'"), 60_000);
        assert_eq!(stripper.strip("a.ts", "ignored").await.unwrap().source.trim(), "let a = 1;");
        let reply = served("a.ts", "let = = 1");
        let stripper = shell(&format!("cat >/dev/null; printf %s '{reply}'"), 60_000);
        assert!(matches!(stripper.strip("a.ts", "ignored").await, Err(StripError::Syntax(_))));
    }

    /// A child that crashes and one that never answers cost their own source only; a large source to a child that
    /// does not read does not block either.
    #[tokio::test]
    async fn a_source_that_breaks_the_parser_is_refused() {
        let large = "x".repeat(1 << 20);
        for stripper in [shell("kill -SEGV $$", 60_000), shell("exec sleep 600", 200)] {
            let refused = stripper.strip("a.ts", &large).await;
            assert!(matches!(refused, Err(StripError::TooHard { .. })), "{refused:?}");
            assert_eq!(stripper.places.available_permits(), CHILDREN_MAX);
        }
    }

    /// No such program is our fault, not the tenant's.
    #[tokio::test]
    async fn a_missing_program_is_our_fault() {
        let stripper = Stripper::with_child("/nowhere/eyot".into(), Vec::new(), DEADLINE);
        assert!(matches!(stripper.strip("a.ts", "").await, Err(StripError::Child(_))));
    }
}
