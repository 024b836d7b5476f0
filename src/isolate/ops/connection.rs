//! TCP connections as JavaScript drives them: `cloudflare:sockets`, `node:net`, `node:tls`.
//!
//! Errors begin with the code that Node gives them, which JavaScript takes off.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use deno_core::url::Host;
use deno_core::{JsBuffer, OpState, op2};
use deno_error::JsErrorBox;
use serde::Serialize;

use super::runs;
use crate::isolate::connection::{self, Connection};
use crate::isolate::socket::{ConnectError, Connector};

/// An open connection, as JavaScript gets it.
#[derive(Serialize)]
pub(super) struct Open {
    id: u32,
    remote: String,
    local: String,
}

/// Connects run `id` to a host; under TLS when it is to be secure.
#[op2]
#[serde]
pub(crate) async fn op_eyot_connection_open(
    state: Rc<RefCell<OpState>>,
    #[smi] id: u32,
    #[string] host: String,
    #[smi] port: u16,
    secure: bool,
) -> Result<Open, JsErrorBox> {
    let connector = state.borrow().borrow::<Connector>().clone();
    let opened = connection::open(&connector, &parsed(&host)?, port, secure).await.map_err(|error| told(&error))?;
    let runs = runs(&state.borrow());
    let mut runs = runs.borrow_mut();
    if !runs.in_flight.contains_key(&id) {
        return Err(JsErrorBox::generic("ECANCELED: The request that this connection belongs to has ended."));
    }
    let id = runs.connections.add(id, opened.io);
    Ok(Open { id, remote: opened.remote, local: opened.local })
}

/// Reads into `buffer`; -1 when TLS begins instead, 0 at the end.
#[op2]
#[smi]
pub(crate) async fn op_eyot_connection_read(
    state: Rc<RefCell<OpState>>,
    #[smi] connection: u32,
    #[buffer] mut buffer: JsBuffer,
) -> Result<i32, JsErrorBox> {
    match find(&state, connection)?.read(&mut buffer).await {
        Ok(read) => Ok(i32::try_from(read).unwrap_or(i32::MAX)),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(-1),
        Err(error) => Err(failed(&error)),
    }
}

/// Writes all of `bytes`.
#[op2]
pub(crate) async fn op_eyot_connection_write(
    state: Rc<RefCell<OpState>>,
    #[smi] connection: u32,
    #[buffer] bytes: JsBuffer,
) -> Result<(), JsErrorBox> {
    find(&state, connection)?.write(&bytes).await.map_err(|error| failed(&error))
}

/// Says that nothing more is written.
#[op2]
pub(crate) async fn op_eyot_connection_finish(
    state: Rc<RefCell<OpState>>,
    #[smi] connection: u32,
) -> Result<(), JsErrorBox> {
    find(&state, connection)?.finish().await.map_err(|error| failed(&error))
}

/// Goes on under TLS.
#[op2]
pub(crate) async fn op_eyot_connection_secure(
    state: Rc<RefCell<OpState>>,
    #[smi] connection: u32,
    #[string] host: String,
) -> Result<(), JsErrorBox> {
    let connector = state.borrow().borrow::<Connector>().clone();
    let found = find(&state, connection)?;
    found.secure(&connector, &parsed(&host)?).await.map_err(|error| told(&error))
}

/// Closes a connection.
#[op2(fast)]
pub(crate) fn op_eyot_connection_close(state: &mut OpState, #[smi] connection: u32) {
    runs(state).borrow_mut().connections.close(connection);
}

fn find(state: &Rc<RefCell<OpState>>, connection: u32) -> Result<Rc<Connection>, JsErrorBox> {
    let runs = runs(&state.borrow());
    let found = runs.borrow().connections.find(connection);
    found.ok_or_else(|| JsErrorBox::generic("ECONNABORTED: The connection is closed."))
}

fn parsed(host: &str) -> Result<Host<String>, JsErrorBox> {
    let bracketed = if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() };
    Host::parse(&bracketed).map_err(|_| JsErrorBox::generic("ENOTFOUND: The host's name is not valid."))
}

fn told(error: &ConnectError) -> JsErrorBox {
    match error {
        ConnectError::Io(error) => failed(error),
        ConnectError::Refused => JsErrorBox::generic(
            "EACCES: proxy request failed, cannot connect to the specified address: it is not allowed by the egress policy.",
        ),
        ConnectError::TimedOut => JsErrorBox::generic("ETIMEDOUT: The peer could not be reached in time."),
        other => JsErrorBox::generic(format!("ENOTFOUND: {other}.")),
    }
}

fn failed(error: &io::Error) -> JsErrorBox {
    use io::ErrorKind;
    let code = match error.kind() {
        ErrorKind::ConnectionRefused => "ECONNREFUSED",
        ErrorKind::ConnectionReset => "ECONNRESET",
        ErrorKind::ConnectionAborted => "ECONNABORTED",
        ErrorKind::BrokenPipe | ErrorKind::NotConnected => "EPIPE",
        ErrorKind::TimedOut => "ETIMEDOUT",
        ErrorKind::HostUnreachable => "EHOSTUNREACH",
        ErrorKind::NetworkUnreachable => "ENETUNREACH",
        ErrorKind::InvalidData => "EPROTO",
        ErrorKind::UnexpectedEof => "ECONNRESET",
        _ if error.to_string().contains("lookup") => "ENOTFOUND",
        _ => "EIO",
    };
    JsErrorBox::generic(format!("{code}: {error}"))
}
