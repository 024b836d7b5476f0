//! The registry of KV namespaces: which tenant has which, under what title. The values are [`crate::kv`]'s.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::Serialize;

use super::audit::Actor;
use super::error::{ControlError, Missing};
use super::{Control, Page, Paged, records};
use crate::ids::{NamespaceId, TenantId};

/// A KV namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Namespace {
    /// Its id.
    pub id: NamespaceId,
    /// What its tenant calls it; unique within the tenant.
    pub title: String,
}

impl Control {
    /// Makes a namespace.
    ///
    /// # Errors
    /// `NotFound` for an unknown tenant, `InvalidName`, `TitleTaken`, `TooMany`.
    pub async fn create_namespace(
        &self,
        by: &Actor,
        tenant: &TenantId,
        title: &str,
    ) -> Result<Namespace, ControlError> {
        check_title(title)?;
        let (tenant, title) = (tenant.clone(), title.to_owned());
        self.change(by, move |change| {
            records::tenant(&change.transaction, &tenant)?;
            let max = change.inner.config.namespaces_max;
            if count(&change.transaction, &tenant)? >= max {
                return Err(ControlError::TooMany { what: "KV namespaces", max });
            }
            check_free(&change.transaction, &tenant, &title)?;
            let namespace = Namespace { id: NamespaceId::generate(), title };
            change.transaction.execute(
                "INSERT INTO namespaces (id, tenant, title, created_ms) VALUES (?1, ?2, ?3, ?4)",
                params![namespace.id.as_str(), tenant.as_str(), namespace.title, change.now.millis()],
            )?;
            change.audit(&tenant, "namespace.create", namespace.id.as_str())?;
            Ok(namespace)
        })
        .await
    }

    /// The namespaces of a tenant, by title.
    ///
    /// # Errors
    /// `NotFound` for an unknown tenant.
    pub async fn namespaces(&self, tenant: &TenantId, page: Page) -> Result<Paged<Namespace>, ControlError> {
        let tenant = tenant.clone();
        self.read(move |_, connection| {
            records::tenant(connection, &tenant)?;
            let (limit, offset) = page.bounds();
            let mut statement = connection.prepare_cached(
                "SELECT id, title FROM namespaces WHERE tenant = ?1 ORDER BY title LIMIT ?2 OFFSET ?3",
            )?;
            let read = |row: &Row<'_>| Ok(Namespace { id: records::text(row, 0)?, title: row.get(1)? });
            let found = statement.query_map(params![tenant.as_str(), limit, offset], read)?;
            let items = found.collect::<Result<_, _>>()?;
            Ok(Paged { items, total: u64::from(count(connection, &tenant)?) })
        })
        .await
    }

    /// The ids of all tenants' namespaces: at start, what the KV engine should have; a crash between the registry and
    /// the engine leaves one without the other.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn registered_namespaces(&self) -> Result<HashSet<NamespaceId>, ControlError> {
        self.read(|_, connection| {
            let mut statement = connection.prepare_cached("SELECT id FROM namespaces")?;
            let ids = statement.query_map([], |row| records::text(row, 0))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// One namespace; asked before every call that touches its values.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn namespace(&self, tenant: &TenantId, id: &NamespaceId) -> Result<Namespace, ControlError> {
        let (tenant, id) = (tenant.clone(), id.clone());
        self.read(move |_, connection| find(connection, &tenant, &id)).await
    }

    /// Gives a namespace another title.
    ///
    /// # Errors
    /// `NotFound`, `InvalidName`, `TitleTaken`.
    pub async fn rename_namespace(
        &self,
        by: &Actor,
        tenant: &TenantId,
        id: &NamespaceId,
        title: &str,
    ) -> Result<Namespace, ControlError> {
        check_title(title)?;
        let (tenant, id, title) = (tenant.clone(), id.clone(), title.to_owned());
        self.change(by, move |change| {
            let mut namespace = find(&change.transaction, &tenant, &id)?;
            if namespace.title == title {
                return Ok(namespace);
            }
            check_free(&change.transaction, &tenant, &title)?;
            let sql = "UPDATE namespaces SET title = ?2 WHERE id = ?1";
            change.transaction.execute(sql, params![id.as_str(), title])?;
            change.audit(&tenant, "namespace.rename", id.as_str())?;
            namespace.title = title;
            Ok(namespace)
        })
        .await
    }

    /// Removes a namespace from the registry; the caller then removes its values. Scripts bound to it keep serving,
    /// their KV calls fail.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn remove_namespace(&self, by: &Actor, tenant: &TenantId, id: &NamespaceId) -> Result<(), ControlError> {
        let (tenant, id) = (tenant.clone(), id.clone());
        self.change(by, move |change| {
            find(&change.transaction, &tenant, &id)?;
            change.transaction.execute("DELETE FROM namespaces WHERE id = ?1", params![id.as_str()])?;
            change.audit(&tenant, "namespace.remove", id.as_str())
        })
        .await
    }
}

/// The ids of all namespaces of a tenant, for checking bindings.
pub(super) fn ids(connection: &Connection, tenant: &TenantId) -> Result<HashSet<NamespaceId>, ControlError> {
    let mut statement = connection.prepare_cached("SELECT id FROM namespaces WHERE tenant = ?1")?;
    let ids = statement.query_map(params![tenant.as_str()], |row| records::text(row, 0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

fn find(connection: &Connection, tenant: &TenantId, id: &NamespaceId) -> Result<Namespace, ControlError> {
    let mut statement = connection.prepare_cached("SELECT title FROM namespaces WHERE id = ?1 AND tenant = ?2")?;
    let title = statement.query_row(params![id.as_str(), tenant.as_str()], |row| row.get(0)).optional()?;
    let title = title.ok_or(ControlError::NotFound { what: Missing::Namespace })?;
    Ok(Namespace { id: id.clone(), title })
}

fn count(connection: &Connection, tenant: &TenantId) -> Result<u32, ControlError> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM namespaces WHERE tenant = ?1")?;
    Ok(statement.query_row(params![tenant.as_str()], |row| row.get(0))?)
}

fn check_free(connection: &Connection, tenant: &TenantId, title: &str) -> Result<(), ControlError> {
    let mut statement =
        connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM namespaces WHERE tenant = ?1 AND title = ?2)")?;
    let taken: bool = statement.query_row(params![tenant.as_str(), title], |row| row.get(0))?;
    if taken { Err(ControlError::TitleTaken) } else { Ok(()) }
}

fn check_title(title: &str) -> Result<(), ControlError> {
    if title.trim().is_empty() || title.len() > TITLE_BYTES_MAX || title.chars().any(char::is_control) {
        let reason = format!("a namespace title has 1 to {TITLE_BYTES_MAX} printable bytes");
        return Err(ControlError::InvalidName { reason });
    }
    Ok(())
}

/// Bytes of a namespace's title; Cloudflare's limit.
const TITLE_BYTES_MAX: usize = 512;

#[cfg(test)]
mod tests {
    use super::super::fixture::World;
    use super::*;

    /// Makes, renames, lists and removes namespaces of two tenants with the same titles.
    #[tokio::test]
    async fn a_title_is_unique_within_its_tenant_only() {
        let world = World::new();
        let (by, control) = (Actor::Operator, &world.control);
        let (a, b) = (world.tenant("A").await, world.tenant("B").await);
        let first = control.create_namespace(&by, &a, "cache").await.expect("makes");
        let error = control.create_namespace(&by, &a, "cache").await.expect_err("is taken");
        assert_eq!(error.code(), 10014);
        assert_eq!(error.to_string(), "a namespace with this account ID and title already exists");
        control.create_namespace(&by, &b, "cache").await.expect("is another tenant's");
        let second = control.create_namespace(&by, &a, "asset").await.expect("makes");
        assert!(matches!(control.rename_namespace(&by, &a, &second.id, "cache").await, Err(ControlError::TitleTaken)));
        control.rename_namespace(&by, &a, &second.id, "assets").await.expect("renames");
        let page = control.namespaces(&a, Page { number: 1, per_page: 1 }).await.expect("lists");
        assert_eq!((page.items[0].title.as_str(), page.total), ("assets", 2));
        let page = control.namespaces(&a, Page { number: 2, per_page: 1 }).await.expect("lists");
        assert_eq!(page.items, std::slice::from_ref(&first));
        control.create_namespace(&by, &a, "third").await.expect("makes");
        let error = control.create_namespace(&by, &a, "fourth").await.expect_err("is one too many");
        assert_eq!(error.code(), 10037);
        assert_eq!(control.registered_namespaces().await.expect("lists").len(), 4);
        control.remove_namespace(&by, &a, &first.id).await.expect("removes");
        assert!(!control.registered_namespaces().await.expect("lists").contains(&first.id));
        let error = control.namespace(&a, &first.id).await.expect_err("is gone");
        assert!(matches!(error, ControlError::NotFound { what: Missing::Namespace }));
        for title in ["", " ", "a\nb", &"x".repeat(513)] {
            let error = control.create_namespace(&by, &a, title).await.expect_err("is refused");
            assert_eq!(error.code(), 10016, "{title:?}");
        }
    }
}
