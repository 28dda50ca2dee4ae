//! The store as others see it: one lock around everything that is kept, never held while anybody waits for I/O.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use detect::{Query, Sample, UnixMs};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

use crate::ingest::Kept;
use crate::limits::{StoreLimits, StoreStats};
use crate::logs::{LogSearch, LogView};
use crate::map::ServiceMap;
use crate::metrics::{MetricSearch, MetricSeries, MetricView};
use crate::search::{self, SpanSearch, TraceSummary};
use crate::sql::{SqlAnswer, SqlError, SqlLimits};
use crate::statements::Statement;
use crate::trace_view::TraceView;
use crate::window::{Red, RedFilter, TimelinePoint};

/// What became of one message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Spans, records or points that were taken.
    pub accepted: u64,
    /// Those that were not.
    pub rejected: u64,
}

/// Everything that came in, within bounds. Shared by reference between threads.
#[derive(Debug)]
pub struct Store {
    kept: Mutex<Kept>,
    limits: StoreLimits,
}

impl Store {
    /// An empty store whose aggregates count `flags` (boolean span attributes; the first four).
    pub fn new(limits: StoreLimits, flags: BTreeSet<String>) -> Self {
        Self { kept: Mutex::new(Kept::new(limits, flags)), limits }
    }

    /// A panic while the lock was held leaves sound, if incomplete, tables: go on with them.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in spans, at the cost of the oldest traces. Spans without valid identifiers or that end before they start
    /// are rejected.
    pub fn ingest_traces(&self, request: &ExportTraceServiceRequest, now: UnixMs) -> Ingested {
        self.kept().traces(request, now)
    }

    /// Takes in log records, at the cost of the oldest.
    pub fn ingest_logs(&self, request: &ExportLogsServiceRequest, now: UnixMs) -> Ingested {
        self.kept().log_records(request, now)
    }

    /// Takes in points; those of new metrics are rejected once too many are kept.
    pub fn ingest_metrics(&self, request: &ExportMetricsServiceRequest) -> Ingested {
        self.kept().metric_points(request)
    }

    /// A trace by its 32 hex digits; `None` if it never came, has left, or that is no trace id.
    pub fn trace(&self, trace_id: &str) -> Option<TraceView> {
        let id = (trace_id.len() == 32).then(|| u128::from_str_radix(trace_id, 16).ok()).flatten()?;
        let kept = self.kept();
        let spans = kept.ring.trace(id);
        (!spans.is_empty()).then(|| TraceView::new(id, spans, &kept.tables, &kept.resources))
    }

    /// Traces with a span that fits, the newest first.
    pub fn search(&self, wanted: &SpanSearch) -> Vec<TraceSummary> {
        let kept = self.kept();
        search::search(&kept.ring, &kept.tables, wanted)
    }

    /// Rate, errors and duration per service, operation, kind and `traffic.type`.
    pub fn red(&self, filter: &RedFilter, now: UnixMs) -> Vec<Red> {
        self.kept().aggregates().red(filter, now)
    }

    /// Rate, errors and duration of everything that fits, as one row whose service and operation are empty.
    pub fn red_together(&self, filter: &RedFilter, now: UnixMs) -> Red {
        self.kept().aggregates().red_together(filter, now)
    }

    /// Curves per `traffic.type`, one point every `step_s` seconds in which something ended.
    pub fn timeline(&self, filter: &RedFilter, step_s: u64, now: UnixMs) -> Vec<TimelinePoint> {
        self.kept().aggregates().timeline(filter, step_s, now)
    }

    /// The answers to a detection engine's queries, one list for each.
    pub fn measure(&self, queries: &[Query], now: UnixMs) -> Vec<Vec<Sample>> {
        let kept = self.kept();
        let aggregates = kept.aggregates();
        queries.iter().map(|query| aggregates.measure(query, now)).collect()
    }

    /// Log records that fit, the newest first.
    pub fn logs(&self, wanted: &LogSearch) -> Vec<LogView> {
        let kept = self.kept();
        kept.logs.search(wanted, &kept.tables)
    }

    /// The latest points of metrics, of one service or name if given.
    pub fn metrics(&self, service: Option<&str>, name: Option<&str>) -> Vec<MetricView> {
        let kept = self.kept();
        kept.metrics.list(service, name, &kept.tables)
    }

    /// What databases were asked, by the time it took altogether, the most first.
    pub fn statements(&self, _filter: &RedFilter, _now: UnixMs) -> Vec<Statement> {
        Vec::new()
    }

    /// Who calls whom.
    pub fn map(&self, _filter: &RedFilter, _now: UnixMs) -> ServiceMap {
        ServiceMap::default()
    }

    /// Metrics over time.
    pub fn metric_series(&self, _search: &MetricSearch) -> Vec<MetricSeries> {
        Vec::new()
    }

    /// Answers a question in SQL over the tables `spans`, `logs` and `metrics`. Blocks for as long as `limits` allow.
    ///
    /// # Errors
    /// The question is wrong, changes something, or costs too much.
    pub fn sql(&self, _question: &str, _limits: SqlLimits) -> Result<SqlAnswer, SqlError> {
        Ok(SqlAnswer::default())
    }

    /// What came, what is kept, what had to go.
    pub fn stats(&self) -> StoreStats {
        let kept = self.kept();
        let (oldest_span_unix_ms, oldest_second_unix_ms) = kept.oldest_unix_ms();
        let bytes = kept.ring.bytes() + kept.seconds.bytes() + kept.logs.bytes();
        StoreStats {
            spans_received: kept.counts.spans_received,
            spans_rejected: kept.counts.spans_rejected,
            spans_kept: kept.ring.spans() as u64,
            traces_kept: kept.ring.traces() as u64,
            spans_evicted: kept.ring.evicted_spans,
            traces_evicted: kept.ring.evicted_traces,
            spans_out_of_time: kept.counts.spans_out_of_time,
            spans_in_overflow: kept.counts.spans_in_overflow,
            attributes_dropped: kept.counts.attributes_dropped,
            logs_received: kept.counts.logs_received,
            logs_kept: kept.logs.len() as u64,
            logs_evicted: kept.logs.evicted,
            metric_points_received: kept.metrics.received,
            metric_points_dropped: kept.metrics.dropped,
            bytes_kept: bytes as u64,
            budget_bytes: self.limits.budget_bytes as u64,
            oldest_span_unix_ms,
            oldest_second_unix_ms,
        }
    }
}
