//! Everything that is kept in memory, behind the store's lock.

use detect::Counted;

use crate::aggregates::{Aggregates, MOST_FLAGS, MOST_NUMBERS, Seconds, SeriesTable};
use crate::disk::{Kind, Parts, StoreError};
use crate::ingest::tally::Measured;
use crate::limits::StoreLimits;
use crate::llm::LlmCells;
use crate::logs::LogChunk;
use crate::metrics::{Metrics, PointChunk};
use crate::resources::Resources;
use crate::shelf::Shelf;
use crate::spans::{SpanChunk, Spans};
use crate::symbols::Symbol;
use crate::tables::Tables;

/// Everything that is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) tables: Tables,
    pub(crate) resources: Resources,
    pub(crate) spans: Spans,
    pub(crate) logs: Shelf<LogChunk>,
    pub(crate) metrics: Metrics,
    pub(crate) series: SeriesTable,
    pub(crate) seconds: Seconds,
    pub(crate) llm: LlmCells,
    pub(crate) counted: CountedKeys,
    pub(crate) counts: Counts,
    /// What is on disk.
    pub(crate) parts: Parts,
    /// What went wrong with files and was not told yet.
    pub(crate) troubles: Vec<StoreError>,
    /// What aggregates want of the rows of one message; kept for its room.
    pub(super) measured: Vec<Measured>,
}

/// Keys of the attributes that aggregates count, in the order of their places.
#[derive(Debug, Clone, Default)]
pub(crate) struct CountedKeys {
    /// Boolean ones.
    pub(crate) flags: Vec<Symbol>,
    /// Numeric ones.
    pub(crate) numbers: Vec<Symbol>,
}

/// What is counted on the way in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    pub(crate) spans_received: u64,
    pub(crate) spans_rejected: u64,
    pub(crate) spans_evicted: u64,
    pub(crate) spans_out_of_time: u64,
    pub(crate) spans_in_overflow: u64,
    pub(crate) attributes_dropped: u64,
    pub(crate) logs_received: u64,
    pub(crate) logs_evicted: u64,
    pub(crate) points_received: u64,
    pub(crate) points_rejected: u64,
    pub(crate) points_evicted: u64,
    pub(crate) messages_malformed: u64,
    pub(crate) messages_refused: u64,
    /// Files that could not be written.
    pub(crate) writes_failed: u64,
    /// Files that could not be read.
    pub(crate) parts_damaged: u64,
    /// Searches that did not look at everything on disk, because it took too long.
    pub(crate) searches_cut: u64,
    /// Spans, records and points that were on disk at the start.
    pub(crate) recovered: (u64, u64, u64),
}

impl Kept {
    pub(crate) fn new(limits: StoreLimits, counted: Counted) -> Self {
        let mut tables = Tables::new(limits.budget_bytes);
        let mut symbol = |key: String| tables.symbols.name(key.as_bytes()).ok();
        let counted = CountedKeys {
            flags: counted.flags.into_iter().take(MOST_FLAGS).filter_map(&mut symbol).collect(),
            numbers: counted.numbers.into_iter().take(MOST_NUMBERS).filter_map(&mut symbol).collect(),
        };
        Self {
            tables,
            resources: Resources::default(),
            spans: Spans::new(limits.budget_bytes),
            logs: Shelf::new(limits.budget_bytes / 4),
            metrics: Metrics::new(limits.budget_bytes / 4),
            series: SeriesTable::default(),
            seconds: Seconds::new(limits.aggregate_bytes()),
            llm: LlmCells::default(),
            counted,
            counts: Counts::default(),
            parts: Parts::default(),
            troubles: Vec::new(),
            measured: Vec::new(),
        }
    }

    pub(crate) fn aggregates(&mut self) -> Aggregates<'_> {
        Aggregates {
            seconds: &mut self.seconds,
            series: &self.series,
            symbols: &self.tables.symbols,
            flags: &self.counted.flags,
            numbers: &self.counted.numbers,
        }
    }

    /// Bytes that rows, aggregates and tables take.
    pub(crate) fn bytes(&self) -> usize {
        self.spans.bytes()
            + self.logs.bytes()
            + self.metrics.bytes()
            + self.seconds.bytes()
            + self.llm.bytes()
            + self.tables.bytes()
            + self.resources.bytes()
            + self.parts.bytes_known
    }

    /// The table with rows that takes the most.
    pub(crate) fn largest(&self) -> Option<Kind> {
        let tables = [
            (Kind::Spans, self.spans.bytes(), self.spans.shelf.rows()),
            (Kind::Logs, self.logs.bytes(), self.logs.rows()),
            (Kind::Points, self.metrics.points.bytes(), self.metrics.points.rows()),
        ];
        let with_rows = tables.into_iter().filter(|(_, _, rows)| *rows > 0);
        with_rows.max_by_key(|(_, bytes, _)| *bytes).map(|(kind, ..)| kind)
    }

    /// Drops the oldest chunk of what takes the most, and counts its rows unless a file has them; `false` if there is
    /// none to drop.
    pub(crate) fn evict_oldest(&mut self) -> bool {
        match self.largest() {
            Some(Kind::Spans) => self.leave::<SpanChunk>(),
            Some(Kind::Logs) => self.leave::<LogChunk>(),
            Some(Kind::Points) => self.leave::<PointChunk>(),
            None => return false,
        }
        true
    }

    /// The start of the oldest kept span, and the oldest kept second; zero without any.
    pub(crate) fn oldest_unix_ms(&self) -> (u64, u64) {
        let chunks = self.spans.shelf.chunks();
        let in_memory = chunks.iter().filter_map(|(_, chunk)| chunk.started_ns).map(|(first, _)| first);
        let span = in_memory.chain(self.parts.spans.iter().map(|part| part.bounds_ns.0)).min();
        let second = self.seconds.bounds().map_or(0, |(first, _)| first * 1000);
        (span.unwrap_or(0) / 1_000_000, second)
    }
}
