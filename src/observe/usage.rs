//! What scripts have used since the sums were last taken: exact, and cheap to add to.
//!
//! Holds one set of sums a script; who keeps them on disk takes all of them now and then. Knows nothing of databases.

use std::hash::BuildHasher as _;
use std::ops::AddAssign;

use parking_lot::Mutex;
use serde::Serialize;

use crate::ids::{NameHasher, NameMap, ScriptName, TenantId};

/// Sums of what was used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Requests, ticks and invocations that reached the script, however they ended.
    pub requests: u64,
    /// CPU time, in microseconds.
    pub cpu_us: u64,
    /// Wall time from the start in the isolate to the end of `waitUntil` work, in microseconds.
    pub wall_us: u64,
    /// Wall time times the isolate's memory cap, in mebibyte microseconds.
    pub mib_us: u64,
    /// Keys read from KV.
    pub kv_reads: u64,
    /// Keys written to KV.
    pub kv_writes: u64,
    /// Keys deleted from KV.
    pub kv_deletes: u64,
    /// Pages of keys listed.
    pub kv_lists: u64,
    /// Bytes of request bodies.
    pub bytes_in: u64,
    /// Bytes of response bodies.
    pub bytes_out: u64,
}

impl AddAssign for Usage {
    fn add_assign(&mut self, more: Self) {
        self.requests += more.requests;
        self.cpu_us += more.cpu_us;
        self.wall_us += more.wall_us;
        self.mib_us += more.mib_us;
        self.kv_reads += more.kv_reads;
        self.kv_writes += more.kv_writes;
        self.kv_deletes += more.kv_deletes;
        self.kv_lists += more.kv_lists;
        self.bytes_in += more.bytes_in;
        self.bytes_out += more.bytes_out;
    }
}

/// Sums by script, in parts so that threads seldom meet.
#[derive(Debug)]
pub struct Tally {
    hasher: NameHasher,
    parts: Box<[Mutex<Sums>]>,
}

type Sums = NameMap<(TenantId, ScriptName), Usage>;

impl Default for Tally {
    fn default() -> Self {
        Self { hasher: NameHasher::default(), parts: (0..PARTS).map(|_| Mutex::default()).collect() }
    }
}

impl Tally {
    /// Adds to the sums of a script.
    pub fn add(&self, tenant: &TenantId, script: &ScriptName, used: Usage) {
        let part = usize::try_from(self.hasher.hash_one(tenant) % PARTS as u64).unwrap_or(0);
        // Both keys are counted references: a clone copies no text.
        *self.parts[part].lock().entry((tenant.clone(), script.clone())).or_default() += used;
    }

    /// Takes all sums; what could not be kept is to be added again.
    #[must_use]
    pub fn take(&self) -> Vec<(TenantId, ScriptName, Usage)> {
        let taken = self.parts.iter().flat_map(|part| std::mem::take(&mut *part.lock()));
        taken.map(|((tenant, script), used)| (tenant, script, used)).collect()
    }
}

/// More than there are processors.
const PARTS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    /// Adds from four threads while a fifth takes.
    #[test]
    fn nothing_is_lost_between_adding_and_taking() {
        let tally = Tally::default();
        let tenants: Vec<TenantId> = (0..8).map(|_| TenantId::generate()).collect();
        let script: ScriptName = "a".parse().expect("a name");
        let one = Usage { requests: 1, bytes_in: 3, ..Usage::default() };
        let mut taken = Usage::default();
        std::thread::scope(|scope| {
            let adders: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..10_000).for_each(|at| tally.add(&tenants[at % 8], &script, one))))
                .collect();
            while adders.iter().any(|adder| !adder.is_finished()) {
                tally.take().into_iter().for_each(|(_, _, used)| taken += used);
            }
        });
        tally.take().into_iter().for_each(|(_, _, used)| taken += used);
        assert_eq!((taken.requests, taken.bytes_in), (40_000, 120_000));
        assert!(tally.take().is_empty());
    }
}
