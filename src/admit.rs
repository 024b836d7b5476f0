//! Admission: may this tenant run one more request now?
//!
//! Holds one token bucket and one in-flight count per tenant. Answers with a [`Permit`], given back on drop, or a
//! [`Refusal`] that says when to try again. Knows nothing of HTTP or V8.
//!
//! Invariant: the number of live permits of a tenant never passes the `concurrency_max` it was admitted under.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::ids::{NameMap, TenantId};
use crate::limits::{Limits, TokenBucket};

/// Every tenant's gate.
#[derive(Debug, Default)]
pub struct Admission {
    gates: Mutex<NameMap<TenantId, Arc<Mutex<Gate>>>>,
}

#[derive(Debug, Default)]
struct Gate {
    in_flight: u32,
    bucket: Option<TokenBucket>,
}

/// The right to run one request.
#[derive(Debug)]
pub struct Permit {
    gate: Arc<Mutex<Gate>>,
}

/// No right to run now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("admit request: {reason}")]
pub struct Refusal {
    /// Which limit.
    pub reason: Reason,
    /// When another try makes sense.
    pub retry_after: Duration,
}

/// Which limit was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// As many requests run as may.
    #[error("the tenant's requests running at once")]
    Concurrency,
    /// As many requests came as may in a second.
    #[error("the tenant's requests per second")]
    Rate,
}

impl Admission {
    /// Decides, and counts the request if it may run.
    ///
    /// # Errors
    /// [`Refusal`] when a limit is met; nothing is counted then but the attempt.
    pub fn admit(&self, tenant: &TenantId, limits: &Limits, now: Instant) -> Result<Permit, Refusal> {
        let gate = {
            let mut gates = self.gates.lock();
            match gates.get(tenant) {
                Some(gate) => Arc::clone(gate),
                None => Arc::clone(gates.entry(tenant.clone()).or_default()),
            }
        };
        gate.lock().enter(limits, now)?;
        Ok(Permit { gate })
    }

    /// Forgets tenants that have nothing in flight and whose bucket has had time to fill. Call now and then.
    pub fn sweep(&self, now: Instant) {
        self.gates.lock().retain(|_, gate| {
            // A gate that somebody else holds is about to be used.
            Arc::strong_count(gate) > 1 || gate.lock().matters(now)
        });
    }
}

impl Gate {
    fn enter(&mut self, limits: &Limits, now: Instant) -> Result<(), Refusal> {
        if self.in_flight >= limits.concurrency_max {
            return Err(Refusal { reason: Reason::Concurrency, retry_after: CONCURRENCY_RETRY });
        }
        match limits.rate_per_second {
            0 => self.bucket = None,
            rate => self
                .bucket
                .get_or_insert_with(|| TokenBucket::new(rate, now))
                .take(rate, now)
                .map_err(|retry_after| Refusal { reason: Reason::Rate, retry_after })?,
        }
        self.in_flight += 1;
        Ok(())
    }

    /// Whether a fresh gate would decide differently.
    fn matters(&self, now: Instant) -> bool {
        self.in_flight > 0 || self.bucket.as_ref().is_some_and(|bucket| !bucket.is_full(now))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.gate.lock().in_flight -= 1;
    }
}

/// Nobody knows when a running request ends.
const CONCURRENCY_RETRY: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(concurrency_max: u32, rate_per_second: u32) -> Limits {
        Limits { concurrency_max, rate_per_second, ..Limits::default() }
    }

    /// Fills one tenant's gate and asks for another's.
    #[test]
    fn a_tenant_at_its_cap_is_refused_and_its_neighbour_is_not() {
        let admission = Admission::default();
        let (busy, quiet) = (TenantId::generate(), TenantId::generate());
        let now = Instant::now();
        let held: Vec<Permit> =
            (0..3).map(|_| admission.admit(&busy, &limits(3, 0), now).expect("is below the cap")).collect();
        let refused = admission.admit(&busy, &limits(3, 0), now).expect_err("is at the cap");
        assert_eq!(refused.reason, Reason::Concurrency);
        assert!(admission.admit(&quiet, &limits(3, 0), now).is_ok());
        drop(held);
        assert!(admission.admit(&busy, &limits(3, 0), now).is_ok());
    }

    /// Uses up a second's rate and comes back when told.
    #[test]
    fn a_rate_refusal_says_when_to_come_back() {
        let admission = Admission::default();
        let tenant = TenantId::generate();
        let now = Instant::now();
        for _ in 0..5 {
            admission.admit(&tenant, &limits(100, 5), now).expect("is below the rate");
        }
        let refused = admission.admit(&tenant, &limits(100, 5), now).expect_err("is at the rate");
        assert_eq!(refused.reason, Reason::Rate);
        assert!(admission.admit(&tenant, &limits(100, 5), now + refused.retry_after).is_ok());
    }

    /// Sweeps with one tenant in flight and one not.
    #[test]
    fn only_tenants_with_nothing_in_flight_are_forgotten() {
        let admission = Admission::default();
        let (busy, idle) = (TenantId::generate(), TenantId::generate());
        let now = Instant::now();
        let held = admission.admit(&busy, &limits(1, 0), now).expect("may run");
        drop(admission.admit(&idle, &limits(1, 0), now));
        admission.sweep(now);
        assert_eq!(admission.gates.lock().len(), 1);
        assert!(admission.admit(&busy, &limits(1, 0), now).is_err());
        drop(held);
    }

    /// Random requests, ends and sweeps of three tenants against counts and buckets in whole numbers that are never swept.
    #[test]
    fn any_order_of_events_agrees_with_counting() {
        let seed = 0x5eed_u64;
        let mut state = seed;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let admission = Admission::default();
        // Per tenant: its limits, the permits it holds, and eighths of a token with the eighth of a second they are of.
        let mut model: Vec<(TenantId, Limits, Vec<Permit>, u64, u64)> = [(2, 0), (5, 4), (100, 16)]
            .into_iter()
            .map(|(concurrency, rate)| {
                (TenantId::generate(), limits(concurrency, rate), Vec::new(), u64::from(rate) * 8, 0)
            })
            .collect();
        let began = Instant::now();
        let mut eighths = 0;
        for step in 0..20_000 {
            eighths += random(8) / 5;
            let now = began + Duration::from_millis(eighths * 125);
            let (tenant, limits, held, tokens, at) = &mut model[random(3) as usize];
            let rate = u64::from(limits.rate_per_second);
            match random(5) {
                0..3 => {
                    *tokens = (*tokens + (eighths - *at) * rate).min(rate * 8);
                    *at = eighths;
                    let expected = match () {
                        () if held.len() >= limits.concurrency_max as usize => Some(Reason::Concurrency),
                        () if rate > 0 && *tokens < 8 => Some(Reason::Rate),
                        () => None,
                    };
                    match admission.admit(tenant, limits, now) {
                        Ok(permit) => {
                            held.push(permit);
                            *tokens = tokens.saturating_sub(8);
                            assert_eq!(expected, None, "seed {seed:#x}, step {step}");
                        }
                        Err(refusal) => assert_eq!(expected, Some(refusal.reason), "seed {seed:#x}, step {step}"),
                    }
                }
                3 => held.truncate(held.len() / 2),
                _ => admission.sweep(now),
            }
        }
    }
}
