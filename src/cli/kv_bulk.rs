//! `eyot kv bulk`: many keys at once, in the file formats wrangler uses.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::client::Api;
use super::failure::Failure;
use super::kv::{NamespaceArgument, namespace_id};
use super::output;

#[derive(Debug, Subcommand)]
pub(super) enum BulkCommand {
    /// Write all pairs of a JSON file: [{"key", "value", "expiration_ttl"?, "expiration"?, "metadata"?, "base64"?}].
    #[command(before_help = "Example:\n  eyot kv bulk put --namespace VISITS pairs.json")]
    Put {
        /// JSON file with an array of pairs
        file: PathBuf,
        #[command(flatten)]
        namespace: NamespaceArgument,
    },
    /// Print the values of all keys of a JSON file: ["key", …] or [{"name"}, …].
    #[command(before_help = "Example:\n  eyot kv bulk get --namespace VISITS keys.json > values.json")]
    Get {
        /// JSON file with an array of keys
        file: PathBuf,
        #[command(flatten)]
        namespace: NamespaceArgument,
    },
    /// Delete all keys of a JSON file: ["key", …] or [{"name"}, …].
    #[command(before_help = "Example:\n  eyot kv bulk delete --namespace VISITS keys.json")]
    Delete {
        /// JSON file with an array of keys
        file: PathBuf,
        #[command(flatten)]
        namespace: NamespaceArgument,
    },
}

/// Runs `eyot kv bulk`.
pub(super) async fn run(api: &Api, account: &str, command: BulkCommand) -> Result<(), Failure> {
    match command {
        BulkCommand::Put { file, namespace } => {
            let pairs = array(&file)?;
            let id = namespace_id(api, account, &namespace.namespace).await?;
            send(api, account, &id, Method::PUT, &pairs).await?;
            output::line(&format!("wrote {} keys", pairs.len()))
        }
        BulkCommand::Delete { file, namespace } => {
            let keys = keys(&file)?;
            let id = namespace_id(api, account, &namespace.namespace).await?;
            send(api, account, &id, Method::DELETE, &keys).await?;
            output::line(&format!("deleted {} keys", keys.len()))
        }
        BulkCommand::Get { file, namespace } => {
            let keys = keys(&file)?;
            let id = namespace_id(api, account, &namespace.namespace).await?;
            let mut values = Map::new();
            for some in keys.chunks(KEYS_PER_GET) {
                let segments = ["accounts", account, "storage", "kv", "namespaces", &id, "bulk", "get"];
                let request = api.request(Method::POST, &segments).json(&json!({ "keys": some }));
                if let Value::Object(more) = api.call(request).await?.result["values"].take() {
                    values.extend(more);
                }
            }
            output::json(&Value::Object(values))
        }
    }
}

/// Sends the items in calls of bounded size; a failure says how many are done.
async fn send(api: &Api, account: &str, id: &str, method: Method, items: &[Value]) -> Result<(), Failure> {
    let segments = ["accounts", account, "storage", "kv", "namespaces", id, "bulk"];
    let mut done = 0;
    for some in items.chunks(ITEMS_PER_CALL) {
        let sent = api.call(api.request(method.clone(), &segments).json(&some)).await;
        sent.map_err(|error| Failure::failed(format!("{error}; {done} of {} keys are done", items.len())))?;
        done += some.len();
    }
    Ok(())
}

fn array(file: &Path) -> Result<Vec<Value>, Failure> {
    let bytes = fs::read(file).map_err(|error| Failure::failed(format!("read {}: {error}", file.display())))?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let place = format!("{}:{}:{}", file.display(), error.line(), error.column());
        Failure::failed(format!("{place}: expected a JSON array: {error}"))
    })
}

fn keys(file: &Path) -> Result<Vec<Value>, Failure> {
    let name = |(at, item): (usize, Value)| match item {
        Value::String(_) => Ok(item),
        Value::Object(mut fields) => match fields.remove("name") {
            Some(name @ Value::String(_)) => Ok(name),
            _ => Err(Failure::failed(format!("{}: entry {at} has no \"name\"", file.display()))),
        },
        _ => Err(Failure::failed(format!("{}: entry {at} is neither a key nor an object", file.display()))),
    };
    array(file)?.into_iter().enumerate().map(name).collect()
}

/// What wrangler sends in one call, too.
const ITEMS_PER_CALL: usize = 1_000;
/// Cloudflare's limit of a bulk read.
const KEYS_PER_GET: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    /// Both forms of a key list, and files that are neither.
    #[test]
    fn key_lists_are_read_in_both_forms() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        fs::write(&path, r#"["a", { "name": "b", "metadata": 1 }]"#).unwrap();
        assert_eq!(keys(&path).unwrap(), [json!("a"), json!("b")]);
        for bad in ["[1]", "[{}]", "{}", "[", ""] {
            fs::write(&path, bad).unwrap();
            assert!(keys(&path).unwrap_err().message.contains("keys.json"), "{bad}");
        }
    }
}
