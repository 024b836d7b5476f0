//! Compatibility dates and flags: which flags there are, which exclude each other, and which of them are on.
//!
//! Pure. What a flag changes is the business of the module that honours it; most change nothing here, because the APIs
//! are there in their newest form whatever the date (docs/api.md lists those that do).

mod flags;

use flags::FLAGS;

/// Since when scripts have what a flag stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    /// They have it when they ask for it.
    Never,
    /// All have it.
    Always,
    /// Those of this compatibility date and later ones.
    From(&'static str),
    /// Those of this date and later ones that have Node's modules.
    WithNode(&'static str),
    /// Those of the first date and later ones that have Node's modules, and all of the second date and later ones.
    WithNodeOrFrom(&'static str, &'static str),
}

/// Why flags cannot be those of a script, in workerd's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FlagError {
    /// Nobody knows it.
    #[error("No such compatibility flag: {0}")]
    Unknown(String),
    /// It is there twice.
    #[error("Compatibility flag specified multiple times: {0}")]
    Twice(String),
    /// It is there with the one that turns it off.
    #[error("Compatibility flags are mutually contradictory: {0} vs {1}")]
    Contradictory(&'static str, &'static str),
}

/// Whether a script may have these flags.
///
/// # Errors
/// [`FlagError`] for the first that it may not have.
pub fn check(flags: &[String]) -> Result<(), FlagError> {
    for (at, flag) in flags.iter().enumerate() {
        let Some((on, off, _)) = FLAGS.iter().find(|(on, off, _)| flag == on || is(flag, off)) else {
            return Err(FlagError::Unknown(flag.chars().take(SHOWN_MAX).collect()));
        };
        if flags[..at].contains(flag) {
            return Err(FlagError::Twice(flag.clone()));
        }
        if flags[..at].iter().any(|other| other != flag && (other == on || is(other, off))) {
            return Err(FlagError::Contradictory(on, off));
        }
    }
    Ok(())
}

/// Every flag, and whether a script with this date and these flags has it.
pub fn all(date: &str, flags: &[String]) -> impl Iterator<Item = (&'static str, bool)> {
    let has = move |name: &str| !name.is_empty() && flags.iter().any(|flag| flag == name);
    let is_on = move |on: &str, off: &str, since: Since, node: bool| {
        has(on)
            || !has(off)
                && match since {
                    Since::Never => false,
                    Since::Always => true,
                    Since::From(from) => date >= from,
                    Since::WithNode(from) => node && date >= from,
                    Since::WithNodeOrFrom(with_node, from) => date >= if node { with_node } else { from },
                }
    };
    let node = FLAGS.iter().any(|(on, off, since)| *on == NODE && is_on(on, off, *since, false));
    FLAGS.iter().map(move |(on, off, since)| (*on, is_on(on, off, *since, node)))
}

/// Whether a script with this date and these flags has `wanted`.
#[must_use]
pub fn is_on(wanted: &str, date: &str, flags: &[String]) -> bool {
    all(date, flags).any(|(name, on)| on && name == wanted)
}

/// The empty name is nobody's.
fn is(flag: &str, name: &str) -> bool {
    !name.is_empty() && flag == name
}

/// The flag of Node's modules, which many others follow.
pub const NODE: &str = "nodejs_compat";

/// The flag of Node's timers in place of the web's.
pub const NODE_TIMERS: &str = "enable_nodejs_global_timers";

/// The flag of code from strings at the top level.
pub const EVAL_AT_START: &str = "allow_eval_during_startup";

/// Characters of an unknown flag that an error repeats.
const SHOWN_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    fn list(flags: &[&str]) -> Vec<String> {
        flags.iter().map(|flag| (*flag).to_owned()).collect()
    }

    /// Each kind of mistake, and flags that are none.
    #[test]
    fn flags_that_cannot_be_are_refused_in_workerds_words() {
        for (flags, message) in [
            (&["nodejs_compatt"][..], "No such compatibility flag: nodejs_compatt"),
            (&[""], "No such compatibility flag: "),
            (&["url_standard", "url_standard"], "Compatibility flag specified multiple times: url_standard"),
            (
                &["no_nodejs_compat", "nodejs_compat"],
                "Compatibility flags are mutually contradictory: nodejs_compat vs no_nodejs_compat",
            ),
        ] {
            assert_eq!(check(&list(flags)).expect_err("is refused").to_string(), message);
        }
        assert_eq!(check(&list(&["nodejs_compat", "no_nodejs_compat_v2", "temporal", "url_original"])), Ok(()));
        assert!(check(&list(&["\u{fc}".repeat(1_000).as_str()])).expect_err("is refused").to_string().len() < 300);
    }

    /// Dates, flags against them, and those that follow Node's.
    #[test]
    fn a_date_turns_flags_on() {
        for (wanted, date, flags, expected) in [
            ("url_standard", "2022-10-30", &[][..], false),
            ("url_standard", "2022-10-31", &[], true),
            ("url_standard", "2026-01-01", &["url_original"], false),
            ("url_standard", "", &["url_standard"], true),
            ("r2_public_beta_bindings", "", &[], true),
            ("nodejs_compat", "2026-08-03", &[], false),
            ("nodejs_compat", "2026-08-04", &[], true),
            ("nodejs_compat_v2", "2026-01-01", &[], false),
            ("nodejs_compat_v2", "2026-01-01", &["nodejs_compat"], true),
            ("nodejs_compat_v2", "2026-08-03", &["no_nodejs_compat"], false),
            ("nodejs_compat_v2", "2026-08-04", &["no_nodejs_compat"], true),
            ("enable_nodejs_fs_module", "2025-09-14", &["nodejs_compat"], false),
            ("temporal", "2026-11-30", &[], false),
        ] {
            assert_eq!(is_on(wanted, date, &list(flags)), expected, "{wanted} {date} {flags:?}");
        }
        assert_eq!(all("", &[]).count(), FLAGS.len());
    }

    /// No name stands for two things.
    #[test]
    fn names_are_told_apart() {
        let mut names: Vec<&str> =
            FLAGS.iter().flat_map(|(on, off, _)| [*on, *off]).filter(|name| !name.is_empty()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
