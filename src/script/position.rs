//! Places in a tenant's source.

use serde::{Deserialize, Serialize};

/// Where in the upload something is wrong; lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Module name.
    pub file: String,
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}
