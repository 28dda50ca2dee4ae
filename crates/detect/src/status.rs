//! What monitors and flows look like at a moment, for pages and APIs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::monitor::Priority;

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
    /// Since when it is pending or firing, in Unix milliseconds.
    pub since_unix_ms: Option<u64>,
    /// As measured last.
    pub value: Option<f64>,
    /// The limit beside it.
    pub limit: Option<f64>,
    /// The condition in words.
    pub condition: String,
    /// The reading in a few words, such as `p95 2.90 s, limit 500 ms`; the limit alone while there is none.
    pub reading: String,
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
