//! The limit: hyper and rustls with nothing behind them, on one thread. What any server of this kind has to do at least.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, hyper::Error>;

/// Serves until it is killed. The arguments are port, certificate and key.
pub(crate) fn run(arguments: &[String]) {
    let [port, certificate, key] = arguments else { panic!("bare PORT CERTIFICATE KEY") };
    let port = port.parse().expect("a port");
    let certificates = CertificateDer::pem_file_iter(certificate).expect("a certificate file");
    let certificates = certificates.map(|certificate| certificate.expect("a certificate")).collect();
    let key = PrivateKeyDer::from_pem_file(key).expect("a key");
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .expect("key and certificate belong together");
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(serve(port, acceptor));
}

async fn serve(port: u16, acceptor: TlsAcceptor) {
    let socket = TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
    loop {
        let Ok((tcp, _)) = socket.accept().await else { continue };
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            // A client that leaves is no failure of ours.
            let _ = tcp.set_nodelay(true);
            let Ok(tls) = acceptor.accept(tcp).await else { return };
            let builder = auto::Builder::new(TokioExecutor::new());
            let _ = builder.serve_connection(TokioIo::new(tls), service_fn(answer)).await;
        });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let whole = |bytes: Bytes| Full::new(bytes).map_err(|never| match never {}).boxed_unsync();
    let body = match request.uri().path() {
        "/length" => {
            let length = request.into_body().collect().await.map_or(0, |body| body.to_bytes().len());
            whole(Bytes::from(length.to_string()))
        }
        "/echo" => request.into_body().boxed_unsync(),
        "/stream" => {
            let lines = (0..100).map(|_| Ok(Frame::data(Bytes::from_static(&[b'x'; 1024]))));
            StreamBody::new(futures::stream::iter(lines)).boxed_unsync()
        }
        _ => whole(Bytes::from_static(b"hello")),
    };
    let mut response = Response::new(body);
    let kind = http::HeaderValue::from_static("text/plain;charset=UTF-8");
    response.headers_mut().insert(http::header::CONTENT_TYPE, kind);
    Ok(response)
}
