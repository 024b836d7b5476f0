//! Bundling with the project's own esbuild.
//!
//! Runs the esbuild that is installed in the project (its own or wrangler's), never one from elsewhere, and reads back
//! what it wrote. Node and Cloudflare modules stay imports; `.wasm` and `.bin` files become modules of their own.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::{LoadError, Loaded, kind_by_extension, syntax_of};
use crate::script::check::scan;
use crate::script::code::{Module, ModuleKind};
use crate::script::compatibility;

/// What a configuration says of bundling, in wrangler's keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Bundling {
    define: Option<BTreeMap<String, String>>,
    alias: Option<BTreeMap<String, String>>,
    minify: Option<bool>,
    keep_names: Option<bool>,
    jsx_factory: Option<String>,
    jsx_fragment: Option<String>,
    tsconfig: Option<String>,
    no_bundle: Option<bool>,
    /// Whether Node's modules have bare names.
    #[serde(skip)]
    node: bool,
}

impl Bundling {
    /// What an environment says itself, else what the whole configuration says; `define` is not inherited, as in wrangler.
    pub(super) fn or(self, top: Self) -> Self {
        Self {
            define: self.define,
            alias: self.alias.or(top.alias),
            minify: self.minify.or(top.minify),
            keep_names: self.keep_names.or(top.keep_names),
            jsx_factory: self.jsx_factory.or(top.jsx_factory),
            jsx_fragment: self.jsx_fragment.or(top.jsx_fragment),
            tsconfig: self.tsconfig.or(top.tsconfig),
            no_bundle: self.no_bundle.or(top.no_bundle),
            node: false,
        }
    }

    /// The same for a script with this date and these flags.
    pub(super) fn with_node(self, date: &str, flags: &[String]) -> Self {
        let node = [compatibility::NODE, "nodejs_compat_v2"].iter().all(|flag| compatibility::is_on(flag, date, flags));
        Self { node, ..self }
    }

    /// Whether this names one of Node's modules, or a part of one, by its bare name; a slash at its end names a package.
    pub(super) fn is_node_module(&self, specifier: &str) -> bool {
        let module = specifier.split('/').next().unwrap_or_default();
        self.node && !specifier.ends_with('/') && NODE_NAMES.contains(&module)
    }

    /// Whether files must stay as they are.
    pub(super) fn is_off(&self) -> bool {
        self.no_bundle == Some(true)
    }

    /// The key that wants a bundle even where no import does.
    pub(super) fn wanted_by(&self) -> Option<&'static str> {
        let is_some = |table: &Option<BTreeMap<String, String>>| table.as_ref().is_some_and(|table| !table.is_empty());
        let asked = [
            ("`define`", is_some(&self.define)),
            ("`alias`", is_some(&self.alias)),
            ("`minify`", self.minify == Some(true)),
        ];
        asked.iter().find(|(_, asked)| *asked && !self.is_off()).map(|(key, _)| *key)
    }

    /// Flags of esbuild beside those of every bundle.
    fn flags(&self) -> Vec<String> {
        let mut flags = Vec::new();
        flags.extend(self.define.iter().flatten().map(|(name, value)| format!("--define:{name}={value}")));
        flags.extend(self.alias.iter().flatten().map(|(name, value)| format!("--alias:{name}={value}")));
        flags.extend(self.minify.and_then(|minify| minify.then(|| "--minify".to_owned())));
        flags.extend(self.keep_names.and_then(|keep| keep.then(|| "--keep-names".to_owned())));
        flags.extend(self.jsx_factory.iter().map(|name| format!("--jsx-factory={name}")));
        flags.extend(self.jsx_fragment.iter().map(|name| format!("--jsx-fragment={name}")));
        flags.extend(self.tsconfig.iter().map(|path| format!("--tsconfig={path}")));
        if self.node {
            flags.extend(NODE_NAMES.iter().map(|name| format!("--external:{name}")));
        }
        flags
    }
}

/// Does the file's name alone ask for a bundler?
pub(super) fn is_needed_by_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "jsx" || extension == "tsx")
}

/// Bundles `main`; `because` is what asked for it, for the error when the project has no esbuild.
pub(super) fn run(root: &Path, main: &Path, bundling: &Bundling, because: &str) -> Result<Loaded, LoadError> {
    if bundling.is_off() {
        let message = format!("`no_bundle` is set, and {because} needs a bundler");
        return Err(LoadError::Unsupported { file: main.display().to_string(), message });
    }
    let Some(esbuild) = find_esbuild(root) else {
        return Err(LoadError::NoBundler { because: because.to_owned() });
    };
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| LoadError::Read { path, source }
    };
    let temporary = tempfile::tempdir().map_err(failed(&std::env::temp_dir()))?;
    let folder = fs::canonicalize(temporary.path()).map_err(failed(temporary.path()))?;
    let output = folder.join("out");
    fs::create_dir(&output).map_err(failed(&output))?;
    let metafile = folder.join("meta.json");
    run_esbuild(&esbuild, root, main, bundling, &output, &metafile)?;

    let source_path = output.join(MAIN_NAME);
    let mut source = fs::read(&source_path).map_err(failed(&source_path))?;
    if bundling.node {
        source = with_require(source);
    }
    let map_path = output.join(format!("{MAIN_NAME}.map"));
    let map = fs::read(&map_path).map_err(failed(&map_path))?;
    let form = scan(MAIN_NAME, &String::from_utf8_lossy(&source))?.form;
    let mut modules = vec![Module {
        name: MAIN_NAME.to_owned(),
        kind: ModuleKind::EsModule,
        source: source.into(),
        source_map: Some(relocated(&map, &output, root).into()),
    }];
    let mut others: Vec<PathBuf> = fs::read_dir(&output)
        .map_err(failed(&output))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| *path != source_path && *path != map_path)
        .collect();
    others.sort();
    for path in others {
        let kind = kind_by_extension(&path).unwrap_or(ModuleKind::Data);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let source = fs::read(&path).map_err(failed(&path))?;
        modules.push(Module { name, kind, source: source.into(), source_map: None });
    }
    Ok(Loaded {
        main_module: MAIN_NAME.to_owned(),
        syntax: syntax_of(form),
        modules,
        files: inputs(&metafile, root, main),
    })
}

/// Gives packages that `require` Node's modules something that does: esbuild leaves such calls to a global `require`. On the
/// first line, which is esbuild's own, so that the source map's lines stay.
fn with_require(source: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&source);
    let binds = |word: &str| text.contains(&format!("{word} require ")) || text.contains(&format!("{word} require="));
    let has_own = ["const", "let", "var", "as"].iter().any(|word| binds(word)) || text.contains("function require(");
    if !text.contains("Dynamic require of") || has_own {
        return source;
    }
    let require =
        "import { createRequire as __nodeRequire } from \"node:module\"; const require = __nodeRequire(\"/\"); ";
    [require.as_bytes(), &source].concat()
}

/// The esbuild of this project or of a folder above it.
fn find_esbuild(root: &Path) -> Option<PathBuf> {
    root.ancestors().find_map(|folder| {
        ["node_modules/.bin/esbuild", "node_modules/wrangler/node_modules/.bin/esbuild"]
            .iter()
            .map(|place| folder.join(place))
            .find(|path| path.is_file())
    })
}

fn run_esbuild(
    esbuild: &Path,
    root: &Path,
    main: &Path,
    bundling: &Bundling,
    output: &Path,
    metafile: &Path,
) -> Result<(), LoadError> {
    let refused = |message: String| LoadError::Bundler { message };
    let mut child = Command::new(esbuild)
        .current_dir(root)
        .arg(main)
        .args(ESBUILD_FLAGS)
        .args(bundling.flags())
        .arg(format!("--outdir={}", output.display()))
        .arg(format!("--metafile={}", metafile.display()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| refused(format!("{}: {error}", esbuild.display())))?;
    let printed = child.stderr.take();
    let (sender, receiver) = mpsc::sync_channel(1);
    let reader = thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(printed) = printed {
            // What cannot be read is missing from the message only.
            let _ = printed.take(PRINTED_BYTES_MAX).read_to_end(&mut text);
        }
        let _ = sender.send(String::from_utf8_lossy(&text).into_owned());
    });
    let printed = receiver.recv_timeout(TIME_MAX);
    if printed.is_err() {
        // It may have ended by itself meanwhile.
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| refused(error.to_string()))?;
    // The pipe is closed now, so the reader ends.
    let _ = reader.join();
    match printed {
        Ok(_) if status.success() => Ok(()),
        Ok(text) => Err(refused(first_error(&text))),
        Err(_) => Err(refused(format!("no result within {} s", TIME_MAX.as_secs()))),
    }
}

/// The first error in one line, `file:line:column: message` where esbuild says where.
fn first_error(printed: &str) -> String {
    let mut lines = printed.lines().map(str::trim).filter(|line| !line.is_empty());
    let Some(message) = lines.find_map(|line| line.split_once("[ERROR] ").map(|(_, message)| message)) else {
        return printed.lines().map(str::trim).filter(|line| !line.is_empty()).take(3).collect::<Vec<_>>().join("; ");
    };
    let place = lines.next().and_then(|line| {
        let mut parts = line.strip_suffix(':')?.rsplitn(3, ':');
        let (column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
        // esbuild counts columns from 0.
        Some(format!("{file}:{}:{}", line.parse::<u32>().ok()?, column.parse::<u32>().ok()? + 1))
    });
    place.map_or(message.to_owned(), |place| format!("{place}: {message}"))
}

/// The source map with `sources` relative to the project instead of the temporary folder.
fn relocated(map: &[u8], output: &Path, root: &Path) -> Vec<u8> {
    let Ok(mut json) = serde_json::from_slice::<Value>(map) else { return map.to_owned() };
    if let Some(Value::Array(sources)) = json.get_mut("sources") {
        for source in sources {
            if let Value::String(text) = source {
                let whole = normal(&output.join(text.as_str()));
                *text = whole.strip_prefix(root).unwrap_or(&whole).to_string_lossy().into_owned();
            }
        }
    }
    json.to_string().into_bytes()
}

/// The path without `.` and `..`; symbolic links are not followed.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir => {}
            part => normal.push(part),
        }
    }
    normal
}

#[derive(Deserialize)]
struct Metafile {
    inputs: BTreeMap<String, Value>,
}

/// The project's own files in the bundle: what to watch. Packages are left out.
fn inputs(metafile: &Path, root: &Path, main: &Path) -> Vec<PathBuf> {
    let parsed = fs::read(metafile).ok().and_then(|bytes| serde_json::from_slice::<Metafile>(&bytes).ok());
    let inputs = parsed.map(|meta| meta.inputs).unwrap_or_default();
    let own = inputs.keys().filter(|input| !input.contains("node_modules/")).map(|input| normal(&root.join(input)));
    own.chain([main.to_owned()]).collect()
}

/// Node's modules, which are imports by their bare names too.
const NODE_NAMES: &[&str] = &[
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "domain",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "repl",
    "stream",
    "string_decoder",
    "sys",
    "timers",
    "tls",
    "trace_events",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];

const MAIN_NAME: &str = "index.js";

const ESBUILD_FLAGS: &[&str] = &[
    "--bundle",
    "--format=esm",
    "--platform=neutral",
    "--target=es2024",
    "--conditions=workerd,worker,browser",
    "--main-fields=browser,module,main",
    "--external:node:*",
    "--external:cloudflare:*",
    "--loader:.wasm=copy",
    "--loader:.bin=copy",
    "--loader:.txt=text",
    "--loader:.html=text",
    "--define:process.env.NODE_ENV=\"production\"",
    "--entry-names=index",
    "--sourcemap=external",
    "--sources-content=false",
    "--log-level=error",
    "--color=false",
];
/// Wall time for one bundle.
const TIME_MAX: Duration = Duration::from_secs(60);
const PRINTED_BYTES_MAX: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    /// esbuild's own layout, and something else.
    #[test]
    fn errors_of_the_bundler_become_one_line() {
        let printed = "✘ [ERROR] Could not resolve \"hono\"\n\n    src/index.ts:1:21:\n      1 │ import\n\n1 error\n";
        assert_eq!(first_error(printed), "src/index.ts:1:22: Could not resolve \"hono\"");
        assert_eq!(first_error("✘ [ERROR] Cannot start\n"), "Cannot start");
        assert_eq!(first_error("sh: 1: node: not found\n\n"), "sh: 1: node: not found");
    }

    /// Sources of a map written in /tmp/x/out lead back into the project.
    #[test]
    fn source_maps_name_files_of_the_project() {
        let map = br#"{"version":3,"sources":["../../../home/me/app/src/a.ts","../../../opt/b.js"],"mappings":""}"#;
        let json = relocated(map, Path::new("/tmp/x/out"), Path::new("/home/me/app"));
        let json: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(json["sources"], serde_json::json!(["src/a.ts", "/opt/b.js"]));
    }
}
