//! Snapshots: every version's own, built in a child process.

mod builder;

pub use builder::{BuildError, BuildInput, Builder, Built, Position};
