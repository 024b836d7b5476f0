//! The embedded store: content-addressed blobs and SQLite databases.

mod blobs;
mod database;

pub use blobs::Blobs;
pub use database::{Database, DatabaseError};
