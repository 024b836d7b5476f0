//! The node's two doors before they open: the data plane's certificates, and the admin API's socket.

use std::sync::Arc;
use std::time::SystemTime;

use tokio::net::TcpListener;

use super::ServerError;
use super::data_dir::DataDir;
use crate::admin::Transport;
use crate::config::{AdminConfig, AuthorityChoice, Config};
use crate::control::Control;
use crate::listener::{Authority, CertificateSource, Certificates, ListenerError, Protocol, tls_config};

/// The certificates of the data plane: files, and those of the local authority.
pub(super) fn edge_certificates(
    config: &Config,
    data: &DataDir,
    control: &Control,
) -> Result<Certificates, ServerError> {
    let now = SystemTime::now();
    let authority = match config.edge.authority {
        AuthorityChoice::Local => Some(Authority::open(data.path(), now)?),
        AuthorityChoice::Nothing => None,
    };
    let published = control.published();
    let domain = config.edge.domain.clone();
    let source = CertificateSource {
        domain: domain.clone(),
        files: config.edge.certificates.clone(),
        authority,
        host_known: Arc::new(move |host| match crate::route::script_of_host(host, &domain) {
            Some((_, tenant)) => published.has_tenant(&tenant),
            None => published.has_host(host),
        }),
    };
    Ok(Certificates::load(source, now)?)
}

/// Binds the admin API's socket, or takes the one that was inherited, and says how it is spoken to.
pub(super) async fn bind_admin(
    config: &AdminConfig,
    inherited: Option<std::net::TcpListener>,
) -> Result<(TcpListener, Transport), ServerError> {
    let transport = match &config.tls {
        None => Transport::Plain,
        Some(files) => {
            let source = CertificateSource {
                domain: String::new(),
                files: vec![files.clone()],
                authority: None,
                host_known: Arc::new(|_| false),
            };
            let certificates = Arc::new(Certificates::load(source, SystemTime::now())?);
            let tls = tls_config(certificates, &[Protocol::Http1]).map_err(ListenerError::from)?;
            Transport::Tls(tls)
        }
    };
    let address = config.listen;
    let listener = match inherited {
        Some(socket) => socket.set_nonblocking(true).and_then(|()| TcpListener::from_std(socket)),
        None => TcpListener::bind(address).await,
    };
    let listener = listener.map_err(|source| ServerError::AdminListener { address, source })?;
    Ok((listener, transport))
}
