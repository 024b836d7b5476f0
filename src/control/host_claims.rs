//! Whose a host is: may this tenant have a pattern there?
//!
//! Two tenants' patterns never meet: not on the same host, and not where a star of the one reaches the other's. Hosts
//! within the node's own domain are the operator's to give, and never those that scripts have by themselves.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::audit::Actor;
use super::change::Change;
use super::error::ControlError;
use crate::ids::TenantId;
use crate::route::{HostPattern, Reach, is_within};

/// Whether the tenant may have it.
///
/// # Errors
/// `HostReserved`; `HostTaken`, which tells the operator by whom.
pub(super) fn check(change: &Change<'_>, tenant: &TenantId, hosts: &HostPattern) -> Result<(), ControlError> {
    let is_operator = *change.by == Actor::Operator;
    if is_reserved(hosts, &change.inner.config.domain, is_operator) {
        return Err(ControlError::HostReserved { host: hosts.name.clone() });
    }
    match other_owner(&change.transaction, tenant, hosts)? {
        None => Ok(()),
        Some(owner) => {
            let owner = Some(owner).filter(|_| is_operator);
            Err(ControlError::HostTaken { host: hosts.name.clone(), owner })
        }
    }
}

/// Whether a host is the node's own. Scripts answer at two labels below the domain, so nothing else may reach there.
pub(super) fn is_reserved(hosts: &HostPattern, domain: &str, is_operator: bool) -> bool {
    // A star above the domain would reach into it.
    if hosts.reach != Reach::Exact && is_within(domain, &hosts.name) {
        return true;
    }
    if !is_within(&hosts.name, domain) {
        return false;
    }
    let labels = hosts.name.strip_suffix(domain).unwrap_or_default().matches('.').count();
    !is_operator || hosts.reach != Reach::Exact || labels == 2
}

/// Another tenant whose patterns would meet this one.
pub(super) fn other_owner(
    connection: &Connection,
    tenant: &TenantId,
    hosts: &HostPattern,
) -> Result<Option<TenantId>, ControlError> {
    let reversed = hosts.reversed();
    let owner = |sql: &str, from: &str| -> Result<Option<TenantId>, ControlError> {
        let mut statement = connection.prepare_cached(sql)?;
        let read = |row: &rusqlite::Row<'_>| super::records::text(row, 0);
        Ok(statement.query_row(params![from, tenant.as_str()], read).optional()?)
    };
    let on_it = "SELECT tenant FROM routes WHERE reversed = ?1 AND tenant <> ?2 LIMIT 1";
    if let Some(owner) = owner(on_it, &reversed)? {
        return Ok(Some(owner));
    }
    let reaching = "SELECT tenant FROM routes WHERE reversed = ?1 AND tenant <> ?2 AND reach <> 'exact' LIMIT 1";
    for (at, _) in reversed.char_indices().filter(|(_, char)| *char == '.') {
        if let Some(owner) = reversed.get(..=at).map(|parent| owner(reaching, parent)).transpose()?.flatten() {
            return Ok(Some(owner));
        }
    }
    if hosts.reach == Reach::Exact {
        return Ok(None);
    }
    // Labels hold nothing that sorts behind a tilde.
    let below = "SELECT tenant FROM routes WHERE reversed > ?1 AND reversed < ?1 || '~' AND tenant <> ?2 LIMIT 1";
    owner(below, &reversed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> HostPattern {
        text.parse().expect("a host")
    }

    /// The node's own names, what reaches into them, and what only looks like them.
    #[test]
    fn the_nodes_own_names_are_not_given_away() {
        for (host, domain, by_tenant, by_operator) in [
            ("shop.test", "localhost", false, false),
            ("edge.example.com", "edge.example.com", true, false),
            ("www.edge.example.com", "edge.example.com", true, false),
            ("a.b.edge.example.com", "edge.example.com", true, true),
            ("x.a.b.edge.example.com", "edge.example.com", true, false),
            ("*.edge.example.com", "edge.example.com", true, true),
            ("*.b.edge.example.com", "edge.example.com", true, true),
            ("*.example.com", "edge.example.com", true, true),
            ("*example.com", "edge.example.com", true, true),
            ("example.com", "edge.example.com", false, false),
            ("www.example.com", "edge.example.com", false, false),
            ("*.other.example.com", "edge.example.com", false, false),
            ("myedge.example.com", "edge.example.com", false, false),
        ] {
            assert_eq!(is_reserved(&hosts(host), domain, false), by_tenant, "{host} for a tenant");
            assert_eq!(is_reserved(&hosts(host), domain, true), by_operator, "{host} for the operator");
        }
    }
}
