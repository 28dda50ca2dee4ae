//! Traces made by hand, for tests.

use detect::{SpanKind, SpanStatus};
use serde_json::Value;
use store::{SpanView, TraceView};

/// A span of the service `s` that starts `start_ms` after the first one and has its identifier for a name; no parent if
/// that is empty.
pub(crate) fn span(id: &str, parent: &str, start_ms: u64, duration_ms: u64) -> SpanView {
    SpanView {
        span_id: id.into(),
        parent_span_id: (!parent.is_empty()).then(|| parent.to_owned()),
        service: "s".into(),
        name: id.into(),
        kind: SpanKind::Internal,
        start_unix_nanos: (1_000_000_000 + start_ms * 1_000_000).to_string(),
        duration_ms: duration_ms as f64,
        status: SpanStatus::Ok,
        status_message: String::new(),
        attributes: Default::default(),
        resource: Default::default(),
        events: Vec::new(),
        links: Vec::new(),
        scope: String::new(),
        trace_state: String::new(),
    }
}

/// The same span of another service and with another name.
pub(crate) fn called(mut span: SpanView, service: &str, name: &str) -> SpanView {
    span.service = service.into();
    span.name = name.into();
    span
}

/// The same span, failed.
pub(crate) fn failed(mut span: SpanView, message: &str) -> SpanView {
    span.status = SpanStatus::Error;
    span.status_message = message.into();
    span
}

/// The same span with another attribute.
pub(crate) fn with(mut span: SpanView, key: &str, value: impl Into<Value>) -> SpanView {
    span.attributes.insert(key.into(), value.into());
    span
}

/// A trace of these spans.
pub(crate) fn trace(spans: Vec<SpanView>) -> TraceView {
    TraceView { trace_id: format!("{:032x}", 7), spans, left_out: 0 }
}
