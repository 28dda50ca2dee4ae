//! The spans of a trace as a tree, in the order to read them.

use std::collections::{BTreeSet, HashMap, HashSet};

use store::{SpanView, TraceView};

/// One row of the waterfall.
#[derive(Debug, PartialEq)]
pub(crate) struct Row<'a> {
    pub(crate) span: &'a SpanView,
    /// How many parents it has.
    pub(crate) depth: usize,
    /// Its parent is not among the spans that are kept.
    pub(crate) is_orphan: bool,
}

/// Every span once: parents before children, siblings by start. Spans whose parent is missing stand where they began,
/// and those that are their own ancestors stand at the end.
pub(crate) fn rows(trace: &TraceView) -> Vec<Row<'_>> {
    let known: HashSet<&str> = trace.spans.iter().map(|span| span.span_id.as_str()).collect();
    let mut children: HashMap<&str, Vec<&SpanView>> = HashMap::new();
    let mut stack: Vec<Row<'_>> = Vec::new();
    for span in &trace.spans {
        match span.parent_span_id.as_deref() {
            Some(parent) if known.contains(parent) && parent != span.span_id => {
                children.entry(parent).or_default().push(span)
            }
            parent => stack.push(Row { span, depth: 0, is_orphan: parent.is_some() }),
        }
    }
    stack.reverse();
    let mut rows = Vec::with_capacity(trace.spans.len());
    let mut seen: HashSet<&str> = HashSet::new();
    while let Some(row) = stack.pop() {
        if seen.insert(&row.span.span_id) {
            let below = children.remove(row.span.span_id.as_str()).unwrap_or_default();
            let depth = row.depth + 1;
            stack.extend(below.into_iter().rev().map(|span| Row { span, depth, is_orphan: false }));
        }
        rows.push(row);
    }
    let left = trace.spans.iter().filter(|span| !seen.contains(span.span_id.as_str()));
    rows.extend(left.map(|span| Row { span, depth: 0, is_orphan: true }));
    rows
}

/// The services that took part, by name: their place is their colour.
pub(crate) fn services(trace: &TraceView) -> Vec<&str> {
    let names: BTreeSet<&str> = trace.spans.iter().map(|span| span.service.as_str()).collect();
    names.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use detect::{SpanKind, SpanStatus};

    fn span(id: &str, parent: Option<&str>) -> SpanView {
        SpanView {
            span_id: id.into(),
            parent_span_id: parent.map(str::to_owned),
            service: "s".into(),
            name: id.into(),
            kind: SpanKind::Server,
            start_unix_nanos: "1".into(),
            duration_ms: 1.0,
            status: SpanStatus::Ok,
            status_message: String::new(),
            scope: String::new(),
            trace_state: String::new(),
            attributes: Default::default(),
            resource: Default::default(),
            events: Vec::new(),
            links: Vec::new(),
        }
    }

    fn read(spans: Vec<SpanView>) -> Vec<(String, usize, bool)> {
        let trace = TraceView { trace_id: "t".into(), spans, left_out: 0 };
        rows(&trace).into_iter().map(|row| (row.span.span_id.clone(), row.depth, row.is_orphan)).collect()
    }

    #[test]
    fn parents_come_before_children_and_orphans_stand_by_themselves() {
        let spans = vec![
            span("a", None),
            span("b", Some("a")),
            span("x", Some("gone")),
            span("c", Some("b")),
            span("d", Some("a")),
        ];
        let expected = [("a", 0, false), ("b", 1, false), ("c", 2, false), ("d", 1, false), ("x", 0, true)];
        assert_eq!(read(spans), expected.map(|(id, depth, orphan)| (id.to_owned(), depth, orphan)));
    }

    #[test]
    fn spans_that_are_their_own_ancestors_or_come_twice_are_still_shown() {
        let circle =
            vec![span("a", Some("b")), span("b", Some("a")), span("c", Some("c")), span("d", None), span("d", None)];
        assert_eq!(read(circle).len(), 5);
    }
}
