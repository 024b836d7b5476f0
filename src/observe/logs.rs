//! Logs: what the node writes to stderr about itself.
//!
//! Lines for people or JSON for machines, filtered by `EYOT_LOG` or the configuration. Tenants' console output is not
//! part of this: it goes to tails.

use std::io::{self, IsTerminal as _};
use std::str::FromStr;

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// A line for people, in colour on a terminal.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// Why logs could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter is not one.
    #[error("read log filter {filter:?}")]
    Filter {
        /// What was given.
        filter: String,
        /// What is wrong with it.
        source: tracing_subscriber::filter::ParseError,
    },
    /// The format is not one.
    #[error("read log format {0:?}: expected text or json")]
    Format(String),
    /// Logs were set up before.
    #[error("set up logs twice")]
    Twice,
}

/// Sets up logs for the whole process. `filter` is a level or a list of `target=level`; the environment variable
/// [`FILTER_VARIABLE`] wins over it.
///
/// # Errors
/// When the filter cannot be read, or logs were set up before.
pub fn init(format: LogFormat, filter: &str) -> Result<(), LogError> {
    let from_environment = std::env::var(FILTER_VARIABLE).ok().filter(|text| !text.trim().is_empty());
    let filter = parse_filter(from_environment.as_deref().unwrap_or(filter))?;
    let colour = if io::stderr().is_terminal() { Colour::On } else { Colour::Off };
    tracing::subscriber::set_global_default(subscriber(format, filter, colour, io::stderr)).map_err(|_| LogError::Twice)
}

/// The environment variable that says what is logged.
pub const FILTER_VARIABLE: &str = "EYOT_LOG";

/// What is logged unless somebody says otherwise.
pub const FILTER_DEFAULT: &str = "info";

impl FromStr for LogFormat {
    type Err = LogError;

    fn from_str(text: &str) -> Result<Self, LogError> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(LogError::Format(text.to_owned())),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colour {
    On,
    Off,
}

fn parse_filter(text: &str) -> Result<EnvFilter, LogError> {
    EnvFilter::try_new(text).map_err(|source| LogError::Filter { filter: text.to_owned(), source })
}

fn subscriber<W>(format: LogFormat, filter: EnvFilter, colour: Colour, writer: W) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    match format {
        LogFormat::Text => Box::new(lines.with_ansi(colour == Colour::On).finish()),
        LogFormat::Json => Box::new(lines.json().flatten_event(true).finish()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parking_lot::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, filter: &str) -> String {
        let written = Written::default();
        let make = {
            let written = written.clone();
            move || written.clone()
        };
        let subscriber = subscriber(format, parse_filter(filter).expect("a filter"), Colour::Off, make);
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(tenant = "demo", "said \"hello\"\nand more");
            tracing::debug!("hidden");
        });
        String::from_utf8(written.0.lock().clone()).expect("text")
    }

    /// One event in each format, and one that is filtered out.
    #[test]
    fn each_format_shows_what_passes_the_filter() {
        let text = logged(LogFormat::Text, "info");
        assert!(text.contains(" INFO ") && text.contains("tenant=\"demo\"") && !text.contains("hidden"), "{text}");
        assert!(!text.contains('\u{1b}'), "no colour where nobody sees it");
        let json = logged(LogFormat::Json, "eyot=info");
        assert_eq!(json.lines().count(), 1, "{json}");
        let line: serde_json::Value = serde_json::from_str(&json).expect("json");
        assert_eq!((&line["level"], &line["tenant"]), (&"INFO".into(), &"demo".into()));
        assert_eq!(line["message"], "said \"hello\"\nand more");
        assert_eq!(logged(LogFormat::Text, "error"), "");
    }

    /// Texts that are no filter and no format.
    #[test]
    fn unknown_formats_and_filters_are_refused() {
        assert!(matches!("json".parse(), Ok(LogFormat::Json)));
        assert!(matches!("xml".parse::<LogFormat>(), Err(LogError::Format(text)) if text == "xml"));
        assert!(matches!(parse_filter("eyot=loud"), Err(LogError::Filter { .. })));
    }
}
