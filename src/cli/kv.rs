//! `eyot kv`: namespaces, and single keys. Bulk is in `kv_bulk`.

use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::client::{Api, text};
use super::failure::Failure;
use super::kv_bulk::{self, BulkCommand};
use super::output;
use super::target::ConnectionArguments;
use crate::ids::NamespaceId;

/// Arguments of `eyot kv`.
#[derive(Debug, Args)]
#[command(
    before_help = "Example:\n  eyot kv namespace create VISITS\n  eyot kv key put --namespace VISITS greeting hello"
)]
pub struct KvArguments {
    #[command(subcommand)]
    command: KvCommand,
    #[command(flatten)]
    connection: ConnectionArguments,
}

#[derive(Debug, Subcommand)]
enum KvCommand {
    /// Create, list, rename and delete namespaces.
    #[command(subcommand, before_help = "Example:\n  eyot kv namespace create VISITS")]
    Namespace(NamespaceCommand),
    /// Put, get, list and delete single keys.
    #[command(subcommand, before_help = "Example:\n  eyot kv key put --namespace VISITS greeting hello")]
    Key(KeyCommand),
    /// Put, get and delete many keys from a file.
    #[command(subcommand, before_help = "Example:\n  eyot kv bulk put --namespace VISITS pairs.json")]
    Bulk(BulkCommand),
}

#[derive(Debug, Subcommand)]
enum NamespaceCommand {
    /// Create a namespace and print its id.
    #[command(before_help = "Example:\n  eyot kv namespace create VISITS")]
    Create {
        /// Title, unique within the tenant
        title: String,
    },
    /// List the namespaces.
    #[command(before_help = "Example:\n  eyot kv namespace list --json")]
    List,
    /// Change a namespace's title.
    #[command(before_help = "Example:\n  eyot kv namespace rename VISITS COUNTS")]
    Rename {
        /// Id or title
        namespace: String,
        /// The new title
        title: String,
    },
    /// Delete a namespace with everything in it.
    #[command(before_help = "Example:\n  eyot kv namespace delete VISITS")]
    Delete {
        /// Id or title
        namespace: String,
    },
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Write a value, from the argument, a file, or standard input.
    #[command(before_help = "Example:\n  eyot kv key put --namespace VISITS greeting hello --ttl 3600\n  \
                             eyot kv key put --namespace VISITS logo --path logo.png\n  \
                             date | eyot kv key put --namespace VISITS now")]
    Put(PutArguments),
    /// Print a value as it is.
    #[command(before_help = "Example:\n  eyot kv key get --namespace VISITS greeting > value")]
    Get {
        /// The key
        key: String,
        #[command(flatten)]
        namespace: NamespaceArgument,
    },
    /// List keys, in order.
    #[command(before_help = "Example:\n  eyot kv key list --namespace VISITS --prefix user:")]
    List {
        /// Only keys that begin so
        #[arg(long, default_value = "")]
        prefix: String,
        #[command(flatten)]
        namespace: NamespaceArgument,
    },
    /// Delete a key; it need not exist.
    #[command(before_help = "Example:\n  eyot kv key delete --namespace VISITS greeting")]
    Delete {
        /// The key
        key: String,
        #[command(flatten)]
        namespace: NamespaceArgument,
    },
}

/// Which namespace.
#[derive(Debug, Args)]
pub(super) struct NamespaceArgument {
    /// The namespace, by id or title
    #[arg(long, short, value_name = "ID|TITLE", visible_alias = "namespace-id")]
    pub(super) namespace: String,
}

#[derive(Debug, Args)]
struct PutArguments {
    /// The key
    key: String,
    /// The value; read from standard input when neither it nor --path is given
    #[arg(conflicts_with = "path", allow_hyphen_values = true)]
    value: Option<String>,
    /// File that holds the value
    #[arg(long, value_name = "FILE")]
    path: Option<PathBuf>,
    /// Seconds until the key expires, at least 60
    #[arg(long, value_name = "SECONDS", conflicts_with = "expiration")]
    ttl: Option<u64>,
    /// Moment the key expires, in seconds since 1970
    #[arg(long, value_name = "UNIX_SECONDS")]
    expiration: Option<u64>,
    /// JSON to keep beside the value
    #[arg(long, value_name = "JSON")]
    metadata: Option<String>,
    #[command(flatten)]
    namespace: NamespaceArgument,
}

/// Runs `eyot kv`.
pub(super) async fn run(arguments: KvArguments) -> Result<(), Failure> {
    let api = arguments.connection.connect()?;
    let account = api.account().await?;
    let form = arguments.connection.json.into();
    match arguments.command {
        KvCommand::Namespace(command) => namespaces(&api, &account, command, form).await,
        KvCommand::Key(command) => keys(&api, &account, command, form).await,
        KvCommand::Bulk(command) => kv_bulk::run(&api, &account, command).await,
    }
}

async fn namespaces(api: &Api, account: &str, command: NamespaceCommand, form: output::Form) -> Result<(), Failure> {
    let base = ["accounts", account, "storage", "kv", "namespaces"];
    match command {
        NamespaceCommand::Create { title } => {
            let request = api.request(Method::POST, &base).json(&json!({ "title": title }));
            let made = api.call(request).await?.result;
            match form {
                output::Form::Json => output::json(&made),
                output::Form::Table => output::line(&text(&made["id"])),
            }
        }
        NamespaceCommand::List => {
            output::list(&api.all_pages(&base).await?, &[("ID", "/id"), ("TITLE", "/title")], form)
        }
        NamespaceCommand::Rename { namespace, title } => {
            let id = namespace_id(api, account, &namespace).await?;
            let request = api.request(Method::PUT, &[&base[..], &[&id]].concat()).json(&json!({ "title": title }));
            api.call(request).await?;
            output::line(&format!("renamed {id} to {title}"))
        }
        NamespaceCommand::Delete { namespace } => {
            let id = namespace_id(api, account, &namespace).await?;
            api.call(api.request(Method::DELETE, &[&base[..], &[&id]].concat())).await?;
            output::line(&format!("deleted {id}"))
        }
    }
}

async fn keys(api: &Api, account: &str, command: KeyCommand, form: output::Form) -> Result<(), Failure> {
    let base = ["accounts", account, "storage", "kv", "namespaces"];
    match command {
        KeyCommand::Put(put) => put_key(api, account, put).await,
        KeyCommand::Get { key, namespace } => {
            let id = namespace_id(api, account, &namespace.namespace).await?;
            let request = api.request(Method::GET, &[&base[..], &[&id, "values", &key]].concat());
            output::bytes(&api.fetch(request).await?)
        }
        KeyCommand::List { prefix, namespace } => {
            let id = namespace_id(api, account, &namespace.namespace).await?;
            let keys = all_keys(api, &[&base[..], &[&id, "keys"]].concat(), &prefix).await?;
            output::list(&keys, &[("NAME", "/name"), ("EXPIRATION", "/expiration"), ("METADATA", "/metadata")], form)
        }
        KeyCommand::Delete { key, namespace } => {
            let id = namespace_id(api, account, &namespace.namespace).await?;
            api.call(api.request(Method::DELETE, &[&base[..], &[&id, "values", &key]].concat())).await?;
            output::line(&format!("deleted {key}"))
        }
    }
}

async fn put_key(api: &Api, account: &str, put: PutArguments) -> Result<(), Failure> {
    let value = match (put.value, put.path) {
        (Some(value), _) => value.into_bytes(),
        (None, Some(path)) => {
            fs::read(&path).map_err(|error| Failure::failed(format!("read {}: {error}", path.display())))?
        }
        (None, None) => from_stdin()?,
    };
    let id = namespace_id(api, account, &put.namespace.namespace).await?;
    let mut query = Vec::new();
    query.extend(put.ttl.map(|seconds| ("expiration_ttl", seconds)));
    query.extend(put.expiration.map(|seconds| ("expiration", seconds)));
    let segments = ["accounts", account, "storage", "kv", "namespaces", &id, "values", &put.key];
    let request = api.request(Method::PUT, &segments).query(&query);
    let request = match put.metadata {
        None => request.header("content-type", "application/octet-stream").body(value),
        Some(metadata) => {
            serde_json::from_str::<serde::de::IgnoredAny>(&metadata)
                .map_err(|error| Failure::usage(format!("--metadata is not JSON: {error}")))?;
            request.multipart(Form::new().part("value", Part::bytes(value)).text("metadata", metadata))
        }
    };
    api.call(request).await?;
    output::line(&format!("wrote {}", put.key))
}

async fn all_keys(api: &Api, segments: &[&str], prefix: &str) -> Result<Vec<Value>, Failure> {
    let mut keys = Vec::new();
    let mut cursor = String::new();
    loop {
        let query = [("prefix", prefix), ("cursor", cursor.as_str()), ("limit", "1000")];
        let query: Vec<_> = query.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let reply = api.call(api.request(Method::GET, segments).query(&query)).await?;
        if let Value::Array(more) = reply.result {
            keys.extend(more);
        }
        let next = text(&reply.result_info["cursor"]);
        if next.is_empty() || next == cursor {
            return Ok(keys);
        }
        cursor = next;
    }
}

/// The id of a namespace given by id or title.
pub(super) async fn namespace_id(api: &Api, account: &str, wanted: &str) -> Result<String, Failure> {
    if wanted.parse::<NamespaceId>().is_ok() {
        return Ok(wanted.to_owned());
    }
    let all = api.all_pages(&["accounts", account, "storage", "kv", "namespaces"]).await?;
    let found = all.iter().find(|namespace| namespace["title"] == wanted);
    found.map(|namespace| text(&namespace["id"])).ok_or_else(|| {
        Failure::failed(format!(
            "find namespace {wanted:?}: there is none; `eyot kv namespace create {wanted}` makes it"
        ))
    })
}

/// All of standard input, up to what a value may be and one byte, so that too much is refused and not cut.
fn from_stdin() -> Result<Vec<u8>, Failure> {
    let mut value = Vec::new();
    io::stdin().lock().take(VALUE_BYTES_MAX + 1).read_to_end(&mut value)?;
    Ok(value)
}

/// A KV value's size limit.
const VALUE_BYTES_MAX: u64 = 25 << 20;
