//! Running the parser safely: a stack that fits the source, and positions people can use.
//!
//! oxc parses, analyses and prints by recursion, so its stack grows with how deeply a source is nested, and hostile
//! sources nest without end. [`on_parser_thread`] works out the most stack a source could take, without trusting any
//! guess of where strings and comments are, and runs the work on a thread that has it, or refuses. Memory is then
//! bounded; time is not (oxc backtracks): whoever parses a stranger's source uses [`super::Stripper`], which can be
//! killed. Knows nothing of TypeScript or modules.

use std::fmt;
use std::thread;

use oxc::diagnostics::{Diagnostics, OxcDiagnostic};
use serde::{Deserialize, Serialize};

/// What is wrong with a source, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct SyntaxError {
    /// The name the source was given.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in UTF-16 units, from 1, as V8 counts.
    pub column: u32,
    /// What the parser says, in one line.
    pub message: String,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

impl SyntaxError {
    /// An error at a byte offset of `source`; an offset past the end means the end.
    #[must_use]
    pub fn at(file: &str, source: &str, offset: usize, message: impl Into<String>) -> Self {
        let (line, column) = position(source, offset);
        Self { file: file.to_owned(), line, column, message: message.into() }
    }

    /// The first error among what oxc found, if one is there.
    pub(super) fn first_of(file: &str, source: &str, found: &Diagnostics) -> Option<Self> {
        let start = |error: &OxcDiagnostic| error.labels.first().map_or(0, |label| label.offset() as usize);
        let first = found.errors().min_by_key(|error| start(error))?;
        Some(Self::at(file, source, start(first), first.message.replace('\n', " ")))
    }

    fn whole_file(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: 1, column: 1, message: message.into() }
    }
}

/// Line and column (UTF-16 units) of a byte offset, both from 1.
pub(super) fn position(source: &str, offset: usize) -> (u32, u32) {
    let mut offset = offset.min(source.len());
    while !source.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &source[..offset];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before[line_start..].encode_utf16().count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

/// Runs `work`, which parses `source`, on a thread whose stack is large enough for anything the source could nest.
///
/// # Errors
/// [`SyntaxError`] when that would be more than [`STACK_BYTES_MAX`], or what `work` returns.
pub(super) fn on_parser_thread<T: Send>(
    file: &str,
    source: &str,
    work: impl FnOnce() -> Result<T, SyntaxError> + Send,
) -> Result<T, SyntaxError> {
    let stack_bytes = stack_bytes_for(source);
    let too_large = || {
        let bytes = source.len();
        let message =
            format!("the source is too large to be parsed here ({bytes} bytes); bundle it first and upload JavaScript");
        SyntaxError::whole_file(file, message)
    };
    if stack_bytes > STACK_BYTES_MAX {
        return Err(too_large());
    }
    thread::scope(|scope| {
        let started = thread::Builder::new().name("eyot-parse".to_owned()).stack_size(stack_bytes);
        // Not where the machine, or the limit of a child that parses, has no room for such a stack.
        let worker = started.spawn_scoped(scope, work).map_err(|_| too_large())?;
        match worker.join() {
            Ok(result) => result,
            Err(_) => Err(SyntaxError::whole_file(file, "the parser failed on this source")),
        }
    })
}

/// The most stack that a source with these bytes can make oxc use.
///
/// Every level of nesting takes at least one token, and a token is at least a run of word characters or one other
/// byte, wherever strings and comments begin and end; so charging each of those the most that a level was measured to
/// take is an upper bound that no trick of quoting gets under.
fn stack_bytes_for(source: &str) -> usize {
    let mut bytes = STACK_BYTES_BASE;
    let mut in_word = false;
    for byte in source.bytes() {
        let is_word = byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80;
        bytes += match byte {
            b'(' | b'[' | b'{' | b'<' => STACK_BYTES_PER_BRACKET,
            b' ' | b'\t' | b'\r' | b'\n' | b')' | b']' | b'}' | b';' | b',' => 0,
            _ if is_word && in_word => 0,
            _ if is_word => STACK_BYTES_PER_WORD,
            _ => STACK_BYTES_PER_MARK,
        };
        in_word = is_word;
    }
    bytes
}

/// Stack for what does not depend on the source.
const STACK_BYTES_BASE: usize = 1 << 20;
/// Measured with oxc 0.146: 2,446 bytes a level at most (nested classes: one word, one bracket), 1,823 for a literal.
const STACK_BYTES_PER_BRACKET: usize = 4_096;
/// Measured: 1,085 bytes a level for statements that hold statements.
const STACK_BYTES_PER_WORD: usize = 2_048;
/// Measured: 450 bytes a mark for arrows, 168 for operators.
const STACK_BYTES_PER_MARK: usize = 1_024;
/// Address space, of which only what is used becomes memory; minified bundles of 10 MiB stay under it.
const STACK_BYTES_MAX: usize = 16 << 30;

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks up offsets in a source with two-byte, four-byte and line-end characters, on and inside them.
    #[test]
    fn positions_count_lines_and_utf16_columns_from_one() {
        let source = "aé😀b\r\nc\n";
        assert_eq!(position(source, 0), (1, 1));
        assert_eq!(position(source, 1), (1, 2));
        assert_eq!(position(source, 2), (1, 2));
        assert_eq!(position(source, 3), (1, 3));
        assert_eq!(position(source, 7), (1, 5));
        assert_eq!(position(source, 10), (2, 1));
        assert_eq!(position(source, 12), (3, 1));
        assert_eq!(position(source, 999), (3, 1));
    }

    /// Hides brackets in what could be a string, a comment or a regular expression, and counts them all the same.
    #[test]
    fn quoting_never_lowers_the_stack_bound() {
        let open = "(".repeat(1_000);
        for hidden in [format!("'{open}'"), format!("/{open}/"), format!("//{open}"), format!("`{open}`")] {
            assert!(stack_bytes_for(&hidden) >= 1_000 * STACK_BYTES_PER_BRACKET, "{}", &hidden[..3]);
        }
        assert!(stack_bytes_for(&"word ".repeat(1_000)) >= 1_000 * STACK_BYTES_PER_WORD);
        assert_eq!(stack_bytes_for(&"w".repeat(1_000_000)), STACK_BYTES_BASE + STACK_BYTES_PER_WORD);
    }

    /// Runs work that panics and work that is refused for its size.
    #[test]
    fn a_failing_parser_is_an_error_of_the_source() {
        let error = on_parser_thread::<()>("a.ts", "x", || panic!("parser bug")).expect_err("panicked");
        assert_eq!(error.to_string(), "a.ts:1:1: the parser failed on this source");
        let huge = "(".repeat(5_000_000);
        let error = on_parser_thread("a.ts", &huge, || Ok(())).expect_err("too large");
        assert!(error.message.contains("too large"), "{error}");
    }
}
