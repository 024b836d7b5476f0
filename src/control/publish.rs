//! From rows to what serves: builds the [`Served`] of scripts inside a change's transaction, and puts them into the
//! table after its commit.
//!
//! Building can fail (a secret that does not decrypt); putting cannot. A version whose snapshot was made by another
//! build of Eyot, or is lost, is published to start plain until [`super::rebuild`] has made it a new one.

use std::sync::Arc;

use rusqlite::Connection;

use super::Inner;
use super::bindings::{Kept, KeptKind};
use super::change::Change;
use super::error::ControlError;
use super::host_tables;
use super::published::{Published, PublishedTenant, RouteTarget, Served};
use super::records::{self, ScriptRow, VersionRow};
use super::seal::Place;
use super::tenants::Tenant;
use crate::deployment::{Binding, Deployment, NamedBinding, RateLimit, ServiceTarget, Start, TopLevel};
use crate::ids::{NameMap, ScriptName, TenantId, TenantName};
use crate::limits::Limits;
use crate::route::HostTable;

/// One step of what the data plane is to see.
pub(super) enum Publication {
    /// A script serves otherwise than before, or no longer.
    Script { owner: Owner, name: ScriptName, served: Option<Arc<Served>> },
    /// Everything of a tenant, at its host name.
    Tenant { owner: Owner, scripts: NameMap<ScriptName, Arc<Served>> },
    /// Nothing answers at this tenant's host name any more.
    Name(TenantName),
    /// A tenant is gone.
    Gone(TenantId),
    /// What a key of [`crate::route::keys_of_host`] leads to.
    Host { key: String, table: HostTable<Arc<RouteTarget>> },
}

/// What every part of a tenant's table is published with.
#[derive(Clone)]
pub(super) struct Owner {
    id: TenantId,
    name: TenantName,
    limits: Arc<Limits>,
}

impl Publication {
    /// Makes it so.
    pub(super) fn apply(self, published: &Published) {
        match self {
            Self::Script { owner, name, served } => {
                let mut scripts =
                    published.tenant(&owner.name).map(|tenant| tenant.scripts.clone()).unwrap_or_default();
                match served {
                    Some(served) => scripts.insert(name, served),
                    None => scripts.remove(&name),
                };
                published.put_tenant(&owner.name, PublishedTenant { id: owner.id, limits: owner.limits, scripts });
            }
            Self::Tenant { owner, scripts } => {
                published.put_tenant(&owner.name, PublishedTenant { id: owner.id, limits: owner.limits, scripts });
            }
            Self::Name(name) => published.remove_name(&name),
            Self::Gone(id) => published.forget_tenant(&id),
            Self::Host { key, table } => published.put_host(&key, table),
        }
    }
}

impl Change<'_> {
    /// Has this script published as the transaction leaves it.
    pub(super) fn publish_script(&mut self, tenant: &Tenant, name: &ScriptName) -> Result<(), ControlError> {
        let owner = self.inner.owner(tenant);
        let served = match records::script(&self.transaction, &tenant.id, name)? {
            Some(row) => self.inner.served(&self.transaction, &owner, &row)?.map(Arc::new),
            None => None,
        };
        self.effects.publications.push(Publication::Script { owner, name: name.clone(), served });
        Ok(())
    }

    /// Has all scripts of this tenant published as the transaction leaves them.
    pub(super) fn publish_tenant(&mut self, tenant: &Tenant) -> Result<(), ControlError> {
        let owner = self.inner.owner(tenant);
        let mut scripts = NameMap::default();
        for row in records::scripts(&self.transaction, &tenant.id)? {
            if let Some(served) = self.inner.served(&self.transaction, &owner, &row)? {
                scripts.insert(row.name, Arc::new(served));
            }
        }
        self.effects.publications.push(Publication::Tenant { owner, scripts });
        Ok(())
    }
}

impl Inner {
    /// Publishes what the database holds; at start.
    ///
    /// A script that cannot be published is logged and left out: one damaged row does not keep the node from serving.
    pub(super) fn publish_everything(&self, connection: &Connection) -> Result<(), ControlError> {
        let mut statement = connection.prepare(&format!("SELECT {} FROM tenants", records::TENANT))?;
        let tenants = statement.query_map([], records::read_tenant)?.collect::<Result<Vec<_>, _>>()?;
        for tenant in tenants {
            let owner = self.owner(&tenant);
            let mut scripts = NameMap::default();
            for row in records::scripts(connection, &tenant.id)? {
                match self.served(connection, &owner, &row) {
                    Ok(Some(served)) => drop(scripts.insert(row.name, Arc::new(served))),
                    Ok(None) => {}
                    Err(error) => {
                        tracing::error!(tenant = %tenant.id, script = %row.name, %error, "cannot serve script")
                    }
                }
            }
            Publication::Tenant { owner, scripts }.apply(&self.published);
        }
        for publication in host_tables::every_host(connection)? {
            publication.apply(&self.published);
        }
        Ok(())
    }

    /// The limits in force for a tenant.
    pub(super) fn limits_of(&self, tenant: &Tenant) -> Limits {
        self.config.limits.with(&tenant.limits)
    }

    fn owner(&self, tenant: &Tenant) -> Owner {
        let limits = Arc::new(self.limits_of(tenant));
        Owner { id: tenant.id.clone(), name: tenant.subdomain.clone(), limits }
    }

    fn served(
        &self,
        connection: &Connection,
        owner: &Owner,
        script: &ScriptRow,
    ) -> Result<Option<Served>, ControlError> {
        let Some(deployed) = records::deployed(connection, script)? else { return Ok(None) };
        let before = self.published.script(&owner.name, &script.name);
        let mut versions = Vec::with_capacity(deployed.versions.len());
        for (id, percent) in &deployed.versions {
            let row = records::version(connection, script, id)?
                .ok_or_else(|| ControlError::Internal(format!("deployed version {id} is gone")))?;
            versions.push((*percent, self.deployment(owner, script, &row, before.as_deref())?));
        }
        Ok(Some(Served {
            tenant: owner.id.clone(),
            tenant_limits: Arc::clone(&owner.limits),
            deployment: deployed.id,
            versions,
            subdomain_enabled: script.subdomain.enabled,
        }))
    }

    /// The version as it runs: the one that is published already when nothing of it changed, so that isolates that
    /// serve it stay warm.
    fn deployment(
        &self,
        owner: &Owner,
        script: &ScriptRow,
        row: &VersionRow,
        before: Option<&Served>,
    ) -> Result<Arc<Deployment>, ControlError> {
        let limits = Arc::new(owner.limits.lowered(&row.version.limits));
        let start = match self.is_stale(row)? {
            Staleness::Fresh => row.version.start.clone(),
            Staleness::Stale => Start::Plain { reason: REBUILD_REASON.to_owned() },
        };
        let same = before.into_iter().flat_map(|served| &served.versions).find(|(_, old)| {
            old.tenant == owner.id
                && old.tenant_name == owner.name
                && old.version == row.version.id
                && old.limits == limits
                && old.start == start
        });
        if let Some((_, same)) = same {
            return Ok(Arc::clone(same));
        }
        Ok(Arc::new(Deployment {
            tenant: owner.id.clone(),
            tenant_name: owner.name.clone(),
            script: script.name.clone(),
            version: row.version.id.clone(),
            limits,
            bindings: self.named_bindings(&owner.id, &script.name, &row.kept)?,
            syntax: row.version.syntax,
            code: row.code.clone(),
            assets: row.assets.clone(),
            start,
            top_level: self.top_level(row),
            created_at: row.version.created_at.to_string(),
            tag: row.version.annotations.get("workers/tag").cloned().unwrap_or_default(),
        }))
    }

    /// What evaluating a version takes. A blob that cannot be looked at says so when it is read.
    fn top_level(&self, row: &VersionRow) -> TopLevel {
        let is_small = self.blobs.packed_bytes(&row.code).is_ok_and(|bytes| bytes <= LIGHT_BYTES_MAX);
        if is_small && row.version.startup_cpu_ms <= LIGHT_CPU_MS_MAX { TopLevel::Light } else { TopLevel::Heavy }
    }

    /// Whether a version has to be built again before its isolates can start as they should.
    pub(super) fn is_stale(&self, row: &VersionRow) -> Result<Staleness, ControlError> {
        let there = match &row.version.start {
            Start::Snapshot { blob } => self.blobs.contains(blob)?,
            Start::Plain { .. } => true,
        };
        let fresh = there && row.fingerprint == self.config.fingerprint;
        Ok(if fresh { Staleness::Fresh } else { Staleness::Stale })
    }

    /// Bindings as a script gets them, secrets in the clear.
    pub(super) fn named_bindings(
        &self,
        tenant: &TenantId,
        script: &ScriptName,
        kept: &[Kept],
    ) -> Result<Vec<NamedBinding>, ControlError> {
        let open = |binding: &Kept| -> Result<NamedBinding, ControlError> {
            let name = binding.name.clone();
            let binding = match &binding.kind {
                KeptKind::PlainText { text } => Binding::PlainText(text.clone()),
                KeptKind::Json { json } => Binding::Json(json.to_string()),
                KeptKind::SecretText { sealed } => {
                    Binding::Secret(self.secrets.unseal(Place { tenant, script, name: &name }, sealed)?)
                }
                KeptKind::KvNamespace { namespace_id } => Binding::KvNamespace(namespace_id.clone()),
                KeptKind::VersionMetadata => Binding::VersionMetadata,
                KeptKind::Assets => Binding::Assets,
                KeptKind::Service { service, entrypoint, props } => Binding::Service(ServiceTarget {
                    script: service.clone(),
                    entrypoint: entrypoint.clone(),
                    props: props.as_ref().map(ToString::to_string),
                }),
                KeptKind::RateLimit(rate) => Binding::RateLimit(RateLimit {
                    namespace: rate.namespace_id.clone(),
                    limit: rate.simple.limit,
                    period_s: rate.simple.period,
                }),
                KeptKind::WasmModule { part } => Binding::WasmModule(part.clone()),
                KeptKind::TextBlob { part } => Binding::TextBlob(part.clone()),
                KeptKind::DataBlob { part } => Binding::DataBlob(part.clone()),
            };
            Ok(NamedBinding { name, binding })
        };
        kept.iter().map(open).collect()
    }
}

/// Whether a version's start is of this build of Eyot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Staleness {
    /// It starts as its row says.
    Fresh,
    /// Its snapshot is of another build, or lost; or another build found that it has to start plain.
    Stale,
}

/// What an upload's reply and the metrics say of a version that waits for its rebuild.
const REBUILD_REASON: &str = "its snapshot is of another build of eyot and is being rebuilt";

/// Code that is read and compiled in less time than an isolate starts from a snapshot, packed.
const LIGHT_BYTES_MAX: u64 = 64 << 10;

/// CPU time of such a top level when it was built, in a process that had just begun. What was not optimised takes ten times as
/// long.
const LIGHT_CPU_MS_MAX: u32 = if cfg!(debug_assertions) { 50 } else { 5 };
