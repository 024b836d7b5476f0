//! May this response be kept, and for how long?
//!
//! The rules of <https://developers.cloudflare.com/workers/runtime-apis/cache/> over RFC 9111: what can never be kept is
//! refused with an error, what its headers forbid to keep is passed over without one.

use std::time::Duration;

use super::{Headers, find, http_date, list};

/// What is done with a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storing {
    /// It is kept.
    Keep {
        /// For so long.
        fresh: Duration,
        /// For requests that agree in these headers, in lower case and in order.
        vary: Vec<String>,
    },
    /// It is passed over.
    Skip,
}

/// Why a response can never be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Only GET has something to keep.
    #[error("Cannot cache response to non-GET request.")]
    NotGet,
    /// A part is not the whole.
    #[error("Cannot cache response to a range request (206 Partial Content).")]
    Partial,
    /// It stands for a response that the client has.
    #[error("Cannot cache response to a conditional request (304 Not Modified).")]
    NotModified,
    /// No request agrees with it.
    #[error("Cannot cache response with 'Vary: *' header.")]
    VaryAny,
}

/// Decides about a response; `now` in seconds since 1970.
///
/// # Errors
/// [`Refusal`] as the script's `put()` rejects with.
pub fn storing(method: &str, status: u16, headers: &Headers, now: i64) -> Result<Storing, Refusal> {
    if method != "GET" {
        return Err(Refusal::NotGet);
    }
    match status {
        206 => return Err(Refusal::Partial),
        304 => return Err(Refusal::NotModified),
        _ => {}
    }
    let mut vary: Vec<String> = list(headers, "vary").iter().map(|name| name.to_ascii_lowercase()).collect();
    if vary.iter().any(|name| name == "*") {
        return Err(Refusal::VaryAny);
    }
    vary.sort();
    vary.dedup();
    let directives: Vec<String> = list(headers, "cache-control").iter().map(|one| one.to_ascii_lowercase()).collect();
    let has = |name: &str| directives.iter().any(|directive| directive == name);
    let seconds = |name: &str| {
        let found = directives.iter().find_map(|one| one.strip_prefix(name)?.strip_prefix('='));
        found.map(|text| text.trim_matches('"').parse::<i64>().unwrap_or(0))
    };
    let without_cookies = directives.iter().any(|one| one.replace('"', "") == "private=set-cookie");
    if has("no-store") || has("no-cache") || has("private") {
        return Ok(Storing::Skip);
    }
    if find(headers, "set-cookie").is_some() && !without_cookies {
        return Ok(Storing::Skip);
    }
    let expires = || find(headers, "expires").map(|date| http_date(date).map_or(0, |at| at.saturating_sub(now)));
    let fresh = seconds("s-maxage").or_else(|| seconds("max-age")).or_else(expires).unwrap_or(default_fresh(status));
    match u64::try_from(fresh.min(FRESH_SECONDS_MAX)) {
        Ok(fresh) if fresh > 0 && vary.len() <= VARY_MAX => {
            Ok(Storing::Keep { fresh: Duration::from_secs(fresh), vary })
        }
        _ => Ok(Storing::Skip),
    }
}

/// Seconds for which a response is kept that does not say, by its status, as Cloudflare has it.
const fn default_fresh(status: u16) -> i64 {
    match status {
        200 | 301 => 120 * 60,
        302 | 303 => 20 * 60,
        404 | 410 => 3 * 60,
        _ => 0,
    }
}

/// A year.
const FRESH_SECONDS_MAX: i64 = 365 * 24 * 3600;

/// Headers that a response may vary by.
const VARY_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(status: u16, headers: &[(&str, &str)]) -> Option<u64> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        match storing("GET", status, &headers, 784_111_777).expect("no refusal") {
            Storing::Keep { fresh, .. } => Some(fresh.as_secs()),
            Storing::Skip => None,
        }
    }

    /// Each way to say how long, alone and against the others.
    #[test]
    fn how_long_is_said_by_the_most_special_header() {
        assert_eq!(kept(200, &[("cache-control", "max-age=10")]), Some(10));
        assert_eq!(kept(200, &[("cache-control", "public, MAX-AGE=10, s-maxage=\"20\"")]), Some(20));
        assert_eq!(kept(200, &[("cache-control", "max-age=0")]), None);
        assert_eq!(kept(200, &[("cache-control", "max-age=x")]), None);
        assert_eq!(kept(500, &[("cache-control", "max-age=5"), ("expires", "nonsense")]), Some(5));
        assert_eq!(kept(200, &[("expires", "Sun, 06 Nov 1994 08:50:37 GMT")]), Some(60));
        assert_eq!(kept(200, &[("expires", "Sun, 06 Nov 1994 08:49:36 GMT")]), None);
        assert_eq!(kept(200, &[("expires", "0")]), None);
        assert_eq!(kept(200, &[]), Some(7_200));
        assert_eq!(kept(404, &[]), Some(180));
        assert_eq!(kept(500, &[]), None);
        assert_eq!(kept(200, &[("cache-control", "max-age=99999999999")]), Some(365 * 24 * 3600));
    }

    /// What headers forbid, and the one way to keep what sets cookies.
    #[test]
    fn what_is_private_is_passed_over() {
        for directive in ["no-store", "private", "no-cache", "public, No-Store"] {
            assert_eq!(kept(200, &[("cache-control", directive)]), None, "{directive}");
        }
        assert_eq!(kept(200, &[("set-cookie", "a=b")]), None);
        assert_eq!(
            kept(200, &[("set-cookie", "a=b"), ("cache-control", "private=\"Set-Cookie\", max-age=9")]),
            Some(9)
        );
    }

    /// What can never be kept.
    #[test]
    fn what_has_nothing_to_keep_is_refused() {
        let none = Headers::new();
        assert_eq!(storing("POST", 200, &none, 0), Err(Refusal::NotGet));
        assert_eq!(storing("GET", 206, &none, 0), Err(Refusal::Partial));
        assert_eq!(storing("GET", 304, &none, 0), Err(Refusal::NotModified));
        let vary = vec![("Vary".to_owned(), "accept, *".to_owned())];
        assert_eq!(storing("GET", 200, &vary, 0), Err(Refusal::VaryAny));
    }
}
