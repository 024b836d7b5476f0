//! Rates by key: how often each key of a tenant's choosing was counted in its present period.
//!
//! What rate limiter bindings stand on. Counts are of this node and kept in memory only. Bounded: a limiter remembers so
//! many keys and then forgets the oldest, a tenant has so many limiters and then loses the one it used longest ago. Keys
//! are kept as hashes under a seed of the process, so their length costs nothing and nobody can aim at another key's.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Every tenant's limiters.
#[derive(Debug, Default)]
pub struct KeyedRates {
    seed: RandomState,
    tenants: Mutex<HashMap<u64, Vec<Limiter>>>,
}

#[derive(Debug)]
struct Limiter {
    id: u64,
    period: Duration,
    used_at: Instant,
    counts: HashMap<u64, u32>,
    /// Keys by the beginning of their period, oldest first; each key is here once.
    begun: VecDeque<(Instant, u64)>,
}

impl KeyedRates {
    /// Counts `key` once; false when it has been counted `limit` times in this period already.
    pub fn count(&self, tenant: &str, limiter: &str, key: &str, limit: u32, period: Duration, now: Instant) -> bool {
        let (tenant, id, key) = (self.seed.hash_one(tenant), self.seed.hash_one(limiter), self.seed.hash_one(key));
        let mut tenants = self.tenants.lock();
        let limiters = tenants.entry(tenant).or_default();
        let at = match limiters.iter().position(|limiter| limiter.id == id && limiter.period == period) {
            Some(at) => at,
            None => {
                if limiters.len() >= LIMITERS_MAX
                    && let Some(oldest) = (0..limiters.len()).min_by_key(|at| limiters[*at].used_at)
                {
                    limiters.swap_remove(oldest);
                }
                limiters.push(Limiter { id, period, used_at: now, counts: HashMap::new(), begun: VecDeque::new() });
                limiters.len() - 1
            }
        };
        limiters[at].count(key, limit, now)
    }

    /// Forgets what has expired. Call now and then.
    pub fn sweep(&self, now: Instant) {
        self.tenants.lock().retain(|_, limiters| {
            limiters.retain_mut(|limiter| {
                limiter.expire(now);
                !limiter.begun.is_empty()
            });
            !limiters.is_empty()
        });
    }
}

impl Limiter {
    fn count(&mut self, key: u64, limit: u32, now: Instant) -> bool {
        self.used_at = now;
        self.expire(now);
        if let Some(count) = self.counts.get_mut(&key) {
            *count = count.saturating_add(1);
            return *count <= limit;
        }
        if self.begun.len() >= KEYS_MAX
            && let Some((_, oldest)) = self.begun.pop_front()
        {
            self.counts.remove(&oldest);
        }
        self.counts.insert(key, 1);
        self.begun.push_back((now, key));
        limit > 0
    }

    fn expire(&mut self, now: Instant) {
        while let Some((began, key)) = self.begun.front()
            && now.saturating_duration_since(*began) >= self.period
        {
            self.counts.remove(key);
            self.begun.pop_front();
        }
    }
}

/// Keys one limiter remembers, about half a MiB of them.
const KEYS_MAX: usize = 10_000;

/// Limiters of one tenant.
const LIMITERS_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_secs(10);

    /// Counts one key to its limit, another beside it, another tenant's, and the first again in the next period.
    #[test]
    fn a_key_passes_as_often_as_its_limit_in_each_period() {
        let rates = KeyedRates::default();
        let start = Instant::now();
        let count = |tenant: &str, key: &str, now| rates.count(tenant, "1", key, 3, PERIOD, now);
        assert_eq!((0..5).filter(|_| count("a", "k", start)).count(), 3);
        assert!(count("a", "other", start) && count("b", "k", start));
        assert!(!count("a", "k", start + PERIOD - Duration::from_millis(1)));
        assert!(count("a", "k", start + PERIOD));
    }

    /// Counts far more keys and limiters than are remembered, then lets all expire.
    #[test]
    fn what_is_remembered_is_bounded_and_forgotten_in_time() {
        let rates = KeyedRates::default();
        let now = Instant::now();
        for at in 0..3 * KEYS_MAX {
            assert!(rates.count("a", "1", &at.to_string(), 1, PERIOD, now));
        }
        for at in 0..3 * LIMITERS_MAX {
            rates.count("a", &at.to_string(), "k", 1, PERIOD, now);
        }
        {
            let tenants = rates.tenants.lock();
            let limiters = tenants.values().next().expect("one tenant");
            assert!(limiters.len() <= LIMITERS_MAX);
            assert!(limiters.iter().all(|limiter| limiter.counts.len() <= KEYS_MAX));
        }
        rates.sweep(now + PERIOD);
        assert!(rates.tenants.lock().is_empty());
    }
}
