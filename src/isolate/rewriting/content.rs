//! What a script inserts into a document: text or markup that is there, or a stream that is read when its place comes.
//!
//! Both are given to lol_html as writers that it calls once: so the bytes of a string stay counted for exactly as long as
//! the parser keeps them, which for what follows an element is until its end tag.

#![expect(unsafe_code, reason = "lol_html wants writers that could be sent to other threads; ours never are")]

use std::ptr;
use std::rc::Rc;

use lol_html::html_content::{ContentType, StreamingHandler, StreamingHandlerSink};

use super::parser::Rewriting;
use super::visit::{Shared, Unit, View};
use crate::isolate::body::Held;

/// Where content goes, seen from the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::isolate) enum Place {
    /// In front of it.
    Before,
    /// Behind it.
    After,
    /// Into it, in front of what it has.
    Prepend,
    /// Into it, behind what it has.
    Append,
    /// Instead of it.
    Replace,
    /// Instead of what it has.
    Inside,
}

/// What goes there.
pub(in crate::isolate) enum Content {
    /// A string, and what it is counted as.
    Written(String, Held),
    /// A stream of this number.
    Stream(u32, Held),
}

/// Something of the script's that the parser keeps; when it lets go, the script's side may forget it.
pub(super) struct Kept {
    number: u32,
    shared: Rc<Shared>,
    _held: Held,
}

struct Writer {
    source: Source,
    kind: ContentType,
}

enum Source {
    Written(String, Held),
    Stream(Kept),
}

impl Rewriting {
    /// Inserts content; none when the unit whose handler runs has no such place.
    pub(in crate::isolate) fn insert(&self, place: Place, content: Content, kind: ContentType) -> Option<()> {
        let writer = |content| {
            let source = match content {
                Content::Written(text, held) => Source::Written(text, held),
                Content::Stream(number, held) => Source::Stream(Kept::new(number, held, self.shared())),
            };
            Box::new(Writer { source, kind })
        };
        let inserted = self.with(|view| {
            match (view, place) {
                (View::Element(unit), Place::Before) => unit.streaming_before(writer(content)),
                (View::Element(unit), Place::After) => unit.streaming_after(writer(content)),
                (View::Element(unit), Place::Prepend) => unit.streaming_prepend(writer(content)),
                (View::Element(unit), Place::Append) => unit.streaming_append(writer(content)),
                (View::Element(unit), Place::Replace) => unit.streaming_replace(writer(content)),
                (View::Element(unit), Place::Inside) => unit.streaming_set_inner_content(writer(content)),
                (View::EndTag(unit), Place::Before) => unit.streaming_before(writer(content)),
                (View::EndTag(unit), Place::After) => unit.streaming_after(writer(content)),
                (View::Text(unit), Place::Before) => unit.streaming_before(writer(content)),
                (View::Text(unit), Place::After) => unit.streaming_after(writer(content)),
                (View::Text(unit), Place::Replace) => unit.streaming_replace(writer(content)),
                (View::Comment(unit), Place::Before) => unit.streaming_before(writer(content)),
                (View::Comment(unit), Place::After) => unit.streaming_after(writer(content)),
                (View::Comment(unit), Place::Replace) => unit.streaming_replace(writer(content)),
                (View::End(unit), Place::Append) => match content {
                    Content::Written(text, _held) => unit.append(&text, kind),
                    Content::Stream(..) => return None,
                },
                _ => return None,
            }
            Some(())
        });
        inserted.flatten()
    }

    /// Adds a handler for the end tag of the element whose handler runs.
    ///
    /// # Errors
    /// Why it cannot have one.
    pub(in crate::isolate) fn on_end_tag(&self, handler: u32, held: Held) -> Result<(), String> {
        let shared = self.shared();
        let kept = Kept::new(handler, held, shared);
        let added = self.with(|view| {
            let View::Element(element) = view else { return Err("Only elements have end tags.".to_owned()) };
            // As on Workers: an element has one such handler, the last.
            if let Some(handlers) = element.end_tag_handlers() {
                handlers.clear();
            }
            element
                .on_end_tag(Box::new(move |tag| {
                    kept.shared.visit(kept.number, Unit::EndTag(ptr::from_mut(tag).cast()))
                }))
                .map_err(|error| error.to_string())
        });
        added.unwrap_or_else(|| Err("No handler runs.".to_owned()))
    }
}

impl Kept {
    fn new(number: u32, held: Held, shared: &Rc<Shared>) -> Self {
        Self { number, shared: Rc::clone(shared), _held: held }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.shared.forgotten.borrow_mut().push(self.number);
    }
}

// SAFETY: a writer is made on its isolate's thread and given to a parser that lives in a coroutine of the same thread.
// That parser is not `Send` itself and is dropped by the isolate's heap, whose finalizers run on that thread; lol_html
// starts no threads. So neither the `Rc` nor anything else in here is ever touched by another one.
unsafe impl Send for Writer {}

impl StreamingHandler for Writer {
    fn write_all(self: Box<Self>, sink: &mut StreamingHandlerSink<'_>) -> lol_html::HandlerResult {
        match self.source {
            Source::Written(text, _held) => {
                sink.write_str(&text, self.kind);
                Ok(())
            }
            Source::Stream(kept) => kept.shared.visit(kept.number, Unit::Sink(ptr::from_mut(sink).cast())),
        }
    }
}
