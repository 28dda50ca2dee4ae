//! Monitors and flows that fire now.

use detect::{AlertPhase, Priority};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::Monitors;

/// A monitor or flow that fires now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Firing {
    /// The key of the monitor or flow.
    pub monitor: String,
    /// One line for people.
    pub name: String,
    /// How much it matters.
    pub priority: Priority,
    /// The `traffic.type` it is about, if about one.
    pub traffic_type: Option<String>,
    /// Since when, Unix milliseconds; `None` where it is not known.
    pub since_unix_ms: Option<u64>,
    /// As measured last, in a few words.
    pub reading: String,
    /// What to do about it, or where that is written.
    pub runbook: Option<String>,
    /// Whether it is a flow: several monitors after each other, and together.
    pub is_flow: bool,
}

/// Those that matter most first, then the longest.
pub(crate) fn firing(detection: &Monitors) -> Vec<Firing> {
    let monitors =
        detection.monitors.iter().filter(|monitor| monitor.phase == AlertPhase::Firing).map(|monitor| Firing {
            monitor: monitor.key.clone(),
            name: monitor.name.clone(),
            priority: monitor.priority,
            traffic_type: monitor.traffic_type.clone(),
            since_unix_ms: monitor.since_unix_ms,
            reading: monitor.reading.clone(),
            runbook: monitor.runbook.clone(),
            is_flow: false,
        });
    let flows = detection.flows.iter().filter(|flow| flow.firing).map(|flow| Firing {
        monitor: flow.key.clone(),
        name: flow.name.clone(),
        priority: flow.priority,
        traffic_type: flow.traffic_type.clone(),
        since_unix_ms: flow.together_since_unix_ms.map(|since| since + flow.held_ms),
        reading: flow.stages.iter().map(|stage| stage.name.as_str()).collect::<Vec<_>>().join(", then "),
        runbook: flow.runbook.clone(),
        is_flow: true,
    });
    let mut all: Vec<Firing> = monitors.chain(flows).collect();
    all.sort_by_key(|one| (one.priority, one.since_unix_ms.unwrap_or(u64::MAX)));
    all
}
