//! The bounds of the store, and the account of what they cost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Attributes kept on one span, log record or resource; more are dropped and counted.
pub(crate) const MOST_ATTRIBUTES: usize = 128;
/// Bytes kept of one string value; the rest is cut off.
pub(crate) const LONGEST_VALUE: usize = 4096;
/// The longest value that is worth a number in the table: a statement's text.
pub(crate) const LONGEST_SHARED: usize = 1024;
/// Values of one key that are worth a number; those that come later are kept in place.
pub(crate) const MOST_VALUES_OF_A_KEY: u16 = 2048;
/// Names and frequent values together, in bytes: ordinary systems have hundreds of names and some ten thousand values.
pub(crate) const SYMBOL_BYTES: usize = 16 << 20;
/// Rows of a chunk, at which it is sealed.
pub(crate) const CHUNK_ROWS: usize = 1 << 16;
/// Bytes kept of a name, key or service.
pub(crate) const LONGEST_NAME: usize = 256;
/// Events kept on one span.
pub(crate) const MOST_EVENTS: usize = 64;
/// Combinations of service, operation, kind, `traffic.type` and status that are told apart.
pub(crate) const MOST_SERIES: usize = 4096;
/// Resources that are told apart.
pub(crate) const MOST_RESOURCES: usize = 10_000;
/// Attributes of all resources together, in bytes: those of some thousand ordinary ones are a tenth of it.
pub(crate) const MOST_RESOURCE_BYTES: usize = 16 << 20;
/// Spans of one trace that are given out together.
pub(crate) const MOST_SPANS_OF_A_TRACE: usize = 20_000;
/// Series of metrics that are told apart: combinations of resource, metric and attributes.
pub(crate) const MOST_METRIC_SERIES: usize = 20_000;
/// Attributes of all series of metrics together, in bytes.
pub(crate) const MOST_METRIC_SERIES_BYTES: usize = 16 << 20;
/// Bytes of a chunk, at which it is sealed however few its rows: places in it are numbers of 32 bits.
pub(crate) const CHUNK_BYTES: usize = 64 << 20;
/// The largest message: what it becomes fits in a chunk that was about to be sealed.
pub(crate) const LARGEST_MESSAGE: usize = 256 << 20;
/// Seconds of aggregates kept: more than the longest scenario at its slowest.
pub(crate) const MOST_SECONDS: usize = 2 * 3600;
/// How far in the future a span may end, in seconds, before its clock is called wrong.
pub(crate) const MOST_SKEW_S: u64 = 10;

/// How much the store may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreLimits {
    /// Rows, aggregates and tables in memory together, in bytes. A bound on what is kept, not on the process.
    pub budget_bytes: usize,
}

/// How much may lie on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskLimits {
    /// Bytes of all files together; the oldest are removed first.
    pub bytes: u64,
    /// Files whose newest row is older are removed.
    pub age: std::time::Duration,
}

impl Default for StoreLimits {
    /// 512 MiB: some three million spans.
    fn default() -> Self {
        Self { budget_bytes: 512 << 20 }
    }
}

impl StoreLimits {
    /// What aggregates may take of the budget.
    pub(crate) fn aggregate_bytes(self) -> usize {
        self.budget_bytes / 4
    }
}

/// What came, what is kept, what had to go. Counts are since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StoreStats {
    /// Spans that came in valid.
    pub spans_received: u64,
    /// Spans that were not valid: no trace id, no span id, ends before it starts.
    pub spans_rejected: u64,
    /// Spans that are kept now, in memory and on disk.
    pub spans_kept: u64,
    /// Those of them that are on disk only.
    pub spans_on_disk: u64,
    /// Traces that are in memory now, whole or in part.
    pub traces_kept: u64,
    /// Spans that left to keep the bounds, the oldest first.
    pub spans_evicted: u64,
    /// Spans that no aggregate counts, because they ended too long ago or in the future.
    pub spans_out_of_time: u64,
    /// Spans counted as `other`, because too many services, operations or traffic types came.
    pub spans_in_overflow: u64,
    /// Attributes that were dropped, because there were too many on one span or record.
    pub attributes_dropped: u64,
    /// Log records that came in.
    pub logs_received: u64,
    /// Log records that are kept now, in memory and on disk.
    pub logs_kept: u64,
    /// Log records that left to keep the bounds.
    pub logs_evicted: u64,
    /// Points of metrics that came in.
    pub metric_points_received: u64,
    /// Points that were not kept, because too many different series came.
    pub metric_points_dropped: u64,
    /// Points that are kept now, in memory and on disk.
    pub metric_points_kept: u64,
    /// Points that left to keep the bounds.
    pub metric_points_evicted: u64,
    /// Messages that were turned away because memory was full; their senders try again.
    pub messages_refused: u64,
    /// Bytes that are kept in memory now, by the store's own account.
    pub bytes_kept: u64,
    /// The bound on them.
    pub budget_bytes: u64,
    /// Bytes that are kept on disk now.
    pub disk_bytes: u64,
    /// Files that are kept on disk now.
    pub disk_files: u64,
    /// Spans that an earlier process left on disk, found when this one started.
    pub spans_recovered: u64,
    /// Log records that an earlier process left on disk.
    pub logs_recovered: u64,
    /// Points that an earlier process left on disk.
    pub metric_points_recovered: u64,
    /// Whether the disk can't be written to: what has no room in memory is evicted meanwhile.
    pub is_disk_failing: bool,
    /// Times that a file could not be written.
    pub disk_writes_failed: u64,
    /// Files that could not be read and were set aside; their rows count as evicted.
    pub disk_files_damaged: u64,
    /// Searches that did not look at everything on disk, because it took too long.
    pub searches_cut: u64,
    /// The oldest span that is kept started then; zero without spans.
    pub oldest_span_unix_ms: u64,
    /// The oldest second of aggregates that is kept; zero without any.
    pub oldest_second_unix_ms: u64,
}
