//! Answers: how a result gets from our threads to whoever waits for it.

use tokio::sync::oneshot;

use super::error::KvError;

/// Where a job's answer goes; the receiver may have left.
pub(super) type Answer<T> = oneshot::Sender<Result<T, KvError>>;

/// Whether a connection may be lent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Health {
    /// It did what it was asked, or refused it by a rule.
    Good,
    /// SQLite failed in a way that may lie in the connection.
    Doubtful,
}

impl Health {
    /// What this answer says about the connection it came from.
    pub(super) fn of<T>(result: &Result<T, KvError>) -> Self {
        match result {
            Err(KvError::Storage { .. }) => Self::Doubtful,
            _ => Self::Good,
        }
    }

    /// The worse of two.
    pub(super) fn and(self, other: Self) -> Self {
        if other == Self::Doubtful { other } else { self }
    }
}

/// Sends an answer to whoever still waits for it.
pub(super) fn send<T>(done: Answer<T>, result: Result<T, KvError>) -> Health {
    let health = Health::of(&result);
    if let Err(error) = &result
        && health == Health::Doubtful
    {
        tracing::error!(error = error as &dyn std::error::Error, "kv file failed");
    }
    // The caller may have left; nothing is owed to it then.
    let _ = done.send(result);
    health
}
