//! KV: what the KV binding and the admin API's KV calls stand on.
//!
//! One SQLite file per namespace; [`Kv`] is the handle everybody clones. A write is acknowledged when it is on disk, an
//! expired entry is invisible from its very second, and one namespace's load never waits behind another's for longer
//! than one turn. [`Refusal`] and [`rules`] hold every check and text that Workers KV has, for the binding and the REST
//! API alike. Knows nothing of V8, HTTP, tenants or who may use which namespace.
//!
//! ```text
//! Kv ─► Recent (what was read lately)
//!   ├─► Crew of readers ─┐  (Lines: fair, bounded queues, one per namespace)
//!   └─► Crew of writers ─┴─► Files (bounded, least recently used) ─► NamespaceFile (SQL)
//! ```

mod answer;
mod clock;
mod crew;
mod cursor;
mod engine;
mod entry;
mod error;
mod files;
mod folder;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod lines;
mod namespace_file;
mod page;
mod reads;
mod recent;
mod refusal;
pub mod rules;
mod sweep;
mod writes;

pub use self::clock::Clock;
pub use self::engine::{Config, Kv};
pub use self::entry::{Entry, Key, ListRequest, ListedKey, Page, Write};
pub use self::error::{Fault, KvError};
pub use self::lines::Bounds;
pub use self::refusal::{Method, Refusal, Throws};
