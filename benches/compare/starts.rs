//! Starts and memory: how soon a script that is not in memory answers, and what one that is costs.

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::harness::Upload;
use crate::load::{Http1, Question};
use crate::machine;
use crate::report::Report;
use crate::servers::{Eyot, Place, Workshop, free_port, worker};

/// Measures starts and memory of Eyot and of workerd.
pub(crate) async fn measure(report: &mut Report, quick: bool) {
    let workshop = Workshop::open();
    let (first, last) = if quick { (10, 40) } else { (10, 210) };
    let rounds = if quick { 2 } else { 5 };
    cold(report, &workshop, "cold start, snapshot", "", rounds).await;
    // A registered object cannot be in a snapshot.
    let registry = "const kept = {}; const registry = new FinalizationRegistry(() => {}); registry.register(kept, 0);";
    cold(report, &workshop, "cold start, plain", registry, 1).await;
    uploads(report, &workshop, if quick { 3 } else { 10 }).await;
    eyot_memory(report, &workshop, first, last).await;
    workerd(report, &workshop, first, last).await;
    overshoot(report, &workshop, if quick { 20 } else { 100 }).await;
}

fn script(number: usize) -> String {
    format!("export default {{ fetch() {{ return new Response('answer {number}'); }} }};")
}

fn question(place: &Place) -> Question {
    Question {
        address: place.address,
        host: place.host.clone(),
        path: "/".to_owned(),
        body: Bytes::new(),
        answer_bytes: None,
    }
}

/// Asks more scripts in turn than there are slots, so that none is ever in memory, over connections that are open.
async fn cold(report: &mut Report, workshop: &Workshop, name: &str, top_level: &str, rounds: usize) {
    let eyot = workshop.eyot(&format!("[isolates]\nslots_max = {COLD_SLOTS}\n")).await;
    let mut connections = Vec::new();
    for number in 0..COLD_SCRIPTS {
        let upload = Upload::of(&format!("{top_level}\n{}", script(number)));
        let place = eyot.deploy(&format!("s{number}"), upload).await;
        let question = question(&place);
        connections.push((Http1::to(&question).await.expect("connects"), question));
    }
    let (mut cold, mut warm) = (Vec::new(), Vec::new());
    let before = machine::cpu_time(eyot.node.pid());
    for _ in 0..rounds {
        for (connection, question) in &mut connections {
            for times in [&mut cold, &mut warm] {
                let asked = Instant::now();
                connection.exchange(question).await.expect("an answer");
                times.push(asked.elapsed());
            }
            // What is evicted for it ends in this time.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let used = machine::cpu_time(eyot.node.pid()) - before;
    report.times(&format!("{name}, to the answer"), &cold);
    report.times(&format!("{name}, the next request"), &warm);
    let each = used.as_secs_f64() * 1e3 / cold.len() as f64;
    report.value(&format!("{name}, CPU of start and end"), "eyot", each, "ms");
}

/// From the first byte of an upload of a mebibyte to the last of the first answer.
async fn uploads(report: &mut Report, workshop: &Workshop, count: usize) {
    let eyot = workshop.eyot("").await;
    let mut took = Vec::new();
    for number in 0..count {
        // No two are alike, and all of it is code that runs when the script starts.
        let mut source = String::with_capacity(BUNDLE_BYTES + 256);
        let mut part = 0;
        while source.len() < BUNDLE_BYTES {
            source.push_str(&format!(
                "export const part{part} = {{ name: 'part {number} {part}', list: [{part}, 1, 2], run(a, b) {{ return \
                 this.list.map((item) => item * a + b).filter(Boolean).join('{part}'); }} }};\n"
            ));
            part += 1;
        }
        source.push_str(&script(number));
        let upload = Upload::of(&source);
        let began = Instant::now();
        let place = eyot.deploy(&format!("u{number}"), upload).await;
        let question = question(&place);
        Http1::to(&question).await.expect("connects").exchange(&question).await.expect("an answer");
        took.push(began.elapsed());
    }
    report.times("upload of 1 MiB, to the first answer", &took);
}

async fn eyot_memory(report: &mut Report, workshop: &Workshop, first: usize, last: usize) {
    let eyot: Eyot = workshop.eyot("[isolates]\nslots_max = 1100\n").await;
    let mut at_first = 0;
    for number in 0..last {
        if number == first {
            at_first = machine::resident_bytes(eyot.node.pid());
        }
        let place = eyot.deploy(&format!("m{number}"), Upload::of(&script(number))).await;
        let question = question(&place);
        Http1::to(&question).await.expect("connects").exchange(&question).await.expect("an answer");
    }
    let grown = machine::resident_bytes(eyot.node.pid()) - at_first;
    let each = grown as f64 / (last - first) as f64 / 1e6;
    report.value("resident memory of one more warm isolate", "eyot", each, "MB");
}

/// workerd reads its scripts when it starts, so its isolate start is the slope of its own.
async fn workerd(report: &mut Report, workshop: &Workshop, first: usize, last: usize) {
    let mut seen = Vec::new();
    for count in [first, last] {
        let mut best = Duration::MAX;
        let mut resident = 0;
        for _ in 0..3 {
            let (mut services, mut sockets) = (Vec::new(), Vec::new());
            let ports: Vec<u16> = (0..count).map(|_| free_port()).collect();
            for (number, port) in ports.iter().enumerate() {
                services
                    .push(format!("(name = \"w{number}\", worker = {})", worker(&format!("\"{}\"", script(number)))));
                sockets.push(format!(
                    "(name = \"s{number}\", address = \"127.0.0.1:{port}\", service = \"w{number}\", http = ())"
                ));
            }
            let began = Instant::now();
            let name = format!("start-{count}");
            let (process, _) =
                workshop.workerd_with(&name, &services.join(",\n    "), &sockets.join(", "), ports[count - 1]).await;
            for port in &ports {
                let url = format!("http://127.0.0.1:{port}/");
                let answer = reqwest::get(&url).await.expect("an answer").text().await.expect("a body");
                assert!(answer.starts_with("answer"), "{answer}");
            }
            best = best.min(began.elapsed());
            resident = machine::resident_bytes(process.pid());
        }
        seen.push((best, resident));
    }
    let more = (last - first) as f64;
    let start = (seen[1].0.saturating_sub(seen[0].0)).as_secs_f64() * 1e3 / more;
    report.value("isolate start and first answer (slope)", "workerd", start, "ms");
    let memory = (seen[1].1 - seen[0].1) as f64 / more / 1e6;
    report.value("resident memory of one more warm isolate", "workerd", memory, "MB");
}

/// What the node charges to requests that spin.
async fn overshoot(report: &mut Report, workshop: &Workshop, spins: usize) {
    let eyot = workshop.eyot("").await;
    eyot.tenant.deploy("spin", Upload::of("export default { fetch() { for (;;); } };")).await;
    let mut charged = Vec::new();
    let mut before = 0.0;
    for ended in 1..=spins {
        eyot.tenant.expect_error("spin", "/", 503, 1102).await;
        eyot.node.expect_outcomes("spin", "exceededCpu", ended).await;
        let after = eyot.node.metrics().await.sum("eyot_request_cpu_seconds_sum", &[]);
        charged.push(Duration::from_secs_f64(after - before));
        before = after;
    }
    report.times("CPU of a request that never ends, budget 50 ms", &charged);
}

/// Scripts asked in turn, and the slots they have to do with.
const COLD_SCRIPTS: usize = 40;
const COLD_SLOTS: usize = 16;

/// What an uploaded bundle amounts to.
const BUNDLE_BYTES: usize = 1 << 20;
