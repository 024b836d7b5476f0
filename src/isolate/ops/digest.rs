//! Hashes that are fed piece by piece (`crypto.DigestStream`), MD5, and comparison in constant time.
//!
//! All of it runs on the slot's thread, where CPU time is charged.

use std::cell::RefCell;

use deno_core::op2;
use deno_error::JsErrorBox;
use sha2::digest::DynDigest;

use super::collected::DigestObject;

/// A hash in progress.
pub(crate) type Digest = Box<dyn DynDigest>;

/// A new hash by the name WebCrypto gives it.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_digest_new(#[string] name: &str) -> Result<DigestObject, JsErrorBox> {
    let digest: Digest = match name {
        "MD5" => Box::new(md5::Md5::default()),
        "SHA-1" => Box::new(sha1::Sha1::default()),
        "SHA-256" => Box::new(sha2::Sha256::default()),
        "SHA-384" => Box::new(sha2::Sha384::default()),
        "SHA-512" => Box::new(sha2::Sha512::default()),
        _ => return Err(JsErrorBox::type_error("unknown hash")),
    };
    Ok(DigestObject(RefCell::new(Some(digest))))
}

/// Feeds it.
#[op2]
pub(crate) fn op_eyot_digest_update(#[cppgc] digest: &DigestObject, #[anybuffer] bytes: &[u8]) {
    if let Some(digest) = digest.0.borrow_mut().as_mut() {
        digest.update(bytes);
    }
}

/// Ends it and gives the hash; nothing when it had ended.
#[op2]
#[buffer]
pub(crate) fn op_eyot_digest_finish(#[cppgc] digest: &DigestObject) -> Vec<u8> {
    digest.0.borrow_mut().take().map(|digest| digest.finalize().into_vec()).unwrap_or_default()
}

/// Whether two buffers of one length are equal, in a time that depends on the length alone.
#[op2]
pub(crate) fn op_eyot_timing_safe_equal(#[anybuffer] left: &[u8], #[anybuffer] right: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(left, right).is_ok()
}
