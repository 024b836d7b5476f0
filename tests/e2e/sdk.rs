//! Promise: Cloudflare's SDK from npm, unmodified, manages a node with only the base URL replaced.

use reqwest::Method;
use reqwest::multipart::{Form, Part};

use crate::harness::{Node, Tenant, pinned_node, repository, run};

/// The SDK's own calls for tokens, KV and a script's whole life but its end; the script answers with its bindings.
#[tokio::test]
async fn cloudflares_sdk_manages_scripts_and_kv() {
    let tenant = Tenant::create(&Node::shared(), "sdk").await.with_token(&["read", "deploy", "kv"]).await;
    let mut command = tokio::process::Command::new(pinned_node());
    command.arg(repository().join("tests/clients/sdk.mjs"));
    command.env("CLOUDFLARE_API_BASE_URL", format!("{}/client/v4", tenant.node.admin));
    command.env("CLOUDFLARE_API_TOKEN", &tenant.token).env("CLOUDFLARE_ACCOUNT_ID", &tenant.id);
    run(&mut command).await;
    assert_eq!(tenant.text("sdk", "/").await, r#"["third","1",{"list":[1,true]},true]"#);
}

/// Sends what the SDK for Python sends, which calls every part `files`, and what a person types who does not think of names.
#[tokio::test]
async fn modules_are_named_by_their_files() {
    let tenant = Tenant::create(&Node::shared(), "byfile").await;
    let part = |file: &str, source: &str| {
        let part = Part::text(source.to_owned()).file_name(file.to_owned());
        part.mime_str("application/javascript+module").expect("a type")
    };
    for (first, second) in [("files", "files"), ("main", "other")] {
        let main = format!(
            "import word from './lib/word.js'; export default {{ fetch: () => new Response('{first} ' + word) }};"
        );
        let form = Form::new()
            .part(first, part("main.js", &main))
            .part(second, part("lib/word.js", "export default 'found';"))
            .text("metadata", r#"{"main_module":"main.js","compatibility_date":"2026-01-01"}"#);
        let path = tenant.path("/workers/scripts/byfile");
        let reply = tenant.request(Method::PUT, &path).multipart(form).send().await.expect("a reply");
        assert_eq!(reply.status(), 200, "{}", reply.text().await.unwrap_or_default());
        assert_eq!(tenant.text("byfile", "/").await, format!("{first} found"));
    }
}
