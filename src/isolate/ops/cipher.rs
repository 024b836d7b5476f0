//! The ciphers of `node:crypto` as streams: AES in ECB, CBC, CTR, OFB and GCM, ChaCha20-Poly1305, and triple DES.
//!
//! A stream works on whole blocks in ECB and CBC; padding, and the comparing of tags, are JavaScript's. The state is small
//! and its work linear in the input of one call.

use aes::cipher::{BlockDecrypt as _, BlockEncrypt as _, KeyInit as _};
use aes::{Aes128, Aes192, Aes256};
use deno_core::op2;
use deno_error::JsErrorBox;
use ghash::GHash;
use ghash::universal_hash::UniversalHash as _;

use super::chacha::ChaCha;
use super::kept::{Kept, apart};
use super::tagged::Tagged;
use super::triple_des::TripleDes;

/// A cipher in the middle of its text.
pub(crate) type CipherStream = Kept<Cipher>;

/// See [`CipherStream`].
pub(crate) enum Cipher {
    /// AES in one of its modes.
    Aes(Aes),
    /// RFC 8439.
    ChaCha(Box<ChaCha>),
    /// Of older documents.
    TripleDes(Box<TripleDes>),
}

/// AES in the middle of a text.
pub(crate) struct Aes {
    key: Key,
    mode: Mode,
    decrypt: bool,
    /// What the next block is chained with, or the next counter.
    chain: Block,
    /// What is left of the counter's last block, in the streaming modes.
    stream: Block,
    stream_used: usize,
    gcm: Option<Gcm>,
}

/// Begins: `mode` is 0 ECB, 1 CBC, 2 CTR, 3 GCM, 4 OFB, 5 ChaCha20-Poly1305, 6 triple DES.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_cipher_new(
    #[smi] mode: u32,
    #[buffer] key: &[u8],
    #[buffer] iv: &[u8],
    decrypt: bool,
) -> Result<CipherStream, JsErrorBox> {
    let invalid_iv = || JsErrorBox::type_error("Invalid initialization vector");
    if mode == 5 {
        let stream = ChaCha::new(key, iv, decrypt).ok_or_else(invalid_iv)?;
        return Ok(Kept::new(Cipher::ChaCha(Box::new(stream))));
    }
    let invalid_key = || JsErrorBox::range_error("Invalid key length");
    if mode == 6 {
        let stream = TripleDes::new(key, iv, decrypt).ok_or_else(invalid_key)?;
        return Ok(Kept::new(Cipher::TripleDes(Box::new(stream))));
    }
    let key = Key::new(key).ok_or_else(invalid_key)?;
    let mode = match mode {
        0 => Mode::Ecb,
        1 => Mode::Cbc,
        2 => Mode::Ctr,
        3 => Mode::Gcm,
        4 => Mode::Ofb,
        _ => return Err(JsErrorBox::type_error("no such mode")),
    };
    let (chain, gcm) = match mode {
        Mode::Ecb if iv.is_empty() => (Block::default(), None),
        Mode::Cbc | Mode::Ctr | Mode::Ofb => (iv.try_into().map_err(|_| invalid_iv())?, None),
        Mode::Gcm if !iv.is_empty() => {
            let (first, gcm) = Gcm::new(&key, iv);
            (next_counter(first, 4), Some(gcm))
        }
        Mode::Ecb | Mode::Gcm => return Err(invalid_iv()),
    };
    let stream_used = BLOCK;
    let aes = Aes { key, mode, decrypt, chain, stream: Block::default(), stream_used, gcm };
    Ok(Kept::new(Cipher::Aes(aes)))
}

/// Adds to what a tag covers besides the text; before the text.
#[op2(fast)]
pub(crate) fn op_eyot_cipher_aad(#[cppgc] cipher: &CipherStream, #[buffer] data: &[u8]) -> Result<(), JsErrorBox> {
    let taken = match &mut *cipher.borrow()? {
        Cipher::Aes(aes) => aes.gcm.as_mut().is_some_and(|gcm| gcm.tagged.add(data)),
        Cipher::ChaCha(chacha) => chacha.add(data),
        Cipher::TripleDes(_) => false,
    };
    taken.then_some(()).ok_or_else(|| JsErrorBox::generic("Unsupported state"))
}

/// Encrypts or decrypts `input` into `output`, which is as long.
#[op2(fast)]
pub(crate) fn op_eyot_cipher_apply(
    #[cppgc] cipher: &CipherStream,
    #[buffer] input: &[u8],
    #[buffer] output: &mut [u8],
) -> Result<(), JsErrorBox> {
    apart(input, output)?;
    let mut cipher = cipher.borrow()?;
    if input.len() != output.len() {
        return Err(JsErrorBox::range_error("input and output differ in length"));
    }
    output.copy_from_slice(input);
    match &mut *cipher {
        Cipher::Aes(aes) => aes.apply(input, output),
        Cipher::ChaCha(chacha) => {
            chacha.apply(input, output).then_some(()).ok_or_else(|| JsErrorBox::generic("Unsupported state"))
        }
        Cipher::TripleDes(des) => {
            des.apply(output).then_some(()).ok_or_else(|| JsErrorBox::range_error("not whole blocks"))
        }
    }
}

/// The tag of all that was added.
#[op2]
#[buffer]
pub(crate) fn op_eyot_cipher_tag(#[cppgc] cipher: &CipherStream) -> Result<Option<Vec<u8>>, JsErrorBox> {
    Ok(match &mut *cipher.borrow()? {
        Cipher::Aes(aes) => aes.gcm.take().map(|gcm| gcm.tag().to_vec()),
        Cipher::ChaCha(chacha) => chacha.tag().map(|tag| tag.to_vec()),
        Cipher::TripleDes(_) => None,
    })
}

#[derive(Clone, Copy)]
enum Mode {
    Ecb,
    Cbc,
    Ctr,
    Gcm,
    Ofb,
}

impl Aes {
    fn apply(&mut self, input: &[u8], output: &mut [u8]) -> Result<(), JsErrorBox> {
        match self.mode {
            Mode::Ecb | Mode::Cbc if !output.len().is_multiple_of(BLOCK) => {
                Err(JsErrorBox::range_error("not whole blocks"))
            }
            Mode::Ecb | Mode::Cbc => {
                output.as_chunks_mut().0.iter_mut().for_each(|block| self.block(block));
                Ok(())
            }
            Mode::Ctr | Mode::Ofb => {
                self.xor(output, BLOCK);
                Ok(())
            }
            Mode::Gcm => self.seal(input, output),
        }
    }

    fn block(&mut self, block: &mut Block) {
        let chained = matches!(self.mode, Mode::Cbc);
        if self.decrypt {
            let text = *block;
            self.key.decrypt(block);
            if chained {
                xor_into(block, &self.chain);
                self.chain = text;
            }
        } else {
            if chained {
                xor_into(block, &self.chain);
            }
            self.key.encrypt(block);
            self.chain = *block;
        }
    }

    /// Adds the key stream; the counter is the last `counted` bytes of its block.
    fn xor(&mut self, text: &mut [u8], counted: usize) {
        for byte in text {
            if self.stream_used == BLOCK {
                self.stream = self.chain;
                self.key.encrypt(&mut self.stream);
                self.chain =
                    if matches!(self.mode, Mode::Ofb) { self.stream } else { next_counter(self.chain, counted) };
                self.stream_used = 0;
            }
            *byte ^= self.stream[self.stream_used];
            self.stream_used += 1;
        }
    }

    fn seal(&mut self, input: &[u8], output: &mut [u8]) -> Result<(), JsErrorBox> {
        self.xor(output, 4);
        let Some(gcm) = &mut self.gcm else { return Err(JsErrorBox::generic("Unsupported state")) };
        gcm.tagged.text(if self.decrypt { input } else { output });
        Ok(())
    }
}

/// The authentication of GCM, NIST SP 800-38D.
struct Gcm {
    tagged: Tagged<GHash>,
    mask: Block,
}

impl Gcm {
    /// The first counter block, and the hash.
    fn new(key: &Key, iv: &[u8]) -> (Block, Self) {
        let mut subkey = Block::default();
        key.encrypt(&mut subkey);
        let hash = GHash::new(&subkey.into());
        let first = if let Ok(iv) = <[u8; 12]>::try_from(iv) {
            let mut first = Block::default();
            first[..12].copy_from_slice(&iv);
            first[15] = 1;
            first
        } else {
            let mut hash = hash.clone();
            hash.update_padded(iv);
            hash.update_padded(&(iv.len() as u128 * 8).to_be_bytes());
            hash.finalize().into()
        };
        let mut mask = first;
        key.encrypt(&mut mask);
        (first, Self { tagged: Tagged::new(hash), mask })
    }

    fn tag(self) -> Block {
        let (aad, text) = (self.tagged.aad_bytes, self.tagged.text_bytes);
        let lengths = ((u128::from(aad) * 8) << 64) | (u128::from(text) * 8);
        let mut tag: Block = self.tagged.end(&lengths.to_be_bytes()).finalize().into();
        xor_into(&mut tag, &self.mask);
        tag
    }
}

enum Key {
    Short(Box<Aes128>),
    Middle(Box<Aes192>),
    Long(Box<Aes256>),
}

impl Key {
    fn new(key: &[u8]) -> Option<Self> {
        match key.len() {
            16 => Aes128::new_from_slice(key).ok().map(|key| Self::Short(Box::new(key))),
            24 => Aes192::new_from_slice(key).ok().map(|key| Self::Middle(Box::new(key))),
            32 => Aes256::new_from_slice(key).ok().map(|key| Self::Long(Box::new(key))),
            _ => None,
        }
    }

    fn encrypt(&self, block: &mut Block) {
        match self {
            Self::Short(key) => key.encrypt_block(block.into()),
            Self::Middle(key) => key.encrypt_block(block.into()),
            Self::Long(key) => key.encrypt_block(block.into()),
        }
    }

    fn decrypt(&self, block: &mut Block) {
        match self {
            Self::Short(key) => key.decrypt_block(block.into()),
            Self::Middle(key) => key.decrypt_block(block.into()),
            Self::Long(key) => key.decrypt_block(block.into()),
        }
    }
}

type Block = [u8; BLOCK];

/// Bytes of an AES block.
const BLOCK: usize = 16;

fn xor_into(block: &mut Block, other: &Block) {
    for (byte, other) in block.iter_mut().zip(other) {
        *byte ^= other;
    }
}

/// The block with the number in its last `counted` bytes one higher, around to 0.
fn next_counter(mut block: Block, counted: usize) -> Block {
    for byte in block[BLOCK - counted..].iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
    block
}
