//! Promise: the WebSocket protocol is spoken as RFC 6455 has it, and whoever breaks it is told how.
//!
//! A table after the groups of the Autobahn test suite: what a raw client sends to a script that echoes, and the frames
//! that must come back. Every case has a connection of its own.

use futures::StreamExt as _;
use serde_json::json;

use crate::harness::{Node, RawFrame, RawWebSocket, Tenant, Upload, close_code, frame};

/// What must come back.
#[derive(Debug, Clone)]
enum Expected {
    /// This very frame.
    Frame(u8, Vec<u8>),
    /// A close frame with this code, then the end of the connection.
    Closed(u16),
}

use Expected::{Closed, Frame};

struct Case {
    name: String,
    sent: Vec<u8>,
    /// Bytes sent at once; the rest follows in writes of the same size.
    piece: usize,
    expected: Vec<Expected>,
}

/// Runs every case, eight at a time.
#[tokio::test]
async fn every_frame_is_answered_as_the_protocol_says() {
    let tenant = Tenant::create(&Node::shared(), "frames").await;
    tenant.limit(json!({ "cpu_ms": 10_000 })).await;
    tenant.deploy("echo", Upload::fixture("websocket/echo.js")).await;
    let mut cases = lengths();
    cases.extend(control_frames());
    cases.extend(reserved());
    cases.extend(fragments());
    cases.extend(utf8());
    cases.extend(closes());
    cases.extend(limits());
    assert!(cases.len() >= 200, "{} cases", cases.len());
    let checks = futures::stream::iter(cases.iter().map(|case| check(&tenant, case)));
    let broken: Vec<String> = checks.buffer_unordered(8).filter_map(std::future::ready).collect().await;
    assert!(broken.is_empty(), "{} of {}:\n{}", broken.len(), cases.len(), broken.join("\n"));
}

/// Runs one case; tells what was wrong.
async fn check(tenant: &Tenant, case: &Case) -> Option<String> {
    let mut socket = RawWebSocket::connect(tenant, "echo", "/").await;
    for piece in case.sent.chunks(case.piece) {
        socket.send(piece).await;
    }
    for (at, expected) in case.expected.iter().enumerate() {
        let came = socket.frame().await;
        let right = match (&came, expected) {
            (Some(RawFrame { first, payload }), Frame(wanted, bytes)) => first == wanted && payload == bytes,
            (Some(RawFrame { first: 0x88, payload }), Closed(code)) => {
                close_code(payload) == *code && socket.frame().await.is_none()
            }
            _ => false,
        };
        if !right {
            let came = came.map(|frame| (frame.first, frame.payload.len(), close_code(&frame.payload)));
            return Some(format!("{}: answer {at} is {came:?}", case.name));
        }
    }
    None
}

fn case(name: impl Into<String>, sent: Vec<u8>, expected: Vec<Expected>) -> Case {
    Case { name: name.into(), sent, piece: usize::MAX, expected }
}

fn chopped(piece: usize, case: Case) -> Case {
    Case { name: format!("{} in pieces of {piece}", case.name), piece, ..case }
}

/// The close handshake that ends a case in order.
fn bye() -> Vec<u8> {
    frame(CLOSE, &1000_u16.to_be_bytes())
}

/// Sends `frames` and a close; wants `answers` and the close back.
fn polite(name: impl Into<String>, frames: Vec<Vec<u8>>, answers: Vec<Expected>) -> Case {
    let mut sent = frames.concat();
    sent.extend(bye());
    let mut expected = answers;
    expected.push(Closed(1000));
    case(name, sent, expected)
}

/// Messages of every length at which the encoding changes, whole and in pieces.
fn lengths() -> Vec<Case> {
    let mut cases = Vec::new();
    for length in [0, 1, 125, 126, 127, 128, 65_535, 65_536] {
        for (kind, first) in [("text", TEXT), ("binary", BINARY)] {
            let payload = vec![b'*'; length];
            let echo = || {
                polite(format!("{kind} of {length}"), vec![frame(first, &payload)], vec![Frame(first, payload.clone())])
            };
            cases.push(echo());
            if length <= 128 {
                cases.push(chopped(1, echo()));
            } else {
                cases.push(chopped(997, echo()));
            }
        }
    }
    cases
}

/// Pings and pongs: answered, ignored, too large.
fn control_frames() -> Vec<Case> {
    let mut cases = Vec::new();
    for payload in [&b""[..], b"hello", b"\x00\xff\xfe", &[b'p'; 125]] {
        let name = format!("ping of {}", payload.len());
        cases.push(polite(&name, vec![frame(PING, payload)], vec![Frame(PONG, payload.to_vec())]));
        cases.push(chopped(1, polite(&name, vec![frame(PING, payload)], vec![Frame(PONG, payload.to_vec())])));
        cases.push(polite(format!("pong of {}", payload.len()), vec![frame(PONG, payload)], vec![]));
    }
    for first in [PING, PONG, CLOSE] {
        cases.push(case(format!("control frame {first:x} of 126"), frame(first, &[b'p'; 126]), vec![Closed(1002)]));
    }
    let echo = Frame(TEXT, b"x".to_vec());
    cases.push(polite("pong, text", vec![frame(PONG, b"p"), frame(TEXT, b"x")], vec![echo]));
    cases
}

/// Reserved bits and opcodes, alone and after a message.
fn reserved() -> Vec<Case> {
    let mut cases = Vec::new();
    let echo = || Frame(TEXT, b"first".to_vec());
    for bits in [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70] {
        for first in [TEXT, BINARY, PING, CLOSE] {
            let sent = frame(first | bits, if first == CLOSE { &[3, 232] } else { b"x" });
            cases.push(case(format!("reserved bits {bits:x} in {first:x}"), sent, vec![Closed(1002)]));
        }
    }
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        cases.push(case(format!("opcode {opcode}"), frame(0x80 | opcode, b""), vec![Closed(1002)]));
        cases.push(case(format!("opcode {opcode} with bytes"), frame(0x80 | opcode, b"abc"), vec![Closed(1002)]));
        let sent = [frame(TEXT, b"first"), frame(0x80 | opcode, b"abc")].concat();
        cases.push(chopped(11, case(format!("text, opcode {opcode}"), sent, vec![echo(), Closed(1002)])));
    }
    let unmasked = vec![TEXT, 1, b'x'];
    cases.push(case("an unmasked frame", unmasked, vec![Closed(1002)]));
    cases
}

/// Messages in fragments, with what may and may not come between.
fn fragments() -> Vec<Case> {
    let echo = |first: u8, text: &[u8]| Frame(first, text.to_vec());
    let mut cases = vec![
        case("a ping that is not final", frame(PING & 0x7f, b"p"), vec![Closed(1002)]),
        case("a pong that is not final", frame(PONG & 0x7f, b"p"), vec![Closed(1002)]),
        case("a close that is not final", frame(CLOSE & 0x7f, &[3, 232]), vec![Closed(1002)]),
        case("a continuation of nothing", frame(0x80, b"x"), vec![Closed(1002)]),
        case("a continuation of nothing, not final", frame(0x00, b"x"), vec![Closed(1002)]),
        case("an empty continuation of nothing", frame(0x80, b""), vec![Closed(1002)]),
    ];
    for (kind, first) in [("text", TEXT), ("binary", BINARY)] {
        let open = first & 0x7f;
        let whole = || vec![frame(open, b"one"), frame(0x00, b"two"), frame(0x80, b"three")];
        cases.push(polite(format!("{kind} in three"), whole(), vec![echo(first, b"onetwothree")]));
        cases.push(chopped(1, polite(format!("{kind} in three"), whole(), vec![echo(first, b"onetwothree")])));
        let empty = vec![frame(open, b""), frame(0x00, b""), frame(0x80, b"")];
        cases.push(polite(format!("{kind} in three empty ones"), empty, vec![echo(first, b"")]));
        let pings = [frame(open, b"a"), frame(PING, b"p"), frame(0x00, b"b"), frame(PING, b"q"), frame(0x80, b"c")];
        let answers = [echo(PONG, b"p"), echo(PONG, b"q"), echo(first, b"abc")];
        // A pong may be dropped for a later one, so each ping is answered before the next is sent: one at a time.
        cases.push(polite(
            format!("{kind} with a ping between"),
            vec![pings[0].clone(), pings[1].clone(), pings[4].clone()],
            vec![answers[0].clone(), echo(first, b"ac")],
        ));
        let pong = vec![frame(open, b"a"), frame(PONG, b"p"), frame(0x80, b"c")];
        cases.push(polite(format!("{kind} with a pong between"), pong, vec![echo(first, b"ac")]));
        for inner in [TEXT, BINARY] {
            let sent = [frame(open, b"a"), frame(inner, b"b")].concat();
            cases.push(case(format!("{kind}, then {inner:x} inside"), sent, vec![Closed(1002)]));
        }
        let after = [whole().concat(), frame(0x80, b"x")].concat();
        cases.push(case(
            format!("{kind}, then a continuation"),
            after,
            vec![echo(first, b"onetwothree"), Closed(1002)],
        ));
        let twice = vec![whole().concat(), whole().concat()];
        let echoes = vec![echo(first, b"onetwothree"), echo(first, b"onetwothree")];
        cases.push(polite(format!("{kind} in three, twice"), twice, echoes));
        let many: Vec<Vec<u8>> = (0..1_000).map(|at| frame(if at == 0 { open } else { 0 }, b"0123456789")).collect();
        let many = vec![many.concat(), frame(0x80, b"")];
        cases.push(polite(format!("{kind} in a thousand"), many, vec![echo(first, &b"0123456789".repeat(1_000))]));
    }
    cases
}

/// Texts that are UTF-8 and texts that are not: whole, and cut at every byte.
fn utf8() -> Vec<Case> {
    let mut cases = Vec::new();
    let good: [&[u8]; 11] = [
        "κόσμε".as_bytes(),
        "Hello-µ@ßöäüàá-UTF-8!!".as_bytes(),
        b"\0",
        b"\x7f",
        b"\xc2\x80",
        b"\xdf\xbf",
        b"\xe0\xa0\x80",
        b"\xed\x9f\xbf\xee\x80\x80",
        b"\xef\xbf\xbd\xef\xbf\xbf",
        b"\xf0\x90\x80\x80",
        b"\xf4\x8f\xbf\xbf",
    ];
    for text in good {
        let name = format!("text {text:x?}");
        let answer = || vec![Frame(TEXT, text.to_vec())];
        cases.push(polite(&name, vec![frame(TEXT, text)], answer()));
        let bytes: Vec<Vec<u8>> =
            text.iter().enumerate().map(|(at, byte)| frame(u8::from(at == 0), &[*byte])).collect();
        cases.push(polite(format!("{name} in bytes"), vec![bytes.concat(), frame(0x80, b"")], answer()));
    }
    let bad: [&[u8]; 22] = [
        b"\x80",
        b"\xbf",
        b"\x80\xbf\x80",
        b"\xc0 ",
        b"\xe0 ",
        b"\xf0 ",
        b"\xf8 ",
        b"\xfc ",
        b"\xc0",
        b"\xe0\x80",
        b"\xf0\x80\x80",
        b"\xfe",
        b"\xff",
        b"\xfe\xfe\xff\xff",
        b"\xc0\xaf",
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
        b"\xc1\xbf",
        b"\xed\xa0\x80",
        b"\xed\xb0\x80",
        b"\xf4\x90\x80\x80",
        b"Hello\xed\xa0\x80world",
    ];
    for text in bad {
        let name = format!("no text {text:x?}");
        cases.push(case(&name, frame(TEXT, text), vec![Closed(1007)]));
        let bytes: Vec<Vec<u8>> =
            text.iter().enumerate().map(|(at, byte)| frame(u8::from(at == 0), &[*byte])).collect();
        let sent = [bytes.concat(), frame(0x80, b"")].concat();
        cases.push(case(format!("{name} in bytes"), sent, vec![Closed(1007)]));
        cases.push(polite(format!("binary {text:x?}"), vec![frame(BINARY, text)], vec![Frame(BINARY, text.to_vec())]));
    }
    cases
}

/// Close frames: echoed, refused, and what comes after one.
fn closes() -> Vec<Case> {
    let close = |code: u16, reason: &[u8]| frame(CLOSE, &[&code.to_be_bytes()[..], reason].concat());
    let mut cases = vec![
        case("a close without a code", frame(CLOSE, b""), vec![Closed(1005)]),
        case("a close of one byte", frame(CLOSE, b"a"), vec![Closed(1002)]),
        case("a reason of 123", close(1000, &[b'r'; 123]), vec![Closed(1000)]),
        case("a reason of 124", close(1000, &[b'r'; 124]), vec![Closed(1002)]),
        case("a reason that is not UTF-8", close(1000, b"\xce\xba\xe1\xbd\xed\xa0\x80"), vec![Closed(1007)]),
        case("close, then text", [close(1000, b""), frame(TEXT, b"x")].concat(), vec![Closed(1000)]),
        case("close, then ping", [close(1000, b""), frame(PING, b"x")].concat(), vec![Closed(1000)]),
        case("close, then close", [close(1000, b""), close(1001, b"")].concat(), vec![Closed(1000)]),
        case("half a message, then close", [frame(0x01, b"a"), close(1000, b"")].concat(), vec![Closed(1000)]),
        case("the script closes", frame(TEXT, b"close me"), vec![Frame(CLOSE, b"\x0f\xa1as you wish".to_vec())]),
    ];
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] {
        cases.push(case(format!("close {code}"), close(code, b"why"), vec![Closed(code)]));
    }
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
        cases.push(case(format!("close {code}"), close(code, b"why"), vec![Closed(1002)]));
    }
    cases
}

/// Large messages, and larger ones than may be.
fn limits() -> Vec<Case> {
    let mut cases = Vec::new();
    for (kind, first) in [("text", TEXT), ("binary", BINARY)] {
        let payload = vec![b'*'; 1 << 20];
        cases.push(polite(
            format!("{kind} of 1 MiB"),
            vec![frame(first, &payload)],
            vec![Frame(first, payload.clone())],
        ));
        let parts = payload.chunks(4 << 10).enumerate();
        let parts: Vec<Vec<u8>> = parts.map(|(at, part)| frame(if at == 0 { first & 0x7f } else { 0 }, part)).collect();
        let parts = vec![parts.concat(), frame(0x80, b"")];
        cases.push(polite(format!("{kind} of 1 MiB in fragments"), parts, vec![Frame(first, payload)]));
        let mut head = vec![first, 0xff];
        head.extend(((32_u64 << 20) + 1).to_be_bytes());
        head.extend([0; 4]);
        cases.push(case(format!("{kind} of more than 32 MiB"), head, vec![Closed(1009)]));
        let mut head = vec![first, 0xff];
        head.extend(u64::MAX.to_be_bytes());
        head.extend([0; 4]);
        cases.push(case(format!("{kind} of 2^64 - 1"), head, vec![Closed(1009)]));
    }
    cases
}

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;
