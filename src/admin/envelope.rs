//! The JSON envelope around every answer of the v4 API, and the errors that travel in it.
//!
//! Owns Cloudflare's numbers and the HTTP statuses they come with. An [`ApiError`] holds only what the client may read:
//! the text of our own faults goes to the log, never into an answer. Knows nothing of what the calls do.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::Value;

use crate::control::Page;

/// An answer with `success: true`.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    result: Value,
    messages: Vec<Note>,
    result_info: Option<Value>,
}

/// An answer with `success: false`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: u32,
    message: String,
}

/// A numbered remark to the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Note {
    code: u32,
    message: String,
}

/// What handlers return.
pub(crate) type ApiResult = Result<Reply, ApiError>;

impl Reply {
    /// This result.
    pub(crate) fn of(result: impl Serialize) -> ApiResult {
        let result =
            serde_json::to_value(result).map_err(|error| ApiError::internal("write the answer as JSON", &error))?;
        Ok(Self { status: StatusCode::OK, result, messages: Vec::new(), result_info: None })
    }

    /// `result: null`, for calls that have nothing to say.
    pub(crate) fn null() -> ApiResult {
        Self::of(Value::Null)
    }

    /// One page of a list that has `total` items in all.
    pub(crate) fn page<T: Serialize>(items: Vec<T>, page: Page, total: u64) -> ApiResult {
        let info = page_info(items.len(), page, total);
        Ok(Self::of(items)?.with_info(info))
    }

    /// The same with a remark.
    pub(crate) fn with_note(mut self, code: u32, message: impl Into<String>) -> Self {
        self.messages.push(Note { code, message: message.into() });
        self
    }

    /// The same with another status.
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The same with `result_info`.
    pub(crate) fn with_info(mut self, info: Value) -> Self {
        self.result_info = Some(info);
        self
    }
}

/// `result_info` of a page with so many items.
pub(crate) fn page_info(count: usize, page: Page, total: u64) -> Value {
    serde_json::json!({
        "page": page.number,
        "per_page": page.per_page,
        "count": count,
        "total_count": total,
        "total_pages": total.div_ceil(u64::from(page.per_page.max(1))),
    })
}

impl ApiError {
    /// An error with a number of Cloudflare's.
    pub(crate) fn new(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// Nothing like that here, or nothing that this caller may know of.
    pub(crate) fn no_such_object(path: &str) -> Self {
        let shown: String = path.chars().take(SHOWN_CHARS_MAX).collect();
        let message = format!("Could not route to {shown}, perhaps your object identifier is invalid?");
        Self::new(StatusCode::NOT_FOUND, 7003, message)
    }

    /// No call has this path.
    pub(crate) fn no_such_call() -> Self {
        Self::new(StatusCode::NOT_FOUND, 7000, "No route for that URI")
    }

    /// The path is right, the method is not.
    pub(crate) fn wrong_method(method: &http::Method) -> Self {
        let message = format!("Method {method} not available for that URI.");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, 7001, message)
    }

    /// No token came with the request.
    pub(crate) fn no_credentials() -> Self {
        Self::new(StatusCode::BAD_REQUEST, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers")
    }

    /// The same outside the v4 API, where plain HTTP clients expect the status of the HTTP standard.
    pub(crate) fn no_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 9106, "Missing Authorization header")
    }

    /// A token came that nobody has.
    pub(crate) fn unknown_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 10000, "Authentication error")
    }

    /// The token is real but not for this.
    pub(crate) fn scope_missing(scope: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, 10000, format!("Authentication error: the token lacks the scope \"{scope}\""))
    }

    /// The body is larger than this call takes.
    pub(crate) fn body_too_large(limit_bytes: u64) -> Self {
        let message = format!("request body exceeds the limit of {limit_bytes} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, 10027, message)
    }

    /// The body is not what the call takes.
    pub(crate) fn unreadable_body(why: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, 10026, format!("could not parse the request body: {why}"))
    }

    /// A query or path parameter is out of its range.
    pub(crate) fn bad_parameter(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, 10001, message)
    }

    /// Cloudflare has this and we do not.
    pub(crate) fn unsupported(what: &str) -> Self {
        // Not 501: wrangler repeats calls that fail with 5xx, and this one fails the same way every time.
        Self::new(StatusCode::BAD_REQUEST, 10015, format!("{what} is not supported by this node yet"))
    }

    /// Our fault: the log gets the cause, the client does not.
    pub(crate) fn internal(doing: &str, cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "admin call failed to {doing}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, 10013, "internal error; the node's log has the cause")
    }

    /// The node has too much to do.
    pub(crate) fn overloaded() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, 10001, "the node is busy; try again in a moment")
    }

    /// Its status.
    #[cfg(test)]
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// Its number.
    #[cfg(test)]
    pub(crate) fn code(&self) -> u32 {
        self.code
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut envelope = serde_json::json!({
            "success": true,
            "result": self.result,
            "errors": [],
            "messages": self.messages,
        });
        if let Some(info) = self.result_info {
            envelope["result_info"] = info;
        }
        json_response(self.status, &envelope)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let error = serde_json::json!({ "code": self.code, "message": self.message });
        let envelope = serde_json::json!({ "success": false, "result": null, "errors": [error], "messages": [] });
        let mut response = json_response(self.status, &envelope);
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

fn json_response(status: StatusCode, envelope: &Value) -> Response {
    let content_type = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, content_type, envelope.to_string()).into_response()
}

/// How much of a path an error repeats.
const SHOWN_CHARS_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks for an internal error with a telling cause.
    #[test]
    fn our_own_faults_are_not_told_to_the_client() {
        let error = ApiError::internal("write", &"disk /secret/path is full");
        assert!(!error.message.contains("secret"));
    }
}
