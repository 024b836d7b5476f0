//! The folder: which files a namespace has, and removing them.
//!
//! A namespace `x` is the file `x.sqlite`, beside which SQLite keeps `x.sqlite-wal` and `x.sqlite-shm` while it is open.
//! It exists when its main file does. Opens no database.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::KvError;
use crate::ids::NamespaceId;

/// Where a namespace's main file is.
pub(super) fn path(dir: &Path, namespace: &NamespaceId) -> PathBuf {
    dir.join(format!("{namespace}{MAIN}"))
}

/// Removes a namespace's file; no connection to it may be open.
pub(super) fn remove(dir: &Path, namespace: &NamespaceId) -> Result<(), KvError> {
    let main = path(dir, namespace);
    // The main file goes first: what a crash leaves after that is an orphan, which `remove_orphans` finds.
    for file in [main.clone(), beside(&main, WAL), beside(&main, SHM)] {
        remove_file(&file)?;
    }
    sync(dir)
}

/// Removes the companions of main files that are gone.
pub(super) fn remove_orphans(dir: &Path) -> Result<(), KvError> {
    for entry in fs::read_dir(dir).map_err(|error| KvError::files(dir, error))? {
        let name = entry.map_err(|error| KvError::files(dir, error))?.file_name();
        let name = name.to_string_lossy();
        let Some(main) = name.strip_suffix(WAL).or_else(|| name.strip_suffix(SHM)) else { continue };
        if !dir.join(main).try_exists().map_err(|error| KvError::files(dir, error))? {
            remove_file(&dir.join(&*name))?;
        }
    }
    Ok(())
}

/// The namespaces in a folder, sorted.
pub(super) fn namespaces(dir: &Path) -> io::Result<Vec<NamespaceId>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let id = name.to_str().and_then(|name| name.strip_suffix(MAIN)).and_then(|stem| stem.parse().ok());
        found.extend(id);
    }
    found.sort();
    Ok(found)
}

/// Makes the names in the folder survive a power loss.
pub(super) fn sync(dir: &Path) -> Result<(), KvError> {
    fs::File::open(dir).and_then(|folder| folder.sync_all()).map_err(|error| KvError::files(dir, error))
}

fn beside(main: &Path, suffix: &str) -> PathBuf {
    let mut name = main.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn remove_file(path: &Path) -> Result<(), KvError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(KvError::files(path, error)),
        _ => Ok(()),
    }
}

/// Endings of the three files of a namespace; the last two are SQLite's and stand behind the first.
const MAIN: &str = ".sqlite";
const WAL: &str = "-wal";
const SHM: &str = "-shm";

#[cfg(test)]
mod tests {
    use super::*;

    /// Leaves what a crash in the middle of a removal leaves, beside a whole namespace and a stranger's file.
    #[test]
    fn half_removed_namespaces_are_gone_at_the_next_start() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (whole, half) = (NamespaceId::generate(), NamespaceId::generate());
        for name in [format!("{whole}{MAIN}"), format!("{whole}.sqlite-wal"), format!("{half}.sqlite-wal")] {
            fs::write(dir.path().join(name), b"").expect("writes");
        }
        fs::write(dir.path().join(format!("{half}.sqlite-shm")), b"").expect("writes");
        fs::write(dir.path().join("notes.txt"), b"").expect("writes");
        remove_orphans(dir.path()).expect("removes");
        assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), 3);
        assert_eq!(namespaces(dir.path()).expect("lists"), std::slice::from_ref(&whole));
        remove(dir.path(), &whole).expect("removes");
        remove(dir.path(), &whole).expect("removes again");
        assert_eq!(fs::read_dir(dir.path()).expect("lists").count(), 1);
    }
}
