//! The secret in a tail's address: whoever has it may connect, once.

use std::fmt;

/// 64 hexadecimal digits; never shown but to whoever made the tail.
#[derive(Clone)]
pub struct TailSecret(String);

impl TailSecret {
    /// A new random one.
    pub(super) fn generate() -> Self {
        let mut bytes = [0u8; 32];
        aws_lc_rs::rand::fill(&mut bytes).expect("the operating system has randomness");
        Self(hex::encode(bytes))
    }

    /// What a client showed.
    #[must_use]
    pub fn shown(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Whether they are the same, in a time that tells nothing.
    pub(super) fn is(&self, other: &Self) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(self.0.as_bytes(), other.0.as_bytes()).is_ok()
    }

    /// The text, for the reply that makes the tail.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TailSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TailSecret(…)")
    }
}
