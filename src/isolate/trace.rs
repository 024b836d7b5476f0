//! Traces: what a live tail is told of one run. Kept only while somebody watches the script.
//!
//! A trace grows with its run: what it was for, what it logged, what it threw. It is bounded, for itself and for all runs
//! of an isolate; what does not fit is left out, and the trace says so. Headers that carry credentials lose their values
//! here, so that they are never held.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::job::{Event, RunRequest};
use super::outcome::Outcome;
use super::report::{LogLevel, Report};
use super::runs::Runs;
use crate::ids::RayId;

/// What is known of one run when it has ended.
#[derive(Debug, Clone)]
pub struct Trace {
    /// The run.
    pub ray: RayId,
    /// What it was for.
    pub event: TracedEvent,
    /// When it began, in milliseconds since 1970.
    pub began_ms: u64,
    /// What it logged.
    pub lines: Vec<TracedLine>,
    /// What it threw and nobody caught, and what ended it.
    pub exceptions: Vec<TracedException>,
    /// Something did not fit.
    pub is_cut: bool,
    /// Status of its response.
    pub status: Option<u16>,
    /// How it ended.
    pub outcome: Outcome,
    /// CPU time used.
    pub cpu: Duration,
    /// From its beginning to its end.
    pub wall: Duration,
    /// The named entrypoint that was called.
    pub entrypoint: Option<String>,
    bytes: usize,
}

/// What a run was for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TracedEvent {
    /// A request.
    Request {
        /// Its method.
        method: String,
        /// Its absolute URL.
        url: String,
        /// Its headers, those with credentials without their values.
        headers: Vec<(String, String)>,
    },
    /// A method of an entrypoint, called through a service binding.
    Call {
        /// Its name.
        method: String,
    },
    /// A tick of a cron trigger.
    Scheduled {
        /// The expression that fired.
        cron: String,
        /// When it was to fire, in milliseconds since 1970.
        scheduled_ms: i64,
    },
    /// A function's invocation with a payload.
    Invoke,
}

/// One line of a run's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedLine {
    /// `debug`, `info`, `log`, `warn` or `error`.
    pub level: &'static str,
    /// The values that were logged: a list in JSON, or what was meant to be one.
    pub values: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

/// What was thrown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedException {
    /// The error's name.
    pub name: String,
    /// Its message.
    pub message: String,
    /// Its stack, if it has one.
    pub stack: Option<String>,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

/// What the console knows of a line beside its text.
#[derive(Debug)]
pub struct Logged {
    /// The values that were logged: a list in JSON.
    pub values: String,
    /// It came from `console.info`.
    pub is_info: bool,
}

impl TracedEvent {
    fn of(run: &RunRequest) -> Self {
        match &run.event {
            Event::Fetch => {
                if let Some(method) = run.service.as_ref().and_then(|call| call.method.as_deref()) {
                    return Self::Call { method: name_of(method) };
                }
                let header = |(name, value): (&[u8], &[u8])| {
                    let name = String::from_utf8_lossy(name).into_owned();
                    let value = if is_secret(&name) { b"REDACTED" } else { value };
                    (name, String::from_utf8_lossy(value).into_owned())
                };
                let headers = run.fields.iter().map(header).collect();
                Self::Request { method: run.method.to_string(), url: run.url.clone(), headers }
            }
            Event::Scheduled { cron, scheduled_ms } => {
                Self::Scheduled { cron: cron.clone(), scheduled_ms: *scheduled_ms }
            }
            Event::Invoke { .. } => Self::Invoke,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Request { url, headers, .. } => {
                url.len() + headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
            }
            Self::Scheduled { cron, .. } => cron.len(),
            Self::Call { method } => method.len(),
            Self::Invoke => 0,
        }
    }
}

impl Trace {
    fn grow(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

impl Runs {
    /// The trace of a run that begins, when somebody watches.
    pub(super) fn trace(&mut self, run: &RunRequest) -> Option<Box<Trace>> {
        if !self.observer.is_watched(&self.deployment) {
            return None;
        }
        let mut event = TracedEvent::of(run);
        let mut is_cut = false;
        if self.traced_bytes.saturating_add(event.bytes()) > ISOLATE_BYTES_MAX
            && let TracedEvent::Request { headers, .. } = &mut event
        {
            headers.clear();
            is_cut = true;
        }
        let bytes = event.bytes();
        self.traced_bytes = self.traced_bytes.saturating_add(bytes);
        Some(Box::new(Trace {
            ray: run.ray.clone(),
            event,
            began_ms: now_ms(),
            lines: Vec::new(),
            exceptions: Vec::new(),
            is_cut,
            status: None,
            outcome: Outcome::Ok,
            cpu: Duration::ZERO,
            wall: Duration::ZERO,
            entrypoint: run.service.as_ref().and_then(|call| call.entrypoint.clone()),
            bytes,
        }))
    }

    /// Whether a run's log lines go to a trace as well.
    pub(super) fn is_traced(&self, id: u32) -> bool {
        self.in_flight.get(&id).is_some_and(|run| run.trace.is_some())
    }

    /// Adds a line to a run's trace; `None` when the log's own limit has cut it.
    pub(super) fn add_to_trace(&mut self, id: u32, level: LogLevel, text: Option<&str>, logged: Option<Logged>) {
        let Some(trace) = self.in_flight.get_mut(&id).and_then(|run| run.trace.as_mut()) else { return };
        let Some(text) = text else {
            trace.is_cut = true;
            return;
        };
        let bytes = logged.as_ref().map_or(text.len(), |logged| logged.values.len());
        let cost = bytes.saturating_add(LINE_BYTES);
        if trace.bytes.saturating_add(cost) > TRACE_BYTES_MAX || self.traced_bytes + cost > ISOLATE_BYTES_MAX {
            trace.is_cut = true;
            return;
        }
        trace.grow(cost);
        self.traced_bytes += cost;
        let at_ms = now_ms();
        let level = match level {
            LogLevel::Uncaught => return trace.exceptions.push(exception(text, at_ms)),
            LogLevel::Debug => "debug",
            LogLevel::Log if logged.as_ref().is_some_and(|logged| logged.is_info) => "info",
            LogLevel::Log => "log",
            LogLevel::Warn => "warn",
            LogLevel::Error => "error",
        };
        let values = logged.map_or_else(|| serde_json::json!([text]).to_string(), |logged| logged.values);
        trace.lines.push(TracedLine { level, values, at_ms });
    }

    /// Gives a trace to whoever watches; its run has ended.
    pub(super) fn deliver(&mut self, trace: Box<Trace>, report: &Report) {
        self.traced_bytes = self.traced_bytes.saturating_sub(trace.bytes);
        let Report { outcome, cpu, wall, .. } = *report;
        self.observer.traced(&self.deployment, Trace { outcome, cpu, wall, ..*trace });
    }

    /// Drops the trace of a run that is begun again elsewhere.
    pub(super) fn drop_trace(&mut self, trace: &Trace) {
        self.traced_bytes = self.traced_bytes.saturating_sub(trace.bytes);
    }
}

/// Whether a header of this name carries what lets somebody in.
fn is_secret(name: &str) -> bool {
    matches!(name, "cookie" | "set-cookie") || ["auth", "key", "secret", "token"].iter().any(|word| name.contains(word))
}

/// What `js/service.js` calls: a name, or the steps to one.
fn name_of(method: &str) -> String {
    let name = match serde_json::from_str(method) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(serde_json::Value::Array(steps)) => {
            steps.iter().filter_map(|step| step.as_str()).collect::<Vec<_>>().join(".")
        }
        _ => method.to_owned(),
    };
    name.chars().take(NAME_CHARS_MAX).collect()
}

/// Takes apart what the log says of an exception: `Uncaught TypeError: message`, and the stack's lines below.
fn exception(text: &str, at_ms: u64) -> TracedException {
    let text =
        ["Uncaught (in promise) ", "Uncaught "].iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(text);
    let (head, has_stack) = match text.find("\n    at ") {
        Some(at) => (text.get(..at).unwrap_or(text), true),
        None => (text, false),
    };
    let is_name = |name: &str| {
        let plain = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '$';
        name.ends_with("Error") && name.chars().all(plain)
    };
    let (name, message) = match head.split_once(": ") {
        Some((name, message)) if is_name(name) => (name, message),
        _ if is_name(head) => (head, ""),
        _ => ("Error", head),
    };
    let stack = has_stack.then(|| text.to_owned());
    TracedException { name: name.to_owned(), message: message.to_owned(), stack, at_ms }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Bytes of one trace: what Cloudflare keeps of one.
const TRACE_BYTES_MAX: usize = 256 << 10;

/// Bytes of all traces of an isolate.
const ISOLATE_BYTES_MAX: usize = 4 << 20;

/// Characters of a method's name that are shown.
const NAME_CHARS_MAX: usize = 200;

/// What a line costs beside its text.
const LINE_BYTES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines as the log has them.
    #[test]
    fn exceptions_are_taken_apart() {
        for (text, name, message, has_stack) in [
            ("Uncaught Error: no\n    at index.js:1:2", "Error", "no", true),
            ("Uncaught (in promise) TypeError: a: b\nc\n    at x", "TypeError", "a: b\nc", true),
            ("Uncaught RangeError", "RangeError", "", false),
            ("Uncaught just text: here", "Error", "just text: here", false),
            (
                "Terminated: the request used up its CPU time.",
                "Error",
                "Terminated: the request used up its CPU time.",
                false,
            ),
        ] {
            let found = exception(text, 7);
            assert_eq!((found.name.as_str(), found.message.as_str()), (name, message), "{text}");
            assert_eq!(found.stack.is_some(), has_stack, "{text}");
        }
    }

    /// Names that carry credentials, and one that only carries data.
    #[test]
    fn credentials_are_not_shown() {
        for name in ["authorization", "cookie", "x-api-key", "x-amz-security-token", "cf-access-client-secret"] {
            assert!(is_secret(name), "{name}");
        }
        assert!(!is_secret("content-type") && !is_secret("user-agent"));
    }
}
