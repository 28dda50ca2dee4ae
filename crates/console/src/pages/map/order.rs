//! The order in each column: such that edges cross as little as the barycenter method finds.

use crate::pages::map::layers::Layers;

/// Sweeps over all columns; more than this hardly ever helps.
const SWEEPS: usize = 12;

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item {
    /// A node of the map.
    Node(usize),
    /// An edge that passes: its place in [`Layers::edges`].
    Pass(usize),
}

/// Columns in order, and which items are joined.
#[derive(Debug)]
pub(crate) struct Ordered {
    /// Items by column, from above.
    pub(crate) columns: Vec<Vec<Item>>,
}

impl Ordered {
    pub(crate) fn of(layers: &Layers) -> Self {
        let mut columns = vec![Vec::new(); layers.count()];
        for (node, layer) in layers.of_node.iter().enumerate() {
            columns[*layer].push(Item::Node(node));
        }
        for (place, edge) in layers.edges.iter().enumerate() {
            for column in &mut columns[layers.of_node[edge.left] + 1..layers.of_node[edge.right]] {
                column.push(Item::Pass(place));
            }
        }
        let mut best = Self { columns };
        let mut least = best.crossings(layers);
        let mut current = Self { columns: best.columns.clone() };
        for sweep in 0..SWEEPS {
            current.sweep(layers, sweep % 2 == 0);
            let crossings = current.crossings(layers);
            if crossings < least {
                (best.columns, least) = (current.columns.clone(), crossings);
            }
        }
        best
    }

    /// Sorts each column by the mean place of its neighbours in the column before it, going right or left.
    fn sweep(&mut self, layers: &Layers, is_rightwards: bool) {
        let count = self.columns.len();
        for step in 1..count {
            let (column, fixed) = if is_rightwards { (step, step - 1) } else { (count - 1 - step, count - step) };
            let gap = column.min(fixed);
            let joined = self.joined(layers, gap);
            let mut keyed: Vec<(f64, Item)> = self.columns[column]
                .iter()
                .enumerate()
                .map(|(place, item)| {
                    let neighbours: Vec<usize> = joined
                        .iter()
                        .filter_map(|(left, right)| match is_rightwards {
                            true => (*right == place).then_some(*left),
                            false => (*left == place).then_some(*right),
                        })
                        .collect();
                    let mean = neighbours.iter().sum::<usize>() as f64 / neighbours.len() as f64;
                    (if neighbours.is_empty() { place as f64 } else { mean }, *item)
                })
                .collect();
            keyed.sort_by(|(one, _), (other, _)| one.total_cmp(other));
            self.columns[column] = keyed.into_iter().map(|(_, item)| item).collect();
        }
    }

    /// The pairs of places that edges join across the gap right of a column.
    pub(crate) fn joined(&self, layers: &Layers, gap: usize) -> Vec<(usize, usize)> {
        let place = |column: usize, item: Item| self.columns[column].iter().position(|other| *other == item);
        let mut joined = Vec::new();
        for (index, edge) in layers.edges.iter().enumerate() {
            let (from, to) = (layers.of_node[edge.left], layers.of_node[edge.right]);
            if from <= gap && gap < to {
                let left = if from == gap { Item::Node(edge.left) } else { Item::Pass(index) };
                let right = if to == gap + 1 { Item::Node(edge.right) } else { Item::Pass(index) };
                joined.extend(place(gap, left).zip(place(gap + 1, right)));
            }
        }
        joined
    }

    /// How often edges cross.
    pub(crate) fn crossings(&self, layers: &Layers) -> usize {
        let in_gap = |gap: usize| {
            let joined = self.joined(layers, gap);
            let crosses = |one: &(usize, usize), other: &(usize, usize)| {
                (one.0 < other.0 && one.1 > other.1) || (one.0 > other.0 && one.1 < other.1)
            };
            joined
                .iter()
                .enumerate()
                .map(|(index, one)| joined[..index].iter().filter(|other| crosses(one, other)).count())
                .sum::<usize>()
        };
        (0..self.columns.len().saturating_sub(1)).map(in_gap).sum()
    }
}
