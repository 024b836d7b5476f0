//! Tenants: the accounts of the admin API, their subdomain and their limits.

use rusqlite::{Connection, params};
use serde::Serialize;

use super::audit::Actor;
use super::change::Change;
use super::error::{ControlError, Missing};
use super::publish::Publication;
use super::timestamp::Timestamp;
use super::tokens::TokenEffect;
use super::{Control, Page, Paged, host_tables, records};
use crate::ids::{NamespaceId, TenantId, TenantName};
use crate::limits::{Limits, Overrides};

/// A tenant as the admin API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// What it is called; free text.
    pub name: String,
    /// Its label in host names.
    pub subdomain: TenantName,
    /// When it was made.
    pub created_at: Timestamp,
    /// What the operator changed of the node's limits.
    pub limits: Overrides,
}

/// A tenant to be made.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// What it is called; 1 to 100 characters.
    pub name: String,
    /// Its label in host names; made from the name when absent.
    pub subdomain: Option<TenantName>,
}

/// What a removed tenant leaves to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedTenant {
    /// Its KV namespaces, whose values the caller removes (`Kv::remove_namespace`).
    pub namespaces: Vec<NamespaceId>,
}

impl Control {
    /// Makes a tenant.
    ///
    /// # Errors
    /// `InvalidName`, `SubdomainTaken`.
    pub async fn create_tenant(&self, by: &Actor, new: NewTenant) -> Result<Tenant, ControlError> {
        let name = new.name.trim().to_owned();
        check_display_name(&name)?;
        self.change(by, move |change| create(change, &name, new.subdomain)).await
    }

    /// All tenants, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tenants(&self, page: Page) -> Result<Paged<Tenant>, ControlError> {
        self.read(move |_, connection| {
            let (limit, offset) = page.bounds();
            let sql = format!("SELECT {} FROM tenants ORDER BY created_ms, id LIMIT ?1 OFFSET ?2", records::TENANT);
            let mut statement = connection.prepare_cached(&sql)?;
            let items = statement.query_map(params![limit, offset], records::read_tenant)?.collect::<Result<_, _>>()?;
            let total = connection.query_row("SELECT count(*) FROM tenants", [], |row| row.get::<_, u32>(0))?;
            Ok(Paged { items, total: u64::from(total) })
        })
        .await
    }

    /// One tenant.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn tenant(&self, id: &TenantId) -> Result<Tenant, ControlError> {
        let id = id.clone();
        self.read(move |_, connection| records::tenant(connection, &id)).await
    }

    /// The tenant with this label in host names.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn tenant_by_subdomain(&self, subdomain: &TenantName) -> Result<Tenant, ControlError> {
        let subdomain = subdomain.clone();
        let found = self.read(move |_, connection| records::tenant_by_subdomain(connection, &subdomain)).await?;
        found.ok_or(ControlError::NotFound { what: Missing::Tenant })
    }

    /// Removes a tenant and everything it has; its scripts stop serving at once.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn remove_tenant(&self, by: &Actor, id: &TenantId) -> Result<RemovedTenant, ControlError> {
        let id = id.clone();
        let tenant = id.clone();
        let removed = self.change(by, move |change| remove(change, &id)).await?;
        let files = self.inner.assets.clone();
        let gone = tokio::task::spawn_blocking(move || files.remove_tenant(&tenant)).await;
        if !matches!(gone, Ok(Ok(()))) {
            tracing::warn!("assets of a removed tenant stay on disk");
        }
        Ok(removed)
    }

    /// Replaces what the operator changed of a tenant's limits, and publishes its scripts with the new ones.
    ///
    /// # Errors
    /// `NotFound`, `Limit`.
    pub async fn change_limits(&self, by: &Actor, id: &TenantId, limits: Overrides) -> Result<Tenant, ControlError> {
        limits.check()?;
        let id = id.clone();
        self.change(by, move |change| {
            let mut tenant = records::tenant(&change.transaction, &id)?;
            let text = serde_json::to_string(&limits)?;
            change.transaction.execute("UPDATE tenants SET limits = ?2 WHERE id = ?1", params![id.as_str(), text])?;
            tenant.limits = limits;
            change.audit(&id, "tenant.limits", &text)?;
            change.publish_tenant(&tenant)?;
            Ok(tenant)
        })
        .await
    }

    /// Gives a tenant another label in host names; its scripts answer there, and no longer at the old one.
    ///
    /// # Errors
    /// `NotFound`, `SubdomainTaken`.
    pub async fn change_tenant_subdomain(
        &self,
        by: &Actor,
        id: &TenantId,
        subdomain: TenantName,
    ) -> Result<Tenant, ControlError> {
        let id = id.clone();
        self.change(by, move |change| {
            let mut tenant = records::tenant(&change.transaction, &id)?;
            if tenant.subdomain == subdomain {
                return Ok(tenant);
            }
            check_free(&change.transaction, &subdomain)?;
            let sql = "UPDATE tenants SET subdomain = ?2 WHERE id = ?1";
            change.transaction.execute(sql, params![id.as_str(), subdomain.as_str()])?;
            let before = std::mem::replace(&mut tenant.subdomain, subdomain);
            change.audit(&id, "tenant.subdomain", tenant.subdomain.as_str())?;
            change.publish_tenant(&tenant)?;
            change.effects.publications.push(Publication::Name(before));
            let hosts = host_tables::hosts_of(&change.transaction, &id, None)?;
            host_tables::publish_hosts(change, hosts)?;
            Ok(tenant)
        })
        .await
    }

    /// The limits in force for a tenant: the node's, with what the operator changed.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn tenant_limits(&self, id: &TenantId) -> Result<Limits, ControlError> {
        let id = id.clone();
        self.read(move |inner, connection| Ok(inner.limits_of(&records::tenant(connection, &id)?))).await
    }
}

/// Makes the tenant every new node has.
pub(super) fn create_first(change: &mut Change<'_>) -> Result<Tenant, ControlError> {
    create(change, FIRST, None)
}

/// Refuses free-text names that are empty, long or hold control characters.
pub(super) fn check_display_name(name: &str) -> Result<(), ControlError> {
    let chars = name.chars().count();
    if chars == 0 || chars > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        let reason = format!("it has 1 to {NAME_CHARS_MAX} printable characters");
        return Err(ControlError::InvalidName { reason });
    }
    Ok(())
}

fn create(change: &mut Change<'_>, name: &str, subdomain: Option<TenantName>) -> Result<Tenant, ControlError> {
    let id = TenantId::generate();
    let subdomain = match subdomain {
        Some(subdomain) => subdomain,
        None => {
            let wanted = subdomain_from(name);
            match records::tenant_by_subdomain(&change.transaction, &wanted)? {
                None => wanted,
                Some(_) => with_suffix(&wanted, &id)?,
            }
        }
    };
    check_free(&change.transaction, &subdomain)?;
    let tenant = Tenant { id, name: name.to_owned(), subdomain, created_at: change.now, limits: Overrides::default() };
    change.transaction.execute(
        "INSERT INTO tenants (id, name, subdomain, created_ms, limits) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            tenant.id.as_str(),
            tenant.name,
            tenant.subdomain.as_str(),
            tenant.created_at.millis(),
            serde_json::to_string(&tenant.limits)?
        ],
    )?;
    change.audit(&tenant.id, "tenant.create", tenant.subdomain.as_str())?;
    change.publish_tenant(&tenant)?;
    Ok(tenant)
}

fn remove(change: &mut Change<'_>, id: &TenantId) -> Result<RemovedTenant, ControlError> {
    let tenant = records::tenant(&change.transaction, id)?;
    for script in records::scripts(&change.transaction, id)? {
        for version in records::versions(&change.transaction, &script)? {
            change.effects.released.extend(version.blobs());
        }
    }
    let namespaces = change
        .transaction
        .prepare_cached("SELECT id FROM namespaces WHERE tenant = ?1")?
        .query_map(params![id.as_str()], |row| records::text(row, 0))?
        .collect::<Result<Vec<NamespaceId>, _>>()?;
    let hosts = host_tables::hosts_of(&change.transaction, id, None)?;
    change.transaction.execute("DELETE FROM tenants WHERE id = ?1", params![id.as_str()])?;
    host_tables::publish_hosts(change, hosts)?;
    change.audit(id, "tenant.remove", tenant.subdomain.as_str())?;
    change.effects.publications.push(Publication::Name(tenant.subdomain));
    change.effects.publications.push(Publication::Gone(id.clone()));
    change.effects.tokens.push(TokenEffect::TenantRemoved(id.clone()));
    Ok(RemovedTenant { namespaces })
}

fn check_free(connection: &Connection, subdomain: &TenantName) -> Result<(), ControlError> {
    match records::tenant_by_subdomain(connection, subdomain)? {
        None => Ok(()),
        Some(_) => Err(ControlError::SubdomainTaken { subdomain: subdomain.to_string() }),
    }
}

/// A label made of the letters and digits of a name.
fn subdomain_from(name: &str) -> TenantName {
    let mut label = String::new();
    for char in name.chars().flat_map(char::to_lowercase) {
        if char.is_ascii_alphanumeric() {
            label.push(char);
        } else if !label.is_empty() && !label.ends_with('-') {
            label.push('-');
        }
    }
    label.truncate(LABEL_CHARS_MAX);
    let label = label.trim_end_matches('-');
    let label = if label.is_empty() { "tenant" } else { label };
    label.parse().expect("letters, digits and inner dashes are a label")
}

/// The label with a part of the id behind it, for a name that is in use.
fn with_suffix(label: &TenantName, id: &TenantId) -> Result<TenantName, ControlError> {
    let text = format!("{label}-{}", &id.as_str()[..8]);
    text.parse().map_err(|_| ControlError::SubdomainTaken { subdomain: label.to_string() })
}

/// The tenant every new node has.
const FIRST: &str = "demo";

/// Characters of a tenant's or token's name.
const NAME_CHARS_MAX: usize = 100;

/// Characters of a label that is made from a name; leaves room for a suffix.
const LABEL_CHARS_MAX: usize = 50;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::fixture::{World, script, secret, upload};
    use super::super::{
        Amendment, Deploy, DeployRequest, Force, NewToken, Scope, SettingsChange, SubdomainFlags, TokenId,
    };
    use super::*;
    use crate::ids::VersionId;

    fn overrides(cpu_ms: u32) -> Overrides {
        Overrides { cpu_ms: Some(cpu_ms), ..Overrides::default() }
    }

    /// Asks, as tenant B, for each of A's things: every answer is the one for things that do not exist.
    #[tokio::test]
    async fn a_tenant_finds_nothing_of_another_tenant() {
        let world = World::new();
        let (by, control, name) = (Actor::Operator, &world.control, script("hello"));
        let (a, b) = (world.tenant("A").await, world.tenant("B").await);
        let version =
            world.try_upload(&a, "hello", upload("one", &[secret("K", "x")])).await.expect("is accepted").version.id;
        let namespace = control.create_namespace(&by, &a, "cache").await.expect("makes").id;
        let new = NewToken { name: "ci".to_owned(), scopes: [Scope::Read].into(), expires_at: None };
        let (token, _) = control.create_token(&by, &a, new).await.expect("makes");
        let before = world.everything().await;
        let deploy = |version: &VersionId| DeployRequest {
            versions: vec![(version.clone(), 100)],
            annotations: Default::default(),
            source: "test".to_owned(),
            force: Force::Force,
        };
        let flags = SubdomainFlags { enabled: false, previews_enabled: false };
        let amendment = Amendment::default;
        let answers = [
            control.script(&b, &name).await.map(drop),
            control.versions(&b, &name).await.map(drop),
            control.version(&b, &name, &version).await.map(drop),
            control.code(&b, &name, &version).await.map(drop),
            control.deployments(&b, &name).await.map(drop),
            control.deploy(&by, &b, &name, deploy(&version)).await.map(drop),
            control.secrets(&b, &name).await.map(drop),
            control.amend(&by, &b, &name, amendment(), Deploy::Now).await.map(drop),
            control.change_settings(&by, &b, &name, SettingsChange::default()).await.map(drop),
            control.change_subdomain(&by, &b, &name, flags).await.map(drop),
            control.remove_script(&by, &b, &name).await,
            control.namespace(&b, &namespace).await.map(drop),
            control.rename_namespace(&by, &b, &namespace, "mine").await.map(drop),
            control.remove_namespace(&by, &b, &namespace).await,
            control.revoke_token(&by, &b, &token.id).await,
            control.revoke_token(&by, &b, &TokenId::new("absent")).await,
        ];
        for (at, answer) in answers.into_iter().enumerate() {
            assert!(matches!(answer, Err(ControlError::NotFound { .. })), "answer {at}: {answer:?}");
        }
        assert!(control.scripts(&b).await.expect("lists").is_empty());
        assert!(control.tokens(&b).await.expect("lists").is_empty());
        let page = Page { number: 1, per_page: 100 };
        assert_eq!(control.namespaces(&b, page).await.expect("lists").total, 0);
        assert_eq!(control.audit(&b, page).await.expect("lists").total, 1);
        assert!(world.everything().await == before);
        // The same name is B's own script, with its own numbers and blobs.
        let own = world.upload(&b, "hello", "one").await;
        assert_eq!(own.version.number, 1);
        assert_eq!(world.served("a", "hello").expect("serves").versions[0].1.version, version);
        let error = control.version(&a, &name, &own.version.id).await.expect_err("is B's");
        assert!(matches!(error, ControlError::NotFound { what: Missing::Version }));
    }

    /// Removes a tenant and compares everything with what was there before it came; its neighbour keeps what they share.
    #[tokio::test]
    async fn a_removed_tenant_leaves_only_its_audit_log() {
        let world = World::new();
        let (by, control) = (Actor::Operator, &world.control);
        let neighbour = world.tenant("Neighbour").await;
        world.upload(&neighbour, "hello", "shared").await;
        let mut before = world.everything().await;
        let tenant = world.tenant("Acme").await;
        world.upload(&tenant, "hello", "shared").await;
        world.upload(&tenant, "hello", "own").await;
        let namespace = control.create_namespace(&by, &tenant, "cache").await.expect("makes").id;
        let new = NewToken { name: "ci".to_owned(), scopes: [Scope::Read].into(), expires_at: None };
        let (_, text) = control.create_token(&by, &tenant, new).await.expect("makes");
        assert!(control.authenticate(text.expose()).await.is_some());
        let removed = control.remove_tenant(&by, &tenant).await.expect("removes");
        assert_eq!(removed.namespaces, [namespace]);
        assert!(world.served("acme", "hello").is_none());
        assert!(world.served("neighbour", "hello").is_some());
        assert!(control.published().limits(&tenant).is_none());
        assert_eq!(control.authenticate(text.expose()).await, None);
        let mut after = world.everything().await;
        let audit = after.remove("audit").expect("is there").len();
        assert!(audit > before.remove("audit").expect("is there").len());
        assert!(after == before);
        assert!(control.tenant(&tenant).await.is_err());
    }

    /// Raises a tenant's CPU time while one of its scripts has lowered its own.
    #[tokio::test]
    async fn changed_limits_are_published_at_once() {
        let world = World::new();
        let (by, control) = (Actor::Operator, &world.control);
        let (tenant, other) = (world.tenant("Acme").await, world.tenant("Other").await);
        world.upload(&tenant, "hello", "one").await;
        let mut low = upload("two", &[]);
        low.limits = overrides(100);
        world.try_upload(&tenant, "low", low).await.expect("is accepted");
        world.upload(&other, "hello", "one").await;
        let neighbour = world.served("other", "hello").expect("serves");
        control.change_limits(&by, &tenant, overrides(500)).await.expect("changes");
        let cpu_ms = |name: &str| world.served("acme", name).expect("serves").versions[0].1.limits.cpu_ms;
        assert_eq!((cpu_ms("hello"), cpu_ms("low")), (500, 100));
        assert_eq!(control.published().limits(&tenant).expect("is there").cpu_ms, 500);
        assert_eq!(control.tenant_limits(&tenant).await.expect("reads").cpu_ms, 500);
        assert!(Arc::ptr_eq(&neighbour, &world.served("other", "hello").expect("serves")));
        assert!(matches!(control.change_limits(&by, &tenant, overrides(0)).await, Err(ControlError::Limit(_))));
        assert_eq!(cpu_ms("hello"), 500);
    }

    /// Renames a tenant's subdomain, to a free one and to one that is taken.
    #[tokio::test]
    async fn a_tenant_answers_at_one_subdomain_at_a_time() {
        let world = World::new();
        let (by, control) = (Actor::Operator, &world.control);
        let (tenant, other) = (world.tenant("Acme").await, world.tenant("Other").await);
        world.upload(&tenant, "hello", "one").await;
        world.upload(&other, "hello", "two").await;
        let taken = control.change_tenant_subdomain(&by, &tenant, "other".parse().expect("a label")).await;
        assert_eq!(taken.expect_err("is taken").code(), 10031);
        let renamed = control.change_tenant_subdomain(&by, &tenant, "acme-2".parse().expect("a label")).await;
        assert_eq!(renamed.expect("renames").subdomain.as_str(), "acme-2");
        assert!(world.served("acme", "hello").is_none());
        let served = world.served("acme-2", "hello").expect("serves");
        assert_eq!(served.versions[0].1.tenant_name.as_str(), "acme-2");
        let again = world.tenant("Acme").await;
        assert_eq!(control.tenant(&again).await.expect("reads").subdomain.as_str(), "acme");
        let twin = world.tenant("Acme").await;
        assert!(control.tenant(&twin).await.expect("reads").subdomain.as_str().starts_with("acme-"));
    }

    /// Makes labels of names in several scripts, of nothing, and of very long ones.
    #[test]
    fn every_name_gives_a_label() {
        let cases = [("Acme, Inc.", "acme-inc"), ("", "tenant"), ("日本", "tenant"), ("--a--b--", "a-b")];
        for (name, label) in cases {
            assert_eq!(subdomain_from(name).as_str(), label, "{name:?}");
        }
        let long = subdomain_from(&"x-".repeat(100));
        assert!(with_suffix(&long, &TenantId::generate()).expect("fits").as_str().len() <= 63);
    }
}
