//! Request bodies, read under the limit and the deadline of their endpoint.
//!
//! [`Body`] is the only way to a body: it never holds more than the endpoint's limit, answers 413 past it and 400 with
//! 10026 for what does not parse. Knows nothing of what the bytes are for.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body as RawBody;
use axum::extract::{FromRequest, Request};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use super::envelope::ApiError;
use super::multipart::{Part, read_parts};
use super::nested::sniffed_boundary;

/// How many bytes the endpoint takes; the gate puts it on every request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyLimit(pub(crate) u64);

/// A body that has not been read yet.
#[derive(Debug)]
pub(crate) struct Body {
    raw: RawBody,
    limit_bytes: u64,
    content_type: String,
}

impl Body {
    /// Is this a multipart form?
    pub(crate) fn is_multipart(&self) -> bool {
        self.media_type() == "multipart/form-data"
    }

    /// Its media type without parameters, lowercase, or empty.
    pub(crate) fn media_type(&self) -> String {
        self.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// All of it.
    pub(crate) async fn bytes(self) -> Result<Bytes, ApiError> {
        let limit_bytes = self.limit_bytes;
        within_deadline(read_bounded(self.raw, limit_bytes)).await
    }

    /// All of it, as JSON.
    pub(crate) async fn json<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        let bytes = self.bytes().await?;
        serde_json::from_slice(&bytes).map_err(ApiError::unreadable_body)
    }

    /// The same, where no body at all stands for the default.
    pub(crate) async fn json_or_default<T: DeserializeOwned + Default>(self) -> Result<T, ApiError> {
        let bytes = self.bytes().await?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(T::default());
        }
        serde_json::from_slice(&bytes).map_err(ApiError::unreadable_body)
    }

    /// All of it: as parts when it is a form that came under another name, which Cloudflare's SDKs do to scripts.
    pub(crate) async fn bytes_or_parts(self) -> Result<BytesOrParts, ApiError> {
        let limit_bytes = self.limit_bytes;
        let bytes = self.bytes().await?;
        let Some(boundary) = sniffed_boundary(&bytes) else {
            return Ok(BytesOrParts::Bytes(bytes));
        };
        let stream = futures::stream::iter([Ok::<_, Infallible>(bytes)]);
        read_parts(stream, boundary, limit_bytes).await.map(BytesOrParts::Parts)
    }

    /// The parts of a multipart form, in the order they came.
    pub(crate) async fn parts(self) -> Result<Vec<Part>, ApiError> {
        if !self.is_multipart() {
            return Err(ApiError::unreadable_body("expected multipart/form-data"));
        }
        let Ok(boundary) = multer::parse_boundary(&self.content_type) else {
            return Err(ApiError::unreadable_body("multipart/form-data without a boundary"));
        };
        within_deadline(read_parts(self.raw.into_data_stream(), boundary, self.limit_bytes)).await
    }
}

/// What came where either is possible.
pub(crate) enum BytesOrParts {
    /// No form.
    Bytes(Bytes),
    /// A form.
    Parts(Vec<Part>),
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        let limit_bytes = request.extensions().get::<BodyLimit>().map_or(0, |limit| limit.0);
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        Ok(Self { raw: request.into_body(), limit_bytes, content_type })
    }
}

/// What the headers say of the body's length, if they do.
pub(crate) fn announced_bytes(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads and forgets a refused body, within bounds, so that a client that writes before it reads sees the refusal
/// instead of a reset connection.
pub(crate) async fn drain(raw: RawBody) {
    let discard = async {
        let mut stream = raw.into_data_stream();
        let mut seen: u64 = 0;
        while let Some(Ok(chunk)) = stream.next().await {
            seen = seen.saturating_add(chunk.len() as u64);
            if seen > DRAINED_BYTES_MAX {
                return;
            }
        }
    };
    // Out of time or drained, what follows is the same: the answer, and the end of the connection if bytes are left.
    let _ = tokio::time::timeout(DRAIN_TIME_MAX, discard).await;
}

async fn read_bounded(raw: RawBody, limit_bytes: u64) -> Result<Bytes, ApiError> {
    let mut stream = raw.into_data_stream();
    let mut whole = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| ApiError::unreadable_body("the body ended early"))?;
        if whole.len() as u64 + chunk.len() as u64 > limit_bytes {
            drop(whole);
            drain(RawBody::from_stream(stream)).await;
            return Err(ApiError::body_too_large(limit_bytes));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}

async fn within_deadline<T>(read: impl Future<Output = Result<T, ApiError>>) -> Result<T, ApiError> {
    match tokio::time::timeout(READ_TIME_MAX, read).await {
        Ok(result) => result,
        Err(_) => Err(ApiError::unreadable_body("the body did not arrive in time")),
    }
}

/// How long a body may take to arrive: 100 MiB at 3 Mbit/s.
const READ_TIME_MAX: Duration = Duration::from_secs(300);

/// How much of a refused body is read and forgotten.
const DRAINED_BYTES_MAX: u64 = 256 << 20;

/// How long a refused body is read.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    fn body(bytes: &'static [u8], limit_bytes: u64, content_type: &str) -> Body {
        Body { raw: RawBody::from(bytes), limit_bytes, content_type: content_type.to_owned() }
    }

    /// Reads bodies of exactly the limit and of one byte more.
    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit_and_no_further() {
        assert_eq!(body(b"1234", 4, "").bytes().await.expect("fits"), "1234");
        let error = body(b"12345", 4, "").bytes().await.expect_err("is refused");
        assert_eq!((error.status().as_u16(), error.code()), (413, 10027));
    }

    /// Sends what is not JSON, and nothing.
    #[tokio::test]
    async fn what_does_not_parse_is_10026() {
        let error = body(b"{", 9, "").json::<serde_json::Value>().await.expect_err("is refused");
        assert_eq!((error.status().as_u16(), error.code()), (400, 10026));
        assert_eq!(body(b" \n", 9, "").json_or_default::<Vec<u8>>().await, Ok(Vec::new()));
        for content_type in ["application/json", "multipart/form-data", ""] {
            let error = body(b"{}", 9, content_type).parts().await.expect_err("is refused");
            assert_eq!(error.code(), 10026);
        }
    }
}
