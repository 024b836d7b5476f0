//! The first request of a connection, which a listener that stops still waits for.
//!
//! Closed at once, a connection that was accepted and has asked nothing yet would be dropped without an answer.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Whether it came; clones are of one connection.
#[derive(Debug, Clone, Default)]
pub struct FirstRequest(Arc<Notify>);

impl FirstRequest {
    /// A request came, the first or another one.
    pub fn came(&self) {
        self.0.notify_one();
    }

    /// Resolves when it is time to close the connection: `stop` was cancelled, and a request came or had [`Self::WITHIN`].
    pub async fn come_or_stop(&self, stop: &CancellationToken) {
        stop.cancelled().await;
        let _ = timeout(Self::WITHIN, self.0.notified()).await;
    }

    /// How long it is waited for once a listener stops.
    pub const WITHIN: Duration = Duration::from_secs(3);
}
