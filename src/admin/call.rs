//! One authorised call as its handler sees it: who calls, the ids in the path, the query.
//!
//! A [`Call`] exists only behind the gate, so holding one is proof that the caller may make it. Path parameters are
//! parsed here into ids; one that is no id is answered as one that names nothing. Knows nothing of bodies.

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use http::{HeaderMap, header};

use super::AdminState;
use super::envelope::ApiError;
use super::gate::Credentials;
use super::tails::Peer;
use crate::control::{Page, Principal};
use crate::ids::{NamespaceId, ScriptName, TenantId};

/// An authorised call.
pub(crate) struct Call {
    /// What the handlers stand on.
    pub(crate) state: AdminState,
    /// Who calls.
    pub(crate) principal: Principal,
    account: Option<TenantId>,
    path: String,
    params: Vec<(String, String)>,
    query: Vec<(String, String)>,
    source: &'static str,
    credentials: String,
    headers: HeaderMap,
    peer: Option<Peer>,
}

impl Call {
    /// The account in the path, or whose zone is there.
    pub(crate) fn account(&self) -> Result<TenantId, ApiError> {
        self.account.clone().ok_or_else(|| self.not_found())
    }

    /// The KV namespace in the path.
    pub(crate) fn namespace(&self) -> Result<NamespaceId, ApiError> {
        let error = || ApiError::new(http::StatusCode::NOT_FOUND, 10013, "namespace not found");
        self.param("namespace")?.parse().map_err(|_| error())
    }

    /// The script in the path.
    pub(crate) fn script(&self) -> Result<ScriptName, ApiError> {
        let name = self.param("script")?;
        name.parse().map_err(|error: crate::ids::ParseIdError| {
            ApiError::new(http::StatusCode::BAD_REQUEST, 10016, error.to_string())
        })
    }

    /// An id in the path.
    pub(crate) fn id<T: std::str::FromStr>(&self, name: &str) -> Result<T, ApiError> {
        self.param(name)?.parse().map_err(|_| ApiError::no_such_object(&self.path))
    }

    /// The path parameter of this name, percent-decoded.
    pub(crate) fn param(&self, name: &str) -> Result<&str, ApiError> {
        let found = self.params.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).ok_or_else(|| ApiError::no_such_object(&self.path))
    }

    /// The query parameter of this name; an empty one counts as absent.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Is the query parameter of this name `true`?
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.query(name).is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
    }

    /// The query parameter of this name as a number.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, ApiError> {
        let Some(text) = self.query(name) else {
            return Ok(None);
        };
        let number = text.parse().map_err(|_| ApiError::bad_parameter(format!("{name} must be a whole number")))?;
        Ok(Some(number))
    }

    /// `page` and `per_page`, which is `usual` unless asked for, at most `most`.
    pub(crate) fn page(&self, usual: u32, most: u32) -> Result<Page, ApiError> {
        let number = self.number("page")?.unwrap_or(1).max(1);
        let number = u32::try_from(number).map_err(|_| ApiError::bad_parameter("page is too large"))?;
        let per_page = self.number("per_page")?.unwrap_or(u64::from(usual));
        match u32::try_from(per_page) {
            Ok(per_page) if (1..=most).contains(&per_page) => Ok(Page { number, per_page }),
            _ => Err(ApiError::bad_parameter(format!("per_page must be from 1 to {most}"))),
        }
    }

    /// What calls, as versions and deployments remember it.
    pub(crate) fn source(&self) -> &'static str {
        self.source
    }

    /// The token the caller showed.
    pub(crate) fn credentials(&self) -> &str {
        &self.credentials
    }

    /// The request's headers.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Who is at the other end, and how.
    pub(crate) fn peer(&self) -> Option<Peer> {
        self.peer
    }

    /// The 404 of something in this call's path.
    pub(crate) fn not_found(&self) -> ApiError {
        ApiError::no_such_object(&self.path)
    }
}

impl FromRequestParts<AdminState> for Call {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AdminState) -> Result<Self, ApiError> {
        let principal = parts.extensions.get::<Principal>().cloned().ok_or_else(ApiError::no_credentials)?;
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let source = source_of(agent.unwrap_or_default());
        let path = parts.uri.path().to_owned();
        let raw = RawPathParams::from_request_parts(parts, state).await;
        let raw = raw.map_err(|_| ApiError::bad_parameter("the path is not UTF-8 after decoding"))?;
        let params = raw.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        let query = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let query = query.map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
        let credentials = parts.extensions.get::<Credentials>().map(|shown| shown.0.clone()).unwrap_or_default();
        let account = parts.extensions.get::<TenantId>().cloned();
        let (headers, peer) = (parts.headers.clone(), parts.extensions.get::<Peer>().copied());
        let state = state.clone();
        Ok(Self { state, principal, account, path, params, query, source, credentials, headers, peer })
    }
}

/// The client by its `User-Agent`, in Cloudflare's words where it has them.
fn source_of(agent: &str) -> &'static str {
    match agent.split('/').next().unwrap_or_default() {
        "wrangler" => "wrangler",
        "eyot" => "eyot",
        agent if agent.contains("terraform") => "terraform",
        _ => "api",
    }
}
