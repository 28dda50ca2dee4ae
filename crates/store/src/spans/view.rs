//! One trace for people and programs.

use detect::{SpanKind, SpanStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::resources::Senders;
use crate::spans::chunk::{Rare, SpanChunk};
use crate::symbols::Texts;

/// One trace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TraceView {
    /// 32 hex digits.
    pub trace_id: String,
    /// By start.
    pub spans: Vec<SpanView>,
    /// Spans of the trace that are kept and left out here, because there are too many.
    #[serde(default)]
    pub left_out: u64,
}

/// One span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// Name of the instrumentation scope.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// W3C trace state.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub trace_state: String,
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventView {
    /// When, in Unix nanoseconds, as text.
    pub time_unix_nanos: String,
    /// What.
    pub name: String,
    /// More of it.
    pub attributes: Map<String, Value>,
}

impl TraceView {
    pub(crate) fn new(trace_id: u128, mut spans: Vec<SpanView>, left_out: u64) -> Self {
        // A parent sorts before a child that starts in the same nanosecond, as long as it lasts longer.
        spans.sort_by(|a, b| a.start_ns().cmp(&b.start_ns()).then(b.duration_ms.total_cmp(&a.duration_ms)));
        Self { trace_id: format!("{trace_id:032x}"), spans, left_out }
    }
}

impl SpanView {
    /// Start in Unix nanoseconds.
    pub fn start_ns(&self) -> u64 {
        self.start_unix_nanos.parse().unwrap_or(0)
    }

    pub(crate) fn new(chunk: &SpanChunk, place: usize, texts: &Texts, senders: &Senders) -> Self {
        let rare = chunk.rare(place);
        let text = |part: fn(&Rare) -> &str| rare.map_or_else(String::new, |rare| part(rare).to_owned());
        let parent = chunk.parent_span_id[place];
        let resource = senders.attributes(chunk.resource[place]);
        Self {
            span_id: format!("{:016x}", chunk.span_id[place]),
            parent_span_id: (parent != 0).then(|| format!("{parent:016x}")),
            service: texts.text(chunk.service[place]).to_owned(),
            name: texts.text(chunk.name[place]).to_owned(),
            kind: chunk.kind(place),
            start_unix_nanos: chunk.start_ns[place].to_string(),
            duration_ms: chunk.duration_ns[place] as f64 / 1e6,
            status: chunk.status(place),
            status_message: text(|rare| &rare.status_message),
            scope: texts.text(chunk.scope[place]).to_owned(),
            trace_state: text(|rare| &rare.trace_state),
            attributes: chunk.attributes(place).to_json(texts),
            resource: resource.map(|packed| packed.to_json(texts)).unwrap_or_default(),
            events: rare.and_then(|rare| serde_json::from_str(&rare.events).ok()).unwrap_or_default(),
            links: rare.and_then(|rare| serde_json::from_str(&rare.links).ok()).unwrap_or_default(),
        }
    }
}
