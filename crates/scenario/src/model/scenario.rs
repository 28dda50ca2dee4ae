//! What happens when, and the answer.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::{Expectations, Proof, World};
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
        phase_at(&self.phases, self.minutes, minute)
    }

    /// The stream named `name`.
    pub fn stream(&self, name: &str) -> Option<&Stream> {
        self.streams.iter().find(|s| s.name == name)
    }
}

/// The one of `phases` that `minute` lies in, of something `minutes` long; `None` after its end and before the first.
pub fn phase_at(phases: &[Phase], minutes: f64, minute: f64) -> Option<&Phase> {
    phases.iter().rev().find(|p| p.from <= minute).filter(|_| minute <= minutes)
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
    /// `traffic.type` of its requests; its name where absent. Load tests only: the shop is watched by stream name.
    #[serde(default)]
    pub tag: Option<String>,
    /// Further headers of all its requests, by name in lowercase; templates.
    #[serde(default)]
    pub headers: IndexMap<String, String>,
    /// Further baggage of all its requests.
    #[serde(default)]
    pub baggage: IndexMap<String, String>,
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
