//! The stopwatch: how long one step takes, as the median of samples that are long enough for the clock.
//!
//! Prints a row of a Markdown table for each. Criterion is not used: its features change those of crates that V8's own
//! dependents share, and every test build would then compile them a second time.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

/// Runs the benches whose names have the wanted text in them.
pub(crate) struct Stopwatch {
    only: Option<String>,
}

impl Stopwatch {
    pub(crate) fn new(only: Option<String>) -> Self {
        println!("| step | median | from | to |\n|---|---|---|---|");
        Self { only }
    }

    /// Times a step that is over when it returns.
    pub(crate) fn time<T>(&self, name: &str, mut step: impl FnMut() -> T) {
        self.sampled(name, 1, SAMPLES, |count| {
            let began = Instant::now();
            for _ in 0..count {
                black_box(step());
            }
            began.elapsed()
        });
    }

    /// Times a step that is `parts` of the same thing, and is waited for.
    pub(crate) fn time_async(&self, runtime: &Runtime, name: &str, parts: u32, mut step: impl AsyncFnMut()) {
        self.sampled(name, parts, SAMPLES, |count| {
            runtime.block_on(async {
                let began = Instant::now();
                for _ in 0..count {
                    step().await;
                }
                began.elapsed()
            })
        });
    }

    /// Times a long step by itself, which says how long its own part took.
    pub(crate) fn time_each(
        &self,
        runtime: &Runtime,
        name: &str,
        samples: usize,
        mut step: impl AsyncFnMut() -> Duration,
    ) {
        self.sampled(name, 1, samples, |count| {
            runtime.block_on(async {
                let mut took = Duration::ZERO;
                for _ in 0..count {
                    took += step().await;
                }
                took
            })
        });
    }

    fn sampled(&self, name: &str, parts: u32, samples: usize, mut run: impl FnMut(u32) -> Duration) {
        if self.only.as_ref().is_some_and(|only| !name.contains(only.as_str())) {
            return;
        }
        // The first runs warm up as well.
        let mut count = 1;
        while run(count) < SAMPLE_AT_LEAST && count < COUNT_MAX {
            count *= 2;
        }
        let mut each: Vec<f64> =
            (0..samples).map(|_| run(count).as_secs_f64() / f64::from(count) / f64::from(parts)).collect();
        each.sort_by(f64::total_cmp);
        let (least, median, most) = (each[0], each[samples / 2], each[samples - 1]);
        println!("| {name} | {} | {} | {} |", shown(median), shown(least), shown(most));
    }
}

fn shown(seconds: f64) -> String {
    match seconds {
        long if long >= 1e-3 => format!("{:.2} ms", long * 1e3),
        short if short >= 1e-6 => format!("{:.2} µs", short * 1e6),
        shorter => format!("{:.1} ns", shorter * 1e9),
    }
}

const SAMPLES: usize = 15;
const SAMPLE_AT_LEAST: Duration = Duration::from_millis(20);
const COUNT_MAX: u32 = 1 << 24;
