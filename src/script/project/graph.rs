//! Collecting a main file and what it imports, without a bundler.
//!
//! Files are found as TypeScript and bundlers find them (`./a` may be `a.ts`, `./a.js` may be written `a.ts`); in the
//! result every import names its module exactly, so the runtime needs no such rules. An import of a package that is not one of
//! the runtime's own modules ends the walk: that needs a bundler.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::bundle::Bundling;
use super::wrangler::Rule;
use super::{LoadError, Loaded, bundle, kind_by_extension, syntax_of};
use crate::script::check::{Form, Import, scan};
use crate::script::code::{Module, ModuleKind, Syntax};
use crate::script::parse::{SyntaxError, position};
use crate::script::strip::{is_typescript, strip};

/// What a walk came to.
pub(super) enum Collected {
    /// Every import was a file.
    Whole(Loaded),
    /// An import is not a file.
    NeedsBundler {
        /// Which one, for the error when there is no bundler.
        because: String,
    },
}

/// A file that was read, its imports not yet renamed.
struct Found {
    path: PathBuf,
    kind: ModuleKind,
    source: Vec<u8>,
    source_map: Option<String>,
    imports: Vec<(Import, PathBuf)>,
}

/// Collects the graph of `main`.
pub(super) fn collect(root: &Path, main: &Path, rules: &[Rule], bundling: &Bundling) -> Result<Collected, LoadError> {
    let main = fs::canonicalize(main).map_err(|source| LoadError::Read { path: main.to_owned(), source })?;
    let mut syntax = Syntax::Modules;
    let mut queue = VecDeque::from([main.clone()]);
    let mut seen = BTreeSet::from([main.clone()]);
    let mut found = Vec::new();
    while let Some(path) = queue.pop_front() {
        let is_main = found.is_empty();
        let read = match read_module(root, &path, rules, bundling)? {
            Ok(read) => read,
            Err(because) => return Ok(Collected::NeedsBundler { because }),
        };
        let ReadModule { mut module, form } = read;
        if is_main {
            syntax = match module.kind {
                ModuleKind::EsModule | ModuleKind::CommonJs => syntax_of(form.unwrap_or(Form::Module)),
                ModuleKind::Wasm => Syntax::Modules,
                ModuleKind::Json | ModuleKind::Text | ModuleKind::Data => {
                    let message = "the main file must be a .js, .mjs, .ts, .mts or .wasm file".to_owned();
                    return Err(LoadError::Unsupported { file: shown(root, &path), message });
                }
            };
            if syntax == Syntax::ServiceWorker {
                module.kind = ModuleKind::EsModule;
            }
        }
        for (_, target) in &module.imports {
            if seen.insert(target.clone()) {
                queue.push_back(target.clone());
            }
        }
        found.push(module);
        if found.len() > MODULES_MAX {
            let message = format!("it imports more than {MODULES_MAX} files; bundle them");
            return Err(LoadError::Unsupported { file: shown(root, &main), message });
        }
    }
    Ok(Collected::Whole(finish(root, &main, syntax, found)))
}

struct ReadModule {
    module: Found,
    form: Option<Form>,
}

/// Reads one file; the inner error says why a bundler is needed.
fn read_module(
    root: &Path,
    path: &Path,
    rules: &[Rule],
    bundling: &Bundling,
) -> Result<Result<ReadModule, String>, LoadError> {
    let file = shown(root, path);
    if bundle::is_needed_by_name(path) {
        return Ok(Err(format!("{file} (JSX)")));
    }
    let source = fs::read(path).map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
    let extension = path.extension().unwrap_or_default();
    let ruled = rules.iter().find(|rule| extension == rule.extension.as_str()).map(|rule| rule.kind);
    let Some(kind) = ruled.or_else(|| kind_by_extension(path)) else {
        let message = "cannot tell what kind of module this is; add a rule for its extension to the wrangler file";
        return Err(LoadError::Unsupported { file, message: message.to_owned() });
    };
    let mut module = Found { path: path.to_owned(), kind, source, source_map: None, imports: Vec::new() };
    if !matches!(kind, ModuleKind::EsModule | ModuleKind::CommonJs) {
        return Ok(Ok(ReadModule { module, form: None }));
    }

    let written = String::from_utf8(module.source).map_err(|error| {
        let valid_up_to = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        SyntaxError::at(&file, &text, valid_up_to, "the file is not UTF-8")
    })?;
    let text = if is_typescript(&file) {
        let stripped = strip(&file, &written)?;
        module.source_map = Some(stripped.source_map);
        stripped.source
    } else {
        written
    };
    let scanned = scan(&file, &text)?;
    if scanned.calls_require && scanned.form == Form::Module {
        return Ok(Err(format!("{file} (it calls require)")));
    }
    if scanned.form == Form::CommonJs {
        module.kind = ModuleKind::CommonJs;
    }
    for import in scanned.imports {
        let is_runtimes = RUNTIME_SCHEMES.iter().any(|scheme| import.specifier.starts_with(scheme));
        let is_package = RUNTIME_PACKAGES.contains(&import.specifier.as_str());
        if is_runtimes || is_package || bundling.is_node_module(&import.specifier) {
            continue;
        }
        if !import.specifier.starts_with("./") && !import.specifier.starts_with("../") {
            // Where a package is not needed, it is tried and may fail.
            if bundling.is_off() && import.is_call {
                continue;
            }
            return Ok(Err(format!("{:?}, imported by {file}", import.specifier)));
        }
        let Some(target) = resolve(path, &import.specifier) else {
            let message = format!("cannot find {:?}", import.specifier);
            return Err(unresolved(&file, &text, module.source_map.as_deref(), &import, message).into());
        };
        module.imports.push((import, target));
    }
    module.source = text.into_bytes();
    Ok(Ok(ReadModule { module, form: Some(scanned.form) }))
}

/// The file that a relative import means.
fn resolve(importer: &Path, specifier: &str) -> Option<PathBuf> {
    let wanted = importer.parent()?.join(specifier);
    let mut candidates = vec![wanted.clone()];
    if let Some(swapped) = match wanted.extension().and_then(|extension| extension.to_str()) {
        Some("js") => Some("ts"),
        Some("mjs") => Some("mts"),
        Some("cjs") => Some("cts"),
        _ => None,
    } {
        candidates.push(wanted.with_extension(swapped));
    }
    for ending in [".ts", ".js", ".mts", ".mjs", ".tsx", ".jsx", ".json", "/index.ts", "/index.js"] {
        let mut text = wanted.clone().into_os_string();
        text.push(ending);
        candidates.push(text.into());
    }
    let found = candidates.into_iter().find(|candidate| candidate.is_file())?;
    fs::canonicalize(found).ok()
}

/// An error at an import, in the file as it was written.
fn unresolved(file: &str, text: &str, source_map: Option<&str>, import: &Import, message: String) -> SyntaxError {
    let (line, column) = position(text, import.literal.start);
    let mapped = source_map.and_then(|map| {
        let map = sourcemap::SourceMap::from_slice(map.as_bytes()).ok()?;
        let token = map.lookup_token(line - 1, column - 1)?;
        Some((token.get_src_line() + 1, token.get_src_col() + 1))
    });
    let (line, column) = mapped.unwrap_or((line, column));
    SyntaxError { file: file.to_owned(), line, column, message }
}

/// Gives every module its name and every import the name of its module. Names are paths in the project, as an error shows
/// them, or in the smallest folder that holds every file where one lies outside.
fn finish(project: &Path, main: &Path, syntax: Syntax, found: Vec<Found>) -> Loaded {
    let files: Vec<PathBuf> = found.iter().map(|module| module.path.clone()).collect();
    let are_inside = files.iter().all(|file| file.starts_with(project));
    let root = if are_inside { project.to_owned() } else { common_folder(&files) };
    let mut names: BTreeMap<PathBuf, String> = BTreeMap::new();
    for path in &files {
        let plain = slashed(path.strip_prefix(&root).unwrap_or(path));
        let name = match path.extension().and_then(|extension| extension.to_str()) {
            Some(extension @ ("ts" | "mts" | "cts")) => {
                let script = format!("{}{}", &plain[..plain.len() - extension.len()], extension.replace("ts", "js"));
                let taken = files.contains(&root.join(&script)) || names.values().any(|name| *name == script);
                if taken { format!("{plain}.js") } else { script }
            }
            _ => plain,
        };
        names.insert(path.clone(), name);
    }
    let modules = found
        .into_iter()
        .map(|module| {
            let name = names[&module.path].clone();
            Module {
                source: renamed(&name, &module, &names).into(),
                kind: module.kind,
                source_map: module.source_map.map(|map| map.into_bytes().into()),
                name,
            }
        })
        .collect();
    Loaded { main_module: names[main].clone(), syntax, modules, files }
}

/// The source with its import literals naming modules exactly.
fn renamed(name: &str, module: &Found, names: &BTreeMap<PathBuf, String>) -> Vec<u8> {
    let mut source = module.source.clone();
    for (import, target) in module.imports.iter().rev() {
        let specifier = relative(name, &names[target]);
        if specifier != import.specifier {
            let literal = serde_json::Value::String(specifier).to_string();
            source.splice(import.literal.clone(), literal.into_bytes());
        }
    }
    source
}

/// How the module `from` names the module `to`; both are paths below the same root.
fn relative(from: &str, to: &str) -> String {
    let from: Vec<&str> = from.split('/').collect();
    let to: Vec<&str> = to.split('/').collect();
    let folders = from.len() - 1;
    let shared = from[..folders].iter().zip(&to[..to.len() - 1]).take_while(|(a, b)| a == b).count();
    let up = folders - shared;
    let start = if up == 0 { "./".to_owned() } else { "../".repeat(up) };
    format!("{start}{}", to[shared..].join("/"))
}

fn common_folder(files: &[PathBuf]) -> PathBuf {
    let mut folders = files.iter().filter_map(|file| file.parent());
    let mut common = folders.next().unwrap_or(Path::new("/")).to_owned();
    for folder in folders {
        while !folder.starts_with(&common) {
            common.pop();
        }
    }
    common
}

fn slashed(path: &Path) -> String {
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(part) => Some(part.to_string_lossy()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The path as an error shows it: below the project where it is.
fn shown(root: &Path, path: &Path) -> String {
    match path.strip_prefix(root) {
        Ok(inside) => slashed(inside),
        Err(_) => path.display().to_string(),
    }
}

/// Modules that the runtime itself brings.
const RUNTIME_SCHEMES: &[&str] = &["node:", "cloudflare:"];
/// Packages of other platforms that the runtime stands in for.
const RUNTIME_PACKAGES: &[&str] = &["@azure/functions", "@google-cloud/functions-framework"];
/// Files of one script; more want a bundler.
const MODULES_MAX: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// Names in the same folder, below, above and beside.
    #[test]
    fn relative_names_reach_every_module() {
        assert_eq!(relative("a.js", "b.js"), "./b.js");
        assert_eq!(relative("a.js", "x/b.js"), "./x/b.js");
        assert_eq!(relative("x/a.js", "b.js"), "../b.js");
        assert_eq!(relative("x/y/a.js", "x/z/b.js"), "../z/b.js");
        assert_eq!(relative("x/a.js", "x/b.js"), "./b.js");
    }

    /// `a.ts` beside `a.js`: both imported, neither lost.
    #[test]
    fn two_files_never_get_one_name() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("main.js", "import './a.js'; import './a.ts'; import './main.js'; export default {}"),
            ("a.js", "export {}"),
            ("a.ts", "export {}"),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let root = fs::canonicalize(folder.path()).unwrap();
        let Collected::Whole(loaded) = collect(&root, &root.join("main.js"), &[], &Bundling::default()).unwrap() else {
            panic!("needs no bundler")
        };
        let names: Vec<&str> = loaded.modules.iter().map(|module| module.name.as_str()).collect();
        assert_eq!(names, ["main.js", "a.js", "a.ts.js"]);
        let main = String::from_utf8_lossy(&loaded.modules[0].source);
        assert!(main.contains("'./a.js'") && main.contains("\"./a.ts.js\"") && main.contains("'./main.js'"), "{main}");
    }

    /// Node's modules and their parts by bare names, packages, and what `require` may not find: with the flag and without it, with
    /// files that must stay as they are and with those that may be bundled.
    #[test]
    fn bare_names_of_node_need_no_bundler_where_scripts_have_them() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        let stays: Bundling = serde_json::from_value(serde_json::json!({ "no_bundle": true })).unwrap();
        let flag = ["nodejs_compat".to_owned()];
        let needs = |source: &str, bundling: &Bundling| {
            fs::write(root.join("main.js"), source).unwrap();
            match collect(&root, &root.join("main.js"), &[], bundling).unwrap() {
                Collected::Whole(_) => None,
                Collected::NeedsBundler { because } => Some(because),
            }
        };
        let node = Bundling::default().with_node("2026-01-01", &flag);
        let import = "import 'http'; import 'fs/promises'; export default {}";
        assert_eq!(needs(import, &node), None);
        assert_eq!(needs(import, &Bundling::default()).as_deref(), Some("\"http\", imported by main.js"));
        let packages = ["string_decoder/", "https-proxy-agent", "hono"];
        for package in packages {
            let import = format!("import '{package}'; export default {{}}");
            assert_eq!(needs(&import, &node), Some(format!("{package:?}, imported by main.js")));
        }
        let tried = "try { require('supports-color'); } catch {} exports.handler = () => require('http').METHODS;";
        assert_eq!(needs(tried, &stays.clone().with_node("2026-01-01", &flag)), None);
        assert_eq!(needs(tried, &node).as_deref(), Some("\"supports-color\", imported by main.js"));
        let tried = "import('@nestjs/microservices').catch(() => {}); export default {}";
        assert_eq!((needs(tried, &stays), needs(tried, &node).is_some()), (None, true));
        let import = "import 'hono'; export default {}";
        assert_eq!(needs(import, &stays).as_deref(), Some("\"hono\", imported by main.js"));
    }

    /// An import that fails in TypeScript is reported where it was written, not where stripping left it.
    #[test]
    fn a_missing_import_is_found_in_the_typescript() {
        let folder = tempfile::tempdir().unwrap();
        let source = "interface A { a: string }\n\nimport { b } from './gone';\nexport const c: A = b;\n";
        fs::write(folder.path().join("m.ts"), source).unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        let Err(error) = collect(&root, &root.join("m.ts"), &[], &Bundling::default()) else { panic!("found") };
        assert!(error.to_string().starts_with("m.ts:3:"), "{error}");
    }
}
