//! Bringing what scripts have used from memory to disk.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::control::Control;
use crate::telemetry::Telemetry;

/// Adds what was used since the last time to the sums on disk. When that fails it is added the next time.
pub(super) async fn keep(control: &Control, telemetry: &Telemetry) {
    let taken = telemetry.usage().take();
    if let Err(error) = control.add_usage(taken.clone()).await {
        tracing::warn!(%error, "failed to keep usage; it is kept in memory");
        for (tenant, script, used) in taken {
            telemetry.usage().add(&tenant, &script, used);
        }
    }
}

/// Does it every few seconds until `stop` is cancelled.
pub(super) async fn keep_on(control: Control, telemetry: Arc<Telemetry>, stop: CancellationToken) {
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => keep(&control, &telemetry).await,
        }
    }
}

/// What a crash can lose of the sums.
const EVERY: Duration = Duration::from_secs(2);
