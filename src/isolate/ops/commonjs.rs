//! CommonJS on the host's side: which module of the upload a `require` means, and compiling one.
//!
//! Only modules of the script's own upload can be named. `js/commonjs.js` keeps what was loaded and runs it.

use deno_core::{OpState, op2, v8};
use deno_error::JsErrorBox;

use super::module::code;
use super::with_module;
use crate::isolate::loader::module_specifier;
use crate::script::{Code, ModuleKind};

/// The module of the upload that `require(specifier)` in module `from` means, as Node.js finds files.
#[op2]
#[string]
pub(crate) fn op_eyot_commonjs_resolve(
    state: &mut OpState,
    #[string] from: &str,
    #[string] specifier: &str,
) -> Result<Option<String>, JsErrorBox> {
    Ok(resolve(&*code(state)?, from, specifier))
}

/// The name of the module that is evaluated first.
#[op2]
#[string]
pub(crate) fn op_eyot_main_module(state: &mut OpState) -> Result<String, JsErrorBox> {
    Ok(code(state)?.main_module.clone())
}

/// A CommonJS module as the function Node.js makes of it. The main module's gives back its function `main`, if it has one.
#[op2]
pub(crate) fn op_eyot_commonjs_compile<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    state: &mut OpState,
    #[string] name: &str,
) -> Result<v8::Local<'s, v8::Value>, JsErrorBox> {
    let is_main = code(state)?.main_module == name;
    let text = with_module(state, name, |module| match module.kind {
        ModuleKind::CommonJs => Some(String::from_utf8_lossy(&module.source).into_owned()),
        _ => None,
    })?;
    let mut text = text.ok_or_else(|| JsErrorBox::type_error(format!("\"{name}\" is no CommonJS module")))?;
    if text.starts_with("#!") {
        text.insert_str(0, "//");
    }
    if is_main {
        text.push_str(MAIN_FUNCTION);
    }
    let failed = || JsErrorBox::generic("compile the module");
    let source = v8::String::new(scope, &text).ok_or_else(failed)?;
    let resource = v8::String::new(scope, module_specifier(name)?.as_str()).ok_or_else(failed)?;
    let origin = v8::ScriptOrigin::new(scope, resource.into(), 0, 0, false, -1, None, false, false, false, None);
    let mut source = v8::script_compiler::Source::new(source, Some(&origin));
    let mut parameters = Vec::with_capacity(PARAMETERS.len());
    for parameter in PARAMETERS {
        parameters.push(v8::String::new(scope, parameter).ok_or_else(failed)?);
    }
    let options = v8::script_compiler::CompileOptions::NoCompileOptions;
    let reason = v8::script_compiler::NoCacheReason::NoReason;
    let compiled = v8::script_compiler::compile_function(scope, &mut source, &parameters, &[], options, reason);
    // Without one a syntax error is pending, and is what the caller sees.
    Ok(compiled.map_or_else(|| v8::undefined(scope).into(), Into::into))
}

fn resolve(code: &Code, from: &str, specifier: &str) -> Option<String> {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let is_path =
        [".", ".."].contains(&specifier) || ["./", "../", "/"].iter().any(|start| specifier.starts_with(start));
    if !is_path {
        // A bundler may name a module of the upload without a leading "./".
        return found(code, specifier);
    }
    let base = if specifier.starts_with('/') { "" } else { folder };
    let mut path: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in specifier.split('/') {
        match part {
            "" | "." => {}
            // There is nothing above the upload.
            ".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    found(code, &path.join("/"))
}

/// The module of this path: a file of the name itself, with an ending, or a folder's index.
fn found(code: &Code, path: &str) -> Option<String> {
    let exists = |name: String| code.module(&name).is_some().then_some(name);
    if let Some(name) = exists(path.to_owned()) {
        return Some(name);
    }
    let separator = if path.is_empty() { "" } else { "/" };
    ENDINGS
        .iter()
        .filter(|_| !path.is_empty())
        .find_map(|ending| exists(format!("{path}{ending}")))
        .or_else(|| ENDINGS.iter().find_map(|ending| exists(format!("{path}{separator}index{ending}"))))
}

/// What Node.js tries, and what TypeScript and bundlers write.
const ENDINGS: [&str; 5] = [".js", ".cjs", ".json", ".ts", ".cts"];

/// What a CommonJS module finds around it.
const PARAMETERS: [&str; 5] = ["exports", "require", "module", "__filename", "__dirname"];

/// OpenWhisk's actions may export nothing and have a function of this name.
const MAIN_FUNCTION: &str = "\n;return typeof main === \"function\" ? main : undefined;";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{Module, Syntax};

    /// Names modules in every way Node.js understands, and some from outside of the upload.
    #[test]
    fn require_finds_what_node_finds_and_nothing_outside_of_the_upload() {
        let names = ["src/index.js", "src/lib/a.cjs", "src/lib/index.js", "data.json", "index.js", "left-pad"];
        let module = |name: &&str| Module {
            name: (*name).to_owned(),
            kind: ModuleKind::CommonJs,
            source: (*b"").into(),
            source_map: None,
        };
        let code = Code {
            main_module: "src/index.js".to_owned(),
            syntax: Syntax::Modules,
            modules: names.iter().map(module).collect(),
            compatibility_date: String::new(),
            compatibility_flags: Vec::new(),
        };
        for (specifier, expected) in [
            ("./lib/a", Some("src/lib/a.cjs")),
            ("./lib/a.cjs", Some("src/lib/a.cjs")),
            ("./lib", Some("src/lib/index.js")),
            ("./lib/", Some("src/lib/index.js")),
            (".", Some("src/index.js")),
            ("..", Some("index.js")),
            ("../data", Some("data.json")),
            ("/data.json", Some("data.json")),
            ("../../../../data.json", Some("data.json")),
            ("left-pad", Some("left-pad")),
            ("data.json", Some("data.json")),
            ("./left", None),
            ("fs", None),
            ("node:fs", None),
            ("", None),
            ("/etc/passwd", None),
        ] {
            let specifier_found = if specifier.is_empty() { None } else { resolve(&code, "src/index.js", specifier) };
            assert_eq!(specifier_found.as_deref(), expected, "{specifier}");
        }
    }
}
