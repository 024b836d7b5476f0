//! The embedded store: content-addressed blobs and SQLite databases.

mod blobs;
mod cache;
mod database;
mod unpacked;

pub use blobs::Blobs;
pub use cache::{BlobCache, Keep};
pub use database::{Database, DatabaseError};
pub use unpacked::Unpacked;
