//! Snapshots: every version's own, built in a child process.

mod builder;
pub mod child;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod protocol;

pub use crate::script::Position;
pub use builder::{BuildError, BuildInput, Builder, Built, CHILD_ARGUMENT, fingerprint};
