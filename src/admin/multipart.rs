//! Multipart forms: from the stream to named parts.
//!
//! Promises that all parts together stay under the endpoint's limit and that there are not absurdly many. Knows nothing
//! of what the parts mean; `upload.rs` does.

use bytes::{Bytes, BytesMut};
use futures::Stream;
use multer::{Constraints, Multipart, SizeLimit};

use super::envelope::ApiError;

/// One part of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// `name` of its disposition.
    pub(crate) name: String,
    /// `filename` of its disposition.
    pub(crate) file_name: Option<String>,
    /// Its media type without parameters, lowercase, or empty.
    pub(crate) content_type: String,
    /// Its bytes.
    pub(crate) bytes: Bytes,
}

/// Reads a form to its end.
///
/// # Errors
/// 413 when it is larger than `limit_bytes`, 400 with 10026 when it is not a form.
pub(crate) async fn read_parts<E>(
    stream: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    boundary: String,
    limit_bytes: u64,
) -> Result<Vec<Part>, ApiError>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
{
    let constraints = Constraints::new().size_limit(SizeLimit::new().whole_stream(limit_bytes));
    let mut form = Multipart::with_constraints(stream, boundary, constraints);
    let mut parts = Vec::new();
    while let Some(mut field) = form.next_field().await.map_err(|error| refusal(&error, limit_bytes))? {
        if parts.len() >= PARTS_MAX {
            return Err(ApiError::unreadable_body(format_args!("more than {PARTS_MAX} parts")));
        }
        let Some(name) = field.name().map(unescape) else {
            return Err(ApiError::unreadable_body("a part without a name"));
        };
        let file_name = field.file_name().map(unescape);
        let content_type = field.content_type().map(|mime| mime.essence_str().to_ascii_lowercase());
        let mut bytes = BytesMut::new();
        while let Some(chunk) = field.chunk().await.map_err(|error| refusal(&error, limit_bytes))? {
            bytes.extend_from_slice(&chunk);
        }
        let content_type = content_type.unwrap_or_default();
        parts.push(Part { name, file_name, content_type, bytes: bytes.freeze() });
    }
    Ok(parts)
}

fn refusal(error: &multer::Error, limit_bytes: u64) -> ApiError {
    match error {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => {
            ApiError::body_too_large(limit_bytes)
        }
        multer::Error::StreamReadFailed(_) => ApiError::unreadable_body("the body ended early"),
        other => ApiError::unreadable_body(other),
    }
}

/// Undoes what browsers and Node do to a name in a form: only these three are escaped.
fn unescape(name: &str) -> String {
    name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")
}

/// Parts of one form. A script has at most as many modules.
const PARTS_MAX: usize = 2_000;

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    async fn read(text: &str, limit_bytes: u64) -> Result<Vec<Part>, ApiError> {
        let chunks: Vec<_> =
            text.as_bytes().chunks(7).map(|chunk| Ok::<_, Infallible>(Bytes::copy_from_slice(chunk))).collect();
        read_parts(futures::stream::iter(chunks), "X".to_owned(), limit_bytes).await
    }

    /// Reads a form with a file, a plain field and an escaped name.
    #[tokio::test]
    async fn parts_keep_their_name_type_and_bytes() {
        let form = "--X\r\nContent-Disposition: form-data; name=\"a%22\"\r\n\r\n1\r\n\
            --X\r\nContent-Disposition: form-data; name=\"b\"; filename=\"lib/b.js\"\r\n\
            Content-Type: Application/JavaScript+Module; charset=utf-8\r\n\r\n\r\n--X--\r\n";
        let parts = read(form, 1_000).await.expect("a form");
        assert_eq!((parts[0].name.as_str(), parts[0].bytes.as_ref()), ("a\"", &b"1"[..]));
        assert_eq!(parts[1].content_type, "application/javascript+module");
        assert_eq!(parts[1].name, "b");
        assert!(parts[1].bytes.is_empty());
    }

    /// Cuts a form short at every byte, and lowers the limit below it.
    #[tokio::test]
    async fn half_a_form_is_refused_and_so_is_a_large_one() {
        let form = "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n12345\r\n--X--\r\n";
        assert!(read(form, 1_000).await.is_ok());
        for end in 0..form.len() - 4 {
            assert_eq!(read(&form[..end], 1_000).await.expect_err("is refused").code(), 10026, "{end}");
        }
        let error = read(form, 20).await.expect_err("is refused");
        assert_eq!(error.status().as_u16(), 413);
    }

    /// Sends more parts than any script has modules.
    #[tokio::test]
    async fn parts_are_bounded() {
        let part = "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n";
        let form = format!("{}--X--\r\n", part.repeat(PARTS_MAX + 1));
        assert_eq!(read(&form, 1 << 30).await.expect_err("is refused").code(), 10026);
    }
}
