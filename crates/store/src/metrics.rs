//! The latest point of every metric.

use indexmap::IndexMap;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Metric, metric::Data, number_data_point::Value as Number,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::limits::MOST_METRIC_POINTS;
use crate::pack::{Packed, Tables};
use crate::symbols::Symbol;

/// What tells points apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct PointKey {
    service: Symbol,
    name: Symbol,
    attributes: Packed,
}

#[derive(Debug, Clone)]
struct Point {
    time_ns: u64,
    unit: Symbol,
    kind: &'static str,
    temporality: Option<&'static str>,
    value: Value,
}

/// Latest points within a bound on their number.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    points: IndexMap<PointKey, Point>,
    pub(crate) received: u64,
    pub(crate) dropped: u64,
}

/// The latest point of a metric, for people and programs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricPoint {
    /// When, in Unix milliseconds.
    pub at_unix_ms: f64,
    /// A number, or an object for histograms and summaries: `count`, `sum`, and their buckets.
    pub value: Value,
}

/// One point on its way in: attributes, time, value.
type Incoming<'a> = (&'a [KeyValue], u64, Value);

impl Metrics {
    /// Takes in all points of a metric.
    pub(crate) fn ingest(&mut self, service: Symbol, metric: &Metric, tables: &mut Tables) {
        let name = tables.names.name(&metric.name);
        let unit = tables.names.name(&metric.unit);
        let (kind, temporality, points) = points(metric);
        for (attributes, time_ns, value) in points {
            self.received += 1;
            let key = PointKey { service, name, attributes: Packed::new(attributes, tables).0 };
            let point = Point { time_ns, unit, kind, temporality, value };
            if let Some(kept) = self.points.get_mut(&key) {
                *kept = point;
            } else if self.points.len() < MOST_METRIC_POINTS {
                self.points.insert(key, point);
            } else {
                self.dropped += 1;
            }
        }
    }

    /// The points of a service, or a name, or all.
    pub(crate) fn list(&self, service: Option<&str>, name: Option<&str>, tables: &Tables) -> Vec<MetricView> {
        let is = |word: Option<&str>, symbol: Symbol| word.is_none_or(|word| tables.names.text(symbol) == word);
        self.points
            .iter()
            .filter(|(key, _)| is(service, key.service) && is(name, key.name))
            .map(|(key, point)| MetricView {
                service: tables.names.text(key.service).to_owned(),
                name: tables.names.text(key.name).to_owned(),
                unit: tables.names.text(point.unit).to_owned(),
                kind: point.kind.to_owned(),
                temporality: point.temporality.map(str::to_owned),
                at_unix_ms: point.time_ns as f64 / 1e6,
                value: point.value.clone(),
                attributes: key.attributes.unpack(tables),
            })
            .collect()
    }
}

fn temporality(number: i32) -> Option<&'static str> {
    match AggregationTemporality::try_from(number) {
        Ok(AggregationTemporality::Delta) => Some("delta"),
        Ok(AggregationTemporality::Cumulative) => Some("cumulative"),
        _ => None,
    }
}

fn number(value: Option<&Number>) -> Value {
    match value {
        Some(Number::AsDouble(number)) => Value::from(*number),
        Some(Number::AsInt(whole)) => Value::from(*whole),
        None => Value::Null,
    }
}

fn points(metric: &Metric) -> (&'static str, Option<&'static str>, Vec<Incoming<'_>>) {
    match &metric.data {
        None => ("empty", None, Vec::new()),
        Some(Data::Gauge(gauge)) => {
            let points = gauge.data_points.iter();
            ("gauge", None, points.map(|p| (&p.attributes[..], p.time_unix_nano, number(p.value.as_ref()))).collect())
        }
        Some(Data::Sum(sum)) => {
            let points = sum.data_points.iter();
            let points = points.map(|p| (&p.attributes[..], p.time_unix_nano, number(p.value.as_ref()))).collect();
            ("sum", temporality(sum.aggregation_temporality), points)
        }
        Some(Data::Histogram(histogram)) => {
            let points = histogram.data_points.iter().map(|p| {
                let value = json!({
                    "count": p.count, "sum": p.sum, "min": p.min, "max": p.max,
                    "bounds": p.explicit_bounds, "counts": p.bucket_counts,
                });
                (&p.attributes[..], p.time_unix_nano, value)
            });
            ("histogram", temporality(histogram.aggregation_temporality), points.collect())
        }
        Some(Data::ExponentialHistogram(histogram)) => {
            let points = histogram.data_points.iter().map(|p| {
                let buckets = |buckets: &Option<_>| {
                    buckets.as_ref().map(
                        |b: &opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets| {
                            json!({"offset": b.offset, "counts": b.bucket_counts})
                        },
                    )
                };
                let value = json!({
                    "count": p.count, "sum": p.sum, "min": p.min, "max": p.max, "scale": p.scale,
                    "zero_count": p.zero_count, "positive": buckets(&p.positive), "negative": buckets(&p.negative),
                });
                (&p.attributes[..], p.time_unix_nano, value)
            });
            ("exponential_histogram", temporality(histogram.aggregation_temporality), points.collect())
        }
        Some(Data::Summary(summary)) => {
            let points = summary.data_points.iter().map(|p| {
                let quantiles: Vec<_> = p.quantile_values.iter().map(|q| json!([q.quantile, q.value])).collect();
                (&p.attributes[..], p.time_unix_nano, json!({"count": p.count, "sum": p.sum, "quantiles": quantiles}))
            });
            ("summary", None, points.collect())
        }
    }
}
