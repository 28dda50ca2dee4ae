//! Nodes and edges under construction.

use std::collections::BTreeMap;

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
    kind: NodeKind,
    /// What it answered.
    answered: Calls,
    /// What began in it without a caller.
    began: Calls,
}

/// The map so far.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    nodes: BTreeMap<String, Node>,
    edges: BTreeMap<(String, String), Calls>,
    /// Something was left out because there were too many names.
    pub(crate) is_full: bool,
}

impl Graph {
    /// The node of this name, if there is room; who sends telemetry is a service whatever its callers say.
    fn node(&mut self, name: &str, kind: NodeKind) -> Option<&mut Node> {
        if !self.nodes.contains_key(name) {
            if self.nodes.len() >= MOST_NODES {
                self.is_full = true;
                return None;
            }
            self.nodes.insert(name.to_owned(), Node { kind, answered: Calls::default(), began: Calls::default() });
        }
        let node = self.nodes.get_mut(name)?;
        if kind == NodeKind::Service {
            node.kind = kind;
        }
        Some(node)
    }

    /// A service sent a span.
    pub(crate) fn service(&mut self, name: &str) {
        self.node(name, NodeKind::Service);
    }

    /// A service answered a call.
    pub(crate) fn answered(&mut self, name: &str, call: Call) {
        if let Some(node) = self.node(name, NodeKind::Service) {
            node.answered.add(call);
        }
    }

    /// Something began in a service that nobody called.
    pub(crate) fn began(&mut self, name: &str, call: Call) {
        if let Some(node) = self.node(name, NodeKind::Service) {
            node.began.add(call);
        }
    }

    /// A call, as its caller saw it; `kind` is what the called one is taken for if it sends nothing itself.
    pub(crate) fn called(&mut self, from: &str, to: &str, kind: NodeKind, call: Call) {
        if self.node(from, NodeKind::Service).is_none() {
            return;
        }
        let Some(node) = self.node(to, kind) else { return };
        // Who says nothing of itself is known by its callers.
        if node.kind != NodeKind::Service {
            node.answered.add(call);
        }
        let ends = (from.to_owned(), to.to_owned());
        if self.edges.len() >= MOST_EDGES && !self.edges.contains_key(&ends) {
            self.is_full = true;
            return;
        }
        self.edges.entry(ends).or_default().add(call);
    }

    /// Nodes and edges over so many minutes, only those around `service` if given.
    pub(crate) fn finish(self, minutes: f64, service: Option<&str>) -> (Vec<MapNode>, Vec<MapEdge>) {
        let is_near = |(from, to): &(String, String)| service.is_none_or(|name| from == name || to == name);
        let edges: Vec<MapEdge> = self
            .edges
            .iter()
            .filter(|(ends, _)| is_near(ends))
            .map(|((from, to), calls)| MapEdge {
                from: from.clone(),
                to: to.clone(),
                count: calls.count,
                rate_per_minute: calls.count as f64 / minutes,
                error_rate: calls.error_rate(),
                p95_ms: calls.durations.quantile_ms(0.95).unwrap_or(0.0),
            })
            .collect();
        let is_shown = |name: &str| {
            service
                .is_none_or(|service| service == name || edges.iter().any(|edge| edge.from == name || edge.to == name))
        };
        let node = |(name, node): (&String, &Node)| {
            let calls = if node.answered.count > 0 { &node.answered } else { &node.began };
            MapNode {
                name: name.clone(),
                kind: node.kind,
                rate_per_minute: calls.count as f64 / minutes,
                error_rate: calls.error_rate(),
                p95_ms: calls.durations.quantile_ms(0.95).unwrap_or(0.0),
            }
        };
        let nodes = self.nodes.iter().filter(|(name, _)| is_shown(name)).map(node).collect();
        (nodes, edges)
    }
}
