//! What `node:crypto` does with keys: signatures, RSA encryption, key agreement.
//!
//! One op is one step that cannot be stopped; what it may cost follows from the caps on the size of keys.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use curve25519_dalek::MontgomeryPoint;
use deno_core::op2;
use deno_error::JsErrorBox;
use digest::{Digest, DynDigest};
use elliptic_curve::{CurveArithmetic, PublicKey, SecretKey};
use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier as _};
use rsa::hazmat::{rsa_decrypt_and_check, rsa_encrypt};
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts as _;
use rsa::{BigUint, Oaep, Pkcs1v15Encrypt, Pkcs1v15Sign, Pss};

use super::key::{KeptKey, Private, Public, guarded, invalid, unsupported};

/// A signature of a digest. Of PSS a salt length below zero is that of the digest (-1) or the longest (-2); `encoding` of
/// a point's signature is 0 for DER, 1 for its two numbers.
#[op2]
#[buffer]
pub(crate) fn op_eyot_key_sign(
    #[cppgc] key: &KeptKey,
    #[buffer] digest: &[u8],
    #[string] algorithm: &str,
    #[smi] salt_length: i32,
    #[smi] padding: u32,
    #[smi] encoding: u32,
) -> Result<Vec<u8>, JsErrorBox> {
    macro_rules! by_curve {
        ($signature:expr) => {{
            let signature = $signature.map_err(invalid)?;
            Ok(if encoding == 0 { signature.to_der().as_bytes().to_vec() } else { signature.to_bytes().to_vec() })
        }};
    }
    guarded(|| match key.borrow()?.part.private()? {
        Private::Rsa(key) if padding == PSS => {
            let salt = salt_bytes(salt_length, key.size(), digest.len(), MAX_SALT)?;
            key.sign_with_rng(&mut OsRng, pss(algorithm, salt)?, digest).map_err(invalid)
        }
        Private::Rsa(key) => key.sign_with_rng(&mut OsRng, prefixed(algorithm)?, digest).map_err(invalid),
        Private::P256(key) => by_curve!(p256_signer(key).sign_prehash(&widened(digest, 32))),
        Private::P384(key) => by_curve!(p384_signer(key).sign_prehash(&widened(digest, 48))),
        Private::P521(key) => {
            let signer = p521::ecdsa::SigningKey::from_bytes(&key.to_bytes()).map_err(invalid)?;
            by_curve!(PrehashSigner::<p521::ecdsa::Signature>::sign_prehash(&signer, &widened(digest, 66)))
        }
        Private::Ed25519(_) | Private::X25519(_) => Err(JsErrorBox::generic("Unsupported crypto operation")),
    })
}

/// Whether it is one.
#[op2(fast)]
pub(crate) fn op_eyot_key_verify(
    #[cppgc] key: &KeptKey,
    #[buffer] digest: &[u8],
    #[string] algorithm: &str,
    #[buffer] signature: &[u8],
    #[smi] salt_length: i32,
    #[smi] padding: u32,
    #[smi] encoding: u32,
) -> Result<bool, JsErrorBox> {
    macro_rules! by_curve {
        ($signature:ty, $verifier:expr, $bytes:expr) => {{
            let parsed =
                if encoding == 0 { <$signature>::from_der(signature) } else { <$signature>::from_slice(signature) };
            Ok(parsed.is_ok_and(|signature| $verifier.verify_prehash(&widened(digest, $bytes), &signature).is_ok()))
        }};
    }
    guarded(|| match key.borrow()?.part.public()? {
        Public::Rsa(key) if padding == PSS => {
            // The longest salt, or any: a verifier finds out which it is by trying those that signers use.
            let lengths = match salt_length {
                MAX_SALT | SALT_NOT_GIVEN => {
                    vec![salt_bytes(MAX_SALT, key.size(), digest.len(), MAX_SALT)?, digest.len(), 0]
                }
                given => vec![salt_bytes(given, key.size(), digest.len(), MAX_SALT)?],
            };
            for length in lengths {
                if key.verify(pss(algorithm, length)?, digest, signature).is_ok() {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Public::Rsa(key) => Ok(key.verify(prefixed(algorithm)?, digest, signature).is_ok()),
        Public::P256(key) => by_curve!(p256::ecdsa::Signature, p256::ecdsa::VerifyingKey::from(&key), 32),
        Public::P384(key) => by_curve!(p384::ecdsa::Signature, p384::ecdsa::VerifyingKey::from(&key), 48),
        Public::P521(key) => {
            let verifier = p521::ecdsa::VerifyingKey::from_affine(*key.as_affine()).map_err(invalid)?;
            by_curve!(p521::ecdsa::Signature, verifier, 66)
        }
        Public::Ed25519(_) | Public::X25519(_) => Err(JsErrorBox::generic("Unsupported crypto operation")),
    })
}

/// An Ed25519 signature of a message.
#[op2]
#[buffer]
pub(crate) fn op_eyot_key_sign_message(
    #[cppgc] key: &KeptKey,
    #[buffer] message: &[u8],
) -> Result<Vec<u8>, JsErrorBox> {
    guarded(|| match key.borrow()?.part.private()? {
        Private::Ed25519(seed) => {
            let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| unsupported())?;
            Ok(pair.sign(message).as_ref().to_vec())
        }
        _ => Err(unsupported()),
    })
}

/// Whether it is one.
#[op2(fast)]
pub(crate) fn op_eyot_key_verify_message(
    #[cppgc] key: &KeptKey,
    #[buffer] message: &[u8],
    #[buffer] signature: &[u8],
) -> Result<bool, JsErrorBox> {
    guarded(|| match key.borrow()?.part.public()? {
        Public::Ed25519(point) => Ok(UnparsedPublicKey::new(&ED25519, point).verify(message, signature).is_ok()),
        _ => Err(unsupported()),
    })
}

/// What two keys agree on.
#[op2]
#[buffer]
pub(crate) fn op_eyot_key_agree(#[cppgc] private: &KeptKey, #[cppgc] public: &KeptKey) -> Result<Vec<u8>, JsErrorBox> {
    fn shared<C: CurveArithmetic>(private: &SecretKey<C>, public: &PublicKey<C>) -> Vec<u8> {
        elliptic_curve::ecdh::diffie_hellman(private.to_nonzero_scalar(), public.as_affine())
            .raw_secret_bytes()
            .to_vec()
    }
    guarded(|| {
        let private = private.borrow()?.part.clone();
        let public = public.borrow()?.part.public()?;
        match (private.private()?, &public) {
            (Private::X25519(private), Public::X25519(point)) => {
                let shared = MontgomeryPoint(*point).mul_clamped(*private).to_bytes();
                // RFC 7748, 6.1: a point of small order says nothing of the other side.
                if shared == [0; 32] {
                    return Err(JsErrorBox::generic(
                        "error:030000A9:digital envelope routines::failed during derivation",
                    ));
                }
                Ok(shared.to_vec())
            }
            (Private::P256(private), Public::P256(public)) => Ok(shared(private, public)),
            (Private::P384(private), Public::P384(public)) => Ok(shared(private, public)),
            (Private::P521(private), Public::P521(public)) => Ok(shared(private, public)),
            _ => Err(JsErrorBox::generic("error:0308010C:digital envelope routines::mismatching domain parameters")),
        }
    })
}

/// RSA of one message. `operation`: 0 encrypts for the key's owner, 1 is the owner's decryption, 2 its signature without
/// a digest, 3 what such a signature was made of.
#[op2]
#[buffer]
pub(crate) fn op_eyot_key_rsa_apply(
    #[cppgc] key: &KeptKey,
    #[smi] operation: u32,
    #[smi] padding: u32,
    #[string] hash: &str,
    #[string] label: Option<String>,
    #[buffer] message: &[u8],
) -> Result<Vec<u8>, JsErrorBox> {
    guarded(|| {
        let key = key.borrow()?;
        let Public::Rsa(public) = key.part.public()? else { return Err(unsupported()) };
        let public = &public;
        if message.len() > public.size() {
            return Err(JsErrorBox::generic("error:0200006E:rsa routines::data too large for key size"));
        }
        let private = || match key.part.private()? {
            Private::Rsa(private) => Ok(&**private),
            _ => Err(unsupported()),
        };
        let number = BigUint::from_bytes_be(message);
        match (operation, padding) {
            (0, PKCS1) => public.encrypt(&mut OsRng, Pkcs1v15Encrypt, message).map_err(invalid),
            (0, OAEP) => public.encrypt(&mut OsRng, oaep(hash, label)?, message).map_err(invalid),
            (0, NONE) => Ok(padded(&rsa_encrypt(public, &number).map_err(invalid)?, public.size())),
            (1, PKCS1) => private()?.decrypt_blinded(&mut OsRng, Pkcs1v15Encrypt, message).map_err(invalid),
            (1, OAEP) => private()?
                .decrypt_blinded(&mut OsRng, oaep(hash, label)?, message)
                .map_err(|_| JsErrorBox::generic("error:02000079:rsa routines::oaep decoding error")),
            (1 | 2, NONE) => {
                let plain = rsa_decrypt_and_check(private()?, Some(&mut OsRng), &number).map_err(invalid)?;
                Ok(padded(&plain, public.size()))
            }
            (2, PKCS1) => {
                private()?.sign_with_rng(&mut OsRng, Pkcs1v15Sign::new_unprefixed(), message).map_err(invalid)
            }
            (3, NONE) => Ok(padded(&rsa_encrypt(public, &number).map_err(invalid)?, public.size())),
            (3, PKCS1) => {
                let block = padded(&rsa_encrypt(public, &number).map_err(invalid)?, public.size());
                let end = block.iter().skip(2).position(|byte| *byte != 0xff).map_or(block.len(), |at| at + 2);
                let whole = block.starts_with(&[0, 1]) && end >= 10 && block.get(end) == Some(&0);
                let wrong = || JsErrorBox::generic("error:02000072:rsa routines::padding check failed");
                whole.then(|| block[end + 1..].to_vec()).ok_or_else(wrong)
            }
            _ => Err(JsErrorBox::generic("error:1C8000A5:Provider routines::illegal or unsupported padding mode")),
        }
    })
}

/// The number in as many bytes.
fn padded(number: &BigUint, length: usize) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    let mut block = vec![0; length.saturating_sub(bytes.len())];
    block.extend_from_slice(&bytes);
    block
}

fn oaep(hash: &str, label: Option<String>) -> Result<Oaep, JsErrorBox> {
    fn of<D: 'static + Digest + DynDigest + Send + Sync>() -> Oaep {
        Oaep::new::<D>()
    }
    let mut oaep = match hash {
        "md5" => of::<md5::Md5>(),
        "sha1" => of::<sha1::Sha1>(),
        "sha224" => of::<sha2::Sha224>(),
        "sha256" => of::<sha2::Sha256>(),
        "sha384" => of::<sha2::Sha384>(),
        "sha512" => of::<sha2::Sha512>(),
        _ => return Err(invalid_digest()),
    };
    oaep.label = label;
    Ok(oaep)
}

/// A digest as the same number in the bytes of a curve's field: the crates take none that is shorter than half of it.
fn widened(digest: &[u8], bytes: usize) -> Vec<u8> {
    let mut wide = vec![0; if digest.len() * 2 < bytes { bytes - digest.len() } else { 0 }];
    wide.extend_from_slice(digest);
    wide
}

/// The length of a salt, in bytes, of a key and a digest of these lengths.
fn salt_bytes(asked: i32, key: usize, digest: usize, otherwise: i32) -> Result<usize, JsErrorBox> {
    let longest = key.saturating_sub(digest + 2);
    match if asked == SALT_NOT_GIVEN { otherwise } else { asked } {
        MAX_SALT => Ok(longest),
        DIGEST_SALT => Ok(digest),
        given => usize::try_from(given)
            .ok()
            .filter(|given| *given <= longest)
            .ok_or_else(|| JsErrorBox::range_error("The salt is too long.")),
    }
}

fn p256_signer(key: &p256::SecretKey) -> impl PrehashSigner<p256::ecdsa::Signature> {
    p256::ecdsa::SigningKey::from(key)
}

fn p384_signer(key: &p384::SecretKey) -> impl PrehashSigner<p384::ecdsa::Signature> {
    p384::ecdsa::SigningKey::from(key)
}

/// The padding of PKCS #1 for a digest of this algorithm.
fn prefixed(algorithm: &str) -> Result<Pkcs1v15Sign, JsErrorBox> {
    Ok(match algorithm {
        "sha1" => Pkcs1v15Sign::new::<sha1::Sha1>(),
        "sha224" => Pkcs1v15Sign::new::<sha2::Sha224>(),
        "sha256" => Pkcs1v15Sign::new::<sha2::Sha256>(),
        "sha384" => Pkcs1v15Sign::new::<sha2::Sha384>(),
        "sha512" => Pkcs1v15Sign::new::<sha2::Sha512>(),
        "sha512-224" => Pkcs1v15Sign::new::<sha2::Sha512_224>(),
        "sha512-256" => Pkcs1v15Sign::new::<sha2::Sha512_256>(),
        _ => return Err(invalid_digest()),
    })
}

fn pss(algorithm: &str, salt: usize) -> Result<Pss, JsErrorBox> {
    Ok(match algorithm {
        "sha1" => Pss::new_with_salt::<sha1::Sha1>(salt),
        "sha224" => Pss::new_with_salt::<sha2::Sha224>(salt),
        "sha256" => Pss::new_with_salt::<sha2::Sha256>(salt),
        "sha384" => Pss::new_with_salt::<sha2::Sha384>(salt),
        "sha512" => Pss::new_with_salt::<sha2::Sha512>(salt),
        _ => return Err(invalid_digest()),
    })
}

fn invalid_digest() -> JsErrorBox {
    JsErrorBox::generic("error:03000098:digital envelope routines::invalid digest")
}

/// What JavaScript says when there is none.
const SALT_NOT_GIVEN: i32 = -1000;

// RSA paddings, by their numbers in `crypto.constants`.
const PKCS1: u32 = 1;
const NONE: u32 = 3;
const OAEP: u32 = 4;
const PSS: u32 = 6;

// Lengths of salts, by theirs.
const DIGEST_SALT: i32 = -1;
const MAX_SALT: i32 = -2;
