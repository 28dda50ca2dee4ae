//! Cells added up: what all answers of the aggregates are made of.

use std::collections::BTreeMap;

use detect::{SpanFilter, SpanStatus, UnixMs};

use crate::aggregates::histogram::Histogram;
use crate::aggregates::seconds::{Cell, MOST_FLAGS, Numbers, Seconds};
use crate::aggregates::series::{SeriesKey, SeriesTable};
use crate::symbols::{Symbol, Symbols};

/// Aggregates with the tables that their numbers refer to.
pub(crate) struct Aggregates<'a> {
    pub(crate) seconds: &'a mut Seconds,
    pub(crate) series: &'a SeriesTable,
    pub(crate) symbols: &'a Symbols,
    /// Keys of the flags that cells count, in order.
    pub(crate) flags: &'a [Symbol],
    /// Keys of the numbers that cells add up, in order.
    pub(crate) numbers: &'a [Symbol],
}

/// Cells added up.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    pub(crate) count: u64,
    pub(crate) errors: u64,
    pub(crate) flagged: [u64; MOST_FLAGS],
    pub(crate) with_rows: u64,
    pub(crate) rows: u64,
    pub(crate) with_http: u64,
    pub(crate) http_errors: u64,
    pub(crate) numbers: Numbers,
    pub(crate) total_ns: u64,
    pub(crate) durations: Histogram,
}

impl Sum {
    fn add(&mut self, key: &SeriesKey, cell: &Cell) {
        self.count += u64::from(cell.count);
        if key.status == SpanStatus::Error {
            self.errors += u64::from(cell.count);
        }
        for (sum, count) in self.flagged.iter_mut().zip(cell.flagged) {
            *sum += u64::from(count);
        }
        self.with_rows += u64::from(cell.with_rows);
        self.rows = self.rows.saturating_add(cell.rows);
        self.with_http += u64::from(cell.with_http);
        self.http_errors += u64::from(cell.http_errors);
        if let Some(numbers) = &cell.numbers {
            self.numbers.iter_mut().zip(numbers.iter()).for_each(|(sum, number)| sum.add(*number));
        }
        self.total_ns = self.total_ns.saturating_add(cell.total_ns);
        self.durations.add(&cell.durations);
    }

    /// A part of the spans as a share, 0 to 1.
    pub(crate) fn share(&self, part: u64) -> Option<f64> {
        (self.count > 0).then(|| part as f64 / self.count as f64)
    }

    pub(crate) fn quantile_ms(&self, q: f64) -> f64 {
        self.durations.quantile_ms(q).unwrap_or(0.0)
    }
}

impl Aggregates<'_> {
    /// Adds up the seconds from `from` to `to`, grouped. `step_s` is the shortest stretch that groups tell apart, and
    /// they begin at its multiples: 0 if they do not tell time apart.
    pub(crate) fn sums<G: Ord>(
        &mut self,
        filter: &SpanFilter,
        (from, to): (u64, u64),
        step_s: u64,
        group: impl Fn(u64, &SeriesKey) -> G,
    ) -> BTreeMap<G, Sum> {
        let wanted = self.series.matching(filter, self.symbols);
        let whole = if step_s.is_multiple_of(60) { self.seconds.prepare_minutes(from, to) } else { None };
        let mut sums: BTreeMap<G, Sum> = BTreeMap::new();
        let mut add = |at: u64, cells: &hashbrown::HashMap<u32, Cell>| {
            for (id, key) in &wanted {
                if let Some(cell) = cells.get(id) {
                    sums.entry(group(at, key)).or_default().add(key, cell);
                }
            }
        };
        let seconds = &*self.seconds;
        let (head, tail) = match whole {
            None => ((from, to), None),
            Some((first, last)) => {
                for minute in first..=last {
                    if let Some(rolled) = seconds.minutes.get(minute) {
                        add(minute * 60, rolled.cells());
                    }
                }
                // Nothing comes before the first minute of all.
                let head = (first * 60).checked_sub(1).map_or((1, 0), |end| (from, end));
                (head, Some((last * 60 + 60, to)))
            }
        };
        for (from, to) in std::iter::once(head).chain(tail).filter(|(from, to)| from <= to) {
            for (at, second) in seconds.range(from, to) {
                add(at, &second.cells);
            }
        }
        sums
    }

    /// The text of a symbol.
    pub(crate) fn text(&self, symbol: Symbol) -> String {
        self.symbols.texts().text(symbol).to_owned()
    }

    /// The text, or `None` for the empty one.
    pub(crate) fn some(&self, symbol: Symbol) -> Option<String> {
        self.symbols.texts().some(symbol)
    }
}

/// From the start of `from` to the end of `to`, or to now if that comes first; in minutes, never zero.
pub(crate) fn stretch_minutes((from, to): (u64, u64), now: UnixMs) -> f64 {
    let end_ms = (to + 1).saturating_mul(1000).min(now.0.max(from * 1000 + 1));
    // A stretch that ends before it begins has nothing in it, whatever its length.
    end_ms.saturating_sub(from * 1000).max(1) as f64 / 60_000.0
}
