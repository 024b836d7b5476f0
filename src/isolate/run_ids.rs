//! Ids of runs as keys of a table: counted up by ourselves, so that nobody can choose them and a multiplication will do.

use std::hash::Hasher;

/// The id after `last` that is not taken: a run may last while all others are given out.
pub(super) fn next_free(last: u32, is_taken: impl Fn(u32) -> bool) -> u32 {
    let mut id = last;
    loop {
        id = id.checked_add(1).unwrap_or(1);
        if !is_taken(id) {
            return id;
        }
    }
}

/// Hashes ids of runs, which we count up ourselves and nobody can choose.
#[derive(Debug, Default)]
pub struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u32(&mut self, id: u32) {
        // The table looks at the lowest bits and at the highest.
        self.0 = (self.0 ^ u64::from(id)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
