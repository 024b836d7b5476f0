//! Being told when something in some folders is touched.
//!
//! Uses the operating system's watching where it works, and looks regularly besides, because it does not on every file
//! system. Says only that something may have changed; what did is for [`super::changes`] to find.

use std::path::PathBuf;
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// Watches folders, not what is below them.
pub(super) struct Watcher {
    system: Option<RecommendedWatcher>,
    folders: Vec<PathBuf>,
    touches: mpsc::Receiver<()>,
    poll: Interval,
}

impl Watcher {
    /// Watches these folders.
    pub(super) fn new(folders: &[PathBuf]) -> Self {
        // One waiting touch says all there is to say.
        let (sender, touches) = mpsc::channel(1);
        let system = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.map_or(true, |event| !matches!(event.kind, EventKind::Access(_))) {
                // Full means that a touch is waiting already; closed, that nobody looks any more.
                let _ = sender.try_send(());
            }
        });
        let mut watcher = Self { system: system.ok(), folders: Vec::new(), touches, poll: every(POLL_ALONE) };
        watcher.watch(folders);
        watcher
    }

    /// Watches these folders instead of those before.
    pub(super) fn watch(&mut self, folders: &[PathBuf]) {
        let mut works = false;
        if let Some(system) = &mut self.system {
            works = true;
            for folder in self.folders.iter().filter(|folder| !folders.contains(folder)) {
                // It may be gone, which ends the watch as well.
                let _ = system.unwatch(folder);
            }
            for folder in folders.iter().filter(|folder| !self.folders.contains(folder)) {
                works &= system.watch(folder, RecursiveMode::NonRecursive).is_ok();
            }
        }
        self.folders = folders.to_vec();
        self.poll = every(if works { POLL_BESIDE } else { POLL_ALONE });
    }

    /// Waits until something may have changed. Cancel-safe.
    pub(super) async fn touched(&mut self) {
        tokio::select! {
            Some(()) = self.touches.recv() => {}
            _ = self.poll.tick() => {}
        }
    }
}

fn every(period: Duration) -> Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval.reset();
    interval
}

/// How often to look when the system tells us nothing.
const POLL_ALONE: Duration = Duration::from_millis(150);
/// How often to look although the system should tell us.
const POLL_BESIDE: Duration = Duration::from_millis(1_000);
