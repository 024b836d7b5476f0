//! Who refers to a script by service bindings, and to whom it refers: what is asked before it is removed.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::Control;
use super::bindings::KeptKind;
use super::error::ControlError;
use super::records::{self, ScriptRow};
use crate::ids::{ScriptName, TenantId};

/// The scripts on both sides, as their versions that serve have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct References {
    /// Those that call it.
    pub incoming: BTreeSet<ScriptName>,
    /// Those that it calls.
    pub outgoing: BTreeSet<ScriptName>,
}

impl Control {
    /// Which scripts of the tenant refer to this one, and to which it refers; itself is not told of.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn references(&self, tenant: &TenantId, name: &ScriptName) -> Result<References, ControlError> {
        let (tenant, name) = (tenant.clone(), name.clone());
        self.read(move |_, connection| {
            let script = records::script_or_not_found(connection, &tenant, &name)?;
            let mut outgoing = called_by(connection, &script)?;
            outgoing.remove(&name);
            let mut incoming = BTreeSet::new();
            for other in records::scripts(connection, &tenant)?.into_iter().filter(|other| other.name != name) {
                if called_by(connection, &other)?.contains(&name) {
                    incoming.insert(other.name);
                }
            }
            Ok(References { incoming, outgoing })
        })
        .await
    }
}

/// The scripts that this one's serving versions are bound to.
fn called_by(connection: &Connection, script: &ScriptRow) -> Result<BTreeSet<ScriptName>, ControlError> {
    let mut called = BTreeSet::new();
    for (version, _) in records::deployed(connection, script)?.into_iter().flat_map(|deployed| deployed.versions) {
        let kept = records::version(connection, script, &version)?.into_iter().flat_map(|row| row.kept);
        called.extend(kept.filter_map(|binding| match binding.kind {
            KeptKind::Service { service, .. } => Some(service),
            _ => None,
        }));
    }
    Ok(called)
}
