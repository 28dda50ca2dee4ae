//! Curves of a stream over scenario minutes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the load generator measured of one stream: one point for each scenario minute that had arrivals, at its middle.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct MeasuredCurve {
    /// The stream: its `traffic.type`.
    pub stream: String,
    /// Scenario minutes.
    pub minutes: Vec<f64>,
    /// Arrivals per real minute.
    pub arrivals_per_minute: Vec<f64>,
    /// Share of failed arrivals, 0 to 1; `None` where nothing was answered.
    pub error_rate: Vec<Option<f64>>,
    /// Median latency from the intended start, failed ones included, in milliseconds.
    pub p50_ms: Vec<Option<f64>>,
    /// 19 of 20 were faster, in milliseconds.
    pub p95_ms: Vec<Option<f64>>,
    /// Arrivals that were answered or given up, over the whole run.
    pub requests: u64,
    /// Of those, failed.
    pub errors: u64,
}
