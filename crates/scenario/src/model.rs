//! The scenario file as types. Text becomes these in `parse`, which reports every mistake at once.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::Curve;

/// A whole scenario: what happens when, and what must be seen of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Scenario {
    /// Identifier: lowercase letters, digits and dashes.
    pub name: String,
    /// One line for people; the name where the file has none.
    #[serde(default)]
    pub title: String,
    /// The subject that it happens to.
    pub world: World,
    /// Length in scenario minutes.
    pub minutes: f64,
    /// Named stretches, in order; each ends where the next begins.
    pub phases: Vec<Phase>,
    /// Tagged traffic.
    pub streams: Vec<Stream>,
    /// What limits the subject, for the prediction.
    #[serde(default)]
    pub queues: Vec<Queue>,
    /// Statements that `plan` proofs explain, by name; literals instead of parameters.
    #[serde(default)]
    pub queries: IndexMap<String, String>,
    /// What is broken when.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// What the verdict checks.
    #[serde(default)]
    pub expect: Expectations,
    /// The answer, for scoring investigators. Never reaches the subject or its telemetry.
    #[serde(default)]
    pub truth: Truth,
}

impl Scenario {
    /// The phase that `minute` lies in, if any.
    pub fn phase_at(&self, minute: f64) -> Option<&Phase> {
        self.phases.iter().rev().find(|p| p.from <= minute).filter(|_| minute <= self.minutes)
    }

    /// The stream named `name`.
    pub fn stream(&self, name: &str) -> Option<&Stream> {
        self.streams.iter().find(|s| s.name == name)
    }
}

/// The subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum World {
    /// Ten services, PostgreSQL, Redis.
    Shop,
}

impl World {
    /// The journeys that its users can take.
    pub fn journeys(self) -> &'static [&'static str] {
        match self {
            Self::Shop => &["browse_only", "browse_and_cart", "full_checkout"],
        }
    }
}

/// A named stretch of the scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// Identifier, shown on spans as `demo.phase`.
    pub name: String,
    /// First scenario minute.
    pub from: f64,
}

/// Traffic with one tag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// The tag, carried as `traffic.type` in W3C baggage.
    pub name: String,
    /// Arrivals per **real** minute over scenario minutes: speed never changes rates.
    pub arrivals_per_minute: Curve,
    /// How arrivals are spread.
    #[serde(default)]
    pub spacing: Spacing,
    /// Relative weight of each journey over scenario minutes.
    pub journeys: IndexMap<String, Curve>,
    /// What a request takes whose journey waits in no queue, in milliseconds; for the prediction.
    #[serde(default)]
    pub elsewhere_ms: f64,
}

/// How arrivals are spread in time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spacing {
    /// Evenly under the curve.
    Uniform,
    /// A Poisson process with the curve as its intensity, seeded.
    #[default]
    Poisson,
}

/// A pool that arrivals of a stream wait for: `connections` servers, FIFO, with an acquire timeout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// Identifier; faults and monitors name it.
    pub name: String,
    /// The stream whose arrivals use it.
    pub stream: String,
    /// The journeys of that stream which use it.
    pub journeys: Vec<String>,
    /// Servers.
    pub connections: u32,
    /// How long an arrival waits before it gives up, in milliseconds.
    pub acquire_timeout_ms: f64,
    /// How long a connection is held while nothing is wrong, in milliseconds.
    pub service_time_ms: f64,
    /// What a request takes outside this queue, in milliseconds.
    #[serde(default)]
    pub elsewhere_ms: f64,
}

/// One fault: what is done, when, and how it is proved to have bitten.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// Identifier, unique in the scenario.
    pub id: String,
    /// The kind, as the `faults` crate names it.
    pub kind: String,
    /// Scenario minute at which it is applied.
    pub from: f64,
    /// Scenario minute at which it is undone.
    pub until: f64,
    /// The kind's own arguments, checked against its schema.
    pub args: serde_json::Value,
    /// What must hold between `from` and `until`; else the run is INVALID.
    #[serde(default)]
    pub proof: Vec<Proof>,
}

/// Evidence that a fault is real, gathered while it is applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Proof {
    /// The plan of a named query has this shape.
    Plan {
        /// Key of [`Scenario::queries`].
        query: String,
        /// The shape.
        is: PlanShape,
    },
    /// The catalogue has no valid index of that name.
    IndexAbsent {
        /// Its name, without schema.
        index: String,
    },
    /// At least so many acquires waited at once for a pool, at some moment while the fault was applied.
    PoolWaiters {
        /// The pool's name, as its service reports it.
        pool: String,
        /// Waiters.
        at_least: u32,
    },
}

impl Proof {
    /// What is to be shown, in words: the [`claim`](crate::ProofRecord::claim) under which its record is looked up.
    pub fn claim(&self) -> String {
        match self {
            Self::Plan { query, is: PlanShape::SeqScan } => format!("the plan of {query} is a sequential scan"),
            Self::Plan { query, is: PlanShape::IndexScan } => format!("the plan of {query} is an index scan"),
            Self::IndexAbsent { index } => format!("index {index} is absent"),
            Self::PoolWaiters { pool, at_least } => {
                format!("at least {at_least} waited for a connection of pool {pool}")
            }
        }
    }

    /// Whether it is enough that it held at some moment; otherwise it must hold whenever it is looked at.
    pub fn holds_at_some_moment(&self) -> bool {
        matches!(self, Self::PoolWaiters { .. })
    }
}

/// The access path that a plan takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanShape {
    /// A sequential scan.
    SeqScan,
    /// Any scan through an index.
    IndexScan,
}

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
    /// Share of arrivals that failed, 0 to 1.
    pub error_rate: Option<Band>,
    /// 95th percentile of latency from the intended start, in milliseconds.
    pub p95_ms: Option<Band>,
}

fn one_minute() -> f64 {
    1.0
}

/// What a figure may be: `[low, high]` in the file, or `predicted +- x`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "BandText", into = "BandText")]
pub enum Band {
    /// From the first to the second, both included.
    Between(f64, f64),
    /// At most so far from what the prediction says for the same window.
    AroundPrediction(f64),
}

impl Band {
    /// Low and high, around `predicted` where the band follows it; `None` where it does and nothing is predicted.
    pub fn around(self, predicted: Option<f64>) -> Option<(f64, f64)> {
        match self {
            Self::Between(low, high) => Some((low, high)),
            Self::AroundPrediction(within) => predicted.map(|p| ((p - within).max(0.0), p + within)),
        }
    }
}

impl From<(f64, f64)> for Band {
    fn from((low, high): (f64, f64)) -> Self {
        Self::Between(low, high)
    }
}

/// A [`Band`] as it stands in a file.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum BandText {
    Between(f64, f64),
    Words(String),
}

impl From<Band> for BandText {
    fn from(band: Band) -> Self {
        match band {
            Band::Between(low, high) => Self::Between(low, high),
            Band::AroundPrediction(within) => Self::Words(format!("predicted +- {within}")),
        }
    }
}

impl TryFrom<BandText> for Band {
    type Error = String;

    fn try_from(text: BandText) -> Result<Self, String> {
        match text {
            BandText::Between(low, high) => Ok(Self::Between(low, high)),
            BandText::Words(words) => within_prediction(&words)
                .map(Self::AroundPrediction)
                .ok_or_else(|| format!("{words:?} is not of the form `predicted +- 0.04`")),
        }
    }
}

/// The `x` of `predicted +- x`, if `words` is that and `x` is finite and not negative.
pub(crate) fn within_prediction(words: &str) -> Option<f64> {
    let rest = words.trim().strip_prefix("predicted")?.trim_start();
    let within = rest.strip_prefix("+-").or_else(|| rest.strip_prefix('±'))?.trim().parse::<f64>().ok()?;
    (within.is_finite() && within >= 0.0).then_some(within)
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

/// The answer to "what happened?".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// Where it began.
    #[serde(default)]
    pub root_cause: RootCause,
    /// How it spread, one step a line.
    #[serde(default)]
    pub propagation: Vec<String>,
}

/// Where it began.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RootCause {
    /// The part, such as `postgresql`.
    pub component: String,
    /// The thing in it, such as an index.
    pub object: String,
    /// What went wrong with it.
    pub mechanism: String,
}
