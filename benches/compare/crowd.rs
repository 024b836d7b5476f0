//! Crowds: many tenants with deployed scripts, made by copying what the database keeps of one that was uploaded.
//!
//! Uploading each would build each its snapshot; to the node that then starts there is no difference.

use std::path::Path;
use std::time::Instant;

use bytes::Bytes;
use rusqlite::{Connection, Transaction, params};

use crate::cases::{Effort, figure};
use crate::harness::{Node, Tenant, Upload};
use crate::load::{Http1, Manner, Question};
use crate::machine;
use crate::report::Report;
use crate::servers::{Eyot, Place, Workshop};

/// A node with so many tenants of so many scripts each, all of them hello.
pub(crate) struct Crowd {
    pub(crate) eyot: Eyot,
    /// What it was started with.
    data: std::sync::Arc<tempfile::TempDir>,
    config: String,
}

impl Crowd {
    /// Deploys hello once and copies it.
    pub(crate) async fn make(workshop: &Workshop, config: &str, tenants: usize, scripts: usize) -> Self {
        let eyot = workshop.eyot(config).await;
        eyot.tenant.deploy(SCRIPT, Upload::of(&workshop.script(SCRIPT))).await;
        let data = eyot.node.data();
        let original = eyot.tenant.name.clone();
        drop(eyot);
        copy(data.path(), &original, tenants, scripts).expect("copies what the database keeps");
        let eyot = workshop.eyot_on(config, Some(data.clone())).await;
        Self { eyot, data, config: config.to_owned() }
    }

    /// What to ask a tenant's first script.
    pub(crate) fn question(&self, tenant: usize) -> Question {
        Question {
            address: self.eyot.node.edge,
            host: format!("{SCRIPT}.{}.localhost", name(tenant)),
            path: "/".to_owned(),
            body: Bytes::new(),
            answer_bytes: Some(5),
        }
    }

    /// Where all of them are served.
    pub(crate) fn place(&self) -> Place {
        Place { pid: self.eyot.node.pid(), address: self.eyot.node.edge, host: String::new() }
    }

    /// Stops the node and starts it again, which takes this many seconds until it prints `ready`.
    async fn start_again(self, workshop: &Workshop) -> (Self, f64) {
        let Self { eyot, data, config } = self;
        eyot.node.signal("TERM");
        eyot.node.exit_status().await;
        drop(eyot);
        let options = workshop.options(&config, Some(data.clone()));
        let began = Instant::now();
        let node = machine::among_servers(|| Node::start(options));
        let took = began.elapsed().as_secs_f64();
        let eyot = Eyot { tenant: Tenant::create(&node, "later").await, node };
        (Self { eyot, data, config }, took)
    }
}

/// Starts the isolate of each question's script, and has it answer so often that connections may move in with it.
pub(crate) async fn warm(questions: &[Question]) {
    let asking = questions.iter().map(|question| async move {
        let mut connection = Http1::to(question).await.expect("connects");
        for _ in 0..WARM_ANSWERS {
            connection.exchange(question).await.expect("an answer");
        }
    });
    let mut asking = asking.collect::<Vec<_>>().into_iter();
    while asking.len() > 0 {
        futures::future::join_all(asking.by_ref().take(AT_ONCE)).await;
    }
}

/// Measures a node that knows many scripts: its start, its memory, and whether finding one of them costs anything.
pub(crate) async fn measure(report: &mut Report, effort: Effort) {
    let workshop = Workshop::open();
    let config = "[isolates]\nslots_max = 200\n";
    let few = Crowd::make(&workshop, config, 1, 1).await;
    let crowd = Crowd::make(&workshop, config, TENANTS, SCRIPTS_EACH).await;
    let (crowd, took) = crowd.start_again(&workshop).await;
    let name = format!("{TENANTS} tenants with {} scripts", TENANTS * SCRIPTS_EACH);
    report.value(&format!("{name}, start to ready"), "eyot", took * 1e3, "ms");
    let pid = crowd.eyot.node.pid();
    report.value(&format!("{name}, resident memory at ready"), "eyot", machine::resident_bytes(pid) as f64 / 1e6, "MB");
    let questions: Vec<Question> = (0..WARM).map(|at| crowd.question(at * (TENANTS / WARM))).collect();
    warm(&questions).await;
    let resident = machine::resident_bytes(pid) as f64 / 1e6;
    report.value(&format!("{name}, resident memory with {WARM} warm"), "eyot", resident, "MB");
    let (one, other) = ([few.question(0)], [crowd.question(TENANTS - 1)]);
    warm(&one).await;
    warm(&other).await;
    let (mut alone, mut among) = (Vec::new(), Vec::new());
    for round in 0..=effort.rounds {
        let taken = (
            figure(&few.place(), &one, Manner::Http1(64), effort.window).await,
            figure(&crowd.place(), &other, Manner::Http1(64), effort.window).await,
        );
        if round > 0 {
            alone.push(taken.0);
            among.push(taken.1);
        }
    }
    report.add("hello, the only script", "eyot", &alone);
    report.add(&format!("hello, one of {} scripts", TENANTS * SCRIPTS_EACH), "eyot", &among);
    eprintln!("measured: a crowd");
}

fn name(tenant: usize) -> String {
    format!("crowd-{tenant}")
}

fn copy(data: &Path, original: &str, tenants: usize, scripts: usize) -> rusqlite::Result<()> {
    let mut database = Connection::open(data.join("control.sqlite"))?;
    let change = database.transaction()?;
    change.execute_batch(&format!(
        "CREATE TEMP TABLE a_tenant AS SELECT * FROM tenants WHERE subdomain = '{original}';
         CREATE TEMP TABLE a_script AS SELECT * FROM scripts WHERE tenant = (SELECT id FROM a_tenant);
         CREATE TEMP TABLE a_version AS SELECT * FROM versions WHERE script = (SELECT id FROM a_script);
         CREATE TEMP TABLE a_deployment AS SELECT * FROM deployments WHERE script = (SELECT id FROM a_script);"
    ))?;
    for tenant in 0..tenants {
        let (id, name) = (format!("{:032x}", tenant + 1), name(tenant));
        change.prepare_cached("UPDATE a_tenant SET id = ?1, name = ?2, subdomain = ?2")?.execute([&id, &name])?;
        change.prepare_cached("INSERT INTO tenants SELECT * FROM a_tenant")?.execute([])?;
        for script in 0..scripts {
            copy_script(&change, &id, script, tenant * scripts + script)?;
        }
    }
    change.commit()
}

fn copy_script(change: &Transaction<'_>, tenant: &str, script: usize, number: usize) -> rusqlite::Result<()> {
    let name = if script == 0 { SCRIPT.to_owned() } else { format!("{SCRIPT}-{script}") };
    let uuid = |kind: u32| format!("{kind:08x}-0000-4000-8000-{number:012x}");
    change
        .prepare_cached("UPDATE a_script SET id = (SELECT max(id) + 1 FROM scripts), tenant = ?1, name = ?2, tag = ?3")?
        .execute([tenant, &name, &format!("{number:032x}")])?;
    change.prepare_cached("INSERT INTO scripts SELECT * FROM a_script")?.execute([])?;
    change.prepare_cached("UPDATE a_version SET id = ?1, script = (SELECT id FROM a_script)")?.execute([uuid(1)])?;
    change.prepare_cached("INSERT INTO versions SELECT * FROM a_version")?.execute([])?;
    change
        .prepare_cached(
            "UPDATE a_deployment SET seq = NULL, id = ?1, versions = ?2, script = (SELECT id FROM a_script)",
        )?
        .execute(params![uuid(2), format!("[[\"{}\",100]]", uuid(1))])?;
    change.prepare_cached("INSERT INTO deployments SELECT * FROM a_deployment")?.execute([])?;
    Ok(())
}

const SCRIPT: &str = "hello";
const TENANTS: usize = 10_000;
const SCRIPTS_EACH: usize = 2;
const WARM: usize = 100;

/// More than an isolate answers before connections move in.
const WARM_ANSWERS: usize = 40;

/// Scripts that are warmed at once.
const AT_ONCE: usize = 8;
