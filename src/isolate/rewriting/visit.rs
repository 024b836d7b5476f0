//! A visit: the parser is suspended inside a handler of ours, and the unit it was called for is reached from outside.
//!
//! Invariant: `Shared::unit` points to a unit exactly while the coroutine is suspended inside that unit's handler.

#![expect(unsafe_code, reason = "a suspended handler's unit and yielder are reached from outside their frames")]

use std::cell::{Cell, RefCell};
use std::ptr;
use std::sync::Arc;

use corosensei::Yielder;
use lol_html::HandlerResult;
use lol_html::html_content::{Comment, Doctype, DocumentEnd, Element, EndTag, StreamingHandlerSink, TextChunk};

use super::output::Output;
use super::{Event, Input};
use crate::isolate::gauge::MemoryGauge;

/// What a handler looks at. The lifetimes are those of the suspended frame.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    Element(*mut Element<'static, 'static>),
    EndTag(*mut EndTag<'static>),
    Text(*mut TextChunk<'static>),
    Comment(*mut Comment<'static>),
    Doctype(*mut Doctype<'static>),
    End(*mut DocumentEnd<'static>),
    Sink(*mut StreamingHandlerSink<'static>),
}

/// The same, for the time of one call.
pub(in crate::isolate) enum View<'a> {
    Element(&'a mut Element<'static, 'static>),
    EndTag(&'a mut EndTag<'static>),
    Text(&'a mut TextChunk<'static>),
    Comment(&'a mut Comment<'static>),
    Doctype(&'a mut Doctype<'static>),
    End(&'a mut DocumentEnd<'static>),
    Sink(&'a mut StreamingHandlerSink<'static>),
}

/// What the parser's stack and the outside both reach.
pub(super) struct Shared {
    pub(super) output: RefCell<Output>,
    unit: Cell<Option<Unit>>,
    /// The parser's own, while it is on its stack.
    yielder: Cell<Option<*const Yielder<Input, Event>>>,
    /// Numbers of handlers and streams that the parser has let go of.
    pub(super) forgotten: RefCell<Vec<u32>>,
}

impl Shared {
    pub(super) fn new(gauge: &Arc<MemoryGauge>) -> Self {
        Self {
            output: RefCell::new(Output::new(gauge)),
            unit: Cell::new(None),
            yielder: Cell::new(None),
            forgotten: RefCell::default(),
        }
    }

    /// The parser runs on this yielder's stack until what is returned is dropped there.
    pub(super) fn parse_with(&self, yielder: &Yielder<Input, Event>) -> Parsing<'_> {
        self.yielder.set(Some(ptr::from_ref(yielder)));
        Parsing(self)
    }

    /// Looks at the unit whose handler runs; none when no handler does.
    pub(super) fn with<R>(&self, look: impl FnOnce(View<'_>) -> R) -> Option<R> {
        let unit = self.unit.get()?;
        // SAFETY: by the invariant the pointer is to a unit that the suspended handler was lent mutably, and nobody else
        // uses it before the coroutine is resumed or dropped. Both need the `Rewriting` mutably, which lends itself to
        // call this, so neither happens during `look`, and the borrow does not outlive `look`. `look` cannot come here
        // again: it is given no `Rewriting`, and the op that calls it holds the only borrow of the cell that one is in.
        let view = unsafe {
            match unit {
                Unit::Element(unit) => View::Element(&mut *unit),
                Unit::EndTag(unit) => View::EndTag(&mut *unit),
                Unit::Text(unit) => View::Text(&mut *unit),
                Unit::Comment(unit) => View::Comment(&mut *unit),
                Unit::Doctype(unit) => View::Doctype(&mut *unit),
                Unit::End(unit) => View::End(&mut *unit),
                Unit::Sink(unit) => View::Sink(&mut *unit),
            }
        };
        Some(look(view))
    }

    /// Suspends the coroutine, on whose stack this runs, until the script's handler is done.
    pub(super) fn visit(&self, handler: u32, unit: Unit) -> HandlerResult {
        let Some(yielder) = self.yielder.get() else { return Err("no parser runs".into()) };
        self.unit.set(Some(unit));
        // SAFETY: `parse_with` sets the pointer to the coroutine's own yielder, and what it returns clears it before that
        // frame ends; handlers are called by the parser inside that frame only, on the same stack, so the yielder lives.
        let input = unsafe { (*yielder).suspend(Event::Handle(handler)) };
        self.unit.set(None);
        self.output.borrow_mut().note_progress();
        match input {
            Input::Continue => Ok(()),
            Input::Chunk(_) | Input::End => Err("a handler was not done".into()),
        }
    }
}

/// Clears the unit and the yielder however the parser's frame is left: returning, or unwound when it is dropped.
pub(super) struct Parsing<'a>(&'a Shared);

impl Drop for Parsing<'_> {
    fn drop(&mut self) {
        self.0.unit.set(None);
        self.0.yielder.set(None);
    }
}
