//! The back office: threads for the admin API and for what a node does beside serving.
//!
//! The data plane's threads have nothing to do that takes a millisecond; one that did would keep everybody's bytes waiting,
//! because whoever runs a task does not look at the sockets meanwhile. An upload is parsed, hashed and stored here, by threads
//! with longer time slices than those have.

use std::future::Future;
use std::io;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinSet;

use crate::limits::{LONG, ThreadId, set_slice};

/// The runtime beside the data plane's. Ends with this, and with it what runs there.
pub(super) struct BackOffice {
    runtime: Option<Runtime>,
    kept_on: JoinSet<()>,
}

impl BackOffice {
    /// Starts its threads.
    ///
    /// # Errors
    /// When they cannot be started.
    pub(super) fn open() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("eyot-office")
            .on_thread_start(|| set_slice(ThreadId::of_this_thread(), LONG))
            .enable_all()
            .build()?;
        Ok(Self { runtime: Some(runtime), kept_on: JoinSet::new() })
    }

    /// Runs something here until [`BackOffice::stop`].
    pub(super) fn keep_on(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        let handle = self.handle().clone();
        self.kept_on.spawn_on(task, &handle);
    }

    /// Ends what was kept on, wherever it is.
    pub(super) async fn stop(&mut self) {
        self.kept_on.shutdown().await;
    }

    /// Runs a future here; whoever waits for its end may be elsewhere.
    pub(super) fn run<F>(&self, future: F) -> impl Future<Output = F::Output> + use<F>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let task = self.handle().spawn(future);
        async move {
            match task.await {
                Ok(output) => output,
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    // The runtime has ended, and with it everything that could still be answered.
                    Err(_) => std::future::pending().await,
                },
            }
        }
    }

    fn handle(&self) -> &Handle {
        self.runtime.as_ref().expect("there until it is dropped").handle()
    }
}

impl Drop for BackOffice {
    fn drop(&mut self) {
        // Waiting for its threads is not for a thread of the other runtime; they hold nothing that must be put down in order.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Calls of the admin API rarely compute; two that do still leave uploads and metrics their turn.
const WORKERS: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs something there from another runtime, and drops it in that one.
    #[tokio::test]
    async fn what_runs_there_is_waited_for_here() {
        let office = BackOffice::open().expect("opens");
        let name = office.run(async { std::thread::current().name().map(str::to_owned) }).await;
        assert_eq!(name.as_deref(), Some("eyot-office"));
        drop(office);
    }
}
