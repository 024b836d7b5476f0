//! The admin API from the outside: requests in, answers out, on a real control plane and KV with a builder that only
//! pretends to evaluate.

mod audit_log;
mod authorisation;
mod envelopes;
mod kv_calls;
mod script_calls;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{AdminState, Readiness, StripRefusal, StripTypes, Stripped, router};
use crate::control::{Actor, Build, Config, Control, NewTenant, NewToken, Scope, TokenHash};
use crate::deployment::Start;
use crate::ids::TenantId;
use crate::kv::{self, Kv};
use crate::limits::Limits;
use crate::script::Scanned;
use crate::snapshot::{BuildError, BuildInput, Built, Position};
use crate::store::Blobs;

/// A node's admin API over a folder that goes away with it.
pub(super) struct Harness {
    pub(super) router: Router,
    pub(super) control: Control,
    _dir: tempfile::TempDir,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Bytes,
}

/// A tenant and tokens of it.
#[derive(Debug, Clone)]
pub(super) struct TestTenant {
    pub(super) id: TenantId,
    pub(super) full: String,
    pub(super) read: String,
    pub(super) deploy: String,
    pub(super) kv: String,
}

/// The operator's token.
pub(super) const OPERATOR: &str = "operator-token";

impl Harness {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let config = Config {
            dir: dir.path().to_owned(),
            limits: Limits::default(),
            scripts_max: 500,
            namespaces_max: 1_000,
            domain: "localhost".to_owned(),
            operator_token: TokenHash::of(OPERATOR),
            fingerprint: "test".to_owned(),
        };
        let blobs = Blobs::open(&dir.path().join("blobs")).expect("opens blobs");
        let (control, _) = Control::open(config, blobs, Arc::new(FakeBuild)).expect("opens the control plane");
        let kv = Kv::open(&dir.path().join("kv"), kv::Config::default()).expect("opens kv");
        let state = AdminState {
            control: control.clone(),
            kv,
            strip_types: Arc::new(FakeStrip),
            invoke: Arc::new(|_, _, payload| Box::pin(std::future::ready(Ok(payload.into())))),
            keep_usage: Arc::new(|| Box::pin(std::future::ready(()))),
            script_url: Arc::new(|tenant, script| format!("https://{script}.{tenant}.localhost")),
            sandbox: "on".into(),
            mappings: None,
            tails: Arc::default(),
            quarantine: crate::isolate::Quarantine::default(),
            readiness: Arc::new(|| Readiness::NotReady("draining".to_owned())),
            metrics: Arc::new(|| "eyot_up 1\n".to_owned()),
        };
        Self { router: router(state), control, _dir: dir }
    }

    /// Makes a tenant with one token of each kind.
    pub(super) async fn tenant(&self, name: &str) -> TestTenant {
        let new = NewTenant { name: name.to_owned(), subdomain: Some(name.parse().expect("a label")) };
        let tenant = self.control.create_tenant(&Actor::Operator, new).await.expect("makes a tenant");
        let token = async |scopes: &[Scope]| {
            let scopes: BTreeSet<Scope> = scopes.iter().copied().collect();
            let new = NewToken { name: "test".to_owned(), scopes, expires_at: None };
            let made = self.control.create_token(&Actor::Operator, &tenant.id, new).await.expect("makes a token");
            made.1.expose().to_owned()
        };
        TestTenant {
            full: token(&[Scope::Read, Scope::Deploy, Scope::Kv]).await,
            read: token(&[Scope::Read]).await,
            deploy: token(&[Scope::Deploy]).await,
            kv: token(&[Scope::Kv]).await,
            id: tenant.id,
        }
    }

    /// Sends a request as it is.
    pub(super) async fn send(&self, request: Request) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("cannot fail");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    /// Makes a call below `/client/v4` with a JSON body, or none when it is `null`.
    pub(super) async fn call(&self, token: &str, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(request(token, method, path).header("content-type", "application/json").body(body).expect("valid"))
            .await
    }

    /// Uploads one module with this metadata.
    pub(super) async fn upload(&self, tenant: &TestTenant, path: &str, metadata: Value, source: &str) -> Answer {
        let metadata = metadata.to_string();
        let parts = [("metadata", "application/json", metadata.as_str()), ("index.js", ES_MODULE, source)];
        let method = if path.ends_with("/versions") { "POST" } else { "PUT" };
        self.send_form(&tenant.full, method, path, &parts).await
    }

    /// Sends a form.
    pub(super) async fn send_form(
        &self,
        token: &str,
        method: &str,
        path: &str,
        parts: &[(&str, &str, &str)],
    ) -> Answer {
        let mut form = String::new();
        for (name, content_type, text) in parts {
            form.push_str(&format!(
                "--B\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\
                 Content-Type: {content_type}\r\n\r\n{text}\r\n"
            ));
        }
        form.push_str("--B--\r\n");
        let request = request(token, method, path).header("content-type", "multipart/form-data; boundary=B");
        self.send(request.body(Body::from(form)).expect("a valid request")).await
    }
}

impl Answer {
    /// The body as JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("not JSON: {:?}", self.bytes))
    }

    /// The result of a call that succeeded.
    pub(super) fn result(&self) -> Value {
        let json = self.json();
        assert_eq!((self.status.as_u16(), &json["success"]), (200, &json!(true)), "{json}");
        json["result"].clone()
    }

    /// Status and code of a call that did not, in a whole envelope.
    pub(super) fn refusal(&self) -> (u16, u64) {
        let json = self.json();
        assert_eq!(self.headers["content-type"], "application/json");
        assert_eq!((&json["success"], &json["result"], &json["messages"]), (&json!(false), &Value::Null, &json!([])));
        assert!(json["errors"][0]["message"].as_str().is_some_and(|text| !text.is_empty()), "{json}");
        (self.status.as_u16(), json["errors"][0]["code"].as_u64().expect("a code"))
    }
}

/// A request below `/client/v4`; an empty token sends none.
pub(super) fn request(token: &str, method: &str, path: &str) -> http::request::Builder {
    let request = Request::builder().method(method).uri(format!("/client/v4{path}")).header("host", "127.0.0.1:8787");
    if token.is_empty() { request } else { request.header("authorization", format!("Bearer {token}")) }
}

/// Content type of the modules that tests upload.
pub(super) const ES_MODULE: &str = "application/javascript+module";

/// Pretends to evaluate: what the source contains decides how that ends.
struct FakeBuild;

impl Build for FakeBuild {
    fn build(&self, input: BuildInput) -> BoxFuture<'_, Result<Built, BuildError>> {
        let main = input.code.module(&input.code.main_module).expect("the main module is there");
        let source = String::from_utf8_lossy(&main.source).into_owned();
        let built = if source.contains("throw") {
            let position = Some(Position { file: main.name.clone(), line: 3, column: 7 });
            Err(BuildError::Rejected { message: "Uncaught Error: no".to_owned(), position })
        } else if source.contains("nothing") {
            Err(BuildError::NoHandlers)
        } else {
            let reason = "it holds a WebAssembly instance".to_owned();
            Ok(Built { start: Start::Plain { reason }, handlers: vec!["fetch".to_owned()], startup_cpu_ms: 3 })
        };
        Box::pin(std::future::ready(built))
    }
}

struct FakeStrip;

impl StripTypes for FakeStrip {
    fn strip<'a>(&'a self, name: &'a str, source: &'a str) -> BoxFuture<'a, Result<Stripped, StripRefusal>> {
        let stripped = match source {
            "bad" => Err(StripRefusal::Source(format!("{name}:1:1: unexpected"))),
            _ => Ok(Stripped { source: source.replace(": string", ""), source_map: b"{}".to_vec() }),
        };
        Box::pin(std::future::ready(stripped))
    }

    fn scan<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Scanned, StripRefusal>> {
        Box::pin(std::future::ready(Err(StripRefusal::Source("not scanned".to_owned()))))
    }
}
