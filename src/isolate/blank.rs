//! Blank isolates: all of ours and nothing of a tenant's, started from the base snapshot before anybody asks.
//!
//! The first version that is given one keeps it, so that an isolate serves one tenant only, ever. Until then no code of a
//! tenant has run in it.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use super::extension::Use;
use super::gauge::MemoryGauge;
use super::loader::CodeSource;
use super::start::{StartError, hide_host_objects, options, settle_what_is_anew};
use super::started::Started;
use crate::limits::Limits;
use crate::store::Unpacked;

/// An isolate that waits for a version.
pub(super) struct Blank {
    started: Started,
    code: Rc<OnceCell<CodeSource>>,
}

impl Blank {
    /// Starts one on the calling thread; `gauge` says how much memory it may hold.
    ///
    /// # Errors
    /// [`StartError`] when the snapshot does not load.
    pub(super) fn start(base: Arc<Unpacked>, gauge: &Arc<MemoryGauge>) -> Result<Self, StartError> {
        let code: Rc<OnceCell<CodeSource>> = Rc::default();
        let late = Rc::clone(&code);
        let source: CodeSource = Rc::new(move || late.get().map_or_else(|| Err(NO_VERSION.to_owned()), |code| code()));
        let limits = Limits { memory_bytes_max: gauge.cap_bytes(), ..Limits::default() };
        let options = options(Use::ServingFromBase, &limits, gauge, source);
        let mut started = Started::new(options, Some(base), Arc::clone(gauge)).map_err(StartError::platform)?;
        hide_host_objects(started.runtime());
        settle_what_is_anew(started.runtime())?;
        started.measure();
        Ok(Self { started, code })
    }

    /// Gives it to the version whose code this is.
    pub(super) fn given_to(self, code: CodeSource) -> Started {
        // Set once: this is the only place, and it takes the blank isolate.
        let _ = self.code.set(code);
        self.started
    }
}

const NO_VERSION: &str = "the isolate was given to no version yet";
