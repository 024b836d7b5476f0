//! `eyot tenant`: who may deploy to a node, and within which limits. For the operator.

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::client::text;
use super::failure::Failure;
use super::output::{self, Form};
use super::target::ConnectionArguments;

/// Arguments of `eyot tenant`.
#[derive(Debug, Args)]
#[command(before_help = "Example:\n  eyot tenant create acme\n  eyot tenant limits set acme cpu_ms=100")]
pub struct TenantArguments {
    #[command(subcommand)]
    command: TenantCommand,
    #[command(flatten)]
    connection: ConnectionArguments,
}

#[derive(Debug, Subcommand)]
enum TenantCommand {
    /// Create a tenant and print its account id.
    #[command(before_help = "Example:\n  eyot tenant create acme --subdomain shop")]
    Create {
        /// Its name
        name: String,
        /// Its label in host names: {script}.LABEL.{domain} [default: made from the name]
        #[arg(long, value_name = "LABEL")]
        subdomain: Option<String>,
    },
    /// List the tenants.
    #[command(before_help = "Example:\n  eyot tenant list")]
    List,
    /// Show a tenant and the limits in force for it.
    #[command(before_help = "Example:\n  eyot tenant show acme")]
    Show {
        /// Account id, name or subdomain
        tenant: String,
    },
    /// Change the limits of a tenant.
    #[command(subcommand, before_help = "Example:\n  eyot tenant limits set acme cpu_ms=100 rate_per_second=50")]
    Limits(LimitsCommand),
    /// Delete a tenant with its scripts, secrets, tokens and KV namespaces.
    #[command(before_help = "Example:\n  eyot tenant delete acme --yes")]
    Delete {
        /// Account id, name or subdomain
        tenant: String,
        /// Really: nothing of it can be had back
        #[arg(long, required = true)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
enum LimitsCommand {
    /// Set limits of a tenant; the others stay as they are.
    #[command(
        before_help = "Example:\n  eyot tenant limits set acme cpu_ms=100 memory_bytes_max=default",
        after_help = "Limits: cpu_ms, startup_cpu_ms, memory_bytes_max, wall_ms, wait_until_ms, subrequests_max, \
                            subrequests_open_max, body_bytes_max, script_bytes_max, concurrency_max, rate_per_second \
                            (0 is unlimited), log_bytes_max, isolates_per_script_max"
    )]
    Set {
        /// Account id, name or subdomain
        tenant: String,
        /// LIMIT=NUMBER, or LIMIT=default for the node's
        #[arg(required = true, value_name = "LIMIT=NUMBER", value_parser = parse_change)]
        changes: Vec<Change>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    limit: String,
    value: Option<u64>,
}

/// Runs `eyot tenant`.
pub(super) async fn run(arguments: TenantArguments) -> Result<(), Failure> {
    let api = arguments.connection.connect()?;
    let form: Form = arguments.connection.json.into();
    match arguments.command {
        TenantCommand::Create { name, subdomain } => {
            let mut body = json!({ "name": name });
            if let Some(subdomain) = subdomain {
                body["subdomain"] = json!(subdomain);
            }
            let made = api.call(api.request(Method::POST, &["accounts"]).json(&body)).await?.result;
            match form {
                Form::Json => output::json(&made),
                Form::Table => output::line(&text(&made["id"])),
            }
        }
        TenantCommand::List => {
            let columns = [("ID", "/id"), ("NAME", "/name"), ("SUBDOMAIN", "/subdomain"), ("CREATED", "/created_on")];
            output::list(&api.all_pages(&["accounts"]).await?, &columns, form)
        }
        TenantCommand::Show { tenant } => {
            let id = api.account_named(&tenant).await?;
            let mut account = api.get(&["accounts", &id]).await?;
            account["limits"] = api.get(&["accounts", &id, "eyot", "limits"]).await?;
            match form {
                Form::Json => output::json(&account),
                Form::Table => output::list(&facts(&account), &[("WHAT", "/what"), ("VALUE", "/value")], form),
            }
        }
        TenantCommand::Limits(LimitsCommand::Set { tenant, changes }) => {
            let id = api.account_named(&tenant).await?;
            let segments = ["accounts", &id, "eyot", "limits"];
            let overrides = changed(api.get(&segments).await?["overrides"].take(), changes);
            let now = api.call(api.request(Method::PUT, &segments).json(&overrides)).await?.result;
            match form {
                Form::Json => output::json(&now),
                Form::Table => output::line(&format!("limits of {tenant}: {overrides}")),
            }
        }
        TenantCommand::Delete { tenant, yes: _ } => {
            let id = api.account_named(&tenant).await?;
            api.call(api.request(Method::DELETE, &["accounts", &id])).await?;
            output::line(&format!("deleted {tenant} ({id})"))
        }
    }
}

/// The overrides with the changes made; the API replaces them as a whole.
fn changed(overrides: Value, changes: Vec<Change>) -> Value {
    let mut overrides = match overrides {
        Value::Object(overrides) => overrides,
        _ => Map::new(),
    };
    for change in changes {
        match change.value {
            Some(value) => overrides.insert(change.limit, json!(value)),
            None => overrides.remove(&change.limit),
        };
    }
    Value::Object(overrides)
}

fn facts(account: &Value) -> Vec<Value> {
    let mut facts: Vec<Value> =
        [("id", "/id"), ("name", "/name"), ("subdomain", "/subdomain"), ("created", "/created_on")]
            .iter()
            .filter_map(|(what, pointer)| Some(json!({ "what": what, "value": account.pointer(pointer)? })))
            .collect();
    if let Some(limits) = account["limits"].as_object() {
        let plain = limits.iter().filter(|(_, value)| !value.is_object());
        facts.extend(plain.map(|(limit, value)| json!({ "what": limit, "value": value })));
    }
    facts
}

fn parse_change(text: &str) -> Result<Change, String> {
    let (limit, value) = text.split_once('=').ok_or("expected LIMIT=NUMBER")?;
    let value = match value {
        "default" => None,
        number => Some(number.parse().map_err(|_| format!("{number:?} is neither a whole number nor default"))?),
    };
    Ok(Change { limit: limit.trim().to_owned(), value })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Setting one limit keeps the others; `default` takes one back.
    #[test]
    fn limits_that_are_not_named_stay() {
        let changes = ["cpu_ms=7", "wall_ms=default"].map(|text| parse_change(text).unwrap()).to_vec();
        let now = changed(json!({ "wall_ms": 1, "rate_per_second": 2 }), changes.clone());
        assert_eq!(now, json!({ "rate_per_second": 2, "cpu_ms": 7 }));
        assert_eq!(changed(Value::Null, changes), json!({ "cpu_ms": 7 }));
        for bad in ["cpu_ms", "cpu_ms=-1", "cpu_ms=", "cpu_ms=1.5"] {
            assert!(parse_change(bad).is_err(), "{bad}");
        }
    }
}
