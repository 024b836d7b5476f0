//! `eyot versions`: what was uploaded, and when.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::Api;
use super::failure::Failure;
use super::output::{self, Form};
use super::target::ConnectionArguments;

/// Arguments of `eyot versions`.
#[derive(Debug, Args)]
#[command(before_help = "Example:\n  eyot versions list hello")]
pub struct VersionsArguments {
    #[command(subcommand)]
    command: VersionsCommand,
    #[command(flatten)]
    connection: ConnectionArguments,
}

#[derive(Debug, Subcommand)]
enum VersionsCommand {
    /// List the versions of a script, newest first; SHARE says which serve.
    #[command(before_help = "Example:\n  eyot versions list hello")]
    List {
        /// The script
        script: String,
    },
    /// Show one version.
    #[command(before_help = "Example:\n  eyot versions view hello 0190c2f3-…")]
    View {
        /// The script
        script: String,
        /// The version's id
        version: String,
    },
}

/// Runs `eyot versions`.
pub(super) async fn run(arguments: VersionsArguments) -> Result<(), Failure> {
    let api = arguments.connection.connect()?;
    let account = api.account().await?;
    let form: Form = arguments.connection.json.into();
    match arguments.command {
        VersionsCommand::List { script } => {
            let mut versions = all(&api, &account, &script).await?;
            if form == Form::Table {
                let serving = serving(&api, &account, &script).await?;
                for version in &mut versions {
                    let share = serving.iter().find(|share| share["version_id"] == version["id"]);
                    version["share"] = share.map_or(Value::Null, |share| json!(format!("{} %", share["percentage"])));
                }
            }
            let columns = [
                ("ID", "/id"),
                ("NUMBER", "/number"),
                ("CREATED", "/metadata/created_on"),
                ("BY", "/metadata/source"),
                ("SHARE", "/share"),
            ];
            output::list(&versions, &columns, form)
        }
        VersionsCommand::View { script, version } => {
            let segments = ["accounts", &account, "workers", "scripts", &script, "versions", &version];
            output::json(&api.get(&segments).await?)
        }
    }
}

/// The versions of a script, newest first.
pub(super) async fn all(api: &Api, account: &str, script: &str) -> Result<Vec<Value>, Failure> {
    let listed = api.get(&["accounts", account, "workers", "scripts", script, "versions"]).await?;
    match listed {
        Value::Object(mut fields) => match fields.remove("items") {
            Some(Value::Array(items)) => Ok(items),
            _ => Err(Failure::failed("list versions: the node answered something else")),
        },
        _ => Err(Failure::failed("list versions: the node answered something else")),
    }
}

/// What serves now: `{version_id, percentage}`.
pub(super) async fn serving(api: &Api, account: &str, script: &str) -> Result<Vec<Value>, Failure> {
    let listed = api.get(&["accounts", account, "workers", "scripts", script, "deployments"]).await?;
    let newest = listed.pointer("/deployments/0/versions").and_then(Value::as_array);
    Ok(newest.cloned().unwrap_or_default())
}
