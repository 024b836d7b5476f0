//! Which slot serves a request: the decision, without the doing.
//!
//! Pure: a view of the slots in, a [`Choice`] out. A version is served by the least loaded of its slots; it gets another
//! one when requests wait, up to its cap; room is made by giving up the slot that was idle longest, of whatever version.

use std::time::{Duration, Instant};

use super::slot::MAILBOX_JOBS;

/// The bounds of a node's isolates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Slots, and so isolates, at once.
    pub slots_max: usize,
    /// Heap and buffers of all isolates together, in bytes; passing it evicts the longest idle.
    pub memory_bytes_max: u64,
    /// How long an isolate may be idle.
    pub idle: Duration,
    /// Memory of parked threads, in bytes, past which the process should be replaced.
    pub lost_memory_bytes_max: u64,
    /// Isolates kept ready for whatever version is asked next, beside the slots.
    pub ahead: usize,
    /// What each of those may hold; versions with another cap do not get one.
    pub ahead_memory_bytes_max: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            slots_max: 64,
            memory_bytes_max: 4 << 30,
            idle: Duration::from_secs(300),
            lost_memory_bytes_max: 1 << 30,
            ahead: 0,
            ahead_memory_bytes_max: 0,
        }
    }
}

impl Config {
    /// The bounds for a version that may have so many slots.
    pub(super) fn bounds(&self, slots_per_version_max: usize) -> Bounds {
        Bounds {
            slots_max: self.slots_max,
            bytes_max: self.memory_bytes_max,
            mailbox_jobs: MAILBOX_JOBS,
            slots_per_version_max,
            late: 0,
        }
    }
}

/// What is known of one slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SlotView {
    /// Which slot.
    pub id: u64,
    /// Whether it serves the version that is asked for.
    pub serves: bool,
    /// Whether it serves the tenant that is asked for.
    pub of_tenant: bool,
    /// Jobs that wait to begin.
    pub queued: usize,
    /// Runs in flight.
    pub in_flight: usize,
    /// Whether it has anything to do, such as a job that has just begun.
    pub busy: bool,
    /// When it was last given a job.
    pub last_used: Instant,
    /// Memory of its isolate.
    pub bytes: u64,
    /// How long its thread has not looked at what waits.
    pub stuck_for: Duration,
}

impl SlotView {
    fn is_idle(&self) -> bool {
        self.queued == 0 && self.in_flight == 0
    }
}

/// The bounds of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    /// Slots at once.
    pub slots_max: usize,
    /// Memory of all isolates together.
    pub bytes_max: u64,
    /// Jobs one slot may have waiting.
    pub mailbox_jobs: usize,
    /// Slots one version may have.
    pub slots_per_version_max: usize,
    /// Slots of the tenant whose threads V8 does not give back; they need not be among those that take jobs.
    pub late: usize,
}

/// What to do with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// Send it to this slot.
    Use(u64),
    /// Start a slot, after giving up this one if there is one.
    Start {
        /// The slot to give up.
        evict: Option<u64>,
    },
    /// There is no room.
    Refuse,
}

/// Chooses. `slots` are those that take jobs.
#[must_use]
pub(super) fn choose(slots: &[SlotView], bounds: Bounds) -> Choice {
    if let Some(choice) = among_serving(slots, bounds) {
        return choice;
    }
    let best = best_serving(slots);
    if !may_have_another(slots, bounds) {
        return match best {
            Some(best) if best.queued < bounds.mailbox_jobs => Choice::Use(best.id),
            _ => Choice::Refuse,
        };
    }
    let bytes: u64 = slots.iter().map(|slot| slot.bytes).sum();
    if slots.len() < bounds.slots_max && bytes < bounds.bytes_max {
        return Choice::Start { evict: None };
    }
    let idle = slots.iter().filter(|slot| slot.is_idle());
    let oldest = idle.min_by_key(|slot| slot.last_used);
    match (oldest, best) {
        (Some(oldest), _) => Choice::Start { evict: Some(oldest.id) },
        (None, Some(best)) if best.queued < bounds.mailbox_jobs => Choice::Use(best.id),
        (None, _) => Choice::Refuse,
    }
}

/// Whether the tenant may have one more slot: not while V8 keeps threads of its. One that has none may have the last; one that
/// has some leaves it, and gets the fewer the fewer are left.
fn may_have_another(slots: &[SlotView], bounds: Bounds) -> bool {
    let busy = slots.iter().filter(|slot| slot.busy);
    let (all, own) = busy.fold((0, 0), |(all, own), slot| (all + 1, own + usize::from(slot.of_tenant)));
    let left = bounds.slots_max.saturating_sub(all);
    bounds.late < LATE_PER_TENANT_MAX && (own == 0 || own < left.saturating_sub(1) * BUSY_TO_LEFT)
}

/// The choice when the slots that serve the version are enough; `slots` need hold no others.
#[must_use]
pub(super) fn among_serving(slots: &[SlotView], bounds: Bounds) -> Option<Choice> {
    let best = best_serving(slots)?;
    let serving = slots.iter().filter(|slot| slot.serves).count();
    // Each that is there already makes it likelier that what is short is the processor.
    let patience = STUCK_GROWS_AT * 2_u32.saturating_pow(u32::try_from(serving - 1).unwrap_or(u32::MAX));
    if best.queued >= QUEUE_GROWS_AT && best.stuck_for >= patience && serving < bounds.slots_per_version_max {
        return None;
    }
    Some(if best.queued < bounds.mailbox_jobs { Choice::Use(best.id) } else { Choice::Refuse })
}

fn best_serving(slots: &[SlotView]) -> Option<&SlotView> {
    slots.iter().filter(|slot| slot.serves).min_by_key(|slot| (slot.queued, slot.in_flight))
}

/// Slots that have been idle for too long, or are to go because all isolates together are too large.
#[must_use]
pub(super) fn to_evict(slots: &[SlotView], bounds: Bounds, idle_max: Duration, now: Instant) -> Vec<u64> {
    let mut idle: Vec<&SlotView> = slots.iter().filter(|slot| slot.is_idle()).collect();
    idle.sort_by_key(|slot| slot.last_used);
    let mut bytes: u64 = slots.iter().map(|slot| slot.bytes).sum();
    let mut evicted = Vec::new();
    for slot in idle {
        if bytes > bounds.bytes_max || now.saturating_duration_since(slot.last_used) >= idle_max {
            bytes = bytes.saturating_sub(slot.bytes);
            evicted.push(slot.id);
        }
    }
    evicted
}

/// Busy slots of a tenant for each slot that is left: one tenant alone gets two thirds of a large pool.
const BUSY_TO_LEFT: usize = 2;

/// Threads of a tenant that V8 keeps before the tenant gets no other.
const LATE_PER_TENANT_MAX: usize = 2;

/// Jobs that wait for the least loaded slot before its version gets another one, or for a thread before its own connections go elsewhere.
pub(super) const QUEUE_GROWS_AT: usize = 2;

/// And how long its thread must have been busy with one thing: short requests pass faster than an isolate starts. Twice as
/// long with each isolate that the version has.
const STUCK_GROWS_AT: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { slots_max: 3, bytes_max: 100, mailbox_jobs: 4, slots_per_version_max: 2, late: 0 };

    fn slot(id: u64, serves: bool, queued: usize, in_flight: usize) -> SlotView {
        let last_used = Instant::now() + Duration::from_secs(id);
        let busy = queued + in_flight > 0;
        SlotView {
            id,
            serves,
            of_tenant: serves,
            busy,
            queued,
            in_flight,
            last_used,
            bytes: 10,
            stuck_for: STUCK_GROWS_AT,
        }
    }

    /// One warm slot, then the same with a queue.
    #[test]
    fn a_busy_script_gets_a_second_isolate_and_no_more_than_its_cap() {
        assert_eq!(choose(&[slot(1, true, 1, 9)], BOUNDS), Choice::Use(1));
        let quick = SlotView { stuck_for: Duration::from_millis(1), ..slot(1, true, 3, 0) };
        assert_eq!(choose(&[quick], BOUNDS), Choice::Use(1));
        assert_eq!(choose(&[slot(1, true, 2, 0)], BOUNDS), Choice::Start { evict: None });
        let three = Bounds { slots_per_version_max: 3, slots_max: 9, ..BOUNDS };
        let stuck = |for_| [1, 2].map(|id| SlotView { stuck_for: for_, ..slot(id, true, 2, 1) });
        assert_eq!(choose(&stuck(STUCK_GROWS_AT), three), Choice::Use(1));
        assert_eq!(choose(&stuck(STUCK_GROWS_AT * 2), three), Choice::Start { evict: None });
        assert_eq!(choose(&[slot(1, true, 3, 0), slot(2, true, 2, 5)], BOUNDS), Choice::Use(2));
        assert_eq!(choose(&[slot(1, true, 4, 0), slot(2, true, 4, 5)], BOUNDS), Choice::Refuse);
    }

    /// A full pool with idle, busy and queued slots of other versions.
    #[test]
    fn room_is_made_by_giving_up_the_longest_idle_slot_and_never_a_busy_one() {
        let full = [slot(1, false, 0, 1), slot(3, false, 0, 0), slot(2, false, 0, 0)];
        assert_eq!(choose(&full, BOUNDS), Choice::Start { evict: Some(2) });
        let busy = [slot(1, false, 0, 1), slot(2, false, 1, 0), slot(3, false, 0, 3)];
        assert_eq!(choose(&busy, BOUNDS), Choice::Refuse);
        let own = [slot(1, true, 3, 1), slot(2, false, 1, 0), slot(3, false, 0, 3)];
        assert_eq!(choose(&own, BOUNDS), Choice::Use(1));
    }

    /// Tenants that take all they get, one after the other, in a pool of 64; then one whose threads V8 keeps.
    #[test]
    fn whoever_has_none_gets_a_slot_while_others_want_all() {
        let bounds = Bounds { slots_max: 64, bytes_max: u64::MAX, ..BOUNDS };
        let mut owners: Vec<u64> = Vec::new();
        let may_start = |owners: &[u64], tenant| {
            let busy =
                |(id, owner): (usize, &u64)| SlotView { of_tenant: *owner == tenant, ..slot(id as u64, false, 0, 1) };
            let views: Vec<SlotView> = owners.iter().enumerate().map(busy).collect();
            choose(&views, bounds) == Choice::Start { evict: None }
        };
        let mut got = Vec::new();
        for tenant in 0..5 {
            let before = owners.len();
            while may_start(&owners, tenant) {
                owners.push(tenant);
            }
            got.push(owners.len() - before);
        }
        // Each takes `n` while `n < 2 * (left - n - 1)`: two thirds of all but one of those that the ones before it left,
        // rounded up, and one when there is one.
        let mut left = bounds.slots_max;
        let share = |_| {
            let share = ((left - 1) * 2).div_ceil(3).max(1);
            left -= share;
            share
        };
        let shares: Vec<usize> = (0..5).map(share).collect();
        assert_eq!((&got, left), (&shares, 0));
        assert_eq!(got, [42, 14, 5, 2, 1]);
        let late = Bounds { late: LATE_PER_TENANT_MAX, ..bounds };
        assert_eq!(choose(&[], late), Choice::Refuse);
        assert_eq!(choose(&[slot(1, true, 2, 1)], late), Choice::Use(1));
    }

    /// Isolates together pass the memory bound; and one is idle for too long.
    #[test]
    fn idle_isolates_go_by_memory_and_by_age() {
        let now = Instant::now() + Duration::from_secs(10);
        let slots = [slot(1, false, 0, 0), slot(2, false, 0, 1), slot(9, false, 0, 0)];
        assert_eq!(to_evict(&slots, BOUNDS, Duration::from_secs(5), now), vec![1]);
        let tight = Bounds { bytes_max: 15, ..BOUNDS };
        assert_eq!(to_evict(&slots, tight, Duration::from_secs(60), now), vec![1, 9]);
        let large = [SlotView { bytes: 100, ..slot(1, false, 0, 0) }, slot(2, false, 0, 1)];
        assert_eq!(choose(&large, BOUNDS), Choice::Start { evict: Some(1) });
    }

    /// Random pools: whatever is chosen keeps the bounds.
    #[test]
    fn no_choice_breaks_a_bound() {
        let seed = 0x5eed_u64;
        let mut state = seed;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for _ in 0..10_000 {
            let slots: Vec<SlotView> =
                (0..random(4)).map(|id| slot(id, random(2) == 0, random(6) as usize, random(3) as usize)).collect();
            match choose(&slots, BOUNDS) {
                Choice::Use(id) => {
                    let used = slots.iter().find(|slot| slot.id == id).expect("a slot there is");
                    assert!(used.serves && used.queued < BOUNDS.mailbox_jobs, "seed {seed:#x}: {slots:?}");
                }
                Choice::Start { evict } => {
                    let serving = slots.iter().filter(|slot| slot.serves).count();
                    assert!(serving < BOUNDS.slots_per_version_max, "seed {seed:#x}: {slots:?}");
                    assert!(slots.len() - usize::from(evict.is_some()) < BOUNDS.slots_max, "seed {seed:#x}: {slots:?}");
                    let evicted = slots.iter().find(|slot| Some(slot.id) == evict);
                    assert!(evicted.is_none_or(|slot| slot.queued + slot.in_flight == 0), "seed {seed:#x}: {slots:?}");
                }
                Choice::Refuse => assert!(
                    slots.iter().all(|slot| !slot.serves || slot.queued >= BOUNDS.mailbox_jobs),
                    "seed {seed:#x}: {slots:?}"
                ),
            }
        }
    }
}
