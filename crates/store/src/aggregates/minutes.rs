//! Whole minutes, added up from their seconds when somebody first asks for them: an hour is sixty of these, not 3,600.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::aggregates::histogram::Histogram;
use crate::aggregates::seconds::{Cell, Second, Seconds};
use crate::aggregates::series::SeriesId;

/// Minutes that were added up.
#[derive(Debug, Default)]
pub(crate) struct Minutes {
    rolled: BTreeMap<u64, Minute>,
    bytes: usize,
}

/// One minute.
#[derive(Debug, Default)]
pub(crate) struct Minute {
    /// Spans that its seconds had then; more since means that it must be added up again.
    spans: u64,
    cells: HashMap<SeriesId, Cell>,
    bytes: usize,
}

impl Minute {
    pub(crate) fn cells(&self) -> &HashMap<SeriesId, Cell> {
        &self.cells
    }
}

impl Minutes {
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Forgets a minute, because one of its seconds has left.
    pub(crate) fn forget(&mut self, minute: u64) {
        if let Some(forgotten) = self.rolled.remove(&minute) {
            self.bytes -= forgotten.bytes;
        }
    }

    fn keep(&mut self, minute: u64, rolled: Minute) {
        self.forget(minute);
        self.bytes += rolled.bytes;
        self.rolled.insert(minute, rolled);
    }

    /// A minute that was made ready.
    pub(crate) fn get(&self, minute: u64) -> Option<&Minute> {
        self.rolled.get(&minute)
    }
}

impl Seconds {
    /// Adds up the whole minutes from second `from` to second `to` that are not added up as they are now. Returns the
    /// first and the last whole minute in between, if there is one.
    pub(crate) fn prepare_minutes(&mut self, from: u64, to: u64) -> Option<(u64, u64)> {
        let (first, last) = self.bounds()?;
        let begin = from.max(first).div_ceil(60);
        let end = (to.min(last) + 1) / 60;
        for minute in begin..end {
            let spans = self.range(minute * 60, minute * 60 + 59).map(|(_, second)| second.spans).sum();
            if self.minutes.rolled.get(&minute).is_none_or(|rolled| rolled.spans != spans) {
                let rolled = add_up(self.range(minute * 60, minute * 60 + 59).map(|(_, second)| second), spans);
                self.minutes.keep(minute, rolled);
            }
        }
        (begin < end).then(|| (begin, end - 1))
    }
}

fn add_up<'a>(seconds: impl Iterator<Item = &'a Second>, spans: u64) -> Minute {
    let mut sums: HashMap<SeriesId, (Cell, Histogram)> = HashMap::new();
    for second in seconds {
        for (series, cell) in &second.cells {
            let (sum, durations) = sums.entry(*series).or_default();
            sum.count += cell.count;
            for (sum, count) in sum.flagged.iter_mut().zip(cell.flagged) {
                *sum += count;
            }
            sum.with_rows += cell.with_rows;
            sum.rows = sum.rows.saturating_add(cell.rows);
            sum.with_http += cell.with_http;
            sum.http_errors += cell.http_errors;
            if let Some(numbers) = &cell.numbers {
                let sums = sum.numbers.get_or_insert_default();
                sums.iter_mut().zip(numbers.iter()).for_each(|(sum, number)| sum.add(*number));
            }
            sum.total_ns = sum.total_ns.saturating_add(cell.total_ns);
            durations.add(&cell.durations);
        }
    }
    let cells: HashMap<SeriesId, Cell> = sums
        .into_iter()
        .map(|(series, (cell, durations))| (series, Cell { durations: durations.sparse(), ..cell }))
        .collect();
    let bytes = cells.allocation_size() + cells.values().map(Cell::heap_bytes).sum::<usize>();
    Minute { spans, cells, bytes }
}
