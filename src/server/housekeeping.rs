//! What a node does beside serving: gives up what is idle, rebuilds what another build of Eyot made.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::admit::Admission;
use crate::control::{Control, ControlError, Published};
use crate::isolate::Pool;
use crate::limits::KeyedRates;
use crate::snapshot::Builder;
use crate::store::Unpacked;

/// Gives up what is idle or replaced, now and then.
pub(super) async fn housekeeping(
    published: Arc<Published>,
    pool: Arc<Pool>,
    admission: Arc<Admission>,
    rates: Arc<KeyedRates>,
    stop: CancellationToken,
) {
    let mut tick = tokio::time::interval(HOUSEKEEPING);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
        }
        let published = Arc::clone(&published);
        let (pool, admission, rates) = (Arc::clone(&pool), Arc::clone(&admission), Arc::clone(&rates));
        let swept = tokio::task::spawn_blocking(move || {
            pool.retire_unserved(|deployment| published.serves(deployment));
            pool.sweep(Instant::now());
            admission.sweep(Instant::now());
            rates.sweep(Instant::now());
        });
        if swept.await.is_err() {
            tracing::error!("failed to look for idle isolates: the sweep panicked");
        }
    }
}

/// Makes the base snapshot once the node has a use for it.
pub(super) async fn make_base(pool: Arc<Pool>, builder: Builder, stop: CancellationToken) {
    let making = async {
        pool.base_wanted().cancelled().await;
        builder.base().await
    };
    tokio::select! {
        () = stop.cancelled() => {}
        made = making => match made {
            Ok(blob) => pool.stand_on(Arc::new(Unpacked::held(blob.into()))),
            Err(error) => tracing::warn!(%error, "failed to make the base snapshot; no isolate is started ahead"),
        }
    }
}

/// Builds the snapshots that another build of Eyot made anew; until then their scripts start plain.
pub(super) async fn rebuild_stale(control: Control, stop: CancellationToken) {
    let rebuilding = async {
        let stale = control.stale().await?;
        if !stale.is_empty() {
            tracing::info!(versions = stale.len(), "rebuilding snapshots of another build");
        }
        for version in stale {
            if let Err(error) = control.rebuild(&version).await {
                tracing::warn!(%error, "failed to rebuild a snapshot; its script starts plain");
            }
        }
        Ok::<(), ControlError>(())
    };
    tokio::select! {
        () = stop.cancelled() => {}
        rebuilt = rebuilding => {
            if let Err(error) = rebuilt {
                tracing::warn!(%error, "failed to look for snapshots of another build");
            }
        }
    }
}

/// How often idle isolates are looked for.
const HOUSEKEEPING: Duration = Duration::from_secs(1);
