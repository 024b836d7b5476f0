//! The inspector's HTTP: the list of isolates, and the upgrade to a debugger's WebSocket.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, HOST, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::{InspectServer, Target, session};
use crate::listener::accept_value;

type Answer = Response<Full<Bytes>>;

impl InspectServer {
    /// Serves one connection to its end.
    pub(super) async fn connection(self: &Arc<Self>, stream: TcpStream) {
        let (upgraded, mut debugger) = tokio::sync::mpsc::channel(1);
        let service = service_fn(|mut request: Request<Incoming>| {
            let answered = self.answer(&request);
            let upgraded = upgraded.clone();
            async move {
                let (answer, target) = answered;
                if let Some(target) = target {
                    // There is one upgrade a connection, and a place for it.
                    let _ = upgraded.try_send((hyper::upgrade::on(&mut request), target));
                }
                Ok::<_, Infallible>(answer)
            }
        });
        let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades().await;
        if served.is_err() {
            return;
        }
        if let Ok((upgrade, target)) = debugger.try_recv()
            && let Ok(io) = upgrade.await
        {
            session::run(TokioIo::new(io), &target.connect).await;
        }
    }

    fn answer<B>(&self, request: &Request<B>) -> (Answer, Option<Target>) {
        if !request.headers().get(HOST).and_then(|host| host.to_str().ok()).is_some_and(is_loopback) {
            return (text(StatusCode::BAD_REQUEST, "the Host is not a loopback name\n"), None);
        }
        if *request.method() != Method::GET {
            return (text(StatusCode::METHOD_NOT_ALLOWED, "GET only\n"), None);
        }
        match request.uri().path() {
            "/json" | "/json/list" => (json_of(&self.list()), None),
            "/json/version" => (json_of(&version()), None),
            path => {
                let target = self.targets.lock().iter().find(|target| path[1..] == target.id).cloned();
                match (target, accept_of(request)) {
                    (Some(target), Some(accept)) => (switching(accept), Some(target)),
                    (Some(_), None) => (text(StatusCode::UPGRADE_REQUIRED, "a WebSocket is expected here\n"), None),
                    (None, _) => (text(StatusCode::NOT_FOUND, "no such isolate\n"), None),
                }
            }
        }
    }

    fn list(&self) -> Value {
        let describe = |target: &Target| {
            let socket = format!("{}/{}", self.address, target.id);
            json!({
                "description": "eyot isolate",
                "devtoolsFrontendUrl": format!("devtools://devtools/bundled/js_app.html?ws={socket}&experiments=true&v8only=true"),
                "id": target.id,
                "title": target.title,
                "type": "node",
                "url": "file://",
                "webSocketDebuggerUrl": format!("ws://{socket}"),
            })
        };
        self.targets.lock().iter().map(describe).collect()
    }
}

fn version() -> Value {
    json!({
        "Browser": concat!("eyot/", env!("CARGO_PKG_VERSION")),
        "Protocol-Version": "1.3",
        "V8-Version": deno_core::v8::VERSION_STRING,
    })
}

/// Whether a `Host` names this machine itself: only such a name cannot be one that a stranger's DNS has pointed here.
fn is_loopback(host: &str) -> bool {
    if let Ok(address) = host.parse::<std::net::SocketAddr>() {
        return address.ip().is_loopback();
    }
    if let Some(six) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return six.parse::<std::net::Ipv6Addr>().is_ok_and(|ip| ip.is_loopback());
    }
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

/// RFC 6455 section 4.2.2.
fn accept_of<B>(request: &Request<B>) -> Option<HeaderValue> {
    let upgrade = request.headers().get(UPGRADE)?.to_str().ok()?;
    if !upgrade.eq_ignore_ascii_case("websocket") {
        return None;
    }
    request.headers().get(SEC_WEBSOCKET_KEY).map(accept_value)
}

fn switching(accept: HeaderValue) -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = answer.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    answer
}

fn json_of(value: &Value) -> Answer {
    let mut answer = Response::new(Full::from(value.to_string()));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
    answer
}

fn text(status: StatusCode, text: &'static str) -> Answer {
    let mut answer = Response::new(Full::from(text));
    *answer.status_mut() = status;
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names of this machine, and names that only lead to it.
    #[test]
    fn only_loopback_names_are_hosts() {
        for good in ["localhost", "localhost:9229", "127.0.0.1:9229", "127.0.0.1", "[::1]:9229", "[::1]", "LOCALHOST:1"]
        {
            assert!(is_loopback(good), "{good}");
        }
        for bad in
            ["", "evil.example", "evil.example:9229", "127.0.0.1.evil.example", "10.0.0.1:9229", "localhost.evil"]
        {
            assert!(!is_loopback(bad), "{bad}");
        }
    }
}
