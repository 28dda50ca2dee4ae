//! One trace for people and programs.

use detect::{SpanKind, SpanStatus};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::pack::Tables;
use crate::resources::Resources;
use crate::span::Span;

/// One trace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TraceView {
    /// 32 hex digits.
    pub trace_id: String,
    /// By start.
    pub spans: Vec<SpanView>,
}

/// One span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpanView {
    /// 16 hex digits.
    pub span_id: String,
    /// 16 hex digits; `None` at a root.
    pub parent_span_id: Option<String>,
    /// `service.name` of the resource.
    pub service: String,
    /// The span's name.
    pub name: String,
    /// Its kind.
    pub kind: SpanKind,
    /// Start in Unix nanoseconds, as text: JSON's numbers are too short.
    pub start_unix_nanos: String,
    /// Duration in milliseconds.
    pub duration_ms: f64,
    /// Error or not.
    pub status: SpanStatus,
    /// Text beside the status.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub status_message: String,
    /// The span's own attributes.
    pub attributes: Map<String, Value>,
    /// The attributes of the resource that sent it.
    pub resource: Map<String, Value>,
    /// In order of time.
    pub events: Vec<EventView>,
    /// `{trace_id, span_id, attributes}` each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Value>,
}

/// Something that happened during a span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventView {
    /// When, in Unix nanoseconds, as text.
    pub time_unix_nanos: String,
    /// What.
    pub name: String,
    /// More of it.
    pub attributes: Map<String, Value>,
}

impl TraceView {
    pub(crate) fn new(trace_id: u128, mut spans: Vec<&Span>, tables: &Tables, resources: &Resources) -> Self {
        // A parent sorts before a child that starts in the same nanosecond, as long as it lasts longer.
        spans.sort_by_key(|span| (span.start_ns, std::cmp::Reverse(span.duration_ns)));
        Self {
            trace_id: format!("{trace_id:032x}"),
            spans: spans.into_iter().map(|span| SpanView::new(span, tables, resources)).collect(),
        }
    }
}

impl SpanView {
    fn new(span: &Span, tables: &Tables, resources: &Resources) -> Self {
        let rare = span.rare.as_deref();
        Self {
            span_id: format!("{:016x}", span.span_id),
            parent_span_id: (span.parent_span_id != 0).then(|| format!("{:016x}", span.parent_span_id)),
            service: tables.names.text(span.service).to_owned(),
            name: tables.names.text(span.name).to_owned(),
            kind: span.kind,
            start_unix_nanos: span.start_ns.to_string(),
            duration_ms: span.duration_ns as f64 / 1e6,
            status: span.status,
            status_message: rare.map_or_else(String::new, |rare| rare.status_message.to_string()),
            attributes: span.attributes.unpack(tables),
            resource: resources.get(span.resource).map(|packed| packed.unpack(tables)).unwrap_or_default(),
            events: rare.and_then(|rare| serde_json::from_str(&rare.events).ok()).unwrap_or_default(),
            links: rare.and_then(|rare| serde_json::from_str(&rare.links).ok()).unwrap_or_default(),
        }
    }
}
