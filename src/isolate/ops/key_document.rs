//! Keys of `node:crypto` as documents: PEM and DER read, DER and JWK written. PEM is made of DER in JavaScript.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use deno_core::{op2, serde_json};
use deno_error::JsErrorBox;
use rsa::pkcs1::{
    DecodeRsaPrivateKey as _, DecodeRsaPublicKey as _, EncodeRsaPrivateKey as _, EncodeRsaPublicKey as _,
};
use rsa::pkcs8::spki::SubjectPublicKeyInfoRef;
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, ObjectIdentifier, PrivateKeyInfo};
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use rsa::{BigUint, RsaPrivateKey, RsaPublicKey};

use super::key::{KeptKey, MODULUS_BITS_MAX, Part, Private, Public, guarded, invalid, short, unsupported};

/// The private key of a document.
pub(super) fn private_of(document: &[u8], format: &str, kind: &str) -> Result<Private, JsErrorBox> {
    let document = short(document)?;
    if format != "pem" {
        return private_of_der(document, kind);
    }
    let blocks = blocks(document);
    let found = blocks.iter().find_map(|(label, der)| {
        let kind = PRIVATE_LABELS.iter().find(|(known, _)| known == label)?.1;
        Some(private_of_der(der, kind))
    });
    found.unwrap_or_else(|| Err(unsupported()))
}

/// The public key of a document, be it that of a private key or a certificate.
pub(super) fn public_of(document: &[u8], format: &str, kind: &str) -> Result<Public, JsErrorBox> {
    let document = short(document)?;
    if format != "pem" {
        return match kind {
            "pkcs8" | "sec1" => private_of_der(document, kind)?.public(),
            _ => public_of_der(document, kind),
        };
    }
    for (label, der) in blocks(document) {
        match label.as_str() {
            "PUBLIC KEY" => return public_of_der(&der, "spki"),
            "RSA PUBLIC KEY" => return public_of_der(&der, "pkcs1"),
            "CERTIFICATE" => {
                let (_, certificate) = x509_parser::parse_x509_certificate(&der).map_err(|_| unsupported())?;
                return public_of_der(certificate.tbs_certificate.subject_pki.raw, "spki");
            }
            _ => {}
        }
    }
    private_of(document, format, kind)?.public()
}

/// What fuzzing feeds to both: a key that is read can be written, and is the same when it is read again.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn fuzz(data: &[u8]) {
    // The crates that read and compute may panic, in ops too, which are guarded alike.
    let written = |read: &dyn Fn() -> Result<Public, JsErrorBox>| {
        guarded(|| {
            let key = read()?;
            let again = public_of(&public_der(&key, "spki")?, "der", "spki")?;
            Ok((key, again))
        })
    };
    for (format, kind) in [("pem", ""), ("der", "pkcs8"), ("der", "pkcs1"), ("der", "sec1"), ("der", "spki")] {
        for written in
            [written(&|| private_of(data, format, kind)?.public()), written(&|| public_of(data, format, kind))]
        {
            assert!(written.is_err() || written.is_ok_and(|(key, again)| key == again), "another key came back");
        }
    }
}

/// The blocks of a PEM text, by their labels.
fn blocks(document: &[u8]) -> Vec<(String, Vec<u8>)> {
    let text = String::from_utf8_lossy(document);
    let mut found = Vec::new();
    let mut rest = &*text;
    while let Some((label, after)) = rest.split_once("-----BEGIN ").and_then(|(_, after)| after.split_once("-----")) {
        let Some((body, after)) = after.split_once("-----END ") else { break };
        let body: String = body.chars().filter(|char| !char.is_ascii_whitespace()).collect();
        if let Ok(der) = BASE64_STANDARD.decode(body) {
            found.push((label.to_owned(), der));
        }
        rest = after;
    }
    found
}

fn private_of_der(der: &[u8], kind: &str) -> Result<Private, JsErrorBox> {
    match kind {
        "pkcs1" => rsa_of(der),
        "sec1" => p256::SecretKey::from_sec1_der(der)
            .map(Private::P256)
            .or_else(|_| p384::SecretKey::from_sec1_der(der).map(Private::P384))
            .or_else(|_| p521::SecretKey::from_sec1_der(der).map(Private::P521))
            .map_err(|_| unsupported()),
        _ => {
            let info = PrivateKeyInfo::try_from(der).map_err(|_| unsupported())?;
            let seed = || match info.private_key {
                [4, 32, seed @ ..] => <[u8; 32]>::try_from(seed).map_err(|_| unsupported()),
                _ => Err(unsupported()),
            };
            match info.algorithm.oid {
                RSA => rsa_of(info.private_key),
                EC => match info.algorithm.parameters_oid().map_err(|_| unsupported())? {
                    P256 => p256::SecretKey::from_sec1_der(info.private_key).map(Private::P256).map_err(invalid),
                    P384 => p384::SecretKey::from_sec1_der(info.private_key).map(Private::P384).map_err(invalid),
                    P521 => p521::SecretKey::from_sec1_der(info.private_key).map(Private::P521).map_err(invalid),
                    _ => Err(unsupported()),
                },
                ED25519 => seed().map(Private::Ed25519),
                X25519 => seed().map(Private::X25519),
                _ => Err(unsupported()),
            }
        }
    }
}

fn rsa_of(der: &[u8]) -> Result<Private, JsErrorBox> {
    // Its size is looked at before anything is computed with it.
    let parts = rsa::pkcs1::RsaPrivateKey::try_from(der).map_err(|_| unsupported())?;
    if parts.modulus.as_bytes().len() > MODULUS_BITS_MAX / 8 {
        return Err(unsupported());
    }
    RsaPrivateKey::from_pkcs1_der(der).map(|key| Private::Rsa(Box::new(key))).map_err(|_| unsupported())
}

fn public_of_der(der: &[u8], kind: &str) -> Result<Public, JsErrorBox> {
    if kind == "pkcs1" {
        return RsaPublicKey::from_pkcs1_der(der).map(Public::Rsa).map_err(|_| unsupported());
    }
    let info = SubjectPublicKeyInfoRef::try_from(der).map_err(|_| unsupported())?;
    let bytes = info.subject_public_key.as_bytes().ok_or_else(unsupported)?;
    let point = || <[u8; 32]>::try_from(bytes).map_err(|_| unsupported());
    match info.algorithm.oid {
        RSA => RsaPublicKey::from_pkcs1_der(bytes).map(Public::Rsa).map_err(|_| unsupported()),
        EC => match info.algorithm.parameters_oid().map_err(|_| unsupported())? {
            P256 => p256::PublicKey::from_sec1_bytes(bytes).map(Public::P256).map_err(invalid),
            P384 => p384::PublicKey::from_sec1_bytes(bytes).map(Public::P384).map_err(invalid),
            P521 => p521::PublicKey::from_sec1_bytes(bytes).map(Public::P521).map_err(invalid),
            _ => Err(unsupported()),
        },
        ED25519 => point().map(Public::Ed25519),
        X25519 => point().map(Public::X25519),
        _ => Err(unsupported()),
    }
}

/// The public half of an Ed25519 seed.
pub(super) fn ed25519_public(seed: &[u8; 32]) -> Result<[u8; 32], JsErrorBox> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| unsupported())?;
    <[u8; 32]>::try_from(pair.public_key().as_ref()).map_err(|_| unsupported())
}

/// The key as a DER document: `pkcs8`, `pkcs1`, `sec1` of a private one, `spki`, `pkcs1` of a public one.
#[op2]
#[buffer]
pub(crate) fn op_eyot_key_der(#[cppgc] key: &KeptKey, #[string] kind: &str) -> Result<Vec<u8>, JsErrorBox> {
    guarded(|| match &key.borrow()?.part {
        Part::Private(key) => private_der(key, kind),
        Part::Public(key) => public_der(key, kind),
    })
}

fn private_der(key: &Private, kind: &str) -> Result<Vec<u8>, JsErrorBox> {
    match (kind, key) {
        ("pkcs1", Private::Rsa(key)) => Ok(key.to_pkcs1_der().map_err(invalid)?.as_bytes().to_vec()),
        ("sec1", Private::P256(key)) => Ok(sec1(&key.to_bytes(), &key.public_key().to_sec1_bytes(), P256)),
        ("sec1", Private::P384(key)) => Ok(sec1(&key.to_bytes(), &key.public_key().to_sec1_bytes(), P384)),
        ("sec1", Private::P521(key)) => Ok(sec1(&key.to_bytes(), &key.public_key().to_sec1_bytes(), P521)),
        ("pkcs8", Private::Rsa(key)) => Ok(key.to_pkcs8_der().map_err(invalid)?.as_bytes().to_vec()),
        ("pkcs8", Private::P256(key)) => Ok(key.to_pkcs8_der().map_err(invalid)?.as_bytes().to_vec()),
        ("pkcs8", Private::P384(key)) => Ok(key.to_pkcs8_der().map_err(invalid)?.as_bytes().to_vec()),
        ("pkcs8", Private::P521(key)) => Ok(key.to_pkcs8_der().map_err(invalid)?.as_bytes().to_vec()),
        ("pkcs8", Private::Ed25519(seed)) => Ok(pkcs8_25519(ED25519, seed)),
        ("pkcs8", Private::X25519(seed)) => Ok(pkcs8_25519(X25519, seed)),
        _ => Err(unsupported()),
    }
}

/// RFC 5915 with the name of the curve, which the crates leave out.
fn sec1(private: &[u8], public: &[u8], curve: ObjectIdentifier) -> Vec<u8> {
    let tagged = |tag: u8, content: &[u8]| [&[tag][..], &der_length(content.len()), content].concat();
    let parts = [
        tagged(0x02, &[1]),
        tagged(0x04, private),
        tagged(0xa0, &tagged(0x06, curve.as_bytes())),
        tagged(0xa1, &tagged(0x03, &[&[0], public].concat())),
    ];
    tagged(0x30, &parts.concat())
}

fn der_length(length: usize) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(short @ 0..0x80) => vec![short],
        Ok(byte) => vec![0x81, byte],
        Err(_) => vec![0x82, (length >> 8) as u8, (length & 0xff) as u8],
    }
}

/// RFC 8410: nothing in it but the object id and the bytes ever varies.
fn pkcs8_25519(oid: ObjectIdentifier, seed: &[u8; 32]) -> Vec<u8> {
    [&[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3], oid.as_bytes(), &[4, 0x22, 4, 0x20], seed].concat()
}

fn spki_25519(oid: ObjectIdentifier, point: &[u8; 32]) -> Vec<u8> {
    [&[0x30, 0x2a, 0x30, 5, 6, 3], oid.as_bytes(), &[3, 0x21, 0], point].concat()
}

fn public_der(key: &Public, kind: &str) -> Result<Vec<u8>, JsErrorBox> {
    match (kind, key) {
        ("pkcs1", Public::Rsa(key)) => Ok(key.to_pkcs1_der().map_err(invalid)?.into_vec()),
        ("spki", Public::Rsa(key)) => Ok(key.to_public_key_der().map_err(invalid)?.into_vec()),
        ("spki", Public::P256(key)) => Ok(key.to_public_key_der().map_err(invalid)?.into_vec()),
        ("spki", Public::P384(key)) => Ok(key.to_public_key_der().map_err(invalid)?.into_vec()),
        ("spki", Public::P521(key)) => Ok(key.to_public_key_der().map_err(invalid)?.into_vec()),
        ("spki", Public::Ed25519(point)) => Ok(spki_25519(ED25519, point)),
        ("spki", Public::X25519(point)) => Ok(spki_25519(X25519, point)),
        _ => Err(unsupported()),
    }
}

/// The key as a JWK.
#[op2]
#[serde]
pub(crate) fn op_eyot_key_jwk(#[cppgc] key: &KeptKey) -> Result<serde_json::Value, JsErrorBox> {
    let okp = |curve: &str, x: &[u8], d: Option<&[u8]>| {
        let mut jwk = serde_json::json!({ "crv": curve, "x": BASE64_URL_SAFE_NO_PAD.encode(x), "kty": "OKP" });
        if let Some(d) = d {
            jwk["d"] = BASE64_URL_SAFE_NO_PAD.encode(d).into();
        }
        jwk
    };
    guarded(|| match &key.borrow()?.part {
        Part::Private(Private::Rsa(key)) => rsa_jwk(key),
        Part::Private(Private::P256(key)) => as_json(&key.to_jwk()),
        Part::Private(Private::P384(key)) => as_json(&key.to_jwk()),
        Part::Private(Private::P521(key)) => as_json(&key.to_jwk()),
        Part::Private(Private::Ed25519(seed)) => Ok(okp("Ed25519", &ed25519_public(seed)?, Some(seed))),
        Part::Private(Private::X25519(key)) => {
            let point = curve25519_dalek::MontgomeryPoint::mul_base_clamped(*key);
            Ok(okp("X25519", point.as_bytes(), Some(key)))
        }
        Part::Public(Public::Rsa(key)) => {
            Ok(serde_json::json!({ "kty": "RSA", "n": text(key.n()), "e": text(key.e()) }))
        }
        Part::Public(Public::P256(key)) => as_json(&key.to_jwk()),
        Part::Public(Public::P384(key)) => as_json(&key.to_jwk()),
        Part::Public(Public::P521(key)) => as_json(&key.to_jwk()),
        Part::Public(Public::Ed25519(point)) => Ok(okp("Ed25519", point, None)),
        Part::Public(Public::X25519(point)) => Ok(okp("X25519", point, None)),
    })
}

fn rsa_jwk(key: &RsaPrivateKey) -> Result<serde_json::Value, JsErrorBox> {
    let [p, q] = key.primes() else { return Err(unsupported()) };
    let (dp, dq) = (key.dp().ok_or_else(unsupported)?, key.dq().ok_or_else(unsupported)?);
    let qi = key.crt_coefficient().ok_or_else(unsupported)?;
    Ok(serde_json::json!({
        "kty": "RSA", "n": text(key.n()), "e": text(key.e()), "d": text(key.d()),
        "p": text(p), "q": text(q), "dp": text(dp), "dq": text(dq), "qi": text(&qi),
    }))
}

fn text(number: &BigUint) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(number.to_bytes_be())
}

fn as_json(jwk: &elliptic_curve::JwkEcKey) -> Result<serde_json::Value, JsErrorBox> {
    serde_json::to_value(jwk).map_err(invalid)
}

const PRIVATE_LABELS: [(&str, &str); 3] =
    [("PRIVATE KEY", "pkcs8"), ("RSA PRIVATE KEY", "pkcs1"), ("EC PRIVATE KEY", "sec1")];

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
const X25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.110");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
