//! The rate limiter binding's one operation.

use std::sync::Arc;
use std::time::{Duration, Instant};

use deno_core::{OpState, op2};
use deno_error::JsErrorBox;

use super::runs;
use crate::deployment::Binding;
use crate::limits::KeyedRates;

/// Counts one call of this key; false when the limit is met.
#[op2(fast)]
pub(crate) fn op_eyot_rate_limit(
    state: &mut OpState,
    #[smi] binding: u32,
    #[string] key: &str,
) -> Result<bool, JsErrorBox> {
    let runs = runs(state);
    let runs = runs.borrow();
    if runs.in_flight.is_empty() {
        return Err(JsErrorBox::generic("Disallowed operation called within global scope: limit()."));
    }
    let bound = runs.deployment.bindings.get(binding as usize).map(|bound| &bound.binding);
    let Some(Binding::RateLimit(rate)) = bound else {
        return Err(JsErrorBox::type_error("Illegal invocation: not a rate limiter."));
    };
    let rates = state.borrow::<Arc<KeyedRates>>();
    let period = Duration::from_secs(u64::from(rate.period_s));
    let counted =
        rates.count(runs.deployment.tenant.as_str(), &rate.namespace, key, rate.limit, period, Instant::now());
    Ok(counted)
}
