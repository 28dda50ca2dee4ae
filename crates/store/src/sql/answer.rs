//! What a question may cost, and what comes of it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How much one question may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlLimits {
    /// It is interrupted after this.
    pub time: Duration,
    /// Rows that are given back; more are cut off, and that is said.
    pub rows: usize,
    /// What questions that are asked at the same time may take together for sorting, grouping and answers, in bytes: the
    /// one that goes beyond it ends.
    pub memory_bytes: u64,
}

impl Default for SqlLimits {
    /// Ten seconds, 10,000 rows, 256 MiB.
    fn default() -> Self {
        Self { time: Duration::from_secs(10), rows: 10_000, memory_bytes: 256 << 20 }
    }
}

/// The answer to a question.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SqlAnswer {
    /// Names, in order.
    pub columns: Vec<String>,
    /// A value for each column: null, number or text. What JSON has no number for (infinity) is null; bytes are in hex.
    pub rows: Vec<Vec<Value>>,
    /// Whether rows were cut off.
    pub is_cut: bool,
    /// How long it took, in milliseconds.
    pub took_ms: f64,
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// The question is wrong; in SQLite's words, with a remedy where one is known.
    #[error("{0}")]
    Mistake(String),
    /// It is not a question: only `SELECT` is taken.
    #[error("only SELECT is taken: {0}")]
    ReadOnly(String),
    /// It took too long.
    #[error(
        "interrupted after {:.0} s: narrow it, for instance with `WHERE start_unix_ms > ...`", .0.as_secs_f64().ceil()
    )]
    TooLong(Duration),
    /// It took too much memory.
    #[error("more than {} MiB were needed: sort or group less", .0 >> 20)]
    TooMuch(u64),
}
