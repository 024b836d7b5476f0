//! What `fetch` sends over the network: the request as Deno makes it, and an answer whose body is decoded when somebody
//! reads it, not before.
//!
//! A response that a script only passes on goes its way as the origin encoded it, as it does in Workers: nobody pays for
//! taking it apart and packing it again.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use deno_core::convert::{ByteString, Uint8Array};
use deno_core::url::Url;
use deno_core::{CancelFuture as _, CancelHandle, OpState, RcRef, ResourceId, op2};
use deno_error::JsErrorBox;
use deno_fetch::{
    BodyDecoded, FetchCancelHandle, FetchError, FetchRequestResource, FetchResponseReader, FetchResponseResource,
    FetchReturn, ReqBody, ResBody, ResourceToBodyAdapter, extract_authority, get_or_create_client_from_state,
};
use deno_permissions::PermissionsContainer;
use futures::{StreamExt as _, TryFutureExt as _, TryStreamExt as _, stream};
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, HOST, RANGE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyDataStream, StreamBody};
use tokio_util::io::{ReaderStream, StreamReader};

use super::codec::{INFLATE_BYTES, brotli_window};
use super::runs;
use super::source::Source;
use crate::codings::accepts;
use crate::isolate::body::Held;
use crate::isolate::gauge::MemoryGauge;

/// Sends a request to an `http:` or `https:` URL; its answer comes through Deno's `op_fetch_send`. Bodies in `gzip` are
/// decoded when they are read, those in `br` if the script knows it as a coding.
#[op2]
pub(crate) fn op_eyot_fetch(
    state: &mut OpState,
    #[scoped] method: ByteString,
    #[string] url: String,
    #[scoped] headers: Vec<(ByteString, ByteString)>,
    has_body: bool,
    data: Option<Uint8Array>,
    #[smi] resource: Option<ResourceId>,
    brotli: bool,
) -> Result<FetchReturn, JsErrorBox> {
    let client = get_or_create_client_from_state(state).map_err(JsErrorBox::from_err)?;
    let mut url = Url::parse(&url).map_err(|error| JsErrorBox::type_error(error.to_string()))?;
    state.borrow_mut::<PermissionsContainer>().check_net_url(&url, "fetch()").map_err(JsErrorBox::from_err)?;
    let authority = extract_authority(&mut url);
    let uri = url.as_str().parse::<Uri>().map_err(|_| JsErrorBox::type_error(format!("Invalid URL {url}")))?;
    let mut request = Request::new(ReqBody::empty());
    *request.method_mut() = Method::from_bytes(&method).map_err(|error| JsErrorBox::type_error(error.to_string()))?;
    *request.uri_mut() = uri;
    let length = match (has_body.then_some(data).flatten(), resource) {
        (Some(data), _) => {
            let length = data.len() as u64;
            *request.body_mut() = ReqBody::full(data.0.into());
            Some(length)
        }
        (None, Some(resource)) if has_body => {
            let length = Source::of(state, resource)?.length();
            let resource = state.resource_table.take_any(resource).map_err(JsErrorBox::from_err)?;
            *request.body_mut() = ReqBody::streaming(ResourceToBodyAdapter::new(resource));
            length
        }
        // https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
        _ => matches!(*request.method(), Method::POST | Method::PUT).then_some(0),
    };
    if let Some((user, password)) = authority {
        request.headers_mut().insert(AUTHORIZATION, basic(&user, password.as_deref())?);
    }
    if let Some(length) = length {
        request.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    add_headers(request.headers_mut(), &headers, brotli)?;
    // A part of an encoded body cannot be decoded.
    let decodes = !request.headers().contains_key(RANGE);
    let gauge = Arc::clone(&runs(state).borrow().gauge);
    let cancel = CancelHandle::new_rc();
    let sent = client.send_no_decompress(request).map_err(FetchError::from);
    let answered = sent.map_ok(move |response| if decodes { decodable(response, brotli, gauge) } else { response });
    let future = Box::pin(answered.or_cancel(cancel.clone()));
    Ok(FetchReturn {
        request_rid: state.resource_table.add(FetchRequestResource { future, url }),
        cancel_handle_rid: Some(state.resource_table.add(FetchCancelHandle(cancel))),
    })
}

/// Leaves the body of an answer in the form it came in, if that is `format`, `accept` has it, and nobody has read of it.
#[op2(fast)]
pub(crate) fn op_eyot_fetch_as_is(
    state: &mut OpState,
    #[smi] response: ResourceId,
    #[string] format: &str,
    #[string] accept: &str,
) -> bool {
    let Ok(response) = state.resource_table.get::<FetchResponseResource>(response) else { return false };
    let reader = RcRef::map(response, |response| &response.response_reader);
    let Some(reader) = reader.try_borrow() else { return false };
    let FetchResponseReader::Start(head) = &*reader else { return false };
    let Some(coded) = head.extensions().get::<Coded>() else { return false };
    let (wanted, name) = match coded.coding {
        Coding::Gzip => ("gzip", "gzip"),
        Coding::Brotli => ("brotli", "br"),
    };
    let stays = format == wanted && accepts(accept, name);
    if stays {
        coded.as_is.store(true, Ordering::Relaxed);
    }
    stays
}

/// How many bytes the body of an answer has that nobody has read of; -1 where the origin did not say, and where it is to
/// be decoded.
#[op2(fast)]
pub(crate) fn op_eyot_fetch_length(state: &mut OpState, #[smi] response: ResourceId) -> f64 {
    let length = state.resource_table.get::<FetchResponseResource>(response).ok().and_then(|response| {
        let reader = RcRef::map(response, |response| &response.response_reader);
        match &*reader.try_borrow()? {
            FetchResponseReader::Start(head) => head.body().size_hint().exact(),
            _ => None,
        }
    });
    #[expect(clippy::cast_precision_loss, reason = "no body is as long as 2^53")]
    length.map_or(-1.0, |length| length as f64)
}

fn add_headers(into: &mut HeaderMap, headers: &[(ByteString, ByteString)], brotli: bool) -> Result<(), JsErrorBox> {
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name).map_err(|error| JsErrorBox::type_error(error.to_string()))?;
        let value = HeaderValue::from_bytes(value).map_err(|error| JsErrorBox::type_error(error.to_string()))?;
        if name != HOST && name != CONTENT_LENGTH {
            into.append(name, value);
        }
    }
    if !into.contains_key(ACCEPT_ENCODING) {
        let accepted = match (into.contains_key(RANGE), brotli) {
            (true, _) => "identity",
            (false, true) => "gzip, br",
            (false, false) => "gzip",
        };
        into.insert(ACCEPT_ENCODING, HeaderValue::from_static(accepted));
    }
    Ok(())
}

/// Credentials of a URL as a header.
fn basic(user: &str, password: Option<&str>) -> Result<HeaderValue, JsErrorBox> {
    let mut value = "Basic ".to_owned();
    BASE64_STANDARD.encode_string(format!("{user}:{}", password.unwrap_or_default()), &mut value);
    let mut value = HeaderValue::try_from(value).map_err(|error| JsErrorBox::type_error(error.to_string()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The codings that are decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Gzip,
    Brotli,
}

/// Says of an answer that its body is encoded, and whether it is to stay so.
#[derive(Clone)]
struct Coded {
    coding: Coding,
    as_is: Arc<AtomicBool>,
}

fn decodable(response: Response<ResBody>, brotli: bool, gauge: Arc<MemoryGauge>) -> Response<ResBody> {
    let Some(coding) = coding_of(response.headers(), brotli) else { return response };
    let as_is = Arc::new(AtomicBool::new(false));
    let (mut head, raw) = response.into_parts();
    head.extensions.insert(BodyDecoded);
    head.extensions.insert(Coded { coding, as_is: Arc::clone(&as_is) });
    Response::from_parts(head, ResBody::new(Answer::Undecided { raw, coding, as_is, gauge }))
}

/// What a body with these headers is encoded in, where that is one coding of ours and there is a body.
fn coding_of(headers: &HeaderMap, brotli: bool) -> Option<Coding> {
    if headers.get(CONTENT_LENGTH).is_some_and(|length| length == "0") {
        return None;
    }
    let mut codings = headers.get_all(CONTENT_ENCODING).iter();
    let coding = codings.next()?.to_str().ok()?.trim();
    match codings.next() {
        None if coding.eq_ignore_ascii_case("gzip") => Some(Coding::Gzip),
        None if coding.eq_ignore_ascii_case("br") && brotli => Some(Coding::Brotli),
        _ => None,
    }
}

/// A body that its first reader decides about.
enum Answer {
    Undecided { raw: ResBody, coding: Coding, as_is: Arc<AtomicBool>, gauge: Arc<MemoryGauge> },
    Plain(ResBody),
    Decoded(ResBody, #[expect(dead_code, reason = "held until the decoder is gone")] Held),
    Ended,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = JsErrorBox;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, JsErrorBox>>> {
        loop {
            match &mut *self {
                Self::Plain(body) | Self::Decoded(body, _) => return Pin::new(body).poll_frame(context),
                Self::Ended => return Poll::Ready(None),
                Self::Undecided { as_is, raw, .. } if as_is.load(Ordering::Relaxed) => {
                    let raw = std::mem::take(raw);
                    *self = Self::Plain(raw);
                }
                Self::Undecided { raw, coding, gauge, .. } => {
                    let first = match ready!(Pin::new(&mut *raw).poll_frame(context)) {
                        Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
                        Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                        // Some servers say so of bodies that are not there.
                        None => {
                            *self = Self::Ended;
                            continue;
                        }
                    };
                    if first.is_empty() {
                        continue;
                    }
                    let decoder = decoder(std::mem::take(raw), first, *coding, gauge);
                    match decoder {
                        Ok((body, held)) => *self = Self::Decoded(body, held),
                        Err(error) => {
                            *self = Self::Ended;
                            return Poll::Ready(Some(Err(error)));
                        }
                    }
                }
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Plain(body) => body.size_hint(),
            Self::Undecided { as_is, raw, .. } if as_is.load(Ordering::Relaxed) => raw.size_hint(),
            _ => SizeHint::default(),
        }
    }
}

/// What `first` and the rest hold, and what the decoder takes for itself.
fn decoder(
    rest: ResBody,
    first: Bytes,
    coding: Coding,
    gauge: &Arc<MemoryGauge>,
) -> Result<(ResBody, Held), JsErrorBox> {
    let window = match (coding, first.first()) {
        (Coding::Brotli, Some(first)) => {
            brotli_window(*first).ok_or_else(|| JsErrorBox::type_error("The body's window is too large."))?
        }
        _ => 0,
    };
    let held = Held::reserve(gauge, INFLATE_BYTES + (1 << window));
    let held =
        held.ok_or_else(|| JsErrorBox::range_error("The body cannot be decoded: the isolate's memory is full."))?;
    let rest = BodyDataStream::new(rest).map_err(|error| io::Error::other(error.to_string()));
    let coded = StreamReader::new(stream::iter([Ok(first)]).chain(rest));
    let body = match coding {
        Coding::Gzip => {
            let mut decoder = GzipDecoder::new(coded);
            decoder.multiple_members(true);
            frames(decoder)
        }
        Coding::Brotli => frames(BrotliDecoder::new(coded)),
    };
    Ok((body, held))
}

fn frames(decoder: impl tokio::io::AsyncRead + Send + Sync + 'static) -> ResBody {
    let pieces = ReaderStream::with_capacity(decoder, PIECE_BYTES);
    let frames = pieces
        .map_ok(Frame::data)
        .map_err(|error| JsErrorBox::type_error(format!("The body cannot be decoded: {error}")));
    ResBody::new(StreamBody::new(frames))
}

/// The pieces in which decoded bodies come.
const PIECE_BYTES: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    /// One coding of ours in any case; others, several, and none.
    #[test]
    fn codings_are_known_by_their_name_alone() {
        let headers = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONTENT_ENCODING, HeaderValue::from_static(value));
            }
            headers
        };
        assert_eq!(coding_of(&headers(&[" GZip "]), false), Some(Coding::Gzip));
        assert_eq!(coding_of(&headers(&["br"]), true), Some(Coding::Brotli));
        for (values, brotli) in [(&["br"][..], false), (&["gzip", "gzip"], true), (&["gzip, br"], true), (&[], true)] {
            assert_eq!(coding_of(&headers(values), brotli), None, "{values:?}");
        }
    }
}
