//! Points of metrics in columns, and the table of what they are points of.

mod chunk;
mod detail;
mod instruments;
mod view;

pub(crate) use chunk::{NewPoint, Number, PointChunk};
pub(crate) use detail::{Buckets, Detail};
pub(crate) use instruments::{Instrument, InstrumentId, InstrumentKind, Instruments, Temporality};
pub use view::{MetricPoint, MetricSearch, MetricSeries, MetricView};
pub(crate) use view::{latest, over_time};

use std::collections::HashMap;

use crate::limits::{MOST_METRIC_SERIES, MOST_METRIC_SERIES_BYTES};
use crate::shelf::Shelf;

/// All metrics in memory.
#[derive(Debug)]
pub(crate) struct Metrics {
    pub(crate) points: Shelf<PointChunk>,
    pub(crate) instruments: Instruments,
    by_instrument: HashMap<Instrument, InstrumentId>,
    /// Attributes of all instruments.
    attribute_bytes: usize,
    /// The row of the latest point of each instrument.
    pub(crate) latest: Vec<u64>,
}

impl Metrics {
    pub(crate) fn new(budget_bytes: usize) -> Self {
        Self {
            points: Shelf::new(budget_bytes),
            instruments: Instruments::default(),
            by_instrument: HashMap::new(),
            attribute_bytes: 0,
            latest: Vec::new(),
        }
    }

    /// The number of an instrument; `None` if it is new and there are too many.
    pub(crate) fn admit(&mut self, instrument: &Instrument) -> Option<InstrumentId> {
        if let Some(id) = self.by_instrument.get(instrument) {
            return Some(*id);
        }
        let bytes = self.attribute_bytes + instrument.attributes.len();
        if self.by_instrument.len() >= MOST_METRIC_SERIES || bytes > MOST_METRIC_SERIES_BYTES {
            return None;
        }
        self.attribute_bytes = bytes;
        let id = self.instruments.push(instrument.clone());
        self.by_instrument.insert(instrument.clone(), id);
        Some(id)
    }

    /// Remembers the newest point of each instrument of the rows from `from` on.
    pub(crate) fn commit(&mut self, from: usize) {
        let first = self.points.open_first();
        remember(&mut self.latest, self.points.open_again(), first, from);
    }

    /// Takes a whole chunk, whose points are newer than all others.
    pub(crate) fn push(&mut self, chunk: PointChunk) {
        remember(&mut self.latest, &chunk, self.points.next(), 0);
        self.points.push(chunk);
    }

    pub(crate) fn bytes(&self) -> usize {
        /// An instrument without its attributes, twice, and its place in the map.
        const INSTRUMENT: usize = 2 * size_of::<Instrument>() + 32;
        self.points.bytes() + self.by_instrument.len() * INSTRUMENT + self.attribute_bytes * 2
    }
}

fn remember(latest: &mut Vec<u64>, chunk: &PointChunk, first: u64, from: usize) {
    for (place, id) in chunk.instrument.iter().enumerate().skip(from) {
        let index = id.0 as usize;
        if latest.len() <= index {
            latest.resize(index + 1, u64::MAX);
        }
        latest[index] = first + place as u64;
    }
}
