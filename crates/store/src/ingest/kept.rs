//! Everything that is kept in memory, behind the store's lock.

use crate::aggregates::{Aggregates, MOST_FLAGS, Seconds, SeriesTable};
use crate::ingest::traces::Measured;
use crate::limits::StoreLimits;
use crate::logs::LogChunk;
use crate::metrics::Metrics;
use crate::resources::Resources;
use crate::shelf::{Chunk, Shelf};
use crate::spans::Spans;
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
    /// Keys of the boolean attributes that aggregates count.
    pub(crate) flags: Vec<Symbol>,
    pub(crate) counts: Counts,
    /// What aggregates want of the rows of one message; kept for its room.
    pub(super) measured: Vec<Measured>,
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
}

impl Kept {
    pub(crate) fn new(limits: StoreLimits, flags: impl IntoIterator<Item = String>) -> Self {
        let mut tables = Tables::new(limits.budget_bytes);
        let mut flag = |key: String| tables.symbols.name(key.as_bytes()).ok();
        let flags = flags.into_iter().take(MOST_FLAGS).filter_map(&mut flag).collect();
        Self {
            tables,
            resources: Resources::default(),
            spans: Spans::new(limits.budget_bytes),
            logs: Shelf::new(limits.budget_bytes / 4),
            metrics: Metrics::new(limits.budget_bytes / 4),
            series: SeriesTable::default(),
            seconds: Seconds::new(limits.aggregate_bytes()),
            flags,
            counts: Counts::default(),
            measured: Vec::new(),
        }
    }

    pub(crate) fn aggregates(&mut self) -> Aggregates<'_> {
        Aggregates {
            seconds: &mut self.seconds,
            series: &self.series,
            symbols: &self.tables.symbols,
            flags: &self.flags,
        }
    }

    /// Bytes that rows, aggregates and tables take.
    pub(crate) fn bytes(&self) -> usize {
        self.spans.bytes()
            + self.logs.bytes()
            + self.metrics.bytes()
            + self.seconds.bytes()
            + self.tables.bytes()
            + self.resources.bytes()
    }

    /// Drops the oldest chunk of what takes the most, and counts its rows; `false` if there is none to drop.
    pub(crate) fn evict_oldest(&mut self) -> bool {
        let (spans, logs, points) = (self.spans.bytes(), self.logs.bytes(), self.metrics.points.bytes());
        if spans >= logs && spans >= points {
            if self.spans.shelf.oldest().is_none() {
                self.spans.shelf.seal();
            }
            let left = self.spans.pop();
            self.counts.spans_evicted += left.as_ref().map_or(0, |chunk| chunk.rows() as u64);
            left.is_some()
        } else if logs >= points {
            if self.logs.oldest().is_none() {
                self.logs.seal();
            }
            let left = self.logs.pop();
            self.counts.logs_evicted += left.as_ref().map_or(0, |(_, chunk)| chunk.rows() as u64);
            left.is_some()
        } else {
            if self.metrics.points.oldest().is_none() {
                self.metrics.points.seal();
            }
            let left = self.metrics.points.pop();
            self.counts.points_evicted += left.as_ref().map_or(0, |(_, chunk)| chunk.rows() as u64);
            left.is_some()
        }
    }

    /// The start of the oldest kept span, and the oldest kept second; zero without any.
    pub(crate) fn oldest_unix_ms(&self) -> (u64, u64) {
        let chunks = self.spans.shelf.chunks();
        let span = chunks.iter().filter_map(|(_, chunk)| chunk.started_ns).map(|(first, _)| first).min();
        let second = self.seconds.bounds().map_or(0, |(first, _)| first * 1000);
        (span.unwrap_or(0) / 1_000_000, second)
    }
}
