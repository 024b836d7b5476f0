//! A WebSocket client that sends whatever it is told to, frame by frame, and shows each frame that comes.

use super::{Tenant, TlsSocket};

/// A connection after its opening handshake.
pub(crate) struct RawWebSocket(TlsSocket);

/// A frame as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawFrame {
    /// FIN, the reserved bits and the opcode.
    pub(crate) first: u8,
    /// What it carries.
    pub(crate) payload: Vec<u8>,
}

impl RawWebSocket {
    /// Connects to a script that must agree.
    pub(crate) async fn connect(tenant: &Tenant, script: &str, path: &str) -> Self {
        let (socket, head) = Self::shake_hands(tenant, script, path, "").await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        Self(socket)
    }

    /// Sends the handshake with more header lines and gives the answer's head.
    pub(crate) async fn shake_hands(tenant: &Tenant, script: &str, path: &str, more: &str) -> (TlsSocket, String) {
        let host = format!("{script}.{}.localhost", tenant.name);
        let mut socket = TlsSocket::connect(&tenant.node, &host).await.expect("connects");
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
        );
        socket.send(head.as_bytes()).await;
        let head = socket.read_head().await;
        (socket, head)
    }

    /// Takes over a connection whose handshake is done.
    pub(crate) fn on(socket: TlsSocket) -> Self {
        Self(socket)
    }

    /// Sends bytes as they are; a node that has closed may not want them.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        // What the node made of it is in what it sends.
        let _ = self.0.try_send(bytes).await;
    }

    /// The next frame; none when the connection has ended.
    pub(crate) async fn frame(&mut self) -> Option<RawFrame> {
        let head = self.0.read_exact(2).await?;
        assert_eq!(head[1] & 0x80, 0, "a server masks nothing");
        let length = match head[1] {
            126 => u64::from(u16::from_be_bytes(self.0.read_exact(2).await?.try_into().expect("two bytes"))),
            127 => u64::from_be_bytes(self.0.read_exact(8).await?.try_into().expect("eight bytes")),
            length => u64::from(length),
        };
        let payload = self.0.read_exact(usize::try_from(length).expect("fits")).await?;
        Some(RawFrame { first: head[0], payload })
    }

    /// The code of a close frame that must come next, and then the end of the connection; 1005 for none.
    pub(crate) async fn closed(&mut self) -> u16 {
        let frame = self.frame().await.expect("a close frame");
        assert_eq!(frame.first, 0x88, "a close frame: {frame:?}");
        assert_eq!(self.frame().await, None, "nothing after the close");
        close_code(&frame.payload)
    }
}

/// The code in a close frame's payload; 1005 for none.
pub(crate) fn close_code(payload: &[u8]) -> u16 {
    payload.get(..2).map_or(1005, |code| u16::from_be_bytes([code[0], code[1]]))
}

/// A masked frame.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(0x80 | u8::try_from(length).expect("fits")),
        length @ 126..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend(u16::try_from(length).expect("fits").to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}
