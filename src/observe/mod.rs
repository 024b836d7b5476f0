//! Observing a node: metrics, logs, and sums of what was used.
//!
//! The lowest layer: everything may count and log here, and nothing here knows what it counts. Label values are ids that
//! parsed, or fixed words; the number of series is bounded.

pub mod logs;
pub mod metrics;
mod process;
mod requests;
pub mod usage;
