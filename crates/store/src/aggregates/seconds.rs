//! One cell per second and series, updated as spans come in, by the second in which they ended.

use std::collections::VecDeque;

use detect::Counted;
use hashbrown::HashMap;

use crate::aggregates::histogram::SparseHistogram;
use crate::aggregates::minutes::Minutes;
use crate::aggregates::series::SeriesId;
use crate::limits::{MOST_SECONDS, MOST_SKEW_S};
use crate::symbols::Symbol;

/// Flags that can be counted: bits of a mask, and room in a cell.
pub(crate) const MOST_FLAGS: usize = Counted::MOST;

/// Numeric attributes that can be added up: room beside a cell that has any.
pub(crate) const MOST_NUMBERS: usize = Counted::MOST;

/// The least status of HTTP that is an error of somebody.
const LEAST_HTTP_ERROR: u16 = 400;

/// What is counted of one span.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SpanSample<'a> {
    pub(crate) duration_ns: u64,
    /// A bit for each flag.
    pub(crate) flags: u8,
    /// `db.rows_scanned`, if it said.
    pub(crate) rows_scanned: Option<u64>,
    /// `http.response.status_code`; 0 if it did not say.
    pub(crate) http_status: u16,
    /// The values of the numbers that are added up; `None` for the many spans that have none of them.
    pub(crate) numbers: Option<&'a [Option<f64>; MOST_NUMBERS]>,
}

/// Values of one numeric attribute, added up.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NumberSum {
    /// Spans that had it.
    pub(crate) count: u64,
    pub(crate) sum: f64,
}

impl NumberSum {
    pub(crate) fn add(&mut self, other: Self) {
        self.count += other.count;
        self.sum += other.sum;
    }

    /// `None` of nothing.
    pub(crate) fn mean(self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

/// One for each number that is added up.
pub(crate) type Numbers = [NumberSum; MOST_NUMBERS];

/// The spans of one series that ended in one second.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    pub(crate) count: u32,
    /// How many had each flag.
    pub(crate) flagged: [u32; MOST_FLAGS],
    /// How many said how many rows were scanned.
    pub(crate) with_rows: u32,
    /// All those rows.
    pub(crate) rows: u64,
    /// How many said a status of HTTP.
    pub(crate) with_http: u32,
    /// Those of them whose status was an error.
    pub(crate) http_errors: u32,
    /// In a box, because few cells have any.
    pub(crate) numbers: Option<Box<Numbers>>,
    /// All durations together, in nanoseconds.
    pub(crate) total_ns: u64,
    pub(crate) durations: SparseHistogram,
}

impl Cell {
    /// Adds the values of one span; returns by how many bytes the cell grew.
    #[cold]
    fn add_numbers(&mut self, values: &[Option<f64>; MOST_NUMBERS]) -> usize {
        let grown = if self.numbers.is_none() { size_of::<Numbers>() } else { 0 };
        for (sum, value) in self.numbers.get_or_insert_default().iter_mut().zip(values) {
            if let Some(value) = value {
                sum.add(NumberSum { count: 1, sum: *value });
            }
        }
        grown
    }

    /// Bytes beside the cell itself.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.durations.heap_bytes() + self.numbers.as_ref().map_or(0, |_| size_of::<Numbers>())
    }
}

/// What log records are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LogKey {
    pub(crate) service: Symbol,
    pub(crate) event: Symbol,
    pub(crate) traffic_type: Symbol,
    pub(crate) severity: u8,
}

/// Kinds of log records told apart in one second; more are not counted by kind.
const MOST_LOG_KINDS: usize = 256;

/// Everything that ended in one second.
#[derive(Debug, Default)]
pub(crate) struct Second {
    pub(crate) cells: HashMap<SeriesId, Cell>,
    pub(crate) logs: HashMap<LogKey, u32>,
    /// Spans that were counted here: tells whether anything came since somebody looked.
    pub(crate) spans: u64,
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
    pub(super) minutes: Minutes,
}

impl Seconds {
    pub(crate) fn new(budget_bytes: usize) -> Self {
        Self { kept: VecDeque::new(), first: 0, bytes: 0, budget_bytes, minutes: Minutes::default() }
    }

    /// Counts a span that ended at `end_ns`; `false` if that is too long ago or in the future.
    pub(crate) fn record(&mut self, series: SeriesId, end_ns: u64, sample: SpanSample<'_>, now_s: u64) -> bool {
        let Some(second) = self.at(end_ns / 1_000_000_000, now_s) else {
            return false;
        };
        second.spans += 1;
        let known = second.cells.len();
        let cell = second.cells.entry(series).or_default();
        let before = cell.durations.heap_bytes();
        cell.count += 1;
        cell.total_ns = cell.total_ns.saturating_add(sample.duration_ns);
        if let Some(rows) = sample.rows_scanned {
            cell.with_rows += 1;
            cell.rows = cell.rows.saturating_add(rows);
        }
        cell.durations.record(sample.duration_ns);
        if sample.flags != 0 {
            for (bit, count) in cell.flagged.iter_mut().enumerate() {
                *count += u32::from(sample.flags >> bit & 1);
            }
        }
        /// The map's slots are at least seven eighths full before it doubles; a half of that is fair.
        const SLOT: usize = (size_of::<Cell>() + 8) * 3 / 2;
        if sample.http_status != 0 {
            cell.with_http += 1;
            cell.http_errors += u32::from(sample.http_status >= LEAST_HTTP_ERROR);
        }
        let mut grown = cell.durations.heap_bytes() - before;
        if let Some(values) = sample.numbers {
            grown += cell.add_numbers(values);
        }
        if second.cells.len() > known {
            grown += SLOT;
        }
        if grown > 0 {
            second.bytes += grown;
            self.bytes += grown;
            self.keep_budget();
        }
        true
    }

    /// Counts a log record of a second.
    pub(crate) fn record_log(&mut self, key: LogKey, at_s: u64, now_s: u64) {
        let Some(second) = self.at(at_s, now_s) else {
            return;
        };
        let is_known = second.logs.contains_key(&key);
        if is_known || second.logs.len() < MOST_LOG_KINDS {
            *second.logs.entry(key).or_default() += 1;
        }
        if !is_known {
            const SLOT: usize = (size_of::<(LogKey, u32)>() + 1) * 3 / 2;
            second.bytes += SLOT;
            self.bytes += SLOT;
            self.keep_budget();
        }
    }

    #[inline]
    fn at(&mut self, second: u64, now_s: u64) -> Option<&mut Second> {
        if second > now_s + MOST_SKEW_S || second + MOST_SECONDS as u64 <= now_s {
            return None;
        }
        let place = second.wrapping_sub(self.first) as usize;
        if place >= self.kept.len() {
            self.make_room(second)?;
        }
        let place = second.checked_sub(self.first)? as usize;
        self.kept.get_mut(place)
    }

    /// Makes the row of seconds long enough for one outside of it.
    fn make_room(&mut self, second: u64) -> Option<()> {
        let after = self.first + self.kept.len() as u64;
        if second >= after.saturating_add(MOST_SECONDS as u64) {
            // After a long silence nothing of before is left.
            while !self.kept.is_empty() {
                self.drop_first();
            }
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
        Some(())
    }

    fn keep_budget(&mut self) {
        while self.bytes() > self.budget_bytes && self.kept.len() > 1 {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some(second) = self.kept.pop_front() {
            self.bytes -= second.bytes;
            self.minutes.forget(self.first / 60);
            self.first += 1;
        }
    }

    /// The seconds from `from` up to and including `to`, Unix time, as far as they are kept.
    pub(crate) fn range(&self, from: u64, to: u64) -> impl Iterator<Item = (u64, &Second)> {
        let skip = (from.saturating_sub(self.first) as usize).min(self.kept.len());
        let end = ((to + 1).saturating_sub(self.first) as usize).clamp(skip, self.kept.len());
        let first = self.first;
        self.kept.range(skip..end).enumerate().map(move |(index, second)| (first + (skip + index) as u64, second))
    }

    /// The first and the last kept second.
    pub(crate) fn bounds(&self) -> Option<(u64, u64)> {
        (!self.kept.is_empty()).then(|| (self.first, self.first + self.kept.len() as u64 - 1))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes + self.minutes.bytes()
    }
}
