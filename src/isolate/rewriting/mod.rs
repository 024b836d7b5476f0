//! Rewriting HTML: a streaming parser that stops wherever a script's handler is to run.
//!
//! What the parser keeps, what it has put out and what handlers insert counts against the isolate's memory cap; how
//! much of a document one step takes depends on what the selectors cost, because nothing stops a step in its midst.

mod charge;
mod content;
mod handlers;
mod output;
mod parser;
mod visit;

pub(super) use charge::Selectors;
pub(super) use content::{Content, Place};
pub(super) use handlers::{Handler, Wanted};
pub(super) use parser::Rewriting;
pub(super) use visit::View;

/// What a step is given.
pub(super) enum Input {
    /// More of the document.
    Chunk(Vec<u8>),
    /// There is no more.
    End,
    /// The handler is done.
    Continue,
}

/// What a step led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// More of the document is wanted.
    NeedInput,
    /// This handler is to run, or this stream is wanted; its unit can be reached.
    Handle(u32),
}

/// Why a document cannot be rewritten any further.
#[derive(Debug)]
pub(super) enum Failure {
    /// The parser says so.
    Parser(String),
    /// There is no memory for it.
    Memory,
}

#[cfg(test)]
mod tests;
