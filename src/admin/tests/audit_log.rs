//! Every change is in the audit log: the endpoint table against a table of what each row writes there.

use serde_json::{Value, json};

use super::super::endpoints;
use super::authorisation::{Filled, method};
use super::{ES_MODULE, Harness, OPERATOR};

/// What a call that can change something leaves in the log.
enum Leaves {
    /// An entry that begins so, after a call with this body.
    Entry(&'static str, Value),
    /// The same, after a form with this part and, where it is that of an upload, a module.
    Form(&'static str, &'static str),
    /// Nothing, for this reason.
    Nothing(&'static str),
}

use Leaves::{Entry, Form, Nothing};

/// A host of the tenant's own: no two tenants can have the same one.
fn host(filled: &Filled) -> String {
    format!("{}.example.com", filled.tenant.id)
}

fn leaves(method: &str, path: &str, filled: &Filled) -> Leaves {
    let below = path.strip_prefix("/accounts/{account}").unwrap_or(path);
    let below =
        below.strip_prefix("/workers/scripts/{script}").map_or(below.to_owned(), |rest| format!("script{rest}"));
    let host = host(filled);
    let route = json!({ "pattern": format!("{host}/*"), "script": "s" });
    let origin = json!({ "origins": [{ "hostname": host }], "override_existing_origin": true });
    let secret = json!({ "name": "X", "text": "hush", "type": "secret_text" });
    let share = json!({ "versions": [{ "version_id": filled.version, "percentage": 100 }], "strategy": "percentage" });
    match (method, below.as_str()) {
        ("POST", "/accounts") => Nothing("the new account's own log has it"),
        ("DELETE", "") => Nothing("the log goes out of reach with the account"),
        ("PUT", "/eyot/limits") => Entry("tenant.limits", json!({ "cpu_ms": 20 })),
        ("DELETE", "/eyot/quarantine" | "script/eyot/quarantine") => Entry("quarantine.lift", Value::Null),
        ("POST", "/tokens") => Entry("token.create", json!({ "name": "t", "scopes": ["read"] })),
        ("DELETE", "/tokens/{token}") => Entry("token.revoke", Value::Null),
        ("PUT", "/workers/subdomain") => Entry("tenant.subdomain", json!({ "subdomain": "another" })),
        ("PUT", "/workers/account-settings") => Entry("tenant.settings", json!({ "green_compute": true })),
        ("DELETE", "/workers/services/{script}" | "script") => Entry("script.remove", Value::Null),
        ("PUT", "script") | ("POST", "script/versions") => Form("script.upload", "metadata"),
        ("PUT", "script/content") => Form("script.", "metadata"),
        ("POST", "script/assets-upload-session") => Nothing("files that no version has"),
        ("POST", "/workers/assets/upload" | "/workers/assets/upload/{hash}") => Nothing("files that no version has"),
        ("PATCH", "/workers/workers/{script}/versions/latest") => {
            Entry("script.", json!({ "env": { "X": { "type": "secret_text", "text": "hush" } } }))
        }
        ("PATCH", "script/settings") => Form("script.", "settings"),
        ("PATCH", "script/script-settings") => Entry("script.settings", json!({ "logpush": true })),
        ("POST", "script/deployments") => Entry("script.deploy", share),
        ("DELETE", "script/deployments/{deployment}") => Entry("script.deployment.remove", Value::Null),
        ("PUT", "script/secrets") => Entry("script.", secret),
        ("DELETE", "script/secrets/{secret}") => Entry("script.", Value::Null),
        ("PATCH", "script/secrets-bulk") => Entry("script.", json!({ "secrets": { "X": secret } })),
        ("POST", "script/subdomain") => Entry("script.subdomain.off", json!({ "enabled": false })),
        ("PUT", "script/schedules") => Entry("script.schedules", json!([{ "cron": "* * * * *" }])),
        ("PUT", "script/routes") => Entry("script.routes", json!([route])),
        ("PUT", "script/domains/records") => Entry("script.domains", origin),
        ("POST", "script/domains/changeset") => Nothing("it only compares"),
        ("POST" | "PUT", "/zones/{zone}/workers/routes" | "/zones/{zone}/workers/routes/{route}") => {
            Entry("route.put", route)
        }
        ("DELETE", "/zones/{zone}/workers/routes/{route}") => Entry("route.remove", Value::Null),
        ("PUT", "/workers/domains") => Entry("domain.put", json!({ "hostname": host, "service": "s" })),
        ("DELETE", "/workers/domains/{domain}" | "/workers/domains/records/{domain}") => {
            Entry("domain.remove", Value::Null)
        }
        ("POST", "script/tails") => Entry("tail.create", json!({})),
        ("DELETE", "script/tails/{tail}") => Entry("tail.remove", Value::Null),
        ("POST", "script/eyot/invoke") => Nothing("it runs the script"),
        ("POST", "/storage/kv/namespaces") => Entry("namespace.create", json!({ "title": "another" })),
        ("PUT", "/storage/kv/namespaces/{namespace}") => Entry("namespace.rename", json!({ "title": "another" })),
        ("DELETE", "/storage/kv/namespaces/{namespace}") => Entry("namespace.remove", Value::Null),
        (_, path) if path.starts_with("/storage/kv/namespaces/{namespace}/") => {
            Nothing("values are data, which scripts write as well; they would push the changes out of the log")
        }
        (method, path) => panic!("{method} {path} is not in this table: what does it leave in the audit log?"),
    }
}

/// Makes what the path of a removal names, and gives the path with its id.
async fn existing(harness: &Harness, filled: &Filled, path: &str) -> String {
    let base = format!("/accounts/{}", filled.tenant.id);
    let script = format!("{base}/workers/scripts/s");
    let made = async |method: &str, path: String, body: Value| {
        let result = harness.call(OPERATOR, method, &path, body).await.result();
        result["id"].as_str().expect("an id").to_owned()
    };
    let zone = filled.path("/zones/{zone}/workers/routes", filled.tenant.id.as_str());
    let (name, id) = if path.contains("{route}") {
        ("{route}", made("POST", zone, json!({ "pattern": format!("{}/a", host(filled)), "script": "s" })).await)
    } else if path.contains("{domain}") {
        let body = json!({ "hostname": host(filled), "service": "s" });
        ("{domain}", made("PUT", format!("{base}/workers/domains"), body).await)
    } else if path.contains("{tail}") {
        ("{tail}", made("POST", format!("{script}/tails"), json!({})).await)
    } else if path.contains("{token}") {
        ("{token}", made("POST", format!("{base}/tokens"), json!({ "name": "t", "scopes": ["read"] })).await)
    } else if path.contains("{deployment}") {
        let list = harness.call(OPERATOR, "GET", &format!("{script}/deployments"), Value::Null).await.result();
        let first = list["deployments"][0]["id"].as_str().expect("an id").to_owned();
        let share = json!([{ "version_id": filled.version, "percentage": 100 }]);
        harness.call(OPERATOR, "POST", &format!("{script}/deployments"), json!({ "versions": share })).await.result();
        let serving = harness.call(OPERATOR, "GET", &format!("{script}/deployments"), Value::Null).await.result();
        let serving = format!("{script}/deployments/{}", serving["deployments"][0]["id"].as_str().expect("an id"));
        assert_eq!(harness.call(OPERATOR, "DELETE", &serving, Value::Null).await.refusal(), (400, 10021));
        ("{deployment}", first)
    } else if path.contains("{secret}") {
        let secret = json!({ "name": "X", "text": "hush", "type": "secret_text" });
        harness.call(OPERATOR, "PUT", &format!("{script}/secrets"), secret).await.result();
        ("{secret}", "X".to_owned())
    } else {
        ("", String::new())
    };
    let path = if name.is_empty() { path.to_owned() } else { path.replace(name, &id) };
    filled.path(&path, filled.tenant.id.as_str())
}

/// Makes every call that can change something, each for a tenant of its own, and looks at the newest entry.
#[tokio::test]
async fn every_change_is_in_the_audit_log() {
    let harness = Harness::new();
    for (number, endpoint) in endpoints::all().into_iter().enumerate() {
        let method = method(&endpoint);
        if method == "GET" {
            continue;
        }
        let filled = Filled::new(&harness, &format!("t{number}")).await;
        let (prefix, body, part) = match leaves(method, endpoint.path, &filled) {
            Nothing(why) => {
                assert!(!why.is_empty());
                continue;
            }
            Entry(prefix, body) => (prefix, body, None),
            Form(prefix, part) => (prefix, Value::Null, Some(part)),
        };
        let path = existing(&harness, &filled, endpoint.path).await;
        let log = format!("/accounts/{}/eyot/audit", filled.tenant.id);
        let before =
            harness.call(OPERATOR, "GET", &log, Value::Null).await.json()["result_info"]["total_count"].clone();
        let answer = match part {
            None => harness.call(OPERATOR, method, &path, body).await,
            Some(part) => {
                let is_upload = part == "metadata";
                let json = if is_upload { json!({ "main_module": "index.js" }) } else { json!({ "bindings": [] }) };
                let json = json.to_string();
                let parts = [(part, "application/json", json.as_str()), ("index.js", ES_MODULE, "y")];
                harness.send_form(OPERATOR, method, &path, &parts[..1 + usize::from(is_upload)]).await
            }
        };
        answer.result();
        let after = harness.call(OPERATOR, "GET", &log, Value::Null).await.json();
        assert_ne!(after["result_info"]["total_count"], before, "{method} {path} left nothing");
        let entry = &after["result"][0];
        assert!(entry["action"].as_str().is_some_and(|action| action.starts_with(prefix)), "{method} {path}: {entry}");
        assert_eq!(entry["actor"], "operator", "{method} {path}");
        assert!(!entry.to_string().contains("hush"), "{method} {path}: {entry}");
    }
}
