//! Crews: the threads that serve the lines.
//!
//! A thin shell around [`Lines`]: threads sleep until a namespace has a turn, serve it, and end the turn even when
//! serving panics. Closing lets what waits be served, refuses what comes after, and joins the threads.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

use super::error::KvError;
use super::lines::Lines;
use crate::ids::{NamespaceId, TenantId};
use crate::limits::{SHORT, ThreadId, set_slice};

/// Something that waits in a line with somebody waiting for its answer.
pub(super) trait Job: Send + 'static {
    /// Answers with an error instead of doing it.
    fn refuse(self, error: KvError);
}

/// Where jobs are handed in. Clones share the same lines.
#[derive(Debug)]
pub(super) struct Queue<J> {
    shared: Arc<Shared<J>>,
}

/// Threads that serve a queue, and the owner of both.
#[derive(Debug)]
pub(super) struct Crew<J> {
    queue: Queue<J>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared<J> {
    state: Mutex<State<J>>,
    work: Condvar,
}

#[derive(Debug)]
struct State<J> {
    lines: Lines<J>,
    closed: bool,
}

impl<J: Job> Crew<J> {
    /// Starts `threads` threads that call `serve` with the jobs of one namespace at a time.
    pub(super) fn start(
        name: &str,
        threads: usize,
        lines: Lines<J>,
        serve: impl Fn(&NamespaceId, Vec<J>) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let state = Mutex::new(State { lines, closed: false });
        let queue = Queue { shared: Arc::new(Shared { state, work: Condvar::new() }) };
        let crew = Self { queue, threads: Mutex::new(Vec::new()) };
        let serve = Arc::new(serve);
        for number in 0..threads {
            let (shared, serve) = (crew.queue.shared.clone(), serve.clone());
            // When this fails, dropping the crew ends the threads that did start.
            let thread = thread::Builder::new().name(format!("{name}-{number}")).spawn(move || shared.run(&*serve))?;
            crew.threads.lock().push(thread);
        }
        Ok(crew)
    }

    /// Where to hand jobs in.
    pub(super) fn queue(&self) -> &Queue<J> {
        &self.queue
    }
}

impl<J> Crew<J> {
    /// Refuses new jobs, waits until the waiting ones are served, and ends the threads. Blocks.
    pub(super) fn close(&self) {
        self.queue.shared.state.lock().closed = true;
        self.queue.shared.work.notify_all();
        let threads = std::mem::take(&mut *self.threads.lock());
        for thread in threads {
            // A panic that got past the turn's edge has been reported by the panic hook.
            let _ = thread.join();
        }
    }
}

impl<J> Drop for Crew<J> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<J: Job> Queue<J> {
    /// Puts a job into its namespace's line. `bytes` is what it is going to write.
    pub(super) fn join(
        &self,
        owner: Option<&TenantId>,
        namespace: &NamespaceId,
        job: J,
        bytes: u64,
    ) -> Result<(), KvError> {
        let mut state = self.shared.state.lock();
        if state.closed {
            return Err(KvError::Closed);
        }
        state
            .lines
            .join(owner, namespace, job, bytes, Instant::now())
            .map_err(|full| KvError::Overloaded { namespace: namespace.clone(), waiting: full.waiting })?;
        let has_turn = state.lines.has_turn();
        drop(state);
        // Behind a turn in use it waits for the thread that has it; to wake another one for nothing costs two switches.
        if has_turn {
            self.shared.work.notify_one();
        }
        Ok(())
    }
}

impl<J> Clone for Queue<J> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<J: Job> Shared<J> {
    fn run(&self, serve: &dyn Fn(&NamespaceId, Vec<J>)) {
        // What these threads compute is short, and many wait for its end. Slots' slices are as short: those that are
        // answered one after the other do not each take the processor from here.
        set_slice(ThreadId::of_this_thread(), SHORT);
        while let Some(turn) = self.wait_for_turn() {
            let lane = Lane { shared: self, namespace: turn.namespace };
            for job in turn.stale {
                job.refuse(KvError::Overloaded { namespace: lane.namespace.clone(), waiting: 0 });
            }
            if turn.jobs.is_empty() {
                continue;
            }
            // A panic is a bug and costs this turn: its callers see their answers dropped, the thread goes on.
            let served = catch_unwind(AssertUnwindSafe(|| serve(&lane.namespace, turn.jobs)));
            if served.is_err() {
                tracing::error!(namespace = %lane.namespace, "kv thread panicked while serving a namespace");
            }
        }
    }

    /// The next turn; `None` when the crew is closed and nothing is left to this thread.
    fn wait_for_turn(&self) -> Option<super::lines::Turn<J>> {
        let mut state = self.state.lock();
        loop {
            if let Some(turn) = state.lines.next_turn(Instant::now()) {
                if state.lines.has_turn() {
                    self.work.notify_one();
                }
                return Some(turn);
            }
            if state.closed {
                // What still waits is behind a lane in use, and the thread that uses it comes back here.
                return None;
            }
            self.work.wait(&mut state);
        }
    }
}

/// A lane in use, ended on drop.
struct Lane<'a, J> {
    shared: &'a Shared<J>,
    namespace: NamespaceId,
}

impl<J> Drop for Lane<'_, J> {
    fn drop(&mut self) {
        // The thread looks for its next turn at once and wakes another one if there are more.
        self.shared.state.lock().lines.end_turn(&self.namespace);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};
    use std::time::Duration;

    use super::super::lines::{Bounds, Turns};
    use super::*;

    enum TestJob {
        Answer(u32, Sender<Result<u32, KvError>>),
        Panic,
    }

    impl Job for TestJob {
        fn refuse(self, error: KvError) {
            if let Self::Answer(_, done) = self {
                done.send(Err(error)).expect("the test waits");
            }
        }
    }

    fn crew(threads: usize, wait_max: Duration) -> Crew<TestJob> {
        let bounds = Bounds {
            jobs_max: 1_000,
            jobs_per_namespace_max: 1_000,
            bytes_max: 1_000,
            bytes_per_namespace_max: 1_000,
            wait_max,
        };
        let lines = Lines::new(bounds, Turns { lanes: 1, jobs_max: 4, bytes_max: 1_000 });
        Crew::start("test", threads, lines, |_, jobs| {
            for job in jobs {
                match job {
                    TestJob::Answer(value, done) => done.send(Ok(value)).expect("the test waits"),
                    TestJob::Panic => std::panic::resume_unwind(Box::new("a bug")),
                }
            }
        })
        .expect("starts")
    }

    /// A panicking job's namespace and thread serve the next job.
    #[test]
    fn a_panic_costs_its_turn_only() {
        let crew = crew(1, Duration::MAX);
        let namespace = NamespaceId::generate();
        let (done, answer) = channel();
        crew.queue().join(None, &namespace, TestJob::Panic, 0).expect("room");
        for value in 0..20 {
            crew.queue().join(None, &namespace, TestJob::Answer(value, done.clone()), 0).expect("room");
        }
        drop(done);
        let last = answer.iter().last().expect("an answer").expect("no error");
        assert_eq!(last, 19);
    }

    /// Closes with jobs waiting in many lines.
    #[test]
    fn closing_serves_what_waits_and_refuses_what_comes_after() {
        let crew = crew(3, Duration::MAX);
        let (done, answer) = channel();
        let namespaces: Vec<_> = (0..10).map(|_| NamespaceId::generate()).collect();
        for value in 0..200 {
            let namespace = &namespaces[value as usize % namespaces.len()];
            crew.queue().join(None, namespace, TestJob::Answer(value, done.clone()), 0).expect("room");
        }
        crew.close();
        drop(done);
        assert_eq!(answer.iter().filter(Result::is_ok).count(), 200);
        let refused = crew.queue().join(None, &namespaces[0], TestJob::Panic, 0);
        assert!(matches!(refused, Err(KvError::Closed)));
    }

    /// Nothing may wait at all, so every job comes too late.
    #[test]
    fn a_stale_job_is_refused_as_overload() {
        let crew = crew(1, Duration::ZERO);
        let (done, answer) = channel();
        crew.queue().join(None, &NamespaceId::generate(), TestJob::Answer(0, done), 0).expect("room");
        assert!(matches!(answer.recv().expect("an answer"), Err(KvError::Overloaded { .. })));
    }
}
