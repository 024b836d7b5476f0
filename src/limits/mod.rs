//! Limits: the values, and the mechanism that enforces them on a slot's thread.

mod values;

pub use values::{Limits, OutOfRange, Overrides};
