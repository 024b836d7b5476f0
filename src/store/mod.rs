//! The embedded store: content-addressed blobs and the control plane's database.

mod blobs;

pub use blobs::Blobs;
