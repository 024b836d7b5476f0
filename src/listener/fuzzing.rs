//! What fuzzing feeds to the listener's own parsers.

use tokio::time::Instant;

use hyper::http::{Request, Version};

use super::frames::Frames;
use super::head::HeadLimits;
use super::wire::Wire;

/// The bytes of HTTP/1.1 connections: the verdict does not depend on how they are cut.
pub(crate) fn http1_bytes(data: &[u8]) {
    let whole = Wire::new().follow(data);
    assert!(whole.is_none_or(|refused| refused < data.len()));
    for cut in [1, 2, 7] {
        let mut wire = Wire::new();
        let mut at = 0;
        let refused = data.chunks(cut).find_map(|piece| {
            let refused = wire.follow(piece).map(|index| at + index);
            at += piece.len();
            refused
        });
        assert_eq!(refused, whole, "in pieces of {cut}");
    }
}

/// The bytes of HTTP/2 connections, the same.
pub(crate) fn http2_frames(data: &[u8]) {
    let now = Instant::now();
    let whole = Frames::new(now).follow(data, now);
    for cut in [1, 5] {
        let mut frames = Frames::new(now);
        let verdict = data.chunks(cut).try_for_each(|piece| frames.follow(piece, now));
        assert_eq!(verdict, whole, "in pieces of {cut}");
    }
}

/// A target, a host and further headers, a line each.
pub(crate) fn request_head(data: &[u8]) {
    let limits = HeadLimits { url_bytes_max: 256, headers_bytes_max: 512 };
    let mut lines = data.split(|byte| *byte == b'\n');
    let (Some(target), host) = (lines.next(), lines.next().unwrap_or_default()) else { return };
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let mut request = Request::builder().version(version).uri(target).header("host", host);
        for line in lines.clone() {
            let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
            request = request.header(&line[..colon], &line[colon + 1..]);
        }
        let Ok(request) = request.body(()) else { continue };
        if limits.check(&request).is_ok() {
            assert!(request.uri().to_string().len() <= 2 * 256, "longer than the limit");
        }
    }
}
