//! How a command ends badly: one readable line, and an exit status.

use std::fmt;
use std::io;
use std::process::ExitCode;

use super::client::ApiError;
use crate::script::LoadError;

/// Exit status of a command that did not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 1: it failed.
    Failed,
    /// 2: it was used wrongly (what clap finds exits so by itself).
    Usage,
    /// 64: the configuration is bad.
    Configuration,
}

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What to exit with.
    pub exit: Exit,
    /// What to print, without a line end.
    pub message: String,
}

impl Failure {
    /// The command failed (1).
    #[must_use]
    pub fn failed(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, message: message.into() }
    }

    /// The command was used wrongly (2).
    #[must_use]
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into() }
    }

    /// The configuration is bad (64).
    #[must_use]
    pub fn configuration(message: impl Into<String>) -> Self {
        Self { exit: Exit::Configuration, message: message.into() }
    }

    /// Prints a failure and gives the exit code of either.
    pub fn report(result: Result<(), Failure>) -> ExitCode {
        match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                eprintln!("eyot: {failure}");
                failure.exit.into()
            }
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Failed => Self::from(1),
            Exit::Usage => Self::from(2),
            Exit::Configuration => Self::from(64),
        }
    }
}

impl fmt::Display for Failure {
    /// One line, whatever the message holds; control characters do not reach the terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = self.message.split(|c: char| c.is_control()).filter(|part| !part.trim().is_empty());
        f.write_str(words.next().unwrap_or("failed"))?;
        words.try_for_each(|part| write!(f, " {}", part.trim()))
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Config { .. } | LoadError::Unsupported { .. } => Self::configuration(error.to_string()),
            _ => Self::failed(error.to_string()),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::failed(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message with line ends and an escape sequence, as a hostile server could send.
    #[test]
    fn a_failure_is_one_printable_line() {
        let failure = Failure::failed("a\nb\r\n\n  c\u{1b}[31md");
        assert_eq!(failure.to_string(), "a b c [31md");
        assert_eq!(Failure::failed("").to_string(), "failed");
    }
}
