//! The process itself: memory, CPU, files and threads, read from `/proc` when metrics are asked for.
//!
//! What cannot be read is left out. Names are those that every Prometheus client uses.

use std::fmt;
use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// Reads the process's numbers at each scrape.
#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        if let Some(seconds) = cpu_seconds(&stat) {
            let counter = ConstCounter::new(seconds);
            let metric = encoder.encode_descriptor("process_cpu_seconds", CPU_HELP, None, counter.metric_type())?;
            counter.encode(metric)?;
        }
        let gauges = [
            ("process_resident_memory_bytes", "Resident memory.", status_number(&status, "VmRSS").map(kib)),
            ("process_virtual_memory_bytes", "Virtual memory.", status_number(&status, "VmSize").map(kib)),
            ("process_threads", "Threads.", status_number(&status, "Threads")),
            ("process_open_fds", "Open file descriptors.", open_files()),
        ];
        for (name, help, value) in gauges {
            if let Some(value) = value {
                let gauge = ConstGauge::new(value);
                gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
            }
        }
        Ok(())
    }
}

/// User and system time in `/proc/self/stat`: its 14th and 15th field, counted from the process id. The second field is
/// the program's name, which may hold anything but is the only one in parentheses.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

/// The number behind a name in `/proc/self/status`.
fn status_number(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

fn open_files() -> Option<u64> {
    // The listing itself holds one open.
    fs::read_dir("/proc/self/fd").ok().map(|files| (files.count() as u64).saturating_sub(1))
}

fn kib(count: u64) -> u64 {
    count * 1_024
}

/// Linux reports times to programs in hundredths of a second on x86-64 and arm64, whatever the kernel uses itself.
const TICKS_PER_SECOND: f64 = 100.0;

const CPU_HELP: &str = "User and system CPU time of all threads.";

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts as the kernel writes them, with a program name made to confuse.
    #[test]
    fn the_numbers_are_found_in_what_the_kernel_writes() {
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 7 0 99 1000 10";
        assert_eq!(cpu_seconds(stat), Some(3.0));
        assert_eq!(cpu_seconds("42 (cut"), None);
        let status = "Name:\teyot\nVmSize:\t  2048 kB\nVmRSS:\t    12 kB\nThreads:\t7\n";
        assert_eq!(status_number(status, "VmRSS"), Some(12));
        assert_eq!(status_number(status, "Threads"), Some(7));
        assert_eq!(status_number(status, "Vm"), None);
    }
}
