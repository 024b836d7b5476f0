//! The cases: what is asked, of whom, and how often.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::harness::Upload;
use crate::load::{Manner, Question, Seen, ask};
use crate::machine;
use crate::report::{Figure, Report};
use crate::servers::{Peer, Place, Workshop};

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    pub(crate) window: Duration,
    pub(crate) tenants_max: usize,
}

pub(crate) const USUAL: Effort = Effort { rounds: 3, window: Duration::from_millis(1_500), tenants_max: 1_000 };
pub(crate) const QUICK: Effort = Effort { rounds: 1, window: Duration::from_millis(700), tenants_max: 100 };

struct Case {
    name: &'static str,
    script: &'static str,
    path: &'static str,
    manner: Manner,
    body_bytes: usize,
    answer_bytes: Option<usize>,
    peers: &'static [Peer],
    /// Our hello is asked in turn with it: what the case adds to that is what it costs.
    beside_hello: bool,
}

const fn case(name: &'static str, script: &'static str, path: &'static str, manner: Manner) -> Case {
    Case { name, script, path, manner, body_bytes: 0, answer_bytes: None, peers: &Peer::ALL, beside_hello: false }
}

const fn scripted(case: Case) -> Case {
    Case { peers: &[Peer::Deno, Peer::Workerd, Peer::Eyot], ..case }
}

const fn ours(case: Case) -> Case {
    Case { peers: &[Peer::Eyot], beside_hello: true, ..case }
}

const CASES: [Case; 18] = [
    Case { answer_bytes: Some(5), ..case("hello, 64 connections", "hello", "/", Manner::Http1(64)) },
    Case { answer_bytes: Some(5), ..case("hello, 4 connections", "hello", "/", Manner::Http1(4)) },
    Case { answer_bytes: Some(5), ..case("hello, 1 connection", "hello", "/", Manner::Http1(1)) },
    Case {
        answer_bytes: Some(5),
        peers: &[Peer::Bare, Peer::Deno, Peer::Eyot],
        ..case("hello, HTTP/2, 4 connections of 16 streams", "hello", "/", Manner::Http2(4, 16))
    },
    Case { answer_bytes: Some(5), ..case("hello, a new connection each", "hello", "/", Manner::Connecting(16)) },
    scripted(case("JSON of 50 objects", "app", "/json", Manner::Http1(64))),
    Case { body_bytes: 64 << 10, answer_bytes: Some(5), ..case("64 KiB body in", "app", "/length", Manner::Http1(16)) },
    Case { body_bytes: 1 << 20, answer_bytes: Some(1 << 20), ..case("1 MiB echo", "app", "/echo", Manner::Http1(4)) },
    Case { answer_bytes: Some(102_400), ..case("stream of 100 chunks", "app", "/stream", Manner::Http1(16)) },
    scripted(case("subrequest", "app", "/subrequest", Manner::Http1(16))),
    scripted(case("Hono router", "hono", "/users/17?q=x", Manner::Http1(64))),
    scripted(case("React rendering", "react", "/", Manner::Http1(16))),
    Case {
        answer_bytes: Some(5),
        peers: &[Peer::Workerd, Peer::Eyot],
        ..case("service binding to hello", "service", "/", Manner::Http1(64))
    },
    scripted(case("WebSocket echo, 64 connections", "socket", "/", Manner::WebSocket(64))),
    ours(case("KV get, hit", "kv", "/hit", Manner::Http1(64))),
    ours(case("KV get, miss", "kv", "/miss", Manner::Http1(64))),
    ours(case("KV put, 64 writers", "kv", "/put", Manner::Http1(64))),
    ours(case("KV put, 1 writer", "kv", "/put", Manner::Http1(1))),
];

/// Measures all wanted cases, round by round.
pub(crate) async fn measure(report: &mut Report, effort: Effort, wanted: &dyn Fn(&str) -> bool) {
    let cases: Vec<&Case> = CASES.iter().filter(|case| wanted(case.name)).collect();
    if cases.is_empty() {
        return;
    }
    let servers = Servers::start(&cases).await;
    if wanted("KV put, 64 writers") {
        report
            .times("write and fsync of 4 KiB, the disk alone", &syncs(servers.eyot.node.data().path(), effort.window));
    }
    for case in &cases {
        let (mut figures, mut beside): (BTreeMap<Peer, Vec<Figure>>, Vec<Figure>) = Default::default();
        for round in 0..=effort.rounds {
            let window = if round == 0 { WARM_UP } else { effort.window };
            if case.beside_hello {
                let place = &servers.places[&(Peer::Eyot, HELLO)];
                let question = Question { path: "/".to_owned(), ..question(case, place, &servers.upstream).remove(0) };
                let figure = figure(place, &[question], case.manner, window).await;
                if round > 0 {
                    beside.push(figure);
                }
            }
            for peer in case.peers {
                let place = &servers.places[&(*peer, servers.script_of(*peer, case))];
                let figure = figure(place, &question(case, place, &servers.upstream), case.manner, window).await;
                if round > 0 {
                    figures.entry(*peer).or_default().push(figure);
                }
            }
        }
        if !beside.is_empty() {
            report.add(case.name, "our hello", &beside);
        }
        for (peer, figures) in figures {
            report.add(case.name, peer.name(), &figures);
        }
        eprintln!("measured: {}", case.name);
    }
}

/// One measurement.
pub(crate) async fn figure(place: &Place, questions: &[Question], manner: Manner, window: Duration) -> Figure {
    let mut before = Duration::ZERO;
    let seen: Seen = ask(questions, manner, window, || before = machine::cpu_time(place.pid)).await;
    Figure::of(seen, machine::cpu_time(place.pid) - before)
}

fn question(case: &Case, place: &Place, upstream: &str) -> Vec<Question> {
    let path = if case.path == "/subrequest" { format!("/subrequest?of={upstream}") } else { case.path.to_owned() };
    let question = Question {
        address: place.address,
        host: place.host.clone(),
        path,
        body: Bytes::from(vec![b'b'; case.body_bytes]),
        answer_bytes: case.answer_bytes,
    };
    vec![question]
}

/// What one write costs that waits for the disk and shares its wait with nobody, in the folder the node writes to.
fn syncs(folder: &Path, window: Duration) -> Vec<Duration> {
    let path = folder.join("sync.bench");
    let mut file = File::create(&path).expect("makes a file");
    let mut took = Vec::new();
    let until = Instant::now() + window;
    while Instant::now() < until {
        let began = Instant::now();
        file.write_all(&[7; 4_096]).expect("writes");
        file.sync_data().expect("syncs");
        took.push(began.elapsed());
    }
    std::fs::remove_file(path).expect("removes the file");
    took
}

/// All servers that the cases need; they end with this.
struct Servers {
    places: BTreeMap<(Peer, &'static str), Place>,
    upstream: String,
    _processes: Vec<crate::servers::Process>,
    eyot: crate::servers::Eyot,
}

impl Servers {
    async fn start(cases: &[&Case]) -> Self {
        let workshop = Workshop::open();
        let mut places = BTreeMap::new();
        let mut processes = Vec::new();
        let mut keep = |key: (Peer, &'static str), (process, place)| {
            processes.push(process);
            places.insert(key, place);
        };
        keep((Peer::Bare, "hello"), workshop.bare().await);
        let eyot = workshop.eyot("").await;
        let namespace = eyot.tenant.namespace("bench").await;
        let mut scripts: Vec<&'static str> = cases.iter().map(|case| case.script).collect();
        if cases.iter().any(|case| case.beside_hello) {
            scripts.push(HELLO);
        }
        scripts.sort_unstable();
        scripts.dedup();
        for script in scripts.iter().copied() {
            let asked = |peer: Peer| cases.iter().any(|case| case.script == script && case.peers.contains(&peer));
            if asked(Peer::Deno) {
                keep((Peer::Deno, script), workshop.deno(script).await);
            }
            if asked(Peer::Workerd) {
                keep((Peer::Workerd, script), workshop.workerd(script).await);
            }
        }
        for script in scripts {
            let mut upload = Upload::of(&workshop.script(script)).bind_kv(&namespace);
            if script == "service" {
                eyot.deploy("back", Upload::of(&workshop.script("hello"))).await;
                upload = upload.bind(serde_json::json!({ "name": "BACK", "type": "service", "service": "back" }));
            }
            places.insert((Peer::Eyot, script), eyot.deploy(script, upload).await);
        }
        let value = eyot.tenant.request(
            reqwest::Method::PUT,
            &eyot.tenant.path(&format!("/storage/kv/namespaces/{namespace}/values/greeting")),
        );
        let put = value.body("a value of no great length").send().await.expect("the admin API answers");
        assert!(put.status().is_success(), "put the value that is got");
        Self { places, upstream: upstream().await, _processes: processes, eyot }
    }

    fn script_of(&self, peer: Peer, case: &Case) -> &'static str {
        if peer == Peer::Bare { "hello" } else { case.script }
    }
}

/// What subrequests are sent to: plain HTTP in this process, so on the load's processor.
async fn upstream() -> String {
    let socket = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = socket.local_addr().expect("has an address");
    tokio::spawn(async move {
        loop {
            let Ok((tcp, _)) = socket.accept().await else { continue };
            tokio::spawn(async move {
                let service = hyper::service::service_fn(|_| async {
                    let body = http_body_util::Full::new(Bytes::from_static(b"upstream"));
                    Ok::<_, std::convert::Infallible>(http::Response::new(body))
                });
                let serving = hyper::server::conn::http1::Builder::new()
                    .serve_connection(hyper_util::rt::TokioIo::new(tcp), service);
                // A server that ends closes its connections as it likes.
                let _ = serving.await;
            });
        }
    });
    format!("http://{address}/")
}

const HELLO: &str = "hello";

const WARM_UP: Duration = Duration::from_millis(400);
