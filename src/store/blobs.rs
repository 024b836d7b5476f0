//! Content-addressed files: the code and the snapshots of versions.
//!
//! A blob is written once under its SHA-256, compressed, and never changed; a name that exists is whole. What is no
//! longer referred to is removed by the control plane. Knows nothing of what the bytes mean.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::unpacked::Unpacked;
use crate::ids::BlobHash;

/// A folder of blobs.
#[derive(Debug, Clone)]
pub struct Blobs {
    dir: PathBuf,
}

impl Blobs {
    /// Opens the folder, making it if it is not there, and removes what a crash left half written.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().ends_with(PARTIAL) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(Self { dir: dir.to_owned() })
    }

    /// Keeps these bytes; when this returns they survive a crash.
    ///
    /// # Errors
    /// When the disk is full or fails; nothing is then visible under the hash.
    pub fn put(&self, bytes: &[u8]) -> io::Result<BlobHash> {
        let hash = BlobHash::of(bytes);
        let path = self.path(&hash);
        if path.try_exists()? {
            return Ok(hash);
        }
        let partial = self.dir.join(format!("{hash}.{}{PARTIAL}", uuid::Uuid::new_v4().simple()));
        let written = write_synced(&partial, bytes).and_then(|()| fs::rename(&partial, &path));
        if let Err(error) = written {
            // The write already failed and is reported; a partial file that stays is removed at the next start.
            let _ = fs::remove_file(&partial);
            return Err(error);
        }
        fs::File::open(&self.dir)?.sync_all()?;
        Ok(hash)
    }

    /// Reads the bytes kept under this hash.
    ///
    /// # Errors
    /// `NotFound` when there are none, `InvalidData` when they are damaged.
    pub fn load(&self, hash: &BlobHash) -> io::Result<Vec<u8>> {
        let bytes = zstd::decode_all(fs::File::open(self.path(hash))?)?;
        if BlobHash::of(&bytes) != *hash {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("blob {hash} is damaged")));
        }
        Ok(bytes)
    }

    /// The same, unpacked outside of the heap.
    ///
    /// # Errors
    /// As [`Blobs::load`].
    pub fn unpack(&self, hash: &BlobHash) -> io::Result<Unpacked> {
        Ok(self.unpacked(self.load(hash)?))
    }

    /// These bytes, outside of the heap and under no name.
    #[must_use]
    pub fn unpacked(&self, bytes: Vec<u8>) -> Unpacked {
        Unpacked::in_folder(&self.dir, bytes)
    }

    /// Whether bytes are kept under this hash; does not read them.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn contains(&self, hash: &BlobHash) -> io::Result<bool> {
        self.path(hash).try_exists()
    }

    /// What the blob takes on disk, packed.
    ///
    /// # Errors
    /// When it is not there.
    pub fn packed_bytes(&self, hash: &BlobHash) -> io::Result<u64> {
        Ok(fs::metadata(self.path(hash))?.len())
    }

    /// The addresses of everything that is kept.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn hashes(&self) -> io::Result<Vec<BlobHash>> {
        let mut hashes = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            // Files of other names are being written, or are not ours.
            hashes.extend(entry?.file_name().to_str().and_then(|name| name.parse().ok()));
        }
        Ok(hashes)
    }

    /// Removes a blob nobody refers to any more; one that is not there is removed already.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn remove(&self, hash: &BlobHash) -> io::Result<()> {
        match fs::remove_file(self.path(hash)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn path(&self, hash: &BlobHash) -> PathBuf {
        self.dir.join(hash.as_str())
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::File::create_new(path)?;
    file.write_all(&zstd::encode_all(bytes, ZSTD_LEVEL)?)?;
    file.sync_all()
}

/// Ending of files that are being written.
const PARTIAL: &str = ".partial";

/// Snapshots shrink to a quarter or less at this level; the third takes half as much time again for a thirtieth of the bytes.
const ZSTD_LEVEL: i32 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes, reads, damages and removes a blob.
    #[test]
    fn a_damaged_blob_is_never_returned() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let blobs = Blobs::open(dir.path()).expect("opens");
        let hash = blobs.put(b"some bytes").expect("writes");
        assert_eq!(blobs.put(b"some bytes").expect("writes again"), hash);
        assert_eq!(blobs.load(&hash).expect("reads"), b"some bytes");
        assert_eq!(blobs.hashes().expect("lists"), std::slice::from_ref(&hash));
        assert!(blobs.contains(&hash).expect("looks"));
        fs::write(dir.path().join(hash.as_str()), zstd::encode_all(&b"other"[..], 3).expect("zstd")).expect("damages");
        assert_eq!(blobs.load(&hash).map_err(|error| error.kind()), Err(io::ErrorKind::InvalidData));
        blobs.remove(&hash).expect("removes");
        blobs.remove(&hash).expect("removes again");
        assert_eq!(blobs.load(&hash).map_err(|error| error.kind()), Err(io::ErrorKind::NotFound));
    }

    /// Leaves a partial file behind and opens again.
    #[test]
    fn what_a_crash_left_half_written_is_gone_at_the_next_start() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        fs::write(dir.path().join(format!("x{PARTIAL}")), b"half").expect("writes");
        Blobs::open(dir.path()).expect("opens");
        assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), 0);
    }
}
