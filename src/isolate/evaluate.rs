//! Evaluating a script's top level: the same in the snapshot builder's child and on the plain path.
//!
//! Everything here that lets tenant code run is called inside an armed scope; see [`within_budget`].

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use deno_core::error::{CoreError, CoreErrorKind, JsError};
use deno_core::{JsRuntime, ModuleId, PollEventLoopOptions, v8};

use super::code_from_strings::TopLevel;
use super::loader::{SCHEME, module_name, module_specifier};
use super::node::NodeCompat;
use super::ops::entry_of;
use crate::limits::{Stopper, Watched};
use crate::script::compatibility::{EVAL_AT_START, NODE_TIMERS, is_on};
use crate::script::{Code, Position, Syntax};

/// Why a top level did not evaluate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvaluateError {
    /// The exception, with its stack where it has one.
    pub message: String,
    /// Where it came from.
    pub position: Option<Position>,
}

impl EvaluateError {
    pub(super) fn plain(message: impl Into<String>) -> Self {
        Self { message: message.into(), position: None }
    }
}

/// What a future cost in CPU time, and whether it was ended for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetUse {
    /// CPU time used.
    pub cpu: Duration,
    /// Whether the watchdog fired.
    pub fired: bool,
}

/// Drives a future on this thread, each poll armed with what is left of `budget`.
pub async fn within_budget<F: Future>(
    watched: &Watched,
    stopper: &Arc<dyn Stopper>,
    budget: Duration,
    future: F,
) -> (F::Output, BudgetUse) {
    let mut future = pin!(future);
    let mut used = BudgetUse { cpu: Duration::ZERO, fired: false };
    let output = poll_fn(|cx| {
        let armed = watched.arm(budget.saturating_sub(used.cpu), stopper);
        let polled = future.as_mut().poll(cx);
        let spent = armed.disarm();
        used.cpu += spent.cpu;
        used.fired |= spent.fired;
        polled
    })
    .await;
    (output, used)
}

/// Evaluates the main module and all it imports, then lets our dispatch take its handlers: the whole of what may use code from
/// strings, of a script whose flags say so.
///
/// # Errors
/// [`EvaluateError`] when it does not parse, imports what is not there, throws, or awaits what never settles.
pub async fn evaluate(runtime: &mut JsRuntime, code: &Code) -> Result<(), EvaluateError> {
    let compat = NodeCompat::of(code);
    if compat > NodeCompat::AsyncHooks {
        // As in workerd, where service workers keep the web's.
        let timers = matches!(code.syntax, Syntax::Modules)
            && is_on(NODE_TIMERS, &code.compatibility_date, &code.compatibility_flags);
        let asked = [compat == NodeCompat::Full, compat.populates_env(code), timers];
        let result = call_entry(runtime, "node", |scope| asked.map(|on| v8::Boolean::new(scope, on).into()).to_vec());
        result.map_err(|error| describe_js(&error))?;
    }
    let result = call_entry(runtime, "compatible", |scope| {
        let flags = code.compatibility_flags.join("\n");
        let texts = [code.compatibility_date.as_str(), &flags].map(|text| v8::String::new(scope, text));
        texts.map(|text| text.map_or_else(|| v8::undefined(scope).into(), Into::into)).to_vec()
    });
    result.map_err(|error| describe_js(&error))?;
    let takes_strings = is_on(EVAL_AT_START, &code.compatibility_date, &code.compatibility_flags);
    let _top_level = takes_strings.then(TopLevel::begin);
    match code.syntax {
        Syntax::Modules => {
            let id = evaluate_module(runtime, code).await?;
            let namespace = runtime.get_module_namespace(id).map_err(|error| describe(&error))?;
            adopt(runtime, Some(namespace))
        }
        Syntax::ServiceWorker => {
            let module = code
                .module(&code.main_module)
                .ok_or_else(|| EvaluateError::plain(format!("No such module \"{}\".", code.main_module)))?;
            let source = String::from_utf8(module.source.to_vec())
                .map_err(|_| EvaluateError::plain(format!("module \"{}\" is not UTF-8", module.name)))?;
            let name = format!("{SCHEME}{}", module.name);
            runtime.execute_script(name, source).map_err(|error| describe_js(&error))?;
            adopt(runtime, None)
        }
    }
}

async fn evaluate_module(runtime: &mut JsRuntime, code: &Code) -> Result<ModuleId, EvaluateError> {
    let specifier = module_specifier(&code.main_module).map_err(|error| EvaluateError::plain(error.to_string()))?;
    let id = runtime.load_main_es_module(&specifier).await.map_err(|error| describe(&error))?;
    let mut evaluation = pin!(runtime.mod_evaluate(id));
    let evaluated = poll_fn(|cx| {
        if let Poll::Ready(result) = evaluation.as_mut().poll(cx) {
            return Poll::Ready(result.map_err(|error| describe(&error)));
        }
        match runtime.poll_event_loop(cx, PollEventLoopOptions::default()) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(error)) => Poll::Ready(Err(describe(&error))),
            Poll::Ready(Ok(())) => match evaluation.as_mut().poll(cx) {
                Poll::Ready(result) => Poll::Ready(result.map_err(|error| describe(&error))),
                Poll::Pending => Poll::Ready(Err(EvaluateError::plain(
                    "The top level awaits a promise that nothing can settle: there is no I/O at the top level.",
                ))),
            },
        }
    });
    evaluated.await?;
    Ok(id)
}

/// Hands the main module's namespace to our dispatch, which looks for handlers: getters of the script may run.
fn adopt(runtime: &mut JsRuntime, namespace: Option<v8::Global<v8::Object>>) -> Result<(), EvaluateError> {
    let result = call_entry(runtime, "adopt", |scope| match namespace {
        Some(namespace) => vec![v8::Local::new(scope, namespace).into()],
        None => vec![v8::null(scope).into()],
    });
    result.map_err(|error| describe_js(&error))
}

/// Calls one of our entry points.
///
/// # Errors
/// The exception it threw.
pub fn call_entry(
    runtime: &mut JsRuntime,
    name: &str,
    arguments: impl for<'s> FnOnce(&mut v8::PinScope<'s, '_>) -> Vec<v8::Local<'s, v8::Value>>,
) -> Result<(), Box<JsError>> {
    deno_core::scope!(scope, runtime);
    v8::tc_scope!(let scope, scope);
    let arguments = arguments(scope);
    let called = entry_of(scope).and_then(|entry| {
        let key = v8::String::new(scope, name)?;
        let function = v8::Local::<v8::Function>::try_from(entry.get(scope, key.into())?).ok()?;
        function.call(scope, entry.into(), &arguments)
    });
    match (called, scope.exception()) {
        (None, Some(exception)) => Err(JsError::from_v8_exception(scope, exception)),
        _ => Ok(()),
    }
}

/// The error as a tenant should read it.
pub(super) fn describe(error: &CoreError) -> EvaluateError {
    match error.as_kind() {
        CoreErrorKind::Js(error) => describe_js(error),
        CoreErrorKind::CouldNotExecute { error, .. } => EvaluateError::plain(shown(&error.to_string())),
        _ => EvaluateError::plain(shown(&error.to_string())),
    }
}

pub(super) fn describe_js(error: &JsError) -> EvaluateError {
    let position = error.frames.iter().find_map(|frame| {
        let file = frame.file_name.as_deref()?.strip_prefix(SCHEME)?;
        Some(Position {
            file: module_name(file).into_owned(),
            line: u32::try_from(frame.line_number?).ok()?,
            column: u32::try_from(frame.column_number?).ok()?,
        })
    });
    let text = match &error.stack {
        Some(stack) if !stack.is_empty() => stack,
        _ => &error.exception_message,
    };
    EvaluateError { message: shown(text), position }
}

/// As the tenant knows it: files without our scheme (`at index.js:3:5`), stacks without the frames of our own code.
pub(super) fn shown(text: &str) -> String {
    let is_ours = |line: &&str| {
        let frame = line.trim_start().strip_prefix("at ").unwrap_or_default();
        frame.starts_with("ext:") || frame.starts_with("async ext:") || frame.contains("(ext:")
    };
    let theirs: Vec<&str> = text.split('\n').filter(|line| !is_ours(line)).collect();
    theirs.join("\n").replace(SCHEME, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stack through both kinds of frames, and text that only looks a little like one.
    #[test]
    fn stacks_show_the_tenants_frames_alone() {
        let stack = "TypeError: no\n    at f (script:///src/a.ts:1:2)\n    at async script:///b.js:3:4\n    \
                     at fetchHandler (ext:eyot/dispatch.js:5:6)\n    at async ext:eyot/dispatch.js:7:8";
        assert_eq!(shown(stack), "TypeError: no\n    at f (src/a.ts:1:2)\n    at async b.js:3:4");
        for text in ["", "one\n", "look (ext:here)", "at home"] {
            assert_eq!(shown(text), text);
        }
    }
}
