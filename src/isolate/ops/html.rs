//! HTMLRewriter as JavaScript drives it: a document in pieces, and the unit whose handler runs.
//!
//! A rewriting is stepped until it wants more of the document, one of the script's handlers or one of its streams. What
//! handlers may do with their unit is in `html_unit.rs`.

use deno_core::{OpState, op2};
use deno_error::JsErrorBox;
use encoding_rs::Encoding;
use lol_html::{AsciiCompatibleEncoding, Selector};
use serde::Deserialize;

use super::kept::Kept;
use super::runs;
use crate::isolate::rewriting::{Event, Failure, Handler, Input, Rewriting, Selectors, Wanted};

/// A rewriting as JavaScript holds it; empty once it was given up.
pub(crate) type OpenRewriting = Kept<Option<Rewriting>>;

/// A script's handlers for a selector or, without one, for the document; each by its number.
#[derive(Deserialize)]
pub(super) struct Asked {
    selector: Option<String>,
    element: Option<u32>,
    comments: Option<u32>,
    text: Option<u32>,
    doctype: Option<u32>,
    end: Option<u32>,
}

/// Refuses a selector that does not parse.
#[op2(fast)]
pub(crate) fn op_eyot_html_check(#[string] selector: &str) -> Result<(), JsErrorBox> {
    parse_selector(selector).map(|_| ())
}

fn parse_selector(selector: &str) -> Result<Selector, JsErrorBox> {
    if selector.len() > SELECTOR_BYTES_MAX {
        return Err(parser_error(&format!("The selector is longer than {SELECTOR_BYTES_MAX} bytes.")));
    }
    selector.parse().map_err(|error: lol_html::errors::SelectorError| parser_error(&error.to_string()))
}

/// Begins to rewrite a document.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_html_begin(
    state: &mut OpState,
    #[serde] asked: Vec<Asked>,
    #[string] charset: &str,
) -> Result<OpenRewriting, JsErrorBox> {
    if asked.len() > HANDLERS_MAX {
        return Err(parser_error(&format!("There are more than {HANDLERS_MAX} handlers.")));
    }
    let encoding = Encoding::for_label_no_replacement(charset.as_bytes())
        .ok_or_else(|| parser_error("Unknown character encoding has been provided."))?;
    let encoding =
        AsciiCompatibleEncoding::new(encoding).ok_or_else(|| parser_error("Expected ASCII-compatible encoding."))?;
    let mut selectors = Selectors::default();
    let mut handlers = Vec::with_capacity(asked.len());
    for asked in asked {
        if !selectors.add(asked.selector.as_deref().unwrap_or_default()) {
            return Err(parser_error("The selectors are too many and too long."));
        }
        let selector = asked.selector.as_deref().map(parse_selector).transpose()?;
        let wanted = [(Wanted::Element, asked.element), (Wanted::Comments, asked.comments), (Wanted::Text, asked.text)];
        let wanted = wanted.into_iter().filter_map(|(wanted, id)| Some((wanted, id?))).collect();
        handlers.push(Handler { selector, wanted, doctype: asked.doctype, end: asked.end });
    }
    let gauge = runs(state).borrow().gauge.clone();
    let rewriting = Rewriting::new(handlers, encoding, selectors, &gauge);
    Ok(Kept::new(Some(rewriting.ok_or_else(no_memory)?)))
}

/// How much of the document one step takes.
#[op2(fast)]
pub(crate) fn op_eyot_html_piece_bytes(#[cppgc] rewriting: &OpenRewriting) -> Result<u32, JsErrorBox> {
    let bytes = rewriting.borrow()?.as_ref().map_or(0, Rewriting::piece_bytes);
    Ok(u32::try_from(bytes).unwrap_or(u32::MAX))
}

/// Takes the next step with a piece of the document: -1 when more of it is wanted, else the handler or stream that is.
#[op2]
#[smi]
pub(crate) fn op_eyot_html_write(
    #[cppgc] rewriting: &OpenRewriting,
    #[anybuffer] piece: &[u8],
) -> Result<i32, JsErrorBox> {
    step(rewriting, Input::Chunk(piece.to_vec()))
}

/// Takes the next step after a handler, or to the end of the document: -2 when that is reached.
#[op2(fast)]
#[smi]
pub(crate) fn op_eyot_html_step(#[cppgc] rewriting: &OpenRewriting, end: bool) -> Result<i32, JsErrorBox> {
    step(rewriting, if end { Input::End } else { Input::Continue })
}

fn step(rewriting: &OpenRewriting, input: Input) -> Result<i32, JsErrorBox> {
    let mut rewriting = rewriting.borrow()?;
    let stepped = rewriting.as_mut().ok_or_else(|| parser_error("It was given up."))?.step(input);
    match stepped {
        Ok(None) => Ok(ENDED),
        Ok(Some(Event::NeedInput)) => Ok(WANTS_MORE),
        Ok(Some(Event::Handle(number))) => Ok(i32::try_from(number).unwrap_or(ENDED)),
        Err(Failure::Parser(error)) => Err(parser_error(&error)),
        Err(Failure::Memory) => Err(no_memory()),
    }
}

/// How many bytes have been written and not been taken.
#[op2(fast)]
pub(crate) fn op_eyot_html_waiting(#[cppgc] rewriting: &OpenRewriting) -> Result<u32, JsErrorBox> {
    let waiting = rewriting.borrow()?.as_ref().map_or(0, Rewriting::waiting);
    u32::try_from(waiting).map_err(|_| no_memory())
}

/// Moves them to `into`, which is that long.
#[op2(fast)]
pub(crate) fn op_eyot_html_take(
    #[cppgc] rewriting: &OpenRewriting,
    #[buffer] into: &mut [u8],
) -> Result<(), JsErrorBox> {
    if let Some(rewriting) = rewriting.borrow()?.as_ref() {
        rewriting.take_output(into);
    }
    Ok(())
}

/// The number of a handler or stream that is not wanted any more; -1 when there is none.
#[op2(fast)]
#[smi]
pub(crate) fn op_eyot_html_forgotten(#[cppgc] rewriting: &OpenRewriting) -> Result<i32, JsErrorBox> {
    let number = rewriting.borrow()?.as_ref().and_then(Rewriting::take_forgotten);
    Ok(number.and_then(|number| i32::try_from(number).ok()).unwrap_or(WANTS_MORE))
}

/// Gives up a rewriting, wherever it is.
#[op2(fast)]
pub(crate) fn op_eyot_html_close(#[cppgc] rewriting: &OpenRewriting) -> Result<(), JsErrorBox> {
    drop(rewriting.borrow()?.take());
    Ok(())
}

fn parser_error(text: &str) -> JsErrorBox {
    JsErrorBox::type_error(format!("Parser error: {text}"))
}

pub(super) fn no_memory() -> JsErrorBox {
    JsErrorBox::range_error("The document does not fit under the memory cap.")
}

const WANTS_MORE: i32 = -1;
const ENDED: i32 = -2;

/// A selector is parsed and compiled in one go, which nothing can stop.
const SELECTOR_BYTES_MAX: usize = 1 << 10;

/// Each is tried on each element.
const HANDLERS_MAX: usize = 256;
