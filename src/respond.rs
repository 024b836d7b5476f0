//! Responses: the only file that picks a status code on the data plane.
//!
//! What a handler answers goes out as it is, with its ray; what did not end in an answer becomes the code and status of
//! contract section 2. A response's body holds the request's permit, so that a tenant's concurrency counts requests to
//! their last byte. Knows nothing of routing or V8.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER, SEC_WEBSOCKET_ACCEPT, UPGRADE};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::admit::Permit;
use crate::ids::RayId;
use crate::isolate::{Body, BodyError, Outcome};

/// The body of every response of the data plane.
pub struct ResponseBody {
    body: Body,
    _permit: Option<Arc<Permit>>,
    meter: Option<Box<dyn Meter>>,
}

/// Counts what goes out; dropped when the response is over.
pub trait Meter: Send {
    /// So many bytes more of the body.
    fn sent(&mut self, bytes: u64);
}

/// The handler's own answer.
#[must_use]
pub fn answered(
    response: Response<Body>,
    permit: Arc<Permit>,
    meter: Box<dyn Meter>,
    ray: &RayId,
) -> Response<ResponseBody> {
    let mut response = response.map(|body| ResponseBody { body, _permit: Some(permit), meter: Some(meter) });
    set_ray(&mut response, ray);
    response
}

/// The handler's answer that makes a WebSocket of the connection: over HTTP/1.1, which has an `accept` value, or as a
/// stream of HTTP/2, which has none. The socket itself holds the permit.
#[must_use]
pub fn upgraded(response: Response<Body>, accept: Option<&HeaderValue>, ray: &RayId) -> Response<ResponseBody> {
    let mut response = response.map(|body| ResponseBody { body, _permit: None, meter: None });
    match accept {
        Some(accept) => {
            *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
            let headers = response.headers_mut();
            headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
            headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(SEC_WEBSOCKET_ACCEPT, accept.clone());
        }
        None => *response.status_mut() = StatusCode::OK,
    }
    set_ray(&mut response, ray);
    response
}

/// What a client sees of a request that did not end in an answer. `Ok` and `Canceled` have nobody to be shown to and are
/// our fault if they get here.
#[must_use]
pub fn failed(outcome: Outcome, retry_after: Option<Duration>, ray: &RayId) -> Response<ResponseBody> {
    let (status, code) = match outcome {
        Outcome::Exception => (StatusCode::INTERNAL_SERVER_ERROR, 1101),
        Outcome::ExceededCpu | Outcome::ExceededMemory | Outcome::ExceededWallTime => {
            (StatusCode::SERVICE_UNAVAILABLE, 1102)
        }
        Outcome::ScriptNotFound => (StatusCode::NOT_FOUND, 1022),
        Outcome::TenantLimited => (StatusCode::TOO_MANY_REQUESTS, 1015),
        Outcome::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, 1105),
        Outcome::LoopDetected => (StatusCode::LOOP_DETECTED, 1019),
        Outcome::InternalError | Outcome::Ok | Outcome::Canceled => (StatusCode::INTERNAL_SERVER_ERROR, 1104),
    };
    let mut response = text(status, format!("error code: {code}\n"));
    let headers = response.headers_mut();
    headers.insert(EYOT_ERROR, HeaderValue::from(code));
    if matches!(outcome, Outcome::TenantLimited | Outcome::Overloaded) {
        let seconds = retry_after.unwrap_or(RETRY_DEFAULT).as_secs_f64().ceil();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few whole seconds")]
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1.0) as u64));
    }
    set_ray(&mut response, ray);
    response
}

/// The same for a script that called another one through a service binding.
#[must_use]
pub fn failed_within(outcome: Outcome, ray: &RayId) -> Response<Body> {
    failed(outcome, None, ray).map(|body| body.body)
}

/// The announced body is longer than the script's limit.
#[must_use]
pub fn body_too_large(limit_bytes: u64, ray: &RayId) -> Response<ResponseBody> {
    let mut response =
        text(StatusCode::PAYLOAD_TOO_LARGE, format!("request body too large: the limit is {limit_bytes} bytes\n"));
    set_ray(&mut response, ray);
    response
}

/// An event was fired by hand, in development; the client is told how it ended.
#[must_use]
pub fn fired(outcome: Outcome, format: Shown, ray: &RayId) -> Response<ResponseBody> {
    let status = if outcome == Outcome::Ok { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR };
    let outcome = outcome.as_str();
    let mut response = match format {
        Shown::Text => text(status, outcome.to_owned()),
        Shown::Json => text(status, format!("{{\"outcome\":\"{outcome}\",\"noRetry\":false}}")),
    };
    if format == Shown::Json {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    set_ray(&mut response, ray);
    response
}

/// How [`fired`] says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// One word.
    Text,
    /// An object.
    Json,
}

/// The request names no host that could be one.
#[must_use]
pub fn bad_host(ray: &RayId) -> Response<ResponseBody> {
    let mut response = text(StatusCode::BAD_REQUEST, "bad request: no valid host\n".to_owned());
    set_ray(&mut response, ray);
    response
}

fn text(status: StatusCode, text: String) -> Response<ResponseBody> {
    let body = ResponseBody { body: Body::from_bytes(Bytes::from(text)), _permit: None, meter: None };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=UTF-8"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn set_ray(response: &mut Response<ResponseBody>, ray: &RayId) {
    let value = HeaderValue::from_str(ray.as_str()).expect("a ray is hexadecimal digits");
    response.headers_mut().insert(EYOT_RAY, value);
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if let (Poll::Ready(Some(Ok(frame))), Some(meter)) = (&polled, &mut self.meter)
            && let Some(data) = frame.data_ref()
        {
            meter.sent(data.len() as u64);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The request's id.
pub const EYOT_RAY: HeaderName = HeaderName::from_static("eyot-ray");

/// The number of the body's `error code: NNNN`.
pub const EYOT_ERROR: HeaderName = HeaderName::from_static("eyot-error");

/// When nothing better is known.
const RETRY_DEFAULT: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    /// Every failure and what contract section 2 says of it.
    #[test]
    fn failures_have_the_codes_of_the_contract() {
        let table = [
            (Outcome::Exception, 500, "1101"),
            (Outcome::ExceededCpu, 503, "1102"),
            (Outcome::ExceededMemory, 503, "1102"),
            (Outcome::ExceededWallTime, 503, "1102"),
            (Outcome::ScriptNotFound, 404, "1022"),
            (Outcome::TenantLimited, 429, "1015"),
            (Outcome::Overloaded, 503, "1105"),
            (Outcome::LoopDetected, 508, "1019"),
            (Outcome::InternalError, 500, "1104"),
        ];
        for (outcome, status, code) in table {
            let response = failed(outcome, None, &RayId::generate());
            assert_eq!(response.status().as_u16(), status, "{outcome:?}");
            assert_eq!(response.headers()[EYOT_ERROR], code, "{outcome:?}");
            assert!(response.headers().contains_key(EYOT_RAY));
            let shed = matches!(outcome, Outcome::TenantLimited | Outcome::Overloaded);
            assert_eq!(response.headers().contains_key(RETRY_AFTER), shed, "{outcome:?}");
        }
    }
}
