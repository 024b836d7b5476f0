//! Calls through service bindings: from one script of a tenant to another, within the process.
//!
//! The called script is looked up among its caller's own tenant and nowhere else, and serves the call as it would serve a
//! request: the version the ray draws, its own limits, its own slot. No permit is taken: the caller holds one for as long
//! as it runs, and how many calls stand behind one permit is bounded by [`crate::isolate::Services`]' callers.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Instant;

use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};

use super::{Ended, HOPS_MAX, choose_version, run};
use crate::assets::{Asked, AssetServer};
use crate::control::Published;
use crate::deployment::{Deployment, ServiceTarget};
use crate::isolate::{CallAnswer, CallError, Outcome, Pool, RunRequest, Services};
use crate::respond;
use crate::telemetry::Telemetry;

/// Finds and runs what service bindings call.
pub struct ScriptCalls {
    published: Arc<Published>,
    telemetry: Arc<Telemetry>,
    assets: Arc<AssetServer>,
    /// Set once the pool is there, which itself hands this to its isolates.
    pool: OnceLock<Weak<Pool>>,
}

impl ScriptCalls {
    /// Calls scripts of `published`, once there is a pool.
    #[must_use]
    pub fn new(published: Arc<Published>, telemetry: Arc<Telemetry>, assets: Arc<AssetServer>) -> Self {
        Self { published, telemetry, assets, pool: OnceLock::new() }
    }

    /// The pool that calls run on; only the first counts.
    pub fn run_on(&self, pool: &Arc<Pool>) {
        let _ = self.pool.set(Arc::downgrade(pool));
    }

    fn version(&self, from: &Deployment, target: &ServiceTarget, request: &RunRequest) -> Option<Arc<Deployment>> {
        let served = self.published.script(&from.tenant_name, &target.script)?;
        // A label can pass from one tenant to another; a binding cannot.
        if served.tenant != from.tenant {
            return None;
        }
        choose_version(&served, &request.ray).cloned()
    }
}

impl Services for ScriptCalls {
    fn call(&self, from: &Deployment, target: &ServiceTarget, request: RunRequest) -> BoxFuture<'static, CallAnswer> {
        let version = self.version(from, target, &request);
        let (Some(version), Some(pool)) = (version, self.pool.get().and_then(Weak::upgrade)) else {
            return ready(Err(CallError::no_such_script(target))).boxed();
        };
        let (telemetry, began) = (Arc::clone(&self.telemetry), Instant::now());
        if request.hops >= HOPS_MAX {
            telemetry.unserved(&version, Outcome::LoopDetected, began.elapsed());
            return ready(Ok(respond::failed_within(Outcome::LoopDetected, &request.ray))).boxed();
        }
        let thrown = request.service.as_ref().map(|call| Arc::clone(&call.thrown));
        async move {
            run(&pool, &version, Box::new(request), Instant::now()).await.map_err(|Ended { outcome, counted }| {
                if !counted {
                    telemetry.unserved(&version, outcome, began.elapsed());
                }
                CallError::ended(outcome, thrown.as_ref().and_then(|thrown| thrown.get()))
            })
        }
        .boxed()
    }

    fn asset(&self, from: &Deployment, request: RunRequest) -> BoxFuture<'static, CallAnswer> {
        let (assets, tenant, manifest) = (Arc::clone(&self.assets), from.tenant.clone(), from.assets.clone());
        async move {
            let is_method = request.service.as_ref().is_some_and(|call| call.method.is_some());
            let (Some(manifest), false) = (manifest, is_method) else {
                return Err(CallError::no_method());
            };
            let Ok(url) = request.url.parse::<http::Uri>() else { return Err(CallError::internal()) };
            let headers = request.fields.to_headers();
            let asked = Asked { method: &request.method, path: url.path(), query: url.query(), headers: &headers };
            assets.fetch(&tenant, &manifest, asked).await.map_err(|error| {
                tracing::error!(%tenant, %error, "failed to serve an asset");
                CallError::internal()
            })
        }
        .boxed()
    }
}
