//! OTLP messages made by hand.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{
    ResourceSpans, ScopeSpans, Span, Status, span::SpanKind, status::StatusCode,
};
use prost::Message;

/// The moment at which all tests happen, in Unix seconds.
pub(crate) const NOW_S: u64 = 1_800_000_000;

/// A message as it is sent.
pub(crate) fn encoded(message: &impl Message) -> Vec<u8> {
    message.encode_to_vec()
}

pub(crate) fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value.into()))
}

pub(crate) fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

pub(crate) fn resource(service: &str) -> Option<Resource> {
    Some(Resource { attributes: vec![text("service.name", service)], ..Resource::default() })
}

/// A server span of trace `trace` that ended `ago_ms` before [`NOW_S`].
pub(crate) fn span(trace: u128, id: u64, name: &str, ago_ms: u64, duration_ms: f64) -> Span {
    let end_time_unix_nano = NOW_S * 1_000_000_000 - ago_ms * 1_000_000;
    Span {
        trace_id: trace.to_be_bytes().to_vec(),
        span_id: id.to_be_bytes().to_vec(),
        name: name.into(),
        kind: SpanKind::Server.into(),
        start_time_unix_nano: end_time_unix_nano - (duration_ms * 1e6) as u64,
        end_time_unix_nano,
        ..Span::default()
    }
}

pub(crate) fn failed(mut span: Span) -> Span {
    span.status = Some(Status { message: "broken".into(), code: StatusCode::Error.into() });
    span
}

pub(crate) fn with(mut span: Span, attributes: impl IntoIterator<Item = KeyValue>) -> Span {
    span.attributes.extend(attributes);
    span
}

pub(crate) fn request(service: &str, spans: Vec<Span>) -> ExportTraceServiceRequest {
    let scope_spans = vec![ScopeSpans { spans, ..ScopeSpans::default() }];
    let resource_spans = vec![ResourceSpans { resource: resource(service), scope_spans, ..ResourceSpans::default() }];
    ExportTraceServiceRequest { resource_spans }
}
