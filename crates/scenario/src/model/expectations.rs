//! What the verdict checks.

use serde::{Deserialize, Serialize};

use super::Band;

/// What the verdict checks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Expectations {
    /// A stream at a minute.
    #[serde(default)]
    pub checkpoints: Vec<Checkpoint>,
    /// A stream at all times.
    #[serde(default)]
    pub always: Vec<Always>,
    /// Alerts that must fire.
    #[serde(default)]
    pub alerts: Vec<ExpectedAlert>,
    /// Stretches in which nothing may fire.
    #[serde(default)]
    pub quiet: Vec<Quiet>,
}

/// A stream from the scenario minute `at` on, later where a change is still working its way through.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Scenario minute.
    pub at: f64,
    /// How many scenario minutes are measured. At a high speed few arrivals fall into one, and luck moves the rate.
    #[serde(default = "one_minute")]
    pub over: f64,
    /// The stream's name.
    pub stream: String,
    /// Only its arrivals on this journey; all where absent.
    #[serde(default)]
    pub journey: Option<String>,
    /// Share of arrivals that failed, 0 to 1: after the last retry, where there are retries.
    pub error_rate: Option<Band>,
    /// Share of requests that failed, 0 to 1, retries included.
    #[serde(default)]
    pub request_error_rate: Option<Band>,
    /// 95th percentile of latency from the intended start, in milliseconds.
    pub p95_ms: Option<Band>,
}

fn one_minute() -> f64 {
    1.0
}

/// A stream, over the run and in each phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Always {
    /// The stream's name.
    pub stream: String,
    /// Greatest share of failed arrivals, 0 to 1.
    pub error_rate_max: Option<f64>,
    /// Greatest 95th percentile, in milliseconds.
    pub p95_ms_max: Option<f64>,
    /// Arrivals per real minute over the run, low and high.
    pub arrivals_per_minute: Option<(f64, f64)>,
}

/// An alert that must fire inside its window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExpectedAlert {
    /// The monitor's key.
    pub monitor: String,
    /// Scenario minutes, first and last, in which it must fire for the first time.
    pub fires: (f64, f64),
    /// Scenario minute by which it must have resolved.
    pub resolves_by: Option<f64>,
    /// Only alerts that carry this `traffic.type`; any alert of the monitor where it is absent.
    pub stream: Option<String>,
}

/// A stretch in which no monitor (or none about `stream`) may fire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quiet {
    /// First scenario minute.
    pub from: f64,
    /// Last scenario minute, not included.
    pub until: f64,
    /// Only monitors whose alert carries this `traffic.type`.
    pub stream: Option<String>,
}
