//! Large mappings: the pages of one object that is larger than its isolate may be as a whole.
//!
//! V8 does not hold its heap limit against a single allocation: with a cap of 64 MiB `"a".repeat(1 << 26).split("")` has 512 MiB
//! before anybody sees it (shared/measured.md), and up to 1 GiB is possible. An object of that size is a mapping of its own,
//! so the C library's `mmap` is replaced by one that takes such a mapping from the [`super::reserve`] first. What does not fit
//! is refused as the kernel would, and V8 without memory for an isolate is what [`super::guard`] knows.
//!
//! Invariant: what is listed is mapped, and its bytes are taken from the reserve.

#![expect(unsafe_code, reason = "mmap and munmap are C functions that deal in addresses")]

use std::ffi::{c_int, c_void};

use parking_lot::Mutex;

use super::native_memory::cap_of_this_thread;
use super::reserve;

/// Those there are, few at a time.
static LARGE: Mutex<Vec<Mapping>> = Mutex::new(Vec::new());

struct Mapping {
    start: usize,
    bytes: usize,
}

impl Mapping {
    /// How much of this one lies in there.
    fn within(&self, start: usize, bytes: usize) -> usize {
        let end = start.saturating_add(bytes).min(self.start + self.bytes);
        end.saturating_sub(start.max(self.start))
    }
}

/// Whether the calling thread may map this, which it has then taken; none when that is nobody's concern.
fn taken(bytes: usize, protection: c_int, flags: c_int) -> Option<bool> {
    // What is only reserved takes no memory.
    if bytes < LARGE_BYTES || protection == libc::PROT_NONE || flags & libc::MAP_ANONYMOUS == 0 {
        return None;
    }
    let cap = cap_of_this_thread()?;
    (bytes as u64 > cap).then(|| reserve::take(bytes as u64))
}

/// `mmap` as everybody calls it; `mmap64` is the same on our processors.
#[unsafe(no_mangle)]
unsafe extern "C" fn mmap(
    hint: *mut c_void,
    bytes: usize,
    protection: c_int,
    flags: c_int,
    file: c_int,
    offset: libc::off_t,
) -> *mut c_void {
    let taken = taken(bytes, protection, flags);
    if taken == Some(false) {
        tracing::debug!(bytes, "no memory left for an object beyond its isolate's cap");
        // SAFETY: it is the calling thread's own.
        unsafe { *libc::__errno_location() = libc::ENOMEM };
        return libc::MAP_FAILED;
    }
    // SAFETY: whoever calls this keeps mmap's contract; the system call takes the same six values, and its wrapper
    // gives -1 with `errno` for an error, as mmap does.
    let at = unsafe { libc::syscall(libc::SYS_mmap, hint, bytes, protection, flags, file, offset) };
    let at = std::ptr::with_exposed_provenance_mut::<c_void>(at.cast_unsigned() as usize);
    if taken == Some(true) {
        if at == libc::MAP_FAILED {
            reserve::give_back(bytes as u64);
        } else {
            LARGE.lock().push(Mapping { start: at.addr(), bytes });
        }
    }
    at
}

#[unsafe(no_mangle)]
unsafe extern "C" fn mmap64(
    hint: *mut c_void,
    bytes: usize,
    protection: c_int,
    flags: c_int,
    file: c_int,
    offset: libc::off_t,
) -> *mut c_void {
    // SAFETY: on 64-bit processors the two are one function.
    unsafe { mmap(hint, bytes, protection, flags, file, offset) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn munmap(start: *mut c_void, bytes: usize) -> c_int {
    // Before the memory is gone: afterwards another thread may have mapped something there.
    let mut given_back = 0;
    LARGE.lock().retain_mut(|mapping| {
        let within = mapping.within(start.addr(), bytes);
        given_back += within;
        // V8 cuts the end off what has become shorter.
        if within > 0 && start.addr() <= mapping.start {
            mapping.start += within;
        }
        mapping.bytes -= within;
        mapping.bytes > 0
    });
    if given_back > 0 {
        reserve::give_back(given_back as u64);
    }
    // SAFETY: whoever calls this keeps munmap's contract, and the system call has the same.
    let result = unsafe { libc::syscall(libc::SYS_munmap, start, bytes) };
    if result == 0 { 0 } else { -1 }
}

/// No isolate's cap is smaller.
const LARGE_BYTES: usize = 16 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    /// Parts before, at each end, inside and around.
    #[test]
    fn what_is_unmapped_of_a_mapping_is_known() {
        let mapping = Mapping { start: 100, bytes: 50 };
        for (start, bytes, within) in
            [(0, 100, 0), (90, 20, 10), (100, 50, 50), (140, 100, 10), (120, 10, 10), (0, usize::MAX, 50), (150, 1, 0)]
        {
            assert_eq!(mapping.within(start, bytes), within, "{start} {bytes}");
        }
    }
}
