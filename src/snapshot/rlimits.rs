//! Resource limits the builder's child puts on itself.

#![expect(unsafe_code, reason = "the C library's setrlimit has no safe wrapper")]

use std::io;

/// Lowers what this process may use, for good: no core dump (it would hold the script), no file of any size, few
/// descriptors, and CPU time far above any startup cap as a backstop behind the watchdog. Address space cannot be
/// capped: V8 reserves far more than it uses.
///
/// # Errors
/// When the kernel refuses; the process must not go on then.
pub(super) fn lower_for_builder() -> io::Result<()> {
    lower(libc::RLIMIT_CORE, 0)?;
    lower(libc::RLIMIT_FSIZE, 0)?;
    lower(libc::RLIMIT_NOFILE, 64)?;
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
