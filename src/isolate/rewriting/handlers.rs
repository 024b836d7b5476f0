//! What lol_html is told of a script's handlers: each becomes a visit that suspends the parser.

use std::borrow::Cow;
use std::ptr;
use std::rc::Rc;

use lol_html::html_content::{Comment, Doctype, DocumentEnd, Element, TextChunk};
use lol_html::{
    AsciiCompatibleEncoding, DocumentContentHandlers, ElementContentHandlers, MemorySettings, Selector, Settings,
};

use super::charge::Selectors;
use super::visit::{Shared, Unit};

/// What a handler of an element or of the document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::isolate) enum Wanted {
    /// Elements that match a selector.
    Element,
    /// Their comments, or the document's.
    Comments,
    /// Their text, or the document's.
    Text,
}

/// Which handler wants what: a selector, or the whole document. Handlers are known by number.
pub(in crate::isolate) struct Handler {
    /// `None` is the document.
    pub selector: Option<Selector>,
    /// What is wanted of it, and by which handler.
    pub wanted: Vec<(Wanted, u32)>,
    /// Of the document: its doctype's handler and its end's.
    pub doctype: Option<u32>,
    /// See `doctype`.
    pub end: Option<u32>,
}

/// The parser's settings for these handlers.
pub(super) fn settings(
    handlers: Vec<Handler>,
    encoding: AsciiCompatibleEncoding,
    selectors: Selectors,
    shared: &Rc<Shared>,
) -> Settings<'static, 'static> {
    let memory = MemorySettings::new()
        .with_preallocated_parsing_buffer_size(0)
        .with_max_allowed_memory_usage(selectors.token_bytes_max().max(ELEMENTS_BYTES));
    let settings = Settings::new().with_memory_settings(memory).with_encoding(encoding);
    handlers.into_iter().fold(settings, |settings, handler| add(settings, handler, shared))
}

fn add(settings: Settings<'static, 'static>, handler: Handler, shared: &Rc<Shared>) -> Settings<'static, 'static> {
    let Some(selector) = handler.selector else {
        return settings.append_document_content_handler(document(&handler, shared));
    };
    let mut content = ElementContentHandlers::default();
    for (wanted, id) in handler.wanted {
        let shared = Rc::clone(shared);
        content = match wanted {
            Wanted::Element => content
                .element(move |unit: &mut Element<'_, '_>| shared.visit(id, Unit::Element(ptr::from_mut(unit).cast()))),
            Wanted::Comments => content
                .comments(move |unit: &mut Comment<'_>| shared.visit(id, Unit::Comment(ptr::from_mut(unit).cast()))),
            Wanted::Text => {
                content.text(move |unit: &mut TextChunk<'_>| shared.visit(id, Unit::Text(ptr::from_mut(unit).cast())))
            }
        };
    }
    settings.append_element_content_handler((Cow::Owned(selector), content))
}

fn document(handler: &Handler, shared: &Rc<Shared>) -> DocumentContentHandlers<'static> {
    let mut content = DocumentContentHandlers::default();
    for (wanted, id) in &handler.wanted {
        let (shared, id) = (Rc::clone(shared), *id);
        content = match wanted {
            Wanted::Element => content,
            Wanted::Comments => content
                .comments(move |unit: &mut Comment<'_>| shared.visit(id, Unit::Comment(ptr::from_mut(unit).cast()))),
            Wanted::Text => {
                content.text(move |unit: &mut TextChunk<'_>| shared.visit(id, Unit::Text(ptr::from_mut(unit).cast())))
            }
        };
    }
    if let Some(id) = handler.doctype {
        let shared = Rc::clone(shared);
        content =
            content.doctype(move |unit: &mut Doctype<'_>| shared.visit(id, Unit::Doctype(ptr::from_mut(unit).cast())));
    }
    if let Some(id) = handler.end {
        let shared = Rc::clone(shared);
        content =
            content.end(move |unit: &mut DocumentEnd<'_>| shared.visit(id, Unit::End(ptr::from_mut(unit).cast())));
    }
    content
}

/// However small tokens must be, elements may be nested.
const ELEMENTS_BYTES: usize = 64 << 10;
