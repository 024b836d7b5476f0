//! Are these bytes HTTP/1.1 that everybody reads alike?
//!
//! hyper's parser takes a line that ends in a bare LF, lengths given twice, and a length beside a transfer coding. A
//! proxy before us that reads any of these differently can be made to pass on one request as two (request smuggling), so
//! [`Wire`] follows the bytes of a connection, head by head and body by body, and points at the first byte of a head that
//! must not be taken. What is wrong in a way that hyper refuses itself is left to hyper; nothing is copied or kept.
//!
//! Pure: bytes in, verdict out. Costs a look at each byte of a head, and of a body only at its chunk sizes.

use memchr::memchr;

/// Where in its requests a connection is.
#[derive(Debug)]
pub(super) struct Wire {
    at: At,
    head: Head,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Head,
    /// In a body with so many bytes to come.
    Body(u64),
    /// In the line of a chunk's size.
    ChunkSize,
    /// In a chunk with so many bytes to come, its line end included.
    Chunk(u64),
    Trailers,
    /// Nothing is looked at any more: hyper ends the connection, or another protocol has taken it over.
    Beyond,
}

/// What is known of the head, or of the chunk's line, that is being read.
#[derive(Debug, Default)]
struct Head {
    lines: u32,
    line: Line,
    length: Length,
    length_fields: u32,
    coding_fields: u32,
    chunked_last: bool,
    upgrade: bool,
}

/// The line that is being read: its beginning, as far as it can matter.
#[derive(Debug)]
struct Line {
    bytes: u64,
    after_cr: bool,
    kept: [u8; LINE_KEPT_BYTES],
    kept_bytes: usize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Length {
    #[default]
    None,
    Bytes(u64),
    Malformed,
}

impl Wire {
    /// Before the first byte.
    pub(super) fn new() -> Self {
        Self { at: At::Head, head: Head::default() }
    }

    /// Follows more bytes. `Some(n)`: byte `n` of them must not be taken, and nothing after it is looked at.
    pub(super) fn follow(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut next = 0;
        while next < bytes.len() {
            match self.at {
                At::Beyond => return None,
                At::Body(left) => {
                    let taken = left.min((bytes.len() - next) as u64);
                    next += usize::try_from(taken).unwrap_or(usize::MAX);
                    self.at = if left == taken { At::Head } else { At::Body(left - taken) };
                }
                At::Chunk(left) => {
                    let taken = left.min((bytes.len() - next) as u64);
                    next += usize::try_from(taken).unwrap_or(usize::MAX);
                    self.at = if left == taken { At::ChunkSize } else { At::Chunk(left - taken) };
                }
                At::Head | At::ChunkSize | At::Trailers => {
                    let rest = &bytes[next..];
                    let end = memchr(b'\n', rest);
                    self.head.line.push(&rest[..end.unwrap_or(rest.len())]);
                    // The rest of the line is to come.
                    let end = end?;
                    if !self.end_line() {
                        self.at = At::Beyond;
                        return Some(next + end);
                    }
                    next += end + 1;
                }
            }
        }
        None
    }

    /// A line feed came. False: it must not be taken.
    fn end_line(&mut self) -> bool {
        if !self.head.line.after_cr {
            if self.at == At::ChunkSize {
                // hyper refuses it there by itself, and takes nearly any other byte.
                self.at = At::Beyond;
                return true;
            }
            return false;
        }
        let line = std::mem::take(&mut self.head.line);
        match self.at {
            At::Head => self.head_line(&line),
            At::ChunkSize => {
                self.chunk_line(&line);
                true
            }
            _ => {
                if line.is_empty() {
                    self.begin_head();
                }
                true
            }
        }
    }

    fn head_line(&mut self, line: &Line) -> bool {
        let head = &mut self.head;
        if !line.is_empty() {
            if head.lines > 0 {
                head.field(line.kept());
            }
            head.lines = head.lines.saturating_add(1);
            return true;
        }
        if head.lines == 0 {
            // Empty lines before a request are allowed (RFC 9112, 2.2).
            return true;
        }
        if head.length_fields > 1 || head.coding_fields > 1 || (head.length_fields > 0 && head.coding_fields > 0) {
            return false;
        }
        if head.coding_fields > 0 && !head.chunked_last {
            return false;
        }
        let upgrade = head.upgrade;
        let next = match (head.chunked_last, head.length) {
            (true, _) => At::ChunkSize,
            (false, Length::None | Length::Bytes(0)) if upgrade => At::Beyond,
            (false, Length::None | Length::Bytes(0)) => At::Head,
            (false, Length::Bytes(bytes)) => At::Body(bytes),
            (false, Length::Malformed) => return false,
        };
        self.begin_head();
        self.at = next;
        true
    }

    /// `size [; extensions]`; hyper refuses whatever else stands there.
    fn chunk_line(&mut self, line: &Line) {
        let digits = line.kept().iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let size = std::str::from_utf8(&line.kept()[..digits]).ok().and_then(|size| u64::from_str_radix(size, 16).ok());
        self.at = match size {
            Some(0) => At::Trailers,
            Some(size) => size.checked_add(2).map_or(At::Beyond, At::Chunk),
            None => At::Beyond,
        };
    }

    fn begin_head(&mut self) {
        self.at = At::Head;
        self.head = Head::default();
    }
}

impl Head {
    /// Notes a header field that decides how long the body is.
    fn field(&mut self, line: &[u8]) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-length") {
            self.length_fields += 1;
            let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
            let bytes = std::str::from_utf8(value).ok().filter(|_| digits).and_then(|value| value.parse().ok());
            self.length = bytes.map_or(Length::Malformed, Length::Bytes);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.coding_fields += 1;
            // Other codings before it would reach the script undecoded; no client sends them.
            self.chunked_last = value.eq_ignore_ascii_case(b"chunked");
        } else if name.eq_ignore_ascii_case(b"upgrade") {
            self.upgrade = true;
        }
    }
}

impl Default for Line {
    fn default() -> Self {
        Self { bytes: 0, after_cr: false, kept: [0; LINE_KEPT_BYTES], kept_bytes: 0 }
    }
}

impl Line {
    /// More of it, without its line feed.
    fn push(&mut self, bytes: &[u8]) {
        let Some((last, before)) = bytes.split_last() else { return };
        // A CR in the middle of a line is hyper's to refuse.
        if memchr(b'\r', before).is_some() {
            bytes.iter().for_each(|byte| self.push_run(if *byte == b'\r' { &[] } else { std::slice::from_ref(byte) }));
        } else {
            self.push_run(before);
            self.push_run(if *last == b'\r' { &[] } else { std::slice::from_ref(last) });
        }
        self.after_cr = *last == b'\r';
    }

    /// Bytes without a CR.
    fn push_run(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        let place = &mut self.kept[self.kept_bytes..];
        let kept = place.len().min(bytes.len());
        place[..kept].copy_from_slice(&bytes[..kept]);
        self.kept_bytes += kept;
    }

    fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    fn kept(&self) -> &[u8] {
        &self.kept[..self.kept_bytes]
    }
}

/// Holds the longest of the lines that matter: a name, a length of twenty digits, and some spaces. A value that is cut off
/// here is not a length and not `chunked`, so it is refused.
const LINE_KEPT_BYTES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    /// Follows the bytes whole, and again one by one: both must say the same.
    fn refused_at(bytes: &[u8]) -> Option<usize> {
        let whole = Wire::new().follow(bytes);
        let mut wire = Wire::new();
        let single = (0..bytes.len()).find(|at| wire.follow(&bytes[*at..=*at]).is_some());
        assert_eq!(whole, single, "{}", String::from_utf8_lossy(bytes));
        whole
    }

    /// Requests one after the other, with every kind of body.
    #[test]
    fn ordinary_requests_pass() {
        for bytes in [
            &b"GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n"[..],
            b"\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n",
            b"POST / HTTP/1.1\r\ncontent-length: 4\r\n\r\n\n\n\n\nGET / HTTP/1.1\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length:  0 \r\n\r\nGET / HTTP/1.1\r\n\r\n",
            b"POST / HTTP/1.1\r\ntransfer-encoding: Chunked\r\n\r\n2;a=b\r\n\n\n\r\nA\r\n\n\n\n\n\n\n\n\n\n\n\r\n0\r\nx: y\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nupgrade: websocket\r\n\r\n\n\n",
        ] {
            assert_eq!(refused_at(bytes), None, "{}", String::from_utf8_lossy(bytes));
        }
    }

    /// Each is refused at its last byte.
    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for bytes in [
            &b"GET / HTTP/1.1\n"[..],
            b"GET / HTTP/1.1\r\nhost: a\n",
            b"GET / HTTP/1.1\r\n\n",
            b"GET / HTTP/1.1\r\n\r\n\n",
            b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\n",
            b"POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
            b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\ncontent-length: 1\r\n\r\n",
            b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n",
            b"POST / HTTP/1.1\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
            b"POST / HTTP/1.1\r\ntransfer-encoding: xchunked\r\n\r\n",
            b"POST / HTTP/1.1\r\ncontent-length: +1\r\n\r\n",
            b"POST / HTTP/1.1\r\ncontent-length: 1, 1\r\n\r\n",
            b"POST / HTTP/1.1\r\ncontent-length:\r\n\r\n",
            b"POST / HTTP/1.1\r\ncontent-length: 99999999999999999999\r\n\r\n",
            b"POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nabcGET / HTTP/1.1\n",
            b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\n",
        ] {
            assert_eq!(refused_at(bytes), Some(bytes.len() - 1), "{}", String::from_utf8_lossy(bytes));
        }
    }

    /// Random bytes made of what requests are made of: cutting them differently changes nothing, and nothing panics.
    #[test]
    fn any_cut_of_the_bytes_gives_the_same_verdict() {
        let parts: [&[u8]; 12] = [
            b"GET / HTTP/1.1\r\n",
            b"\r\n",
            b"\n",
            b"\r",
            b"content-length: 5\r\n",
            b"transfer-encoding: chunked\r\n",
            b"5\r\n",
            b"0\r\n",
            b"hello",
            b"ffffffffffffffff\r\n",
            b"host: a\r\n",
            b"upgrade: x\r\n",
        ];
        let mut seed = 0x5eed_u64;
        for _ in 0..20_000 {
            let mut bytes = Vec::new();
            for _ in 0..12 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                bytes.extend_from_slice(parts[usize::try_from(seed >> 60).expect("four bits") % parts.len()]);
            }
            refused_at(&bytes);
        }
    }
}
