//! From the parts of an upload to the modules of a script.
//!
//! Decides by content type and name what each part is, attaches source maps to their modules and strips types. Promises
//! [`Code`] whose names are unique, whose main module is there and whose text kinds are UTF-8. Runs nothing.

use std::sync::Arc;

use futures::future::BoxFuture;
use http::StatusCode;

use super::entry_form;
use super::envelope::ApiError;
use super::multipart::Part;
use crate::script::{Code, Module, ModuleKind, Scanned, Syntax};

/// TypeScript without its types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stripped {
    /// JavaScript.
    pub source: String,
    /// Maps positions in `source` back to the TypeScript; JSON, version 3.
    pub source_map: Vec<u8>,
}

/// Why types were not stripped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StripRefusal {
    /// The source is wrong: one line with file, line, column and what.
    Source(String),
    /// We failed: for the log.
    Platform(String),
}

/// Reads sources without running them: takes the types out of TypeScript, says how JavaScript is written.
pub trait StripTypes: Send + Sync + 'static {
    /// Strips one module, by its name.
    fn strip<'a>(&'a self, name: &'a str, source: &'a str) -> BoxFuture<'a, Result<Stripped, StripRefusal>>;

    /// Looks how one module is written, by its name.
    fn scan<'a>(&'a self, name: &'a str, source: &'a str) -> BoxFuture<'a, Result<Scanned, StripRefusal>>;
}

/// Which part is evaluated first, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The part's name.
    pub(super) name: String,
    /// How it is written.
    pub(super) syntax: Syntax,
}

/// Builds the code of a version from the parts that are not metadata.
///
/// # Errors
/// 10021 that names the part; nothing is kept.
pub(super) async fn assemble(
    entry: Entry,
    parts: Vec<Part>,
    compatibility_date: String,
    compatibility_flags: Vec<String>,
    strip: &dyn StripTypes,
) -> Result<Code, ApiError> {
    let (maps, sources): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|part| part.content_type == SOURCE_MAP);
    let mut modules: Vec<Module> = Vec::with_capacity(sources.len());
    for part in sources {
        let name = part.name.strip_prefix("./").unwrap_or(&part.name).to_owned();
        check_name(&name)?;
        if modules.iter().any(|module| module.name == name) {
            return Err(refused(format!("module {name:?} is in the upload twice")));
        }
        let has_map = maps.iter().any(|map| map.name.strip_suffix(".map") == Some(&part.name));
        let kind = kind(&name, &part.content_type, Origin { is_entry: part.name == entry.name, has_map });
        modules.push(module(name, &part, kind, strip).await?);
    }
    for map in maps {
        attach(map, &mut modules, &entry.name)?;
    }
    let main_module = entry.name.strip_prefix("./").unwrap_or(&entry.name).to_owned();
    let Some(main) = modules.iter_mut().find(|module| module.name == main_module) else {
        return Err(refused(format!("No such module \"{main_module}\": the upload has no part of this name")));
    };
    let syntax = entry_form::settle(main, entry.syntax, strip).await?;
    Ok(Code { main_module, syntax, modules, compatibility_date, compatibility_flags })
}

/// What a part is, before types are stripped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Module(ModuleKind),
    TypeScript,
}

async fn module(name: String, part: &Part, kind: Option<Kind>, strip: &dyn StripTypes) -> Result<Module, ApiError> {
    let Some(kind) = kind else {
        let shown = if part.content_type.is_empty() { "none" } else { &part.content_type };
        return Err(refused(format!("module {name:?} has an unsupported content type ({shown})")));
    };
    let kind = match kind {
        Kind::Module(kind) => kind,
        Kind::TypeScript => {
            let stripped = strip.strip(&name, text(&name, &part.bytes)?).await.map_err(|refusal| match refusal {
                StripRefusal::Source(message) => refused(message),
                StripRefusal::Platform(cause) => ApiError::internal("strip types", &cause),
            })?;
            let kind = if name.ends_with(".cts") { ModuleKind::CommonJs } else { ModuleKind::EsModule };
            let source_map = Some(stripped.source_map.into());
            return Ok(Module { name, kind, source: stripped.source.into_bytes().into(), source_map });
        }
    };
    if matches!(kind, ModuleKind::EsModule | ModuleKind::CommonJs | ModuleKind::Json | ModuleKind::Text) {
        text(&name, &part.bytes)?;
    }
    Ok(Module { name, kind, source: Arc::from(&part.bytes[..]), source_map: None })
}

/// What else is known of a part.
#[derive(Debug, Clone, Copy)]
struct Origin {
    /// It is evaluated first.
    is_entry: bool,
    /// It came with a source map, so somebody has compiled it already whatever its name.
    has_map: bool,
}

fn kind(name: &str, content_type: &str, origin: Origin) -> Option<Kind> {
    let Origin { is_entry, has_map } = origin;
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_typescript = matches!(extension, "ts" | "mts" | "cts") && !has_map;
    Some(match content_type {
        "application/typescript" | "text/typescript" | "application/typescript+module" => Kind::TypeScript,
        // What curl and Node make of the ending .ts.
        "video/mp2t" | "video/vnd.dlna.mpeg-tts" if is_typescript => Kind::TypeScript,
        "application/javascript+module" | "text/javascript+module" if is_typescript => Kind::TypeScript,
        "application/javascript+module" | "text/javascript+module" => Kind::Module(ModuleKind::EsModule),
        "application/javascript" | "text/javascript" | "application/x-javascript" => match extension {
            _ if is_typescript => Kind::TypeScript,
            _ if is_entry => Kind::Module(ModuleKind::EsModule),
            _ => Kind::Module(ModuleKind::CommonJs),
        },
        "application/wasm" => Kind::Module(ModuleKind::Wasm),
        "application/json" => Kind::Module(ModuleKind::Json),
        "text/plain" | "text/html" => Kind::Module(ModuleKind::Text),
        "" | "application/octet-stream" => match extension {
            _ if is_typescript => Kind::TypeScript,
            "js" | "mjs" => Kind::Module(ModuleKind::EsModule),
            "cjs" => Kind::Module(ModuleKind::CommonJs),
            "json" if content_type.is_empty() => Kind::Module(ModuleKind::Json),
            "txt" | "html" | "sql" if content_type.is_empty() => Kind::Module(ModuleKind::Text),
            "wasm" => Kind::Module(ModuleKind::Wasm),
            _ if is_entry => Kind::Module(ModuleKind::EsModule),
            _ => Kind::Module(ModuleKind::Data),
        },
        _ => return None,
    })
}

/// A map belongs to the module it is named after; a lone one of another name to the main module. One that we made
/// ourselves while stripping types is more exact and stays.
fn attach(map: Part, modules: &mut [Module], entry: &str) -> Result<(), ApiError> {
    text(&map.name, &map.bytes)?;
    let stem = map.name.strip_suffix(".map").unwrap_or(&map.name);
    let stem = stem.strip_prefix("./").unwrap_or(stem);
    let at = modules.iter().position(|module| module.name == stem);
    let at = at.or_else(|| modules.iter().position(|module| module.name == entry));
    if let Some(module) = at.and_then(|at| modules.get_mut(at)) {
        module.source_map.get_or_insert_with(|| Arc::from(&map.bytes[..]));
    }
    Ok(())
}

fn text<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, ApiError> {
    std::str::from_utf8(bytes).map_err(|error| refused(format!("module {name:?} is not UTF-8: {error}")))
}

fn check_name(name: &str) -> Result<(), ApiError> {
    let is_path = !name.is_empty() && !name.starts_with('/') && !name.chars().any(char::is_control);
    if is_path && name.len() <= NAME_BYTES_MAX && !name.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        return Ok(());
    }
    let shown: String = name.chars().filter(|char| !char.is_control()).take(80).collect();
    Err(refused(format!("module name {shown:?} is not a relative path of at most {NAME_BYTES_MAX} bytes")))
}

fn refused(message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, 10021, message)
}

/// Content type of source maps.
const SOURCE_MAP: &str = "application/source-map";

/// Bytes of a module's name.
const NAME_BYTES_MAX: usize = 512;

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn part(name: &str, content_type: &str, bytes: &'static [u8]) -> Part {
        let (name, content_type) = (name.to_owned(), content_type.to_owned());
        Part { name, file_name: None, content_type, bytes: Bytes::from_static(bytes) }
    }

    struct FakeStrip;

    impl StripTypes for FakeStrip {
        fn strip<'a>(&'a self, name: &'a str, source: &'a str) -> BoxFuture<'a, Result<Stripped, StripRefusal>> {
            let stripped = match source {
                "bad" => Err(StripRefusal::Source(format!("{name}:1:1: unexpected"))),
                _ => Ok(Stripped { source: format!("js of {source}"), source_map: b"{}".to_vec() }),
            };
            Box::pin(std::future::ready(stripped))
        }

        fn scan<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Scanned, StripRefusal>> {
            Box::pin(std::future::ready(Err(StripRefusal::Source("not scanned".to_owned()))))
        }
    }

    async fn assembled(entry: &str, parts: Vec<Part>) -> Result<Code, ApiError> {
        let entry = Entry { name: entry.to_owned(), syntax: Syntax::Modules };
        assemble(entry, parts, String::new(), Vec::new(), &FakeStrip).await
    }

    /// Uploads one part of every type wrangler sends and of those other clients make up.
    #[tokio::test]
    async fn content_type_and_name_decide_what_a_part_is() {
        use ModuleKind::{CommonJs, Data, EsModule, Json, Text, Wasm};
        for (name, content_type, expected) in [
            ("a.js", "application/javascript+module", EsModule),
            ("a.js", "application/javascript", CommonJs),
            ("a.js", "", EsModule),
            ("a.mjs", "application/octet-stream", EsModule),
            ("a.cjs", "", CommonJs),
            ("a.wasm", "application/wasm", Wasm),
            ("a.bin", "application/octet-stream", Data),
            ("a.json", "application/json", Json),
            ("a.json", "text/plain", Text),
            ("a.json", "application/octet-stream", Data),
            ("a.txt", "text/plain", Text),
            ("a.ts", "application/typescript", EsModule),
            ("a.ts", "application/javascript+module", EsModule),
            ("a.mts", "", EsModule),
            ("a.ts", "video/mp2t", EsModule),
        ] {
            let main = part("main.js", "application/javascript+module", b"");
            let code = assembled("main.js", vec![main, part(name, content_type, b"x")]).await.expect("a script");
            let module = code.module(name).expect("the module");
            assert_eq!(module.kind, expected, "{name} {content_type}");
            let is_stripped = name.ends_with("ts");
            assert_eq!(&module.source[..] == b"js of x", is_stripped, "{name} {content_type}");
            assert_eq!(module.source_map.is_some(), is_stripped);
        }
    }

    /// Uploads what no script can be made of.
    #[tokio::test]
    async fn what_is_no_script_is_refused_by_name() {
        let main = || part("main.js", "application/javascript+module", b"");
        for (parts, telling) in [
            (vec![], "No such module"),
            (vec![main(), main()], "twice"),
            (vec![main(), part("./main.js", "application/javascript", b"")], "twice"),
            (vec![main(), part("a.py", "text/x-python", b"")], "text/x-python"),
            (vec![main(), part("a.js", "application/javascript", b"\xff")], "UTF-8"),
            (vec![main(), part("../a.js", "application/javascript", b"")], "../a.js"),
            (vec![main(), part("/a.js", "application/javascript", b"")], "/a.js"),
            (vec![main(), part("", "application/javascript", b"")], "relative path"),
            (vec![main(), part("a.ts", "application/typescript", b"bad")], "a.ts:1:1"),
        ] {
            let error = assembled("main.js", parts).await.expect_err("is refused");
            assert_eq!((error.status().as_u16(), error.code()), (400, 10021));
            assert!(format!("{error:?}").contains(telling), "{telling}: {error:?}");
        }
    }

    /// Uploads maps before and after their modules.
    #[tokio::test]
    async fn source_maps_find_their_modules() {
        let parts = vec![
            part("lib/a.js.map", SOURCE_MAP, b"map of a"),
            part("main.js", "application/javascript+module", b""),
            part("lib/a.js", "application/javascript+module", b""),
            part("index.js.map", SOURCE_MAP, b"map of main"),
        ];
        let code = assembled("main.js", parts).await.expect("a script");
        assert_eq!(code.modules.len(), 2);
        let map = |name: &str| code.module(name).and_then(|module| module.source_map.clone()).expect("a map");
        assert_eq!(&map("lib/a.js")[..], b"map of a");
        assert_eq!(&map("main.js")[..], b"map of main");
    }
}
