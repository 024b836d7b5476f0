//! Custom hostnames and route patterns: which script answers at names of a tenant's own, and on which of their paths.
//!
//! A host belongs to the tenant that first has a pattern on it, until its last one goes; a star takes all that lies
//! below. No two tenants' patterns ever meet, and none lies within the node's own domain unless the operator put it there.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::Serialize;

use super::audit::Actor;
use super::change::Change;
use super::error::{ControlError, Missing};
use super::host_tables::publish_hosts;
use super::records::{self, ScriptRow};
use super::timestamp::Timestamp;
use super::{Control, host_claims};
use crate::ids::{RouteId, ScriptName, TenantId};
use crate::route::{HostPattern, PathPattern, Reach, RoutePattern};

/// Whether a script answers at a whole host or by a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteKind {
    /// A pattern; on the same host it comes before a hostname.
    Pattern,
    /// A hostname with every path of it: a custom domain.
    Hostname,
}

/// One of them, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Route {
    /// Stays the same as long as the script keeps it.
    pub id: RouteId,
    /// The pattern, or the hostname, as it was sent.
    pub pattern: String,
    /// The script that answers.
    pub script: ScriptName,
    /// Its host, without a star.
    #[serde(skip)]
    pub host: String,
}

/// What one is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRoute {
    pattern: String,
    hosts: HostPattern,
    path: PathPattern,
    kind: RouteKind,
}

/// What happens to a pattern or hostname that another script of the same tenant has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It stays there: the change is refused.
    Refuse,
    /// It goes over.
    Move,
}

impl RouteKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pattern => "route",
            Self::Hostname => "domain",
        }
    }
}

impl NewRoute {
    /// A pattern.
    ///
    /// # Errors
    /// `InvalidRoute` that says what is wrong with it.
    pub fn pattern(text: &str) -> Result<Self, ControlError> {
        let RoutePattern { hosts, path } = text.parse().map_err(ControlError::invalid_route)?;
        Ok(Self { pattern: text.to_owned(), hosts, path, kind: RouteKind::Pattern })
    }

    /// A hostname.
    ///
    /// # Errors
    /// `InvalidRoute` that says what is wrong with it.
    pub fn hostname(text: &str) -> Result<Self, ControlError> {
        let hosts: HostPattern = text.parse().map_err(ControlError::invalid_route)?;
        if hosts.reach != Reach::Exact {
            return Err(ControlError::InvalidRoute {
                reason: format!("use hostname {text:?}: it may not have a star"),
            });
        }
        Ok(Self { pattern: hosts.name.clone(), hosts, path: PathPattern::of("/*"), kind: RouteKind::Hostname })
    }

    /// The pattern or hostname, as it was sent.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.pattern
    }

    /// Its host, without a star.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.hosts.name
    }
}

impl Control {
    /// What a tenant has of this kind, or one script of it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn routes(
        &self,
        tenant: &TenantId,
        script: Option<&ScriptName>,
        kind: RouteKind,
    ) -> Result<Vec<Route>, ControlError> {
        let (tenant, script) = (tenant.clone(), script.cloned());
        self.read(move |_, connection| {
            records::tenant(connection, &tenant)?;
            if let Some(script) = &script {
                records::script_or_not_found(connection, &tenant, script)?;
            }
            let mut routes = of_tenant(connection, &tenant, kind)?;
            routes.retain(|route| script.as_ref().is_none_or(|script| route.script == *script));
            Ok(routes)
        })
        .await
    }

    /// Gives a script exactly these of this kind; those it had already stay the same ones.
    ///
    /// # Errors
    /// `NotFound`; `RouteTaken` when one is another script's, `HostTaken` when a host is another tenant's; `TooMany`.
    pub async fn replace_routes(
        &self,
        by: &Actor,
        tenant: &TenantId,
        name: &ScriptName,
        kind: RouteKind,
        wanted: Vec<NewRoute>,
        taken: Taken,
    ) -> Result<Vec<Route>, ControlError> {
        let (tenant, name) = (tenant.clone(), name.clone());
        self.change(by, move |change| {
            let script = records::script_or_not_found(&change.transaction, &tenant, &name)?;
            let mut hosts = BTreeSet::new();
            for route in of_tenant(&change.transaction, &tenant, kind)? {
                let stays = wanted.iter().any(|wanted| wanted.pattern == route.pattern);
                if route.script == name && !stays {
                    delete(&change.transaction, &route.id)?;
                    hosts.insert(route.host);
                }
            }
            for wanted in &wanted {
                hosts.insert(wanted.hosts.name.clone());
                put(change, &tenant, &script, wanted, taken)?;
            }
            change.audit(&tenant, kind.action_on_script(), name.as_str())?;
            publish_hosts(change, hosts)?;
            let mut routes = of_tenant(&change.transaction, &tenant, kind)?;
            routes.retain(|route| route.script == name);
            Ok(routes)
        })
        .await
    }

    /// Gives a script one more.
    ///
    /// # Errors
    /// As [`Control::replace_routes`].
    pub async fn put_route(
        &self,
        by: &Actor,
        tenant: &TenantId,
        name: &ScriptName,
        wanted: NewRoute,
        taken: Taken,
    ) -> Result<Route, ControlError> {
        let (tenant, name) = (tenant.clone(), name.clone());
        self.change(by, move |change| {
            let script = records::script_or_not_found(&change.transaction, &tenant, &name)?;
            let route = put(change, &tenant, &script, &wanted, taken)?;
            change.audit(&tenant, &format!("{}.put", wanted.kind.as_str()), &wanted.pattern)?;
            publish_hosts(change, BTreeSet::from([wanted.hosts.name]))?;
            Ok(route)
        })
        .await
    }

    /// Makes a pattern another one, or another script's.
    ///
    /// # Errors
    /// As [`Control::replace_routes`].
    pub async fn change_route(
        &self,
        by: &Actor,
        tenant: &TenantId,
        id: &RouteId,
        name: &ScriptName,
        wanted: NewRoute,
    ) -> Result<Route, ControlError> {
        let (tenant, name, id) = (tenant.clone(), name.clone(), id.clone());
        self.change(by, move |change| {
            let script = records::script_or_not_found(&change.transaction, &tenant, &name)?;
            let before = one(&change.transaction, &tenant, wanted.kind, &id)?;
            delete(&change.transaction, &id)?;
            let made = put(change, &tenant, &script, &wanted, Taken::Refuse)?;
            let keep_id = "UPDATE routes SET id = ?2 WHERE id = ?1";
            change.transaction.execute(keep_id, params![made.id.as_str(), id.as_str()])?;
            change.audit(&tenant, &format!("{}.put", wanted.kind.as_str()), &wanted.pattern)?;
            publish_hosts(change, BTreeSet::from([before.host, wanted.hosts.name]))?;
            Ok(Route { id, ..made })
        })
        .await
    }

    /// Removes one.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn remove_route(
        &self,
        by: &Actor,
        tenant: &TenantId,
        kind: RouteKind,
        id: &RouteId,
    ) -> Result<(), ControlError> {
        let (tenant, id) = (tenant.clone(), id.clone());
        self.change(by, move |change| {
            let route = one(&change.transaction, &tenant, kind, &id)?;
            delete(&change.transaction, &id)?;
            change.audit(&tenant, &format!("{}.remove", kind.as_str()), &route.pattern)?;
            publish_hosts(change, BTreeSet::from([route.host]))
        })
        .await
    }
}

impl RouteKind {
    const fn action_on_script(self) -> &'static str {
        match self {
            Self::Pattern => "script.routes",
            Self::Hostname => "script.domains",
        }
    }
}

/// Puts one into the table, or finds that the script has it.
fn put(
    change: &Change<'_>,
    tenant: &TenantId,
    script: &ScriptRow,
    wanted: &NewRoute,
    taken: Taken,
) -> Result<Route, ControlError> {
    let (reversed, path) = (wanted.hosts.reversed(), wanted.path.to_string());
    let unique = params![reversed, wanted.kind.as_str(), wanted.hosts.reach.as_str(), path];
    let same = "SELECT routes.id, routes.pattern, scripts.name, routes.host, routes.tenant FROM routes
        JOIN scripts ON scripts.id = routes.script
        WHERE routes.reversed = ?1 AND routes.kind = ?2 AND routes.reach = ?3 AND routes.path = ?4";
    let mut same = change.transaction.prepare_cached(same)?;
    let same = same.query_row(unique, |row| Ok((read(row)?, records::text::<TenantId>(row, 4)?))).optional()?;
    let Some((found, _)) = same.filter(|(_, owner)| owner == tenant) else {
        host_claims::check(change, tenant, &wanted.hosts)?;
        return insert(change, tenant, script, wanted);
    };
    if found.script != script.name && taken == Taken::Refuse {
        return Err(ControlError::RouteTaken { pattern: found.pattern, script: found.script.to_string() });
    }
    let update = "UPDATE routes SET script = ?2, pattern = ?3 WHERE id = ?1";
    change.transaction.execute(update, params![found.id.as_str(), script.row, wanted.pattern])?;
    Ok(Route { script: script.name.clone(), pattern: wanted.pattern.clone(), ..found })
}

fn insert(
    change: &Change<'_>,
    tenant: &TenantId,
    script: &ScriptRow,
    wanted: &NewRoute,
) -> Result<Route, ControlError> {
    let count = "SELECT count(*) FROM routes WHERE tenant = ?1";
    let count: u32 = change.transaction.query_row(count, params![tenant.as_str()], |row| row.get(0))?;
    if count >= ROUTES_MAX {
        return Err(ControlError::TooMany { what: "routes and custom domains", max: ROUTES_MAX });
    }
    let id = RouteId::generate();
    change.transaction.execute(
        "INSERT INTO routes (id, tenant, script, kind, pattern, host, reversed, reach, path, created_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            id.as_str(),
            tenant.as_str(),
            script.row,
            wanted.kind.as_str(),
            wanted.pattern,
            wanted.hosts.name,
            wanted.hosts.reversed(),
            wanted.hosts.reach.as_str(),
            wanted.path.to_string(),
            Timestamp::now().millis(),
        ],
    )?;
    let (pattern, host) = (wanted.pattern.clone(), wanted.hosts.name.clone());
    Ok(Route { id, pattern, script: script.name.clone(), host })
}

fn delete(connection: &Connection, id: &RouteId) -> Result<(), ControlError> {
    connection.execute("DELETE FROM routes WHERE id = ?1", params![id.as_str()])?;
    Ok(())
}

fn one(connection: &Connection, tenant: &TenantId, kind: RouteKind, id: &RouteId) -> Result<Route, ControlError> {
    let found = of_tenant(connection, tenant, kind)?.into_iter().find(|route| route.id == *id);
    found.ok_or(ControlError::NotFound { what: Missing::Route })
}

fn of_tenant(connection: &Connection, tenant: &TenantId, kind: RouteKind) -> Result<Vec<Route>, ControlError> {
    let mut statement = connection.prepare_cached(
        "SELECT routes.id, routes.pattern, scripts.name, routes.host FROM routes
         JOIN scripts ON scripts.id = routes.script
         WHERE routes.tenant = ?1 AND routes.kind = ?2 ORDER BY routes.host, routes.reach, routes.path",
    )?;
    Ok(statement.query_map(params![tenant.as_str(), kind.as_str()], read)?.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Route> {
    Ok(Route { id: records::text(row, 0)?, pattern: row.get(1)?, script: records::text(row, 2)?, host: row.get(3)? })
}

/// Patterns and hostnames of one tenant: Cloudflare's number for a zone.
const ROUTES_MAX: u32 = 1_000;

#[cfg(test)]
mod tests {
    use super::super::fixture::{World, script};
    use super::*;

    async fn patterns(
        world: &World,
        tenant: &TenantId,
        name: &str,
        texts: &[&str],
    ) -> Result<Vec<Route>, ControlError> {
        let wanted = texts.iter().map(|text| NewRoute::pattern(text)).collect::<Result<Vec<_>, _>>()?;
        let control = &world.control;
        let kind = RouteKind::Pattern;
        control.replace_routes(&Actor::Node, tenant, &script(name), kind, wanted, Taken::Refuse).await
    }

    fn leads_to(world: &World, host: &str, path: &str) -> Option<TenantId> {
        world.control.published().routed(host, path).map(|served| served.tenant.clone())
    }

    /// Refuses a list in its middle: of a pattern that is another script's, of a host that is another tenant's, of too many.
    #[tokio::test]
    async fn a_refused_list_changes_nothing() {
        let world = World::new();
        let (one, two) = (world.tenant("one").await, world.tenant("two").await);
        for (tenant, name) in [(&one, "a"), (&one, "b"), (&two, "a")] {
            world.upload(tenant, name, "source").await;
        }
        patterns(&world, &one, "a", &["x.test/*", "*.y.test/*"]).await.expect("are free");
        patterns(&world, &one, "b", &["x.test/b"]).await.expect("is free");
        let before = world.everything().await;
        let many: Vec<String> = (0..=ROUTES_MAX).map(|at| format!("z.test/{at}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for (tenant, name, texts) in [
            (&one, "b", &["z.test/*", "x.test/*"][..]),
            (&two, "a", &["z.test/*", "x.test/other"]),
            (&two, "a", &["z.test/*", "deep.down.y.test/*"]),
            (&two, "a", &["z.test/*", "*x.test/*"]),
            (&two, "a", &["z.test/*", "hello.demo.localhost/*"]),
            (&two, "a", &many),
            (&two, "missing", &["z.test/*"]),
        ] {
            assert!(patterns(&world, tenant, name, texts).await.is_err(), "{name} {}", texts[texts.len() - 1]);
            assert!(world.everything().await == before);
            assert_eq!(leads_to(&world, "z.test", "/0"), None);
        }
        assert_eq!(leads_to(&world, "x.test", "/q"), Some(one.clone()));
        let kept = patterns(&world, &one, "a", &["*.y.test/*", "x.test/*"]).await.expect("are its own");
        let again = patterns(&world, &one, "a", &["x.test/*"]).await.expect("is its own");
        assert!(kept.contains(&again[0]), "a pattern that stays keeps its id");
        assert_eq!(leads_to(&world, "a.y.test", "/"), None);
    }

    /// Removes the script, renames the tenant, opens the folder again, removes the tenant.
    #[tokio::test]
    async fn patterns_go_where_their_script_goes() {
        let world = World::new();
        let tenant = world.tenant("one").await;
        for name in ["a", "b"] {
            world.upload(&tenant, name, "source").await;
            patterns(&world, &tenant, name, &[&format!("{name}.test/*")]).await.expect("is free");
        }
        world.control.remove_script(&Actor::Node, &tenant, &script("a")).await.expect("goes");
        assert_eq!((leads_to(&world, "a.test", "/"), leads_to(&world, "b.test", "/")), (None, Some(tenant.clone())));
        let name = "renamed".parse().expect("a label");
        world.control.change_tenant_subdomain(&Actor::Node, &tenant, name).await.expect("is free");
        assert_eq!(leads_to(&world, "b.test", "/"), Some(tenant.clone()));
        let world = world.reopened("build-1");
        assert_eq!(leads_to(&world, "b.test", "/"), Some(tenant.clone()));
        world.control.remove_tenant(&Actor::Node, &tenant).await.expect("goes");
        assert!(!world.control.published().has_host("b.test"));
    }
}
