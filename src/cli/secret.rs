//! `eyot secret`: what a script may know and nobody may read again.
//!
//! The text comes from standard input or a prompt without echo, never from the command line, where others see it.

use std::io::{self, IsTerminal, Read};

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

use super::failure::Failure;
use super::output;
use super::target::ConnectionArguments;

/// Arguments of `eyot secret`.
#[derive(Debug, Args)]
#[command(before_help = "Example:\n  eyot secret put hello API_TOKEN\n  eyot secret list hello")]
pub struct SecretArguments {
    #[command(subcommand)]
    command: SecretCommand,
    #[command(flatten)]
    connection: ConnectionArguments,
}

#[derive(Debug, Subcommand)]
enum SecretCommand {
    /// Set a secret, from standard input or a prompt; the script has it at once.
    #[command(before_help = "Example:\n  eyot secret put hello API_TOKEN\n  \
                             eyot secret put hello API_TOKEN < token.txt")]
    Put {
        /// The script
        script: String,
        /// Name of the secret: a property of env
        name: String,
    },
    /// List the names of a script's secrets.
    #[command(before_help = "Example:\n  eyot secret list hello")]
    List {
        /// The script
        script: String,
    },
    /// Delete a secret.
    #[command(before_help = "Example:\n  eyot secret delete hello API_TOKEN")]
    Delete {
        /// The script
        script: String,
        /// Name of the secret
        name: String,
    },
}

/// Runs `eyot secret`.
pub(super) async fn run(arguments: SecretArguments) -> Result<(), Failure> {
    let api = arguments.connection.connect()?;
    let account = api.account().await?;
    let base = |script: &'_ str| ["accounts", &account, "workers", "scripts", script, "secrets"].map(str::to_owned);
    match arguments.command {
        SecretCommand::Put { script, name } => {
            let text = secret_text(&name)?;
            let base = base(&script);
            let segments: Vec<&str> = base.iter().map(String::as_str).collect();
            let body = json!({ "name": name, "text": text, "type": "secret_text" });
            api.call(api.request(Method::PUT, &segments).json(&body)).await?;
            output::line(&format!("set {name} of {script}"))
        }
        SecretCommand::List { script } => {
            let base = base(&script);
            let segments: Vec<&str> = base.iter().map(String::as_str).collect();
            let Value::Array(secrets) = api.get(&segments).await? else {
                return Err(Failure::failed("list secrets: the node answered something else"));
            };
            output::list(&secrets, &[("NAME", "/name"), ("TYPE", "/type")], arguments.connection.json.into())
        }
        SecretCommand::Delete { script, name } => {
            let base = base(&script);
            let segments: Vec<&str> = base.iter().map(String::as_str).chain([name.as_str()]).collect();
            let request = api.request(Method::DELETE, &segments).query(&[("url_encoded", "true")]);
            api.call(request).await?;
            output::line(&format!("deleted {name} of {script}"))
        }
    }
}

fn secret_text(name: &str) -> Result<String, Failure> {
    if io::stdin().is_terminal() {
        return Ok(rpassword::prompt_password(format!("value of {name}: "))?);
    }
    let mut text = String::new();
    io::stdin().lock().take(SECRET_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > SECRET_BYTES_MAX {
        return Err(Failure::failed(format!("read secret: more than {SECRET_BYTES_MAX} bytes")));
    }
    Ok(without_line_end(text))
}

/// `echo secret | eyot secret put …` means the secret, not the line.
fn without_line_end(mut text: String) -> String {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}

/// Far above what a node takes, so that it is the node that says so.
const SECRET_BYTES_MAX: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    /// One line end goes, no more.
    #[test]
    fn only_the_last_line_end_is_cut() {
        for (piped, meant) in [("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a", "a"), ("", ""), ("\n", "")] {
            assert_eq!(without_line_end(piped.to_owned()), meant);
        }
    }
}
