//! What of a kept response does this request get: all of it, a part, or the word that it has not changed?
//!
//! Conditional requests as in RFC 9110, 13, range requests as in RFC 9110, 14; a request for several ranges gets the whole.

use super::{Headers, find, http_date, list};

/// The answer's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// All of it.
    Whole,
    /// 304.
    NotModified,
    /// 206 with these bytes.
    Part {
        /// The first.
        first: u64,
        /// How many, at least one.
        length: u64,
    },
    /// 416.
    Unsatisfiable,
}

/// Decides by the request's headers, the kept ones and the body's length.
#[must_use]
pub fn shape(request: &Headers, kept: &Headers, status: u16, length: u64) -> Shape {
    if !has_changed(request, kept) {
        return Shape::NotModified;
    }
    let range = find(request, "range").filter(|_| status == 200 && is_same(request, kept));
    range.map_or(Shape::Whole, |range| part(range, length))
}

fn has_changed(request: &Headers, kept: &Headers) -> bool {
    let tags = list(request, "if-none-match");
    if !tags.is_empty() {
        let Some(tag) = find(kept, "etag") else { return !tags.iter().any(|one| one == "*") };
        return !tags.iter().any(|one| one == "*" || weak(one) == weak(tag));
    }
    let since = find(request, "if-modified-since").and_then(http_date);
    let modified = find(kept, "last-modified").and_then(http_date);
    match (since, modified) {
        (Some(since), Some(modified)) => modified > since,
        _ => true,
    }
}

/// Whether a part is of what the client has a part of already.
fn is_same(request: &Headers, kept: &Headers) -> bool {
    let Some(condition) = find(request, "if-range") else { return true };
    if condition.starts_with('"') {
        return find(kept, "etag") == Some(condition);
    }
    let modified = find(kept, "last-modified").and_then(http_date);
    modified.is_some() && modified == http_date(condition)
}

fn weak(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

pub(super) fn part(range: &str, length: u64) -> Shape {
    let Some((unit, range)) = range.split_once('=') else { return Shape::Whole };
    let Some((first, last)) = range.trim().split_once('-') else { return Shape::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") || range.contains(',') {
        return Shape::Whole;
    }
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().unwrap_or(u64::MAX));
    let (Some(from), Some(to)) = (number(first), number(last)) else { return Shape::Whole };
    let (first, last) = match (first.is_empty(), last.is_empty()) {
        (true, true) => return Shape::Whole,
        (true, false) if to == 0 => return Shape::Unsatisfiable,
        (true, false) => (length.saturating_sub(to), length.saturating_sub(1)),
        (false, true) => (from, length.saturating_sub(1)),
        (false, false) if to < from => return Shape::Whole,
        (false, false) => (from, to.min(length.saturating_sub(1))),
    };
    if first >= length {
        return Shape::Unsatisfiable;
    }
    Shape::Part { first, length: last - first + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&str, &str)]) -> Headers {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// Ranges of ten bytes, in every form.
    #[test]
    fn a_range_is_cut_to_what_there_is() {
        let part = |first, length| Shape::Part { first, length };
        for (range, expected) in [
            ("bytes=0-3", part(0, 4)),
            ("bytes=4-", part(4, 6)),
            ("bytes=-3", part(7, 3)),
            ("bytes=-30", part(0, 10)),
            ("bytes=9-9", part(9, 1)),
            ("bytes=5-500", part(5, 5)),
            ("bytes=10-", Shape::Unsatisfiable),
            ("bytes=-0", Shape::Unsatisfiable),
            ("bytes=99999999999999999999-", Shape::Unsatisfiable),
            ("bytes=3-2", Shape::Whole),
            ("bytes=-", Shape::Whole),
            ("bytes=0-1,3-4", Shape::Whole),
            ("bytes=a-b", Shape::Whole),
            ("lines=0-1", Shape::Whole),
            ("bytes", Shape::Whole),
        ] {
            assert_eq!(shape(&headers(&[("range", range)]), &headers(&[]), 200, 10), expected, "{range}");
        }
        assert_eq!(shape(&headers(&[("range", "bytes=-1")]), &headers(&[]), 200, 0), Shape::Unsatisfiable);
        assert_eq!(shape(&headers(&[("range", "bytes=0-1")]), &headers(&[]), 404, 10), Shape::Whole);
    }

    /// Validators that agree and that do not.
    #[test]
    fn a_client_that_has_it_is_told_so() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        let later = "Sun, 06 Nov 1994 08:49:38 GMT";
        let kept = headers(&[("etag", "W/\"a\""), ("last-modified", date)]);
        for (request, expected) in [
            (&[("if-none-match", "\"a\"")][..], Shape::NotModified),
            (&[("if-none-match", "\"b\", W/\"a\"")], Shape::NotModified),
            (&[("if-none-match", "*")], Shape::NotModified),
            (&[("if-none-match", "\"b\"")], Shape::Whole),
            (&[("if-modified-since", date)], Shape::NotModified),
            (&[("if-modified-since", later)], Shape::NotModified),
            (&[("if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT")], Shape::Whole),
            (&[("if-none-match", "\"b\""), ("if-modified-since", later)], Shape::Whole),
            (&[("if-modified-since", "nonsense")], Shape::Whole),
            (&[("range", "bytes=0-0"), ("if-range", date)], Shape::Part { first: 0, length: 1 }),
            (&[("range", "bytes=0-0"), ("if-range", later)], Shape::Whole),
            (&[("range", "bytes=0-0"), ("if-range", "\"a\"")], Shape::Whole),
        ] {
            assert_eq!(shape(&headers(request), &kept, 200, 10), expected, "{request:?}");
        }
    }
}
