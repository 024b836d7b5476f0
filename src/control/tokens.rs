//! Tokens: who calls, and what that caller may do.
//!
//! A token is 256 random bits, shown once; only its SHA-256 is kept, so neither the database nor a dump of it lets
//! anybody in. Tokens are looked up by that hash in memory: the time it takes tells nothing about the tokens there are.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Control;
use super::audit::Actor;
use super::error::ControlError;
use super::timestamp::Timestamp;
use crate::ids::TenantId;

/// A token's id, 32 hexadecimal digits; not the token.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenId(String);

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Reading everything but secrets and KV values.
    Read,
    /// Changing scripts, secrets, tokens and namespaces.
    Deploy,
    /// Reading and writing KV values.
    Kv,
}

/// Whoever holds a valid token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// The node's operator: may do everything.
    Operator,
    /// A tenant.
    Tenant {
        /// Which one.
        tenant: TenantId,
        /// What it may do with this token.
        scopes: BTreeSet<Scope>,
        /// Which token it was.
        token: TokenId,
    },
}

/// A token as the admin API lists it; the token itself is not known any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// What it is called.
    pub name: String,
    /// What it may be used for.
    pub scopes: BTreeSet<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the hour.
    pub used_at: Option<Timestamp>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What it is called; 1 to 100 characters.
    pub name: String,
    /// What it may be used for; at least one.
    pub scopes: BTreeSet<Scope>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

/// The text of a token, to be shown once. Its `Debug` form hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenText(String);

/// SHA-256 of a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenId {
    /// The id of this text; an unknown one finds nothing.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.chars().take(64).collect())
    }

    /// The text form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Principal {
    /// Whom the audit log names.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Operator => Actor::Operator,
            Self::Tenant { token, .. } => Actor::Token(token.clone()),
        }
    }
}

impl TokenText {
    /// A new random token.
    #[must_use]
    pub fn generate() -> Self {
        let mut bytes = [0u8; 32];
        aws_lc_rs::rand::fill(&mut bytes).expect("the operating system has randomness");
        Self(format!("{TOKEN_PREFIX}{}", hex::encode(bytes)))
    }

    /// The token itself, for showing it to its owner only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenText(…)")
    }
}

impl TokenHash {
    /// The hash of a token's text.
    #[must_use]
    pub fn of(token: &str) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(token.as_bytes()).into())
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

impl Control {
    /// Who holds this token; nobody when it is unknown, expired or revoked.
    pub async fn authenticate(&self, token: &str) -> Option<Principal> {
        let _ = token;
        todo!()
    }

    /// Makes a token. Its text is in the answer and nowhere else.
    ///
    /// # Errors
    /// `NotFound` for an unknown tenant, `InvalidName`, `InvalidValue`, `TooMany`.
    pub async fn create_token(
        &self,
        by: &Actor,
        tenant: &TenantId,
        new: NewToken,
    ) -> Result<(Token, TokenText), ControlError> {
        let _ = (by, tenant, new);
        todo!()
    }

    /// The tokens of a tenant, oldest first.
    ///
    /// # Errors
    /// `NotFound` for an unknown tenant.
    pub async fn tokens(&self, tenant: &TenantId) -> Result<Vec<Token>, ControlError> {
        let _ = tenant;
        todo!()
    }

    /// Revokes a token: from when this returns, nobody holds it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn revoke_token(&self, by: &Actor, tenant: &TenantId, token: &TokenId) -> Result<(), ControlError> {
        let _ = (by, tenant, token);
        todo!()
    }
}

/// How tokens begin, so that secret scanners know them.
const TOKEN_PREFIX: &str = "eyot_";
