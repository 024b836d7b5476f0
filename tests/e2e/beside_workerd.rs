//! Promise: a script finds here what it finds in workerd, by name: what Node's modules export, and which compatibility
//! flags are on.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::apps::Workerd;
use crate::harness::{Node, Tenant, Upload, client, fixture};

/// Names by module, with their types.
type Names = BTreeMap<String, BTreeMap<String, Value>>;

/// Lists every module of Node's in both; an import of a name that is not there would fail when a package is loaded.
#[tokio::test]
async fn every_name_that_workerds_modules_export_is_there() {
    let names: Vec<Names> = both(&[("2026-11-01", &[][..])], &fixture("node/names.js")).await;
    let [here, there] = names.as_slice() else { panic!("two answers") };
    let mut missing = Vec::new();
    for (module, names) in there.iter().filter(|(module, _)| *module != "flags") {
        let accepted = ACCEPTED.iter().find(|(accepted, _)| module.trim_end_matches(" default") == *accepted);
        let accepted = accepted.map_or(&[][..], |(_, names)| *names);
        for (name, kind) in names.iter().filter(|(name, _)| !accepted.contains(&name.as_str())) {
            let found = here.get(module).and_then(|names| names.get(name));
            if found != Some(kind) {
                missing.push(format!("{module}.{name}: {kind} in workerd, here {found:?}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Dates before and after flags became defaults, flags that ask for more and for less.
#[tokio::test]
async fn compatibility_flags_are_those_of_workerd() {
    let source = "export default { fetch: () => Response.json({ flags: Cloudflare.compatibilityFlags }) };";
    let cases = [
        ("2021-01-01", &[][..]),
        ("2022-10-31", &["url_original"]),
        ("2024-09-22", &["nodejs_compat"]),
        ("2024-09-23", &["nodejs_compat", "no_nodejs_compat_v2"]),
        ("2025-09-15", &["nodejs_compat", "disable_nodejs_fs_module"]),
        ("2026-03-17", &["streams_auto_allocate_chunk_size_default"]),
        ("2026-11-17", &["no_nodejs_compat"]),
        ("2026-11-17", &[]),
    ];
    let flags: Vec<Names> = both(&cases, source).await;
    for (case, answers) in cases.iter().zip(flags.chunks(2)) {
        let [here, there] = answers else { panic!("two answers") };
        for (flag, on) in &there["flags"] {
            assert_eq!(here["flags"].get(flag), Some(on), "{flag} {case:?}");
        }
    }
}

/// An upload with a flag that nobody knows, one twice, and one with its opposite: refused in workerd's words.
#[tokio::test]
async fn flags_that_cannot_be_are_refused() {
    let tenant = Tenant::create(&Node::shared(), "flags").await;
    for (flags, expected) in [
        (json!(["nodejs_compatt"]), "No such compatibility flag: nodejs_compatt"),
        (json!(["url_standard", "url_standard"]), "Compatibility flag specified multiple times: url_standard"),
        (
            json!(["url_standard", "url_original"]),
            "Compatibility flags are mutually contradictory: url_standard vs url_original",
        ),
    ] {
        let upload = Upload::of("export default { fetch() {} };").set("compatibility_flags", flags);
        let (code, message) = tenant.upload("flags", upload).await.refusal();
        assert_eq!((code, message.as_str()), (10021, expected));
    }
    tenant.expect_error("flags", "/", 404, 1022).await;
}

/// The answers of a script with each date and flags: ours, workerd's, ours, …
async fn both(cases: &[(&str, &[&str])], source: &str) -> Vec<Names> {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "beside").await;
    tenant.limit(json!({ "cpu_ms": 10_000, "startup_cpu_ms": 10_000 })).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    configure(folder.path(), cases, source);
    let workerd = Workerd::start(folder.path()).await;
    let mut answers = Vec::new();
    for (number, (date, flags)) in cases.iter().enumerate() {
        let script = format!("case-{number}");
        let upload = Upload::of(source).set("compatibility_date", json!(date)).set("compatibility_flags", json!(flags));
        tenant.deploy(&script, upload).await;
        let here = tenant.text(&script, "/").await;
        let there = client(&node).get(format!("http://{script}.localhost:{}/", workerd.port)).send().await;
        let there = there.expect("an answer").text().await.expect("a body");
        for text in [here, there] {
            answers.push(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")));
        }
    }
    answers
}

/// One service a case, and a router by the first label of the host's name.
pub(crate) fn configure(folder: &Path, cases: &[(&str, &[&str])], source: &str) {
    std::fs::write(folder.join("worker.js"), source).expect("writes");
    let services: String = cases
        .iter()
        .enumerate()
        .map(|(number, (date, flags))| {
            format!(
                "(name = \"case-{number}\", worker = (modules = [(name = \"worker\", esModule = embed \"worker.js\")], \
                 compatibilityDate = \"{date}\", compatibilityFlags = {})),\n",
                json!(flags)
            )
        })
        .collect();
    let bindings: Vec<String> =
        (0..cases.len()).map(|number| format!("(name = \"case-{number}\", service = \"case-{number}\")")).collect();
    let router = "export default { fetch: (q, env) => env[new URL(q.url).hostname.split('.')[0]].fetch(q) };";
    let config = format!(
        "using Workerd = import \"/workerd/workerd.capnp\";\nconst config :Workerd.Config = (services = [{services}\
         (name = \"router\", worker = (modules = [(name = \"worker\", esModule = \"{router}\")], bindings = [{}], \
         compatibilityDate = \"2026-01-01\"))],\n\
         sockets = [(name = \"http\", address = \"127.0.0.1:0\", http = (), service = \"router\")]);",
        bindings.join(", ")
    );
    std::fs::write(folder.join("config.capnp"), config).expect("writes");
}

/// What is not there, or of another type, and why.
const ACCEPTED: &[(&str, &[&str])] = &[
    // Statics of the class, which is the module's default export.
    ("_stream_duplex", &["from", "fromWeb", "toWeb"]),
    ("_stream_readable", &["ReadableState", "from", "fromWeb", "toWeb", "wrap"]),
    ("_stream_writable", &["WritableState", "fromWeb", "toWeb"]),
    // Names that Node.js does not have.
    ("cluster", &["Cluster", "domain"]),
    ("net", &["BoundSocket"]),
    ("stream/promises", &["promises"]),
    ("timers", &["Timeout"]),
    ("url", &["toPathIfFileURL"]),
    // Flags and signals of macOS, a list of ciphers of OpenSSL.
    ("constants", &["O_SYMLINK", "SIGINFO", "defaultCipherList"]),
    // The module's own `active` and `create` are the other way round there.
    ("domain", &["active", "create"]),
    ("inspector/promises", &["Network"]),
    // There is no debugger's socket and no terminal behind these.
    ("console", &["_ignoreErrors", "_stderr", "_stderrErrorHandler", "_stdout", "_stdoutErrorHandler", "_times"]),
    (
        "process",
        &[
            "_channel",
            "_debugEnd",
            "_debugProcess",
            "_disconnect",
            "_events",
            "_eventsCount",
            "_fatalException",
            "_handleQueue",
            "_maxListeners",
            "_pendingMessage",
            "_send",
            "_startProfilerIdleNotifier",
            "_stopProfilerIdleNotifier",
            "_tickCallback",
            "channel",
            "send",
        ],
    ),
    ("sqlite", &["backup"]),
];
