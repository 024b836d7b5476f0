//! One rewriting of an HTML document: lol_html on a stack of its own, suspended whenever a handler is to run.
//!
//! lol_html calls its handlers in the middle of parsing and wants an answer at once; the script's may be asynchronous. So
//! the parser runs as a coroutine: a handler of ours suspends it, the script's handler runs on the ordinary stack and
//! looks at the suspended unit through [`Rewriting::with`], and the next step resumes it. JavaScript never runs on the
//! coroutine's stack, so V8's stack limit holds.

use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;
use std::sync::Arc;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use lol_html::{HtmlRewriter, OutputSink};

use super::charge::{Charge, STACK_BYTES, Selectors};
use super::handlers::{Handler, settings};
use super::visit::{Shared, View};
use super::{Event, Failure, Input};
use crate::isolate::body::Held;
use crate::isolate::gauge::MemoryGauge;

/// A document that is being rewritten.
pub(in crate::isolate) struct Rewriting {
    coroutine: Coroutine<Input, Event, Result<(), Failure>>,
    shared: Rc<Shared>,
    charge: Charge,
    selectors: Selectors,
    /// The piece it was last fed.
    last: Vec<u8>,
    /// What handlers have given to units since more of the document was last wanted.
    kept: Vec<Held>,
}

impl Rewriting {
    /// A rewriting with these handlers; none when there is no memory for it.
    pub(in crate::isolate) fn new(
        handlers: Vec<Handler>,
        encoding: lol_html::AsciiCompatibleEncoding,
        selectors: Selectors,
        gauge: &Arc<MemoryGauge>,
    ) -> Option<Self> {
        let charge = Charge::new(gauge, selectors)?;
        let stack = DefaultStack::new(STACK_BYTES).ok()?;
        let shared = Rc::new(Shared::new(gauge));
        // Here and not on the coroutine's small stack: selectors are compiled by recursion.
        let settings = settings(handlers, encoding, selectors, &shared);
        let output = Rc::clone(&shared);
        let write = move |bytes: &[u8]| output.output.borrow_mut().write(bytes);
        // Boxed on its way to the other stack, to which only so much may be handed.
        let rewriter = Box::new(HtmlRewriter::new(settings, write));
        let inside = Rc::clone(&shared);
        let coroutine = Coroutine::with_stack(stack, move |yielder: &Yielder<Input, Event>, first| {
            let _parsing = inside.parse_with(yielder);
            parse(yielder, first, *rewriter)
        });
        Some(Self { coroutine, shared, charge, selectors, last: Vec::new(), kept: Vec::new() })
    }

    /// How much of the document one step may take.
    pub(in crate::isolate) fn piece_bytes(&self) -> usize {
        self.selectors.piece_bytes()
    }

    /// Goes on to the next event; none at the end of the document.
    ///
    /// # Errors
    /// Why the document cannot be rewritten any further.
    pub(in crate::isolate) fn step(&mut self, input: Input) -> Result<Option<Event>, Failure> {
        if self.coroutine.done() {
            return Err(Failure::Parser("The document has already ended.".to_owned()));
        }
        if let Input::Chunk(bytes) = &input {
            if !self.charge.feed(bytes) {
                return Err(Failure::Memory);
            }
            self.last.clone_from(bytes);
        }
        // A panic of the parser must not reach V8, whose frames cannot unwind. It leaves the coroutine ended.
        let stepped = match panic::catch_unwind(AssertUnwindSafe(|| self.coroutine.resume(input))) {
            Ok(CoroutineResult::Yield(event)) => Ok(Some(event)),
            Ok(CoroutineResult::Return(ended)) => ended.map(|()| None),
            Err(_) => Err(Failure::Parser("The parser failed.".to_owned())),
        };
        let mut output = self.shared.output.borrow_mut();
        if output.is_over() {
            return Err(Failure::Memory);
        }
        if let Ok(Some(Event::NeedInput)) = stepped {
            self.charge.fed(&self.last, output.take_progress());
            self.kept.clear();
        }
        stepped
    }

    /// Keeps what a handler gave to its unit counted for as long as the unit is there.
    pub(in crate::isolate) fn keep(&mut self, held: Held) {
        self.kept.push(held);
    }

    /// How much has been written and not been taken.
    pub(in crate::isolate) fn waiting(&self) -> usize {
        self.shared.output.borrow().bytes().len()
    }

    /// Moves what has been written into `into`, which is as long as [`Self::waiting`] said.
    pub(in crate::isolate) fn take_output(&self, into: &mut [u8]) {
        self.shared.output.borrow_mut().take(into);
    }

    /// The number of a handler or stream that will not be asked for again.
    pub(in crate::isolate) fn take_forgotten(&self) -> Option<u32> {
        self.shared.forgotten.borrow_mut().pop()
    }

    /// What the parser and its handlers share.
    pub(super) fn shared(&self) -> &Rc<Shared> {
        &self.shared
    }

    /// Looks at the unit whose handler runs; none when no handler does.
    pub(in crate::isolate) fn with<R>(&self, look: impl FnOnce(View<'_>) -> R) -> Option<R> {
        self.shared.with(look)
    }
}

/// The coroutine's whole life.
fn parse(
    yielder: &Yielder<Input, Event>,
    first: Input,
    mut rewriter: HtmlRewriter<'static, impl OutputSink>,
) -> Result<(), Failure> {
    let mut input = first;
    loop {
        match input {
            Input::Chunk(bytes) => rewriter.write(&bytes).map_err(|error| Failure::Parser(error.to_string()))?,
            Input::End => return rewriter.end().map_err(|error| Failure::Parser(error.to_string())),
            Input::Continue => {}
        }
        input = yielder.suspend(Event::NeedInput);
    }
}
