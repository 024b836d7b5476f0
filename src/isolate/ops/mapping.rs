//! Mappings: what V8 maps past the counting allocator, counted for as long as `js/mappings.js` keeps the receipt.
//!
//! The process has a bounded number of mappings and a bounded address space, for all tenants together. A mapping counts as
//! what it may reach and [`MAPPING_BYTES`] besides, in an account of its own that is as large as the memory cap.

use std::sync::Arc;

use deno_core::{OpState, op2, v8};
use deno_error::JsErrorBox;

use super::kept::Kept;
use super::runs;
use crate::isolate::gauge::MemoryGauge;

/// The receipt of a mapping, in JavaScript's hands.
pub(crate) type MappingObject = Kept<Option<Mapping>>;

/// Counted until dropped.
pub(crate) struct Mapping {
    gauge: Arc<MemoryGauge>,
    bytes: u64,
}

impl Mapping {
    fn reserve(gauge: &Arc<MemoryGauge>, bytes: u64) -> Option<Self> {
        gauge.reserve_mapping(bytes).then(|| Self { gauge: Arc::clone(gauge), bytes })
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        self.gauge.release_mapping(self.bytes);
    }
}

/// Counts `count` mappings that together may reach `bytes`; collects garbage first when there is no room. Throws a
/// `RangeError` with this message when there is none afterwards.
#[op2]
#[cppgc]
pub(crate) fn op_eyot_map(
    scope: &mut v8::PinScope<'_, '_>,
    state: &mut OpState,
    #[number] bytes: u64,
    #[smi] count: u32,
    #[string] message: &str,
) -> Result<MappingObject, JsErrorBox> {
    let gauge = Arc::clone(&runs(state).borrow().gauge);
    let bytes = u64::from(count).saturating_mul(MAPPING_BYTES).saturating_add(bytes);
    match after_collections(scope, || Mapping::reserve(&gauge, bytes)) {
        Some(mapping) => Ok(Kept::new(Some(mapping))),
        None => Err(JsErrorBox::range_error(message.to_owned())),
    }
}

/// What `attempt` gives, if need be after garbage has been collected for it.
pub(super) fn after_collections<T>(scope: &mut v8::PinScope<'_, '_>, attempt: impl Fn() -> Option<T>) -> Option<T> {
    // The first collection is one, the second as many as V8 finds worth it.
    attempt()
        .or_else(|| {
            scope.memory_pressure_notification(v8::MemoryPressureLevel::Critical);
            scope.memory_pressure_notification(v8::MemoryPressureLevel::None);
            attempt()
        })
        .or_else(|| {
            scope.low_memory_notification();
            attempt()
        })
}

/// Gives one back before the collector comes by.
#[op2(fast)]
pub(crate) fn op_eyot_unmap(#[cppgc] mapping: &MappingObject) -> Result<(), JsErrorBox> {
    mapping.borrow()?.take();
    Ok(())
}

/// What a mapping counts as besides its length. 256 of them fill the default cap: with the 64 slots of the default pool all
/// at it, 32,000 of the 65,530 mappings that Linux gives a process (each takes two, one of them a guard).
const MAPPING_BYTES: u64 = 512 << 10;
