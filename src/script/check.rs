//! Reading JavaScript without running it: does it parse, what form is it, what does it import.
//!
//! Used on one's own code by `eyot deploy` and `eyot dev`; on a stranger's, where an upload leaves open what its main
//! module is, only in a child process ([`super::Stripper`]). Byte ranges are those of the source that was given.

use std::ops::Range;

use oxc::allocator::Allocator;
use oxc::ast::ast::{Argument, CallExpression, Expression, ImportExpression, StringLiteral};
use oxc::ast_visit::{Visit, walk};
use oxc::parser::Parser;
use oxc::semantic::SemanticBuilder;
use oxc::span::{GetSpan, SourceType};
use serde::{Deserialize, Serialize};

use super::parse::{SyntaxError, on_parser_thread};

/// How a JavaScript source is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// It has `import`, `export` or `import.meta`.
    Module,
    /// It uses `module`, `exports` or `require` without declaring them.
    CommonJs,
    /// Neither: a service worker's script.
    Script,
}

/// One module that a source asks for by a literal name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The name, as written.
    pub specifier: String,
    /// Where the string literal is, quotes included.
    pub literal: Range<usize>,
    /// It is `import()` or `require()`, which fails when it is called and not before.
    pub is_call: bool,
}

/// What a source is and asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// How it is written.
    pub form: Form,
    /// Static and literal dynamic imports and literal calls of `require`, in source order.
    pub imports: Vec<Import>,
    /// It calls `require` with a literal name and does not declare it. What bundlers put in for a `require` that may not be
    /// there only asks whether it is.
    pub calls_require: bool,
    /// It declares `main` at its top level.
    pub declares_main: bool,
}

/// Parses JavaScript and lists its imports.
///
/// # Errors
/// The first syntax error, in reading order; or that the source is too large.
pub fn scan(name: &str, source: &str) -> Result<Scan, SyntaxError> {
    on_parser_thread(name, source, || {
        let allocator = Allocator::default();
        let parsed = Parser::new(&allocator, source, SourceType::unambiguous()).parse();
        let analysed = SemanticBuilder::new().with_check_syntax_error(true).build(&parsed.program);
        for found in [&parsed.diagnostics, &analysed.diagnostics] {
            if let Some(error) = SyntaxError::first_of(name, source, found) {
                return Err(error);
            }
        }
        let unresolved = analysed.semantic.scoping().root_unresolved_references();
        let form = if parsed.module_record.has_module_syntax {
            Form::Module
        } else if ["module", "exports", "require"].iter().any(|global| unresolved.contains_key(*global)) {
            Form::CommonJs
        } else {
            Form::Script
        };

        let mut imports = Vec::new();
        for (specifier, requests) in &parsed.module_record.requested_modules {
            imports.extend(requests.iter().map(|request| Import {
                specifier: specifier.to_string(),
                literal: request.span.start as usize..request.span.end as usize,
                is_call: false,
            }));
        }
        let uses_require = unresolved.contains_key("require");
        let mut dynamic = DynamicImports { found: &mut imports, uses_require, calls_require: false };
        dynamic.visit_program(&parsed.program);
        let calls_require = dynamic.calls_require;
        imports.sort_by_key(|import| import.literal.start);
        let declares_main = analysed.semantic.scoping().get_root_binding("main".into()).is_some();
        Ok(Scan { form, imports, calls_require, declares_main })
    })
}

struct DynamicImports<'v> {
    found: &'v mut Vec<Import>,
    uses_require: bool,
    calls_require: bool,
}

impl DynamicImports<'_> {
    fn add(&mut self, literal: &StringLiteral<'_>) {
        let span = literal.span();
        let literal_at = span.start as usize..span.end as usize;
        self.found.push(Import { specifier: literal.value.to_string(), literal: literal_at, is_call: true });
    }
}

impl<'a> Visit<'a> for DynamicImports<'_> {
    fn visit_import_expression(&mut self, import: &ImportExpression<'a>) {
        if let Expression::StringLiteral(literal) = &import.source {
            self.add(literal);
        }
        walk::walk_import_expression(self, import);
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        if self.uses_require
            && let Expression::Identifier(callee) = &call.callee
            && callee.name == "require"
            && let [Argument::StringLiteral(literal)] = call.arguments.as_slice()
        {
            self.calls_require = true;
            self.add(literal);
        }
        walk::walk_call_expression(self, call);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specifiers(source: &str) -> Vec<String> {
        scan("a.js", source).expect("parses").imports.into_iter().map(|import| import.specifier).collect()
    }

    /// The one calls it; the other, which esbuild writes, only looks for it.
    #[test]
    fn a_call_of_require_is_told_from_a_look_for_it() {
        let calls = |source| scan("a.js", source).expect("parses").calls_require;
        assert!(calls("export default require('./a')"));
        assert!(!calls("const load = typeof require !== 'undefined' ? require : null; export default load"));
        assert!(!calls("const require = () => 1; export default require('./a')"));
    }

    /// One source of each form.
    #[test]
    fn forms_are_told_apart() {
        let form = |source| scan("a.js", source).expect("parses").form;
        assert_eq!(form("export default { fetch() {} }"), Form::Module);
        assert_eq!(form("import './a.js'"), Form::Module);
        assert_eq!(form("addEventListener('fetch', e => e.respondWith(new Response('a')))"), Form::Script);
        assert_eq!(form("exports.handler = async () => ({ statusCode: 200 })"), Form::CommonJs);
        assert_eq!(form("module.exports = 1"), Form::CommonJs);
        assert_eq!(form("const module = {}; module.exports = 1"), Form::Script);
        assert_eq!(form("function main(params) { return {} }"), Form::Script);
    }

    /// Imports of every kind, a computed one, and text that only looks like an import.
    #[test]
    fn imports_are_listed_in_source_order() {
        let source = "import a from './a.js'; export * from \"./b.js\"; // import './no.js'\n\
                      const s = \"import './no.js'\"; await import('./c.js'); import(`./${s}`); import(s);";
        assert_eq!(specifiers(source), ["./a.js", "./b.js", "./c.js"]);
        let found = scan("a.js", source).expect("parses").imports;
        assert_eq!(&source[found[1].literal.clone()], "\"./b.js\"");
        assert_eq!(&source[found[2].literal.clone()], "'./c.js'");
    }

    /// Errors of the parser and of the later analysis.
    #[test]
    fn the_first_error_is_given_with_its_place() {
        let error = scan("b.js", "const a = 1;\nconst b = ;\n").expect_err("broken");
        assert_eq!((error.file.as_str(), error.line, error.column), ("b.js", 2, 11));
        let error = scan("b.js", "export const a = 1;\nexport const a = 2;").expect_err("twice");
        assert!(error.line >= 1 && error.message.contains('a'), "{error}");
    }
}
