//! The cage: what the process cannot do any more, whoever has come to run code in it.
//!
//! Everything a script can reach is V8 and our ops; this is for the day when one of them is broken. A node puts its cage
//! on in two steps, because the kernel takes them so: [`confine_files`] before the first thread, [`Cage::confine_calls`]
//! on all threads once the sockets are bound and before a tenant's code runs. The children that evaluate a script or
//! strip its types put on a tighter one, [`confine_computation`]. Every part is found out after it was put on, not assumed:
//! [`Cage`] says what holds, and why the rest does not. Exec keeps a cage, so a node that re-executes itself finds it on.
//!
//! | file | what it takes away |
//! |---|---|
//! | `files` | every file but those named, by Landlock |
//! | `calls` | every system call but those listed, by seccomp |
//! | `process` | core dumps, and by rlimits what a child may use up |
//!
//! Refuses to know what the files are for: its caller names them.

mod calls;
mod files;
mod process;

use std::fmt;
use std::io;

use calls::Opening;

pub use files::NodeFiles;
pub use process::take_open_files;

/// What holds of a node's cage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cage {
    files: Part,
    calls: Part,
    dumps: Part,
}

/// Whether a node may serve without its whole cage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CagePolicy {
    /// It starts with a whole cage or not at all.
    Required,
    /// It puts on what the kernel has, and says what is missing.
    WherePossible,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    On,
    Missing(String),
}

impl Cage {
    /// No cage: what `eyot dev` runs in, which has to read, watch and bundle its owner's files.
    #[must_use]
    pub fn none() -> Self {
        let missing = || Part::Missing("not asked for".to_owned());
        Self { files: missing(), calls: missing(), dumps: missing() }
    }

    /// What is missing and why; nothing when the cage is whole.
    #[must_use]
    pub fn missing(&self) -> Option<String> {
        let parts = [("files", &self.files), ("system calls", &self.calls), ("core dumps", &self.dumps)];
        let missing = parts.into_iter().filter_map(|(name, part)| match part {
            Part::On => None,
            Part::Missing(why) => Some(format!("{name} ({why})")),
        });
        let missing: Vec<String> = missing.collect();
        (!missing.is_empty()).then(|| missing.join(", "))
    }

    /// The second step: no system calls but those of the list, for every thread there is and will be. Call it once the
    /// sockets are bound: nothing can listen afterwards.
    #[must_use]
    pub fn confine_calls(self) -> Self {
        let calls = if calls::node_filter_holds() { Ok(()) } else { calls::restrict_node() };
        let calls = match calls {
            Ok(()) if calls::node_filter_holds() => Part::On,
            Ok(()) => Part::Missing("the filter has no effect".to_owned()),
            Err(why) => Part::Missing(why),
        };
        Self { calls, ..self }
    }
}

impl fmt::Display for Cage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.missing() {
            None => f.write_str("on"),
            Some(missing) => write!(f, "incomplete: {missing}"),
        }
    }
}

/// The first step of a node's cage: no files but these, no signals to others, no new privileges, no core dumps. Call it
/// on the main thread before any other exists; what is opened later is held to it, what is open stays open.
#[must_use]
pub fn confine_files(files: &NodeFiles) -> Cage {
    let dumps = match process::forbid_core_dumps() {
        Ok(()) => Part::On,
        Err(error) => Part::Missing(error.to_string()),
    };
    // The filter comes after the file rules, so a process that was born with it was born with them; and sixteen layers of
    // file rules are all that the kernel has.
    let restricted = if calls::node_filter_holds() { Ok(()) } else { files::restrict_node(files) };
    let files = match restricted {
        Ok(()) if files::root_is_closed() => Part::On,
        Ok(()) => Part::Missing("the rules have no effect".to_owned()),
        Err(why) => Part::Missing(why),
    };
    Cage { files, calls: Part::Missing("not put on yet".to_owned()), dumps }
}

/// What a cage put on by this process would miss, without putting it on: what this kernel does not have.
#[must_use]
pub fn missing_here() -> Option<String> {
    let part = |found: Result<(), String>| found.map_or_else(Part::Missing, |()| Part::On);
    Cage { files: part(files::available()), calls: part(calls::available()), dumps: Part::On }.missing()
}

/// The cage of a child that only computes, from its input to its output: no file, no network, no other program, no new
/// process, and an end to CPU time and file sizes. Call it on the main thread before any other exists.
///
/// # Errors
/// When the rlimits or the filter cannot be put on although the kernel has them; the process must not go on then. A kernel
/// without Landlock or seccomp is the node's to report.
pub fn confine_computation(space: AddressSpace) -> io::Result<()> {
    process::lower_limits(space)?;
    let mut opening = Opening::Never;
    if files::available().is_ok() {
        files::restrict_computation().map_err(io::Error::other)?;
        opening = Opening::HeldByRules;
    }
    if calls::available().is_ok() {
        calls::restrict_computation(opening).map_err(io::Error::other)?;
    }
    Ok(())
}

/// How much a computing child may map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressSpace {
    /// As much as it likes: V8 reserves far more than it uses, and has a cap of its own on what it uses.
    Free,
    /// So many bytes.
    Bytes(u64),
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::Write as _;
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::unix::net::UnixStream;
    use std::process::Command;

    use super::*;

    /// Runs on a thread of its own: Landlock and an unsynchronised filter hold for the calling thread alone.
    fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
        std::thread::spawn(work).join().expect("the thread ends")
    }

    fn report() -> Cage {
        Cage { files: Part::On, calls: Part::Missing("no seccomp".to_owned()), dumps: Part::On }
    }

    /// A part that is missing is named with its reason.
    #[test]
    fn a_cage_says_what_it_lacks() {
        assert_eq!(report().to_string(), "incomplete: system calls (no seccomp)");
        assert_eq!(Cage { calls: Part::On, ..report() }.to_string(), "on");
        assert!(Cage::none().missing().is_some());
    }

    /// A folder that is named is whole, one beside it is closed, and so is everything else.
    #[test]
    fn a_node_opens_its_own_files_only() {
        assert_eq!(files::available(), Ok(()), "this kernel has Landlock");
        let (own, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let path = other.path().join("file");
        fs::write(&path, "theirs").expect("writes");
        let files = NodeFiles { data: own.path().to_owned(), read: Vec::new() };
        let own = on_a_thread(move || {
            files::restrict_node(&files).expect("restricts");
            assert!(files::root_is_closed());
            for closed in [path.as_path(), "/etc/passwd".as_ref(), "/root".as_ref(), "/proc/1/cmdline".as_ref()] {
                let error = File::open(closed).expect_err("is closed");
                assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{}", closed.display());
            }
            fs::create_dir(own.path().join("a")).expect("makes a folder");
            fs::write(own.path().join("a/file"), "ours").expect("writes");
            fs::rename(own.path().join("a/file"), own.path().join("file")).expect("moves between folders");
            assert_eq!(fs::read_to_string(own.path().join("file")).expect("reads"), "ours");
            fs::read_to_string("/proc/self/status").expect("reads its own figures");
            let shell = Command::new("/bin/sh").arg("-c").arg("true").status();
            assert_eq!(shell.expect_err("starts no other program").kind(), io::ErrorKind::PermissionDenied);
            own
        });
        drop(own);
    }

    /// Connects and resolves, which scripts need, and tries what nobody needs once the sockets are bound.
    #[test]
    fn a_node_makes_listed_calls_only() {
        let bound = TcpListener::bind("127.0.0.1:0").expect("binds");
        on_a_thread(move || {
            assert!(!calls::node_filter_holds());
            calls::restrict_node_thread().expect("restricts");
            assert!(calls::node_filter_holds());
            let address = bound.local_addr().expect("an address");
            let mut client = TcpStream::connect(address).expect("connects");
            client.write_all(b"x").expect("writes");
            bound.accept().expect("accepts");
            UdpSocket::bind("127.0.0.1:0").expect("asks a name server");
            TcpListener::bind("127.0.0.1:0").expect_err("listens nowhere else");
            UnixStream::connect("/run/docker.sock").expect_err("speaks to no local service");
            std::thread::spawn(|| ()).join().expect("starts threads");
            std::os::unix::fs::symlink("/etc/passwd", "/tmp/never-made").expect_err("makes no links");
        });
    }

    /// Reads and writes what is open, computes, starts threads, and can do nothing else.
    #[test]
    fn a_computing_child_reaches_nothing() {
        let bound = TcpListener::bind("127.0.0.1:0").expect("binds");
        let address = bound.local_addr().expect("an address");
        let mut open = tempfile::tempfile().expect("a file");
        on_a_thread(move || {
            files::restrict_computation().expect("restricts");
            calls::restrict_computation_thread(Opening::HeldByRules).expect("restricts");
            open.write_all(b"x").expect("writes what is open");
            std::thread::spawn(|| ()).join().expect("starts threads");
            File::open("/dev/urandom").expect("draws randomness");
            File::open("/proc/self/status").expect_err("opens nothing");
            fs::read_dir("/").expect_err("lists nothing");
            TcpStream::connect(address).expect_err("connects nowhere");
            UdpSocket::bind("127.0.0.1:0").expect_err("sends nothing");
            Command::new("/bin/true").spawn().expect_err("starts nothing");
        });
        on_a_thread(|| {
            calls::restrict_computation_thread(Opening::Never).expect("restricts");
            File::open("/dev/urandom").expect_err("opens nothing at all where there are no rules on files");
        });
    }
}
