//! Aggregates, one cell per second and combination, updated as spans come in, by the second in which they ended.

use std::collections::{HashMap, VecDeque};

use crate::histogram::SparseHistogram;
use crate::limits::{MOST_SECONDS, MOST_SKEW_S};
use crate::series::SeriesId;

/// Flags that can be counted: bits of a mask, and room in a cell.
pub(crate) const MOST_FLAGS: usize = 4;

/// The spans of one combination that ended in one second.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    pub(crate) count: u32,
    /// How many had each flag.
    pub(crate) flagged: [u32; MOST_FLAGS],
    pub(crate) durations: SparseHistogram,
}

/// What log records are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LogKey {
    pub(crate) service: crate::symbols::Symbol,
    pub(crate) event: crate::symbols::Symbol,
    pub(crate) traffic_type: crate::symbols::Symbol,
    pub(crate) severity: u8,
}

/// Kinds of log records told apart in one second; more are not counted by kind.
const MOST_LOG_KINDS: usize = 256;

/// Everything that ended in one second.
#[derive(Debug, Default)]
pub(crate) struct Second {
    pub(crate) cells: HashMap<SeriesId, Cell>,
    pub(crate) logs: HashMap<LogKey, u32>,
    bytes: usize,
}

/// Seconds in a row, within a budget.
#[derive(Debug)]
pub(crate) struct Seconds {
    kept: VecDeque<Second>,
    /// The first kept second, Unix time.
    first: u64,
    bytes: usize,
    budget_bytes: usize,
}

impl Seconds {
    pub(crate) fn new(budget_bytes: usize) -> Self {
        Self { kept: VecDeque::new(), first: 0, bytes: 0, budget_bytes }
    }

    /// Counts a span that ended at `end_ns`; `false` if that is too long ago or in the future.
    pub(crate) fn record(&mut self, series: SeriesId, end_ns: u64, duration_ns: u64, flags: u8, now_s: u64) -> bool {
        let Some(second) = self.at(end_ns / 1_000_000_000, now_s) else {
            return false;
        };
        let is_new = !second.cells.contains_key(&series);
        let cell = second.cells.entry(series).or_default();
        let before = cell.durations.heap_bytes();
        cell.count += 1;
        cell.durations.record(duration_ns);
        for (bit, count) in cell.flagged.iter_mut().enumerate() {
            *count += u32::from(flags >> bit & 1);
        }
        /// The map's slots are at least seven eighths full before it doubles; a half of that is fair.
        const SLOT: usize = (size_of::<Cell>() + 8) * 3 / 2;
        let grown = cell.durations.heap_bytes() - before + if is_new { SLOT } else { 0 };
        second.bytes += grown;
        self.bytes += grown;
        self.keep_budget();
        true
    }

    /// Counts a log record of a second.
    pub(crate) fn record_log(&mut self, key: LogKey, at_s: u64, now_s: u64) {
        let Some(second) = self.at(at_s, now_s) else {
            return;
        };
        if second.logs.len() < MOST_LOG_KINDS || second.logs.contains_key(&key) {
            *second.logs.entry(key).or_default() += 1;
        }
    }

    fn at(&mut self, second: u64, now_s: u64) -> Option<&mut Second> {
        if second > now_s + MOST_SKEW_S || second + MOST_SECONDS as u64 <= now_s {
            return None;
        }
        if self.kept.is_empty() {
            self.first = second;
        }
        if second < self.first {
            // Older than what is kept: only if there is room in the row and the budget has not yet cut it short.
            let missing = (self.first - second) as usize;
            if self.kept.len() + missing > MOST_SECONDS || self.bytes > self.budget_bytes / 10 * 9 {
                return None;
            }
            for _ in 0..missing {
                self.kept.push_front(Second::default());
            }
            self.first = second;
        }
        while self.first + self.kept.len() as u64 <= second {
            self.kept.push_back(Second::default());
        }
        while self.kept.len() > MOST_SECONDS {
            self.drop_first();
        }
        let index = second.checked_sub(self.first)?;
        self.kept.get_mut(index as usize)
    }

    fn keep_budget(&mut self) {
        while self.bytes > self.budget_bytes && self.kept.len() > 1 {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some(second) = self.kept.pop_front() {
            self.bytes -= second.bytes;
            self.first += 1;
        }
    }

    /// The seconds from `from` up to and including `to`, Unix time, as far as they are kept.
    pub(crate) fn range(&self, from: u64, to: u64) -> impl Iterator<Item = (u64, &Second)> {
        let skip = from.saturating_sub(self.first) as usize;
        let end = (to + 1).saturating_sub(self.first) as usize;
        let numbered = self.kept.iter().enumerate().take(end).skip(skip);
        numbered.map(|(index, second)| (self.first + index as u64, second))
    }

    pub(crate) fn oldest(&self) -> Option<u64> {
        (!self.kept.is_empty()).then_some(self.first)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}
