//! TCP connections that a script speaks on by itself: bytes each way, with or without TLS.
//!
//! A [`Connection`] is what ops see. Nothing is read from a peer but into the buffer of a read that waits, and a write is
//! done when the kernel has taken it, so both directions have back-pressure and hold nothing here.
//!
//! Invariant: when its run ends, or the script closes it, whoever waits on a connection learns of it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use deno_core::url::Host;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::socket::{ConnectError, Connector, SocketIo};

/// One connection of a run.
pub(super) struct Connection {
    run: u32,
    reader: RefCell<Option<ReadHalf<Box<dyn SocketIo>>>>,
    writer: RefCell<Option<WriteHalf<Box<dyn SocketIo>>>>,
    /// Asks who reads to give its half back.
    interrupted: Notify,
    /// A half was given back.
    returned: Notify,
    closed: CancellationToken,
}

/// Who is at the two ends, and whether a connection is under TLS from the beginning.
pub(super) struct Opened {
    /// The connection.
    pub io: Box<dyn SocketIo>,
    /// The peer's address and port.
    pub remote: String,
    /// Ours.
    pub local: String,
}

/// Connects to `host`.
///
/// # Errors
/// [`ConnectError`] when the policy, the network, or the peer's certificate does not allow it.
pub(super) async fn open(
    connector: &Connector,
    host: &Host<String>,
    port: u16,
    secure: bool,
) -> Result<Opened, ConnectError> {
    let opened = async {
        let tcp = connector.tcp(host, port).await?;
        let (remote, local) = (tcp.peer_addr()?.to_string(), tcp.local_addr()?.to_string());
        let plain: Box<dyn SocketIo> = Box::new(tcp);
        let io = if secure { connector.secured(plain, host).await? } else { plain };
        Ok(Opened { io, remote, local })
    };
    tokio::time::timeout(OPENED_WITHIN, opened).await.unwrap_or(Err(ConnectError::TimedOut))
}

impl Connection {
    /// Reads what has come, at least a byte; 0 at the peer's end.
    ///
    /// # Errors
    /// Those of the network; [`io::ErrorKind::Interrupted`] when TLS begins instead.
    pub(super) async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut half = self.reader.borrow_mut().take().ok_or_else(in_use)?;
        let read = tokio::select! {
            read = half.read(buffer) => read,
            () = self.interrupted.notified() => Err(io::ErrorKind::Interrupted.into()),
            () = self.closed.cancelled() => return Err(was_closed()),
        };
        self.give_back(&self.reader, half);
        read
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// Those of the network.
    pub(super) async fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut half = self.writer.borrow_mut().take().ok_or_else(in_use)?;
        let written = tokio::select! {
            written = async { half.write_all(bytes).await?; half.flush().await } => written,
            () = self.closed.cancelled() => return Err(was_closed()),
        };
        self.give_back(&self.writer, half);
        written
    }

    /// Tells the peer that nothing more comes.
    ///
    /// # Errors
    /// Those of the network.
    pub(super) async fn finish(&self) -> io::Result<()> {
        let mut half = self.writer.borrow_mut().take().ok_or_else(in_use)?;
        let finished = tokio::select! {
            finished = half.shutdown() => finished,
            () = self.closed.cancelled() => return Err(was_closed()),
        };
        self.give_back(&self.writer, half);
        finished
    }

    /// Goes on under TLS with a server that proves to be `host`. A read that waits is interrupted, a write waited for.
    ///
    /// # Errors
    /// [`ConnectError`]; the connection is closed then.
    pub(super) async fn secure(&self, connector: &Connector, host: &Host<String>) -> Result<(), ConnectError> {
        let whole = async {
            self.interrupted.notify_waiters();
            while self.reader.borrow().is_none() || self.writer.borrow().is_none() {
                self.returned.notified().await;
            }
            let (reader, writer) = (self.reader.borrow_mut().take(), self.writer.borrow_mut().take());
            let (Some(reader), Some(writer)) = (reader, writer) else { return Err(in_use().into()) };
            connector.secured(reader.unsplit(writer), host).await
        };
        let io = tokio::select! {
            io = tokio::time::timeout(OPENED_WITHIN, whole) => io.unwrap_or(Err(ConnectError::TimedOut))?,
            () = self.closed.cancelled() => return Err(was_closed().into()),
        };
        let (reader, writer) = tokio::io::split(io);
        self.give_back(&self.reader, reader);
        self.give_back(&self.writer, writer);
        Ok(())
    }

    /// Closes it at once.
    pub(super) fn close(&self) {
        self.closed.cancel();
        drop(self.reader.borrow_mut().take());
        drop(self.writer.borrow_mut().take());
    }

    fn give_back<T>(&self, place: &RefCell<Option<T>>, half: T) {
        if !self.closed.is_cancelled() {
            *place.borrow_mut() = Some(half);
            self.returned.notify_one();
        }
    }
}

/// The connections of an isolate's runs, by the id JavaScript knows them by.
#[derive(Default)]
pub(super) struct Connections {
    by_id: HashMap<u32, Rc<Connection>>,
    last_id: u32,
}

impl Connections {
    /// Adds one and gives its id.
    pub(super) fn add(&mut self, run: u32, io: Box<dyn SocketIo>) -> u32 {
        let (reader, writer) = tokio::io::split(io);
        self.last_id = self.last_id.checked_add(1).unwrap_or(1);
        let connection = Connection {
            run,
            reader: RefCell::new(Some(reader)),
            writer: RefCell::new(Some(writer)),
            interrupted: Notify::new(),
            returned: Notify::new(),
            closed: CancellationToken::new(),
        };
        self.by_id.insert(self.last_id, Rc::new(connection));
        self.last_id
    }

    /// The connection of this id, while it is open.
    pub(super) fn find(&self, id: u32) -> Option<Rc<Connection>> {
        self.by_id.get(&id).cloned()
    }

    /// Closes and forgets one.
    pub(super) fn close(&mut self, id: u32) {
        if let Some(connection) = self.by_id.remove(&id) {
            connection.close();
        }
    }

    /// Closes and forgets those of a run that has ended.
    pub(super) fn end_run(&mut self, run: u32) {
        self.by_id.retain(|_, connection| {
            if connection.run == run {
                connection.close();
            }
            connection.run != run
        });
    }
}

fn in_use() -> io::Error {
    io::Error::other("the connection is in use")
}

fn was_closed() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "the connection was closed")
}

/// From the name to the end of the TLS handshake.
const OPENED_WITHIN: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> (Rc<Connection>, tokio::io::DuplexStream) {
        let (ours, theirs) = tokio::io::duplex(8);
        let mut connections = Connections::default();
        let id = connections.add(1, Box::new(ours));
        (connections.find(id).expect("it was added"), theirs)
    }

    /// Writes more than fits on the way and reads it at the other end.
    #[tokio::test]
    async fn a_write_waits_for_its_reader() {
        let (connection, mut theirs) = begun();
        let message = [7; 100];
        let mut read = [0; 100];
        let (written, got) = tokio::join!(connection.write(&message), theirs.read_exact(&mut read));
        written.expect("it is written");
        assert_eq!((got.expect("it comes"), read), (100, message));
    }

    /// Closes a connection under a read that waits.
    #[tokio::test]
    async fn who_waits_on_a_closed_connection_is_told() {
        let (connection, _theirs) = begun();
        let mut buffer = [0; 8];
        let (read, ()) = tokio::join!(connection.read(&mut buffer), async { connection.close() });
        assert_eq!(read.expect_err("it is closed").kind(), io::ErrorKind::ConnectionAborted);
        assert!(connection.write(b"more").await.is_err());
    }

    /// Asks twice at once.
    #[tokio::test]
    async fn one_reads_at_a_time() {
        let (connection, mut theirs) = begun();
        let (mut one, mut other) = ([0; 8], [0; 8]);
        let ahead = async {
            let refused = connection.read(&mut other).await;
            theirs.write_all(b"late").await.expect("it is written");
            refused
        };
        let (first, second) = tokio::join!(connection.read(&mut one), ahead);
        assert_eq!(first.expect("it comes"), 4);
        assert!(second.is_err());
    }
}
