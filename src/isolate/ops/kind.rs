//! What an object is beneath its prototype: the internal slots that structured cloning goes by.

use deno_core::{op2, v8};

/// The kind of `value`, one of the numbers `js/structured_clone.js` names. No JavaScript runs, not even a proxy's trap.
#[op2(fast)]
pub(crate) fn op_eyot_kind(value: v8::Local<'_, v8::Value>) -> u32 {
    // A proxy first: it answers for its target nowhere below, but is an array or a function to none of our readers.
    if value.is_proxy() {
        return REFUSED;
    }
    KINDS.iter().find(|(is, _)| is(&value)).map_or(ORDINARY, |(_, kind)| *kind)
}

type Is = fn(&v8::Value) -> bool;

/// From the frequent to the rare.
static KINDS: &[(Is, u32)] = &[
    (v8::Value::is_array, 1),
    (v8::Value::is_array_buffer_view, 8),
    (v8::Value::is_array_buffer, 6),
    (v8::Value::is_map, 4),
    (v8::Value::is_set, 5),
    (v8::Value::is_date, 2),
    (v8::Value::is_reg_exp, 3),
    (v8::Value::is_native_error, 9),
    (v8::Value::is_shared_array_buffer, 7),
    (v8::Value::is_boolean_object, 10),
    (v8::Value::is_number_object, 11),
    (v8::Value::is_string_object, 12),
    (v8::Value::is_big_int_object, 13),
    (v8::Value::is_function, REFUSED),
    (v8::Value::is_promise, REFUSED),
    (v8::Value::is_symbol_object, REFUSED),
    (v8::Value::is_weak_map, REFUSED),
    (v8::Value::is_weak_set, REFUSED),
    (v8::Value::is_generator_object, REFUSED),
    (v8::Value::is_map_iterator, REFUSED),
    (v8::Value::is_set_iterator, REFUSED),
    (v8::Value::is_module_namespace_object, REFUSED),
    (v8::Value::is_wasm_module_object, REFUSED),
    (v8::Value::is_wasm_memory_object, REFUSED),
    (v8::Value::is_external, REFUSED),
];

/// No internal slots that anybody knows of.
const ORDINARY: u32 = 0;

/// Slots that cannot be cloned.
const REFUSED: u32 = 15;
