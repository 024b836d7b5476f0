//! A script's life through the API: upload, read, secrets, settings, versions, deployments, removal.

use serde_json::{Value, json};

use super::{ES_MODULE, Harness, OPERATOR, TestTenant};

async fn with_script(metadata: Value) -> (Harness, TestTenant, String, Value) {
    let harness = Harness::new();
    let tenant = harness.tenant("a").await;
    let path = format!("/accounts/{}/workers/scripts/s", tenant.id);
    let uploaded = harness.upload(&tenant, &path, metadata, "export default {}").await;
    let json = uploaded.json();
    assert!(uploaded.status == 200, "{json}");
    (harness, tenant, path, json)
}

/// Uploads a script that cannot be snapshotted and reads the reply as clients do.
#[tokio::test]
async fn an_uploads_reply_says_how_the_version_starts() {
    let metadata = json!({ "main_module": "index.js", "unknown_key": 1, "compatibility_date": "2026-01-01" });
    let (harness, tenant, path, reply) = with_script(metadata).await;
    let result = &reply["result"];
    assert_eq!((&result["id"], &result["startup_time_ms"]), (&json!("s"), &json!(3)));
    assert_eq!(result["eyot"]["start"], "plain");
    assert_eq!(result["eyot"]["reason"], "it holds a WebAssembly instance");
    assert_eq!(result["eyot"]["url"], "https://s.a.localhost");
    let remarks = reply["messages"].to_string();
    assert!(remarks.contains("WebAssembly") && remarks.contains("unknown_key"), "{remarks}");
    let service = format!("/accounts/{}/workers/services/s", tenant.id);
    let service = harness.call(&tenant.full, "GET", &service, Value::Null).await.result();
    assert_eq!(service["default_environment"]["environment"], "production");
    assert_eq!(service["default_environment"]["script"]["tag"].as_str().map(str::len), Some(32));
    let worker = format!("/accounts/{}/workers/workers/s", tenant.id);
    let worker = harness.call(&tenant.full, "GET", &worker, Value::Null).await.result();
    assert_eq!((&worker["name"], &worker["subdomain"]["enabled"]), (&json!("s"), &json!(true)));
    let deployments = harness.call(&tenant.full, "GET", &format!("{path}/deployments"), Value::Null).await.result();
    let serving = &deployments["deployments"][0]["versions"][0];
    assert_eq!(serving, &json!({ "version_id": result["deployment_id"], "percentage": 100 }));
}

/// Uploads modules of several kinds and a service worker, and downloads both.
#[tokio::test]
async fn code_comes_back_as_it_was_sent() {
    let (harness, tenant, path, _) = with_script(json!({ "main_module": "index.js" })).await;
    let parts = [
        ("metadata", "application/json", "{\"main_module\":\"src/a.ts\"}"),
        ("src/a.ts", "application/typescript", "let a: string"),
        ("t.txt", "text/plain", "text"),
    ];
    harness.send_form(&tenant.full, "PUT", &path, &parts).await.result();
    let content = harness.call(&tenant.full, "GET", &format!("{path}/content/v2"), Value::Null).await;
    assert_eq!(content.headers["cf-entrypoint"], "src/a.ts");
    assert!(content.headers["content-type"].to_str().expect("text").starts_with("multipart/form-data; boundary="));
    let text = String::from_utf8(content.bytes.to_vec()).expect("text");
    for expected in ["name=\"src/a.ts\"", "\r\n\r\nlet a\r\n", "name=\"src/a.ts.map\"", "text/plain\r\n\r\ntext\r\n"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    for (content_type, modules) in [("application/javascript; charset=utf-8", false), (ES_MODULE, true)] {
        let lone = super::request(&tenant.full, "PUT", &path).header("content-type", content_type);
        let uploaded = harness.send(lone.body("lone script".into()).expect("a valid request")).await.result();
        assert_eq!((&uploaded["has_modules"], &uploaded["entry_point"]), (&json!(modules), &json!("index.js")));
    }
    let worker = [
        ("metadata", "application/json", "{\"body_part\":\"w.js\"}"),
        ("w.js", "application/javascript", "addEventListener('fetch', f)"),
    ];
    harness.send_form(&tenant.full, "PUT", &path, &worker).await.result();
    let content = harness.call(&tenant.full, "GET", &path, Value::Null).await;
    assert_eq!(content.headers["content-type"], "application/javascript");
    assert_eq!(content.bytes, "addEventListener('fetch', f)");
}

/// Puts, lists, replaces and removes secrets, one at a time and in bulk.
#[tokio::test]
async fn secrets_are_listed_and_never_shown() {
    let (harness, tenant, path, _) = with_script(json!({ "main_module": "index.js" })).await;
    let secrets = format!("{path}/secrets");
    let secret = json!({ "name": "KEY", "text": "hunter2", "type": "secret_text" });
    let put = harness.call(&tenant.full, "PUT", &secrets, secret).await;
    assert_eq!(put.result(), json!({ "name": "KEY", "type": "secret_text" }));
    let bulk = json!({ "secrets": {
        "B": { "name": "B", "text": "hunter3", "type": "secret_text" }, "C": { "text": "hunter4" }, "KEY": null,
    } });
    let listed = harness.call(&tenant.full, "PATCH", &format!("{path}/secrets-bulk"), bulk).await.result();
    assert_eq!(listed, json!([{ "name": "B", "type": "secret_text" }, { "name": "C", "type": "secret_text" }]));
    assert_eq!(harness.call(&tenant.full, "GET", &format!("{secrets}/KEY"), Value::Null).await.refusal(), (404, 10056));
    assert_eq!(harness.call(&tenant.full, "DELETE", &format!("{secrets}/B"), Value::Null).await.status, 200);
    assert_eq!(harness.call(&tenant.full, "DELETE", &format!("{secrets}/B"), Value::Null).await.status, 404);
    let kind = json!({ "name": "K", "text": "hunter5", "type": "secret_key" });
    assert_eq!(harness.call(&tenant.full, "PUT", &secrets, kind).await.refusal(), (400, 10015));
    let wrong = harness.call(&tenant.full, "PUT", &secrets, json!({ "name": "K", "text": ["hunter6"] })).await;
    assert_eq!(wrong.refusal(), (400, 10026));
    assert!(!String::from_utf8_lossy(&wrong.bytes).contains("hunter"));
    for read in ["/settings", "/versions", "/secrets", "/secrets/C", "/content/v2", "/deployments"] {
        let answer = harness.call(&tenant.full, "GET", &format!("{path}{read}"), Value::Null).await;
        assert_eq!(answer.status, 200, "{read}");
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("hunter"), "{read}");
    }
}

/// Sends the list of bindings again as `wrangler secret bulk` does, without the values it cannot know.
#[tokio::test]
async fn settings_keep_what_they_name_without_a_value() {
    let bindings =
        json!([{ "type": "plain_text", "name": "V", "text": "1" }, { "type": "json", "name": "J", "json": 2 }]);
    let (harness, tenant, path, _) =
        with_script(json!({ "main_module": "index.js", "bindings": bindings, "tags": ["x"] })).await;
    let settings = json!({ "bindings": [
        { "type": "plain_text", "name": "V" }, { "type": "secret_text", "name": "S", "text": "hunter2" },
    ] });
    let parts = [("settings", "application/json", settings.to_string())];
    let parts: Vec<_> = parts.iter().map(|(name, kind, text)| (*name, *kind, text.as_str())).collect();
    let changed = harness.send_form(&tenant.full, "PATCH", &format!("{path}/settings"), &parts).await.result();
    let names: Vec<&Value> = changed["bindings"].as_array().expect("a list").iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["V", "S"]);
    assert_eq!(changed["bindings"][0]["text"], "1");
    let script_settings = format!("{path}/script-settings");
    let changed = harness.call(&tenant.full, "PATCH", &script_settings, json!({ "logpush": true })).await.result();
    assert_eq!((&changed["logpush"], &changed["tags"]), (&json!(true), &json!(["x"])));
    let versions = harness.call(&tenant.full, "GET", &format!("{path}/versions"), Value::Null).await.result();
    assert_eq!(versions["items"].as_array().map(Vec::len), Some(2));
}

/// Uploads a version without deploying it, splits the traffic, rolls back.
#[tokio::test]
async fn versions_wait_until_they_are_deployed() {
    let (harness, tenant, path, first) = with_script(json!({ "main_module": "index.js" })).await;
    let first = first["result"]["deployment_id"].clone();
    let metadata = json!({ "main_module": "index.js", "annotations": { "workers/tag": "t", "workers/message": "" } });
    let second = harness.upload(&tenant, &format!("{path}/versions"), metadata, "export default {a: 1}").await.result();
    assert_eq!((&second["number"], &second["annotations"]), (&json!(2), &json!({ "workers/tag": "t" })));
    let deployments = format!("{path}/deployments");
    let serving = harness.call(&tenant.full, "GET", &deployments, Value::Null).await.result();
    assert_eq!(serving["deployments"].as_array().map(Vec::len), Some(1));
    let deploy = |shares: Value| json!({ "strategy": "percentage", "versions": shares, "annotations": {} });
    let split = json!([
        { "version_id": first, "percentage": 90 }, { "version_id": second["id"], "percentage": 10 },
    ]);
    let split = harness.call(&tenant.full, "POST", &deployments, deploy(split)).await.result();
    assert_eq!(split["versions"][1], json!({ "version_id": second["id"], "percentage": 10 }));
    let shown = format!("{deployments}/{}", split["id"].as_str().expect("an id"));
    assert_eq!(harness.call(&tenant.full, "GET", &shown, Value::Null).await.result(), split);
    for shares in [
        json!([{ "version_id": first, "percentage": 99 }]),
        json!([{ "version_id": first, "percentage": 100.5 }]),
        json!([{ "version_id": first, "percentage": -1 }]),
        json!([{ "version_id": "x", "percentage": 100 }]),
        json!([]),
    ] {
        let answer = harness.call(&tenant.full, "POST", &deployments, deploy(shares)).await;
        assert_eq!(answer.refusal(), (400, 10021));
    }
    let unknown = json!([{ "version_id": "00000000-0000-0000-0000-000000000000", "percentage": 100 }]);
    assert_eq!(harness.call(&tenant.full, "POST", &deployments, deploy(unknown)).await.status, 404);
    let latest = format!("/accounts/{}/workers/workers/s/versions/latest", tenant.id);
    let env = json!({ "env": { "S": { "type": "secret_text", "text": "hunter2" } } });
    let third = harness.call(&tenant.full, "PATCH", &latest, env).await.result();
    assert_eq!((&third["number"], &third["resources"]["bindings"][0]["name"]), (&json!(3), &json!("S")));
}

/// Asks for schedules, routes, domains and tails, and for none of each.
#[tokio::test]
async fn what_does_not_exist_yet_is_refused_by_name() {
    let (harness, tenant, path, _) = with_script(json!({ "main_module": "index.js" })).await;
    let put = async |what: &str, body: Value| harness.call(&tenant.full, "PUT", &format!("{path}/{what}"), body).await;
    assert_eq!(put("schedules", json!([])).await.result(), json!({ "schedules": [] }));
    assert_eq!(put("routes", json!([])).await.result(), json!([]));
    for (what, body) in [
        ("routes", json!({})),
        ("routes", json!([1])),
        ("domains/records", json!({ "origins": [{}] })),
        ("domains/changeset", json!({})),
    ] {
        assert_eq!(
            put(what, body.clone()).await.status,
            if what.ends_with("set") { 405 } else { 400 },
            "{what} {body}"
        );
    }
    for (what, body, code) in [
        ("routes", json!([{ "pattern": "example.com/*.jpg" }]), 10022),
        ("domains/records", json!({ "origins": [{ "hostname": "*.example.com" }] }), 10022),
        ("domains/records", json!({ "origins": [{ "hostname": "example.com", "enabled": false }] }), 10015),
        ("domains/records", json!({ "origins": [{ "hostname": "example.com", "previews_enabled": true }] }), 10015),
    ] {
        assert_eq!(put(what, body).await.refusal(), (400, code));
    }
    for filters in [json!({ "filters": 1 }), json!([{ "unknown": 1 }]), json!([{ "sampling_rate": 0 }]), json!([1])] {
        assert_eq!(harness.call(&tenant.full, "POST", &format!("{path}/tails"), filters).await.status, 400);
    }
}

/// Binds one script to another; each is told of the other.
#[tokio::test]
async fn scripts_that_call_each_other_are_told() {
    let (harness, tenant, path, _) = with_script(json!({ "main_module": "index.js" })).await;
    let service = |name: &str, to: &str| json!({ "type": "service", "name": name, "service": to });
    let other = format!("/accounts/{}/workers/scripts/caller", tenant.id);
    let metadata = json!({ "main_module": "index.js", "bindings": [service("S", "s")] });
    harness.upload(&tenant, &other, metadata, "x").await.result();
    let references = async |path: &str| {
        let all = harness.call(&tenant.read, "GET", &format!("{path}/references"), Value::Null).await.result();
        (all["services"]["incoming"].clone(), all["services"]["outgoing"].clone())
    };
    let (incoming, outgoing) = references(&path).await;
    assert_eq!((&incoming[0]["service"], &outgoing), (&json!("caller"), &json!([])));
    let (incoming, outgoing) = references(&other).await;
    assert_eq!((&incoming, &outgoing[0]["service"]), (&json!([]), &json!("s")));
}

/// Removes the script as wrangler does; every call about it then says so.
#[tokio::test]
async fn a_removed_script_is_gone_for_every_call() {
    let (harness, tenant, path, _) = with_script(json!({ "main_module": "index.js" })).await;
    let references = harness.call(&tenant.full, "GET", &format!("{path}/references"), Value::Null).await.result();
    assert_eq!(references["services"]["incoming"], json!([]));
    let service = format!("/accounts/{}/workers/services/s", tenant.id);
    let removed = harness.call(&tenant.full, "DELETE", &format!("{service}?force=true"), Value::Null).await;
    assert_eq!(removed.result(), Value::Null);
    for (method, path) in [
        ("GET", service),
        ("DELETE", path.clone()),
        ("GET", path.clone()),
        ("GET", format!("{path}/settings")),
        ("GET", format!("{path}/script-settings")),
        ("GET", format!("{path}/versions")),
        ("GET", format!("{path}/deployments")),
        ("GET", format!("{path}/secrets")),
        ("GET", format!("{path}/subdomain")),
        ("GET", format!("{path}/schedules")),
        ("GET", format!("{path}/references")),
    ] {
        assert_eq!(
            harness.call(&tenant.full, method, &path, Value::Null).await.refusal(),
            (404, 10007),
            "{method} {path}"
        );
    }
    let secret = json!({ "name": "K", "text": "x", "type": "secret_text" });
    assert_eq!(harness.call(&tenant.full, "PUT", &format!("{path}/secrets"), secret).await.refusal(), (404, 10007));
}

/// Makes an account, reads it as operator and as tenant, gives it a token, removes it.
#[tokio::test]
async fn an_account_lives_from_its_making_to_its_removal() {
    let harness = Harness::new();
    let made =
        harness.call(OPERATOR, "POST", "/accounts", json!({ "name": "Acme", "subdomain": "acme" })).await.result();
    let id = made["id"].as_str().expect("an id").to_owned();
    let taken = harness.call(OPERATOR, "POST", "/accounts", json!({ "name": "B", "subdomain": "acme" })).await;
    assert_eq!(taken.refusal(), (409, 10031));
    let bad = harness.call(OPERATOR, "POST", "/accounts", json!({ "name": "B", "subdomain": "a.b" })).await;
    assert_eq!(bad.refusal(), (400, 10016));
    let tokens = format!("/accounts/{id}/tokens");
    let wanted = json!({ "name": "ci", "scopes": ["read", "deploy", "kv"], "expires_at": "2099-01-01T00:00:00Z" });
    let token = harness.call(OPERATOR, "POST", &tokens, wanted).await.result();
    let value = token["value"].as_str().expect("a token").to_owned();
    assert!(!harness.call(OPERATOR, "GET", &tokens, Value::Null).await.result().to_string().contains(&value));
    let own = harness.call(&value, "GET", "/accounts", Value::Null).await.result();
    assert_eq!((own.as_array().map(Vec::len), &own[0]["id"]), (Some(1), &made["id"]));
    let memberships = harness.call(&value, "GET", "/memberships", Value::Null).await.result();
    assert_eq!(memberships[0]["account"]["name"], "Acme");
    let verified = harness.call(&value, "GET", "/user/tokens/verify", Value::Null).await.result();
    assert_eq!((&verified["id"], &verified["status"]), (&token["id"], &json!("active")));
    let page = harness.call(OPERATOR, "GET", "/accounts?per_page=1&page=2", Value::Null).await;
    assert_eq!(
        (page.result()[0]["id"].clone(), page.json()["result_info"]["total_count"].clone()),
        (json!(id), json!(2))
    );
    for query in ["per_page=0", "per_page=x", "per_page=100000", "page=-1"] {
        let path = format!("/accounts?{query}");
        assert_eq!(harness.call(OPERATOR, "GET", &path, Value::Null).await.refusal(), (400, 10001), "{query}");
    }
    let audit = harness.call(&value, "GET", &format!("/accounts/{id}/eyot/audit"), Value::Null).await.result();
    assert!(audit.as_array().is_some_and(|entries| entries.len() >= 2), "{audit}");
    let subdomain = format!("/accounts/{id}/workers/subdomain");
    let moved = harness.call(&value, "PUT", &subdomain, json!({ "subdomain": "acme-2" })).await.result();
    assert_eq!(moved, json!({ "subdomain": "acme-2" }));
    let revoke = format!("{tokens}/{}", token["id"].as_str().expect("an id"));
    assert_eq!(harness.call(OPERATOR, "DELETE", &revoke, Value::Null).await.status, 200);
    assert_eq!(harness.call(&value, "GET", "/user", Value::Null).await.refusal(), (401, 10000));
    assert_eq!(harness.call(OPERATOR, "DELETE", &format!("/accounts/{id}"), Value::Null).await.status, 200);
    assert_eq!(harness.call(OPERATOR, "GET", &format!("/accounts/{id}"), Value::Null).await.refusal(), (404, 7003));
}

/// Switches a script's host name off and on.
#[tokio::test]
async fn a_scripts_host_name_can_be_switched_off() {
    let (harness, tenant, path, _) = with_script(json!({ "main_module": "index.js" })).await;
    let subdomain = format!("{path}/subdomain");
    let shown = harness.call(&tenant.full, "GET", &subdomain, Value::Null).await.result();
    assert_eq!(shown["enabled"], true);
    let off = harness.call(&tenant.full, "POST", &subdomain, json!({ "enabled": false })).await.result();
    assert_eq!((&off["enabled"], &off["previews_enabled"]), (&json!(false), &shown["previews_enabled"]));
    let parts = [("metadata", "", "{\"main_module\":\"i.js\"}"), ("i.js", ES_MODULE, "x")];
    harness.send_form(&tenant.full, "PUT", &format!("{path}/content"), &parts).await.result();
    assert_eq!(harness.call(&tenant.full, "GET", &subdomain, Value::Null).await.result(), off);
}
