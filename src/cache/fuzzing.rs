//! What fuzzing feeds to the parsers of `caches`.

use super::answer;

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
