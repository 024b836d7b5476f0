//! One, a hundred, a thousand tenants in turn: each with a script, an isolate and connections of its own.

use bytes::Bytes;

use crate::cases::{Effort, figure};
use crate::harness::{Tenant, Upload};
use crate::load::{Manner, Question};
use crate::report::Report;
use crate::servers::Workshop;

/// Measures hello over so many warm tenants.
pub(crate) async fn measure(report: &mut Report, effort: Effort) {
    let workshop = Workshop::open();
    let eyot = workshop.eyot("[isolates]\nslots_max = 1100\nmemory_bytes_max = 17179869184\n").await;
    let mut questions = Vec::new();
    let mut places = Vec::new();
    for count in [1, 100, 1_000] {
        if count > effort.tenants_max {
            continue;
        }
        while questions.len() < count {
            let tenant = Tenant::create(&eyot.node, "t").await;
            tenant.deploy("hello", Upload::of(&workshop.script("hello"))).await;
            let place = eyot.place(&tenant, "hello");
            questions.push(Question {
                address: place.address,
                host: place.host.clone(),
                path: "/".to_owned(),
                body: Bytes::new(),
                answer_bytes: Some(5),
            });
            places.push(place);
        }
        let mut figures = Vec::new();
        for round in 0..=effort.rounds {
            // Warming up starts every isolate; 64 connections ask at once, whatever the number of tenants.
            let taken = figure(&places[0], &questions, Manner::Http1(64), effort.window).await;
            if round > 0 {
                figures.push(taken);
            }
        }
        report.add(&format!("hello, {count} tenants in turn"), "eyot", &figures);
        eprintln!("measured: {count} tenants");
    }
}
