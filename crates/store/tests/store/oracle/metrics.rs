//! Points of metrics as `prost` has them, and as they come out of the store.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::{Metric, NumberDataPoint, metric::Data, number_data_point};
use opentelemetry_proto::tonic::resource::v1::Resource;
use proptest::prelude::*;
use prost::Message;
use serde_json::{Map, Value, json};
use store::{Ingested, MetricSearch, Store, StoreLimits};

use super::{cases, generate, map_of, service_of, sorted};
use crate::otlp::encoded;

/// One point: its attributes, when, and its value as the store documents it.
type Point<'a> = (&'a [KeyValue], u64, Value);

/// How many points a message has: all are taken as long as there are few series.
pub(super) fn counted(message: &ExportMetricsServiceRequest) -> Ingested {
    let metrics =
        message.resource_metrics.iter().flat_map(|group| &group.scope_metrics).flat_map(|scope| &scope.metrics);
    Ingested { accepted: metrics.map(|metric| points(metric).len() as u64).sum(), rejected: 0 }
}

fn number(point: &NumberDataPoint) -> Value {
    match point.value {
        None => Value::Null,
        Some(number_data_point::Value::AsDouble(number)) => json!(number),
        Some(number_data_point::Value::AsInt(whole)) => json!(whole),
    }
}

fn many(count: u64, sum: Option<f64>, min: Option<f64>, max: Option<f64>) -> Map<String, Value> {
    let mut value = Map::new();
    value.insert("count".into(), json!(count));
    value.insert("sum".into(), json!(sum));
    for (name, extreme) in [("min", min), ("max", max)] {
        if let Some(extreme) = extreme {
            value.insert(name.into(), json!(extreme));
        }
    }
    value
}

fn side(side: Option<&Buckets>) -> Value {
    json!({"offset": side.map_or(0, |side| side.offset), "counts": side.map_or(&[][..], |side| &side.bucket_counts)})
}

fn points(metric: &Metric) -> Vec<Point<'_>> {
    match &metric.data {
        None => Vec::new(),
        Some(Data::Gauge(gauge)) => {
            gauge.data_points.iter().map(|point| (&point.attributes[..], point.time_unix_nano, number(point))).collect()
        }
        Some(Data::Sum(sum)) => {
            sum.data_points.iter().map(|point| (&point.attributes[..], point.time_unix_nano, number(point))).collect()
        }
        Some(Data::Histogram(histogram)) => histogram
            .data_points
            .iter()
            .map(|point| {
                let mut value = many(point.count, point.sum, point.min, point.max);
                if !point.bucket_counts.is_empty() || !point.explicit_bounds.is_empty() {
                    value.insert("bounds".into(), json!(point.explicit_bounds));
                    value.insert("counts".into(), json!(point.bucket_counts));
                }
                (&point.attributes[..], point.time_unix_nano, Value::Object(value))
            })
            .collect(),
        Some(Data::ExponentialHistogram(histogram)) => histogram
            .data_points
            .iter()
            .map(|point| {
                let mut value = many(point.count, point.sum, point.min, point.max);
                if point.scale != 0 || point.zero_count != 0 || point.positive.is_some() || point.negative.is_some() {
                    value.insert("scale".into(), json!(point.scale));
                    value.insert("zero_count".into(), json!(point.zero_count));
                    value.insert("positive".into(), side(point.positive.as_ref()));
                    value.insert("negative".into(), side(point.negative.as_ref()));
                }
                (&point.attributes[..], point.time_unix_nano, Value::Object(value))
            })
            .collect(),
        Some(Data::Summary(summary)) => summary
            .data_points
            .iter()
            .map(|point| {
                let mut value = many(point.count, Some(point.sum), None, None);
                if !point.quantile_values.is_empty() {
                    let pairs: Vec<_> = point.quantile_values.iter().map(|one| (one.quantile, one.value)).collect();
                    value.insert("quantiles".into(), json!(pairs));
                }
                (&point.attributes[..], point.time_unix_nano, Value::Object(value))
            })
            .collect(),
    }
}

fn words(metric: &Metric) -> (&'static str, Option<&'static str>) {
    let temporality = |number| match number {
        1 => Some("delta"),
        2 => Some("cumulative"),
        _ => None,
    };
    match &metric.data {
        None | Some(Data::Gauge(_)) => ("gauge", None),
        Some(Data::Sum(sum)) => ("sum", temporality(sum.aggregation_temporality)),
        Some(Data::Histogram(one)) => ("histogram", temporality(one.aggregation_temporality)),
        Some(Data::ExponentialHistogram(one)) => ("exponential_histogram", temporality(one.aggregation_temporality)),
        Some(Data::Summary(_)) => ("summary", None),
    }
}

fn views(metric: &Metric, resource: Option<&Resource>) -> Vec<Value> {
    let (kind, temporality) = words(metric);
    let view = |(attributes, time, value): Point<'_>| {
        json!({
            "service": service_of(resource), "name": metric.name, "unit": metric.unit, "kind": kind,
            "temporality": temporality, "attributes": map_of(attributes), "at_unix_ms": time as f64 / 1e6, "value": value,
        })
    };
    points(metric).into_iter().map(view).collect()
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn every_field_of_every_point_comes_out_as_prost_has_it(messages in prop::collection::vec(generate::metrics(), 1..4)) {
        let store = Store::new(StoreLimits::default(), Default::default());
        let mut expected = Vec::new();
        for message in &messages {
            // As `prost` decodes it: encoding forgets what protobuf does not tell apart.
            let message = &ExportMetricsServiceRequest::decode(&encoded(message)[..]).expect("prost wrote it");
            let taken = store.ingest_metrics(&encoded(message));
            prop_assert_eq!(taken, Ok(counted(message)));
            for group in &message.resource_metrics {
                let metrics = group.scope_metrics.iter().flat_map(|scope| &scope.metrics);
                expected.extend(metrics.flat_map(|metric| views(metric, group.resource.as_ref())));
            }
        }
        let found = store.metric_series(&MetricSearch { limit: Some(1000), ..MetricSearch::default() });
        let found = found.iter().flat_map(|series| series.points.iter().map(move |point| json!({
            "service": series.service, "name": series.name, "unit": series.unit, "kind": series.kind,
            "temporality": series.temporality, "attributes": series.attributes, "at_unix_ms": point.at_unix_ms,
            "value": point.value,
        })));
        prop_assert_eq!(sorted(found), sorted(expected));
    }
}
