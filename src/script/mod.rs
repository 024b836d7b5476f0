//! What a tenant uploads, before anything runs: modules, their kinds, and how they are kept.

mod code;

pub use code::{Code, CodeError, Module, ModuleKind, Syntax};
