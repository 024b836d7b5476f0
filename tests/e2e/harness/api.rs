//! The admin API as a test speaks it: tenants, uploads, KV, and the envelope around every answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::multipart::{Form, Part};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::{AMPLE_WALL_MS, Node, client, client_with};

/// One tenant of a node and the clients to reach it with.
#[derive(Clone)]
pub(crate) struct Tenant {
    /// The node it lives on.
    pub(crate) node: Arc<Node>,
    /// Its account id.
    pub(crate) id: String,
    /// Its label in host names.
    pub(crate) name: String,
    /// Sent with every call of the admin API: the operator's token, or one of its own.
    pub(crate) token: String,
    /// For its scripts, HTTP/1.1.
    pub(crate) edge: reqwest::Client,
    /// For the admin API.
    pub(crate) admin: reqwest::Client,
}

/// An answer of the admin API.
pub(crate) struct Reply {
    /// Status of the response.
    pub(crate) status: u16,
    /// The envelope, or null when the body was not JSON.
    pub(crate) body: Value,
    /// The body as it came.
    pub(crate) text: String,
}

/// What is uploaded as one version.
#[derive(Clone)]
pub(crate) struct Upload {
    metadata: Value,
    parts: Vec<(String, String, Vec<u8>)>,
}

impl Tenant {
    /// A new tenant; its name begins with `label`.
    pub(crate) async fn create(node: &Arc<Node>, label: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{label}-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let mut tenant = Self {
            node: node.clone(),
            id: String::new(),
            name: name.clone(),
            token: node.token.clone(),
            edge: client_with(node, reqwest::ClientBuilder::http1_only),
            admin: client(node),
        };
        let made = tenant.call(Method::POST, "/accounts", Some(json!({ "name": name, "subdomain": name }))).await;
        tenant.id = made.result()["id"].as_str().expect("an account id").to_owned();
        tenant
    }

    /// The same tenant with a token of its own instead of the operator's.
    pub(crate) async fn with_token(&self, scopes: &[&str]) -> Self {
        let body = json!({ "name": "test", "scopes": scopes });
        let made = self.call(Method::POST, &self.path("/tokens"), Some(body)).await;
        let token = made.result()["value"].as_str().expect("the token's value").to_owned();
        self.with(&token)
    }

    /// The same tenant, reached with this token.
    pub(crate) fn with(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// The same tenant on a node that took over its data folder.
    pub(crate) fn moved_to(&self, node: &Arc<Node>) -> Self {
        let edge = client_with(node, reqwest::ClientBuilder::http1_only);
        Self { node: node.clone(), edge, admin: client(node), token: node.token.clone(), ..self.clone() }
    }

    /// A path below this account.
    pub(crate) fn path(&self, below: &str) -> String {
        format!("/accounts/{}{below}", self.id)
    }

    /// Calls the admin API with a JSON body.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Reply::read(request.send().await.expect("the admin API answers")).await
    }

    /// A request to the admin API, authorised, to be changed and sent.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.admin.request(method, format!("{}/client/v4{path}", self.node.admin)).bearer_auth(&self.token)
    }

    /// Changes the tenant's limits as the operator; with a long CPU time goes a long wall time, unless one is given.
    pub(crate) async fn limit(&self, mut overrides: Value) {
        let computes = overrides["cpu_ms"].as_u64().is_some_and(|budget| budget >= 1_000);
        if computes && overrides.get("wall_ms").is_none() {
            overrides["wall_ms"] = AMPLE_WALL_MS.into();
        }
        self.with(&self.node.token).call(Method::PUT, &self.path("/eyot/limits"), Some(overrides)).await.result();
    }

    /// Uploads a script, whatever comes of it.
    pub(crate) async fn upload(&self, script: &str, upload: Upload) -> Reply {
        let request = self.request(Method::PUT, &self.path(&format!("/workers/scripts/{script}")));
        Reply::read(request.multipart(upload.form()).send().await.expect("the admin API answers")).await
    }

    /// Uploads a script that must be accepted, and gives the result.
    pub(crate) async fn deploy(&self, script: &str, upload: Upload) -> Value {
        self.upload(script, upload).await.result()
    }

    /// A new KV namespace; gives its id.
    pub(crate) async fn namespace(&self, title: &str) -> String {
        let path = self.path("/storage/kv/namespaces");
        let made = self.call(Method::POST, &path, Some(json!({ "title": title }))).await;
        made.result()["id"].as_str().expect("a namespace id").to_owned()
    }

    /// Where a script serves.
    pub(crate) fn url(&self, script: &str, path: &str) -> String {
        format!("https://{script}.{}.localhost:{}{path}", self.name, self.node.edge.port())
    }

    /// Asks a script.
    pub(crate) async fn fetch(&self, script: &str, path: &str) -> reqwest::Result<Response> {
        self.edge.get(self.url(script, path)).send().await
    }

    /// Asks a script that must answer 200, and gives the body.
    pub(crate) async fn text(&self, script: &str, path: &str) -> String {
        let response = self.fetch(script, path).await.expect("an answer");
        let status = response.status();
        let text = response.text().await.expect("a body");
        assert_eq!(status, 200, "{script}{path}: {text}");
        text
    }

    /// Asks a script that must end like this: status, the code in the body and in the header, a ray.
    pub(crate) async fn expect_error(&self, script: &str, path: &str, status: u16, code: u32) {
        let response = self.fetch(script, path).await.expect("an answer");
        expect_error(response, status, code).await;
    }
}

/// Asserts that a response is the contract's error page of this code.
pub(crate) async fn expect_error(response: Response, status: u16, code: u32) {
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap_or("?").to_owned());
    let (found, error, ray, kind) =
        (response.status().as_u16(), header("eyot-error"), header("eyot-ray"), header("content-type"));
    let retry_after = header("retry-after");
    let body = response.text().await.expect("a body");
    assert_eq!((found, body.trim_end()), (status, format!("error code: {code}").as_str()));
    assert_eq!(error.as_deref(), Some(code.to_string().as_str()), "eyot-error");
    assert!(ray.is_some_and(|ray| ray.len() == 16), "eyot-ray");
    assert!(kind.is_some_and(|kind| kind.starts_with("text/plain")), "content-type");
    assert!(retry_after.is_some() || !matches!(code, 1015 | 1105), "retry-after");
}

impl Reply {
    async fn read(response: Response) -> Self {
        let status = response.status().as_u16();
        let text = response.text().await.expect("a body");
        Self { status, body: serde_json::from_str(&text).unwrap_or(Value::Null), text }
    }

    /// Sends a prepared request and reads the answer.
    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        Self::read(request.send().await.expect("the admin API answers")).await
    }

    /// The result of a call that must have succeeded.
    pub(crate) fn result(self) -> Value {
        assert_eq!(self.body["success"], true, "{}: {}", self.status, self.text);
        self.body["result"].clone()
    }

    /// The code and message of a call that must have been refused.
    pub(crate) fn refusal(&self) -> (u64, String) {
        assert_eq!(self.body["success"], false, "{}: {}", self.status, self.text);
        assert!(self.status >= 400, "{}: {}", self.status, self.text);
        let error = &self.body["errors"][0];
        let code = error["code"].as_u64().unwrap_or_else(|| panic!("no error code: {}", self.text));
        (code, error["message"].as_str().expect("a message").to_owned())
    }
}

impl Upload {
    /// One ES module.
    pub(crate) fn of(source: &str) -> Self {
        Self::modules("index.js").with("index.js", "application/javascript+module", source)
    }

    /// A fixture file as one ES module.
    pub(crate) fn fixture(name: &str) -> Self {
        Self::of(&super::fixture(name))
    }

    /// Modules, to be added; this one is the main one.
    pub(crate) fn modules(main: &str) -> Self {
        let metadata = json!({ "main_module": main, "bindings": [], "compatibility_date": "2026-01-01" });
        Self { metadata, parts: Vec::new() }
    }

    /// A script in service-worker syntax.
    pub(crate) fn service_worker(source: &str) -> Self {
        let metadata = json!({ "body_part": "script", "bindings": [], "compatibility_date": "2026-01-01" });
        Self { metadata, parts: Vec::new() }.with("script", "application/javascript", source)
    }

    /// Adds a module.
    pub(crate) fn with(mut self, name: &str, content_type: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.parts.push((name.to_owned(), content_type.to_owned(), bytes.as_ref().to_vec()));
        self
    }

    /// Adds a binding.
    pub(crate) fn bind(mut self, binding: Value) -> Self {
        self.metadata["bindings"].as_array_mut().expect("bindings are a list").push(binding);
        self
    }

    /// Adds a KV namespace as `KV`.
    pub(crate) fn bind_kv(self, namespace: &str) -> Self {
        self.bind(json!({ "name": "KV", "type": "kv_namespace", "namespace_id": namespace }))
    }

    /// Sets a key of the metadata, e.g. `limits`.
    pub(crate) fn set(mut self, key: &str, value: Value) -> Self {
        self.metadata[key] = value;
        self
    }

    /// The multipart body, as wrangler builds it.
    pub(crate) fn form(self) -> Form {
        let form = Form::new().percent_encode_noop().text("metadata", self.metadata.to_string());
        self.parts.into_iter().fold(form, |form, (name, content_type, bytes)| {
            let part = Part::bytes(bytes).file_name(name.clone()).mime_str(&content_type).expect("a content type");
            form.part(name, part)
        })
    }
}
