//! Finding traces: those with a span that agrees with everything asked for, the newest first.

use std::collections::HashSet;

use detect::SpanStatus;
use serde::{Deserialize, Serialize};

use crate::pack::Tables;
use crate::span::Span;
use crate::symbols::{Symbol, Symbols};
use crate::trace_ring::TraceRing;

/// The most traces that one search returns.
const MOST_FOUND: usize = 500;

/// What one span of the trace must agree with; an empty search finds everything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SpanSearch {
    /// `service.name` of the resource.
    pub service: Option<String>,
    /// The span's name.
    pub operation: Option<String>,
    /// The attribute `traffic.type`.
    pub traffic_type: Option<String>,
    /// Error or not.
    pub status: Option<SpanStatus>,
    /// Least duration, in milliseconds.
    pub min_duration_ms: Option<f64>,
    /// Greatest duration, in milliseconds.
    pub max_duration_ms: Option<f64>,
    /// Attributes of that span or of its resource: all must be so.
    pub attributes: Vec<AttributeTest>,
    /// First moment at which that span may have started, Unix milliseconds.
    pub from_unix_ms: Option<u64>,
    /// Last moment at which it may have started, Unix milliseconds.
    pub to_unix_ms: Option<u64>,
    /// The most traces wanted: 1 to 500, 50 if not given.
    pub limit: Option<usize>,
}

/// A test of one attribute, as people write it: `key=value`, `key!=value`, `key>number`, `key<number`, `key~part`, `key`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttributeTest {
    /// The attribute's key.
    pub key: String,
    /// How it is compared.
    pub comparison: Comparison,
    /// What it is compared with; empty for [`Comparison::Exists`].
    pub value: String,
}

/// How an attribute is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// It is there.
    Exists,
    /// It is this: text as it is, numbers by value, booleans as `true` or `false`.
    Equals,
    /// It is there and is not this.
    Differs,
    /// It is a number above this.
    Above,
    /// It is a number below this.
    Below,
    /// It is a text that has this in it, letter case aside.
    Contains,
}

/// One trace that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TraceSummary {
    /// 32 hex digits.
    pub trace_id: String,
    /// Service of the span at the root; of the earliest one if the root is not there.
    pub root_service: String,
    /// Name of that span.
    pub root_operation: String,
    /// The attribute `traffic.type` of that span.
    pub traffic_type: Option<String>,
    /// Start of the earliest span, in Unix milliseconds.
    pub start_unix_ms: f64,
    /// From the earliest start to the latest end, in milliseconds.
    pub duration_ms: f64,
    /// Spans that are kept.
    pub spans: usize,
    /// Those with an error.
    pub errors: usize,
    /// Services that took part.
    pub services: usize,
}

/// A search whose words are symbols; a word that never came finds nothing.
struct Wanted {
    service: Option<Symbol>,
    operation: Option<Symbol>,
    traffic_type: Option<Symbol>,
    status: Option<SpanStatus>,
    min_duration_ns: u64,
}

impl Wanted {
    fn new(search: &SpanSearch, names: &Symbols) -> Option<Self> {
        let symbol = |word: &Option<String>| match word.as_deref() {
            None | Some("") => Some(None),
            Some(word) => names.find(word).map(Some),
        };
        Some(Self {
            service: symbol(&search.service)?,
            operation: symbol(&search.operation)?,
            traffic_type: symbol(&search.traffic_type)?,
            status: search.status,
            min_duration_ns: (search.min_duration_ms.unwrap_or(0.0).max(0.0) * 1e6) as u64,
        })
    }

    fn fits(&self, span: &Span) -> bool {
        self.service.is_none_or(|service| span.service == service)
            && self.operation.is_none_or(|operation| span.name == operation)
            && self.traffic_type.is_none_or(|traffic_type| span.traffic_type == traffic_type)
            && self.status.is_none_or(|status| span.status == status)
            && span.duration_ns >= self.min_duration_ns
    }
}

/// The traces with a span that fits, by the moment their last such span came, the newest first.
pub(crate) fn search(ring: &TraceRing, tables: &Tables, search: &SpanSearch) -> Vec<TraceSummary> {
    let Some(wanted) = Wanted::new(search, &tables.names) else {
        return Vec::new();
    };
    let limit = search.limit.unwrap_or(50).clamp(1, MOST_FOUND);
    let mut seen = HashSet::new();
    ring.newest_first()
        .filter(|span| wanted.fits(span) && seen.insert(span.trace_id))
        .take(limit)
        .map(|span| summary(span.trace_id, &ring.trace(span.trace_id), tables))
        .collect()
}

fn summary(trace_id: u128, spans: &[&Span], tables: &Tables) -> TraceSummary {
    let start_ns = spans.iter().map(|span| span.start_ns).min().unwrap_or(0);
    let end_ns = spans.iter().map(|span| span.end_ns()).max().unwrap_or(0);
    let root = spans.iter().min_by_key(|span| (span.parent_span_id != 0, span.start_ns));
    let services: HashSet<Symbol> = spans.iter().map(|span| span.service).collect();
    TraceSummary {
        trace_id: format!("{trace_id:032x}"),
        root_service: root.map_or_else(String::new, |span| tables.names.text(span.service).to_owned()),
        root_operation: root.map_or_else(String::new, |span| tables.names.text(span.name).to_owned()),
        traffic_type: root.and_then(|span| tables.names.some(span.traffic_type)),
        start_unix_ms: start_ns as f64 / 1e6,
        duration_ms: (end_ns - start_ns) as f64 / 1e6,
        spans: spans.len(),
        errors: spans.iter().filter(|span| span.status == SpanStatus::Error).count(),
        services: services.len(),
    }
}
