//! Promise: a tenant's token sees nothing of another tenant, and does only what it was made for.

use reqwest::Method;
use serde_json::json;

use crate::harness::{Node, Reply, Tenant, Upload};

/// Asks for another tenant's things and for those of no tenant: the answers are alike.
#[tokio::test]
async fn another_tenants_things_are_as_if_they_were_not_there() {
    let node = Node::shared();
    let owner = Tenant::create(&node, "owner").await;
    let namespace = owner.namespace("private").await;
    owner.deploy("private", Upload::fixture("early.js")).await;
    let other = Tenant::create(&node, "other").await.with_token(&["read", "deploy", "kv"]).await;
    let nobody = "00000000000000000000000000000000";
    for (method, below) in [
        (Method::GET, String::new()),
        (Method::GET, "/workers/scripts".to_owned()),
        (Method::GET, "/workers/scripts/private".to_owned()),
        (Method::GET, "/workers/scripts/private/settings".to_owned()),
        (Method::GET, "/workers/scripts/private/secrets".to_owned()),
        (Method::GET, "/workers/scripts/private/versions".to_owned()),
        (Method::DELETE, "/workers/scripts/private".to_owned()),
        (Method::GET, "/workers/subdomain".to_owned()),
        (Method::GET, "/storage/kv/namespaces".to_owned()),
        (Method::GET, format!("/storage/kv/namespaces/{namespace}/keys")),
        (Method::GET, format!("/storage/kv/namespaces/{namespace}/values/k")),
        (Method::DELETE, format!("/storage/kv/namespaces/{namespace}")),
        (Method::GET, "/tokens".to_owned()),
        (Method::GET, "/eyot/audit".to_owned()),
    ] {
        let foreign = other.call(method.clone(), &format!("/accounts/{}{below}", owner.id), None).await;
        let absent = other.call(method.clone(), &format!("/accounts/{nobody}{below}"), None).await;
        assert_eq!(foreign.status, absent.status, "{method} {below}: {}", foreign.text);
        let anonymous = |reply: &Reply| reply.text.replace(&owner.id, "…").replace(nobody, "…");
        assert_eq!(anonymous(&foreign), anonymous(&absent), "{method} {below}");
        foreign.refusal();
    }
    // By its own account, another's namespace is one that does not exist.
    let mine = other.path(&format!("/storage/kv/namespaces/{namespace}/keys"));
    let none = other.path(&format!("/storage/kv/namespaces/{nobody}/keys"));
    let (mine, none) = (other.call(Method::GET, &mine, None).await, other.call(Method::GET, &none, None).await);
    let anonymous = |reply: &Reply| reply.text.replace(&namespace, "…").replace(nobody, "…");
    assert_eq!((mine.status, anonymous(&mine)), (none.status, anonymous(&none)));
    mine.refusal();
    assert_eq!(other.upload("thief", Upload::fixture("kv-put.js").bind_kv(&namespace)).await.refusal().0, 10056);
    assert_eq!(owner.text("private", "/").await, "early");
}

/// A token for each scope, and calls that it may and may not make.
#[tokio::test]
async fn a_token_does_what_it_was_made_for() {
    let tenant = Tenant::create(&Node::shared(), "scopes").await;
    let namespace = tenant.namespace("scopes").await;
    let scripts = tenant.path("/workers/scripts");
    let key = tenant.path(&format!("/storage/kv/namespaces/{namespace}/values/k"));
    for (scopes, reads, deploys, writes) in [
        (&["read"][..], 200, 403, 403),
        (&["deploy"][..], 200, 200, 403),
        (&["kv"][..], 403, 403, 200),
        (&["read", "deploy", "kv"][..], 200, 200, 200),
    ] {
        let limited = tenant.with_token(scopes).await;
        let listed = limited.call(Method::GET, &scripts, None).await.status;
        let uploaded = limited.upload("script", Upload::fixture("early.js")).await.status;
        let put = limited.request(Method::PUT, &key).body("v").send().await.expect("an answer").status().as_u16();
        assert_eq!((listed, uploaded, put), (reads, deploys, writes), "{scopes:?} lists, uploads, puts");
        let raised = limited.call(Method::PUT, &tenant.path("/eyot/limits"), Some(json!({ "cpu_ms": 900 }))).await;
        assert!(raised.status >= 400, "{scopes:?} may not raise its own limits");
        assert!(limited.call(Method::POST, "/accounts", Some(json!({ "name": "more" }))).await.status >= 400);
    }
}

/// No token, a wrong one, and one that was revoked.
#[tokio::test]
async fn nobody_enters_without_a_token_that_holds() {
    let tenant = Tenant::create(&Node::shared(), "tokens").await;
    let own = tenant.with_token(&["read"]).await;
    let scripts = tenant.path("/workers/scripts");
    assert_eq!(own.call(Method::GET, &scripts, None).await.status, 200);
    let listed = tenant.call(Method::GET, &tenant.path("/tokens"), None).await;
    assert!(!listed.text.contains(&own.token), "a token is shown once");
    let tokens = listed.result();
    let id = tokens[0]["id"].as_str().expect("a token id");
    tenant.call(Method::DELETE, &tenant.path(&format!("/tokens/{id}")), None).await.result();
    for token in [own.token.as_str(), "eyot_wrong", ""] {
        let stranger = tenant.with(token);
        let refused = stranger.call(Method::GET, &scripts, None).await;
        assert!(matches!(refused.status, 400 | 401 | 403), "{token:?}: {}", refused.text);
        refused.refusal();
    }
}

/// Looks for a secret's and a token's text in every file of the data folder and in the log.
#[tokio::test]
async fn secrets_and_tokens_are_written_nowhere() {
    let node = Node::start(crate::harness::Options::default());
    let tenant = Tenant::create(&node, "secrets").await;
    let secret = "a-secret-that-would-stand-out-7d1f";
    let binding = json!({ "name": "S", "type": "secret_text", "text": secret });
    tenant
        .deploy("script", Upload::of("export default { fetch: (r, env) => new Response(env.S) };").bind(binding))
        .await;
    let token = tenant.with_token(&["read"]).await.token;
    assert_eq!(tenant.text("script", "/").await, secret);
    let mut folders = vec![node.data().path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).expect("a file");
            for text in [secret, token.as_str()] {
                assert!(!bytes.windows(text.len()).any(|part| part == text.as_bytes()), "{} has it", path.display());
            }
        }
    }
}
