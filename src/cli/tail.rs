//! `eyot tail`: what a script does, as it does it.
//!
//! Makes a live tail and prints what comes on its socket until it is interrupted or ended. A tail that expires, and one of
//! a node that starts anew, is made again. What scripts log cannot drive the terminal.

use std::io::IsTerminal as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, ValueEnum};
use futures::{SinkExt as _, StreamExt as _};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use url::Url;

use super::client::{Api, text};
use super::failure::Failure;
use super::output;
use super::target::ConnectionArguments;
use crate::control::Timestamp;

/// Flags of `eyot tail`.
#[derive(Debug, Args)]
#[command(
    before_help = "Example:\n  eyot tail hello                             what hello logs, and how its requests end\n  \
                         eyot tail hello --status error --search x   only failed requests that logged x\n  \
                         eyot tail hello --format json | jq .logs    for programs, one line an event"
)]
pub struct TailArguments {
    /// The script
    script: String,
    /// How events are printed [default: pretty on a terminal, json otherwise]
    #[arg(long, value_enum)]
    format: Option<TailFormat>,
    /// Only runs that ended like this; may be repeated
    #[arg(long, value_enum)]
    status: Vec<Status>,
    /// Only requests of this method; may be repeated
    #[arg(long)]
    method: Vec<String>,
    /// Only requests with this header, or with this text in it
    #[arg(long, value_name = "NAME[:TEXT]")]
    header: Option<String>,
    /// Only requests from this address, or from one's own; may be repeated
    #[arg(long, value_name = "ADDRESS|self")]
    ip: Vec<String>,
    /// Only runs that logged this text
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only this share of the runs, from 0 to 1
    #[arg(long, value_name = "SHARE")]
    sampling_rate: Option<f64>,
    /// Only runs of this version
    #[arg(long, value_name = "ID")]
    version_id: Option<String>,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// How events are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TailFormat {
    /// For people.
    Pretty,
    /// For programs.
    Json,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Status {
    /// Well.
    Ok,
    /// Not well.
    Error,
    /// Its client left.
    Canceled,
}

/// Why a tail's socket is read no longer.
enum Left {
    /// The tail was ended: so is this.
    Ended,
    /// The node ends, or the tail has expired: another one may be made.
    Away,
}

/// Runs `eyot tail`.
pub(super) async fn run(arguments: TailArguments) -> Result<(), Failure> {
    let api = arguments.connection.connect()?;
    let account = api.account().await?;
    let path = ["accounts", &account, "workers", "scripts", &arguments.script, "tails"];
    let filters = json!({ "filters": arguments.filters() });
    let format = arguments.format();
    let mut again = false;
    loop {
        let made = match api.call(api.request(Method::POST, &path).json(&filters)).await {
            Ok(reply) => reply.result,
            Err(error) if again => {
                return Err(Failure::failed(format!("tail {} again: {error}", arguments.script)));
            }
            Err(error) => return Err(error.into()),
        };
        let interrupted = tokio::select! {
            left = watch(&api, &made, &arguments.script, format) => match left? {
                Left::Ended => false,
                Left::Away => {
                    eprintln!("eyot: the node closed the tail; making another one");
                    tokio::time::sleep(AGAIN_AFTER).await;
                    again = true;
                    continue;
                }
            },
            _ = tokio::signal::ctrl_c() => true,
        };
        if interrupted {
            let id = text(&made["id"]);
            api.call(api.request(Method::DELETE, &[&path[..], &[&id]].concat())).await?;
        }
        return Ok(());
    }
}

impl TailArguments {
    fn format(&self) -> TailFormat {
        let usual = || if std::io::stdout().is_terminal() { TailFormat::Pretty } else { TailFormat::Json };
        if self.connection.json { TailFormat::Json } else { self.format.unwrap_or_else(usual) }
    }

    /// In the API's shapes.
    fn filters(&self) -> Vec<Value> {
        let mut filters = Vec::new();
        let outcomes: Vec<&str> = self.status.iter().flat_map(|status| status.outcomes()).copied().collect();
        if !outcomes.is_empty() {
            filters.push(json!({ "outcome": outcomes }));
        }
        if !self.method.is_empty() {
            filters.push(json!({ "method": self.method }));
        }
        if let Some(header) = &self.header {
            filters.push(match header.split_once(':') {
                Some((key, query)) => json!({ "header": { "key": key.trim(), "query": query.trim() } }),
                None => json!({ "header": { "key": header.trim() } }),
            });
        }
        if !self.ip.is_empty() {
            filters.push(json!({ "client_ip": self.ip }));
        }
        if let Some(search) = &self.search {
            filters.push(json!({ "query": search }));
        }
        if let Some(rate) = self.sampling_rate {
            filters.push(json!({ "sampling_rate": rate }));
        }
        if let Some(version) = &self.version_id {
            filters.push(json!({ "scriptVersion": version }));
        }
        filters
    }
}

impl Status {
    const fn outcomes(self) -> &'static [&'static str] {
        match self {
            Self::Ok => &["ok"],
            Self::Error => &["exception", "exceededCpu", "exceededMemory", "unknown"],
            Self::Canceled => &["canceled"],
        }
    }
}

/// Prints what comes until the node closes the socket.
async fn watch(api: &Api, made: &Value, script: &str, format: TailFormat) -> Result<Left, Failure> {
    let lost = |what: String| Failure::failed(format!("tail {script}: {what}"));
    let url: Url = text(&made["url"]).parse().map_err(|_| lost("the node gave no address".to_owned()))?;
    let mut key = [0; 16];
    aws_lc_rs::rand::fill(&mut key).map_err(|_| lost("the operating system has no randomness".to_owned()))?;
    let io = api.upgraded(url.path(), PROTOCOL, &STANDARD.encode(key)).await?;
    let mut socket = WebSocketStream::from_raw_socket(io, Role::Client, None).await;
    socket.send(Message::text(r#"{"debug":false}"#)).await.map_err(|error| lost(error.to_string()))?;
    eprintln!("eyot: tailing {script} until {}", text(&made["expires_at"]));
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(item))) => match format {
                TailFormat::Json => output::line(&item)?,
                TailFormat::Pretty => output::line(&pretty(&serde_json::from_str(&item).unwrap_or(Value::Null)))?,
            },
            Some(Ok(Message::Close(Some(frame)))) if frame.code == CloseCode::Normal => return Ok(Left::Ended),
            Some(Ok(Message::Close(Some(frame)))) if frame.code == CloseCode::Away => return Ok(Left::Away),
            Some(Ok(Message::Close(frame))) => {
                let reason = frame.map_or_else(String::new, |frame| frame.reason.to_string());
                return Err(lost(format!("the node closed the connection: {reason}")));
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(lost(error.to_string())),
            None => return Err(lost("the connection ended".to_owned())),
        }
    }
}

/// An event for people: what it was and how it ended, then what it logged and threw.
fn pretty(item: &Value) -> String {
    let event = &item["event"];
    let outcome = text(&item["outcome"]);
    let at = |time: &Value| Timestamp::from_millis(time.as_i64().unwrap_or(0)).to_string();
    let what = if let Some(request) = event.get("request") {
        format!("{} {} - {outcome} @ {}", text(&request["method"]), text(&request["url"]), at(&item["eventTimestamp"]))
    } else if let Some(cron) = event.get("cron") {
        format!("\"{}\" @ {} - {outcome}", text(cron), at(&event["scheduledTime"]))
    } else if let Some(method) = event.get("rpcMethod") {
        format!("{} - {outcome} @ {}", text(method), at(&item["eventTimestamp"]))
    } else if let Some(message) = event.get("message") {
        text(message)
    } else {
        format!("invocation - {outcome} @ {}", at(&item["eventTimestamp"]))
    };
    let list = |key: &str| item[key].as_array().cloned().unwrap_or_default();
    let mut lines = vec![printable(&what)];
    for log in list("logs") {
        let values: Vec<String> = log["message"].as_array().into_iter().flatten().map(value).collect();
        lines.push(printable(&format!("  ({}) {}", text(&log["level"]), values.join(" "))));
    }
    for exception in list("exceptions") {
        let shown = match exception.get("stack") {
            Some(stack) => text(stack),
            None => format!("{}: {}", text(&exception["name"]), text(&exception["message"])),
        };
        lines.push(printable(&format!("  ✘ {shown}")));
    }
    lines.join("\n")
}

fn value(value: &Value) -> String {
    if value.is_null() { "null".to_owned() } else { text(value) }
}

/// The same without what a terminal would obey.
fn printable(text: &str) -> String {
    let plain = |char: char| !char.is_control() || matches!(char, '\n' | '\t');
    text.chars().map(|char| if plain(char) { char } else { '\u{fffd}' }).collect()
}

/// What is spoken on the socket.
const PROTOCOL: &str = "trace-v1";

/// Pause before another tail is made.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    /// Events of each kind; a log line with terminal escapes.
    #[test]
    fn events_are_printed_for_people() {
        let item = json!({
            "outcome": "exception", "eventTimestamp": 0,
            "event": { "request": { "method": "GET", "url": "https://a/\u{1b}[2J" } },
            "logs": [{ "level": "warn", "message": ["a\u{7}", { "b": [1] }, null] }],
            "exceptions": [{ "name": "Error", "message": "no" }, { "stack": "Error: x\n    at y" }],
        });
        assert_eq!(
            pretty(&item),
            "GET https://a/\u{fffd}[2J - exception @ 1970-01-01T00:00:00Z\n  (warn) a\u{fffd} {\"b\":[1]} null\n  \
             ✘ Error: no\n  ✘ Error: x\n    at y"
        );
        let tick = json!({ "outcome": "ok", "event": { "cron": "* * * * *", "scheduledTime": 60_000 } });
        assert_eq!(pretty(&tick), "\"* * * * *\" @ 1970-01-01T00:01:00Z - ok");
        assert_eq!(pretty(&json!({ "event": { "type": "overload", "message": "slow" } })), "slow");
        assert!(pretty(&json!({ "event": null, "outcome": "ok" })).starts_with("invocation - ok"));
    }
}
