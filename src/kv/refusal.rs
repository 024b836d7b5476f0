//! Refusals: what a caller of KV is told when a request breaks a rule.
//!
//! One refusal serves both faces: the REST API answers with its status and message, the binding throws
//! [`Refusal::thrown`]. Decides nothing; [`super::rules`] does.

use std::fmt;

/// Why a KV request is refused, in the words of Workers KV.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// HTTP status of the REST API's answer, and part of the text the binding throws.
    pub status: u16,
    /// What the caller is told.
    pub message: String,
    /// How the binding throws it.
    pub throws: Throws,
}

/// How the binding throws a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Throws {
    /// A `TypeError` with the message alone: the argument was wrong before any request was made.
    TypeError,
    /// An `Error` that reads `KV <method> failed: <status> <message>`.
    Failure,
}

/// The method names that appear in the binding's error texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `get`, `getWithMetadata` and `list`, which is a GET too.
    Get,
    /// `get` and `getWithMetadata` of several keys.
    GetBulk,
    /// `put`.
    Put,
    /// `delete`.
    Delete,
}

impl Refusal {
    /// A refusal that the binding throws as `KV <method> failed: …`.
    #[must_use]
    pub fn failure(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), throws: Throws::Failure }
    }

    /// A refusal that the binding throws as a `TypeError`; the REST API answers it with 400.
    #[must_use]
    pub fn type_error(message: impl Into<String>) -> Self {
        Self { status: 400, message: message.into(), throws: Throws::TypeError }
    }

    /// The text of the exception the binding throws for it.
    #[must_use]
    pub fn thrown(&self, method: Method) -> String {
        match self.throws {
            Throws::TypeError => self.message.clone(),
            Throws::Failure => format!("KV {method} failed: {} {}", self.status, self.message),
        }
    }
}

impl Throws {
    /// The JavaScript class of the exception.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::TypeError => "TypeError",
            Self::Failure => "Error",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::GetBulk => "GET_BULK",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Formats both kinds for each method.
    #[test]
    fn thrown_texts_are_those_of_workers() {
        let long = Refusal::failure(414, "UTF-8 encoded length of 513 exceeds key length limit of 512.");
        let text = "414 UTF-8 encoded length of 513 exceeds key length limit of 512.";
        for (method, name) in
            [(Method::Get, "GET"), (Method::GetBulk, "GET_BULK"), (Method::Put, "PUT"), (Method::Delete, "DELETE")]
        {
            assert_eq!(long.thrown(method), format!("KV {name} failed: {text}"));
        }
        assert_eq!(long.throws.class(), "Error");
        let empty = Refusal::type_error("Key name cannot be empty.");
        assert_eq!(empty.thrown(Method::Put), "Key name cannot be empty.");
        assert_eq!((empty.throws.class(), empty.status), ("TypeError", 400));
    }
}
