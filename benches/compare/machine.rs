//! The machine: which process runs where, and what a process has used of it.

use std::fs;
use std::process::Command;
use std::time::Duration;

/// The processor of the servers.
pub(crate) const SERVERS: usize = 0;

/// The processor of the load.
pub(crate) const LOAD: usize = 1;

/// Moves all threads of this process there; children begin where their parent is. With a single processor everything
/// stays where it is, and the figures say little.
pub(crate) fn stay_on_processor(processor: usize) {
    if processors() > processor {
        let own = std::process::id().to_string();
        let moved = Command::new("taskset").args(["-a", "-p", "-c", &processor.to_string(), &own]).output();
        assert!(moved.expect("taskset is part of util-linux").status.success(), "move to processor {processor}");
    }
}

/// Runs `start`, whose children begin on the servers' processor.
pub(crate) fn among_servers<T>(start: impl FnOnce() -> T) -> T {
    stay_on_processor(SERVERS);
    let started = start();
    stay_on_processor(LOAD);
    started
}

fn processors() -> usize {
    let listed = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    listed.lines().filter(|line| line.starts_with("processor")).count()
}

/// CPU time, user and system, of all threads of a process so far.
pub(crate) fn cpu_time(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process lives");
    let after_name = stat.rsplit_once(')').expect("stat has the command in brackets").1;
    let ticks: u64 = after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * MS_PER_TICK)
}

/// Resident memory of a process, in bytes.
pub(crate) fn resident_bytes(pid: u32) -> u64 {
    let statm = fs::read_to_string(format!("/proc/{pid}/statm")).expect("the process lives");
    let pages: u64 = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("statm has a second field");
    pages * PAGE_BYTES
}

/// What the figures were taken on.
pub(crate) fn description() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let model = model.unwrap_or("an unnamed processor");
    format!("{model}, {} cores, Linux {}", processors(), read("/proc/sys/kernel/osrelease").trim())
}

/// Linux counts the CPU time of processes in these (USER_HZ).
const MS_PER_TICK: u64 = 10;

const PAGE_BYTES: u64 = 4096;
