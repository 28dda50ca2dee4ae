//! OTLP messages made by hand, stamped with the present.

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{
    ResourceSpans, ScopeSpans, Span, Status, span::SpanKind, status::StatusCode,
};

pub(crate) fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    u64::try_from(since.as_nanos()).expect("before 2554")
}

pub(crate) fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value.into()))
}

pub(crate) fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

/// A span that ended just now.
pub(crate) fn span(trace: u128, id: u64, name: &str, kind: SpanKind, duration_ms: u64) -> Span {
    let end_time_unix_nano = now_ns();
    Span {
        trace_id: trace.to_be_bytes().to_vec(),
        span_id: id.to_be_bytes().to_vec(),
        name: name.into(),
        kind: kind.into(),
        start_time_unix_nano: end_time_unix_nano - duration_ms * 1_000_000,
        end_time_unix_nano,
        attributes: vec![text("traffic.type", "demo")],
        ..Span::default()
    }
}

/// The same span below another one of its trace.
pub(crate) fn below(mut span: Span, parent: u64) -> Span {
    span.parent_span_id = parent.to_be_bytes().to_vec();
    span
}

/// The same span, from `start_ms` to `end_ms` after a moment.
pub(crate) fn from_to(mut span: Span, moment_ns: u64, start_ms: u64, end_ms: u64) -> Span {
    span.start_time_unix_nano = moment_ns + start_ms * 1_000_000;
    span.end_time_unix_nano = moment_ns + end_ms * 1_000_000;
    span
}

/// The same span with more attributes.
pub(crate) fn with(mut span: Span, attributes: impl IntoIterator<Item = KeyValue>) -> Span {
    span.attributes.extend(attributes);
    span
}

pub(crate) fn failed(mut span: Span) -> Span {
    span.status = Some(Status { message: "broken".into(), code: StatusCode::Error.into() });
    span
}

pub(crate) fn request(service: &str, spans: Vec<Span>) -> ExportTraceServiceRequest {
    let resource = Some(Resource { attributes: vec![text("service.name", service)], ..Resource::default() });
    let scope_spans = vec![ScopeSpans { spans, ..ScopeSpans::default() }];
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans { resource, scope_spans, ..ResourceSpans::default() }],
    }
}
