//! HTTP/2 by hand: frames that no client sends, and what of the answer shows how they ended.

use crate::harness::TlsSocket;

/// How a sequence of frames ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The connection: GOAWAY with an error, or closed.
    Connection,
    /// The stream, reset.
    Stream,
    /// A response that says 400.
    BadRequest,
    /// A response that says 200: it got through.
    Answered,
    /// A response that says something else.
    Refused,
}

/// Reads until it is plain how it ended.
pub(crate) async fn ending(socket: &mut TlsSocket) -> Ending {
    let mut bytes = Vec::new();
    loop {
        let mut rest = &bytes[..];
        while let Some((frame, after)) = split(rest) {
            rest = after;
            match frame {
                (GOAWAY, payload) if payload.get(4..8) != Some(&[0; 4]) => return Ending::Connection,
                (RST_STREAM, _) => return Ending::Stream,
                // HPACK's static table has 400 as its 12th entry.
                (HEADERS, [0x8c, ..]) => return Ending::BadRequest,
                (HEADERS, [0x88, ..]) => return Ending::Answered,
                (HEADERS, _) => return Ending::Refused,
                _ => {}
            }
        }
        if socket.read_more(&mut bytes).await == 0 {
            return Ending::Connection;
        }
    }
}

/// The preface and empty settings.
pub(crate) fn opening() -> Vec<u8> {
    [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()
}

/// The same of a client whose streams may get this many bytes.
pub(crate) fn narrow_opening(window: u32) -> Vec<u8> {
    let setting = [&[0, 4][..], &window.to_be_bytes()].concat();
    [PREFACE, &frame(SETTINGS, 0, 0, &setting)].concat()
}

/// All the window there is, for a stream or, as 0, for the connection.
pub(crate) fn wide_window(stream: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &(1_u32 << 30).to_be_bytes())
}

/// `GET /` on this stream.
pub(crate) fn get(host: &str, stream: u32) -> Vec<u8> {
    frame(HEADERS, END, stream, &request(&[], host))
}

/// So many of them, from stream 1 on.
pub(crate) fn requests(host: &str, count: u32) -> Vec<u8> {
    (0..count).flat_map(|number| get(host, 2 * number + 1)).collect()
}

/// The bytes of bodies that came on a stream.
pub(crate) fn data_bytes(bytes: &[u8], stream: u32) -> usize {
    let (mut rest, mut sum) = (bytes, 0);
    while let Some(((kind, payload), after)) = split(rest) {
        if kind == DATA && rest[5..9] == stream.to_be_bytes() {
            sum += payload.len();
        }
        rest = after;
    }
    sum
}

/// A request with so many fields of different names.
pub(crate) fn many_names(host: &str, count: u32) -> Vec<u8> {
    let fields: Vec<u8> = (0..count).flat_map(|number| field(&format!("x-{number}"), "y")).collect();
    in_pieces(&request(&[&fields], host))
}

/// A request that puts a field of four thousand bytes into the table and says it as often as a byte each allows.
pub(crate) fn table_bomb(host: &str) -> Vec<u8> {
    // A literal with indexing, its value's length in HPACK's integers of seven bits.
    let long = [&[0x40, 1, b'x', 0x7f, 0x81, 0x1e][..], &[b'y'; 4_000 - 32]].concat();
    in_pieces(&request(&[&long, &[0xbe; 10_000]], host))
}

/// A head that takes several frames.
fn in_pieces(block: &[u8]) -> Vec<u8> {
    let mut pieces = block.chunks(16 << 10).peekable();
    let mut bytes = opening();
    let mut kind = (HEADERS, END_STREAM);
    while let Some(piece) = pieces.next() {
        let last = if pieces.peek().is_none() { END_HEADERS } else { 0 };
        bytes.extend(frame(kind.0, kind.1 | last, 1, piece));
        kind = (CONTINUATION, 0);
    }
    bytes
}

/// A name, what is sent, and what that must end.
type Sequence = (&'static str, Vec<u8>, Ending);

/// Sequences that break a rule of RFC 9113.
pub(crate) fn malformed(host: &str) -> Vec<Sequence> {
    [malformed_frames(host), malformed_heads(host)].concat()
}

fn malformed_frames(host: &str) -> Vec<Sequence> {
    use Ending::Connection;
    let good = request(&[], host);
    let open = |frames: &[Vec<u8>]| [opening(), frames.concat()].concat();
    let head = |flags: u8, id: u32, block: &[u8]| frame(HEADERS, flags, id, block);
    vec![
        ("a preface that is none", b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n".to_vec(), Connection),
        ("HTTP/1.1 on HTTP/2", b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec(), Connection),
        ("headers before settings", [PREFACE, &head(END, 1, &good)].concat(), Connection),
        ("settings of five bytes", open(&[frame(SETTINGS, 0, 0, &[0; 5])]), Connection),
        ("settings on a stream", open(&[frame(SETTINGS, 0, 1, &[])]), Connection),
        ("an acknowledgement with settings in it", open(&[frame(SETTINGS, ACK, 0, &[0; 6])]), Connection),
        ("a window of 4 GiB", open(&[frame(SETTINGS, 0, 0, &[0, 4, 255, 255, 255, 255])]), Connection),
        ("frames of a byte", open(&[frame(SETTINGS, 0, 0, &[0, 5, 0, 0, 0, 1])]), Connection),
        ("push neither on nor off", open(&[frame(SETTINGS, 0, 0, &[0, 2, 0, 0, 0, 2])]), Connection),
        ("a ping of seven bytes", open(&[frame(PING, 0, 0, &[0; 7])]), Connection),
        ("a ping on a stream", open(&[frame(PING, 0, 1, &[0; 8])]), Connection),
        ("headers on stream 0", open(&[head(END, 0, &good)]), Connection),
        ("headers on an even stream", open(&[head(END, 2, &good)]), Connection),
        ("data on stream 0", open(&[frame(DATA, 0, 0, b"x")]), Connection),
        ("data on a stream that is not open", open(&[frame(DATA, 0, 1, b"x")]), Connection),
        ("a window update by nothing", open(&[frame(WINDOW_UPDATE, 0, 0, &[0; 4])]), Connection),
        ("a window beyond 2 GiB", open(&[frame(WINDOW_UPDATE, 0, 0, &[127, 255, 255, 255])]), Connection),
        ("a window update of three bytes", open(&[frame(WINDOW_UPDATE, 0, 0, &[0, 0, 1])]), Connection),
        ("a reset of stream 0", open(&[frame(RST_STREAM, 0, 0, &[0; 4])]), Connection),
        ("a reset of a stream that is not open", open(&[frame(RST_STREAM, 0, 1, &[0; 4])]), Connection),
        ("a reset of three bytes", open(&[head(END_HEADERS, 1, &good), frame(RST_STREAM, 0, 1, &[0; 3])]), Connection),
        ("a continuation of nothing", open(&[frame(CONTINUATION, END_HEADERS, 1, &good)]), Connection),
        ("a ping within a head", open(&[head(0, 1, &good), frame(PING, 0, 0, &[0; 8])]), Connection),
        (
            "another stream's continuation",
            open(&[head(0, 1, &good), frame(CONTINUATION, END_HEADERS, 3, &[])]),
            Connection,
        ),
        ("a frame of 32 KiB", open(&[frame(DATA, 0, 1, &[0; 32 << 10])]), Connection),
        ("more padding than frame", open(&[frame(HEADERS, END | PADDED, 1, &[200, 0x82])]), Connection),
        ("a client's push", open(&[frame(PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2])]), Connection),
        ("a goaway on a stream", open(&[frame(GOAWAY, 0, 1, &[0; 8])]), Connection),
    ]
}

fn malformed_heads(host: &str) -> Vec<Sequence> {
    use Ending::{BadRequest, Connection, Stream};
    let open = |frames: &[Vec<u8>]| [opening(), frames.concat()].concat();
    let head = |flags: u8, id: u32, block: &[u8]| frame(HEADERS, flags, id, block);
    let whole = |fields: &[&[u8]]| open(&[head(END, 1, &request(fields, host))]);
    let bare = |block: &[u8]| open(&[head(END, 1, block)]);
    vec![
        ("an index that HPACK has not", bare(&[0xff, 0x80, 0x01]), Connection),
        ("index 0 of HPACK", bare(&[0x80]), Connection),
        ("a string longer than the block", bare(&[0x82, 0x40, 0x7f]), Connection),
        ("a table of 1 GiB", bare(&[0x3f, 0xe1, 0xff, 0xff, 0xff, 0x03, 0x82]), Connection),
        ("a name in upper case", whole(&[&field("X-Upper", "a")]), Connection),
        ("a connection header", whole(&[&field("connection", "close")]), Stream),
        ("a transfer coding", whole(&[&field("transfer-encoding", "chunked")]), Stream),
        ("te with more than trailers", whole(&[&field("te", "gzip")]), Stream),
        ("an unknown pseudo header", whole(&[&field(":x", "a")]), Connection),
        ("a pseudo header at the end", whole(&[&field("x", "a"), &field(":path", "/")]), Stream),
        ("two methods", whole(&[&[0x82]]), Stream),
        ("no path", bare(&[&[0x82, 0x87][..], &authority(host)].concat()), Stream),
        ("no scheme", bare(&[&[0x82, 0x84][..], &authority(host)].concat()), Stream),
        ("no method", bare(&[&[0x87, 0x84][..], &authority(host)].concat()), Stream),
        ("a status in a request", whole(&[&[0x88]]), Stream),
        ("no authority", bare(&[0x82, 0x87, 0x84]), BadRequest),
        ("another host than authority", whole(&[&field("host", "other.localhost")]), BadRequest),
        ("two lengths", whole(&[&field("content-length", "1"), &field("content-length", "2")]), Stream),
        (
            "more data than said",
            open(&[
                head(END_HEADERS, 1, &request(&[&field("content-length", "1")], host)),
                frame(DATA, END_STREAM, 1, b"xx"),
            ]),
            Stream,
        ),
        (
            "less data than said",
            open(&[
                head(END_HEADERS, 1, &request(&[&field("content-length", "9")], host)),
                frame(DATA, END_STREAM, 1, b"xx"),
            ]),
            Stream,
        ),
    ]
}

/// Frames that are no work, each with what goes before them.
pub(crate) fn floods(host: &str) -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
    let request = request(&[], host);
    let posted = [opening(), frame(HEADERS, END_HEADERS, 1, &[&[0x83][..], &request[1..]].concat())].concat();
    vec![
        ("pings", opening(), frame(PING, 0, 0, &[0; 8])),
        ("ping answers", opening(), frame(PING, ACK, 0, &[0; 8])),
        ("settings", opening(), frame(SETTINGS, 0, 0, &[])),
        ("settings with a value", opening(), frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 9])),
        ("priorities", opening(), frame(PRIORITY, 0, 1, &[0, 0, 0, 3, 1])),
        ("window updates", opening(), frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1])),
        ("unknown frames", opening(), frame(0xbe, 0, 0, &[])),
        ("empty data", posted, frame(DATA, 0, 1, &[])),
        (
            "continuations",
            [opening(), frame(HEADERS, 0, 1, &request)].concat(),
            frame(CONTINUATION, 0, 1, &field("x", "y")),
        ),
        ("empty continuations", [opening(), frame(HEADERS, 0, 1, &request)].concat(), frame(CONTINUATION, 0, 1, &[])),
    ]
}

/// Requests that are taken back at once (CVE-2023-44487).
pub(crate) struct Resets {
    block: Vec<u8>,
    next_id: u32,
}

impl Resets {
    pub(crate) fn new(host: &str) -> Self {
        Self { block: request(&[], host), next_id: 1 }
    }

    /// So many more of them.
    pub(crate) fn next(&mut self, count: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..count {
            bytes.extend(frame(HEADERS, END, self.next_id, &self.block));
            bytes.extend(frame(RST_STREAM, 0, self.next_id, &[0, 0, 0, 8]));
            self.next_id += 2;
        }
        bytes
    }
}

/// `GET /` of a host, with more fields behind it.
fn request(fields: &[&[u8]], host: &str) -> Vec<u8> {
    [&[0x82, 0x87, 0x84][..], &authority(host), &fields.concat()].concat()
}

fn authority(host: &str) -> Vec<u8> {
    [&[0x01, length(host)], host.as_bytes()].concat()
}

/// A literal field that goes into no table.
fn field(name: &str, value: &str) -> Vec<u8> {
    [&[0x00, length(name)], name.as_bytes(), &[length(value)], value.as_bytes()].concat()
}

fn length(text: &str) -> u8 {
    u8::try_from(text.len()).ok().filter(|length| *length < 127).expect("a short string")
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("is short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes()[..], payload].concat()
}

/// A frame's type and payload.
type Frame<'a> = (u8, &'a [u8]);

/// The first frame's type and payload, and what comes after it.
fn split(bytes: &[u8]) -> Option<(Frame<'_>, &[u8])> {
    let head = bytes.get(..9)?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
    Some(((head[3], bytes.get(9..9 + length)?), &bytes[9 + length..]))
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PUSH_PROMISE: u8 = 5;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;
const END: u8 = END_STREAM | END_HEADERS;
