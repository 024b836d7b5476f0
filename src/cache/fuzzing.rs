//! What fuzzing feeds to the parsers of `caches`.

use super::{Headers, Storing, answer, storing};

/// `Range` on answers of several lengths: a part lies inside of what there is.
pub(crate) fn range(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for length in [0, 1, 100, u64::MAX] {
        if let answer::Shape::Part { first, length: wanted } = answer::part(text, length) {
            let fits = first.checked_add(wanted).is_some_and(|end| end <= length);
            assert!(wanted > 0 && fits, "{wanted} from {first} of {length}");
        }
    }
}

/// A response's headers, a line each: what is kept has a time to live, and at most so many headers to agree in.
pub(crate) fn policy(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let headers: Headers = lines.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    for (status, now) in [(200, 0), (302, i64::MAX), (404, i64::MIN), (599, 784_111_777)] {
        if let Ok(Storing::Keep { fresh, vary }) = storing("GET", status, &headers, now) {
            assert!(!fresh.is_zero() && vary.len() <= 16, "{fresh:?} by {vary:?}");
        }
    }
}
