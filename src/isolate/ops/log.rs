//! Log output of scripts.

use deno_core::{OpState, op2};

use super::runs;
use crate::isolate::report::LogLevel;
use crate::isolate::trace::Logged;

/// Writes a line to the log of run `id` (0: none). Levels are those of Deno's console, and 4 for what nobody caught.
#[op2(fast)]
pub(crate) fn op_eyot_log(state: &mut OpState, #[smi] id: u32, #[smi] level: u32, #[string] message: String) {
    runs(state).borrow_mut().log(id, level_of(level), without_line_feed(message));
}

/// Whether somebody watches run `id` live, and wants to see the values that are logged.
#[op2(fast)]
pub(crate) fn op_eyot_log_is_watched(state: &mut OpState, #[smi] id: u32) -> bool {
    runs(state).borrow().is_traced(id)
}

/// The same as [`op_eyot_log`], with the values that were logged as a list in JSON.
#[op2(fast)]
pub(crate) fn op_eyot_log_values(
    state: &mut OpState,
    #[smi] id: u32,
    #[smi] level: u32,
    is_info: bool,
    #[string] message: String,
    #[string] values: String,
) {
    let logged = Logged { values, is_info };
    runs(state).borrow_mut().log_values(id, level_of(level), without_line_feed(message), Some(logged));
}

fn level_of(level: u32) -> LogLevel {
    match level {
        0 => LogLevel::Debug,
        1 => LogLevel::Log,
        2 => LogLevel::Warn,
        3 => LogLevel::Error,
        _ => LogLevel::Uncaught,
    }
}

fn without_line_feed(message: String) -> String {
    message.strip_suffix('\n').map(str::to_owned).unwrap_or(message)
}
