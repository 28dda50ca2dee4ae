//! One span as it is kept.

use detect::{SpanKind, SpanStatus};
use opentelemetry_proto::tonic::trace::v1::{Span as Otlp, span::SpanKind as OtlpKind, status::StatusCode};
use serde_json::json;

use crate::any_value;
use crate::limits::{LONGEST_VALUE, MOST_EVENTS};
use crate::pack::{Packed, Tables};
use crate::resources::ResourceId;
use crate::symbols::{Symbol, cut};

/// The attribute that traffic is told apart by.
pub(crate) const TRAFFIC_TYPE: &str = "traffic.type";

/// A finished span.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    pub(crate) trace_id: u128,
    pub(crate) span_id: u64,
    /// Zero at a root.
    pub(crate) parent_span_id: u64,
    pub(crate) start_ns: u64,
    pub(crate) duration_ns: u64,
    pub(crate) resource: ResourceId,
    pub(crate) service: Symbol,
    pub(crate) name: Symbol,
    pub(crate) traffic_type: Symbol,
    pub(crate) kind: SpanKind,
    pub(crate) status: SpanStatus,
    pub(crate) attributes: Packed,
    /// What few spans have.
    pub(crate) rare: Option<Box<Rare>>,
}

/// What few spans have.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rare {
    /// Text beside a status.
    pub(crate) status_message: Box<str>,
    /// JSON list of `{time_unix_nanos, name, attributes}`.
    pub(crate) events: Box<str>,
    /// JSON list of `{trace_id, span_id, attributes}`.
    pub(crate) links: Box<str>,
}

impl Span {
    pub(crate) fn end_ns(&self) -> u64 {
        self.start_ns.saturating_add(self.duration_ns)
    }

    /// What it costs, the index included.
    pub(crate) fn bytes(&self) -> usize {
        /// Its slot in the ring is counted by `size_of`; the index takes eight bytes a span and some per trace.
        const INDEX: usize = 24;
        let rare = self
            .rare
            .as_ref()
            .map_or(0, |rare| size_of::<Rare>() + rare.status_message.len() + rare.events.len() + rare.links.len());
        size_of::<Option<Self>>() + INDEX + self.attributes.heap_bytes() + rare
    }
}

/// The identifiers of a span, if they are valid: 16 and 8 bytes, not all zero.
pub(crate) fn identity(span: &Otlp) -> Option<(u128, u64)> {
    let trace_id = u128::from_be_bytes(span.trace_id.as_slice().try_into().ok()?);
    let span_id = u64::from_be_bytes(span.span_id.as_slice().try_into().ok()?);
    (trace_id != 0 && span_id != 0).then_some((trace_id, span_id))
}

/// The parent's identifier, zero for a root; `None` if it is not valid.
pub(crate) fn parent(span: &Otlp) -> Option<u64> {
    if span.parent_span_id.is_empty() {
        return Some(0);
    }
    Some(u64::from_be_bytes(span.parent_span_id.as_slice().try_into().ok()?))
}

pub(crate) fn kind(span: &Otlp) -> SpanKind {
    match span.kind() {
        OtlpKind::Unspecified | OtlpKind::Internal => SpanKind::Internal,
        OtlpKind::Server => SpanKind::Server,
        OtlpKind::Client => SpanKind::Client,
        OtlpKind::Producer => SpanKind::Producer,
        OtlpKind::Consumer => SpanKind::Consumer,
    }
}

pub(crate) fn status(span: &Otlp) -> SpanStatus {
    match span.status.as_ref().map(|status| status.code()) {
        Some(StatusCode::Error) => SpanStatus::Error,
        _ => SpanStatus::Ok,
    }
}

/// Packs the attributes and what few spans have; returns how many attributes had to be left out.
pub(crate) fn details(span: &Otlp, tables: &mut Tables) -> (Packed, Option<Box<Rare>>, u64) {
    let (attributes, dropped) = Packed::new(&span.attributes, tables);
    let status_message = span.status.as_ref().map_or("", |status| cut(&status.message, LONGEST_VALUE));
    if status_message.is_empty() && span.events.is_empty() && span.links.is_empty() {
        return (attributes, None, dropped);
    }
    let events: Vec<_> = span
        .events
        .iter()
        .take(MOST_EVENTS)
        .map(|event| {
            json!({
                "time_unix_nanos": event.time_unix_nano.to_string(),
                "name": cut(&event.name, LONGEST_VALUE),
                "attributes": any_value::object(&event.attributes),
            })
        })
        .collect();
    let hex = |bytes: &[u8]| bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>();
    let links: Vec<_> = span
        .links
        .iter()
        .take(MOST_EVENTS)
        .map(|link| {
            json!({
                "trace_id": hex(&link.trace_id),
                "span_id": hex(&link.span_id),
                "attributes": any_value::object(&link.attributes),
            })
        })
        .collect();
    let rare = Rare { status_message: status_message.into(), events: bounded(&events), links: bounded(&links) };
    (attributes, Some(Box::new(rare)), dropped)
}

/// A JSON list as text, nothing if it is empty; entries from the end are left out until it is short enough.
fn bounded(entries: &[serde_json::Value]) -> Box<str> {
    /// All events of one span together; stack traces are long.
    const LONGEST: usize = 32 * 1024;
    for kept in (1..=entries.len()).rev() {
        let text = serde_json::Value::from(&entries[..kept]).to_string();
        if text.len() <= LONGEST {
            return text.into();
        }
    }
    "".into()
}
