//! Content codings: what a client says it reads.

/// Whether the value of an `accept-encoding` names this coding and does not refuse it, RFC 9110 section 12.5.3.
#[must_use]
pub fn accepts(value: &str, coding: &str) -> bool {
    value.split(',').any(|one| {
        let (name, quality) = one.split_once(';').unwrap_or((one, "q=1"));
        let refused = quality.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0);
        name.trim().eq_ignore_ascii_case(coding) && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names a coding with a quality, without one, with none left, and not at all.
    #[test]
    fn a_coding_with_quality_zero_is_refused() {
        for (value, accepted) in
            [("gzip", true), ("br, GZIP;q=0.5", true), ("gzip;q=0", false), ("gzip; q=0.0", false), ("", false)]
        {
            assert_eq!(accepts(value, "gzip"), accepted, "{value}");
        }
    }
}
