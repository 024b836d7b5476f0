//! Quarantine: may a script run that costs the node threads again and again?
//!
//! A strike is a thread that V8 has given up on, parked with its memory for as long as the process lives, or one that it does
//! not give back for long after the CPU time of what runs there is over. The first strike of a script
//! is forgiven; each further one within [`MEMORY`] of the one before keeps it out for twice as long, from [`DELAY_FIRST`]
//! to [`DELAY_MAX`]. Its tenant is counted in the same way over all its scripts, with [`TENANT_FORGIVEN`] strikes forgiven:
//! a script under a new name is not a new beginning. The operator can lift either.
//!
//! [`Ledger`] is the decision, pure in the time that is passed in; [`Quarantine`] the shared handle to one. It lives as long
//! as the process, and is handed on when the node executes itself anew; a restart by the operator forgets it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::ids::{ScriptName, TenantId};

/// Who is kept out; clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Quarantine {
    ledger: Arc<Mutex<Ledger>>,
    // Read for every request: almost always there is nothing to look up.
    records: Arc<AtomicUsize>,
}

/// Where a script, or a tenant as a whole, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Strikes that count.
    pub strikes: u32,
    /// For how long it is still kept out; none when it may run.
    pub kept_out: Option<Duration>,
    /// How long ago the last strike was.
    pub last: Duration,
}

/// A record on its way to the next process: times as they are relative to the moment it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedOver {
    tenant: TenantId,
    script: Option<ScriptName>,
    strikes: u32,
    last_ms: u64,
    kept_out_ms: u64,
    free_ms: u64,
}

/// A script of a tenant, or the tenant as a whole.
type Subject = (TenantId, Option<ScriptName>);

#[derive(Debug, Default)]
struct Ledger {
    records: HashMap<Subject, Record>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Record {
    strikes: u32,
    last: Instant,
    until: Instant,
}

impl Quarantine {
    /// Counts a strike of this script and of its tenant.
    pub fn strike(&self, tenant: &TenantId, script: &ScriptName, now: Instant) {
        let mut ledger = self.ledger.lock();
        ledger.strike((tenant.clone(), Some(script.clone())), now);
        ledger.strike((tenant.clone(), None), now);
        self.records.store(ledger.records.len(), Ordering::Release);
    }

    /// How long this script has to wait, if it has to.
    #[must_use]
    pub fn wait(&self, tenant: &TenantId, script: &ScriptName, now: Instant) -> Option<Duration> {
        if self.records.load(Ordering::Acquire) == 0 {
            return None;
        }
        let ledger = self.ledger.lock();
        let of = |script| ledger.standing(&(tenant.clone(), script), now).and_then(|standing| standing.kept_out);
        of(Some(script.clone())).max(of(None))
    }

    /// Where a script stands, or with none the tenant; none when it has no strike that counts.
    #[must_use]
    pub fn standing(&self, tenant: &TenantId, script: Option<&ScriptName>, now: Instant) -> Option<Standing> {
        self.ledger.lock().standing(&(tenant.clone(), script.cloned()), now)
    }

    /// The scripts of a tenant that have strikes, by name.
    #[must_use]
    pub fn scripts(&self, tenant: &TenantId, now: Instant) -> Vec<(ScriptName, Standing)> {
        let ledger = self.ledger.lock();
        let of_tenant = ledger.records.keys().filter(|(owner, _)| owner == tenant);
        let mut scripts: Vec<_> =
            of_tenant.filter_map(|subject| Some((subject.1.clone()?, ledger.standing(subject, now)?))).collect();
        scripts.sort_by(|(a, _), (b, _)| a.as_str().cmp(b.as_str()));
        scripts
    }

    /// Forgets a script's strikes, or with none those of the tenant and all its scripts. Says whether there were any.
    pub fn lift(&self, tenant: &TenantId, script: Option<&ScriptName>) -> bool {
        let mut ledger = self.ledger.lock();
        let before = ledger.records.len();
        ledger.records.retain(|(owner, of), _| owner != tenant || (script.is_some() && of.as_ref() != script));
        self.records.store(ledger.records.len(), Ordering::Release);
        ledger.records.len() < before
    }

    /// Forgets what has become too old. Call now and then.
    pub fn sweep(&self, now: Instant) {
        let mut ledger = self.ledger.lock();
        ledger.records.retain(|_, record| record.counts(now));
        self.records.store(ledger.records.len(), Ordering::Release);
    }

    /// How many scripts are kept out now.
    #[must_use]
    pub fn kept_out(&self, now: Instant) -> usize {
        let ledger = self.ledger.lock();
        ledger.records.iter().filter(|((_, script), record)| script.is_some() && now < record.until).count()
    }

    /// Everything that counts, for the next process.
    #[must_use]
    pub fn hand_over(&self, now: Instant) -> Vec<HandedOver> {
        let ledger = self.ledger.lock();
        let records = ledger.records.iter().filter(|(_, record)| record.counts(now));
        records
            .map(|((tenant, script), record)| HandedOver {
                tenant: tenant.clone(),
                script: script.clone(),
                strikes: record.strikes,
                last_ms: millis(now.saturating_duration_since(record.last)),
                kept_out_ms: millis(record.until.saturating_duration_since(now)),
                free_ms: millis(now.saturating_duration_since(record.until)),
            })
            .collect()
    }

    /// Takes up what the process before handed over.
    pub fn take_up(&self, records: Vec<HandedOver>, now: Instant) {
        let mut ledger = self.ledger.lock();
        for record in records.into_iter().take(RECORDS_MAX) {
            let ago = |ms| now.checked_sub(Duration::from_millis(ms)).unwrap_or(now);
            let until = ago(record.free_ms) + Duration::from_millis(record.kept_out_ms).min(DELAY_MAX);
            let record_of = Record { strikes: record.strikes, last: ago(record.last_ms), until };
            ledger.records.insert((record.tenant, record.script), record_of);
        }
        self.records.store(ledger.records.len(), Ordering::Release);
    }
}

impl Ledger {
    fn strike(&mut self, subject: Subject, now: Instant) {
        let forgiven = if subject.1.is_some() { SCRIPT_FORGIVEN } else { TENANT_FORGIVEN };
        if self.records.len() >= RECORDS_MAX && !self.records.contains_key(&subject) {
            self.forget_oldest();
        }
        let before = self.records.get(&subject).filter(|record| record.counts(now));
        let strikes = before.map_or(0, |record| record.strikes).saturating_add(1);
        let until = now + delay(strikes, forgiven);
        let until = before.map_or(until, |record| record.until.max(until));
        self.records.insert(subject, Record { strikes, last: now, until });
    }

    fn standing(&self, subject: &Subject, now: Instant) -> Option<Standing> {
        let record = self.records.get(subject).filter(|record| record.counts(now))?;
        let kept_out = record.until.saturating_duration_since(now);
        Some(Standing {
            strikes: record.strikes,
            kept_out: (!kept_out.is_zero()).then_some(kept_out),
            last: now.saturating_duration_since(record.last),
        })
    }

    fn forget_oldest(&mut self) {
        let oldest = self.records.iter().min_by_key(|(_, record)| (record.until, record.last));
        if let Some(subject) = oldest.map(|(subject, _)| subject.clone()) {
            self.records.remove(&subject);
        }
    }
}

impl Record {
    /// Whether it still counts: [`MEMORY`] has not passed since the last strike and the end of what followed from it.
    fn counts(&self, now: Instant) -> bool {
        now < self.last.max(self.until) + MEMORY
    }
}

/// What this many strikes cost.
fn delay(strikes: u32, forgiven: u32) -> Duration {
    match strikes.checked_sub(forgiven + 1) {
        None => Duration::ZERO,
        Some(doublings) => DELAY_FIRST.saturating_mul(1 << doublings.min(16)).min(DELAY_MAX),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// How long a strike counts.
const MEMORY: Duration = Duration::from_secs(3_600);

/// What the first strike that is not forgiven costs.
const DELAY_FIRST: Duration = Duration::from_secs(10);

/// The longest delay.
const DELAY_MAX: Duration = Duration::from_secs(3_600);

/// Strikes of a script without a delay.
const SCRIPT_FORGIVEN: u32 = 1;

/// Strikes of a tenant, over all its scripts, without a delay.
const TENANT_FORGIVEN: u32 = 10;

/// Records kept; each took a thread to make.
const RECORDS_MAX: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn subject() -> (TenantId, ScriptName) {
        (TenantId::generate(), "bomb".parse().expect("a name"))
    }

    const SECOND: Duration = Duration::from_secs(1);

    /// One strike, a second one, a third while it waits, and one after two hours of peace.
    #[test]
    fn delays_grow_from_the_second_strike_and_are_forgotten_after_a_quiet_hour() {
        let (tenant, script) = subject();
        let quarantine = Quarantine::default();
        let began = Instant::now();
        assert_eq!(quarantine.wait(&tenant, &script, began), None);
        quarantine.strike(&tenant, &script, began);
        assert_eq!(quarantine.wait(&tenant, &script, began), None);
        quarantine.strike(&tenant, &script, began + SECOND);
        assert_eq!(quarantine.wait(&tenant, &script, began + SECOND), Some(DELAY_FIRST));
        assert_eq!(quarantine.wait(&tenant, &script, began + SECOND + DELAY_FIRST), None);
        quarantine.strike(&tenant, &script, began + 2 * SECOND);
        assert_eq!(quarantine.wait(&tenant, &script, began + 2 * SECOND), Some(2 * DELAY_FIRST));
        let standing = quarantine.standing(&tenant, Some(&script), began + 3 * SECOND).expect("has strikes");
        assert_eq!((standing.strikes, standing.last), (3, SECOND));
        let quiet = began + 2 * MEMORY;
        assert_eq!(quarantine.standing(&tenant, Some(&script), quiet), None);
        quarantine.strike(&tenant, &script, quiet);
        assert_eq!(quarantine.wait(&tenant, &script, quiet), None);
        quarantine.sweep(quiet + 2 * MEMORY);
        assert_eq!(quarantine.records.load(Ordering::Acquire), 0);
    }

    /// Twelve scripts with a strike each, and another tenant's.
    #[test]
    fn a_tenant_is_kept_out_for_what_its_scripts_do_together() {
        let (tenant, _) = subject();
        let (other, clean) = subject();
        let quarantine = Quarantine::default();
        let now = Instant::now();
        for number in 0..=TENANT_FORGIVEN {
            assert_eq!(quarantine.wait(&tenant, &clean, now), None);
            quarantine.strike(&tenant, &format!("s{number}").parse().expect("a name"), now);
        }
        assert_eq!(quarantine.wait(&tenant, &clean, now), Some(DELAY_FIRST));
        assert_eq!(quarantine.wait(&other, &clean, now), None);
        assert_eq!(quarantine.scripts(&tenant, now).len(), TENANT_FORGIVEN as usize + 1);
        assert!(quarantine.lift(&tenant, None));
        assert_eq!(quarantine.wait(&tenant, &clean, now), None);
        assert!(!quarantine.lift(&tenant, None));
    }

    /// Hands over half a delay and lifts one of two scripts.
    #[test]
    fn the_next_process_goes_on_where_this_one_was() {
        let (tenant, script) = subject();
        let lifted: ScriptName = "lifted".parse().expect("a name");
        let (before, after) = (Quarantine::default(), Quarantine::default());
        let now = Instant::now() + 2 * MEMORY;
        for script in [&script, &lifted] {
            before.strike(&tenant, script, now);
            before.strike(&tenant, script, now);
        }
        assert!(before.lift(&tenant, Some(&lifted)));
        let half = now + DELAY_FIRST / 2;
        let text = serde_json::to_string(&before.hand_over(half)).expect("is written");
        let later = half + 1_000 * SECOND;
        after.take_up(serde_json::from_str(&text).expect("is read"), later);
        assert_eq!(after.wait(&tenant, &script, later), Some(DELAY_FIRST / 2));
        assert_eq!(after.wait(&tenant, &lifted, later), None);
        assert_eq!(after.standing(&tenant, None, later).map(|standing| standing.strikes), Some(4));
        assert_eq!(after.kept_out(later), 1);
    }

    /// Random strikes, lifts and hours against a model that keeps every strike and adds up.
    #[test]
    fn any_order_of_events_agrees_with_a_list_of_strikes() {
        let seed = 0x5eed_u64;
        let mut state = seed;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let tenants = [TenantId::generate(), TenantId::generate()];
        let scripts: Vec<ScriptName> = (0..3).map(|number| format!("s{number}").parse().expect("a name")).collect();
        let quarantine = Quarantine::default();
        let mut now = Instant::now();
        // Per subject, every strike that has not been forgotten, and until when it is kept out.
        let mut model: HashMap<Subject, (Vec<Instant>, Instant)> = HashMap::new();
        for step in 0..20_000 {
            now += Duration::from_secs(random(900));
            let (tenant, script) = (&tenants[random(2) as usize], &scripts[random(3) as usize]);
            match random(10) {
                0..6 => {
                    quarantine.strike(tenant, script, now);
                    for (of, forgiven) in [(Some(script.clone()), 1), (None, 10)] {
                        let (strikes, until) = model.entry((tenant.clone(), of)).or_insert((Vec::new(), now));
                        if strikes.last().is_some_and(|last| now >= (*last).max(*until) + MEMORY) {
                            strikes.clear();
                        }
                        strikes.push(now);
                        if strikes.len() > forgiven {
                            let seconds = 10_u64.saturating_mul(1 << (strikes.len() - forgiven - 1).min(20)).min(3_600);
                            *until = (*until).max(now + Duration::from_secs(seconds));
                        }
                    }
                }
                6 => {
                    assert_eq!(
                        quarantine.lift(tenant, Some(script)),
                        model.remove(&(tenant.clone(), Some(script.clone()))).is_some()
                    );
                }
                7 => quarantine.take_up(quarantine.hand_over(now), now),
                _ => {}
            }
            let expected = [Some(script.clone()), None].into_iter().filter_map(|of| {
                let (_, until) = model.get(&(tenant.clone(), of))?;
                (*until > now).then(|| *until - now)
            });
            let wait = quarantine.wait(tenant, script, now);
            assert_eq!(wait, expected.max(), "seed {seed:#x}, step {step}");
        }
    }
}
