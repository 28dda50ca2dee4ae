//! The spans of a trace as a tree, in the order to read them.

use std::collections::HashMap;

use store::{SpanView, TraceView};

/// Every span of a trace once: parents before children, siblings by start, so that a subtree is a stretch of nodes.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    pub(crate) nodes: Vec<Node<'a>>,
    /// Earliest start, Unix nanoseconds.
    pub(crate) start_ns: u64,
    /// Latest end.
    pub(crate) end_ns: u64,
}

/// One span and its place.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    pub(crate) span: &'a SpanView,
    pub(crate) start_ns: u64,
    pub(crate) end_ns: u64,
    /// How many parents it has.
    pub(crate) depth: usize,
    /// By start.
    pub(crate) children: Vec<usize>,
    /// Its parent is not among the spans that are kept, or it is its own ancestor.
    pub(crate) is_orphan: bool,
}

impl<'a> Tree<'a> {
    /// The tree of a trace. Spans whose parent is missing stand where they began; of those that are their own ancestors
    /// the first one stands at the end, as if its parent were missing.
    pub(crate) fn new(trace: &'a TraceView) -> Self {
        let spans = &trace.spans;
        let mut by_id: HashMap<&str, usize> = HashMap::new();
        for (index, span) in spans.iter().enumerate() {
            by_id.entry(&span.span_id).or_insert(index);
        }
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); spans.len()];
        let mut roots: Vec<usize> = Vec::new();
        for (index, span) in spans.iter().enumerate() {
            match span.parent_span_id.as_deref().and_then(|parent| by_id.get(parent)) {
                Some(parent) if *parent != index => children[*parent].push(index),
                _ => roots.push(index),
            }
        }
        let mut builder = Builder { spans, children, is_placed: vec![false; spans.len()], nodes: Vec::new() };
        for root in roots {
            builder.place(root, spans[root].parent_span_id.is_some());
        }
        for left in 0..spans.len() {
            builder.place(left, true);
        }
        let nodes = builder.nodes;
        Self {
            start_ns: nodes.iter().map(|node| node.start_ns).min().unwrap_or(0),
            end_ns: nodes.iter().map(|node| node.end_ns).max().unwrap_or(0),
            nodes,
        }
    }

    /// From the start of the first span, in milliseconds.
    pub(crate) fn offset_ms(&self, at_ns: u64) -> f64 {
        at_ns.saturating_sub(self.start_ns) as f64 / 1e6
    }

    /// From the earliest start to the latest end, in milliseconds.
    pub(crate) fn duration_ms(&self) -> f64 {
        self.offset_ms(self.end_ns)
    }

    /// How many spans are below each.
    pub(crate) fn below(&self) -> Vec<usize> {
        let mut below = vec![0; self.nodes.len()];
        // Children stand after their parents: from the end, each is counted before whoever counts it.
        for index in (0..self.nodes.len()).rev() {
            below[index] = self.nodes[index].children.iter().map(|child| below[*child] + 1).sum();
        }
        below
    }

    /// Those without a parent here, in reading order.
    pub(crate) fn roots(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|index| self.nodes[*index].depth == 0).collect()
    }

    /// The root that stands for the whole trace: the one that lasts longest, a true root before an orphan.
    pub(crate) fn main_root(&self) -> Option<usize> {
        let rank = |index: &usize| {
            let node = &self.nodes[*index];
            (!node.is_orphan, node.end_ns - node.start_ns, std::cmp::Reverse(*index))
        };
        self.roots().into_iter().max_by_key(rank)
    }
}

struct Builder<'a> {
    spans: &'a [SpanView],
    children: Vec<Vec<usize>>,
    is_placed: Vec<bool>,
    nodes: Vec<Node<'a>>,
}

impl Builder<'_> {
    /// Places a span and all below it, unless it has its place. A stack of its own: a trace may be deeper than a thread's.
    fn place(&mut self, root: usize, is_orphan: bool) {
        let mut stack: Vec<(usize, Option<usize>)> = vec![(root, None)];
        while let Some((index, parent)) = stack.pop() {
            if std::mem::replace(&mut self.is_placed[index], true) {
                continue;
            }
            let span = &self.spans[index];
            let start_ns = span.start_unix_nanos.parse().unwrap_or(0);
            let at = self.nodes.len();
            if let Some(parent) = parent {
                self.nodes[parent].children.push(at);
            }
            self.nodes.push(Node {
                span,
                start_ns,
                end_ns: start_ns + (span.duration_ms.max(0.0) * 1e6).round() as u64,
                depth: parent.map_or(0, |parent| self.nodes[parent].depth + 1),
                children: Vec::new(),
                is_orphan: is_orphan && parent.is_none(),
            });
            let below = std::mem::take(&mut self.children[index]);
            stack.extend(below.into_iter().rev().map(|child| (child, Some(at))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traces::made::{span, trace};

    fn read(spans: Vec<SpanView>) -> Vec<(String, usize, bool)> {
        let trace = trace(spans);
        let tree = Tree::new(&trace);
        tree.nodes.iter().map(|node| (node.span.span_id.clone(), node.depth, node.is_orphan)).collect()
    }

    #[test]
    fn parents_come_before_children_and_orphans_stand_by_themselves() {
        let spans = vec![
            span("a", "", 0, 9),
            span("b", "a", 1, 2),
            span("x", "gone", 1, 2),
            span("c", "b", 1, 1),
            span("d", "a", 4, 2),
        ];
        let expected = [("a", 0, false), ("b", 1, false), ("c", 2, false), ("d", 1, false), ("x", 0, true)];
        assert_eq!(read(spans), expected.map(|(id, depth, orphan)| (id.to_owned(), depth, orphan)));
    }

    #[test]
    fn spans_that_are_their_own_ancestors_or_come_twice_are_still_shown() {
        let spans = vec![
            span("a", "b", 0, 1),
            span("b", "a", 0, 1),
            span("c", "c", 0, 1),
            span("d", "", 0, 1),
            span("d", "", 0, 1),
            span("e", "b", 0, 1),
        ];
        let expected =
            [("c", 0, true), ("d", 0, false), ("d", 0, false), ("a", 0, true), ("b", 1, false), ("e", 2, false)];
        assert_eq!(read(spans), expected.map(|(id, depth, orphan)| (id.to_owned(), depth, orphan)));
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_spans_is_no_problem() {
        let id = |n: u32| if n == 0 { String::new() } else { n.to_string() };
        let read = read((1..=100_000).map(|n| span(&id(n), &id(n - 1), 0, 1)).collect());
        assert_eq!(read.last().map(|(_, depth, _)| *depth), Some(99_999));
    }

    #[test]
    fn the_root_that_lasts_longest_stands_for_the_trace() {
        let trace = trace(vec![span("x", "gone", 0, 90), span("a", "", 0, 10), span("b", "", 1, 20)]);
        let tree = Tree::new(&trace);
        assert_eq!(tree.main_root().map(|root| tree.nodes[root].span.span_id.as_str()), Some("b"));
        assert_eq!(tree.duration_ms(), 90.0);
    }
}
