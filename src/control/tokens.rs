//! Tokens: who calls, and what that caller may do.
//!
//! A token is 256 random bits, shown once; only its SHA-256 is kept, so neither the database nor a dump of it lets
//! anybody in. Tokens are looked up by that hash in memory: the time it takes tells nothing about the tokens there are.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use parking_lot::RwLock;
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};

use super::audit::Actor;
use super::change::Change;
use super::error::{ControlError, Missing};
use super::tenants::check_display_name;
use super::timestamp::Timestamp;
use super::{Control, records};
use crate::ids::TenantId;
use crate::store::DatabaseError;

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
    pub(super) fn generate() -> Self {
        let mut bytes = [0u8; 16];
        aws_lc_rs::rand::fill(&mut bytes).expect("the operating system has randomness");
        Self(hex::encode(bytes))
    }

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
        self.authenticate_at(token, Timestamp::now()).await
    }

    /// For how much longer a token is good, [`Duration::MAX`] when it has no end; none when it is good no longer.
    #[must_use]
    pub fn token_left(&self, token: &TokenId) -> Option<Duration> {
        self.inner.tokens.left(token, Timestamp::now())
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
        let name = new.name.trim().to_owned();
        check_display_name(&name)?;
        if new.scopes.is_empty() {
            return Err(ControlError::InvalidValue { what: "scopes", reason: "at least one is needed".to_owned() });
        }
        let tenant = tenant.clone();
        self.change(by, move |change| create(change, &tenant, NewToken { name, ..new })).await
    }

    /// The tokens of a tenant, oldest first.
    ///
    /// # Errors
    /// `NotFound` for an unknown tenant.
    pub async fn tokens(&self, tenant: &TenantId) -> Result<Vec<Token>, ControlError> {
        let tenant = tenant.clone();
        self.read(move |_, connection| {
            records::tenant(connection, &tenant)?;
            let mut statement = connection.prepare_cached(
                "SELECT id, name, scopes, created_ms, used_ms, expires_ms FROM tokens WHERE tenant = ?1
                 ORDER BY created_ms, id",
            )?;
            let read = |row: &Row<'_>| {
                Ok(Token {
                    id: TokenId(row.get(0)?),
                    name: row.get(1)?,
                    scopes: records::json(row, 2)?,
                    created_at: records::time(row, 3)?,
                    used_at: row.get::<_, Option<i64>>(4)?.map(Timestamp::from_millis),
                    expires_at: row.get::<_, Option<i64>>(5)?.map(Timestamp::from_millis),
                })
            };
            let found = statement.query_map(params![tenant.as_str()], read)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Revokes a token: from when this returns, nobody holds it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn revoke_token(&self, by: &Actor, tenant: &TenantId, token: &TokenId) -> Result<(), ControlError> {
        let (tenant, token) = (tenant.clone(), token.clone());
        self.change(by, move |change| {
            let sql = "DELETE FROM tokens WHERE id = ?1 AND tenant = ?2";
            if change.transaction.execute(sql, params![token.as_str(), tenant.as_str()])? == 0 {
                return Err(ControlError::NotFound { what: Missing::Token });
            }
            change.audit(&tenant, "token.revoke", token.as_str())?;
            change.effects.tokens.push(TokenEffect::Revoked(token));
            Ok(())
        })
        .await
    }
}

impl Control {
    /// As [`Control::authenticate`], at a given time.
    async fn authenticate_at(&self, token: &str, now: Timestamp) -> Option<Principal> {
        let hash = TokenHash::of(token);
        let operator = &self.inner.config.operator_token;
        if aws_lc_rs::constant_time::verify_slices_are_equal(&hash.0, &operator.0).is_ok() {
            return Some(Principal::Operator);
        }
        let (principal, used) = self.inner.tokens.find(&hash, now)?;
        if used == Used::FirstThisHour {
            let noted = self.inner.database.call(move |connection| -> Result<usize, DatabaseError> {
                let sql = "UPDATE tokens SET used_ms = ?2 WHERE hash = ?1";
                Ok(connection.execute(sql, params![hash.0, now.millis()])?)
            });
            // A note for the tenant's list; a full disk must not lock anybody out.
            if let Err(error) = noted.await {
                tracing::warn!(%error, "a token's last use is not noted");
            }
        }
        Some(principal)
    }
}

/// Every valid token of the node, by hash: what [`Control::authenticate`] reads without the database.
#[derive(Debug, Default)]
pub(super) struct TokenTable {
    tokens: RwLock<HashMap<TokenHash, Known>>,
}

#[derive(Debug)]
struct Known {
    tenant: TenantId,
    id: TokenId,
    scopes: BTreeSet<Scope>,
    expires_at: Option<Timestamp>,
    used_ms: AtomicI64,
}

/// What a commit did to the tokens.
#[derive(Debug)]
pub(super) enum TokenEffect {
    /// There is a new one.
    Created { hash: TokenHash, tenant: TenantId, id: TokenId, scopes: BTreeSet<Scope>, expires_at: Option<Timestamp> },
    /// One is refused from now on.
    Revoked(TokenId),
    /// All of a tenant's are refused from now on.
    TenantRemoved(TenantId),
}

/// Whether a use of a token is to be noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Used {
    FirstThisHour,
    AgainThisHour,
}

impl TokenTable {
    /// Reads all tokens; at start.
    pub(super) fn load(&self, connection: &Connection) -> Result<(), ControlError> {
        let mut statement = connection.prepare("SELECT hash, tenant, id, scopes, expires_ms, used_ms FROM tokens")?;
        let read = |row: &Row<'_>| {
            let known = Known {
                tenant: records::text(row, 1)?,
                id: TokenId(row.get(2)?),
                scopes: records::json(row, 3)?,
                expires_at: row.get::<_, Option<i64>>(4)?.map(Timestamp::from_millis),
                used_ms: AtomicI64::new(row.get::<_, Option<i64>>(5)?.unwrap_or(0)),
            };
            Ok((TokenHash(row.get(0)?), known))
        };
        *self.tokens.write() = statement.query_map([], read)?.collect::<Result<_, _>>()?;
        Ok(())
    }

    /// Follows a commit.
    pub(super) fn apply(&self, effect: TokenEffect) {
        let mut tokens = self.tokens.write();
        match effect {
            TokenEffect::Created { hash, tenant, id, scopes, expires_at } => {
                tokens.insert(hash, Known { tenant, id, scopes, expires_at, used_ms: AtomicI64::new(0) });
            }
            TokenEffect::Revoked(id) => tokens.retain(|_, known| known.id != id),
            TokenEffect::TenantRemoved(tenant) => tokens.retain(|_, known| known.tenant != tenant),
        }
    }

    fn left(&self, token: &TokenId, now: Timestamp) -> Option<Duration> {
        let tokens = self.tokens.read();
        let known = tokens.values().find(|known| known.id == *token)?;
        let Some(expires_at) = known.expires_at else { return Some(Duration::MAX) };
        let left = u64::try_from(expires_at.millis() - now.millis()).ok().filter(|left| *left > 0)?;
        Some(Duration::from_millis(left))
    }

    fn find(&self, hash: &TokenHash, now: Timestamp) -> Option<(Principal, Used)> {
        let tokens = self.tokens.read();
        let known = tokens.get(hash)?;
        if known.expires_at.is_some_and(|expires_at| expires_at <= now) {
            return None;
        }
        let used_ms = known.used_ms.load(Ordering::Relaxed);
        let due = now.millis() - used_ms >= USED_MS;
        // Of many uses at once only one is noted.
        let noted =
            due && known.used_ms.compare_exchange(used_ms, now.millis(), Ordering::Relaxed, Ordering::Relaxed).is_ok();
        let used = if noted { Used::FirstThisHour } else { Used::AgainThisHour };
        let (tenant, token) = (known.tenant.clone(), known.id.clone());
        Some((Principal::Tenant { tenant, scopes: known.scopes.clone(), token }, used))
    }
}

fn create(change: &mut Change<'_>, tenant: &TenantId, new: NewToken) -> Result<(Token, TokenText), ControlError> {
    records::tenant(&change.transaction, tenant)?;
    let count = "SELECT count(*) FROM tokens WHERE tenant = ?1";
    let count: u32 = change.transaction.query_row(count, params![tenant.as_str()], |row| row.get(0))?;
    if count >= TOKENS_MAX {
        return Err(ControlError::TooMany { what: "tokens", max: TOKENS_MAX });
    }
    let text = TokenText::generate();
    let hash = TokenHash::of(text.expose());
    let token = Token {
        id: TokenId::generate(),
        name: new.name,
        scopes: new.scopes,
        created_at: change.now,
        used_at: None,
        expires_at: new.expires_at,
    };
    change.transaction.execute(
        "INSERT INTO tokens (id, tenant, hash, name, scopes, created_ms, expires_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            token.id.as_str(),
            tenant.as_str(),
            hash.0,
            token.name,
            serde_json::to_string(&token.scopes)?,
            token.created_at.millis(),
            token.expires_at.map(Timestamp::millis)
        ],
    )?;
    change.audit(tenant, "token.create", token.id.as_str())?;
    let (id, scopes, expires_at) = (token.id.clone(), token.scopes.clone(), token.expires_at);
    change.effects.tokens.push(TokenEffect::Created { hash, tenant: tenant.clone(), id, scopes, expires_at });
    Ok((token, text))
}

/// Tokens of one tenant.
const TOKENS_MAX: u32 = 1_000;

/// How coarse the time of a token's last use is: one write an hour.
const USED_MS: i64 = 3_600_000;

/// How tokens begin, so that secret scanners know them.
const TOKEN_PREFIX: &str = "eyot_";

#[cfg(test)]
mod tests {
    use super::super::fixture::World;
    use super::*;

    fn new(expires_at: Option<Timestamp>) -> NewToken {
        NewToken { name: "ci".to_owned(), scopes: [Scope::Read, Scope::Kv].into(), expires_at }
    }

    /// Authenticates with the operator's token, a tenant's, a wrong one, and a revoked one.
    #[tokio::test]
    async fn only_a_valid_token_is_somebody() {
        let world = World::new();
        let (by, control) = (Actor::Operator, &world.control);
        let tenant = world.tenant("Acme").await;
        assert_eq!(control.authenticate("operator").await, Some(Principal::Operator));
        for wrong in ["", "Operator", "operator ", "eyot_", &"x".repeat(100_000)] {
            assert_eq!(control.authenticate(wrong).await, None);
        }
        let (token, text) = control.create_token(&by, &tenant, new(None)).await.expect("makes");
        let (_, other) = control.create_token(&by, &tenant, new(None)).await.expect("makes");
        assert_ne!(text, other);
        assert_eq!(text.expose().len(), TOKEN_PREFIX.len() + 64);
        assert!(!format!("{text:?}").contains(text.expose()));
        let scopes = [Scope::Read, Scope::Kv].into();
        let holder = Principal::Tenant { tenant: tenant.clone(), scopes, token: token.id.clone() };
        assert_eq!(control.authenticate(text.expose()).await, Some(holder));
        control.revoke_token(&by, &tenant, &token.id).await.expect("revokes");
        assert_eq!(control.authenticate(text.expose()).await, None);
        assert!(control.authenticate(other.expose()).await.is_some());
        assert!(control.revoke_token(&by, &tenant, &token.id).await.is_err());
    }

    /// Passes times around a token's expiry.
    #[tokio::test]
    async fn a_token_is_refused_from_its_expiry_on() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        let at = |millis: i64| Timestamp::from_millis(2_000_000_000_000 + millis);
        let made = world.control.create_token(&Actor::Operator, &tenant, new(Some(at(0)))).await;
        let (_, text) = made.expect("makes");
        assert!(world.control.authenticate_at(text.expose(), at(-1)).await.is_some());
        assert!(world.control.authenticate_at(text.expose(), at(0)).await.is_none());
    }

    /// Uses a token twice within an hour and once after.
    #[tokio::test]
    async fn the_last_use_is_noted_once_an_hour() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        let (_, text) = world.control.create_token(&Actor::Operator, &tenant, new(None)).await.expect("makes");
        let start = Timestamp::now().millis();
        for (after_ms, noted_ms) in [(0, 0), (USED_MS - 1, 0), (USED_MS, USED_MS), (USED_MS + 1, USED_MS)] {
            let used = Timestamp::from_millis(start + after_ms);
            assert!(world.control.authenticate_at(text.expose(), used).await.is_some());
            let listed = world.control.tokens(&tenant).await.expect("lists");
            assert_eq!(listed[0].used_at, Some(Timestamp::from_millis(start + noted_ms)), "after {after_ms} ms");
        }
    }

    /// Asks for tokens that could do nothing or have no name.
    #[tokio::test]
    async fn a_token_needs_a_name_and_a_scope() {
        let world = World::new();
        let tenant = world.tenant("Acme").await;
        let nameless = NewToken { name: " ".to_owned(), ..new(None) };
        let powerless = NewToken { scopes: BTreeSet::new(), ..new(None) };
        for bad in [nameless, powerless] {
            assert!(world.control.create_token(&Actor::Operator, &tenant, bad).await.is_err());
        }
        assert!(world.control.tokens(&tenant).await.expect("lists").is_empty());
    }
}
