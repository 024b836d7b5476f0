//! What the control plane and the KV engine refuse, as the v4 API says it.
//!
//! The only place in the admin API that picks a status for a refusal made elsewhere; the match is exhaustive, so a new
//! refusal does not compile until it has one.

use http::StatusCode;

use super::envelope::ApiError;
use crate::control::{ControlError, Missing};
use crate::kv::{self, KvError, Refusal};

impl From<ControlError> for ApiError {
    fn from(error: ControlError) -> Self {
        let status = match &error {
            ControlError::NotFound { what } => return missing(*what),
            ControlError::Store(cause) => return ApiError::internal("use the control store", cause),
            ControlError::Internal(cause) => return ApiError::internal("change the control plane", cause),
            ControlError::Busy => return ApiError::overloaded(),
            ControlError::NoVersions => StatusCode::NOT_FOUND,
            ControlError::SubdomainTaken { .. }
            | ControlError::RouteTaken { .. }
            | ControlError::HostTaken { .. }
            | ControlError::HostReserved { .. }
            | ControlError::ConcurrentModification => StatusCode::CONFLICT,
            ControlError::ScriptTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            ControlError::InvalidName { .. }
            | ControlError::InvalidValue { .. }
            | ControlError::Limit(_)
            | ControlError::InvalidRoute { .. }
            | ControlError::TitleTaken
            | ControlError::TooMany { .. }
            | ControlError::BindingWithoutName
            | ControlError::BindingTooLarge { .. }
            | ControlError::TooManyVariables { .. }
            | ControlError::BindingTargetNotFound { .. }
            | ControlError::ServiceNotFound { .. }
            | ControlError::InvalidInherit { .. }
            | ControlError::InvalidBinding { .. }
            | ControlError::Rejected { .. }
            | ControlError::NoHandlers
            | ControlError::LatestNotDeployed
            | ControlError::SecretsChanged { .. } => StatusCode::BAD_REQUEST,
        };
        ApiError::new(status, error.code(), error.to_string())
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
        let code = match status {
            StatusCode::NOT_FOUND => 10013,
            StatusCode::PAYLOAD_TOO_LARGE => 10022,
            StatusCode::URI_TOO_LONG => 10024,
            StatusCode::TOO_MANY_REQUESTS => 10048,
            _ => 10001,
        };
        ApiError::new(status, code, refusal.message)
    }
}

impl From<KvError> for ApiError {
    fn from(error: KvError) -> Self {
        match error.fault() {
            kv::Fault::Tenant => error.refusal().into(),
            kv::Fault::Platform => {
                tracing::error!(%error, source = ?std::error::Error::source(&error), "admin call failed in kv");
                let refusal = error.refusal();
                let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                ApiError::new(status, 10013, refusal.message)
            }
        }
    }
}

fn missing(what: Missing) -> ApiError {
    let message = match what {
        Missing::Script => "This Worker does not exist on your account.",
        Missing::Version => "This version of the Worker does not exist on your account.",
        Missing::Deployment => "This deployment of the Worker does not exist on your account.",
        Missing::AssetSession => "The assets upload session is not valid any more.",
        Missing::Namespace => "namespace not found",
        Missing::Route => "Route not found: nothing of this id belongs to your account.",
        Missing::Secret => "Binding not found: the Worker has no secret of this name.",
        Missing::Token => "Token not found",
        Missing::Tenant => "Could not route to that account, perhaps your object identifier is invalid?",
    };
    let code = ControlError::NotFound { what }.code();
    ApiError::new(StatusCode::NOT_FOUND, code, message)
}
