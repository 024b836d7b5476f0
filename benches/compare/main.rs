//! The comparison: the same work on Eyot and on what a user would pick instead, in turn, in one run.
//!
//! Every server has the first processor to itself, this process the second; each measurement is repeated round by round
//! (A B C D, A B C D, ...), so that what disturbs the machine disturbs them all. Prints Markdown tables of medians,
//! spreads and ratios and writes the same as JSON. Where the figures stand and what they mean: docs/performance.md.
//!
//! usage: `cargo bench --bench compare -- [--quick] [--only TEXT] [--json FILE] [--check FILE] [--publish]`

use std::path::PathBuf;

mod bare;
mod cases;
mod crowd;
#[expect(dead_code, unused_imports, reason = "the harness serves the tests first; figures need less of it")]
#[path = "../../tests/e2e/harness/mod.rs"]
mod harness;
mod load;
mod machine;
mod report;
mod servers;
mod starts;
mod tenants;

/// What was asked for.
#[derive(Default)]
struct Arguments {
    quick: bool,
    only: Option<String>,
    json: Option<PathBuf>,
    check: Option<PathBuf>,
    publish: bool,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "bare") {
        return bare::run(&arguments[1..]);
    }
    let arguments = Arguments::read(arguments.into_iter());
    // Ours is the load: one thread, on the second processor.
    machine::stay_on_processor(machine::LOAD);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let failed = runtime.block_on(async {
        let mut tries = 0;
        loop {
            tries += 1;
            let report = measure(&arguments).await;
            print!("{}", report.markdown());
            if let Some(path) = &arguments.json {
                std::fs::write(path, report.json()).expect("writes the report");
            }
            if arguments.publish {
                report::put_into("README.md", &report.summary());
                report::put_into("docs/performance.md", &report.markdown());
            }
            let Some(stored) = &arguments.check else { return false };
            let fallen = report.fallen(stored);
            if fallen.is_empty() {
                println!("\nno ratio has fallen by more than {} %", report::FALL_PERCENT);
                return false;
            }
            println!("\nfallen, in run {tries} of {CHECK_RUNS}: {}", fallen.join(", "));
            if tries == CHECK_RUNS {
                return true;
            }
        }
    });
    std::process::exit(i32::from(failed));
}

async fn measure(arguments: &Arguments) -> report::Report {
    let mut report = report::Report::default();
    let effort = if arguments.quick { cases::QUICK } else { cases::USUAL };
    let wanted = |name: &str| arguments.only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    cases::measure(&mut report, effort, &wanted).await;
    if wanted("tenants") {
        tenants::measure(&mut report, effort).await;
    }
    if wanted("crowd") {
        crowd::measure(&mut report, effort).await;
    }
    if wanted("starts") {
        starts::measure(&mut report, arguments.quick).await;
    }
    report
}

impl Arguments {
    fn read(mut given: impl Iterator<Item = String>) -> Self {
        let mut arguments = Self::default();
        while let Some(argument) = given.next() {
            let mut value = || given.next().unwrap_or_else(|| panic!("{argument} wants a value"));
            match argument.as_str() {
                "--quick" => arguments.quick = true,
                "--only" => arguments.only = Some(value()),
                "--json" => arguments.json = Some(value().into()),
                "--check" => arguments.check = Some(value().into()),
                "--publish" => arguments.publish = true,
                // cargo adds it to whatever it runs as a bench.
                "--bench" => {}
                other => panic!("{other} is none of --quick, --only, --json, --check, --publish"),
            }
        }
        arguments
    }
}

/// A ratio has fallen when it fell in each of this many runs.
const CHECK_RUNS: u32 = 3;
