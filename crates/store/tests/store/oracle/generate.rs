//! Random messages: every kind of value, whatever may be missing, whatever may be given twice.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList, any_value::Value as V,
};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint, Metric,
    NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, Summary, SummaryDataPoint, metric::Data, number_data_point,
    summary_data_point::ValueAtQuantile,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{
    ResourceSpans, ScopeSpans, Span, Status,
    span::{Event, Link},
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::otlp::NOW_S;

/// Keys, names and texts: many that come again, some that mean something to the store, some that never came.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => proptest::sample::select(vec![
            "", "traffic.type", "service.name", "db.system.name", "db.system", "db.query.text", "db.statement",
            "db.index_used", "db.rows_scanned", "event.name", "a", "b", "other", "demo", "baseline",
        ])
        .prop_map(str::to_owned),
        2 => "[a-z.]{1,12}",
        1 => any::<String>(),
    ]
}

fn value() -> impl Strategy<Value = AnyValue> {
    let leaf = option::weighted(
        0.9,
        prop_oneof![
            4 => word().prop_map(V::StringValue),
            1 => any::<bool>().prop_map(V::BoolValue),
            2 => any::<i64>().prop_map(V::IntValue),
            2 => (-5i64..1000).prop_map(V::IntValue),
            2 => any::<f64>().prop_map(V::DoubleValue),
            1 => vec(any::<u8>(), 0..20).prop_map(V::BytesValue),
            1 => any::<i32>().prop_map(V::StringValueStrindex),
        ],
    );
    let nested = leaf.prop_map(|value| AnyValue { value }).prop_recursive(4, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|values| AnyValue { value: Some(V::ArrayValue(ArrayValue { values })) }),
            vec((word(), option::of(inner)), 0..4).prop_map(|entries| {
                let entry = |(key, value)| KeyValue { key, value, ..KeyValue::default() };
                let values = entries.into_iter().map(entry).collect();
                AnyValue { value: Some(V::KvlistValue(KeyValueList { values })) }
            }),
        ]
    });
    // Long enough not to be shared; what is cut has tests of its own.
    let long = "[a-z]{200,1500}".prop_map(|text| AnyValue { value: Some(V::StringValue(text)) });
    prop_oneof![15 => nested, 1 => long]
}

fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    vec((word(), option::weighted(0.95, value())), 0..8).prop_map(|entries| {
        entries.into_iter().map(|(key, value)| KeyValue { key, value, ..KeyValue::default() }).collect()
    })
}

fn resource() -> impl Strategy<Value = Option<Resource>> {
    option::weighted(
        0.9,
        (attributes(), option::weighted(0.8, word())).prop_map(|(mut attributes, service)| {
            attributes.extend(service.map(|service| crate::otlp::text("service.name", &service)));
            Resource { attributes, dropped_attributes_count: 3, ..Resource::default() }
        }),
    )
}

fn scope() -> impl Strategy<Value = Option<InstrumentationScope>> {
    option::of((word(), word(), attributes()).prop_map(|(name, version, attributes)| InstrumentationScope {
        name,
        version,
        attributes,
        ..InstrumentationScope::default()
    }))
}

/// Mostly valid, sometimes empty, all zero or of a wrong length.
fn id(length: usize, different: u8) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        20 => (1..=different).prop_map(move |last| {
            let mut id = vec![0; length];
            id[length - 1] = last;
            id
        }),
        3 => vec(any::<u8>(), length),
        1 => Just(Vec::new()),
        1 => Just(vec![0; length]),
        1 => vec(any::<u8>(), 1..20),
    ]
}

fn moment() -> impl Strategy<Value = u64> {
    let now = NOW_S * 1_000_000_000;
    prop_oneof![
        10 => now - 100_000_000_000..now + 5_000_000_000,
        2 => any::<u64>(),
        1 => Just(0),
        1 => Just(u64::MAX),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    (moment(), word(), attributes()).prop_map(|(time_unix_nano, name, attributes)| Event {
        time_unix_nano,
        name,
        attributes,
        dropped_attributes_count: 1,
    })
}

fn link() -> impl Strategy<Value = Link> {
    (id(16, 5), id(8, 5), word(), attributes(), any::<u32>()).prop_map(
        |(trace_id, span_id, trace_state, attributes, flags)| Link {
            trace_id,
            span_id,
            trace_state,
            attributes,
            dropped_attributes_count: 2,
            flags,
        },
    )
}

fn span() -> impl Strategy<Value = Span> {
    let identity = (id(16, 4), id(8, 200), option::of(id(8, 200)), moment(), -1_000_000i64..20_000_000_000);
    let status = option::of((word(), -1..5).prop_map(|(message, code)| Status { message, code }));
    let rest = (word(), -1..8, attributes(), vec(event(), 0..3), vec(link(), 0..2), status, word(), any::<u32>());
    (identity, rest).prop_map(
        |(
            (trace_id, span_id, parent, start, duration),
            (name, kind, attributes, events, links, status, state, flags),
        )| {
            Span {
                trace_id,
                span_id,
                trace_state: state,
                parent_span_id: parent.unwrap_or_default(),
                flags,
                name,
                kind,
                start_time_unix_nano: start,
                end_time_unix_nano: start.saturating_add_signed(duration),
                attributes,
                dropped_attributes_count: flags,
                events,
                dropped_events_count: 1,
                links,
                dropped_links_count: 1,
                status,
            }
        },
    )
}

pub(super) fn traces() -> impl Strategy<Value = ExportTraceServiceRequest> {
    let scopes = vec(
        (scope(), vec(span(), 0..6), word()).prop_map(|(scope, spans, schema_url)| ScopeSpans {
            scope,
            spans,
            schema_url,
        }),
        0..3,
    );
    let resources = (resource(), scopes, word()).prop_map(|(resource, scope_spans, schema_url)| ResourceSpans {
        resource,
        scope_spans,
        schema_url,
    });
    vec(resources, 0..3).prop_map(|resource_spans| ExportTraceServiceRequest { resource_spans })
}

fn record() -> impl Strategy<Value = LogRecord> {
    let ids = (id(16, 4), id(8, 9), moment(), moment());
    let rest = (option::of(value()), attributes(), -2..30, word(), option::of(word()), any::<u32>());
    (ids, rest).prop_map(
        |((trace_id, span_id, time, observed), (body, attributes, severity_number, severity_text, event, flags))| {
            LogRecord {
                time_unix_nano: time,
                observed_time_unix_nano: observed,
                severity_number,
                severity_text,
                body,
                attributes,
                dropped_attributes_count: 1,
                flags,
                trace_id,
                span_id,
                event_name: event.unwrap_or_default(),
            }
        },
    )
}

pub(super) fn logs() -> impl Strategy<Value = ExportLogsServiceRequest> {
    let scopes = vec(
        (scope(), vec(record(), 0..6), word()).prop_map(|(scope, log_records, schema_url)| ScopeLogs {
            scope,
            log_records,
            schema_url,
        }),
        0..3,
    );
    let resources = (resource(), scopes, word()).prop_map(|(resource, scope_logs, schema_url)| ResourceLogs {
        resource,
        scope_logs,
        schema_url,
    });
    vec(resources, 0..3).prop_map(|resource_logs| ExportLogsServiceRequest { resource_logs })
}

fn exemplars() -> impl Strategy<Value = Vec<Exemplar>> {
    vec(
        (attributes(), moment()).prop_map(|(filtered_attributes, time_unix_nano)| Exemplar {
            filtered_attributes,
            time_unix_nano,
            ..Exemplar::default()
        }),
        0..2,
    )
}

fn number() -> impl Strategy<Value = NumberDataPoint> {
    let value = option::weighted(
        0.9,
        prop_oneof![
            any::<f64>().prop_map(number_data_point::Value::AsDouble),
            any::<i64>().prop_map(number_data_point::Value::AsInt),
        ],
    );
    (attributes(), moment(), exemplars(), 0..3u32, value).prop_map(|(attributes, time, exemplars, flags, value)| {
        NumberDataPoint { attributes, start_time_unix_nano: 1, time_unix_nano: time, exemplars, flags, value }
    })
}

fn histogram() -> impl Strategy<Value = HistogramDataPoint> {
    let numbers = (any::<u64>(), option::of(any::<f64>()), option::of(any::<f64>()), option::of(any::<f64>()));
    (attributes(), moment(), numbers, vec(any::<u64>(), 0..5), vec(any::<f64>(), 0..5), exemplars()).prop_map(
        |(attributes, time_unix_nano, (count, sum, min, max), bucket_counts, explicit_bounds, exemplars)| {
            HistogramDataPoint {
                attributes,
                start_time_unix_nano: 1,
                time_unix_nano,
                count,
                sum,
                bucket_counts,
                explicit_bounds,
                exemplars,
                flags: 1,
                min,
                max,
            }
        },
    )
}

fn side() -> impl Strategy<Value = Option<Buckets>> {
    option::of(
        (any::<i32>(), vec(prop_oneof![0..300u64, any::<u64>()], 0..6))
            .prop_map(|(offset, bucket_counts)| Buckets { offset, bucket_counts }),
    )
}

fn exponential() -> impl Strategy<Value = ExponentialHistogramDataPoint> {
    let numbers = (any::<u64>(), option::of(any::<f64>()), option::of(any::<f64>()), option::of(any::<f64>()));
    (attributes(), moment(), numbers, any::<i32>(), any::<u64>(), side(), side(), exemplars()).prop_map(
        |(attributes, time_unix_nano, (count, sum, min, max), scale, zero_count, positive, negative, exemplars)| {
            ExponentialHistogramDataPoint {
                attributes,
                start_time_unix_nano: 1,
                time_unix_nano,
                count,
                sum,
                scale,
                zero_count,
                positive,
                negative,
                flags: 1,
                exemplars,
                min,
                max,
                zero_threshold: 0.5,
            }
        },
    )
}

fn summary() -> impl Strategy<Value = SummaryDataPoint> {
    let quantiles =
        vec((any::<f64>(), any::<f64>()).prop_map(|(quantile, value)| ValueAtQuantile { quantile, value }), 0..4);
    (attributes(), moment(), any::<u64>(), any::<f64>(), quantiles).prop_map(
        |(attributes, time_unix_nano, count, sum, quantile_values)| SummaryDataPoint {
            attributes,
            start_time_unix_nano: 1,
            time_unix_nano,
            count,
            sum,
            quantile_values,
            flags: 1,
        },
    )
}

fn metric() -> impl Strategy<Value = Metric> {
    let data = prop_oneof![
        vec(number(), 0..4).prop_map(|data_points| Data::Gauge(Gauge { data_points })),
        (vec(number(), 0..4), -1..4, any::<bool>()).prop_map(|(data_points, aggregation_temporality, is_monotonic)| {
            Data::Sum(Sum { data_points, aggregation_temporality, is_monotonic })
        }),
        (vec(histogram(), 0..4), 0..4).prop_map(|(data_points, aggregation_temporality)| {
            Data::Histogram(Histogram { data_points, aggregation_temporality })
        }),
        (vec(exponential(), 0..4), 0..4).prop_map(|(data_points, aggregation_temporality)| {
            Data::ExponentialHistogram(ExponentialHistogram { data_points, aggregation_temporality })
        }),
        vec(summary(), 0..4).prop_map(|data_points| Data::Summary(Summary { data_points })),
    ];
    (word(), word(), word(), option::weighted(0.95, data), attributes())
        .prop_map(|(name, description, unit, data, metadata)| Metric { name, description, unit, metadata, data })
}

pub(super) fn metrics() -> impl Strategy<Value = ExportMetricsServiceRequest> {
    let scopes = vec(
        (scope(), vec(metric(), 0..4), word()).prop_map(|(scope, metrics, schema_url)| ScopeMetrics {
            scope,
            metrics,
            schema_url,
        }),
        0..3,
    );
    let resources = (resource(), scopes, word()).prop_map(|(resource, scope_metrics, schema_url)| ResourceMetrics {
        resource,
        scope_metrics,
        schema_url,
    });
    vec(resources, 0..3).prop_map(|resource_metrics| ExportMetricsServiceRequest { resource_metrics })
}
