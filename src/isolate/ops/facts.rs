//! What a script can be told of itself: the facts that other platforms' function forms pass on, its compatibility flags.

use std::collections::BTreeMap;

use deno_core::{OpState, op2};
use serde::Serialize;

use super::runs;
use crate::script::compatibility;

/// The script, its limits, and the run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Facts {
    tenant: String,
    script: String,
    version: String,
    memory_mib: u64,
    wall_ms: u32,
    ray: String,
}

/// The facts of run `id`; its ray is empty when it is over.
#[op2]
#[serde]
pub(crate) fn op_eyot_facts(state: &mut OpState, #[smi] id: u32) -> Facts {
    let runs = runs(state);
    let runs = runs.borrow();
    let deployment = &runs.deployment;
    Facts {
        tenant: deployment.tenant_name.to_string(),
        script: deployment.script.to_string(),
        version: deployment.version.to_string(),
        memory_mib: deployment.limits.memory_bytes_max >> 20,
        wall_ms: deployment.limits.wall_ms,
        ray: runs.in_flight.get(&id).map(|run| run.ray.to_string()).unwrap_or_default(),
    }
}

/// Every compatibility flag, and whether a script with this date and these flags, a line each, has it.
#[op2]
#[serde]
pub(crate) fn op_eyot_compatibility(#[string] date: &str, #[string] flags: &str) -> BTreeMap<&'static str, bool> {
    let flags: Vec<String> = flags.lines().map(str::to_owned).collect();
    compatibility::all(date, &flags).collect()
}
