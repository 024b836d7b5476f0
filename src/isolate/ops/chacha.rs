//! ChaCha20-Poly1305 as a stream, RFC 8439.

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit as _, StreamCipher as _, StreamCipherSeek as _};
use ghash::universal_hash::{KeyInit as _, UniversalHash as _};
use poly1305::Poly1305;

use super::tagged::Tagged;

/// A text that is being enciphered, or deciphered.
pub(crate) struct ChaCha {
    stream: ChaCha20,
    /// Until the tag was asked for.
    tagged: Option<Tagged<Poly1305>>,
    decrypt: bool,
}

impl ChaCha {
    /// Begins, with a key of 32 bytes and a vector of 12.
    pub(super) fn new(key: &[u8], iv: &[u8], decrypt: bool) -> Option<Self> {
        let mut stream = ChaCha20::new_from_slices(key, iv).ok()?;
        let mut mac_key = [0; 32];
        stream.apply_keystream(&mut mac_key);
        // The text starts with the next block of the key stream.
        stream.seek(64_u64);
        let tagged = Some(Tagged::new(Poly1305::new(&mac_key.into())));
        Some(Self { stream, tagged, decrypt })
    }

    /// Adds data that the tag covers beside the text; false when there has been text.
    pub(super) fn add(&mut self, data: &[u8]) -> bool {
        self.tagged.as_mut().is_some_and(|tagged| tagged.add(data))
    }

    /// Enciphers or deciphers `output`, which is a copy of `input`; false when the stream is used up.
    pub(super) fn apply(&mut self, input: &[u8], output: &mut [u8]) -> bool {
        let Some(tagged) = &mut self.tagged else { return false };
        if self.stream.try_apply_keystream(output).is_err() {
            return false;
        }
        tagged.text(if self.decrypt { input } else { output });
        true
    }

    /// The tag of all that was added, once.
    pub(super) fn tag(&mut self) -> Option<[u8; 16]> {
        let tagged = self.tagged.take()?;
        let lengths = u128::from(tagged.aad_bytes) | (u128::from(tagged.text_bytes) << 64);
        Some(tagged.end(&lengths.to_le_bytes()).finalize().into())
    }
}
