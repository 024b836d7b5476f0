//! What the admin API has the node do, as the functions it is given.

use std::sync::Arc;

use crate::admin::{Invoke, KeepUsage};
use crate::control::Control;
use crate::dispatch::Dispatcher;
use crate::isolate::Event;
use crate::telemetry::Telemetry;

use super::usage;

/// Runs functions for the admin API.
pub(super) fn invoker(dispatcher: Dispatcher) -> Invoke {
    Arc::new(move |tenant, script, payload| {
        let dispatcher = dispatcher.clone();
        Box::pin(async move { dispatcher.event(&tenant, &script, Event::Invoke { payload }).await })
    })
}

/// Keeps usage when the admin API is asked for it.
pub(super) fn usage_keeper(control: Control, telemetry: Arc<Telemetry>) -> KeepUsage {
    Arc::new(move || {
        let (control, telemetry) = (control.clone(), Arc::clone(&telemetry));
        Box::pin(async move { usage::keep(&control, &telemetry).await })
    })
}
