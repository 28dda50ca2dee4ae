//! What is wrong with a scenario file, where, and what to do about it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One mistake in a scenario file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mistake {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, lowercase, without a full stop.
    pub message: String,
    /// What to write instead.
    pub remedy: String,
}

/// `line:column: message (remedy)`.
impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} ({})", self.line, self.column, self.message, self.remedy)
    }
}

impl std::error::Error for Mistake {}
