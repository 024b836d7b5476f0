//! Compression streams: gzip, deflate, deflate-raw and brotli, both ways, piece by piece.
//!
//! What a codec keeps and what it has put out but not handed over counts against the isolate's memory cap: a few bytes
//! can unpack to more than any machine has. Input after the end of the format's data is an error, and so is an end before
//! it (<https://compression.spec.whatwg.org/>).

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::Arc;

use brotli::enc::BrotliEncoderParams;
use brotli::{CompressorWriter, DecompressorWriter};
use deno_core::{OpState, op2};
use deno_error::JsErrorBox;
use flate2::write::{DeflateEncoder, GzDecoder, GzEncoder, ZlibEncoder};
use flate2::{Compression, Decompress, FlushDecompress, Status};

use super::collected::CodecObject;
use super::runs;
use crate::isolate::gauge::MemoryGauge;

/// One direction of one format.
pub(crate) enum Codec {
    Deflate(ZlibEncoder<Output>),
    DeflateRaw(DeflateEncoder<Output>),
    Gzip(GzEncoder<Output>),
    Brotli(Box<CompressorWriter<Output>>),
    Inflate(Box<Inflate>),
    /// With the number of [`GZIP_START`]'s bytes that have come.
    Gunzip(GzDecoder<Output>, usize),
    /// Until its first byte, which says how much memory it will want.
    UnbrotliStart(Output),
    Unbrotli(Box<DecompressorWriter<Output>>),
}

/// Bytes that wait to be taken, counted like the codec's own state.
pub(crate) struct Output {
    bytes: Vec<u8>,
    gauge: Arc<MemoryGauge>,
    state_bytes: u64,
    full: bool,
}

/// The two deflate formats without a checksum of the container's.
pub(crate) struct Inflate {
    state: Decompress,
    ended: bool,
    output: Output,
}

/// A codec for a format of the Compression standard.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_codec_new(
    state: &mut OpState,
    #[string] format: &str,
    decompress: bool,
) -> Result<CodecObject, JsErrorBox> {
    let gauge = Arc::clone(&runs(state).borrow().gauge);
    let output = |bytes| Output::new(&gauge, bytes).ok_or_else(too_large);
    let codec = match (format, decompress) {
        ("deflate", false) => Codec::Deflate(ZlibEncoder::new(output(DEFLATE_BYTES)?, Compression::default())),
        ("deflate-raw", false) => {
            Codec::DeflateRaw(DeflateEncoder::new(output(DEFLATE_BYTES)?, Compression::default()))
        }
        ("gzip", false) => Codec::Gzip(GzEncoder::new(output(DEFLATE_BYTES)?, Compression::default())),
        ("brotli", false) => {
            let params = BrotliEncoderParams { quality: BROTLI_QUALITY, lgwin: BROTLI_WINDOW, ..Default::default() };
            Codec::Brotli(Box::new(CompressorWriter::with_params(output(BROTLI_BYTES)?, BUFFER_BYTES, &params)))
        }
        ("deflate", true) => Codec::Inflate(Box::new(Inflate::new(true, output(INFLATE_BYTES)?))),
        ("deflate-raw", true) => Codec::Inflate(Box::new(Inflate::new(false, output(INFLATE_BYTES)?))),
        ("gzip", true) => Codec::Gunzip(GzDecoder::new(output(INFLATE_BYTES)?), 0),
        ("brotli", true) => Codec::UnbrotliStart(output(INFLATE_BYTES)?),
        _ => return Err(JsErrorBox::type_error("unknown format")),
    };
    Ok(CodecObject(RefCell::new(Some(codec))))
}

/// Feeds a codec; gives the number of bytes that wait to be taken.
#[op2]
pub(crate) fn op_eyot_codec_push(#[cppgc] codec: &CodecObject, #[anybuffer] input: &[u8]) -> Result<u32, JsErrorBox> {
    let mut codec = codec.0.borrow_mut();
    let Some(before) = codec.take() else { return Err(JsErrorBox::type_error("The stream has ended.")) };
    let mut fed = before.started(input)?;
    let mut pushed = fed.writer().write_all(input);
    if fed.is_decoder() {
        // It may hold back what it has unpacked so far until more comes, which may wait for an answer to that.
        pushed = pushed.and(fed.writer().flush());
    }
    let waiting = fed.output().bytes.len();
    *codec = Some(fed);
    pushed.map_err(|error| describe(&error))?;
    Ok(u32::try_from(waiting).unwrap_or(u32::MAX))
}

/// The number of bytes that wait to be taken, after a push that failed.
#[op2(fast)]
pub(crate) fn op_eyot_codec_waiting(#[cppgc] codec: &CodecObject) -> u32 {
    codec.0.borrow_mut().as_mut().map_or(0, |codec| u32::try_from(codec.output().bytes.len()).unwrap_or(u32::MAX))
}

/// Moves what waits to `into`, which is as long as the number that `push` or `finish` gave.
#[op2(fast)]
pub(crate) fn op_eyot_codec_take(#[cppgc] codec: &CodecObject, #[buffer] into: &mut [u8]) {
    let mut codec = codec.0.borrow_mut();
    let Some(codec) = codec.as_mut() else { return };
    let output = codec.output();
    if output.bytes.len() == into.len() {
        into.copy_from_slice(&output.bytes);
    }
    output.gauge.release(output.bytes.len() as u64);
    output.bytes = Vec::new();
}

/// Ends the input; gives the number of bytes that wait to be taken.
#[op2(fast)]
pub(crate) fn op_eyot_codec_finish(#[cppgc] codec: &CodecObject) -> Result<u32, JsErrorBox> {
    let mut codec = codec.0.borrow_mut();
    let Some(ending) = codec.take() else { return Err(JsErrorBox::type_error("The stream has ended.")) };
    let output = ending.finish().map_err(|error| describe(&error))?;
    if output.full {
        return Err(too_large());
    }
    let waiting = output.bytes.len();
    *codec = Some(Codec::UnbrotliStart(output));
    Ok(u32::try_from(waiting).unwrap_or(u32::MAX))
}

/// Frees a codec before the collector comes by.
#[op2(fast)]
pub(crate) fn op_eyot_codec_drop(#[cppgc] codec: &CodecObject) {
    codec.0.borrow_mut().take();
}

impl Codec {
    /// A brotli decoder is made from the first byte of its input, which names the window. What is not gzip's is refused before
    /// a whole header of it is there, which may never come.
    fn started(self, input: &[u8]) -> Result<Self, JsErrorBox> {
        match (self, input.first()) {
            (Self::UnbrotliStart(mut output), Some(first)) => {
                let window = brotli_window(*first).ok_or_else(|| {
                    JsErrorBox::type_error("The compressed data is not valid: its window is too large.")
                })?;
                if !output.grow_state(1 << window) {
                    return Err(too_large());
                }
                Ok(Self::Unbrotli(Box::new(DecompressorWriter::new(output, BUFFER_BYTES))))
            }
            (Self::Gunzip(decoder, seen), Some(_)) => {
                let wanted = GZIP_START.get(seen..).unwrap_or_default();
                if wanted.iter().zip(input).any(|(wanted, byte)| wanted != byte) {
                    return Err(describe(&io::ErrorKind::InvalidData.into()));
                }
                Ok(Self::Gunzip(decoder, GZIP_START.len().min(seen.saturating_add(input.len()))))
            }
            (codec, _) => Ok(codec),
        }
    }

    fn is_decoder(&self) -> bool {
        matches!(self, Self::Inflate(_) | Self::Gunzip(..) | Self::UnbrotliStart(_) | Self::Unbrotli(_))
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Deflate(codec) => codec,
            Self::DeflateRaw(codec) => codec,
            Self::Gzip(codec) => codec,
            Self::Brotli(codec) => codec,
            Self::Inflate(codec) => codec,
            Self::Gunzip(codec, _) => codec,
            Self::UnbrotliStart(output) => output,
            Self::Unbrotli(codec) => codec,
        }
    }

    fn output(&mut self) -> &mut Output {
        match self {
            Self::Deflate(codec) => codec.get_mut(),
            Self::DeflateRaw(codec) => codec.get_mut(),
            Self::Gzip(codec) => codec.get_mut(),
            Self::Brotli(codec) => codec.get_mut(),
            Self::Inflate(codec) => &mut codec.output,
            Self::Gunzip(codec, _) => codec.get_mut(),
            Self::UnbrotliStart(output) => output,
            Self::Unbrotli(codec) => codec.get_mut(),
        }
    }

    fn finish(self) -> io::Result<Output> {
        match self {
            Self::Deflate(codec) => codec.finish(),
            Self::DeflateRaw(codec) => codec.finish(),
            Self::Gzip(codec) => codec.finish(),
            Self::Brotli(codec) => Ok(codec.into_inner()),
            Self::Inflate(codec) if codec.ended => Ok(codec.output),
            Self::Inflate(_) | Self::UnbrotliStart(_) => Err(io::ErrorKind::UnexpectedEof.into()),
            Self::Gunzip(codec, _) => codec.finish(),
            Self::Unbrotli(codec) => codec.into_inner().map_err(|_| io::Error::from(io::ErrorKind::UnexpectedEof)),
        }
    }
}

impl Output {
    fn new(gauge: &Arc<MemoryGauge>, state_bytes: u64) -> Option<Self> {
        let counted = gauge.reserve(state_bytes);
        counted.then(|| Self { bytes: Vec::new(), gauge: Arc::clone(gauge), state_bytes, full: false })
    }

    fn grow_state(&mut self, bytes: u64) -> bool {
        let counted = self.gauge.reserve(bytes);
        if counted {
            self.state_bytes += bytes;
        }
        counted
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.gauge.reserve(bytes.len() as u64) {
            self.full = true;
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.gauge.release(self.bytes.len() as u64 + self.state_bytes);
    }
}

impl Inflate {
    fn new(zlib_header: bool, output: Output) -> Self {
        Self { state: Decompress::new(zlib_header), ended: false, output }
    }
}

impl Write for Inflate {
    /// Takes all of `input` or fails: bytes after the end of the data are an error.
    fn write(&mut self, input: &[u8]) -> io::Result<usize> {
        let mut rest = input;
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            if self.ended {
                return if rest.is_empty() { Ok(input.len()) } else { Err(io::ErrorKind::InvalidData.into()) };
            }
            let (read, written) = (self.state.total_in(), self.state.total_out());
            let status = self.state.decompress(rest, &mut buffer, FlushDecompress::None)?;
            let took = usize::try_from(self.state.total_in() - read).unwrap_or(rest.len());
            let gave = usize::try_from(self.state.total_out() - written).unwrap_or(0);
            rest = rest.get(took..).unwrap_or_default();
            self.output.write_all(buffer.get(..gave).unwrap_or_default())?;
            self.ended = status == Status::StreamEnd;
            if !self.ended && took == 0 && gave == 0 {
                return if rest.is_empty() { Ok(input.len()) } else { Err(io::ErrorKind::InvalidData.into()) };
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bits of the window that a brotli stream's first byte asks for, RFC 7932 section 9.1; none for the large windows that
/// are not part of it.
pub(super) fn brotli_window(first: u8) -> Option<u32> {
    let (low, high) = (u32::from(first >> 1) & 7, u32::from(first >> 4) & 7);
    match (first & 1, low, high) {
        (0, ..) => Some(16),
        (_, 1.., _) => Some(17 + low),
        (_, _, 0) => Some(17),
        (_, _, 1) => None,
        _ => Some(8 + high),
    }
}

fn describe(error: &io::Error) -> JsErrorBox {
    if error.kind() == io::ErrorKind::OutOfMemory {
        return too_large();
    }
    let detail = match error.kind() {
        io::ErrorKind::UnexpectedEof => "it ends too early",
        io::ErrorKind::WriteZero => "something follows its end",
        _ => "it is corrupt",
    };
    JsErrorBox::type_error(format!("The compressed data is not valid: {detail}."))
}

fn too_large() -> JsErrorBox {
    JsErrorBox::range_error("The stream's data does not fit under the memory cap.")
}

/// What deflate keeps at the default level, both directions (zlib's own figures, rounded up).
const DEFLATE_BYTES: u64 = 320 << 10;
pub(super) const INFLATE_BYTES: u64 = 64 << 10;

/// How each member of a gzip file starts: RFC 1952 section 2.3.1, with the only method there is.
const GZIP_START: [u8; 3] = [0x1f, 0x8b, 8];

/// What our brotli encoder keeps with this quality and window.
const BROTLI_BYTES: u64 = 6 << 20;
const BROTLI_QUALITY: i32 = 5;
const BROTLI_WINDOW: i32 = 20;

/// The pieces in which codecs put out.
const BUFFER_BYTES: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    /// The first bytes of RFC 7932's table.
    #[test]
    fn a_brotli_window_is_read_from_the_first_byte() {
        assert_eq!(brotli_window(0b0000), Some(16));
        assert_eq!(brotli_window(0b0011), Some(18));
        assert_eq!(brotli_window(0b1111), Some(24));
        assert_eq!(brotli_window(0b000_0001), Some(17));
        assert_eq!(brotli_window(0b010_0001), Some(10));
        assert_eq!(brotli_window(0b001_0001), None);
    }

    /// Packs and unpacks each format, in pieces; all that was counted is given back.
    #[test]
    fn what_a_codec_holds_is_counted_until_it_is_gone() {
        let gauge = MemoryGauge::new(64 << 20);
        let output = Output::new(&gauge, 1_000).expect("it fits");
        let mut inflate = Inflate::new(true, output);
        let packed = {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&[7; 100_000]).expect("packs");
            encoder.finish().expect("packs")
        };
        for byte in &packed {
            inflate.write_all(&[*byte]).expect("unpacks");
        }
        assert!(inflate.ended);
        assert_eq!(inflate.output.bytes, vec![7; 100_000]);
        assert_eq!(gauge.buffer_bytes(), 101_000);
        assert!(inflate.write_all(&[0]).is_err(), "nothing may follow");
        drop(inflate);
        assert_eq!(gauge.buffer_bytes(), 0);
    }

    /// A small bomb against a small cap.
    #[test]
    fn what_does_not_fit_is_refused() {
        let gauge = MemoryGauge::new(50_000);
        let mut inflate = Inflate::new(true, Output::new(&gauge, 0).expect("it fits"));
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&[7; 100_000]).expect("packs");
        let packed = encoder.finish().expect("packs");
        let error = inflate.write_all(&packed).expect_err("it does not fit");
        assert_eq!(error.kind(), io::ErrorKind::OutOfMemory);
    }
}
