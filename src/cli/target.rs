//! Which node, with which token, as which tenant.
//!
//! Flags win over `EYOT_*`, those over wrangler's `CLOUDFLARE_*`, those over what `eyot serve` leaves in its data
//! folder. Pure decision in [`settle`]; [`ConnectionArguments::connect`] reads the environment and connects.
//!
//! Promises that a token goes only where it belongs: never in the clear off this machine, the local operator's token
//! and Cloudflare's token never to an address that was not named with them.

use std::env;
use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use url::{Host, Url};

use super::client::Api;
use super::failure::Failure;

/// How the client commands find their node.
#[derive(Debug, Clone, Args)]
pub(super) struct ConnectionArguments {
    /// Address of the admin API, with or without /client/v4 [env: EYOT_API, CLOUDFLARE_API_BASE_URL] [default: http://127.0.0.1:8787]
    #[arg(long, value_name = "URL", global = true, help_heading = "Connection")]
    api: Option<String>,
    /// Tenant to act as: account id, name or subdomain [env: EYOT_ACCOUNT, CLOUDFLARE_ACCOUNT_ID] [default: the token's own, or demo]
    #[arg(long, value_name = "TENANT", global = true, help_heading = "Connection")]
    account: Option<String>,
    /// PEM file of an authority to trust besides the public ones [env: EYOT_CA]
    #[arg(long, value_name = "FILE", global = true, help_heading = "Connection")]
    ca: Option<PathBuf>,
    /// Data folder of a local node, whose admin.token is used when EYOT_TOKEN and CLOUDFLARE_API_TOKEN are not set
    #[arg(long, value_name = "DIR", global = true, default_value = "./eyot-data", help_heading = "Connection")]
    data: PathBuf,
    /// Print JSON instead of a table
    #[arg(long, global = true)]
    pub(super) json: bool,
}

/// Where to, decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// Ends in `/client/v4`.
    pub(super) base: Url,
    pub(super) token: String,
    /// Id, name or subdomain.
    pub(super) account: Option<String>,
}

impl ConnectionArguments {
    /// A client for the node these arguments and the environment name.
    pub(super) fn connect(&self) -> Result<Api, Failure> {
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let local_token = || fs::read_to_string(self.data.join("admin.token")).ok();
        let target = settle(self.api.as_deref(), self.account.as_deref(), &variable, &local_token)?;
        let ca = self.ca.clone().or_else(|| variable("EYOT_CA").map(PathBuf::from));
        let ca = ca.map(|path| match fs::read(&path) {
            Ok(pem) => Ok((path, pem)),
            Err(error) => Err(Failure::configuration(format!("read {}: {error}", path.display()))),
        });
        Api::new(target, ca.transpose()?)
    }
}

/// Decides where to connect. `variable` reads the environment, `local_token` the data folder.
pub(super) fn settle(
    api: Option<&str>,
    account: Option<&str>,
    variable: &dyn Fn(&str) -> Option<String>,
    local_token: &dyn Fn() -> Option<String>,
) -> Result<Target, Failure> {
    let ours = api.map(str::to_owned).or_else(|| variable("EYOT_API"));
    let cloudflare = variable("CLOUDFLARE_API_BASE_URL");
    let named = ours.is_some() || cloudflare.is_some();
    let base = api_base(&ours.or(cloudflare).unwrap_or_else(|| LOCAL_API.to_owned()))?;
    let is_local = is_loopback(&base);

    let cloudflare_token = || variable("CLOUDFLARE_API_TOKEN").filter(|_| named);
    let found = variable("EYOT_TOKEN").or_else(cloudflare_token);
    let token = found.or_else(|| local_token().filter(|_| is_local)).map(|token| token.trim().to_owned());
    let Some(token) = token.filter(|token| !token.is_empty()) else {
        return Err(Failure::configuration(
            "no token: set EYOT_TOKEN, or run this where `eyot serve` left eyot-data/admin.token",
        ));
    };
    if base.scheme() == "http" && !is_local {
        return Err(Failure::configuration(format!(
            "{base} would carry the token in the clear: use https for anything but this machine"
        )));
    }
    let account = account.map(str::to_owned).or_else(|| variable("EYOT_ACCOUNT"));
    let account = account.or_else(|| variable("CLOUDFLARE_ACCOUNT_ID").filter(|_| named));
    Ok(Target { base, token, account })
}

/// The address with `/client/v4` at its end, given with or without it.
fn api_base(text: &str) -> Result<Url, Failure> {
    let bad = |reason: String| Failure::configuration(format!("admin API address {text:?}: {reason}"));
    let mut base = Url::parse(text).map_err(|error| bad(error.to_string()))?;
    if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
        return Err(bad("expected http:// or https:// and a host".to_owned()));
    }
    let path = base.path().trim_end_matches('/').to_owned();
    base.set_path(&if path.ends_with(API_PATH) { path } else { format!("{path}{API_PATH}") });
    base.set_query(None);
    base.set_fragment(None);
    Ok(base)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

const API_PATH: &str = "/client/v4";
const LOCAL_API: &str = "http://127.0.0.1:8787";

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(variables: &[(&str, &str)], local: Option<&str>) -> Result<Target, Failure> {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        settle(None, None, &variable, &|| local.map(str::to_owned))
    }

    /// Nothing set, beside a data folder: the newcomer's case.
    #[test]
    fn a_newcomer_reaches_the_local_node() {
        let target = settled(&[], Some("secret\n")).unwrap();
        assert_eq!(target.base.as_str(), "http://127.0.0.1:8787/client/v4");
        assert_eq!((target.token.as_str(), target.account), ("secret", None));
        assert_eq!(settled(&[], None).unwrap_err().exit, super::super::Exit::Configuration);
    }

    /// The API's address in the forms people write.
    #[test]
    fn the_api_path_may_be_left_out() {
        for (written, meant) in [
            ("https://n:1", "https://n:1/client/v4"),
            ("https://n/", "https://n/client/v4"),
            ("https://n/client/v4/", "https://n/client/v4"),
            ("https://n/eyot", "https://n/eyot/client/v4"),
        ] {
            assert_eq!(api_base(written).unwrap().as_str(), meant);
        }
        for bad in ["n:1", "ftp://n", "https://", ""] {
            assert!(api_base(bad).is_err(), "{bad}");
        }
    }

    /// Our variables win over wrangler's; wrangler's work alone.
    #[test]
    fn wranglers_names_are_understood() {
        let wrangler = [
            ("CLOUDFLARE_API_BASE_URL", "https://n/client/v4"),
            ("CLOUDFLARE_API_TOKEN", "t"),
            ("CLOUDFLARE_ACCOUNT_ID", "a"),
        ];
        let target = settled(&wrangler, None).unwrap();
        assert_eq!((target.base.as_str(), target.token.as_str()), ("https://n/client/v4", "t"));
        assert_eq!(target.account.as_deref(), Some("a"));
        let both =
            [wrangler.as_slice(), &[("EYOT_API", "https://e"), ("EYOT_TOKEN", "u"), ("EYOT_ACCOUNT", "b")]].concat();
        let target = settled(&both, None).unwrap();
        assert_eq!((target.base.as_str(), target.token.as_str()), ("https://e/client/v4", "u"));
        assert_eq!(target.account.as_deref(), Some("b"));
    }

    /// Tokens stay where they belong.
    #[test]
    fn a_token_never_goes_astray() {
        let cloudflare_only = settled(&[("CLOUDFLARE_API_TOKEN", "cf"), ("CLOUDFLARE_ACCOUNT_ID", "x")], Some("local"));
        let target = cloudflare_only.unwrap();
        assert_eq!((target.token.as_str(), target.account), ("local", None));
        assert!(settled(&[("EYOT_API", "https://elsewhere")], Some("local")).is_err());
        let clear = settled(&[("EYOT_API", "http://elsewhere"), ("EYOT_TOKEN", "t")], None).unwrap_err();
        assert!(clear.message.contains("in the clear"), "{clear}");
        assert!(settled(&[("EYOT_API", "http://[::1]:9"), ("EYOT_TOKEN", "t")], None).is_ok());
    }
}
