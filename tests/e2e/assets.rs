//! Promise: static assets are deployed as wrangler does it, served by the rules of Workers, and seen by nobody else.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::cli::Shell;
use crate::harness::{Node, Reply, Tenant, Upload, client};
use crate::wrangler::wrangler;

/// A project with a script, an assets binding, `_headers` and `_redirects`; then one of assets alone.
#[tokio::test]
async fn wrangler_deploys_assets_with_and_without_a_script() {
    let tenant = Tenant::create(&Node::shared(), "assets-w").await.with_token(&["read", "deploy"]).await;
    let project = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = project.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("writes");
    };
    write(
        "wrangler.jsonc",
        r#"{ "name": "site", "main": "worker.js", "compatibility_date": "2026-01-01",
             "assets": { "directory": "public", "binding": "ASSETS", "not_found_handling": "404-page", "run_worker_first": ["/first/*"] } }"#,
    );
    write(
        "worker.js",
        "export default { async fetch(request, env) {
           const { pathname } = new URL(request.url);
           if (pathname === '/through') return env.ASSETS.fetch(new URL('/docs/', request.url));
           if (pathname === '/first/missing') return env.ASSETS.fetch(request);
           return new Response('worker ' + pathname);
         } };",
    );
    write("public/index.html", "<h1>home</h1>");
    write("public/404.html", "<h1>none</h1>");
    write("public/docs/index.html", &"<p>docs</p>".repeat(1_000));
    write("public/a b.txt", "spaced");
    write("public/first/seen.txt", "asset");
    write("public/_redirects", "/old/* /docs/:splat 301\n");
    write("public/_headers", "/docs/*\n  X-Docs: yes\n");
    wrangler(&tenant, project.path(), &["deploy"]).await;

    let get = async |path: &str| {
        let response = tenant.fetch("site", path).await.expect("an answer");
        (response.status().as_u16(), response.headers().clone(), response.text().await.expect("a body"))
    };
    let (status, headers, body) = get("/").await;
    assert_eq!((status, body.as_str()), (200, "<h1>home</h1>"));
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    assert!(headers["etag"].to_str().is_ok_and(|etag| etag.len() == 34));
    assert_eq!(get("/a%20b.txt").await.2, "spaced");
    assert_eq!(get("/api").await.2, "worker /api", "what is no asset is the script's");
    assert_eq!(get("/first/seen.txt").await.2, "worker /first/seen.txt", "the script comes first there");
    assert_eq!(get("/through").await.2.len(), 11_000);
    let (status, _, body) = get("/first/missing").await;
    assert_eq!((status, body.as_str()), (404, "<h1>none</h1>"));
    let (status, headers, _) = get("/docs/").await;
    assert_eq!((status, &headers["x-docs"]), (200, &"yes".parse().expect("a value")));

    write("public/index.html", "<h1>changed</h1>");
    wrangler(&tenant, project.path(), &["deploy"]).await;
    assert_eq!(get("/").await.2, "<h1>changed</h1>");

    write(
        "wrangler.jsonc",
        r#"{ "name": "site", "compatibility_date": "2026-01-01", "assets": { "directory": "public" } }"#,
    );
    wrangler(&tenant, project.path(), &["deploy"]).await;
    assert_eq!(get("/").await.2, "<h1>changed</h1>");
    let (status, _, body) = get("/api").await;
    assert_eq!((status, body.as_str()), (404, ""), "there is no script any more");
}

/// Validators, ranges, encodings, methods and redirects, asked for one by one.
#[tokio::test]
async fn assets_have_everything_http_has_for_files() {
    let tenant = Tenant::create(&Node::shared(), "assets-h").await;
    let text = "0123456789".repeat(1_000);
    let config = json!({ "_redirects": "/go https://example.com/ 302\n" });
    deploy(&tenant, "files", &[("/t.txt", text.as_bytes()), ("/page.html", b"page"), ("/large.bin", &large())], config)
        .await;
    let ask = async |method: Method, path: &str, headers: &[(&str, &str)]| {
        let mut request = tenant.edge.request(method, tenant.url("files", path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.expect("an answer")
    };
    let plain = ask(Method::GET, "/t.txt", &[]).await;
    assert_eq!((plain.status(), plain.content_length()), (StatusCode::OK, Some(10_000)));
    let etag = plain.headers()["etag"].to_str().expect("text").to_owned();
    let known = ask(Method::GET, "/t.txt", &[("if-none-match", &etag)]).await;
    assert_eq!((known.status(), &known.headers()["etag"]), (StatusCode::NOT_MODIFIED, &etag.parse().expect("a value")));
    let part = ask(Method::GET, "/t.txt", &[("range", "bytes=5-9"), ("accept-encoding", "br")]).await;
    assert_eq!(
        (part.status(), &part.headers()["content-range"]),
        (StatusCode::PARTIAL_CONTENT, &"bytes 5-9/10000".parse().expect("a value"))
    );
    assert_eq!(part.text().await.expect("a body"), "56789");
    assert_eq!(ask(Method::GET, "/t.txt", &[("range", "bytes=20000-")]).await.status(), 416);
    let head = ask(Method::HEAD, "/t.txt", &[]).await;
    assert_eq!(
        (head.status(), &head.headers()["content-length"]),
        (StatusCode::OK, &"10000".parse().expect("a value"))
    );
    for encoding in ["br", "gzip"] {
        let packed = ask(Method::GET, "/t.txt", &[("accept-encoding", encoding)]).await;
        assert_eq!(packed.headers()["content-encoding"], encoding);
        assert!(packed.headers()["etag"].to_str().is_ok_and(|weak| weak == format!("W/{etag}")));
        assert!(packed.bytes().await.expect("a body").len() < 1_000);
    }
    assert_eq!(ask(Method::POST, "/t.txt", &[]).await.status(), 405);
    let moved = ask(Method::GET, "/page.html?q=1", &[]).await;
    assert_eq!(
        (moved.status(), &moved.headers()["location"]),
        (StatusCode::TEMPORARY_REDIRECT, &"/page?q=1".parse().expect("a value"))
    );
    let away = ask(Method::GET, "/go", &[]).await;
    assert_eq!(
        (away.status(), &away.headers()["location"]),
        (StatusCode::FOUND, &"https://example.com/".parse().expect("a value"))
    );
    assert!(ask(Method::GET, "/large.bin", &[]).await.bytes().await.expect("a body") == large());
}

/// Deploys a folder of static assets alone, then with a script, a rate limiter and a service binding to itself.
#[tokio::test]
async fn eyot_deploy_brings_static_assets_along() {
    let shell = Shell::new();
    let config = "{ \"name\": \"static-site\", \"assets\": { \"directory\": \"public\", \"html_handling\": \"drop-trailing-slash\" } }";
    let folder = shell.file("static-site/wrangler.jsonc", config);
    let folder = folder.parent().expect("its folder").to_str().expect("a plain path");
    shell.file("static-site/public/index.html", "home");
    shell.file("static-site/public/deep/page.html", "page");
    shell.file("static-site/public/_headers", "/*\n  X-Site: yes\n");
    let printed = shell.ok(&["deploy", folder]).await;
    let url = printed.lines().find(|line| line.starts_with("https://")).expect("where it serves").to_owned();
    let get = async |path: &str| {
        let answer = client(&shell.node).get(format!("{url}{path}")).send().await.expect("an answer");
        let site = answer.headers().get("x-site").cloned();
        (answer.status().as_u16(), site.is_some(), answer.text().await.expect("a body"))
    };
    assert_eq!(get("").await, (200, true, "home".to_owned()));
    assert_eq!(get("deep/page").await, (200, true, "page".to_owned()));
    assert_eq!(get("absent").await.0, 404);

    let config = "{ \"name\": \"static-site\", \"main\": \"main.js\", \"assets\": { \"directory\": \"public\", \"binding\": \"FILES\" },
        \"services\": [{ \"binding\": \"SELF\", \"service\": \"static-site\" }],
        \"ratelimits\": [{ \"name\": \"RL\", \"namespace_id\": \"1\", \"simple\": { \"limit\": 1, \"period\": 60 } }] }";
    shell.file("static-site/wrangler.jsonc", config);
    let main = "export default { async fetch(request, env) {
        if (request.url.endsWith('/self')) return env.SELF.fetch(new URL('/inner', request.url));
        const page = await (await env.FILES.fetch(new URL('/deep/page', request.url))).text();
        const passed = [(await env.RL.limit({ key: 'k' })).success, (await env.RL.limit({ key: 'k' })).success];
        return new Response([page, ...passed].join());
      } };";
    shell.file("static-site/main.js", main);
    shell.ok(&["deploy", folder]).await;
    assert_eq!(get("").await.2, "home");
    assert_eq!(get("self").await.2, "page,true,false");
}

/// Tokens of others, files that were not named, hashes that are paths, and paths that lead out.
#[tokio::test]
async fn hostile_uploads_of_assets_are_refused() {
    let node = Node::shared();
    let (tenant, other) = (Tenant::create(&node, "assets-x").await, Tenant::create(&node, "assets-y").await);
    let session = async |tenant: &Tenant, files: Value| {
        let path = tenant.path("/workers/scripts/site/assets-upload-session");
        tenant.call(Method::POST, &path, Some(json!({ "manifest": files }))).await
    };
    let hash = "0123456789abcdef0123456789abcdef";
    for files in [
        json!({ "/../a": { "hash": hash, "size": 1 } }),
        json!({ "a": { "hash": hash, "size": 1 } }),
        json!({ "/a": { "hash": "../../admin.token", "size": 1 } }),
        json!({ "/a": { "hash": hash, "size": 26 << 20 } }),
        json!([]),
    ] {
        session(&tenant, files.clone()).await.refusal();
    }
    let begun = session(&tenant, json!({ "/a": { "hash": hash, "size": 3 } })).await.result();
    let token = begun["jwt"].as_str().expect("a token");
    assert_eq!(begun["buckets"], json!([[hash]]));
    let send = async |tenant: &Tenant, token: &str, name: &str, bytes: &[u8]| {
        let part = Part::text(STANDARD.encode(bytes)).file_name(name.to_owned());
        let url = format!("{}/client/v4{}", node.admin, tenant.path("/workers/assets/upload?base64=true"));
        let form = Form::new().part(name.to_owned(), part);
        Reply::of(tenant.admin.post(url).bearer_auth(token).multipart(form)).await
    };
    assert_eq!(send(&other, token, hash, b"abc").await.status, 404, "the account of another tenant");
    assert_eq!(send(&tenant, &tenant.token, hash, b"abc").await.status, 401, "an API token is no session");
    assert_eq!(send(&tenant, &format!("{token}0"), hash, b"abc").await.status, 401);
    send(&tenant, token, "ffffffffffffffffffffffffffffffff", b"abc").await.refusal();
    send(&tenant, token, "../../../x", b"abc").await.refusal();
    send(&tenant, token, hash, b"too long").await.refusal();
    let upload = |token: &str| Upload::of("export default { fetch() {} };").set("assets", json!({ "jwt": token }));
    let early = tenant.upload("site", upload(token)).await.refusal();
    assert!(early.1.contains("not uploaded"), "{early:?}");
    assert_eq!(send(&tenant, token, hash, b"abc").await.result()["jwt"], token);
    other.upload("site", upload(token)).await.refusal();
    tenant.upload("elsewhere", upload(token)).await.refusal();
    tenant.deploy("site", upload(token)).await;
    assert_eq!(tenant.text("site", "/a").await, "abc");
    let read = tenant.with(token).call(Method::GET, &tenant.path("/workers/scripts"), None).await;
    assert_eq!(read.status, 401, "a session is good for nothing else");
    // The same hash as another tenant's file is another file.
    let again = session(&other, json!({ "/a": { "hash": hash, "size": 3 } })).await.result();
    assert_eq!(again["buckets"], json!([[hash]]));
    for path in ["/../../../etc/passwd", "/%2e%2e/%2e%2e/admin.token", "/..%2f..%2fadmin.token", "/a%00"] {
        let status = tenant.fetch("site", path).await.map(|response| response.status().as_u16());
        assert!(matches!(status, Ok(400 | 404 | 500)), "{path}: {status:?}");
    }
}

fn large() -> Vec<u8> {
    (0..3_000_000_u32).map(|at| u8::try_from(at % 251).expect("is small")).collect()
}

/// Uploads files beside a script that answers `script`.
async fn deploy(tenant: &Tenant, script: &str, files: &[(&str, &[u8])], config: Value) {
    let mut manifest = serde_json::Map::new();
    let mut form = Form::new();
    for (at, (path, bytes)) in files.iter().enumerate() {
        let hash = format!("{at:032x}");
        let kind = if Path::new(path).extension().is_some_and(|ending| ending == "bin") {
            "application/octet-stream"
        } else {
            "text/plain"
        };
        let part = Part::text(STANDARD.encode(bytes)).file_name(hash.clone()).mime_str(kind).expect("a type");
        form = form.part(hash.clone(), part);
        manifest.insert((*path).to_owned(), json!({ "hash": hash, "size": bytes.len() }));
    }
    let path = tenant.path(&format!("/workers/scripts/{script}/assets-upload-session"));
    let begun = tenant.call(Method::POST, &path, Some(json!({ "manifest": manifest }))).await.result();
    let token = begun["jwt"].as_str().expect("a token");
    let url = format!("{}/client/v4{}", tenant.node.admin, tenant.path("/workers/assets/upload?base64=true"));
    let sent = Reply::of(tenant.admin.post(url).bearer_auth(token).multipart(form)).await;
    let done = sent.result()["jwt"].as_str().expect("complete").to_owned();
    let upload = Upload::of("export default { fetch() { return new Response('script'); } };");
    tenant.deploy(script, upload.set("assets", json!({ "jwt": done, "config": config }))).await;
}
