//! Memory mappings: whether the kernel gives a node enough of them for the isolates it may have.
//!
//! The kernel bounds how many a process has, and one that has them all cannot start a thread or allocate. Hostile scripts can
//! make their isolates take hundreds each; a node whose slots could add up to more than there are says so and serves.

use std::fs;

/// What is missing for this many isolates at their worst; none when they fit, or the kernel does not say.
pub(super) fn shortage(slots_max: usize) -> Option<String> {
    let most = fs::read_to_string("/proc/sys/vm/max_map_count").ok()?.trim().parse().ok()?;
    told(slots_max, most)
}

fn told(slots_max: usize, most: usize) -> Option<String> {
    let carried = most.saturating_sub(MAPPINGS_OF_NODE) / MAPPINGS_PER_SLOT;
    (slots_max > carried).then(|| {
        let wanted = slots_max * MAPPINGS_PER_SLOT + MAPPINGS_OF_NODE;
        format!(
            "vm.max_map_count {most} carries {carried} hostile isolates, slots_max is {slots_max}: raise it to {wanted}"
        )
    })
}

/// What an isolate can be made to take: its share of the largest pool that the kernel's default carries, measured by the
/// attacks on mappings (`tests/fixtures/attacks/exhaustion`) and doubled.
const MAPPINGS_PER_SLOT: usize = 1_000;

/// What the node itself has: libraries, threads of its own, databases.
const MAPPINGS_OF_NODE: usize = 1_500;

#[cfg(test)]
mod tests {
    use super::*;

    /// The kernel's default with our own, then with a larger pool, then raised as asked.
    #[test]
    fn the_default_pool_fits_the_kernels_default() {
        assert_eq!(told(64, 65_530), None);
        let said = told(200, 65_530).expect("too many");
        assert!(said.contains("carries 64") && said.contains("raise it to 201500"), "{said}");
        assert_eq!(told(200, 201_500), None);
    }
}
