//! The service map for people and programs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The services and stores of a stretch of time, and the calls between them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceMap {
    /// By name.
    pub nodes: Vec<MapNode>,
    /// By caller, then called.
    pub edges: Vec<MapEdge>,
    /// Spans that were looked at: the newest, up to a bound.
    pub spans_looked_at: u64,
    /// Whether older spans of the stretch were left out, so that rates are of a part of it.
    pub is_sample: bool,
}

/// What takes part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MapNode {
    /// `service.name`, or of what sends no telemetry itself the database's system or the peer's name.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// Calls answered per minute; of an entrance, its own roots.
    pub rate_per_minute: f64,
    /// Share of errors, 0 to 1.
    pub error_rate: f64,
    /// 19 of 20 were faster, in milliseconds.
    pub p95_ms: f64,
}

/// What a node of the map is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// It sends telemetry.
    Service,
    /// A database or cache, known from its callers.
    Database,
    /// Something else that is known from its callers only.
    External,
}

/// Calls from one node to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MapEdge {
    /// The caller's name.
    pub from: String,
    /// The name of what is called.
    pub to: String,
    /// Calls in the stretch.
    pub count: u64,
    /// Calls per minute.
    pub rate_per_minute: f64,
    /// Share of errors as the caller saw them, 0 to 1.
    pub error_rate: f64,
    /// 19 of 20 were faster, in milliseconds, as the caller saw it.
    pub p95_ms: f64,
}
