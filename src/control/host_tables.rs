//! From patterns to what the data plane reads: made anew, host by host, in the transaction that changes them.

use std::collections::BTreeSet;
use std::sync::Arc;

use rusqlite::{Connection, Row, params};

use super::change::Change;
use super::error::ControlError;
use super::publish::Publication;
use super::published::RouteTarget;
use super::records::{self, ScriptRow};
use crate::ids::TenantId;
use crate::route::{HostPattern, HostTable, PathPattern, Reach};

/// The hosts a tenant, or one script of it, has patterns on: to be published again when it is renamed or goes.
pub(super) fn hosts_of(
    connection: &Connection,
    tenant: &TenantId,
    script: Option<&ScriptRow>,
) -> Result<BTreeSet<String>, ControlError> {
    let mut statement = connection
        .prepare_cached("SELECT DISTINCT host FROM routes WHERE tenant = ?1 AND (?2 IS NULL OR script = ?2)")?;
    let script = script.map(|script| script.row);
    let hosts = statement.query_map(params![tenant.as_str(), script], |row| row.get(0))?;
    Ok(hosts.collect::<Result<_, _>>()?)
}

/// Has what these hosts lead to published as the transaction leaves it.
pub(super) fn publish_hosts(change: &mut Change<'_>, hosts: BTreeSet<String>) -> Result<(), ControlError> {
    for host in hosts {
        let patterns = of_host(&change.transaction, &host)?;
        change.effects.publications.extend(tables(&host, &patterns));
    }
    Ok(())
}

/// What every host leads to, at start.
pub(super) fn every_host(connection: &Connection) -> Result<Vec<Publication>, ControlError> {
    let mut statement = connection.prepare("SELECT DISTINCT host FROM routes")?;
    let hosts = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    let mut every = Vec::new();
    for host in hosts {
        every.extend(tables(&host, &of_host(connection, &host)?));
    }
    Ok(every)
}

/// One pattern as it is published.
struct Pattern {
    reach: Reach,
    path: PathPattern,
    target: Arc<RouteTarget>,
}

/// What is kept under the host itself, and under everything below it.
fn tables(host: &str, patterns: &[Pattern]) -> [Publication; 2] {
    let with = |reach: Reach| -> Vec<(PathPattern, Arc<RouteTarget>)> {
        let found = patterns.iter().filter(|pattern| pattern.reach == reach);
        found.map(|pattern| (pattern.path.clone(), Arc::clone(&pattern.target))).collect()
    };
    let table = |near| HostTable::new(with(near), with(Reach::Both));
    [
        Publication::Host { key: host.to_owned(), table: table(Reach::Exact) },
        Publication::Host { key: format!(".{host}"), table: table(Reach::Below) },
    ]
}

/// The patterns on one host; where two have the same hosts and path, the one that counts comes first.
fn of_host(connection: &Connection, host: &str) -> Result<Vec<Pattern>, ControlError> {
    let reversed = HostPattern { name: host.to_owned(), reach: Reach::Exact }.reversed();
    let mut statement = connection.prepare_cached(
        "SELECT routes.reach, routes.path, tenants.id, tenants.subdomain, scripts.name FROM routes
         JOIN scripts ON scripts.id = routes.script JOIN tenants ON tenants.id = routes.tenant
         WHERE routes.reversed = ?1 ORDER BY routes.kind DESC",
    )?;
    let read = |row: &Row<'_>| {
        let reach = Reach::of(&row.get::<_, String>(0)?).unwrap_or(Reach::Exact);
        let (tenant, tenant_name) = (records::text(row, 2)?, records::text(row, 3)?);
        let target = Arc::new(RouteTarget { tenant, tenant_name, script: records::text(row, 4)? });
        Ok(Pattern { reach, path: PathPattern::of(&row.get::<_, String>(1)?), target })
    };
    Ok(statement.query_map(params![reversed], read)?.collect::<Result<_, _>>()?)
}
