//! The command line: what `eyot` takes, one file per subcommand.
//!
//! [`Cli`] is parsed by `main`, which runs `serve` and `dev` itself, because they need V8 on the main thread, and
//! hands every other command to [`run_client`]. Client commands speak only the admin API. Errors are one line on
//! standard error; [`Failure`] carries the exit status.

mod client;
mod deploy;
mod deploy_assets;
mod dev;
mod failure;
mod kv;
mod kv_bulk;
mod output;
mod rollback;
mod secret;
mod serve;
mod tail;
mod target;
mod tenant;
mod token;
mod versions;

use std::io;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::cage::{AddressSpace, confine_computation};
use crate::limits::put_back;
use crate::script;

pub use deploy::DeployArguments;
pub use dev::{DevArguments, serve as serve_dev};
pub use failure::{Exit, Failure};
pub use kv::KvArguments;
pub use rollback::RollbackArguments;
pub use secret::SecretArguments;
pub use serve::ServeArguments;
pub use tail::TailArguments;
pub use tenant::TenantArguments;
pub use token::TokenArguments;
pub use versions::VersionsArguments;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "eyot",
    version,
    about = "Workers on your own machines: serve, develop and deploy edge scripts",
    before_help = "Example:\n  eyot serve                      start a node in ./eyot-data\n  \
                   eyot dev examples/hello         run a project locally, reload on save\n  \
                   eyot deploy                      upload the project in this folder",
    after_help = "The client commands find the node by EYOT_API, EYOT_TOKEN and EYOT_ACCOUNT (or wrangler's \
                  CLOUDFLARE_API_BASE_URL, CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID), else by \
                  ./eyot-data/admin.token, which `eyot serve` leaves there.\n\
                  Exit status: 0 done, 1 failed, 2 wrong use, 64 bad configuration."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a node: data plane and admin API.
    Serve(ServeArguments),
    /// Run a project locally, reloading it on save.
    Dev(DevArguments),
    /// Commands that need no node of their own.
    #[command(flatten)]
    Client(ClientCommand),
}

/// The subcommands that [`run_client`] runs.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Upload a project to a node and print the URL it serves at.
    Deploy(deploy::DeployArguments),
    /// Manage KV namespaces and their keys.
    Kv(kv::KvArguments),
    /// Manage the secrets of a script.
    Secret(secret::SecretArguments),
    /// Watch what a script does, live.
    Tail(tail::TailArguments),
    /// Manage the tenants of a node (operator only).
    Tenant(tenant::TenantArguments),
    /// Manage the API tokens of a tenant.
    Token(token::TokenArguments),
    /// Look at the versions of a script.
    Versions(versions::VersionsArguments),
    /// Serve an earlier version of a script again.
    Rollback(rollback::RollbackArguments),
    /// Strip the types of one module, from standard input to standard output: how a node handles uploads.
    #[command(name = script::CHILD_COMMAND, hide = true)]
    StripOne,
}

/// Runs a client command to its end, prints what went wrong, and says how to exit. Starts its own runtime: call it
/// outside of any.
#[must_use]
pub fn run_client(command: ClientCommand) -> ExitCode {
    if let ClientCommand::StripOne = command {
        // After what serves requests, as the snapshot builder's child does.
        put_back();
        let served = confine_computation(AddressSpace::Bytes(STRIP_BYTES_MAX))
            .and_then(|()| script::serve_one(io::stdin().lock(), io::stdout().lock()));
        return Failure::report(served.map_err(Failure::from));
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::report(Err(Failure::failed(format!("start: {error}")))),
    };
    Failure::report(runtime.block_on(async {
        match command {
            ClientCommand::Deploy(arguments) => deploy::run(arguments).await,
            ClientCommand::Kv(arguments) => kv::run(arguments).await,
            ClientCommand::Secret(arguments) => secret::run(arguments).await,
            ClientCommand::Tail(arguments) => tail::run(arguments).await,
            ClientCommand::Tenant(arguments) => tenant::run(arguments).await,
            ClientCommand::Token(arguments) => token::run(arguments).await,
            ClientCommand::Versions(arguments) => versions::run(arguments).await,
            ClientCommand::Rollback(arguments) => rollback::run(arguments).await,
            ClientCommand::StripOne => Ok(()),
        }
    }))
}

/// What the stripping of one module may map: far above what the largest module takes, far below the machine.
const STRIP_BYTES_MAX: u64 = 4 << 30;

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn check_help(command: &mut clap::Command, path: &str) {
        let help = command.render_long_help().to_string();
        assert!(help.trim_start().starts_with("Example:"), "`{path} --help` must start with an example:\n{help}");
        assert!(help.contains(path.split(' ').next_back().unwrap()), "{path}");
        for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
            assert!(argument.get_help().is_some(), "`{path}` does not say what {} is", argument.get_id());
        }
        let children: Vec<String> = command
            .get_subcommands()
            .filter(|child| !child.is_hide_set() && child.get_name() != "help")
            .map(|child| child.get_name().to_owned())
            .collect();
        for child in children {
            check_help(command.find_subcommand_mut(&child).unwrap(), &format!("{path} {child}"));
        }
    }

    /// Renders the help of every subcommand: each starts with an example and explains each argument.
    #[test]
    fn every_help_is_complete_and_starts_with_an_example() {
        let mut command = Cli::command();
        command.build();
        check_help(&mut command, "eyot");
        command.debug_assert();
    }

    /// Parses the commands of the contract, and ones that must be wrong use (exit 2).
    #[test]
    fn the_commands_of_the_contract_parse() {
        for line in [
            "eyot serve --config f --data d --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 --domain a.com --check",
            "eyot dev",
            "eyot dev x.ts --port 0 --listen 127.0.0.1",
            "eyot deploy . --name a --env b --dry-run --json",
            "eyot kv namespace create KV",
            "eyot kv key put --namespace KV a b --ttl 60",
            "eyot kv key list --namespace KV --prefix a",
            "eyot kv bulk put --namespace KV file.json",
            "eyot secret put hello TOKEN",
            "eyot tenant limits set acme cpu_ms=20",
            "eyot token create ci --scope deploy --scope kv --expires 30d",
            "eyot tail hello --format json --status error --method GET --sampling-rate 0.5 --search x --ip self",
            "eyot versions list hello",
            "eyot rollback hello --api http://127.0.0.1:1",
        ] {
            if let Err(error) = Cli::try_parse_from(line.split(' ')) {
                panic!("{line}: {error}");
            }
        }
        for line in ["eyot", "eyot fly", "eyot kv", "eyot deploy --nme x", "eyot rollback"] {
            let error = Cli::try_parse_from(line.split(' ')).expect_err(line);
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }
}
