//! Isolates: one V8 heap with its runtime, on a slot's thread, for one version of one script.
//!
//! The pool decides which slot serves a request, the slot starts the isolate and drives it, ops are what JavaScript can
//! call. [`building`] is what the snapshot builder's child uses of it.

mod ahead;
mod arenas;
mod array_buffers;
mod bindings;
mod blank;
mod blobs;
mod body;
mod code_from_strings;
mod connection;
mod drive;
mod egress;
mod endings;
mod engine;
mod evaluate;
mod extension;
mod fatal;
mod fields;
mod gauge;
mod ground;
mod guard;
mod icu_memory;
mod inspect;
mod job;
mod large_mappings;
mod lazy_code;
mod loader;
mod lodging;
mod lost_helpers;
mod meter;
mod native_memory;
mod node;
mod ops;
mod outbox;
mod outcome;
mod pool;
mod pool_policy;
mod probation;
mod quarantine;
mod refused_sizes;
mod report;
mod request_body;
mod reserve;
mod rewriting;
mod run_ids;
mod runs;
mod service;
mod slot;
mod slots;
mod socket;
mod sources;
mod start;
mod started;
mod trace;
mod try_catches;
mod young_buffers;

pub use body::{Body, BodyError, BoxError, RequestBody};
pub use egress::permissions;
pub use engine::init;
pub use fields::Fields;
pub use guard::EndReason;
pub use inspect::{Connect, Inspect, Inspected};
pub use job::{ConnectionFacts, Event, RunRequest};
pub use lodging::Lodging;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use ops::fuzz_key_document;
pub use outcome::{Fault, Outcome};
pub use pool::{Pool, PoolFigures};
pub use pool_policy::Config;
pub use probation::Probation;
pub use quarantine::{HandedOver, Quarantine, Standing};
pub use report::{LogLevel, LogLine, Observer, Report};
pub use runs::{Answer, Failure};
pub use service::{CallAnswer, CallError, Services};
pub use socket::{Connector, SocketIo, SocketOffer};
pub use start::{Host, StartError, Startup};
pub use trace::{Trace, TracedEvent, TracedException, TracedLine};

/// What the snapshot builder and its child share with a serving isolate: anything that differed between them would make
/// snapshots that do not fit.
pub mod building {
    pub use super::bindings::{VersionFacts, describe, may_be_snapshotted};
    pub use super::egress::nothing as egress_of_nothing;
    pub use super::engine::{FLAGS, init as engine_init};
    pub use super::evaluate::{EvaluateError, call_entry, evaluate, within_budget};
    pub use super::extension::{Use, identity};
    pub use super::gauge::MemoryGauge;
    pub use super::guard::{EndReason, Guard, OUT_OF_MEMORY_EXIT};
    pub use super::ops::ScriptCode;
    pub use super::report::{LogLine, Observer, Report};
    pub use super::runs::{Runs, SharedRuns};
    pub use super::start::{
        StartError, Startup, configure, hide_host_objects, options, reveal_host_objects, settle_what_is_anew,
    };
    pub use super::started::Started;
    pub use super::trace::Trace;
}
