//! temp
use eyot::*;
use http_body_util::BodyExt;
use std::sync::Arc;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args.get(1).map(String::as_str) == Some("snapshot-builder") {
        snapshot::child::run().unwrap();
        return;
    }
    isolate::init();
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).init();
    let rt = tokio::runtime::Runtime::new().unwrap();
    rt.block_on(run(args));
}
struct Obs;
impl isolate::Observer for Obs {
    fn logged(&self, _: &deployment::Deployment, l: isolate::LogLine) {
        println!("LOG {l:?}");
    }
    fn ended(&self, _: &deployment::Deployment, r: isolate::Report) {
        println!("END {r:?}");
    }
    fn started(&self, _: &deployment::Deployment, r: Result<isolate::Startup, &isolate::StartError>) {
        println!("START {r:?}");
    }
    fn kv_operation(&self, _: &deployment::Deployment, _: &'static str, _: Result<(), &kv::KvError>) {}
    fn terminated(&self, _: &deployment::Deployment, r: isolate::EndReason) {
        println!("TERM {r:?}");
    }
}
async fn run(args: Vec<String>) {
    let dir = std::path::PathBuf::from("/tmp/smoke");
    std::fs::create_dir_all(&dir).unwrap();
    let blobs = store::Blobs::open(&dir.join("blobs")).unwrap();
    let kvs = kv::Kv::open(&dir.join("kv"), kv::Config::default()).unwrap();
    let source = std::fs::read(&args[1]).unwrap();
    let code = Arc::new(script::Code {
        main_module: "index.js".into(),
        syntax: if args.iter().any(|a| a == "sw") { script::Syntax::ServiceWorker } else { script::Syntax::Modules },
        modules: vec![script::Module {
            name: "index.js".into(),
            kind: script::ModuleKind::EsModule,
            source: source.into(),
            source_map: None,
        }],
        compatibility_date: String::new(),
        compatibility_flags: vec![],
    });
    let hash = blobs.put(&code.encode()).unwrap();
    let limits = Arc::new(limits::Limits::default());
    let ns = ids::NamespaceId::generate();
    kvs.create_namespace(&ns).await.unwrap();
    let bindings = vec![
        deployment::NamedBinding { name: "KV".into(), binding: deployment::Binding::KvNamespace(ns) },
        deployment::NamedBinding { name: "TXT".into(), binding: deployment::Binding::PlainText("hi".into()) },
    ];
    let builder = snapshot::Builder::new(blobs.clone(), std::env::current_exe().unwrap(), 2);
    let t = std::time::Instant::now();
    let built = builder.build(snapshot::BuildInput { code, limits: limits.clone(), bindings: bindings.clone() }).await;
    println!("BUILT in {:?}: {built:?}", t.elapsed());
    let Ok(built) = built else { return };
    let host = Arc::new(isolate::Host {
        watchdog: limits::Watchdog::start().unwrap(),
        blobs: blobs.clone(),
        snapshots: store::BlobCache::new(blobs, 256 << 20),
        kv: kvs,
        permissions: isolate::permissions(&[]),
        observer: Arc::new(Obs),
    });
    let pool = isolate::Pool::new(host, isolate::Config::default());
    let d = Arc::new(deployment::Deployment {
        tenant: ids::TenantId::generate(),
        tenant_name: "demo".parse().unwrap(),
        script: "hello".parse().unwrap(),
        version: ids::VersionId::generate(),
        limits,
        bindings,
        syntax: if args.iter().any(|a| a == "sw") { script::Syntax::ServiceWorker } else { script::Syntax::Modules },
        code: hash,
        start: built.start,
        created_at: String::new(),
        tag: String::new(),
    });
    for i in 0..args.get(2).and_then(|n| n.parse().ok()).unwrap_or(3) {
        let t = std::time::Instant::now();
        let body: isolate::RequestBody =
            http_body_util::Full::new(bytes::Bytes::from(if i % 2 == 0 { "" } else { "some body" }))
                .map_err(|e| match e {})
                .boxed_unsync();
        let req = http::Request::builder()
            .method(if i % 2 == 0 { "GET" } else { "POST" })
            .uri("/x")
            .header("x-a", "b")
            .body(body)
            .unwrap();
        let a = pool.run(&d, req, "https://hello.demo.localhost/x?y=1", &ids::RayId::generate()).await;
        match a {
            Ok(r) => {
                let (p, b) = r.into_parts();
                let b = b.collect().await.map(|b| b.to_bytes());
                println!(
                    "{:?} {} {:?} {:?}",
                    t.elapsed(),
                    p.status,
                    p.headers,
                    b.as_ref().map(|b| String::from_utf8_lossy(&b[..b.len().min(300)]).into_owned())
                );
            }
            Err(e) => println!("{:?} FAIL {e:?}", t.elapsed()),
        }
    }
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    println!("{:?}", pool.figures());
}
