//! Every row of the endpoint table against every kind of caller.

use axum::routing::MethodFilter;
use serde_json::{Value, json};

use super::super::auth::Needs;
use super::super::endpoints::{self, Endpoint};
use super::{Harness, OPERATOR, TestTenant};
use crate::control::{Page, Scope};
use crate::ids::{TenantId, ZoneId};

/// What the path parameters of the table stand for in one harness.
pub(super) struct Filled {
    pub(super) tenant: TestTenant,
    namespace: String,
    pub(super) version: String,
}

impl Filled {
    pub(super) async fn new(harness: &Harness, name: &str) -> Self {
        let tenant = harness.tenant(name).await;
        let base = format!("/accounts/{}", tenant.id);
        let metadata = json!({ "main_module": "index.js" });
        let uploaded = harness.upload(&tenant, &format!("{base}/workers/scripts/s"), metadata, "x").await.result();
        let namespaces = format!("{base}/storage/kv/namespaces");
        let namespace = harness.call(&tenant.full, "POST", &namespaces, json!({ "title": "n" })).await.result();
        Self {
            namespace: namespace["id"].as_str().expect("an id").to_owned(),
            version: uploaded["deployment_id"].as_str().expect("an id").to_owned(),
            tenant,
        }
    }

    pub(super) fn path(&self, template: &str, account: &str) -> String {
        template
            .replace("{account}", account)
            .replace("{script}", "s")
            .replace("{namespace}", &self.namespace)
            .replace("{version}", &self.version)
            .replace("{deployment}", &self.version)
            .replace("{key}", "k")
            .replace("{secret}", "x")
            .replace("{hash}", "x")
            .replace("{zone}", account.parse().map_or("x".to_owned(), |account| zone(&account)).as_str())
            .replace("{tail}", &"0".repeat(32))
            .replace("{route}", &"0".repeat(32))
            .replace("{domain}", &"0".repeat(32))
            .replace("{token}", "00000000000000000000000000000000")
    }
}

fn zone(account: &TenantId) -> String {
    ZoneId::of(account, "example.com").to_string()
}

pub(super) fn method(endpoint: &Endpoint) -> &'static str {
    [
        (MethodFilter::GET, "GET"),
        (MethodFilter::PUT, "PUT"),
        (MethodFilter::POST, "POST"),
        (MethodFilter::PATCH, "PATCH"),
        (MethodFilter::DELETE, "DELETE"),
    ]
    .into_iter()
    .find(|(filter, _)| *filter == endpoint.method)
    .map(|(_, name)| name)
    .expect("a method of the table")
}

fn may(needs: Needs, scopes: &[Scope]) -> bool {
    match needs {
        Needs::AnyToken => true,
        Needs::Operator => false,
        Needs::OneOf(wanted) => wanted.iter().any(|scope| scopes.contains(scope)),
        Needs::EveryScope => scopes.len() == 3,
        Needs::AssetSession => false,
    }
}

/// Walks the table with no token, an unknown one, one per scope, another tenant's and the operator's.
#[tokio::test]
async fn every_endpoint_answers_only_those_who_may_call_it() {
    let harness = Harness::new();
    let filled = Filled::new(&harness, "a").await;
    let other = harness.tenant("b").await;
    let nobody = "f".repeat(32);
    let changes = async || {
        let page = Page { number: 1, per_page: 1 };
        harness.control.audit(&filled.tenant.id, page).await.expect("the audit log").total
    };
    let before = changes().await;
    for endpoint in endpoints::all() {
        let method = method(&endpoint);
        let path = filled.path(endpoint.path, filled.tenant.id.as_str());
        let call = async |token: &str, path: &str| harness.call(token, method, path, Value::Null).await;
        assert_eq!(call("", &path).await.refusal(), (400, 9106), "{method} {path}");
        assert_eq!(call("eyot_unknown", &path).await.refusal(), (401, 10000), "{method} {path}");
        if endpoint.needs == Needs::AssetSession {
            // No token of the API is that of a session, whoever's it is.
            for token in [OPERATOR, &filled.tenant.full, &other.full] {
                assert_eq!(call(token, &path).await.refusal(), (401, 10000), "{method} {path}");
            }
            continue;
        }
        let has_account = endpoint.path.contains("{account}") || endpoint.path.contains("{zone}");
        if has_account {
            // Bytes are compared: another tenant's account and none at all must look the same.
            let foreign = call(&other.full, &path).await;
            assert_eq!(foreign.refusal(), (404, 7003), "{method} {path}");
            let missing = call(&other.full, &filled.path(endpoint.path, &nobody)).await;
            let text = String::from_utf8_lossy(&missing.bytes).replace(&nobody, filled.tenant.id.as_str());
            let zone_of_nobody = zone(&nobody.parse().expect("an id"));
            let text = text.replace(&zone_of_nobody, &zone(&filled.tenant.id));
            assert_eq!(text.as_bytes(), &foreign.bytes[..], "{method} {path}");
            let missing = call(OPERATOR, &filled.path(endpoint.path, &nobody)).await;
            assert_eq!(missing.refusal(), (404, 7003), "{method} {path}");
            assert_eq!(call(OPERATOR, &filled.path(endpoint.path, "x")).await.refusal(), (404, 7003));
        }
        let tenant = &filled.tenant;
        for (token, scopes) in [
            (&tenant.read, &[Scope::Read][..]),
            (&tenant.deploy, &[Scope::Deploy]),
            (&tenant.kv, &[Scope::Kv]),
            (&tenant.full, &[Scope::Read, Scope::Deploy, Scope::Kv]),
        ] {
            if !may(endpoint.needs, scopes) {
                assert_eq!(call(token, &path).await.refusal(), (403, 10000), "{method} {path} {scopes:?}");
            }
        }
    }
    assert_eq!(changes().await, before, "a refused call changed something");
}

/// Walks the table again with callers who may; each call gets a fresh tenant, so that removals remove something.
#[tokio::test]
async fn every_endpoint_lets_those_in_who_may_call_it() {
    let harness = Harness::new();
    let by_token = endpoints::all().into_iter().filter(|endpoint| endpoint.needs != Needs::AssetSession);
    for (number, endpoint) in by_token.enumerate() {
        let method = method(&endpoint);
        let filled = Filled::new(&harness, &format!("t{number}")).await;
        let path = filled.path(endpoint.path, filled.tenant.id.as_str());
        let tenant = &filled.tenant;
        for (token, scopes) in [
            (OPERATOR, None),
            (&tenant.full, Some(&[Scope::Read, Scope::Deploy, Scope::Kv][..])),
            (&tenant.read, Some(&[Scope::Read])),
            (&tenant.deploy, Some(&[Scope::Deploy])),
            (&tenant.kv, Some(&[Scope::Kv])),
        ] {
            // Removing the account takes its tokens with it.
            let removes_the_account = method == "DELETE" && endpoint.path == "/accounts/{account}";
            if scopes.is_none_or(|scopes| may(endpoint.needs, scopes)) && !(removes_the_account && scopes.is_some()) {
                let answer = harness.call(token, method, &path, Value::Null).await;
                assert!(!matches!(answer.status.as_u16(), 401 | 403 | 405 | 500..), "{method} {path}: {answer:?}");
                assert!(
                    !String::from_utf8_lossy(&answer.bytes).contains("\"code\":700"),
                    "{method} {path}: {answer:?}"
                );
            }
        }
    }
}

/// The rows that matter most, written out: a slip in the table must not pass because the test reads the table too.
#[tokio::test]
async fn a_token_does_what_its_scope_says_and_no_more() {
    let harness = Harness::new();
    let filled = Filled::new(&harness, "a").await;
    let tenant = &filled.tenant;
    let script = format!("/accounts/{}/workers/scripts/s", tenant.id);
    let value = format!("/accounts/{}/storage/kv/namespaces/{}/values/k", tenant.id, filled.namespace);
    let tokens = format!("/accounts/{}/tokens", tenant.id);
    let limits = format!("/accounts/{}/eyot/limits", tenant.id);
    for (token, method, path, refused) in [
        (&tenant.read, "GET", &script, false),
        (&tenant.read, "DELETE", &script, true),
        (&tenant.read, "GET", &value, true),
        (&tenant.kv, "GET", &script, true),
        (&tenant.kv, "DELETE", &value, false),
        (&tenant.deploy, "GET", &value, true),
        (&tenant.deploy, "PUT", &value, true),
        (&tenant.deploy, "POST", &tokens, true),
        (&tenant.full, "PUT", &limits, true),
        (&tenant.full, "POST", &"/accounts".to_owned(), true),
        (&tenant.full, "GET", &"/accounts".to_owned(), false),
        (&tenant.full, "DELETE", &format!("/accounts/{}", tenant.id), true),
        (&tenant.deploy, "DELETE", &script, false),
    ] {
        let answer = harness.call(token, method, path, Value::Null).await;
        assert_eq!(answer.status == 403, refused, "{method} {path}: {answer:?}");
    }
}

/// Uses one tenant's namespace, version and token id under another tenant's account.
#[tokio::test]
async fn ids_of_another_tenant_name_nothing_here() {
    let harness = Harness::new();
    let filled = Filled::new(&harness, "a").await;
    let other = Filled::new(&harness, "b").await;
    let base = format!("/accounts/{}", filled.tenant.id);
    for (path, code) in [
        (format!("{base}/storage/kv/namespaces/{}", other.namespace), 10013),
        (format!("{base}/storage/kv/namespaces/{}/keys", other.namespace), 10013),
        (format!("{base}/storage/kv/namespaces/{}/values/k", other.namespace), 10013),
        (format!("{base}/workers/scripts/s/versions/{}", other.version), 10007),
        (format!("{base}/workers/scripts/s/content/v2?version={}", other.version), 10007),
    ] {
        let answer = harness.call(&filled.tenant.full, "GET", &path, Value::Null).await;
        assert_eq!(answer.refusal(), (404, code), "{path}");
    }
    let binding = json!({ "type": "kv_namespace", "name": "KV", "namespace_id": other.namespace });
    let metadata = json!({ "main_module": "index.js", "bindings": [binding] });
    let answer = harness.upload(&filled.tenant, &format!("{base}/workers/scripts/s"), metadata, "x").await;
    assert_eq!(answer.refusal(), (400, 10056));
}
