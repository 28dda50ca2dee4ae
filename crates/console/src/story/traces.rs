//! Traces that tell what happened, kept whole: `evidence-traces.json` in the folder of a run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::TraceView;

use crate::story::FORMAT;

/// A report stays readable, and small enough to be sent by mail.
pub const MOST_TRACES: usize = 8;
/// A trace of the shop has about 30 spans; one of a thousand tells nothing more on paper.
pub const MOST_SPANS: usize = 400;

/// The document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EvidenceTraces {
    /// As in [`RunStory`](crate::story::RunStory).
    pub format: u32,
    /// In the order to read them.
    pub traces: Vec<EvidenceTrace>,
    /// What was looked for and not found, in words.
    pub not_found: Vec<String>,
}

impl EvidenceTraces {
    /// These traces, cut to [`MOST_TRACES`] of [`MOST_SPANS`] each.
    pub fn new(mut traces: Vec<EvidenceTrace>, not_found: Vec<String>) -> Self {
        traces.truncate(MOST_TRACES);
        for one in &mut traces {
            let before_us = usize::try_from(one.trace.left_out).unwrap_or(usize::MAX);
            one.spans_left_out = one.trace.spans.len().saturating_sub(MOST_SPANS).saturating_add(before_us);
            one.trace.spans.truncate(MOST_SPANS);
        }
        Self { format: FORMAT, traces, not_found }
    }
}

/// One trace, and what it shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceTrace {
    /// In a few words, such as `a demo checkout that fails`.
    pub title: String,
    /// Why it was chosen.
    pub why: String,
    /// The scenario minute in which it began.
    pub minute: f64,
    /// The `traffic.type`.
    pub stream: String,
    /// From the earliest start to the latest end of all its spans, in milliseconds.
    pub duration_ms: f64,
    /// Spans with an error.
    pub errors: usize,
    /// The trace, by start.
    pub trace: TraceView,
    /// Spans beyond the bound.
    #[serde(default)]
    pub spans_left_out: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use detect::{SpanKind, SpanStatus};
    use store::SpanView;

    #[test]
    fn what_is_kept_is_bounded_and_what_is_left_out_is_counted() {
        let span = SpanView {
            span_id: "1".into(),
            parent_span_id: None,
            service: "s".into(),
            name: "n".into(),
            kind: SpanKind::Server,
            start_unix_nanos: "1".into(),
            duration_ms: 1.0,
            status: SpanStatus::Ok,
            status_message: String::new(),
            attributes: Default::default(),
            resource: Default::default(),
            events: Vec::new(),
            links: Vec::new(),
            scope: Default::default(),
            trace_state: Default::default(),
        };
        let one = EvidenceTrace {
            title: "t".into(),
            why: String::new(),
            minute: 1.0,
            stream: "demo".into(),
            duration_ms: 1.0,
            errors: 0,
            trace: TraceView { trace_id: "t".into(), spans: vec![span; MOST_SPANS + 7], left_out: 0 },
            spans_left_out: 0,
        };
        let kept = EvidenceTraces::new(vec![one; MOST_TRACES + 3], Vec::new());
        assert_eq!((kept.traces.len(), kept.traces[0].trace.spans.len()), (MOST_TRACES, MOST_SPANS));
        assert_eq!(kept.traces[0].spans_left_out, 7);
    }
}
