//! Which files a process may open, by Landlock.
//!
//! A node has its data folder, and reads what its caller names, its resolver's files, the libraries it was linked with and
//! its own figures in `/proc`; the only program it can start is itself. A rule holds for the file or folder that was
//! there when it was made: a file that is replaced later is another one, so whatever may be replaced is named by its folder.
//!
//! What this does not cover: files that are open already, and sockets, which `calls` and the egress policy are for.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _,
    RulesetError, RulesetStatus, Scope, path_beneath_rules,
};

use crate::image::IMAGE;

/// What a node's caller names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeFiles {
    /// The data folder, which must be there: everything may be done in it but running programs and making devices.
    pub data: PathBuf,
    /// Files that are read, now and whenever they change: their folders are opened for reading.
    pub read: Vec<PathBuf>,
}

/// Whether the kernel can hold a process to files.
pub(super) fn available() -> Result<(), String> {
    handled().and_then(Ruleset::create).map(drop).map_err(|error| reason(&error))
}

/// Confines this thread, and the threads and programs that it starts, to a node's files.
pub(super) fn restrict_node(files: &NodeFiles) -> Result<(), String> {
    let libraries = Libraries::of(&fs::read_to_string("/proc/self/maps").unwrap_or_default());
    let mut read: BTreeSet<PathBuf> = SYSTEM_READ.iter().map(PathBuf::from).collect();
    read.extend(libraries.folders);
    read.extend(files.read.iter().flat_map(|file| folders_of(file)));
    let run: Vec<PathBuf> = libraries.loader.into_iter().chain([IMAGE.into()]).collect();
    let data = AccessFs::from_all(ABI::V3) & !(AccessFs::Execute | AccessFs::MakeChar | AccessFs::MakeBlock);
    let restrict = || {
        handled()?
            .create()?
            .add_rules(path_beneath_rules([&files.data], data))?
            .add_rules(path_beneath_rules(read, AccessFs::ReadFile | AccessFs::ReadDir))?
            .add_rules(path_beneath_rules(run, AccessFs::ReadFile | AccessFs::Execute))?
            .add_rules(path_beneath_rules(["/dev/null"], AccessFs::ReadFile | AccessFs::WriteFile))?
            .restrict_self()
    };
    enforced(restrict())
}

/// Confines this thread, and the threads that it starts, to what is open and to the kernel's randomness.
pub(super) fn restrict_computation() -> Result<(), String> {
    let randomness = path_beneath_rules(["/dev/urandom"], AccessFs::ReadFile);
    let restrict = || handled()?.create()?.add_rules(randomness)?.restrict_self();
    enforced(restrict())
}

/// Whether the root folder, which everybody may list, cannot be opened.
pub(super) fn root_is_closed() -> bool {
    File::open("/").is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
}

/// Rules on everything that there can be rules on. Kernels from 5.19 on can move files between folders under rules, which
/// the store needs; what later ones added (truncating, device ioctls, signals, abstract sockets) is taken where it is.
fn handled() -> Result<Ruleset, RulesetError> {
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V2))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI::V5))?
        .scope(Scope::Signal | Scope::AbstractUnixSocket)
}

fn enforced(status: Result<landlock::RestrictionStatus, RulesetError>) -> Result<(), String> {
    match status {
        Ok(status) if status.ruleset != RulesetStatus::NotEnforced => Ok(()),
        Ok(_) => Err("the kernel has no Landlock".to_owned()),
        Err(error) => Err(reason(&error)),
    }
}

fn reason(error: &RulesetError) -> String {
    format!("the kernel has no Landlock of 5.19 or later, or it is switched off: {error}")
}

/// The folder a file is in, and the one it really is in.
fn folders_of(file: &Path) -> Vec<PathBuf> {
    let folder = |path: &Path| match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => Some(parent.to_owned()),
        _ => std::env::current_dir().ok(),
    };
    let real = fs::canonicalize(file).ok();
    folder(file).into_iter().chain(real.as_deref().and_then(folder)).collect()
}

/// What this process was linked with at its start.
struct Libraries {
    folders: BTreeSet<PathBuf>,
    /// The dynamic loader, which the kernel starts for every program.
    loader: Option<PathBuf>,
}

impl Libraries {
    /// Reads `/proc/self/maps`.
    fn of(maps: &str) -> Self {
        let mapped = maps.lines().filter_map(|line| line.find('/').map(|at| Path::new(&line[at..])));
        let (mut folders, mut loader) = (BTreeSet::new(), None);
        for path in mapped {
            let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            if name.contains(".so") {
                folders.extend(path.parent().map(Path::to_owned));
            }
            if name.starts_with("ld-") || name.starts_with("ld.so") {
                loader = Some(path.to_owned());
            }
        }
        Self { folders, loader }
    }
}

/// What the system's own libraries read: name resolution, the loader's cache, the time zone, randomness, our own figures.
/// `/run/systemd/resolve` and its like stand behind the link that `/etc/resolv.conf` often is.
const SYSTEM_READ: [&str; 20] = [
    "/etc/resolv.conf",
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/dev/urandom",
    "/dev/random",
    "/proc/self",
    "/proc/meminfo",
    "/proc/sys/vm/max_map_count",
    "/sys/devices/system/cpu",
    "/sys/fs/cgroup",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The maps of a program linked with two libraries, with what else stands there.
    #[test]
    fn libraries_are_found_where_they_were_loaded_from() {
        let maps = "5581-5582 r-xp 00000000 fe:00 1 /usr/local/bin/eyot\n\
                    7f00-7f01 r-xp 00000000 fe:00 2    /usr/lib/x86_64-linux-gnu/libc.so.6\n\
                    7f02-7f03 r-xp 00000000 fe:00 3    /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n\
                    7f04-7f05 rw-p 00000000 00:00 0 \n7ffd-7ffe rw-p 00000000 00:00 0 [stack]\n";
        let libraries = Libraries::of(maps);
        assert_eq!(libraries.folders, BTreeSet::from(["/usr/lib/x86_64-linux-gnu".into()]));
        assert_eq!(libraries.loader, Some("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2".into()));
    }

    /// A link as certificate tools make them, and a bare name.
    #[test]
    fn a_file_is_named_by_its_folder_and_the_one_behind_its_link() {
        let dir = tempfile::tempdir().expect("a folder");
        let dir_path = dir.path().canonicalize().expect("is there");
        for folder in ["live", "archive"] {
            fs::create_dir(dir_path.join(folder)).expect("makes a folder");
        }
        fs::write(dir_path.join("archive/key1.pem"), "").expect("writes");
        std::os::unix::fs::symlink("../archive/key1.pem", dir_path.join("live/key.pem")).expect("links");
        assert_eq!(folders_of(&dir_path.join("live/key.pem")), [dir_path.join("live"), dir_path.join("archive")]);
        assert_eq!(folders_of(Path::new("key.pem")), [std::env::current_dir().expect("a folder")]);
    }
}
