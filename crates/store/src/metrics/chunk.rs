//! The columns of some ten thousand points.

use crate::metrics::detail::Detail;
use crate::metrics::instruments::InstrumentId;
use crate::shelf::Chunk;

/// A number as it came.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) enum Number {
    /// There is none: the point says that there is no value, or a histogram has no sum.
    #[default]
    None,
    Whole(i64),
    Double(f64),
}

/// Points, column by column; all columns are of one length.
#[derive(Debug, Clone, Default)]
pub(crate) struct PointChunk {
    pub(crate) instrument: Vec<InstrumentId>,
    pub(crate) time_ns: Vec<u64>,
    /// The value; of histograms and summaries the sum.
    pub(crate) number: Vec<Number>,
    /// How many values a histogram or summary stands for; zero for others.
    pub(crate) count: Vec<u64>,
    detail_end: Vec<u32>,
    detail: Vec<u8>,
    /// The earliest and the latest point.
    pub(crate) at_ns: Option<(u64, u64)>,
}

/// A point on its way in.
#[derive(Debug, Default)]
pub(crate) struct NewPoint {
    pub(crate) instrument: InstrumentId,
    pub(crate) time_ns: u64,
    pub(crate) number: Number,
    pub(crate) count: u64,
    pub(crate) detail: Detail,
}

impl PointChunk {
    /// Takes a point.
    pub(crate) fn push(&mut self, point: &NewPoint) {
        self.instrument.push(point.instrument);
        self.time_ns.push(point.time_ns);
        self.number.push(point.number);
        self.count.push(point.count);
        point.detail.write(&mut self.detail);
        self.detail_end.push(self.detail.len() as u32);
        self.at_ns = Some(match self.at_ns {
            None => (point.time_ns, point.time_ns),
            Some((first, last)) => (first.min(point.time_ns), last.max(point.time_ns)),
        });
    }

    /// Goes back to the first `rows` rows.
    pub(crate) fn truncate(&mut self, rows: usize) {
        self.instrument.truncate(rows);
        self.time_ns.truncate(rows);
        self.number.truncate(rows);
        self.count.truncate(rows);
        self.detail_end.truncate(rows);
        self.detail.truncate(self.detail_end.last().map_or(0, |end| *end as usize));
        let bounds = self.time_ns.iter().min().zip(self.time_ns.iter().max());
        self.at_ns = bounds.map(|(first, last)| (*first, *last));
    }

    /// Buckets and extremes of a point.
    pub(crate) fn detail(&self, place: usize) -> Detail {
        let start = place.checked_sub(1).map_or(0, |before| self.detail_end[before] as usize);
        Detail::read(&self.detail[start..self.detail_end[place] as usize])
    }
}

impl Chunk for PointChunk {
    fn with_room(_rows: usize) -> Self {
        // Points are far fewer than spans: the columns grow as they come.
        Self::default()
    }

    fn rows(&self) -> usize {
        self.time_ns.len()
    }

    fn bytes(&self) -> usize {
        self.instrument.capacity() * 4
            + self.time_ns.capacity() * 8
            + self.number.capacity() * size_of::<Number>()
            + self.count.capacity() * 8
            + self.detail_end.capacity() * 4
            + self.detail.capacity()
    }

    fn shrink(&mut self) {
        self.instrument.shrink_to_fit();
        self.time_ns.shrink_to_fit();
        self.number.shrink_to_fit();
        self.count.shrink_to_fit();
        self.detail_end.shrink_to_fit();
        self.detail.shrink_to_fit();
    }
}
