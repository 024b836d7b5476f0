//! What the files look like from outside, to tell whether one changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Size and time of each file; a file that is not there has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fingerprints(BTreeMap<PathBuf, Option<(u64, SystemTime)>>);

impl Fingerprints {
    /// Looks at these files.
    pub(super) fn of(files: &[PathBuf]) -> Self {
        let look = |path: &PathBuf| {
            let metadata = fs::metadata(path).ok()?;
            Some((metadata.len(), metadata.modified().ok()?))
        };
        Self(files.iter().map(|path| (path.clone(), look(path))).collect())
    }
}

/// The files below a folder that may be part of a project: not hidden ones (but `.dev.vars`), no packages, and not
/// without end.
pub(super) fn sources_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if (name.starts_with('.') && name != ".dev.vars") || SKIPPED.contains(&name.as_ref()) {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < DEPTH_MAX => folders.push((entry.path(), depth + 1)),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
            if found.len() >= FILES_MAX {
                return found;
            }
        }
    }
    found
}

const SKIPPED: &[&str] = &["node_modules", "target", "dist", "eyot-data"];
const DEPTH_MAX: usize = 8;
const FILES_MAX: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// A file changes, vanishes and comes back; another stays.
    #[test]
    fn a_change_shows_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        let files = [a.clone(), b.clone()];
        fs::write(&a, "1").unwrap();
        let first = Fingerprints::of(&files);
        assert_eq!(first, Fingerprints::of(&files));
        fs::write(&a, "22").unwrap();
        let second = Fingerprints::of(&files);
        assert_ne!(first, second);
        fs::write(&b, "").unwrap();
        let third = Fingerprints::of(&files);
        assert_ne!(second, third);
        fs::remove_file(&b).unwrap();
        assert_eq!(second, Fingerprints::of(&files));
    }

    /// Packages and hidden folders are no sources.
    #[test]
    fn packages_are_not_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["src/a.js", "node_modules/x/a.js", ".git/config", ".dev.vars"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let mut found = sources_below(folder.path());
        found.sort();
        assert_eq!(found, [folder.path().join(".dev.vars"), folder.path().join("src/a.js")]);
    }
}
