//! Handover: a node that has lost too much memory to parked threads is replaced by a fresh image of itself.
//!
//! The process executes itself anew, so it keeps its id, its arguments and its listening sockets; connections that come
//! meanwhile wait in the sockets' queues. What the next image is told stands in one environment variable that carries the
//! process id, so that a child which inherits the variable takes nothing from it. Sockets of a service manager
//! (`LISTEN_PID`, `LISTEN_FDS`, `LISTEN_FDNAMES` with the names `edge` and `admin`, sd_listen_fds(3)) are taken up in the
//! same way.
//!
//! Invariant: a descriptor is taken up at most once in the life of a process image.

#![expect(unsafe_code, reason = "descriptors arrive as numbers")]

use std::ffi::OsString;
use std::net::TcpListener;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd};
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, io, process};

use serde::{Deserialize, Serialize};

use crate::image::IMAGE;
use crate::isolate::HandedOver;

/// What a process was started with beside its arguments; empty when it was started by hand.
#[derive(Debug, Default)]
pub struct Inherited {
    pub(super) edge: Option<TcpListener>,
    pub(super) admin: Option<TcpListener>,
    pub(super) quarantine: Vec<HandedOver>,
}

/// A drained node's sockets and what its successor has to know.
#[derive(Debug)]
pub struct Handover {
    pub(super) edge: OwnedFd,
    pub(super) admin: OwnedFd,
    pub(super) quarantine: Vec<HandedOver>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Letter {
    pid: u32,
    edge: RawFd,
    admin: RawFd,
    quarantine: Vec<HandedOver>,
}

impl Inherited {
    /// Takes up what this process was started with; a second call finds nothing.
    ///
    /// # Errors
    /// When a descriptor that was named is not open.
    pub fn take() -> io::Result<Self> {
        static TAKEN: AtomicBool = AtomicBool::new(false);
        if TAKEN.swap(true, Ordering::SeqCst) {
            return Ok(Self::default());
        }
        if let Some(letter) = env::var(LETTER).ok().and_then(|text| Letter::addressed_here(&text)) {
            let Letter { edge, admin, quarantine, .. } = letter;
            return Ok(Self { edge: Some(take(edge)?), admin: Some(take(admin)?), quarantine });
        }
        let mut inherited = Self::default();
        let variable = |name: &str| env::var(name).unwrap_or_default();
        for (fd, name) in service_sockets(&variable("LISTEN_PID"), &variable("LISTEN_FDS"), &variable("LISTEN_FDNAMES"))
        {
            match name.as_str() {
                "edge" => inherited.edge = Some(take(fd)?),
                "admin" => inherited.admin = Some(take(fd)?),
                _ => {}
            }
        }
        Ok(inherited)
    }
}

impl Handover {
    /// Replaces this process image; all its threads end. Returns only when that fails.
    #[must_use]
    pub fn execute(self) -> io::Error {
        let letter = Letter {
            pid: process::id(),
            edge: self.edge.as_raw_fd(),
            admin: self.admin.as_raw_fd(),
            quarantine: self.quarantine,
        };
        let text = match serde_json::to_string(&letter) {
            Ok(text) => text,
            Err(error) => return error.into(),
        };
        for socket in [&self.edge, &self.admin] {
            // SAFETY: F_SETFD takes a number and changes flags of a descriptor that `self` keeps open.
            if unsafe { libc::fcntl(socket.as_raw_fd(), libc::F_SETFD, 0) } != 0 {
                return io::Error::last_os_error();
            }
        }
        let mut arguments = env::args_os();
        let name = arguments.next().unwrap_or_else(|| OsString::from("eyot"));
        // A handover is no upgrade.
        Command::new(IMAGE).arg0(name).args(arguments).env(LETTER, text).exec()
    }
}

impl Letter {
    fn addressed_here(text: &str) -> Option<Self> {
        serde_json::from_str::<Self>(text).ok().filter(|letter| letter.pid == process::id())
    }
}

/// Reads a letter and a service manager's variables, as fuzzing does: only what is addressed to this process counts.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn fuzz(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    assert!(Letter::addressed_here(text).is_none_or(|letter| letter.pid == process::id()));
    let mut lines = text.lines();
    let mut next = || lines.next().unwrap_or_default();
    let (count, names) = (next(), next());
    assert!(service_sockets(&process::id().to_string(), count, names).len() <= usize::from(u8::MAX));
    assert!(service_sockets("1", count, names).is_empty());
}

/// The descriptors a service manager passed to this process, with their names.
fn service_sockets(pid: &str, count: &str, names: &str) -> Vec<(RawFd, String)> {
    if pid.parse() != Ok(process::id()) {
        return Vec::new();
    }
    let count = count.parse::<u8>().unwrap_or(0);
    (FIRST_SERVICE_SOCKET..).zip(names.split(':').map(str::to_owned)).take(usize::from(count)).collect()
}

/// Takes a descriptor that this process was started with, and closes it to further programs.
fn take(fd: RawFd) -> io::Result<TcpListener> {
    // SAFETY: F_SETFD takes numbers; one that is not an open descriptor is reported.
    if unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is open, as the call above has shown. Whoever started this process passed it on for this
    // use, nothing else in the process knows its number, and `Inherited::take` gets here once.
    let socket = unsafe { TcpListener::from_raw_fd(fd) };
    socket.local_addr()?;
    Ok(socket)
}

/// The environment variable with a [`Letter`].
const LETTER: &str = "EYOT_HANDOVER";

/// SD_LISTEN_FDS_START
const FIRST_SERVICE_SOCKET: RawFd = 3;

#[cfg(test)]
mod tests {
    use super::*;

    /// Variables for this process, for another one, and nonsense.
    #[test]
    fn only_what_is_addressed_to_this_process_is_taken_up() {
        let here = process::id().to_string();
        let expected = vec![(3, "edge".to_owned()), (4, "admin".to_owned())];
        assert_eq!(service_sockets(&here, "2", "edge:admin"), expected);
        assert_eq!(service_sockets(&here, "1", "edge:admin"), expected[..1]);
        for (pid, count) in [("1", "2"), ("", ""), (here.as_str(), "many")] {
            assert_eq!(service_sockets(pid, count, "edge:admin"), []);
        }
        let letter = |pid: u32| format!("{{\"pid\":{pid},\"edge\":7,\"admin\":8,\"quarantine\":[]}}");
        assert!(Letter::addressed_here(&letter(process::id())).is_some());
        assert!(Letter::addressed_here(&letter(1)).is_none());
        assert!(Letter::addressed_here("{").is_none());
    }

    /// A socket through both sides of a handover, without the program between them.
    #[test]
    fn a_socket_that_is_taken_up_still_listens() {
        let socket = TcpListener::bind("127.0.0.1:0").expect("binds");
        let address = socket.local_addr().expect("has an address");
        let fd = std::os::fd::IntoRawFd::into_raw_fd(socket);
        let socket = take(fd).expect("is open");
        assert_eq!(socket.local_addr().expect("has an address"), address);
        assert!(std::net::TcpStream::connect(address).is_ok());
        assert!(take(1_000_000).is_err());
    }
}
