//! Static assets: what a script is deployed with beside its code, and how a path finds it.
//!
//! A version's manifest says which file is at which path and by which rules paths are read; it is a blob like the code.
//! Files lie in a folder of their tenant under the hash its client gave them, so one tenant's bytes or hashes never meet
//! another's. Deciding what a request gets is pure (`Manifest::decide`); serving it is a thin shell around that.

mod content_type;
mod decide;
mod files;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod headers;
mod html;
mod manifest;
mod pattern;
mod redirects;
mod serve;
mod sessions;

pub use content_type::of_path as content_type_of;
pub use files::AssetFiles;
pub use manifest::{AssetsConfig, Entry, FILE_BYTES_MAX, Manifest, ManifestError};
pub use serve::{Asked, AssetServer, Front};
pub use sessions::{Session, SessionError, SessionToken};
