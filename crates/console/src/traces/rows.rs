//! What a waterfall is drawn from: of each span only what its row shows.

use std::collections::BTreeSet;

use detect::{SpanKind, SpanStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::TraceView;

use crate::traces::chips::{Chip, chips};
use crate::traces::timing::{critical_path, self_times_ns};
use crate::traces::tree::Tree;

/// The rows of a trace, in reading order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TraceRows {
    /// 32 hex digits.
    pub trace_id: String,
    /// Start of the earliest span, in Unix milliseconds.
    pub start_unix_ms: f64,
    /// From the earliest start to the latest end, in milliseconds.
    pub duration_ms: f64,
    /// Services that took part, by name; rows refer to them by place.
    pub services: Vec<String>,
    /// Spans that are kept and are not among the rows, because the trace has too many.
    pub left_out: u64,
    /// Parents before children, siblings by start: a subtree is a stretch of rows.
    pub rows: Vec<TraceRow>,
}

/// One span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TraceRow {
    /// 16 hex digits.
    pub span_id: String,
    /// How many parents it has here.
    pub depth: usize,
    /// How many spans are below it: the rows that follow.
    pub below: usize,
    /// Place of its service in the list.
    pub service: usize,
    /// The span's name.
    pub name: String,
    /// Its kind.
    pub kind: SpanKind,
    /// From the start of the trace, in milliseconds.
    pub start_ms: f64,
    /// Duration in milliseconds.
    pub duration_ms: f64,
    /// Of that, what no child covers.
    pub self_ms: f64,
    /// Stretches on the critical path: start and end from the start of the trace, in milliseconds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub critical: Vec<(f64, f64)>,
    /// Whether its status is an error.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_error: bool,
    /// Its parent is not here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_orphan: bool,
    /// When its events happened, from the start of the trace, in milliseconds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<f64>,
    /// What explains it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chips: Vec<Chip>,
}

/// Milliseconds to a tenth of a microsecond: what a screen can show, and half as long in JSON.
fn rounded(ms: f64) -> f64 {
    (ms * 1e4).round() / 1e4
}

/// The rows of a trace.
pub(crate) fn rows(trace: &TraceView) -> TraceRows {
    let tree = Tree::new(trace);
    let services: BTreeSet<&str> = trace.spans.iter().map(|span| span.service.as_str()).collect();
    let services: Vec<&str> = services.into_iter().collect();
    let self_times = self_times_ns(&tree);
    let critical = critical_path(&tree);
    let below = tree.below();
    let ms = |at_ns: u64| rounded(tree.offset_ms(at_ns));
    let row = |index: usize| {
        let node = &tree.nodes[index];
        let events = node.span.events.iter().filter_map(|event| event.time_unix_nanos.parse().ok());
        TraceRow {
            span_id: node.span.span_id.clone(),
            depth: node.depth,
            below: below[index],
            service: services.binary_search(&node.span.service.as_str()).unwrap_or(0),
            name: node.span.name.clone(),
            kind: node.span.kind,
            start_ms: ms(node.start_ns),
            duration_ms: rounded(node.span.duration_ms),
            self_ms: rounded(self_times[index] as f64 / 1e6),
            critical: critical[index].iter().map(|(from, to)| (ms(*from), ms(*to))).collect(),
            is_error: node.span.status == SpanStatus::Error,
            is_orphan: node.is_orphan,
            events: events.map(ms).collect(),
            chips: chips(&node.span.attributes),
        }
    };
    TraceRows {
        trace_id: trace.trace_id.clone(),
        start_unix_ms: tree.start_ns as f64 / 1e6,
        duration_ms: rounded(tree.duration_ms()),
        rows: (0..tree.nodes.len()).map(row).collect(),
        services: services.into_iter().map(str::to_owned).collect(),
        left_out: trace.left_out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traces::made::{called, failed, span, trace, with};

    #[test]
    fn a_row_has_what_is_drawn_and_no_more() {
        let trace = trace(vec![
            called(span("a", "", 0, 100), "shop", "GET /"),
            with(called(failed(span("b", "a", 10, 50), "broken"), "catalog", "SELECT"), "db.index_used", "NONE"),
            called(span("c", "b", 20, 5), "catalog", "inner"),
        ]);
        let rows = rows(&trace);
        assert_eq!(rows.services, ["catalog", "shop"]);
        assert_eq!(rows.duration_ms, 100.0);
        let below: Vec<_> = rows.rows.iter().map(|row| (row.depth, row.below, row.service, row.self_ms)).collect();
        assert_eq!(below, [(0, 2, 1, 50.0), (1, 1, 0, 45.0), (2, 0, 0, 5.0)]);
        assert_eq!(rows.rows[1].critical, [(10.0, 20.0), (25.0, 60.0)]);
        assert!(rows.rows[1].is_error && rows.rows[1].chips[0].is_bad);
        let json = serde_json::to_value(&rows.rows[2]).expect("JSON");
        assert_eq!(json.as_object().map(serde_json::Map::len), Some(10), "{json}");
    }
}
