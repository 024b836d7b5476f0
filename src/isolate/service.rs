//! Service bindings: how a script's call of another script leaves its isolate and what comes back.
//!
//! A call is a run like any other, on the called version's own slot, with its own CPU budget and limits; nothing leaves
//! the process. The isolate knows only this trait: which version answers is decided in dispatch.

use std::cell::OnceCell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::body::Body;
use super::job::RunRequest;
use super::outcome::Outcome;
use crate::deployment::{Deployment, ServiceTarget};

/// Runs what service bindings ask for.
pub trait Services: Send + Sync {
    /// Calls `target` for a run of `from`. Dropping the future abandons the call.
    fn call(&self, from: &Deployment, target: &ServiceTarget, request: RunRequest) -> BoxFuture<'static, CallAnswer>;

    /// Answers from the static assets of `from`.
    fn asset(&self, from: &Deployment, request: RunRequest) -> BoxFuture<'static, CallAnswer>;
}

/// What a call comes back with.
pub type CallAnswer = Result<http::Response<Body>, CallError>;

/// What a run that came through a binding has and one from downstream has not.
#[derive(Debug, Clone)]
pub struct ServiceCall {
    /// Which export is called; the default one when there is no name.
    pub entrypoint: Option<String>,
    /// `ctx.props`, as JSON.
    pub props: Option<String>,
    /// What to call instead of `fetch`: JSON that `js/service.js` writes and `js/entrypoints.js` reads. The request's
    /// body has the arguments then.
    pub method: Option<String>,
    /// Runs that the request from downstream has led to.
    pub invocations: Invocations,
    /// Where the exception goes that the called side throws.
    pub thrown: Arc<OnceLock<Thrown>>,
}

/// An exception on its way to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thrown {
    /// The error's name.
    pub name: String,
    /// Its message.
    pub message: String,
}

/// Why a call has no answer: what the caller's promise is rejected with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallError(pub Thrown);

impl CallError {
    /// The called side threw.
    #[must_use]
    pub fn thrown(thrown: &Thrown) -> Self {
        Self(thrown.clone())
    }

    /// The called script is not there.
    #[must_use]
    pub fn no_such_script(target: &ServiceTarget) -> Self {
        Self::plain(format!("The script \"{}\" that this binding calls does not exist.", target.script))
    }

    /// An assets binding has `fetch` and nothing else.
    #[must_use]
    pub fn no_method() -> Self {
        let message =
            "The RPC receiver does not implement this method: an assets binding has fetch() alone.".to_owned();
        Self(Thrown { name: "TypeError".to_owned(), message })
    }

    /// We failed.
    #[must_use]
    pub fn internal() -> Self {
        Self::plain("internal error".to_owned())
    }

    /// The called run ended otherwise than by an answer.
    #[must_use]
    pub fn ended(outcome: Outcome, thrown: Option<&Thrown>) -> Self {
        if let Some(thrown) = thrown {
            return Self::thrown(thrown);
        }
        Self::plain(match outcome {
            Outcome::ExceededCpu => "Worker exceeded CPU time limit.".to_owned(),
            Outcome::ExceededMemory => "Worker exceeded memory limit.".to_owned(),
            Outcome::ExceededWallTime => "Worker exceeded its wall time limit.".to_owned(),
            Outcome::Overloaded | Outcome::TenantLimited => "Worker is overloaded. Please try again later.".to_owned(),
            Outcome::Exception => "The called Worker threw an exception or can never answer.".to_owned(),
            Outcome::Ok
            | Outcome::ScriptNotFound
            | Outcome::LoopDetected
            | Outcome::Canceled
            | Outcome::InternalError => "internal error".to_owned(),
        })
    }

    fn plain(message: String) -> Self {
        Self(Thrown { name: "Error".to_owned(), message })
    }
}

/// Counts the runs that one request from downstream has led to, itself included.
#[derive(Debug, Clone)]
pub struct Invocations(Arc<AtomicU32>);

impl Default for Invocations {
    fn default() -> Self {
        Self(Arc::new(AtomicU32::new(1)))
    }
}

impl Invocations {
    /// Counts one more, if there may be one more.
    #[must_use]
    pub fn one_more(&self) -> bool {
        let counted = self
            .0
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |count| (count < INVOCATIONS_MAX).then_some(count + 1));
        counted.is_ok()
    }
}

/// The end of a run: its token is cancelled when the run is dropped, however that comes.
#[derive(Debug, Default)]
pub struct Ending(OnceCell<CancellationToken>);

impl Ending {
    /// Cancelled when the run has ended.
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.0.get_or_init(CancellationToken::new).clone()
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.get().inspect(|token| token.cancel());
    }
}

/// Runs that one request from downstream may lead to through service bindings, Cloudflare's limit. Without it, calls
/// that each make calls would multiply within one permit.
pub(super) const INVOCATIONS_MAX: u32 = 32;

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts to the limit on two clones.
    #[test]
    fn the_runs_behind_one_request_are_counted_together() {
        let first = Invocations::default();
        let second = first.clone();
        let counted = (0..100).filter(|at| if at % 2 == 0 { first.one_more() } else { second.one_more() }).count();
        assert_eq!(counted, INVOCATIONS_MAX as usize - 1);
    }
}
