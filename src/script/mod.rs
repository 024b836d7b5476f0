//! What a tenant uploads, before anything runs: modules, their kinds, how they are kept, how they are read.
//!
//! [`Code`] is what is stored. [`strip`] turns TypeScript into JavaScript, [`Stripper`] does it for strangers,
//! [`scan`] lists imports, [`load_project`] makes a [`Project`] of what `eyot deploy` and `eyot dev` are pointed at.
//! Nothing here executes a script.

mod check;
mod code;
pub mod compatibility;
mod isolated;
mod parse;
mod position;
mod project;
mod strip;
mod wasm;

pub use check::{Form, Import, Scan, scan};
pub use code::{Code, CodeError, Module, ModuleKind, Syntax};
pub use isolated::{CHILD_COMMAND, Scanned, StripError, Stripper, serve_one};
pub use parse::SyntaxError;
pub use position::Position;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use project::fuzzing::wrangler_config as fuzz_wrangler_config;
pub use project::{AssetFile, ProjectAssets};
pub use project::{KvBinding, LoadError, LoadOptions, Project, ProjectRoutes, Variable, load_project};
pub use strip::{Stripped, is_typescript, strip, strip_types_fast};
pub use wasm::{Memories, memories as wasm_memories};
