//! Compiled forms of the scripts that are loaded when they are first wanted: made by the first isolate from the base snapshot
//! that wants one, used by all others of those. V8 refuses it to isolates from other snapshots.
//!
//! V8 makes them right after it has compiled the source that is in our binary, before the script runs: nothing of the
//! isolate is in them. At most one for each script of the table, for as long as the process lives.

use std::sync::OnceLock;

use super::sources::lazy_scripts;

/// What is known of a script.
pub(super) enum Compiled {
    /// It is not one of ours.
    Foreign,
    /// Nobody has compiled it yet.
    NotYet,
    /// Its code cache.
    Known(&'static [u8]),
}

/// The compiled form of this script.
pub(super) fn of(specifier: &str) -> Compiled {
    place(specifier)
        .map_or(Compiled::Foreign, |place| place.get().map_or(Compiled::NotYet, |code| Compiled::Known(code)))
}

/// Keeps what V8 has made; the first one stays.
pub(super) fn keep(specifier: &str, code: &[u8]) {
    if let Some(place) = place(specifier) {
        place.get_or_init(|| code.into());
    }
}

fn place(specifier: &str) -> Option<&'static OnceLock<Box<[u8]>>> {
    static PLACES: OnceLock<Vec<OnceLock<Box<[u8]>>>> = OnceLock::new();
    let table = lazy_scripts();
    let at = table.binary_search_by_key(&specifier, |(name, _)| name).ok()?;
    PLACES.get_or_init(|| table.iter().map(|_| OnceLock::new()).collect()).get(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A script of ours, twice, and one of somebody else's.
    #[test]
    fn each_script_of_ours_is_kept_once() {
        let name = "ext:eyot/lengths.js";
        assert!(matches!(of(name), Compiled::NotYet));
        keep(name, b"first");
        keep(name, b"second");
        assert!(matches!(of(name), Compiled::Known(b"first")));
        keep("script:///index.js", b"x");
        assert!(matches!(of("script:///index.js"), Compiled::Foreign));
    }
}
