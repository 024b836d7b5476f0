//! The request as the script sees it, made of the one that came.
//!
//! Takes a request apart whole: nothing of it holds what it was read into.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::header::{CONNECTION, HOST, UPGRADE};
use http::{HeaderName, Method, Request, Version};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Empty};

use super::HOPS;
use crate::admit::Permit;
use crate::ids::RayId;
use crate::isolate::{ConnectionFacts, Event, Fields, RequestBody, RunRequest, SocketIo, SocketOffer};
use crate::listener::{self, Connection, Upgrade};

/// The request as the script sees it: what the connection knows is added, what belongs to the connection is not shown.
pub(super) fn for_script(
    request: Request<listener::RequestBody>,
    connection: &Connection,
    ray: &RayId,
    hops: u32,
    bytes_in: Option<Arc<AtomicU64>>,
) -> Box<RunRequest> {
    let (parts, body) = request.into_parts();
    let version = parts.version;
    let named = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let target = parts.uri.authority().map(|authority| authority.as_str());
    // There is one of them: the request had a host to be routed by.
    let authority = target.or(named).unwrap_or_default();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let url = ["https://", authority, path].concat();
    let has_body = !body.is_end_stream();
    let mut fields = Fields::with_room(FIELDS_BYTES);
    for (name, value) in &parts.headers {
        let is_ours = match name.as_str() {
            "connection" | "transfer-encoding" | "upgrade" | "keep-alive" | "proxy-connection" => true,
            "host" | "cf-connecting-ip" | "x-real-ip" | "x-forwarded-proto" | "cf-ray" => true,
            "content-length" => !has_body,
            name => name == HOPS,
        };
        if !is_ours {
            fields.push(name, value.as_bytes());
        }
    }
    fields.push(&HOST, authority.as_bytes());
    fields.push(&CF_CONNECTING_IP, connection.address.as_bytes());
    fields.push(&X_REAL_IP, connection.address.as_bytes());
    fields.push(&X_FORWARDED_PROTO, b"https");
    fields.push(&CF_RAY, ray.as_str().as_bytes());
    let body: RequestBody = if has_body {
        let counted = body.inspect_frame(move |frame| {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            bytes_in.iter().for_each(|counted| _ = counted.fetch_add(bytes as u64, Ordering::Relaxed));
        });
        counted.map_err(Into::into).boxed_unsync()
    } else {
        Empty::new().map_err(|never| match never {}).boxed_unsync()
    };
    let verdict = Arc::new(OnceLock::new());
    Box::new(RunRequest {
        event: Event::Fetch,
        method: parts.method,
        fields,
        body,
        url,
        ray: ray.clone(),
        hops,
        is_repeat: false,
        socket: None,
        connection: Some(connection_facts(connection, version)),
        verdict,
        service: None,
    })
}

/// What the script is told of the connection, as Cloudflare names it.
fn connection_facts(connection: &Connection, version: Version) -> ConnectionFacts {
    let http = match version {
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    };
    let cipher = CIPHERS.iter().find(|(iana, _)| *iana == connection.tls_cipher);
    let tls_cipher = cipher.map_or(connection.tls_cipher, |(_, openssl)| openssl);
    ConnectionFacts { http, tls_version: connection.tls_version, tls_cipher }
}

/// Lets the script make a WebSocket of the connection, which then holds the permit for as long as it is open. The script
/// sees the handshake of HTTP/1.1, whatever it was.
pub(super) fn offer_socket(request: &mut RunRequest, upgrade: Upgrade, permit: Arc<Permit>) {
    request.method = Method::GET;
    request.fields.push(&CONNECTION, b"Upgrade");
    request.fields.push(&UPGRADE, b"websocket");
    request.socket = Some(SocketOffer(Box::pin(async move {
        let io: Box<dyn SocketIo> = Box::new(upgrade.connection(permit).await?);
        Ok(io)
    })));
}

/// The cipher suites rustls has, by their names in IANA's registry and in `request.cf`.
const CIPHERS: &[(&str, &str)] = &[
    ("TLS13_AES_128_GCM_SHA256", "AEAD-AES128-GCM-SHA256"),
    ("TLS13_AES_256_GCM_SHA384", "AEAD-AES256-GCM-SHA384"),
    ("TLS13_CHACHA20_POLY1305_SHA256", "AEAD-CHACHA20-POLY1305-SHA256"),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"),
    ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"),
    ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
    ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"),
    ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"),
];

/// Room for the header fields of most requests.
const FIELDS_BYTES: usize = 512;

const CF_CONNECTING_IP: HeaderName = HeaderName::from_static("cf-connecting-ip");
const CF_RAY: HeaderName = HeaderName::from_static("cf-ray");
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
