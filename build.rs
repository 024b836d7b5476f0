//! Embeds the JavaScript of Deno's crates and our own into the binary.
//!
//! deno_core 0.413 records an extension's sources as paths on the machine that built it and reads them when a snapshot
//! is made. Our snapshots are made where `eyot` runs, so the sources must travel in it. Writes a table from specifier
//! to source that `src/isolate/sources.rs` includes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=Cargo.lock");
    println!("cargo::rerun-if-changed=js");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let mut sources = BTreeMap::new();
    collect("eyot", &root.join("js"), &mut sources);
    collect_below("eyot_node", &root.join("js/node"), &mut sources);
    for (name, folder) in package_folders(&root) {
        collect(&name, &folder, &mut sources);
        // Ours in place of theirs, for the few of theirs that a script must not get at.
        let replaced = root.join("js").join(&name);
        if replaced.is_dir() {
            collect(&name, &replaced, &mut sources);
        }
    }
    let mut table = String::from("/// Sources by specifier, sorted.\nstatic SOURCES: &[(&str, Source)] = &[\n");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    for (specifier, path) in sources {
        let path = changed(&specifier, &path, &out).unwrap_or(path);
        let place = place(&root, &path);
        let source = if path.extension().is_some_and(|extension| extension == "ts") {
            format!("Source::TypeScript(include_str!({place}))")
        } else {
            format!("Source::JavaScript(deno_core::ascii_str_include!({place}))")
        };
        table.push_str(&format!("    ({specifier:?}, {source}),\n"));
    }
    table.push_str("];\n");
    fs::write(out.join("sources.rs"), table).expect("the output folder is writable");
}

/// A copy of a source of Deno's with our change, where there is one.
fn changed(specifier: &str, path: &Path, out: &Path) -> Option<PathBuf> {
    let (_, theirs, ours) = CHANGES.iter().find(|(changed, _, _)| *changed == specifier)?;
    let source = fs::read_to_string(path).expect("the source can be read");
    assert_eq!(source.matches(theirs).count(), 1, "{specifier} is not what our change was made for");
    let copy = out.join(specifier.replace(['/', ':'], "-"));
    fs::write(&copy, source.replace(theirs, ours)).expect("the output folder is writable");
    Some(copy)
}

/// Where a source is, as an expression: our own by this package's folder, so that the table does not depend on where the
/// repository lies.
fn place(root: &Path, path: &Path) -> String {
    match path.strip_prefix(root) {
        Ok(inside) => {
            let inside = Path::new("/").join(inside);
            format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), {:?})", inside.to_str().expect("a UTF-8 path"))
        }
        Err(_) => format!("{:?}", path.to_str().expect("a UTF-8 path")),
    }
}

/// The folders of the packages whose extensions we use.
fn package_folders(root: &Path) -> Vec<(String, PathBuf)> {
    let cargo = env::var("CARGO").expect("cargo sets it");
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--offline", "--locked", "--manifest-path"])
        .arg(root.join("Cargo.toml"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let folders: Vec<(String, PathBuf)> = packages
        .iter()
        .filter_map(|package| {
            let name = package["name"].as_str().filter(|name| EXTENSIONS.contains(name))?;
            let manifest = Path::new(package["manifest_path"].as_str()?);
            Some((name.to_owned(), manifest.parent()?.to_owned()))
        })
        .collect();
    assert_eq!(folders.len(), EXTENSIONS.len(), "each extension's package is in the lock file once: {folders:?}");
    folders
}

fn collect(extension: &str, folder: &Path, sources: &mut BTreeMap<String, PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if (name.ends_with(".js") || name.ends_with(".ts")) && !name.ends_with(".d.ts") {
            sources.insert(format!("ext:{extension}/{name}"), path);
        }
    }
}

/// The same for all folders below, their names part of the specifier.
fn collect_below(extension: &str, folder: &Path, sources: &mut BTreeMap<String, PathBuf>) {
    collect(extension, folder, sources);
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if path.is_dir() {
            collect_below(&format!("{extension}/{name}"), &path, sources);
        }
    }
}

/// What we change in Deno's sources, because no script of ours runs before them: specifier, theirs, ours.
///
/// A new file is as old as the entry that runs, not as V8's clock, which moves while JavaScript runs.
const CHANGES: [(&str, &str, &str); 1] =
    [("ext:deno_web/09_file.js", "DatePrototypeGetTime(new Date())", "core.ops.op_eyot_now()")];

/// The crates whose extensions `src/isolate/extension.rs` lists.
const EXTENSIONS: [&str; 7] =
    ["deno_crypto", "deno_fetch", "deno_net", "deno_telemetry", "deno_tls", "deno_web", "deno_webidl"];
