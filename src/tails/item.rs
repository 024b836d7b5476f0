//! Items: a run as a tail's reader gets it, in Cloudflare's shape.

use serde_json::{Value, json};

use crate::deployment::Deployment;
use crate::isolate::{Trace, TracedEvent, TracedException, TracedLine};

/// A run as one line of JSON.
pub(super) fn of(deployment: &Deployment, trace: &Trace) -> String {
    let Trace { ray, lines, exceptions, is_cut, outcome, cpu, wall, entrypoint, began_ms, .. } = trace;
    let millis = |time: &std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let mut item = json!({
        "wallTime": millis(wall),
        "cpuTime": millis(cpu),
        "truncated": is_cut,
        "executionModel": "stateless",
        "outcome": outcome.as_str(),
        "scriptName": deployment.script,
        "scriptVersion": { "id": deployment.version },
        "diagnosticsChannelEvents": [],
        "exceptions": exceptions.iter().map(exception).collect::<Vec<_>>(),
        "logs": lines.iter().map(line).collect::<Vec<_>>(),
        "eventTimestamp": began_ms,
        "event": event(trace),
        "eyotRay": ray,
    });
    if let Some(entrypoint) = entrypoint {
        item["entrypoint"] = json!(entrypoint);
    }
    item.to_string()
}

/// What a reader is told that was too slow, in the shape of Cloudflare's own remark.
#[must_use]
pub fn left_out(count: u64, now_ms: u64) -> String {
    let message = format!("This tail is read more slowly than events come: {count} were left out.");
    let item = json!({
        "outcome": "unknown",
        "scriptName": null,
        "exceptions": [],
        "logs": [],
        "eventTimestamp": now_ms,
        "event": { "type": "overload", "message": message },
    });
    item.to_string()
}

fn event(trace: &Trace) -> Value {
    match &trace.event {
        TracedEvent::Request { method, url, headers } => {
            let mut shown = serde_json::Map::new();
            for (name, value) in headers {
                match shown.get_mut(name) {
                    Some(Value::String(there)) => {
                        there.push_str(", ");
                        there.push_str(value);
                    }
                    _ => drop(shown.insert(name.clone(), Value::String(value.clone()))),
                }
            }
            let request = json!({ "url": url, "method": method, "headers": shown, "cf": {} });
            match trace.status {
                Some(status) => json!({ "request": request, "response": { "status": status } }),
                None => json!({ "request": request }),
            }
        }
        TracedEvent::Call { method } => json!({ "rpcMethod": method }),
        TracedEvent::Scheduled { cron, scheduled_ms } => json!({ "cron": cron, "scheduledTime": scheduled_ms }),
        TracedEvent::Invoke => Value::Null,
    }
}

fn line(line: &TracedLine) -> Value {
    json!({ "message": list(&line.values), "level": line.level, "timestamp": line.at_ms })
}

/// The values of a line. What is no list in JSON, or too deep to be read again, is shown as the text it is.
fn list(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(Value::Array(values)) => Value::Array(values),
        _ => json!([text]),
    }
}

fn exception(exception: &TracedException) -> Value {
    let TracedException { name, message, stack, at_ms } = exception;
    match stack {
        Some(stack) => json!({ "name": name, "message": message, "stack": stack, "timestamp": at_ms }),
        None => json!({ "name": name, "message": message, "timestamp": at_ms }),
    }
}
