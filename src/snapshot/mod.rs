//! Snapshots: every version's own, built in a child process.

mod builder;
pub mod child;
mod children;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod protocol;

pub use crate::script::Position;
pub use builder::{BuildError, BuildInput, Builder, Built, fingerprint};
pub use children::CHILD_ARGUMENT;
