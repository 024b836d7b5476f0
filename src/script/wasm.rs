//! The memories a WASM module defines, read from its binary format
//! (<https://webassembly.github.io/spec/core/binary/modules.html>).
//!
//! V8 decides what is a valid module. This reads the one section that says what each instance will map, and answers
//! nothing about a module it cannot follow.

/// The memories of a module, the imported ones aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memories {
    /// How many each instance has.
    pub count: u32,
    /// Whether one of them is shared.
    pub shared: bool,
}

/// Reads them; nothing when these bytes are no module.
#[must_use]
pub fn memories(module: &[u8]) -> Option<Memories> {
    let mut rest = module.strip_prefix(MAGIC)?;
    let mut found = Memories { count: 0, shared: false };
    while let Some((&id, after)) = rest.split_first() {
        rest = after;
        let length = usize::try_from(number(&mut rest)?).ok()?;
        let (section, after) = rest.split_at_checked(length)?;
        rest = after;
        if id == MEMORY_SECTION {
            read(section, &mut found)?;
        }
    }
    Some(found)
}

fn read(mut section: &[u8], found: &mut Memories) -> Option<()> {
    let count = u32::try_from(number(&mut section)?).ok()?;
    for _ in 0..count {
        let (&flags, after) = section.split_first()?;
        section = after;
        number(&mut section)?;
        if flags & HAS_MAXIMUM != 0 {
            number(&mut section)?;
        }
        if flags & HAS_PAGE_SIZE != 0 {
            number(&mut section)?;
        }
        found.shared |= flags & SHARED != 0;
    }
    found.count = found.count.checked_add(count)?;
    Some(())
}

/// A LEB128 number of at most 64 bits.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, after) = bytes.split_first()?;
        *bytes = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// What a module begins with: its magic number and version 1.
const MAGIC: &[u8] = b"\0asm\x01\0\0\0";

const MEMORY_SECTION: u8 = 5;

const HAS_MAXIMUM: u8 = 1;
const SHARED: u8 = 2;
const HAS_PAGE_SIZE: u8 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    /// Modules as assemblers write them, and what is none.
    #[test]
    fn memories_are_counted_and_shared_ones_seen() {
        let module = |sections: &[u8]| [MAGIC, sections].concat();
        let memories = |count, shared| Some(Memories { count, shared });
        for (sections, expected) in [
            (&b""[..], memories(0, false)),
            // A custom section, then a memory of one page.
            (b"\x00\x03\x01ax\x05\x03\x01\x00\x01", memories(1, false)),
            (b"\x05\x06\x02\x00\x00\x01\x01\x02", memories(2, false)),
            (b"\x05\x04\x01\x03\x01\x01", memories(1, true)),
            // Sections out of order or twice are for V8 to refuse.
            (b"\x05\x03\x01\x00\x00\x05\x03\x01\x00\x00", memories(2, false)),
            (b"\x05\x03\x02\x00\x00", None),
            (b"\x05\x7f", None),
            (b"\x05", None),
            (b"\x05\x05\xff\xff\xff\xff\x0f", None),
        ] {
            assert_eq!(super::memories(&module(sections)), expected, "{sections:?}");
        }
        assert_eq!(super::memories(b"\0asm\x02\0\0\0"), None);
        assert_eq!(super::memories(b""), None);
    }
}
