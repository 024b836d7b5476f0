//! Unpacked blobs: bytes that are read now and then, outside of the heap.
//!
//! Their memory is the file cache's: every isolate of a version reads the same pages, and what nobody has read for a
//! while costs nothing. The file behind them has no name, so it is gone with the process and nobody can change it.

#![expect(unsafe_code, reason = "the kernel maps the file")]

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::ops::Deref;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::slice;

/// Bytes that never change.
#[derive(Debug)]
pub struct Unpacked(Place);

#[derive(Debug)]
enum Place {
    Mapped { at: NonNull<u8>, bytes: usize },
    Held(Box<[u8]>),
}

// SAFETY: the pointer is to memory that nobody writes to for as long as it is mapped, and `Unpacked` alone unmaps it, when
// it is dropped. Reading it and asking the kernel to forget its pages work from any thread.
unsafe impl Send for Unpacked {}
// SAFETY: as above; no method changes anything that another could see.
unsafe impl Sync for Unpacked {}

impl Unpacked {
    /// Puts the bytes into a file without a name in this folder; keeps them on the heap where that cannot be done.
    #[must_use]
    pub fn in_folder(dir: &Path, bytes: Vec<u8>) -> Self {
        match mapped(dir, &bytes) {
            Ok(place) => Self(place),
            Err(error) => {
                tracing::debug!(%error, "failed to map an unpacked blob; it is kept on the heap");
                Self::held(bytes.into())
            }
        }
    }

    /// Keeps the bytes on the heap.
    #[must_use]
    pub fn held(bytes: Box<[u8]>) -> Self {
        Self(Place::Held(bytes))
    }

    /// Most of it will not be read again soon: what it has in this process's memory is given back.
    pub fn rest(&self) {
        if let Place::Mapped { at, bytes } = &self.0 {
            // SAFETY: the range is exactly the mapping, which lives as long as `self`. It is of a file, so what is read
            // after this comes from the file again: references into it stay as good as they were.
            unsafe { libc::madvise(at.as_ptr().cast(), *bytes, libc::MADV_DONTNEED) };
        }
    }
}

impl Deref for Unpacked {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            // SAFETY: the mapping is readable, this long, and unmapped only when `self` is dropped. Nobody writes to it:
            // it is private, and its file was written before and has no name and no open descriptor.
            Place::Mapped { at, bytes } => unsafe { slice::from_raw_parts(at.as_ptr(), *bytes) },
            Place::Held(bytes) => bytes,
        }
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        if let Place::Mapped { at, bytes } = &self.0 {
            // SAFETY: the range is exactly the mapping made in `mapped`, and no borrow of it outlives `self`.
            unsafe { libc::munmap(at.as_ptr().cast(), *bytes) };
        }
    }
}

fn mapped(dir: &Path, bytes: &[u8]) -> io::Result<Place> {
    let mut file = nameless(dir)?;
    file.write_all(bytes)?;
    // SAFETY: a new mapping at an address of the kernel's choosing touches nothing that exists; the descriptor is open.
    let at =
        unsafe { libc::mmap(ptr::null_mut(), bytes.len(), libc::PROT_READ, libc::MAP_PRIVATE, file.as_raw_fd(), 0) };
    match NonNull::new(at.cast::<u8>()) {
        Some(at) if at.as_ptr().cast() != libc::MAP_FAILED => Ok(Place::Mapped { at, bytes: bytes.len() }),
        _ => Err(io::Error::last_os_error()),
    }
}

fn nameless(dir: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).custom_flags(libc::O_TMPFILE).mode(0o600).open(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads it before and after its pages are given back, and one that cannot be mapped.
    #[test]
    fn the_bytes_are_the_same_wherever_they_are() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let bytes: Vec<u8> = (0..100_000_u32).map(|at| (at % 251) as u8).collect();
        let unpacked = Unpacked::in_folder(dir.path(), bytes.clone());
        assert_eq!(*unpacked, *bytes);
        unpacked.rest();
        assert_eq!(*unpacked, *bytes);
        assert_eq!(dir.path().read_dir().expect("lists").count(), 0);
        for (bytes, dir) in [(bytes, Path::new("/nowhere")), (Vec::new(), dir.path())] {
            let held = Unpacked::in_folder(dir, bytes.clone());
            held.rest();
            assert_eq!(*held, *bytes);
        }
    }
}
