//! The HTTP cache under `caches`: responses that scripts have put, by tenant, cache name and URL.
//!
//! An index in SQLite and one file for each body, streamed both ways. Bounded by bytes and entries for each tenant and by
//! bytes for the node; what was used longest ago goes first. It is emptied when the node starts: nothing in it is ever
//! the only copy, so nothing is done for its safety.
//!
//! `policy` and `answer` decide (what may be kept, what a request gets of it), `engine` does. Knows nothing of isolates.
//!
//! Invariant: the tenant is part of every key and is given by the host; no call reaches another tenant's entries.

mod answer;
mod engine;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod policy;

pub use answer::{Shape, shape};
pub use engine::{Cache, CacheError, Config, Hit, Key, Writer};
pub use policy::{Refusal, Storing, storing};

/// Names in lower case and values, as they came.
pub type Headers = Vec<(String, String)>;

fn find<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// All values of a header as one list.
fn list(headers: &Headers, name: &str) -> Vec<String> {
    let values = headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
    values
        .flat_map(|(_, value)| value.split(','))
        .map(|item| item.trim().to_owned())
        .filter(|item| !item.is_empty())
        .collect()
}

fn http_date(text: &str) -> Option<i64> {
    let format = &time::format_description::well_known::Rfc2822;
    time::OffsetDateTime::parse(text, format).ok().map(time::OffsetDateTime::unix_timestamp)
}
