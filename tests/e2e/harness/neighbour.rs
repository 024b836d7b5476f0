//! The tenant next door: asks its own script all the while and tells whether anybody disturbed it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use eyot::limits::{SHORT, ThreadId, set_slice};
use tokio::sync::oneshot;

use super::{Node, PATIENCE, Tenant, Upload, until};

/// A neighbour at work.
pub(crate) struct Neighbour {
    node: Arc<Node>,
    watched: Arc<Watched>,
    ended: oneshot::Receiver<()>,
}

#[derive(Default)]
struct Watched {
    stop: AtomicBool,
    answered: AtomicU64,
    disturbed: parking_lot::Mutex<Vec<String>>,
    latencies: parking_lot::Mutex<Vec<Duration>>,
}

/// How fast the neighbour was answered for a while.
pub(crate) struct Latencies(Vec<Duration>);

impl Neighbour {
    /// Makes a second tenant with a script that answers at once, and starts asking it, on a thread that comes first: the
    /// client of a real one is on another machine.
    pub(crate) async fn start(node: &Arc<Node>) -> Self {
        let tenant = Tenant::create(node, "neighbour").await;
        tenant.deploy("calm", Upload::of(CALM)).await;
        let watched = Arc::new(Watched::default());
        let (asked_on, (ending, ended)) = (watched.clone(), oneshot::channel());
        let clients = tenant.moved_to(node);
        std::thread::spawn(move || {
            set_slice(ThreadId::of_this_thread(), SHORT);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(ask_on(clients, asked_on));
            // A test that has failed does not wait any more.
            let _ = ending.send(());
        });
        let neighbour = Self { node: node.clone(), watched, ended };
        neighbour.answers(1).await;
        neighbour
    }

    /// Waits for some more answers, stops, and asserts that every single one was right.
    pub(crate) async fn finish(mut self) {
        self.answers(ANSWERS_AFTER).await;
        self.watched.stop.store(true, Ordering::Relaxed);
        tokio::time::timeout(PATIENCE, &mut self.ended)
            .await
            .expect("the last request ends")
            .expect("its thread lives");
        let disturbed = self.watched.disturbed.lock();
        let answered = self.watched.answered.load(Ordering::Relaxed);
        assert!(disturbed.is_empty(), "{} of {answered} disturbed: {:?}", disturbed.len(), &disturbed[..1]);
    }

    /// How fast it was answered since the last call.
    pub(crate) fn take_latencies(&self) -> Latencies {
        Latencies(std::mem::take(&mut *self.watched.latencies.lock()))
    }

    /// Waits for so many more answers.
    pub(crate) async fn answers(&self, more: u64) {
        let wanted = self.watched.answered.load(Ordering::Relaxed) + more;
        until("the neighbour is answered", PATIENCE, async || {
            (self.watched.answered.load(Ordering::Relaxed) >= wanted).then_some(())
        })
        .await;
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        // Its thread keeps the node until its last request has ended.
        if std::thread::panicking() {
            self.node.tell();
        }
        self.watched.stop.store(true, Ordering::Relaxed);
    }
}

async fn ask_on(tenant: Tenant, watched: Arc<Watched>) {
    let mut pace = tokio::time::interval(PACE);
    while !watched.stop.load(Ordering::Relaxed) {
        pace.tick().await;
        let asked = tokio::time::Instant::now();
        let wrong = match tenant.fetch("calm", "/").await {
            Ok(response) if response.status() == 200 => match response.text().await {
                Ok(text) if text == "calm" => None,
                other => Some(format!("{other:?}")),
            },
            Ok(response) => Some(format!("{response:?}")),
            Err(error) => Some(format!("{error:?}")),
        };
        watched.answered.fetch_add(1, Ordering::Relaxed);
        watched.latencies.lock().push(asked.elapsed());
        let late = (asked.elapsed() > SLOW).then(|| format!("took {:?}", asked.elapsed()));
        watched.disturbed.lock().extend(wrong.or(late));
    }
}

impl Latencies {
    /// The latency in milliseconds that this many of a hundred answers stayed below.
    pub(crate) fn percentile_ms(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort();
        sorted.get(sorted.len() * percent / 100).map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} / {:.2}", self.percentile_ms(50), self.percentile_ms(99))
    }
}

const CALM: &str = "export default { fetch() { return new Response('calm'); } };";
const ANSWERS_AFTER: u64 = 10;

/// How often it is asked: a tenant that saturates a core is not what waits for its turn, and takes the core from the test.
const PACE: Duration = Duration::from_millis(5);

/// On two cores that also run every other test, slower than this is not scheduling but somebody's doing.
const SLOW: Duration = Duration::from_secs(20);
