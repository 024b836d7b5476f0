//! Lines: who waits, and whose turn is next.
//!
//! One bounded line of jobs per namespace. Owners take turns, and the namespaces of each, and a turn is bounded too, so that
//! one owner's load costs another at most a turn. Pure: `now` is passed in, jobs are opaque.
//!
//! Invariant: a namespace is listed as ready once if it has jobs and a free lane, and not at all otherwise; so is its owner if one
//! of its namespaces is.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use crate::ids::{NamespaceId, TenantId};

/// How much may wait, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Jobs of all namespaces together; those of one owner are a quarter at most.
    pub jobs_max: usize,
    /// Jobs of one namespace.
    pub jobs_per_namespace_max: usize,
    /// Bytes to be written for all namespaces together; for one owner half at most.
    pub bytes_max: u64,
    /// Bytes to be written for one namespace; less than a bulk write may hold refuses the largest of those.
    pub bytes_per_namespace_max: u64,
    /// A job that has waited longer than this is refused when its turn comes.
    pub wait_max: Duration,
}

/// How a namespace's jobs are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turns {
    /// Threads that may serve one namespace at once; 1 keeps its jobs in order.
    pub(super) lanes: usize,
    /// Jobs of one turn.
    pub(super) jobs_max: usize,
    /// Bytes of one turn; a single larger job is a turn of its own.
    pub(super) bytes_max: u64,
}

/// The waiting jobs of all namespaces.
#[derive(Debug)]
pub(super) struct Lines<J> {
    bounds: Bounds,
    turns: Turns,
    lines: HashMap<NamespaceId, Line<J>>,
    owners: HashMap<Owner, Owned>,
    ready: VecDeque<Owner>,
    jobs: usize,
    bytes: u64,
}

/// Whose a namespace is; none for what the node does by itself.
pub(super) type Owner = Option<TenantId>;

/// What waits for one owner.
#[derive(Debug, Default)]
struct Owned {
    ready: VecDeque<NamespaceId>,
    jobs: usize,
    bytes: u64,
}

/// Jobs of one namespace, to be served now; ended with [`Lines::end_turn`].
#[derive(Debug)]
pub(super) struct Turn<J> {
    pub(super) namespace: NamespaceId,
    pub(super) jobs: Vec<J>,
    /// Jobs that waited too long.
    pub(super) stale: Vec<J>,
}

/// There is no room for the job.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full {
    /// Jobs that wait in the line that is full.
    pub(super) waiting: usize,
}

#[derive(Debug)]
struct Line<J> {
    owner: Owner,
    waiting: VecDeque<Waiting<J>>,
    bytes: u64,
    lanes_used: usize,
    listed: bool,
}

#[derive(Debug)]
struct Waiting<J> {
    job: J,
    bytes: u64,
    since: Instant,
}

impl<J> Lines<J> {
    /// Empty lines.
    pub(super) fn new(bounds: Bounds, turns: Turns) -> Self {
        Self { bounds, turns, lines: HashMap::new(), owners: HashMap::new(), ready: VecDeque::new(), jobs: 0, bytes: 0 }
    }

    /// Puts a job at the end of its namespace's line.
    pub(super) fn join(
        &mut self,
        owner: Option<&TenantId>,
        namespace: &NamespaceId,
        job: J,
        bytes: u64,
        now: Instant,
    ) -> Result<(), Full> {
        let bounds = &self.bounds;
        if self.jobs >= bounds.jobs_max || self.bytes + bytes > bounds.bytes_max {
            return Err(Full { waiting: self.jobs });
        }
        let (waiting, waiting_bytes) =
            self.lines.get(namespace).map_or((0, 0), |line| (line.waiting.len(), line.bytes));
        if waiting >= bounds.jobs_per_namespace_max || waiting_bytes + bytes > bounds.bytes_per_namespace_max {
            return Err(Full { waiting });
        }
        let owner = owner.cloned();
        let owned = self.owners.get(&owner).map_or((0, 0), |owned| (owned.jobs, owned.bytes));
        let (jobs_max, bytes_max) = (bounds.jobs_max.div_ceil(4), bounds.bytes_max.div_ceil(2));
        if owner.is_some() && (owned.0 >= jobs_max || owned.1 + bytes > bytes_max) {
            return Err(Full { waiting: owned.0 });
        }
        let line = self.lines.entry(namespace.clone()).or_insert_with(|| Line::new(owner));
        line.waiting.push_back(Waiting { job, bytes, since: now });
        line.bytes += bytes;
        let owned = self.owners.entry(line.owner.clone()).or_default();
        owned.jobs += 1;
        owned.bytes += bytes;
        self.jobs += 1;
        self.bytes += bytes;
        self.list(namespace);
        Ok(())
    }

    /// The next turn, if any namespace has jobs and a free lane.
    pub(super) fn next_turn(&mut self, now: Instant) -> Option<Turn<J>> {
        let owner = self.ready.pop_front()?;
        let owned = self.owners.get_mut(&owner)?;
        let namespace = owned.ready.pop_front()?;
        if !owned.ready.is_empty() {
            self.ready.push_back(owner);
        }
        let line = self.lines.get_mut(&namespace)?;
        line.listed = false;
        line.lanes_used += 1;
        let (mut jobs, mut stale, mut turn_bytes) = (Vec::new(), Vec::new(), 0);
        while let Some(next) = line.waiting.front() {
            let room = jobs.len() < self.turns.jobs_max && turn_bytes + next.bytes <= self.turns.bytes_max;
            if !(room || jobs.is_empty()) {
                break;
            }
            let Some(next) = line.waiting.pop_front() else { break };
            line.bytes -= next.bytes;
            owned.jobs -= 1;
            owned.bytes -= next.bytes;
            self.jobs -= 1;
            self.bytes -= next.bytes;
            if now.saturating_duration_since(next.since) > self.bounds.wait_max {
                stale.push(next.job);
            } else {
                turn_bytes += next.bytes;
                jobs.push(next.job);
            }
        }
        if owned.jobs == 0 {
            let owner = line.owner.clone();
            self.owners.remove(&owner);
        }
        self.list(&namespace);
        Some(Turn { namespace, jobs, stale })
    }

    /// Gives a turn's lane back.
    pub(super) fn end_turn(&mut self, namespace: &NamespaceId) {
        let Some(line) = self.lines.get_mut(namespace) else { return };
        line.lanes_used -= 1;
        if line.waiting.is_empty() && line.lanes_used == 0 {
            self.lines.remove(namespace);
        } else {
            self.list(namespace);
        }
    }

    /// Whether a turn could be taken at once.
    pub(super) fn has_turn(&self) -> bool {
        !self.ready.is_empty()
    }

    fn list(&mut self, namespace: &NamespaceId) {
        let Some(line) = self.lines.get_mut(namespace) else { return };
        if !line.listed && !line.waiting.is_empty() && line.lanes_used < self.turns.lanes {
            line.listed = true;
            let owned = self.owners.entry(line.owner.clone()).or_default();
            if owned.ready.is_empty() {
                self.ready.push_back(line.owner.clone());
            }
            owned.ready.push_back(namespace.clone());
        }
    }
}

impl<J> Line<J> {
    fn new(owner: Owner) -> Self {
        Self { owner, waiting: VecDeque::new(), bytes: 0, lanes_used: 0, listed: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds() -> Bounds {
        Bounds {
            jobs_max: 10,
            jobs_per_namespace_max: 6,
            bytes_max: 100,
            bytes_per_namespace_max: 60,
            wait_max: Duration::from_secs(10),
        }
    }

    fn lines(lanes: usize) -> Lines<u32> {
        Lines::new(bounds(), Turns { lanes, jobs_max: 2, bytes_max: 20 })
    }

    fn turn(lines: &mut Lines<u32>, now: Instant) -> Option<(NamespaceId, Vec<u32>)> {
        lines.next_turn(now).map(|turn| (turn.namespace, turn.jobs))
    }

    /// One namespace joins five jobs, another one; the other's is served second.
    #[test]
    fn a_busy_namespace_costs_another_one_turn() {
        let (now, busy, quiet) = (Instant::now(), NamespaceId::generate(), NamespaceId::generate());
        let mut lines = lines(2);
        for job in 0..5 {
            lines.join(None, &busy, job, 1, now).expect("room");
        }
        lines.join(None, &quiet, 9, 1, now).expect("room");
        assert_eq!(turn(&mut lines, now), Some((busy.clone(), vec![0, 1])));
        assert_eq!(turn(&mut lines, now), Some((quiet, vec![9])));
        assert_eq!(turn(&mut lines, now), Some((busy.clone(), vec![2, 3])));
        assert_eq!(turn(&mut lines, now), None, "both lanes of the busy one are in use");
        lines.end_turn(&busy);
        assert_eq!(turn(&mut lines, now), Some((busy, vec![4])));
        assert!(!lines.has_turn());
    }

    /// With one lane the next turn of a namespace starts when the one before has ended.
    #[test]
    fn one_lane_keeps_jobs_in_order() {
        let (now, namespace) = (Instant::now(), NamespaceId::generate());
        let mut lines = lines(1);
        for job in 0..4 {
            lines.join(None, &namespace, job, 1, now).expect("room");
        }
        assert_eq!(turn(&mut lines, now), Some((namespace.clone(), vec![0, 1])));
        assert_eq!(turn(&mut lines, now), None);
        lines.end_turn(&namespace);
        assert_eq!(turn(&mut lines, now), Some((namespace.clone(), vec![2, 3])));
        lines.end_turn(&namespace);
        assert!(lines.lines.is_empty(), "nothing is kept of a namespace that waits for nothing");
    }

    /// Fills one line, then all.
    #[test]
    fn a_full_line_refuses_its_namespace_only() {
        let (now, one, two) = (Instant::now(), NamespaceId::generate(), NamespaceId::generate());
        let mut lines = lines(1);
        for job in 0..6 {
            lines.join(None, &one, job, 1, now).expect("room");
        }
        assert_eq!(lines.join(None, &one, 6, 1, now), Err(Full { waiting: 6 }));
        assert_eq!(lines.join(None, &two, 0, 61, now), Err(Full { waiting: 0 }));
        lines.join(None, &two, 0, 60, now).expect("room");
        assert_eq!(lines.join(None, &NamespaceId::generate(), 0, 50, now), Err(Full { waiting: 7 }));
    }

    /// Large jobs end a turn early, and one larger than a turn is served alone.
    #[test]
    fn a_turn_is_bounded_in_bytes() {
        let (now, namespace) = (Instant::now(), NamespaceId::generate());
        let mut lines = lines(2);
        for (job, bytes) in [(0, 15), (1, 15), (2, 30)] {
            lines.join(None, &namespace, job, bytes, now).expect("room");
        }
        for job in 0..3 {
            assert_eq!(turn(&mut lines, now), Some((namespace.clone(), vec![job])));
            lines.end_turn(&namespace);
        }
    }

    /// A job is served in the last instant of its wait, and refused after it.
    #[test]
    fn a_job_that_waited_too_long_is_handed_out_as_stale() {
        let (now, namespace) = (Instant::now(), NamespaceId::generate());
        let mut lines = lines(1);
        lines.join(None, &namespace, 0, 1, now).expect("room");
        lines.join(None, &namespace, 1, 1, now + Duration::from_nanos(1)).expect("room");
        let turn = lines.next_turn(now + Duration::from_nanos(10_000_000_001)).expect("a turn");
        assert_eq!((turn.jobs, turn.stale), (vec![1], vec![0]));
        lines.end_turn(&namespace);
        assert_eq!((lines.jobs, lines.bytes), (0, 0));
    }

    /// One owner joins jobs for five namespaces until it is refused, then another one joins: it is served second.
    #[test]
    fn an_owner_of_many_namespaces_costs_another_one_turn() {
        let (now, busy, quiet) = (Instant::now(), TenantId::generate(), TenantId::generate());
        let mut lines = Lines::new(Bounds { jobs_max: 20, ..bounds() }, Turns { lanes: 1, jobs_max: 2, bytes_max: 20 });
        let namespaces: Vec<NamespaceId> = (0..5).map(|_| NamespaceId::generate()).collect();
        for namespace in &namespaces {
            lines.join(Some(&busy), namespace, 0, 1, now).expect("room");
        }
        assert_eq!(lines.join(Some(&busy), &namespaces[0], 1, 1, now), Err(Full { waiting: 5 }));
        let other = NamespaceId::generate();
        assert_eq!(lines.join(Some(&quiet), &other, 9, 51, now), Err(Full { waiting: 0 }));
        lines.join(Some(&quiet), &other, 9, 50, now).expect("room");
        assert_eq!(turn(&mut lines, now), Some((namespaces[0].clone(), vec![0])));
        assert_eq!(turn(&mut lines, now), Some((other.clone(), vec![9])));
        for namespace in &namespaces[1..] {
            assert_eq!(turn(&mut lines, now), Some((namespace.clone(), vec![0])));
        }
        assert!(!lines.has_turn());
        namespaces.iter().chain([&other]).for_each(|namespace| lines.end_turn(namespace));
        assert!(lines.lines.is_empty() && lines.owners.is_empty());
        assert_eq!((lines.jobs, lines.bytes), (0, 0));
    }
}
