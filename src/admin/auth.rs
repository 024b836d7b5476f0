//! Who calls, and whether they may: the only place that decides it.
//!
//! [`token`] takes the credentials from the headers, [`authorise`] compares what an endpoint [`Needs`] with who the
//! caller is. A tenant's token gets the same answer for another tenant's account as for one that does not exist.
//! Knows nothing of single calls: the table in `endpoints.rs` says what each needs.

use http::{HeaderMap, header};

use super::envelope::ApiError;
use crate::control::{Principal, Scope};
use crate::ids::TenantId;

/// What an endpoint asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Any valid token; the handler shows only what belongs to it.
    AnyToken,
    /// The operator's token.
    Operator,
    /// The operator's token, or one of the account in the path with at least one of these scopes.
    OneOf(&'static [Scope]),
    /// The operator's token, or one of the account in the path with every scope there is: what hands out tokens, so
    /// that no token can make a stronger one.
    EveryScope,
    /// The token of an assets session of the account, which is good for nothing else.
    AssetSession,
}

/// The token in the headers: `Authorization: Bearer …`, or `X-Auth-Key` beside `X-Auth-Email`.
///
/// # Errors
/// 9106 when there is none.
pub(crate) fn token(headers: &HeaderMap) -> Result<&str, ApiError> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(authorization) = text(header::AUTHORIZATION.as_str()) {
        let Some((scheme, token)) = authorization.split_once(' ') else {
            return Err(ApiError::no_credentials());
        };
        if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() {
            return Ok(token.trim());
        }
        return Err(ApiError::no_credentials());
    }
    match (text("x-auth-key"), text("x-auth-email")) {
        (Some(key), Some(_)) if !key.is_empty() => Ok(key),
        _ => Err(ApiError::no_credentials()),
    }
}

/// May this principal make a call that needs this, on the account that its path names?
///
/// # Errors
/// 404 when the account is not the caller's, 403 when the token lacks the scope. The first is decided before the
/// second, so that no token can tell another tenant's account from one that does not exist.
pub(crate) fn authorise(
    needs: Needs,
    principal: &Principal,
    account: Option<&TenantId>,
    path: &str,
) -> Result<(), ApiError> {
    let Principal::Tenant { tenant, scopes, .. } = principal else {
        return Ok(());
    };
    if account.is_some_and(|account| account != tenant) {
        return Err(ApiError::no_such_object(path));
    }
    match needs {
        Needs::AnyToken | Needs::AssetSession => Ok(()),
        Needs::Operator => Err(ApiError::scope_missing("operator")),
        Needs::OneOf(wanted) if wanted.iter().any(|scope| scopes.contains(scope)) => Ok(()),
        Needs::OneOf(wanted) => Err(ApiError::scope_missing(wanted.last().map_or("", |scope| name(*scope)))),
        Needs::EveryScope => match EVERY_SCOPE.iter().find(|scope| !scopes.contains(scope)) {
            None => Ok(()),
            Some(missing) => Err(ApiError::scope_missing(name(*missing))),
        },
    }
}

fn name(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "read",
        Scope::Deploy => "deploy",
        Scope::Kv => "kv",
    }
}

const EVERY_SCOPE: [Scope; 3] = [Scope::Read, Scope::Deploy, Scope::Kv];

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value"))).collect()
    }

    /// Sends every form of credentials, whole and broken.
    #[test]
    fn credentials_come_as_a_bearer_token_or_as_key_and_email() {
        assert_eq!(token(&headers(&[("authorization", "Bearer abc")])), Ok("abc"));
        assert_eq!(token(&headers(&[("authorization", "bearer  abc ")])), Ok("abc"));
        assert_eq!(token(&headers(&[("x-auth-key", "abc"), ("x-auth-email", "a@b")])), Ok("abc"));
        for bad in [
            &[][..],
            &[("authorization", "abc")],
            &[("authorization", "Bearer")],
            &[("authorization", "Bearer  ")],
            &[("authorization", "Basic abc")],
            &[("authorization", "Basic abc"), ("x-auth-key", "abc"), ("x-auth-email", "a@b")],
            &[("x-auth-key", "abc")],
            &[("x-auth-key", ""), ("x-auth-email", "a@b")],
        ] {
            assert_eq!(token(&headers(bad)).expect_err("is refused").code(), 9106, "{bad:?}");
        }
    }
}
