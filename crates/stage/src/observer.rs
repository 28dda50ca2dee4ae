//! What the conductor tells whoever watches: a terminal view, plain lines, a test.

use std::time::Duration;

use scenario::{AlertEvent, ProofRecord, RestoreRecord};

/// Somebody who watches a run. Called from the conductor's task: must not block.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn hear(&self, event: &Event);
}

/// Something that happened in a run.
#[derive(Debug, Clone)]
pub enum Event {
    /// A step of the start-up or the clean-up begins.
    StepStarted(String),
    /// It advances; in words.
    StepProgress(String),
    /// It is done, and took so long.
    StepDone(String, Duration),
    /// The stage stands; traffic begins with minute 0.
    Ready {
        /// Where to look.
        console_url: String,
        /// From the command to now.
        took: Duration,
    },
    /// The first span was stored, so long after the command.
    FirstTrace(Duration),
    /// A fault was applied or undone.
    Fault {
        /// Its id.
        id: String,
        /// What happened to it, such as `applied` or `undone`.
        state: &'static str,
        /// Scenario minute.
        minute: f64,
        /// What was done, in words.
        seen: String,
    },
    /// A monitor changed its state.
    Alert {
        /// The change.
        event: AlertEvent,
        /// What the console says of it.
        summary: String,
    },
    /// A proof was settled.
    Proof(ProofRecord),
    /// Something was put back, or was not.
    Restored(RestoreRecord),
    /// About once a second: how it stands.
    Tick(Snapshot),
    /// Something worth a line.
    Note(String),
}

/// How a run stands at one moment.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Scenario minute; negative before the start.
    pub minute: f64,
    /// Length in scenario minutes.
    pub minutes: f64,
    /// Name of the current phase; empty outside all.
    pub phase: String,
    /// Real time until the scenario ends.
    pub left: Duration,
    /// By stream.
    pub streams: Vec<StreamSnapshot>,
    /// Monitors that fire, by key.
    pub firing: Vec<String>,
    /// Faults that are applied, by id.
    pub faults: Vec<String>,
    /// Proofs that hold, and all.
    pub proofs: (usize, usize),
}

/// One stream over the last scenario minute (5 s of real time at the least).
#[derive(Debug, Clone, Default)]
pub struct StreamSnapshot {
    /// The stream's name.
    pub name: String,
    /// Arrivals per real minute.
    pub rpm: f64,
    /// Share of arrivals that failed; none while nothing was answered.
    pub error_rate: Option<f64>,
    /// Median latency from the intended start, in milliseconds.
    pub p50_ms: Option<f64>,
    /// 95th percentile of it, in milliseconds.
    pub p95_ms: Option<f64>,
    /// What the prediction says for this minute.
    pub predicted_error_rate: Option<f64>,
    /// What the prediction says for this minute, in milliseconds.
    pub predicted_p95_ms: Option<f64>,
}
