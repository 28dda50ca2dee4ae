//! Points of metrics as columns of a file.
//!
//! A number stands in `value`; a whole one in `value_whole` as well, because no double holds each of them.

use arrow_array::builder::{ArrayBuilder, Float64Builder, Int64Builder, StringBuilder};
use serde_json::Map;

use crate::disk::batch::Batch;
use crate::disk::error::Unfit;
use crate::disk::json::{JsonText, pack};
use crate::disk::moments::MomentBuilder;
use crate::disk::table::{Columns, Form, Stored, Table, column, optional, some};
use crate::disk::words::{Intake, Row};
use crate::metrics::{Detail, Instrument, InstrumentKind, NewPoint, Number, PointChunk, Temporality};
use crate::resources::ResourceId;
use crate::symbols::Symbol;

const TABLE: Table = Table {
    name: "metrics",
    columns: &[
        column("time", Form::Moment),
        column("time_unix_nanos", Form::Whole),
        column("service", Form::Word),
        column("name", Form::Word),
        column("unit", Form::Word),
        column("kind", Form::Word),
        optional("temporality", Form::Word),
        optional("value", Form::Double),
        optional("value_whole", Form::Whole),
        optional("count", Form::Whole),
        optional("sum", Form::Double),
        optional("detail", Form::Text),
        column("attributes", Form::Word),
        column("resource", Form::Word),
    ],
    sorted_by: &["time_unix_nanos"],
    light: &["time_unix_nanos"],
};

/// The columns of a batch of points.
#[derive(Debug, Default)]
pub(crate) struct PointColumns {
    time: MomentBuilder,
    time_unix_nanos: Int64Builder,
    service: StringBuilder,
    name: StringBuilder,
    unit: StringBuilder,
    kind: StringBuilder,
    temporality: StringBuilder,
    value: Float64Builder,
    value_whole: Int64Builder,
    count: Int64Builder,
    sum: Float64Builder,
    detail: StringBuilder,
    attributes: StringBuilder,
    resource: StringBuilder,
    json: JsonText,
}

impl Columns<PointChunk> for PointColumns {
    fn append(&mut self, row: Row<'_, PointChunk>) -> usize {
        let Row { chunk, place, words } = row;
        let texts = &words.texts;
        let nothing = Instrument {
            resource: ResourceId::default(),
            service: Symbol::NONE,
            name: Symbol::NONE,
            unit: Symbol::NONE,
            kind: InstrumentKind::Gauge,
            temporality: Temporality::Unspecified,
            attributes: Box::default(),
        };
        let instrument = words.instruments.get(chunk.instrument[place]).unwrap_or(&nothing);
        self.time.append_ns(chunk.time_ns[place]);
        self.time_unix_nanos.append_value(chunk.time_ns[place].cast_signed());
        self.service.append_value(texts.text(instrument.service));
        self.name.append_value(texts.text(instrument.name));
        self.unit.append_value(texts.text(instrument.unit));
        self.kind.append_value(instrument.kind.word());
        self.temporality.append_option(instrument.temporality.word());
        let (number, whole) = match chunk.number[place] {
            Number::None => (None, None),
            Number::Whole(whole) => (Some(whole as f64), Some(whole)),
            Number::Double(number) => (Some(number), None),
        };
        let is_number = matches!(instrument.kind, InstrumentKind::Gauge | InstrumentKind::Sum);
        self.value.append_option(number.filter(|_| is_number));
        self.value_whole.append_option(whole);
        self.count.append_option((!is_number).then(|| chunk.count[place].cast_signed()));
        self.sum.append_option(number.filter(|_| !is_number));
        let mut fields = Map::new();
        chunk.detail(place).fields(&mut fields);
        let detail = if fields.is_empty() { String::new() } else { serde_json::Value::Object(fields).to_string() };
        some(&mut self.detail, &detail);
        let attributes = self.json.object(instrument.attributes(), texts);
        let mut bytes = detail.len() + attributes.len();
        self.attributes.append_value(attributes);
        let resource = words.senders.attributes(instrument.resource).unwrap_or_default();
        let resource = self.json.object(resource, texts);
        bytes += resource.len();
        self.resource.append_value(resource);
        /// The other columns together.
        const REST: usize = 150;
        bytes + REST
    }

    fn builders(&mut self) -> Vec<&mut dyn ArrayBuilder> {
        vec![
            &mut self.time.0,
            &mut self.time_unix_nanos,
            &mut self.service,
            &mut self.name,
            &mut self.unit,
            &mut self.kind,
            &mut self.temporality,
            &mut self.value,
            &mut self.value_whole,
            &mut self.count,
            &mut self.sum,
            &mut self.detail,
            &mut self.attributes,
            &mut self.resource,
        ]
    }
}

impl Stored for PointChunk {
    const TABLE: Table = TABLE;
    type Columns = PointColumns;

    fn rank(&self, place: usize) -> (u128, u64) {
        (self.time_ns[place].into(), 0)
    }

    fn at_ns(&self, place: usize) -> u64 {
        self.time_ns[place]
    }

    fn copy(&mut self, other: &Self, place: usize) {
        self.push(&NewPoint {
            instrument: other.instrument[place],
            time_ns: other.time_ns[place],
            number: other.number[place],
            count: other.count[place],
            detail: other.detail(place),
        });
    }

    fn decode(&mut self, batch: &Batch<'_>, intake: &mut Intake<'_>) -> Result<(), Unfit> {
        let time = batch.wholes("time_unix_nanos");
        let (service, name, unit) = (batch.words("service"), batch.words("name"), batch.words("unit"));
        let (kind, temporality) = (batch.words("kind"), batch.words("temporality"));
        let (value, whole) = (batch.doubles("value"), batch.wholes("value_whole"));
        let (count, sum, detail) = (batch.wholes("count"), batch.doubles("sum"), batch.texts("detail"));
        let (attributes, resource) = (batch.words("attributes"), batch.words("resource"));
        // Packed once for each different text of the batch.
        let mut packed: Vec<Box<[u8]>> = vec![Box::default()];
        for place in 0..batch.rows() {
            let name = name.get(place, |text| intake.name(text))?;
            let index: usize = attributes.get(place, |json| {
                let mut buffer = Vec::new();
                pack(json, name, &mut buffer, intake.tables)?;
                packed.push(buffer.into());
                Ok(packed.len() - 1)
            })?;
            let instrument = Instrument {
                resource: resource.get(place, |json| intake.resource(json))?,
                service: service.get(place, |text| intake.name(text))?,
                name,
                unit: unit.get(place, |text| intake.name(text))?,
                kind: kind.get(place, kind_of)?.0,
                temporality: temporality.get(place, temporality_of)?.0,
                attributes: packed[index].clone(),
            };
            // Beyond the bound on series, as when it came first.
            let Some(id) = intake.metrics.admit(&instrument) else { continue };
            let double = value.some(place).or(sum.some(place));
            let number = match (whole.some(place), double) {
                (Some(whole), _) => Number::Whole(whole),
                (None, Some(double)) => Number::Double(double),
                (None, None) => Number::None,
            };
            let detail = match detail.some(place) {
                None => Detail::default(),
                Some(json) => {
                    // Not serde_json: it may read a double as the one beside it.
                    let fields = sonic_rs::from_str(json)
                        .map_err(|error| Unfit(format!("`detail` is no JSON object: {error}")))?;
                    Detail::from_fields(&fields)
                }
            };
            let (time_ns, count) = (time.unsigned(place), count.unsigned(place));
            self.push(&NewPoint { instrument: id, time_ns, number, count, detail });
        }
        Ok(())
    }
}

/// A kind with a default, for rows without one.
#[derive(Debug, Clone, Copy)]
struct Kind(InstrumentKind);

impl Default for Kind {
    fn default() -> Self {
        Self(InstrumentKind::Gauge)
    }
}

fn kind_of(word: &str) -> Result<Kind, Unfit> {
    let known = InstrumentKind::ALL.iter().find(|(known, _)| *known == word);
    known.map(|(_, kind)| Kind(*kind)).ok_or_else(|| Unfit(format!("`kind` has the unknown word {word:?}")))
}

/// A temporality with a default, for rows without one.
#[derive(Debug, Clone, Copy)]
struct Given(Temporality);

impl Default for Given {
    fn default() -> Self {
        Self(Temporality::Unspecified)
    }
}

fn temporality_of(word: &str) -> Result<Given, Unfit> {
    match word {
        "delta" => Ok(Given(Temporality::Delta)),
        "cumulative" => Ok(Given(Temporality::Cumulative)),
        _ => Err(Unfit(format!("`temporality` has the unknown word {word:?}"))),
    }
}
