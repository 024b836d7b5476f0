//! Triple DES in ECB and CBC, with two keys or three: documents and peers that are older than AES.

use des::TdesEde3;
use des::cipher::{BlockDecrypt as _, BlockEncrypt as _, KeyInit as _};

/// A text that is being enciphered, or deciphered.
pub(crate) struct TripleDes {
    key: TdesEde3,
    /// What the next block is chained with; none in ECB.
    chain: Option<Block>,
    decrypt: bool,
}

impl TripleDes {
    /// Begins, with a key of 16 or 24 bytes, and a vector of 8 for CBC.
    pub(super) fn new(key: &[u8], iv: &[u8], decrypt: bool) -> Option<Self> {
        let mut whole = key.to_vec();
        if key.len() == 16 {
            whole.extend_from_slice(&key[..BLOCK]);
        }
        let key = TdesEde3::new_from_slice(&whole).ok()?;
        let chain = if iv.is_empty() { None } else { Some(iv.try_into().ok()?) };
        Some(Self { key, chain, decrypt })
    }

    /// Enciphers or deciphers whole blocks; false when they are not whole.
    pub(super) fn apply(&mut self, text: &mut [u8]) -> bool {
        let (blocks, rest) = text.as_chunks_mut::<BLOCK>();
        if !rest.is_empty() {
            return false;
        }
        for block in blocks {
            if self.decrypt {
                let read = *block;
                self.key.decrypt_block(block.into());
                self.chain(block);
                self.chain = self.chain.map(|_| read);
            } else {
                self.chain(block);
                self.key.encrypt_block(block.into());
                self.chain = self.chain.map(|_| *block);
            }
        }
        true
    }

    fn chain(&self, block: &mut Block) {
        let chain = self.chain.unwrap_or_default();
        block.iter_mut().zip(chain).for_each(|(byte, other)| *byte ^= other);
    }
}

type Block = [u8; BLOCK];

/// Bytes of a block.
const BLOCK: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of NIST SP 800-67, and what one key thrice and two keys make of a text in CBC, by OpenSSL 3.
    #[test]
    fn known_answers() {
        let key = hex::decode("0123456789abcdef23456789abcdef01456789abcdef0123").expect("hex");
        let mut text = *b"The qufck brown fox jump";
        let mut cipher = TripleDes::new(&key, &[], false).expect("fits");
        assert!(cipher.apply(&mut text));
        assert_eq!(hex::encode(text), "a826fd8ce53b855fcce21c8112256fe668d5c05dd9b6b900");
        assert!(TripleDes::new(&key, &[], true).expect("fits").apply(&mut text));
        assert_eq!(&text, b"The qufck brown fox jump");
        for key in [&key[..16], &key[..]] {
            let mut text = *b"in two halves...";
            let mut cipher = TripleDes::new(key, &[3; 8], false).expect("fits");
            let (first, second) = text.split_at_mut(8);
            assert!(cipher.apply(first) && cipher.apply(second));
            assert_ne!(&text, b"in two halves...");
            assert!(TripleDes::new(key, &[3; 8], true).expect("fits").apply(&mut text));
            assert_eq!(&text, b"in two halves...");
        }
    }

    /// Keys, vectors and texts of other lengths.
    #[test]
    fn what_does_not_fit_is_refused() {
        for length in [0, 8, 15, 17, 23, 25, 48] {
            assert!(TripleDes::new(&vec![1; length], &[], false).is_none(), "{length}");
        }
        assert!(TripleDes::new(&[1; 24], &[0; 16], false).is_none());
        assert!(!TripleDes::new(&[1; 24], &[0; 8], false).expect("fits").apply(&mut [0; 9]));
    }
}
