//! The rules of Workers KV: what may be asked, and the texts of refusals.
//!
//! Pure checks shared by the binding and the REST API; every number and text is Cloudflare's. Numbers that callers gave
//! as text are repeated in the message as they were given. `now` and all times are Unix seconds.

use super::entry::Write;
use super::refusal::Refusal;

/// Longest key and prefix, in bytes of UTF-8.
pub const KEY_BYTES_MAX: usize = 512;

/// Largest value.
pub const VALUE_BYTES_MAX: usize = 26_214_400;

/// Longest metadata, serialised.
pub const METADATA_BYTES_MAX: usize = 1_024;

/// Shortest time to live, and nearest expiration from now.
pub const TTL_SECONDS_MIN: u64 = 60;

/// Shortest `cacheTtl`.
pub const CACHE_TTL_SECONDS_MIN: i64 = 30;

/// Largest page of a list, and the default.
pub const LIST_LIMIT_MAX: usize = 1_000;

/// Most keys of one bulk read.
pub const BULK_READ_KEYS_MAX: usize = 100;

/// Most bytes that one bulk read returns.
pub const BULK_READ_BYTES_MAX: u64 = 25 * 1_024 * 1_024;

/// Most pairs or keys of one bulk write or delete.
pub const BULK_WRITE_PAIRS_MAX: usize = 10_000;

/// Most bytes of one bulk write: keys, values and metadata together.
pub const BULK_WRITE_BYTES_MAX: u64 = 100_000_000;

/// Checks the text of a key.
///
/// # Errors
/// When it is empty, `.`, `..` or too long.
pub fn key_text(text: &str) -> Result<(), Refusal> {
    match text {
        "" => Err(Refusal::type_error("Key name cannot be empty.")),
        "." | ".." => Err(Refusal::type_error(format!("\"{text}\" is not allowed as a key name."))),
        _ => key_length(text),
    }
}

/// Checks the length of a key or a prefix.
///
/// # Errors
/// When it is longer than [`KEY_BYTES_MAX`].
pub fn key_length(text: &str) -> Result<(), Refusal> {
    let length = text.len();
    if length > KEY_BYTES_MAX {
        let message = format!("UTF-8 encoded length of {length} exceeds key length limit of {KEY_BYTES_MAX}.");
        return Err(Refusal::failure(414, message));
    }
    Ok(())
}

/// The moment an entry expires, from what the caller gave; when both are given the time to live wins.
///
/// # Errors
/// When the one that counts is not a whole number, or less than [`TTL_SECONDS_MIN`] ahead.
pub fn expiration(ttl: Option<&str>, absolute: Option<&str>, now: u64) -> Result<Option<u64>, Refusal> {
    match (ttl, absolute) {
        (Some(raw), _) => expiration_from_ttl(raw, now).map(Some),
        (None, Some(raw)) => expiration_from_absolute(raw, now).map(Some),
        (None, None) => Ok(None),
    }
}

/// Checks a `cacheTtl`; there is nothing to cache on one node, so nothing comes of it.
///
/// # Errors
/// When it is not a whole number of at least [`CACHE_TTL_SECONDS_MIN`].
pub fn cache_ttl(raw: &str) -> Result<(), Refusal> {
    match raw.parse::<i64>() {
        Ok(seconds) if seconds >= CACHE_TTL_SECONDS_MIN => Ok(()),
        _ => {
            let message = format!("Invalid cache_ttl of {raw}. Cache TTL must be at least {CACHE_TTL_SECONDS_MIN}.");
            Err(Refusal::failure(400, message))
        }
    }
}

/// Checks the length of a value.
///
/// # Errors
/// When it is larger than [`VALUE_BYTES_MAX`].
pub fn value_length(length: usize) -> Result<(), Refusal> {
    if length > VALUE_BYTES_MAX {
        return Err(Refusal::failure(413, format!("Value length of {length} exceeds limit of {VALUE_BYTES_MAX}.")));
    }
    Ok(())
}

/// Checks the length of metadata, serialised as JSON.
///
/// # Errors
/// When it is longer than [`METADATA_BYTES_MAX`].
pub fn metadata_length(length: usize) -> Result<(), Refusal> {
    if length > METADATA_BYTES_MAX {
        let message = format!("Metadata length of {length} exceeds limit of {METADATA_BYTES_MAX}.");
        return Err(Refusal::failure(413, message));
    }
    Ok(())
}

/// The page size of a list. The binding drops limits of zero and below before it asks.
///
/// # Errors
/// When it is not within 1 to [`LIST_LIMIT_MAX`].
pub fn list_limit(limit: Option<i64>) -> Result<usize, Refusal> {
    let Some(limit) = limit else { return Ok(LIST_LIMIT_MAX) };
    match usize::try_from(limit) {
        Ok(limit @ 1..=LIST_LIMIT_MAX) => Ok(limit),
        Ok(limit @ 1..) => Err(Refusal::failure(
            400,
            format!("Invalid key_count_limit of {limit}. Please specify an integer less than {LIST_LIMIT_MAX}."),
        )),
        _ => Err(Refusal::failure(
            400,
            format!("Invalid key_count_limit of {limit}. Please specify an integer greater than 0."),
        )),
    }
}

/// Checks how many keys a bulk read asks for.
///
/// # Errors
/// When there are none or more than [`BULK_READ_KEYS_MAX`].
pub fn bulk_read_keys(count: usize) -> Result<(), Refusal> {
    match count {
        0 => Err(Refusal::failure(400, "You must request a minimum of 1 key")),
        1..=BULK_READ_KEYS_MAX => Ok(()),
        _ => Err(Refusal::failure(400, format!("You can request a maximum of {BULK_READ_KEYS_MAX} keys"))),
    }
}

/// Checks the `type` of a bulk read.
///
/// # Errors
/// When it is neither `text` nor `json`.
pub fn bulk_read_type(name: &str) -> Result<(), Refusal> {
    match name {
        "text" | "json" => Ok(()),
        _ => Err(Refusal::failure(400, format!("\"{name}\" is not a valid type. Use \"json\" or \"text\""))),
    }
}

/// Checks how much a bulk read returns.
///
/// # Errors
/// When it is more than [`BULK_READ_BYTES_MAX`].
pub fn bulk_read_bytes(bytes: u64) -> Result<(), Refusal> {
    if bytes > BULK_READ_BYTES_MAX {
        return Err(Refusal::failure(413, "Total size of request exceeds the limit of 25MB"));
    }
    Ok(())
}

/// The refusal of a bulk read as JSON that met a value which is not.
#[must_use]
pub fn bulk_value_not_json() -> Refusal {
    Refusal::failure(400, "At least one of the requested keys corresponds to a non-json value")
}

/// The refusal of an unknown `type` of a single read.
#[must_use]
pub fn unknown_read_type() -> Refusal {
    Refusal::type_error(
        "Unknown response type. Possible types are \"text\", \"arrayBuffer\", \"json\", and \"stream\".",
    )
}

/// The refusal of a value of the wrong kind.
#[must_use]
pub fn wrong_value_kind() -> Refusal {
    Refusal::type_error("KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.")
}

/// Checks the writes of one call: each one's lengths, and their number and size together.
///
/// # Errors
/// The first rule that is broken.
pub fn writes(writes: &[Write]) -> Result<(), Refusal> {
    if writes.len() > BULK_WRITE_PAIRS_MAX {
        let message = format!("You can write or delete a maximum of {BULK_WRITE_PAIRS_MAX} keys");
        return Err(Refusal::failure(400, message));
    }
    for write in writes {
        if let Write::Put { value, metadata, .. } = write {
            value_length(value.len())?;
            metadata_length(metadata.as_ref().map_or(0, String::len))?;
        }
    }
    if writes.iter().map(Write::stored_bytes).sum::<u64>() > BULK_WRITE_BYTES_MAX {
        return Err(Refusal::failure(413, "Total size of request exceeds the limit of 100MB"));
    }
    Ok(())
}

/// Whether an entry with this expiration can be seen at `now`; it cannot from the very second it names.
#[must_use]
pub fn is_visible(expiration: Option<u64>, now: u64) -> bool {
    expiration.is_none_or(|at| at > now)
}

fn expiration_from_ttl(raw: &str, now: u64) -> Result<u64, Refusal> {
    let refusal = |rest: String| Refusal::failure(400, format!("Invalid expiration_ttl of {raw}. {rest}"));
    match whole_seconds(raw) {
        Some(ttl) if ttl >= TTL_SECONDS_MIN => Ok(now.saturating_add(ttl).min(TIME_MAX)),
        Some(1..) => Err(refusal(format!("Expiration TTL must be at least {TTL_SECONDS_MIN}."))),
        _ => Err(refusal("Please specify integer greater than 0.".to_owned())),
    }
}

fn expiration_from_absolute(raw: &str, now: u64) -> Result<u64, Refusal> {
    let refusal = |rest: String| Refusal::failure(400, format!("Invalid expiration of {raw}. {rest}"));
    match whole_seconds(raw) {
        Some(at) if at >= now.saturating_add(TTL_SECONDS_MIN) => Ok(at),
        Some(at) if at > now => {
            Err(refusal(format!("Expiration times must be at least {TTL_SECONDS_MIN} seconds in the future.")))
        }
        _ => Err(refusal(
            "Please specify integer greater than the current number of seconds since the UNIX epoch.".to_owned(),
        )),
    }
}

/// A whole number from 0 that JavaScript can hold; more is taken as the largest such number, which never comes.
fn whole_seconds(raw: &str) -> Option<u64> {
    raw.parse::<u64>().ok().map(|seconds| seconds.min(TIME_MAX))
}

/// `Number.MAX_SAFE_INTEGER`: what a script can read back exactly.
const TIME_MAX: u64 = (1 << 53) - 1;

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::entry::{Key, ListRequest};
    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn told<T>(result: Result<T, Refusal>) -> (u16, String) {
        let refusal = result.err().expect("a refusal");
        (refusal.status, refusal.message)
    }

    /// Keys on both sides of each rule.
    #[test]
    fn keys_are_refused_as_workers_refuses_them() {
        for good in ["a", "...", "a b", "/", "\u{0}", &"x".repeat(512), &"é".repeat(256)] {
            assert!(Key::new(good).is_ok(), "{good}");
        }
        assert_eq!(told(Key::new("")), (400, "Key name cannot be empty.".into()));
        assert_eq!(told(Key::new(".")), (400, "\".\" is not allowed as a key name.".into()));
        assert_eq!(told(Key::new("..")), (400, "\"..\" is not allowed as a key name.".into()));
        let long = "UTF-8 encoded length of 514 exceeds key length limit of 512.";
        assert_eq!(told(Key::new(&"é".repeat(257))), (414, long.into()));
    }

    /// Times to live and absolute times on both sides of each rule, and both at once.
    #[test]
    fn expirations_are_at_least_a_minute_ahead() {
        assert_eq!(expiration(None, None, NOW), Ok(None));
        assert_eq!(expiration(Some("60"), None, NOW), Ok(Some(NOW + 60)));
        assert_eq!(expiration(Some("90"), Some("1"), NOW), Ok(Some(NOW + 90)));
        assert_eq!(expiration(None, Some("1800000060"), NOW), Ok(Some(NOW + 60)));
        assert_eq!(expiration(Some("9007199254740993"), None, NOW), Ok(Some(TIME_MAX)));
        for raw in ["0", "-1", "x", "", "60.5", "NaN"] {
            let text = format!("Invalid expiration_ttl of {raw}. Please specify integer greater than 0.");
            assert_eq!(told(expiration(Some(raw), None, NOW)), (400, text));
        }
        for raw in ["1", "59"] {
            let text = format!("Invalid expiration_ttl of {raw}. Expiration TTL must be at least 60.");
            assert_eq!(told(expiration(Some(raw), None, NOW)), (400, text));
        }
        for raw in ["1800000000", "0", "-5", "soon"] {
            let rest = "Please specify integer greater than the current number of seconds since the UNIX epoch.";
            let text = format!("Invalid expiration of {raw}. {rest}");
            assert_eq!(told(expiration(None, Some(raw), NOW)), (400, text));
        }
        for raw in ["1800000001", "1800000059"] {
            let rest = "Expiration times must be at least 60 seconds in the future.";
            assert_eq!(told(expiration(None, Some(raw), NOW)), (400, format!("Invalid expiration of {raw}. {rest}")));
        }
    }

    /// Lengths, limits and counts on both sides.
    #[test]
    fn sizes_are_refused_as_workers_refuses_them() {
        assert!(value_length(26_214_400).is_ok());
        assert_eq!(told(value_length(26_214_401)), (413, "Value length of 26214401 exceeds limit of 26214400.".into()));
        assert!(metadata_length(1_024).is_ok());
        assert_eq!(told(metadata_length(1_025)), (413, "Metadata length of 1025 exceeds limit of 1024.".into()));
        assert!(cache_ttl("30").is_ok());
        for raw in ["29", "-1", "x"] {
            let text = format!("Invalid cache_ttl of {raw}. Cache TTL must be at least 30.");
            assert_eq!(told(cache_ttl(raw)), (400, text));
        }
        assert!(bulk_read_keys(1).and(bulk_read_keys(100)).is_ok());
        assert_eq!(told(bulk_read_keys(0)), (400, "You must request a minimum of 1 key".into()));
        assert_eq!(told(bulk_read_keys(101)), (400, "You can request a maximum of 100 keys".into()));
        assert!(bulk_read_type("json").and(bulk_read_type("text")).is_ok());
        let text = "\"stream\" is not a valid type. Use \"json\" or \"text\"";
        assert_eq!(told(bulk_read_type("stream")), (400, text.into()));
        assert!(bulk_read_bytes(BULK_READ_BYTES_MAX).is_ok());
        assert_eq!(told(bulk_read_bytes(BULK_READ_BYTES_MAX + 1)).0, 413);
    }

    /// List requests on both sides of each rule.
    #[test]
    fn list_requests_are_refused_as_workers_refuses_them() {
        assert_eq!(ListRequest::new(None, None, None).map(|request| request.limit), Ok(1_000));
        assert!(ListRequest::new(Some(&"p".repeat(512)), Some(1), Some("")).is_ok());
        for limit in [0, -1, i64::MIN] {
            let text = format!("Invalid key_count_limit of {limit}. Please specify an integer greater than 0.");
            assert_eq!(told(ListRequest::new(None, Some(limit), None)), (400, text));
        }
        let text = "Invalid key_count_limit of 1001. Please specify an integer less than 1000.";
        assert_eq!(told(ListRequest::new(None, Some(1_001), None)), (400, text.into()));
        assert_eq!(told(ListRequest::new(Some(&"p".repeat(513)), None, None)).0, 414);
        assert_eq!(told(ListRequest::new(None, None, Some("made up"))).0, 400);
    }

    /// Bulk writes on both sides of the count and the size.
    #[test]
    fn bulk_writes_are_bounded_in_number_and_size() {
        let key = Key::new("k").expect("a key");
        let deletes = |count: usize| vec![Write::Delete { key: key.clone() }; count];
        assert!(writes(&deletes(10_000)).is_ok());
        assert_eq!(told(writes(&deletes(10_001))).0, 400);
        let value = Bytes::from(vec![0; 25_000_000]);
        let put = Write::Put { key: key.clone(), value, metadata: None, expiration: None };
        assert!(writes(&vec![put.clone(); 3]).is_ok());
        assert_eq!(told(writes(&vec![put.clone(); 4])).0, 413);
        let long = Write::Put { key, value: Bytes::new(), metadata: Some("m".repeat(1_025)), expiration: None };
        assert_eq!(told(writes(&[long])).1, "Metadata length of 1025 exceeds limit of 1024.");
    }

    /// The second before, the second itself and the second after.
    #[test]
    fn an_entry_is_invisible_from_the_very_second() {
        assert!(is_visible(None, NOW));
        assert!(is_visible(Some(NOW + 1), NOW));
        assert!(!is_visible(Some(NOW), NOW));
        assert!(!is_visible(Some(NOW - 1), NOW));
    }
}
