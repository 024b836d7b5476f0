//! What fuzzing feeds to the readers of a project's configuration.

use std::path::Path;

use super::jsonc;
use super::wrangler::{Format, Source, settle};

/// A wrangler configuration, in both its formats, with and without an environment.
pub(crate) fn wrangler_config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for (file, format) in [("wrangler.toml", Format::Toml), ("wrangler.jsonc", Format::Jsonc)] {
        for environment in [None, Some("production")] {
            let _ = settle(Path::new("/p"), &Source { file, text, format }, environment);
        }
    }
    assert_eq!(jsonc::to_json(text).len(), text.len(), "places in the file stay what they are");
}
