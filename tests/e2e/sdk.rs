//! Promise: Cloudflare's SDK from npm, unmodified, manages a node with only the base URL replaced.

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
