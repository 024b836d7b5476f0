//! Embeds the JavaScript of Deno's crates and our own into the binary.
//!
//! deno_core 0.413 records an extension's sources as paths on the machine that built it and reads them when a snapshot
//! is made. Our snapshots are made where `eyot` runs, so the sources must travel in it. Writes a table from specifier
//! to source that `src/isolate/sources.rs` includes. Scripts that are loaded when they are first wanted are in it in the
//! form in which V8 compiles them, so that an isolate refers to the binary's own bytes.

mod changes;
mod streams;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=Cargo.lock");
    println!("cargo::rerun-if-changed=js");
    // See src/isolate/try_catches.rs.
    println!("cargo::rustc-link-arg=-Wl,--wrap=v8__TryCatch__DESTRUCT");
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
        let source = if path.extension().is_some_and(|extension| extension == "ts") {
            format!("Source::TypeScript(include_str!({}))", place(&root, &path))
        } else if let Some(wrapped) = wrapped(&specifier, &path, &out) {
            format!("Source::Lazy(include_str!({}))", place(&root, &wrapped))
        } else {
            format!("Source::JavaScript(deno_core::ascii_str_include!({}))", place(&root, &path))
        };
        table.push_str(&format!("    ({specifier:?}, {source}),\n"));
    }
    table.push_str("];\n");
    fs::write(out.join("sources.rs"), table).expect("the output folder is writable");
}

/// A copy of a source of Deno's with our changes, where there are any.
fn changed(specifier: &str, path: &Path, out: &Path) -> Option<PathBuf> {
    let changes: Vec<_> = changes::CHANGES.iter().filter(|(changed, _, _)| *changed == specifier).collect();
    let hides = HIDDEN_IN.iter().any(|prefix| specifier.starts_with(prefix));
    if changes.is_empty() && !hides {
        return None;
    }
    let mut source = fs::read_to_string(path).expect("the source can be read");
    for (_, theirs, ours) in changes {
        assert_eq!(source.matches(theirs).count(), 1, "{specifier} is not what our change was made for: {theirs}");
        source = source.replace(theirs, ours);
    }
    if hides {
        source = hidden(specifier, &source);
    }
    let copy = out.join(specifier.replace(['/', ':'], "-"));
    fs::write(&copy, source).expect("the output folder is writable");
    Some(copy)
}

/// The source with symbols that scripts cannot get at (`src/isolate/ops/hidden.rs`) in place of those under which it keeps its
/// state.
fn hidden(specifier: &str, source: &str) -> String {
    let lines = source.split_inclusive('\n').map(|line| {
        let name = line.strip_prefix("const ").and_then(|line| Some(line.split_once(" = Symbol(")?.0));
        let is_inherited = |name| INHERITED.iter().any(|(file, names)| *file == specifier && names.contains(&name));
        match name {
            Some(name) if !is_inherited(name) => line.replacen("Symbol()", "Symbol(\"\")", 1).replacen(
                "Symbol(",
                "__bootstrap.core.ops.op_eyot_hidden_symbol(",
                1,
            ),
            _ => line.replace("core.hostObjectBrand", "hostObjectSymbol"),
        }
    });
    let hidden: String = lines.collect();
    if !hidden.contains("hostObjectSymbol") {
        return hidden;
    }
    let own = "(function () {\nconst hostObjectSymbol = __bootstrap.core.ops.op_eyot_host_object_symbol();\n";
    assert_eq!(hidden.matches("\n(function () {\n").count(), 1, "{specifier} is not one function");
    hidden.replacen("(function () {\n", own, 1)
}

/// A script that is one function call, as the body of the function that deno_core 0.413 makes of it
/// (`deno_core::wrap_lazy_ext_script`, which a test compares this with); none for what is no such script.
fn wrapped(specifier: &str, path: &Path, out: &Path) -> Option<PathBuf> {
    let source = fs::read_to_string(path).expect("the source can be read");
    let mut rest = source.trim_start();
    loop {
        rest = if rest.starts_with("//") {
            rest.split_once('\n')?.1.trim_start()
        } else if rest.starts_with("/*") {
            rest.split_once("*/")?.1.trim_start()
        } else if let Some(after) = ["\"use strict\";", "'use strict';"].iter().find_map(|use_| rest.strip_prefix(use_))
        {
            after.trim_start()
        } else {
            break;
        };
    }
    let call = rest.trim_end_matches(|end: char| end.is_whitespace() || end == ';');
    if !call.starts_with("(function") || !call.ends_with(")()") {
        return None;
    }
    assert!(call.is_ascii(), "{specifier} is not ASCII");
    let file = out.join(format!("lazy-{}", specifier.replace(['/', ':'], "-")));
    fs::write(&file, format!("\"use strict\"; return ({call});")).expect("the output folder is writable");
    Some(file)
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
    let target = env::var("TARGET").expect("cargo sets it");
    // Of this platform alone: what others need, a first build has not downloaded.
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--filter-platform", &target, "--offline", "--locked"])
        .arg("--manifest-path")
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

/// Whose symbols scripts must not get at.
const HIDDEN_IN: [&str; 3] = ["ext:deno_fetch/", "ext:deno_web/", "ext:deno_webidl/"];

/// Symbols that stay: they name methods and accessors of prototypes, which are not found under private symbols. They show
/// how the host's JavaScript works and nothing of what it keeps.
const INHERITED: &[(&str, &[&str])] = &[
    ("ext:deno_web/00_url.js", &["_updateUrlSearch"]),
    ("ext:deno_web/01_broadcast_channel.js", &["refBroadcastChannel"]),
    ("ext:deno_web/03_abort_signal.js", &["add", "remove", "runAbortSteps", "signalAbort"]),
    ("ext:deno_web/06_streams.js", &["_abortSteps", "_cancelSteps", "_errorSteps", "_pullSteps", "_releaseSteps"]),
    ("ext:deno_fetch/20_headers.js", &["_iterableHeaders"]),
    ("ext:deno_fetch/23_request.js", &["_body", "_headers", "_mimeType", "_signal"]),
    ("ext:deno_fetch/23_response.js", &["_body", "_mimeType"]),
];

/// The crates whose extensions `src/isolate/extension.rs` lists.
const EXTENSIONS: [&str; 7] =
    ["deno_crypto", "deno_fetch", "deno_net", "deno_telemetry", "deno_tls", "deno_web", "deno_webidl"];
