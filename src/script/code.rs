//! The code of one version: its modules and how the main one is to be read.
//!
//! [`Code`] is immutable and content-addressed: [`Code::encode`] gives the bytes that are stored and hashed,
//! [`Code::decode`] reads them back. Knows nothing of V8; sources are already JavaScript when they arrive here
//! (TypeScript is stripped at upload).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// How the main module is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Syntax {
    /// `export default { fetch(…) {…} }`.
    Modules,
    /// `addEventListener("fetch", …)`; bindings are globals.
    ServiceWorker,
}

/// What a module's bytes are, and so what importing it gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModuleKind {
    /// JavaScript with `import` and `export`.
    EsModule,
    /// JavaScript with `require` and `module.exports`; importing gives the exports as default.
    CommonJs,
    /// Importing gives the parsed value as default.
    Json,
    /// Importing gives a string as default.
    Text,
    /// Importing gives an `ArrayBuffer` as default.
    Data,
    /// Importing gives a `WebAssembly.Module` as default.
    Wasm,
}

impl ModuleKind {
    /// The content type such a module is uploaded and given back with.
    #[must_use]
    pub const fn content_type(self, syntax: Syntax) -> &'static str {
        match (self, syntax) {
            (Self::EsModule, Syntax::Modules) => "application/javascript+module",
            (Self::EsModule, Syntax::ServiceWorker) | (Self::CommonJs, _) => "application/javascript",
            (Self::Json, _) => "application/json",
            (Self::Text, _) => "text/plain",
            (Self::Data, _) => "application/octet-stream",
            (Self::Wasm, _) => "application/wasm",
        }
    }
}

/// One module of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// The path other modules import it by, relative to the script's root, without a leading `./`.
    pub name: String,
    /// What its bytes are.
    pub kind: ModuleKind,
    /// The bytes, UTF-8 for the text kinds.
    pub source: Arc<[u8]>,
    /// Maps positions in `source` back to what the tenant wrote (JSON, version 3); from TypeScript or a bundler.
    pub source_map: Option<Arc<[u8]>>,
}

/// All the code of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Name of the module that is evaluated first; present in `modules`.
    pub main_module: String,
    /// How the main module is written.
    pub syntax: Syntax,
    /// Every module, the main one among them; names are unique.
    pub modules: Vec<Module>,
    /// `compatibility_date` of the upload, `YYYY-MM-DD`, or empty.
    pub compatibility_date: String,
    /// `compatibility_flags` of the upload.
    pub compatibility_flags: Vec<String>,
}

/// Why stored bytes are not the code of a version.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// The header is damaged or of another format.
    #[error("read code header")]
    Header(#[from] serde_json::Error),
    /// The bytes end before the modules do, or go on after them.
    #[error("read code: {missing} bytes missing or left over")]
    Length {
        /// By how much, whichever way.
        missing: usize,
    },
}

#[derive(Serialize, Deserialize)]
struct Header {
    main_module: String,
    syntax: Syntax,
    compatibility_date: String,
    compatibility_flags: Vec<String>,
    modules: Vec<ModuleHeader>,
}

#[derive(Serialize, Deserialize)]
struct ModuleHeader {
    name: String,
    kind: ModuleKind,
    source_bytes: usize,
    source_map_bytes: Option<usize>,
}

impl Code {
    /// One ES module, `index.js`, with a compatibility date or an empty text.
    #[must_use]
    pub fn one_module(source: &str, compatibility_date: &str) -> Self {
        let name = "index.js".to_owned();
        let module = Module {
            name: name.clone(),
            kind: ModuleKind::EsModule,
            source: source.as_bytes().into(),
            source_map: None,
        };
        Self {
            main_module: name,
            syntax: Syntax::Modules,
            modules: vec![module],
            compatibility_date: compatibility_date.to_owned(),
            compatibility_flags: Vec::new(),
        }
    }

    /// The module of this name.
    #[must_use]
    pub fn module(&self, name: &str) -> Option<&Module> {
        self.modules.iter().find(|module| module.name == name)
    }

    /// Bytes of all sources together, without source maps: what the script size limit counts.
    #[must_use]
    pub fn source_bytes(&self) -> u64 {
        self.modules.iter().map(|module| module.source.len() as u64).sum()
    }

    /// The stored form: a line of JSON, then the sources one after the other. Equal code gives equal bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let header = Header {
            main_module: self.main_module.clone(),
            syntax: self.syntax,
            compatibility_date: self.compatibility_date.clone(),
            compatibility_flags: self.compatibility_flags.clone(),
            modules: self
                .modules
                .iter()
                .map(|module| ModuleHeader {
                    name: module.name.clone(),
                    kind: module.kind,
                    source_bytes: module.source.len(),
                    source_map_bytes: module.source_map.as_ref().map(|map| map.len()),
                })
                .collect(),
        };
        let mut bytes = serde_json::to_vec(&header).expect("strings and numbers are always JSON");
        bytes.push(b'\n');
        for module in &self.modules {
            bytes.extend_from_slice(&module.source);
            bytes.extend_from_slice(module.source_map.as_deref().unwrap_or_default());
        }
        bytes
    }

    /// Reads what [`Code::encode`] wrote.
    ///
    /// # Errors
    /// [`CodeError`] when the bytes are not that.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodeError> {
        let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
        let header: Header = serde_json::from_slice(&bytes[..end])?;
        let mut rest = bytes.get(end + 1..).unwrap_or_default();
        let mut take = |wanted: usize| -> Result<Arc<[u8]>, CodeError> {
            let Some((part, after)) = rest.split_at_checked(wanted) else {
                return Err(CodeError::Length { missing: wanted - rest.len() });
            };
            rest = after;
            Ok(part.into())
        };
        let mut modules = Vec::with_capacity(header.modules.len());
        for module in header.modules {
            modules.push(Module {
                name: module.name,
                kind: module.kind,
                source: take(module.source_bytes)?,
                source_map: module.source_map_bytes.map(&mut take).transpose()?,
            });
        }
        if !rest.is_empty() {
            return Err(CodeError::Length { missing: rest.len() });
        }
        Ok(Self {
            main_module: header.main_module,
            syntax: header.syntax,
            modules,
            compatibility_date: header.compatibility_date,
            compatibility_flags: header.compatibility_flags,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Code {
        let module = |name: &str, source: &[u8], map: Option<&[u8]>| Module {
            name: name.to_owned(),
            kind: ModuleKind::EsModule,
            source: source.into(),
            source_map: map.map(Into::into),
        };
        Code {
            main_module: "index.js".to_owned(),
            syntax: Syntax::Modules,
            modules: vec![
                module("index.js", b"import './a\n.js';", Some(b"{}")),
                module("empty.js", b"", None),
                module("a.bin", &[0, 10, 255], Some(b"")),
            ],
            compatibility_date: "2026-01-01".to_owned(),
            compatibility_flags: vec!["nodejs_compat".to_owned()],
        }
    }

    /// Encodes and decodes code with newlines, empty modules and maps.
    #[test]
    fn stored_code_reads_back_equal() {
        assert_eq!(Code::decode(&sample().encode()).expect("decodes"), sample());
    }

    /// Cuts the stored form at every length and adds a byte at the end.
    #[test]
    fn half_a_write_is_never_read_as_code() {
        let bytes = sample().encode();
        for end in 0..bytes.len() {
            assert!(Code::decode(&bytes[..end]).is_err(), "cut at {end}");
        }
        assert!(Code::decode(&[&bytes[..], b"x"].concat()).is_err());
    }
}
