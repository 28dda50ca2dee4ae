//! Two traces beside each other, row by row.

use detect::{SpanKind, SpanStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::TraceView;

use crate::traces::align::{Pair, align};
use crate::traces::differences::{AttributeDifference, differences};
use crate::traces::timing::{critical_path, self_times_ns};
use crate::traces::tree::Tree;
use crate::traces::words;

/// Two traces and how they differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Compared {
    /// The one on the left.
    pub a: Side,
    /// The one on the right.
    pub b: Side,
    /// What the widest bar stands for, in milliseconds: both sides are drawn to it.
    pub scale_ms: f64,
    /// The differences in words, the weightiest first.
    pub summary: Vec<String>,
    /// Parents before children.
    pub rows: Vec<ComparedRow>,
}

/// One of the two traces.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// 32 hex digits.
    pub trace_id: String,
    /// Service of the root.
    pub root_service: String,
    /// Name of the root.
    pub root_operation: String,
    /// The attribute `traffic.type` of the root.
    pub traffic_type: Option<String>,
    /// Start of the earliest span, in Unix milliseconds.
    pub start_unix_ms: f64,
    /// Duration of the root, in milliseconds: what whoever asked had to wait.
    pub duration_ms: f64,
    /// Spans that are kept.
    pub spans: usize,
    /// Those with an error.
    pub errors: usize,
}

/// A span of A, the span of B that does the same, or both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedRow {
    /// How many rows are above it.
    pub depth: usize,
    /// `service.name` of the resource.
    pub service: String,
    /// The span's name; in A where it has another in B.
    pub operation: String,
    /// The span's kind.
    pub kind: SpanKind,
    /// The span of A; `null` if it has none.
    pub a: Option<Half>,
    /// The span of B; `null` if it has none.
    pub b: Option<Half>,
    /// Duration in B less that in A, in milliseconds; what is not there counts as zero.
    pub duration_difference_ms: f64,
    /// The same of self times.
    pub self_difference_ms: f64,
    /// The same of times on the critical path: over all rows this makes the difference between the traces.
    pub critical_difference_ms: f64,
    /// Attributes that are not the same on both; none where one is missing.
    pub attributes: Vec<AttributeDifference>,
    /// Both are there and nothing about them is worth a look.
    pub is_alike: bool,
}

/// One span of a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Half {
    /// 16 hex digits.
    pub span_id: String,
    /// The span's name.
    pub operation: String,
    /// From the start of its trace, in milliseconds.
    pub start_ms: f64,
    /// Duration in milliseconds.
    pub duration_ms: f64,
    /// Of that, what no child covers.
    pub self_ms: f64,
    /// What of it lies on the critical path.
    pub critical_ms: f64,
    /// Whether its status is an error.
    pub is_error: bool,
    /// Text beside the status.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub status_message: String,
}

/// A trace with all that is worked out of it.
struct Worked<'a> {
    tree: Tree<'a>,
    self_ns: Vec<u64>,
    critical_ns: Vec<u64>,
}

impl<'a> Worked<'a> {
    fn new(trace: &'a TraceView) -> Self {
        let tree = Tree::new(trace);
        let path = critical_path(&tree);
        Self {
            self_ns: self_times_ns(&tree),
            critical_ns: path.iter().map(|of_span| of_span.iter().map(|(from, to)| to - from).sum()).collect(),
            tree,
        }
    }

    fn half(&self, node: usize) -> Half {
        let span = self.tree.nodes[node].span;
        Half {
            span_id: span.span_id.clone(),
            operation: span.name.clone(),
            start_ms: self.tree.offset_ms(self.tree.nodes[node].start_ns),
            duration_ms: span.duration_ms,
            self_ms: self.self_ns[node] as f64 / 1e6,
            critical_ms: self.critical_ns[node] as f64 / 1e6,
            is_error: span.status == SpanStatus::Error,
            status_message: span.status_message.clone(),
        }
    }

    fn side(&self, trace_id: &str) -> Side {
        let root = self.tree.main_root().map(|root| self.tree.nodes[root].span);
        let traffic_type = root.and_then(|span| span.attributes.get("traffic.type")).and_then(Value::as_str);
        Side {
            trace_id: trace_id.to_owned(),
            root_service: root.map_or_else(String::new, |span| span.service.clone()),
            root_operation: root.map_or_else(String::new, |span| span.name.clone()),
            traffic_type: traffic_type.map(str::to_owned),
            start_unix_ms: self.tree.start_ns as f64 / 1e6,
            duration_ms: root.map_or(0.0, |span| span.duration_ms),
            spans: self.tree.nodes.len(),
            errors: self.tree.nodes.iter().filter(|node| node.span.status == SpanStatus::Error).count(),
        }
    }
}

/// Lays two traces beside each other.
pub(crate) fn compare(a: &TraceView, b: &TraceView) -> Compared {
    let (left, right) = (Worked::new(a), Worked::new(b));
    let (side_a, side_b) = (left.side(&a.trace_id), right.side(&b.trace_id));
    // A change of a fiftieth of the longer trace can hardly be seen.
    let worth_a_look_ms = side_a.duration_ms.max(side_b.duration_ms) / 50.0;
    let rows: Vec<ComparedRow> = align(&left.tree, &right.tree)
        .into_iter()
        .map(|aligned| {
            let (in_a, in_b) = match aligned.pair {
                Pair::Both(in_a, in_b) => (Some(in_a), Some(in_b)),
                Pair::OnlyA(in_a) => (Some(in_a), None),
                Pair::OnlyB(in_b) => (None, Some(in_b)),
            };
            row(in_a.map(|node| (&left, node)), in_b.map(|node| (&right, node)), aligned.depth, worth_a_look_ms)
        })
        .collect();
    Compared {
        scale_ms: left.tree.duration_ms().max(right.tree.duration_ms()).max(0.001),
        summary: words::summary(&side_a, &side_b, &rows),
        a: side_a,
        b: side_b,
        rows,
    }
}

fn row(
    a: Option<(&Worked<'_>, usize)>,
    b: Option<(&Worked<'_>, usize)>,
    depth: usize,
    worth_a_look_ms: f64,
) -> ComparedRow {
    let span = |side: Option<(&Worked<'_>, usize)>| side.map(|(worked, node)| worked.tree.nodes[node].span.clone());
    let (span_a, span_b) = (span(a), span(b));
    let half = |side: Option<(&Worked<'_>, usize)>| side.map(|(worked, node)| worked.half(node));
    let (half_a, half_b) = (half(a), half(b));
    let difference = |of: fn(&Half) -> f64| half_b.as_ref().map_or(0.0, of) - half_a.as_ref().map_or(0.0, of);
    let attributes = match (&span_a, &span_b) {
        (Some(a), Some(b)) => differences(&a.attributes, &b.attributes),
        _ => Vec::new(),
    };
    let (duration_ms, self_ms) = (difference(|half| half.duration_ms), difference(|half| half.self_ms));
    let is_alike = match (&half_a, &half_b) {
        (Some(a), Some(b)) => {
            a.operation == b.operation
                && !a.is_error
                && !b.is_error
                && duration_ms.abs() < worth_a_look_ms
                && !attributes.iter().any(|difference| difference.is_telling)
        }
        _ => false,
    };
    let named = span_a.as_ref().or(span_b.as_ref());
    ComparedRow {
        depth,
        service: named.map_or_else(String::new, |span| span.service.clone()),
        operation: named.map_or_else(String::new, |span| span.name.clone()),
        kind: named.map_or(SpanKind::Internal, |span| span.kind),
        duration_difference_ms: duration_ms,
        self_difference_ms: self_ms,
        critical_difference_ms: difference(|half| half.critical_ms),
        a: half_a,
        b: half_b,
        attributes,
        is_alike,
    }
}
