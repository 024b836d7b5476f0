//! What a rewriting is charged for: an upper bound of what the HTML parser keeps, from what it was fed.
//!
//! lol_html 3.0 bounds the bytes of an unfinished token and the elements that are open, but not what it derives from
//! them: places of attributes, names, selectors that are half matched. Here all of it is bounded by counting what could
//! lead to it. Pure but for the gauge; knows nothing of the parser.

use std::sync::Arc;

use crate::isolate::body::Held;
use crate::isolate::gauge::MemoryGauge;

/// What a script's selectors cost, by their text.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::isolate) struct Selectors {
    /// Of all of them.
    bytes: usize,
    /// At most so many places where one element is sought inside another.
    joins: usize,
    /// At most so many conditions on attributes.
    conditions: usize,
}

/// What one rewriting is charged now.
pub(super) struct Charge {
    gauge: Arc<MemoryGauge>,
    /// Of its stack, selectors and open elements.
    _fixed: Held,
    /// Of the token that has not ended yet.
    token: Option<Held>,
    /// Of the elements that may be open.
    elements: Vec<Held>,
    opened: u64,
    pending_bytes: u64,
    pending_separators: u64,
    selectors: Selectors,
}

impl Selectors {
    /// Counts one more selector; false when they are too many.
    #[must_use]
    pub(in crate::isolate) fn add(&mut self, selector: &str) -> bool {
        self.bytes += selector.len();
        self.joins += selector.bytes().filter(|byte| matches!(byte, b'>' | b' ' | b'\t' | b'\n' | b'\r' | 12)).count();
        self.conditions += selector.bytes().filter(|byte| matches!(byte, b'[' | b'.' | b'#')).count();
        self.bytes <= SELECTORS_BYTES_MAX && self.conditions <= CONDITIONS_MAX
    }

    /// How much of a document one step may take: matching cannot be stopped in its midst.
    pub(super) fn piece_bytes(&self) -> usize {
        match self.bytes {
            0..=512 => PIECE_BYTES_MAX,
            bytes => (PIECE_BYTES_MAX * 512 / bytes).max(PIECE_BYTES_MIN),
        }
    }

    /// How large a token may be, about: every condition may look at all of it.
    pub(super) fn token_bytes_max(&self) -> usize {
        (CONDITION_BYTES_MAX / self.conditions.max(1)).clamp(TOKEN_BYTES_MIN, PARSER_BYTES_MAX)
    }

    fn element_bytes(&self) -> u64 {
        ELEMENT_BYTES + 2 * JOIN_BYTES * self.joins as u64
    }
}

impl Charge {
    /// The charge of a new rewriting; none when there is no memory for it.
    pub(super) fn new(gauge: &Arc<MemoryGauge>, selectors: Selectors) -> Option<Self> {
        let fixed = Held::reserve(gauge, FIXED_BYTES + SELECTOR_FACTOR * selectors.bytes as u64)?;
        Some(Self {
            gauge: Arc::clone(gauge),
            _fixed: fixed,
            token: None,
            elements: Vec::new(),
            opened: 0,
            pending_bytes: 0,
            pending_separators: 0,
            selectors,
        })
    }

    /// Counts what the parser is about to be fed; false when there is no memory for what it may become.
    #[must_use]
    pub(super) fn feed(&mut self, piece: &[u8]) -> bool {
        self.pending_bytes += piece.len() as u64;
        self.pending_separators += piece.iter().filter(|byte| separates(**byte)).count() as u64;
        // The old reservation goes first: the two are never needed together.
        self.token = None;
        let bytes = self.pending_bytes.min(self.selectors.token_bytes_max() as u64 + PIECE_BYTES_MAX as u64);
        self.token = Held::reserve(&self.gauge, bytes + ATTRIBUTE_BYTES * self.pending_separators.min(bytes / 2));
        self.token.is_some() && self.open(piece.iter().filter(|byte| **byte == b'<').count() as u64)
    }

    /// The parser wants more. When it got anywhere with `last`, only that may be pending.
    pub(super) fn fed(&mut self, last: &[u8], got_anywhere: bool) {
        if got_anywhere {
            self.pending_bytes = last.len() as u64;
            self.pending_separators = last.iter().filter(|byte| separates(**byte)).count() as u64;
        }
    }

    /// Counts elements that may have been opened, up to as many as the parser has room for.
    fn open(&mut self, count: u64) -> bool {
        let before = self.opened;
        self.opened = (before + count).min(ELEMENTS_MAX);
        let more = (self.opened - before) * self.selectors.element_bytes();
        if more == 0 {
            return true;
        }
        let held = Held::reserve(&self.gauge, more);
        let fits = held.is_some();
        self.elements.extend(held);
        fits
    }
}

/// Whether an attribute can end or begin at this byte.
fn separates(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 12 | b'/' | b'"' | b'\'' | b'=')
}

/// What the parser may keep of a document: a token that spans pieces, and the elements that are open. Workers' own.
pub(super) const PARSER_BYTES_MAX: usize = 3 << 20;

/// The parser's stack: address space, of which a few pages are touched.
pub(super) const STACK_BYTES: usize = 512 << 10;

/// What stack, parser and output buffer count for.
const FIXED_BYTES: u64 = 64 << 10;

/// What a compiled selector takes for each byte of its text.
const SELECTOR_FACTOR: u64 = 64;

/// Of all selectors of a rewriter.
const SELECTORS_BYTES_MAX: usize = 8 << 10;
const CONDITIONS_MAX: usize = 256;

/// A step takes at most this much of a document, and with costly selectors not less than that.
const PIECE_BYTES_MAX: usize = 16 << 10;
const PIECE_BYTES_MIN: usize = 512;

/// Conditions times bytes of a token that one step may look at, unless the token is small.
const CONDITION_BYTES_MAX: usize = 8 << 20;
const TOKEN_BYTES_MIN: usize = 8 << 10;

/// What one attribute counts for: its places, and itself once a handler has looked.
const ATTRIBUTE_BYTES: u64 = 256;

/// What one open element counts for: its item on the parser's stack is in the parser's own bound as well.
const ELEMENT_BYTES: u64 = 192;

/// What one half matched selector of an open element counts for.
const JOIN_BYTES: u64 = 16;

/// The parser's own bound allows for fewer open elements than this.
const ELEMENTS_MAX: u64 = 32 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    /// A tag without end, of nothing but attributes; then a document of small tags.
    #[test]
    fn a_long_tag_is_charged_until_it_has_ended() {
        let gauge = MemoryGauge::new(64 << 20);
        let mut charge = Charge::new(&gauge, Selectors::default()).expect("it fits");
        let empty = gauge.buffer_bytes();
        let piece = "a ".repeat(8 << 10);
        assert!(charge.feed(piece.as_bytes()));
        charge.fed(piece.as_bytes(), false);
        assert!(gauge.buffer_bytes() > empty + 8192 * 256, "{}", gauge.buffer_bytes());
        let refused = (0..1000).find(|_| !charge.feed(piece.as_bytes()));
        assert!(refused.is_some(), "it does not grow for ever");
        drop(charge);
        assert_eq!(gauge.buffer_bytes(), 0);
        let mut charge = Charge::new(&gauge, Selectors::default()).expect("it fits");
        let piece = "<p>text</p>".repeat(1000);
        for _ in 0..10_000 {
            assert!(charge.feed(piece.as_bytes()));
            charge.fed(piece.as_bytes(), true);
        }
        assert!(gauge.buffer_bytes() < 8 << 20, "{}", gauge.buffer_bytes());
    }

    /// Few selectors, and as many as there may be.
    #[test]
    fn costly_selectors_take_small_steps() {
        let mut selectors = Selectors::default();
        assert!(selectors.add("a[href]"));
        assert_eq!(selectors.piece_bytes(), PIECE_BYTES_MAX);
        assert_eq!(selectors.token_bytes_max(), PARSER_BYTES_MAX);
        while selectors.add("[a*=b] [a*=c]") {}
        assert!(selectors.token_bytes_max() * selectors.conditions <= CONDITION_BYTES_MAX);
        let mut selectors = Selectors::default();
        while selectors.add("a b c d e f g h") {}
        assert!(selectors.piece_bytes() <= 1024);
    }
}
