//! Columns: whoever calls stands left of whoever is called, as far as calls do not go in circles.

use store::{NodeKind, ServiceMap};

/// A graph whose edges all lead to the right.
#[derive(Debug)]
pub(crate) struct Layers {
    /// The column of each node of the map, from 0.
    pub(crate) of_node: Vec<usize>,
    /// Ends of the edges that are drawn: index in the map, the node on the left, the node on the right, and whether the
    /// call goes from right to left.
    pub(crate) edges: Vec<Edge>,
}

/// An edge between two columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge {
    /// Its index in the map.
    pub(crate) index: usize,
    pub(crate) left: usize,
    pub(crate) right: usize,
    /// The one on the right calls: the edge closes a circle.
    pub(crate) is_back: bool,
}

impl Layers {
    /// Entrances on the left, everything else one column right of the last of its callers, databases all on the right.
    pub(crate) fn of(map: &ServiceMap) -> Self {
        let place = |name: &str| map.nodes.iter().position(|node| node.name == name);
        let ends: Vec<(usize, usize, usize)> = map
            .edges
            .iter()
            .enumerate()
            .filter_map(|(index, edge)| Some((index, place(&edge.from)?, place(&edge.to)?)))
            .filter(|(_, from, to)| from != to)
            .collect();
        let finished = finishing_order(map.nodes.len(), &ends);
        let edges: Vec<Edge> = ends
            .iter()
            .map(|(index, from, to)| {
                // In a walk from the entrances the called one is done before its caller, unless that is a circle.
                let is_back = finished[*from] < finished[*to];
                let (left, right) = if is_back { (*to, *from) } else { (*from, *to) };
                Edge { index: *index, left, right, is_back }
            })
            .collect();
        let mut of_node = vec![0; map.nodes.len()];
        let mut by_finish: Vec<usize> = (0..map.nodes.len()).collect();
        by_finish.sort_by_key(|node| std::cmp::Reverse(finished[*node]));
        for node in by_finish {
            for edge in edges.iter().filter(|edge| edge.left == node) {
                of_node[edge.right] = of_node[edge.right].max(of_node[node] + 1);
            }
        }
        let last = of_node.iter().copied().max().unwrap_or(0);
        for (node, layer) in map.nodes.iter().zip(&mut of_node) {
            if node.kind == NodeKind::Database {
                *layer = last;
            }
        }
        Self { of_node, edges }
    }

    /// How many columns.
    pub(crate) fn count(&self) -> usize {
        self.of_node.iter().max().map_or(0, |last| last + 1)
    }
}

/// When a walk along the calls, from the entrances first, is done with each node.
fn finishing_order(nodes: usize, ends: &[(usize, usize, usize)]) -> Vec<usize> {
    let is_called = |node: usize| ends.iter().any(|(_, _, to)| *to == node);
    let (called, entrances): (Vec<usize>, Vec<usize>) = (0..nodes).partition(|node| is_called(*node));
    let mut finished = vec![usize::MAX; nodes];
    let mut is_seen = vec![false; nodes];
    let mut done = 0;
    for start in entrances.into_iter().chain(called) {
        let mut stack = vec![(start, false)];
        while let Some((node, is_done)) = stack.pop() {
            if is_done {
                finished[node] = done;
                done += 1;
            } else if !std::mem::replace(&mut is_seen[node], true) {
                stack.push((node, true));
                stack.extend(
                    ends.iter().filter(|(_, from, to)| *from == node && !is_seen[*to]).map(|(_, _, to)| (*to, false)),
                );
            }
        }
    }
    finished
}
