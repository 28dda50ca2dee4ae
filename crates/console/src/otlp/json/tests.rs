//! What JSON becomes, checked against `opentelemetry-proto`'s reading of it and, where that falls short, by hand.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList, any_value::Value,
};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::summary_data_point::ValueAtQuantile;
use opentelemetry_proto::tonic::metrics::v1::*;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;

fn read<M: prost::Message + Default>(signal: Signal, json: &str) -> Result<M, String> {
    to_protobuf(signal, json.as_bytes()).map(|bytes| M::decode(&bytes[..]).expect("what we write is protobuf"))
}

/// Attributes of a span, given as JSON.
fn attributes(json: &str) -> Result<Vec<KeyValue>, String> {
    let text = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"attributes":[{json}]}}]}}]}}]}}"#);
    let mut request: ExportTraceServiceRequest = read(Signal::Traces, &text)?;
    Ok(std::mem::take(&mut request.resource_spans[0].scope_spans[0].spans[0].attributes))
}

/// A metric, given as JSON.
fn metric(json: &str) -> Result<Metric, String> {
    let text = format!(r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{json}]}}]}}]}}"#);
    let mut request: ExportMetricsServiceRequest = read(Signal::Metrics, &text)?;
    Ok(request.resource_metrics[0].scope_metrics[0].metrics.remove(0))
}

fn value(json: &str) -> Option<Value> {
    let mut all = attributes(&format!(r#"{{"key":"k","value":{json}}}"#)).expect("it is taken");
    all.remove(0).value.and_then(|any| any.value)
}

#[test]
fn the_specifications_own_examples_are_read() {
    let trace = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"my.service"}}]},
        "scopeSpans":[{"scope":{"name":"my.library","version":"1.0.0","attributes":[{"key":"my.scope.attribute",
        "value":{"stringValue":"some scope attribute"}}]},"spans":[{"traceId":"5B8EFFF798038103D269B633813FC60C",
        "spanId":"EEE19B7EC3C1B174","parentSpanId":"EEE19B7EC3C1B173","name":"I'm a server span",
        "startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000","kind":2,
        "attributes":[{"key":"my.span.attr","value":{"stringValue":"some value"}}]}]}]}]}"#;
    let request: ExportTraceServiceRequest = read(Signal::Traces, trace).expect("it is the example");
    let span = &request.resource_spans[0].scope_spans[0].spans[0];
    assert_eq!(span.trace_id, 0x5B8E_FFF7_9803_8103_D269_B633_813F_C60C_u128.to_be_bytes());
    assert_eq!((span.start_time_unix_nano, span.kind), (1_544_712_660_000_000_000, 2));
    assert_eq!(request, serde_json::from_str(trace).expect("the other reads it too"));
}

#[test]
fn every_kind_of_value_comes_through() {
    assert_eq!(value(r#"{"stringValue":"\u00e9\n"}"#), Some(Value::StringValue("é\n".into())));
    assert_eq!(value(r#"{"boolValue":false}"#), Some(Value::BoolValue(false)));
    for number in [r#""-42""#, "-42", "-42.0", "-4.2e1"] {
        assert_eq!(value(&format!(r#"{{"intValue":{number}}}"#)), Some(Value::IntValue(-42)), "{number}");
    }
    assert_eq!(value(r#"{"intValue":"9223372036854775807"}"#), Some(Value::IntValue(i64::MAX)));
    assert_eq!(value(r#"{"doubleValue":1}"#), Some(Value::DoubleValue(1.0)));
    assert_eq!(value(r#"{"doubleValue":"-Infinity"}"#), Some(Value::DoubleValue(f64::NEG_INFINITY)));
    for bytes in [r#""+/8=""#, r#""-_8""#, r#""+/8""#] {
        assert_eq!(value(&format!(r#"{{"bytesValue":{bytes}}}"#)), Some(Value::BytesValue(vec![251, 255])), "{bytes}");
    }
    let list = r#"{"arrayValue":{"values":[{"intValue":"1"},{},{"stringValue":"x"}]}}"#;
    let Some(Value::ArrayValue(list)) = value(list) else { panic!("a list") };
    assert_eq!(list.values.len(), 3);
    assert_eq!(list.values[1].value, None);
    let map = r#"{"kvlistValue":{"values":[{"key":"a","value":{"kvlistValue":{"values":[{"key":"b"}]}}}]}}"#;
    let Some(Value::KvlistValue(map)) = value(map) else { panic!("a map") };
    assert!(matches!(map.values[0].value.as_ref().and_then(|any| any.value.as_ref()), Some(Value::KvlistValue(_))));
    assert_eq!(value("{}"), None);
    assert_eq!(value("null"), None);
    assert_eq!(value(r#"{"arrayValue":{}}"#), Some(Value::ArrayValue(ArrayValue::default())));
    assert_eq!(value(r#"{"newValue":{"a":[1,{}]},"stringValue":"x"}"#), Some(Value::StringValue("x".into())));
}

#[test]
fn every_kind_of_point_comes_through_with_numbers_as_text_and_what_is_no_number() {
    let histogram = metric(
        r#"{"name":"h","unit":"ms","histogram":{"aggregationTemporality":1,"dataPoints":[{"count":"3","sum":"NaN",
        "bucketCounts":["1",2,"0"],"explicitBounds":[0.5,"Infinity"],"min":"-Infinity","flags":"1","new":null}]}}"#,
    );
    let Some(Data::Histogram(histogram)) = histogram.expect("a histogram").data else { panic!("a histogram") };
    let point = &histogram.data_points[0];
    assert_eq!((histogram.aggregation_temporality, point.count, point.flags), (1, 3, 1));
    assert_eq!((&point.bucket_counts[..], &point.explicit_bounds[..]), (&[1, 2, 0][..], &[0.5, f64::INFINITY][..]));
    assert!(point.sum.is_some_and(f64::is_nan) && point.min == Some(f64::NEG_INFINITY) && point.max.is_none());

    let exponential = metric(
        r#"{"name":"e","exponentialHistogram":{"aggregationTemporality":"AGGREGATION_TEMPORALITY_CUMULATIVE","dataPoints":
        [{"count":5,"scale":-3,"zeroCount":"2","positive":{"offset":-7,"bucketCounts":["1","2"]},"negative":{}}]}}"#,
    );
    let Some(Data::ExponentialHistogram(exponential)) = exponential.expect("it is taken").data else {
        panic!("an exponential histogram")
    };
    let point = &exponential.data_points[0];
    assert_eq!((exponential.aggregation_temporality, point.scale, point.zero_count), (2, -3, 2));
    assert_eq!(point.positive, Some(Buckets { offset: -7, bucket_counts: vec![1, 2] }));
    assert_eq!(point.negative, Some(Buckets::default()));

    let sum = metric(r#"{"name":"s","sum":{"isMonotonic":true,"dataPoints":[{"asInt":"-5"},{"asDouble":0}]}}"#);
    let Some(Data::Sum(sum)) = sum.expect("a sum").data else { panic!("a sum") };
    assert_eq!(sum.data_points[0].value, Some(number_data_point::Value::AsInt(-5)));
    assert_eq!(sum.data_points[1].value, Some(number_data_point::Value::AsDouble(0.0)));
}

#[test]
fn an_empty_object_is_an_empty_message_and_null_is_nothing() {
    for signal in Signal::ALL {
        assert_eq!(to_protobuf(signal, b"{}"), Ok(Vec::new()));
        assert_eq!(
            to_protobuf(signal, br#"{"resourceSpans":null,"resourceLogs":null,"resourceMetrics":null}"#),
            Ok(Vec::new())
        );
        assert_eq!(to_protobuf(signal, br#" {"resource_spans": [{"a": 1}], "x": "y"} "#), Ok(Vec::new()));
    }
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (json, said) in [
        ("", "EOF while parsing a value"),
        ("[]", "expected an object, ExportTraceServiceRequest"),
        ("{} {}", "trailing characters"),
        (r#"{"resourceSpans":7}"#, "expected `resourceSpans`, a list, each ResourceSpans"),
        (r#"{"resourceSpans":[7]}"#, "expected `resourceSpans`, ResourceSpans"),
        (
            r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xyz"}]}]}]}"#,
            "expected `traceId`, an identifier in hex",
        ),
        (
            r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"QUEEN"}]}]}]}"#,
            "expected `kind`, the number of a choice",
        ),
        (
            r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":-1}]}]}]}"#,
            "not below zero at line 1 column",
        ),
        (
            r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"flags":4294967296}]}]}]}"#,
            "`flags`, a whole number of 32 bits",
        ),
        (r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":["a"]}]}]}]}"#, "expected `name`, a text"),
    ] {
        let mistake = to_protobuf(Signal::Traces, json.as_bytes()).expect_err(json);
        assert!(mistake.contains(said), "{json}: {mistake}");
    }
    let deep = "[".repeat(100_000);
    assert!(to_protobuf(Signal::Traces, deep.as_bytes()).is_err());
    let values = r#"{"arrayValue":{"values":["#.repeat(200);
    let deep = attributes(&format!(r#"{{"key":"k","value":{values}"#)).expect_err("too deep");
    assert!(deep.contains("recursion limit"), "{deep}");
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z.]{0,12}", any::<String>()]
}

fn id(bytes: usize) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![Just(Vec::new()), vec(any::<u8>(), bytes)]
}

/// Numbers that the other's JSON can say.
fn number() -> impl Strategy<Value = f64> {
    proptest::num::f64::NORMAL | proptest::num::f64::ZERO
}

fn any_value() -> impl Strategy<Value = AnyValue> {
    let leaf = prop_oneof![
        text().prop_map(Value::StringValue),
        any::<bool>().prop_map(Value::BoolValue),
        any::<i64>().prop_map(Value::IntValue),
        number().prop_map(Value::DoubleValue),
        vec(any::<u8>(), 0..9).prop_map(Value::BytesValue),
    ];
    let value = leaf.prop_recursive(3, 12, 4, |inner| {
        let any = inner.prop_map(|value| AnyValue { value: Some(value) });
        prop_oneof![
            vec(any.clone(), 0..4).prop_map(|values| Value::ArrayValue(ArrayValue { values })),
            vec((text(), any), 0..4).prop_map(|entries| {
                let values =
                    entries.into_iter().map(|(key, value)| KeyValue { key, value: Some(value), ..KeyValue::default() });
                Value::KvlistValue(KeyValueList { values: values.collect() })
            }),
        ]
    });
    value.prop_map(|value| AnyValue { value: Some(value) })
}

fn key_values() -> impl Strategy<Value = Vec<KeyValue>> {
    vec((text(), any_value()), 0..4).prop_map(|entries| {
        entries.into_iter().map(|(key, value)| KeyValue { key, value: Some(value), ..KeyValue::default() }).collect()
    })
}

fn resource() -> impl Strategy<Value = Option<Resource>> {
    let made = (key_values(), any::<u32>()).prop_map(|(attributes, dropped_attributes_count)| Resource {
        attributes,
        dropped_attributes_count,
        ..Resource::default()
    });
    option::of(made)
}

fn scope() -> impl Strategy<Value = Option<InstrumentationScope>> {
    let made = (text(), text(), key_values(), any::<u32>()).prop_map(
        |(name, version, attributes, dropped_attributes_count)| InstrumentationScope {
            name,
            version,
            attributes,
            dropped_attributes_count,
        },
    );
    option::of(made)
}

prop_compose! {
    fn span()(
        trace_id in id(16), span_id in id(8), parent_span_id in id(8), trace_state in text(), name in text(), flags in any::<u32>(),
        kind in 0..7i32, start_time_unix_nano in any::<u64>(), end_time_unix_nano in any::<u64>(), attributes in key_values(),
        events in vec((any::<u64>(), text(), key_values(), any::<u32>()), 0..3),
        links in vec((id(16), id(8), text(), key_values(), any::<u32>()), 0..3)
    )(
        status in option::of((text(), -1..4i32).prop_map(|(message, code)| Status { message, code })),
        dropped in any::<[u32; 3]>(),
        trace_id in Just(trace_id), span_id in Just(span_id), parent_span_id in Just(parent_span_id),
        trace_state in Just(trace_state), name in Just(name), flags in Just(flags), kind in Just(kind),
        start_time_unix_nano in Just(start_time_unix_nano), end_time_unix_nano in Just(end_time_unix_nano),
        attributes in Just(attributes), events in Just(events), links in Just(links)
    ) -> Span {
        Span {
            trace_id, span_id, parent_span_id, trace_state, name, flags, kind, start_time_unix_nano, end_time_unix_nano,
            attributes, status,
            dropped_attributes_count: dropped[0], dropped_events_count: dropped[1], dropped_links_count: dropped[2],
            events: events.into_iter().map(|(time_unix_nano, name, attributes, dropped_attributes_count)| {
                Event { time_unix_nano, name, attributes, dropped_attributes_count }
            }).collect(),
            links: links.into_iter().map(|(trace_id, span_id, trace_state, attributes, flags)| {
                Link { trace_id, span_id, trace_state, attributes, flags, dropped_attributes_count: flags }
            }).collect(),
        }
    }
}

prop_compose! {
    fn log_record()(
        time_unix_nano in any::<u64>(), observed_time_unix_nano in any::<u64>(), severity_number in 0..25i32, severity_text in text(),
        body in option::of(any_value()), attributes in key_values(), dropped_attributes_count in any::<u32>(), flags in any::<u32>(),
        trace_id in id(16), span_id in id(8), event_name in text()
    ) -> LogRecord {
        LogRecord {
            time_unix_nano, observed_time_unix_nano, severity_number, severity_text, body, attributes,
            dropped_attributes_count, flags, trace_id, span_id, event_name,
        }
    }
}

prop_compose! {
    fn exemplar()(
        filtered_attributes in key_values(), time_unix_nano in any::<u64>(), span_id in id(8), trace_id in id(16),
        value in prop_oneof![number().prop_map(exemplar::Value::AsDouble), any::<i64>().prop_map(exemplar::Value::AsInt)]
    ) -> Exemplar {
        Exemplar { filtered_attributes, time_unix_nano, span_id, trace_id, value: Some(value) }
    }
}

prop_compose! {
    fn number_point()(
        attributes in key_values(), start_time_unix_nano in any::<u64>(), time_unix_nano in any::<u64>(), exemplars in vec(exemplar(), 0..2),
        flags in any::<u32>(),
        value in prop_oneof![
            number().prop_map(number_data_point::Value::AsDouble), any::<i64>().prop_map(number_data_point::Value::AsInt),
        ]
    ) -> NumberDataPoint {
        NumberDataPoint { attributes, start_time_unix_nano, time_unix_nano, exemplars, flags, value: Some(value) }
    }
}

prop_compose! {
    fn histogram_point()(
        attributes in key_values(), start_time_unix_nano in any::<u64>(), time_unix_nano in any::<u64>(), count in any::<u64>(), sum in option::of(number()),
        bucket_counts in vec(any::<u64>(), 0..5), explicit_bounds in vec(number(), 0..4), exemplars in vec(exemplar(), 0..2),
        flags in any::<u32>(), range in option::of((number(), number()))
    ) -> HistogramDataPoint {
        let (min, max) = range.unzip();
        HistogramDataPoint {
            attributes, start_time_unix_nano, time_unix_nano, count, sum, bucket_counts, explicit_bounds, exemplars, flags,
            min, max,
        }
    }
}

prop_compose! {
    fn buckets()(offset in any::<i32>(), bucket_counts in vec(any::<u64>(), 0..5)) -> Buckets {
        Buckets { offset, bucket_counts }
    }
}

prop_compose! {
    fn exponential_point()(
        attributes in key_values(), time_unix_nano in any::<u64>(), count in any::<u64>(), sum in option::of(number()), scale in any::<i32>(), zero_count in any::<u64>(),
        positive in option::of(buckets()), negative in option::of(buckets()), flags in any::<u32>(), max in option::of(number()),
        zero_threshold in number()
    ) -> ExponentialHistogramDataPoint {
        ExponentialHistogramDataPoint {
            attributes, start_time_unix_nano: count, time_unix_nano, count, sum, scale, zero_count, positive, negative, flags,
            exemplars: Vec::new(), min: sum, max, zero_threshold,
        }
    }
}

prop_compose! {
    fn summary_point()(
        attributes in key_values(), start_time_unix_nano in any::<u64>(), time_unix_nano in any::<u64>(), count in any::<u64>(), sum in number(), flags in any::<u32>(),
        quantiles in vec((number(), number()), 0..3)
    ) -> SummaryDataPoint {
        let quantile_values = quantiles.into_iter().map(|(quantile, value)| ValueAtQuantile { quantile, value }).collect();
        SummaryDataPoint { attributes, start_time_unix_nano, time_unix_nano, count, sum, quantile_values, flags }
    }
}

fn data() -> impl Strategy<Value = Data> {
    let sum = (vec(number_point(), 0..3), 0..3i32, any::<bool>());
    prop_oneof![
        vec(number_point(), 0..3).prop_map(|data_points| Data::Gauge(Gauge { data_points })),
        sum.prop_map(|(data_points, aggregation_temporality, is_monotonic)| {
            Data::Sum(Sum { data_points, aggregation_temporality, is_monotonic })
        }),
        (vec(histogram_point(), 0..3), 0..3i32).prop_map(|(data_points, aggregation_temporality)| {
            Data::Histogram(Histogram { data_points, aggregation_temporality })
        }),
        (vec(exponential_point(), 0..3), 0..3i32).prop_map(|(data_points, aggregation_temporality)| {
            Data::ExponentialHistogram(ExponentialHistogram { data_points, aggregation_temporality })
        }),
        vec(summary_point(), 0..3).prop_map(|data_points| Data::Summary(Summary { data_points })),
    ]
}

prop_compose! {
    fn any_metric()(
        name in text(), description in text(), unit in text(), metadata in key_values(), data in data()
    ) -> Metric {
        Metric { name, description, unit, metadata, data: Some(data) }
    }
}

/// Both readings of what the other writes are the message that was written.
fn agrees<M>(signal: Signal, written: &M) -> Result<(), TestCaseError>
where
    M: prost::Message + Default + PartialEq + serde::Serialize + serde::de::DeserializeOwned + fmt::Debug,
{
    let json = serde_json::to_string(written).expect("it can be said in JSON");
    let theirs: M = serde_json::from_str(&json).expect("it reads what it wrote");
    let ours = to_protobuf(signal, json.as_bytes()).map_err(TestCaseError::fail)?;
    prop_assert_eq!(&M::decode(&ours[..]).expect("protobuf"), &theirs, "{}", json);
    prop_assert_eq!(&theirs, written);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn spans_are_read_as_the_other_reads_them(
        resource in resource(), scope in scope(), spans in vec(span(), 0..4), schema_url in text(),
    ) {
        let scope_spans = vec![ScopeSpans { scope, spans, schema_url: schema_url.clone() }];
        let resource_spans = vec![ResourceSpans { resource, scope_spans, schema_url }];
        agrees(Signal::Traces, &ExportTraceServiceRequest { resource_spans })?;
    }

    #[test]
    fn log_records_are_read_as_the_other_reads_them(
        resource in resource(), scope in scope(), log_records in vec(log_record(), 0..4), schema_url in text(),
    ) {
        let scope_logs = vec![ScopeLogs { scope, log_records, schema_url: schema_url.clone() }];
        let resource_logs = vec![ResourceLogs { resource, scope_logs, schema_url }];
        agrees(Signal::Logs, &ExportLogsServiceRequest { resource_logs })?;
    }

    #[test]
    fn metrics_are_read_as_the_other_reads_them(
        resource in resource(), scope in scope(), metrics in vec(any_metric(), 0..4), schema_url in text(),
    ) {
        let scope_metrics = vec![ScopeMetrics { scope, metrics, schema_url: schema_url.clone() }];
        let resource_metrics = vec![ResourceMetrics { resource, scope_metrics, schema_url }];
        agrees(Signal::Metrics, &ExportMetricsServiceRequest { resource_metrics })?;
    }

    #[test]
    fn no_text_brings_it_down(text in any::<String>(), cut in 0..400usize) {
        let sound = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"a","value":{"arrayValue":{"values":[{"intValue":"1"}]}}}]},
            "scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","kind":2,"flags":1,"events":[{}]}]}]}]}"#;
        let _ = to_protobuf(Signal::Traces, text.as_bytes());
        let mut broken = sound.as_bytes()[..cut.min(sound.len())].to_vec();
        broken.extend_from_slice(text.as_bytes());
        let _ = to_protobuf(Signal::Traces, &broken);
    }
}
