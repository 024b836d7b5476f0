//! What an isolate tells of itself so that it can be inspected. Only `eyot dev --inspect` listens.

use std::sync::Arc;

use deno_core::InspectorSessionProxy;

use crate::deployment::Deployment;

/// Learns of isolates that can be inspected.
pub trait Inspect: Send + Sync {
    /// An isolate has started; it is there as long as what is returned is kept.
    fn appeared(&self, deployment: &Deployment, connect: Connect) -> Box<dyn Inspected>;
}

/// An isolate on somebody's list; off it when dropped.
pub trait Inspected {}

/// Connects a debugger to an isolate.
pub type Connect = Arc<dyn Fn(InspectorSessionProxy) + Send + Sync>;
