//! The hashes behind `node:crypto`, and what is made of them: HMAC, HKDF, PBKDF2, scrypt.
//!
//! PBKDF2 goes on in steps, so that a CPU budget that runs out ends it between two of them. Of scrypt one call is one
//! step: its work and its memory are capped.

use deno_core::{OpState, op2};
use deno_error::JsErrorBox;
use digest::DynDigest;

use super::kept::Kept;
use super::runs;
use crate::isolate::body::Held;

/// A hash in the middle of its input.
pub(crate) type HashStream = Kept<Hash>;

/// A derivation in the middle of its iterations.
pub(crate) type Pbkdf2Stream = Kept<Pbkdf2>;

/// See [`HashStream`].
pub(crate) struct Hash(Box<dyn DynDigest>);

/// Begins a hash; none when there is no such algorithm.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_hash_new(#[string] algorithm: &str) -> Result<HashStream, JsErrorBox> {
    hash_of(algorithm).map(|hash| Kept::new(Hash(hash)))
}

/// Adds input.
#[op2(fast)]
pub(crate) fn op_eyot_hash_update(#[cppgc] hash: &HashStream, #[buffer] input: &[u8]) -> Result<(), JsErrorBox> {
    hash.borrow()?.0.update(input);
    Ok(())
}

/// The digest of what was added so far; the hash begins anew.
#[op2]
#[buffer]
pub(crate) fn op_eyot_hash_digest(#[cppgc] hash: &HashStream) -> Result<Vec<u8>, JsErrorBox> {
    Ok(hash.borrow()?.0.finalize_reset().into_vec())
}

/// Another hash that goes on from here.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_hash_copy(#[cppgc] hash: &HashStream) -> Result<HashStream, JsErrorBox> {
    Ok(Kept::new(Hash(hash.borrow()?.0.box_clone())))
}

/// HKDF, RFC 5869, into `output`.
#[op2(fast)]
pub(crate) fn op_eyot_hash_hkdf(
    #[string] algorithm: &str,
    #[buffer] key: &[u8],
    #[buffer] salt: &[u8],
    #[buffer] info: &[u8],
    #[buffer] output: &mut [u8],
) -> Result<(), JsErrorBox> {
    let extract = Hmac::new(hash_of(algorithm)?, algorithm, salt);
    let expand = Hmac::new(hash_of(algorithm)?, algorithm, &extract.of(&[key]));
    let mut block = Vec::new();
    for (number, part) in output.chunks_mut(extract.0.output_size()).enumerate() {
        let number = u8::try_from(number + 1).map_err(|_| JsErrorBox::range_error("Invalid key length"))?;
        block = expand.of(&[&block, info, &[number]]);
        part.copy_from_slice(&block[..part.len()]);
    }
    Ok(())
}

/// See [`Pbkdf2Stream`].
pub(crate) struct Pbkdf2 {
    mac: Hmac,
    salt: Vec<u8>,
    iterations: u32,
    /// Iterations of the present block that are done.
    done: u32,
    block: u32,
    last: Vec<u8>,
    sum: Vec<u8>,
}

/// Begins PBKDF2, RFC 8018.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_hash_pbkdf2_begin(
    #[string] algorithm: &str,
    #[buffer] password: &[u8],
    #[buffer] salt: &[u8],
    iterations: u32,
) -> Result<Pbkdf2Stream, JsErrorBox> {
    let mac = Hmac::new(hash_of(algorithm)?, algorithm, password);
    let salt = salt.to_vec();
    let state = Pbkdf2 { mac, salt, iterations, done: 0, block: 1, last: Vec::new(), sum: Vec::new() };
    Ok(Kept::new(state))
}

/// Does a bounded number of iterations; gives the next block of output once it is whole.
#[op2]
#[buffer]
pub(crate) fn op_eyot_hash_pbkdf2_step(#[cppgc] stream: &Pbkdf2Stream) -> Result<Option<Vec<u8>>, JsErrorBox> {
    let mut state = stream.borrow()?;
    let state = &mut *state;
    if state.done == 0 {
        state.last = state.mac.of(&[&state.salt, &state.block.to_be_bytes()]);
        state.sum = state.last.clone();
        state.done = 1;
    }
    let until = state.iterations.min(state.done.saturating_add(ITERATIONS_A_STEP));
    while state.done < until {
        state.last = state.mac.of(&[&state.last]);
        for (sum, byte) in state.sum.iter_mut().zip(&state.last) {
            *sum ^= byte;
        }
        state.done += 1;
    }
    if state.done < state.iterations {
        return Ok(None);
    }
    state.done = 0;
    state.block = state.block.checked_add(1).ok_or_else(|| JsErrorBox::range_error("Invalid key length"))?;
    Ok(Some(std::mem::take(&mut state.sum)))
}

/// scrypt, RFC 7914, into `output`.
#[op2(fast)]
pub(crate) fn op_eyot_hash_scrypt(
    state: &mut OpState,
    #[buffer] password: &[u8],
    #[buffer] salt: &[u8],
    #[smi] cost_log2: u32,
    block_size: u32,
    parallelization: u32,
    #[buffer] output: &mut [u8],
) -> Result<(), JsErrorBox> {
    let refused = || JsErrorBox::range_error("Invalid scrypt params: memory limit exceeded");
    let memory = 1_u64.checked_shl(cost_log2).and_then(|cost| cost.checked_mul(u64::from(block_size)));
    let work = memory.and_then(|memory| memory.checked_mul(u64::from(parallelization)));
    if work.is_none_or(|work| work > SCRYPT_WORK_MAX) {
        return Err(refused());
    }
    let gauge = runs(state).borrow().gauge.clone();
    let _held = Held::reserve(&gauge, memory.unwrap_or(0).saturating_mul(128) + (1 << 20)).ok_or_else(refused)?;
    let cost_log2 = u8::try_from(cost_log2).map_err(|_| refused())?;
    let params = scrypt::Params::new(cost_log2, block_size, parallelization, scrypt::Params::RECOMMENDED_LEN);
    let params = params.map_err(|_| JsErrorBox::range_error("Invalid scrypt params"))?;
    scrypt::scrypt(password, salt, &params, output).map_err(|_| JsErrorBox::range_error("Invalid key length"))
}

/// A keyed hash: the inner and the outer one with their keys in.
struct Hmac(Box<dyn DynDigest>, Box<dyn DynDigest>);

impl Hmac {
    fn new(mut hash: Box<dyn DynDigest>, algorithm: &str, key: &[u8]) -> Self {
        let block = block_bytes(algorithm);
        let mut padded = if key.len() > block {
            hash.update(key);
            hash.finalize_reset().into_vec()
        } else {
            key.to_vec()
        };
        padded.resize(block, 0);
        let mut outer = hash.box_clone();
        hash.update(&padded.iter().map(|byte| byte ^ 0x36).collect::<Vec<u8>>());
        outer.update(&padded.iter().map(|byte| byte ^ 0x5c).collect::<Vec<u8>>());
        Self(hash, outer)
    }

    fn of(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut inner = self.0.box_clone();
        for part in parts {
            inner.update(part);
        }
        let mut outer = self.1.box_clone();
        outer.update(&inner.finalize());
        outer.finalize().into_vec()
    }
}

fn hash_of(algorithm: &str) -> Result<Box<dyn DynDigest>, JsErrorBox> {
    Ok(match algorithm {
        "md5" => Box::new(md5::Md5::default()),
        "ripemd160" => Box::new(ripemd::Ripemd160::default()),
        "sha1" => Box::new(sha1::Sha1::default()),
        "sha224" => Box::new(sha2::Sha224::default()),
        "sha256" => Box::new(sha2::Sha256::default()),
        "sha384" => Box::new(sha2::Sha384::default()),
        "sha512" => Box::new(sha2::Sha512::default()),
        "sha512-224" => Box::new(sha2::Sha512_224::default()),
        "sha512-256" => Box::new(sha2::Sha512_256::default()),
        "sha3-224" => Box::new(sha3::Sha3_224::default()),
        "sha3-256" => Box::new(sha3::Sha3_256::default()),
        "sha3-384" => Box::new(sha3::Sha3_384::default()),
        "sha3-512" => Box::new(sha3::Sha3_512::default()),
        _ => return Err(JsErrorBox::generic("Digest method not supported")),
    })
}

fn block_bytes(algorithm: &str) -> usize {
    match algorithm {
        "sha384" | "sha512" | "sha512-224" | "sha512-256" => 128,
        "sha3-224" => 144,
        "sha3-256" => 136,
        "sha3-384" => 104,
        "sha3-512" => 72,
        _ => 64,
    }
}

/// About a millisecond's worth.
const ITERATIONS_A_STEP: u32 = 1_000;

/// N times r times p: four times Node's defaults.
const SCRYPT_WORK_MAX: u64 = 1 << 19;
