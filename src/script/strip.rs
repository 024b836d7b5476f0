//! TypeScript to JavaScript: types are removed, what TypeScript adds at run time (enums, namespaces, parameter
//! properties) is written out.
//!
//! Works on one module at a time, as `isolatedModules` does, and elides imports that only types use, as TypeScript
//! does without `verbatimModuleSyntax`. Never executes anything and checks no types. JSX and decorators are left as
//! they are: they need a bundler.

use std::path::Path;

use oxc::allocator::Allocator;
use oxc::codegen::{Codegen, CodegenOptions};
use oxc::parser::Parser;
use oxc::semantic::SemanticBuilder;
use oxc::span::SourceType;
use oxc::transformer::{JsxOptions, TransformOptions, Transformer, TypeScriptOptions};
use serde::{Deserialize, Serialize};

use super::parse::{SyntaxError, on_parser_thread};

/// A module without its types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stripped {
    /// The JavaScript.
    pub source: String,
    /// Source map (JSON, version 3) back to the TypeScript, whose name, from the script's root (`/src/a.ts`), is the only
    /// entry of `sources`.
    pub source_map: String,
}

/// May this module hold TypeScript, going by its name?
#[must_use]
pub fn is_typescript(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "ts" || extension == "mts" || extension == "cts")
}

/// Turns one TypeScript module into JavaScript.
///
/// Stack and memory are bounded by the size of the source; time is not when the source is hostile: for a stranger's
/// source use [`super::Stripper`].
///
/// # Errors
/// The first syntax error, in reading order; or that the source is too large.
pub fn strip(name: &str, source: &str) -> Result<Stripped, SyntaxError> {
    on_parser_thread(name, source, || {
        let (source, source_map) = transform(name, source, Purpose::Upload)?;
        Ok(Stripped { source, source_map: source_map.unwrap_or_default() })
    })
}

/// Strips types from a source we ship ourselves, such as an extension of the runtime: on the caller's stack, without
/// semantic errors or a source map. Imports are kept unless they say `type`.
///
/// # Errors
/// The first syntax error.
pub fn strip_types_fast(name: &str, source: &str) -> Result<String, SyntaxError> {
    transform(name, source, Purpose::Extension).map(|(source, _)| source)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Upload,
    Extension,
}

fn transform(name: &str, source: &str, purpose: Purpose) -> Result<(String, Option<String>), SyntaxError> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, SourceType::ts()).parse();
    fail_on(name, source, &parsed.diagnostics)?;
    let mut program = parsed.program;

    let analysed = SemanticBuilder::new()
        .with_check_syntax_error(purpose == Purpose::Upload)
        .with_enum_eval(true)
        .with_excess_capacity(2.0)
        .build(&program);
    fail_on(name, source, &analysed.diagnostics)?;
    let scoping = analysed.semantic.into_scoping();

    let options = TransformOptions {
        typescript: TypeScriptOptions {
            only_remove_type_imports: purpose == Purpose::Extension,
            ..TypeScriptOptions::default()
        },
        jsx: JsxOptions::disable(),
        ..TransformOptions::default()
    };
    let transformed = Transformer::new(&allocator, Path::new(name), &options).build_with_scoping(scoping, &mut program);
    fail_on(name, source, &transformed.diagnostics)?;

    let printed = Codegen::new()
        .with_options(CodegenOptions {
            source_map_path: (purpose == Purpose::Upload).then(|| from_root(name).into()),
            ..CodegenOptions::default()
        })
        .build(&program);
    Ok((printed.code, printed.map.map(|map| map.to_json_string())))
}

/// With a leading slash: a map's sources are relative to the module, and the name is relative to the root.
fn from_root(name: &str) -> String {
    format!("/{}", name.trim_start_matches('/'))
}

fn fail_on(name: &str, source: &str, found: &oxc::diagnostics::Diagnostics) -> Result<(), SyntaxError> {
    SyntaxError::first_of(name, source, found).map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn js(source: &str) -> String {
        strip("src/a.ts", source).expect("strips").source
    }

    /// Strips what TypeScript erases and what it writes out, and looks for the JavaScript that must be left.
    #[test]
    fn typescript_becomes_javascript() {
        assert_eq!(js("let a: number = 1 as any;\n").trim(), "let a = 1;");
        assert!(!js("interface A { b: string }\nexport const x = 1;").contains("interface"));
        let enumerated = js("export enum Color { Red, Green = 'g' }");
        assert!(enumerated.contains("Color[\"Red\"] = 0") || enumerated.contains("Color[Color[\"Red\"] = 0]"));
        assert!(js("namespace N { export const v = 1 }\nexport const w = N.v;").contains("_N.v"));
        let class = js("export class P { constructor(private readonly kv: string) {} }");
        assert!(class.contains("this.kv = kv"), "{class}");
        assert!(js("const x = f<string>(a!) satisfies B;").contains("f(a)"));
    }

    /// Imports used only as types, and `import type`, leave; imports used as values and side effects stay.
    #[test]
    fn imports_that_only_types_use_are_elided() {
        let out = js("import { A, b } from './m';\nimport type { C } from './t';\nimport { D } from './d';\n\
                      import './side';\nexport const x: A | C | D = b;");
        assert!(out.contains("import { b } from \"./m\""), "{out}");
        assert!(out.contains("import \"./side\""), "{out}");
        assert!(!out.contains("./t") && !out.contains("./d"), "{out}");
    }

    /// Follows a position in the JavaScript back through the map.
    #[test]
    fn the_source_map_leads_back_to_the_typescript() {
        let source = "type A = string;\n\n\nexport function f(a: A): A {\n  throw new Error(a);\n}\n";
        let stripped = strip("src/a.ts", source).expect("strips");
        let at = stripped.source.lines().position(|line| line.contains("throw")).expect("kept");
        let map = sourcemap::SourceMap::from_slice(stripped.source_map.as_bytes()).expect("a map");
        let column = stripped.source.lines().nth(at).expect("line").find("throw").expect("kept");
        let token = map.lookup_token(at as u32, column as u32).expect("mapped");
        assert_eq!((token.get_source(), token.get_src_line(), token.get_src_col()), (Some("/src/a.ts"), 4, 2));
    }

    /// Breaks a source on its third line, and declares a name twice.
    #[test]
    fn errors_name_file_line_and_column() {
        let error = strip("src/a.ts", "let a = 1;\n\nlet = = 2;\n").expect_err("broken");
        assert_eq!((error.file.as_str(), error.line), ("src/a.ts", 3));
        assert!(error.column > 1, "{error}");
        let error = strip("a.ts", "let a = 1;\nlet a = 2;\n").expect_err("declared twice");
        assert!(error.to_string().contains("a.ts:"), "{error}");
    }

    /// Nests everything that nests 100,000 deep (time, unlike the stack, is quadratic for some: those nest 2,000 deep).
    /// A refusal is as good as an answer; the test is that the process is there to give one.
    #[test]
    fn deep_nesting_never_overflows_the_stack() {
        for (open, middle, close) in [
            ("(", "1", ")"),
            ("[", "", "]"),
            ("!", "1", ""),
            ("- ", "1", ""),
            ("typeof ", "1", ""),
            ("", "a", "?.b"),
            ("", "a", "+a"),
            ("", "a", " as any"),
            ("`${", "1", "}`"),
            ("a=>", "1", ""),
            ("a=", "1", ""),
            ("a?b:", "1", ""),
            ("new ", "a", ""),
            ("f<a>(", "1", ")"),
        ] {
            let source = format!("x={}{middle}{}", open.repeat(100_000), close.repeat(100_000));
            let _ = strip("deep.ts", &source);
        }
        for (open, close) in [("{", "}"), ("if(a)", ";"), ("function f(){", "}"), ("x={a:", "}"), ("class A{b=", "}")] {
            let _ = strip("deep.ts", &format!("{}{}", open.repeat(2_000), close.repeat(2_000)));
        }
    }

    /// Strips an extension-like source and keeps an import that nothing uses.
    #[test]
    fn the_fast_way_keeps_imports() {
        let out =
            strip_types_fast("ext:a.ts", "import { a } from 'ext:b.js';\nfunction f(x: number): void {}").expect("ok");
        assert!(out.contains("import { a } from \"ext:b.js\"") && out.contains("function f(x)"), "{out}");
    }
}
