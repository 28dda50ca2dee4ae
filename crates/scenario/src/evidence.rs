//! What a run brings back for the verdict. The load engine, the console and the conductor speak these types.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::LatencyHistogram;

/// Everything that was measured in one run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// The load engine's account.
    pub load: LoadReport,
    /// Alerts as they fired and resolved.
    pub alerts: Vec<AlertEvent>,
    /// Proofs asked for by the scenario's faults.
    pub proofs: Vec<ProofRecord>,
    /// What was put back.
    pub restored: Vec<RestoreRecord>,
    /// Anything that broke in the stage itself, such as a service that died.
    pub breakages: Vec<String>,
}

/// What the load engine did: `GET /admin/measurements` of the load generator.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LoadReport {
    /// The seed of the schedule.
    pub seed: u64,
    /// SHA-256 in hex over the whole seeded request sequence (due time, stream, journey, user, product of each arrival).
    pub request_digest: String,
    /// True once the last arrival was answered or given up.
    pub finished: bool,
    /// Arrivals that could not be sent because a bound of the generator was reached.
    pub dropped: u64,
    /// 99th percentile of `actual send - due`, in milliseconds.
    pub schedule_lag_p99_ms: f64,
    /// Greatest `actual send - due`, in milliseconds.
    pub schedule_lag_max_ms: f64,
    /// By stream.
    pub streams: Vec<StreamReport>,
}

/// One stream's measurements.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct StreamReport {
    /// The stream's name.
    pub stream: String,
    /// In order of time; arrivals belong where they were due, requests where they were sent.
    pub buckets: Vec<Bucket>,
    /// The same for each journey alone, by its name, in buckets with the same borders.
    #[serde(default)]
    pub journeys: IndexMap<String, Vec<Bucket>>,
}

/// Arrivals that were due in `[from, to)`, and requests that were sent in it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Bucket {
    /// First scenario minute.
    pub from: f64,
    /// Last scenario minute, not included.
    pub to: f64,
    /// Arrivals by the schedule.
    pub due: u64,
    /// Answered or given up.
    pub completed: u64,
    /// Of those, failed: after the last retry, where there are retries.
    pub errors: u64,
    /// Latency from the intended start to the final answer, failed ones included.
    pub latency: LatencyHistogram,
    /// Requests sent: one for each arrival, however many steps its journey has, and one for each retry. 0 in reports that
    /// do not count them.
    #[serde(default)]
    pub requests: u64,
    /// Of those, failed.
    #[serde(default)]
    pub request_errors: u64,
}

/// One change of a monitor's state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertEvent {
    /// The monitor's key.
    pub monitor: String,
    /// What it changed to.
    pub state: AlertState,
    /// Scenario minute.
    pub minute: f64,
    /// The `traffic.type` it is about, if it is about one.
    pub stream: Option<String>,
}

/// Firing or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertState {
    /// Began to fire.
    Firing,
    /// Stopped.
    Resolved,
}

/// One proof, as found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProofRecord {
    /// The fault's id.
    pub fault: String,
    /// What was to be shown, in words.
    pub claim: String,
    /// Whether it was.
    pub holds: bool,
    /// What was seen, such as a plan's first line or a count.
    pub seen: String,
    /// Scenario minute at which it was settled.
    pub minute: f64,
}

/// One undo, as found afterwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RestoreRecord {
    /// The fault's id.
    pub fault: String,
    /// Whether everything is as it was.
    pub restored: bool,
    /// What was looked at; what to type by hand where it is not.
    pub seen: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_from_before_retries_were_counted_can_still_be_read() {
        let text = r#"{"stream": "demo", "buckets": [{"from": 0.0, "to": 0.25, "due": 2, "completed": 2, "errors": 1, "latency": [[1000, 2]]}]}"#;
        let report: StreamReport = serde_json::from_str(text).expect("what older engines wrote");
        assert!(report.journeys.is_empty());
        assert_eq!((report.buckets[0].requests, report.buckets[0].request_errors), (0, 0));
    }
}
