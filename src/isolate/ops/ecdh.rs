//! Key agreement on curves by bare points and private keys, as `crypto.createECDH` has it.

use deno_core::op2;
use deno_error::JsErrorBox;
use elliptic_curve::sec1::{FromEncodedPoint, ModulusSize, ToEncodedPoint};
use elliptic_curve::{AffinePoint, CurveArithmetic, FieldBytesSize, PublicKey, SecretKey};
use rsa::rand_core::OsRng;

use super::key::{guarded, invalid};

/// Calls what is generic over a curve.
macro_rules! on_curve {
    ($name:expr, $curve:ident => $call:expr) => {
        match $name {
            "prime256v1" | "secp256r1" => {
                type $curve = p256::NistP256;
                $call
            }
            "secp384r1" => {
                type $curve = p384::NistP384;
                $call
            }
            "secp521r1" => {
                type $curve = p521::NistP521;
                $call
            }
            _ => Err(JsErrorBox::type_error("Invalid EC curve name")),
        }
    };
}
/// A private key of a curve, as its bytes.
#[op2]
#[buffer]
pub(crate) fn op_eyot_ecdh_private(#[string] curve: &str) -> Result<Vec<u8>, JsErrorBox> {
    fn make<C: CurveArithmetic>() -> Vec<u8> {
        SecretKey::<C>::random(&mut OsRng).to_bytes().to_vec()
    }
    on_curve!(curve, C => Ok(make::<C>()))
}

/// The point of a private key.
#[op2]
#[buffer]
pub(crate) fn op_eyot_ecdh_public(#[string] curve: &str, #[buffer] private: &[u8]) -> Result<Vec<u8>, JsErrorBox> {
    fn of<C: CurveArithmetic>(private: &[u8]) -> Result<Vec<u8>, JsErrorBox>
    where
        AffinePoint<C>: FromEncodedPoint<C> + ToEncodedPoint<C>,
        FieldBytesSize<C>: ModulusSize,
    {
        let private = SecretKey::<C>::from_slice(private)
            .map_err(|_| invalid("Private key is not valid for specified curve."))?;
        Ok(private.public_key().to_encoded_point(false).as_bytes().to_vec())
    }
    guarded(|| on_curve!(curve, C => of::<C>(private)))
}

/// A point in its other form; an error when it is not on the curve.
#[op2]
#[buffer]
pub(crate) fn op_eyot_ecdh_point(
    #[string] curve: &str,
    #[buffer] point: &[u8],
    compress: bool,
) -> Result<Vec<u8>, JsErrorBox> {
    fn of<C: CurveArithmetic>(point: &[u8], compress: bool) -> Result<Vec<u8>, JsErrorBox>
    where
        AffinePoint<C>: FromEncodedPoint<C> + ToEncodedPoint<C>,
        FieldBytesSize<C>: ModulusSize,
    {
        let point = PublicKey::<C>::from_sec1_bytes(point).map_err(|_| not_on_curve())?;
        Ok(point.to_encoded_point(compress).as_bytes().to_vec())
    }
    guarded(|| on_curve!(curve, C => of::<C>(point, compress)))
}

/// What a private key and a point agree on.
#[op2]
#[buffer]
pub(crate) fn op_eyot_ecdh_secret(
    #[string] curve: &str,
    #[buffer] private: &[u8],
    #[buffer] point: &[u8],
) -> Result<Vec<u8>, JsErrorBox> {
    fn of<C: CurveArithmetic>(private: &[u8], point: &[u8]) -> Result<Vec<u8>, JsErrorBox>
    where
        AffinePoint<C>: FromEncodedPoint<C> + ToEncodedPoint<C>,
        FieldBytesSize<C>: ModulusSize,
    {
        let private = SecretKey::<C>::from_slice(private)
            .map_err(|_| invalid("Private key is not valid for specified curve."))?;
        let point = PublicKey::<C>::from_sec1_bytes(point).map_err(|_| not_on_curve())?;
        let shared = elliptic_curve::ecdh::diffie_hellman(private.to_nonzero_scalar(), point.as_affine());
        Ok(shared.raw_secret_bytes().to_vec())
    }
    guarded(|| on_curve!(curve, C => of::<C>(private, point)))
}

fn not_on_curve() -> JsErrorBox {
    JsErrorBox::generic("Public key is not valid for specified curve")
}
