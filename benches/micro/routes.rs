//! Routes: which script a host name means, and one path among a hundred thousand patterns of one host.

use std::hint::black_box;

use eyot::route::{HostTable, PathPattern, normal_host, script_of_host};

use crate::stopwatch::Stopwatch;

pub(crate) fn measure(stopwatch: &Stopwatch) {
    stopwatch.time("route: script and tenant of a host name", || {
        let host = normal_host(black_box("hello.acme.localhost:8443")).expect("a host");
        script_of_host(&host, "localhost").expect("a script")
    });
    let patterns = (0..PATTERNS).map(|at| match at % 2 {
        0 => (PathPattern::Exact(format!("/shop/{at}/item")), at),
        _ => (PathPattern::Beginning(format!("/shop/{at}/")), at),
    });
    let table = HostTable::new(patterns.collect(), Vec::new());
    for (name, path) in [
        ("route: an exact path among 100,000 patterns", "/shop/77776/item"),
        ("route: a beginning among 100,000 patterns", "/shop/77777/item?q=1"),
        ("route: a path that none of 100,000 patterns takes", "/office/77777/item"),
    ] {
        stopwatch.time(name, || table.find(black_box(path)).copied());
    }
}

const PATTERNS: u32 = 100_000;
