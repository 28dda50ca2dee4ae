//! The story as data: `story.json` in the folder of a run.
//!
//! Fields that a reader does not know are passed over, fields that are not there are empty; what changes its meaning changes
//! [`FORMAT`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Exported;

use crate::api::{Alert, Monitors, StagePlay};
use crate::story::MeasuredCurve;

/// The version of `story.json` that this version writes, and the greatest that it reads.
pub const FORMAT: u32 = 1;

/// What a finished run leaves for people to read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RunStory {
    /// [`FORMAT`] of the version that wrote it.
    pub format: u32,
    /// What was asked and how it went.
    pub facts: RunFacts,
    /// The play as it ended: phases, faults, predictions, expected alerts, proofs, verdict.
    pub play: StagePlay,
    /// Everything the verdict looked at, in order; empty where the run was cut short.
    pub expectations: Vec<Expectation>,
    /// How far the prediction was from the measurement while faults were in.
    pub prediction_gaps: Vec<PredictionGap>,
    /// Expected alerts beside what came.
    pub alert_windows: Vec<AlertWindow>,
    /// Every change of every monitor and flow, in order.
    pub alerts: Vec<Alert>,
    /// Monitors and flows as they were at the end.
    pub detection: Monitors,
    /// What the load generator measured of each stream.
    pub curves: Vec<MeasuredCurve>,
    /// What was put back.
    pub restored: Vec<Restoration>,
    /// What broke in the stage itself.
    pub breakages: Vec<String>,
    /// What was kept of spans, logs and metrics; `None` where nothing was.
    pub telemetry: Option<Exported>,
}

/// What was asked and how it went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RunFacts {
    /// The run's identifier: the name of its folder.
    pub id: String,
    /// The scenario's name.
    pub scenario: String,
    /// One line for people.
    pub title: String,
    /// Version of Doorbuster that ran it.
    pub doorbuster: String,
    /// Scenario minutes per real minute.
    pub speed: f64,
    /// Fixes arrivals, journeys, users and products.
    pub seed: u64,
    /// How service times were reached: `hold` or `none`.
    pub calibration: String,
    /// What was watched for: `shipped` with Doorbuster, or `own`.
    pub monitors: String,
    /// Scenario minute 0, RFC 3339.
    pub started_at: String,
    /// Scenario minute 0, Unix seconds.
    pub start_unix: f64,
    /// The scenario minute at which it ended.
    pub ended_minute: f64,
    /// Why it ended.
    pub ended: Ended,
    /// SHA-256 of the request sequence, in hex.
    pub request_digest: String,
    /// From the command to the first stored span, in seconds.
    pub first_trace_seconds: Option<f64>,
    /// From the command until every service was ready, in seconds.
    pub ready_seconds: f64,
    /// Memory and processors by phase, at most.
    pub footprint: Vec<PhaseFootprint>,
    /// What failed checkouts cost; `None` where the shop could not be asked.
    pub cost: Option<Cost>,
    /// How near statements came to their target; `None` where none had one.
    pub service_times: Option<ServiceTimes>,
    /// The command that plays it again.
    pub reproduce: String,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The scenario was played to its last minute.
    #[default]
    Finished,
    /// Somebody interrupted it.
    Interrupted,
    /// Something broke.
    Broke,
}

/// What came of a run, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every expectation was met.
    Pass,
    /// One was missed.
    Fail,
    /// Nothing can be said about the monitoring.
    Invalid,
    /// Somebody interrupted it: there is no verdict.
    Interrupted,
    /// Something broke: there is no verdict.
    Broke,
    /// Its folder does not say.
    Unknown,
}

impl Outcome {
    /// As it is shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Invalid => "INVALID",
            Self::Interrupted => "INTERRUPTED",
            Self::Broke => "BROKE",
            Self::Unknown => "UNKNOWN",
        }
    }
}

impl RunStory {
    /// What came of it.
    pub fn outcome(&self) -> Outcome {
        match (self.play.verdict.as_ref().map(|verdict| verdict.outcome.as_str()), self.facts.ended) {
            (Some("pass"), _) => Outcome::Pass,
            (Some("fail"), _) => Outcome::Fail,
            (Some("invalid"), _) => Outcome::Invalid,
            (_, Ended::Interrupted) => Outcome::Interrupted,
            (_, Ended::Broke) => Outcome::Broke,
            (_, Ended::Finished) => Outcome::Unknown,
        }
    }

    /// The moment of a scenario minute, Unix milliseconds.
    pub fn unix_ms_at(&self, minute: f64) -> u64 {
        ((self.facts.start_unix + self.real_seconds(minute)) * 1000.0).max(0.0) as u64
    }

    /// The scenario minute of a moment.
    pub fn minute_at(&self, unix_ms: f64) -> f64 {
        (unix_ms / 1000.0 - self.facts.start_unix) / 60.0 * self.speed()
    }

    /// How many real seconds so many scenario minutes last.
    pub fn real_seconds(&self, minutes: f64) -> f64 {
        minutes * 60.0 / self.speed()
    }

    fn speed(&self) -> f64 {
        if self.facts.speed > 0.0 { self.facts.speed } else { 1.0 }
    }
}

/// One thing that the verdict looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Expectation {
    /// What it is about, such as `demo at 22: error rate`.
    pub what: String,
    /// What should be, in words.
    pub expected: String,
    /// What the prediction said, in words; empty where it says nothing.
    #[serde(default)]
    pub predicted: String,
    /// What was, in words.
    pub measured: String,
    /// How it came out.
    pub outcome: RowOutcome,
    /// What the reader should know besides; mostly empty.
    #[serde(default)]
    pub note: String,
}

/// How one expectation came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// As it should be.
    Pass,
    /// Not as it should be.
    Fail,
    /// It makes the run invalid.
    Invalid,
}

/// Predicted against measured error rate of one stream while faults were in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PredictionGap {
    /// The stream: its `traffic.type`.
    pub stream: String,
    /// Scenario minutes that were compared.
    pub minutes: u32,
    /// Mean difference, in percentage points.
    pub points: f64,
}

/// When an alert was expected, and when it came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertWindow {
    /// The key of the monitor or flow.
    pub monitor: String,
    /// The `traffic.type` that it must be about; `None` for any.
    #[serde(default)]
    pub stream: Option<String>,
    /// First scenario minute in which it may fire.
    pub from: f64,
    /// Last scenario minute in which it may fire.
    pub to: f64,
    /// Scenario minute by which it must have resolved; `None` where nobody asks.
    #[serde(default)]
    pub resolves_by: Option<f64>,
    /// Scenario minute at which it first fired.
    #[serde(default)]
    pub fired: Option<f64>,
    /// Scenario minute at which it last resolved; `None` while it fires.
    #[serde(default)]
    pub resolved: Option<f64>,
    /// How the two compare.
    pub timing: AlertTiming,
    /// Whether it is a flow: several monitors after each other, and together.
    #[serde(default)]
    pub is_flow: bool,
}

/// When an alert came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertTiming {
    /// Inside its window.
    OnTime,
    /// Before its window.
    Early,
    /// After its window.
    Late,
    /// Never.
    Missed,
    /// The run ended before its window did.
    NotReached,
}

impl AlertTiming {
    /// As it is shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::OnTime => "on time",
            Self::Early => "EARLY",
            Self::Late => "LATE",
            Self::Missed => "MISSED",
            Self::NotReached => "not reached",
        }
    }
}

/// Something that was put back, or was not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Restoration {
    /// The fault's identifier.
    pub fault: String,
    /// Whether everything is as it was.
    pub restored: bool,
    /// What was looked at.
    pub seen: String,
}

/// What everything cost in one phase, at most.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PhaseFootprint {
    /// The phase.
    pub phase: String,
    /// Memory of all processes, shared pages counted once, in MiB.
    pub total_mib: f64,
    /// Processes.
    pub processes: usize,
    /// Processors kept busy.
    pub cpus: f64,
    /// Memory by part, in MiB, the most first.
    pub parts: Vec<Breakdown>,
}

/// One part of a whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Breakdown {
    /// Its name.
    pub name: String,
    /// Its share, in the unit of the whole.
    pub amount: f64,
}

/// What failed checkouts cost.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Cost {
    /// Checkouts that failed, whoever's fault it was but the customer's.
    pub failed_checkouts: u64,
    /// What they would have paid, in US dollars.
    pub lost_revenue_usd: f64,
    /// The same by `traffic.type`, in US dollars.
    pub by_stream_usd: Vec<Breakdown>,
}

/// How near statements came to their target service time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ServiceTimes {
    /// Looks that were taken.
    pub looks: u32,
    /// Greatest distance from the target, as a share of it.
    pub worst_deviation: f64,
    /// What the scan alone took on this machine, in milliseconds; median.
    pub scan_median_ms: f64,
    /// Looks in which the scan alone took longer than the target.
    pub overshot: u32,
}
