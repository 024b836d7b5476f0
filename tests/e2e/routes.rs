//! Promise: scripts answer at names of a tenant's own, the most specific pattern wins, and a name is one tenant's only.

use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Neighbour, Node, Options, Reply, Tenant, TlsSocket, Upload, client_with, expect_error};
use crate::wrangler::{wrangler, wrangler_fails};

/// Says its name and the path it was asked for.
fn named(name: &str) -> Upload {
    Upload::of(&format!("export default {{ fetch: (r) => new Response('{name} ' + new URL(r.url).pathname) }};"))
}

async fn put_patterns(tenant: &Tenant, script: &str, patterns: &[&str]) -> Reply {
    let patterns: Vec<Value> = patterns.iter().map(|pattern| json!({ "pattern": pattern })).collect();
    let path = tenant.path(&format!("/workers/scripts/{script}/routes"));
    tenant.call(Method::PUT, &path, Some(json!(patterns))).await
}

async fn attach(tenant: &Tenant, script: &str, hostname: &str) -> Reply {
    let body = json!({ "hostname": hostname, "service": script, "environment": "production" });
    tenant.call(Method::PUT, &tenant.path("/workers/domains"), Some(body)).await
}

/// Asks for this host and path.
async fn at(tenant: &Tenant, host_and_path: &str) -> reqwest::Response {
    let (host, path) = host_and_path.split_once('/').expect("a path");
    let url = format!("https://{host}:{}/{path}", tenant.node.edge.port());
    tenant.edge.get(url).send().await.unwrap_or_else(|error| panic!("{host_and_path}: {error:?}"))
}

async fn text_at(tenant: &Tenant, host_and_path: &str) -> String {
    let response = at(tenant, host_and_path).await;
    assert_eq!(response.status(), 200, "{host_and_path}");
    response.text().await.expect("a body")
}

/// Patterns of every kind and a custom hostname on overlapping hosts; paths, queries and hosts that none takes.
#[tokio::test]
async fn the_most_specific_pattern_wins() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "routes").await.with_token(&["read", "deploy"]).await;
    let neighbour = Neighbour::start(&node).await;
    for name in ["site", "api", "wide", "exact"] {
        tenant.deploy(name, named(name)).await;
    }
    attach(&tenant, "site", "Routes.test").await.result();
    put_patterns(&tenant, "api", &["https://routes.test/api/*", "routes.test/api*"]).await.result();
    put_patterns(&tenant, "wide", &["*routes.test/wide*", "*.routes.test/*"]).await.result();
    put_patterns(&tenant, "exact", &["routes.test/api/exact", "deep.routes.test"]).await.result();
    for (asked, script) in [
        ("routes.test/", "site"),
        ("routes.test/wide/x", "site"),
        ("routes.test/ap", "site"),
        ("routes.test/api", "api"),
        ("routes.test/apis", "api"),
        ("routes.test/api/x?q=1", "api"),
        ("routes.test/api/exact", "exact"),
        ("routes.test/api/exact?q=1", "api"),
        ("routes.test/API", "site"),
        ("ROUTES.test/api/exact", "exact"),
        ("www.routes.test/x", "wide"),
        ("a.b.c.routes.test/x", "wide"),
        ("deep.routes.test/", "exact"),
        ("deep.routes.test/x", "wide"),
    ] {
        let path = asked.split_once('/').map(|(_, path)| path.split('?').next().unwrap_or_default());
        assert_eq!(text_at(&tenant, asked).await, format!("{script} /{}", path.unwrap_or_default()), "{asked}");
    }
    put_patterns(&tenant, "wide", &["www.routes.test/only"]).await.result();
    expect_error(at(&tenant, "www.routes.test/other").await, 404, 1022).await;
    assert!(TlsSocket::connect(&node, "other.routes.test").await.is_err(), "an unclaimed host has no certificate");
    // The name of the connection opens no door: what the request asks for decides.
    let mut socket = TlsSocket::connect(&node, "routes.test").await.expect("connects");
    socket.send(b"GET / HTTP/1.1\r\nhost: other.routes.test\r\nconnection: close\r\n\r\n").await;
    assert!(socket.read_to_end().await.starts_with("HTTP/1.1 404 "));
    tenant.call(Method::DELETE, &tenant.path("/workers/scripts/site"), None).await.result();
    expect_error(at(&tenant, "routes.test/").await, 404, 1022).await;
    assert_eq!(text_at(&tenant, "routes.test/api").await, "api /api", "the others stay");
    neighbour.finish().await;
}

/// Two tenants reach for the same hosts, by name and by stars, through every call that could give them one.
#[tokio::test]
async fn no_tenant_gets_the_host_of_another() {
    let node = Node::shared();
    let scopes = &["read", "deploy"];
    let owner = Tenant::create(&node, "owner").await.with_token(scopes).await;
    let thief = Tenant::create(&node, "thief").await.with_token(scopes).await;
    owner.deploy("shop", named("shop")).await;
    owner.deploy("other", named("other")).await;
    thief.deploy("shop", named("stolen")).await;
    let domain = attach(&owner, "shop", "shop.owned.test").await.result();
    put_patterns(&owner, "other", &["*.wild.owned.test/*"]).await.result();
    for pattern in ["shop.owned.test/x", "*.owned.test/*", "*owned.test/*", "*shop.owned.test/y", "a.wild.owned.test/*"]
    {
        let (code, message) = put_patterns(&thief, "shop", &["mine.test/*", pattern]).await.refusal();
        assert_eq!(code, 10020, "{pattern}: {message}");
        assert!(message.contains("owned.test") && !message.contains(&owner.id), "{message}");
    }
    assert_eq!(attach(&thief, "shop", "shop.owned.test").await.refusal().0, 10020);
    let records = json!({ "override_existing_origin": true, "origins": [{ "hostname": "shop.owned.test" }] });
    let path = thief.path("/workers/scripts/shop/domains/records");
    assert_eq!(thief.call(Method::PUT, &path, Some(records)).await.refusal().0, 10020);
    let id = domain["id"].as_str().expect("an id");
    for (method, path) in [
        (Method::GET, thief.path(&format!("/workers/domains/{id}"))),
        (Method::DELETE, thief.path(&format!("/workers/domains/{id}"))),
        (Method::DELETE, owner.path(&format!("/workers/domains/{id}"))),
        (Method::GET, format!("/zones/{}/workers/routes", domain["zone_id"].as_str().expect("an id"))),
    ] {
        assert_eq!(thief.call(method, &path, None).await.status, 404, "{path}");
    }
    // The refused lists changed nothing, not even their first entry.
    let routes = thief.call(Method::GET, &thief.path("/workers/scripts/shop/routes"), None).await.result();
    assert_eq!(routes, json!([]));
    assert_eq!(text_at(&owner, "shop.owned.test/").await, "shop /");
    // The node's own names are nobody's; a name that would reach into them neither.
    for pattern in ["a.b.c.localhost/*", "*.demo.localhost/*", "a.localhost/*", "hello.demo.localhost/*"] {
        assert_eq!(put_patterns(&thief, "shop", &[pattern]).await.refusal().0, 10020, "{pattern}");
    }
    // Within a tenant a conflict names the script; a hostname may be moved.
    let (code, message) = put_patterns(&owner, "shop", &["*.wild.owned.test/*"]).await.refusal();
    assert!(code == 10020 && message.contains("\"other\""), "{message}");
    attach(&owner, "other", "shop.owned.test").await.result();
    assert_eq!(text_at(&owner, "shop.owned.test/").await, "other /");
    // The operator is told who has it, and what is given up can be claimed.
    let (_, message) = attach(&thief.with(&node.token), "shop", "shop.owned.test").await.refusal();
    assert!(message.contains(&owner.id), "{message}");
    owner.call(Method::DELETE, &owner.path(&format!("/workers/domains/{id}")), None).await.result();
    attach(&thief, "shop", "shop.owned.test").await.result();
    assert_eq!(text_at(&thief, "shop.owned.test/").await, "stolen /");
}

/// A certificate of the configuration for one host, the authority's for another; then the node is killed, the tenant is
/// renamed and goes.
#[tokio::test]
async fn hosts_have_certificates_and_survive_kill_9() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let key = KeyPair::generate().expect("a key");
    let made = CertificateParams::new(vec!["files.test".to_owned()]).expect("a name").self_signed(&key);
    let pem = made.expect("a certificate").pem();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("cert.pem"), &pem).expect("writes");
    std::fs::write(path("key.pem"), key.serialize_pem()).expect("writes");
    let config = format!("[[edge.certificates]]\ncertificate = {:?}\nkey = {:?}\n", path("cert.pem"), path("key.pem"));
    let node = Node::start(Options { config: config.clone(), ..Options::default() });
    let tenant = Tenant::create(&node, "keeper").await;
    tenant.deploy("kept", named("kept")).await;
    put_patterns(&tenant, "kept", &["files.test/*", "*.authority.test/*"]).await.result();
    let check = async |node: &Arc<Node>, tenant: &Tenant| {
        let root = reqwest::Certificate::from_pem(pem.as_bytes()).expect("a certificate");
        let edge = client_with(node, |builder| builder.tls_certs_only([root]));
        let by_files = Tenant { edge, ..tenant.clone() };
        assert_eq!(text_at(&by_files, "files.test/a").await, "kept /a");
        assert_eq!(text_at(tenant, "x.authority.test/a").await, "kept /a");
    };
    check(&node, &tenant).await;
    node.signal("KILL");
    node.exit_status().await;
    let again = Node::start(Options { config, data: Some(node.data()), ..Options::default() });
    let tenant = tenant.moved_to(&again);
    check(&again, &tenant).await;
    let renamed = json!({ "subdomain": "renamed" });
    tenant.call(Method::PUT, &tenant.path("/workers/subdomain"), Some(renamed)).await.result();
    check(&again, &tenant).await;
    tenant.call(Method::DELETE, &tenant.path(""), None).await.result();
    assert!(TlsSocket::connect(&again, "x.authority.test").await.is_err(), "nobody has the host any more");
}

/// wrangler deploys with routes and a custom domain, again, and with a route that another script has.
#[tokio::test]
async fn wrangler_deploys_routes_and_custom_domains() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "wrangler-routes").await.with_token(&["read", "deploy", "kv"]).await;
    let project = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, routes: &str| {
        let config =
            format!("name = '{name}'\nmain = 'index.js'\ncompatibility_date = '2026-01-01'\nroutes = [{routes}]\n");
        std::fs::write(project.path().join("wrangler.toml"), config).expect("writes");
        let source = format!("export default {{ fetch: () => new Response('{name}') }};");
        std::fs::write(project.path().join("index.js"), source).expect("writes");
    };
    write(
        "one",
        "'by-wrangler.test/api/*', { pattern = 'www.by-wrangler.test/*', zone_name = 'by-wrangler.test' },
         { pattern = 'by-wrangler.test', custom_domain = true }",
    );
    wrangler(&tenant, project.path(), &["deploy"]).await;
    for asked in ["by-wrangler.test/", "by-wrangler.test/api/x", "www.by-wrangler.test/"] {
        assert_eq!(text_at(&tenant, asked).await, "one", "{asked}");
    }
    // Deployed again its zones are looked up, because its own name is switched off by now.
    write("one", "'by-wrangler.test/api/*', { pattern = 'by-wrangler.test', custom_domain = true }");
    wrangler(&tenant, project.path(), &["deploy"]).await;
    assert_eq!(text_at(&tenant, "by-wrangler.test/api/x").await, "one");
    assert!(TlsSocket::connect(&node, "www.by-wrangler.test").await.is_err(), "what the list lacks is gone");
    write("two", "'by-wrangler.test/api/*'");
    let complaint = wrangler_fails(&tenant, project.path(), &["deploy"]).await;
    assert!(complaint.contains("by-wrangler.test/api/*") && complaint.contains("one"), "{complaint}");
    assert_eq!(text_at(&tenant, "by-wrangler.test/api/x").await, "one");
}
