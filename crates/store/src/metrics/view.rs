//! Metrics for people and programs: the latest points, and points over time.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::metrics::chunk::{Number, PointChunk};
use crate::metrics::instruments::{Instrument, InstrumentId, InstrumentKind};
use crate::metrics::{Instruments, Metrics};
use crate::shelf::{Chunk, Numbered};
use crate::symbols::Texts;

/// The most series that one search returns.
const MOST_SERIES_FOUND: usize = 1000;
/// Points of one series that are given out: the newest.
const MOST_POINTS: usize = 5000;

/// The latest point of a metric, for people and programs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetricView {
    /// `service.name` of the resource.
    pub service: String,
    /// The metric's name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// `gauge`, `sum`, `histogram`, `exponential_histogram` or `summary`.
    pub kind: String,
    /// `cumulative` or `delta`, where that means something.
    pub temporality: Option<String>,
    /// When, in Unix milliseconds.
    pub at_unix_ms: f64,
    /// A number, or an object for histograms and summaries.
    pub value: Value,
    /// What tells it apart.
    pub attributes: Map<String, Value>,
}

/// Which metrics, over which stretch of time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MetricSearch {
    /// `service.name` of the resource.
    pub service: Option<String>,
    /// The metric's name.
    pub name: Option<String>,
    /// First moment, Unix milliseconds.
    pub from_unix_ms: Option<u64>,
    /// Last moment, Unix milliseconds.
    pub to_unix_ms: Option<u64>,
    /// The most series wanted: 1 to 1000, 100 if not given.
    pub limit: Option<usize>,
}

/// A metric over time: one series for each combination of service, name and attributes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetricSeries {
    /// `service.name` of the resource.
    pub service: String,
    /// The metric's name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// `gauge`, `sum`, `histogram`, `exponential_histogram` or `summary`.
    pub kind: String,
    /// `cumulative` or `delta`, where that means something.
    pub temporality: Option<String>,
    /// What tells it apart.
    pub attributes: Map<String, Value>,
    /// In order of time.
    pub points: Vec<MetricPoint>,
}

/// One point of a metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MetricPoint {
    /// When, in Unix milliseconds.
    pub at_unix_ms: f64,
    /// A number, or an object for histograms and summaries: `count`, `sum`, and their buckets.
    pub value: Value,
}

/// The latest points of a service, or a name, or all.
pub(crate) fn latest(metrics: &Metrics, service: Option<&str>, name: Option<&str>, texts: &Texts) -> Vec<MetricView> {
    let row = |id: InstrumentId| metrics.points.at(*metrics.latest.get(id.0 as usize)?);
    metrics
        .instruments
        .iter()
        .filter(|(_, instrument)| is(instrument, service, name, texts))
        .filter_map(|(id, instrument)| {
            let (chunk, place) = row(id)?;
            Some(MetricView {
                service: texts.text(instrument.service).to_owned(),
                name: texts.text(instrument.name).to_owned(),
                unit: texts.text(instrument.unit).to_owned(),
                kind: instrument.kind.word().to_owned(),
                temporality: instrument.temporality.word().map(str::to_owned),
                at_unix_ms: chunk.time_ns[place] as f64 / 1e6,
                value: value(chunk, place, instrument.kind),
                attributes: instrument.attributes().to_json(texts),
            })
        })
        .collect()
}

fn is(instrument: &Instrument, service: Option<&str>, name: Option<&str>, texts: &Texts) -> bool {
    service.is_none_or(|service| texts.text(instrument.service) == service)
        && name.is_none_or(|name| texts.text(instrument.name) == name)
}

/// Points over time, one list for each instrument, by service, name and attributes as they came first.
pub(crate) fn over_time(
    chunks: &[Numbered<PointChunk>],
    instruments: &Instruments,
    search: &MetricSearch,
    texts: &Texts,
) -> Vec<MetricSeries> {
    let given = |word: &Option<String>| word.clone().filter(|word| !word.is_empty());
    let (service, name) = (given(&search.service), given(&search.name));
    let wanted = instruments.iter().filter(|(_, one)| is(one, service.as_deref(), name.as_deref(), texts));
    let limit = search.limit.unwrap_or(100).clamp(1, MOST_SERIES_FOUND);
    let mut series: Vec<MetricSeries> = Vec::new();
    let mut place_of: HashMap<InstrumentId, (usize, InstrumentKind)> = HashMap::new();
    for (id, instrument) in wanted.take(limit) {
        place_of.insert(id, (series.len(), instrument.kind));
        series.push(MetricSeries {
            service: texts.text(instrument.service).to_owned(),
            name: texts.text(instrument.name).to_owned(),
            unit: texts.text(instrument.unit).to_owned(),
            kind: instrument.kind.word().to_owned(),
            temporality: instrument.temporality.word().map(str::to_owned),
            attributes: instrument.attributes().to_json(texts),
            points: Vec::new(),
        });
    }
    let moment = |ms: Option<u64>, otherwise| ms.map_or(otherwise, |ms| ms.saturating_mul(1_000_000));
    let (from, to) = (moment(search.from_unix_ms, 0), moment(search.to_unix_ms, u64::MAX));
    let overlaps = |chunk: &PointChunk| chunk.at_ns.is_some_and(|(first, last)| first <= to && last >= from);
    for (_, chunk) in chunks.iter().rev().filter(|(_, chunk)| overlaps(chunk)) {
        for place in (0..chunk.rows()).rev() {
            let time_ns = chunk.time_ns[place];
            let Some((index, kind)) = place_of.get(&chunk.instrument[place]) else { continue };
            let points = &mut series[*index].points;
            if (from..=to).contains(&time_ns) && points.len() < MOST_POINTS {
                points.push(MetricPoint { at_unix_ms: time_ns as f64 / 1e6, value: value(chunk, place, *kind) });
            }
        }
    }
    for one in &mut series {
        one.points.sort_by(|a, b| a.at_unix_ms.total_cmp(&b.at_unix_ms));
    }
    series.retain(|one| !one.points.is_empty());
    series
}

/// A number as JSON.
pub(crate) fn number(number: Number) -> Value {
    match number {
        Number::None => Value::Null,
        Number::Whole(whole) => json!(whole),
        Number::Double(double) => json!(double),
    }
}

fn value(chunk: &PointChunk, place: usize, kind: InstrumentKind) -> Value {
    let sum = number(chunk.number[place]);
    if matches!(kind, InstrumentKind::Gauge | InstrumentKind::Sum) {
        return sum;
    }
    let mut fields = Map::new();
    fields.insert("count".into(), json!(chunk.count[place]));
    fields.insert("sum".into(), sum);
    chunk.detail(place).fields(&mut fields);
    Value::Object(fields)
}
