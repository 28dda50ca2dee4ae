//! The bounds of the store, and the account of what they cost.

use serde::{Deserialize, Serialize};

/// Attributes kept on one span, log record or resource; more are dropped and counted.
pub(crate) const MOST_ATTRIBUTES: usize = 128;
/// Bytes kept of one string value; the rest is cut off.
pub(crate) const LONGEST_VALUE: usize = 4096;
/// Bytes kept of a name, key or service.
pub(crate) const LONGEST_NAME: usize = 256;
/// Events kept on one span.
pub(crate) const MOST_EVENTS: usize = 64;
/// Combinations of service, operation, kind, `traffic.type` and status that are told apart.
pub(crate) const MOST_SERIES: usize = 4096;
/// Points of metrics that are told apart.
pub(crate) const MOST_METRIC_POINTS: usize = 8192;
/// Seconds of aggregates kept: more than the longest scenario at its slowest.
pub(crate) const MOST_SECONDS: usize = 2 * 3600;
/// How far in the future a span may end, in seconds, before its clock is called wrong.
pub(crate) const MOST_SKEW_S: u64 = 10;

/// How much the store may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreLimits {
    /// All of it together, in bytes: spans five eighths, aggregates a quarter, logs an eighth. A bound on what is
    /// kept, not on the process.
    pub budget_bytes: usize,
}

impl Default for StoreLimits {
    /// 128 MiB: a run of black-friday at speed 10.
    fn default() -> Self {
        Self { budget_bytes: 128 << 20 }
    }
}

impl StoreLimits {
    pub(crate) fn span_bytes(self) -> usize {
        self.budget_bytes / 8 * 5
    }

    pub(crate) fn aggregate_bytes(self) -> usize {
        self.budget_bytes / 4
    }

    pub(crate) fn log_bytes(self) -> usize {
        self.budget_bytes / 8
    }
}

/// What came, what is kept, what had to go. Counts are since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreStats {
    /// Spans that came in valid.
    pub spans_received: u64,
    /// Spans that were not valid: no trace id, no span id, ends before it starts.
    pub spans_rejected: u64,
    /// Spans that are kept now.
    pub spans_kept: u64,
    /// Traces that are kept now, whole or in part.
    pub traces_kept: u64,
    /// Spans that left to keep the budget, the oldest traces first.
    pub spans_evicted: u64,
    /// Traces that left.
    pub traces_evicted: u64,
    /// Spans that no aggregate counts, because they ended too long ago or in the future.
    pub spans_out_of_time: u64,
    /// Spans counted as `other`, because too many services, operations or traffic types came.
    pub spans_in_overflow: u64,
    /// Attributes that were dropped, because there were too many on one span or record.
    pub attributes_dropped: u64,
    /// Log records that came in.
    pub logs_received: u64,
    /// Log records that are kept now.
    pub logs_kept: u64,
    /// Log records that left to keep the budget.
    pub logs_evicted: u64,
    /// Points of metrics that came in.
    pub metric_points_received: u64,
    /// Points that were not kept, because too many different ones came.
    pub metric_points_dropped: u64,
    /// Bytes that are kept now, by the store's own account.
    pub bytes_kept: u64,
    /// The bound on them.
    pub budget_bytes: u64,
    /// The oldest span that is kept ended then; zero without spans.
    pub oldest_span_unix_ms: u64,
    /// The oldest second of aggregates that is kept; zero without any.
    pub oldest_second_unix_ms: u64,
}
