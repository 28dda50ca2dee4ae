//! The store as others see it: one lock around what is written to, never held while anybody waits for I/O or looks
//! through rows.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use detect::{Counted, Query, Sample, SpanFilter, UnixMs};

use crate::aggregates::{Red, RedFilter, Statement, TimelinePoint};
use crate::differences::{self, Criterion, Differences};
use crate::disk::{Disk, Held, Searched};
use crate::ingest::Kept;
use crate::limits::{StoreLimits, StoreStats};
use crate::llm::{Llm, LlmFilter};
use crate::logs::{self, LogChunk, LogCounts, LogSearch};
use crate::map::{self, ServiceMap};
use crate::metrics::{self, MetricSearch, MetricSeries, MetricView, PointChunk};
use crate::spans::SpanChunk;
use crate::sql::{self, SqlAnswer, SqlError, SqlLimits, SqlSchema};

/// What became of one message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Spans, records or points that were taken.
    pub accepted: u64,
    /// Those that were not.
    pub rejected: u64,
}

/// Why a message was not taken. Nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IngestError {
    /// It is no OTLP message of this kind.
    #[error("{0}")]
    Malformed(String),
    /// Memory is full and the disk is behind: the sender should come back.
    #[error("memory is full; send it again in a moment")]
    Full,
}

/// Everything that came in, within bounds. Shared by reference between threads.
#[derive(Debug)]
pub struct Store {
    kept: Arc<Mutex<Kept>>,
    limits: StoreLimits,
    disk: Option<Disk>,
}

impl Store {
    /// An empty store whose aggregates count these attributes too.
    pub fn new(limits: StoreLimits, counted: Counted) -> Self {
        Self::holding(Kept::new(limits, counted), limits)
    }

    pub(crate) fn holding(kept: Kept, limits: StoreLimits) -> Self {
        Self { kept: Arc::new(Mutex::new(kept)), limits, disk: None }
    }

    pub(crate) fn with_disk(self, disk: Disk) -> Self {
        Self { disk: Some(disk), ..self }
    }

    pub(crate) fn disk(&self) -> Option<&Disk> {
        self.disk.as_ref()
    }

    pub(crate) fn limits(&self) -> StoreLimits {
        self.limits
    }

    /// A panic while the lock was held leaves sound, if incomplete, tables: go on with them.
    pub(crate) fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in the spans of an `ExportTraceServiceRequest` in protobuf. Spans without valid identifiers or that end
    /// before they start are rejected.
    ///
    /// # Errors
    /// The message is malformed, or memory is full.
    pub fn ingest_traces(&self, message: &[u8], now: UnixMs) -> Result<Ingested, IngestError> {
        self.ingest(message, |kept| kept.traces(message, now))
    }

    /// Takes in the records of an `ExportLogsServiceRequest` in protobuf.
    ///
    /// # Errors
    /// The message is malformed, or memory is full.
    pub fn ingest_logs(&self, message: &[u8], now: UnixMs) -> Result<Ingested, IngestError> {
        self.ingest(message, |kept| kept.log_records(message, now))
    }

    /// Takes in the points of an `ExportMetricsServiceRequest` in protobuf; those of new series are rejected once too
    /// many are kept.
    ///
    /// # Errors
    /// The message is malformed, or memory is full.
    pub fn ingest_metrics(&self, message: &[u8]) -> Result<Ingested, IngestError> {
        self.ingest(message, |kept| kept.metric_points(message))
    }

    fn ingest(
        &self,
        message: &[u8],
        take: impl FnOnce(&mut Kept) -> Result<Ingested, crate::wire::Malformed>,
    ) -> Result<Ingested, IngestError> {
        let budget = self.limits.budget_bytes;
        /// What columns may grow by beyond a message's own size: a share of the budget.
        const ROOM_TO_GROW: usize = 16;
        let has_disk = self.disk.as_ref().is_some_and(Disk::is_working);
        let mut kept = self.kept();
        if has_disk && kept.bytes() + message.len() > budget - budget / ROOM_TO_GROW && kept.largest().is_some() {
            kept.counts.messages_refused += 1;
            return Err(IngestError::Full);
        }
        let outcome = take(&mut kept);
        if !has_disk {
            while kept.bytes() > budget && kept.evict_oldest() {}
        }
        outcome.map_err(|malformed| {
            kept.counts.messages_malformed += 1;
            IngestError::Malformed(malformed.to_string())
        })
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

    /// What databases were asked, by the time it took altogether, the most first.
    pub fn statements(&self, filter: &RedFilter, now: UnixMs) -> Vec<Statement> {
        self.kept().aggregates().statements(filter, now)
    }

    /// What there is to say about language models over a stretch of time.
    pub fn llm(&self, filter: &LlmFilter, now: UnixMs) -> Llm {
        let kept = self.kept();
        kept.llm.figures(filter, kept.tables.texts(), now)
    }

    /// What differs between bad and healthy spans among those in memory that agree with a filter and ended in a stretch,
    /// first and last Unix millisecond. Its `status` does not count.
    pub fn differences(&self, filter: &SpanFilter, stretch: (u64, u64), criterion: &Criterion) -> Differences {
        let (wanted, chunks, texts, is_on_disk) = {
            let kept = self.kept();
            let Some(wanted) = differences::Wanted::new(filter, stretch, criterion, &kept.tables.symbols) else {
                return Differences::default();
            };
            let is_on_disk = kept.on_disk_only::<SpanChunk>().any(|part| part.is_within(stretch.0, stretch.1));
            (wanted, kept.spans.shelf.chunks(), kept.tables.texts().clone(), is_on_disk)
        };
        let found = wanted.differences(&chunks, &texts);
        Differences { is_sample: found.is_sample || is_on_disk, ..found }
    }

    /// The answers to a detection engine's queries, one list for each.
    pub fn measure(&self, queries: &[Query], now: UnixMs) -> Vec<Vec<Sample>> {
        let mut kept = self.kept();
        let mut aggregates = kept.aggregates();
        queries.iter().map(|query| aggregates.measure(query, now)).collect()
    }

    /// Who calls whom, by the newest spans of a stretch that are in memory: of the filter's `traffic_type`; with a `service`, only who calls
    /// it and whom it calls.
    pub fn map(&self, filter: &RedFilter, now: UnixMs) -> ServiceMap {
        let (wanted, chunks, texts, is_on_disk) = {
            let kept = self.kept();
            let Some(wanted) = map::Wanted::new(filter, &kept.tables.symbols, now) else {
                return ServiceMap::default();
            };
            let (from, to) = filter.seconds(now);
            let is_on_disk = kept.on_disk_only::<SpanChunk>().any(|part| part.is_within(from * 1000, to * 1000));
            (wanted, kept.spans.shelf.chunks(), kept.tables.texts().clone(), is_on_disk)
        };
        let map = wanted.map(&chunks, &texts, now);
        ServiceMap { is_sample: map.is_sample || is_on_disk, ..map }
    }

    /// How many records that fit came when: in `steps` (1 to 500) equal stretches from the search's first moment, or a
    /// minute before its last, to its last, or now. Its `limit` does not count. Counts what is in memory: what has left it
    /// for the disk is too slow to look through for a picture, and `is_cut` says that there is such.
    pub fn log_counts(&self, search: &LogSearch, steps: usize, now: UnixMs) -> Searched<LogCounts> {
        const MOST_STEPS: usize = 500;
        let to_ms = search.to_unix_ms.unwrap_or(now.0);
        let from_ms = search.from_unix_ms.unwrap_or_else(|| to_ms.saturating_sub(60_000));
        let within = LogSearch { from_unix_ms: Some(from_ms), to_unix_ms: Some(to_ms), ..search.clone() };
        let (wanted, chunks, texts, senders, is_cut) = {
            let kept = self.kept();
            let is_cut = kept.on_disk_only::<LogChunk>().any(|part| part.is_within(from_ms, to_ms));
            let Some(wanted) = logs::Wanted::new(&within, &kept.tables.symbols) else {
                return Searched { found: Vec::new(), is_cut };
            };
            (wanted, kept.logs.chunks(), kept.tables.texts().clone(), kept.resources.senders().clone(), is_cut)
        };
        let found = logs::counts(&chunks, &wanted, (from_ms, to_ms), steps.clamp(1, MOST_STEPS), &senders, &texts);
        Searched { found, is_cut }
    }

    /// The latest points of metrics, of one service or name if given.
    pub fn metrics(&self, service: Option<&str>, name: Option<&str>) -> Vec<MetricView> {
        let kept = self.kept();
        metrics::latest(&kept.metrics, service, name, kept.tables.texts())
    }

    /// Metrics over time.
    pub fn metric_series(&self, search: &MetricSearch) -> Vec<MetricSeries> {
        let (chunks, instruments, texts) = {
            let kept = self.kept();
            (kept.metrics.points.chunks(), kept.metrics.instruments.clone(), kept.tables.texts().clone())
        };
        metrics::over_time(&chunks, &instruments, search, &texts)
    }

    /// Answers a question in SQL over the tables `spans`, `logs` and `metrics`. Blocks for as long as `limits` allow.
    ///
    /// # Errors
    /// The question is wrong, changes something, or costs too much.
    pub fn sql(&self, question: &str, limits: SqlLimits) -> Result<SqlAnswer, SqlError> {
        sql::ask(sql::Snapshot::new(&self.kept, question), question, limits)
    }

    /// The answer to a question in SQL as a Parquet file. Blocks for as long as `limits` allow.
    ///
    /// # Errors
    /// The question is wrong, changes something, or costs too much.
    pub fn sql_parquet(&self, question: &str, limits: SqlLimits) -> Result<Vec<u8>, SqlError> {
        sql::to_parquet(&self.sql(question, limits)?)
    }

    /// Tables, columns and functions that questions in SQL can use.
    pub fn sql_schema(&self) -> SqlSchema {
        sql::schema(&sql::Snapshot::new(&self.kept, ""))
    }

    /// What came, what is kept, what had to go.
    pub fn stats(&self) -> StoreStats {
        let kept = self.kept();
        let counts = &kept.counts;
        let (oldest_span_unix_ms, oldest_second_unix_ms) = kept.oldest_unix_ms();
        let (spans_recovered, logs_recovered, metric_points_recovered) = counts.recovered;
        let spans_on_disk = rows_on_disk::<SpanChunk>(&kept);
        StoreStats {
            spans_received: counts.spans_received,
            spans_rejected: counts.spans_rejected,
            spans_kept: kept.spans.shelf.rows() + spans_on_disk,
            spans_on_disk,
            traces_kept: kept.spans.index.traces() as u64,
            spans_evicted: counts.spans_evicted,
            spans_out_of_time: counts.spans_out_of_time,
            spans_in_overflow: counts.spans_in_overflow,
            attributes_dropped: counts.attributes_dropped,
            logs_received: counts.logs_received,
            logs_kept: kept.logs.rows() + rows_on_disk::<LogChunk>(&kept),
            logs_evicted: counts.logs_evicted,
            metric_points_received: counts.points_received,
            metric_points_dropped: counts.points_rejected,
            metric_points_kept: kept.metrics.points.rows() + rows_on_disk::<PointChunk>(&kept),
            metric_points_evicted: counts.points_evicted,
            messages_refused: counts.messages_refused,
            bytes_kept: kept.bytes() as u64,
            budget_bytes: self.limits.budget_bytes as u64,
            disk_bytes: kept.parts.bytes(),
            disk_files: kept.parts.count(),
            spans_recovered,
            logs_recovered,
            metric_points_recovered,
            is_disk_failing: self.disk.as_ref().is_some_and(|disk| !disk.is_working()),
            disk_writes_failed: counts.writes_failed,
            disk_files_damaged: counts.parts_damaged,
            searches_cut: counts.searches_cut,
            oldest_span_unix_ms,
            oldest_second_unix_ms,
        }
    }
}

/// Rows that are on disk and not in memory.
fn rows_on_disk<C: Held>(kept: &Kept) -> u64 {
    kept.on_disk_only::<C>().map(|part| part.rows()).sum()
}
