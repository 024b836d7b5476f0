//! The module loader: a script's own modules and nothing else.
//!
//! Modules are addressed as `script:///{name}`. A module that is not JavaScript becomes JavaScript that exports its
//! value: deno_core 0.413 keys its module map by import attributes, which Workers scripts do not write, so its own
//! custom module types cannot be reached by `import x from "./x.wasm"`.

use std::borrow::Cow;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deno_core::{
    ModuleLoadOptions, ModuleLoadReferrer, ModuleLoadResponse, ModuleLoader, ModuleSource, ModuleSourceCode,
    ModuleSpecifier, ModuleType, ResolutionKind, SourceCodeCacheInfo,
};
use deno_error::JsErrorBox;

use super::extension::Use;
use super::lazy_code::{self, Compiled};
use super::node::{self, NodeCompat};
use crate::script::{Code, Module, ModuleKind};

/// Where modules live; shown to tenants without it.
pub(super) const SCHEME: &str = "script:///";

/// How the loader gets the code: a started isolate needs it only for modules its snapshot has not evaluated.
pub(super) type CodeSource = Rc<dyn Fn() -> Result<Arc<Code>, String>>;

/// Loads the modules of one version.
pub(super) struct ScriptLoader {
    code: CodeSource,
    made_for: Use,
}

impl ScriptLoader {
    /// A loader of the code that `code` gives.
    #[must_use]
    pub(super) fn new(code: CodeSource, made_for: Use) -> Self {
        Self { code, made_for }
    }

    fn code(&self) -> Result<Arc<Code>, JsErrorBox> {
        (self.code)().map_err(JsErrorBox::generic)
    }
}

/// The address of the module of this name.
///
/// # Errors
/// When the name cannot be part of a URL.
pub(super) fn module_specifier(name: &str) -> Result<ModuleSpecifier, JsErrorBox> {
    ModuleSpecifier::parse(&format!("{SCHEME}{name}"))
        .map_err(|error| JsErrorBox::type_error(format!("module name {name:?}: {error}")))
}

/// The module's name as the tenant wrote it.
#[must_use]
pub(super) fn module_name(specifier: &str) -> Cow<'_, str> {
    let name = specifier.strip_prefix(SCHEME).unwrap_or(specifier);
    match percent_decode(name) {
        Some(decoded) => Cow::Owned(decoded),
        None => Cow::Borrowed(name),
    }
}

impl ModuleLoader for ScriptLoader {
    fn resolve(&self, specifier: &str, referrer: &str, _kind: ResolutionKind) -> Result<ModuleSpecifier, JsErrorBox> {
        if let Some(name) = specifier.strip_prefix(SCHEME) {
            return module_specifier(name);
        }
        let relative = specifier.starts_with("./") || specifier.starts_with("../") || specifier.starts_with('/');
        if relative && let Ok(base) = ModuleSpecifier::parse(referrer) {
            return base.join(specifier).map_err(|error| JsErrorBox::type_error(format!("{specifier:?}: {error}")));
        }
        // A bundler may name a module without a leading "./".
        if self.code()?.module(specifier).is_some() {
            return module_specifier(specifier);
        }
        if let Some((_, own)) = OWN_MODULES.iter().find(|(name, _)| *name == specifier) {
            return built_in(own);
        }
        match node::resolve(specifier, NodeCompat::of(&*self.code()?)) {
            Some(module) => built_in(module),
            None => Err(no_such_module(specifier, referrer)),
        }
    }

    fn load(
        &self,
        specifier: &ModuleSpecifier,
        referrer: Option<&ModuleLoadReferrer>,
        _options: ModuleLoadOptions,
    ) -> ModuleLoadResponse {
        let load = || {
            let code = self.code()?;
            let name = module_name(specifier.as_str());
            let Some(module) = code.module(&name) else {
                let referrer = referrer.map(|referrer| referrer.specifier.as_str()).unwrap_or_default();
                return Err(no_such_module(&name, referrer));
            };
            let source = ModuleSourceCode::String(javascript(module)?.into());
            Ok(ModuleSource::new(ModuleType::JavaScript, source, specifier, None))
        };
        ModuleLoadResponse::Sync(load())
    }

    fn get_code_cache(&self, specifier: &ModuleSpecifier, _source: &str) -> Option<SourceCodeCacheInfo> {
        // V8 takes it for isolates of the same snapshot alone (V8 15.0: the check of the read-only snapshot's checksum in
        // `SerializedCodeData::SanityCheck`, `src/snapshot/code-serializer.cc`).
        if self.made_for != Use::ServingFromBase {
            return None;
        }
        // The sources are our binary's own and never change in a process: there is nothing to tell apart by a hash.
        let known = |data| Some(SourceCodeCacheInfo { hash: 0, data });
        match lazy_code::of(specifier.as_str()) {
            Compiled::Foreign => None,
            Compiled::NotYet => known(None),
            Compiled::Known(code) => known(Some(Cow::Borrowed(code))),
        }
    }

    fn code_cache_ready(
        &self,
        specifier: ModuleSpecifier,
        _hash: u64,
        code: &[u8],
    ) -> Pin<Box<dyn Future<Output = ()>>> {
        lazy_code::keep(specifier.as_str(), code);
        Box::pin(std::future::ready(()))
    }

    fn get_source_map(&self, file_name: &str) -> Option<Cow<'_, [u8]>> {
        let code = (self.code)().ok()?;
        let module = code.module(&module_name(file_name))?;
        module.source_map.as_ref().map(|map| Cow::Owned(map.to_vec()))
    }

    /// A tenant knows a script by the sources it wrote, so a source map's names are always worth showing. They are only
    /// shown: nothing is ever loaded from them.
    fn source_map_source_exists(&self, _source_url: &str) -> Option<bool> {
        Some(true)
    }
}

/// Modules that are ours, by the names scripts import and the addresses `ops` registers them at.
const OWN_MODULES: [(&str, &str); 5] = [
    ("cloudflare:sockets", "cloudflare:sockets"),
    ("cloudflare:workers", "cloudflare:workers"),
    ("eyot:commonjs", "eyot:commonjs"),
    ("@azure/functions", "eyot:azure-functions"),
    ("@google-cloud/functions-framework", "eyot:google-functions"),
];

/// The address of a module that comes with the runtime: its name.
fn built_in(module: &str) -> Result<ModuleSpecifier, JsErrorBox> {
    ModuleSpecifier::parse(module).map_err(|error| JsErrorBox::type_error(error.to_string()))
}

fn no_such_module(specifier: &str, referrer: &str) -> JsErrorBox {
    let from = match module_name(referrer) {
        name if name.is_empty() => String::new(),
        name => format!("\n  imported from \"{name}\""),
    };
    JsErrorBox::type_error(format!("No such module \"{specifier}\".{from}"))
}

/// The module as JavaScript that V8 can evaluate.
fn javascript(module: &Module) -> Result<String, JsErrorBox> {
    let text = || {
        String::from_utf8(module.source.to_vec())
            .map_err(|_| JsErrorBox::type_error(format!("module \"{}\" is not UTF-8", module.name)))
    };
    let bytes = || format!("Uint8Array.fromBase64(\"{}\")", STANDARD.encode(&module.source));
    Ok(match module.kind {
        ModuleKind::EsModule => text()?,
        ModuleKind::Text => format!("export default {};", string_literal(&text()?)),
        ModuleKind::Json => format!("export default JSON.parse({});", string_literal(&text()?)),
        ModuleKind::Data => format!("export default {}.buffer;", bytes()),
        ModuleKind::CommonJs => {
            text()?;
            exports_of(module)
        }
        // Scripts may not compile WASM from bytes; ours may, and knows whose these are.
        ModuleKind::Wasm => exports_of(module),
    })
}

/// A module that has what `require` would give.
fn exports_of(module: &Module) -> String {
    let name = string_literal(&module.name);
    format!("import {{ exportsOf }} from \"eyot:commonjs\";\nexport default exportsOf({name});")
}

/// A JavaScript string literal of this text. JSON strings are JavaScript strings since ECMAScript 2019.
fn string_literal(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

fn percent_decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match hex.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(decoded) if byte == b'%' => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Syntax;

    fn loader() -> ScriptLoader {
        let module = |name: &str| Module {
            name: name.to_owned(),
            kind: ModuleKind::EsModule,
            source: (*b"export {}").into(),
            source_map: None,
        };
        let code = Arc::new(Code {
            main_module: "src/index.js".to_owned(),
            syntax: Syntax::Modules,
            modules: vec![module("src/index.js"), module("lib/a b.js")],
            compatibility_date: String::new(),
            compatibility_flags: Vec::new(),
        });
        ScriptLoader::new(Rc::new(move || Ok(Arc::clone(&code))), Use::Serving)
    }

    /// Resolves relative, parent, bare and foreign specifiers.
    #[test]
    fn a_script_reaches_its_own_modules_and_no_others() {
        let loader = loader();
        let resolve = |specifier: &str| {
            loader
                .resolve(specifier, "script:///src/index.js", ResolutionKind::Import)
                .map(|url| module_name(url.as_str()).into_owned())
                .map_err(|error| error.to_string())
        };
        assert_eq!(resolve("../lib/a b.js"), Ok("lib/a b.js".to_owned()));
        assert_eq!(resolve("src/index.js"), Ok("src/index.js".to_owned()));
        for foreign in ["node:fs", "file:///etc/passwd", "https://example.com/a.js", "ext:core/mod.js", "left-pad"] {
            assert!(resolve(foreign).is_err(), "{foreign}");
        }
        assert_eq!(resolve("../../../../etc/passwd"), Ok("etc/passwd".to_owned()));
    }

    /// Quotes, line separators and control characters in a text module stay inside the string.
    #[test]
    fn a_text_module_cannot_break_out_of_its_literal() {
        let text = "a\"; evil(); \"\u{2028}\n\\";
        let module =
            Module { name: "t".into(), kind: ModuleKind::Text, source: text.as_bytes().into(), source_map: None };
        assert_eq!(javascript(&module).expect("is text"), "export default \"a\\\"; evil(); \\\"\u{2028}\\n\\\\\";");
    }
}
