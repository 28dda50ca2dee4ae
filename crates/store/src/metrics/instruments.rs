//! What points are points of: a metric with its attributes, of one resource.

use std::sync::Arc;

use crate::pack::Attributes;
use crate::resources::ResourceId;
use crate::symbols::Symbol;

/// The number of an instrument.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct InstrumentId(pub(crate) u32);

/// The kinds of metrics that OTLP has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum InstrumentKind {
    Gauge,
    Sum,
    Histogram,
    ExponentialHistogram,
    Summary,
}

impl InstrumentKind {
    pub(crate) const ALL: [(&'static str, Self); 5] = [
        ("gauge", Self::Gauge),
        ("sum", Self::Sum),
        ("histogram", Self::Histogram),
        ("exponential_histogram", Self::ExponentialHistogram),
        ("summary", Self::Summary),
    ];

    pub(crate) fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("gauge", |(word, _)| word)
    }
}

/// Whether a point counts since the start or since the point before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Temporality {
    Unspecified,
    Delta,
    Cumulative,
}

impl Temporality {
    pub(crate) fn word(self) -> Option<&'static str> {
        match self {
            Self::Unspecified => None,
            Self::Delta => Some("delta"),
            Self::Cumulative => Some("cumulative"),
        }
    }
}

/// What points are points of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Instrument {
    pub(crate) resource: ResourceId,
    /// `service.name` of the resource.
    pub(crate) service: Symbol,
    pub(crate) name: Symbol,
    pub(crate) unit: Symbol,
    pub(crate) kind: InstrumentKind,
    pub(crate) temporality: Temporality,
    /// Packed.
    pub(crate) attributes: Box<[u8]>,
}

impl Instrument {
    pub(crate) fn attributes(&self) -> Attributes<'_> {
        Attributes(&self.attributes)
    }
}

/// All instruments, to be read without a lock.
#[derive(Debug, Clone, Default)]
pub(crate) struct Instruments(Arc<boxcar::Vec<Instrument>>);

impl Instruments {
    pub(crate) fn push(&self, instrument: Instrument) -> InstrumentId {
        InstrumentId(self.0.push(instrument) as u32)
    }

    pub(crate) fn get(&self, id: InstrumentId) -> Option<&Instrument> {
        self.0.get(id.0 as usize)
    }

    /// All of them with their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (InstrumentId, &Instrument)> {
        self.0.iter().map(|(index, instrument)| (InstrumentId(index as u32), instrument))
    }
}
