//! Large numbers of `node:crypto`: powers for Diffie and Hellman's agreement, and primes.
//!
//! One op is one step that cannot be stopped: all numbers are at most [`MODULUS_BITS_MAX`] long, and what takes many of
//! them, looking for primes, is a loop of JavaScript.

use deno_core::op2;
use deno_error::JsErrorBox;
use rsa::BigUint;
use rsa::rand_core::{OsRng, RngCore};

use super::key::{MODULUS_BITS_MAX, guarded};

/// `base` to the power of `exponent`, modulo `modulus`.
#[op2]
#[buffer]
pub(crate) fn op_eyot_number_power(
    #[buffer] base: &[u8],
    #[buffer] exponent: &[u8],
    #[buffer] modulus: &[u8],
) -> Result<Vec<u8>, JsErrorBox> {
    let (base, exponent, modulus) = (number(base)?, number(exponent)?, number(modulus)?);
    let long = modulus.bits().pow(2).saturating_mul(exponent.bits()) > MODULUS_BITS_MAX.pow(3);
    if modulus == BigUint::from(0u8) || long {
        return Err(JsErrorBox::range_error("The modulus is not supported."));
    }
    guarded(|| Ok(base.modpow(&exponent, &modulus).to_bytes_be()))
}

/// A number of so many bits that may be a prime, or none when the one drawn was not. It has its top two bits set when no
/// step is given; else it leaves `rest` when divided by `step`.
#[op2]
#[buffer]
pub(crate) fn op_eyot_number_candidate(
    bits: u32,
    #[buffer] step: Option<&[u8]>,
    #[buffer] rest: Option<&[u8]>,
) -> Result<Option<Vec<u8>>, JsErrorBox> {
    if bits < 2 || bits as usize > MODULUS_BITS_MAX {
        return Err(JsErrorBox::range_error(format!("A prime of {bits} bits is not supported.")));
    }
    guarded(|| {
        for _ in 0..CANDIDATES_A_STEP {
            let mut candidate = drawn(bits, step.is_none());
            if let Some(step) = step {
                let step = number(step)?;
                if step == BigUint::from(0u8) {
                    return Err(JsErrorBox::range_error("invalid options.add"));
                }
                candidate = &candidate - &candidate % &step + rest.map_or_else(|| Ok(BigUint::from(1u8)), number)?;
            }
            if candidate.bits() == bits as usize && !has_small_factor(&candidate) {
                return Ok(Some(candidate.to_bytes_be()));
            }
        }
        Ok(None)
    })
}

/// One round of Miller and Rabin's test with a base drawn for it: a composite passes one of four at most.
#[op2(fast)]
pub(crate) fn op_eyot_number_test(#[buffer] candidate: &[u8]) -> Result<bool, JsErrorBox> {
    let candidate = number(candidate)?;
    if candidate.bits() > MODULUS_BITS_MAX {
        return Err(JsErrorBox::range_error("The number is too large."));
    }
    let (one, two) = (BigUint::from(1u8), BigUint::from(2u8));
    if candidate <= BigUint::from(3u8) {
        return Ok(candidate >= two);
    }
    if has_small_factor(&candidate) {
        return Ok(false);
    }
    guarded(|| {
        let less = &candidate - &one;
        let zeros = less.trailing_zeros().unwrap_or(0);
        let odd = &less >> zeros;
        let base = drawn(u32::try_from(candidate.bits()).unwrap_or(u32::MAX), false) % (&less - &two) + &two;
        let mut power = base.modpow(&odd, &candidate);
        if power == one || power == less {
            return Ok(true);
        }
        for _ in 1..zeros {
            power = &power * &power % &candidate;
            if power == less {
                return Ok(true);
            }
        }
        Ok(false)
    })
}

/// A number with exactly so many bits, odd where it has two of them.
fn drawn(bits: u32, second_bit: bool) -> BigUint {
    let mut bytes = vec![0; bits.div_ceil(8) as usize];
    OsRng.fill_bytes(&mut bytes);
    let mut value = BigUint::from_bytes_be(&bytes) % (BigUint::from(1u8) << (bits as usize));
    let set = |value: BigUint, bit: u32| value | (BigUint::from(1u8) << (bit as usize));
    value = set(value, bits - 1);
    if second_bit && bits > 2 {
        value = set(value, bits - 2);
    }
    set(value, 0)
}

/// Whether a small prime other than the number itself divides it.
fn has_small_factor(number: &BigUint) -> bool {
    let zero = BigUint::from(0u8);
    SMALL_PRIMES.iter().any(|prime| {
        let prime = BigUint::from(*prime);
        number % &prime == zero && *number != prime
    })
}

fn number(bytes: &[u8]) -> Result<BigUint, JsErrorBox> {
    if bytes.len() > MODULUS_BITS_MAX / 4 {
        return Err(JsErrorBox::range_error("The number is too large."));
    }
    Ok(BigUint::from_bytes_be(bytes))
}

/// How many numbers one step draws: a millisecond's worth.
const CANDIDATES_A_STEP: usize = 32;

/// What most composite numbers are found out by.
static SMALL_PRIMES: [u32; 53] = [
    2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
    113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 197, 199, 211, 223, 227, 229, 233, 239,
    241,
];
