//! Where the time of a trace went: what a span did itself, and which spans everybody waited for.

use crate::traces::tree::Tree;

/// A stretch of time, Unix nanoseconds.
pub(crate) type Stretch = (u64, u64);

/// One part of so many of a child may lie behind the start of the next one, and it still counts as ended before.
const SMALL_OVERLAP: u64 = 20;

/// What each span did itself, in nanoseconds: its duration without the stretches in which a child ran. Where a child runs
/// on after its parent, only what lies inside the parent counts.
pub(crate) fn self_times_ns(tree: &Tree<'_>) -> Vec<u64> {
    let own = |node: &crate::traces::tree::Node<'_>| {
        let mut covered_to = node.start_ns;
        let mut covered = 0;
        // Children stand by start: what they cover together is found in one walk.
        for child in &node.children {
            let child = &tree.nodes[*child];
            let from = child.start_ns.max(covered_to);
            let to = child.end_ns.min(node.end_ns);
            if to > from {
                covered += to - from;
                covered_to = to;
            }
        }
        (node.end_ns - node.start_ns) - covered
    };
    tree.nodes.iter().map(own).collect()
}

/// The critical path: the stretches of each span in which the end of the trace waited for this very span. Had one of them
/// been shorter, the whole would have been.
///
/// Worked out backwards, as Jaeger does it: from the end of a span to the child that ended last before, from that child's
/// start to the one that ended last before that, and so on. What of a child lies outside its parent does not count, and
/// a child that still ran when another one had taken over ran beside the path. A small overlap is no running beside it:
/// clocks of two services are never quite the same.
pub(crate) fn critical_path(tree: &Tree<'_>) -> Vec<Vec<Stretch>> {
    let mut stretches = vec![Vec::new(); tree.nodes.len()];
    let Some(root) = tree.main_root() else { return stretches };
    let mut stack = vec![Walk::new(tree, root, tree.nodes[root].start_ns, tree.nodes[root].end_ns)];
    while let Some(walk) = stack.last_mut() {
        match walk.next_child() {
            Some((child, from, to)) => {
                push(&mut stretches[walk.node], to, walk.cursor);
                walk.cursor = from;
                stack.push(Walk::new(tree, child, from, to));
            }
            None => {
                push(&mut stretches[walk.node], walk.from, walk.cursor);
                stack.pop();
            }
        }
    }
    for of_span in &mut stretches {
        of_span.reverse();
    }
    stretches
}

fn push(stretches: &mut Vec<Stretch>, from: u64, to: u64) {
    if to > from {
        stretches.push((from, to));
    }
}

/// A span whose part of the path is being walked, from its end to its start.
struct Walk {
    node: usize,
    from: u64,
    cursor: u64,
    /// Child, start and end inside the parent; the one that ends last is at the end.
    children: Vec<(usize, u64, u64)>,
}

impl Walk {
    fn new(tree: &Tree<'_>, node: usize, from: u64, to: u64) -> Self {
        let inside = |child: &usize| {
            let span = &tree.nodes[*child];
            (*child, span.start_ns.max(from), span.end_ns.min(to))
        };
        let mut children: Vec<_> =
            tree.nodes[node].children.iter().map(inside).filter(|(_, from, to)| to > from).collect();
        children.sort_by_key(|(child, from, to)| (*to, *from, *child));
        Self { node, from, cursor: to, children }
    }

    /// The child that ended last before the cursor, or so little after it that it is taken to have ended there.
    fn next_child(&mut self) -> Option<(usize, u64, u64)> {
        loop {
            let (child, from, to) = self.children.pop()?;
            let overlap = to.saturating_sub(self.cursor);
            if from < self.cursor && overlap <= (to - from) / SMALL_OVERLAP {
                return Some((child, from, to.min(self.cursor)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traces::made::{span, trace};
    use store::SpanView;

    /// In milliseconds from the start, by span.
    type Paths = Vec<(String, Vec<(u64, u64)>)>;

    fn path(spans: Vec<SpanView>) -> Paths {
        let trace = trace(spans);
        let tree = Tree::new(&trace);
        let ms = |ns: u64| (ns - tree.start_ns) / 1_000_000;
        let paths = critical_path(&tree);
        tree.nodes
            .iter()
            .zip(paths)
            .map(|(node, path)| {
                (node.span.span_id.clone(), path.into_iter().map(|(from, to)| (ms(from), ms(to))).collect())
            })
            .collect()
    }

    fn self_ms(spans: Vec<SpanView>) -> Vec<u64> {
        let trace = trace(spans);
        self_times_ns(&Tree::new(&trace)).into_iter().map(|ns| ns / 1_000_000).collect()
    }

    #[test]
    fn self_time_is_what_no_child_covers() {
        let table: [(&str, Vec<SpanView>, Vec<u64>); 5] = [
            ("alone", vec![span("a", "", 0, 10)], vec![10]),
            (
                "one after the other",
                vec![span("a", "", 0, 10), span("b", "a", 1, 3), span("c", "a", 5, 2)],
                vec![5, 3, 2],
            ),
            ("side by side", vec![span("a", "", 0, 10), span("b", "a", 1, 4), span("c", "a", 3, 4)], vec![4, 4, 4]),
            (
                "one inside the other",
                vec![span("a", "", 0, 10), span("b", "a", 1, 8), span("c", "a", 3, 2)],
                vec![2, 8, 2],
            ),
            ("a child that runs on", vec![span("a", "", 0, 10), span("b", "a", 8, 20)], vec![8, 20]),
        ];
        for (what, spans, expected) in table {
            assert_eq!(self_ms(spans), expected, "{what}");
        }
    }

    #[test]
    fn the_critical_path_follows_whoever_ended_last() {
        let named = |paths: &[(&str, &[(u64, u64)])]| -> Paths {
            paths.iter().map(|(id, path)| ((*id).to_owned(), path.to_vec())).collect()
        };
        let table: [(&str, Vec<SpanView>, Paths); 6] = [
            (
                "one after the other, though by the clocks the second began a little early",
                vec![span("a", "", 0, 100), span("b", "a", 0, 80), span("c", "a", 78, 20)],
                named(&[("a", &[(98, 100)]), ("b", &[(0, 78)]), ("c", &[(78, 98)])]),
            ),
            ("a span alone", vec![span("a", "", 0, 10)], named(&[("a", &[(0, 10)])])),
            (
                "one after the other",
                vec![span("a", "", 0, 10), span("b", "a", 1, 3), span("c", "a", 5, 4)],
                named(&[("a", &[(0, 1), (4, 5), (9, 10)]), ("b", &[(1, 4)]), ("c", &[(5, 9)])]),
            ),
            (
                "of two side by side the one that ends last",
                vec![span("a", "", 0, 10), span("b", "a", 1, 5), span("c", "a", 2, 7)],
                named(&[("a", &[(0, 2), (9, 10)]), ("b", &[]), ("c", &[(2, 9)])]),
            ),
            (
                "through the depth",
                vec![span("a", "", 0, 10), span("b", "a", 0, 9), span("c", "b", 2, 6)],
                named(&[("a", &[(9, 10)]), ("b", &[(0, 2), (8, 9)]), ("c", &[(2, 8)])]),
            ),
            (
                "what runs on after its parent, or starts after it, is not waited for",
                vec![span("a", "", 0, 10), span("b", "a", 6, 20), span("c", "a", 12, 3)],
                named(&[("a", &[(0, 6)]), ("b", &[(6, 10)]), ("c", &[])]),
            ),
        ];
        for (what, spans, expected) in table {
            assert_eq!(path(spans), expected, "{what}");
        }
    }

    #[test]
    fn the_critical_path_is_as_long_as_the_trace() {
        // Any shape: every nanosecond of the root belongs to exactly one span.
        let mut seed = 7u64;
        let mut chance = |most: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % most
        };
        for _ in 0..200 {
            let mut spans = vec![span("0", "", 0, 1000)];
            for n in 1..40u64 {
                spans.push(span(&n.to_string(), &chance(n).to_string(), chance(1000), chance(600)));
            }
            spans.sort_by_key(|span| span.start_unix_nanos.parse::<u64>().unwrap_or(0));
            let trace = trace(spans);
            let tree = Tree::new(&trace);
            let mut all: Vec<Stretch> = critical_path(&tree).concat();
            all.sort_unstable();
            let root = tree.main_root().expect("one");
            let mut at = tree.nodes[root].start_ns;
            for (from, to) in all {
                assert_eq!(from, at, "without a gap or an overlap");
                at = to;
            }
            assert_eq!(at, tree.nodes[root].end_ns);
        }
    }
}
