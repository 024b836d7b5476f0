//! zstd of `node:zlib`, both ways, in calls whose work is bounded by their two buffers.
//!
//! The library's memory is its own and grows with its parameters: these are held below what a stream is counted as.

use deno_core::{OpState, op2};
use deno_error::JsErrorBox;
use zstd::stream::raw::{Decoder, Encoder, InBuffer, Operation, OutBuffer};
use zstd::zstd_safe::{CParameter, DParameter};

use super::kept::{Kept, apart};
use super::runs;
use crate::isolate::body::Held;

/// A stream in the middle of its work.
pub(crate) type ZstdStream = Kept<Zstd>;

/// See [`ZstdStream`]; nothing once it has been given up, which frees its memory before the object is collected.
pub(crate) struct Zstd(Option<Work>);

/// What a stream is, and the memory it is counted as.
struct Work {
    coder: Coder,
    /// The frame is whole: nothing more comes of an encoder, and a decoder is between two frames.
    ended: bool,
    _held: Held,
}

enum Coder {
    Encode(Encoder<'static>),
    Decode(Decoder<'static>),
}

/// Makes a stream.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_zstd_new(
    state: &OpState,
    encode: bool,
    #[smi] level: i32,
    #[smi] window_log: u32,
    checksum: bool,
) -> Result<ZstdStream, JsErrorBox> {
    let gauge = runs(state).borrow().gauge.clone();
    let window_log = window_log.clamp(WINDOW_LOG_MIN, WINDOW_LOG_MAX);
    let bytes = if encode { (3 << window_log) + ENCODER_BYTES } else { DECODER_BYTES };
    let held = Held::reserve(&gauge, bytes);
    let held =
        held.ok_or_else(|| JsErrorBox::range_error("A compression stream does not fit under the memory cap."))?;
    let failed = |error: std::io::Error| JsErrorBox::generic(error.to_string());
    let coder = if encode {
        let mut coder = Encoder::new(level.clamp(LEVEL_MIN, LEVEL_MAX)).map_err(failed)?;
        for parameter in [
            CParameter::WindowLog(window_log),
            CParameter::HashLog(TABLE_LOG),
            CParameter::ChainLog(TABLE_LOG),
            CParameter::ChecksumFlag(checksum),
        ] {
            coder.set_parameter(parameter).map_err(failed)?;
        }
        Coder::Encode(coder)
    } else {
        let mut coder = Decoder::new().map_err(failed)?;
        coder.set_parameter(DParameter::WindowLogMax(DECODED_WINDOW_LOG_MAX)).map_err(failed)?;
        Coder::Decode(coder)
    };
    Ok(Kept::new(Zstd(Some(Work { coder, ended: !encode, _held: held }))))
}

/// Moves on: reads `input`, fills `output`, and leaves in `left` what is left of each (output first) and 1 when a frame
/// has ended there, 0 within one, below that when it is not zstd. `operation` is zstd's: 0 goes on, 1 flushes, 2 ends.
#[op2(fast)]
pub(crate) fn op_eyot_zstd_write(
    #[cppgc] stream: &ZstdStream,
    #[smi] operation: u32,
    #[buffer] input: &[u8],
    #[buffer] output: &mut [u8],
    #[buffer] left: &mut [u32],
) -> Result<(), JsErrorBox> {
    apart(input, output)?;
    let mut stream = stream.borrow()?;
    let Some(Work { coder, ended, .. }) = &mut stream.0 else {
        return Err(JsErrorBox::generic("The stream has been closed."));
    };
    let (room, length) = (output.len(), input.len());
    let mut source = InBuffer::around(input);
    let mut target = OutBuffer::around(output);
    let result = match coder {
        Coder::Encode(coder) => encode(coder, ended, operation, &mut source, &mut target),
        Coder::Decode(coder) => decode(coder, ended, &mut source, &mut target),
    };
    let code = match result {
        Ok(()) => u32::from(*ended),
        Err(_) => u32::from_ne_bytes((-1_i32).to_ne_bytes()),
    };
    let numbers = [room - target.pos(), length - source.pos()].map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    for (place, number) in left.iter_mut().zip([numbers[0], numbers[1], code]) {
        *place = number;
    }
    Ok(())
}

/// Gives a stream up.
#[op2(fast)]
pub(crate) fn op_eyot_zstd_end(#[cppgc] stream: &ZstdStream) -> Result<(), JsErrorBox> {
    stream.borrow()?.0 = None;
    Ok(())
}

fn encode(
    coder: &mut Encoder<'static>,
    ended: &mut bool,
    operation: u32,
    source: &mut InBuffer<'_>,
    target: &mut OutBuffer<'_, [u8]>,
) -> std::io::Result<()> {
    let room = target.capacity();
    while source.pos() < source.src.len() && target.pos() < room {
        coder.run(source, target)?;
    }
    if source.pos() < source.src.len() || *ended {
        return Ok(());
    }
    if operation == 1 {
        coder.flush(target)?;
    } else if operation == 2 {
        *ended = coder.finish(target, true)? == 0;
    }
    Ok(())
}

fn decode(
    coder: &mut Decoder<'static>,
    ended: &mut bool,
    source: &mut InBuffer<'_>,
    target: &mut OutBuffer<'_, [u8]>,
) -> std::io::Result<()> {
    let room = target.capacity();
    loop {
        let before = (source.pos(), target.pos());
        if *ended && source.pos() == source.src.len() {
            return Ok(());
        }
        *ended = coder.run(source, target)? == 0;
        if target.pos() == room || before == (source.pos(), target.pos()) {
            return Ok(());
        }
    }
}

/// What an encoder takes beside its window, which it has with its input and its output.
const ENCODER_BYTES: u64 = 4 << 20;

/// A window of the largest size, and the tables.
const DECODER_BYTES: u64 = (8 << 20) + (512 << 10);

const LEVEL_MIN: i32 = -7;

/// Higher ones search long in trees that do not fit.
const LEVEL_MAX: i32 = 12;

const WINDOW_LOG_MIN: u32 = 10;
const WINDOW_LOG_MAX: u32 = 21;
const TABLE_LOG: u32 = 18;

/// RFC 8878, 3.1.1.1.2: what a decoder should be able to decode.
const DECODED_WINDOW_LOG_MAX: u32 = 23;
