//! The streams behind `node:zlib`: deflate, gzip and brotli, both ways.
//!
//! A stream is an object of JavaScript's heap. It compresses from one buffer of the script into another, on the slot's
//! thread, in calls whose work is bounded by the two buffers; what it keeps between calls is counted against the
//! isolate's memory.

use brotli::enc::StandardAlloc;
use brotli::enc::backward_references::BrotliEncoderMode;
use brotli::enc::encode::{BrotliEncoderOperation, BrotliEncoderParameter, BrotliEncoderStateStruct};
use brotli::{BrotliDecompressStream, BrotliResult, BrotliState};
use deno_core::{OpState, op2};
use deno_error::JsErrorBox;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::kept::{Kept, apart};
use super::runs;
use crate::isolate::body::Held;

/// A stream in the middle of its work, until it is given up.
pub(crate) type ZlibStream = Kept<Option<Stream>>;

/// What a stream is, and the memory it is counted as.
pub(crate) struct Stream {
    coder: Coder,
    _held: Held,
}

enum Coder {
    Deflate(Compress),
    Inflate { coder: Decompress, dictionary: Option<Vec<u8>>, raw: bool },
    BrotliEncode(Box<BrotliEncoderStateStruct<StandardAlloc>>),
    BrotliDecode(Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>),
}

/// Makes a zlib stream; `mode` is Node's: 1 deflate, 2 inflate, 3 gzip, 4 gunzip, 5 raw deflate, 6 raw inflate.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_zlib_new(
    state: &mut OpState,
    #[smi] mode: u32,
    #[smi] level: i32,
    #[smi] window_bits: u32,
    #[buffer] dictionary: Option<&[u8]>,
) -> Result<ZlibStream, JsErrorBox> {
    let window = u8::try_from(window_bits.clamp(9, 15)).unwrap_or(15);
    let level = Compression::new(u32::try_from(level).unwrap_or(6).min(9));
    let held = reserve(state, ZLIB_BYTES + dictionary.map_or(0, |dictionary| dictionary.len() as u64))?;
    let set = |coder: &mut Compress| match dictionary {
        Some(dictionary) => {
            coder.set_dictionary(dictionary).map(|_| ()).map_err(|error| JsErrorBox::generic(error.to_string()))
        }
        None => Ok(()),
    };
    let coder = match mode {
        1 | 5 => {
            let mut coder = Compress::new_with_window_bits(level, mode == 1, window);
            set(&mut coder)?;
            Coder::Deflate(coder)
        }
        3 => Coder::Deflate(Compress::new_gzip(level, window)),
        4 => Coder::Inflate { coder: Decompress::new_gzip(15), dictionary: None, raw: false },
        2 | 6 => {
            let mut coder = Decompress::new_with_window_bits(mode == 2, window);
            let dictionary = dictionary.map(<[u8]>::to_vec);
            if mode == 6
                && let Some(dictionary) = &dictionary
            {
                coder.set_dictionary(dictionary).map_err(|error| JsErrorBox::generic(error.to_string()))?;
            }
            Coder::Inflate { coder, dictionary, raw: mode == 6 }
        }
        _ => return Err(JsErrorBox::range_error("no such mode")),
    };
    Ok(Kept::new(Some(Stream { coder, _held: held })))
}

/// Makes a brotli stream. Parameters are Node's: 0 mode, 1 quality, 2 window bits, 5 size hint.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_zlib_new_brotli(
    state: &mut OpState,
    encode: bool,
    #[smi] mode: u32,
    #[smi] quality: u32,
    #[smi] window_bits: u32,
    #[smi] size_hint: u32,
) -> Result<ZlibStream, JsErrorBox> {
    let window = window_bits.clamp(10, 24);
    // The ring buffer, its hash tables and the command buffers grow with the window; a decoder has the ring alone.
    let bytes = (1_u64 << window) * if encode { 4 } else { 2 } + BROTLI_BYTES;
    let held = reserve(state, if encode { bytes } else { BROTLI_DECODER_BYTES })?;
    let coder = if encode {
        let mut coder = BrotliEncoderStateStruct::new(StandardAlloc::default());
        coder.params.mode = match mode {
            1 => BrotliEncoderMode::BROTLI_MODE_TEXT,
            2 => BrotliEncoderMode::BROTLI_MODE_FONT,
            _ => BrotliEncoderMode::BROTLI_MODE_GENERIC,
        };
        coder.set_parameter(BrotliEncoderParameter::BROTLI_PARAM_QUALITY, quality.min(11));
        coder.set_parameter(BrotliEncoderParameter::BROTLI_PARAM_LGWIN, window);
        coder.set_parameter(BrotliEncoderParameter::BROTLI_PARAM_SIZE_HINT, size_hint);
        // A block is compressed in one go, and nothing can end that: small ones, at the price of some ratio.
        coder.set_parameter(BrotliEncoderParameter::BROTLI_PARAM_LGBLOCK, BROTLI_BLOCK_LOG2);
        Coder::BrotliEncode(Box::new(coder))
    } else {
        let alloc = StandardAlloc::default;
        Coder::BrotliDecode(Box::new(BrotliState::new(alloc(), alloc(), alloc())))
    };
    Ok(Kept::new(Some(Stream { coder, _held: held })))
}

/// Moves on: reads `input`, fills `output`, and leaves in `left` what is left of each (output first) and zlib's result
/// code. `flush` is zlib's, or for brotli its operation.
#[op2(fast)]
pub(crate) fn op_eyot_zlib_write(
    #[cppgc] stream: &ZlibStream,
    #[smi] flush: u32,
    #[buffer] input: &[u8],
    #[buffer] output: &mut [u8],
    #[buffer] left: &mut [u32],
) -> Result<(), JsErrorBox> {
    apart(input, output)?;
    let mut stream = stream.borrow()?;
    let Some(stream) = &mut *stream else { return Err(JsErrorBox::generic("The stream has been closed.")) };
    let step = match &mut stream.coder {
        Coder::Deflate(coder) => deflate(coder, flush, input, output),
        Coder::Inflate { coder, dictionary, raw } => inflate(coder, dictionary.as_deref(), *raw, flush, input, output),
        Coder::BrotliEncode(coder) => brotli_encode(coder, flush, input, output),
        Coder::BrotliDecode(coder) => brotli_decode(coder, input, output),
    };
    let numbers = [
        u32::try_from(output.len() - step.written).unwrap_or(0),
        u32::try_from(input.len() - step.read).unwrap_or(0),
        u32::from_ne_bytes(step.code.to_ne_bytes()),
    ];
    for (place, number) in left.iter_mut().zip(numbers) {
        *place = number;
    }
    Ok(())
}

/// Another level for what is compressed from here on.
#[op2(fast)]
pub(crate) fn op_eyot_zlib_set_level(#[cppgc] stream: &ZlibStream, #[smi] level: i32) {
    if let Ok(mut stream) = stream.borrow()
        && let Some(Stream { coder: Coder::Deflate(coder), .. }) = &mut *stream
    {
        // It fails when what is pending does not fit: the level then stays as it was.
        let _ = coder.set_level(Compression::new(u32::try_from(level).unwrap_or(6).min(9)));
    }
}

/// Gives a stream up before the collector comes by: what it holds counts until then.
#[op2(fast)]
pub(crate) fn op_eyot_zlib_end(#[cppgc] stream: &ZlibStream) -> Result<(), JsErrorBox> {
    *stream.borrow()? = None;
    Ok(())
}

/// CRC-32 of the bytes, begun at `value`.
#[op2(fast)]
pub(crate) fn op_eyot_zlib_crc32(#[buffer] bytes: &[u8], value: u32) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(value);
    hasher.update(bytes);
    hasher.finalize()
}

/// What one call did, and zlib's code for it.
struct Step {
    read: usize,
    written: usize,
    code: i32,
}

fn deflate(coder: &mut Compress, flush: u32, input: &[u8], output: &mut [u8]) -> Step {
    let (read, written) = (coder.total_in(), coder.total_out());
    let flush = match flush {
        1 => FlushCompress::Partial,
        2 => FlushCompress::Sync,
        3 => FlushCompress::Full,
        4 => FlushCompress::Finish,
        _ => FlushCompress::None,
    };
    let code = match coder.compress(input, output, flush) {
        Ok(Status::Ok) => OK,
        Ok(Status::StreamEnd) => STREAM_END,
        Ok(Status::BufError) => BUFFER_ERROR,
        Err(_) => STREAM_ERROR,
    };
    step(coder.total_in() - read, coder.total_out() - written, code)
}

fn inflate(
    coder: &mut Decompress,
    dictionary: Option<&[u8]>,
    raw: bool,
    flush: u32,
    input: &[u8],
    output: &mut [u8],
) -> Step {
    let (read, written) = (coder.total_in(), coder.total_out());
    let flush = match flush {
        2 | 3 => FlushDecompress::Sync,
        4 => FlushDecompress::Finish,
        _ => FlushDecompress::None,
    };
    let mut status = coder.decompress(input, output, flush);
    if let (Err(error), false) = (&status, raw)
        && error.needs_dictionary().is_some()
    {
        let Some(dictionary) = dictionary else { return step(coder.total_in() - read, 0, NEED_DICTIONARY) };
        if coder.set_dictionary(dictionary).is_err() {
            return step(coder.total_in() - read, 0, DATA_ERROR);
        }
        let consumed = usize::try_from(coder.total_in() - read).unwrap_or(0);
        status = coder.decompress(input.get(consumed..).unwrap_or_default(), output, flush);
    }
    let code = match status {
        Ok(Status::Ok) => OK,
        Ok(Status::StreamEnd) => STREAM_END,
        Ok(Status::BufError) => BUFFER_ERROR,
        Err(_) => DATA_ERROR,
    };
    step(coder.total_in() - read, coder.total_out() - written, code)
}

fn step(read: u64, written: u64, code: i32) -> Step {
    Step { read: usize::try_from(read).unwrap_or(0), written: usize::try_from(written).unwrap_or(0), code }
}

fn brotli_encode(
    coder: &mut BrotliEncoderStateStruct<StandardAlloc>,
    operation: u32,
    input: &[u8],
    output: &mut [u8],
) -> Step {
    let operation = match operation {
        1 => BrotliEncoderOperation::BROTLI_OPERATION_FLUSH,
        2 => BrotliEncoderOperation::BROTLI_OPERATION_FINISH,
        3 => BrotliEncoderOperation::BROTLI_OPERATION_EMIT_METADATA,
        _ => BrotliEncoderOperation::BROTLI_OPERATION_PROCESS,
    };
    let (mut left, mut read) = (input.len(), 0);
    let (mut room, mut written) = (output.len(), 0);
    let mut total = None;
    let done = coder.compress_stream(
        operation,
        &mut left,
        input,
        &mut read,
        &mut room,
        output,
        &mut written,
        &mut total,
        &mut |_, _, _, _| (),
    );
    Step { read, written, code: if done { OK } else { STREAM_ERROR } }
}

fn brotli_decode(
    coder: &mut BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    input: &[u8],
    output: &mut [u8],
) -> Step {
    let (mut left, mut read) = (input.len(), 0);
    let (mut room, mut written) = (output.len(), 0);
    let mut total = 0;
    let result =
        BrotliDecompressStream(&mut left, &mut read, input, &mut room, &mut written, output, &mut total, coder);
    let code = match result {
        BrotliResult::ResultSuccess => STREAM_END,
        BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => OK,
        BrotliResult::ResultFailure => DATA_ERROR,
    };
    Step { read, written, code }
}

fn reserve(state: &OpState, bytes: u64) -> Result<Held, JsErrorBox> {
    let gauge = runs(state).borrow().gauge.clone();
    Held::reserve(&gauge, bytes)
        .ok_or_else(|| JsErrorBox::range_error("A compression stream does not fit under the memory cap."))
}

/// zlib's result codes.
const OK: i32 = 0;
const STREAM_END: i32 = 1;
const NEED_DICTIONARY: i32 = 2;
const STREAM_ERROR: i32 = -2;
const DATA_ERROR: i32 = -3;
const BUFFER_ERROR: i32 = -5;

/// A deflate state with 15 window bits, the larger of the two directions.
const ZLIB_BYTES: u64 = 272 << 10;

/// The smallest block an encoder takes, 2^16 bytes.
const BROTLI_BLOCK_LOG2: u32 = 16;

/// What a brotli encoder has besides its window.
const BROTLI_BYTES: u64 = 1 << 20;

/// The largest ring buffer a decoder can be made to take, 2^24 bytes, with its tables.
const BROTLI_DECODER_BYTES: u64 = 17 << 20;
