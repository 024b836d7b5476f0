//! The sweep: expired entries, invisible already, are removed in the background.
//!
//! Every interval one thread visits some namespaces, in the order of their ids and going on where it stopped, and queues
//! bounded sweeps among their writes; what nobody reads any more is forgotten by the way. Writers also remove a few expired entries with each commit; this is for
//! namespaces that nobody writes to.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{io, mem};

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use super::crew::Queue;
use super::error::KvError;
use super::folder;
use super::recent::Recent;
use super::writes::WriteJob;
use crate::ids::NamespaceId;

/// How often and how much is swept.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    /// Time between two passes.
    pub(super) interval: Duration,
    /// Namespaces visited in one pass.
    pub(super) namespaces_max: usize,
}

/// The thread that sweeps.
#[derive(Debug)]
pub(super) struct Sweeper {
    stop: Arc<Stop>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Stop {
    asked: Mutex<bool>,
    changed: Condvar,
}

impl Sweeper {
    /// Starts sweeping the namespaces of `dir` through the writers' queue.
    pub(super) fn start(dir: PathBuf, writes: Queue<WriteJob>, recent: Arc<Recent>, pace: Pace) -> io::Result<Self> {
        let stop = Arc::new(Stop::default());
        let round = Round { dir, writes, recent, pace, last: None };
        let thread = thread::Builder::new().name("kv-sweep".to_owned()).spawn({
            let stop = stop.clone();
            move || stop.sweep_until_asked(round)
        })?;
        Ok(Self { stop, thread: Mutex::new(Some(thread)) })
    }

    /// Ends the thread after the sweep it is in. Blocks.
    pub(super) fn close(&self) {
        *self.stop.asked.lock() = true;
        self.stop.changed.notify_all();
        if let Some(thread) = mem::take(&mut *self.thread.lock()) {
            // A panic has been reported by the panic hook.
            let _ = thread.join();
        }
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.close();
    }
}

impl Stop {
    fn sweep_until_asked(&self, mut round: Round) {
        loop {
            let mut asked = self.asked.lock();
            if !*asked {
                self.changed.wait_for(&mut asked, round.pace.interval);
            }
            if *asked {
                return;
            }
            drop(asked);
            if let Err(error) = round.pass(|| *self.asked.lock()) {
                tracing::warn!(error = &error as &dyn std::error::Error, "kv sweep failed");
            }
        }
    }
}

/// The visit of all namespaces, a few per pass.
struct Round {
    dir: PathBuf,
    writes: Queue<WriteJob>,
    recent: Arc<Recent>,
    pace: Pace,
    /// The namespace that the last pass ended with.
    last: Option<NamespaceId>,
}

impl Round {
    fn pass(&mut self, asked_to_stop: impl Fn() -> bool) -> Result<(), KvError> {
        self.recent.forget_unread();
        let all = folder::namespaces(&self.dir).map_err(|error| KvError::files(&self.dir, error))?;
        for namespace in next_visits(&all, self.last.as_ref(), self.pace.namespaces_max) {
            self.last = Some(namespace.clone());
            for _ in 0..SWEEPS_PER_VISIT_MAX {
                if asked_to_stop() {
                    return Ok(());
                }
                match self.sweep(namespace) {
                    Ok(more) if more => {}
                    // Removed meanwhile, or busy with writes, which sweep by the way.
                    Ok(_) | Err(KvError::NamespaceNotFound { .. } | KvError::Overloaded { .. }) => break,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// One bounded sweep of a namespace; whether there is more to do.
    fn sweep(&self, namespace: &NamespaceId) -> Result<bool, KvError> {
        let (done, answer) = oneshot::channel();
        self.writes.join(None, namespace, WriteJob::Sweep(done), 0)?;
        let swept = answer.blocking_recv().unwrap_or(Err(KvError::Lost))?;
        Ok(swept.more)
    }
}

/// The namespaces to visit next: those behind the last visited, then from the start again, none twice.
fn next_visits<'a>(
    sorted: &'a [NamespaceId],
    last: Option<&NamespaceId>,
    visits_max: usize,
) -> impl Iterator<Item = &'a NamespaceId> + use<'a> {
    let start = last.map_or(0, |last| sorted.partition_point(|namespace| namespace <= last));
    sorted[start..].iter().chain(&sorted[..start]).take(visits_max)
}

/// Sweeps of one namespace in one pass.
const SWEEPS_PER_VISIT_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    /// Goes round three namespaces, two a pass, while one comes and one goes.
    #[test]
    fn every_namespace_is_visited_in_its_turn() {
        let id = |digit: char| digit.to_string().repeat(32).parse::<NamespaceId>().expect("an id");
        let visits = |sorted: &[NamespaceId], last: Option<char>, visits_max| {
            let last = last.map(id);
            next_visits(sorted, last.as_ref(), visits_max).cloned().collect::<Vec<_>>()
        };
        let three = ['a', 'b', 'c'].map(id);
        assert_eq!(visits(&three, None, 2), ['a', 'b'].map(id));
        assert_eq!(visits(&three, Some('b'), 2), ['c', 'a'].map(id));
        assert_eq!(visits(&three, Some('a'), 9), ['b', 'c', 'a'].map(id));
        assert_eq!(visits(&['a', 'c', 'd'].map(id), Some('b'), 2), ['c', 'd'].map(id), "b was removed");
        assert_eq!(visits(&[], Some('b'), 2), []);
    }
}
