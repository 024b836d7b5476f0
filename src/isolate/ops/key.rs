//! Asymmetric keys of `node:crypto`: how they come to be and what is known of them.
//!
//! No key is larger than [`MODULUS_BITS_MAX`], so that one call with it is short. The crates that parse and compute were
//! not all written for hostile input: what panics in them ends the call and not the process.

use std::panic::{AssertUnwindSafe, catch_unwind};

use curve25519_dalek::MontgomeryPoint;
use deno_core::{OpState, op2};
use deno_error::JsErrorBox;
use elliptic_curve::JwkEcKey;
use rsa::rand_core::{OsRng, RngCore};
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use rsa::{BigUint, RsaPrivateKey, RsaPublicKey};

use super::kept::Kept;
use super::{key_document, runs};
use crate::isolate::body::Held;

/// A key that JavaScript keeps.
pub(crate) type KeptKey = Kept<Key>;

/// See [`KeptKey`].
pub(crate) struct Key {
    /// The key itself, of a size that [`keep`] lets through.
    pub(super) part: Part,
    /// What it takes in the host's memory.
    _held: Held,
}

/// One half of a pair.
#[derive(Clone)]
pub(super) enum Part {
    /// The half that signs.
    Private(Private),
    /// The half that everybody may have.
    Public(Public),
}

/// A private key by its kind.
#[derive(Clone)]
pub(super) enum Private {
    /// RSA, with two primes.
    Rsa(Box<RsaPrivateKey>),
    /// Curve P-256.
    P256(p256::SecretKey),
    /// Curve P-384.
    P384(p384::SecretKey),
    /// Curve P-521.
    P521(p521::SecretKey),
    /// Ed25519, as its seed.
    Ed25519([u8; 32]),
    /// X25519.
    X25519([u8; 32]),
}

/// A public key by its kind.
#[derive(Clone, PartialEq)]
pub(super) enum Public {
    /// RSA.
    Rsa(RsaPublicKey),
    /// Curve P-256.
    P256(p256::PublicKey),
    /// Curve P-384.
    P384(p384::PublicKey),
    /// Curve P-521.
    P521(p521::PublicKey),
    /// Ed25519.
    Ed25519([u8; 32]),
    /// X25519.
    X25519([u8; 32]),
}

impl Private {
    /// The other half.
    pub(super) fn public(&self) -> Result<Public, JsErrorBox> {
        Ok(match self {
            Self::Rsa(key) => Public::Rsa(key.to_public_key()),
            Self::P256(key) => Public::P256(key.public_key()),
            Self::P384(key) => Public::P384(key.public_key()),
            Self::P521(key) => Public::P521(key.public_key()),
            Self::Ed25519(seed) => Public::Ed25519(key_document::ed25519_public(seed)?),
            Self::X25519(key) => Public::X25519(MontgomeryPoint::mul_base_clamped(*key).to_bytes()),
        })
    }
}

impl Part {
    /// The public half, which of a public key is itself.
    pub(super) fn public(&self) -> Result<Public, JsErrorBox> {
        match self {
            Self::Private(key) => key.public(),
            Self::Public(key) => Ok(key.clone()),
        }
    }

    /// The private half, if it is that.
    pub(super) fn private(&self) -> Result<&Private, JsErrorBox> {
        match self {
            Self::Private(key) => Ok(key),
            Self::Public(_) => Err(unsupported()),
        }
    }
}

/// A private key from a PEM or DER document.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_key_private(
    state: &OpState,
    #[buffer] document: &[u8],
    #[string] format: &str,
    #[string] kind: &str,
) -> Result<KeptKey, JsErrorBox> {
    keep(state, || key_document::private_of(document, format, kind).map(Part::Private))
}

/// A public key from a PEM or DER document, which may be that of a private key or a certificate.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_key_public(
    state: &OpState,
    #[buffer] document: &[u8],
    #[string] format: &str,
    #[string] kind: &str,
) -> Result<KeptKey, JsErrorBox> {
    keep(state, || key_document::public_of(document, format, kind).map(Part::Public))
}

/// An Ed25519 or X25519 key from its bytes.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_key_raw(
    state: &OpState,
    #[string] curve: &str,
    #[buffer] bytes: &[u8],
    public: bool,
) -> Result<KeptKey, JsErrorBox> {
    let bytes = <[u8; 32]>::try_from(bytes).map_err(|_| unsupported())?;
    keep(state, || {
        Ok(match (curve, public) {
            ("Ed25519", true) => Part::Public(Public::Ed25519(bytes)),
            ("Ed25519", false) => Part::Private(Private::Ed25519(bytes)),
            ("X25519", true) => Part::Public(Public::X25519(bytes)),
            ("X25519", false) => Part::Private(Private::X25519(bytes)),
            _ => return Err(unsupported()),
        })
    })
}

/// An elliptic-curve key from a JWK with no members but those of its curve.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_key_ec_jwk(state: &OpState, #[serde] jwk: JwkEcKey, public: bool) -> Result<KeptKey, JsErrorBox> {
    keep(state, || {
        Ok(match (jwk.crv(), public) {
            ("P-256", true) => Part::Public(Public::P256(p256::PublicKey::from_jwk(&jwk).map_err(invalid)?)),
            ("P-256", false) => Part::Private(Private::P256(p256::SecretKey::from_jwk(&jwk).map_err(invalid)?)),
            ("P-384", true) => Part::Public(Public::P384(p384::PublicKey::from_jwk(&jwk).map_err(invalid)?)),
            ("P-384", false) => Part::Private(Private::P384(p384::SecretKey::from_jwk(&jwk).map_err(invalid)?)),
            ("P-521", true) => Part::Public(Public::P521(p521::PublicKey::from_jwk(&jwk).map_err(invalid)?)),
            ("P-521", false) => Part::Private(Private::P521(p521::SecretKey::from_jwk(&jwk).map_err(invalid)?)),
            _ => return Err(unsupported()),
        })
    })
}

/// An RSA key from its numbers; public without the last three.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_key_rsa(
    state: &OpState,
    #[buffer] modulus: &[u8],
    #[buffer] public_exponent: &[u8],
    #[buffer] private_exponent: Option<&[u8]>,
    #[buffer] prime1: Option<&[u8]>,
    #[buffer] prime2: Option<&[u8]>,
) -> Result<KeptKey, JsErrorBox> {
    let number = |bytes: &[u8]| short(bytes).map(BigUint::from_bytes_be);
    let (n, e) = (number(modulus)?, number(public_exponent)?);
    if n.bits() > MODULUS_BITS_MAX {
        return Err(unsupported());
    }
    keep(state, || {
        let (Some(d), Some(p), Some(q)) = (private_exponent, prime1, prime2) else {
            return Ok(Part::Public(Public::Rsa(RsaPublicKey::new(n, e).map_err(invalid)?)));
        };
        let mut key =
            RsaPrivateKey::from_components(n, e, number(d)?, vec![number(p)?, number(q)?]).map_err(invalid)?;
        key.precompute().map_err(invalid)?;
        Ok(Part::Private(Private::Rsa(Box::new(key))))
    })
}

/// A private RSA key from two primes; an error when they do not fit the exponent.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_key_rsa_of_primes(
    state: &OpState,
    #[buffer] prime1: &[u8],
    #[buffer] prime2: &[u8],
    exponent: u32,
) -> Result<KeptKey, JsErrorBox> {
    let (p, q) = (BigUint::from_bytes_be(short(prime1)?), BigUint::from_bytes_be(short(prime2)?));
    keep(state, || {
        let mut key = RsaPrivateKey::from_p_q(p, q, BigUint::from(exponent)).map_err(invalid)?;
        key.precompute().map_err(invalid)?;
        Ok(Part::Private(Private::Rsa(Box::new(key))))
    })
}

/// A new private key on a curve.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_key_generate(state: &OpState, #[string] curve: &str) -> Result<KeptKey, JsErrorBox> {
    keep(state, || {
        let mut seed = [0; 32];
        OsRng.fill_bytes(&mut seed);
        Ok(Part::Private(match curve {
            "ed25519" => Private::Ed25519(seed),
            "x25519" => Private::X25519(seed),
            "prime256v1" | "secp256r1" | "P-256" => Private::P256(p256::SecretKey::random(&mut OsRng)),
            "secp384r1" | "P-384" => Private::P384(p384::SecretKey::random(&mut OsRng)),
            "secp521r1" | "P-521" => Private::P521(p521::SecretKey::random(&mut OsRng)),
            _ => return Err(JsErrorBox::type_error("Invalid EC curve name")),
        }))
    })
}

/// The public key of a private one.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_key_public_of(state: &OpState, #[cppgc] key: &KeptKey) -> Result<KeptKey, JsErrorBox> {
    let part = key.borrow()?.part.clone();
    keep(state, || part.public().map(Part::Public))
}

/// What a key tells of itself.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Facts {
    kind: &'static str,
    algorithm: &'static str,
    modulus_length: Option<usize>,
    public_exponent: Option<String>,
    named_curve: Option<&'static str>,
}

/// See [`Facts`].
#[op2]
#[serde]
pub(crate) fn op_eyot_key_facts(#[cppgc] key: &KeptKey) -> Result<Facts, JsErrorBox> {
    guarded(|| {
        let key = key.borrow()?;
        let kind = if key.part.private().is_ok() { "private" } else { "public" };
        let public = key.part.public()?;
        let (algorithm, named_curve) = match &public {
            Public::Rsa(_) => ("rsa", None),
            Public::P256(_) => ("ec", Some("prime256v1")),
            Public::P384(_) => ("ec", Some("secp384r1")),
            Public::P521(_) => ("ec", Some("secp521r1")),
            Public::Ed25519(_) => ("ed25519", None),
            Public::X25519(_) => ("x25519", None),
        };
        let rsa = if let Public::Rsa(key) = &public { Some(key) } else { None };
        Ok(Facts {
            kind,
            algorithm,
            modulus_length: rsa.map(|key| key.n().bits()),
            public_exponent: rsa.map(|key| key.e().to_string()),
            named_curve,
        })
    })
}

/// Whether both are the same key: of private ones the public halves say it.
#[op2(fast)]
pub(crate) fn op_eyot_key_equals(#[cppgc] left: &KeptKey, #[cppgc] right: &KeptKey) -> Result<bool, JsErrorBox> {
    if std::ptr::eq(left, right) {
        return Ok(true);
    }
    guarded(|| {
        let (left, right) = (left.borrow()?, right.borrow()?);
        let same_half = left.part.private().is_ok() == right.part.private().is_ok();
        Ok(same_half && left.part.public()? == right.part.public()?)
    })
}

/// Runs what works on a script's bytes: what panics fails, and nothing else does.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, JsErrorBox>) -> Result<T, JsErrorBox> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(JsErrorBox::generic("The operation failed.")))
}

/// Makes a key and lets it through when it is of a size we work with.
fn keep(state: &OpState, make: impl FnOnce() -> Result<Part, JsErrorBox>) -> Result<KeptKey, JsErrorBox> {
    let gauge = runs(state).borrow().gauge.clone();
    let held = Held::reserve(&gauge, KEY_BYTES).ok_or_else(|| JsErrorBox::range_error("Out of memory for keys"))?;
    let part = guarded(make)?;
    let fits = |modulus: &BigUint| (MODULUS_BITS_MIN..=MODULUS_BITS_MAX).contains(&modulus.bits());
    let known = match &part {
        Part::Private(Private::Rsa(key)) => fits(key.n()) && key.primes().len() == 2,
        Part::Public(Public::Rsa(key)) => fits(key.n()),
        _ => true,
    };
    known.then(|| Kept::new(Key { part, _held: held })).ok_or_else(unsupported)
}

/// Documents and numbers beyond this are no keys of ours.
pub(super) fn short(document: &[u8]) -> Result<&[u8], JsErrorBox> {
    (document.len() <= DOCUMENT_BYTES_MAX).then_some(document).ok_or_else(unsupported)
}

pub(super) fn invalid(error: impl std::fmt::Display) -> JsErrorBox {
    JsErrorBox::generic(error.to_string())
}

pub(super) fn unsupported() -> JsErrorBox {
    JsErrorBox::generic("error:1E08010C:DECODER routines::unsupported")
}

/// The largest RSA key that one call works with.
pub(super) const MODULUS_BITS_MAX: usize = 4096;

/// Below it a padding does not fit.
const MODULUS_BITS_MIN: usize = 512;

/// No key of that size, nor a certificate that is not absurd, is longer.
const DOCUMENT_BYTES_MAX: usize = 32 << 10;

/// What the largest key takes with what is computed ahead of its use.
const KEY_BYTES: u64 = 8 << 10;
