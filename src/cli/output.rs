//! What commands print: a table for people, JSON for machines.

use std::io::{self, Write};

use serde_json::Value;

use super::client::text;
use super::failure::Failure;

/// Prints JSON, as it came.
pub(super) fn json(value: &Value) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::failed(error.to_string()))?;
    line(&text)
}

/// Prints one line.
pub(super) fn line(text: &str) -> Result<(), Failure> {
    bytes(format!("{text}\n").as_bytes())
}

/// Prints bytes as they are.
pub(super) fn bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        // The reader has what it wanted.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}

/// Prints a list, as JSON or as a table of these columns: heading and JSON pointer.
pub(super) fn list(items: &[Value], columns: &[(&str, &str)], form: Form) -> Result<(), Failure> {
    match form {
        Form::Json => json(&Value::Array(items.to_vec())),
        Form::Table => bytes(table(items, columns).as_bytes()),
    }
}

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// For people.
    Table,
    /// For machines.
    Json,
}

impl From<bool> for Form {
    /// From the `--json` flag.
    fn from(json: bool) -> Self {
        if json { Self::Json } else { Self::Table }
    }
}

fn table(items: &[Value], columns: &[(&str, &str)]) -> String {
    let mut rows = vec![columns.iter().map(|(heading, _)| (*heading).to_owned()).collect::<Vec<_>>()];
    for item in items {
        rows.push(columns.iter().map(|(_, pointer)| cell(item.pointer(pointer))).collect());
    }
    let widths: Vec<usize> =
        (0..columns.len()).map(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(&format!("{cell:width$}  "));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn cell(value: Option<&Value>) -> String {
    let plain = match value {
        Some(Value::Array(items)) => items.iter().map(text).collect::<Vec<_>>().join(","),
        Some(value) => text(value),
        None => String::new(),
    };
    let printable: String = plain.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if printable.is_empty() { "-".to_owned() } else { printable }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns line up; lists, absent values and control characters are made printable.
    #[test]
    fn tables_line_up() {
        let items = [
            serde_json::json!({ "a": "long name", "b": { "c": 1 } }),
            serde_json::json!({ "a": "é\u{1b}", "b": { "c": ["x", "y"] } }),
            serde_json::json!({ "a": null }),
        ];
        let text = table(&items, &[("NAME", "/a"), ("C", "/b/c")]);
        assert_eq!(text, "NAME       C\nlong name  1\né          x,y\n-          -\n");
    }
}
