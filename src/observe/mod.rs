//! Observing a node: metrics and logs.
//!
//! The lowest layer: everything may count and log here, and nothing here knows what it counts. Label values are ids that
//! parsed, or fixed words; the number of series is bounded.

pub mod logs;
pub mod metrics;
mod process;
mod requests;
