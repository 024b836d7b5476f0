//! Events: what turns a moment or a call into a run, by the same way as a request.
//!
//! [`Cron`] is an expression, [`Ticks`] decides which minute is due, [`run_schedules`] reads the clock and dispatches. A
//! tick is noted on disk before it fires, so that no restart repeats it: a tick that a crash cuts off is lost. Knows
//! nothing of V8 or HTTP.

mod cron;
mod ticks;

use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::control::{Control, Scheduled, Timestamp};
use crate::dispatch::Dispatcher;
use crate::ids::TenantName;
use crate::isolate::Event;
use crate::limits::Shares;

pub use cron::{Cron, CronError};
pub use ticks::Ticks;

/// Fires cron triggers until `stop` is cancelled, then lets those that run end.
pub async fn run_schedules(control: Control, dispatcher: Dispatcher, stop: CancellationToken) {
    let last = match control.last_tick().await {
        Ok(last) => last,
        Err(error) => return tracing::error!(%error, "failed to read when schedules last fired; none will fire"),
    };
    let mut ticks = Ticks::after(last);
    let room =
        Room { waiting: Shares::new(WAITING_MAX, WAITING_MAX / 8), running: Shares::new(AT_ONCE_MAX, AT_ONCE_MAX / 4) };
    let mut running = JoinSet::new();
    let mut clock = tokio::time::interval(LOOK_EVERY);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = clock.tick() => {}
        }
        while running.try_join_next().is_some() {}
        let Some(minute) = ticks.due(Timestamp::now().millis()) else { continue };
        match control.begin_tick(minute).await {
            Ok(schedules) => fire(&schedules, minute, &dispatcher, &room, &mut running),
            Err(error) => tracing::error!(%error, "failed to note that schedules fire; they are skipped this minute"),
        }
    }
    while running.join_next().await.is_some() {}
}

/// Room for ticks, of which no tenant has all.
struct Room {
    waiting: Shares<TenantName>,
    running: Shares<TenantName>,
}

fn fire(schedules: &[Scheduled], minute: i64, dispatcher: &Dispatcher, room: &Room, running: &mut JoinSet<()>) {
    for schedule in schedules {
        let fires = schedule.cron.parse::<Cron>().is_ok_and(|cron| cron.fires_at(minute));
        if !fires {
            continue;
        }
        let Some(waiting) = room.waiting.try_take(&schedule.tenant, 1) else {
            tracing::warn!(tenant = %schedule.tenant, script = %schedule.script, "a schedule is skipped: too many wait");
            continue;
        };
        let (dispatcher, places, schedule) = (dispatcher.clone(), room.running.clone(), schedule.clone());
        running.spawn(async move {
            let _waiting = waiting;
            let Ok(_place) = places.take(Some(&schedule.tenant), 1).await else { return };
            let event = Event::Scheduled { cron: schedule.cron, scheduled_ms: minute.saturating_mul(60_000) };
            // How it ended is in the metrics, the log and the tail, as for every run.
            let _ = dispatcher.event(&schedule.tenant, &schedule.script, event).await;
        });
    }
}

/// How often the clock is looked at: a tick is at most this late.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Ticks that run at once on this node, a quarter of them one tenant's.
const AT_ONCE_MAX: u32 = 64;

/// Ticks that run or wait, an eighth of them one tenant's; more are skipped, and said to be.
const WAITING_MAX: u32 = 10_000;
