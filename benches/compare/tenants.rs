//! One, a hundred, a thousand tenants in turn: each with a script, a warm isolate and connections of its own.

use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;

use crate::cases::{Effort, figure};
use crate::crowd::{Crowd, warm};
use crate::load::{Manner, Question};
use crate::report::{Figure, Report};
use crate::servers::{Place, Process, Workshop, free_port, worker};

/// Measures hello over so many tenants. There are slots for all of them, and every isolate has started and answered
/// before it is measured. Beside it workerd with so many workers, each on a port of its own.
pub(crate) async fn measure(report: &mut Report, effort: Effort) {
    let workshop = Workshop::open();
    let config = "[isolates]\nslots_max = 1100\nmemory_bytes_max = 17179869184\n";
    let crowd = Crowd::make(&workshop, config, effort.tenants_max, 1).await;
    let ours: Vec<Question> = (0..effort.tenants_max).map(|tenant| crowd.question(tenant)).collect();
    let (_workerd, theirs, their_place) = workers(&workshop, WORKERS_MAX).await;
    warm(&ours).await;
    warm(&theirs).await;
    for count in [1, 100, 1_000].into_iter().filter(|count| *count <= effort.tenants_max) {
        let (mut eyot, mut workerd, mut one): (Vec<Figure>, Vec<Figure>, Vec<Figure>) = Default::default();
        for round in 0..=effort.rounds {
            // 64 connections ask at once, whatever the number of tenants.
            let manner = Manner::Http1(64);
            if count <= theirs.len() {
                workerd.push(figure(&their_place, &theirs[..count], manner, effort.window).await);
            }
            if count > 1 {
                one.push(figure(&crowd.place(), &ours[..1], manner, effort.window).await);
            }
            eyot.push(figure(&crowd.place(), &ours[..count], manner, effort.window).await);
            if round == 0 {
                // That was to warm up.
                (eyot, workerd, one) = Default::default();
            }
        }
        let case = format!("hello, {count} tenants in turn");
        if !workerd.is_empty() {
            report.add(&case, "workerd", &workerd);
        }
        if !one.is_empty() {
            report.add(&case, "our one tenant", &one);
        }
        report.add(&case, "eyot", &eyot);
        eprintln!("measured: {case}");
    }
}

/// One workerd with so many workers that are hello.
async fn workers(workshop: &Workshop, count: usize) -> (Process, Vec<Question>, Place) {
    let (mut services, mut sockets, mut questions) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..count {
        let port = free_port();
        services.push(format!("(name = \"w{number}\", worker = {})", worker("embed \"hello.js\"")));
        sockets.push(format!(
            "(name = \"s{number}\", address = \"127.0.0.1:{port}\", service = \"w{number}\", https = (tlsOptions = (keypair \
             = (privateKey = embed \"key.pem\", certificateChain = embed \"cert.pem\"))))"
        ));
        questions.push(Question {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            host: "localhost".to_owned(),
            path: "/".to_owned(),
            body: Bytes::new(),
            answer_bytes: Some(5),
        });
    }
    let last = questions.last().map_or(0, |question| question.address.port());
    let (process, place) = workshop.workerd_with("tenants", &services.join(",\n    "), &sockets.join(", "), last).await;
    (process, questions, place)
}

/// More would need more ports than can be found free one by one.
const WORKERS_MAX: usize = 100;
