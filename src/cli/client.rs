//! The admin API from the other side: requests out, the v4 envelope in.
//!
//! Answers with the `result` of the envelope or an [`ApiError`] that reads `message (code N)`. Knows the account, and
//! no endpoint. Secrets and tokens never appear in an error.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::{Method, RequestBuilder, Response};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::failure::Failure;
use super::target::Target;
use crate::ids::TenantId;

/// A client of one node's admin API.
#[derive(Debug, Clone)]
pub(super) struct Api {
    http: reqwest::Client,
    target: Target,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApiError {
    /// The node said no.
    #[error("{}", refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Refused {
        /// HTTP status.
        status: u16,
        /// At least one.
        refusals: Vec<Refusal>,
    },
    /// Something answered that is no admin API.
    #[error("{url} answered {status} without Cloudflare's envelope: is this a node's admin API?")]
    NotTheApi {
        /// What was called.
        url: String,
        /// HTTP status.
        status: u16,
    },
    /// No answer came.
    #[error("call {url}: {reason}")]
    Unreachable {
        /// What was called.
        url: String,
        /// The innermost cause.
        reason: String,
    },
}

/// One entry of the envelope's `errors`.
#[derive(Debug, Clone, Deserialize, thiserror::Error)]
#[error("{message} (code {code})")]
pub(super) struct Refusal {
    /// Cloudflare's error code.
    pub(super) code: i64,
    /// For the reader.
    pub(super) message: String,
}

/// A successful envelope.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Reply {
    /// What was asked for.
    #[serde(default)]
    pub(super) result: Value,
    /// Paging.
    #[serde(default)]
    pub(super) result_info: Value,
    /// Remarks.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(super) messages: Vec<Value>,
}

#[derive(Deserialize)]
struct Envelope {
    success: bool,
    #[serde(default, deserialize_with = "null_is_empty")]
    errors: Vec<Refusal>,
    #[serde(flatten)]
    reply: Reply,
}

impl ApiError {
    /// Does the node say that there is no such thing?
    pub(super) fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }
}

impl Api {
    /// A client that trusts the public authorities, and the one in `ca` (path and PEM) besides.
    pub(super) fn new(target: Target, ca: Option<(PathBuf, Vec<u8>)>) -> Result<Self, Failure> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some((path, pem)) = ca {
            let bad = |reason: String| Failure::configuration(format!("read authority {}: {reason}", path.display()));
            let before = roots.len();
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                let certificate = certificate.map_err(|error| bad(error.to_string()))?;
                roots.add(certificate).map_err(|error| bad(error.to_string()))?;
            }
            if roots.len() == before {
                return Err(bad("it holds no certificate".to_owned()));
            }
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Failure::failed(format!("set up TLS: {error}")))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(concat!("eyot/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIME_MAX)
            .timeout(CALL_TIME_MAX)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| Failure::failed(format!("set up the HTTP client: {error}")))?;
        Ok(Self { http, target })
    }

    /// A request to `/client/v4/{segments…}`; segments are percent-encoded.
    pub(super) fn request(&self, method: Method, segments: &[&str]) -> RequestBuilder {
        self.request_with(&self.target.token, method, segments)
    }

    /// The same with another token, one that the node gave for this call alone.
    pub(super) fn request_with(&self, token: &str, method: Method, segments: &[&str]) -> RequestBuilder {
        let mut url = self.target.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        self.http.request(method, url).bearer_auth(token)
    }

    /// Sends a request and unwraps the envelope.
    pub(super) async fn call(&self, request: RequestBuilder) -> Result<Reply, ApiError> {
        let response = self.send(request).await?;
        let (status, url) = (response.status().as_u16(), shown(response.url()));
        let body = read(response).await?;
        if matches!(status, 204 | 205) && body.is_empty() {
            return Ok(Reply::default());
        }
        open(status, &url, &body)
    }

    /// Sends a request whose successful answer is not an envelope but the thing itself.
    pub(super) async fn fetch(&self, request: RequestBuilder) -> Result<Bytes, ApiError> {
        let response = self.send(request).await?;
        let (status, url) = (response.status(), shown(response.url()));
        let body = read(response).await?;
        if status.is_success() {
            return Ok(body);
        }
        match open(status.as_u16(), &url, &body) {
            Err(error) => Err(error),
            Ok(_) => Err(ApiError::NotTheApi { url, status: status.as_u16() }),
        }
    }

    /// The connection behind a path of the node, upgraded to a WebSocket that speaks `protocol`. No token goes along: the
    /// path has its own secret.
    pub(super) async fn upgraded(&self, path: &str, protocol: &str, key: &str) -> Result<reqwest::Upgraded, ApiError> {
        let mut url = self.target.base.clone();
        url.set_path(path);
        let request = self.http.get(url).version(reqwest::Version::HTTP_11).timeout(CONNECT_TIME_MAX);
        let request = request.header("connection", "upgrade").header("upgrade", "websocket");
        let request = request.header("sec-websocket-version", "13").header("sec-websocket-key", key);
        let response = self.send(request.header("sec-websocket-protocol", protocol)).await?;
        let (status, url) = (response.status().as_u16(), shown(&self.target.base));
        if status != 101 {
            let body = read(response).await?;
            return Err(open(status, &url, &body).err().unwrap_or(ApiError::NotTheApi { url, status }));
        }
        response.upgrade().await.map_err(unreachable)
    }

    /// The `result` of a GET.
    pub(super) async fn get(&self, segments: &[&str]) -> Result<Value, ApiError> {
        Ok(self.call(self.request(Method::GET, segments)).await?.result)
    }

    /// Every page of a list that is paged by number.
    pub(super) async fn all_pages(&self, segments: &[&str]) -> Result<Vec<Value>, ApiError> {
        let mut items = Vec::new();
        for page in 1..=PAGES_MAX {
            let query = [("page", page.to_string()), ("per_page", PER_PAGE.to_string())];
            let reply = self.call(self.request(Method::GET, segments).query(&query)).await?;
            let Value::Array(more) = reply.result else { break };
            let count = more.len();
            items.extend(more);
            let total = reply.result_info["total_count"].as_u64().unwrap_or(0);
            if count < PER_PAGE || items.len() as u64 >= total {
                break;
            }
        }
        Ok(items)
    }

    /// The id of the account to act as.
    pub(super) async fn account(&self) -> Result<String, Failure> {
        match &self.target.account {
            Some(wanted) => self.account_named(wanted).await,
            None => {
                let accounts = self.all_pages(&["accounts"]).await?;
                match accounts.as_slice() {
                    [only] => Ok(text(&only["id"])),
                    several => find_account(several, DEMO).ok_or_else(|| {
                        Failure::configuration("several tenants are there: choose one with --account or EYOT_ACCOUNT")
                    }),
                }
            }
        }
    }

    /// The id of an account given by id, name or subdomain.
    pub(super) async fn account_named(&self, wanted: &str) -> Result<String, Failure> {
        if wanted.parse::<TenantId>().is_ok() {
            return Ok(wanted.to_owned());
        }
        let accounts = self.all_pages(&["accounts"]).await?;
        find_account(&accounts, wanted).ok_or_else(|| Failure::failed(format!("find tenant {wanted:?}: there is none")))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, ApiError> {
        request.send().await.map_err(unreachable)
    }
}

async fn read(response: Response) -> Result<Bytes, ApiError> {
    response.bytes().await.map_err(unreachable)
}

fn unreachable(error: reqwest::Error) -> ApiError {
    let url = error.url().map(shown).unwrap_or_default();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    ApiError::Unreachable { url, reason: cause.to_string() }
}

fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.to_string()
}

/// What an answer with this status and body means.
fn open(status: u16, url: &str, body: &[u8]) -> Result<Reply, ApiError> {
    match serde_json::from_slice::<Envelope>(body) {
        Ok(envelope) if envelope.success && status < 400 => Ok(envelope.reply),
        Ok(envelope) if !envelope.errors.is_empty() => Err(ApiError::Refused { status, refusals: envelope.errors }),
        _ => Err(ApiError::NotTheApi { url: url.to_owned(), status }),
    }
}

fn find_account(accounts: &[Value], wanted: &str) -> Option<String> {
    let found = |key: &str| accounts.iter().find(|account| account[key] == wanted);
    found("subdomain").or_else(|| found("name")).map(|account| text(&account["id"]))
}

/// A JSON string without quotes; anything else as JSON.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn null_is_empty<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}

/// Name of the tenant that `eyot serve` makes in a new data folder.
const DEMO: &str = "demo";
const PER_PAGE: usize = 100;
const PAGES_MAX: u32 = 10_000;
const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);
const CALL_TIME_MAX: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use super::*;

    /// Envelopes that succeed, refuse, lack fields, and bodies that are none.
    #[test]
    fn envelopes_become_results_or_readable_errors() {
        let reply =
            open(200, "u", br#"{"success":true,"result":[1],"errors":[],"messages":null,"result_info":{"a":1}}"#);
        let reply = reply.unwrap();
        assert_eq!((reply.result, reply.result_info["a"].as_u64()), (serde_json::json!([1]), Some(1)));
        let refused =
            br#"{"success":false,"result":null,"errors":[{"code":10007,"message":"gone"},{"code":1,"message":"b"}]}"#;
        let error = open(404, "u", refused).unwrap_err();
        assert_eq!(error.to_string(), "gone (code 10007); b (code 1)");
        assert!(error.is_not_found());
        for (status, body) in [(200, "<html>"), (502, ""), (500, r#"{"success":true}"#), (400, r#"{"success":false}"#)]
        {
            assert!(matches!(open(status, "u", body.as_bytes()), Err(ApiError::NotTheApi { .. })), "{body}");
        }
    }

    /// A tenant by its subdomain first, then by name.
    #[test]
    fn tenants_are_found_by_subdomain_or_name() {
        let accounts = [
            serde_json::json!({ "id": "1", "name": "acme", "subdomain": "a" }),
            serde_json::json!({ "id": "2", "name": "Other", "subdomain": "acme" }),
        ];
        assert_eq!(find_account(&accounts, "acme").as_deref(), Some("2"));
        assert_eq!(find_account(&accounts, "Other").as_deref(), Some("2"));
        assert_eq!(find_account(&accounts, "none"), None);
    }

    /// Keys with slashes, dots and spaces stay one path segment.
    #[test]
    fn path_segments_are_encoded() {
        let target = Target { base: "http://127.0.0.1:1/client/v4".parse().unwrap(), token: "t".into(), account: None };
        let api = Api::new(target, None).unwrap();
        let request = api.request(Method::GET, &["values", "a/b ?%ü"]).build().unwrap();
        assert_eq!(request.url().path(), "/client/v4/values/a%2Fb%20%3F%25%C3%BC");
    }

    /// Nothing listens: the error says where and why, without the token.
    #[tokio::test]
    async fn an_unreachable_node_is_named() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let base = format!("http://{address}/client/v4").parse().unwrap();
        let api = Api::new(Target { base, token: "s3cret".into(), account: None }, None).unwrap();
        let error = api.get(&["accounts"]).await.unwrap_err().to_string();
        assert!(error.contains(&address.to_string()) && error.contains("refused"), "{error}");
        assert!(!error.contains("s3cret"), "{error}");
    }
}
