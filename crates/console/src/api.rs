//! What the console's JSON is made of. The conductor uses these types to ask and to tell.
//!
//! | | |
//! |---|---|
//! | `GET /api/alerts?since=SEQ` | [`Alert`]s after `SEQ`, in order |
//! | `GET /api/red?service=&operation=&traffic_type=&kind=&from_unix_ms=&to_unix_ms=` | [`Red`] rows |
//! | `GET /api/map?traffic_type=&window=&from_unix_ms=&to_unix_ms=` | [`ServiceMap`]: who calls whom |
//! | `GET /api/statements?service=&traffic_type=&system=&window=` | [`Statement`]s, by total time |
//! | `GET /api/pools?service=&window=` | [`Pool`]s |
//! | `GET /api/timeline?..as red..&step_seconds=` | [`TimelinePoint`]s |
//! | `GET /api/traces?service=&operation=&traffic_type=&status=&min_duration_ms=&max_duration_ms=&attributes=&window=&limit=` | [`TraceSummary`]s, newest first |
//! | `GET /api/traces/{trace_id}` | [`TraceView`] |
//! | `GET /api/traces/{trace_id}/rows` | [`TraceRows`]: what a waterfall is drawn from |
//! | `GET /api/traces/{trace_id}/spans/{span_id}` | [`SpanView`](store::SpanView) |
//! | `GET /api/traces/{trace_id}/find?text=` | identifiers of the spans that have it anywhere |
//! | `GET /api/traces/compare?a=ID&b=ID` | [`Compared`] |
//! | `POST /api/sql`, `GET /api/sql?q=&limit=&format=json\|csv\|parquet` | [`SqlQuestion`] in, [`SqlAnswer`](store::SqlAnswer) out |
//! | `GET /api/sql/schema` | [`SqlSchema`](store::SqlSchema) |
//! | `GET /api/names` | [`Names`] that were seen, for suggestions |
//! | `GET /api/logs?service=&event=&traffic_type=&text=&trace_id=&severity_at_least=&attributes=&window=&limit=` | [`LogView`]s, newest first |
//! | `GET /api/logs/counts?..as logs..` | [`LogTimeline`]: sixty equal steps |
//! | `GET /api/metrics?service=&name=` | [`MetricView`]s |
//! | `GET /api/monitors` | [`Monitors`] |
//! | `GET /api/incidents` | [`IncidentsNow`]: open ones, then the newest, and what fires |
//! | `GET /api/incidents/{incident_id}` | [`IncidentView`]: one with its evidence |
//! | `GET /api/slos` | [`Objectives`]: what was measured where customers come in |
//! | `GET /api/llm?service=&traffic_type=&window=&from_unix_ms=&to_unix_ms=` | [`LlmView`]: requests to models, their calls, tokens and costs |
//! | `GET /api/stage`, `POST /api/stage` | [`StageSnapshot`] out, [`StagePlay`] in |
//! | `GET /api/stage/events` | the same snapshot with rendered parts, once a second (SSE) |
//! | `GET /api/runs` | [`RunList`] |
//! | `GET /api/runs/{id}` | [`RunView`] |
//! | `GET /api/runs/compare?a=&b=` | [`RunComparison`] |
//! | `POST /api/export` with `{}` | [`Exported`]: telemetry was written to the folder given at the start |
//! | `GET /api/health` | [`Health`] |

use detect::{FlowStatus, MonitorStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::story::{EvidenceTraces, RunFile, RunStory};

pub use crate::incidents::{Evidence, IncidentView};
pub use crate::losses::Lately;
pub use crate::models::{LlmBaseline, LlmView};
pub use crate::pages::{Firing, Measured};
pub use crate::pools::{Pool, PoolPoint, PoolTimes};
pub use crate::stage::{Card, CardStatus, Curve, StageSnapshot};
pub use crate::story::{ListedRun, RunComparison, RunList};
pub use crate::traces::{AttributeDifference, Chip, Compared, ComparedRow, Half, Side, TraceRow, TraceRows};
pub use crate::web::{IncidentsNow, Objectives};
pub use detect::{Incident, IncidentEntry, IncidentMonitor, TransitionState};
pub use store::{
    Differences, DifferingValue, Exported, Llm, LlmError, LlmGroup, LlmPoint, LlmSummary, LogCounts, LogView,
    MetricView, Recovered, Red, ServiceMap, Statement, StoreStats, TimelinePoint, TraceSummary, TraceView,
};

/// One change of a monitor's or flow's state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alert {
    /// Counts up from 1; ask for what comes after the last one you know.
    pub seq: u64,
    /// The key of the monitor or flow.
    pub monitor: String,
    /// What it changed to.
    pub state: TransitionState,
    /// When, Unix milliseconds.
    pub at_unix_ms: u64,
    /// The `traffic.type` it is about, if about one.
    pub traffic_type: Option<String>,
    /// As measured then, in the signal's unit (milliseconds, share 0 to 1, count); `None` for flows.
    pub value: Option<f64>,
    /// The limit beside it.
    pub threshold: Option<f64>,
    /// In words.
    pub summary: String,
}

/// A question in SQL.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SqlQuestion {
    /// A `SELECT` over the tables `spans`, `logs` and `metrics`.
    pub question: String,
    /// The most rows wanted: 1 to 100,000, 10,000 if not given.
    #[serde(default)]
    pub limit: Option<usize>,
}

/// Names that were seen, in order, for suggestions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Names {
    /// `service.name` of whoever sent spans.
    pub services: Vec<String>,
    /// Names of spans.
    pub operations: Vec<OperationName>,
    /// Keys of attributes.
    pub attribute_keys: Vec<String>,
}

/// The name of a span, and whose.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OperationName {
    /// `service.name` of the resource.
    pub service: String,
    /// The span's name.
    pub operation: String,
}

/// How the console itself is doing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// `ok`.
    pub status: String,
    /// The console's version.
    pub version: String,
    /// Since it started, in seconds.
    pub uptime_seconds: f64,
    /// Spans that came in valid.
    pub spans_received: u64,
    /// Spans that were not taken: invalid, or in messages that could not be read.
    pub spans_dropped: u64,
    /// Messages that were turned away because too many came at once; their senders try again.
    pub requests_refused: u64,
    /// Messages that could not be read: too large, or no OTLP.
    pub requests_invalid: u64,
    /// What was not taken lately.
    #[serde(default)]
    pub lately: Lately,
    /// Port of OTLP/gRPC.
    pub otlp_grpc_port: u16,
    /// Port of OTLP/HTTP.
    pub otlp_http_port: u16,
    /// The console's clock, Unix milliseconds: now, or the end of the run that was opened.
    #[serde(default)]
    pub at_unix_ms: u64,
    /// The finished run that is shown, where one was opened: nothing comes in then, and the ports of OTLP are 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_run: Option<FinishedRun>,
    /// What an earlier console left in the data folder, where there is one: also what it lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered: Option<Recovered>,
    /// The store's account: what is kept, what had to go.
    pub store: StoreStats,
}

/// A finished run that a console was opened on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FinishedRun {
    /// Its identifier.
    pub id: String,
    /// Its folder, as it was given.
    pub folder: String,
    /// Its last moment, Unix milliseconds: what every page takes for now.
    pub at_unix_ms: u64,
    /// Why its spans, logs and metrics are not here; `None` where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telemetry_lack: Option<String>,
}

/// How many log records came when.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LogTimeline {
    /// Equal steps, in order.
    pub steps: Vec<LogCounts>,
    /// Whether older records of the stretch have left memory for the disk: they are not counted.
    pub is_cut: bool,
}

/// One run as its page shows it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RunView {
    /// Its folder.
    pub folder: String,
    /// What there is to say of it.
    pub story: RunStory,
    /// Traces that tell what happened.
    pub traces: EvidenceTraces,
    /// What lies in its folder.
    pub files: Vec<RunFile>,
}

/// Monitors and flows as they are now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Monitors {
    /// Every monitor for every `traffic.type` it has seen.
    pub monitors: Vec<MonitorStatus>,
    /// Every flow likewise.
    pub flows: Vec<FlowStatus>,
}

/// The play that the Stage page shows beside the evidence. The conductor replaces it about once a second.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StagePlay {
    /// One line for people.
    pub title: String,
    /// The run's identifier.
    pub run_id: String,
    /// The scenario's name.
    pub scenario: String,
    /// Its length, in scenario minutes.
    pub minutes: f64,
    /// Scenario minutes per real minute.
    pub speed: f64,
    /// The service at which visitors come in, whose server spans the cards and curves show; the frontend if empty.
    pub entrance: String,
    /// Minute 0, Unix seconds.
    pub start_unix: f64,
    /// The scenario minute when this was sent; negative before the start.
    pub minute: f64,
    /// `starting`, `running`, `restoring` or `finished`.
    pub status: String,
    /// Named stretches, in order.
    pub phases: Vec<PlayPhase>,
    /// What is broken when.
    pub faults: Vec<PlayFault>,
    /// What is predicted, per minute and stream.
    pub predicted: Vec<PlayPrediction>,
    /// When alerts are expected.
    pub expected_alerts: Vec<PlayExpectedAlert>,
    /// What has been shown of the faults.
    pub proofs: Vec<PlayProof>,
    /// The end of it.
    pub verdict: Option<PlayVerdict>,
    /// What the load generator measured, from the intended start of each request.
    pub measured_by_load: Vec<PlayMeasurement>,
}

/// A named stretch of the play.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlayPhase {
    /// Its name.
    pub name: String,
    /// First scenario minute.
    pub from: f64,
    /// Last scenario minute.
    pub to: f64,
}

/// A fault of the play.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlayFault {
    /// Its identifier.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Scenario minute at which it is applied.
    pub from: f64,
    /// Scenario minute at which it is undone.
    pub until: f64,
    /// In a word: `planned`, `applied`, `undone`, ...
    pub state: String,
}

/// What is predicted for a stream from a minute on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlayPrediction {
    /// The stream: its `traffic.type`.
    pub stream: String,
    /// Scenario minute.
    pub minute: f64,
    /// Arrivals per real minute.
    pub arrivals_per_minute: f64,
    /// Share of failed arrivals, 0 to 1.
    pub error_rate: f64,
    /// 19 of 20 are faster, in milliseconds.
    pub p95_ms: f64,
}

/// When an alert is expected to fire.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlayExpectedAlert {
    /// The key of the monitor or flow.
    pub monitor: String,
    /// First scenario minute.
    pub from: f64,
    /// Last scenario minute.
    pub to: f64,
}

/// Evidence that a fault is real.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PlayProof {
    /// The fault's identifier.
    pub fault: String,
    /// What is to be shown.
    pub claim: String,
    /// Whether it was; `None` while it is still open.
    pub holds: Option<bool>,
    /// What was seen.
    pub seen: String,
}

/// The end of the play.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PlayVerdict {
    /// `pass`, `fail` or `invalid`.
    pub outcome: String,
    /// Why, if it did not pass.
    pub reasons: Vec<String>,
}

/// What the load generator measured of a stream.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PlayMeasurement {
    /// The stream: its `traffic.type`.
    pub stream: String,
    /// Arrivals that were answered or given up, over the whole run.
    pub requests: u64,
    /// Of those, failed.
    pub errors: u64,
    /// Share of failed ones lately, 0 to 1.
    pub error_rate: f64,
    /// Median latency lately, in milliseconds.
    pub p50_ms: f64,
    /// 19 of 20 were faster, in milliseconds.
    pub p95_ms: f64,
    /// Arrivals per real minute.
    pub rpm: f64,
}
