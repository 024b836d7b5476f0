//! How the main module is written, where its upload leaves that open.
//!
//! Clients of Workers say it: `main_module` is an ES module, `body_part` a service worker's script. The scripts of other
//! platforms come under either name, so a source that shows no sign of what it was declared as is looked at by a parser:
//!
//! | the source | becomes |
//! |---|---|
//! | has `import` or `export` | an ES module |
//! | uses `module`, `exports` or `require` without declaring them | a CommonJS module |
//! | neither, and declares `main` at its top level | a script |
//! | neither | what it was declared as |
//!
//! A service worker's script that calls `addEventListener` stays one whatever else it does. What does not parse stays as
//! it was declared: the engine has the better words for what is wrong with it.

use super::envelope::ApiError;
use super::modules::{StripRefusal, StripTypes};
use crate::script::{Form, Module, ModuleKind, Scanned, Syntax};

/// Settles the main module's kind, and answers with its syntax.
///
/// # Errors
/// When the parser cannot be run.
pub(super) async fn settle(main: &mut Module, declared: Syntax, reader: &dyn StripTypes) -> Result<Syntax, ApiError> {
    match main.kind {
        ModuleKind::EsModule => {}
        ModuleKind::CommonJs => return Ok(Syntax::Modules),
        ModuleKind::Json | ModuleKind::Text | ModuleKind::Data | ModuleKind::Wasm => return Ok(declared),
    }
    let source = std::str::from_utf8(&main.source).unwrap_or_default();
    if is_as_declared(source, declared) {
        return Ok(declared);
    }
    let Scanned { form, declares_main } = match reader.scan(&main.name, source).await {
        Ok(scanned) => scanned,
        Err(StripRefusal::Source(_)) => return Ok(declared),
        Err(StripRefusal::Platform(cause)) => return Err(ApiError::internal("look at the main module", &cause)),
    };
    Ok(match form {
        Form::Module => Syntax::Modules,
        Form::CommonJs => {
            main.kind = ModuleKind::CommonJs;
            Syntax::Modules
        }
        Form::Script if declares_main => Syntax::ServiceWorker,
        Form::Script => declared,
    })
}

/// Whether the source shows on sight that it is what it was declared as, so that no parser is needed.
fn is_as_declared(source: &str, declared: Syntax) -> bool {
    let words = |words: &[&str]| words.iter().any(|word| source.contains(word));
    match declared {
        Syntax::Modules => {
            let begins = |line: &str| {
                ["import", "export"].iter().any(|word| {
                    let after = line.strip_prefix(word).and_then(|rest| rest.chars().next());
                    after.is_some_and(|next| next.is_whitespace() || "{*\"'".contains(next))
                })
            };
            source.lines().any(|line| begins(line.trim_start())) || !words(&["exports", "module", "require", "main"])
        }
        Syntax::ServiceWorker => {
            source.contains("addEventListener") || !words(&["exports", "module", "require", "export", "import"])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sources of both kinds that are plain on sight, and such as are not.
    #[test]
    fn ordinary_uploads_need_no_parser() {
        for source in ["import a from './a.js'", "const a = 1;\nexport{a as default}", "  export default {}", "1", "//"]
        {
            assert!(is_as_declared(source, Syntax::Modules), "{source}");
        }
        for source in
            ["exports.handler = 1", "module.exports = {}", "function main() {}", "var e=1;export{e as default}; main"]
        {
            assert!(!is_as_declared(source, Syntax::Modules), "{source}");
        }
        for source in ["addEventListener('fetch', f); exports.a = 1", "function main(params) {}"] {
            assert!(is_as_declared(source, Syntax::ServiceWorker), "{source}");
        }
        for source in ["exports.handler = 1", "export default {}"] {
            assert!(!is_as_declared(source, Syntax::ServiceWorker), "{source}");
        }
    }
}
