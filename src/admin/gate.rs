//! What every call passes before its handler: authentication, authorisation, the body's limit, the memory for it.
//!
//! A thin shell around `auth.rs`. Promises that no handler runs for a caller who may not make the call, and that all
//! bodies being read together stay under [`BODY_MEMORY_KIB_MAX`], those of one account under a quarter of it. Knows nothing of what the calls do.

use std::time::Duration;

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::auth::{self, Needs};
use super::body::{BodyLimit, announced_bytes, drain};
use super::endpoints::BodyMax;
use super::envelope::ApiError;
use crate::assets::SessionToken;
use crate::control::{Control, Principal};
use crate::ids::{TenantId, ZoneId};
use crate::limits::{Shares, Taken};

/// Memory for request bodies, in KiB permits.
pub(crate) type BodyMemory = Shares<TenantId>;

/// All of it.
pub(crate) fn body_memory() -> BodyMemory {
    Shares::new(BODY_MEMORY_KIB_MAX, BODY_MEMORY_KIB_MAX / 4)
}

/// What one endpoint's gate compares with.
#[derive(Clone)]
pub(crate) struct Gate {
    /// Who holds which token, and what limits a tenant has.
    pub(crate) control: Control,
    /// Memory for bodies, shared by all endpoints.
    pub(crate) memory: BodyMemory,
    /// What the endpoint asks of its caller.
    pub(crate) needs: Needs,
    /// How large a body it takes.
    pub(crate) body_max: BodyMax,
}

/// What the caller showed.
#[derive(Debug, Clone)]
pub(crate) struct Credentials(pub(crate) String);

/// Lets a call through to its handler, or answers it.
pub(crate) async fn pass(
    State(gate): State<Gate>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    mut request: Request,
    next: Next,
) -> Response {
    let Ok(params) = params else {
        return refuse(ApiError::bad_parameter("the path is not UTF-8 after decoding"), request).await;
    };
    let limit_bytes = match gate.admit(&params, &mut request).await {
        Ok(limit_bytes) => limit_bytes,
        Err(error) => return refuse(error, request).await,
    };
    let announced = announced_bytes(request.headers());
    if announced.is_some_and(|bytes| bytes > limit_bytes) {
        return refuse(ApiError::body_too_large(limit_bytes), request).await;
    }
    let account = request.extensions().get::<TenantId>();
    let _memory = match reserve(&gate.memory, account, announced.unwrap_or(limit_bytes)).await {
        Ok(permit) => permit,
        Err(error) => return refuse(error, request).await,
    };
    request.extensions_mut().insert(BodyLimit(limit_bytes));
    next.run(request).await
}

impl Gate {
    /// Decides about the call; the answer is how many bytes its body may have.
    async fn admit(&self, params: &RawPathParams, request: &mut Request) -> Result<u64, ApiError> {
        let token = auth::token(request.headers())?;
        let principal = match self.needs {
            Needs::AssetSession => self.holder_of_session(token).await?,
            _ => self.control.authenticate(token).await.ok_or_else(ApiError::unknown_token)?,
        };
        let token = token.to_owned();
        let path = request.uri().path();
        let account = self.account(params, &principal, path).await?;
        auth::authorise(self.needs, &principal, account.as_ref(), path)?;
        let limits = match &account {
            Some(account) => {
                Some(self.control.published().limits(account).ok_or_else(|| ApiError::no_such_object(path))?)
            }
            None => None,
        };
        if let Some(account) = account {
            request.extensions_mut().insert(account);
        }
        request.extensions_mut().insert(principal);
        request.extensions_mut().insert(Credentials(token));
        Ok(self.body_max.bytes(limits.as_deref()))
    }
}

impl Gate {
    /// The account the path names, by itself or by one of its zones.
    async fn account(
        &self,
        params: &RawPathParams,
        principal: &Principal,
        path: &str,
    ) -> Result<Option<TenantId>, ApiError> {
        let param = |wanted: &str| params.iter().find(|(name, _)| *name == wanted).map(|(_, text)| text);
        if let Some(text) = param("account") {
            return Ok(Some(text.parse().map_err(|_| ApiError::no_such_object(path))?));
        }
        let Some(text) = param("zone") else { return Ok(None) };
        let zone: ZoneId = text.parse().map_err(|_| ApiError::no_such_object(path))?;
        let account = match principal {
            Principal::Tenant { tenant, .. } => Some(tenant.clone()).filter(|tenant| zone.is_of(tenant)),
            Principal::Operator => self.control.tenant_of_zone(&zone).await?,
        };
        account.ok_or_else(|| ApiError::no_such_object(path)).map(Some)
    }

    /// Whoever shows the token of a session acts for its tenant in this one thing.
    async fn holder_of_session(&self, token: &str) -> Result<Principal, ApiError> {
        let token = SessionToken::parse(token).ok_or_else(ApiError::unknown_token)?;
        self.control.holder_of_session(token).await.map_err(|_| ApiError::unknown_token())
    }
}

async fn refuse(error: ApiError, request: Request) -> Response {
    drain(request.into_body()).await;
    error.into_response()
}

async fn reserve(memory: &BodyMemory, account: Option<&TenantId>, bytes: u64) -> Result<Taken<TenantId>, ApiError> {
    let kib = u32::try_from(bytes.div_ceil(1_024)).unwrap_or(u32::MAX);
    let taken = tokio::time::timeout(MEMORY_WAIT_MAX, memory.take(account, kib)).await;
    taken.ok().and_then(Result::ok).ok_or_else(ApiError::overloaded)
}

/// Memory of all request bodies of the admin API together, in KiB; calls for one account have a quarter of it.
const BODY_MEMORY_KIB_MAX: u32 = 512 << 10;

/// How long a call waits for memory before it is told to come again.
const MEMORY_WAIT_MAX: Duration = Duration::from_secs(30);
