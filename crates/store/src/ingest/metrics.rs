//! `ExportMetricsServiceRequest` into columns. Exemplars are read over.

use crate::ingest::Kept;
use crate::metrics::{Buckets, Instrument, InstrumentKind, Metrics, NewPoint, Number, Temporality};
use crate::resources::ResourceId;
use crate::shelf::Chunk;
use crate::store::Ingested;
use crate::symbols::Symbol;
use crate::tables::Tables;
use crate::wire::{Field, Fields, KeyValue, Malformed, unzigzag};

impl Kept {
    /// Takes in the points of a message; none of them if it is malformed.
    pub(crate) fn metric_points(&mut self, message: &[u8]) -> Result<Ingested, Malformed> {
        let before = self.metrics.points.open().rows();
        let mut reader =
            Reader { tables: &mut self.tables, metrics: &mut self.metrics, rejected: 0, attributes_dropped: 0 };
        let mut read = || {
            let mut fields = Fields::outermost(message)?;
            while let Some((number, field)) = fields.next()? {
                if number == 1 {
                    let group = field.bytes()?;
                    let sender = self.resources.admit(last_of(group, 1)?, reader.tables)?;
                    reader.resource_metrics(group, sender)?;
                }
            }
            Ok(())
        };
        let outcome = read();
        let (rejected, dropped) = (reader.rejected, reader.attributes_dropped);
        if let Err(malformed) = outcome {
            self.metrics.points.open_again().truncate(before);
            return Err(malformed);
        }
        let accepted = (self.metrics.points.open_again().rows() - before) as u64;
        self.metrics.commit(before);
        self.counts.points_received += accepted;
        self.counts.points_rejected += rejected;
        self.counts.attributes_dropped += dropped;
        Ok(Ingested { accepted, rejected })
    }
}

fn last_of(message: &[u8], wanted: u32) -> Result<&[u8], Malformed> {
    let mut fields = Fields::new(message);
    let mut found: &[u8] = &[];
    while let Some((number, field)) = fields.next()? {
        if number == wanted {
            found = field.bytes()?;
        }
    }
    Ok(found)
}

struct Reader<'a> {
    tables: &'a mut Tables,
    metrics: &'a mut Metrics,
    rejected: u64,
    attributes_dropped: u64,
}

impl Reader<'_> {
    fn resource_metrics(&mut self, group: &[u8], sender: (ResourceId, Symbol)) -> Result<(), Malformed> {
        let mut fields = Fields::new(group);
        while let Some((number, field)) = fields.next()? {
            if number != 2 {
                continue;
            }
            let mut scope = Fields::new(field.bytes()?);
            while let Some((number, field)) = scope.next()? {
                if number == 2 {
                    self.metric(field.bytes()?, sender)?;
                }
            }
        }
        Ok(())
    }

    fn metric(&mut self, message: &[u8], (resource, service): (ResourceId, Symbol)) -> Result<(), Malformed> {
        let mut instrument = Instrument {
            resource,
            service,
            name: Symbol::NONE,
            unit: Symbol::NONE,
            kind: InstrumentKind::Gauge,
            temporality: Temporality::Unspecified,
            attributes: Box::default(),
        };
        // Data of one kind that stands twice is one, as protobuf has it; of two kinds the last counts.
        let mut parts: Vec<&[u8]> = Vec::new();
        let mut fields = Fields::new(message);
        while let Some((number, field)) = fields.next()? {
            let kind = match number {
                1 => {
                    instrument.name = self.tables.symbols.name(field.bytes()?)?;
                    continue;
                }
                2 => {
                    field.text()?;
                    continue;
                }
                3 => {
                    instrument.unit = self.tables.symbols.name(field.bytes()?)?;
                    continue;
                }
                5 => InstrumentKind::Gauge,
                7 => InstrumentKind::Sum,
                9 => InstrumentKind::Histogram,
                10 => InstrumentKind::ExponentialHistogram,
                11 => InstrumentKind::Summary,
                _ => continue,
            };
            if kind != instrument.kind {
                instrument.kind = kind;
                parts.clear();
            }
            parts.push(field.bytes()?);
        }
        let has_temporality = !matches!(instrument.kind, InstrumentKind::Gauge | InstrumentKind::Summary);
        for part in parts.iter().filter(|_| has_temporality) {
            let mut fields = Fields::new(part);
            while let Some((number, field)) = fields.next()? {
                if number == 2 {
                    // An enumeration is a signed number of 32 bits.
                    instrument.temporality = match field.varint()? as i32 {
                        1 => Temporality::Delta,
                        2 => Temporality::Cumulative,
                        _ => Temporality::Unspecified,
                    };
                }
            }
        }
        for part in parts {
            let mut fields = Fields::new(part);
            while let Some((number, field)) = fields.next()? {
                if number == 1 {
                    self.point(field.bytes()?, &instrument)?;
                }
            }
        }
        Ok(())
    }

    fn point(&mut self, message: &[u8], instrument: &Instrument) -> Result<(), Malformed> {
        // Where the attributes stand: the numbers of fields differ from kind to kind.
        let attributes = match instrument.kind {
            InstrumentKind::Histogram => 9,
            InstrumentKind::ExponentialHistogram => 1,
            InstrumentKind::Gauge | InstrumentKind::Sum | InstrumentKind::Summary => 7,
        };
        let mut point = NewPoint::default();
        if instrument.kind == InstrumentKind::Summary {
            // A summary always has a sum, and protobuf does not write a zero.
            point.number = Number::Double(0.0);
        }
        let mut packed = Vec::new();
        let mut place = 0;
        let mut fields = Fields::new(message);
        while let Some((number, field)) = fields.next()? {
            if number == attributes {
                let attribute = KeyValue::read(field.bytes()?)?;
                if self.tables.attribute(&mut packed, instrument.name, place, attribute)?.is_none() {
                    self.attributes_dropped += 1;
                }
                place += 1;
            } else if number == 3 {
                point.time_ns = field.fixed64()?;
            } else {
                match instrument.kind {
                    InstrumentKind::Gauge | InstrumentKind::Sum => number_field(&mut point, number, field)?,
                    InstrumentKind::Histogram => histogram_field(&mut point, number, field)?,
                    InstrumentKind::ExponentialHistogram => exponential_field(&mut point, number, field)?,
                    InstrumentKind::Summary => summary_field(&mut point, number, field)?,
                }
            }
        }
        let whole = Instrument { attributes: packed.into(), ..instrument.clone() };
        match self.metrics.admit(&whole) {
            Some(id) => {
                point.instrument = id;
                self.metrics.points.open_again().push(&point);
            }
            None => self.rejected += 1,
        }
        Ok(())
    }
}

fn number_field(point: &mut NewPoint, number: u32, field: Field<'_>) -> Result<(), Malformed> {
    match number {
        4 => point.number = Number::Double(field.double()?),
        6 => point.number = Number::Whole(field.fixed64()?.cast_signed()),
        _ => {}
    }
    Ok(())
}

fn histogram_field(point: &mut NewPoint, number: u32, field: Field<'_>) -> Result<(), Malformed> {
    match number {
        4 => point.count = field.fixed64()?,
        5 => point.number = Number::Double(field.double()?),
        6 => fixed64s(field, explicit(point).1)?,
        7 => {
            let mut bits = Vec::new();
            fixed64s(field, &mut bits)?;
            explicit(point).0.extend(bits.into_iter().map(f64::from_bits));
        }
        11 => point.detail.min = Some(field.double()?),
        12 => point.detail.max = Some(field.double()?),
        _ => {}
    }
    Ok(())
}

/// Bounds and counts, made where there are none yet.
fn explicit(point: &mut NewPoint) -> (&mut Vec<f64>, &mut Vec<u64>) {
    if !matches!(point.detail.buckets, Buckets::Explicit { .. }) {
        point.detail.buckets = Buckets::Explicit { bounds: Vec::new(), counts: Vec::new() };
    }
    match &mut point.detail.buckets {
        Buckets::Explicit { bounds, counts } => (bounds, counts),
        _ => unreachable!("it was made above"),
    }
}

fn exponential_field(point: &mut NewPoint, number: u32, field: Field<'_>) -> Result<(), Malformed> {
    match number {
        4 => point.count = field.fixed64()?,
        5 => point.number = Number::Double(field.double()?),
        12 => point.detail.min = Some(field.double()?),
        13 => point.detail.max = Some(field.double()?),
        6..=9 => {
            if !matches!(point.detail.buckets, Buckets::Exponential { .. }) {
                let side = || (0, Vec::new());
                point.detail.buckets =
                    Buckets::Exponential { scale: 0, zero_count: 0, positive: side(), negative: side() };
            }
            let Buckets::Exponential { scale, zero_count, positive, negative } = &mut point.detail.buckets else {
                return Ok(());
            };
            match number {
                6 => *scale = signed(field.varint()?),
                7 => *zero_count = field.fixed64()?,
                8 => *positive = side(field.bytes()?)?,
                _ => *negative = side(field.bytes()?)?,
            }
        }
        _ => {}
    }
    Ok(())
}

/// Offset and counts of one side of an exponential histogram.
fn side(message: &[u8]) -> Result<(i32, Vec<u64>), Malformed> {
    let (mut offset, mut counts) = (0, Vec::new());
    let mut fields = Fields::new(message);
    while let Some((number, field)) = fields.next()? {
        match (number, field) {
            (1, field) => offset = signed(field.varint()?),
            (2, Field::Varint(count)) => counts.push(count),
            (2, Field::Bytes(packed)) => {
                let mut rest = Fields::new(packed);
                while !rest.is_empty() {
                    counts.push(rest.varint()?);
                }
            }
            (2, _) => return Err(Malformed::FieldType),
            _ => {}
        }
    }
    Ok((offset, counts))
}

/// A `sint32`: the lower half of the varint counts.
fn signed(coded: u64) -> i32 {
    unzigzag(coded & u64::from(u32::MAX)) as i32
}

/// Numbers of eight bytes, packed or one by one.
fn fixed64s(field: Field<'_>, into: &mut Vec<u64>) -> Result<(), Malformed> {
    match field {
        Field::Fixed64(one) => into.push(one),
        Field::Bytes(packed) if packed.len().is_multiple_of(8) => {
            let (numbers, _) = packed.as_chunks::<8>();
            into.extend(numbers.iter().map(|bytes| u64::from_le_bytes(*bytes)));
        }
        Field::Bytes(_) => return Err(Malformed::Cut),
        _ => return Err(Malformed::FieldType),
    }
    Ok(())
}

fn summary_field(point: &mut NewPoint, number: u32, field: Field<'_>) -> Result<(), Malformed> {
    match number {
        4 => point.count = field.fixed64()?,
        5 => point.number = Number::Double(field.double()?),
        6 => {
            let (mut quantile, mut value) = (0.0, 0.0);
            let mut fields = Fields::new(field.bytes()?);
            while let Some((number, field)) = fields.next()? {
                match number {
                    1 => quantile = field.double()?,
                    2 => value = field.double()?,
                    _ => {}
                }
            }
            match &mut point.detail.buckets {
                Buckets::Quantiles(quantiles) => quantiles.push((quantile, value)),
                other => *other = Buckets::Quantiles(vec![(quantile, value)]),
            }
        }
        _ => {}
    }
    Ok(())
}
