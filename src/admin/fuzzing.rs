//! What fuzzing feeds to the admin API's parsers.

use std::convert::Infallible;

use bytes::Bytes;
use futures::{executor, stream};

use super::kv_bulk;
use super::metadata::Metadata;
use super::multipart::read_parts;

/// The metadata of an upload.
pub(crate) fn metadata(data: &[u8]) {
    let Ok(metadata) = Metadata::parse(data) else { return };
    let _ = (metadata.entry(), metadata.bindings(), metadata.limits(), metadata.annotations());
    let _ = (metadata.assets_config(), metadata.compatibility_date(), metadata.settings());
}

/// A form: its first line is the boundary. The parts do not depend on how it is cut, nor pass what was sent.
pub(crate) fn form(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let Ok(boundary) = std::str::from_utf8(&data[..end]) else { return };
    let body = data.get(end + 1..).unwrap_or_default();
    let read = |cut: usize| {
        let pieces: Vec<_> = body.chunks(cut).map(|piece| Ok::<_, Infallible>(Bytes::copy_from_slice(piece))).collect();
        executor::block_on(read_parts(stream::iter(pieces), boundary.to_owned(), 1 << 16))
    };
    let (whole, cut) = (read(usize::MAX), read(3));
    assert_eq!(whole.is_ok(), cut.is_ok());
    if let (Ok(whole), Ok(cut)) = (whole, cut) {
        assert_eq!(whole.len(), cut.len());
        assert!(whole.iter().map(|part| part.bytes.len()).sum::<usize>() <= body.len());
    }
}

/// Bodies of writes, removals and reads of many keys of KV.
pub(crate) fn kv_bulk(data: &[u8]) {
    kv_bulk::parse(data);
}
