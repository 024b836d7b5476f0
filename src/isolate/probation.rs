//! Probation: scripts that come after the others from their isolate's start on.
//!
//! A script whose isolate was ended for its CPU time is likely to spin again, and until its thread has computed for long
//! enough to step behind the others it takes their turns: the start of the next isolate and the first milliseconds of each
//! request, again and again. So the next isolate's thread begins behind, and steps up when it has entered a few times
//! without computing for long ([`crate::limits::Watched::begin_behind`]).

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::deployment::Deployment;
use crate::ids::{ScriptName, TenantId};

/// Who is on probation.
#[derive(Debug, Default)]
pub struct Probation {
    ended: Mutex<HashMap<(TenantId, ScriptName), Instant>>,
    // Read for every start: mostly there is nothing to look up.
    count: AtomicUsize,
}

impl Probation {
    /// An isolate of this script was ended for its CPU time.
    pub(super) fn ended(&self, deployment: &Deployment, now: Instant) {
        let mut ended = self.ended.lock();
        ended.insert((deployment.tenant.clone(), deployment.script.clone()), now);
        self.count.store(ended.len(), Ordering::Release);
    }

    /// Whether the next isolate of this script begins behind the others.
    #[must_use]
    pub(super) fn holds(&self, deployment: &Deployment, now: Instant) -> bool {
        if self.count.load(Ordering::Acquire) == 0 {
            return false;
        }
        let of = (deployment.tenant.clone(), deployment.script.clone());
        self.ended.lock().get(&of).is_some_and(|ended| counts(*ended, now))
    }

    /// Forgets what is too long ago. Call now and then.
    pub(super) fn sweep(&self, now: Instant) {
        let mut ended = self.ended.lock();
        ended.retain(|_, ended| counts(*ended, now));
        self.count.store(ended.len(), Ordering::Release);
    }
}

fn counts(ended: Instant, now: Instant) -> bool {
    now.saturating_duration_since(ended) < PROBATION
}

/// How long after the end of an isolate its script's next one begins behind.
const PROBATION: Duration = Duration::from_secs(60);
