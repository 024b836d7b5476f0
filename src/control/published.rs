//! What the data plane reads: for every script of every tenant, the versions that serve.
//!
//! A lookup takes no lock and never waits for a change. The table is cut into shards by tenant; a change copies one
//! shard's map of tenants and the one tenant's map of scripts, so its cost does not grow with the node. Custom
//! hostnames and route patterns are a second table beside it, cut up by host, that leads to the same [`Served`]. Only
//! [`Control`](super::Control) writes here, in the order of its transactions.

use std::hash::{BuildHasher as _, Hash};
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::deployment::Deployment;
use crate::ids::{DeploymentId, NameHasher, NameMap, ScriptName, TenantId, TenantName};
use crate::limits::Limits;
use crate::route::{HostTable, keys_of_host};

/// One script as it serves now. Immutable; a change publishes another one.
#[derive(Debug, Clone)]
pub struct Served {
    /// Whose it is.
    pub tenant: TenantId,
    /// The tenant's limits, before what the script lowers: what admission counts against.
    pub tenant_limits: Arc<Limits>,
    /// Which decision made these versions serve.
    pub deployment: DeploymentId,
    /// One or two versions and their percentages, which sum to 100. The `Arc` stays the same one as long as nothing of
    /// the version changes.
    pub versions: Vec<(u8, Arc<Deployment>)>,
    /// Whether it answers at `{script}.{tenant}.{domain}`.
    pub subdomain_enabled: bool,
}

/// Everything that serves.
#[derive(Debug)]
pub struct Published {
    hasher: NameHasher,
    by_name: Box<[Shard<TenantName, PublishedTenant>]>,
    by_id: Box<[Shard<TenantId, Limits>]>,
    by_host: Box<[Shard<String, HostTable<Arc<RouteTarget>>>]>,
}

/// Where a pattern leads.
#[derive(Debug)]
pub(super) struct RouteTarget {
    pub(super) tenant: TenantId,
    pub(super) tenant_name: TenantName,
    pub(super) script: ScriptName,
}

/// One part of a table; swapped whole.
type Shard<K, V> = ArcSwap<NameMap<K, Arc<V>>>;

/// One tenant's part of the table.
#[derive(Debug, Clone)]
pub(super) struct PublishedTenant {
    pub(super) id: TenantId,
    pub(super) limits: Arc<Limits>,
    pub(super) scripts: NameMap<ScriptName, Arc<Served>>,
}

impl Served {
    /// The version that serves a request which drew this number from 0 to 99.
    #[must_use]
    pub fn version_for(&self, drawn: u8) -> Option<&Arc<Deployment>> {
        let mut below = 0u8;
        let at_drawn = self.versions.iter().find(|(percent, _)| {
            below = below.saturating_add(*percent);
            drawn < below
        });
        at_drawn.or(self.versions.last()).map(|(_, version)| version)
    }
}

impl Published {
    pub(super) fn new() -> Self {
        Self {
            hasher: NameHasher::default(),
            by_name: (0..SHARDS).map(|_| ArcSwap::default()).collect(),
            by_id: (0..SHARDS).map(|_| ArcSwap::default()).collect(),
            by_host: (0..SHARDS).map(|_| ArcSwap::default()).collect(),
        }
    }

    /// The script of this name of this tenant, whether or not its own host name is switched on.
    #[must_use]
    pub fn script(&self, tenant: &TenantName, script: &ScriptName) -> Option<Arc<Served>> {
        self.named(tenant.as_str(), script.as_str())
    }

    /// The same for texts that may be such names.
    #[must_use]
    pub fn named(&self, tenant: &str, script: &str) -> Option<Arc<Served>> {
        let shard = self.by_name[self.shard(tenant)].load();
        shard.get(tenant)?.scripts.get(script).cloned()
    }

    /// Whether requests can still come to exactly this: neither replaced nor deleted.
    #[must_use]
    pub fn serves(&self, deployment: &Arc<Deployment>) -> bool {
        self.script(&deployment.tenant_name, &deployment.script)
            .is_some_and(|served| served.versions.iter().any(|(_, version)| Arc::ptr_eq(version, deployment)))
    }

    /// The script whose pattern takes this path (with its query) of this host: the most specific one.
    #[must_use]
    pub fn routed(&self, host: &str, path: &str) -> Option<Arc<Served>> {
        let target = keys_of_host(host).find_map(|key| {
            let shard = self.by_host[self.shard(key)].load();
            shard.get(key)?.find(path).cloned()
        })?;
        // A name that has gone to another tenant means nothing here.
        self.script(&target.tenant_name, &target.script).filter(|served| served.tenant == target.tenant)
    }

    /// Whether any pattern takes paths of this host.
    #[must_use]
    pub fn has_host(&self, host: &str) -> bool {
        keys_of_host(host).any(|key| self.by_host[self.shard(key)].load().contains_key(key))
    }

    /// Replaces what a key leads to.
    pub(super) fn put_host(&self, key: &str, table: HostTable<Arc<RouteTarget>>) {
        let shard = &self.by_host[self.shard(key)];
        if table.is_empty() && !shard.load().contains_key(key) {
            return;
        }
        change(shard, |map| {
            if table.is_empty() {
                map.remove(key);
            } else {
                map.insert(key.to_owned(), Arc::new(table));
            }
        });
    }

    /// Whether there is a tenant of this name.
    #[must_use]
    pub fn has_tenant(&self, tenant: &TenantName) -> bool {
        self.by_name[self.shard(tenant.as_str())].load().contains_key(tenant)
    }

    /// The limits in force for a tenant, before what its scripts lower.
    #[must_use]
    pub fn limits(&self, tenant: &TenantId) -> Option<Arc<Limits>> {
        self.by_id[self.shard(tenant.as_str())].load().get(tenant).cloned()
    }

    /// How many scripts serve; walks the whole table.
    #[must_use]
    pub fn scripts_count(&self) -> usize {
        let of_shard = |shard: &Shard<TenantName, PublishedTenant>| -> usize {
            shard.load().values().map(|tenant| tenant.scripts.len()).sum()
        };
        self.by_name.iter().map(of_shard).sum()
    }

    /// The part of a tenant, for the writer.
    pub(super) fn tenant(&self, name: &TenantName) -> Option<Arc<PublishedTenant>> {
        self.by_name[self.shard(name.as_str())].load().get(name).cloned()
    }

    /// Replaces the part of a tenant.
    pub(super) fn put_tenant(&self, name: &TenantName, tenant: PublishedTenant) {
        let limits = Arc::clone(&tenant.limits);
        let id = tenant.id.clone();
        let tenant = Arc::new(tenant);
        change(&self.by_name[self.shard(name.as_str())], |map| {
            map.insert(name.clone(), Arc::clone(&tenant));
        });
        change(&self.by_id[self.shard(id.as_str())], |map| {
            map.insert(id.clone(), Arc::clone(&limits));
        });
    }

    /// Takes a tenant's host name out of the table; its id stays until [`Published::forget_tenant`].
    pub(super) fn remove_name(&self, name: &TenantName) {
        change(&self.by_name[self.shard(name.as_str())], |map| {
            map.remove(name);
        });
    }

    /// Takes a tenant's limits out of the table.
    pub(super) fn forget_tenant(&self, id: &TenantId) {
        change(&self.by_id[self.shard(id.as_str())], |map| {
            map.remove(id);
        });
    }

    fn shard(&self, key: &str) -> usize {
        usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or(0)
    }
}

/// Swaps a shard for a changed copy. There is one writer at a time, so nothing is done twice.
fn change<K: Clone + Hash + Eq, V>(shard: &Shard<K, V>, edit: impl FnOnce(&mut NameMap<K, Arc<V>>)) {
    let mut map = NameMap::clone(&shard.load());
    edit(&mut map);
    shard.store(Arc::new(map));
}

/// With 20,000 tenants a shard holds 20: copying one costs microseconds.
const SHARDS: usize = 1_024;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;
    use crate::route::PathPattern;

    fn tenant(scripts: &[&str]) -> PublishedTenant {
        let id = TenantId::generate();
        let served = Arc::new(Served {
            tenant: id.clone(),
            tenant_limits: Arc::default(),
            deployment: DeploymentId::generate(),
            versions: Vec::new(),
            subdomain_enabled: true,
        });
        let scripts = scripts.iter().map(|name| (name.parse().expect("a name"), Arc::clone(&served))).collect();
        PublishedTenant { id, limits: Arc::default(), scripts }
    }

    fn label(at: u32) -> TenantName {
        format!("tenant-{at}").parse().expect("a label")
    }

    /// Reads one script without pause while 5,000 tenants come and go around it.
    #[test]
    fn a_reader_never_misses_a_script_while_others_change() {
        let published = Published::new();
        let (name, script): (TenantName, ScriptName) = (label(0), "hello".parse().expect("a name"));
        let wanted = tenant(&["hello"]);
        let id = wanted.id.clone();
        published.put_tenant(&name, wanted);
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut reads = 0u64;
                while !done.load(Ordering::Acquire) || reads == 0 {
                    assert_eq!(published.script(&name, &script).map(|served| served.tenant.clone()), Some(id.clone()));
                    assert!(published.limits(&id).is_some());
                    reads += 1;
                }
                reads
            });
            for at in 1..=5_000 {
                published.put_tenant(&label(at), tenant(&["hello", "other"]));
                if at % 2 == 0 {
                    let gone = published.tenant(&label(at)).expect("is there").id.clone();
                    published.remove_name(&label(at));
                    published.forget_tenant(&gone);
                }
            }
            done.store(true, Ordering::Release);
            assert!(reader.join().expect("never misses") > 0);
        });
        assert_eq!(published.scripts_count(), 1 + 2 * 2_500);
        assert!(published.script(&label(2), &script).is_none());
        assert!(published.script(&label(3), &script).is_some());
    }

    /// Looks up one path of each of a thousand hosts with a hundred patterns each, and what no pattern takes.
    #[test]
    fn a_path_is_found_among_a_hundred_thousand_patterns() {
        let published = Published::new();
        let wanted = tenant(&["hello"]);
        let id = wanted.id.clone();
        published.put_tenant(&label(0), wanted);
        let target = |owner: &TenantId| {
            let script = "hello".parse().expect("a name");
            Arc::new(RouteTarget { tenant: owner.clone(), tenant_name: label(0), script })
        };
        let pattern = |text: String, owner: &TenantId| (PathPattern::of(&text), target(owner));
        for host in 0..1_000 {
            let paths =
                (0..99).map(|at| pattern(format!("/{at}/*"), &id)).chain([pattern("/gone*".into(), &label_less())]);
            published.put_host(&format!("h{host}.test"), HostTable::new(paths.collect(), Vec::new()));
        }
        published.put_host(".wild.test", HostTable::new(vec![pattern("/*".into(), &id)], Vec::new()));
        let began = std::time::Instant::now();
        for host in 0..1_000 {
            let found = published.routed(&format!("h{host}.test"), "/57/x?y=1").expect("is found");
            assert_eq!(found.tenant, id);
        }
        println!("{} ns a look-up", began.elapsed().as_nanos() / 1_000);
        assert!(published.routed("a.b.wild.test", "/x").is_some() && published.has_host("a.wild.test"));
        for (host, path) in [("h0.test", "/100/x"), ("h1000.test", "/1/x"), ("wild.test", "/"), ("h0.test", "/gone")] {
            assert!(published.routed(host, path).is_none(), "{host}{path}");
        }
        published.put_host("h0.test", HostTable::new(Vec::new(), Vec::new()));
        assert!(published.routed("h0.test", "/57/x").is_none() && !published.has_host("h0.test"));
    }

    /// A tenant that has no name any more.
    fn label_less() -> TenantId {
        TenantId::generate()
    }

    /// Draws every number for several shares.
    #[test]
    fn shares_are_drawn_exactly() {
        let version = |name: &str| {
            Arc::new(Deployment {
                tenant: TenantId::generate(),
                tenant_name: label(0),
                script: name.parse().expect("a name"),
                version: crate::ids::VersionId::generate(),
                limits: Arc::default(),
                bindings: Vec::new(),
                syntax: crate::script::Syntax::Modules,
                code: crate::ids::BlobHash::of(b""),
                assets: None,
                start: crate::deployment::Start::Plain { reason: String::new() },
                top_level: crate::deployment::TopLevel::Heavy,
                created_at: String::new(),
                tag: String::new(),
            })
        };
        for percent in [0u8, 1, 50, 99, 100] {
            let mut served = Served::clone(&tenant(&["hello"]).scripts["hello"]);
            served.versions = vec![(percent, version("first")), (100 - percent, version("second"))];
            let first = (0..100)
                .filter(|drawn| served.version_for(*drawn).is_some_and(|version| version.script.as_str() == "first"));
            assert_eq!(first.count(), usize::from(percent));
        }
    }
}
