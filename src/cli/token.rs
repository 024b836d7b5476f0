//! `eyot token`: API tokens of a tenant, with scopes and an end. The text is printed once, when it is made.

use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand, ValueEnum};
use reqwest::Method;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::client::text;
use super::failure::Failure;
use super::output::{self, Form};
use super::target::ConnectionArguments;

/// Arguments of `eyot token`.
#[derive(Debug, Args)]
#[command(before_help = "Example:\n  eyot token create ci --account acme --scope deploy --expires 90d\n  \
                         eyot token list --account acme")]
pub struct TokenArguments {
    #[command(subcommand)]
    command: TokenCommand,
    #[command(flatten)]
    connection: ConnectionArguments,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Create a token and print it; it cannot be read again.
    #[command(before_help = "Example:\n  eyot token create ci --scope deploy --scope kv --expires 90d")]
    Create {
        /// What to call it
        name: String,
        /// What it may do; give several times for several [default: all]
        #[arg(long = "scope", value_enum)]
        scopes: Vec<Scope>,
        /// When it ends: a number with s, m, h or d, or a moment like 2027-01-31T12:00:00Z [default: never]
        #[arg(long, value_name = "WHEN")]
        expires: Option<String>,
    },
    /// List the tokens, without their texts.
    #[command(before_help = "Example:\n  eyot token list")]
    List,
    /// Revoke a token at once.
    #[command(before_help = "Example:\n  eyot token revoke TOKEN_ID")]
    Revoke {
        /// Its id, as `eyot token list` shows it
        id: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scope {
    /// Read everything but secrets and KV values
    Read,
    /// Change scripts, secrets, tokens and namespaces
    Deploy,
    /// Read and write KV values
    Kv,
}

impl Scope {
    fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Deploy => "deploy",
            Self::Kv => "kv",
        }
    }
}

/// Runs `eyot token`.
pub(super) async fn run(arguments: TokenArguments) -> Result<(), Failure> {
    let form: Form = arguments.connection.json.into();
    let new = match &arguments.command {
        TokenCommand::Create { name, scopes, expires } => {
            Some(new_token(name, scopes, expires.as_deref(), SystemTime::now())?)
        }
        TokenCommand::List | TokenCommand::Revoke { .. } => None,
    };
    let api = arguments.connection.connect()?;
    let account = api.account().await?;
    let base = ["accounts", &account, "tokens"];
    match arguments.command {
        TokenCommand::Create { .. } => {
            let made = api.call(api.request(Method::POST, &base).json(&new)).await?.result;
            match form {
                Form::Json => output::json(&made),
                Form::Table => output::line(&text(&made["value"])),
            }
        }
        TokenCommand::List => {
            let columns = [
                ("ID", "/id"),
                ("NAME", "/name"),
                ("SCOPES", "/scopes"),
                ("CREATED", "/created_at"),
                ("USED", "/used_at"),
                ("EXPIRES", "/expires_at"),
            ];
            output::list(&api.all_pages(&base).await?, &columns, form)
        }
        TokenCommand::Revoke { id } => {
            api.call(api.request(Method::DELETE, &[&base[..], &[&id]].concat())).await?;
            output::line(&format!("revoked {id}"))
        }
    }
}

fn new_token(name: &str, scopes: &[Scope], expires: Option<&str>, now: SystemTime) -> Result<Value, Failure> {
    let scopes = if scopes.is_empty() { &[Scope::Read, Scope::Deploy, Scope::Kv] } else { scopes };
    let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    let mut body = json!({ "name": name, "scopes": scopes });
    if let Some(expires) = expires {
        body["expires_at"] = json!(moment(expires, now)?);
    }
    Ok(body)
}

/// A moment as RFC 3339, from one or from a time from now.
fn moment(text: &str, now: SystemTime) -> Result<String, Failure> {
    let wrong = || Failure::usage(format!("--expires {text:?}: expected 30m, 12h, 90d or 2027-01-31T12:00:00Z"));
    if OffsetDateTime::parse(text, &Rfc3339).is_ok() {
        return Ok(text.to_owned());
    }
    let unit_seconds = match text.chars().next_back() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        _ => return Err(wrong()),
    };
    let count: u64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    let seconds =
        count.checked_mul(unit_seconds).filter(|seconds| (1..=SECONDS_MAX).contains(seconds)).ok_or_else(wrong)?;
    let end = OffsetDateTime::from(now + Duration::from_secs(seconds)).replace_nanosecond(0).map_err(|_| wrong())?;
    end.format(&Rfc3339).map_err(|_| wrong())
}

/// A hundred years.
const SECONDS_MAX: u64 = 100 * 366 * 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    /// Times from now, moments, and what is neither.
    #[test]
    fn ends_are_moments_or_times_from_now() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_500);
        for (written, meant) in [
            ("90d", "1970-04-01T00:00:01Z"),
            ("30m", "1970-01-01T00:30:01Z"),
            ("2027-01-31T12:00:00Z", "2027-01-31T12:00:00Z"),
        ] {
            assert_eq!(moment(written, now).unwrap(), meant);
        }
        for bad in ["", "d", "0d", "-1d", "9", "1w", "99999999999999999999d", "999999999d", "é"] {
            assert!(moment(bad, now).is_err(), "{bad}");
        }
    }

    /// No scope means all of them.
    #[test]
    fn a_token_without_scopes_may_do_everything_of_its_tenant() {
        let body = new_token("ci", &[], None, SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(body, json!({ "name": "ci", "scopes": ["read", "deploy", "kv"] }));
        let body = new_token("ci", &[Scope::Kv], None, SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(body["scopes"], json!(["kv"]));
    }
}
