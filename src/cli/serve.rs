//! `eyot serve`: its flags. What they mean is decided by [`crate::config`], what happens by [`crate::server`].

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

/// Flags of `eyot serve`; each that is given wins over the configuration file.
#[derive(Debug, Clone, Default, Args)]
#[command(
    before_help = "Example:\n  eyot serve\n  eyot serve --config /etc/eyot.toml --check\n  \
                   eyot serve --data /var/lib/eyot --listen 0.0.0.0:443 --domain example.com",
    long_about = "Run a node: the data plane, which serves scripts over TLS, and the admin API.\n\n\
                  Without any configuration it keeps its state in ./eyot-data, serves \
                  https://127.0.0.1:8443 with certificates of an authority it makes there (eyot-data/ca.pem), and \
                  the admin API on http://127.0.0.1:8787 with the operator's token in eyot-data/admin.token. It \
                  prints these addresses, one `name  address` a line, then `ready`. SIGTERM or SIGINT drains; a \
                  second one exits at once."
)]
pub struct ServeArguments {
    /// Configuration file; config/eyot.toml lists every key
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder that holds all state
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Address of the data plane; port 0 picks a free one
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Address of the admin API; anything but loopback needs TLS in the configuration
    #[arg(long, value_name = "ADDR")]
    pub admin_listen: Option<SocketAddr>,
    /// Scripts are served at {script}.{tenant}.NAME
    #[arg(long, value_name = "NAME")]
    pub domain: Option<String>,
    /// Check the configuration, bind nothing, and exit
    #[arg(long)]
    pub check: bool,
}
