//! The load: connections that ask one thing after another and check every answer.
//!
//! HTTP/1.1 is spoken by hand, because a client library costs more than the servers measured here; HTTP/2 through
//! hyper. Certificates are not verified: what that costs is not the servers' doing.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

/// How a case is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// So many HTTP/1.1 connections, one request at a time on each.
    Http1(usize),
    /// So many HTTP/2 connections with so many streams each.
    Http2(usize, usize),
    /// So many WebSockets, one message at a time on each.
    WebSocket(usize),
    /// So many clients, each with a new connection for every request, sessions not resumed.
    Connecting(usize),
}

/// One thing to ask, and of whom.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) address: SocketAddr,
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) body: Bytes,
    /// Length of the answer's body, when it is known.
    pub(crate) answer_bytes: Option<usize>,
}

/// What was seen in one measurement.
#[derive(Debug, Default, Clone)]
pub(crate) struct Seen {
    /// How long each request took.
    pub(crate) took: Vec<Duration>,
    /// How long all of it took.
    pub(crate) elapsed: Duration,
}

/// Asks all questions, shared out among the connections, for `duration`. `begin` is called when the connections stand.
pub(crate) async fn ask(questions: &[Question], manner: Manner, duration: Duration, begin: impl FnOnce()) -> Seen {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let mut asking = Vec::new();
    let (clock, begun) = tokio::sync::watch::channel(None);
    let (connections, streams) = match manner {
        Manner::Http1(connections) | Manner::Connecting(connections) | Manner::WebSocket(connections) => {
            (connections, 1)
        }
        Manner::Http2(connections, streams) => (connections, streams),
    };
    for connection in 0..connections {
        let mine: Vec<Question> =
            questions.iter().skip(connection % questions.len()).step_by(connections).cloned().collect();
        let mut lanes = lanes(mine, manner, streams).await;
        for mut lane in lanes.drain(..) {
            let (seen, mut begun) = (Rc::clone(&seen), begun.clone());
            asking.push(async move {
                begun.wait_for(Option::is_some).await.expect("the clock starts");
                let until = begun.borrow().expect("has begun") + duration;
                let mut took = Vec::new();
                loop {
                    let asked = Instant::now();
                    if asked >= until {
                        break;
                    }
                    lane.ask().await;
                    took.push(asked.elapsed());
                }
                seen.borrow_mut().append(&mut took);
            });
        }
    }
    begin();
    let started = Instant::now();
    clock.send(Some(started)).expect("the lanes wait");
    let local = tokio::task::LocalSet::new();
    let tasks: Vec<_> = asking.into_iter().map(|lane| local.spawn_local(lane)).collect();
    local.run_until(async { futures::future::try_join_all(tasks).await.expect("no request fails") }).await;
    Seen { elapsed: started.elapsed(), took: seen.take() }
}

/// One request at a time.
enum Lane {
    /// A kept connection for each question.
    Kept(Vec<(Http1, Question)>, usize),
    Connecting(Question, TlsConnector),
    Stream(hyper::client::conn::http2::SendRequest<Full<Bytes>>, Question),
    WebSocket(Box<WebSocketStream<TlsStream<TcpStream>>>),
}

async fn lanes(questions: Vec<Question>, manner: Manner, streams: usize) -> Vec<Lane> {
    let first = questions.first().expect("a question for each connection").clone();
    match manner {
        Manner::Http1(_) => {
            let connector = connector(b"http/1.1");
            let mut kept = Vec::new();
            for question in questions {
                kept.push((Http1::connect(&connector, &question).await.expect("connects"), question));
            }
            vec![Lane::Kept(kept, 0)]
        }
        Manner::WebSocket(_) => {
            vec![Lane::WebSocket(Box::new(Http1::to(&first).await.expect("connects").upgrade(&first).await))]
        }
        Manner::Connecting(_) => vec![Lane::Connecting(first, connector(b"http/1.1"))],
        Manner::Http2(..) => {
            let stream = connect(&connector(b"h2"), &first).await.expect("connects");
            let shaken = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
                .initial_stream_window_size(2 << 20)
                .initial_connection_window_size(16 << 20)
                .handshake(TokioIo::new(stream));
            let (sender, connection) = shaken.await.expect("speaks HTTP/2");
            tokio::spawn(connection);
            (0..streams).map(|_| Lane::Stream(sender.clone(), first.clone())).collect()
        }
    }
}

impl Lane {
    async fn ask(&mut self) {
        match self {
            Self::Kept(kept, next) => {
                let at = *next % kept.len();
                *next += 1;
                let (connection, question) = &mut kept[at];
                let answer = match connection.exchange(question).await {
                    // The server closed it after the last answer, as Deno 2.9 does after an echoed body; what that
                    // costs is its own doing.
                    Err(_) => {
                        *connection = Http1::to(question).await.expect("connects again");
                        connection.exchange(question).await
                    }
                    answer => answer,
                };
                question.check(answer.unwrap_or_else(|error| panic!("{}: {error}", question.path)));
            }
            Self::WebSocket(socket) => {
                socket.send(Message::text(MESSAGE)).await.expect("the socket takes a message");
                let echoed = socket.next().await.expect("the socket lives").expect("a message");
                assert_eq!(echoed.to_text().expect("a text"), MESSAGE);
            }
            Self::Connecting(question, connector) => {
                let mut connection = Http1::connect(connector, question).await.expect("connects");
                question.check(connection.exchange(question).await.expect("an answer"));
            }
            Self::Stream(sender, question) => {
                let request = http::Request::builder()
                    .method(question.method())
                    .uri(format!("https://{}{}", question.host, question.path))
                    .body(Full::new(question.body.clone()))
                    .expect("a request");
                sender.ready().await.expect("the connection lives");
                let response = sender.send_request(request).await.expect("an answer");
                let status = response.status().as_u16();
                let body = response.into_body().collect().await.expect("a body").to_bytes();
                question.check((status, body.len()));
            }
        }
    }
}

impl Question {
    fn method(&self) -> &'static str {
        if self.body.is_empty() { "GET" } else { "POST" }
    }

    /// An answer that is not the one asked for makes the whole figure worthless.
    fn check(&self, (status, bytes): (u16, usize)) {
        assert_eq!(status, 200, "{}{}", self.host, self.path);
        assert!(self.answer_bytes.is_none_or(|wanted| wanted == bytes), "{}: {bytes} bytes", self.path);
    }
}

/// An HTTP/1.1 connection.
pub(crate) struct Http1 {
    stream: TlsStream<TcpStream>,
    buffer: Vec<u8>,
    /// What of the buffer has come and was not used.
    filled: usize,
}

impl Http1 {
    /// Connects to whom the question is for.
    pub(crate) async fn to(question: &Question) -> io::Result<Self> {
        Self::connect(&connector(b"http/1.1"), question).await
    }

    async fn connect(connector: &TlsConnector, question: &Question) -> io::Result<Self> {
        Ok(Self { stream: connect(connector, question).await?, buffer: vec![0; 64 << 10], filled: 0 })
    }

    /// Asks and reads the answer; gives its status and the length of its body.
    pub(crate) async fn exchange(&mut self, question: &Question) -> io::Result<(u16, usize)> {
        let length = match question.body.len() {
            0 => String::new(),
            length => format!("content-length: {length}\r\n"),
        };
        let mut request = Vec::with_capacity(128 + question.body.len());
        let head =
            format!("{} {} HTTP/1.1\r\nhost: {}\r\n{length}\r\n", question.method(), question.path, question.host);
        request.extend_from_slice(head.as_bytes());
        request.extend_from_slice(&question.body);
        let (mut reading, mut writing) = tokio::io::split(&mut self.stream);
        let sending = async {
            writing.write_all(&request).await?;
            writing.flush().await
        };
        // Both at once: a server that echoes stops reading while nobody takes what it writes.
        let receiving = receive(&mut reading, &mut self.buffer, &mut self.filled);
        let ((), answer) = futures::future::try_join(sending, receiving).await?;
        Ok(answer)
    }
}

impl Http1 {
    /// Makes a WebSocket of the connection.
    async fn upgrade(mut self, question: &Question) -> WebSocketStream<TlsStream<TcpStream>> {
        let head = format!(
            "GET {} HTTP/1.1\r\nhost: {}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            question.path, question.host
        );
        self.stream.write_all(head.as_bytes()).await.expect("the server reads");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await.expect("an answer"));
        }
        assert!(head.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&head));
        WebSocketStream::from_raw_socket(self.stream, Role::Client, None).await
    }
}

async fn receive<R: tokio::io::AsyncRead + Unpin>(
    reading: &mut R,
    buffer: &mut [u8],
    filled: &mut usize,
) -> io::Result<(u16, usize)> {
    let head_end = loop {
        if let Some(at) = buffer[..*filled].windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        *filled += read(reading, &mut buffer[*filled..]).await?;
    };
    let head = std::str::from_utf8(&buffer[..head_end]).map_err(io::Error::other)?.to_ascii_lowercase();
    let status = head.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(|| io::Error::other("no status"))?;
    let value = |name: &str| Some(head.split_once(name)?.1.lines().next()?.trim().to_owned());
    buffer.copy_within(head_end..*filled, 0);
    *filled -= head_end;
    if let Some(length) = value("\r\ncontent-length:") {
        let length: usize = length.parse().map_err(io::Error::other)?;
        let mut left = length;
        loop {
            let used = left.min(*filled);
            buffer.copy_within(used..*filled, 0);
            *filled -= used;
            left -= used;
            if left == 0 {
                return Ok((status, length));
            }
            *filled += read(reading, &mut buffer[*filled..]).await?;
        }
    }
    let mut body = 0;
    loop {
        let line_end = loop {
            if let Some(at) = buffer[..*filled].windows(2).position(|two| two == b"\r\n") {
                break at + 2;
            }
            *filled += read(reading, &mut buffer[*filled..]).await?;
        };
        let size = std::str::from_utf8(&buffer[..line_end - 2]).map_err(io::Error::other)?;
        let size = usize::from_str_radix(size.split(';').next().unwrap_or(size), 16).map_err(io::Error::other)?;
        let mut left = line_end + size + 2;
        loop {
            let used = left.min(*filled);
            buffer.copy_within(used..*filled, 0);
            *filled -= used;
            left -= used;
            if left == 0 {
                break;
            }
            *filled += read(reading, &mut buffer[*filled..]).await?;
        }
        body += size;
        if size == 0 {
            return Ok((status, body));
        }
    }
}

async fn read<R: tokio::io::AsyncRead + Unpin>(reading: &mut R, into: &mut [u8]) -> io::Result<usize> {
    match reading.read(into).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        count => Ok(count),
    }
}

async fn connect(connector: &TlsConnector, question: &Question) -> io::Result<TlsStream<TcpStream>> {
    let tcp = TcpStream::connect(question.address).await?;
    tcp.set_nodelay(true)?;
    let name = ServerName::try_from(question.host.clone()).map_err(io::Error::other)?;
    connector.connect(name, tcp).await
}

fn connector(protocol: &[u8]) -> TlsConnector {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has TLS 1.2 and 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate))
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    config.resumption = rustls::client::Resumption::disabled();
    TlsConnector::from(Arc::new(config))
}

/// Takes every certificate.
#[derive(Debug)]
struct AnyCertificate;

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// What is sent through WebSockets.
const MESSAGE: &str = "a message of no great length, which comes back as it was";
