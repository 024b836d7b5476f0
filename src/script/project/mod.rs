//! What `eyot deploy` and `eyot dev` are pointed at: a file or a folder, read into a [`Project`].
//!
//! Follows wrangler: a folder with what a build left to deploy, `wrangler.toml`, `wrangler.jsonc` or `wrangler.json`, else `package.json`. Imports
//! of files are collected as they are (TypeScript stripped); imports of packages need the project's own esbuild.
//! Reads files and may run that esbuild; never the script. Knows nothing of nodes or the network.

mod assets;
mod bundle;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod generated;
mod graph;
mod ignored;
mod jsonc;
mod keys;
mod wrangler;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::check::Form;
use super::code::{Code, Module, ModuleKind, Syntax};
use crate::limits::Overrides;

pub use assets::{AssetFile, ProjectAssets};
pub use error::LoadError;

/// Everything an upload needs, and what to watch.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    /// The script's name: what the configuration says, else the folder's or file's name made fit.
    pub name: String,
    /// Its modules.
    pub code: Code,
    /// Plain text and JSON bindings.
    pub vars: BTreeMap<String, Variable>,
    /// KV bindings.
    pub kv: Vec<KvBinding>,
    /// Name of the version metadata binding.
    pub version_metadata: Option<String>,
    /// Bindings that need no more than what the configuration says, in Cloudflare's JSON shape.
    pub other_bindings: Vec<serde_json::Value>,
    /// Static assets.
    pub assets: Option<ProjectAssets>,
    /// Whether variables that were set elsewhere stay.
    pub keep_vars: bool,
    /// Whether the script answers at its own name, and its versions at theirs; `None` leaves what the node has.
    pub subdomain: (Option<bool>, Option<bool>),
    /// Lower limits the project asks for.
    pub limits: Overrides,
    /// Its cron triggers; `None` leaves those that the node has.
    pub crons: Option<Vec<String>>,
    /// Its custom hostnames and route patterns; `None` leaves those that the node has.
    pub routes: Option<ProjectRoutes>,
    /// Secrets for local development only, from `.dev.vars`; never uploaded.
    pub dev_secrets: BTreeMap<String, String>,
    /// Every file that was read: what to watch.
    pub files: Vec<PathBuf>,
    /// Things in the configuration that have no effect here, one readable line each.
    pub warnings: Vec<String>,
}

/// At which names of the tenant's own a project answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectRoutes {
    /// Patterns: `example.com/api/*`.
    pub patterns: Vec<String>,
    /// Whole hosts.
    pub hostnames: Vec<String>,
}

impl Project {
    /// Whether there is a script, and not only static assets.
    #[must_use]
    pub fn has_script(&self) -> bool {
        self.assets.as_ref().is_none_or(|assets| assets.has_script)
    }
}

/// A binding of `vars`.
#[derive(Debug, Clone, PartialEq)]
pub enum Variable {
    /// A string.
    Text(String),
    /// Any other JSON value.
    Json(serde_json::Value),
}

/// A KV binding as the project writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvBinding {
    /// Property of `env`.
    pub binding: String,
    /// The namespace; `None` when the project leaves it open: `eyot deploy` gives it one of its own.
    pub id: Option<String>,
}

/// What the command line adds to the project.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// Section of the configuration (`[env.NAME]`) to take.
    pub environment: Option<String>,
    /// Name to take instead of the project's.
    pub name: Option<String>,
}

/// Reads the project at `path`: a script file, or a folder.
///
/// # Errors
/// [`LoadError`], with file, line and column where there is one.
pub fn load_project(path: &Path, options: &LoadOptions) -> Result<Project, LoadError> {
    let path = fs::canonicalize(path).map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
    let (root, config) = configuration(&path, options.environment.as_deref())?;

    let has_script = config.has_main;
    let loaded = if !has_script {
        nothing()
    } else if bundle::is_needed_by_name(&config.main) {
        bundle::run(&root, &config.main, &config.bundling, "a JSX or TSX main file")?
    } else if let Some(key) = config.bundling.wanted_by() {
        bundle::run(&root, &config.main, &config.bundling, key)?
    } else {
        match graph::collect(&root, &config.main, &config.rules, &config.bundling)? {
            graph::Collected::Whole(loaded) => loaded,
            graph::Collected::NeedsBundler { because } => bundle::run(&root, &config.main, &config.bundling, &because)?,
        }
    };
    let name = match options.name.clone().or(config.name) {
        Some(name) => name,
        None if path.is_dir() => fit_name(&path),
        // `greeter/index.ts` says nothing itself.
        None if path.file_stem().is_some_and(|stem| stem == "index") => fit_name(&root),
        None => fit_name(&path.with_extension("")),
    };
    let (dev_secrets, dev_vars_file) = dev_vars(&root)?;
    let mut files = loaded.files;
    files.extend(config.files);
    files.extend(dev_vars_file);
    let assets = match config.assets {
        Some((folder, written)) => Some(assets::collect(&folder, written, has_script)?),
        None => None,
    };
    files.extend(assets.iter().flat_map(|assets| assets.files.iter().map(|asset| asset.file.clone())));
    files.sort();
    files.dedup();
    Ok(Project {
        name,
        code: Code {
            main_module: loaded.main_module,
            syntax: loaded.syntax,
            modules: loaded.modules,
            compatibility_date: config.compatibility_date,
            compatibility_flags: config.compatibility_flags,
        },
        vars: config.vars,
        kv: config.kv,
        version_metadata: config.version_metadata,
        other_bindings: config.other_bindings,
        assets,
        keep_vars: config.keep_vars,
        subdomain: config.subdomain,
        limits: config.limits,
        crons: config.crons,
        routes: config.routes,
        dev_secrets,
        files,
        warnings: config.warnings,
    })
}

/// The root of the project at `path`, and what is configured for it.
fn configuration(path: &Path, environment: Option<&str>) -> Result<(PathBuf, wrangler::Settings), LoadError> {
    if !path.is_dir() {
        if environment.is_some() {
            return Err(LoadError::NoEnvironments { path: path.to_owned() });
        }
        let root = path.parent().unwrap_or(Path::new("/")).to_owned();
        return Ok((
            root,
            wrangler::Settings { main: path.to_owned(), has_main: true, ..wrangler::Settings::default() },
        ));
    }
    if let Some(found) = generated::find(path, environment)? {
        return Ok(found);
    }
    let config = wrangler::find(path, environment)?;
    Ok((path.to_owned(), config.ok_or_else(|| LoadError::NoProject { path: path.to_owned() })?))
}

/// The files of a script, however they were found.
#[derive(Debug)]
struct Loaded {
    main_module: String,
    syntax: Syntax,
    modules: Vec<Module>,
    files: Vec<PathBuf>,
}

/// What stands in for the script of a project that has static assets alone.
fn nothing() -> Loaded {
    let module = Module {
        name: "index.js".to_owned(),
        kind: ModuleKind::EsModule,
        source: (*b"export default { fetch() { return new Response(null, { status: 404 }); } };").into(),
        source_map: None,
    };
    Loaded { main_module: module.name.clone(), syntax: Syntax::Modules, modules: vec![module], files: Vec::new() }
}

/// A main module without `import`, `export` and `require` is a service worker's script, as on Workers.
fn syntax_of(form: Form) -> Syntax {
    match form {
        Form::Module | Form::CommonJs => Syntax::Modules,
        Form::Script => Syntax::ServiceWorker,
    }
}

/// What a file is when it is imported, by its extension; `None` when nothing says.
fn kind_by_extension(path: &Path) -> Option<ModuleKind> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    Some(match extension.as_str() {
        "js" | "mjs" | "ts" | "mts" => ModuleKind::EsModule,
        "cjs" | "cts" => ModuleKind::CommonJs,
        "json" => ModuleKind::Json,
        "txt" | "html" | "sql" | "md" | "css" => ModuleKind::Text,
        "bin" => ModuleKind::Data,
        "wasm" => ModuleKind::Wasm,
        _ => return None,
    })
}

/// A script name made of the last part of a path.
fn fit_name(path: &Path) -> String {
    let text = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let fitted: String =
        text.chars().map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' }).take(63).collect();
    match fitted.trim_matches('-') {
        "" => "script".to_owned(),
        name => name.to_owned(),
    }
}

/// `NAME=value` lines of `.dev.vars`, with `#` comments and optional quotes.
fn dev_vars(root: &Path) -> Result<(BTreeMap<String, String>, Option<PathBuf>), LoadError> {
    let path = root.join(".dev.vars");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((BTreeMap::new(), None)),
        Err(source) => return Err(LoadError::Read { path, source }),
    };
    let mut secrets = BTreeMap::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((name, value)) = line.split_once('=') else {
            return Err(LoadError::Config {
                file: ".dev.vars".to_owned(),
                line: at + 1,
                column: 1,
                message: "expected NAME=value".to_owned(),
            });
        };
        let value = value.trim();
        let unquoted =
            ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote)).unwrap_or(value);
        secrets.insert(name.trim().to_owned(), unquoted.to_owned());
    }
    Ok((secrets, Some(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn load(folder: &tempfile::TempDir, path: &str) -> Result<Project, LoadError> {
        load_project(&folder.path().join(path), &LoadOptions::default())
    }

    fn names(project: &Project) -> Vec<&str> {
        project.code.modules.iter().map(|module| module.name.as_str()).collect()
    }

    /// A single file with TypeScript, JSON, text and data beside it, found by the ways TypeScript writes imports.
    #[test]
    fn a_single_file_brings_its_imports() {
        let folder = folder(&[
            (
                "My App.ts",
                "import { a } from './lib/a';\nimport j from './j.json';\nimport t from './t.txt';\n\
                           export default { fetch(): Response { return new Response(a + j + t) } }",
            ),
            ("lib/a.ts", "import b from './b.js';\nexport const a: string = b;"),
            ("lib/b.ts", "export default 'b' as string;"),
            ("j.json", "[1]"),
            ("t.txt", "text"),
            ("not-imported.js", "broken ("),
        ]);
        let project = load(&folder, "My App.ts").unwrap();
        assert_eq!(project.name, "my-app");
        assert_eq!(project.code.main_module, "My App.js");
        assert_eq!(project.code.syntax, Syntax::Modules);
        let mut found = names(&project);
        found.sort_unstable();
        assert_eq!(found, ["My App.js", "j.json", "lib/a.js", "lib/b.js", "t.txt"]);
        let main = project.code.module("My App.js").unwrap();
        let text = String::from_utf8_lossy(&main.source);
        assert!(text.contains("from \"./lib/a.js\""), "{text}");
        assert!(main.source_map.is_some());
        assert_eq!(project.code.module("j.json").unwrap().kind, ModuleKind::Json);
        assert_eq!(project.files.len(), 5);
    }

    /// Imports above the main file's folder move the root of all names up.
    #[test]
    fn module_names_never_leave_the_root() {
        let folder = folder(&[
            ("app/wrangler.toml", "name = 'app'\nmain = 'src/index.js'"),
            ("app/src/index.js", "import '../../shared/x.js'; export default {}"),
            ("shared/x.js", "export {}"),
        ]);
        let project = load(&folder, "app").unwrap();
        assert_eq!(names(&project), ["app/src/index.js", "shared/x.js"]);
        assert_eq!(project.code.main_module, "app/src/index.js");
    }

    /// A folder as wrangler would read it, with an environment and local secrets.
    #[test]
    fn a_wrangler_folder_is_read_with_its_environment() {
        let folder = folder(&[
            (
                "wrangler.toml",
                "name = 'shop'\nmain = 'src/index.js'\ncompatibility_date = '2026-01-01'\n\
              [vars]\nA = 'one'\nB = { c = 1 }\n[[kv_namespaces]]\nbinding = 'KV'\nid = '0123'\n\
              [limits]\ncpu_ms = 20\n[env.staging]\nvars = { A = 'two' }\n",
            ),
            ("src/index.js", "export default { fetch() {} }"),
            (".dev.vars", "# local\nTOKEN = \"s3cret\"\n"),
        ]);
        let project = load(&folder, "").unwrap();
        assert_eq!(project.name, "shop");
        assert_eq!(project.vars["A"], Variable::Text("one".to_owned()));
        assert_eq!(project.vars["B"], Variable::Json(serde_json::json!({ "c": 1 })));
        assert_eq!(project.kv, [KvBinding { binding: "KV".to_owned(), id: Some("0123".to_owned()) }]);
        assert_eq!(project.limits.cpu_ms, Some(20));
        assert_eq!(project.dev_secrets["TOKEN"], "s3cret");
        assert_eq!(project.code.main_module, "src/index.js");
        assert!(project.files.iter().any(|file| file.ends_with(".dev.vars")));

        let staging = LoadOptions { environment: Some("staging".to_owned()), name: None };
        let project = load_project(folder.path(), &staging).unwrap();
        assert_eq!(project.name, "shop-staging");
        assert_eq!(project.vars.len(), 1);
        assert_eq!(project.vars["A"], Variable::Text("two".to_owned()));
        assert!(project.kv.is_empty());
        let missing = LoadOptions { environment: Some("live".to_owned()), name: None };
        let error = load_project(folder.path(), &missing).unwrap_err().to_string();
        assert!(error.contains("env.live") && error.contains("staging"), "{error}");
    }

    /// Errors in code, in configuration and in imports, each with its place.
    #[test]
    fn errors_name_file_line_and_column() {
        let broken = folder(&[("a.ts", "const a = 1;\nconst b: = 2;")]);
        let error = load(&broken, "a.ts").unwrap_err().to_string();
        assert!(error.contains("a.ts:2:"), "{error}");

        let missing = folder(&[("a.js", "\nimport x from './gone.js';")]);
        let error = load(&missing, "a.js").unwrap_err().to_string();
        assert!(error.contains("a.js:2:15") && error.contains("./gone.js"), "{error}");

        let toml = folder(&[("wrangler.toml", "name = 'a'\nmain = = 1")]);
        let error = load(&toml, "").unwrap_err().to_string();
        assert!(error.contains("wrangler.toml:2:"), "{error}");

        let jsonc = folder(&[("wrangler.jsonc", "{\n  // comment\n  \"name\": \"a\",\n  \"main\": oops\n}")]);
        let error = load(&jsonc, "").unwrap_err().to_string();
        assert!(error.contains("wrangler.jsonc:4:"), "{error}");

        let empty = folder(&[("readme.md", "")]);
        let error = load(&empty, "").unwrap_err().to_string();
        assert!(error.contains("wrangler.toml"), "{error}");
    }

    /// A package import without esbuild says what to do; it names the import.
    #[test]
    fn packages_without_a_bundler_are_a_clear_error() {
        let folder = folder(&[("src/index.js", "import { Hono } from 'hono'; export default new Hono()")]);
        let error = load(&folder, "src/index.js").unwrap_err().to_string();
        assert!(error.contains("hono") && error.contains("npm install -D esbuild"), "{error}");
    }

    /// Runs a stand-in for esbuild that writes what esbuild would, to see its files read back.
    #[cfg(unix)]
    #[test]
    fn the_projects_own_esbuild_bundles_packages() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = folder(&[
            ("wrangler.toml", "name = 'a'\nmain = 'src/index.ts'"),
            ("src/index.ts", "import { Hono } from 'hono'; export default new Hono()"),
            (
                "node_modules/.bin/esbuild",
                "#!/bin/sh\nfor a in \"$@\"; do case $a in --outdir=*) d=${a#--outdir=};; \
              --metafile=*) m=${a#--metafile=};; esac; done\n\
              printf 'import w from \"./a-1.wasm\";export default {fetch(){return w}}' > $d/index.js\n\
              printf '{\"version\":3,\"sources\":[\"x\"],\"names\":[],\"mappings\":\"\"}' > $d/index.js.map\n\
              printf 'wasm' > $d/a-1.wasm\nprintf '{\"inputs\":{\"src/index.ts\":{}}}' > $m\n",
            ),
        ]);
        let program = folder.path().join("node_modules/.bin/esbuild");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let project = load(&folder, "").unwrap();
        assert_eq!(names(&project), ["index.js", "a-1.wasm"]);
        assert_eq!(project.code.modules[1].kind, ModuleKind::Wasm);
        assert!(project.code.modules[0].source_map.is_some());
        assert!(project.files.iter().any(|file| file.ends_with("src/index.ts")));

        fs::write(&program, "#!/bin/sh\necho 'src/index.ts:1:21: error: Could not resolve \"hono\"' >&2\nexit 1\n")
            .unwrap();
        let error = load(&folder, "").unwrap_err().to_string();
        assert!(error.contains("Could not resolve"), "{error}");
    }

    /// Loads every example of the repository as `eyot deploy` would; the one that needs packages says so.
    #[test]
    fn the_examples_are_projects() {
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
        let load = |path: &str| load_project(&examples.join(path), &LoadOptions::default());
        for (path, modules) in [
            ("hello", 1),
            ("hello/index.js", 1),
            ("kv-counter", 1),
            ("json-api", 3),
            ("streaming", 1),
            ("wasm", 2),
            ("typescript", 2),
        ] {
            let project = load(path).unwrap();
            assert_eq!(project.code.modules.len(), modules, "{path}");
            assert_eq!(project.code.syntax, Syntax::Modules, "{path}");
            assert_eq!(Some(project.name.as_str()), path.split('/').next());
        }
        let typescript = load("typescript").unwrap();
        assert_eq!(typescript.dev_secrets["WRITE_TOKEN"], "local-token");
        let main = String::from_utf8_lossy(&typescript.code.modules[0].source).into_owned();
        assert!(main.contains("import { Access, Notes } from \"./notes.js\""), "{main}");
        if !examples.join("hono/node_modules").is_dir() {
            let error = load("hono").unwrap_err().to_string();
            assert!(error.contains("\"hono\", imported by src/index.ts"), "{error}");
        }
    }

    /// A service worker, a WASM file on its own, and an environment asked of a file.
    #[test]
    fn the_main_file_decides_the_syntax() {
        let folder = folder(&[
            ("sw.js", "addEventListener('fetch', e => e.respondWith(new Response('a')))"),
            ("m.wasm", "\0asm"),
        ]);
        assert_eq!(load(&folder, "sw.js").unwrap().code.syntax, Syntax::ServiceWorker);
        let wasm = load(&folder, "m.wasm").unwrap();
        assert_eq!((wasm.code.main_module.as_str(), wasm.code.modules[0].kind), ("m.wasm", ModuleKind::Wasm));
        let options = LoadOptions { environment: Some("x".to_owned()), name: None };
        assert!(load_project(&folder.path().join("sw.js"), &options).is_err());
    }
}
