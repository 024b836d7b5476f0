//! Bodies of the requests that service bindings make: nothing, bytes, a stream of JavaScript's, or what a method's caller says.
//!
//! Whatever of them waits in the host is counted against the memory of the isolate that calls.

use std::sync::Arc;

use bytes::Bytes;
use deno_core::{OpState, v8};
use deno_error::JsErrorBox;
use futures::stream;
use http_body::Frame;
use http_body_util::{BodyExt as _, Empty, Full, StreamBody};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::run::{body_bytes, copy_body};
use crate::isolate::body::{BoxError, Held, HeldBytes, RequestBody};
use crate::isolate::gauge::MemoryGauge;

/// A piece of a request's body on its way.
pub(super) type Piece = Result<Frame<Bytes>, BoxError>;

pub(super) fn whole_body<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    body: v8::Local<'s, v8::Value>,
    gauge: &Arc<MemoryGauge>,
) -> Result<RequestBody, JsErrorBox> {
    if body.is_null_or_undefined() {
        return Ok(Empty::new().map_err(|never| match never {}).boxed_unsync());
    }
    let bytes = whole_bytes(scope, body, gauge)?;
    Ok(Full::new(bytes).map_err(|never| match never {}).boxed_unsync())
}

pub(super) fn whole_bytes<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    body: v8::Local<'s, v8::Value>,
    gauge: &Arc<MemoryGauge>,
) -> Result<Bytes, JsErrorBox> {
    let held = Held::reserve(gauge, body_bytes(scope, body)?).ok_or_else(too_large)?;
    Ok(Bytes::from_owner(HeldBytes::new(copy_body(scope, body)?, held)))
}

/// What the caller of a method says: the first message, and what is sent behind it until the caller's run ends.
pub(super) fn spoken_body(first: Bytes, ended: CancellationToken) -> (RequestBody, mpsc::Sender<Piece>) {
    let (messages, receive) = mpsc::channel::<Piece>(PIECES_AHEAD);
    let frames = stream::unfold((Some(first), receive, ended), async |(first, mut receive, ended)| {
        if let Some(first) = first {
            return Some((Ok(Frame::data(first)), (None, receive, ended)));
        }
        let piece = tokio::select! {
            biased;
            () = ended.cancelled() => None,
            piece = receive.recv() => piece,
        };
        piece.map(|piece| (piece, (None, receive, ended)))
    });
    (StreamBody::new(frames).boxed_unsync(), messages)
}

/// A stream of JavaScript as a request body: read as the called side asks for it, some pieces ahead.
pub(super) fn stream_body(state: &OpState, rid: u32, gauge: &Arc<MemoryGauge>) -> Result<RequestBody, JsErrorBox> {
    let resource = state.resource_table.get_any(rid).map_err(|error| JsErrorBox::type_error(error.to_string()))?;
    let (pieces, receive) = mpsc::channel::<Piece>(PIECES_AHEAD);
    let gauge = Arc::clone(gauge);
    deno_core::unsync::spawn(async move {
        loop {
            // Nobody reads any more when there is no place: the call was answered or given up.
            let Ok(place) = pieces.reserve().await else { break };
            let read = tokio::select! {
                biased;
                () = pieces.closed() => break,
                read = resource.clone().read(PIECE_BYTES) => read,
            };
            match read {
                Ok(view) if view.is_empty() => break,
                Ok(view) => match Held::reserve(&gauge, view.len() as u64) {
                    Some(held) => {
                        let bytes = HeldBytes::new(Bytes::copy_from_slice(&view), held);
                        place.send(Ok(Frame::data(Bytes::from_owner(bytes))));
                    }
                    None => {
                        place.send(Err(too_large().into()));
                        break;
                    }
                },
                Err(error) => {
                    place.send(Err(error.into()));
                    break;
                }
            }
        }
        resource.close();
    });
    let frames = stream::unfold(receive, async |mut receive| receive.recv().await.map(|frame| (frame, receive)));
    Ok(StreamBody::new(frames).boxed_unsync())
}

pub(super) fn too_large() -> JsErrorBox {
    JsErrorBox::range_error("The request body does not fit under the memory cap.")
}

/// Pieces of a streamed request body that wait for the called side.
const PIECES_AHEAD: usize = 4;

/// The largest piece.
pub(super) const PIECE_BYTES: usize = 64 << 10;
