//! Coordinates: columns at equal distances; in each, items as near to their neighbours' height as their order and size allow.

use store::ServiceMap;

use crate::pages::map::layers::Layers;
use crate::pages::map::order::{Item, Ordered};

/// Width and height of a node, in units of the picture.
pub(crate) const NODE: (f64, f64) = (186.0, 76.0);
/// Between two columns: room for what edges say.
pub(crate) const GAP: f64 = 136.0;
/// Between two items of a column.
const BETWEEN: f64 = 20.0;
/// Height of an edge that passes.
const PASS: f64 = 14.0;
/// Around the picture.
const MARGIN: f64 = 8.0;
/// Times that heights are drawn to their neighbours.
const ROUNDS: usize = 24;

/// Where everything stands.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Left upper corner of each node of the map.
    pub(crate) nodes: Vec<(f64, f64)>,
    /// Index of an edge in the map and its way from the caller to the called: ends of straight pieces, between which it swings.
    pub(crate) edges: Vec<(usize, Vec<(f64, f64)>)>,
}

impl Layout {
    pub(crate) fn of(map: &ServiceMap) -> Self {
        let layers = Layers::of(map);
        let ordered = Ordered::of(&layers);
        let middles = middles(&layers, &ordered);
        let left = |column: usize| MARGIN + column as f64 * (NODE.0 + GAP);
        let at = |column: usize, item: Item| {
            let place = ordered.columns[column].iter().position(|other| *other == item);
            place.map_or(0.0, |place| middles[column][place])
        };
        let nodes: Vec<_> = layers
            .of_node
            .iter()
            .enumerate()
            .map(|(node, column)| (left(*column), at(*column, Item::Node(node)) - NODE.1 / 2.0))
            .collect();
        let way = |(index, edge): (usize, &crate::pages::map::layers::Edge)| {
            let (from, to) = (layers.of_node[edge.left], layers.of_node[edge.right]);
            let mut points = vec![(left(from) + NODE.0, at(from, Item::Node(edge.left)))];
            for column in from + 1..to {
                let height = at(column, Item::Pass(index));
                points.extend([(left(column), height), (left(column) + NODE.0, height)]);
            }
            points.push((left(to), at(to, Item::Node(edge.right))));
            if edge.is_back {
                points.reverse();
            }
            (edge.index, points)
        };
        let edges = layers.edges.iter().enumerate().map(way).collect();
        let columns = layers.count() as f64;
        let lowest = nodes.iter().map(|(_, top)| top + NODE.1).fold(0.0, f64::max);
        Self {
            width: 2.0 * MARGIN + columns * NODE.0 + (columns - 1.0).max(0.0) * GAP,
            height: lowest + MARGIN,
            nodes,
            edges,
        }
    }
}

/// The height of each item's middle, by column and place.
fn middles(layers: &Layers, ordered: &Ordered) -> Vec<Vec<f64>> {
    let size = |item: &Item| if matches!(item, Item::Node(_)) { NODE.1 } else { PASS };
    // How far each middle is below the first one, stacked as tightly as may be.
    let stacked: Vec<Vec<f64>> = ordered
        .columns
        .iter()
        .map(|column| {
            let mut below = 0.0;
            column
                .iter()
                .map(|item| {
                    let middle = below + size(item) / 2.0;
                    below += size(item) + BETWEEN;
                    middle
                })
                .collect()
        })
        .collect();
    let joined: Vec<_> = (0..stacked.len().saturating_sub(1)).map(|gap| ordered.joined(layers, gap)).collect();
    let mut middles = stacked.clone();
    for round in 0..ROUNDS {
        for step in 0..middles.len() {
            let column = if round % 2 == 0 { step } else { middles.len() - 1 - step };
            let wished: Vec<f64> = (0..middles[column].len())
                .map(|place| {
                    let before = column.checked_sub(1).map(|gap| {
                        joined[gap]
                            .iter()
                            .filter(|(_, right)| *right == place)
                            .map(|(left, _)| middles[gap][*left])
                            .collect::<Vec<_>>()
                    });
                    let after = joined.get(column).map(|pairs| {
                        pairs
                            .iter()
                            .filter(|(left, _)| *left == place)
                            .map(|(_, right)| middles[column + 1][*right])
                            .collect::<Vec<_>>()
                    });
                    let all: Vec<f64> = before.into_iter().chain(after).flatten().collect();
                    if all.is_empty() { middles[column][place] } else { all.iter().sum::<f64>() / all.len() as f64 }
                })
                .collect();
            middles[column] = apart(&wished, &stacked[column]);
        }
    }
    let highest = middles
        .iter()
        .zip(&ordered.columns)
        .flat_map(|(column, items)| column.iter().zip(items).map(|(middle, item)| middle - size(item) / 2.0))
        .fold(f64::INFINITY, f64::min);
    middles.iter().map(|column| column.iter().map(|middle| middle - highest + MARGIN).collect()).collect()
}

/// The heights nearest to those wished for that keep the distances of `stacked`: least squares, by pooling those that
/// would overlap.
fn apart(wished: &[f64], stacked: &[f64]) -> Vec<f64> {
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (wish, offset) in wished.iter().zip(stacked) {
        let mut pool = (wish - offset, 1);
        while let Some((sum, count)) = pools.pop_if(|(sum, count)| *sum / *count as f64 > pool.0 / pool.1 as f64) {
            pool = (pool.0 + sum, pool.1 + count);
        }
        pools.push(pool);
    }
    let pooled = pools.iter().flat_map(|(sum, count)| std::iter::repeat_n(sum / *count as f64, *count));
    pooled.zip(stacked).map(|(middle, offset)| middle + offset).collect()
}
