//! What an authenticated cipher's tag is made of: data, then text, each filled up to whole blocks, and their lengths.

use ghash::universal_hash::UniversalHash;

/// The hash under a tag, and how much it has been given.
pub(super) struct Tagged<H> {
    hash: H,
    /// The beginning of a block.
    partial: Vec<u8>,
    /// Bytes that were added beside the text.
    pub(super) aad_bytes: u64,
    /// Bytes of the text.
    pub(super) text_bytes: u64,
}

impl<H: UniversalHash> Tagged<H> {
    /// Nothing yet.
    pub(super) fn new(hash: H) -> Self {
        Self { hash, partial: Vec::new(), aad_bytes: 0, text_bytes: 0 }
    }

    /// Adds data beside the text; false when there has been text.
    pub(super) fn add(&mut self, data: &[u8]) -> bool {
        if self.text_bytes > 0 {
            return false;
        }
        self.aad_bytes += data.len() as u64;
        self.absorb(data);
        true
    }

    /// Adds enciphered text.
    pub(super) fn text(&mut self, text: &[u8]) {
        if self.text_bytes == 0 {
            self.pad();
        }
        self.text_bytes += text.len() as u64;
        self.absorb(text);
    }

    /// The hash, after the lengths.
    pub(super) fn end(mut self, lengths: &[u8]) -> H {
        self.pad();
        self.hash.update_padded(lengths);
        self.hash
    }

    fn absorb(&mut self, mut data: &[u8]) {
        if !self.partial.is_empty() {
            let (head, rest) = data.split_at(data.len().min(BLOCK - self.partial.len()));
            self.partial.extend_from_slice(head);
            data = rest;
            if self.partial.len() == BLOCK {
                self.pad();
            }
        }
        let (whole, rest) = data.split_at(data.len() - data.len() % BLOCK);
        self.hash.update_padded(whole);
        self.partial.extend_from_slice(rest);
    }

    fn pad(&mut self) {
        self.hash.update_padded(&self.partial);
        self.partial.clear();
    }
}

/// Bytes of a block of GHASH and of Poly1305.
const BLOCK: usize = 16;
