//! The builder's children: started when there is an order, and one a little ahead.
//!
//! To start a child and to make its runtime takes half of the time of a small upload, and no order changes anything about it. So after
//! an upload one is kept that has done that: who deploys often does so again. It has run none of a tenant's code, gets one order, and
//! ends with it.

use std::io;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{self, ChildStdin, Command};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::protocol::Preface;

/// Starts children; clones share the one that waits.
#[derive(Clone)]
pub(super) struct Children {
    program: PathBuf,
    used: Arc<watch::Sender<Option<Preface>>>,
    waiting: Arc<Mutex<Option<Child>>>,
}

/// A child without an order. Dropping it kills the process.
pub(super) struct Child {
    preface: Preface,
    process: process::Child,
    stdin: ChildStdin,
}

impl Children {
    /// Children that run this program, which is our own: V8 cannot be forked, so each is a fresh process.
    #[must_use]
    pub(super) fn of(program: PathBuf) -> Self {
        Self { program, used: Arc::default(), waiting: Arc::default() }
    }

    /// One for an order with this preface.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub(super) async fn for_order(&self, preface: Preface) -> io::Result<Child> {
        let waiting = self.waiting.lock().take_if(|child| child.preface == preface);
        if let Some(mut child) = waiting
            && matches!(child.process.try_wait(), Ok(None))
        {
            return Ok(child);
        }
        self.start(preface).await
    }

    /// An upload was built: another one may follow.
    pub(super) fn used(&self, preface: Preface) {
        self.used.send_replace(Some(preface));
    }

    /// After an upload has one wait for the next, for a while, until `stop`.
    pub(super) async fn keep_one(&self, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.keep() => {}
        }
        self.end_waiting().await;
    }

    async fn keep(&self) {
        let mut used = self.used.subscribe();
        while used.changed().await.is_ok() {
            while let Some(preface) = latest(&mut used) {
                // What was built is about to be asked for the first time.
                tokio::time::sleep(READY_AFTER).await;
                if self.waiting.lock().as_ref().is_none_or(|child| child.preface != preface) {
                    match self.start(preface).await {
                        Ok(child) => *self.waiting.lock() = Some(child),
                        Err(error) => tracing::warn!(%error, "failed to start a snapshot builder ahead"),
                    }
                }
                if !matches!(tokio::time::timeout(READY_FOR, used.changed()).await, Ok(Ok(()))) {
                    break;
                }
            }
            self.end_waiting().await;
        }
    }

    async fn end_waiting(&self) {
        let child = self.waiting.lock().take();
        if let Some(mut child) = child
            && let Err(error) = child.process.kill().await
        {
            tracing::warn!(%error, "failed to end a snapshot builder");
        }
    }

    async fn start(&self, preface: Preface) -> io::Result<Child> {
        let mut process = Command::new(&self.program)
            .arg(CHILD_ARGUMENT)
            .env_clear()
            .env("GLIBC_TUNABLES", MALLOC)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdin = process.stdin.take().ok_or_else(|| io::Error::other("the child has no pipes"))?;
        let mut child = Child { preface, process, stdin };
        let mut line = serde_json::to_vec(&preface)?;
        line.push(b'\n');
        // A child that has died by now says so by its status.
        let _ = child.stdin.write_all(&line).await;
        Ok(child)
    }
}

impl Child {
    /// Gives it its order and waits for its end; none when that takes longer than `wall`. Dropping the future kills it.
    ///
    /// # Errors
    /// When its end cannot be read.
    pub(super) async fn carry_out(self, order: &[u8], wall: Duration) -> io::Result<Option<Output>> {
        let Self { process, mut stdin, .. } = self;
        let feed = async move {
            // A child that dies before it has read everything says so by its status.
            let _ = stdin.write_all(order).await;
            drop(stdin);
        };
        let ended = tokio::time::timeout(wall, async { tokio::join!(feed, process.wait_with_output()).1 });
        ended.await.ok().transpose()
    }
}

/// Copies what is there: a borrow of it must not last.
fn latest(used: &mut watch::Receiver<Option<Preface>>) -> Option<Preface> {
    *used.borrow_and_update()
}

/// The hidden argument that makes our executable the child.
pub const CHILD_ARGUMENT: &str = "snapshot-builder";

/// The C library's heap in the child, which touches some fifty MiB in a fraction of a second: large pages, and nothing given back before
/// it ends. A sixth of a large upload's CPU was the kernel handing out small ones.
const MALLOC: &str = "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=33554432:\
                      glibc.malloc.trim_threshold=268435456:glibc.malloc.top_pad=4194304";

/// When the next child is started, after an upload.
const READY_AFTER: Duration = Duration::from_secs(1);

/// How long it waits. It takes some 45 MiB meanwhile.
const READY_FOR: Duration = Duration::from_secs(300);
