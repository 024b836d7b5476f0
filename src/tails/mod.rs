//! Live tails: who watches which script, and what each of them is told.
//!
//! A tail is made by the admin API for one script of one tenant and hears of that script alone. Nothing is kept for those
//! that are not connected, and a script nobody watches costs one look at a counter for each run. Queues are bounded: who
//! reads too slowly loses items and is told how many. Knows nothing of HTTP; lives in memory only.

mod filter;
mod item;
mod queue;
mod secret;

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::RwLock;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::deployment::Deployment;
use crate::ids::{ScriptName, TailId, TenantId};
use crate::isolate::Trace;

pub use filter::{FilterError, Filters};
pub use item::left_out;
pub use queue::{Next, Queue};
pub use secret::TailSecret;

/// Every tail of the node.
#[derive(Debug, Default)]
pub struct Tails {
    /// Tails that somebody is connected to.
    connected: AtomicUsize,
    by_tenant: RwLock<HashMap<TenantId, Vec<Arc<Tail>>>>,
    /// The connections' tasks.
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// One of them.
#[derive(Debug)]
pub struct Tail {
    /// Its id.
    pub id: TailId,
    /// What whoever connects has to know.
    pub secret: TailSecret,
    /// Whose script it watches.
    pub tenant: TenantId,
    /// Which one.
    pub script: ScriptName,
    /// When it ends, if nobody ends it before.
    pub expires_at: Instant,
    /// The token it was made with, which it ends with; none when that was the operator's.
    token: Option<String>,
    filters: Filters,
    made_at: Instant,
    connected: AtomicBool,
    queue: Queue,
    ended: CancellationToken,
}

/// Who makes a tail.
#[derive(Debug, Default)]
pub struct Maker {
    /// By which token; none for the operator's.
    pub token: Option<String>,
    /// When that token expires.
    pub good_until: Option<Instant>,
}

/// A connection to a tail; the tail hears of nothing once this is dropped.
#[derive(Debug)]
pub struct Feed {
    tails: Arc<Tails>,
    tail: Arc<Tail>,
}

/// Why there is no tail, or no connection to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TailError {
    /// The script has as many as it may have, or the tenant, or the node.
    #[error("start a tail: {0} have as many as they may; close one")]
    TooMany(&'static str),
    /// There is none of this id and secret.
    #[error("find the tail")]
    NotFound,
    /// Somebody is connected already.
    #[error("connect to the tail: somebody is")]
    Connected,
}

impl Tails {
    /// Makes a tail. Those that nobody has connected to for long make room for it.
    ///
    /// # Errors
    /// [`TailError::TooMany`].
    pub fn create(
        &self,
        tenant: &TenantId,
        script: &ScriptName,
        filters: Filters,
        maker: Maker,
        now: Instant,
    ) -> Result<Arc<Tail>, TailError> {
        let mut by_tenant = self.by_tenant.write();
        by_tenant.retain(|_, tails| {
            tails.retain(|tail| tail.is_wanted(now));
            !tails.is_empty()
        });
        let on_node: usize = by_tenant.values().map(Vec::len).sum();
        let of_tenant = by_tenant.entry(tenant.clone()).or_default();
        let of_script = of_tenant.iter().filter(|tail| tail.script == *script).count();
        let full = [
            (of_script >= SCRIPT_TAILS_MAX, "those of the script"),
            (of_tenant.len() >= TENANT_TAILS_MAX, "those of the account"),
            (on_node >= NODE_TAILS_MAX, "those of the node"),
        ];
        if let Some((_, whose)) = full.into_iter().find(|(is_full, _)| *is_full) {
            if of_tenant.is_empty() {
                by_tenant.remove(tenant);
            }
            return Err(TailError::TooMany(whose));
        }
        let tail = Arc::new(Tail {
            id: TailId::generate(),
            secret: TailSecret::generate(),
            tenant: tenant.clone(),
            script: script.clone(),
            expires_at: maker.good_until.map_or(now + LIFE, |until| until.min(now + LIFE)),
            token: maker.token,
            filters,
            made_at: now,
            connected: AtomicBool::new(false),
            queue: Queue::default(),
            ended: self.stop.child_token(),
        });
        of_tenant.push(Arc::clone(&tail));
        Ok(tail)
    }

    /// The tails of a script.
    #[must_use]
    pub fn of_script(&self, tenant: &TenantId, script: &ScriptName, now: Instant) -> Vec<Arc<Tail>> {
        let by_tenant = self.by_tenant.read();
        let tails = by_tenant.get(tenant).into_iter().flatten();
        tails.filter(|tail| tail.script == *script && tail.is_wanted(now)).cloned().collect()
    }

    /// Ends a tail; whether there was one.
    pub fn end(&self, tenant: &TenantId, script: &ScriptName, id: &TailId) -> bool {
        self.end_those(tenant, |tail| tail.script == *script && tail.id == *id)
    }

    /// Ends every tail of a script that goes, or of a tenant that goes with all of them.
    pub fn end_all(&self, tenant: &TenantId, script: Option<&ScriptName>) {
        self.end_those(tenant, |tail| script.is_none_or(|script| tail.script == *script));
    }

    /// Ends every tail that was made with a token of this tenant that is gone.
    pub fn end_of_token(&self, tenant: &TenantId, token: &str) {
        self.end_those(tenant, |tail| tail.token.as_deref() == Some(token));
    }

    /// Connects to a tail.
    ///
    /// # Errors
    /// `NotFound`, `Connected`.
    pub fn connect(self: &Arc<Self>, id: &TailId, secret: &TailSecret, now: Instant) -> Result<Feed, TailError> {
        let found = {
            let by_tenant = self.by_tenant.read();
            by_tenant.values().flatten().find(|tail| tail.id == *id).cloned()
        };
        let tail = found.filter(|tail| tail.secret.is(secret) && tail.is_wanted(now)).ok_or(TailError::NotFound)?;
        if tail.connected.swap(true, Ordering::SeqCst) {
            return Err(TailError::Connected);
        }
        self.connected.fetch_add(1, Ordering::SeqCst);
        Ok(Feed { tails: Arc::clone(self), tail })
    }

    /// Whether anybody watches this script.
    #[must_use]
    pub fn is_watched(&self, deployment: &Deployment) -> bool {
        self.connected.load(Ordering::Relaxed) > 0
            && self
                .by_tenant
                .read()
                .get(&deployment.tenant)
                .is_some_and(|tails| tails.iter().any(|tail| tail.is_watching(deployment)))
    }

    /// Tells of a run to everybody who watches its script and has asked for the like of it.
    pub fn deliver(&self, deployment: &Deployment, trace: &Trace) {
        let mut tails = self.watching(deployment);
        tails.retain(|tail| tail.filters.take(deployment, trace));
        if tails.is_empty() {
            return;
        }
        let text: Arc<str> = item::of(deployment, trace).into();
        for tail in tails {
            tail.queue.push(Arc::clone(&text));
        }
    }

    /// Runs a connection's task.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Ends every tail, and waits for the connections to be closed.
    pub async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Whether the node ends, and every tail with it.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.stop.is_cancelled()
    }

    fn watching(&self, deployment: &Deployment) -> Vec<Arc<Tail>> {
        let by_tenant = self.by_tenant.read();
        let tails = by_tenant.get(&deployment.tenant).into_iter().flatten();
        tails.filter(|tail| tail.is_watching(deployment)).cloned().collect()
    }

    fn end_those(&self, tenant: &TenantId, is_one: impl Fn(&Tail) -> bool) -> bool {
        let mut by_tenant = self.by_tenant.write();
        let Some(tails) = by_tenant.get_mut(tenant) else { return false };
        let before = tails.len();
        tails.retain(|tail| {
            let goes = is_one(tail);
            if goes {
                tail.ended.cancel();
            }
            !goes
        });
        let ended = tails.len() < before;
        if tails.is_empty() {
            by_tenant.remove(tenant);
        }
        ended
    }
}

impl Tail {
    fn is_watching(&self, deployment: &Deployment) -> bool {
        self.script == deployment.script && self.connected.load(Ordering::Relaxed)
    }

    /// Not expired, and connected or young.
    fn is_wanted(&self, now: Instant) -> bool {
        let is_young = now.saturating_duration_since(self.made_at) < CONNECTED_WITHIN;
        now < self.expires_at && (is_young || self.connected.load(Ordering::SeqCst))
    }

    /// Resolves when it was ended, with the node or alone.
    pub async fn ended(&self) {
        self.ended.cancelled().await;
    }
}

impl Feed {
    /// The tail.
    #[must_use]
    pub fn tail(&self) -> &Tail {
        &self.tail
    }

    /// What comes next.
    pub async fn next(&self) -> Next {
        self.tail.queue.next().await
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.tails.connected.fetch_sub(1, Ordering::SeqCst);
        let Tail { tenant, script, id, .. } = &*self.tail;
        // A tail is good for one connection: what came between two would be missing unseen.
        self.tails.end(tenant, script, id);
    }
}

/// How long a tail lives; clients make another one then, with a token that must still be good.
const LIFE: Duration = Duration::from_secs(3_600);

/// How long a tail waits for its client.
const CONNECTED_WITHIN: Duration = Duration::from_secs(60);

/// Tails of one script: Cloudflare's number.
const SCRIPT_TAILS_MAX: usize = 10;

/// Tails of one tenant.
const TENANT_TAILS_MAX: usize = 50;

/// Tails of the node: with full queues they hold 250 MiB.
const NODE_TAILS_MAX: usize = 500;
