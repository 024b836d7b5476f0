//! `eyot rollback`: an earlier version serves again.

use clap::Args;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::text;
use super::failure::Failure;
use super::output::{self, Form};
use super::target::ConnectionArguments;
use super::versions;

/// Flags of `eyot rollback`.
#[derive(Debug, Args)]
#[command(
    before_help = "Example:\n  eyot rollback hello                the version before the one that serves\n  \
                   eyot rollback hello 0190c2f3-…     this version",
    long_about = "Serve an earlier version of a script again. Nothing is uploaded: bindings and code are those of that \
                  version."
)]
pub struct RollbackArguments {
    /// The script
    script: String,
    /// The version to serve [default: the newest before the one that serves]
    version: Option<String>,
    /// Why, for the list of deployments
    #[arg(long, short)]
    message: Option<String>,
    /// Roll back although a secret has changed since
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Runs `eyot rollback`.
pub(super) async fn run(arguments: RollbackArguments) -> Result<(), Failure> {
    let api = arguments.connection.connect()?;
    let account = api.account().await?;
    let script = &arguments.script;
    let version = match &arguments.version {
        Some(version) => version.clone(),
        None => {
            let all = versions::all(&api, &account, script).await?;
            let serving = versions::serving(&api, &account, script).await?;
            before(&all, &serving).ok_or_else(|| {
                Failure::failed(format!("roll back {script}: there is no version before the one that serves"))
            })?
        }
    };
    let message = arguments.message.clone().unwrap_or_else(|| "rollback".to_owned());
    let body = json!({
        "strategy": "percentage",
        "versions": [{ "version_id": version, "percentage": 100 }],
        "annotations": { "workers/message": message },
    });
    let mut request = api.request(Method::POST, &["accounts", &account, "workers", "scripts", script, "deployments"]);
    if arguments.force {
        request = request.query(&[("force", "true")]);
    }
    let made = api.call(request.json(&body)).await?.result;
    match arguments.connection.json.into() {
        Form::Json => output::json(&made),
        Form::Table => output::line(&format!("{script} serves version {version}")),
    }
}

/// The newest version (`all` is newest first) that is older than everything that serves.
fn before(all: &[Value], serving: &[Value]) -> Option<String> {
    let serves = |version: &Value| serving.iter().any(|share| share["version_id"] == version["id"]);
    let oldest_serving = all.iter().rposition(serves)?;
    all.get(oldest_serving + 1).map(|version| text(&version["id"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The newest serves, an older one serves, two serve, the oldest serves, nothing serves.
    #[test]
    fn rolling_back_goes_before_all_that_serves() {
        let all = ["c", "b", "a"].map(|id| json!({ "id": id }));
        let before = |ids: &[&str]| {
            let serving: Vec<Value> = ids.iter().map(|id| json!({ "version_id": id })).collect();
            super::before(&all, &serving)
        };
        assert_eq!(before(&["c"]).as_deref(), Some("b"));
        assert_eq!(before(&["b"]).as_deref(), Some("a"));
        assert_eq!(before(&["b", "c"]).as_deref(), Some("a"));
        assert_eq!(before(&["a"]), None);
        assert_eq!(before(&[]), None);
    }
}
