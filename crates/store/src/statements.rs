//! What databases were asked, as the aggregates have it.

use serde::{Deserialize, Serialize};

/// One statement of one service, over a stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// `service.name` of the resource that asked.
    pub service: String,
    /// `db.system.name`, or its older name `db.system`.
    pub system: String,
    /// `db.query.text` or `db.statement`; the span's name where there is neither.
    pub statement: String,
    /// The span's name.
    pub operation: String,
    /// The attribute `traffic.type`.
    pub traffic_type: Option<String>,
    /// The attribute `db.index_used`: an index, or `NONE`.
    pub index_used: Option<String>,
    /// Calls that ended.
    pub calls: u64,
    /// Those with an error.
    pub errors: u64,
    /// Calls per minute.
    pub rate_per_minute: f64,
    /// Share of errors, 0 to 1.
    pub error_rate: f64,
    /// Median duration, in milliseconds.
    pub p50_ms: f64,
    /// 19 of 20 were faster, in milliseconds.
    pub p95_ms: f64,
    /// 99 of 100 were faster, in milliseconds.
    pub p99_ms: f64,
    /// All durations together, in milliseconds: what the list is ordered by.
    pub total_ms: f64,
    /// Mean of `db.rows_scanned` over the calls that had it.
    pub rows_scanned: Option<f64>,
}
