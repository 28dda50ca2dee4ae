//! Nodes and edges under construction.

use hashbrown::HashMap;

use crate::aggregates::Histogram;
use crate::map::{MapEdge, MapNode, NodeKind};

/// Nodes that are told apart: a picture of more could not be read, and strangers name peers.
const MOST_NODES: usize = 256;
/// Edges that are told apart.
const MOST_EDGES: usize = 2048;

/// Calls added up.
#[derive(Debug, Default)]
struct Calls {
    count: u64,
    errors: u64,
    durations: Histogram,
}

impl Calls {
    fn add(&mut self, call: Call) {
        self.count += 1;
        self.errors += u64::from(call.is_error);
        self.durations.record(call.duration_ns);
    }

    fn error_rate(&self) -> f64 {
        self.errors as f64 / self.count.max(1) as f64
    }
}

/// One call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    pub(crate) duration_ns: u64,
    pub(crate) is_error: bool,
}

#[derive(Debug)]
struct Node {
    name: String,
    kind: NodeKind,
    /// What it answered.
    answered: Calls,
    /// What began in it without a caller.
    began: Calls,
}

/// A node's place among the nodes.
pub(crate) type Place = usize;

/// The map so far.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    nodes: Vec<Node>,
    by_name: HashMap<String, Place>,
    edges: HashMap<(Place, Place), Calls>,
    /// Something was left out because there were too many names.
    pub(crate) is_full: bool,
}

impl Graph {
    /// The node of this name, if there is room; who sends telemetry is a service whatever its callers say.
    pub(crate) fn node(&mut self, name: &str, kind: NodeKind) -> Option<Place> {
        if let Some(place) = self.by_name.get(name) {
            if kind == NodeKind::Service {
                self.nodes[*place].kind = kind;
            }
            return Some(*place);
        }
        if self.nodes.len() >= MOST_NODES {
            self.is_full = true;
            return None;
        }
        let place = self.nodes.len();
        self.nodes.push(Node { name: name.to_owned(), kind, answered: Calls::default(), began: Calls::default() });
        self.by_name.insert(name.to_owned(), place);
        Some(place)
    }

    /// A service answered a call.
    pub(crate) fn answered(&mut self, place: Place, call: Call) {
        self.nodes[place].answered.add(call);
    }

    /// Something began in a service that nobody called.
    pub(crate) fn began(&mut self, place: Place, call: Call) {
        self.nodes[place].began.add(call);
    }

    /// A call, as its caller saw it.
    pub(crate) fn called(&mut self, from: Place, to: Place, call: Call) {
        // Who says nothing of itself is known by its callers.
        if self.nodes[to].kind != NodeKind::Service {
            self.nodes[to].answered.add(call);
        }
        if self.edges.len() >= MOST_EDGES && !self.edges.contains_key(&(from, to)) {
            self.is_full = true;
            return;
        }
        self.edges.entry((from, to)).or_default().add(call);
    }

    /// Nodes and edges over so many minutes, by name; only those around `service` if given.
    pub(crate) fn finish(self, minutes: f64, service: Option<&str>) -> (Vec<MapNode>, Vec<MapEdge>) {
        let name = |place: Place| self.nodes[place].name.as_str();
        let is_near = |(from, to): (Place, Place)| service.is_none_or(|near| name(from) == near || name(to) == near);
        let near: Vec<_> = self.edges.iter().filter(|(ends, _)| is_near(**ends)).collect();
        let is_shown = |place: Place| {
            service.is_none_or(|near| near == name(place))
                || near.iter().any(|((from, to), _)| *from == place || *to == place)
        };
        let mut nodes: Vec<MapNode> = (0..self.nodes.len())
            .filter(|place| is_shown(*place))
            .map(|place| {
                let node = &self.nodes[place];
                let calls = if node.answered.count > 0 { &node.answered } else { &node.began };
                MapNode {
                    name: node.name.clone(),
                    kind: node.kind,
                    rate_per_minute: calls.count as f64 / minutes,
                    error_rate: calls.error_rate(),
                    p95_ms: calls.durations.quantile_ms(0.95).unwrap_or(0.0),
                }
            })
            .collect();
        let mut edges: Vec<MapEdge> = near
            .iter()
            .map(|((from, to), calls)| MapEdge {
                from: name(*from).to_owned(),
                to: name(*to).to_owned(),
                count: calls.count,
                rate_per_minute: calls.count as f64 / minutes,
                error_rate: calls.error_rate(),
                p95_ms: calls.durations.quantile_ms(0.95).unwrap_or(0.0),
            })
            .collect();
        nodes.sort_by(|one, other| one.name.cmp(&other.name));
        edges.sort_by(|one, other| (&one.from, &one.to).cmp(&(&other.from, &other.to)));
        (nodes, edges)
    }
}
