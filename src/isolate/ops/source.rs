//! What bodies are read from: resources that give bytes, ours and Deno's.

use std::rc::Rc;

use bytes::Bytes;
use deno_core::{OpState, Resource, ResourceId, op2};
use deno_error::JsErrorBox;

use crate::isolate::outbox::PIECE_BYTES;
use crate::isolate::request_body::BodyResource;

/// What a body is read from.
pub(super) enum Source {
    /// A body of ours, whose bytes go on as they came.
    Body(Rc<BodyResource>),
    /// Anything else.
    Other(Rc<dyn Resource>),
}

impl Source {
    pub(super) fn of(state: &OpState, rid: ResourceId) -> Result<Self, JsErrorBox> {
        if let Ok(body) = state.resource_table.get::<BodyResource>(rid) {
            return Ok(Self::Body(body));
        }
        state.resource_table.get_any(rid).map(Self::Other).map_err(JsErrorBox::from_err)
    }

    /// How many bytes are left in it, where that is known.
    pub(super) fn length(&self) -> Option<u64> {
        match self {
            Self::Body(body) => body.announced_bytes(),
            Self::Other(resource) => {
                let (least, most) = resource.size_hint();
                most.filter(|most| *most == least)
            }
        }
    }

    pub(super) async fn read(&self) -> Result<Bytes, JsErrorBox> {
        match self {
            Self::Body(body) => body.next(PIECE_BYTES).await,
            Self::Other(resource) => {
                let read = Rc::clone(resource).read(PIECE_BYTES).await?;
                Ok(Bytes::copy_from_slice(&read))
            }
        }
    }
}

/// How many bytes are left in a resource; -1 where nobody has said so.
#[op2(fast)]
pub(crate) fn op_eyot_body_length(state: &mut OpState, #[smi] rid: ResourceId) -> f64 {
    let length = Source::of(state, rid).ok().and_then(|source| source.length());
    #[expect(clippy::cast_precision_loss, reason = "no body is as long as 2^53")]
    length.map_or(-1.0, |length| length as f64)
}
