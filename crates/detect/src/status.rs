//! What monitors and flows look like at a moment, for pages and APIs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::monitor::Priority;
use crate::signal::SpanKind;

/// Where an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertPhase {
    /// Too few samples to say anything.
    NoData,
    /// The condition does not hold.
    Ok,
    /// It holds, but not yet for long enough.
    Pending,
    /// It fires.
    Firing,
}

/// One monitor for one group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MonitorStatus {
    /// The monitor's key.
    pub key: String,
    /// One line for people.
    pub name: String,
    /// How much it matters.
    pub priority: Priority,
    /// What to do about it, or where that is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
    /// The `traffic.type` it is about, if about one.
    pub traffic_type: Option<String>,
    /// Where the alert is.
    pub phase: AlertPhase,
    /// For how long its condition must hold before it fires, scaled, in milliseconds.
    #[serde(default)]
    pub hold_ms: u64,
    /// Since when it is pending or firing, in Unix milliseconds.
    pub since_unix_ms: Option<u64>,
    /// As measured last.
    pub value: Option<f64>,
    /// The limit beside it: as written, or what a learned baseline makes of it.
    pub limit: Option<f64>,
    /// What the signal was in the beginning, where the limit is a multiple of that and it is learned.
    #[serde(default)]
    pub baseline: Option<f64>,
    /// For how much longer the baseline is learned, in milliseconds, while it is: until then there is no data.
    #[serde(default)]
    pub learning_left_ms: Option<u64>,
    /// What its conditions measure, in the order in which they are written; empty of those that only look at monitors.
    #[serde(default)]
    pub watches: Vec<Watching>,
    /// The services that its filters name, its monitors' included.
    #[serde(default)]
    pub services: Vec<String>,
    /// The condition in words.
    pub condition: String,
    /// The reading in a few words, such as `p95 2.90 s, limit 500 ms`; the limit alone while there is none.
    pub reading: String,
}

/// What one condition measures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Watching {
    /// As the file names it: `p95_ms`, `mean`, ..., or `logs`.
    pub measure: String,
    /// The attribute that it looks at, if at one.
    pub attribute: Option<String>,
    /// `service.name` of the resource, if it is narrowed to one.
    pub service: Option<String>,
    /// The span's name, if it is narrowed to one.
    pub operation: Option<String>,
    /// The span's kind, if it is narrowed to one.
    pub kind: Option<SpanKind>,
    /// The attribute `traffic.type`, if it is narrowed to one.
    pub traffic_type: Option<String>,
    /// The limit as it stands; `None` while a baseline is learned.
    pub limit: Option<f64>,
    /// The baseline that the limit is a multiple of, once it is learned.
    pub baseline: Option<f64>,
}

/// One flow for one group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FlowStatus {
    /// The flow's key.
    pub key: String,
    /// One line for people.
    pub name: String,
    /// How much it matters.
    pub priority: Priority,
    /// What to do about it, or where that is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
    /// The `traffic.type` it is about, if about one.
    pub traffic_type: Option<String>,
    /// The services of its monitors.
    #[serde(default)]
    pub services: Vec<String>,
    /// Whether it fires.
    pub firing: bool,
    /// Since when all stages hold together, in Unix milliseconds.
    pub together_since_unix_ms: Option<u64>,
    /// For how long they must, scaled, in milliseconds.
    pub held_ms: u64,
    /// In order.
    pub stages: Vec<StageStatus>,
}

/// One stage of a flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StageStatus {
    /// One line for people.
    pub name: String,
    /// When it was reached, in Unix milliseconds.
    pub reached_unix_ms: Option<u64>,
    /// Whether its condition holds now.
    pub holds: bool,
}
