//! What a process gives up by itself: core dumps, and what rlimits bound; and the one thing it takes, open files.

#![expect(unsafe_code, reason = "the C library's prctl and setrlimit have no safe wrapper")]

use std::io;

use super::AddressSpace;

/// No core dump of this process, and no debugger of the same user: both would hold tenants' secrets and keys.
pub(super) fn forbid_core_dumps() -> io::Result<()> {
    // SAFETY: this option takes a number and no pointer.
    let status = unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0) };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// What the kernel answers to a prctl of this number, which none has.
pub(super) fn answer_to_unknown_prctl(option: i32) -> Option<i32> {
    // SAFETY: the kernel has no such option, so it reads no argument.
    let status = unsafe { libc::prctl(option) };
    if status == 0 { None } else { io::Error::last_os_error().raw_os_error() }
}

/// Takes as many open files as the hard limit allows: most systems start a process with 1,024, which is for programs
/// that use `select`, and every connection is one.
pub fn take_open_files() -> io::Result<()> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a valid `rlimit` that is only written.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } != 0 {
        return Err(io::Error::last_os_error());
    }
    limit.rlim_cur = limit.rlim_max;
    // SAFETY: `limit` is a valid `rlimit` that is only read.
    let status = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Lowers what this process may use, for good: no core dump (it would hold the script), no file of any size, few
/// descriptors, and CPU time far above any startup cap as a backstop behind the watchdog.
pub(super) fn lower_limits(space: AddressSpace) -> io::Result<()> {
    lower(libc::RLIMIT_CORE, 0)?;
    lower(libc::RLIMIT_FSIZE, 0)?;
    lower(libc::RLIMIT_NOFILE, 64)?;
    if let AddressSpace::Bytes(bytes) = space {
        lower(libc::RLIMIT_AS, bytes)?;
    }
    lower(libc::RLIMIT_CPU, CPU_SECONDS_MAX)
}

fn lower(resource: libc::__rlimit_resource_t, value: u64) -> io::Result<()> {
    let limit = libc::rlimit { rlim_cur: value, rlim_max: value };
    // SAFETY: `limit` is a valid `rlimit` that is only read.
    let status = unsafe { libc::setrlimit(resource, &raw const limit) };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// More than any startup cap in the configuration's range.
const CPU_SECONDS_MAX: u64 = 120;
