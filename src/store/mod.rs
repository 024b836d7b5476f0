//! The embedded store: content-addressed blobs and the control plane's database.

mod blobs;
mod cache;

pub use blobs::Blobs;
pub use cache::BlobCache;
