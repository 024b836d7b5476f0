//! Log output of scripts.

use deno_core::{OpState, op2};

use super::runs;
use crate::isolate::report::LogLevel;

/// Writes a line to the log of run `id` (0: none). Levels are those of Deno's console, and 4 for what nobody caught.
#[op2(fast)]
pub(crate) fn op_eyot_log(state: &mut OpState, #[smi] id: u32, #[smi] level: u32, #[string] message: String) {
    let level = match level {
        0 => LogLevel::Debug,
        1 => LogLevel::Log,
        2 => LogLevel::Warn,
        3 => LogLevel::Error,
        _ => LogLevel::Uncaught,
    };
    let message = message.strip_suffix('\n').map(str::to_owned).unwrap_or(message);
    runs(state).borrow_mut().log(id, level, message);
}
